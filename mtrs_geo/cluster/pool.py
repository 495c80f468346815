"""The workers of a Ray cluster, and which tasks they have; it runs in the process of `serve`."""

from __future__ import annotations

import heapq
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from mtrs_geo.cluster.head import answers, head_of
from mtrs_geo.cluster.work import Task, TaskAnswer, WorkerFacts
from mtrs_geo.cluster.worker import BandWorker
from mtrs_geo.errors import ClusterError, MTRSGeoError
from mtrs_geo.ledger import package_versions
from mtrs_geo.models import ModelInfo

__all__ = ["Pool"]

Reference: TypeAlias = Any
"""A `ray.ObjectRef`."""

_QUEUED = 2
"""Tasks per worker: one runs, and the next one waits for it."""
_AHEAD = 3
"""Tasks per worker that may be given out before the answers of the first are taken."""
_ATTEMPTS = 3
_POLL_S = 0.5
_SILENT_S = 30.0
_MEMORY_ADVICE = (
    "The machines may have too little memory: try fewer workers per machine, or --batch-size 1. "
    "Run it again with --resume to go on."
)
_START_ADVICE = "Check that mtrs-geo is installed on all machines of the cluster."
_CONNECT_ATTEMPTS = 3
"""A busy head may take longer to start the server of a client than Ray waits for it."""
_ADDRESS_ADVICE = (
    "Check the address, and that Ray has the same version and the same token (RAY_AUTH_MODE, "
    "RAY_AUTH_TOKEN) there; auto takes the cluster that runs on this machine or that RAY_ADDRESS "
    "names, and local starts one on this machine."
)


@dataclass(eq=False)
class _Worker:
    """An actor of Ray."""

    actor: Any
    starting: Reference | None
    """Its `WorkerFacts`; None when they are known."""
    facts: WorkerFacts | None = None
    tasks: dict[Reference, tuple[int, Reference]] = field(default_factory=dict)
    """Index of the task and reference of its answers, by the reference of its end."""


@dataclass(eq=False)
class _Queue:
    """The tasks of one run."""

    name: str
    work: Reference
    tasks: Sequence[Task]
    waiting: list[int] = field(default_factory=list)
    """A heap of the indices of tasks that no worker has."""
    finished: dict[int, Reference] = field(default_factory=dict)
    """References of the answers, by the index of the task."""
    lost: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.waiting = list(range(len(self.tasks)))

    def give_back(self, index: int, error: Exception | None) -> None:
        """Let a task wait again; an error counts as an attempt.

        Raises:
            ClusterError: after the last attempt.
        """
        heapq.heappush(self.waiting, index)
        self.lost[index] += error is not None
        if self.lost[index] == _ATTEMPTS:
            task = self.tasks[index]
            msg = (
                f"the tiles {task.start} to {task.stop - 1} were lost {_ATTEMPTS} times with the "
                f"worker that had them: {error}."
            )
            raise ClusterError(msg, advice=_MEMORY_ADVICE) from error


