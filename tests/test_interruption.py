"""Interruptions that are held back."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from itertools import count
from types import FrameType
from typing import Any

import pytest

import mtrs_geo.interruption
from mtrs_geo.interruption import hold_interruptions

LINES = 90
"""More than `hold_interruptions` runs."""
NUMBERS = (signal.SIGINT, signal.SIGTERM)


def stop(number: int, _: FrameType | None) -> None:
    raise KeyboardInterrupt(number)


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """Let signals raise KeyboardInterrupt, whatever the parent of this process ignores."""
    previous = {number: signal.signal(number, stop) for number in NUMBERS}
    traced = sys.gettrace()
    yield
    sys.settrace(traced)
    for number, handler in previous.items():
        signal.signal(number, handler)


def interrupt_at(line: int, number: int, has_begun: list[bool]) -> None:
    """Send a signal before a line of `mtrs_geo.interruption` is run, counted from 1.

    Args:
        line: number of the line.
        number: of the signal.
        has_begun: receives whether a handler is replaced by then.
    """
    lines = count(1)

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code.co_filename != mtrs_geo.interruption.__file__:
            return None
        if event == "line" and next(lines) == line:
            sys.settrace(None)
            has_begun.append(signal.getsignal(signal.SIGINT) is not stop)
            signal.raise_signal(number)
        return trace

    sys.settrace(trace)


@pytest.mark.parametrize("number", NUMBERS)
def test_an_interruption_in_the_block_comes_after_it(number: int) -> None:
    done = []

    def run() -> None:
        with hold_interruptions():
            signal.raise_signal(number)
            done.append(1)

    with pytest.raises(KeyboardInterrupt):
        run()
    assert done == [1]


@pytest.mark.parametrize("number", NUMBERS)
def test_an_interruption_while_handlers_are_replaced_comes_after_the_block(number: int) -> None:
    begun = 0
    for line in range(1, LINES):
        done: list[int] = []
        has_begun: list[bool] = []
        is_interrupted = False
        interrupt_at(line, number, has_begun)
        try:
            with hold_interruptions():
                done.append(1)
        except KeyboardInterrupt:
            is_interrupted = True
        finally:
            sys.settrace(None)
        assert all(signal.getsignal(other) is stop for other in NUMBERS), line
        assert is_interrupted == bool(has_begun), line
        if any(has_begun):
            begun += 1
            assert done == [1], line
    assert begun > len(NUMBERS)
