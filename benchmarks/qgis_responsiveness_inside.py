"""Run inside QGIS Desktop by qgis_responsiveness.py."""

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
_SHARE = 0.25  # of a side, for the run to its end
_ASKED = json.loads(os.environ["MTRS_GEO_BENCHMARK"])


def _pause(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec() if hasattr(loop, "exec") else loop.exec_()


def _until(is_so: Any, seconds: float = 1200) -> None:  # noqa: ANN401
    end = time.monotonic() + seconds
    while not is_so() and time.monotonic() < end:
        _pause(0.05)


class _Pulse:
    """By how much a timer in the GUI thread was late, part by part of the run."""

    def __init__(self) -> None:
        self.late_ms: dict[str, list[float]] = {}
        self.part = ""
        self._last = time.monotonic()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(_EVERY_MS)

    def figures(self) -> dict[str, Any]:
        self._timer.stop()
        return {part: _figures(late_ms) for part, late_ms in self.late_ms.items()}

    def _beat(self) -> None:
        now = time.monotonic()
        self.late_ms.setdefault(self.part, []).append(1000 * (now - self._last) - _EVERY_MS)
        self._last = now


def _figures(late_ms: list[float]) -> dict[str, Any]:
    late_ms = sorted(late_ms)
    return {
        "beats": len(late_ms), "median_ms": round(late_ms[len(late_ms) // 2], 1),
        "p99_ms": round(late_ms[int(0.99 * len(late_ms))], 1), "latest_ms": round(late_ms[-1], 1),
        "above_100_ms": sum(ms > 100 for ms in late_ms),
    }  # fmt: skip


def _opened() -> Any:  # noqa: ANN401 - the plugin's dock
    for name in ("before", "after"):
        QgsProject.instance().addMapLayer(QgsRasterLayer(_ASKED[name], name))
    utils.updateAvailablePlugins()
    utils.loadPlugin("mtrs_geo_qgis")
    utils.startPlugin("mtrs_geo_qgis")
    plugin = utils.plugins["mtrs_geo_qgis"]
    plugin.action.trigger()
    plugin.dock.query.set_text("new buildings\ndemolished buildings")
    plugin.dock.options.probability.setChecked(True)
    _pause(3)
    return plugin.dock


def _long_job(dock: Any, pulse: _Pulse) -> dict[str, Any]:  # noqa: ANN401
    """Run on the whole pair, move the map about, and cancel when the time is over."""
    canvas, began = iface.mapCanvas(), time.monotonic()
    dock.area.choose("whole")
    pulse.part = "start"
    dock.start()
    _until(lambda: dock.progress.value() > 0 or not dock.is_running())
    started_s = time.monotonic() - began
    pulse.part = "run"
    turn = 0
    while dock.is_running() and time.monotonic() - began < _ASKED["seconds"]:
        canvas.zoomByFactor(0.8 if turn % 2 else 1.25)
        turn += 1
        _pause(5)
    text = dock.progress_text.text()
    pulse.part = "cancel"
    dock.stop()
    _until(lambda: not dock.is_running())
    ended = dock.summary.text.text()
    return {"first_tile_s": round(started_s, 1), "progress": text, "ended": ended}


def _whole_job(dock: Any, pulse: _Pulse) -> dict[str, Any]:  # noqa: ANN401
    """Run on a part to its end: the result is opened, added and drawn."""
    layer = dock.pair.layers()[1]
    extent = layer.extent()
    extent.scale(_SHARE)
    dock.area.set_drawn(extent, layer.crs())
    iface.mapCanvas().setExtent(extent)
    pulse.part = "short run"
    dock.start()
    _until(lambda: dock.progress.value() == dock.progress.maximum() or not dock.is_running())
    pulse.part = "result"
    _until(lambda: not dock.is_running())
    _pause(1)
    _until(lambda: not iface.mapCanvas().isDrawing())
    return {"polygons": dock.result.featureCount() if dock.result else dock.summary.text.text()}


def _measure() -> dict[str, Any]:
    dock = _opened()
    pulse = _Pulse()
    facts = {**_long_job(dock, pulse), **_whole_job(dock, pulse)}
    parts = pulse.figures()
    return {**facts, "parts": parts, "latest_ms": max(p["latest_ms"] for p in parts.values())}


def _main() -> None:
    try:
        facts = _measure()
    except Exception:  # noqa: BLE001 - the benchmark prints it
        facts = {"traceback": traceback.format_exc()}
    Path(_ASKED["answer"]).write_text(json.dumps(facts))
    os.kill(os.getpid(), signal.SIGKILL)


QTimer.singleShot(500, _main)
