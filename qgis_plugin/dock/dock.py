"""The dock widget: two layers and a sentence in, a styled layer of changes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import QgsMapLayer, QgsProject, QgsVectorLayer
from qgis.gui import QgsDockWidget
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ..ground_size import pixel_size_m
from ..i18n.translate import tr
from ..results.results import Outcome, add_to_project, results_in
from ..results.swipe import SwipeTool
from ..sentences.question import is_answered
from ..widgets.narrow import scrolled
from .area_box import LAYER, AreaBox
from .detect_task import DetectTask
from .layer_pair import LayerPair
from .options_box import OptionsBox
from .query_box import QueryBox, add_to_history
from .query_preview import QueryPreview
from .summary import SummaryCard
from .theme import theme_icon

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

__all__ = ["ChangeDock"]

_MIN_WIDTH_PX = 260
_LAYOUT_MS = 50

_BUTTON = """
QPushButton#mtrs_geo_run { background: #d9622b; color: white; border: 1px solid #b94f1f;
  border-radius: 5px; padding: 7px 14px; font-weight: 600; }
QPushButton#mtrs_geo_run:hover { background: #e8743b; }
QPushButton#mtrs_geo_run:pressed { background: #b94f1f; }
QPushButton#mtrs_geo_run:disabled { background: rgba(128, 128, 128, 60);
  color: rgba(128, 128, 128, 220); border-color: rgba(128, 128, 128, 90); }
