"""Script of test_client.py for QGIS's Python: the plugin with the fake worker."""

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
    QgsProcessingUtils,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsSettings,
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
from qgis_plugin.worker import client  # noqa: E402
from qgis_plugin.worker.environment import (  # noqa: E402
    clean_environment,
    find_python,
    has_mtrs_geo,
    install_command,
    managed_folder,
)
from qgis_plugin.worker.install_advice import installation_advice  # noqa: E402
from qgis_plugin.worker.install_source import InstallSource  # noqa: E402
from qgis_plugin.worker.python_setting import set_worker_python, worker_python  # noqa: E402
from qgis_plugin.worker.shared import close_shared_worker, run_job  # noqa: E402

feedback = QgsProcessingFeedback()
provider = Provider()  # kept, because QGIS crashes if Python deletes it


def run_or_error(
    job: str, params: dict[str, Any], job_feedback: QgsProcessingFeedback = feedback
) -> Any:
    try:
        return run_job(job, params, job_feedback)
    except Exception as error:  # noqa: BLE001 - the test checks it
        return [type(error).__name__, str(error)]


class Reported(QgsProcessingFeedback):
    """Keeps what the user is shown."""

    def __init__(self) -> None:
        super().__init__(False)
        self.warnings: list[str] = []
        self.notes: list[str] = []

    def pushWarning(self, warning: str) -> None:  # noqa: N802 - QGIS's name
        self.warnings.append(warning)

    def pushInfo(self, info: str) -> None:  # noqa: N802 - QGIS's name
        self.notes.append(info)


def silent_worker() -> list[Any]:
    """Cancel a job of a worker that does not answer, while another job waits; then run again."""
    client._SILENT_MS = 500
    stopped, waiting = QgsProcessingFeedback(), []
    threads = [
        threading.Thread(target=lambda: waiting.append(run_or_error("detect", {"query": "stuck"}))),
        threading.Timer(0.5, stopped.cancel),
    ]
    for thread in threads:
        thread.start()
    cancelled = run_or_error("detect", {"query": "stuck"}, stopped)
    for thread in threads:
        thread.join(60)
    return [cancelled, *waiting, run_or_error("explain", {"query": "e"})["query"], next_job()]


def closed_worker() -> Any:
    """Close the worker during a job, as the options of QGIS do for another Python."""
    reported = Reported()
    reported.progressChanged.connect(lambda _: close_shared_worker())
    return run_or_error("detect", {"query": "slow"}, reported)


def next_job() -> str:
    """Submit a job when a silent worker is given up; return how it ends."""
    worker, loop, ends = client.WorkerClient(), QEventLoop(), []

    def on_error(job_id: str, _: dict[str, Any]) -> None:
        if job_id == "next":
            ends.append("error")
            loop.quit()
        else:
            worker.submit_as("next", "explain", {"query": "f"})

    worker.error.connect(on_error)
    worker.result.connect(lambda _, result: (ends.append(result["query"]), loop.quit()))
    worker.submit_as("first", "detect", {"query": "stuck"})
    worker.cancel("first")
    QTimer.singleShot(20_000, loop.quit)
    loop.exec()
    worker.close(3000)
    return ends[0]


def proxy() -> list[Any]:
    """Return the proxy of a worker that starts while QGIS has one."""
    values = {"Enabled": True, "Type": "HttpProxy", "Host": "proxy.test", "Port": "8080 "}
    for name, value in values.items():
        QgsSettings().setValue(f"proxy/proxy{name}", value)
    QgsSettings().setValue("proxy/noProxyUrls", ["https://inside.test/wms"])
    close_shared_worker()
    found = run_or_error("explain", {"query": "p"})["proxy"]
    QgsSettings().remove("proxy")
    close_shared_worker()
    return found


def jobs() -> dict[str, Any]:
    first, second = run_or_error("explain", {"query": "a"}), run_or_error("explain", {"query": "b"})
    crashed, after = run_or_error("doctor", {}), run_or_error("explain", {"query": "c"})
    stopped = QgsProcessingFeedback()
    threading.Timer(0.5, stopped.cancel).start()
    cancelled = run_or_error("detect", {"query": "slow"}, stopped)
    found: list[Any] = []
    other = threading.Thread(target=lambda: found.append(run_or_error("explain", {"query": "d"})))
    other.start()
    other.join(60)
    noise = run_or_error("explain", {"query": "noise"})
    ended = [run_or_error("explain", {"query": "ended"}), closed_worker()]
    too_long = run_or_error("explain", {"query": "x" * 17_000_000})
    reported = Reported()
    run_or_error("explain", {"query": "warned"}, reported)
    without = [
        run_or_error("doctor", {"says": f"ModuleNotFoundError: No module named '{name}'"})[1]
        for name in ("mtrs_geo", "torch")
    ]
    stuck = silent_worker()
    close_shared_worker()
    os.environ["MTRS_GEO_PYTHON"] = "/no/such/python"
    missing = run_or_error("explain", {})
    close_shared_worker()
    return {
        "same_process": first["pid"] == second["pid"], "crashed": crashed,
        "after": after["query"], "cancelled": cancelled, "progress": stopped.progress(),
        "reported": [reported.warnings, reported.notes],
        "other_thread": found[0]["query"], "noise": noise, "missing": missing,
        "without": without, "stuck": stuck, "ended": ended, "too_long": too_long,
    }  # fmt: skip


