"""Report the progress of long work: a protocol and four implementations."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any, Protocol, Self, runtime_checkable

__all__ = [
    "Calling",
    "JobListener",
    "JsonLines",
    "LogLines",
    "Progress",
    "QuestionListener",
    "ResultListener",
    "RichBar",
    "Silent",
    "UnderstandingProgress",
    "show_understanding",
]


class Progress(Protocol):
    """Receives the events of one run."""

    def start(self, total: int, unit: str) -> None:
        """Start a series of ``total`` steps, counted in ``unit`` (for example tiles)."""

    def advance(self, steps: int = 1) -> None:
        """Report that ``steps`` more steps are done."""

    def log(self, message: str) -> None:
        """Show one line of text to the user."""

    @property
    def cancelled(self) -> bool:
        """Whether the caller cancelled the run; checked between steps."""


@runtime_checkable
class QuestionListener(Protocol):
    """A `Progress` that also receives how the sentences of a run were understood."""

    def show_questions(self, questions: Sequence[Mapping[str, Any]]) -> None:
        """Receive the questions before the first tile, with the fields of docs/worker.md."""


@runtime_checkable
class JobListener(Protocol):
    """A `Progress` of a batch that also receives what becomes of each job."""

    def show_share(self, share: float) -> None:
        """Receive the share of the current job that is done, from 0 to 1."""

    def show_job(self, entry: Mapping[str, Any]) -> None:
        """Receive the entry of a job that is done or failed, as in ``manifest.jsonl``."""


@runtime_checkable
class ResultListener(Protocol):
    """A `Progress` that also receives the result of a run when its outputs are in place."""

    def show_result(self, result: Any) -> None:  # noqa: ANN401 - a ChangeResult
        """Receive the result; what is kept for a run that goes on is removed afterwards."""


@runtime_checkable
class UnderstandingProgress(Protocol):
    """A progress that also shows how sentences were understood."""

    def show_understanding(self, lines: Iterable[str]) -> None:
        """Show how the sentences of the run were understood; called once, before its first step."""


def show_understanding(progress: Progress, lines: Iterable[str]) -> None:
    """Give lines to a progress that shows how sentences were understood."""
    if isinstance(progress, UnderstandingProgress):
        progress.show_understanding(lines)


class Silent:
    """Reports nothing."""

    cancelled = False

    def start(self, total: int, unit: str) -> None:
        """Ignore the event."""

    def advance(self, steps: int = 1) -> None:
        """Ignore the event."""

    def log(self, message: str) -> None:
        """Ignore the event."""


class LogLines(Silent):
    """Reports log messages only.

    Args:
        write: writes a line.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    def log(self, message: str) -> None:
        """Write a line."""
        self._write(message)


class Calling(Silent):
    """Calls a function after each step.

    Args:
        function: takes the steps done and the steps in total, for example tiles.
    """

    def __init__(self, function: Callable[[int, int], object]) -> None:
        self._function = function
        self._done = self._total = 0

    def start(self, total: int, unit: str) -> None:
        """Call the function with no steps done."""
        self._done, self._total = 0, total
        self._function(0, total)

    def advance(self, steps: int = 1) -> None:
        """Call the function with the steps done so far."""
        self._done += steps
        self._function(self._done, self._total)


class JsonLines:
    """Writes one JSON object per line, for programs that run the command line.

    Args:
        stream: text stream; by default standard error, so that standard output has only
            the result.
    """

    cancelled = False

    def __init__(self, stream: IO[str] | None = None) -> None:
        self._stream = stream or sys.stderr
        self._total = 0
        self._done = 0
        self._unit = ""
        self._start_time = time.monotonic()

    def start(self, total: int, unit: str) -> None:
        """Start counting ``total`` steps."""
        self._total, self._done, self._unit = total, 0, unit
        self._start_time = time.monotonic()
        self._emit()

    def advance(self, steps: int = 1) -> None:
        """Count ``steps`` and write a progress event."""
        self._done += steps
        self._emit()

    def log(self, message: str) -> None:
        """Write a log event."""
        self._write({"event": "log", "message": message})

    def _emit(self) -> None:
        elapsed = time.monotonic() - self._start_time
        left = elapsed / self._done * (self._total - self._done) if self._done else None
        self._write(
            {
                "event": "progress",
                "done": self._done,
                "total": self._total,
                "unit": self._unit,
                "seconds_left": None if left is None else round(left, 1),
            }
        )

    def _write(self, event: dict[str, object]) -> None:
        self._stream.write(json.dumps(event) + "\n")
        self._stream.flush()


class RichBar:
    """Shows a bar with the time left on a terminal; use it as a context manager."""

    cancelled = False

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            TextColumn,
            TimeRemainingColumn,
        )
        from rich.progress import Progress as Bar

        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("preparing", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Hide the bar, so that text can be written to either stream of the terminal."""
        self._bar.stop()
        try:
            yield
        finally:
            self._bar.start()

    def start(self, total: int, unit: str) -> None:
        """Show a bar of ``total`` steps."""
        self._bar.update(self._task, total=total, completed=0, description=unit)

    def advance(self, steps: int = 1) -> None:
        """Move the bar."""
        self._bar.advance(self._task, steps)

    def log(self, message: str) -> None:
        """Print a line above the bar."""
        self._bar.console.print(message, highlight=False, markup=False)

    def show_understanding(self, lines: Iterable[str]) -> None:
        """Print lines above the bar."""
        for line in lines:
            self.log(line)
