"""One worker process for all algorithms, in its own thread, for callers that may block.

Processing runs an algorithm in any thread and blocks it.  A QProcess belongs to one thread,
and the event loop of this thread must run.  So the process has its own thread.  It keeps
running between jobs, with its model loaded.
"""

from __future__ import annotations

import atexit
import queue
import threading
import uuid
from typing import TYPE_CHECKING, Any

from qgis.PyQt.QtCore import QCoreApplication, QObject, Qt, QThread, QTimer, pyqtSignal, pyqtSlot

from ..i18n.duration import format_duration
from ..i18n.number import format_area, format_number
from ..i18n.translate import tr
from ..sentences.question import (
    doubt_texts,
    is_answered,
    meaning_text,
    note_texts,
    question_warnings,
)
from .option_names import in_qgis

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Protocol

    from qgis.core import QgsProcessingFeedback

    class EventQueue(Protocol):
        """Receives (kind, payload) in any thread; the last kind is result or error."""

        def put(self, event: tuple[str, dict[str, Any]]) -> None: ...


__all__ = [
    "ERROR_CODE",
    "JobCancelledError",
    "JobError",
    "cancel_job",
    "close_shared_worker",
    "run_job",
    "submit_job",
]

ERROR_CODE = "mtrs_geo_error_code"
"""Property of a feedback with the code of the error that ended its algorithm."""

_POLL_S = 0.1
_IDLE_MS = 10 * 60 * 1000
_CLOSE_TIMEOUT_MS = 3000


class JobError(Exception):
    """A job ended with an error; the message holds the worker's message and advice."""

    def __init__(self, payload: dict[str, Any]) -> None:
        super().__init__("\n".join(filter(None, (payload.get("message"), payload.get("advice")))))
        self.code = str(payload.get("code", ""))
        """Kind of the error, as in docs/worker.md."""


class JobCancelledError(JobError):
    """The user cancelled the job."""


class _WorkerHost(QObject):
    """Owns the client, in the worker thread."""

    submitted = pyqtSignal(str, str, object, object)
    cancelled = pyqtSignal(str)
    closing = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._queues: dict[str, EventQueue] = {}
        self._client: Any = None
        self._idle_timer: QTimer | None = None
        self.submitted.connect(self._on_submitted, Qt.ConnectionType.QueuedConnection)
        self.cancelled.connect(self._on_cancelled, Qt.ConnectionType.QueuedConnection)
        self.closing.connect(self._on_closing, Qt.ConnectionType.BlockingQueuedConnection)

    @pyqtSlot(str, str, object, object)
    def _on_submitted(self, job_id: str, job: str, params: object, events: object) -> None:
        self._queues[job_id] = events
        if self._client is None:
            self._create_client()
        self._idle_timer.stop()
        self._client.submit_as(job_id, job, params)

    def _create_client(self) -> None:
        from .client import WorkerClient

        self._client = WorkerClient(parent=self)
        self._client.progress.connect(self._on_progress)
        self._client.log.connect(self._on_log)
        self._client.questions.connect(self._on_questions)
        self._client.row.connect(self._on_row)
        self._client.result.connect(self._on_result)
        self._client.error.connect(self._on_error)
        self._idle_timer = QTimer(self)
        self._idle_timer.setSingleShot(True)
        self._idle_timer.setInterval(_IDLE_MS)
        self._idle_timer.timeout.connect(self._client.close)

    @pyqtSlot(str)
    def _on_cancelled(self, job_id: str) -> None:
        if self._client is not None:
            self._client.cancel(job_id)

    @pyqtSlot()
    def _on_closing(self) -> None:
        if self._client is not None:
            self._client.close(_CLOSE_TIMEOUT_MS)
        pending, self._queues = self._queues, {}
        for events in pending.values():
            events.put(("error", {"class": "Cancelled", "message": tr("The worker was closed.")}))

    @pyqtSlot(str, dict)
    def _on_progress(self, job_id: str, payload: dict[str, Any]) -> None:
        self._deliver(job_id, "progress", payload)

    @pyqtSlot(str, dict)
    def _on_log(self, job_id: str, payload: dict[str, Any]) -> None:
        self._deliver(job_id, "log", payload)

    @pyqtSlot(str, dict)
    def _on_questions(self, job_id: str, payload: dict[str, Any]) -> None:
        self._deliver(job_id, "questions", payload)

    @pyqtSlot(str, dict)
    def _on_row(self, job_id: str, payload: dict[str, Any]) -> None:
        self._deliver(job_id, "row", payload)

    @pyqtSlot(str, dict)
    def _on_result(self, job_id: str, payload: dict[str, Any]) -> None:
        self._deliver(job_id, "result", payload)

    @pyqtSlot(str, dict)
    def _on_error(self, job_id: str, payload: dict[str, Any]) -> None:
        self._deliver(job_id, "error", payload)

    def _deliver(self, job_id: str, kind: str, payload: dict[str, Any]) -> None:
        events = self._queues.get(job_id)
        if events is None:
            return
        if kind in ("result", "error"):
            del self._queues[job_id]
            if not self._queues:
                self._idle_timer.start()
        events.put((kind, payload))


