"""Build the plugin's zip: ``python -m qgis_plugin.package [FOLDER]``; needs no QGIS.

The same sources give the same bytes.  Qt's lrelease compiles the translations; the option
``--english-only`` builds a zip without them.  ``--wheel FILE`` puts a wheel of mtrs-geo into the
zip, from which the plugin then creates its environment.
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
"""Name of the plugin's folder and Python package in a QGIS profile."""

_HERE = Path(__file__).resolve().parent
_INCLUDED_SUFFIXES = {".py", ".svg", ".qml"}
_EXCLUDED = {"package.py", "i18n/strings.py"}
"""Modules that only a developer needs, relative to the plugin's folder."""
_LRELEASE = ("lrelease", "lrelease-qt5", "lrelease6", "lrelease-qt6")
_TIMESTAMP = (1980, 1, 1, 0, 0, 0)


def build(folder: Path, *, english_only: bool = False, wheel: Path | None = None) -> Path:
    """Write the zip and return its path.

    Args:
        folder: folder of the zip; created if it is missing.
        english_only: leave out the translations.
        wheel: wheel of mtrs-geo for the zip; None leaves it out.

    Raises:
        FileNotFoundError: if lrelease is missing and ``english_only`` is false, or if the wheel
            does not exist.
        ValueError: if the wheel is not one of mtrs-geo.
    """
    content = _sources() if wheel is None else _sources() | _wheel(wheel)
    content |= {} if english_only else _translations()
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{NAME}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(content.items()):
            entry = zipfile.ZipInfo(f"{NAME}/{name}", _TIMESTAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, data)
    return target


def _sources() -> dict[str, bytes]:
    paths = {path.relative_to(_HERE).as_posix(): path for path in _HERE.rglob("*")}
    content = {
        name: path.read_bytes()
        for name, path in paths.items()
        if path.is_file() and path.suffix in _INCLUDED_SUFFIXES and name not in _EXCLUDED
    }
    content["metadata.txt"] = (_HERE.parent / "metadata.txt").read_bytes()
    content["LICENSE"] = (_HERE / "LICENSE").read_bytes()
    return content


def _wheel(path: Path) -> dict[str, bytes]:
    if not path.is_file():
        msg = f"{path} does not exist. Build the wheel with: pip wheel --no-deps -w dist ."
        raise FileNotFoundError(msg)
    is_ours = path.match("mtrs_geo-*.whl") and zipfile.is_zipfile(path)
    if not is_ours:
        msg = f"{path} is not a wheel of mtrs-geo. Its name must be mtrs_geo-VERSION-….whl."
        raise ValueError(msg)
    return {f"wheels/{path.name}": path.read_bytes()}


def _translations() -> dict[str, bytes]:
    tool = next(filter(None, map(shutil.which, _LRELEASE)), None)
    if tool is None:
        msg = (
            "lrelease is not installed, so the translations cannot be compiled. Install lrelease "
            "(Debian, Ubuntu: apt install qttools5-dev-tools), or pass --english-only."
        )
        raise FileNotFoundError(msg)
    compiled = {}
    with tempfile.TemporaryDirectory() as folder:
        for source in sorted((_HERE / "i18n").glob("*.ts")):
            target = Path(folder) / f"{source.stem}.qm"
            command = [tool, "-silent", str(source), "-qm", str(target)]
            subprocess.run(command, check=True)  # nosec B603
            compiled[f"i18n/{target.name}"] = target.read_bytes()
    return compiled


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("dist"))
    parser.add_argument("--english-only", action="store_true")
    parser.add_argument("--wheel", type=Path, help="wheel of mtrs-geo to put into the zip")
    options = parser.parse_args()
    try:
        path = build(options.folder, english_only=options.english_only, wheel=options.wheel)
        sys.stdout.write(f"{path}\n")
    except (FileNotFoundError, ValueError) as error:
        sys.exit(str(error))
