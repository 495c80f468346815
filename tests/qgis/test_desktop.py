"""The built zip in a real QGIS Desktop, without a screen: loaded, used, unloaded."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import rasterio

from mtrs_geo.data.synthetic import PairPaths

ROOT = Path(__file__).parents[2]
DESKTOP = shutil.which("qgis.bin") or shutil.which("qgis")

pytestmark = pytest.mark.skipif(DESKTOP is None, reason="QGIS Desktop is not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("desktop")


@pytest.fixture(scope="module")
def facts(folder: Path, pair_paths: PairPaths) -> dict[str, Any]:
    plugins = folder / "profiles" / "profiles" / "default" / "python" / "plugins"
    plugins.mkdir(parents=True)
    build = [sys.executable, "-m", "qgis_plugin.package", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(folder / "mtrs_geo_qgis.zip") as archive:
        archive.extractall(plugins)
    picture = ROOT / "build" / "qgis" / "settings.png"
    picture.parent.mkdir(parents=True, exist_ok=True)
    asked = {
        "before": str(pair_paths.before), "after": str(pair_paths.after), "crs": "EPSG:32614",
        "folder": str(folder), "answer": str(folder / "answer.json"), "picture": str(picture),
    }  # fmt: skip
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PROJ", "GDAL"))}
    done = subprocess.run(
        [str(DESKTOP), "--nologo", "--noversioncheck", "--profiles-path", str(folder / "profiles"),
         "--code", str(Path(__file__).with_name("desktop_script.py"))],
        env={**clean, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder),
             "QT_QPA_PLATFORM": "offscreen", "MTRS_GEO_PYTHON": sys.executable,
             "MTRS_GEO_TEST": json.dumps(asked), "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, check=False, timeout=1200,
    )  # fmt: skip
    answer = Path(asked["answer"])
    assert answer.is_file(), done.stderr
    facts = json.loads(answer.read_text())
    assert "traceback" not in facts, facts["traceback"]
    return facts


def test_loads_and_unloads(facts: dict[str, Any]) -> None:
    assert facts["loaded"]
    assert facts["button"]  # and the dock is closed
    assert facts["algorithms"] == [
        "mtrs_geo:batch", "mtrs_geo:detect", "mtrs_geo:evaluate", "mtrs_geo:pairs",
        "mtrs_geo:stack",
    ]  # fmt: skip
    assert facts["unloaded"]


def test_client_works_and_survives_its_worker(facts: dict[str, Any]) -> None:
    is_same, counts = facts["detect"]
    assert is_same
    assert counts["new buildings"] > 0
    assert facts["killed"] == [True, "WorkerStopped"]
    assert facts["again"] == "houses"


def test_no_orphan(facts: dict[str, Any]) -> None:
    # The script ends QGIS at once, without a farewell; the worker's input closes with it.
    status = Path(f"/proc/{facts['worker']}/stat")
    assert not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z"


def test_a_missing_python_is_told(facts: dict[str, Any]) -> None:
    is_same, name, message = facts["missing"]
    assert is_same
    assert name == "WorkerStopped"
    assert "/no/such/python" in message


def test_environment_is_clean(facts: dict[str, Any]) -> None:
    assert facts["dirty"] == []


def test_settings(facts: dict[str, Any]) -> None:
    assert facts["state"] == "It works."
    assert facts["command"].endswith("-I -m pip install --upgrade mtrs-geo")
    assert facts["chosen"] == "/chosen/python"
    assert facts["found"] == sys.executable


def test_layers_without_a_path_are_exported(
    facts: dict[str, Any], pair_paths: PairPaths, folder: Path
) -> None:
    assert facts["readable"] == str(pair_paths.before)
    assert facts["unreadable"] is None
    with rasterio.open(facts["exported"]) as found, rasterio.open(pair_paths.before) as truth:
        assert found.crs == truth.crs
        assert found.transform.almost_equals(truth.transform, 1e-6)
        assert (found.read() == truth.read()).all()
    with rasterio.open(facts["part"]) as part:
        assert part.res == pytest.approx((2, 2), rel=0.02)
