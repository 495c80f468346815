"""Script of test_rasters.py for QGIS's Python: raster layers as input, with the fake worker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from osgeo import gdal
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsDateTimeRange,
    QgsFeature,
    QgsGeometry,
    QgsMultiBandColorRenderer,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProcessingUtils,
    QgsProject,
    QgsRasterLayer,
    QgsRasterRange,
    QgsRectangle,
    QgsVectorFileWriter,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDate, QDateTime, QTime

root, folder = Path(sys.argv[1]), Path(sys.argv[2])
sys.path.insert(0, str(root))
app = QgsApplication([], True)
app.initQgis()

from qgis_plugin.algorithms.raster_input import RasterInput, readable_path  # noqa: E402
from qgis_plugin.ground_size import pixel_size_m  # noqa: E402
from qgis_plugin.provider import Provider  # noqa: E402
from qgis_plugin.worker.option_names import in_qgis  # noqa: E402

provider = Provider()  # kept, because QGIS crashes if Python deletes it
registry = QgsApplication.processingRegistry()
registry.addProvider(provider)
project = QgsProject.instance()
UTM = QgsCoordinateReferenceSystem("EPSG:32614")
NAMES = ("nir", "blue", "green", "red")
LEFT, TOP = 500000, 4000000


class Errors(QgsProcessingFeedback):
    """Keeps the errors that the user is shown."""

    def __init__(self) -> None:
        super().__init__(False)
        self.errors: list[str] = []

    def reportError(self, error: str, fatalError: bool = False) -> None:  # noqa: N802, N803
        self.errors.append(error)


def write_raster(path: str, names: tuple[str, ...] = NAMES, pixel_m: float = 10) -> str:
    """Write a raster of 8 rows and 10 columns with a name per band, and return its path."""
    raster = gdal.GetDriverByName("GTiff").Create(
        path, 10, 8, max(3, len(names)), options=["PHOTOMETRIC=MINISBLACK", "ALPHA=NO"]
    )
    raster.SetGeoTransform((LEFT, pixel_m, 0, TOP, 0, -pixel_m))
    raster.SetProjection(UTM.toWkt())
    for number, name in enumerate(names, 1):
        raster.GetRasterBand(number).SetDescription(name)
        raster.GetRasterBand(number).Fill(10 * number)
    return path


def layer_of(source: str, name: str = "layer", *, moved: bool = False) -> QgsRasterLayer:
    layer = QgsRasterLayer(source, name)
    assert layer.isValid(), source
    if moved:
        layer.setCrs(QgsCoordinateReferenceSystem("EPSG:26914"))
    return project.addMapLayer(layer)


def export(layer: QgsRasterLayer, area: QgsRectangle | None = None) -> gdal.Dataset:
    raster, feedback = RasterInput(layer), QgsProcessingFeedback()
    assert raster.path is None
    return gdal.Open(raster.path_or_export(folder, area, UTM, 0.5, feedback))


def described(raster: gdal.Dataset) -> dict[str, Any]:
    bands = [raster.GetRasterBand(number + 1) for number in range(raster.RasterCount)]
    return {
        "names": [band.GetDescription() for band in bands],
        "size": [raster.RasterXSize, raster.RasterYSize],
        "values": [int(band.ReadAsArray().max()) for band in bands],
        "palette": bands[0].GetColorTable() is not None, "mask": bands[0].GetMaskFlags(),
        "nad83": "NAD83" in raster.GetProjection(),
    }  # fmt: skip


def copies() -> dict[str, Any]:
    """Set a CRS in QGIS for rasters of all kinds; export a part, with 0.5 m for web layers."""
    named = write_raster(str(folder / "named.tif"))
    memory = write_raster("/vsimem/memory.tif")
    palette = gdal.GetDriverByName("GTiff").Create(str(folder / "palette.tif"), 10, 8, 1)
    palette.SetGeoTransform((LEFT, 10, 0, TOP, 0, -10))
    colours = gdal.ColorTable()
    colours.SetColorEntry(7, (200, 10, 10, 255))
    palette.GetRasterBand(1).SetRasterColorTable(colours)
    palette = None
    gdal.SetConfigOption("GDAL_TIFF_INTERNAL_MASK", "YES")
    masked = gdal.Open(write_raster(str(folder / "masked.tif")), gdal.GA_Update)
    masked.CreateMaskBand(gdal.GMF_PER_DATASET)
    masked = None
    part = QgsRectangle(LEFT, TOP - 40, LEFT + 50, TOP)
    return {
        "file": described(export(layer_of(named, moved=True), part)),
        "memory": described(export(layer_of(memory, moved=True), part)),
        "options": described(export(layer_of(f"{named}|option:NUM_THREADS=2"), part)),
        "palette": described(export(layer_of(str(folder / "palette.tif"), moved=True))),
        "masked": described(export(layer_of(str(folder / "masked.tif"), moved=True))),
    }


def nodata() -> dict[str, Any]:
    """Set nodata values in QGIS; return those of the exports, and the warnings."""
    path = write_raster(str(folder / "fill.tif"))
    own = gdal.Open(write_raster(str(folder / "own.tif")), gdal.GA_Update)
    for number in range(1, 5):
        own.GetRasterBand(number).SetNoDataValue(10)
    own = None

    def values(source: str, ranges: list[QgsRasterRange], *, uses_own: bool = True) -> list[Any]:
        layer = layer_of(source)
        for number in range(1, 5):
            layer.dataProvider().setUserNoDataValue(number, ranges)
            layer.dataProvider().setUseSourceNoDataValue(number, uses_own)
        raster = RasterInput(layer)
        read = gdal.Open(raster.path_or_export(folder, None, UTM, 0, QgsProcessingFeedback()))
        found = {read.GetRasterBand(number).GetNoDataValue() for number in range(1, 5)}
        return [
            raster.path is None,
            *found,
            [text.split(" in QGIS")[0] for text in raster.warnings],
        ]

    scaled = gdal.Open(write_raster(str(folder / "scaled.tif")), gdal.GA_Update)
    for number in range(1, 5):
        scaled.GetRasterBand(number).SetScale(1e-4)
        scaled.GetRasterBand(number).SetOffset(-0.1)
    scaled = None
    one, wide, masked = QgsRasterRange(20, 20), QgsRasterRange(20, 30), str(folder / "masked.tif")
    return {
        "none": values(path, []), "one": values(path, [one]), "range": values(path, [wide]),
        "same": values(str(folder / "own.tif"), []),
        "own and one": values(str(folder / "own.tif"), [one]),
        "instead": values(str(folder / "own.tif"), [one], uses_own=False),
        "off": values(str(folder / "own.tif"), [], uses_own=False),
        "masked": values(masked, [one]),
        "scaled": values(str(folder / "scaled.tif"), [QgsRasterRange(-0.0993, -0.0993)]),
    }  # fmt: skip


def bands() -> dict[str, Any]:
    """Choose bands in the symbology; return the warnings."""
    found = {}
    for name, names, chosen in (
        ("named", NAMES, (4, 3, 2)), ("unnamed", ("",) * 4, (2, 3, 4)),
        ("usual", ("",) * 4, (1, 2, 3)),
    ):  # fmt: skip
        layer = layer_of(write_raster(str(folder / f"bands_{name}.tif"), names), name)
        layer.setRenderer(QgsMultiBandColorRenderer(layer.dataProvider(), *chosen))
        found[name] = RasterInput(layer).warnings
    found["untouched"] = []
    blue_first = (gdal.GCI_BlueBand, gdal.GCI_GreenBand, gdal.GCI_RedBand)
    for name, colours in (("blue_first", blue_first), ("two", (gdal.GCI_Undefined,) * 2)):
        path = str(folder / f"{name}.tif")
        raster = gdal.GetDriverByName("GTiff").Create(path, 10, 8, len(colours))
        for number, colour in enumerate(colours, 1):
            raster.GetRasterBand(number).SetColorInterpretation(colour)
        raster = None
        found["untouched"] += RasterInput(layer_of(path, name)).warnings
    return found


def run(name: str, parameters: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    context, feedback = QgsProcessingContext(), Errors()
    context.setProject(project)
    algorithm = registry.createAlgorithmById(f"mtrs_geo:{name}")
    results, _ = algorithm.run(parameters, context, feedback)
    return results, feedback.errors


def dates() -> dict[str, Any]:
    """Give layers dates in QGIS; return the dates that the worker gets."""
    found = QgsVectorLayer("Polygon?crs=EPSG:32614", "found", "memory")
    options = QgsVectorFileWriter.SaveVectorOptions()
    target = str(folder / "found.gpkg")
    QgsVectorFileWriter.writeAsVectorFormatV3(found, target, project.transformContext(), options)
    files = [write_raster(str(folder / f"{name}.tif")) for name in ("x", "y", "z_2021")]
    temporal = layer_of(files[1], "y")
    begin = QDateTime(QDate(2019, 3, 1), QTime(0, 0))
    temporal.temporalProperties().setIsActive(True)
    temporal.temporalProperties().setFixedTemporalRange(QgsDateTimeRange(begin, begin.addDays(1)))
    layers = {
        "renamed": layer_of(files[0], "flight 2016"), "temporal": temporal,
        "plain": layer_of(files[0], "x"), "file": layer_of(files[2], "z_2021"),
    }  # fmt: skip

    def given(before: str, after: str) -> Any:
        inputs = {"BEFORE": layers[before].id(), "AFTER": layers[after].id(), "QUERY": "found"}
        results, errors = run("detect", {**inputs, "OUTPUT": str(folder / "dated.gpkg")})
        return json.loads(results["REPORT"])["given_dates"] if results else errors

    stack = {"QUERY": "found", "OUTPUT": str(folder / "stack.gpkg")}
    stack["RASTERS"] = [layers[name].id() for name in ("renamed", "temporal")]
    of_stack = json.loads(run("stack", stack)[0]["REPORT"])["given_dates"]
    return {
        "both": given("renamed", "temporal"), "one": given("plain", "temporal"),
        "none": given("plain", "file"), "stack": of_stack,
    }  # fmt: skip


def archives() -> dict[str, Any]:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.write(write_raster(str(folder / "inside.tif")), "inside.tif")
    sources = (f"/vsizip/{folder}/a.zip/inside.tif", f"{folder}/a.zip")
    paths = [readable_path(layer_of(source)) for source in sources]
    return {"paths": paths, "sizes": [gdal.Open(path).RasterXSize for path in paths]}


def web() -> dict[str, Any]:
    """Export a layer of a server that does not send some of its tiles, or all."""
    script = str(Path(__file__).with_name("map_server.py"))
    server = subprocess.Popen([sys.executable, "-I", script], stdout=subprocess.PIPE)
    host = f"127.0.0.1:{int(server.stdout.readline())}"
    area, found = QgsRectangle(LEFT, TOP, LEFT + 512, TOP + 64), {}
    temporary = Path(QgsProcessingUtils.tempFolder())
    for name in ("all", "half", "none"):
        source = f"type=xyz&url=http://{host}/{name}/%7Bz%7D/%7Bx%7D/%7By%7D.png&zmax=18&zmin=0"
        raster = RasterInput(QgsRasterLayer(source, name, "wms"))
        try:
            path = raster.path_or_export(temporary, area, UTM, 1, QgsProcessingFeedback())
        except QgsProcessingException as error:
            found[name] = str(error)
            continue
        again = RasterInput(QgsRasterLayer(path, name)).warnings
        found[name] = [raster.warnings, again == raster.warnings]
    server.kill()
    return found


def virtual() -> list[Any]:
    """Export a raster with pixels of its own that is no file, as one of a database is."""
    path, sides = write_raster(str(folder / "grid.tif"), pixel_m=4), "500000,3999960,500040,4000000"
    layer = QgsRasterLayer(
        f"?crs=EPSG:32614&extent={sides}&width=10&height=10&formula=%22grid%401%22"
        f"&grid:uri={path}&grid:provider=gdal", "computed", "virtualraster",
    )  # fmt: skip
    half = QgsRectangle(LEFT, TOP - 40, LEFT + 20, TOP)
    sizes = [(one.RasterXSize, one.RasterYSize) for one in (export(layer), export(layer, half))]
    return [layer.isValid(), *sizes, round(pixel_size_m(layer) or 0)]


def names() -> list[str]:
    """Run with inputs that are files for the worker only; return the error."""
    area = QgsVectorLayer("Polygon?crs=EPSG:32614", "my area", "memory")
    feature = QgsFeature(area.fields())
    feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(LEFT, TOP - 50, LEFT + 50, TOP)))
    area.dataProvider().addFeature(feature)
    project.addMapLayer(area)
    before = layer_of(str(folder / "named.tif"), "my raster", moved=True)
    inputs = {"BEFORE": before.id(), "AFTER": before.id(), "AREA": area.id(), "QUERY": "apart"}
    return run("detect", {**inputs, "OUTPUT": str(folder / "apart.gpkg")})[1]


def tables() -> dict[str, Any]:
    """Run batches; return the rows that the worker gets."""
    found = {}
    for name, text, encoding in (
        ("capitals", "Before, After ,QUERY\na.tif,b.tif,new ponds\n", "utf-8"),
        ("windows", "before,after,query\na.tif,b.tif,neue Gebäude\n", "cp1252"),
        ("selected", "before,after,query\na.tif,b.tif,Höfe\nc.tif,d.tif,Gebäude\n", "cp1252"),
        ("cyrillic", "before,after,query\na.tif,b.tif,новые здания\n", "cp1251"),
        ("chosen", "one,after,query,Before\na.tif,b.tif,new ponds,c.tif\n", "utf-8"),
    ):
        path = folder / f"{name}.csv"
        path.write_bytes(text.encode(encoding))
        inputs = {"INPUT": str(path), "FOLDER": str(folder / name)}
        if name == "selected":
            table = project.addMapLayer(QgsVectorLayer(str(path), name, "ogr"))
            table.select(max(table.allFeatureIds()))
            inputs["INPUT"] = QgsProcessingFeatureSourceDefinition(table.id(), True)
        if name == "chosen":
            inputs["BEFORE_FIELD"] = "one"
        output = {"OUTPUT": str(folder / f"{name}_done.gpkg")}
        _, errors = run("batch", {**inputs, **output})
        done = QgsVectorLayer(output["OUTPUT"], name, "ogr")
        found[name] = errors or [json.loads(row["error"]) for row in done.getFeatures()]
    return found


def messages() -> list[list[str]]:
    """Return texts of the worker as QGIS shows them, for the jobs that have options."""
    texts = json.loads(Path(sys.argv[3]).read_text())
    jobs = ("detect", "batch", "export_pairs")
    return [[in_qgis({"advice": text}, job)["advice"] for job in jobs] for text in texts]


STEPS = (copies, nodata, bands, dates, archives, web, virtual, names, tables, messages)
print(json.dumps({s.__name__: s() for s in STEPS}, default=str), flush=True)  # noqa: T201
os._exit(0)
