"""Write outputs safely: refuse an existing one, write to a hidden folder, rename into place."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mtrs_geo.errors import OutputError
from mtrs_geo.types import StrPath

__all__ = [
    "StagedFile",
    "check_output",
    "refuse_existing",
    "staged_file",
    "staged_folder",
    "write_error",
]

_OVERWRITE = "Give another name, or pass --overwrite (overwrite=True)."


def refuse_existing(path: StrPath, *, overwrite: bool) -> Path:
    """Return the path of an output file that may be written.

    Raises:
        OutputError: if the path is a folder, or a file that may not be replaced.
    """
    target = Path(path)
    if target.is_dir():
        msg = f"{target} cannot be written: it is a folder."
        raise OutputError(msg, advice="Name a file in it.")
    if target.exists() and not overwrite:
        msg = f"{target} exists."
        raise OutputError(msg, advice=_OVERWRITE)
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
        f"{target} cannot be written: {error}.",
        advice="Check that the folder exists, that you may write there and that the disk has "
        "free space.",
    )


class StagedFile:
    """An output file that is written to a hidden folder and renamed into place by `commit`.

    Until then, an existing file is kept.  `discard` removes the hidden folder.  The folder's
    name is unique, so two processes can write the same target.

    Args:
        target: output file; its folder must exist.
        overwrite: replace an existing file.

    Raises:
        OutputError: if the file may not be replaced, or its folder cannot be written.
    """

    def __init__(self, target: StrPath, *, overwrite: bool) -> None:
        self.target = refuse_existing(target, overwrite=overwrite)
        self._overwrite = overwrite
        try:
            self.folder = _hidden_folder(self.target)
        except OSError as error:
            raise write_error(self.target, error) from error
        self.path = self.folder / self.target.name
        """Where to write the file; other temporary files may go to the same folder."""

    def commit(self) -> None:
        """Rename the file into place and remove the hidden folder.

        Raises:
            OutputError: if the target exists by now and may not be replaced, or if renaming fails.
        """
        try:
            refuse_existing(self.target, overwrite=self._overwrite)
            os.replace(self.path, self.target)
        except OutputError:
            raise
        except OSError as error:
            raise write_error(self.target, error) from error
        finally:
            self.discard()

    def discard(self) -> None:
        """Remove the hidden folder and every file in it."""
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def staged_file(target: StrPath, *, overwrite: bool = False) -> Iterator[Path]:
    """Yield a temporary path that is renamed to ``target`` if the block succeeds.

    If the block fails, the temporary file is removed and an existing ``target`` is kept.

    Args:
        target: output file; its folder must exist.
        overwrite: replace an existing file.

    Raises:
        OutputError: if the file may not be replaced or cannot be written.
    """
    staged = StagedFile(target, overwrite=overwrite)
    try:
        with _as_output_error(staged.target):
            yield staged.path
        staged.commit()
    finally:
        staged.discard()


@contextmanager
def staged_folder(target: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Yield an empty temporary folder that is renamed to ``target`` if the block succeeds.

    If the block fails, the temporary folder is removed and an existing ``target`` is kept.

    Args:
        target: output folder; it may exist if it is empty.
        overwrite: replace a folder that is not empty.

    Raises:
        OutputError: if the folder may not be replaced or cannot be written.
    """
    _refuse_filled(target, overwrite=overwrite)
    with _as_output_error(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = _hidden_folder(target)
        try:
            folder.chmod(0o777 & ~_umask())
            yield folder
            _swap(folder, target)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _refuse_filled(target: Path, *, overwrite: bool) -> None:
    if target.exists() and not target.is_dir():
        msg = f"{target} is a file."
        raise OutputError(msg, advice="Give the name of a folder.")
    if target.is_dir() and any(target.iterdir()) and not overwrite:
        msg = f"{target} exists."
        raise OutputError(msg, advice=_OVERWRITE)


@contextmanager
def _as_output_error(target: Path) -> Iterator[None]:
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        raise write_error(target, error) from error


def _hidden_folder(target: Path) -> Path:
    """Create a folder with a unique name in the target's folder."""
    return Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))


def _swap(folder: Path, target: Path) -> None:
    """Rename ``folder`` to ``target``; restore an existing target if that fails."""
    if not target.exists():
        os.replace(folder, target)
        return
    backup = _hidden_folder(target)
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
