"""Script of test_project.py inside QGIS Desktop: layers and projects come and go; narrow docks."""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

from qgis import utils
from qgis.core import QgsApplication, QgsProject, QgsRasterLayer, QgsSettings, QgsVectorLayer
from qgis.PyQt.QtCore import QEvent, Qt, QTimer
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QDockWidget, QWidget
from qgis.utils import iface

FACTS: dict[str, Any] = {"narrow": {}}
REQUEST = json.loads(os.environ["MTRS_GEO_TEST"])
LEFT = Qt.MouseButton.LeftButton
PROJECT = QgsProject.instance()
WIDTH_PX, WIDE_PX = 280, 420
LONG_WORD = "/home/a_user_with_a_long_name/projects/of_the_year/aerial_images_of_a_county.tif"


def record(kind: Any, error: Any, trace: Any, *_: Any, **__: Any) -> None:
    """Record an exception in a slot instead of showing the dialog of QGIS."""
    FACTS.setdefault("slots", []).append("".join(traceback.format_exception(kind, error, trace)))


def settle() -> None:
    """Process events, deferred deletions and timers."""
    for _ in range(5):
        QTest.qWait(30)
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value
                                      if hasattr(QEvent.Type.DeferredDelete, "value")
                                      else QEvent.Type.DeferredDelete)  # fmt: skip


def raster(name: str) -> QgsRasterLayer:
    return QgsRasterLayer(REQUEST[name], name)


def pair(dock: Any) -> list[Any]:
    return [*(layer and layer.name() for layer in dock.pair.layers()), dock.run.isEnabled()]


def plugin() -> Any:
    utils.loadPlugin("mtrs_geo_qgis")
    utils.startPlugin("mtrs_geo_qgis")
    started = utils.plugins["mtrs_geo_qgis"]
    started.action.trigger()
    settle()
    return started


def layers_arrive(dock: Any) -> None:
    """Add layers while the dock is open: one by one, together, and without the layer tree."""
    FACTS["arrive"] = {}
    for how in ("one by one", "together", "outside the tree", "in a group"):
        upper, lower = raster("upper"), raster("lower")
        if how == "one by one":
            for layer in (lower, upper):  # QGIS adds the later one on top
                PROJECT.addMapLayer(layer)
        elif how == "together":
            PROJECT.addMapLayers([upper, lower])
        else:
            PROJECT.addMapLayers([upper, lower], False)
            group = PROJECT.layerTreeRoot().addGroup("g") if how == "in a group" else None
            for layer in (upper, lower) if group is not None else ():
                group.addLayer(layer)
        settle()
        tree = [layer.name() for layer in PROJECT.layerTreeRoot().layerOrder()]
        FACTS["arrive"][how] = [pair(dock), tree]
        PROJECT.clear()
        settle()
    PROJECT.addMapLayers([raster("before"), raster("after")])
    settle()
    FACTS["arrive"]["dated"] = pair(dock)


def removed_and_chosen(dock: Any) -> None:
    """Remove a layer that the user has chosen; the other one stays."""
    PROJECT.addMapLayer(raster("upper"))
    box = dock.pair.before
    box.setLayer(PROJECT.mapLayersByName("upper")[0])
    box.activated.emit(box.currentIndex())
    settle()
    FACTS["chosen"] = pair(dock)
    PROJECT.removeMapLayer(PROJECT.mapLayersByName("upper")[0])
    settle()
    FACTS["unchosen"] = pair(dock)


def show_result(dock: Any) -> QgsVectorLayer:
    """Show a result as at the end of a run."""
    from mtrs_geo_qgis.results.results import Outcome, open_layers

    names = ("before", "after")
    ids = [PROJECT.mapLayersByName(name)[0].id() for name in names]
    outcome = Outcome(f"{REQUEST['changes']}|layername=changes", REQUEST["report"], *ids)
    dock._on_done(outcome, open_layers(outcome))
    settle()
    return dock.result


def discard() -> None:
    """Answer QGIS's question about the edits of the layer that is removed."""
    question = QApplication.activeModalWidget()
    question.button(question.StandardButton.Discard).click()


