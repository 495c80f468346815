"""A cluster as a run sees it: tasks in, answers out, through a process that uses Ray."""

from __future__ import annotations

import importlib.util
import os
import pickle
import queue
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Any, Self

from mtrs_geo.cluster.work import ModelChoice, RunWork, Task, TaskAnswer
from mtrs_geo.errors import Cancelled, ClusterError, MissingExtraError, MTRSGeoError
from mtrs_geo.interruption import hold_interruptions
from mtrs_geo.models import ModelInfo
from mtrs_geo.progress import Progress

__all__ = ["Cluster", "open_cluster"]

_START = (
    "import pickle, sys\n"
    "sys.path[:] = pickle.load(sys.stdin.buffer)\n"
    "from mtrs_geo.cluster.serve import main\n"
    "main()\n"
)
_SILENT_S = 20.0
"""The head of a cluster has vanished when it has not answered for so long."""
_POLL_S = 0.2
_END_S = 8.0
_WAITING = 2
"""Answers of tasks that wait in this process."""


class Cluster:
    """Workers of a Ray cluster; use it as a context manager.

    The process that uses Ray starts with the first call, and again after `close`.  It ends with
    this process in any case, and the workers with it.

    Args:
        address: ``auto`` for the cluster that runs on this machine or that the environment
            variable RAY_ADDRESS names, ``ray://head:10001`` or ``head:6379`` for another one, or
            ``local`` to start one on this machine for the run.
        workers: number of workers; None is one per GPU, or per CPU.
        device: of the model, see `mtrs_geo.load_model`.

    Raises:
        MissingExtraError: if Ray is not installed.
    """

    def __init__(self, address: str, workers: int | None = None, device: str = "auto") -> None:
        if importlib.util.find_spec("ray") is None:
            msg = "a cluster needs the package ray, which is not installed."
            raise MissingExtraError(msg, advice="Run: pip install 'mtrs-geo[cluster]'")
        self.address, self.device = address, device
        self._workers = workers
        self._process: _RayProcess | None = None

    def model_info(self, model: ModelChoice, progress: Progress) -> ModelInfo:
        """Return the facts of a model that a worker has loaded.

        Raises:
            Cancelled: if the caller cancelled the run.
            ClusterError: if the cluster cannot be reached.
            ModelError: if a worker cannot load the model.
        """
        with self._closed_after_errors():
            process = self._started()
            process.send(("model", pickled(model)))
            info: ModelInfo = process.receive(progress)[1]
        return info

    def answers(
        self, work: RunWork, tasks: Sequence[Task], progress: Progress
    ) -> Generator[TaskAnswer, None, None]:
        """Yield the answers of tasks, in their order.

        Args:
            work: what the workers must know about the run.
            tasks: in the order of the plan.
            progress: of the run.

        Raises:
            Cancelled: if the caller cancelled the run.
            ClusterError: if the cluster has vanished, or has lost a task again and again.
            MTRSGeoError: what a worker raised.
        """
        with self._closed_after_errors():
            process = self._started()
            process.send(("run", uuid.uuid4().hex, pickle.dumps(work), list(tasks)))
            while True:
                kind, answer = process.receive(progress)
                if kind == "end":
                    return
                yield answer

    def close(self) -> None:
        """End the workers."""
        process, self._process = self._process, None
        if process is not None:
            with hold_interruptions():
                process.close()

    def __enter__(self) -> Self:
        """Return the cluster."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the workers."""
        self.close()

    def _started(self) -> _RayProcess:
        if self._process is None:
            self._process = _RayProcess((self.address, self._workers, self.device, _SILENT_S))
        return self._process

    @contextmanager
    def _closed_after_errors(self) -> Iterator[None]:
        """End the process after an exception, as it may be within a run."""
        try:
            yield
        except BaseException:
            self.close()
            raise


@contextmanager
def open_cluster(
    cluster: str | Cluster | None, workers: int | None, device: str
) -> Iterator[Cluster | None]:
    """Yield a cluster that ends with the block; an open one is kept open.

    Args:
        cluster: an address, see `Cluster`; an open cluster; or None for none.
        workers: see `Cluster`.
        device: see `Cluster`.
    """
    if cluster is None or isinstance(cluster, Cluster):
        yield cluster
        return
    with Cluster(cluster, workers, device) as opened:
        yield opened


class _RayProcess:
    """The process of `serve`.

    Args:
        options: the first message.
    """

    def __init__(self, options: tuple[Any, ...]) -> None:
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        flags = {"process_group": 0} if os.name == "posix" else {}  # Ctrl-C is for this process
        with hold_interruptions():
            self._process = subprocess.Popen(
                [sys.executable, "-c", _START],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                **flags,  # type: ignore[call-overload]
            )
        self._received: queue.Queue[tuple[str, Any]] = queue.Queue(_WAITING)
        self._is_closed = False
        threading.Thread(target=self._receive, name="cluster", daemon=True).start()
        self.send(list(sys.path))
        self.send(options)

    def send(self, message: object) -> None:
        """Send a message.

        Raises:
            ClusterError: if the process has ended.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(pickle.dumps(message))
            self._process.stdin.flush()
        except (OSError, ValueError) as error:
            raise self._ended() from error

    def receive(self, progress: Progress) -> tuple[str, Any]:
        """Return the next message; texts go to the progress.

        Raises:
            Cancelled: if the caller cancelled the run.
            MTRSGeoError: an error that was sent, or if the process has ended.
        """
        while True:
            if progress.cancelled:
                msg = "the run was cancelled; no output was written"
                raise Cancelled(msg)
            with suppress(queue.Empty):
                kind, value = self._received.get(timeout=_POLL_S)
                if kind == "error":
                    raise value
                if kind != "log":
                    return kind, value
                progress.log(value)

    def close(self) -> None:
        """End the process: it ends the workers first, if it can."""
        self._is_closed = True
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        with suppress(queue.Empty):
            while True:  # a full queue would stop the thread, and a full pipe the process
                self._received.get_nowait()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()

    def _receive(self) -> None:
        """Queue the messages of the process until it ends."""
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            while True:
                try:
                    message = pickle.load(stream)
                except (EOFError, OSError, ValueError, pickle.UnpicklingError):
                    break
                if not self._is_closed:
                    self._received.put(message)
        if not self._is_closed:
            self._received.put(("error", self._ended()))

    def _ended(self) -> MTRSGeoError:
        """Return the error for a process that has ended; the message has its last words."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        last = lines[-1][:200] if lines else f"exit code {self._process.returncode}"
        msg = f"the connection to the cluster has ended: {last}."
        return ClusterError(msg, advice="Run it again with --resume to go on.")


def pickled(model: ModelChoice) -> bytes:
    """Return a choice of a model as bytes.

    Raises:
        ClusterError: if it is a loaded model that cannot be sent.
    """
    try:
        return pickle.dumps(model)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        msg = f"the loaded model cannot be sent to the workers: {error}."
        advice = "Give its name or folder, which the workers load themselves."
        raise ClusterError(msg, advice=advice) from error
