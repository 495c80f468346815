"""One worker for all algorithms, in a thread of its own, for callers that may wait.

Processing runs an algorithm in any thread and waits for it; a QProcess belongs to one
thread, whose event loop must turn.  So the process lives in a thread that does nothing
else, and stays between runs with its model loaded.
"""

from __future__ import annotations

import atexit
import queue
import threading
import uuid
from typing import TYPE_CHECKING, Any

from qgis.PyQt.QtCore import QCoreApplication, QObject, Qt, QThread, QTimer, pyqtSignal, pyqtSlot

from ..i18n.duration import spoken
from ..i18n.translate import tr

if TYPE_CHECKING:
    from typing import Protocol

    from qgis.core import QgsProcessingFeedback

    class Answers(Protocol):
        """Takes (kind, facts) in any thread; kinds: progress, log, and last result or error."""

        def put(self, answer: tuple[str, dict[str, Any]]) -> None: ...


__all__ = ["JobCancelledError", "JobError", "ask", "cancel", "close_shared_worker", "run_job"]

_POLL_S = 0.1
_IDLE_MS = 10 * 60 * 1000
_END_MS = 3000


class JobError(Exception):
    """The worker answered a job with an error."""

    def __init__(self, facts: dict[str, Any]) -> None:
        super().__init__("\n".join(filter(None, (facts.get("message"), facts.get("advice")))))
        self.name = facts.get("class", "")


class JobCancelledError(JobError):
    """The user cancelled the job."""


class _Host(QObject):
    """Lives in the worker's thread and owns the client there."""

    submitted = pyqtSignal(str, str, object, object)
    cancelled = pyqtSignal(str)
    closing = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.waiting: dict[str, Answers] = {}
        self._client: Any = None
        self._idle: QTimer | None = None
        self.submitted.connect(self._submit, Qt.ConnectionType.QueuedConnection)
        self.cancelled.connect(self._cancel, Qt.ConnectionType.QueuedConnection)
        self.closing.connect(self._close, Qt.ConnectionType.BlockingQueuedConnection)

    @pyqtSlot(str, str, object, object)
    def _submit(self, job_id: str, job: str, params: object, answers: object) -> None:
        self.waiting[job_id] = answers
        if self._client is None:
            self._make_client()
        self._idle.stop()
        self._client.submit_as(job_id, job, params)

    def _make_client(self) -> None:
        from .client import WorkerClient

        self._client = WorkerClient(parent=self)
        self._client.progress.connect(self._progress)
        self._client.log.connect(self._log)
        self._client.result.connect(self._result)
        self._client.error.connect(self._error)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(_IDLE_MS)
        self._idle.timeout.connect(self._client.close)

    @pyqtSlot(str)
    def _cancel(self, job_id: str) -> None:
        if self._client is not None:
            self._client.cancel(job_id)

    @pyqtSlot()
    def _close(self) -> None:
        if self._client is not None:
            self._client.close(_END_MS)
        waiting, self.waiting = self.waiting, {}
        for answers in waiting.values():
            answers.put(("error", {"class": "Cancelled", "message": tr("The plugin ended.")}))

    @pyqtSlot(str, dict)
    def _progress(self, job_id: str, facts: dict[str, Any]) -> None:
        self._tell(job_id, "progress", facts)

    @pyqtSlot(str, dict)
    def _log(self, job_id: str, facts: dict[str, Any]) -> None:
        self._tell(job_id, "log", facts)

    @pyqtSlot(str, dict)
    def _result(self, job_id: str, facts: dict[str, Any]) -> None:
        self._tell(job_id, "result", facts)

    @pyqtSlot(str, dict)
    def _error(self, job_id: str, facts: dict[str, Any]) -> None:
        self._tell(job_id, "error", facts)

    def _tell(self, job_id: str, kind: str, facts: dict[str, Any]) -> None:
        answers = self.waiting.get(job_id)
        if answers is None:
            return
        if kind in ("result", "error"):
            del self.waiting[job_id]
            if not self.waiting:
                self._idle.start()
        answers.put((kind, facts))


class _Shared:
    """The host and its thread, made when first needed."""

    def __init__(self) -> None:
        self.thread = QThread()
        self.thread.setObjectName("mtrs_geo worker")
        self.host = _Host()
        self.host.moveToThread(self.thread)
        self.thread.start()

    def close(self) -> None:
        if self.thread.isRunning():
            self.host.closing.emit()
            self.thread.quit()
            self.thread.wait(_END_MS)


_shared: list[_Shared] = []
_lock = threading.Lock()


def _host() -> _Host:
    with _lock:
        if not _shared:
            _shared.append(_Shared())
            QCoreApplication.instance().aboutToQuit.connect(close_shared_worker)
            atexit.register(close_shared_worker)
        return _shared[0].host


def ask(job: str, params: dict[str, Any], answers: Answers) -> str:
    """Hand a job to the shared worker and return its id at once.

    Args:
        job: as the protocol names it.
        params: its parameters.
        answers: its ``put`` is called in the worker's thread.
    """
    job_id = uuid.uuid4().hex
    _host().submitted.emit(job_id, job, params, answers)
    return job_id


def cancel(job_id: str) -> None:
    """Ask a job to stop; it answers with an error of class Cancelled."""
    for shared in _shared:
        shared.host.cancelled.emit(job_id)


def run_job(job: str, params: dict[str, Any], feedback: QgsProcessingFeedback) -> dict[str, Any]:
    """Run a job on the shared worker and wait for it: for Processing, in any thread.

    Args:
        job: as the protocol names it.
        params: its parameters.
        feedback: receives progress and log lines, and says when to stop.

    Raises:
        JobCancelledError: if ``feedback`` was cancelled.
        JobError: if the job failed, with the worker's message and advice.
    """
    answers: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue()
    job_id = ask(job, params, answers)
    asked_to_stop = False
    while True:
        if feedback.isCanceled() and not asked_to_stop:
            asked_to_stop = True
            cancel(job_id)
        try:
            kind, facts = answers.get(timeout=_POLL_S)
        except queue.Empty:
            continue
        if kind == "result":
            return facts
        if kind == "error":
            is_cancelled = facts.get("class") == "Cancelled"
            raise JobCancelledError(facts) if is_cancelled else JobError(facts)
        _pass_on(kind, facts, feedback)


def close_shared_worker() -> None:
    """End the shared worker; the next job starts another."""
    while _shared:
        _shared.pop().close()


def _pass_on(kind: str, facts: dict[str, Any], feedback: QgsProcessingFeedback) -> None:
    if kind == "log":
        feedback.pushInfo(facts["message"])
        return
    feedback.setProgress(100 * facts["fraction"])
    left = facts.get("seconds_left")
    text = tr("{} of {} tiles").format(facts["done"], facts["total"])
    if left is not None:
        text += ", " + tr("{} left").format(spoken(left))
    feedback.setProgressText(text)