"""


class ChangeDock(QgsDockWidget):
    """Collects the input, runs the detection and shows the result.

    Args:
        iface: the QGIS interface.
    """

    def __init__(self, iface: QgisInterface) -> None:
        super().__init__(tr("Detect changes"), iface.mainWindow())
        self.setObjectName("mtrs_geo_dock")
        self.setAllowedAreas(
            Qt.DockWidgetArea.LeftDockWidgetArea | Qt.DockWidgetArea.RightDockWidgetArea
        )
        self._iface = iface
        self._task: DetectTask | None = None
        self._kept: DetectTask | None = None
        self._is_project_closed = False
        self._result_id = ""
        self.pair = LayerPair()
        self.query = QueryBox()
        self.query_preview = QueryPreview()
        self.area = AreaBox(iface.mapCanvas())
        self.options = OptionsBox()
        self.run = QPushButton(tr("Detect changes"))
        self.run.setObjectName("mtrs_geo_run")
        self.run.setToolTip(tr("Shortcut in the sentence field: Ctrl+Enter"))
        self.run.setStyleSheet(_BUTTON)
        self.cancel = QPushButton(theme_icon("/mTaskCancel.svg"), tr("Cancel"))
        self.progress = QProgressBar()
        self.progress_text = QLabel()
        self.progress_text.setWordWrap(True)
        self.summary = SummaryCard()
        self.swipe = SwipeTool(iface.mapCanvas())
        # The summary has its height only after the layout.
        self._scroll_timer = QTimer(self)
        self._scroll_timer.setSingleShot(True)
        self._scroll_timer.setInterval(_LAYOUT_MS)
        self._scroll_timer.timeout.connect(self._show_summary)
        self._build_layout()
        self._connect()
        self.query_preview.set_query("")
        self._update_preview()
        self._update_run_button()
        self._on_project_read()

    @property
    def result(self) -> QgsVectorLayer | None:
        """The polygons of the last run, or the newest of a project that was opened; else None."""
        return QgsProject.instance().mapLayer(self._result_id)

    def start(self) -> None:
        """Run the algorithm with the current input."""
        if self._task is not None or not self.run.isEnabled():
            return
        before, after = self.pair.layers()
        text = self.query.text()
        add_to_history(text)
        parameters = {"BEFORE": before.id(), "AFTER": after.id(), "QUERY": text}
        parameters.update(self.options.parameters())
        parameters.update(self.area.parameters())
        self._forget()
        self._start(DetectTask(parameters))

    def resume(self) -> None:
        """Go on with the run that ended before its result."""
        if self._task is None and self._kept is not None:
            kept, self._kept = self._kept, None
            self._start(kept.resumed())

    def _start(self, task: DetectTask) -> None:
        self.summary.hide()
        self._task = task
        self._is_project_closed = False
        self._task.progressed.connect(self._show_progress)
        self._task.done.connect(self._on_done)
        self._task.failed.connect(self._on_failed)
        self._task.cancelled.connect(self._on_cancelled)
        self._set_running(True)
        self._task.start()

    def stop(self) -> None:
        """Cancel the run."""
        if self._task is not None:
            self.cancel.setEnabled(False)
            self._task.cancel()

    def is_running(self) -> bool:
        """Return whether a run is active."""
        return self._task is not None

    def close(self) -> bool:
        """Cancel the run and disconnect from map and project; `Plugin.unload` calls this."""
        if self._task is not None:
            self._task.blockSignals(True)
            self._task.cancel()
        self._forget()
        QgsProject.instance().layersRemoved.disconnect(self._on_layers_removed)
        QgsProject.instance().cleared.disconnect(self._on_project_cleared)
        QgsProject.instance().readProject.disconnect(self._on_project_read)
        self.swipe.clear()
        self.area.clear()
        self.pair.clear()
        return super().close()

    def _build_layout(self) -> None:
        self.progress.setTextVisible(False)
        self.progress.setMaximumHeight(10)
        self._running = QFrame()
        row = QHBoxLayout()
        row.addWidget(self.progress, 1)
        row.addWidget(self.cancel)
        box = QVBoxLayout(self._running)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(row)
        box.addWidget(self.progress_text)
        self._running.hide()
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(10, 10, 10, 10)
        column.setSpacing(9)
        area_title = QLabel(tr("Area of interest"))
        area_title.setWordWrap(True)
        font = area_title.font()
        font.setBold(True)
        area_title.setFont(font)
        for widget in (
            self.pair, self.query, self.query_preview, area_title, self.area, self.options,
            self.run, self._running, self.summary,
        ):  # fmt: skip
            column.addWidget(widget)
        column.addStretch(1)
        self._scroll = scrolled(inner)
        self._scroll.setMinimumWidth(_MIN_WIDTH_PX)
        self.setWidget(self._scroll)

    def _connect(self) -> None:
        self.pair.changed.connect(self._update_run_button)
        self.pair.changed.connect(self._update_preview)
        self.options.model_changed.connect(self._update_preview)
        self.area.changed.connect(self._update_run_button)
        self.query.changed.connect(lambda: self.query_preview.set_query(self.query.text()))
        self.query.submitted.connect(self.start)
        self.run.clicked.connect(self.start)
        self.cancel.clicked.connect(self.stop)
        self.summary.zoom_requested.connect(self._zoom)
        self.summary.settings_requested.connect(self._open_settings)
        self.summary.resume_requested.connect(self.resume)
        self.summary.compare.toggled.connect(self._compare)
        self.swipe.deactivated.connect(lambda: self.summary.compare.setChecked(False))
        QgsProject.instance().layersRemoved.connect(self._on_layers_removed)
        QgsProject.instance().cleared.connect(self._on_project_cleared)
        QgsProject.instance().readProject.connect(self._on_project_read)

    def _update_run_button(self) -> None:
        """Enable the run button if the input is complete, else show the reason in its tooltip."""
        before, after = self.pair.layers()
        if before is None or after is None:
            missing = tr("Choose two raster layers of the same place.")
        elif before.id() == after.id():
            missing = tr("Before and after are the same layer. Choose two different layers.")
        elif not self.area.is_ready():
            is_layer = self.area.choice.currentData() == LAYER
            missing = tr("Choose a layer.") if is_layer else ""
            missing = missing or tr("Draw a rectangle, or choose another area.")
        else:
            missing = ""
        self.run.setEnabled(not missing and self._task is None)
        self.run.setToolTip(missing or tr("Shortcut in the sentence field: Ctrl+Enter"))

    def _update_preview(self) -> None:
        """Explain the sentences for the model and the pixels of the run."""
        after = self.pair.layers()[1]
        gsd_m = None if after is None else pixel_size_m(after)
        self.query_preview.set_params(
            {
                "model": self.options.model_name(),
                "answer_anyway": self.options.answer_anyway.isChecked(),
                "gsd_m": gsd_m and round(gsd_m, 3),
            }
        )

    def _set_running(self, is_running: bool) -> None:
        self.run.setVisible(not is_running)
        self._running.setVisible(is_running)
        self.cancel.setEnabled(is_running)

    def _show_progress(self, percent: float, text: str) -> None:
        self.progress.setRange(0, 0 if percent < 0 else 1000)
        if percent >= 0:
            self.progress.setValue(round(10 * percent))
        self.progress_text.setText(text)

    def _on_done(self, outcome: Outcome, layers: list[QgsMapLayer]) -> None:
        self._end_run()
        if self._is_project_closed:
            file = outcome.polygons.partition("|")[0]
            text = tr("The project was closed during the run. The polygons are in {}.")
            self.summary.show_note(text.format(file))
            return
        project, report = QgsProject.instance(), outcome.report
        can_compare = project.mapLayer(outcome.before_id) and project.mapLayer(outcome.after_id)
        if not can_compare:
            msg = tr("An input layer was removed during the run: the dates cannot be compared.")
            report = {**report, "warnings": [msg, *report["warnings"]]}
        questions = report.get("questions", ())
        if not questions or any(map(is_answered, questions)):
            self._result_id = add_to_project(outcome, layers, project).id()
        self.summary.show_result(report)
        if not can_compare:
            self.summary.compare.hide()

    def _on_failed(self, text: str, code: str) -> None:
        is_kept = self._keep()
        self._end_run()
        self.summary.show_problem(text, code, is_kept)

    def _on_cancelled(self) -> None:
        is_kept = self._keep()
        self._end_run()
        note = tr("The run was cancelled. What was done is kept.")
        self.summary.show_note(note if is_kept else tr("The run was cancelled."), is_kept)

    def _keep(self) -> bool:
        """Remember the run that ends, and return whether it can go on.

        The run of a project that was closed cannot: its layers are gone.
        """
        self._kept = self._task if self._task is not None and self._task.is_kept else None
        if self._is_project_closed:
            self._forget()
        return self._kept is not None

    def _forget(self) -> None:
        """Remove what is kept of a run that did not end, because it will not go on."""
        if self._kept is not None:
            self._kept.forget()
        self._kept = None

    def _end_run(self) -> None:
        self._task = None
        self._set_running(False)
        self._update_run_button()
        self._scroll_timer.start()

    def _show_summary(self) -> None:
        """Scroll to the summary, with its top in view."""
        card, bar = self.summary.geometry(), self._scroll.verticalScrollBar()
        needed = min(card.top(), card.bottom() - self._scroll.viewport().height())
        if self.summary.isVisible() and bar.value() < needed:
            bar.setValue(needed)

    def _zoom(self) -> None:
        result = self.result
        if result is not None:
            self._iface.setActiveLayer(result)
            self._iface.zoomToActiveLayer()

    def _on_layers_removed(self, ids: list[str]) -> None:
        if self._result_id in ids:
            self._result_id = ""
            self.summary.release_result()

    def _on_project_cleared(self) -> None:
        """Cancel the run and hide the result of the project that was closed."""
        self._is_project_closed = self._task is not None
        self.stop()
        self._forget()
        self.summary.hide()

    def _on_project_read(self, *_: object) -> None:
        """Offer to compare the results that an opened project has."""
        found = results_in(QgsProject.instance())
        if found and self._task is None:
            self._result_id = found[0].id()
            self.summary.show_earlier()

    def _compare(self, is_on: bool) -> None:
        if is_on:
            self.swipe.start()
        else:
            self.swipe.stop()

    def _open_settings(self) -> None:
        self._iface.showOptionsDialog(self._iface.mainWindow(), "mtrs_geo_options")
