"""A generator in a thread of its own, which works ahead of the loop over its items."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from queue import Empty, Full, Queue
from typing import Any, Generic, Self, TypeVar

from mtrs_geo.detect.inference.timings import Timings
from mtrs_geo.interruption import hold_interruptions

__all__ = ["RunAhead"]

T = TypeVar("T")

_POLL_S = 0.5
"""On Windows, a wait without a limit cannot be interrupted."""


class _End:
    """Follows the last item.

    Args:
        error: why the generator ended early, or None.
    """

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


class RunAhead(Generic[T]):
    """Iterates over the items of a generator that runs in a thread.

    The generator is closed in its thread.  An exception of it is raised after the items that came
    before it.  Call `stop` at the end, also after an exception.

    Args:
        items: the generator.
        most: items that may wait for the loop.
        name: of the thread.
        timings: receives the waits of both sides.
        waits: stages of the waits of the loop, and of the generator.
    """

    def __init__(
        self,
        items: Generator[T, None, None],
        *,
        most: int,
        name: str,
        timings: Timings,
        waits: tuple[str, str],
    ) -> None:
        self._items, self._timings = items, timings
        self._wait_for_item, self._wait_for_room = waits
        self._queue: Queue[T | _End] = Queue(most)
        self._is_stopped = threading.Event()
        self._has_ended = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        try:
            with hold_interruptions():
                self._thread.start()
        except BaseException:
            # The caller cannot stop the thread, and closes the rasters that it reads.
            self.stop()
            raise

    def __iter__(self) -> Self:
        """Return itself."""
        return self

    def __next__(self) -> T:
        """Return the next item, or raise what the generator raised."""
        if self._has_ended:
            raise StopIteration
        with self._timings.measure(self._wait_for_item):
            item = self._get()
        if not isinstance(item, _End):
            return item
        self._has_ended = True
        if item.error is not None:
            raise item.error
        raise StopIteration

    def stop(self, unblock: Callable[[], Any] | None = None) -> list[T]:
        """Stop the generator, wait for the end of its thread and return the items that wait.

        Args:
            unblock: called so that the generator does not wait for long, as for a server.
        """
        left: list[T] = []
        with hold_interruptions():
            self._is_stopped.set()
            if unblock is not None and self._thread.is_alive():
                unblock()
            while self._thread.is_alive():
                left += self._waiting()
                self._thread.join(0.01)
            left += self._waiting()
        return left

    def _get(self) -> T | _End:
        while True:
            with suppress(Empty):
                return self._queue.get(timeout=_POLL_S)

    def _waiting(self) -> Iterator[T]:
        with suppress(Empty):
            while True:
                item = self._queue.get_nowait()
                if not isinstance(item, _End):
                    yield item

    def _run(self) -> None:
        error: BaseException | None = None
        try:
            for item in self._items:
                with self._timings.measure(self._wait_for_room):
                    self._put(item)
                if self._is_stopped.is_set():
                    break
        except BaseException as raised:  # noqa: BLE001 - raised again in the loop
            error = raised
        finally:
            self._items.close()
        self._put(_End(error))

    def _put(self, item: T | _End) -> None:
        # An interruption of the loop can lose the notification that there is room.
        while True:
            with suppress(Full):
                self._queue.put(item, timeout=_POLL_S)
                return
