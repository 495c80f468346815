"""Refuse outputs that may not or cannot be written, before a run and again at its end."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mtrs_geo.errors import OutputError
from mtrs_geo.outputs.databases import refuse_open_database, refuse_other_layers
from mtrs_geo.outputs.decisions import refuse_reviewed
from mtrs_geo.outputs.side_files import side_files

if TYPE_CHECKING:
    # numpy, which the types need, would delay the command line.
    from mtrs_geo.types import StrPath

__all__ = [
    "OVERWRITE_ADVICE",
    "as_output_error",
    "check_output",
    "output_path",
    "refuse_existing",
    "write_error",
]

_FULL_BYTES = 1 << 20
"""A disk with less free space is full."""
_SQL = re.compile(r"sqlite3_exec\(.*\) failed: ", re.DOTALL)
"""The statement in a message of GDAL, which says nothing to the user."""
OVERWRITE_ADVICE = "Give another name, or pass --overwrite (overwrite=True)."


def output_path(path: StrPath) -> Path:
    """Return the path of an output, which must be UTF-8, because GDAL takes nothing else.

    A home folder (~) is replaced.  A symbolic link is replaced by the path it points to: the file
    there is written.

    Raises:
        OutputError: if it is not, or is not the path of a file; or if a link points to a file with
            another suffix, which names the format, or to itself.
    """
    if not isinstance(path, str | os.PathLike):
        msg = f"{path!r} ({type(path).__name__}) is not the path of an output."
        raise OutputError(msg, advice="Give a file name, such as changes.gpkg.")
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        msg = f"the output {str(path)!a} cannot be written: its name is not UTF-8."
        raise OutputError(msg, advice="Give another name.") from error
    target = Path(os.path.expanduser(path))
    if not target.name:
        msg = f"the output {str(path)!r} is a folder."
        raise OutputError(msg, advice="Name a file in it.")
    return _pointed_to(target) if os.path.islink(target) else target


def _pointed_to(link: Path) -> Path:
    """Return the path that a symbolic link points to in the end; there may be no file."""
    try:
        target = link.resolve()
    except (OSError, RuntimeError) as error:  # Python 3.11 raises a RuntimeError for a loop
        raise write_error(link, error) from error
    if os.path.islink(target):  # Python 3.13 returns a link of a loop
        msg = f"{link} cannot be written: it is a symbolic link that points to itself."
        raise OutputError(msg, advice="Remove it, or give another name.")
    if target.suffix.lower() != link.suffix.lower():
        msg = f"{link} is a symbolic link to {target}, whose suffix is another."
        raise OutputError(msg, advice="Give the path of the file itself, or another name.")
    return target


def refuse_existing(path: StrPath, *, overwrite: bool, decisions: int = 0) -> Path:
    """Return the path of an output file that may be written.

    Args:
        path: output file.
        overwrite: replace an existing file.
        decisions: number of review decisions in the new file.

    Raises:
        OutputError: if the path is a folder, a file that may not be replaced, a GeoPackage that
            is in use or holds other layers, a vector file with more review decisions, or no
            possible name of a file.
    """
    target = output_path(path)
    try:
        is_folder, exists = target.is_dir(), target.exists()
    except (OSError, ValueError) as error:
        raise write_error(target, error) from error
    if is_folder:
        msg = f"{target} cannot be written: it is a folder."
        raise OutputError(msg, advice="Name a file in it.")
    found = target if exists else next(iter(side_files(target)), None)
    if found is not None and not overwrite:
        msg = f"{found} exists."
        raise OutputError(msg, advice=OVERWRITE_ADVICE)
    refuse_open_database(target)
    if exists:
        refuse_other_layers(target)
        refuse_reviewed(target, held=decisions)
    return target


def check_output(path: StrPath, *, overwrite: bool) -> Path:
    """Return the path of an output file whose folder can be written; for use before a long run.

    Raises:
        OutputError: if the file may not be replaced, or its folder is missing or read-only.
    """
    target = refuse_existing(path, overwrite=overwrite)
    folder = target.absolute().parent
    if not folder.is_dir():
        msg = f"{target} cannot be written: the folder {folder} does not exist."
        raise OutputError(msg, advice="Create it first.")
    if not os.access(folder, os.W_OK):
        msg = f"{target} cannot be written: no permission in {folder}."
        raise OutputError(msg, advice="Choose another folder.")
    return target


def write_error(target: Path, error: Exception) -> OutputError:
    """Return the error for an output that could not be written."""
    return OutputError(
        f"{target} cannot be written: {_reason(target, error)}.",
        advice="Check that the folder exists, that you may write there and that the disk has "
        "free space.",
    )


def _reason(target: Path, error: Exception) -> str:
    """Return why an output could not be written: GDAL reports a full disk as a failed statement."""
    if isinstance(error, OSError) and error.errno is not None:
        return str(error)
    try:
        free = shutil.disk_usage(target.absolute().parent).free
    except OSError:
        free = _FULL_BYTES
    if free < _FULL_BYTES:
        return f"the disk is full ({free >> 10:,} KiB are free)"
    return _SQL.sub("", str(error))


@contextmanager
def as_output_error(target: Path) -> Iterator[None]:
    """Turn an `OSError` of the block into an `OutputError` about ``target``."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        raise write_error(target, error) from error
