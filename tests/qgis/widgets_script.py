"""Script of test_widgets.py for QGIS's Python: the dock's widgets without QGIS Desktop."""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsDateTimeRange,
    QgsFeature,
    QgsGeometry,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsSettings,
    QgsVectorFileWriter,
    QgsVectorLayer,
)
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QThread, QTime
from qgis.PyQt.QtGui import QColor, QImage, QPainter
from qgis.PyQt.QtWidgets import QLabel, QWidget

root, folder, raster = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
sys.path.insert(0, str(root))
app = QgsApplication([], True)
app.initQgis()

from qgis_plugin.dates_in_text import date_in  # noqa: E402
from qgis_plugin.dock.area_box import AreaBox  # noqa: E402
from qgis_plugin.dock.layer_pair import LayerPair  # noqa: E402
from qgis_plugin.dock.options_box import OptionsBox, free_path  # noqa: E402
from qgis_plugin.dock.query_box import QueryBox, add_to_history, read_history  # noqa: E402
from qgis_plugin.dock.summary import SummaryCard  # noqa: E402
from qgis_plugin.i18n.duration import format_duration  # noqa: E402
from qgis_plugin.layer_dates import (  # noqa: E402
    AFTER,
    BEFORE,
    date_of,
    guess_pair,
)
from qgis_plugin.results.change_direction import change_direction  # noqa: E402
from qgis_plugin.results.result_style import style_result  # noqa: E402
from qgis_plugin.results.results import (  # noqa: E402
    Outcome,
    add_to_project,
    open_layers,
    results_in,
)
from qgis_plugin.results.swipe import SwipeTool  # noqa: E402
from qgis_plugin.results.swipe_item import SwipeItem  # noqa: E402
from qgis_plugin.widgets.flow import FlowLayout  # noqa: E402
from qgis_plugin.worker.python_setting import chosen_python  # noqa: E402

project = QgsProject.instance()
REPORT: dict[str, Any] = {
    "counts": {"new 'A'": 2, "demolished": 1},
    "changes": {"new 'A'": "appeared", "demolished": "disappeared"},
    "understood": ["new A", "demolished"],
    "areas_m2": {"new 'A'": 20000.0, "demolished": 5.0}, "model": "tiny 0.2",
    "dates": ["2016", "2023"], "warnings": ["far <apart>"], "seconds": 3.2,
}  # fmt: skip


def raster_layer(name: str) -> QgsRasterLayer:
    return QgsRasterLayer(raster, name)


def dates() -> dict[str, Any]:
    pairs = {
        "dated": ("roads 2023-05", "old 2016", "mid 2020"),
        "worded": ("site post", "hillshade", "site pre"),
        "half": ("other", "after"),
        "tree": ("upper", "lower"),
        "one": ("single",),
    }
    bare = Path(raster).with_name("bare.tif")
    guessed = {}
    for case, names in pairs.items():
        # The file has no tags: only the names count.
        layers = [QgsRasterLayer(str(bare), name) for name in names]
        guessed[case] = [one and one.name() for one in guess_pair(layers)]
    ranged = raster_layer("2001")
    begin = QDateTime(QDate(2019, 3, 1), QTime(0, 0))
    ranged.temporalProperties().setIsActive(True)
    ranged.temporalProperties().setFixedTemporalRange(QgsDateTimeRange(begin, begin.addDays(1)))
    ranked = {}
    for file, name in (
        ("ortho_2016_06", "ortho_2016_06"), ("scene_2017", "scene_2017"),
        ("scene_2017", "survey 2001"),
    ):  # fmt: skip
        path = Path(raster).with_name(f"{file}.tif")
        ranked[name] = date_of(QgsRasterLayer(str(path), name))
    return {
        "ranked": ranked,
        "in": [date_in(t) for t in ("a_20160521.tif", "x 2016-05 y", "t:2016", "12345", "9920166")],
        "ranged": date_of(ranged), "tagged": date_of(raster_layer("aerial")), "guessed": guessed,
    }  # fmt: skip