class Pool:
    """Workers of one cluster, which end with this process.

    Args:
        address: ``auto``, ``local`` or the address of a cluster, see `Cluster`.
        workers: number of workers; None is one per GPU, or per CPU if the cluster has no GPU or
            the model runs on the CPU.
        device: of the model, see `load_model`.
        ended: set when the run has ended; `model_info` and `run` then raise `BrokenPipeError`.
        log: receives messages for the user.

    Raises:
        ClusterError: if the cluster cannot be reached, or has no CPU.
    """

    def __init__(
        self,
        address: str,
        workers: int | None,
        device: str,
        ended: threading.Event,
        log: Callable[[str], None],
    ) -> None:
        import ray

        self._ray: Any = ray
        self._run_ended, self._log = ended, log
        self._connect(address, workers)
        self.head = head_of(address) or head_of(ray.get_runtime_context().gcs_address)
        """Where the cluster answers."""
        resources = ray.cluster_resources()
        gpus, cpus = int(resources.get("GPU", 0)), int(resources.get("CPU", 0))
        use_gpus = bool(gpus) and (device == "auto" or device.startswith("cuda"))
        self._count = workers or (gpus if use_gpus else cpus)
        if not self._count:
            msg = "the cluster has no CPU at the moment, so the number of workers is unknown."
            raise ClusterError(msg, advice="Give it: --cluster-workers 8 (cluster_workers=8).")
        self._kind = ray.remote(num_cpus=1, num_gpus=int(use_gpus), max_restarts=0)(BandWorker)
        self._workers: list[_Worker] = []
        self._failed_starts = 0
        log(
            f"cluster: {gpus} GPUs and {cpus} CPUs; up to {self._count} workers with one "
            f"{'GPU' if use_gpus else 'CPU'} each"
        )

    def model_info(self, model: bytes) -> ModelInfo:
        """Return the facts of a model that the first worker has loaded."""
        for _ in range(_ATTEMPTS):
            self._fill(1)
            ready = self._first_worker()
            try:
                info: ModelInfo = self._ray.get(ready.actor.model_info.remote(model))
            except self._lost_errors() as error:
                self._lost(ready, error, None)
            except self._ray.exceptions.RayTaskError as error:
                raise _cause(error) from error
            else:
                return info
        msg = f"a worker was lost {_ATTEMPTS} times while it loaded the model."
        raise ClusterError(msg, advice=_MEMORY_ADVICE)

    def _first_worker(self) -> _Worker:
        """Wait for a worker; a message is logged if that takes long."""
        told_s = time.monotonic() + _SILENT_S
        while True:
            for worker in self._workers:
                if worker.facts is not None:
                    return worker
            if time.monotonic() > told_s:
                self._log("cluster: no worker has started yet: the cluster may have no free place")
                told_s = math.inf
            self._wait(None)

    def run(self, name: str, work: bytes, tasks: Sequence[Task]) -> Iterator[TaskAnswer]:
        """Yield the answers of tasks in their order; the tasks of a lost worker are given again.

        Args:
            name: of the run, another one for each.
            work: the pickled `RunWork`.
            tasks: in the order of the plan.

        Raises:
            ClusterError: if a task or a start of a worker was lost three times.
            MTRSGeoError: what a worker raised.
        """
        queue = _Queue(name, self._ray.put(work), tasks)
        for taken in range(len(tasks)):
            while True:
                while taken not in queue.finished:
                    self._fill(min(self._count, len(tasks) - taken))
                    self._give(queue, taken + _AHEAD * max(2, self._count))
                    self._wait(queue)
                try:
                    answer: TaskAnswer = self._ray.get(queue.finished.pop(taken))
                except self._lost_errors() as error:  # with the machine that kept it
                    queue.give_back(taken, error)
                    continue
                break
            yield answer

    def close(self) -> None:
        """End the workers."""
        for worker in self._workers:
            self._kill(worker)
        self._workers.clear()
        self._ray.shutdown()

    def _connect(self, address: str, workers: int | None) -> None:
        options: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
        if address == "local":
            options |= {"num_cpus": workers, "include_dashboard": False}
        else:
            options["address"] = address
        head = head_of(address)
        for attempt in range(1, _CONNECT_ATTEMPTS + 1):
            try:
                if head is not None and not answers(head):
                    msg = "nothing answers there"
                    raise ConnectionError(msg)
                self._ray.init(**options)
                return
            except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
                if head is None or attempt == _CONNECT_ATTEMPTS or not answers(head):
                    msg = f"the Ray cluster {address} cannot be reached: {error}."
                    raise ClusterError(msg, advice=_ADDRESS_ADVICE) from error
                self._ray.shutdown()

    def _fill(self, count: int) -> None:
        """Start workers until there are as many as are needed."""
        while len(self._workers) < count:
            actor = self._kind.remote()
            self._workers.append(_Worker(actor, actor.facts.remote()))

    def _give(self, queue: _Queue, stop: int) -> None:
        """Give the next tasks to the workers that have the fewest."""
        while queue.waiting and queue.waiting[0] < stop:
            ready = [w for w in self._workers if w.starting is None and len(w.tasks) < _QUEUED]
            if not ready:
                return
            worker = min(ready, key=lambda w: len(w.tasks))
            index = heapq.heappop(queue.waiting)
            method = worker.actor.answer.options(num_returns=2)
            end, result = method.remote(queue.name, queue.work, queue.tasks[index])
            worker.tasks[end] = index, result

    def _wait(self, queue: _Queue | None) -> None:
        """Wait a moment for workers to start and for tasks to end."""
        if self._run_ended.is_set():
            raise BrokenPipeError
        pending = {ref: w for w in self._workers for ref in (w.starting, *w.tasks) if ref}
        ready, _ = self._ray.wait(list(pending), num_returns=1, timeout=_POLL_S)
        for reference in ready:
            worker = pending[reference]
            try:
                found = self._ray.get(reference)
            except self._lost_errors() as error:
                self._lost(worker, error, queue)
            except self._ray.exceptions.RayTaskError as error:
                raise _cause(error) from error
            else:
                if reference == worker.starting:  # Ray may return another object
                    worker.starting, worker.facts = None, self._checked(found)
                elif queue is not None:
                    index, queue.finished[index] = worker.tasks.pop(reference)

    def _checked(self, facts: WorkerFacts) -> WorkerFacts:
        """Refuse a worker whose answers could be others than those of this machine."""
        self._failed_starts = 0
        here = package_versions()
        if facts.versions != here:
            names = here.keys() | facts.versions.keys()
            name = min(n for n in names if here.get(n) != facts.versions.get(n))
            there, own = facts.versions.get(name, "(none)"), here.get(name, "(none)")
            msg = f"{facts.host}, a machine of the cluster, has {name} {there}; this one has {own}."
            raise ClusterError(msg, advice="Install the same versions on all machines.")
        return facts

    def _lost(self, worker: _Worker, error: Exception, queue: _Queue | None) -> None:
        """Take the tasks of a worker back, the first of which it was working on."""
        self._workers.remove(worker)
        self._kill(worker)
        if worker.facts is None:
            self._failed_starts += 1
            if self._failed_starts == _ATTEMPTS:
                msg = f"{_ATTEMPTS} workers could not start: {error}."
                raise ClusterError(msg, advice=_START_ADVICE) from error
            return
        self._log(
            f"cluster: the worker {worker.facts.pid} on {worker.facts.host} was lost; its tiles "
            "are computed again"
        )
        if queue is not None:
            for i, (index, _) in enumerate(worker.tasks.values()):
                queue.give_back(index, error if i == 0 else None)

    def _kill(self, worker: _Worker) -> None:
        with suppress(Exception):  # it may be dead, or the cluster gone
            self._ray.kill(worker.actor)

    def _lost_errors(self) -> tuple[type[Exception], ...]:
        """Return what Ray raises if a worker, a machine or an object was lost."""
        errors = self._ray.exceptions
        return (
            errors.RayActorError, errors.WorkerCrashedError, errors.NodeDiedError,
            errors.ObjectLostError, errors.OutOfMemoryError,
        )  # fmt: skip


def _cause(error: Any) -> Exception:  # noqa: ANN401 - a RayTaskError
    """Return what a worker raised."""
    cause = error.cause
    if isinstance(cause, MTRSGeoError | OSError | MemoryError):
        return cause
    return ClusterError(f"a worker of the cluster failed: {type(cause).__name__}: {cause}.")