def remove_result(dock: Any, review: Any) -> None:
    """Remove the result layer and use everything that knew it."""
    layer = show_result(dock)
    FACTS["card"] = [dock.summary.isVisible(), dock.summary.zoom.isVisible()]
    iface.setActiveLayer(layer)
    review.action.trigger()
    settle()
    FACTS["reviewed"] = review.store is not None
    review.edit_shape()
    changed = layer.getGeometry(review.fid)
    changed.translate(1, 1)
    layer.changeGeometry(review.fid, changed)  # is saved in the next turn of the event loop
    dock.area.choose("layer")
    dock.area.layer.setLayer(layer)
    QTest.mouseClick(dock.summary.compare, LEFT)
    dock.swipe.open(layer, next(layer.getFeatures()))
    QTimer.singleShot(1000, discard)
    PROJECT.removeMapLayer(layer.id())
    settle()
    dock._zoom()
    dock.summary.zoom.click()
    dock.summary.compare.click()
    dock.summary.compare.click()
    iface.mapCanvas().zoomIn()
    dock.area.choose("whole")
    review.accept()
    review.export()
    review.save()
    settle()
    FACTS["removed"] = [
        dock.result is None, dock.summary.zoom.isVisible(), review.store is None,
        review.editing is None, review.panel.message.text(),
    ]  # fmt: skip


def change_result(dock: Any, review: Any) -> None:
    """Use a result whose columns, values, style and file were changed."""
    layer = show_result(dock)
    iface.setActiveLayer(layer)
    review.open()
    layer.setDataSource(f"{REQUEST['copy']}|layername=changes", layer.name(), "ogr")
    settle()
    review.accept()
    provider = layer.dataProvider()
    score = layer.fields().lookupField("score")
    first = next(layer.getFeatures())
    provider.changeAttributeValues({first.id(): {score: None}})
    dock.swipe.open(layer, layer.getFeature(first.id()))
    FACTS["captions"] = [dock.swipe.item.caption]
    provider.deleteAttributes([layer.fields().lookupField("area_m2")])
    layer.updateFields()
    layer.setRenderer(None)
    dock.swipe.open(layer, layer.getFeature(first.id()))
    FACTS["captions"].append(dock.swipe.item.caption)
    dock.swipe.stop()
    settle()
    PROJECT.removeMapLayer(layer.id())


def export_pairs(dock: Any, review: Any) -> None:
    """Read the dialog of the algorithm: for a result of the dock, and for its bare file."""
    FACTS["pairs"] = []

    def read() -> None:
        shown = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
        dialog = next((w for w in shown if hasattr(w, "createProcessingParameters")), None)
        if dialog is None:
            QTimer.singleShot(200, read)
            return
        try:
            values = dialog.createProcessingParameters()
            layers = [PROJECT.mapLayer(values[name]) for name in ("BEFORE", "AFTER")]
            FACTS["pairs"].append([layer and layer.name() for layer in layers])
        finally:
            dialog.close()

    bare = QgsVectorLayer(f"{REQUEST['changes']}|layername=changes", "bare", "ogr")
    for layer in (show_result(dock), PROJECT.addMapLayer(bare)):
        iface.setActiveLayer(layer)
        review.open()
        QTimer.singleShot(200, read)
        review.panel.export.click()
        settle()
    PROJECT.removeMapLayer(bare.id())


def reopen(dock: Any, review: Any) -> None:
    """Save the project, start a new one, and open it again."""
    dock.area.choose("layer")
    dock.area.layer.setLayer(dock.result)
    path = str(Path(REQUEST["folder"]) / "project.qgz")
    PROJECT.write(path)
    iface.newProject(False)
    settle()
    FACTS["new"] = [pair(dock), dock.summary.isVisible(), dock.result is None]
    dock._zoom()
    for _ in range(2):  # the same ids come back
        iface.addProject(path)
        settle()
        FACTS["reopened"] = [pair(dock), dock.summary.isVisible(), review.store is None]
        FACTS["offered"] = [dock.summary.compare.isVisible(), dock.result is not None]
        dock.summary.compare.click()
        FACTS["offered"].append(iface.mapCanvas().mapTool() is dock.swipe)
        dock._zoom()
        result = PROJECT.mapLayersByName("new buildings")[0]
        dock.area.layer.setLayer(result)
        result.selectAll()
        dock.swipe.start()
        dock.swipe.open(result, next(result.getFeatures()))
        settle()
        FACTS["compared"] = dock.swipe.item is not None
        replace_a_raster(dock, result)
    dock.swipe.stop()
    dock.area.choose("whole")


def replace_a_raster(dock: Any, result: Any) -> None:
    """Compare after the layer before was removed, and after its file was added again."""
    layer = dock.pair.layers()[0]
    path, name = layer.source(), layer.name()
    PROJECT.removeMapLayer(layer.id())
    settle()
    dock.swipe.start()
    said: list[str] = []
    dock.swipe.messageEmitted.connect(lambda text, _: said.append(text))
    feature = next(result.getFeatures())
    dock.swipe.open(result, feature)
    FACTS["without a raster"] = [dock.swipe.item is None, *said]
    PROJECT.addMapLayer(QgsRasterLayer(path, name))
    settle()
    dock.swipe.open(result, feature)
    FACTS["added again"] = dock.swipe.item is not None


