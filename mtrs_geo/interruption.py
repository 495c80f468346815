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

__all__ = [
    "Termination",
    "check_interruption",
    "end_on_signals",
    "hold_interruptions",
    "is_importing",
    "raise_on_signals",
    "raise_on_termination",
    "signal_exit_code",
]

_TERMINATING = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)
_END_S = 30.0
"""From a termination to a forced exit, for code that does not return to Python."""
_exit_codes: list[int] = []
"""Exit codes of the signals that were received, the first one first."""


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
    early: KeyboardInterrupt | None = None
    try:
        early = _replace(previous, lambda number, frame: held.append((number, frame)))
        yield
    finally:
        _restore(dict(previous))
        if held:
            number, frame = held[-1]
            previous[number](number, frame)
        if early is not None:
            raise early


def raise_on_signals() -> None:
    """Raise `KeyboardInterrupt` in the main thread on Ctrl-C, and `Termination` on SIGTERM.

    The signals are remembered, because a library can turn the exception into another one or
    swallow it: see `signal_exit_code` and `check_interruption`.  Call it in the main thread.
    """

    def interrupt(number: int, _: FrameType | None) -> None:
        _exit_codes.append(128 + number)
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) in (signal.SIG_DFL, signal.default_int_handler):
        signal.signal(signal.SIGINT, interrupt)
    raise_on_termination()


def raise_on_termination() -> None:
    """Raise `Termination` in the main thread on SIGTERM and the like; call it in that thread.

    A signal that the parent process ignores stays ignored.  If the main thread does not end
    within 30 seconds, the process ends without its help.
    """

    def handle(number: int, _: FrameType | None) -> None:
        _exit_codes.append(128 + number)
        timer = threading.Timer(_END_S, os._exit, (128 + number,))
        timer.daemon = True
        timer.start()
        raise Termination(number)

    for number in _TERMINATING:
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, handle)


def signal_exit_code() -> int | None:
    """Return the exit code of the first signal that was received: 130, 143; None without one.

    Only signals that the functions of this module handle count.
    """
    return _exit_codes[0] if _exit_codes else None


def check_interruption() -> None:
    """Raise `KeyboardInterrupt` if a signal was received and its exception was swallowed."""
    if _exit_codes:
        raise KeyboardInterrupt


def end_on_signals(exit_code: int) -> None:
    """From now on, end the process at once with an exit code when a signal arrives.

    Call it in the main thread when the program's work is done, so that a signal during Python's
    own end does not change the exit code.
    """
    for number in (signal.SIGINT, *_TERMINATING):
        if callable(signal.getsignal(number)):
            signal.signal(number, lambda *_: os._exit(exit_code))


def _replace(
    previous: dict[int, Callable[[int, FrameType | None], Any]],
    hold: Callable[[int, FrameType | None], Any],
) -> KeyboardInterrupt | None:
    """Replace signal handlers, all of them even if one of them raises meanwhile.

    Args:
        previous: receives the handlers.
        hold: the new one.

    Returns:
        What was raised.
    """
    interruption: KeyboardInterrupt | None = None
    numbers = [signal.SIGINT, *_TERMINATING]
    while numbers:
        try:
            while numbers:
                handler = signal.getsignal(numbers[0])
                if callable(handler) and handler is not hold:
                    previous[numbers[0]] = handler
                    signal.signal(numbers[0], hold)
                del numbers[0]
        except KeyboardInterrupt as error:
            interruption = error
    return interruption


def _restore(handlers: dict[int, Callable[[int, FrameType | None], Any]]) -> None:
    """Restore signal handlers, all of them even if one of them raises meanwhile."""
    interruption: KeyboardInterrupt | None = None
    while handlers:
        try:
            while handlers:
                number, handler = next(iter(handlers.items()))
                signal.signal(number, handler)
                del handlers[number]
        except KeyboardInterrupt as error:
            interruption = error
    if interruption is not None:
        raise interruption


def is_importing(frame: FrameType | None) -> bool:
    """Return whether a stack of calls imports a module, which an interruption would break."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
