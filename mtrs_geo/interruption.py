"""Interruptions of the main thread: Ctrl-C, and signals that ask the process to end.

Python raises an exception for them between any two instructions.  Code that must not be split,
such as renaming several files, holds them back.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["Termination", "hold_interruptions", "is_importing", "raise_on_termination"]

_TERMINATING = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)
_END_S = 30.0
"""From a termination to a forced exit, for code that does not return to Python."""


class Termination(KeyboardInterrupt):
    """A signal asked the process to end; its exit code is ``exit_code``."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


@contextmanager
def hold_interruptions() -> Iterator[None]:
    """Hold back interruptions of the main thread; the last one is delivered at the end.

    In other threads it does nothing, because Python interrupts the main thread only.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[tuple[int, FrameType | None]] = []
    previous: dict[int, Callable[[int, FrameType | None], Any]] = {}
    try:
        for number in (signal.SIGINT, *_TERMINATING):
            handler = signal.getsignal(number)
            if callable(handler):
                previous[number] = handler
                signal.signal(number, lambda number, frame: held.append((number, frame)))
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        if held:
            number, frame = held[-1]
            previous[number](number, frame)


def raise_on_termination(note: Callable[[int], object] = lambda _: None) -> None:
    """Raise `Termination` in the main thread on SIGTERM and the like; call it in that thread.

    A signal that the parent process ignores stays ignored.  If the main thread does not end
    within 30 seconds, the process ends without its help.

    Args:
        note: receives the exit code for the signal, before the exception.
    """

    def handle(number: int, _: FrameType | None) -> None:
        timer = threading.Timer(_END_S, os._exit, (128 + number,))
        timer.daemon = True
        timer.start()
        note(128 + number)
        raise Termination(number)

    for number in _TERMINATING:
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, handle)


def is_importing(frame: FrameType | None) -> bool:
    """Return whether a stack of calls imports a module, which an interruption would break."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
