"""Files that belong to an output: written and renamed with it, or removed when it is replaced."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["parts_of", "side_files", "sidecars"]

_APPENDED = {
    ".gpkg": ("-wal", "-shm", "-journal"),
    ".tif": (".aux.xml", ".ovr", ".msk"),
    ".tiff": (".aux.xml", ".ovr", ".msk"),
    ".shp": (".xml",),
}
"""Endings of files that describe the file beside them and become wrong when it is replaced."""
_PARTS = {".shp": (".shx", ".dbf", ".prj", ".cpg")}
"""Suffixes of the other files of a format that has several."""
_INDEXES = {".shp": (".sbn", ".sbx", ".qix", ".fix", ".qpj", ".qmd")}
"""Suffixes of files that other programs make of a format."""


def parts_of(written: Path, target: Path) -> list[tuple[Path, Path]]:
    """Return the files that were written for an output and their targets, the main file last.

    Args:
        written: the main file, in a folder of its own.
        target: where it will be.
    """
    suffixes = _PARTS.get(target.suffix.lower(), ())
    others = [path for path in written.parent.iterdir() if path.suffix.lower() in suffixes]
    parts = [(path, target.with_suffix(path.suffix)) for path in sorted(others)]
    return [*parts, (written, target)]


def side_files(target: Path) -> list[Path]:
    """Return the existing other files of a format that has several, such as a shapefile's .dbf."""
    return _existing([target.with_suffix(s) for s in _PARTS.get(target.suffix.lower(), ())])


def sidecars(target: Path) -> list[Path]:
    """Return the existing files beside an output that must go when it is replaced."""
    suffix = target.suffix.lower()
    beside = [target.with_name(target.name + ending) for ending in _APPENDED.get(suffix, ())]
    beside += [target.with_suffix(other) for other in _INDEXES.get(suffix, ())]
    return [*_existing(beside), *side_files(target)]


def _existing(paths: list[Path]) -> list[Path]:
    return [path for path in paths if os.path.lexists(path)]
