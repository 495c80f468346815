"""A folder that is whole or not there: written beside its place, then renamed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mtrs_geo.errors import OutputError

__all__ = ["staged_folder"]


@contextmanager
def staged_folder(target: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give an empty folder that becomes ``target`` when the block ends well.

    Where the block fails nothing of it is left, and an earlier ``target`` stays.

    Args:
        target: may exist as an empty folder.
        overwrite: replace a folder that holds something.

    Raises:
        OutputError: if ``target`` is taken or its place cannot be written.
    """
    _check(target, overwrite=overwrite)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        part.chmod(0o777 & ~_umask())
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        yield part
        _swap(part, target)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise _unwritable(target, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _check(target: Path, *, overwrite: bool) -> None:
    if target.exists() and not target.is_dir():
        msg = f"{target} is a file. Give the name of a folder."
        raise OutputError(msg)
    if target.is_dir() and any(target.iterdir()) and not overwrite:
        msg = f"{target} exists. Give another name, or pass --overwrite (overwrite=True)."
        raise OutputError(msg)


def _swap(part: Path, target: Path) -> None:
    if not target.exists():
        os.replace(part, target)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.old.", dir=target.parent))
    try:
        os.replace(target, aside / target.name)
        try:
            os.replace(part, target)
        except OSError:
            os.replace(aside / target.name, target)
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unwritable(target: Path, error: OSError) -> OutputError:
    return OutputError(f"{target} cannot be written: {error}. Check the folder and the free space.")
