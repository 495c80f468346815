"""Layers and projects that come and go while the docks are open, and narrow docks."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rasterio

from mtrs_geo import detect_changes
from mtrs_geo.data.rendering.synthetic import PairPaths
from mtrs_geo.worker.explaining import explain

REFUSED = (
    "hello", "solar panels", "no change", "houses near the school", "oaks replaced by beeches",
    "neue Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrikgebäudefassadenelemente",
)  # fmt: skip
Desktop = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def facts(
    desktop: Desktop, tmp_path_factory: pytest.TempPathFactory, pair_paths: PairPaths,
    pictures: Path,
) -> dict[str, Any]:  # fmt: skip
    folder = tmp_path_factory.mktemp("project")
    changes = folder / "changes.gpkg"
    request: dict[str, Any] = {
        "folder": str(folder), "pictures": str(pictures), "changes": str(changes),
        "copy": str(folder / "copy.gpkg"),
    }  # fmt: skip
    # The names and files of "upper" and "lower" have no date and no word like "before".
    for name, source, target in (
        ("before", pair_paths.before, "2016.tif"), ("after", pair_paths.after, "2023.tif"),
        ("upper", pair_paths.before, "x.tif"), ("lower", pair_paths.after, "y.tif"),
    ):  # fmt: skip
        with rasterio.open(source) as file:
            tags = {"TIFFTAG_DATETIME": ""} if name in ("upper", "lower") else file.tags()
            with rasterio.open(folder / target, "w", **file.profile) as copy:
                copy.write(file.read())
                copy.update_tags(**tags)
        request[name] = str(folder / target)
    found = detect_changes(
        request["before"], request["after"], "new buildings", model="brightness", threshold=0.25,
        output=changes,
    )  # fmt: skip
    shutil.copy(changes, folder / "copy.gpkg")
    request["report"] = {
        "counts": {"new buildings": len(found.polygons)}, "changes": {"new buildings": "appeared"},
        "understood": ["buildings"], "areas_m2": {"new buildings": 20000.0}, "model": "tiny 0.9",
        "dates": ["2016", "2023"], "warnings": ["a warning"], "seconds": 3.2,
    }  # fmt: skip
    request["questions"] = [
        question
        for sentence in (*REFUSED, "new shiny buildings larger than 200 m² in the north-east")
        for question in explain({"query": sentence})["questions"]
    ]
    return desktop("project_script.py", request)


def test_no_slot_fails(facts: dict[str, Any]) -> None:
    assert "slots" not in facts, "\n".join(facts["slots"])


@pytest.mark.parametrize("how", ["one by one", "together", "outside the tree", "in a group"])
def test_layers_that_arrive_are_selected(facts: dict[str, Any], how: str) -> None:
    selected, tree = facts["arrive"][how]
    *names, can_run = selected
    assert sorted(names) == ["lower", "upper"]
    assert can_run
    assert tree == ([] if how == "outside the tree" else ["upper", "lower"])
    assert how == "outside the tree" or names == ["lower", "upper"]  # the lower one is before


def test_layers_that_arrive_are_selected_by_date(facts: dict[str, Any]) -> None:
    assert facts["arrive"]["dated"] == ["before", "after", True]


def test_a_removed_choice_is_replaced(facts: dict[str, Any]) -> None:
    assert facts["chosen"] == ["upper", "after", True]
    assert facts["unchosen"] == ["before", "after", True]


def test_a_removed_result_is_forgotten(facts: dict[str, Any]) -> None:
    assert facts["card"] == [True, True]
    assert facts["reviewed"]
    assert facts["removed"] == [True, False, True, True, "Choose a layer of changes."]


def test_a_changed_result_can_be_compared(facts: dict[str, Any]) -> None:
    without_score, without_area = facts["captions"]
    assert without_score.startswith("new buildings   ·   ")
    assert without_score.endswith(" m²")
    assert "%" not in without_score
    assert without_area == "new buildings"


def test_training_pairs_know_before_and_after(facts: dict[str, Any]) -> None:
    assert facts["pairs"] == [["before", "after"]] * 2


def test_a_reopened_project_is_ready(facts: dict[str, Any]) -> None:
    assert facts["new"] == [[None, None, False], False, True]
    assert facts["reopened"] == [["before", "after", True], True, True]
    assert facts["offered"] == [True, True, True]
    assert facts["compared"]


def test_a_raster_that_is_added_again_can_be_compared(facts: dict[str, Any]) -> None:
    is_closed, message = facts["without a raster"]
    assert is_closed
    assert message.endswith("are no longer in the project. Add them again.")
    assert facts["added again"]


@pytest.mark.parametrize("language", ["en_US", "de_DE"])
@pytest.mark.parametrize("state", ["result", "refused", "problem", "cancelled", "review"])
def test_the_docks_fit_280_pixels(facts: dict[str, Any], language: str, state: str) -> None:
    width, viewport, content, cut = facts["narrow"][language][state]
    assert width <= 280
    assert content <= viewport
    assert cut == []
