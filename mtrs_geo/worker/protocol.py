"""The worker's protocol: JSON-line requests in, JSON-line events out (docs/worker.md).

One thread reads requests and answers the quick ones, the main thread runs the jobs, and a
third thread writes events, so that an interruption cannot split a line.  The process ends
when standard input closes, so it cannot outlive the program that started it.
"""

from __future__ import annotations

import json
import os
import platform
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import FrameType
from typing import Any, BinaryIO, TextIO, cast

from mtrs_geo import __version__
from mtrs_geo.errors import Cancelled, MTRSGeoError
from mtrs_geo.interruption import Termination, hold_interruptions, raise_on_termination
from mtrs_geo.progress import Progress
from mtrs_geo.redaction import RedactingStream
from mtrs_geo.worker import jobs
from mtrs_geo.worker.batching import run_table
from mtrs_geo.worker.evaluating import evaluate
from mtrs_geo.worker.events import EventProgress, Events
from mtrs_geo.worker.explaining import explain
from mtrs_geo.worker.jobs import Answer, Jobs
from mtrs_geo.worker.layer_jobs import audit_project, export_pairs
from mtrs_geo.worker.running_job import RunningJob

__all__ = ["MAX_LINE_BYTES", "PROTOCOL", "ProtocolError", "Request", "Worker", "main"]

PROTOCOL = 1
MAX_LINE_BYTES = 16_000_000

_MAX_ID = 200
_LATE_S = 1.0  # after a cancelled job, its interruption may still arrive
_EXIT_S = 10.0  # from the end of input to a forced exit
_QUICK: dict[str, Callable[[Mapping[str, Any]], Answer]] = {
    "explain": explain,
    "models": jobs.models,
}
_LAYER_JOBS: dict[str, Callable[[Mapping[str, Any], Progress], Answer]] = {
    "evaluate": evaluate,
    "export_pairs": export_pairs,
    "audit_project": audit_project,
}
_SLOW = ("detect", "batch", *_LAYER_JOBS, "doctor")