def pair() -> dict[str, Any]:
    for name in ("2023", "2016"):
        project.addMapLayer(raster_layer(name))
    probability = str(Path(raster).with_name("scores.tif"))
    project.addMapLayer(QgsRasterLayer(probability, "Probability 2030"))
    box = LayerPair()
    first = [one.name() for one in box.layers()]
    guesses: list[int] = []
    box.changed.connect(lambda: guesses.append(1))
    for year in range(1980, 1990):
        project.addMapLayer(raster_layer(str(year)))
    during = len(guesses)
    app.processEvents()
    many = [one.name() for one in box.layers()]
    box.swap_layers()
    project.addMapLayer(raster_layer("2001"))
    app.processEvents()
    kept = [one.name() for one in box.layers()]
    box.clear()
    return {"first": first, "many": [during, *many], "kept": kept}


def area() -> dict[str, Any]:
    canvas = QgsMapCanvas()
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:32614"))
    canvas.setExtent(QgsRectangle(0, 0, 1000, 1000))
    box = AreaBox(canvas)
    whole = box.area()
    box.choose("drawn")
    unready = box.is_ready()
    box.set_drawn(QgsRectangle(620000, 3350000, 621000, 3351000), canvas.mapSettings()
                  .destinationCrs())  # fmt: skip
    drawn, note = box.area(), box.note.text()
    box.choose("layer")
    not_chosen = [box.is_ready(), box.note.text()]
    box.layer.setLayer(project.mapLayersByName("2016")[0])
    layer, by_extent, extent_note = box.area(), box.parameters(), box.note.text()
    plots = project.addMapLayer(QgsVectorLayer("Polygon?crs=EPSG:4326", "plots", "memory"))
    for side in (0.01, 0.02):
        plot = QgsFeature()
        plot.setGeometry(QgsGeometry.fromRect(QgsRectangle(-98, 30, -98 + side, 30 + side)))
        plots.dataProvider().addFeature(plot)
    plots.updateExtents()
    box.layer.setLayer(plots)
    polygons, polygons_note = box.parameters()["AREA"], box.note.text()
    plots.select(1)
    selected, selected_note = box.parameters()["AREA"], box.note.text()
    selected_width = box.area().width()
    project.removeMapLayer(plots.id())
    removed = [box.is_ready(), box.note.text(), box.layer.currentLayer(), box.parameters()]
    box.choose("canvas")
    canvas_area = box.area()
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem())
    canvas.setExtent(QgsRectangle(0, 0, 500, 500))
    without_crs = box.note.text()
    box.set_drawn(QgsRectangle(0, 0, 1, 1), canvas_area.crs())
    project.cleared.emit()
    left = [box.choice.currentData(), box._band.isVisible()]
    box.choose("drawn")
    left.append(box.is_ready())
    box.clear()
    return {
        "whole": whole, "unready": unready, "drawn": [drawn.width(), drawn.crs().authid()],
        "note": note, "layer": layer == by_extent["EXTENT"] and not layer.isEmpty(),
        "extent_note": extent_note, "not_chosen": not_chosen, "removed": removed,
        "polygons": [polygons.selectedFeaturesOnly, polygons_note],
        "selected": [selected.selectedFeaturesOnly, selected_note, round(selected_width, 6)],
        "canvas": canvas_area.contains(QgsRectangle(0, 0, 1000, 1000)),
        "without_crs": without_crs, "left": left,
    }  # fmt: skip


def query() -> dict[str, Any]:
    box = QueryBox()
    box.set_text(" new houses \n\n any change ")
    for text in ("a", "b\nc", "a"):
        add_to_history(text)
    box._show_history()
    menu = box.history.menu()
    menu.actions()[1].trigger()
    return {
        "text": "new houses\nany change", "history": read_history(), "recalled": box.text(),
        "labels": [a.text() for a in menu.actions()],
    }  # fmt: skip


