"""Client, settings and export in QGIS's own Python, on a worker that is a stand-in."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

PYTHON = "/usr/bin/python3"
HERE = Path(__file__).parent


def has_qgis() -> bool:
    try:
        done = subprocess.run([PYTHON, "-c", "import qgis.core"], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


pytestmark = pytest.mark.skipif(not has_qgis(), reason="QGIS is not installed for /usr/bin/python3")


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("client")
    fake = folder / "python"
    fake.write_text(f'#!/bin/sh\nexec {PYTHON} -I "{HERE / "fake_worker.py"}"\n')
    fake.chmod(0o755)
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PROJ", "GDAL"))}
    clean["PATH"] = os.defpath  # a python3 of another home, as pyenv puts first, misleads QGIS
    done = subprocess.run(
        [PYTHON, str(HERE / "client_script.py"), str(HERE.parents[1]), str(folder)],
        env={**clean, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder),
             "QT_QPA_PLATFORM": "offscreen", "MTRS_GEO_PYTHON": str(fake),
             "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_jobs(facts: dict[str, Any]) -> None:
    jobs = facts["jobs"]
    assert jobs["same_process"]
    assert jobs["other_thread"] == "d"
    assert jobs["noise"] == {"whole": True}


def test_a_lost_worker_is_told_and_replaced(facts: dict[str, Any]) -> None:
    name, message = facts["jobs"]["crashed"]
    assert name == "JobError"
    assert "ended with code 3" in message
    assert "it broke" in message
    assert facts["jobs"]["after"] == "c"
    assert "/no/such/python cannot be started" in facts["jobs"]["missing"][1]


def test_cancel(facts: dict[str, Any]) -> None:
    assert facts["jobs"]["cancelled"][0] == "JobCancelledError"
    assert facts["jobs"]["progress"] == 50


def test_settings(facts: dict[str, Any]) -> None:
    settings = facts["settings"]
    assert settings["command"].endswith("--no-index --find-links '/a folder' mtrs-geo")
    assert settings["offline"][:4] == ["p", "-I", "-m", "pip"]
    assert settings["offline"][-4:] == ["--no-index", "--find-links", "w", "mtrs-geo"]
    assert settings["chosen"] == "/chosen/python"
    assert settings["found"] == "/no/such/python"  # as the environment variable says
    assert "python3-venv" in settings["advice"]


def test_environment_is_clean(facts: dict[str, Any]) -> None:
    assert facts["settings"]["dirty"] == []
    assert facts["settings"]["kept"]


def test_layers_without_a_path_are_exported(facts: dict[str, Any]) -> None:
    export = facts["export"]
    assert export["plain"].endswith("bare.tif")
    assert export["unreadable"] == [None, None]
    assert export["whole"] == [100, 80, 3]
    assert export["crs"]
    assert export["value"] == 7
    assert export["coarse"] == [25, 20]
    assert export["picture"] == [7, 0, 0, 255]
    assert "give the extent" in export["refused"]
