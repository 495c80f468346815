"""Script of test_review.py inside QGIS Desktop; writes its results to a JSON file."""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

from qgis import utils
from qgis.core import QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt.QtCore import QPoint, Qt, QTimer
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QFileDialog, QInputDialog, QMessageBox
from qgis.utils import iface

FACTS: dict[str, Any] = {}
REQUEST = json.loads(os.environ["MTRS_GEO_TEST"])
KEY = Qt.Key


def press(key: Any) -> None:
    canvas = iface.mapCanvas()
    QApplication.setActiveWindow(iface.mainWindow())  # there is no window manager
    canvas.setFocus()
    QTest.keyClick(canvas, key)
    settle()


def settle() -> None:
    """Process queued commits and redraws."""
    for _ in range(5):
        QTest.qWait(20)


def states(path: str) -> list[str]:
    """Return the decisions that another connection reads from the file."""
    layer = QgsVectorLayer(f"{path}|layername=changes", "other", "ogr")
    return [str(f["review"]) for f in layer.getFeatures()]


def record(kind: Any, error: Any, trace: Any, *_: Any, **__: Any) -> None:
    """Record an exception in a slot instead of showing the dialog of QGIS."""
    FACTS.setdefault("slots", []).append("".join(traceback.format_exception(kind, error, trace)))


def plugin() -> Any:
    utils.showException = record
    utils.updateAvailablePlugins()
    FACTS["loaded"] = utils.loadPlugin("mtrs_geo_qgis") and utils.startPlugin("mtrs_geo_qgis")
    return utils.plugins["mtrs_geo_qgis"].review


def decide(review: Any, path: str) -> None:
    raster = QgsRasterLayer(REQUEST["after"], "after")
    layer = QgsVectorLayer(f"{path}|layername=changes", "changes", "ogr")
    QgsProject.instance().addMapLayers([raster, layer])
    settle()
    iface.setActiveLayer(layer)
    FACTS["closed"] = review.panel is None
    review.action.trigger()
    settle()
    FACTS["start"] = [review.panel.position.text(), review.panel.counts.text()]
    FACTS["about"] = review.panel.sentence.text()
    FACTS["fields"] = layer.fields().names()
    first = review.fid
    view = iface.mapCanvas().extent()
    FACTS["zoomed"] = view.contains(layer.getGeometry(first).boundingBox())
    FACTS["is_near"] = view.width() < layer.extent().width()
    press(KEY.Key_A)
    FACTS["after_a"] = [review.panel.position.text(), states(path)[:2]]
    press(KEY.Key_R)
    press(KEY.Key_N)
    press(KEY.Key_P)
    FACTS["after_rnp"] = [review.panel.position.text(), states(path)[:3]]
    press(KEY.Key_P)
    press(KEY.Key_U)
    FACTS["undecided"] = states(path)[:2]
    press(KEY.Key_R)
    feature = layer.getFeature(first)
    FACTS["reviewer"] = [feature["reviewer"], feature["reviewed_at"]]


def edit_text(review: Any, path: str) -> None:
    QInputDialog.getText = staticmethod(lambda *_, **__: ("new sheds", True))
    press(KEY.Key_T)
    layer = QgsVectorLayer(f"{path}|layername=changes", "other", "ogr")
    third = list(layer.getFeatures())[2]
    FACTS["text"] = [third["query"], third["review"]]
    press(KEY.Key_A)
    FACTS["accepted_edit"] = states(path)[2]


def drag_a_vertex(layer: Any, fid: int) -> None:
    """Click a vertex with the vertex tool, move the mouse, click again."""
    canvas = iface.mapCanvas()
    canvas.waitWhileRendering()
    corner = layer.getGeometry(fid).vertexAt(0)
    position = canvas.getCoordinateTransform().transform(corner.x(), corner.y())
    begin = QPoint(round(position.x()), round(position.y()))
    end = begin + QPoint(-25, -18)
    view = canvas.viewport()
    QTest.mouseMove(view, begin + QPoint(3, 3))
    settle()
    QTest.mouseMove(view, begin)
    settle()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, begin)
    settle()
    QTest.mouseMove(view, end)
    settle()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)
    settle()


