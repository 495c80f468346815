"""A lock on the name of an output, which ends with its process."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from mtrs_geo.errors import OutputError

__all__ = ["TargetLock"]

_ATTEMPTS = 10
_FOLDER_MARK = "-part-"


class TargetLock:
    """Keeps every other process from writing the same output.

    The lock is a hidden file beside the output.  The operating system frees it when the process
    ends, however it ends.  Hidden folders that a killed process left are removed.

    Args:
        target: the output; its folder must exist.

    Raises:
        OutputError: if another run is writing the same output.
        OSError: if the folder cannot be written.
    """

    def __init__(self, target: Path) -> None:
        name = os.path.normcase(target.name).encode(errors="surrogateescape")
        self._folder = target.parent
        # Short and plain, whatever the output is called.
        self._prefix = f".mtrs-geo-{hashlib.sha256(name).hexdigest()[:16]}"
        self._path = self._folder / f"{self._prefix}.lock"
        self._is_exclusive = False
        self._descriptor: int | None = self._open(target)
        if self._is_exclusive:
            self._remove_abandoned()

    def make_folder(self) -> Path:
        """Create a hidden folder beside the output.

        Raises:
            OSError: if the output's folder cannot be written.
        """
        return Path(tempfile.mkdtemp(prefix=self._prefix + _FOLDER_MARK, dir=self._folder))

    def release(self) -> None:
        """Remove the lock."""
        if self._descriptor is None:
            return
        descriptor, self._descriptor = self._descriptor, None
        if sys.platform == "win32":
            os.close(descriptor)  # an open file cannot be removed
        with suppress(OSError):
            self._path.unlink()
        if sys.platform != "win32":
            os.close(descriptor)

    def _open(self, target: Path) -> int:
        for _ in range(_ATTEMPTS):
            if self._path.is_symlink():
                self._path.unlink()
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
            try:
                descriptor = os.open(self._path, flags, 0o666)
            except PermissionError:
                if sys.platform != "win32":
                    raise
                continue  # another process is removing it
            try:
                self._is_exclusive = _lock(descriptor)
                if not self._is_exclusive or self._is_current(descriptor):
                    return descriptor
            except BlockingIOError:
                os.close(descriptor)
                msg = f"{target} is being written by another run of mtrs-geo."
                advice = "Wait until it has finished, or give another name."
                raise OutputError(msg, advice=advice) from None
            os.close(descriptor)
        msg = f"{self._path} cannot be locked"
        raise OSError(msg)

    def _is_current(self, descriptor: int) -> bool:
        """Return whether the lock's file still has its name: its last owner may have removed it."""
        try:
            return os.path.samestat(os.fstat(descriptor), os.lstat(self._path))
        except FileNotFoundError:
            return False

    def _remove_abandoned(self) -> None:
        with suppress(OSError):  # such as a folder that may be written and not read
            for entry in self._folder.iterdir():
                if entry.name.startswith(self._prefix + _FOLDER_MARK):
                    shutil.rmtree(entry, ignore_errors=True)  # does not follow links


def _lock(descriptor: int) -> bool:
    """Lock a file; return whether the file system supports that.

    Raises:
        BlockingIOError: if another process, or another part of this one, has the lock.
    """
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError from error
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:
        return False
    return True