class _WorkerThread:
    """The host and its thread."""

    def __init__(self) -> None:
        self.thread = QThread()
        self.thread.setObjectName("mtrs_geo worker")
        self.host = _WorkerHost()
        self.host.moveToThread(self.thread)
        self.thread.start()

    def close(self) -> None:
        if self.thread.isRunning():
            self.host.closing.emit()
            self.thread.quit()
            self.thread.wait(_CLOSE_TIMEOUT_MS)


_shared: list[_WorkerThread] = []
_lock = threading.Lock()


def _worker_host() -> _WorkerHost:
    with _lock:
        if not _shared:
            _shared.append(_WorkerThread())
            QCoreApplication.instance().aboutToQuit.connect(close_shared_worker)
            atexit.register(close_shared_worker)
        return _shared[0].host


def submit_job(job: str, params: dict[str, Any], events: EventQueue) -> str:
    """Submit a job to the shared worker and return its id without waiting.

    Args:
        job: name of the job in the protocol.
        params: parameters of the job.
        events: its ``put`` is called in the worker thread.
    """
    job_id = uuid.uuid4().hex
    _worker_host().submitted.emit(job_id, job, params, events)
    return job_id


def cancel_job(job_id: str) -> None:
    """Request the cancellation of a job; it ends with an error of class Cancelled."""
    for shared in _shared:
        shared.host.cancelled.emit(job_id)


def run_job(job: str, params: dict[str, Any], feedback: QgsProcessingFeedback) -> dict[str, Any]:
    """Run a job on the shared worker, wait for it and return its result; for any thread.

    Args:
        job: name of the job in the protocol.
        params: parameters of the job.
        feedback: receives progress, log lines, how sentences are understood, what becomes of each
            row of a batch, and each warning once; its cancellation cancels the job.

    Raises:
        JobCancelledError: if ``feedback`` was cancelled.
        JobError: if the job failed, with the worker's message and advice, or if something else
            ended the worker.
    """
    events: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue()
    job_id = submit_job(job, params, events)
    is_cancel_sent = is_worded = False
    warned: set[str] = set()
    while True:
        if feedback.isCanceled() and not is_cancel_sent:
            is_cancel_sent = True
            cancel_job(job_id)
        try:
            kind, payload = events.get(timeout=_POLL_S)
        except queue.Empty:
            continue
        payload = in_qgis(payload, job)
        if kind == "result":
            if not is_worded:  # an older worker
                for line in payload.get("understood", ()):
                    feedback.pushInfo(tr("Understood as: {}").format(line))
            _push_warnings(payload.get("warnings", ()), warned, feedback)
            return payload
        if kind == "error":
            raise _error_of(payload, feedback)
        if kind == "questions":
            warned |= _push_questions(payload["questions"], feedback)
            is_worded = True
        elif payload.get("level") == "warning":
            _push_warnings([payload["message"]], warned, feedback)
        else:
            _report_progress(kind, payload, feedback)


def _error_of(payload: dict[str, Any], feedback: QgsProcessingFeedback) -> JobError:
    """Return the error of a job that ended without a result."""
    if payload.get("class") != "Cancelled":
        return JobError(payload)
    if feedback.isCanceled():
        return JobCancelledError(payload)
    # The system ended the worker, or the user chose another Python.
    again = tr("Run again. A new worker is started.")
    return JobError({**payload, "advice": payload.get("advice") or again, "code": "stopped"})


def close_shared_worker() -> None:
    """End the shared worker; the next job starts a new one."""
    while _shared:
        _shared.pop().close()


def _push_warnings(
    warnings: Iterable[str], warned: set[str], feedback: QgsProcessingFeedback
) -> None:
    """Show the warnings that were not shown yet."""
    for warning in warnings:
        if warning not in warned:
            warned.add(warning)
            feedback.pushWarning(warning)


def _push_questions(questions: list[dict[str, Any]], feedback: QgsProcessingFeedback) -> set[str]:
    """Show how sentences are understood; return the warnings that this says."""
    for question in questions:
        if is_answered(question):
            feedback.pushInfo(tr("Understood as: {}").format(meaning_text(question)))
        else:
            feedback.pushWarning(tr("Not answered: {}").format(question["text"]))
        for text in note_texts(question):
            feedback.pushInfo(text)
        for text in doubt_texts(question):
            feedback.pushWarning(text)
    return question_warnings(questions)


def _push_row(row: dict[str, Any], feedback: QgsProcessingFeedback) -> None:
    """Show what became of a row of a batch."""
    if row["status"] == "failed":
        lines = filter(None, (row["message"], row["advice"]))
        feedback.reportError("{}: {}".format(row["id"], "\n".join(lines)))
        return
    count, area_m2 = sum(row["polygons"].values()), sum(row["areas_m2"].values())
    text = tr("{}: {} polygons, {}")
    feedback.pushInfo(text.format(row["id"], format_number(count), format_area(area_m2)))


def _report_progress(kind: str, payload: dict[str, Any], feedback: QgsProcessingFeedback) -> None:
    if kind == "log":
        feedback.pushInfo(payload["message"])
        return
    if kind == "row":
        _push_row(payload, feedback)
        return
    feedback.setProgress(100 * payload["fraction"])
    seconds_left = payload.get("seconds_left")
    is_batch = payload.get("unit") == "jobs"
    text = tr("{} of {} rows") if is_batch else tr("{} of {} tiles")
    text = text.format(payload["done"], payload["total"])
    if seconds_left is not None:
        text += ", " + tr("{} left").format(format_duration(seconds_left))
    feedback.setProgressText(text)