def edit_shape(review: Any, path: str) -> None:
    layer, fid = review.store.layer, review.fid
    before = layer.getGeometry(fid).asWkt()
    tool = iface.mapCanvas().mapTool()
    FACTS["shape_state"] = review.store.state(fid)
    press(KEY.Key_E)
    FACTS["editing"] = [layer.isEditable(), "Esc" in review.panel.sentence.text()]
    drag_a_vertex(layer, fid)
    other = QgsVectorLayer(f"{path}|layername=changes", "other", "ogr")
    saved = other.getFeature(fid)
    FACTS["saved_while_editing"] = saved.geometry().asWkt() != before
    FACTS["dirty"] = layer.isModified()
    FACTS["edited"] = [saved["review"], saved["reviewer"] != ""]
    FACTS["area"] = [saved["area_m2"], saved.geometry().area()]
    press(KEY.Key_E)
    FACTS["edit_ended"] = [layer.isEditable(), iface.mapCanvas().mapTool() == tool]
    press(KEY.Key_E)
    drag_a_vertex(layer, fid)
    press(KEY.Key_Escape)
    FACTS["restored"] = layer.getGeometry(fid).asWkt() == saved.geometry().asWkt()
    FACTS["restored_ended"] = not layer.isEditable()
    iface.mainWindow().grab().save(REQUEST["picture"])


def open_other_format(review: Any, path: str) -> None:
    """Open a layer in another format, and save it as a GeoPackage."""
    shapes = QgsVectorLayer(REQUEST["geojson"], "in GeoJSON", "ogr")
    QgsProject.instance().addMapLayer(shapes)
    review.panel.layers.setLayer(shapes)
    FACTS["refused"] = [review.panel.message.text(), review.panel.save.isVisible()]
    press(KEY.Key_A)  # does nothing
    copy = str(Path(REQUEST["folder"]) / "copy")
    QFileDialog.getSaveFileName = staticmethod(lambda *_, **__: (copy, ""))
    review.panel.save.click()
    FACTS["saved_as"] = [review.panel.position.text(), Path(f"{copy}.gpkg").is_file()]
    press(KEY.Key_A)
    FACTS["saved_states"] = states(f"{copy}.gpkg")[:1]
    questions = []
    for answer in (QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes):
        review.panel.layers.setLayer(shapes)

        def reply(*values: Any, answer: Any = answer) -> Any:
            questions.append(Path(values[2].split()[0]).name)
            return answer

        QMessageBox.question = staticmethod(reply)
        review.panel.save.click()
        questions.append(states(f"{copy}.gpkg")[0])
    FACTS["replaced"] = questions


def fail_to_save(review: Any, path: str) -> None:
    """Make a decision that cannot be saved."""
    layer = QgsProject.instance().mapLayersByName("changes")[0]
    review.panel.layers.setLayer(layer)
    position, saved_states = review.panel.position.text(), states(path)
    provider = type("Broken", (), {
        "changeAttributeValues": lambda *_: False, "errors": lambda *_: ["disk full"],
    })()  # fmt: skip
    real, review.store._provider = review.store._provider, provider
    iface.messageBar().clearWidgets()
    press(KEY.Key_R)
    FACTS["failed"] = [
        iface.messageBar().currentItem().text(), review.panel.position.text() == position,
        states(path) == saved_states,
    ]  # fmt: skip
    review.store._provider = real


def read_only(review: Any, path: str) -> None:
    locked = Path(REQUEST["folder"]) / "locked.gpkg"
    locked.write_bytes(Path(REQUEST["pristine"]).read_bytes())
    layer = QgsVectorLayer(f"{locked}|layername=changes", "locked", "ogr")
    layer.setReadOnly(True)
    QgsProject.instance().addMapLayer(layer)
    review.panel.layers.setLayer(layer)
    FACTS["locked"] = review.panel.message.text()


