"""Reads the windows of a stack in a reader process."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from mtrs_geo.errors import Cancelled
from mtrs_geo.grid import Window
from mtrs_geo.io.inputs.mosaics import restored_mosaic
from mtrs_geo.io.remote.http_options import answer_limit_s
from mtrs_geo.io.remote.reader_process import ReaderProcess

if TYPE_CHECKING:
    from mtrs_geo.io.registration.shift import Measurement
    from mtrs_geo.io.stack import RasterStack, StackWindow

__all__ = ["StackReads", "keep_files"]

_kept: list[RasterStack] = []
"""In the reader process: the stack whose windows are read."""
_files: list[object] = []
"""In the reader process: keeps files in memory alive."""


class StackReads:
    """A reader process for one stack, started by the first read and ended by `close`.

    Args:
        process: a running process to begin with.
    """

    def __init__(self, process: ReaderProcess | None = None) -> None:
        self._process = process
        self._has_stack = False
        self._is_stopped = False
        self._lock = threading.Lock()
        self.warnings: tuple[str, ...] = ()
        """Messages about damage that the reads so far have shown."""

    def read(self, stack: RasterStack, window: Window, shape: tuple[int, int]) -> StackWindow:
        """Return a window of a stack; several threads may call it.

        Raises:
            Cancelled: after `stop`.
            MTRSGeoError: as `RasterStack.read`.
        """
        found, self.warnings = self._ready(stack).call(_read, window, shape)
        return found

    def check_files(self, stack: RasterStack, window: Window) -> None:
        """Check the files of a stack, see `RasterStack.check_files`."""
        self._ready(stack).call(_check_files, window)

    def measure(self, stack: RasterStack) -> tuple[Measurement | None, ...]:
        """Return the shift of each date of a stack.

        Raises:
            Cancelled: after `stop`.
            MTRSGeoError: as `RasterStack.read`.
        """
        return self._ready(stack).call(_measure)

    def _ready(self, stack: RasterStack) -> ReaderProcess:
        """Return a running process that has the stack."""
        with self._lock:
            if self._is_stopped:
                raise _stopped()
            if self._process is None:
                self._process, self._has_stack = ReaderProcess(answer_limit_s()), False
            if not self._has_stack:
                self._process.call(_keep, stack)
                self._has_stack = True
            return self._process

    def stop(self) -> None:
        """End the process; reads that wait, and later ones, fail until `close`."""
        self._is_stopped = True
        process = self._process
        if process is not None:
            process.kill()

    def close(self) -> None:
        """End the process; the next read starts another."""
        self.stop()
        self._process = None
        self._is_stopped = False


def keep_files(files: object) -> None:
    """Keep files in memory for as long as this process lives; a reader process calls it."""
    _files.append(files)


def _keep(stack: RasterStack) -> None:
    for source in stack.sources:
        if source.mosaic is not None:
            keep_files(restored_mosaic(source.path, source.mosaic))
    _kept[:] = [stack]


def _read(window: Window, shape: tuple[int, int]) -> tuple[StackWindow, tuple[str, ...]]:
    found = _kept[0].read_here(window, shape)
    return found, _kept[0].damage_warnings


def _check_files(window: Window) -> None:
    _kept[0].check_files_here(window)


def _measure() -> tuple[Measurement | None, ...]:
    return _kept[0].measure_here()


def _stopped() -> Cancelled:
    return Cancelled("reading was stopped")
