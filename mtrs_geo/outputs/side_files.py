"""Files that belong to an output: written and renamed with it, or removed when it is replaced."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # numpy, which the types need, would delay the command line.
    from mtrs_geo.types import StrPath

__all__ = ["all_files", "existing_files", "file_keys", "parts_of", "side_files", "sidecars"]

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
    parts = [(path, _with_suffix(target, path.suffix)) for path in sorted(others)]
    return [*parts, (written, target)]


def all_files(target: Path) -> list[Path]:
    """Return the files that an output can consist of, the main file last."""
    parts = _PARTS.get(target.suffix.lower(), ())
    return [*(_with_suffix(target, suffix) for suffix in parts), target]


def side_files(target: Path) -> list[Path]:
    """Return the existing other files of a format that has several, such as a shapefile's .dbf."""
    return _existing(all_files(target)[:-1])


def sidecars(target: Path) -> list[Path]:
    """Return the existing files beside an output that must go when it is replaced."""
    suffix = target.suffix.lower()
    beside = [target.with_name(target.name + ending) for ending in _APPENDED.get(suffix, ())]
    beside += [_with_suffix(target, other) for other in _INDEXES.get(suffix, ())]
    return [*_existing(beside), *side_files(target)]


def existing_files(target: Path) -> list[Path]:
    """Return the existing files that go when an output is written: itself and its sidecars."""
    return _existing([target, *sidecars(target)])


def file_keys(paths: Iterable[StrPath]) -> frozenset[tuple[int, int] | str]:
    """Return what is equal for two names of one file, also links; nothing for other names."""
    return frozenset(key for path in paths if (key := _key(path)) is not None)


def _key(path: StrPath) -> tuple[int, int] | str | None:
    try:
        stat = os.stat(path)
    except (OSError, ValueError):  # no file, or no possible name of one
        return None
    # Some network drives number no files.
    return (stat.st_dev, stat.st_ino) if stat.st_ino else os.path.normcase(os.path.realpath(path))


def _with_suffix(target: Path, suffix: str) -> Path:
    """Return the path of another file of an output; a .SHP has its .DBF in capitals too."""
    return target.with_suffix(suffix.upper() if target.suffix.isupper() else suffix)


def _existing(paths: list[Path]) -> list[Path]:
    return [path for path in paths if os.path.lexists(path)]
