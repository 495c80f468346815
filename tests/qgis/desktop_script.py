"""Script of test_desktop.py inside QGIS Desktop; writes its results to a JSON file."""

from __future__ import annotations

import json
import os
import signal
import time
import traceback
from pathlib import Path
from typing import Any

from osgeo import gdal
from qgis import utils
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsProcessingFeedback,
    QgsRasterLayer,
)
from qgis.PyQt.QtCore import QEventLoop, QTimer

FACTS: dict[str, Any] = {}
WORKER: list[Any] = []
REQUEST = json.loads(os.environ["MTRS_GEO_TEST"])
DETECT = {
    "before": REQUEST["before"], "after": REQUEST["after"], "query": "new buildings",
    "model": "brightness", "threshold": 0.25,
}  # fmt: skip


def wait(*signals: Any, seconds: float = 600) -> tuple[Any, ...]:
    """Run the event loop until one of the signals is emitted; return its arguments."""
    loop, arguments = QEventLoop(), []
    for one in signals:
        one.connect(lambda *facts: (arguments.append(facts), loop.quit()))
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec() if hasattr(loop, "exec") else loop.exec_()
    return arguments[0] if arguments else ()


def plugin() -> None:
    utils.updateAvailablePlugins()
    FACTS["loaded"] = utils.loadPlugin("mtrs_geo_qgis") and utils.startPlugin("mtrs_geo_qgis")
    instance = utils.plugins["mtrs_geo_qgis"]
    registry = QgsApplication.processingRegistry()
    FACTS["algorithms"] = sorted(a.id() for a in registry.providerById("mtrs_geo").algorithms())
    FACTS["button"] = instance.action.isVisible() and not instance.action.isChecked()


def client() -> None:
    from mtrs_geo_qgis.worker.client import WorkerClient

    WORKER.append(WorkerClient)
    worker = WorkerClient()
    max_delay_s, last = [0.0], [time.monotonic()]

    def measure() -> None:
        now = time.monotonic()
        max_delay_s[0], last[0] = max(max_delay_s[0], now - last[0] - 0.05), now

    timer = QTimer()
    timer.timeout.connect(measure)
    timer.start(50)
    first = worker.submit("detect", DETECT)
    job_id, answer = wait(worker.result, worker.error)
    FACTS["detect"] = [job_id == first, answer.get("counts")]
    timer.stop()
    FACTS["max_delay_s"] = max_delay_s[0]

    pid = worker._process.processId()
    lost = worker.submit("doctor", {})
    os.kill(pid, signal.SIGKILL)
    job_id, answer = wait(worker.error, worker.result)
    FACTS["killed"] = [job_id == lost, answer.get("class")]
    worker.submit("explain", {"query": "houses"})
    FACTS["again"] = wait(worker.result, worker.error)[1].get("model_text")
    worker.close()


def missing_python() -> None:
    from mtrs_geo_qgis.worker.client import WorkerClient

    worker = WorkerClient("/no/such/python")
    job = worker.submit("doctor", {})
    job_id, answer = wait(worker.error)
    FACTS["missing"] = [job_id == job, answer["class"], answer["message"]]


def environment() -> None:
    from mtrs_geo_qgis.worker.environment import clean_environment

    os.environ["PYTHONHOME"] = os.environ["PROJ_LIB"] = os.environ["LD_PRELOAD"] = ""
    names = clean_environment().keys()
    FACTS["dirty"] = [n for n in names if n.startswith(("PYTHON", "PROJ_", "GDAL_", "LD_PRE"))]


def settings() -> None:
    from mtrs_geo_qgis.settings import OptionsPage
    from mtrs_geo_qgis.worker.python_setting import set_worker_python, worker_python

    page = OptionsPage()
    FACTS["command"] = page.command.text()
    page.resize(900, 600)
    page.show()
    page.run_test()
    wait(page._client.result, page._client.error)
    FACTS["state"] = page.state.text()
    page.grab().save(REQUEST["picture"])
    set_worker_python("/chosen/python")
    FACTS["chosen"] = worker_python()
    set_worker_python(None)
    FACTS["found"] = [worker_python(), os.environ["MTRS_GEO_PYTHON"]]


def export() -> None:
    from mtrs_geo_qgis.algorithms.raster_input import RasterInput, readable_path

    plain = QgsRasterLayer(REQUEST["before"], "before")
    FACTS["readable"] = readable_path(plain)
    bare = str(Path(REQUEST["folder"]) / "bare.tif")
    source = gdal.Open(REQUEST["before"])
    dataset = gdal.GetDriverByName("GTiff").Create(
        bare, source.RasterXSize, source.RasterYSize, source.RasterCount
    )
    dataset.SetGeoTransform(source.GetGeoTransform())
    dataset.WriteArray(source.ReadAsArray())
    dataset = None
    layer = QgsRasterLayer(bare, "bare")
    layer.setCrs(QgsCoordinateReferenceSystem(REQUEST["crs"]))
    FACTS["unreadable"] = readable_path(layer)
    raster_input = RasterInput(layer)
    folder, feedback = Path(REQUEST["folder"]), QgsProcessingFeedback()
    FACTS["exported"] = raster_input.path_or_export(folder, None, layer.crs(), 0, feedback)
    quarter = plain.extent().buffered(-plain.extent().width() / 4)
    FACTS["part"] = raster_input.path_or_export(folder, quarter, layer.crs(), 2.0, feedback)


def unload() -> None:
    utils.unloadPlugin("mtrs_geo_qgis")
    FACTS["unloaded"] = QgsApplication.processingRegistry().providerById("mtrs_geo") is None


def kill_qgis() -> None:
    """Kill QGIS while a worker runs a job."""
    worker = WORKER[0]()
    worker.submit("detect", {**DETECT, "model": "tiny", "query": "new buildings", "tile_px": 64})
    wait(worker.progress, worker.error)
    FACTS["worker"] = worker._process.processId()
    FACTS["worker_ran"] = bool(worker._pending)


def main() -> None:
    try:
        for step in (
            plugin, client, missing_python, environment, settings, export, unload, kill_qgis,
        ):  # fmt: skip
            step()
    except Exception:  # noqa: BLE001 - the test reports it
        FACTS["traceback"] = traceback.format_exc()
    Path(REQUEST["answer"]).write_text(json.dumps(FACTS, default=str))
    os.kill(os.getpid(), signal.SIGKILL)


QTimer.singleShot(0, main)
