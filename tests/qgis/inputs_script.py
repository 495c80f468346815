"""Script of test_inputs.py for QGIS's Python: inputs of the algorithms, with the fake worker."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from osgeo import gdal
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsDateTimeRange,
    QgsFeature,
    QgsField,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingUtils,
    QgsProject,
    QgsProperty,
    QgsRasterLayer,
    QgsRectangle,
    QgsReferencedRectangle,
    QgsVectorFileWriter,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDate, QDateTime, QEventLoop, QTime, QTimer, QVariant
from qgis.PyQt.QtGui import QColor

root, folder = Path(sys.argv[1]), Path(sys.argv[2])
sys.path.insert(0, str(root))
app = QgsApplication([], True)
app.initQgis()

from qgis_plugin.algorithms.raster_input import RasterInput  # noqa: E402
from qgis_plugin.dock.detect_task import DetectTask  # noqa: E402
from qgis_plugin.provider import Provider  # noqa: E402

provider = Provider()  # kept, because QGIS crashes if Python deletes it
registry = QgsApplication.processingRegistry()
registry.addProvider(provider)
project = QgsProject.instance()
UTM = QgsCoordinateReferenceSystem("EPSG:32614")


class Errors(QgsProcessingFeedback):
    """Keeps the errors and warnings that the user is shown."""

    def __init__(self) -> None:
        super().__init__(False)
        self.errors: list[str] = []
        self.warnings: list[str] = []

    def reportError(self, error: str, fatalError: bool = False) -> None:  # noqa: N802, N803
        self.errors.append(error)

    def pushWarning(self, warning: str) -> None:  # noqa: N802
        self.warnings.append(warning)


def write_raster(name: str) -> str:
    path = str(folder / name)
    raster = gdal.GetDriverByName("GTiff").Create(path, 10, 10, 3)
    raster.SetGeoTransform((500000, 0.5, 0, 4000000, 0, -0.5))
    return path


def write_polygons(name: str, crs: str = "EPSG:32614") -> QgsVectorLayer:
    """Return the layer of a new GeoPackage with two polygons."""
    layer = QgsVectorLayer(f"Polygon?crs={crs}&field=query:string", name, "memory")
    for left in (0, 20):
        layer.dataProvider().addFeature(polygon(layer, left))
    path, options = str(folder / f"{name}.gpkg"), QgsVectorFileWriter.SaveVectorOptions()
    QgsVectorFileWriter.writeAsVectorFormatV3(layer, path, project.transformContext(), options)
    return project.addMapLayer(QgsVectorLayer(path, name, "ogr"))


def polygon(layer: QgsVectorLayer, left: float) -> QgsFeature:
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(left, 0, left + 9, 9)))
    feature["query"] = f"at {left}"
    return feature


def run(name: str, parameters: dict[str, Any]) -> list[Any]:
    """Run an algorithm as the dialogs do; return its results, errors and the layers to load."""
    context, feedback = QgsProcessingContext(), Errors()
    context.setProject(project)
    algorithm = registry.createAlgorithmById(f"mtrs_geo:{name}")
    results, _ = algorithm.run(parameters, context, feedback)
    loaded = context.layersToLoadOnCompletion()
    return [results, feedback.errors, {path: details.name for path, details in loaded.items()}]


def run_task(parameters: dict[str, Any]) -> list[Any]:
    """Run the dock's task; return the name and arguments of its last signal."""
    task, loop, events = DetectTask(parameters), QEventLoop(), []
    for name in ("done", "failed", "cancelled"):
        signal = getattr(task, name)
        signal.connect(lambda *facts, name=name: (events.extend([name, *facts]), loop.quit()))
    task.start()
    QTimer.singleShot(60_000, loop.quit)
    loop.exec() if hasattr(loop, "exec") else loop.exec_()
    return events


before, after = (
    project.addMapLayer(QgsRasterLayer(write_raster(f"{name}.tif"), name)) for name in "ba"
)
RASTERS = {"BEFORE": before.id(), "AFTER": after.id(), "QUERY": "found"}
OUTPUT = str(folder / "out.gpkg")
for one in (write_polygons("found"), write_polygons("reference")):
    assert one.isValid(), one.name()


def refused() -> dict[str, Any]:
    """Run the dock's task with inputs that are gone, and a stack with a raster that is gone."""
    gone: dict[str, Any] = {
        "before": {"BEFORE": "gone"},
        "area": {"AREA": "gone"},
        "selection": {"AREA": QgsProcessingFeatureSourceDefinition("gone", True)},
        "extent": {"EXTENT": "gone"},
        "empty": {"EXTENT": QgsReferencedRectangle(QgsRectangle(), UTM)},
    }
    parameters = {**RASTERS, "OUTPUT": OUTPUT}
    found = {name: run_task({**parameters, **change}) for name, change in gone.items()}
    rasters = [before.id(), "gone", after.id()]
    return {**found, "stack": run("stack", {"RASTERS": rasters, "QUERY": "found"})[1]}


