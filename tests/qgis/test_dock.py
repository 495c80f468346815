"""The dock in a real QGIS Desktop with the real worker and model."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

from mtrs_geo.data.rendering.synthetic import PairPaths, render_pair, write_pair

Desktop = Callable[..., dict[str, Any]]

APPEARED = "the buildings that appeared, larger than 200 m²"
DEMOLISHED = "the buildings that were demolished in the south"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> PairPaths:
    rendered = render_pair(1024, 1024, seed=7, new_buildings=18, demolished=8)
    return write_pair(tmp_path_factory.mktemp("pair"), rendered)


def make_request(
    pair: PairPaths, pictures: Path, suffix: str = "", theme: str = ""
) -> dict[str, Any]:
    request = {
        "before": str(pair.before), "after": str(pair.after), "pictures": str(pictures),
        "suffix": suffix, "theme": theme, "whole": not suffix,
    }  # fmt: skip
    if suffix:  # shows what the dock looks like: a cheap model is enough
        query = "new buildings\ndemolished buildings"
        return {**request, "query": query, "areas": ["whole"], "model": "brightness",
                "threshold": 0.25}  # fmt: skip
    return {**request, "query": f"{APPEARED}\n{DEMOLISHED}", "areas": ["canvas", "whole"],
            "model": "tiny", "threshold": 0.5}  # fmt: skip


@pytest.fixture(scope="module")
def facts(desktop: Desktop, pair: PairPaths, pictures: Path) -> dict[str, Any]:
    return desktop("dock_script.py", make_request(pair, pictures))


@pytest.fixture(scope="module", params=["dark", "200"])
def variant(
    desktop: Desktop, pair: PairPaths, pictures: Path, request: pytest.FixtureRequest
) -> str:
    theme = "Night Mapping" if request.param == "dark" else ""
    scale = 2 if request.param == "200" else 1
    desktop("dock_script.py", make_request(pair, pictures, f"_{request.param}", theme), scale)
    return str(request.param)


def test_the_dock_is_closed_at_start_and_opens_with_its_button(facts: dict[str, Any]) -> None:
    assert facts["loaded"]
    assert facts["closed_at_start"]
    assert facts["in_menu"]
    assert facts["opened"]


def test_layers_are_guessed_and_swapped(facts: dict[str, Any]) -> None:
    assert facts["guessed"] == ["aerial 2016", "aerial 2023"]
    assert facts["swapped"] == ["aerial 2023", "aerial 2016"]


def test_typing_completes_and_is_explained(facts: dict[str, Any]) -> None:
    assert facts["offered"] == "new buildings"
    assert facts["completed"] == "new buildings in the n"
    assert "<b>buildings · appeared</b>" in facts["query_preview"]
    assert "<b>buildings · disappeared</b>" in facts["query_preview"]
    assert "larger than 200 m²" in facts["query_preview"]
    assert "in the south" in facts["query_preview"]


def test_a_run_adds_styled_polygons(facts: dict[str, Any]) -> None:
    assert "tiles" in facts["progress"]
    assert facts["counts"][APPEARED] >= 10
    assert facts["counts"][DEMOLISHED] >= 4
    assert facts["group"] == ["Changes 2016 → 2023", [f"{APPEARED} and 1 more"]]
    assert facts["categories"] == ["appeared", "disappeared"]
    assert facts["labels"]
    assert "larger than 200 m²" in facts["abstract"]
    assert "Model: tiny" in facts["abstract"]
    assert f"{sum(facts['counts'].values())} polygons" in facts["history"][0]
    assert f"{sum(facts['counts'].values())} polygons" in facts["summary"]


def test_the_window_responds_during_a_run(facts: dict[str, Any]) -> None:
    # benchmarks/qgis_responsiveness.py measures the delays.
    assert min(facts["ticks"]) > 5


def test_click_a_polygon_and_swipe(facts: dict[str, Any], pictures: Path) -> None:
    assert facts["swiping"]
    assert facts["clicked"]
    assert facts["dragged_to"] == pytest.approx(0.25, abs=0.02)
    assert facts["ended"]
    with (
        Image.open(pictures / "swipe.png") as left,
        Image.open(pictures / "swipe_dragged.png") as b,
    ):
        difference = ImageChops.difference(left.convert("L"), b.convert("L"))
        assert difference.getbbox() is not None


def test_settings(facts: dict[str, Any]) -> None:
    assert facts["state"] == "It works."


def test_a_cancelled_run_goes_on(facts: dict[str, Any]) -> None:
    assert facts["cancelled"] == "The run was cancelled. What was done is kept."
    assert facts["resume_offered"]
    assert "polygons" in facts["resumed"]
    assert facts["resume_gone"]


def test_a_killed_worker_is_reported_and_the_next_run_works(facts: dict[str, Any]) -> None:
    assert "The worker was killed or crashed." in facts["killed"]
    assert facts["nothing_added"]
    assert "polygons" in facts["after_kill"]


def test_the_plugin_can_be_unloaded_during_a_run(facts: dict[str, Any]) -> None:
    assert facts["unloaded"]


def test_the_result_can_be_removed_during_a_comparison(facts: dict[str, Any]) -> None:
    assert facts["swipe_closed"]


def test_a_killed_qgis_leaves_no_worker(facts: dict[str, Any]) -> None:
    assert facts["left_behind"]
    end = time.monotonic() + 60
    while any(is_alive(pid) for pid in facts["left_behind"]) and time.monotonic() < end:
        time.sleep(0.2)
    assert not [pid for pid in facts["left_behind"] if is_alive(pid)]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_dark_theme_and_high_resolution(variant: str, pictures: Path) -> None:
    with Image.open(pictures / f"dock_{variant}.png") as picture:
        assert picture.size == ((2560, 1600) if variant == "200" else (1280, 800))
        width, height = picture.size
        dock = picture.convert("L").crop(
            (width * 3 // 4, height * 7 // 8, width, height * 15 // 16)
        )
    assert (ImageStat.Stat(dock).mean[0] < 100) == (variant == "dark")
