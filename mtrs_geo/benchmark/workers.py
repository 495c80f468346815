"""Processes that answer tasks; one that dies fails its task only."""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress

from mtrs_geo.benchmark.serve import PairAnswer, SampleAnswer, Task

__all__ = ["answer_tasks"]

_START = (
    "import pickle, sys\n"
    "sys.path[:] = pickle.load(sys.stdin.buffer)\n"
    "from mtrs_geo.benchmark.serve import main\n"
    "main()\n"
)
_POLL_S = 0.2


def answer_tasks(
    tasks: Sequence[Task], processes: int, is_cancelled: Callable[[], bool] = lambda: False
) -> Generator[tuple[Task, PairAnswer]]:
    """Yield each task with its answer, as they are done.

    A process that ends fails the pair that it was answering, and another one takes its place.  All
    processes end when the iterator is closed, or with this process.

    Args:
        tasks: what to answer.
        processes: number of processes; each has a model of its own.
        is_cancelled: asked several times a second; if true, the iterator ends.
    """
    waiting: queue.SimpleQueue[Task] = queue.SimpleQueue()
    for task in tasks:
        waiting.put(task)
    done: queue.SimpleQueue[tuple[Task, PairAnswer]] = queue.SimpleQueue()
    workers = [_Worker(waiting, done) for _ in range(min(processes, len(tasks)))]
    left = len(tasks)
    try:
        while left and not is_cancelled():
            with suppress(queue.Empty):
                yield done.get(timeout=_POLL_S)
                left -= 1
    finally:
        for worker in workers:
            worker.end()


class _Worker:
    """A thread that gives tasks to a process, one after the other."""

    def __init__(
        self,
        waiting: queue.SimpleQueue[Task],
        done: queue.SimpleQueue[tuple[Task, PairAnswer]],
    ) -> None:
        self._waiting, self._done = waiting, done
        self._lock = threading.Lock()
        self._is_ended = False
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="benchmark", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """End the process, also in the middle of a task."""
        with self._lock:
            self._is_ended = True
            if self._process is not None:
                self._process.kill()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_ended:
            try:
                task = self._waiting.get_nowait()
            except queue.Empty:
                break
            answer = self._answer(task)
            if not self._is_ended:
                self._done.put((task, answer))
        self._stop()

    def _answer(self, task: Task) -> PairAnswer:
        process = self._started()
        if process is None:
            return _failed(task, "cancelled")
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            pickle.dump(task, process.stdin)
            process.stdin.flush()
            answer: PairAnswer = pickle.load(process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError):
            return _failed(task, self._stop())
        return answer

    def _started(self) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._process is None and not self._is_ended:
                flags = {"process_group": 0} if os.name == "posix" else {}  # Ctrl-C is for us
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-c", _START],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    **flags,  # type: ignore[call-overload]
                )
                assert self._process.stdin is not None
                with suppress(OSError):  # the task that follows fails with the reason
                    pickle.dump(list(sys.path), self._process.stdin)
            return self._process

    def _stop(self) -> str:
        """End the process and return why it ended by itself."""
        with self._lock:
            process, self._process = self._process, None
        if process is None:
            return ""
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(OSError):
            process.stdin.close()
        code = process.wait()
        process.stdout.close()
        if code < 0:
            return f"the process of the model ended with signal {-code}; memory may be too small"
        return f"the process of the model ended with code {code}"


def _failed(task: Task, reason: str) -> PairAnswer:
    return PairAnswer((SampleAnswer(reason=reason),) * len(task.pair.samples))
