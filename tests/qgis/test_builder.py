"""“Create environment” with real processes: venv, pip, and the messages when they fail."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
Script = Callable[..., dict[str, Any]]
HAS_VENV = """
import importlib.util, json, sys
can = importlib.util.find_spec("ensurepip") is not None
print(json.dumps({"has_venv": can and sys.version_info >= (3, 11)}))
"""


def write_wheel(folder: Path) -> None:
    """Write a fake mtrs-geo wheel without dependencies, whose ``doctor`` succeeds."""
    folder.mkdir()
    info = "mtrs_geo-9.9.dist-info"
    files = {
        "mtrs_geo/__init__.py": "",
        "mtrs_geo/cli.py": "import sys; print('examined', sys.argv[1], flush=True)\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: mtrs-geo\nVersion: 9.9\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(folder / "mtrs_geo-9.9-py3-none-any.whl", "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
        wheel.writestr(f"{info}/RECORD", "".join(f"{n},,\n" for n in [*files, f"{info}/RECORD"]))


@pytest.fixture(scope="module")
def facts(qgis_python: Script, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    if not qgis_python("", code=HAS_VENV)["has_venv"]:
        pytest.skip("QGIS's Python has no ensurepip or is older than 3.11")
    folder = tmp_path_factory.mktemp("builder")
    write_wheel(folder / "wheels")
    (folder / "empty").mkdir()
    return qgis_python("builder_script.py", ROOT, folder, LANG="C.UTF-8")


def test_an_environment_is_created_from_a_folder_of_wheels(facts: dict[str, Any]) -> None:
    whole = facts["whole"]
    assert whole["done"], whole["log"]
    assert whole["text"].endswith("whole/bin/python")
    assert "--no-index --find-links" in whole["log"]
    assert "Successfully installed mtrs-geo-9.9" in whole["log"]
    assert "examined doctor" in whole["log"]
    assert facts["has"]


def test_a_missing_package_is_reported_with_advice(facts: dict[str, Any]) -> None:
    bare = facts["bare"]
    assert not bare["done"]
    assert "No matching distribution found for mtrs-geo" in bare["log"]
    assert "folder of wheels must contain mtrs-geo" in bare["text"]


def test_a_folder_that_cannot_be_created_is_reported(facts: dict[str, Any]) -> None:
    assert not facts["blocked"]["done"]
    assert "blocked" in facts["blocked"]["log"]
    assert "See the log" in facts["blocked"]["text"]


def test_the_creation_can_be_stopped(facts: dict[str, Any]) -> None:
    assert not facts["stopped"]["done"]
    assert facts["stopped"]["text"] == "Stopped by the user."
    assert "Installing" not in facts["stopped"]["log"]


def test_the_page_shows_the_creation(facts: dict[str, Any]) -> None:
    during, after, state, report = facts["page"]
    assert (during, after) == ("Stop", "Create environment")
    assert "folder of wheels must contain mtrs-geo" in state
    assert "No matching distribution" in report


def test_the_proxy_of_qgis_is_used(facts: dict[str, Any]) -> None:
    assert facts["proxy"] == ["http://me:p%40ss@proxy.test:8080"] * 2
