"""Inputs of the algorithms in QGIS's own Python, with a fake worker."""

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
    folder = tmp_path_factory.mktemp("inputs")
    fake = folder / "python"
    fake.write_text(f'#!/bin/sh\nexec /usr/bin/python3 -I "{HERE / "fake_worker.py"}"\n')
    fake.chmod(0o755)
    return qgis_python("inputs_script.py", HERE.parents[1], folder, MTRS_GEO_PYTHON=str(fake))


@pytest.mark.parametrize("name", ["before", "area", "selection", "extent"])
def test_an_input_that_is_gone_ends_the_run(facts: dict[str, Any], name: str) -> None:
    """An area that is gone must not become the whole scene, and a task must end."""
    end, message, _ = facts["refused"][name]
    assert end == "failed"
    assert "gone cannot be read, or is no longer in the project. Choose another" in message


def test_an_empty_extent_is_not_the_whole_scene(facts: dict[str, Any]) -> None:
    end, message, _ = facts["refused"]["empty"]
    assert end == "failed"
    assert message.startswith("The extent is empty.")


def test_a_stack_does_not_leave_out_a_raster(facts: dict[str, Any]) -> None:
    (message,) = facts["refused"]["stack"]
    assert message.startswith("1 of 3 rasters cannot be read.")


def test_the_worker_writes_a_geopackage_that_a_dialog_names(facts: dict[str, Any]) -> None:
    output = facts["output"]
    assert output["written"] == [True, True, False]
    assert output["results"] == [True, True, False]
    script, dialog, unnamed = output["loaded"]
    assert script == []
    assert dialog == [[output["path"], "Changes"]]
    assert unnamed == [[output["last"], "Changes"]]


def test_an_output_that_cannot_be_written_has_the_error_of_the_worker(
    facts: dict[str, Any],
) -> None:
    (message,) = facts["output"]["too_long"]
    assert "Traceback" not in message


def test_a_loaded_result_has_the_style_and_times_of_the_worker(facts: dict[str, Any]) -> None:
    names = ("TEMPORARY_OUTPUT", "styled.gpkg", "styled.geojson")
    assert [facts["styled"][name] for name in names] == [["#123456", True]] * 3
    assert facts["styled"]["own.gpkg"] == ["#abcdef", True]  # a style set in Processing


def test_an_empty_tolerance_is_one_pixel(facts: dict[str, Any]) -> None:
    """In a model or an expression an empty value is no number, and not 0."""
    assert facts["tolerances"] == [None, None, None, None, 0, 0.25]


def test_edits_that_are_not_saved_count(facts: dict[str, Any]) -> None:
    assert facts["edits"] == {
        "saved": [2, 2], "edited": [3, 1], "pairs": 3, "items": 3, "selected": 1, "after": 2,
    }  # fmt: skip


def test_virtual_columns_count(facts: dict[str, Any]) -> None:
    assert "query" in facts["columns"].split()


def test_the_layer_of_the_area_may_be_removed_during_the_run(facts: dict[str, Any]) -> None:
    """QGIS crashes if the features of a deleted layer are read."""
    messages, area = facts["removed"]
    assert len(messages) == 2
    for message in messages:
        assert message.startswith("Only in these polygons: area_")
        assert "is no longer in the project" in message
    assert area == "exported.gpkg"


def test_a_layer_has_the_crs_that_it_has_in_qgis(facts: dict[str, Any]) -> None:
    found = facts["crs"]
    assert (found["predicted"], found["reference"], found["pairs"]) == (32615, 32614, 32615)


def test_polygons_without_a_crs_are_refused(facts: dict[str, Any]) -> None:
    assert facts["crs"]["none"] == ["bare has no CRS. Set it in the layer properties."]


def test_an_extent_in_the_users_own_crs_reaches_the_worker(facts: dict[str, Any]) -> None:
    own, known, rotated = facts["crs"]["extents"]
    assert own.startswith("PROJCS[")
    assert facts["crs"]["own"]
    assert known == "EPSG:32614"
    assert rotated.startswith("GEOGCRS[")  # has no text in the first version of WKT


def test_a_format_without_geometry_is_told(facts: dict[str, Any]) -> None:
    for ending in ("csv", "xlsx"):
        (warning,) = facts["formats"][ending]
        assert warning.startswith(f"polygons.{ending} has no polygons, only their attributes.")
    assert facts["formats"]["geojson"] == []
    assert facts["formats"]["reported"] == facts["formats"]["xlsx"]  # for the card of the dock


def test_a_temporary_folder_that_cannot_be_written_is_named(facts: dict[str, Any]) -> None:
    """A folder that the system has removed is made again."""
    removed, blocked = facts["no_temporary_folder"]
    assert removed == [[], []]
    for (message,) in blocked:
        assert "cannot be written (Not a directory). Check the free disk space" in message


def test_an_exported_layer_keeps_its_name_and_date(facts: dict[str, Any]) -> None:
    assert facts["exported"] == {
        "flight / 7": ["flight _ 7.vrt", {"ACQUISITION_DATE": "2019-03-01"}],
        "Luftbild Süd 2016": ["Luftbild Süd 2016.vrt", {"ACQUISITION_DATE": "2016"}],
        "tagged": ["tagged.vrt", {"DATE": "2018-06-01"}],
        "bare": ["bare.vrt", {}],
    }
