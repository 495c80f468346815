"""How late a 50 ms timer in QGIS's GUI thread is while the dock runs a long job.

``python benchmarks/qgis_responsiveness.py [MINUTES] [--limit-ms 200]``: renders a pair
large enough, opens it in a real QGIS Desktop on a screen of its own, lets the dock run the
model for so long, moves the map about meanwhile, cancels, then runs a part to its end, so that
a result is opened, added and drawn; prints the figures of each part against the limit.
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
    """Return what the script inside QGIS measured.

    Args:
        minutes: length of the job.
        folder: for the pair and QGIS's profile.
    """
    pair = write_large_pair(folder, _SIDE_PX, _SIDE_PX, seed=1)
    plugins = folder / "profiles" / "profiles" / "default" / "python" / "plugins"
    plugins.mkdir(parents=True)
    build = [sys.executable, "-m", "qgis_plugin.package", str(folder), "--english-only"]
    subprocess.run(build, cwd=_ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(folder / "mtrs_geo_qgis.zip") as archive:
        archive.extractall(plugins)
    answer = folder / "answer.json"
    asked = {
        "before": str(pair.before), "after": str(pair.after), "seconds": 60 * minutes,
        "answer": str(answer),
    }  # fmt: skip
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PROJ", "GDAL"))}
    own = {
        "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "QT_QPA_PLATFORM": "xcb",
        "MTRS_GEO_BENCHMARK": json.dumps(asked),
        "MTRS_GEO_PYTHON": os.environ.get("MTRS_GEO_PYTHON", sys.executable),
    }  # fmt: skip
    desktop = shutil.which("qgis.bin") or shutil.which("qgis") or "qgis"
    done = subprocess.run(
        ["xvfb-run", "-a", "-s", "-screen 0 1280x800x24", desktop, "--nologo", "--noversioncheck",
         "--profiles-path", str(folder / "profiles"), "--code", str(_INSIDE)],
        env={**clean, **own}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if not answer.is_file():
        sys.exit(done.stdout + done.stderr)
    facts: dict[str, Any] = json.loads(answer.read_text())
    return facts


def main() -> int:
    """Measure and print; exit 1 where the limit is passed."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("minutes", type=float, nargs="?", default=5.0)
    arguments.add_argument("--limit-ms", type=float, default=200.0)
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        facts = measure(asked.minutes, Path(folder))
    latest_ms = facts.get("latest_ms", math.inf)
    facts["of_limit"] = round(latest_ms / asked.limit_ms, 3)
    sys.stdout.write(json.dumps(facts, indent=1) + "\n")
    return 0 if latest_ms <= asked.limit_ms else 1


if __name__ == "__main__":
    sys.exit(main())
