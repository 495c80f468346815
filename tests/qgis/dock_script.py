"""Script of test_dock.py inside QGIS Desktop: uses the dock; writes its results as JSON."""

from __future__ import annotations

import json
import os
import signal
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qgis import utils
from qgis.core import QgsApplication, QgsProject, QgsRasterLayer, QgsRectangle
from qgis.PyQt.QtCore import QEventLoop, QPoint, Qt, QTimer
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QDockWidget
from qgis.utils import iface

FACTS: dict[str, Any] = {}
REQUEST = json.loads(os.environ["MTRS_GEO_TEST"])
LEFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier


def pause(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec() if hasattr(loop, "exec") else loop.exec_()


def until(condition: Callable[[], bool], what: str, seconds: float = 1500) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(what)
        pause(0.05)


def screenshot(name: str) -> None:
    """Save a screenshot of the whole screen."""
    pause(0.4)
    path = Path(REQUEST["pictures"]) / f"{name}{REQUEST['suffix']}.png"
    QApplication.primaryScreen().grabWindow(0).save(str(path))


def workers() -> list[int]:
    """Return the worker processes that this QGIS started."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = (path / "stat").read_text().rpartition(")")[2].split()[1]
            command = (path / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == str(os.getpid()) and b"mtrs_geo.worker" in command:
            found.append(int(path.name))
    return found


class DelayTimer:
    """A 50 ms timer in the GUI thread, and its largest delay."""

    def __init__(self) -> None:
        self.max_delay_s, self.ticks, self._last = 0.0, 0, time.monotonic()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def __enter__(self) -> DelayTimer:
        self._last = time.monotonic()
        self._timer.start(50)
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.stop()

    def _tick(self) -> None:
        now = time.monotonic()
        self.max_delay_s = max(self.max_delay_s, now - self._last - 0.05)
        self.ticks, self._last = self.ticks + 1, now


def window() -> Any:
    """Load layers and plugin in a window of 1280 x 800 pixels, and open the dock."""
    if REQUEST["theme"]:
        QgsApplication.setUITheme(REQUEST["theme"])
    main = iface.mainWindow()
    main.setWindowState(Qt.WindowState.WindowNoState)
    main.setGeometry(0, 0, 1280, 800)
    for year, path in ((2023, REQUEST["after"]), (2016, REQUEST["before"])):
        layer = QgsProject.instance().addMapLayer(QgsRasterLayer(path, f"aerial {year}"))
        QgsProject.instance().layerTreeRoot().findLayer(layer.id()).setExpanded(False)
    for panel in main.findChildren(QDockWidget):
        panel.setVisible(panel.objectName() == "Layers")
    utils.updateAvailablePlugins()
    FACTS["loaded"] = utils.loadPlugin("mtrs_geo_qgis") and utils.startPlugin("mtrs_geo_qgis")
    plugin = utils.plugins["mtrs_geo_qgis"]
    FACTS["closed_at_start"] = plugin.dock is None and not plugin.action.isChecked()
    FACTS["in_menu"] = any(
        plugin.action in menu.menu().actions()
        for menu in iface.rasterMenu().actions()
        if menu.menu() is not None
    )
    plugin.action.trigger()
    plugin.dock.options.model.setEditText(REQUEST["model"])
    plugin.dock.options.threshold.setValue(REQUEST["threshold"])
    FACTS["opened"] = plugin.dock.isVisible()
    layers = main.findChild(QDockWidget, "Layers")
    main.resizeDocks([layers, plugin.dock], [320, 370], Qt.Orientation.Horizontal)
    canvas = iface.mapCanvas()
    pause(1)
    # The largest part of the extent that fills the map.
    extent, aspect_ratio = iface.activeLayer().extent(), canvas.width() / canvas.height()
    width = min(extent.width(), extent.height() * aspect_ratio)
    canvas.setExtent(QgsRectangle.fromCenterAndSize(extent.center(), width, width / aspect_ratio))
    iface.messageBar().clearWidgets()
    pause(1)
    return plugin.dock


def guess(dock: Any) -> None:
    FACTS["guessed"] = [layer.name() for layer in dock.pair.layers()]
    QTest.mouseClick(dock.pair.swap, LEFT)
    FACTS["swapped"] = [layer.name() for layer in dock.pair.layers()]
    QTest.mouseClick(dock.pair.swap, LEFT)


def type_query(dock: Any) -> None:
    """Type a sentence, accept a completion, and read the query preview."""
    edit = dock.query.edit
    edit.setFocus()
    QTest.keyClicks(edit, "new bui")
    until(edit.completer.popup().isVisible, "the completion")
    FACTS["offered"] = edit.completer.completionModel().index(0, 0).data()
    QTest.keyClick(edit.completer.popup(), Qt.Key.Key_Down)
    QTest.keyClick(edit.completer.popup(), Qt.Key.Key_Return)
    QTest.keyClicks(edit, " in the n")
    until(edit.completer.popup().isVisible, "the completion of a rule")
    FACTS["completed"] = edit.toPlainText()
    until(lambda: "Understood" in dock.query_preview.text(), "the explanation")
    until(lambda: "…" not in dock.query_preview.text(), "the worker's explanation")
    screenshot("completion")
    QTest.keyClick(edit.completer.popup(), Qt.Key.Key_Escape)
    dock.query.set_text(REQUEST["query"])
    count = REQUEST["query"].count("\n") + 1
    until(lambda: dock.query_preview.text().count("<b>") == count, "the explanations")
    FACTS["query_preview"] = dock.query_preview.text()
    iface.mapCanvas().setFocus()
    screenshot("dock")
    dock.options.setCollapsed(False)
    screenshot("options")
    dock.options.setCollapsed(True)


def run(dock: Any) -> None:
    """Run on the real worker and measure the delays of the window."""
    for number, area in enumerate(REQUEST["areas"]):
        dock.area.choose(area)
        with DelayTimer() as delay:
            QTest.mouseClick(dock.run, LEFT)
            until(lambda: dock.progress.value() > 0 or not dock.is_running(), "progress")
            if number == 0:
                FACTS["progress"] = dock.progress_text.text()
            until(lambda: not dock.is_running(), "the run")
        FACTS.setdefault("max_delay_s", []).append(round(delay.max_delay_s, 3))
        FACTS.setdefault("ticks", []).append(delay.ticks)
    FACTS["summary"] = dock.summary.text.text()
    layer = dock.result
    group = QgsProject.instance().layerTreeRoot().children()[0]
    FACTS["group"] = [group.name(), [node.name() for node in group.children()]]
    FACTS["categories"] = [c.value() for c in layer.renderer().categories()]
    FACTS["counts"] = json.loads(layer.customProperty("mtrs_geo/report"))["counts"]
    FACTS["abstract"] = layer.metadata().abstract()
    FACTS["history"] = list(layer.metadata().history())
    FACTS["labels"] = layer.labelsEnabled()
    until(lambda: not iface.mapCanvas().isDrawing(), "the map")
    iface.messageBar().clearWidgets()
    screenshot("result")


def swipe(dock: Any) -> None:
    """Click a polygon, drag the line, end with Esc."""
    canvas = iface.mapCanvas()
    QTest.mouseClick(dock.summary.compare, LEFT)
    FACTS["swiping"] = canvas.mapTool() is dock.swipe
    middle = canvas.extent().center()
    found = min(
        dock.result.getFeatures(),
        key=lambda one: one.geometry().centroid().asPoint().sqrDist(middle),
    )
    inside = dock.swipe.toCanvasCoordinates(found.geometry().pointOnSurface().asPoint())
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, inside)
    FACTS["clicked"] = dock.swipe.item is not None
    until(dock.swipe.item.is_ready, "both rendered sides")
    pause(1)
    screenshot("swipe")
    middle = QPoint(canvas.width() // 2, canvas.height() // 2)
    target = QPoint(canvas.width() // 4, canvas.height() // 2)
    QTest.mousePress(canvas.viewport(), LEFT, NONE, middle)
    QTest.mouseMove(canvas.viewport(), (middle + target) / 2)
    pause(0.05)
    QTest.mouseMove(canvas.viewport(), target)
    pause(0.05)
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, target)
    FACTS["dragged_to"] = dock.swipe.item.split
    screenshot("swipe_dragged")
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    FACTS["ended"] = dock.swipe.item is None and not dock.summary.compare.isChecked()


def settings() -> None:
    """Test the worker on the options page of QGIS; a variant only shows the page."""

    def test_page() -> None:
        try:
            # QGIS 3.40 wraps a page in a scroll area of the same name.
            named = [p for p in QApplication.allWidgets() if p.objectName() == "mtrs_geo_options"]
            page = next(p for p in named if hasattr(p, "run_test"))
            if REQUEST["whole"]:
                page.run_test()
                until(page.test.isEnabled, "the test")
            FACTS["state"] = page.state.text()
            pause(0.4)
            path = Path(REQUEST["pictures"]) / f"settings{REQUEST['suffix']}.png"
            page.window().grab().save(str(path))
        finally:
            QApplication.activeModalWidget().reject()

    QTimer.singleShot(1500, test_page)
    iface.showOptionsDialog(iface.mainWindow(), "mtrs_geo_options")
    until(lambda: "state" in FACTS, "the settings")


def cancel(dock: Any) -> None:
    dock.area.choose("whole")
    dock.query.set_text("demolished buildings\nnew buildings")
    QTest.mouseClick(dock.run, LEFT)
    until(lambda: dock.progress.value() > 0, "progress")
    screenshot("running")
    began = time.monotonic()
    QTest.mouseClick(dock.cancel, LEFT)
    until(lambda: not dock.is_running(), "the end")
    FACTS["cancelled"] = dock.summary.text.text()
    FACTS["cancel_s"] = time.monotonic() - began
    FACTS["resume_offered"] = dock.summary.resume.isVisible()
    screenshot("cancelled")
    QTest.mouseClick(dock.summary.resume, LEFT)
    until(lambda: not dock.is_running(), "the resumed run")
    FACTS["resumed"] = dock.summary.text.text()
    FACTS["resume_gone"] = not dock.summary.resume.isVisible()


def kill_worker(dock: Any) -> None:
    """Kill the worker during a run; then run again."""
    layers = len(QgsProject.instance().mapLayers())
    QTest.mouseClick(dock.run, LEFT)
    until(lambda: dock.progress.value() > 0, "progress")
    for pid in workers():
        os.kill(pid, signal.SIGKILL)
    until(lambda: not dock.is_running(), "the end")
    FACTS["killed"] = dock.summary.text.text()
    FACTS["nothing_added"] = len(QgsProject.instance().mapLayers()) == layers
    screenshot("worker_killed")
    QTest.mouseClick(dock.run, LEFT)
    until(lambda: not dock.is_running(), "the next run")
    FACTS["after_kill"] = dock.summary.text.text()


def unload(dock: Any) -> Any:
    """Unload the plugin during a run; load it again and return the new dock."""
    QTest.mouseClick(dock.run, LEFT)
    until(lambda: dock.progress.value() > 0, "progress")
    utils.unloadPlugin("mtrs_geo_qgis")
    until(lambda: not workers(), "the worker's end")
    until(lambda: QgsApplication.taskManager().countActiveTasks() == 0, "the task's end")
    pause(1)
    FACTS["unloaded"] = QgsApplication.processingRegistry().providerById("mtrs_geo") is None
    utils.loadPlugin("mtrs_geo_qgis")
    utils.startPlugin("mtrs_geo_qgis")
    plugin = utils.plugins["mtrs_geo_qgis"]
    plugin.action.trigger()
    return plugin.dock


def remove_layers(dock: Any) -> None:
    """Remove the result layer while the swipe tool shows it."""
    dock.swipe.start()
    dock.swipe.open(dock.result, next(dock.result.getFeatures()))
    QgsProject.instance().removeMapLayer(dock.result.id())
    pause(0.5)
    FACTS["swipe_closed"] = dock.swipe.item is None
    dock.swipe.stop()


def kill_qgis(dock: Any) -> None:
    """Start a run; the caller then kills QGIS."""
    QTest.mouseClick(dock.run, LEFT)
    until(lambda: dock.progress.value() > 0, "progress")
    FACTS["left_behind"] = workers()


def main() -> None:
    try:
        dock = window()
        for step in (guess, type_query, run, swipe):
            step(dock)
        settings()
        if REQUEST["whole"]:
            for step in (cancel, kill_worker, remove_layers):
                step(dock)
            kill_qgis(unload(dock))
    except Exception:  # noqa: BLE001 - the test reports it
        FACTS["traceback"] = traceback.format_exc()
        screenshot("failed")
    Path(REQUEST["answer"]).write_text(json.dumps(FACTS))
    os.kill(os.getpid(), signal.SIGKILL)


QTimer.singleShot(500, main)
