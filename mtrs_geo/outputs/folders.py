"""Folders that are written beside their target and renamed into place."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mtrs_geo.errors import OutputError
from mtrs_geo.interruption import hold_interruptions
from mtrs_geo.outputs.checks import OVERWRITE_ADVICE, as_output_error
from mtrs_geo.outputs.contents import refuse_foreign
from mtrs_geo.outputs.staging import count_commit
from mtrs_geo.outputs.target_lock import TargetLock

__all__ = ["staged_folder"]

_GDAL_PREFIX = re.compile(r'^(?:(?:/vsi(?:zip|tar|gzip|7z|rar)/)+|[A-Za-z]\w+:(?!//)"?)')
"""What GDAL reads before the name of a file; a single letter is a drive of Windows."""
_WILDCARDS = frozenset("*?[")


@contextmanager
def staged_folder(
    target: Path,
    *,
    overwrite: bool = False,
    inputs: Iterable[object] = (),
    contents: Iterable[str] = (),
) -> Iterator[Path]:
    """Yield an empty temporary folder that is renamed to ``target`` if the block succeeds.

    If the block fails, the temporary folder is removed and an existing ``target`` is kept.

    Args:
        target: output folder; it may exist if it is empty.
        overwrite: replace a folder that is not empty.
        inputs: what the run reads; only paths of local files and folders are checked.
        contents: patterns of all files that the run can write, see `refuse_foreign`.  A folder with
            other files is not replaced.

    Raises:
        OutputError: if the folder may not be replaced or cannot be written, is an input, holds one
            or is filled and lies in one, holds other files, is the current folder, or another run
            is writing it.
    """
    if os.path.islink(target):
        with as_output_error(target):
            target = target.resolve()  # the folder there is written, and the link stays
    _refuse_filled(target, overwrite=overwrite)
    _refuse_current(target)
    _refuse_inputs(target, inputs)
    refuse_foreign(target, contents)
    with as_output_error(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        lock = TargetLock(target)
        folder = target
        try:
            folder = lock.make_folder()
            folder.chmod(0o777 & ~_umask())
            yield folder
            with hold_interruptions():
                _swap(folder, target, lock)
                count_commit()
        finally:
            with hold_interruptions():
                if folder != target:
                    shutil.rmtree(folder, ignore_errors=True)
                lock.release()


def _refuse_filled(target: Path, *, overwrite: bool) -> None:
    if target.exists() and not target.is_dir():
        msg = f"{target} is a file."
        raise OutputError(msg, advice="Give the name of a folder.")
    if _is_filled(target) and not overwrite:
        msg = f"{target} exists."
        raise OutputError(msg, advice=OVERWRITE_ADVICE)


def _is_filled(target: Path) -> bool:
    return target.is_dir() and any(target.iterdir())


def _refuse_current(target: Path) -> None:
    """Refuse a folder that cannot be renamed, because this process or a shell is in it."""
    if Path.cwd().is_relative_to(target.resolve()):
        msg = f"{target} is the current folder or holds it, and cannot be replaced."
        raise OutputError(msg, advice="Name a new folder.")


def _refuse_inputs(target: Path, inputs: Iterable[object]) -> None:
    """Refuse to replace a folder that is an input, holds one, or lies in one with files of its own.

    A folder of a data set that is read is one of its inputs: which of its folders an earlier run
    wrote is not known here.
    """
    whole = target.resolve()
    for given in inputs:
        if isinstance(given, list | tuple):
            _refuse_inputs(target, given)
        if not isinstance(given, str | os.PathLike) or not Path(given).name:
            continue
        path = _local_path(os.fspath(given))
        # A link in the folder, as in the cache of a model hub, is lost like the file itself.
        places = (path.resolve(), path.parent.resolve() / path.name)
        if any(place.is_relative_to(whole) for place in places) and path.exists():
            what = "is" if path.resolve() == whole else f"holds {path},"
            msg = f"{target} {what} an input of this run, which would be replaced."
            raise OutputError(msg, advice="Give the output another name.")
        if path.is_dir() and whole.is_relative_to(path.resolve()) and _is_filled(target):
            msg = f"{target} holds files and lies in {path}, an input of this run."
            raise OutputError(msg, advice="Name a new folder, or delete that one first.")


def _local_path(name: str) -> Path:
    """Return the file or folder that a name is read from.

    That is the folder of a pattern, and the file that holds a raster (``/vsizip/a.zip/b.tif``,
    ``NETCDF:"a.nc":red``) or a layer (``a.gpkg|layername=b``).
    """
    path = Path(os.path.expanduser(name))
    if path.exists():
        return path
    inner = Path(re.split(r'[|"]', _GDAL_PREFIX.sub("", name))[0])
    candidates = (inner, Path(str(inner).rpartition(":")[0]), *inner.parents)
    if (file := next((one for one in candidates if one.is_file()), None)) is not None:
        return file
    while _WILDCARDS & set(str(path)) and not path.exists():
        path = path.parent
    return path


def _swap(folder: Path, target: Path, lock: TargetLock) -> None:
    """Rename ``folder`` to ``target``; restore an existing target if that fails."""
    if not target.exists():
        os.replace(folder, target)
        return
    backup = lock.make_folder()
    try:
        os.replace(target, backup / target.name)
        try:
            os.replace(folder, target)
        except OSError:
            os.replace(backup / target.name, target)
            raise
    finally:
        shutil.rmtree(backup, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
