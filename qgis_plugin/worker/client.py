"""Talks to `mtrs_geo.worker`: one process, JSON lines, never a wait in the GUI thread."""

from __future__ import annotations

import json
import uuid
from typing import Any

from qgis.PyQt.QtCore import QObject, QProcess, QTimer, pyqtSignal

from ..i18n.translate import tr
from .environment import clean_environment
from .python_setting import worker_python

__all__ = ["WorkerClient"]

_PROTOCOL = 1
_KEPT_OF_STDERR = 8000
_FAREWELL_MS = 3000
_leaving: set[QProcess] = set()
"""Processes that were told to end; Qt kills a process whose object goes."""


class WorkerClient(QObject):
    """One worker process, started when needed; lives in the thread that uses it.

    Every job that was submitted ends with one ``result`` or one ``error``, also when the
    process dies; the next job starts a new one.
    """

    hello = pyqtSignal(dict)
    progress = pyqtSignal(str, dict)
    log = pyqtSignal(str, dict)
    result = pyqtSignal(str, dict)
    error = pyqtSignal(str, dict)
    stopped = pyqtSignal(str)

    def __init__(self, python: str | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._python = python
        self._process: QProcess | None = None
        self._pending: set[str] = set()
        self._buffer = b""
        self._stderr = b""

    def is_running(self) -> bool:
        """Return whether there is a process."""
        return self._process is not None

    def is_busy(self) -> bool:
        """Return whether a job is not answered yet."""
        return bool(self._pending)

    def start(self) -> None:
        """Start the process; does nothing where there is one."""
        if self._process is not None:
            return
        python = self._python or worker_python()
        if python is None:
            # An error must not reach the caller before the id of its job has.
            QTimer.singleShot(0, self._tell_missing)
            return
        self._buffer = self._stderr = b""
        process = QProcess(self)
        process.setProcessEnvironment(clean_environment())
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._read_stderr)
        process.errorOccurred.connect(self._failed)
        process.finished.connect(self._finished)
        self._process = process
        process.start(python, ["-I", "-u", "-m", "mtrs_geo.worker"])

    def submit(self, job: str, params: dict[str, Any]) -> str:
        """Hand in a job and return its id; starts the process where there is none."""
        return self.submit_as(uuid.uuid4().hex, job, params)

    def submit_as(self, job_id: str, job: str, params: dict[str, Any]) -> str:
        """Hand in a job under an id of the caller's."""
        self._pending.add(job_id)
        self.start()
        self._write(job_id, job, params)
        return job_id

    def cancel(self, job_id: str) -> None:
        """Ask a job to stop; it answers with an error of class Cancelled."""
        if job_id in self._pending:
            self._write(uuid.uuid4().hex, "cancel", {"id": job_id})

    def close(self, wait_ms: int = 0) -> None:
        """End the process; its jobs are not answered.

        Args:
            wait_ms: how long to wait for its end.
        """
        self._pending.clear()
        process, self._process = self._process, None
        if process is None:
            return
        for signal, slot in (
            (process.readyReadStandardOutput, self._read),
            (process.readyReadStandardError, self._read_stderr),
            (process.errorOccurred, self._failed),
            (process.finished, self._finished),
        ):
            signal.disconnect(slot)
        process.closeWriteChannel()
        if wait_ms:
            process.waitForFinished(wait_ms)
        if process.state() == QProcess.ProcessState.NotRunning:
            process.deleteLater()
        elif wait_ms:
            process.kill()
            process.waitForFinished(wait_ms)
        else:
            _see_off(process)

    def _write(self, job_id: str, job: str, params: dict[str, Any]) -> None:
        if self._process is not None:
            request = {"protocol": _PROTOCOL, "id": job_id, "job": job, "params": params}
            self._process.write(json.dumps(request).encode() + b"\n")

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

    def _deliver(self, kind: str, event: dict[str, Any]) -> None:
        job_id = event.pop("id", None) or ""
        if kind == "hello":
            self.hello.emit(event)
        elif kind == "progress":
            self.progress.emit(job_id, event)
        elif kind == "log":
            self.log.emit(job_id, event)
        elif kind == "result":
            self._pending.discard(job_id)
            self.result.emit(job_id, event["result"])
        elif kind == "error":
            self._pending.discard(job_id)
            self.error.emit(job_id, event)

    def _read_stderr(self) -> None:
        self._stderr += bytes(self._process.readAllStandardError())
        self._stderr = self._stderr[-_KEPT_OF_STDERR:]

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            QTimer.singleShot(0, self._tell_failed)

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        self._read_stderr()
        said = self._stderr.decode("utf-8", "replace").strip()
        crashed = status == QProcess.ExitStatus.CrashExit
        how = tr("was killed or crashed") if crashed else tr("ended with code {}").format(code)
        reason = tr("The worker {}.").format(how)
        if "No module named" in said:
            reason += " " + tr("mtrs-geo is not installed in its Python.")
        self._gone(reason, said[-1000:] or tr("Run again; the worker starts anew."))

    def _tell_missing(self) -> None:
        self._gone(
            tr("No Python with mtrs-geo is known."),
            tr("Settings > Options > MTRS-Geo: choose one, or let it be created."),
        )

    def _tell_failed(self) -> None:
        if self._process is not None:
            self._gone(
                tr("{} cannot be started.").format(self._process.program()),
                tr("Settings > Options > MTRS-Geo: choose another Python."),
            )

    def _gone(self, reason: str, advice: str) -> None:
        """Answer what nobody will answer any more."""
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()
        pending, self._pending = self._pending, set()
        for job_id in pending:
            facts = {"class": "WorkerStopped", "message": reason, "advice": advice}
            self.error.emit(job_id, facts)
        self.stopped.emit(f"{reason}\n{advice}")


def _see_off(process: QProcess) -> None:
    """Let a process end by itself, and kill it where it does not."""
    process.setParent(None)
    _leaving.add(process)

    def left(*_: object) -> None:
        _leaving.discard(process)
        process.deleteLater()

    process.finished.connect(left)
    timer = QTimer(process)
    timer.setSingleShot(True)
    timer.timeout.connect(process.kill)
    timer.start(_FAREWELL_MS)
