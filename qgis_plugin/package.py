"""Builds the plugin's zip: ``python -m qgis_plugin.package [FOLDER]``; needs no QGIS.

The same sources give the same bytes.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

__all__ = ["NAME", "build"]

NAME = "mtrs_geo_qgis"
"""Folder of the plugin in a profile, and name of its package."""

_HERE = Path(__file__).resolve().parent
_SUFFIXES = {".py", ".svg", ".qml", ".qm"}
_LEFT_OUT = {"package.py"}
_EPOCH = (1980, 1, 1, 0, 0, 0)


def build(folder: Path) -> Path:
    """Write the zip and return its path.

    Args:
        folder: where; made if it is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{NAME}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, source in sorted(_contents().items()):
            entry = zipfile.ZipInfo(f"{NAME}/{name}", _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, source.read_bytes())
    return target


def _contents() -> dict[str, Path]:
    found = {
        path.relative_to(_HERE).as_posix(): path
        for path in _HERE.rglob("*")
        if path.is_file() and path.suffix in _SUFFIXES and path.name not in _LEFT_OUT
    }
    return found | {"metadata.txt": _HERE.parent / "metadata.txt", "LICENSE": _HERE / "LICENSE"}


if __name__ == "__main__":
    made = build(Path(sys.argv[1] if len(sys.argv) > 1 else "dist"))
    sys.stdout.write(f"{made}\n")
