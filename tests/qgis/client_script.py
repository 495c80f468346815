"""Run by QGIS's own Python for test_client.py: the plugin on a worker that is a stand-in."""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from osgeo import gdal
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsRasterLayer,
    QgsRectangle,
)

root, folder = Path(sys.argv[1]), Path(sys.argv[2])
sys.path.insert(0, str(root))
app = QgsApplication([], True)
app.initQgis()

from qgis_plugin.environment import advice_on, clean_environment, install_command  # noqa: E402
from qgis_plugin.export import RasterInput, readable_path  # noqa: E402
from qgis_plugin.settings import OptionsPage, set_worker_python, worker_python  # noqa: E402
from qgis_plugin.worker_client import close_shared_worker, run_job  # noqa: E402

feedback = QgsProcessingFeedback()


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
    (folder / "0" / "0").mkdir(parents=True)
    gdal.Translate(str(folder / "0/0/0.png"), bare, format="PNG", width=256, height=256)
    tiles = f"type=xyz&url=file://{folder}/%7Bz%7D/%7Bx%7D/%7By%7D.png&zmax=0&zmin=0"
    drawn = RasterInput(QgsRasterLayer(tiles, "tiles", "wms"))
    area, mercator = QgsRectangle(-1e6, -1e6, 1e6, 1e6), QgsCoordinateReferenceSystem("EPSG:3857")
    picture = gdal.Open(drawn.written(folder, area, mercator, 20000, feedback)).ReadAsArray()
    try:
        refused = drawn.written(folder, None, mercator, 1, feedback)
    except QgsProcessingException as error:
        refused = str(error)
    return {
        "plain": plain, "unreadable": [given.path, drawn.path],
        "whole": [whole.RasterXSize, whole.RasterYSize, whole.RasterCount],
        "crs": "UTM zone 14N" in whole.GetProjection(), "value": int(whole.ReadAsArray()[0].min()),
        "coarse": [coarse.RasterXSize, coarse.RasterYSize],
        "picture": picture.reshape(len(picture), -1).max(1).tolist(), "refused": refused,
    }  # fmt: skip


print(json.dumps({"jobs": jobs(), "settings": settings(), "export": export()}), flush=True)  # noqa: T201
os._exit(0)
