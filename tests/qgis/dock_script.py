"""Run inside a real QGIS Desktop by test_dock.py: the dock, clicked through; answers in JSON."""

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
ASKED = json.loads(os.environ["MTRS_GEO_TEST"])
LEFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier


def pause(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec() if hasattr(loop, "exec") else loop.exec_()


def until(is_so: Callable[[], bool], what: str, seconds: float = 1500) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(what)
        pause(0.05)


def picture(name: str) -> None:
    """Keep what the screen shows, popups and all."""
    pause(0.4)
    path = Path(ASKED["pictures"]) / f"{name}{ASKED['suffix']}.png"
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


class Pulse:
    """A 50 ms timer in the GUI thread, and by how much it was late at worst."""

    def __init__(self) -> None:
        self.late_s, self.beats, self._last = 0.0, 0, time.monotonic()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def __enter__(self) -> Pulse:
        self._last = time.monotonic()
        self._timer.start(50)
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.stop()

    def _beat(self) -> None:
        now = time.monotonic()
        self.late_s = max(self.late_s, now - self._last - 0.05)
        self.beats, self._last = self.beats + 1, now


def window() -> Any:
    """Load layers and plugin in a window of 1280 x 800, and open the dock by its button."""
    if ASKED["theme"]:
        QgsApplication.setUITheme(ASKED["theme"])
    main = iface.mainWindow()
    main.setWindowState(Qt.WindowState.WindowNoState)
    main.setGeometry(0, 0, 1280, 800)
    for year, path in ((2023, ASKED["after"]), (2016, ASKED["before"])):
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
    FACTS["opened"] = plugin.dock.isVisible()
    layers = main.findChild(QDockWidget, "Layers")
    main.resizeDocks([layers, plugin.dock], [320, 370], Qt.Orientation.Horizontal)
    canvas = iface.mapCanvas()
    pause(1)
    # As much of the place as fills the map.
    place, shape = iface.activeLayer().extent(), canvas.width() / canvas.height()
    width = min(place.width(), place.height() * shape)
    canvas.setExtent(QgsRectangle.fromCenterAndSize(place.center(), width, width / shape))
    iface.messageBar().clearWidgets()
    pause(1)
    return plugin.dock


def guess(dock: Any) -> None:
    FACTS["guessed"] = [layer.name() for layer in dock.pair.layers()]
    QTest.mouseClick(dock.pair.swap, LEFT)
    FACTS["swapped"] = [layer.name() for layer in dock.pair.layers()]
    QTest.mouseClick(dock.pair.swap, LEFT)


def type_query(dock: Any) -> None:
    """Type a sentence, take a completion, and read how it is understood."""
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
    until(lambda: "Understood" in dock.understood.text(), "the explanation")
    until(lambda: "…" not in dock.understood.text(), "the worker's explanation")
    picture("completion")
    QTest.keyClick(edit.completer.popup(), Qt.Key.Key_Escape)
    dock.query.set_text(ASKED["query"])
    until(lambda: dock.understood.text().count("<b>") == ASKED["query"].count("\n") + 1, "answers")
    FACTS["understood"] = dock.understood.text()
    iface.mapCanvas().setFocus()
    picture("dock")
    dock.options.setCollapsed(False)
    picture("options")
    dock.options.setCollapsed(True)


def run(dock: Any) -> None:
    """Run on the real worker, with the pulse of the window taken."""
    for number, extent in enumerate(ASKED["areas"]):
        dock.area.choose(extent)
        with Pulse() as pulse:
            QTest.mouseClick(dock.run, LEFT)
            until(lambda: dock.progress.value() > 0 or not dock.is_running(), "progress")
            if number == 0:
                FACTS["progress"] = dock.progress_text.text()
            until(lambda: not dock.is_running(), "the run")
        FACTS.setdefault("late_s", []).append(round(pulse.late_s, 3))
        FACTS.setdefault("beats", []).append(pulse.beats)
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
    picture("result")


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
    FACTS["clicked"] = dock.swipe.curtain is not None
    until(dock.swipe.curtain.is_ready, "both pictures")
    pause(1)
    picture("swipe")
    middle = QPoint(canvas.width() // 2, canvas.height() // 2)
    there = QPoint(canvas.width() // 4, canvas.height() // 2)
    QTest.mousePress(canvas.viewport(), LEFT, NONE, middle)
    QTest.mouseMove(canvas.viewport(), (middle + there) / 2)
    pause(0.05)
    QTest.mouseMove(canvas.viewport(), there)
    pause(0.05)
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, there)
    FACTS["dragged_to"] = dock.swipe.curtain.split
    picture("swipe_dragged")
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    FACTS["ended"] = dock.swipe.curtain is None and not dock.summary.compare.isChecked()


def settings() -> None:
    """Test the worker on the page of QGIS's own options."""

    def look() -> None:
        try:
            # QGIS 3.40 wraps a page in a scroll area of the same name.
            named = [p for p in QApplication.allWidgets() if p.objectName() == "mtrs_geo_options"]
            page = next(p for p in named if hasattr(p, "run_test"))
            page.run_test()
            until(page.test.isEnabled, "the test")
            FACTS["state"] = page.state.text()
            pause(0.4)
            path = Path(ASKED["pictures"]) / f"settings{ASKED['suffix']}.png"
            page.window().grab().save(str(path))
        finally:
            QApplication.activeModalWidget().reject()

    QTimer.singleShot(1500, look)
    iface.showOptionsDialog(iface.mainWindow(), "mtrs_geo_options")
    until(lambda: "state" in FACTS, "the settings")


def cancel(dock: Any) -> None:
    dock.area.choose("whole")
    dock.query.set_text("demolished buildings\nnew buildings")
    QTest.mouseClick(dock.run, LEFT)
    until(lambda: dock.progress.value() > 0, "progress")
    picture("running")
    began = time.monotonic()
    QTest.mouseClick(dock.cancel, LEFT)
    until(lambda: not dock.is_running(), "the end")
    FACTS["cancelled"] = dock.summary.text.text()
    FACTS["cancel_s"] = time.monotonic() - began


def kill_worker(dock: Any) -> None:
    """Kill the worker in the middle of a run: an error, and the next run works."""
    layers = len(QgsProject.instance().mapLayers())
    QTest.mouseClick(dock.run, LEFT)
    until(lambda: dock.progress.value() > 0, "progress")
    for pid in workers():
        os.kill(pid, signal.SIGKILL)
    until(lambda: not dock.is_running(), "the end")
    FACTS["killed"] = dock.summary.text.text()
    FACTS["nothing_added"] = len(QgsProject.instance().mapLayers()) == layers
    picture("worker_killed")
    QTest.mouseClick(dock.run, LEFT)
    until(lambda: not dock.is_running(), "the next run")
    FACTS["after_kill"] = dock.summary.text.text()


def unload(dock: Any) -> Any:
    """Unload the plugin in the middle of a run; load it again and return the new dock."""
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
    """Remove what the swipe shows."""
    dock.swipe.start()
    dock.swipe.open(dock.result, next(dock.result.getFeatures()))
    QgsProject.instance().removeMapLayer(dock.result.id())
    pause(0.5)
    FACTS["swipe_closed"] = dock.swipe.curtain is None
    dock.swipe.stop()


def die(dock: Any) -> None:
    """Leave a run behind and end QGIS as a crash would."""
    QTest.mouseClick(dock.run, LEFT)
    until(lambda: dock.progress.value() > 0, "progress")
    FACTS["left_behind"] = workers()


def main() -> None:
    try:
        dock = window()
        for part in (guess, type_query, run, swipe):
            part(dock)
        settings()
        if ASKED["whole"]:
            for part in (cancel, kill_worker, remove_layers):
                part(dock)
            die(unload(dock))
    except Exception:  # noqa: BLE001 - the test shows it
        FACTS["traceback"] = traceback.format_exc()
        picture("failed")
    Path(ASKED["answer"]).write_text(json.dumps(FACTS))
    os.kill(os.getpid(), signal.SIGKILL)


QTimer.singleShot(500, main)