class ProtocolError(MTRSGeoError, ValueError):
    """A line is not a request of this protocol."""

    def __init__(self, message: str, request_id: str | None = None, *, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.request_id = request_id


@dataclass(frozen=True)
class Request:
    """One line of input."""

    id: str
    job: str
    params: Mapping[str, Any]

    @classmethod
    def parse(cls, line: bytes) -> Request:
        """Read a line.

        Raises:
            ProtocolError: if it is anything but a request.
        """
        try:
            given = json.loads(line)
        except (ValueError, RecursionError) as error:
            msg = f"the line is not JSON: {error}"
            raise ProtocolError(msg) from error
        if not isinstance(given, dict):
            msg = f"a request is a JSON object, not {type(given).__name__}"
            raise ProtocolError(msg)
        name = given.get("id")
        if not isinstance(name, str) or len(name) > _MAX_ID:
            msg = f"a request needs an id: a text of at most {_MAX_ID} characters"
            raise ProtocolError(msg)
        if given.get("protocol") != PROTOCOL:
            msg = f"protocol {str(given.get('protocol'))[:20]} is not supported, only {PROTOCOL}."
            advice = "Install matching versions of the plugin and of mtrs-geo."
            raise ProtocolError(msg, name, advice=advice)
        job, params = given.get("job"), given.get("params")
        if job not in (*_QUICK, *_SLOW, "cancel"):
            known = ", ".join((*_SLOW, *_QUICK, "cancel"))
            msg = f"there is no job {str(job)[:80]!r}."
            raise ProtocolError(msg, name, advice=f"The jobs are: {known}.")
        if params is not None and not isinstance(params, dict):
            msg = f"params is a JSON object, not {type(params).__name__}"
            raise ProtocolError(msg, name)
        return cls(name, job, params or {})


class Worker:
    """Reads and runs requests until the input ends.

    Args:
        requests: JSON lines.
        events: receives JSON lines.
    """

    def __init__(self, requests: BinaryIO, events: BinaryIO) -> None:
        self._requests = requests
        self._events = Events(events)
        self._jobs = Jobs()
        self._queue: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._accepted: dict[str, Request] = {}  # jobs that wait or run, by their ids
        self._running: RunningJob | None = None
        self._last_cancelled_s = -_LATE_S
        self._hello_sent = threading.Event()
        self._closing = False

    def run(self) -> int:
        """Serve until the input ends or a signal ends the process; return the exit code."""
        code = 0
        try:
            threading.Thread(target=self._read, name="requests", daemon=True).start()
            self._send_hello()
            while (request := self._queue.get()) is not None:
                self._serve(request)
        except Termination as error:
            code = error.exit_code
        except KeyboardInterrupt:  # from a terminal
            code = 130
        with hold_interruptions():
            self._give_up()
            self._events.close()
        return code

    def interrupt(self, _: int, frame: FrameType | None) -> None:
        """Handle SIGINT: the cancellation of a job, or else Ctrl-C in a terminal."""
        job = self._running
        if job is not None and job.cancelled:
            job.raise_if_due(frame)
        elif time.monotonic() - self._last_cancelled_s > _LATE_S:
            raise KeyboardInterrupt

    def _send_hello(self) -> None:
        self._events.put(
            "hello",
            protocol=PROTOCOL,
            version=__version__,
            device=_device(),
            python=platform.python_version(),
            executable=sys.executable,
        )
        self._hello_sent.set()

    def _serve(self, request: Request) -> None:
        """Run a slow job and answer it once."""
        job = RunningJob(request.id)
        with self._lock:
            if self._accepted.get(request.id) is not request:
                return  # it was cancelled while it waited, and answered then
            is_closing = self._closing
            self._running = None if is_closing else job
        failure: BaseException | None = None
        answer: Answer = {}
        if is_closing:
            failure = _cancelled_early()
        else:
            answer, failure = self._attempt(request, job)
        with hold_interruptions():
            with self._lock:
                if job.cancelled:
                    self._last_cancelled_s = time.monotonic()
                self._running = None
                del self._accepted[request.id]
            if failure is None:
                self._events.put("result", id=request.id, result=answer)
            else:
                self._events.error(request.id, failure)

    def _attempt(self, request: Request, job: RunningJob) -> tuple[Answer, BaseException | None]:
        """Run a job; return its answer and why it failed."""
        is_batch = request.job == "batch"
        run: Callable[..., Answer] = (
            partial(run_table, self._jobs)
            if is_batch
            else _LAYER_JOBS.get(request.job) or getattr(self._jobs, request.job)
        )
        try:
            with job.interruptible():
                answer = run(request.params, EventProgress(job, self._events))
        except (Exception, KeyboardInterrupt) as error:
            job.end()
            if isinstance(error, Termination) or (
                isinstance(error, KeyboardInterrupt) and not job.interrupted
            ):
                raise
            if job.interrupted:
                # The interruption may have left the model or the open rasters half-way.
                self._jobs = Jobs()
                left = "finished rows are kept" if is_batch else "no output was written"
                return {}, Cancelled(f"the run was cancelled; {left}")
            if not isinstance(error, MTRSGeoError):
                traceback.print_exc()
            return {}, error
        job.end()
        return answer, None

    def _give_up(self) -> None:
        """Answer every job that a signal kept from ending."""
        with self._lock:
            self._closing = True
            unanswered = [self._accepted[request_id] for request_id in sorted(self._accepted)]
            self._accepted.clear()
        for request in unanswered:
            job = self._running
            is_written = job is not None and job.id == request.id and job.committed
            left = f"{'the' if is_written else 'no'} output was written"
            if request.job == "batch":
                left = "finished rows are kept"
            self._events.error(request.id, Cancelled(f"the worker was stopped; {left}"))

    def _read(self) -> None:
        for line in _lines(self._requests):
            self._hello_sent.wait()
            try:
                if line is None:
                    msg = f"the line is longer than {MAX_LINE_BYTES:,} bytes"
                    raise ProtocolError(msg)
                if line.strip():
                    self._accept(Request.parse(line))
            except ProtocolError as error:
                self._events.error(error.request_id, error)
        self._end()

    def _accept(self, request: Request) -> None:
        if request.job == "cancel":
            self._cancel(str(request.params.get("id", request.id)))
            return
        with self._lock:
            if request.id in self._accepted:
                # Without the id: under it, the error would be the end of the other job.
                msg = f"a job with the id {request.id!r} is not finished yet"
                raise ProtocolError(msg, advice="Give every job an id of its own.")
            if request.job in _SLOW:
                self._accepted[request.id] = request
        if request.job in _QUICK:
            try:
                answer = _QUICK[request.job](request.params)
            except Exception as error:  # noqa: BLE001 - no request may end the worker
                self._events.error(request.id, error)
            else:
                self._events.put("result", id=request.id, result=answer)
        else:
            self._queue.put(request)

    def _cancel(self, job_id: str) -> None:
        """Ask a job to stop, or end it at once if it waits for another one."""
        with self._lock:
            if self._running is not None and self._running.id == job_id:
                self._running.cancel()
            elif self._accepted.pop(job_id, None) is not None:
                self._events.error(job_id, _cancelled_early())

    def _end(self) -> None:
        with self._lock:
            self._closing = True
            if self._running is not None:
                self._running.cancel()
        self._queue.put(None)
        time.sleep(_EXIT_S)
        os._exit(1)


def _lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """Yield lines, or None for a line that is too long and is skipped."""
    while line := stream.readline(MAX_LINE_BYTES + 1):
        if len(line) <= MAX_LINE_BYTES or line.endswith(b"\n"):
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE_BYTES)
        yield None


def _cancelled_early() -> Cancelled:
    return Cancelled("the job was cancelled before it started")


def _device() -> str:
    """Return the device of ``auto``; importing torch here makes the first job start sooner."""
    try:
        import torch
    except (ImportError, OSError) as error:
        sys.stderr.write(f"torch cannot be imported: {error}\n")
        return "none"
    if torch.cuda.is_available():
        return f"cuda ({torch.cuda.get_device_name()})"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def main() -> int:
    """Serve standard input; return the exit code.

    The two pipes are used by the protocol only: other code of this process reads an empty
    input, and its output goes to standard error.
    """
    requests, events = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr = cast(TextIO, RedactingStream(sys.stderr))
    worker = Worker(requests, events)
    # A child inherits ignored signals, for example from nohup.
    signal.signal(signal.SIGINT, worker.interrupt)
    raise_on_termination()
    return worker.run()
