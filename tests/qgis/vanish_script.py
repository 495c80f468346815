"""Script of test_vanish.py inside QGIS Desktop: layers, groups, files and projects that vanish."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qgis import utils
from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication
from qgis.utils import iface

FACTS: dict[str, Any] = {}
REQUEST = json.loads(os.environ["MTRS_GEO_TEST"])
FOLDER = Path(REQUEST["folder"])
PROJECT = QgsProject.instance()


def record(kind: Any, error: Any, trace: Any, *_: Any, **__: Any) -> None:
    """Record an exception in a slot instead of showing the dialog of QGIS."""
    FACTS.setdefault("slots", []).append("".join(traceback.format_exception(kind, error, trace)))


def until(condition: Callable[[], bool], what: str, seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(what)
        QTest.qWait(50)


def add_pair() -> list[QgsRasterLayer]:
    layers = [QgsRasterLayer(REQUEST[name], name) for name in ("after", "before")]
    PROJECT.addMapLayers(layers)
    QTest.qWait(200)
    return layers


def start(dock: Any, query: str = "new buildings") -> None:
    dock.query.set_text(query)
    dock.start()


def end(dock: Any) -> list[Any]:
    """Wait for the end of the run; return the first line of the card and what is in the project."""
    until(lambda: not dock.is_running(), "the run")
    QTest.qWait(200)
    shown = dock.summary.text.toPlainText().splitlines() if dock.summary.isVisible() else [""]
    return [shown[0], dock.result is not None, len(PROJECT.mapLayers())]


def use(dock: Any, review: Any) -> None:
    """Use everything that knows the result."""
    dock._zoom()
    for _ in range(2):
        dock.summary.compare.click()
    iface.mapCanvas().refresh()
    review.open()
    review.accept()
    QTest.qWait(200)


def while_running(dock: Any, review: Any) -> None:
    """Remove one input, all layers, or the project while a run is active."""
    for case in ("one", "all", "project"):
        layers = add_pair()
        start(dock)
        running = dock.is_running()
        if case == "one":
            PROJECT.removeMapLayer(layers[0].id())
        elif case == "all":
            PROJECT.removeAllMapLayers()
        else:
            iface.newProject(False)
            add_pair()
        FACTS[case] = [running, *end(dock)]
        FACTS[f"{case}: said"] = [
            "An input layer was removed" in dock.summary.text.toPlainText(),
            dock.summary.compare.isVisible(),
        ]
        use(dock, review)
        PROJECT.clear()
        QTest.qWait(200)


def closed_at_the_end(dock: Any, review: Any) -> None:
    """Close the project when the worker has written the result, which is then opened."""
    add_pair()
    dock.options.output.setFilePath(str(FOLDER / "written.gpkg"))
    start(dock)
    task = dock._task  # the dock forgets it when the run has ended
    outcomes: list[Any] = []
    task.done.disconnect(dock._on_done)
    task.done.connect(lambda *done: outcomes.append(done))
    until(lambda: bool(outcomes), "the layers")
    iface.newProject(False)
    dock._on_done(*outcomes[0])
    FACTS["closed at the end"] = end(dock)
    dock.options.output.setFilePath("")


def before_the_run(dock: Any, review: Any) -> None:
    """Remove an input after its sentence was explained."""
    layers = add_pair()
    dock.query.set_text("new buildings")
    until(lambda: "buildings" in dock.query_preview.text(), "the explanation")
    PROJECT.removeMapLayer(layers[0].id())
    dock.start()
    FACTS["before the run"] = [dock.is_running(), dock.run.isEnabled()]
    PROJECT.clear()


def result_vanishes(dock: Any, review: Any) -> None:
    """Remove the group of a result; delete the file of another, and rename a layer."""
    layers = add_pair()
    start(dock)
    FACTS["found"] = end(dock)
    group = PROJECT.layerTreeRoot().children()[0]
    PROJECT.layerTreeRoot().removeChildNode(group)
    QTest.qWait(300)
    FACTS["group"] = [dock.result is not None, dock.summary.zoom.isVisible()]
    use(dock, review)

    dock.options.output.setFilePath(str(FOLDER / "kept.gpkg"))
    start(dock)
    end(dock)
    dock.result.setName("renamed by hand")
    layers[1].setName("survey of 1999-05")
    QTest.qWait(200)
    label = dock.pair._dates[0].text()
    FACTS["renamed"] = ["1999-05" in label, dock.summary.zoom.isVisible()]
    path = str(FOLDER / "project.qgz")
    PROJECT.write(path)
    for file in FOLDER.glob("kept.gpkg*"):
        file.unlink()
    use(dock, review)
    FACTS["deleted"] = dock.result is not None

    def close_dialog() -> None:
        dialog = QApplication.activeModalWidget()
        if dialog is not None:
            dialog.reject()
        elif not opened:
            QTimer.singleShot(300, close_dialog)

    opened: list[bool] = []
    QTimer.singleShot(300, close_dialog)
    iface.newProject(False)
    iface.addProject(path)
    opened.append(True)
    QTest.qWait(500)
    result = next(iter(PROJECT.mapLayersByName("renamed by hand")), None)
    if result is not None:
        iface.setActiveLayer(result)
        dock.area.choose("layer")
        dock.area.layer.setLayer(result)
    use(dock, review)
    dock.area.choose("whole")
    FACTS["reopened"] = [layer and layer.name() for layer in dock.pair.layers()]
    dock.options.output.setFilePath("")
    iface.newProject(False)


def kept_runs(dock: Any, review: Any) -> None:
    """Close the project during a run, and go on with a run whose layer was removed."""

    def start_kept() -> list[QgsRasterLayer]:
        layers = add_pair()
        start(dock)
        # As a run that is stopped after some of its tiles.
        dock._task._feedback.setProperty("mtrs_geo_kept", str(FOLDER / "any.gpkg"))
        return layers

    start_kept()
    iface.newProject(False)
    FACTS["closed"] = [end(dock)[0], dock.summary.resume.isVisible()]
    layers = start_kept()
    dock.stop()
    head = end(dock)[0]
    offered = dock.summary.resume.isVisible()
    PROJECT.removeMapLayer(layers[0].id())
    dock.summary.resume.click()
    FACTS["gone"] = [head, offered, end(dock)[0]]
    iface.newProject(False)


def area_vanishes(dock: Any, review: Any) -> None:
    """Remove the layer of the area; then close the project."""
    layers = add_pair()
    area = PROJECT.addMapLayer(QgsRasterLayer(REQUEST["before"], "area"))
    dock.area.choose("layer")
    dock.area.layer.setLayer(area)
    FACTS["area"] = [dock.run.isEnabled()]
    PROJECT.removeMapLayer(area.id())
    QTest.qWait(200)
    FACTS["area"] += [dock.run.isEnabled(), dock.run.toolTip(), dock.area.layer.currentText()]
    dock.area.layer.setLayer(layers[0])
    iface.newProject(False)
    FACTS["area"] += [dock.area.choice.currentData(), dock.area.layer.currentText()]


def refused(dock: Any, review: Any) -> None:
    """Ask what the model does not answer: no layer is added, and the card says why."""
    add_pair()
    dock.options.model.setEditText("tiny")
    start(dock, "hello")
    FACTS["refused"] = end(dock)
    iface.newProject(False)


def main() -> None:
    sys.excepthook = record
    utils.showException = record
    try:
        utils.updateAvailablePlugins()
        utils.loadPlugin("mtrs_geo_qgis")
        utils.startPlugin("mtrs_geo_qgis")
        plugin = utils.plugins["mtrs_geo_qgis"]
        plugin.action.trigger()
        plugin.dock.options.model.setEditText("brightness")
        plugin.dock.options.threshold.setValue(0.25)
        for step in (
            while_running, closed_at_the_end, before_the_run, kept_runs, area_vanishes,
            result_vanishes, refused,
        ):  # fmt: skip
            sys.stderr.write(f"{step.__name__}\n")  # shows the step in which the script hangs
            sys.stderr.flush()
            step(plugin.dock, plugin.review)
        utils.unloadPlugin("mtrs_geo_qgis")
    except Exception:  # noqa: BLE001 - the test reports it
        FACTS["traceback"] = traceback.format_exc()
    shutil.rmtree(FOLDER, ignore_errors=True)
    Path(REQUEST["answer"]).write_text(json.dumps(FACTS, default=str))
    os._exit(0)


QTimer.singleShot(500, main)
