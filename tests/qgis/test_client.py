"""Client, settings and export in QGIS's own Python, with a fake worker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def facts(
    qgis_python: Callable[..., dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("client")
    fake = folder / "python"
    fake.write_text(f'#!/bin/sh\nexec /usr/bin/python3 -I "{HERE / "fake_worker.py"}"\n')
    fake.chmod(0o755)
    return qgis_python("client_script.py", HERE.parents[1], folder, MTRS_GEO_PYTHON=str(fake))


def test_jobs(facts: dict[str, Any]) -> None:
    jobs = facts["jobs"]
    assert jobs["same_process"]
    assert jobs["other_thread"] == "d"
    assert jobs["noise"] == {"whole": True}
    assert jobs["reported"] == [["the dates are far apart", "late"], ["a note"]]


def test_a_crashed_worker_is_reported_and_replaced(facts: dict[str, Any]) -> None:
    name, message = facts["jobs"]["crashed"]
    assert name == "JobError"
    assert "ended with code 3" in message
    assert "it broke" in message
    assert facts["jobs"]["after"] == "c"
    assert "/no/such/python cannot be started" in facts["jobs"]["missing"][1]


def test_cancel(facts: dict[str, Any]) -> None:
    assert facts["jobs"]["cancelled"][0] == "JobCancelledError"
    assert facts["jobs"]["progress"] == 50


def test_a_worker_that_does_not_answer_a_cancellation_is_replaced(facts: dict[str, Any]) -> None:
    cancelled, waiting, after, submitted_then = facts["jobs"]["stuck"]
    assert cancelled[0] == "JobCancelledError"
    assert waiting[0] == "JobError"
    assert "did not answer" in waiting[1]
    assert "Run again" in waiting[1]
    assert after == "e"
    assert submitted_then == "f"


def test_a_worker_that_something_else_ends_is_no_cancellation(facts: dict[str, Any]) -> None:
    """The system ends the worker, or the user chooses another Python during a run."""
    by_system, by_options = facts["jobs"]["ended"]
    assert by_system == ["JobError", "the worker was stopped\nRun again. A new worker is started."]
    assert by_options[0] == "JobError"
    assert "The worker was closed." in by_options[1]


def test_an_input_that_is_too_long_for_the_worker_is_refused(facts: dict[str, Any]) -> None:
    name, message = facts["jobs"]["too_long"]
    assert name == "JobError"
    assert message.startswith("The input is too long for one run: more than 16 MB of text.")


def test_only_a_missing_mtrs_geo_is_called_not_installed(facts: dict[str, Any]) -> None:
    itself, other = facts["jobs"]["without"]
    assert "mtrs-geo is not installed" in itself
    assert "mtrs-geo is not installed" not in other
    assert "A package that mtrs-geo needs is not installed." in other
    assert "torch" in other


def test_the_task_of_the_dock_returns_layers_or_an_error(facts: dict[str, Any]) -> None:
    task = facts["task"]
    assert task["ended"] == ["done", ["cancelled"]]
    assert task["failed"] == "failed"
    assert task["broken"] == "environment"
    assert task["source"].endswith("kept.gpkg|layername=found")
    assert task["in_project"]
    assert task["here"]  # opened in another thread
    assert task["valid"]
    assert task["categories"] == ["disappeared"]


def test_a_cancelled_task_goes_on_with_the_same_exported_raster(facts: dict[str, Any]) -> None:
    assert facts["resume"] == {
        "stopped": [["cancelled"], True], "done": "done", "same": True, "ids": True,
        "kept": [False, True, False],
    }  # fmt: skip


def test_selected_polygons_or_all_polygons_are_the_area(facts: dict[str, Any]) -> None:
    selected, every = facts["task"]["areas"]
    assert selected == [8]
    assert every == [8, 20.25, 20.25]  # the bow tie as two triangles


def test_settings(facts: dict[str, Any]) -> None:
    settings = facts["settings"]
    assert settings["command"].endswith("--no-index --find-links '/a folder' mtrs-geo")
    assert settings["offline"][:4] == ["p", "-I", "-m", "pip"]
    assert settings["offline"][-4:] == ["--no-index", "--find-links", "w", "mtrs-geo"]
    assert settings["chosen"] == "/chosen/python"
    assert settings["found"] == "/no/such/python"  # from the environment variable
    assert "python3-venv" in settings["advice"]
    assert facts["find_pythons"] == [True] * 4


def test_the_environment_of_the_worker_is_clean(facts: dict[str, Any]) -> None:
    assert facts["settings"]["dirty"] == []
    assert facts["settings"]["kept"]


def test_the_worker_has_the_proxy_of_qgis(facts: dict[str, Any]) -> None:
    """QGIS shows rasters behind it, which the worker then reads too."""
    url = "http://proxy.test:8080"
    assert facts["proxy"] == [url, url, "localhost,127.0.0.1,inside.test"]


def test_layers_without_a_path_are_exported(facts: dict[str, Any]) -> None:
    export = facts["export"]
    assert export["plain"].endswith("bare.tif")
    assert export["unreadable"] is None
    assert export["whole"] == [100, 80, 3]
    assert export["crs"]
    assert export["value"] == 7
    assert export["coarse"] == [100, 80]  # the pixel size of web layers is not that of files
    assert export["file"] == [True]  # a virtual raster in a file is not exported
    assert export["values"] == {"memory": [None, 100, 7], "inline": [None, 100, 7]}


@pytest.mark.parametrize("kind", ["xyz", "wms"])
def test_web_layers_are_exported_as_rendered(facts: dict[str, Any], kind: str) -> None:
    web = facts["web"][kind]
    assert web["path"] is None
    cols, rows = web["size"]
    assert cols == pytest.approx(128, abs=8)  # metres on the ground, not of Web Mercator
    assert rows == pytest.approx(64, abs=4)
    assert web["low"] == web["high"] == [40, 90, 160, 255]
    whole, without_size, elsewhere = web["refused"]
    assert "Set an extent" in whole
    assert "no native pixel size" in without_size
    assert kind == "xyz" or "does not intersect the extent" in elsewhere