def output() -> dict[str, Any]:
    """Name the output as a script does, and as the dialogs do."""
    definition = QgsProcessingOutputLayerDefinition(OUTPUT, project)
    unnamed = QgsProcessingOutputLayerDefinition("TEMPORARY_OUTPUT", project)
    extent = QgsReferencedRectangle(QgsRectangle(0, 0, 9, 9), UTM)
    too_long = {"OUTPUT": f"/{'x' * 300}.gpkg", "QUERY": "apart", "EXTENT": extent}
    answers = [run("detect", {**RASTERS, "OUTPUT": one}) for one in (OUTPUT, definition, unnamed)]
    return {
        "written": [json.loads(results["REPORT"])["output"] == OUTPUT for results, *_ in answers],
        "results": [results["OUTPUT"] == OUTPUT for results, *_ in answers],
        "loaded": [sorted(loaded.items()) for *_, loaded in answers],
        "too_long": run("detect", {**RASTERS, **too_long})[1],
        "path": OUTPUT, "last": answers[-1][0]["OUTPUT"],
    }  # fmt: skip


def tolerances() -> list[Any]:
    """Return the tolerance that reaches the worker, for values with and without a number."""
    empty = (None, "", QVariant(QVariant.Double), QgsProperty.fromExpression("NULL"))
    return [
        json.loads(run("detect", {**RASTERS, "OUTPUT": OUTPUT, "SIMPLIFY": value})[0]["REPORT"])[
            "simplify_m"
        ]
        for value in (*empty, 0, 0.25)
    ]


def edits() -> dict[str, Any]:
    """Read layers with edits that are not saved; the fake worker counts the polygons."""
    predicted, reference = (project.mapLayersByName(name)[0] for name in ("found", "reference"))
    layers = {"PREDICTED": predicted.id(), "REFERENCE": reference.id()}
    export = {**RASTERS, "POLYGONS": predicted.id(), "FOLDER": str(folder / "pairs")}
    audit = {**RASTERS, "POLYGONS": predicted.id(), "PROJECT": str(folder / "project.db")}
    saved = run("evaluate", layers)[0]
    predicted.startEditing()
    predicted.addFeature(polygon(predicted, 40))
    reference.startEditing()
    reference.deleteFeature(next(reference.getFeatures()).id())
    edited = run("evaluate", layers)[0]
    pairs, items = run("pairs", export)[0]["PAIRS"], run("audit", audit)[0]["ITEMS"]
    reference.selectAll()
    selected = QgsProcessingFeatureSourceDefinition(reference.id(), True)
    some = run("evaluate", {**layers, "REFERENCE": selected})[0]
    for layer in (predicted, reference):
        layer.rollBack()
    return {
        "saved": [saved["PRECISION"], saved["RECALL"]],
        "edited": [edited["PRECISION"], edited["RECALL"]], "pairs": pairs, "items": items,
        "selected": some["RECALL"], "after": run("evaluate", layers)[0]["PRECISION"],
    }  # fmt: skip


def columns() -> str:
    """Send polygons whose sentences are a virtual column; the fake worker names the columns."""
    bare = QgsVectorLayer("Polygon?crs=EPSG:32614", "bare", "memory")
    feature = QgsFeature(bare.fields())
    feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(0, 0, 9, 9)))
    bare.dataProvider().addFeature(feature)
    path, options = str(folder / "virtual.gpkg"), QgsVectorFileWriter.SaveVectorOptions()
    QgsVectorFileWriter.writeAsVectorFormatV3(bare, path, project.transformContext(), options)
    layer = project.addMapLayer(QgsVectorLayer(path, "virtual", "ogr"))
    layer.addExpressionField("'new buildings'", QgsField("query", QVariant.String))
    audit = {**RASTERS, "POLYGONS": layer.id(), "PROJECT": str(folder / "virtual.db")}
    run("audit", audit)
    return (folder / "virtual.db").read_text()


