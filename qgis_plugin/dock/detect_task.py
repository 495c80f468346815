"""The dock's run: the Processing algorithm ``mtrs_geo:detect`` as a task of QGIS.

A second task opens what was found: opening a file may take long on a busy disk, and the
window is not to wait for it.
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
from qgis.PyQt.QtCore import QCoreApplication, QObject, pyqtSignal

from ..i18n.translate import tr
from ..results.results import Outcome, open_layers

__all__ = ["DetectTask"]


_running: set[DetectTask] = set()
"""Runs that are not over: QGIS's task uses what they own, also when the dock is gone."""


class _Feedback(QgsProcessingFeedback):
    """Passes on what the algorithm says, and keeps its errors."""

    said = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__(False)
        self.errors: list[str] = []

    def setProgressText(self, text: str) -> None:
        super().setProgressText(text)
        self.said.emit(text)

    def reportError(self, error: str, fatalError: bool = False) -> None:  # noqa: N803 - QGIS's
        super().reportError(error, fatalError)
        self.errors.append(error)


class DetectTask(QObject):
    """One run; each ends with one of ``done``, ``failed`` and ``cancelled``.

    Args:
        parameters: of the algorithm; BEFORE and AFTER as ids of layers.
    """

    progressed = pyqtSignal(float, str)
    """Percent, negative while it is unknown, and what is being done."""
    done = pyqtSignal(object, list)
    """An `Outcome`, and its layers for the project."""
    failed = pyqtSignal(str)
    cancelled = pyqtSignal()

    def __init__(self, parameters: dict[str, Any]) -> None:
        super().__init__()
        self._parameters = parameters
        self._context = QgsProcessingContext()
        self._context.setProject(QgsProject.instance())
        self._feedback = _Feedback()
        self._feedback.said.connect(self._say)
        self._feedback.progressChanged.connect(self._move)
        self._percent, self._text = -1.0, tr("Starting the worker…")
        self._algorithm = QgsApplication.processingRegistry().createAlgorithmById("mtrs_geo:detect")
        self._task = QgsProcessingAlgRunnerTask(
            self._algorithm, parameters, self._context, self._feedback
        )
        self._task.executed.connect(self._executed)

    def start(self) -> None:
        """Begin in the background."""
        _running.add(self)
        self.progressed.emit(self._percent, self._text)
        QgsApplication.taskManager().addTask(self._task)

    def cancel(self) -> None:
        """Ask the worker to stop; ``cancelled`` tells of it."""
        self._feedback.cancel()
        self._say(tr("Stopping…"))

    def _say(self, text: str) -> None:
        self._text = text
        self.progressed.emit(self._percent, text)

    def _move(self, percent: float) -> None:
        self._percent = percent
        self.progressed.emit(percent, self._text)

    def _executed(self, went_well: bool, results: dict[str, Any]) -> None:
        if went_well and results.get("REPORT"):
            self._open(self._outcome(results))
        elif self._feedback.isCanceled() and not self._feedback.errors:
            self._end(self.cancelled)
        else:
            problem = "\n".join(dict.fromkeys(self._feedback.errors))
            said = problem or tr("The run failed; the log of messages may say why.")
            self._end(self.failed, said)

    def _outcome(self, results: dict[str, Any]) -> Outcome:
        report = json.loads(results["REPORT"])
        polygons = results["OUTPUT"]
        if polygons == report["output"]:
            polygons += f"|layername={report['layers'][0]}"
        ids = (self._parameters[name] for name in ("BEFORE", "AFTER"))
        return Outcome(polygons, report, *ids, results.get("PROBABILITY"))

    def _open(self, outcome: Outcome) -> None:
        def opened(_: QgsTask) -> list[QgsMapLayer]:
            layers = open_layers(outcome)
            for layer in layers:
                layer.moveToThread(QCoreApplication.instance().thread())
            return layers

        def finished(error: Exception | None, layers: list[QgsMapLayer] | None = None) -> None:
            if layers is None:
                self._end(self.failed, str(error))
            else:
                self._end(self.done, outcome, layers)

        self._say(tr("Opening the result…"))
        self._task = QgsTask.fromFunction(
            tr("Opening changes"), opened, on_finished=finished, flags=QgsTask.Flag(0)
        )
        QgsApplication.taskManager().addTask(self._task)

    def _end(self, signal: Any, *facts: object) -> None:  # noqa: ANN401 - a bound signal
        _running.discard(self)
        signal.emit(*facts)
