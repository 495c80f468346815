"""Events of the worker, and the progress of a job as events."""

from __future__ import annotations

import json
import os
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from mtrs_geo.redaction import redact
from mtrs_geo.worker.batching import shown
from mtrs_geo.worker.error_codes import describe_error, error_code
from mtrs_geo.worker.running_job import RunningJob

__all__ = ["EventProgress", "Events"]

_PROGRESS_S = 0.1  # least time between progress events
_CLOSE_S = 1.0  # to write the last events
_WARNING = "warning: "


class Events:
    """Writes events in a separate thread, so that an interruption cannot split a line.

    Args:
        stream: receives JSON lines.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._waiting: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="events", daemon=True)
        self._thread.start()

    def put(self, event: str, **facts: object) -> None:
        """Write an event."""
        self._waiting.put(json.dumps({"event": event, **facts}).encode() + b"\n")

    def error(self, request_id: str | None, error: BaseException) -> None:
        """Write the error of a job, or of a line."""
        name, message, advice = map(redact, describe_error(error))
        self.put(
            "error", id=request_id, code=error_code(error), message=message, advice=advice,
            **{"class": name},
        )  # fmt: skip

    def close(self) -> None:
        """Write what is waiting."""
        self._waiting.put(None)
        self._thread.join(_CLOSE_S)

    def _write(self) -> None:
        try:
            for line in iter(self._waiting.get, None):
                self._stream.write(line)
                self._stream.flush()
        except (OSError, ValueError):  # the reader has closed the pipe
            os._exit(1)


class EventProgress:
    """Reports the `Progress` of a job as events.

    Args:
        job: the job.
        events: receives the events.
    """

    def __init__(self, job: RunningJob, events: Events) -> None:
        self._id, self._job, self._events = job.id, job, events
        self._total = self._done = 0
        self._share = 0.0
        self._unit = ""
        self._start = self._last = time.monotonic()

    @property
    def cancelled(self) -> bool:
        """Whether the job was asked to stop."""
        return self._job.cancelled

    def start(self, total: int, unit: str) -> None:
        """Start a series of steps."""
        self._total, self._done, self._start = total, 0, time.monotonic()
        self._unit, self._share = unit, 0.0
        self._emit()

    def advance(self, steps: int = 1) -> None:
        """Report that more steps are done."""
        self._done += steps
        self._share = 0.0
        if self._done >= self._total or time.monotonic() - self._last >= _PROGRESS_S:
            self._emit()

    def log(self, message: str) -> None:
        """Report a line of text."""
        text = redact(message)
        level = "warning" if text.startswith(_WARNING) else "info"
        self._events.put("log", id=self._id, level=level, message=text.removeprefix(_WARNING))

    def show_questions(self, questions: Sequence[Mapping[str, Any]]) -> None:
        """Report how sentences are understood."""
        self._events.put("questions", id=self._id, questions=list(questions))

    def show_share(self, share: float) -> None:
        """Report the share of the current row that is done."""
        self._share = share
        if time.monotonic() - self._last >= _PROGRESS_S:
            self._emit()

    def show_job(self, entry: Mapping[str, Any]) -> None:
        """Report a row of a batch; the job may be interrupted again."""
        self._job.start_part()
        self._events.put("row", id=self._id, row=shown(entry))

    def _emit(self) -> None:
        self._last = time.monotonic()
        elapsed = self._last - self._start
        done = self._done + self._share
        left = elapsed / done * (self._total - done) if done else None
        self._events.put(
            "progress",
            id=self._id,
            fraction=round(done / self._total, 4) if self._total else 1.0,
            done=self._done,
            total=self._total,
            unit=self._unit,
            seconds_left=None if left is None else round(left, 1),
        )
