"""Client of `mtrs_geo.worker`: one process, JSON lines, no blocking call in the GUI thread."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

from qgis.PyQt.QtCore import QObject, QProcess, QTimer, pyqtSignal

from ..i18n.translate import tr
from .environment import clean_environment
from .proxy import with_proxy
from .python_setting import worker_python

__all__ = ["WorkerClient"]

_PROTOCOL = 1
_MAX_LINE_BYTES = 16_000_000
"""Length of a request; the worker does not know which job a longer line is of."""
_MAX_STDERR_BYTES = 8000
_EXIT_TIMEOUT_MS = 3000
_SILENT_MS = 20_000
"""From a cancellation without any event of the worker to its end."""
_closing: set[QProcess] = set()
"""Processes that are closing; without a reference Qt deletes the object and kills the process."""


class WorkerClient(QObject):
    """One worker process, started by the first job; use it only in the thread that created it.

    Every submitted job ends with one ``result`` or one ``error``, also if the process dies, or
    if it is silent after a cancellation.  After that the next job starts a new process.
    """

    hello = pyqtSignal(dict)
    progress = pyqtSignal(str, dict)
    log = pyqtSignal(str, dict)
    questions = pyqtSignal(str, dict)
    row = pyqtSignal(str, dict)
    result = pyqtSignal(str, dict)
    error = pyqtSignal(str, dict)

    def __init__(self, python: str | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._python = python
        self._process: QProcess | None = None
        self._pending: set[str] = set()
        self._cancelled: set[str] = set()
        self._silence = QTimer(self)
        self._silence.setSingleShot(True)
        self._silence.timeout.connect(self._give_up)
        self._buffer = b""
        self._stderr = b""

    def start(self) -> None:
        """Start the process if it does not run yet."""
        if self._process is not None:
            return
        python = self._python or worker_python()
        if python is None:
            # The caller must get the job id before the error of the job.
            QTimer.singleShot(0, self._report_missing_python)
            return
        self._buffer = self._stderr = b""
        process = QProcess(self)
        process.setProcessEnvironment(with_proxy(clean_environment()))
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._read_stderr)
        process.errorOccurred.connect(self._on_process_error)
        process.finished.connect(self._on_finished)
        self._process = process
        process.start(python, ["-I", "-u", "-m", "mtrs_geo.worker"])

    def submit(self, job: str, params: dict[str, Any]) -> str:
        """Submit a job and return its id; starts the process if needed."""
        return self.submit_as(uuid.uuid4().hex, job, params)

    def submit_as(self, job_id: str, job: str, params: dict[str, Any]) -> str:
        """Submit a job with an id that the caller chose."""
        self._pending.add(job_id)
        self.start()
        if not self._write(job_id, job, params):
            # The caller must get the job id before the error of the job.
            QTimer.singleShot(0, lambda: self._refuse(job_id))
        return job_id

    def cancel(self, job_id: str) -> None:
        """Request the cancellation of a job; it ends with an error of class Cancelled."""
        if job_id in self._pending:
            self._write(uuid.uuid4().hex, "cancel", {"id": job_id})
            self._cancelled.add(job_id)
            self._silence.start(_SILENT_MS)

    def close(self, wait_ms: int = 0) -> None:
        """End the process; its pending jobs emit no signal.

        Args:
            wait_ms: how long to wait for the end of the process, in milliseconds.
        """
        self._pending.clear()
        process = self._release()
        if process is None:
            return
        process.closeWriteChannel()
        if wait_ms:
            process.waitForFinished(wait_ms)
        if process.state() == QProcess.ProcessState.NotRunning:
            process.deleteLater()
        elif wait_ms:
            process.kill()
            process.waitForFinished(wait_ms)
        else:
            _close_later(process)

    def _release(self) -> QProcess | None:
        """Return the process, disconnected from this client."""
        self._silence.stop()
        self._cancelled.clear()
        process, self._process = self._process, None
        if process is not None:
            for signal, slot in (
                (process.readyReadStandardOutput, self._read),
                (process.readyReadStandardError, self._read_stderr),
                (process.errorOccurred, self._on_process_error),
                (process.finished, self._on_finished),
            ):
                signal.disconnect(slot)
        return process

    def _give_up(self) -> None:
        """End a process that does not answer a cancellation, without waiting for its end."""
        cancelled = self._pending & self._cancelled
        process = self._release()
        if process is not None:
            _close_later(process)
            process.kill()
        self._pending -= cancelled
        # First the others: who hears of an error may submit a job to a new process.
        self._fail_pending(
            tr("The worker did not answer."), tr("Run again. A new worker is started."), "stopped"
        )
        for job_id in cancelled:
            self.error.emit(
                job_id, {"class": "Cancelled", "message": tr("The worker did not answer.")}
            )

    def _write(self, job_id: str, job: str, params: dict[str, Any]) -> bool:
        """Send a request, if there is a process; return False if it is too long."""
        request = {"protocol": _PROTOCOL, "id": job_id, "job": job, "params": params}
        line = json.dumps(request).encode() + b"\n"
        if len(line) > _MAX_LINE_BYTES:
            return False
        if self._process is not None:
            self._process.write(line)
        return True

    def _refuse(self, job_id: str) -> None:
        """End a job whose request is too long."""
        if job_id not in self._pending:  # the client was closed
            return
        self._pending.discard(job_id)
        payload = {
            "class": "RequestError", "code": "request",
            "message": tr("The input is too long for one run: more than {} MB of text.").format(
                _MAX_LINE_BYTES // 1_000_000
            ),
            "advice": tr("Split the table or the sentences, and run the parts one by one."),
        }  # fmt: skip
        self.error.emit(job_id, payload)

    def _read(self) -> None:
        self._buffer += bytes(self._process.readAllStandardOutput())
        *lines, self._buffer = self._buffer.split(b"\n")
        for line in lines:
            try:
                event = json.loads(line)
                kind = event.pop("event")
            except (ValueError, KeyError, AttributeError, TypeError):
                self._stderr += line + b"\n"
                continue
            self._deliver(kind, event)
        self._cancelled &= self._pending
        if self._cancelled:
            self._silence.start(_SILENT_MS)
        else:
            self._silence.stop()

    def _deliver(self, kind: str, event: dict[str, Any]) -> None:
        job_id = event.pop("id", None) or ""
        if kind == "hello":
            self.hello.emit(event)
        elif kind == "progress":
            self.progress.emit(job_id, event)
        elif kind == "log":
            self.log.emit(job_id, event)
        elif kind == "questions":
            self.questions.emit(job_id, event)
        elif kind == "row":
            self.row.emit(job_id, event["row"])
        elif kind == "result":
            self._pending.discard(job_id)
            self.result.emit(job_id, event["result"])
        elif kind == "error":
            self._pending.discard(job_id)
            self.error.emit(job_id, event)

    def _read_stderr(self) -> None:
        self._stderr += bytes(self._process.readAllStandardError())
        self._stderr = self._stderr[-_MAX_STDERR_BYTES:]

    def _on_process_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            QTimer.singleShot(0, self._report_failed_start)

    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        self._read_stderr()
        stderr = self._stderr.decode("utf-8", "replace").strip()
        is_crash = status == QProcess.ExitStatus.CrashExit
        ended = tr("The worker ended with code {}.").format(code)
        reason = tr("The worker was killed or crashed.") if is_crash else ended
        is_missing = "No module named" in stderr
        if re.search(r"No module named '?mtrs_geo\b", stderr):
            reason += " " + tr("mtrs-geo is not installed in its Python environment.")
        elif is_missing:
            reason += " " + tr("A package that mtrs-geo needs is not installed.")
        advice = stderr[-1000:] or tr("Run again. A new worker is started.")
        self._fail_pending(reason, advice, "environment" if is_missing else "stopped")

    def _report_missing_python(self) -> None:
        self._fail_pending(
            tr("No Python with mtrs-geo was found."),
            tr("Select a Python or create an environment in Settings > Options > MTRS-Geo."),
            "environment",
        )

    def _report_failed_start(self) -> None:
        if self._process is not None:
            self._fail_pending(
                tr("{} cannot be started.").format(self._process.program()),
                tr("Select another Python in Settings > Options > MTRS-Geo."),
                "environment",
            )

    def _fail_pending(self, reason: str, advice: str, code: str) -> None:
        """Emit an error for every pending job after the process has ended."""
        self._silence.stop()
        self._cancelled.clear()
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()
        pending, self._pending = self._pending, set()
        for job_id in pending:
            payload = {
                "class": "WorkerStopped", "code": code, "message": reason, "advice": advice,
            }  # fmt: skip
            self.error.emit(job_id, payload)


def _close_later(process: QProcess) -> None:
    """Let a process end by itself, and kill it after a timeout."""
    process.setParent(None)
    _closing.add(process)

    def on_finished(*_: object) -> None:
        _closing.discard(process)
        process.deleteLater()

    process.finished.connect(on_finished)
    timer = QTimer(process)
    timer.setSingleShot(True)
    timer.timeout.connect(process.kill)
    timer.start(_EXIT_TIMEOUT_MS)
