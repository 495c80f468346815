"""Delay of a 50 ms timer in QGIS's GUI thread while the dock runs a long job.

``python benchmarks/qgis_responsiveness.py [MINUTES] [--limit-ms 200]`` renders a large pair,
opens it in QGIS Desktop on a virtual screen and runs the model from the dock for MINUTES while
the map is zoomed.  Then it cancels the run and runs a part of the pair to the end, so that a
result is opened, added and drawn.  It prints the delays per phase and compares the largest one
with the limit.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from mtrs_geo.data.rendering.synthetic import write_large_pair

_ROOT = Path(__file__).parents[1]
_INSIDE = Path(__file__).with_name("qgis_responsiveness_inside.py")
_SIDE_PX = 12288


def measure(minutes: float, folder: Path) -> dict[str, Any]:
    """Return the measurements of the script inside QGIS.

    Args:
        minutes: duration of the job.
        folder: folder of the pair and of QGIS's profile.
    """
    pair = write_large_pair(folder, _SIDE_PX, _SIDE_PX, seed=1)
    plugins = folder / "profiles" / "profiles" / "default" / "python" / "plugins"
    plugins.mkdir(parents=True)
    build = [sys.executable, "-m", "qgis_plugin.package", str(folder), "--english-only"]
    subprocess.run(build, cwd=_ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(folder / "mtrs_geo_qgis.zip") as archive:
        archive.extractall(plugins)
    results = folder / "results.json"
    request = {
        "before": str(pair.before), "after": str(pair.after), "seconds": 60 * minutes,
        "results": str(results),
    }  # fmt: skip
    inherited = {
        k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PROJ", "GDAL"))
    }
    variables = {
        "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "QT_QPA_PLATFORM": "xcb",
        "MTRS_GEO_BENCHMARK": json.dumps(request),
        "MTRS_GEO_PYTHON": os.environ.get("MTRS_GEO_PYTHON", sys.executable),
    }  # fmt: skip
    desktop = shutil.which("qgis.bin") or shutil.which("qgis") or "qgis"
    process = subprocess.run(
        ["xvfb-run", "-a", "-s", "-screen 0 1280x800x24", desktop, "--nologo", "--noversioncheck",
         "--profiles-path", str(folder / "profiles"), "--code", str(_INSIDE)],
        env={**inherited, **variables}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if not results.is_file():
        sys.exit(process.stdout + process.stderr)
    measurements: dict[str, Any] = json.loads(results.read_text())
    return measurements


def main() -> int:
    """Measure and print; return 1 if the largest delay exceeds the limit."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("minutes", type=float, nargs="?", default=5.0)
    arguments.add_argument("--limit-ms", type=float, default=200.0)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measurements = measure(options.minutes, Path(folder))
    max_delay_ms = measurements.get("max_delay_ms", math.inf)
    measurements["fraction_of_limit"] = round(max_delay_ms / options.limit_ms, 3)
    sys.stdout.write(json.dumps(measurements, indent=1) + "\n")
    return 0 if max_delay_ms <= options.limit_ms else 1


if __name__ == "__main__":
    sys.exit(main())
