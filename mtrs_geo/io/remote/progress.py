"""Progress of a call in a reader process, which restarts the time limit of the call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["progress_to", "tell_progress"]


class _Current(threading.local):
    tell: Callable[[], None] | None = None


_current = _Current()


def tell_progress() -> None:
    """Say that a raster was opened or read; nothing happens outside of `progress_to`.

    So a call that reads many rasters may take its limit for each of them.
    """
    if _current.tell is not None:
        _current.tell()


@contextmanager
def progress_to(tell: Callable[[], None]) -> Iterator[None]:
    """Call a function at each progress of this thread."""
    _current.tell = tell
    try:
        yield
    finally:
        _current.tell = None
