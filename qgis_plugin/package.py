"""Builds the plugin's zip: ``python -m qgis_plugin.package [FOLDER]``; needs no QGIS.

The same sources give the same bytes.  Translations are compiled by Qt's lrelease; a zip
that speaks English only has to be asked for, with ``--english-only``.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess  # nosec B404 - runs lrelease on files of this repository
import sys
import tempfile
import zipfile
from pathlib import Path

__all__ = ["NAME", "build"]

NAME = "mtrs_geo_qgis"
"""Folder of the plugin in a profile, and name of its package."""

_HERE = Path(__file__).resolve().parent
_SUFFIXES = {".py", ".svg", ".qml"}
_LEFT_OUT = {"package.py", "strings.py"}
_LRELEASE = ("lrelease", "lrelease-qt5", "lrelease6", "lrelease-qt6")
_EPOCH = (1980, 1, 1, 0, 0, 0)


def build(folder: Path, *, english_only: bool = False) -> Path:
    """Write the zip and return its path.

    Args:
        folder: where; made if it is missing.
        english_only: leave the translations out.

    Raises:
        FileNotFoundError: if translations are wanted and lrelease is missing.
    """
    content = _contents() if english_only else _contents() | _translations()
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{NAME}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(content.items()):
            entry = zipfile.ZipInfo(f"{NAME}/{name}", _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, data)
    return target


def _contents() -> dict[str, bytes]:
    found = {
        path.relative_to(_HERE).as_posix(): path.read_bytes()
        for path in _HERE.rglob("*")
        if path.is_file() and path.suffix in _SUFFIXES and path.name not in _LEFT_OUT
    }
    found["metadata.txt"] = (_HERE.parent / "metadata.txt").read_bytes()
    found["LICENSE"] = (_HERE / "LICENSE").read_bytes()
    return found


def _translations() -> dict[str, bytes]:
    tool = next(filter(None, map(shutil.which, _LRELEASE)), None)
    if tool is None:
        msg = (
            "lrelease is not installed, so the translations cannot be compiled. Install it "
            "(Debian, Ubuntu: apt install qttools5-dev-tools), or pass --english-only."
        )
        raise FileNotFoundError(msg)
    made = {}
    with tempfile.TemporaryDirectory() as folder:
        for source in sorted((_HERE / "i18n").glob("*.ts")):
            target = Path(folder) / f"{source.stem}.qm"
            command = [tool, "-silent", str(source), "-qm", str(target)]
            subprocess.run(command, check=True)  # nosec B603
            made[f"i18n/{target.name}"] = target.read_bytes()
    return made


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path, nargs="?", default=Path("dist"))
    arguments.add_argument("--english-only", action="store_true")
    asked = arguments.parse_args()
    try:
        sys.stdout.write(f"{build(asked.folder, english_only=asked.english_only)}\n")
    except FileNotFoundError as error:
        sys.exit(str(error))
