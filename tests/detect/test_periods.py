"""Times that a sentence names choose the pairs of dates of a stack."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from mtrs_geo import ChangeResult, detect_changes_stack
from mtrs_geo.cli.result_table import result_table
from mtrs_geo.detect.questions.periods import ChosenPairs, choose_pairs
from mtrs_geo.models import BrightnessSegmenter, Query
from mtrs_geo.query import named_times
from mtrs_geo.types import FloatArray, UInt8Array

DATES = ["2009", "2012", "2016", "2018", "2020"]
CHEAP: dict[str, Any] = {"threshold": 0.25, "min_area_m2": 0}


class CountingSegmenter(BrightnessSegmenter):
    """The brightness baseline; it counts how often each query was asked."""

    def __init__(self) -> None:
        self.asked: dict[Query, int] = {}

    def predict_tiles(self, images: UInt8Array, queries: Sequence[Query]) -> FloatArray:
        for query in queries:
            self.asked[query] = self.asked.get(query, 0) + 1
        return super().predict_tiles(images, queries)


def texts(chosen: ChosenPairs) -> tuple[str, ...]:
    return tuple(doubt.text for doubt in chosen.doubts)


@pytest.fixture
def stack(tmp_path: Path) -> list[Path]:
    """One more square is light at each date."""
    image = np.full((3, 64, 64), 40, np.uint8)
    paths = []
    for i, date in enumerate(DATES):
        image[:, 4:12, 12 * i + 2 : 12 * i + 8] = 200
        paths.append(tmp_path / f"{date}.tif")
        with rasterio.open(
            paths[-1], "w", driver="GTiff", width=64, height=64, count=3, dtype="uint8",
            crs="EPSG:32633", transform=from_origin(5e5, 5.8e6, 0.5, 0.5),
        ) as file:  # fmt: skip
            file.write(image)
    return paths


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("since 2016", (2, 3)),
        ("between 2016 and 2018", (2,)),
        ("before 2012", (0,)),
        ("from 2009 to 2016", (0, 1)),
        ("between 2010 and 2012", (0,)),
        ("in 2017", (2,)),
        ("in the last four years", (2, 3)),
        ("since the storm", (0, 1, 2, 3)),
        ("new buildings", (0, 1, 2, 3)),
    ],
)
def test_pairs_in_the_named_period_are_asked(text: str, pairs: tuple[int, ...]) -> None:
    chosen = choose_pairs(named_times(text), DATES)
    assert chosen.pairs == pairs
    assert bool(chosen.doubts) == ("storm" in text)


@pytest.mark.parametrize(
    ("text", "pairs", "warning"),
    [
        ("in 2018", (2, 3), "'in 2018': compared are 2016 to 2018 and 2018 to 2020, which also "
         "show changes of other times."),
        ("since 2014", (1, 2, 3), "'since 2014': compared are 2012 to 2016, 2016 to 2018 and 2018 "
         "to 2020; 2012 to 2016 also shows changes of other times."),
        ("in 2014", (1,), "'in 2014': compared are 2012 to 2016, which also shows changes of other "
         "times."),
    ],
)  # fmt: skip
def test_pairs_that_overlap_it_partly_are_named(
    text: str, pairs: tuple[int, ...], warning: str
) -> None:
    chosen = choose_pairs(named_times(text), DATES)
    assert (chosen.pairs, texts(chosen)) == (pairs, (warning,))


def test_exact_dates_decide() -> None:
    dates = ["2016-06-15", "2018-10-02", "2020-03"]
    assert choose_pairs(named_times("in 2018"), dates).pairs == (0,)
    yearly = ["2015", "2016", "2017", "2018", "2019"]
    chosen = choose_pairs(named_times("in 2017"), yearly)
    assert (chosen.pairs, texts(chosen)) == ((1, 2), ())
    assert choose_pairs(named_times("between 2016 and 2018"), yearly).pairs == (1, 2)
    same = ["2018", "2018", "2018"]
    assert choose_pairs(named_times("since 2016"), same).pairs == (0, 1)
    assert choose_pairs(named_times("before 2016"), same).pairs == ()


def test_unknown_dates_choose_nothing_and_say_so() -> None:
    chosen = choose_pairs(named_times("since 2016"), ["2009", None, "2018"])
    assert chosen.pairs == (0, 1)
    assert texts(chosen) == ("'since 2016' was not used: not all dates of the rasters are known.",)


def test_two_rasters_are_always_compared() -> None:
    chosen = choose_pairs(named_times("between 2016 and 2018"), ["2008", "2018"])
    assert chosen.pairs == (0,)
    assert "2008 and 2018" in texts(chosen)[0]


def compared(result: ChangeResult, text: str) -> set[tuple[str, str]]:
    frame = result.polygons
    rows = frame[frame["query"] == text]
    return set(zip(rows.date_before, rows.date_after, strict=True))


def test_a_run_asks_only_the_chosen_pairs(stack: list[Path], tmp_path: Path) -> None:
    sentences = ["new buildings since 2016", "what was built before 1950?", "new roads"]
    model, probability = CountingSegmenter(), tmp_path / "p.tif"
    result = detect_changes_stack(stack, sentences, model=model, probability=probability, **CHEAP)
    assert model.asked == {"new buildings": 2, "new roads": 4}
    assert compared(result, sentences[0]) == {("2016", "2018"), ("2018", "2020")}
    assert len(compared(result, "new roads")) == 4

    since, refused, every = result.report.questions
    assert since["periods"] == [["2016", "2018"], ["2018", "2020"]]
    assert (refused["status"], refused["answered"]) == ("outside the dates", False)
    assert refused["periods"] == []
    assert len(every["periods"]) == 4
    assert any("before 1950" in text and "2009" in text for text in result.report.warnings)
    assert any("asked for 2016 to 2018 and 2018 to 2020" in text for text in result.report.notes)
    summary = result.summary()
    assert summary.periods.tolist()[:2] == ["2016 to 2018, 2018 to 2020", ""]
    table = [line.split("  ") for line in result_table(result)]
    assert sum("not asked" in map(str.strip, row) for row in table) == 2
    with rasterio.open(probability) as file:
        masks = file.read_masks()
    assert [bool(mask.any()) for mask in masks] == [
        False, True, False, True, True, True, True, True,
    ]  # fmt: skip


def test_a_period_that_no_pair_shows_is_answered_on_request(stack: list[Path]) -> None:
    result = detect_changes_stack(
        stack, "built before 1950", model=CountingSegmenter(), answer_anyway=True, **CHEAP
    )
    assert len(compared(result, "built before 1950")) == 4
    assert result.report.questions[0]["status"] == "outside the dates"
