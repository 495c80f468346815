"""Script of qgis_responsiveness.py inside QGIS Desktop."""

from __future__ import annotations

import json
import os
import signal
import time
import traceback
from pathlib import Path
from typing import Any

from qgis import utils
from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QEventLoop, Qt, QTimer
from qgis.utils import iface

_EVERY_MS = 50
_FRACTION = 0.25  # of the raster side, for the short run
_REQUEST = json.loads(os.environ["MTRS_GEO_BENCHMARK"])


def _pause(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec() if hasattr(loop, "exec") else loop.exec_()


def _until(condition: Any, seconds: float = 1200) -> None:  # noqa: ANN401
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        _pause(0.05)


class _DelayTimer:
    """Delays of a timer in the GUI thread, per phase of the run."""

    def __init__(self) -> None:
        self.delays_ms: dict[str, list[float]] = {}
        self.phase = ""
        self._last = time.monotonic()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(_EVERY_MS)

    def statistics(self) -> dict[str, Any]:
        self._timer.stop()
        return {phase: _statistics(delays_ms) for phase, delays_ms in self.delays_ms.items()}

    def _tick(self) -> None:
        now = time.monotonic()
        self.delays_ms.setdefault(self.phase, []).append(1000 * (now - self._last) - _EVERY_MS)
        self._last = now


def _statistics(delays_ms: list[float]) -> dict[str, Any]:
    delays_ms = sorted(delays_ms)
    return {
        "ticks": len(delays_ms), "median_ms": round(delays_ms[len(delays_ms) // 2], 1),
        "p99_ms": round(delays_ms[int(0.99 * len(delays_ms))], 1),
        "max_delay_ms": round(delays_ms[-1], 1),
        "above_100_ms": sum(ms > 100 for ms in delays_ms),
    }  # fmt: skip


def _open_dock() -> Any:  # noqa: ANN401 - the plugin's dock
    for name in ("before", "after"):
        QgsProject.instance().addMapLayer(QgsRasterLayer(_REQUEST[name], name))
    utils.updateAvailablePlugins()
    utils.loadPlugin("mtrs_geo_qgis")
    utils.startPlugin("mtrs_geo_qgis")
    plugin = utils.plugins["mtrs_geo_qgis"]
    plugin.action.trigger()
    plugin.dock.query.set_text("new buildings\ndemolished buildings")
    plugin.dock.options.probability.setChecked(True)
    _pause(3)
    return plugin.dock


def _long_job(dock: Any, delays: _DelayTimer) -> dict[str, Any]:  # noqa: ANN401
    """Run on the whole pair, zoom the map, and cancel when the time is over."""
    canvas, started = iface.mapCanvas(), time.monotonic()
    dock.area.choose("whole")
    delays.phase = "start"
    dock.start()
    _until(lambda: dock.progress.value() > 0 or not dock.is_running())
    started_s = time.monotonic() - started
    delays.phase = "run"
    step = 0
    while dock.is_running() and time.monotonic() - started < _REQUEST["seconds"]:
        canvas.zoomByFactor(0.8 if step % 2 else 1.25)
        step += 1
        _pause(5)
    text = dock.progress_text.text()
    delays.phase = "cancel"
    dock.stop()
    _until(lambda: not dock.is_running())
    ended = dock.summary.text.text()
    return {"first_tile_s": round(started_s, 1), "progress": text, "ended": ended}


def _short_job(dock: Any, delays: _DelayTimer) -> dict[str, Any]:  # noqa: ANN401
    """Run a part of the pair to the end: the result is opened, added and drawn."""
    layer = dock.pair.layers()[1]
    extent = layer.extent()
    extent.scale(_FRACTION)
    dock.area.set_drawn(extent, layer.crs())
    iface.mapCanvas().setExtent(extent)
    delays.phase = "short run"
    dock.start()
    _until(lambda: dock.progress.value() == dock.progress.maximum() or not dock.is_running())
    delays.phase = "result"
    _until(lambda: not dock.is_running())
    _pause(1)
    _until(lambda: not iface.mapCanvas().isDrawing())
    return {"polygons": dock.result.featureCount() if dock.result else dock.summary.text.text()}


def _measure() -> dict[str, Any]:
    dock = _open_dock()
    delays = _DelayTimer()
    measurements = {**_long_job(dock, delays), **_short_job(dock, delays)}
    phases = delays.statistics()
    return {
        **measurements,
        "phases": phases,
        "max_delay_ms": max(p["max_delay_ms"] for p in phases.values()),
    }


def _main() -> None:
    try:
        measurements = _measure()
    except Exception:  # noqa: BLE001 - the benchmark reports it
        measurements = {"traceback": traceback.format_exc()}
    Path(_REQUEST["results"]).write_text(json.dumps(measurements))
    os.kill(os.getpid(), signal.SIGKILL)


QTimer.singleShot(500, _main)
