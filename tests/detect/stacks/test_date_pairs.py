"""Which dates of a stack are compared; each is encoded once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mtrs_geo import ChangeResult, detect_changes, detect_changes_stack, read_probability
from mtrs_geo.cli.result_table import result_table
from mtrs_geo.detect.questions import PairChoice, date_pairs
from mtrs_geo.detect.questions.periods import choose_pairs
from mtrs_geo.errors import OutputError, RequestError
from mtrs_geo.models import BrightnessSegmenter, Query
from mtrs_geo.query import named_times
from mtrs_geo.types import FloatArray, UInt8Array

CHEAP: dict[str, Any] = {"threshold": 0.3, "min_area_m2": 5, "tile_px": 64, "overlap_px": 8}


class CountingEncoder(BrightnessSegmenter):
    """The brightness baseline; the features of a date are its images."""

    def __init__(self) -> None:
        self.encoded = self.combined = 0

    def encode_date(self, images: UInt8Array) -> UInt8Array:
        self.encoded += len(images)
        return images

    def combine(self, before: Any, after: Any, queries: Sequence[Query]) -> FloatArray:
        self.combined += len(before)
        return self.predict_tiles(np.stack([before, after], axis=1), queries)


def run(paths: Sequence[Path], pairs: PairChoice, **options: Any) -> ChangeResult:
    return detect_changes_stack(paths, "new ponds", pairs=pairs, **{**CHEAP, **options})


def test_pairs() -> None:
    assert date_pairs("consecutive", 4) == ((0, 1), (1, 2), (2, 3))
    assert date_pairs("first-last", 4) == ((0, 3),)
    assert date_pairs("all", 3) == ((0, 1), (0, 2), (1, 2))
    assert {date_pairs(choice, 2) for choice in ("consecutive", "first-last", "all")} == {((0, 1),)}


@pytest.mark.parametrize(("pairs", "count"), [("consecutive", 4), ("all", 10)])
def test_a_date_is_encoded_once_per_tile(ponds: list[Path], pairs: PairChoice, count: int) -> None:
    model = CountingEncoder()
    report = run(ponds, pairs, model=model).report
    assert report.tiles == 4
    assert (model.encoded, model.combined) == (5 * 4, count * 4)


def test_dates_that_no_sentence_asks_for_are_not_encoded(ponds: list[Path]) -> None:
    model = CountingEncoder()
    detect_changes_stack(ponds, "new ponds since 2016", model=model, **CHEAP)
    assert (model.encoded, model.combined) == (3 * 4, 2 * 4)


def test_every_pair_is_answered_as_alone(ponds: list[Path], tmp_path: Path) -> None:
    ponds = [*ponds[:3], ponds[4]]
    every = run(ponds, "all", model=CountingEncoder(), probability=tmp_path / "all.tif")
    layers = read_probability(tmp_path / "all.tif")
    pairs = list(combinations(range(4), 2))
    assert every.report.pairs == tuple(pairs)
    periods = [line.split("  ")[1] for line in result_table(every)[1:]]
    assert periods[:2] == ["2009 to 2012-06", "2009 to 2016"]
    assert len(periods) == 6
    for layer, (i, j) in enumerate(pairs):
        alone = detect_changes(
            ponds[i], ponds[j], "new ponds", model="brightness", overwrite=True,
            probability=tmp_path / "alone.tif", **CHEAP,
        )  # fmt: skip
        np.testing.assert_array_equal(layers[layer], read_probability(tmp_path / "alone.tif")[0])
        dates = every.report.dates
        own = every.polygons[
            (every.polygons.date_before == dates[i]) & (every.polygons.date_after == dates[j])
        ]
        assert list(own.geometry) == list(alone.polygons.geometry)


def test_the_first_and_the_last_date_only(ponds: list[Path], tmp_path: Path) -> None:
    damaged = tmp_path / "2012.tif"
    damaged.write_bytes(b"no raster")
    bands = [[3, 2, 1], [1, 2, 3], [1, 2, 3]]
    ends = run([ponds[0], damaged, ponds[4]], "first-last", model="brightness", bands=bands)
    alone = detect_changes(ponds[0], ponds[4], "new ponds", model="brightness", **CHEAP)
    assert ends.polygons.equals(alone.polygons)


def test_a_named_time_chooses_among_all_pairs() -> None:
    dates = ["2009", "2012", "2016", "2020"]
    pairs = date_pairs("all", 4)
    chosen = choose_pairs(named_times("between 2012 and 2020"), dates, pairs).pairs
    assert [pairs[i] for i in chosen] == [(0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    chosen = choose_pairs(named_times("before 2012"), dates, date_pairs("first-last", 4)).pairs
    assert chosen == (0,)


def test_a_resumed_run_ends_with_the_same_bytes(ponds: list[Path], tmp_path: Path) -> None:
    class StopError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        if done >= 2:
            raise StopError

    outputs = [tmp_path / "whole", tmp_path / "resumed"]
    for folder in outputs:
        folder.mkdir()
    files = [{"output": f / "c.gpkg", "probability": f / "p.tif"} for f in outputs]
    options: dict[str, Any] = {"model": CountingEncoder(), "batch_size": 1, "tile_px": 32}
    whole = run(ponds, "all", **options, **files[0])
    with pytest.raises(StopError):
        run(ponds, "all", **options, **files[1], progress=stop)
    with pytest.raises(OutputError, match='option pairs was "all" and is "consecutive"'):
        run(ponds, "consecutive", **options, **files[1], resume=True)
    model = options["model"] = CountingEncoder()
    resumed = run(ponds, "all", **options, **files[1], resume=True)
    assert 0 < model.encoded < whole.report.tiles * 5
    assert files[0]["probability"].read_bytes() == files[1]["probability"].read_bytes()
    assert resumed.polygons.equals(whole.polygons)
    assert resumed.events.equals(whole.events)


def test_unknown_pairs(ponds: list[Path]) -> None:
    with pytest.raises(RequestError, match="pairs 'every' is not allowed"):
        run(ponds, "every")  # type: ignore[arg-type]
