"""The dock's widgets in QGIS's own Python, without QGIS Desktop and without a worker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

from mtrs_geo.data.rendering.synthetic import PairPaths
from mtrs_geo.grid import Grid
from mtrs_geo.io.raster import ProbabilityWriter

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def facts(
    qgis_python: Callable[..., dict[str, Any]],
    tmp_path_factory: pytest.TempPathFactory,
    pair_paths: PairPaths,
) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("widgets")
    with rasterio.open(pair_paths.before) as file:
        profile = {**file.profile, "width": 8, "height": 8}
        exported = {"TIFFTAG_DATETIME": "2018:06:01 10:00:00"}
        acquired = {**exported, "ACQUISITION_DATE": "2014-07-02"}
        for name, tags in (
            ("tagged", exported), ("bare", {}), ("ortho_2016_06", exported),
            ("scene_2017", acquired),
        ):  # fmt: skip
            with rasterio.open(folder / f"{name}.tif", "w", **profile) as raster:
                raster.update_tags(**tags)
        grid = Grid(file.crs, file.transform, (8, 8))
    with ProbabilityWriter(folder / "scores.tif", grid, ["any change"]) as writer:
        writer.write_block(0, 0, np.zeros((1, 8, 8), np.float32))
    return qgis_python("widgets_script.py", ROOT, folder, folder / "tagged.tif")


def test_dates_of_layers(facts: dict[str, Any]) -> None:
    dates = facts["dates"]
    assert dates["in"] == ["2016-05-21", "2016-05", "2016", None, None]
    assert dates["ranged"] == "2019-03-01"
    assert dates["tagged"] == "2018-06-01"


def test_a_date_in_the_file_name_beats_the_date_of_an_export(facts: dict[str, Any]) -> None:
    assert facts["dates"]["ranked"] == {
        "ortho_2016_06": "2016-06", "scene_2017": "2014-07-02", "survey 2001": "2001",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("case", "pair"),
    [
        ("dated", ["old 2016", "roads 2023-05"]),
        ("worded", ["site pre", "site post"]),
        ("half", ["other", "after"]),
        ("tree", ["lower", "upper"]),
        ("one", [None, "single"]),
    ],
)
def test_layers_are_guessed(facts: dict[str, Any], case: str, pair: list[str | None]) -> None:
    assert facts["dates"]["guessed"][case] == pair


def test_a_probability_raster_of_any_name_is_not_imagery(facts: dict[str, Any]) -> None:
    assert facts["pair"]["first"] == ["2016", "2023"]


def test_a_choice_is_kept_when_layers_are_added(facts: dict[str, Any]) -> None:
    assert facts["pair"]["kept"] == ["2023", "1980"]


def test_many_layers_that_arrive_one_by_one_are_considered_once(facts: dict[str, Any]) -> None:
    """A guess for each of some hundred rasters would block the window for a minute."""
    assert facts["pair"]["many"] == [0, "1980", "2023"]


def test_the_area_of_interest(facts: dict[str, Any]) -> None:
    area = facts["area"]
    assert area["whole"] is None
    assert area["unready"] is False
    assert area["drawn"] == [1000, "EPSG:32614"]
    assert "1.00 km²" in area["note"]
    assert area["layer"]
    assert "Extent of the layer: " in area["extent_note"]
    is_selection, note = area["polygons"]
    assert not is_selection
    assert "All polygons of the layer" in note
    is_selection, note, width = area["selected"]
    assert is_selection
    assert "Selected polygons: 1" in note
    assert width == 0.01
    assert area["canvas"]


def test_a_layer_that_is_removed_is_not_replaced_as_the_area(facts: dict[str, Any]) -> None:
    """Another layer would be another area, without a word."""
    is_ready, note = facts["area"]["not_chosen"]
    assert not is_ready
    assert "Choose a layer." in note
    is_ready, note, *chosen = facts["area"]["removed"]
    assert not is_ready
    assert "Choose a layer." in note
    assert chosen == [None, {}]


def test_a_drawn_rectangle_is_not_the_area_of_another_project(facts: dict[str, Any]) -> None:
    assert facts["area"]["left"] == ["whole", False, False]


def test_a_project_without_a_crs_has_no_size_in_square_metres(facts: dict[str, Any]) -> None:
    assert "size unknown" in facts["area"]["without_crs"]


def test_the_history_is_a_menu(facts: dict[str, Any]) -> None:
    query = facts["query"]
    assert query["history"] == ["a", "b\nc"]
    assert query["labels"] == ["a", "b  ·  c"]
    assert query["recalled"] == "b\nc"


def test_the_output_never_overwrites_a_file(facts: dict[str, Any]) -> None:
    options = facts["options"]
    assert options["parameters"] == [0.35, "existing_2.gpkg", True]
    assert options["again"] == 0.35
    assert options["no_suffix"] == "b.gpkg"
    assert options["dotted"] == ["Berlin 12.05_2.gpkg", "b.v2.gpkg", "c.FGB"]
    assert options["folded"]
    assert options["folder"] == "changes.gpkg"
    assert options["too_long"] == ".gpkg"  # the worker refuses it


def test_settings_of_another_type_have_no_effect(facts: dict[str, Any]) -> None:
    assert facts["wrong_settings"] == [0.5, 10, "tiny", "auto", ["new"], ""]


def test_rows_begin_where_the_language_begins(facts: dict[str, Any]) -> None:
    assert facts["mirrored"] == [True, True, False, True]


def test_results_are_added_styled_and_described(facts: dict[str, Any]) -> None:
    results = facts["results"]
    assert results["group"] == "Changes 2016 → 2023"
    assert len(results["nodes"]) == 2
    assert results["hidden"]  # the probabilities
    assert results["directions"] == ["appeared", "disappeared", "changed"]
    assert results["categories"] == ["appeared", "disappeared"]
    assert results["plain"] == ["'changed'", ["changed"]]
    assert results["missing"].startswith("/none.gpkg cannot be opened")
    assert "tiny 0.2" in results["abstract"]
    assert "new 'A', understood as: new A" in results["abstract"]
    assert "3 polygons" in results["history"][0]
    assert results["rasters"] == [True, True]
    assert results["found"]


def test_the_comparison_follows_a_turned_map(facts: dict[str, Any]) -> None:
    swipe = facts["swipe"]
    assert swipe["shades"] >= 2  # the raster and what is beside it
    assert swipe["apart"] < 0.03
    assert swipe["zoom"] == pytest.approx(1)  # the polygon fits: the scale stays


def test_the_comparison_shows_both_dates_at_any_time(facts: dict[str, Any]) -> None:
    """The temporal controller shows a year that is not that of the layers."""
    assert facts["swipe"]["shown"] == [255, 255]


def test_a_long_caption_keeps_score_and_area(facts: dict[str, Any]) -> None:
    caption = facts["swipe"]["caption"]
    assert caption.startswith("new buildings")
    assert caption.endswith("93 %   ·   412 m²")
    assert len(caption) < 80


def test_the_summary_shows_results_and_errors(facts: dict[str, Any]) -> None:
    results = facts["results"]
    assert "3 polygons" in results["card"]
    assert "2.00 ha" in results["card"]
    assert "far &lt;apart&gt;" in results["card"]
    assert "<b>The worker ended.</b>" in results["problem"]
    assert "Run &lt;again&gt;" in results["problem"]
    assert results["offers"]
    assert not results["refused"], "the button depends on the code of the error, not on its text"


def test_durations_are_formatted(facts: dict[str, Any]) -> None:
    assert facts["durations"] == ["1 s", "14 s", "5 min", "2 h 10 min"]