def panel_facts(panel: QDockWidget) -> list[Any]:
    """Return the widths of a dock: its own, its viewport's, its content's, and what is cut off."""
    area = panel.widget()
    cut = [
        f"{type(w).__name__} {w.objectName()} {w.minimumSizeHint().width()} > {w.width()}"
        for w in area.widget().findChildren(QWidget)
        if w.isVisible() and w.minimumSizeHint().width() > w.width() > 0
        and not w.objectName().startswith("qt_")
    ]  # fmt: skip
    cut += [
        f"{w.objectName()} {w.heightForWidth(w.width())} > {w.height()} high"
        for w in area.widget().findChildren(QWidget)
        if type(w).__name__ == "WrappedText" and w.isVisible()
        and w.heightForWidth(w.width()) > w.height()
    ]  # fmt: skip
    content = area.widget().minimumSizeHint().width()
    return [panel.width(), area.viewport().width(), content, cut]


def show_refused(dock: Any) -> None:
    """Show sentences with long doubts, in the preview and in the card."""
    questions = REQUEST["questions"]
    sentences = [question["text"] for question in questions]
    dock.query.set_text("\n".join(sentences))
    preview = dock.query_preview
    for question in questions:
        preview._explanations[preview._key(question["text"])] = {"questions": [question]}
    preview._show()
    counts = dict.fromkeys(sentences, 0)
    dock.summary.show_result({**REQUEST["report"], "counts": counts, "questions": questions})


def narrow(language: str) -> None:
    """Show both docks at 280 pixels in a language, with long texts."""
    QgsSettings().setValue("locale/overrideFlag", True)
    QgsSettings().setValue("locale/userLocale", language)
    started = plugin()
    dock, review, main = started.dock, started.review, iface.mainWindow()
    layer = show_result(dock)
    iface.setActiveLayer(layer)
    for panel in main.findChildren(QDockWidget):
        panel.setVisible(panel is dock)
    main.resizeDocks([dock], [WIDTH_PX], Qt.Orientation.Horizontal)
    dock.query.set_text("new buildings larger than 200 m²")
    dock.options.setCollapsed(False)
    dock.area.choose("drawn")
    dock.options.model.setEditText(LONG_WORD)
    translate = sys.modules["mtrs_geo_qgis.i18n.translate"].tr
    kept = translate("The run was cancelled. What was done is kept.")
    facts = FACTS["narrow"].setdefault(language, {})
    iface.messageBar().clearWidgets()
    settle()
    for name, show in (
        ("result", lambda: dock.summary.show_result(REQUEST["report"])),
        ("refused", lambda: show_refused(dock)),
        ("problem", lambda: dock.summary.show_problem(f"{LONG_WORD} is missing.", "environment")),
        ("cancelled", lambda: dock.summary.show_note(kept, is_kept=True)),
    ):
        show()
        dock.options.setCollapsed(name == "result")
        settle()
        if name == "cancelled":
            dock.widget().ensureWidgetVisible(dock.summary)
            settle()
        facts[name] = panel_facts(dock)
        path = Path(REQUEST["pictures"]) / f"narrow_{name}_{language}.png"
        dock.grab().save(str(path))
    main.resizeDocks([dock], [WIDE_PX], Qt.Orientation.Horizontal)
    settle()
    dock.grab().save(str(Path(REQUEST["pictures"]) / f"wide_cancelled_{language}.png"))
    dock.summary.show_result(REQUEST["report"])
    dock.hide()
    review.open()
    main.resizeDocks([review.panel], [WIDTH_PX], Qt.Orientation.Horizontal)
    settle()
    facts["review"] = panel_facts(review.panel)
    review.panel.grab().save(str(Path(REQUEST["pictures"]) / f"narrow_review_{language}.png"))
    PROJECT.removeMapLayer(layer.id())
    utils.unloadPlugin("mtrs_geo_qgis")
    settle()


def main() -> None:
    sys.excepthook = record
    utils.showException = record
    try:
        iface.mainWindow().setGeometry(0, 0, 1280, 800)
        utils.updateAvailablePlugins()
        started = plugin()
        dock, review = started.dock, started.review
        for step in (layers_arrive, removed_and_chosen):
            step(dock)
        for step in (remove_result, change_result, export_pairs, reopen):
            sys.stderr.write(f"{step.__name__}\n")  # shows the step in which the script hangs
            sys.stderr.flush()
            step(dock, review)
        utils.unloadPlugin("mtrs_geo_qgis")
        for language in ("en_US", "de_DE"):
            narrow(language)
    except Exception:  # noqa: BLE001 - the test reports it
        FACTS["traceback"] = traceback.format_exc()
    Path(REQUEST["answer"]).write_text(json.dumps(FACTS, default=str))
    os._exit(0)


QgsApplication.instance().setQuitOnLastWindowClosed(False)
QTimer.singleShot(500, main)
