"""The zip in a real QGIS Desktop on a virtual screen: load, use, unload."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rasterio

from mtrs_geo.data.rendering.synthetic import PairPaths

Desktop = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("desktop")


@pytest.fixture(scope="module")
def facts(desktop: Desktop, folder: Path, pair_paths: PairPaths, pictures: Path) -> dict[str, Any]:
    picture = pictures / "settings_page.png"
    request = {
        "before": str(pair_paths.before), "after": str(pair_paths.after), "crs": "EPSG:32614",
        "folder": str(folder), "picture": str(picture),
    }  # fmt: skip
    return desktop("desktop_script.py", request)


def test_loads_and_unloads(facts: dict[str, Any]) -> None:
    assert facts["loaded"]
    assert facts["button"]  # and the dock is closed
    assert facts["algorithms"] == [
        "mtrs_geo:audit", "mtrs_geo:batch", "mtrs_geo:detect", "mtrs_geo:evaluate",
        "mtrs_geo:pairs",
        "mtrs_geo:stack",
    ]  # fmt: skip
    assert facts["unloaded"]


def test_the_client_restarts_a_killed_worker(facts: dict[str, Any]) -> None:
    is_same, counts = facts["detect"]
    assert is_same
    assert counts["new buildings"] > 0
    assert facts["killed"] == [True, "WorkerStopped"]
    assert facts["again"] == "houses"


def test_a_killed_qgis_leaves_no_worker(facts: dict[str, Any]) -> None:
    """QGIS was killed while its worker ran a job; this closes the input of the worker."""
    assert facts["worker_ran"]
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and is_alive(facts["worker"]):
        time.sleep(0.1)
    assert not is_alive(facts["worker"])


def is_alive(pid: int) -> bool:
    """Return whether a process runs; a zombie does not."""
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_missing_python_is_reported(facts: dict[str, Any]) -> None:
    is_same, name, message = facts["missing"]
    assert is_same
    assert name == "WorkerStopped"
    assert "/no/such/python" in message


def test_the_environment_of_the_worker_is_clean(facts: dict[str, Any]) -> None:
    assert facts["dirty"] == []


def test_settings(facts: dict[str, Any]) -> None:
    assert facts["state"] == "It works."
    assert facts["command"].endswith("-I -m pip install --upgrade mtrs-geo")
    assert facts["chosen"] == "/chosen/python"
    found, configured = facts["found"]
    assert found == configured


def test_layers_without_a_path_are_exported(
    facts: dict[str, Any], pair_paths: PairPaths, folder: Path
) -> None:
    assert facts["readable"] == str(pair_paths.before)
    assert facts["unreadable"] is None
    with rasterio.open(facts["exported"]) as found, rasterio.open(pair_paths.before) as expected:
        assert found.crs == expected.crs
        assert found.transform.almost_equals(expected.transform, 1e-6)
        assert (found.read() == expected.read()).all()
    with rasterio.open(facts["part"]) as part, rasterio.open(pair_paths.before) as expected:
        assert part.res == expected.res  # the pixel size of web layers is not that of files
