"""Run of the dock: the Processing algorithm ``mtrs_geo:detect`` as a QGIS task.

A second task opens the result, because opening a file can take long on a busy disk and must
not block the window.
"""

from __future__ import annotations

import json
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsMapLayer,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
    QgsTask,
)
from qgis.PyQt.QtCore import QCoreApplication, QObject, QTimer, pyqtSignal

from ..i18n.translate import tr
from ..results.results import Outcome, open_layers
from ..worker.kept_run import EXPORTED, KEPT, remove_temporary
from ..worker.shared import ERROR_CODE

__all__ = ["DetectTask"]


_running: set[DetectTask] = set()
"""Active runs: the QGIS task uses their objects, also after the dock is deleted."""


class _Feedback(QgsProcessingFeedback):
    """Emits the progress text of the algorithm, and stores its errors."""

    text_changed = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__(False)
        self.errors: list[str] = []

    def setProgressText(self, text: str) -> None:
        super().setProgressText(text)
        self.text_changed.emit(text)

    def reportError(self, error: str, fatalError: bool = False) -> None:  # noqa: N803 - QGIS's
        super().reportError(error, fatalError)
        self.errors.append(error)


class DetectTask(QObject):
    """One run; it ends with exactly one of ``done``, ``failed`` and ``cancelled``.

    Args:
        parameters: parameters of the algorithm; BEFORE and AFTER are layer ids.
        exported: files that an earlier run of the same parameters exported of BEFORE and AFTER;
            empty for a layer that is a file.
    """

    progressed = pyqtSignal(float, str)
    """Percent (negative while it is unknown) and the progress text."""
    done = pyqtSignal(object, list)
    """An `Outcome` and its layers, not yet in the project."""
    failed = pyqtSignal(str, str)
    """Message with advice, and the code of the error (docs/worker.md); it may be empty."""
    cancelled = pyqtSignal()

    def __init__(self, parameters: dict[str, Any], exported: tuple[str, ...] = ("", "")) -> None:
        super().__init__()
        self._parameters = parameters
        self._exported = exported
        rasters = zip(("BEFORE", "AFTER"), exported)  # noqa: B905 - Python 3.9
        parameters = {**parameters, **{name: path for name, path in rasters if path}}
        self._context = QgsProcessingContext()
        self._context.setProject(QgsProject.instance())
        self._feedback = _Feedback()
        self._feedback.text_changed.connect(self._set_text)
        self._feedback.progressChanged.connect(self._set_percent)
        self._percent, self._text = -1.0, tr("Starting the worker…")
        self._algorithm = QgsApplication.processingRegistry().createAlgorithmById("mtrs_geo:detect")
        self._task = QgsProcessingAlgRunnerTask(
            self._algorithm, parameters, self._context, self._feedback
        )
        self._task.executed.connect(self._on_executed)

    @property
    def is_kept(self) -> bool:
        """Whether the run ended before its result, and what was done is kept."""
        return bool(self._feedback.property(KEPT))

    def resumed(self) -> DetectTask:
        """Return a run that goes on where this one ended."""
        now = self._feedback.property(EXPORTED) or ("", "")
        pairs = zip(now, self._exported)  # noqa: B905 - Python 3.9
        return DetectTask({**self._parameters, "RESUME": True}, tuple(a or b for a, b in pairs))

    def forget(self) -> None:
        """Remove what is kept of the run, unless the user chose its output."""
        if self.is_kept:
            remove_temporary(self._feedback.property(KEPT))

    def start(self) -> None:
        """Start in the background."""
        _running.add(self)
        self.progressed.emit(self._percent, self._text)
        if self._task.status() == QgsTask.TaskStatus.Terminated:
            # The algorithm refused its input: QGIS prepares it when the task is created, and a
            # task that ended before it is added never emits ``executed``.
            QTimer.singleShot(0, self._fail)
            return
        QgsApplication.taskManager().addTask(self._task)

    def cancel(self) -> None:
        """Cancel the run; ``cancelled`` is emitted when it has ended."""
        self._feedback.cancel()
        self._set_text(tr("Stopping…"))

    def _set_text(self, text: str) -> None:
        self._text = text
        self.progressed.emit(self._percent, text)

    def _set_percent(self, percent: float) -> None:
        self._percent = percent
        self.progressed.emit(percent, self._text)

    def _on_executed(self, succeeded: bool, results: dict[str, Any]) -> None:
        if succeeded and results.get("REPORT"):
            self._open(self._outcome(results))
        elif self._feedback.isCanceled() and not self._feedback.errors:
            self._finish(self.cancelled)
        else:
            self._fail()

    def _fail(self) -> None:
        problem = "\n".join(dict.fromkeys(self._feedback.errors))
        problem = problem or tr("The run failed. See the Log Messages panel.")
        self._finish(self.failed, problem, self._feedback.property(ERROR_CODE) or "")

    def _outcome(self, results: dict[str, Any]) -> Outcome:
        report = json.loads(results["REPORT"])
        polygons = results["OUTPUT"]
        if polygons == report["output"]:
            polygons += f"|layername={report['layers'][0]}"
        ids = (self._parameters[name] for name in ("BEFORE", "AFTER"))
        return Outcome(polygons, report, *ids, results.get("PROBABILITY"))

    def _open(self, outcome: Outcome) -> None:
        def open_files(_: QgsTask) -> list[QgsMapLayer]:
            layers = open_layers(outcome)
            for layer in layers:
                layer.moveToThread(QCoreApplication.instance().thread())
            return layers

        def finished(error: Exception | None, layers: list[QgsMapLayer] | None = None) -> None:
            if layers is None:
                self._finish(self.failed, str(error), "")
            else:
                self._finish(self.done, outcome, layers)

        self._set_text(tr("Opening the result…"))
        self._task = QgsTask.fromFunction(
            tr("Opening changes"), open_files, on_finished=finished, flags=QgsTask.Flag(0)
        )
        QgsApplication.taskManager().addTask(self._task)

    def _finish(self, signal: Any, *arguments: object) -> None:  # noqa: ANN401 - a bound signal
        _running.discard(self)
        signal.emit(*arguments)