def removed() -> list[Any]:
    """Remove the layer of the area between the two parts of a run, and during an export."""
    parameters, found = {**RASTERS, "OUTPUT": OUTPUT}, []
    for selected in (False, True):
        area = write_polygons(f"area {selected}")
        area.selectAll()
        given = QgsProcessingFeatureSourceDefinition(area.id(), selected)
        context, feedback = QgsProcessingContext(), Errors()
        context.setProject(project)
        algorithm = registry.createAlgorithmById("mtrs_geo:detect")
        algorithm.prepare({**parameters, "AREA": given}, context, feedback)
        project.removeMapLayer(area)
        try:
            algorithm.runPrepared({**parameters, "AREA": given}, context, feedback)
        except QgsProcessingException as error:
            found.append(str(error))
    area = write_polygons("exported")
    context, given = QgsProcessingContext(), {**parameters, "AREA": area.id()}
    context.setProject(project)
    algorithm = registry.createAlgorithmById("mtrs_geo:detect")
    algorithm.prepare(given, context, feedback)
    before_export = algorithm.rasters[0].path_or_export

    def export(*arguments: Any) -> str:
        if area.id() in project.mapLayers():
            project.removeMapLayer(area)
        return before_export(*arguments)

    algorithm.rasters[0].path_or_export = export
    results = algorithm.runPrepared(given, context, feedback)
    return [found, Path(json.loads(results["REPORT"])["aoi"]).name]


def without_crs() -> list[str]:
    """Return the errors of algorithms with polygons that have no CRS."""
    layer = project.addMapLayer(QgsVectorLayer("Polygon?field=query:string", "bare", "memory"))
    layer.setCrs(QgsCoordinateReferenceSystem())
    bare, path = layer.id(), str(folder / "bare.gpkg")
    options, transforms = QgsVectorFileWriter.SaveVectorOptions(), project.transformContext()
    QgsVectorFileWriter.writeAsVectorFormatV3(layer, path, transforms, options)
    written = project.addMapLayer(QgsVectorLayer(path, "bare", "ogr")).id()
    rasters = {**RASTERS, "POLYGONS": bare}
    inputs = {
        "detect": {**RASTERS, "AREA": bare, "OUTPUT": OUTPUT},
        "evaluate": {"PREDICTED": written, "REFERENCE": bare},
        "pairs": {**rasters, "FOLDER": str(folder / "pairs")},
        "audit": {**rasters, "PROJECT": str(folder / "bare.db")},
    }
    return sorted({error for name, given in inputs.items() for error in run(name, given)[1]})


def crs() -> dict[str, Any]:
    """Set the CRS of layers in QGIS, which is not that of their files, and of an extent."""
    moved, assigned = write_polygons("moved"), write_polygons("assigned", "")
    moved.setCrs(QgsCoordinateReferenceSystem("EPSG:32615"))
    assigned.setCrs(UTM)
    layers = {"PREDICTED": moved.id(), "REFERENCE": assigned.id()}
    scores = run("evaluate", layers)[0]
    export = {**RASTERS, "POLYGONS": moved.id(), "FOLDER": str(folder / "pairs")}
    own = QgsCoordinateReferenceSystem.fromProj("+proj=tmerc +lon_0=15.3 +x_0=100 +ellps=GRS80")
    own.saveAsUserCrs("mine")
    rotated = "+proj=ob_tran +o_proj=longlat +o_lat_p=39.25 +lon_0=18 +ellps=WGS84"
    rotated = QgsCoordinateReferenceSystem.fromProj(rotated)
    texts = []
    for one in (own, UTM, rotated):
        extent = QgsReferencedRectangle(QgsRectangle(0, 0, 9, 9), one)
        report = run("detect", {**RASTERS, "OUTPUT": OUTPUT, "EXTENT": extent})[0]["REPORT"]
        texts.append(json.loads(report)["aoi_crs"])
    return {
        "predicted": scores["F1"], "reference": scores["IOU"],
        "pairs": run("pairs", export)[0]["NO_TARGET"], "extents": texts, "none": without_crs(),
        "own": QgsCoordinateReferenceSystem.fromWkt(texts[0]).toProj() == own.toProj(),
    }  # fmt: skip


def formats() -> dict[str, list[str]]:
    """Write the polygons in formats with and without a geometry; return the warnings."""
    found, algorithm = {}, registry.createAlgorithmById("mtrs_geo:detect")
    for ending in ("csv", "xlsx", "geojson"):
        context, feedback = QgsProcessingContext(), Errors()
        context.setProject(project)
        output = {"OUTPUT": str(folder / f"polygons.{ending}")}
        results, _ = algorithm.create().run({**RASTERS, **output}, context, feedback)
        found[ending] = feedback.warnings
        if ending == "xlsx":
            found["reported"] = json.loads(results["REPORT"])["warnings"]
    return found


