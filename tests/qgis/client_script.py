"""Run by QGIS's own Python for test_client.py: the plugin on a worker that is a stand-in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from osgeo import gdal
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorFileWriter,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QEventLoop, QTimer

root, folder = Path(sys.argv[1]), Path(sys.argv[2])
sys.path.insert(0, str(root))
app = QgsApplication([], True)
app.initQgis()

from qgis_plugin.algorithms.raster_input import RasterInput, readable_path  # noqa: E402
from qgis_plugin.dock.detect_task import DetectTask  # noqa: E402
from qgis_plugin.provider import Provider  # noqa: E402
from qgis_plugin.results.results import add_to_project  # noqa: E402
from qgis_plugin.settings import OptionsPage  # noqa: E402
from qgis_plugin.worker.environment import (  # noqa: E402
    advice_on,
    clean_environment,
    find_python,
    install_command,
    managed_folder,
)
from qgis_plugin.worker.python_setting import set_worker_python, worker_python  # noqa: E402
from qgis_plugin.worker.shared import close_shared_worker, run_job  # noqa: E402

feedback = QgsProcessingFeedback()
provider = Provider()  # as the plugin keeps it: QGIS crashes on one that Python let go


def told(job: str, params: dict[str, Any], heard: QgsProcessingFeedback = feedback) -> Any:
    try:
        return run_job(job, params, heard)
    except Exception as error:  # noqa: BLE001 - the test looks at it
        return [type(error).__name__, str(error)]


def jobs() -> dict[str, Any]:
    first, second = told("explain", {"query": "a"}), told("explain", {"query": "b"})
    crashed, after = told("doctor", {}), told("explain", {"query": "c"})
    stopped = QgsProcessingFeedback()
    threading.Timer(0.5, stopped.cancel).start()
    cancelled = told("detect", {"query": "slow"}, stopped)
    found: list[Any] = []
    other = threading.Thread(target=lambda: found.append(told("explain", {"query": "d"})))
    other.start()
    other.join(60)
    noise = told("explain", {"query": "noise"})
    close_shared_worker()
    os.environ["MTRS_GEO_PYTHON"] = "/no/such/python"
    missing = told("explain", {})
    close_shared_worker()
    return {
        "same_process": first["pid"] == second["pid"], "crashed": crashed,
        "after": after["query"], "cancelled": cancelled, "progress": stopped.progress(),
        "other_thread": found[0]["query"], "noise": noise, "missing": missing,
    }  # fmt: skip


def plots() -> QgsVectorLayer:
    """Return a layer with a bow tie, which crosses itself, and a plot in the west, selected."""
    layer = QgsVectorLayer("Polygon?crs=EPSG:32614", "plots", "memory")
    for wkt in ("Polygon((0 0,9 9,9 0,0 9,0 0))", "Polygon((-9 0,-5 0,-5 4,-9 0))"):
        plot = QgsFeature()
        plot.setGeometry(QgsGeometry.fromWkt(wkt))
        layer.dataProvider().addFeature(plot)
    layer.select(2)
    return layer


def ended(asked: dict[str, Any], stop: bool = False) -> list[Any]:
    """Run the dock's task in an event loop; return how it ended and what it brought."""
    task, loop, came = DetectTask(asked), QEventLoop(), []
    for name in ("done", "failed", "cancelled"):
        signal = getattr(task, name)
        signal.connect(lambda *facts, name=name: (came.extend([name, *facts]), loop.quit()))
    task.start()
    if stop:
        QTimer.singleShot(1000, task.cancel)
    loop.exec() if hasattr(loop, "exec") else loop.exec_()
    return came


def task() -> dict[str, Any]:
    """The dock's run, from the algorithm to layers that the project can take."""
    QgsApplication.processingRegistry().addProvider(provider)
    project = QgsProject.instance()
    made = QgsVectorLayer("Polygon?crs=EPSG:32614&field=change:string", "found", "memory")
    options = QgsVectorFileWriter.SaveVectorOptions()
    transforms = project.transformContext()
    path = str(folder / "found.gpkg")
    QgsVectorFileWriter.writeAsVectorFormatV3(made, path, transforms, options)
    raster = str(folder / "raster.tif")
    gdal.GetDriverByName("GTiff").Create(raster, 8, 8, 3).SetGeoTransform((0, 1, 0, 8, 0, -1))
    before, after = (project.addMapLayer(QgsRasterLayer(raster, name)) for name in "ba")
    area = project.addMapLayer(plots())
    asked = {
        "BEFORE": before.id(), "AFTER": after.id(), "QUERY": "found",
        "OUTPUT": str(folder / "kept.gpkg"),
    }  # fmt: skip
    areas = []
    for is_part in (True, False):
        asked["AREA"] = QgsProcessingFeatureSourceDefinition(area.id(), is_part)
        name, outcome, layers = ended(asked)
        written = QgsVectorLayer(outcome.report["aoi"], "area", "ogr")
        areas.append(sorted(f.geometry().area() for f in written.getFeatures()))
    layer = add_to_project(outcome, layers, project)
    return {
        "ended": [name, ended({**asked, "QUERY": "slow"}, stop=True)],
        "failed": ended({**asked, "QUERY": "nothing"})[0],
        "areas": areas, "source": layer.source(), "valid": layer.isValid(),
        "in_project": project.mapLayer(layer.id()) is layer,
        "here": layer.thread() == app.thread(),
        "categories": [c.value() for c in layer.renderer().categories()],
    }  # fmt: skip