def options() -> dict[str, Any]:
    box = OptionsBox()
    box.threshold.setValue(0.35)
    existing = folder / "existing.gpkg"
    existing.touch()
    dotted = "Berlin 12.05"
    (folder / f"{dotted}.gpkg").touch()
    box.output.setFilePath(str(existing))
    box.probability.setChecked(True)
    parameters, again = box.parameters(), OptionsBox()
    return {
        "parameters": [
            parameters["THRESHOLD"], Path(parameters["OUTPUT"]).name, "PROBABILITY" in parameters,
        ],
        "again": again.threshold.value(), "no_suffix": Path(free_path("/a/b")).name,
        "dotted": [Path(free_path(str(folder / name))).name for name in (dotted, "b.v2", "c.FGB")],
        "folded": box.isCollapsed(),
        "folder": Path(free_path(str(folder))).relative_to(folder).name,
        "too_long": Path(free_path("x" * 300)).suffix,
    }  # fmt: skip


def wrong_settings() -> list[Any]:
    """Read settings that another version, or a person, wrote with other types."""
    settings = QgsSettings()
    for key, value in (
        ("dock/threshold", "0,5"), ("dock/min_area", [1]), ("dock/model", {"a": 1}),
        ("dock/device", []), ("history", "one"), ("python", b"x"),
    ):  # fmt: skip
        settings.setValue(f"mtrs_geo/{key}", value)
    box = OptionsBox()
    add_to_history("new")
    found = [
        box.threshold.value(), box.min_area.value(), box.model.currentText(),
        box.device.currentText(), read_history(), chosen_python(),
    ]  # fmt: skip
    settings.remove("mtrs_geo")
    return found


def mirrored() -> list[bool]:
    """Return whether the first widget of a row is beside the edge where a language begins."""
    found = []
    for direction in (Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft):
        panel = QWidget()
        panel.setLayoutDirection(direction)
        row = FlowLayout(panel)
        labels = [QLabel("first"), QLabel("second")]
        for label in labels:
            row.addWidget(label)
        panel.resize(300, 40)
        panel.show()
        app.processEvents()
        found.append(labels[0].x() < labels[1].x())
        found.append(labels[0].x() == 0 or labels[0].geometry().right() == 299)
    return found


def results() -> dict[str, Any]:
    fields = (
        "field=query:string&field=change:string&field=id:int&field=score_mean:double"
        "&field=area_m2:double"
    )
    source = QgsVectorLayer(f"Polygon?crs=EPSG:32614&{fields}", "source", "memory")
    rows = (("new 'A'", "appeared", 0.9), ("demolished", "disappeared", 0.6), ("x", None, 0.5))
    for number, (text, direction, score) in enumerate(rows, 1):
        feature = QgsFeature(source.fields())
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(0, 0, number, number)))
        feature.setAttributes([text, direction, number, score, 5.0])
        source.dataProvider().addFeature(feature)
    path = str(folder / "changes.gpkg")
    saved = QgsVectorFileWriter.SaveVectorOptions()
    QgsVectorFileWriter.writeAsVectorFormatV3(source, path, project.transformContext(), saved)
    before, after = raster_layer("b"), raster_layer("a")
    outcome = Outcome(path, REPORT, before.id(), after.id(), raster)
    layers, here = [], QThread.currentThread()

    def open_there() -> None:
        layers.extend(open_layers(outcome))
        for one in layers:
            one.moveToThread(here)

    other = threading.Thread(target=open_there)
    other.start()
    other.join()
    layer = add_to_project(outcome, layers, project)
    try:
        missing = open_layers(Outcome("/none.gpkg", REPORT, "", ""))
    except OSError as error:
        missing = str(error)
    plain = QgsVectorLayer("Polygon?field=query:string", "of an older worker", "memory")
    style_result(plain, {change_direction(None)})
    group = project.layerTreeRoot().children()[0]
    renderer = layer.renderer()
    from qgis.core import QgsExpression, QgsExpressionContext

    directions = []
    for feature in layer.getFeatures():
        context = QgsExpressionContext()
        context.setFeature(feature)
        context.setFields(layer.fields())
        directions.append(QgsExpression(renderer.classAttribute()).evaluate(context))
    card = SummaryCard()
    card.show_result(REPORT)
    result_text = card.text.text()
    card.show_problem("No Settings here.")
    refused = card.settings.isVisibleTo(card)
    card.show_problem("The worker ended.\nRun <again>.", "environment")
    return {
        "group": group.name(), "nodes": [n.name() for n in group.children()],
        "hidden": not group.children()[1].itemVisibilityChecked(), "directions": directions,
        "categories": [c.value() for c in renderer.categories()],
        "missing": missing,
        "plain": [plain.renderer().classAttribute(),
                  [c.value() for c in plain.renderer().categories()]],
        "abstract": layer.metadata().abstract(), "history": list(layer.metadata().history()),
        "rasters": [layer.customProperty(BEFORE) == before.id(),
                    layer.customProperty(AFTER) == after.id()],
        "found": [one.id() for one in results_in(project)] == [layer.id()],
        "card": result_text, "problem": card.text.text(), "offers": card.settings.isVisibleTo(card),
        "refused": refused,
    }  # fmt: skip