def exported() -> dict[str, Any]:
    """Export layers; return the file names and dates of the exports."""
    found = {}
    dated = QgsRasterLayer(write_raster("dated.tif"), "flight / 7")
    begin = QDateTime(QDate(2019, 3, 1), QTime(0, 0))
    dated.temporalProperties().setIsActive(True)
    dated.temporalProperties().setFixedTemporalRange(QgsDateTimeRange(begin, begin.addDays(1)))
    named = QgsRasterLayer(write_raster("x.tif"), "Luftbild Süd 2016")
    written = gdal.Open(write_raster("tagged.tif"), gdal.GA_Update)
    written.SetMetadataItem("TIFFTAG_DATETIME", "2018:06:01 10:00:00")
    written = None
    tagged = QgsRasterLayer(str(folder / "tagged.tif"), "tagged")
    bare = QgsRasterLayer(write_raster("bare.tif"), "bare")
    for layer in (dated, named, tagged, bare):
        layer.setCrs(UTM)
        path = RasterInput(layer).path_or_export(folder, None, UTM, 0, QgsProcessingFeedback())
        tags = gdal.Open(path).GetMetadata()
        date = {name: tags[name] for name in ("ACQUISITION_DATE", "DATE") if name in tags}
        found[layer.name()] = [Path(path).name, date]
    return found


def styled() -> dict[str, Any]:
    """Load results as the toolbox does; the worker's file has a style with times."""
    (folder / "styled").mkdir()
    rasters = {name: write_raster(f"styled/{name}.tif") for name in ("BEFORE", "AFTER")}
    path = str(folder / "styled" / "found.gpkg")
    options = QgsVectorFileWriter.SaveVectorOptions()
    polygons = project.mapLayersByName("found")[0]
    QgsVectorFileWriter.writeAsVectorFormatV3(polygons, path, project.transformContext(), options)
    source = QgsVectorLayer(path, "found", "ogr")
    source.renderer().symbol().setColor(QColor("#123456"))
    source.temporalProperties().setIsActive(True)
    source.saveStyleToDatabase("changes", "", True, "")
    del source  # closes the file
    sys.path.append(f"{QgsApplication.pkgDataPath()}/python/plugins")
    from processing.gui.RenderingStyles import RenderingStyles

    found, feedback = {}, Errors()
    for name in ("TEMPORARY_OUTPUT", "styled.gpkg", "styled.geojson", "own.gpkg"):
        target = name if name == "TEMPORARY_OUTPUT" else str(folder / name)
        context = QgsProcessingContext()
        context.setProject(project)
        output = {"OUTPUT": QgsProcessingOutputLayerDefinition(target, project)}
        algorithm = registry.createAlgorithmById("mtrs_geo:detect")
        RenderingStyles.styles = {algorithm.id(): {"OUTPUT": "own.qml"}} if name[0] == "o" else {}
        algorithm.run({**rasters, "QUERY": "found", **output}, context, feedback)
        ((path, details),) = context.layersToLoadOnCompletion().items()
        options = QgsVectorLayer.LayerOptions(loadDefaultStyle=False)
        if name == "TEMPORARY_OUTPUT":
            layer = context.takeResultLayer(path)
        else:
            layer = QgsVectorLayer(path, name, "ogr", options)
        if name == "own.gpkg":  # as QGIS does before the post-processor
            layer.renderer().symbol().setColor(QColor("#abcdef"))
        details.postProcessor().postProcessLayer(layer, context, feedback)
        times = layer.temporalProperties().isActive()
        found[name] = [layer.renderer().symbol().color().name(), times]
    return found


def no_temporary_folder() -> list[list[str]]:
    """Run without the temporary folder of QGIS, and with a file in its place."""
    layer = project.addMapLayer(QgsRasterLayer(write_raster("other crs.tif"), "other"))
    layer.setCrs(UTM)
    table = folder / "windows.csv"
    table.write_bytes("before,after,query\na.tif,b.tif,Gebäude\n".encode("cp1252"))
    inputs = {
        "detect": {**RASTERS, "AFTER": layer.id(), "OUTPUT": OUTPUT},
        "batch": {"INPUT": str(table), "FOLDER": str(folder / "rows"), "OUTPUT": OUTPUT},
    }
    temporary, found = Path(QgsProcessingUtils.tempFolder()), []
    for is_file in (False, True):
        shutil.rmtree(temporary)
        if is_file:
            temporary.touch()
        found.append([run(name, given)[1] for name, given in inputs.items()])
    return found


STEPS = (
    refused, output, tolerances, edits, columns, removed, crs, formats, exported, styled,
    no_temporary_folder,
)  # fmt: skip
print(  # noqa: T201
    json.dumps({s.__name__: s() for s in STEPS}, default=str),
    flush=True,
)
os._exit(0)
