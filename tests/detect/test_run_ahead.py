"""Generators that run in threads."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Generator

import pytest

from mtrs_geo.detect.inference.run_ahead import RunAhead
from mtrs_geo.detect.inference.timings import Timings


def ahead(items: Generator[int, None, None], most: int = 1) -> RunAhead[int]:
    return RunAhead(items, most=most, name="test", timings=Timings(), waits=("item", "room"))


def counting(seen: list[int], fails_at: int | None = None) -> Generator[int, None, None]:
    try:
        for i in range(100):
            if i == fails_at:
                msg = "no more"
                raise ValueError(msg)
            seen.append(i)
            yield i
    finally:
        seen.append(-1)


def test_all_items_come_in_order_from_another_thread() -> None:
    threads = set()

    def items() -> Generator[int, None, None]:
        for i in range(50):
            threads.add(threading.current_thread())
            yield i

    found = ahead(items())
    assert list(found) == list(range(50))
    assert list(found) == []
    assert found.stop() == []
    assert threads.isdisjoint({threading.main_thread()})


def test_the_queue_is_bounded() -> None:
    seen: list[int] = []
    found = ahead(counting(seen), most=2)
    assert next(found) == 0
    time.sleep(0.1)
    assert max(seen) <= 4
    left = found.stop()
    assert left == list(range(1, max(seen) + 1)), "an item that was made is lost"
    assert seen[-1] == -1, "the generator was not closed"


def test_an_exception_comes_after_the_items_before_it() -> None:
    found = ahead(counting([], fails_at=3))
    assert [next(found) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="no more"):
        next(found)
    assert found.stop() == []


def test_a_generator_that_waits_is_unblocked() -> None:
    server = threading.Event()

    def items() -> Generator[int, None, None]:
        server.wait()
        yield 1

    found = ahead(items())
    assert found.stop(server.set) == [1]


def test_waits_are_measured() -> None:
    timings = Timings()

    def items() -> Generator[int, None, None]:
        for i in range(3):
            time.sleep(0.05)
            yield i

    found = RunAhead(items(), most=1, name="t", timings=timings, waits=("item", "room"))
    assert list(found) == [0, 1, 2]
    assert timings.seconds["item"] > 0.1
    assert timings.seconds["room"] < 0.1


def test_it_stops_although_an_interruption_lost_the_notification_of_room() -> None:
    """Ctrl-C between the removal of an item and its notification, in `Queue.get`."""
    seen: list[int] = []
    waiting = ahead(counting(seen))
    end = time.monotonic() + 10
    while len(seen) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(0.1)  # the second item waits for room
    with waiting._queue.mutex:
        waiting._queue.queue.popleft()
    stopping = threading.Thread(target=waiting.stop, daemon=True)
    stopping.start()
    stopping.join(10)
    assert not stopping.is_alive()
    assert seen[-1] == -1


def test_an_interruption_of_the_start_leaves_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    start = threading.Thread.start

    def interrupted(thread: threading.Thread) -> None:
        signal.raise_signal(signal.SIGINT)
        start(thread)

    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    seen: list[int] = []
    try:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", interrupted)
            with pytest.raises(KeyboardInterrupt):
                ahead(counting(seen))
    finally:
        signal.signal(signal.SIGINT, previous)
    assert not [thread for thread in threading.enumerate() if thread.name == "test"]
