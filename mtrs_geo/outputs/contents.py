"""Refuse to replace a folder that holds other files than those that a command writes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import NoReturn

from mtrs_geo.errors import OutputError
from mtrs_geo.outputs.checks import as_output_error
from mtrs_geo.outputs.databases import refuse_open_database
from mtrs_geo.outputs.side_files import sidecars

__all__ = ["refuse_foreign"]

_BY_PROGRAMS = (".DS_Store", "._*", "Thumbs.db", "desktop.ini", ".directory", "*.aux.xml")
"""Names of files that file managers and GDAL add to a folder that is only looked at."""


def refuse_foreign(folder: Path, contents: Iterable[str]) -> None:
    """Refuse to replace a folder with files that a command does not write.

    Args:
        folder: it may be missing.
        contents: patterns of what the command writes, as of `pathlib.Path.glob`, relative to the
            folder: ``masks/*.png``, ``data/**/*``.

    Raises:
        OutputError: if another file is in it, a GeoPackage in it is in use, or a folder in it
            cannot be read.
    """
    with as_output_error(folder):
        _check(folder, contents)


def _check(folder: Path, contents: Iterable[str]) -> None:
    written = {path for pattern in contents for path in folder.glob(pattern)}
    beside = {file for path in written for file in sidecars(path)}
    for path in _files(folder):
        if path in written:
            refuse_open_database(path)
        elif path not in beside and not any(fnmatch(path.name, name) for name in _BY_PROGRAMS):
            msg = (
                f"{folder} would be replaced, and holds {path.relative_to(folder)}, which this "
                "command does not write."
            )
            raise OutputError(msg, advice="Move it, or give the output another name.")


def _files(folder: Path) -> Iterator[Path]:
    """Yield all but real folders, those of the upper folders first.

    A link is removed with its folder, what it points to is not.
    """
    if not folder.is_dir():
        return
    for place, folders, files in os.walk(folder, onerror=_raise):
        folders.sort()
        links = [name for name in folders if os.path.islink(os.path.join(place, name))]
        yield from (Path(place, name) for name in sorted([*files, *links]))


def _raise(error: OSError) -> NoReturn:
    raise error