def swipe() -> dict[str, Any]:
    """Compare what the swipe item paints on a turned map with the map."""
    layer = raster_layer("turned")
    canvas = QgsMapCanvas()
    canvas.resize(400, 300)
    canvas.setDestinationCrs(layer.crs())
    canvas.setExtent(layer.extent())
    canvas.setRotation(30)
    item = SwipeItem(canvas, [layer], [layer], ("a", "b"))
    while not item.is_ready():
        app.processEvents()
    painted = QImage(canvas.size(), QImage.Format.Format_RGB32)
    painted.fill(QColor("white"))
    painter = QPainter(painted)
    item.paint(painter)
    painter.end()
    settings = QgsMapSettings(canvas.mapSettings())
    settings.setLayers([layer])
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    shown = job.renderedImage()
    # Without the labels at the top and the line in the middle.
    pixels = [(x, y) for x in range(0, 160, 3) for y in range(50, 300, 3)]
    colours = [(painted.pixelColor(*p).lightness(), shown.pixelColor(*p).lightness())
               for p in pixels]  # fmt: skip
    tool = SwipeTool(canvas)
    canvas.setExtent(layer.extent().buffered(100))
    scale = canvas.mapUnitsPerPixel()
    box = QgsRectangle.fromCenterAndSize(canvas.center(), 75 * scale, 40 * scale)
    tool._zoom_to(QgsGeometry.fromRect(box))
    item.clear()
    return {
        "apart": sum(abs(one - other) > 20 for one, other in colours) / len(colours),
        "shades": len({other for _, other in colours}),
        "zoom": canvas.mapUnitsPerPixel() / scale,
        **swipe_in_time(layer),
    }


def swipe_in_time(layer: QgsRasterLayer) -> dict[str, Any]:
    """Compare while the temporal controller shows another year, with a long caption."""
    canvas = QgsMapCanvas()
    canvas.resize(400, 300)
    canvas.setDestinationCrs(layer.crs())
    canvas.setExtent(layer.extent())
    begin = QDateTime(QDate(2016, 1, 1), QTime(0, 0))
    layer.temporalProperties().setIsActive(True)
    layer.temporalProperties().setFixedTemporalRange(QgsDateTimeRange(begin, begin.addYears(1)))
    canvas.setTemporalRange(QgsDateTimeRange(begin.addYears(7), begin.addYears(8)))
    item = SwipeItem(canvas, [layer], [layer], ("a", "b"))
    while not item.is_ready():
        app.processEvents()
    images = [side.image for side in item._sides]
    shown = [image.pixelColor(200, 150).alpha() for image in images]
    captions: list[str] = []
    item._paint_caption = lambda painter, text, x, y, width: captions.append(text)
    item.caption = f"{'new buildings ' * 20}   ·   93 %   ·   412 m²"
    painted = QImage(canvas.size(), QImage.Format.Format_RGB32)
    painter = QPainter(painted)
    item.paint(painter)
    painter.end()
    item.clear()
    return {"shown": shown, "caption": captions[-1]}


STEPS = (dates, pair, area, query, options, wrong_settings, mirrored, results, swipe)
print(  # noqa: T201
    json.dumps(
        {step.__name__: step() for step in STEPS}
        | {"durations": [format_duration(s) for s in (0.2, 14, 300, 7800)]}
    ),
    flush=True,
)
os._exit(0)