def plots() -> QgsVectorLayer:
    """Return a layer with a self-intersecting bow tie, and a selected plot in the west."""
    layer = QgsVectorLayer("Polygon?crs=EPSG:32614", "plots", "memory")
    for wkt in ("Polygon((0 0,9 9,9 0,0 9,0 0))", "Polygon((-9 0,-5 0,-5 4,-9 0))"):
        plot = QgsFeature()
        plot.setGeometry(QgsGeometry.fromWkt(wkt))
        layer.dataProvider().addFeature(plot)
    layer.select(2)
    return layer


def run_task(
    parameters: dict[str, Any], stop: bool = False, task: DetectTask | None = None
) -> list[Any]:
    """Run the dock's task in an event loop; return the name and arguments of its last signal."""
    task = task or DetectTask(parameters)
    loop, events = QEventLoop(), []
    for name in ("done", "failed", "cancelled"):
        signal = getattr(task, name)
        signal.connect(lambda *facts, name=name: (events.extend([name, *facts]), loop.quit()))
    task.start()
    if stop:
        QTimer.singleShot(1000, task.cancel)
    loop.exec() if hasattr(loop, "exec") else loop.exec_()
    return events


def task() -> dict[str, Any]:
    """Run the dock's task, from the algorithm to the layers in the project."""
    QgsApplication.processingRegistry().addProvider(provider)
    project = QgsProject.instance()
    dataset = QgsVectorLayer("Polygon?crs=EPSG:32614&field=change:string", "found", "memory")
    options = QgsVectorFileWriter.SaveVectorOptions()
    transforms = project.transformContext()
    path = str(folder / "found.gpkg")
    QgsVectorFileWriter.writeAsVectorFormatV3(dataset, path, transforms, options)
    raster = str(folder / "raster.tif")
    gdal.GetDriverByName("GTiff").Create(raster, 8, 8, 3).SetGeoTransform((0, 1, 0, 8, 0, -1))
    before, after = (project.addMapLayer(QgsRasterLayer(raster, name)) for name in "ba")
    area = project.addMapLayer(plots())
    parameters = {
        "BEFORE": before.id(), "AFTER": after.id(), "QUERY": "found",
        "OUTPUT": str(folder / "kept.gpkg"),
    }  # fmt: skip
    areas = []
    for is_selection in (True, False):
        parameters["AREA"] = QgsProcessingFeatureSourceDefinition(area.id(), is_selection)
        name, outcome, layers = run_task(parameters)
        aoi = QgsVectorLayer(outcome.report["aoi"], "area", "ogr")
        areas.append(sorted(f.geometry().area() for f in aoi.getFeatures()))
    layer = add_to_project(outcome, layers, project)
    return {
        "ended": [name, run_task({**parameters, "QUERY": "slow"}, stop=True)],
        "failed": run_task({**parameters, "QUERY": "nothing"})[0],
        "broken": run_task({**parameters, "QUERY": "broken"})[2],
        "areas": areas, "source": layer.source(), "valid": layer.isValid(),
        "in_project": project.mapLayer(layer.id()) is layer,
        "here": layer.thread() == app.thread(),
        "categories": [c.value() for c in layer.renderer().categories()],
    }  # fmt: skip


def settings() -> dict[str, Any]:
    page = OptionsPage()
    page.source.setFilePath("/a folder")
    set_worker_python("/chosen/python")
    chosen = worker_python()
    set_worker_python(None)
    os.environ.update(PYTHONHOME="x", PROJ_LIB="x", GDAL_DATA="x", VIRTUAL_ENV="x", HOME_OF="x")
    names = set(clean_environment().keys())
    return {
        "command": page.command.text(), "chosen": chosen, "found": worker_python(),
        "dirty": sorted(names & {"PYTHONHOME", "PROJ_LIB", "GDAL_DATA", "VIRTUAL_ENV"}),
        "kept": "HOME_OF" in names,
        "offline": install_command("p", InstallSource("w", uses_index=False)),
        "advice": installation_advice("No module named ensurepip", InstallSource(), False),
    }  # fmt: skip


def find_pythons() -> list[bool]:
    """Return whether Python is found in conda's folder, in the profile, and by the variable."""

    def environment(home: Path) -> str:
        python = home / "bin" / "python"
        (home / "lib/python3.12/site-packages/mtrs_geo-0.1.dist-info").mkdir(parents=True)
        python.parent.mkdir()
        python.touch()
        return str(python)

    configured = os.environ.pop("MTRS_GEO_PYTHON")
    (Path.home() / "miniconda3/bin").mkdir(parents=True)
    (Path.home() / "miniconda3/bin/python").touch()  # without mtrs-geo
    found = [find_python() is None and not has_mtrs_geo(Path("x" * 300))]
    for home in (Path.home() / "miniforge3/envs/mtrs-geo", managed_folder()):
        expected = environment(home)
        found.append(find_python() == expected)
    os.environ["MTRS_GEO_PYTHON"] = configured
    return [*found, find_python() == configured]


