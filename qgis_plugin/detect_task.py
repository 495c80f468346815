"""The dock's run: the Processing algorithm ``mtrs_geo:detect`` as a task of QGIS."""

from __future__ import annotations

import json
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
)
from qgis.PyQt.QtCore import QObject, pyqtSignal

from .i18n import tr

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
        parameters: of the algorithm.
    """

    progressed = pyqtSignal(float, str)
    """Percent, negative while it is unknown, and what is being done."""
    done = pyqtSignal(dict)
    """Outputs of the algorithm, REPORT as a dictionary."""
    failed = pyqtSignal(str)
    cancelled = pyqtSignal()

    def __init__(self, parameters: dict[str, Any]) -> None:
        super().__init__()
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
        _running.discard(self)
        if went_well and results.get("REPORT"):
            self.done.emit({**results, "REPORT": json.loads(results["REPORT"])})
        elif self._feedback.isCanceled() and not self._feedback.errors:
            self.cancelled.emit()
        else:
            problem = "\n".join(dict.fromkeys(self._feedback.errors))
            self.failed.emit(problem or tr("The run failed; the log of messages may say why."))
