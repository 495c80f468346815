"""A job in the main thread that another thread can cancel."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from mtrs_geo.interruption import is_importing
from mtrs_geo.outputs import commit_count

__all__ = ["RunningJob"]

_INTERRUPT_S = 1.0
"""From a cancellation to an interruption, if the job does not stop by itself."""
_POLL_S = 0.2
"""From an interruption that had to wait, for example for an import, to the next attempt."""
_REPEAT_S = 5.0
"""From an interruption to another, in case a library swallowed it or its clean-up hangs."""


class RunningJob:
    """A job that is cancelled in two steps: it is asked to stop, then interrupted.

    An interruption is a `KeyboardInterrupt` in the main thread.  It is raised only within
    `interruptible`, not while a module is imported, and not after the job has renamed its
    outputs into place, because the job is done by then.

    Args:
        request_id: id of the job.
    """

    def __init__(self, request_id: str) -> None:
        self.id = request_id
        self._stop = threading.Event()
        self._ended = threading.Event()
        self._is_open = False
        self._commits = commit_count()
        self._last_s = 0.0

    @property
    def cancelled(self) -> bool:
        """Whether the job was asked to stop."""
        return self._stop.is_set()

    @property
    def interrupted(self) -> bool:
        """Whether an interruption was raised."""
        return self._last_s > 0

    @property
    def committed(self) -> bool:
        """Whether the job has renamed outputs into place."""
        return commit_count() > self._commits

    def cancel(self) -> None:
        """Ask the job to stop; further calls change nothing.  One thread calls it."""
        if not self._stop.is_set():
            self._stop.set()
            threading.Thread(target=self._insist, name="cancel", daemon=True).start()

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Let the block be interrupted."""
        try:
            self._is_open = True
            yield
        finally:
            self._is_open = False

    def start_part(self) -> None:
        """Let the job be interrupted again: what it has renamed into place so far is kept."""
        self._commits = commit_count()

    def end(self) -> None:
        """Stop the thread that interrupts the job."""
        self._is_open = False
        self._ended.set()

    def raise_if_due(self, frame: FrameType | None) -> None:
        """Raise `KeyboardInterrupt` if the job may be interrupted now; a signal handler calls it.

        Args:
            frame: what the main thread is doing.
        """
        now = time.monotonic()
        is_due = not self.interrupted or now - self._last_s >= _REPEAT_S
        if is_due and self._is_open and not self.committed and not is_importing(frame):
            self._last_s = now
            raise KeyboardInterrupt

    def _insist(self) -> None:
        wait_s = _INTERRUPT_S
        while not self._ended.wait(wait_s):
            _signal_main_thread()
            wait_s = _POLL_S


def _signal_main_thread() -> None:
    if sys.platform == "win32":
        _thread.interrupt_main()
        return
    # A real signal also wakes the thread up if it waits for another thread.
    main = threading.main_thread().ident
    if main is not None:
        signal.pthread_kill(main, signal.SIGINT)