def edit_with_qgis(review: Any, path: str) -> None:
    """Delete a polygon, a column and the file while the layer is under review."""
    file = Path(REQUEST["folder"]) / "shared.gpkg"
    file.write_bytes(Path(REQUEST["pristine"]).read_bytes())
    layer = QgsVectorLayer(f"{file}|layername=changes", "shared", "ogr")
    QgsProject.instance().addMapLayers([layer])
    panel = review.panel
    panel.layers.setLayer(layer)
    second, third = review.store.fids[1:3]
    layer.startEditing()
    layer.deleteFeature(second)
    press(KEY.Key_N)
    shown = [panel.position.text(), review.fid == third]
    press(KEY.Key_A)
    layer.deleteFeature(review.fid)
    settle()
    shown.append(panel.position.text())
    layer.rollBack()
    FACTS["deleted"] = [*shown, panel.position.text(), states(str(file))[:3]]
    layer.startEditing()
    layer.deleteAttribute(layer.fields().lookupField("review"))
    settle()
    FACTS["column"] = [panel.message.text()]
    layer.commitChanges()
    panel.layers.setLayer(None)
    panel.layers.setLayer(layer)
    press(KEY.Key_R)
    FACTS["column"] += [panel.counts.text(), states(str(file))[:1]]
    for ending in ("", "-wal", "-shm"):
        file.with_name(f"{file.name}{ending}").unlink(missing_ok=True)
    press(KEY.Key_R)
    FACTS["file_gone"] = panel.message.text()
    panel.layers.setLayer(None)


def filter_and_share(review: Any, path: str) -> None:
    """Filter the layer under review, and decide about a polygon in another program."""
    file = Path(REQUEST["folder"]) / "filtered.gpkg"
    file.write_bytes(Path(REQUEST["pristine"]).read_bytes())
    layer = QgsVectorLayer(f"{file}|layername=changes", "filtered", "ogr")
    QgsProject.instance().addMapLayer(layer)
    review.panel.layers.setLayer(layer)
    layer.setSubsetString("fid > 2")
    settle()
    FACTS["filtered"] = [review.panel.position.text(), len(states(str(file)))]
    following = review.store.fids[1]
    other = QgsVectorLayer(f"{file}|layername=changes", "other", "ogr")
    column = other.fields().lookupField("review")
    other.dataProvider().changeAttributeValues({following: {column: "rejected"}})
    press(KEY.Key_N)
    FACTS["shared"] = [review.panel.sentence.text(), review.panel.counts.text()]
    review.panel.layers.setLayer(None)
    QgsProject.instance().removeMapLayer(layer)


def restore_in_a_transaction(review: Any, path: str) -> None:
    """Restore a shape in a project whose layers are edited in transactions."""
    project, file = QgsProject.instance(), Path(REQUEST["folder"]) / "transaction.gpkg"
    file.write_bytes(Path(REQUEST["pristine"]).read_bytes())
    project.setAutoTransaction(True)
    layer = QgsVectorLayer(f"{file}|layername=changes", "transaction", "ogr")
    project.addMapLayer(layer)
    review.panel.layers.setLayer(layer)
    fid = review.fid
    before = layer.getGeometry(fid)
    press(KEY.Key_E)
    moved = layer.getGeometry(fid)
    moved.translate(5, 5)
    layer.changeGeometry(fid, moved)
    settle()
    FACTS["transaction"] = [layer.getGeometry(fid).equals(before)]
    press(KEY.Key_Escape)
    FACTS["transaction"].append(layer.getGeometry(fid).equals(before))
    review.panel.layers.setLayer(None)
    project.removeMapLayer(layer)
    project.setAutoTransaction(False)


def delete_layer_and_unload(review: Any, path: str) -> None:
    panel = review.panel
    layer = QgsProject.instance().mapLayersByName("changes")[0]
    panel.layers.setLayer(layer)
    QgsProject.instance().removeMapLayer(layer)
    FACTS["layer_gone"] = [review.store is None, panel.message.text()]
    utils.unloadPlugin("mtrs_geo_qgis")
    settle()
    QApplication.sendPostedEvents()
    FACTS["unloaded"] = not [a for a in iface.mapCanvas().actions() if "(A)" in a.text()]


def main() -> None:
    sys.excepthook = record
    try:
        review = plugin()
        path = REQUEST["changes"]
        for step in (
            decide, edit_text, edit_shape, open_other_format, fail_to_save, read_only,
            edit_with_qgis, filter_and_share, restore_in_a_transaction, delete_layer_and_unload,
        ):  # fmt: skip
            sys.stderr.write(f"{step.__name__}\n")  # shows the step in which the script hangs
            sys.stderr.flush()
            step(review, path)
    except Exception:  # noqa: BLE001 - the test reports it
        FACTS["traceback"] = traceback.format_exc()
    Path(REQUEST["answer"]).write_text(json.dumps(FACTS, default=str))
    sys.stdout.flush()
    os._exit(0)  # like a crash: the decisions must be in the file


QTimer.singleShot(0, main)
