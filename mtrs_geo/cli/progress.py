"""Progress of a command: JSON lines, a bar on a terminal, or log lines."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from mtrs_geo.cli.console import print_line, print_note
from mtrs_geo.progress import JsonLines, LogLines, Progress, RichBar

__all__ = ["show_progress"]


class _Bar(RichBar):
    """A bar on standard error; how sentences were understood goes to standard output."""

    def show_understanding(self, lines: Iterable[str]) -> None:
        with self.hidden():
            _print_now(lines)


class _Lines(LogLines):
    """Log lines on standard error; how sentences were understood goes to standard output."""

    def show_understanding(self, lines: Iterable[str]) -> None:
        _print_now(lines)


@contextmanager
def show_progress(*, as_json: bool) -> Iterator[Progress]:
    """Yield a progress reporter: JSON lines, a bar on a terminal, or log lines."""
    if as_json:
        yield JsonLines()
    elif sys.stderr.isatty():
        with _Bar() as bar:
            yield bar
    else:
        yield _Lines(print_note)


def _print_now(lines: Iterable[str]) -> None:
    """Print lines of the result that precede a long work."""
    for line in lines:
        print_line(line)
    sys.stdout.flush()
