"""A real QGIS Desktop on a screen of its own, with the built zip in a clean profile."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DESKTOP = shutil.which("qgis.bin") or shutil.which("qgis")
Desktop = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def desktop(tmp_path_factory: pytest.TempPathFactory) -> Desktop:
    """Return what runs a script in QGIS Desktop under Xvfb and returns its answer."""
    if DESKTOP is None or shutil.which("xvfb-run") is None:
        pytest.skip("QGIS Desktop or xvfb-run is not installed")

    def run(script: str, asked: dict[str, Any], scale: int = 1) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp("desktop")
        profiles = folder / "profiles"
        plugins = profiles / "profiles" / "default" / "python" / "plugins"
        plugins.mkdir(parents=True)
        build = [sys.executable, "-m", "qgis_plugin.package", str(folder)]
        subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
        with zipfile.ZipFile(folder / "mtrs_geo_qgis.zip") as archive:
            archive.extractall(plugins)
        answer = folder / "answer.json"
        clean = {
            k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PROJ", "GDAL"))
        }
        clean["PATH"] = os.defpath  # a python3 of another home, as pyenv puts first, misleads QGIS
        screen = f"-screen 0 {1280 * scale}x{800 * scale}x24"
        done = subprocess.run(
            ["xvfb-run", "-a", "-s", screen, str(DESKTOP), "--nologo", "--noversioncheck",
             "--profiles-path", str(profiles), "--code", str(Path(__file__).with_name(script))],
            env={**clean, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder),
                 "QT_QPA_PLATFORM": "xcb", "QT_SCALE_FACTOR": str(scale),
                 "MTRS_GEO_PYTHON": os.environ.get("MTRS_GEO_PYTHON", sys.executable),
                 "OMP_NUM_THREADS": "1",
                 "MTRS_GEO_TEST": json.dumps({**asked, "answer": str(answer)})},
            capture_output=True, text=True, check=False, timeout=1200,
        )  # fmt: skip
        assert answer.is_file(), done.stdout + done.stderr
        facts: dict[str, Any] = json.loads(answer.read_text())
        assert "traceback" not in facts, facts["traceback"] + done.stderr
        return facts

    return run