def resume() -> dict[str, Any]:
    """Cancel a run over a layer that is exported, and go on with the same export."""
    project = QgsProject.instance()
    raster = gdal.GetDriverByName("GTiff").Create(str(folder / "kept.tif"), 10, 10, 3)
    raster.SetGeoTransform((500000, 0.5, 0, 4000000, 0, -0.5))
    raster = None
    layers = [QgsRasterLayer(str(folder / "kept.tif"), name) for name in ("before", "after")]
    layers[0].setCrs(QgsCoordinateReferenceSystem("EPSG:32614"))
    project.addMapLayers(layers)
    output = QgsProcessingUtils.generateTempFilename("changes.gpkg")
    parameters = {
        "BEFORE": layers[0].id(), "AFTER": layers[1].id(), "QUERY": "kept", "OUTPUT": output,
    }  # fmt: skip
    first, third = DetectTask(parameters), DetectTask(parameters)
    stopped = run_task({}, True, first)
    second = first.resumed()
    done = run_task({}, False, second)
    run_task({}, True, third)
    was_kept = Path(f"{output}.run").exists()
    third.forget()
    return {
        "stopped": [stopped, first.is_kept], "done": done[0], "same": done[1].report["is_same"],
        "ids": [done[1].before_id, done[1].after_id] == [layer.id() for layer in layers],
        "kept": [second.is_kept, was_kept, Path(f"{output}.run").exists()],
    }  # fmt: skip


def export() -> dict[str, Any]:
    bare = str(folder / "bare.tif")
    dataset = gdal.GetDriverByName("GTiff").Create(bare, 100, 80, 3)
    dataset.SetGeoTransform((500000, 0.5, 0, 4000000, 0, -0.5))
    dataset.GetRasterBand(1).Fill(7)
    dataset = None
    layer = QgsRasterLayer(bare, "bare")
    plain = readable_path(layer)
    layer.setCrs(QgsCoordinateReferenceSystem("EPSG:32614"))
    raster_input = RasterInput(layer)
    whole = gdal.Open(raster_input.path_or_export(folder, None, layer.crs(), 0, feedback))
    coarse = gdal.Open(
        raster_input.path_or_export(folder, layer.extent(), layer.crs(), 2.0, feedback)
    )
    gdal.FileFromMemBuffer("/vsimem/m.tif", Path(bare).read_bytes())
    virtual = str(folder / "edited.vrt")
    gdal.Translate(virtual, bare, format="VRT", outputSRS="EPSG:32614")
    inline = Path(virtual).read_text().replace('"1">bare.tif', f'"0">{bare}')
    sources = {"memory": "/vsimem/m.tif", "inline": inline}
    values = {}
    for name, source in sources.items():
        raster = QgsRasterLayer(source, name)
        raster.setCrs(layer.crs())
        exported = RasterInput(raster)
        read = gdal.Open(exported.path_or_export(folder, None, layer.crs(), 0, feedback))
        values[name] = [exported.path, read.RasterXSize, int(read.ReadAsArray()[0].min())]
    return {
        "plain": plain, "unreadable": raster_input.path,
        "whole": [whole.RasterXSize, whole.RasterYSize, whole.RasterCount],
        "crs": "UTM zone 14N" in whole.GetProjection(), "value": int(whole.ReadAsArray()[0].min()),
        "coarse": [coarse.RasterXSize, coarse.RasterYSize],
        "file": [readable_path(QgsRasterLayer(virtual, "v")) == virtual], "values": values,
    }  # fmt: skip


def web() -> dict[str, Any]:
    """Export layers of a map server."""
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
        raster_input = RasterInput(QgsRasterLayer(source, name, "wms"))
        image = gdal.Open(raster_input.path_or_export(folder, area, crs, 0.5, feedback))
        pixels = image.ReadAsArray()
        refused = []
        for where, resolution_m in ((None, 1), (area, 0), (QgsRectangle(0, 0, 1, 1), 1)):
            try:
                refused.append(
                    raster_input.path_or_export(folder, where, crs, resolution_m, feedback)
                )
            except QgsProcessingException as error:
                refused.append(str(error))
        found[name] = {
            "path": raster_input.path, "size": [image.RasterXSize, image.RasterYSize],
            "low": pixels.reshape(len(pixels), -1).min(1).tolist(),
            "high": pixels.reshape(len(pixels), -1).max(1).tolist(), "refused": refused,
        }  # fmt: skip
    server.kill()
    return found


facts = {
    step.__name__: step()
    for step in (task, resume, proxy, jobs, settings, find_pythons, export, web)
}
print(json.dumps(facts), flush=True)  # noqa: T201
os._exit(0)
