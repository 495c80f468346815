"""A lock that can be sent to another process, where it is a lock of its own."""

from __future__ import annotations

import threading

__all__ = ["Lock"]


class Lock:
    """A lock of the threads of one process; a copy in another process is open."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        """Wait for the lock and take it."""
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        """Give it back."""
        self._lock.release()

    def __reduce__(self) -> tuple[type[Lock], tuple[()]]:
        """Return how a copy is made."""
        return Lock, ()