def settings() -> dict[str, Any]:
    page = OptionsPage()
    page.wheels.setFilePath("/a folder")
    set_worker_python("/chosen/python")
    chosen = worker_python()
    set_worker_python(None)
    os.environ.update(PYTHONHOME="x", PROJ_LIB="x", GDAL_DATA="x", VIRTUAL_ENV="x", HOME_OF="x")
    names = set(clean_environment().keys())
    return {
        "command": page.command.text(), "chosen": chosen, "found": worker_python(),
        "dirty": sorted(names & {"PYTHONHOME", "PROJ_LIB", "GDAL_DATA", "VIRTUAL_ENV"}),
        "kept": "HOME_OF" in names, "offline": install_command("p", "w"),
        "advice": advice_on("No module named ensurepip"),
    }  # fmt: skip


def places() -> list[str]:
    """Which Python is found: in conda's place, then beside the plugins, then as named."""

    def environment(home: Path) -> str:
        python = home / "bin" / "python"
        (home / "lib/python3.12/site-packages/mtrs_geo-0.1.dist-info").mkdir(parents=True)
        python.parent.mkdir()
        python.touch()
        return str(python)

    named = os.environ.pop("MTRS_GEO_PYTHON")
    (Path.home() / "miniconda3/bin").mkdir(parents=True)
    (Path.home() / "miniconda3/bin/python").touch()  # without mtrs-geo
    found = [find_python() is None]
    for home in (Path.home() / "miniforge3/envs/mtrs-geo", managed_folder()):
        expected = environment(home)
        found.append(find_python() == expected)
    os.environ["MTRS_GEO_PYTHON"] = named
    return [*found, find_python() == named]


def export() -> dict[str, Any]:
    bare = str(folder / "bare.tif")
    made = gdal.GetDriverByName("GTiff").Create(bare, 100, 80, 3)
    made.SetGeoTransform((500000, 0.5, 0, 4000000, 0, -0.5))
    made.GetRasterBand(1).Fill(7)
    made = None
    layer = QgsRasterLayer(bare, "bare")
    plain = readable_path(layer)
    layer.setCrs(QgsCoordinateReferenceSystem("EPSG:32614"))
    given = RasterInput(layer)
    whole = gdal.Open(given.written(folder, None, layer.crs(), 0, feedback))
    coarse = gdal.Open(given.written(folder, layer.extent(), layer.crs(), 2.0, feedback))
    gdal.FileFromMemBuffer("/vsimem/m.tif", Path(bare).read_bytes())
    virtual = str(folder / "edited.vrt")
    gdal.Translate(virtual, bare, format="VRT", outputSRS="EPSG:32614")
    inline = Path(virtual).read_text().replace('"1">bare.tif', f'"0">{bare}')
    sources = {"memory": "/vsimem/m.tif", "inline": inline}
    values = {}
    for name, source in sources.items():
        one = QgsRasterLayer(source, name)
        one.setCrs(layer.crs())
        held = RasterInput(one)
        read = gdal.Open(held.written(folder, None, layer.crs(), 0, feedback))
        values[name] = [held.path, read.RasterXSize, int(read.ReadAsArray()[0].min())]
    return {
        "plain": plain, "unreadable": given.path,
        "whole": [whole.RasterXSize, whole.RasterYSize, whole.RasterCount],
        "crs": "UTM zone 14N" in whole.GetProjection(), "value": int(whole.ReadAsArray()[0].min()),
        "coarse": [coarse.RasterXSize, coarse.RasterYSize],
        "file": [readable_path(QgsRasterLayer(virtual, "v")) == virtual], "values": values,
    }  # fmt: skip


def web() -> dict[str, Any]:
    """Layers of a map server: what QGIS shows of them."""
    server = subprocess.Popen(
        [sys.executable, "-I", str(Path(__file__).with_name("map_server.py"))],
        stdout=subprocess.PIPE,
    )
    host = f"127.0.0.1:{int(server.stdout.readline())}"
    sources = {
        "xyz": f"type=xyz&url=http://{host}/%7Bz%7D/%7Bx%7D/%7By%7D.png&zmax=4&zmin=0",
        "wms": f"crs=EPSG:32614&format=image/png&layers=plain&styles&url=http://{host}/wms",
    }
    area, crs = QgsRectangle(500000, 4000000, 500064, 4000032), "EPSG:32614"
    crs = QgsCoordinateReferenceSystem(crs)
    found = {}
    for name, source in sources.items():
        drawn = RasterInput(QgsRasterLayer(source, name, "wms"))
        picture = gdal.Open(drawn.written(folder, area, crs, 0.5, feedback))
        pixels = picture.ReadAsArray()
        refused = []
        for where, resolution_m in ((None, 1), (area, 0), (QgsRectangle(0, 0, 1, 1), 1)):
            try:
                refused.append(drawn.written(folder, where, crs, resolution_m, feedback))
            except QgsProcessingException as error:
                refused.append(str(error))
        found[name] = {
            "path": drawn.path, "size": [picture.RasterXSize, picture.RasterYSize],
            "low": pixels.reshape(len(pixels), -1).min(1).tolist(),
            "high": pixels.reshape(len(pixels), -1).max(1).tolist(), "refused": refused,
        }  # fmt: skip
    server.kill()
    return found


facts = {part.__name__: part() for part in (task, jobs, settings, places, export, web)}
print(json.dumps(facts), flush=True)  # noqa: T201
os._exit(0)
