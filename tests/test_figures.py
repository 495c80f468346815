"""What benchmarks/validation.py asks, and how it counts."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from mtrs_geo.class_codes import APPEAR, NONE
from mtrs_geo.data.datasets.changes import Pair
from mtrs_geo.data.rendering.synthetic import RenderedPair
from mtrs_geo.models import BrightnessSegmenter

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from figures.asking import Asked, Item, Tally, ask
from figures.buildings import directed_items
from figures.disturbed import CLEAN, DISTURBANCES, disturbed_items
from figures.rows import as_markdown, as_text, rows_of


@pytest.fixture(scope="module")
def pair(rendered: RenderedPair) -> Pair:
    label = np.where(rendered.appeared, APPEAR, NONE).astype(np.uint8)[:512, :512]
    before, after = rendered.before[:512, :512], rendered.after[:512, :512]
    return Pair("rendered", "rendered", before, after, label, 0.5)


def told_the_truth(items: Iterable[Item]) -> Tally:
    tally = Tally()
    for item in items:
        seen = (asked for asked in item.asked if not asked.figure.endswith("drawn"))
        tally.count(item, {asked.text: asked.mask for asked in seen})
    return tally


def test_the_truth_keeps_every_promise(pair: Pair) -> None:
    items = list(directed_items([pair], "levir."))
    assert len(items) == 8  # four tiles, both orders of the dates
    rows = rows_of(told_the_truth(items).figures)
    assert {row.value for row in rows} == {1.0}
    assert {row.verdict for row in rows} == {"kept", ""}
    assert {"any change, IoU", "buildings appeared, mIoU"} <= {row.figure for row in rows}
    assert "n=8" in next(line for line in as_text(rows) if "any change, IoU" in line)
    assert "| any change, IoU | **1.000** | ≥ 0.78 | kept | 8 |" in list(as_markdown(rows))


def test_brightness_is_asked_tile_by_tile(pair: Pair) -> None:
    tally = Tally()
    ask(BrightnessSegmenter(), directed_items([pair], "levir."), tally)
    scores = {name: metrics.compute() for name, metrics in tally.figures.items()}
    assert scores["levir.any"].samples == 8
    assert scores["levir.appear"].miou_nonempty < 0.5
    assert scores["levir.absent"].no_target_samples == 32


def by_disturbance(items: Iterable[Item]) -> Iterator[dict[str, Item]]:
    names = (CLEAN, *DISTURBANCES)
    found = list(items)
    for start in range(0, len(found), len(names)):
        yield dict(zip(names, found[start : start + len(names)], strict=True))


def test_a_thing_lies_where_it_is_seen(pair: Pair) -> None:
    seen = set()
    for items in by_disturbance(disturbed_items([pair], "disturbed.")):
        clean, moved = items[CLEAN], items["2 px down"]
        assert clean.texts == moved.texts
        np.testing.assert_array_equal(moved.after[2:], clean.after[:-2])
        np.testing.assert_array_equal(moved.before, clean.before)
        for one, other in zip(clean.asked, moved.asked, strict=True):
            task = one.figure.split(".", 2)[-1]
            seen.add(task)
            if task == "appear":
                np.testing.assert_array_equal(other.mask[2:], one.mask[:-2])
            else:
                np.testing.assert_array_equal(other.mask, one.mask)
    assert seen == {"appear", "appear.drawn", "disappear", "disappear.drawn"}


def test_a_loss_is_counted_against_clean(pair: Pair) -> None:
    items = disturbed_items([pair], "disturbed.")
    rows = rows_of(told_the_truth(items).figures)
    assert {row.value for row in rows if "clean" in row.figure} == {1.0}
    lost = [row for row in rows if row.needed is not None]
    assert len(lost) == 2 * len(DISTURBANCES)
    assert {(row.value, row.verdict) for row in lost} == {(0.0, "kept")}


def test_an_answer_that_is_hardly_there_counts_as_empty() -> None:
    nothing, image = np.zeros((20, 20), np.bool_), np.zeros((20, 20, 3), np.uint8)
    answer = nothing.copy()
    answer[0, :2] = True  # 0.5 % of the pixels
    for least_share, share in ((0.005, 0.0), (0.006, 1.0)):
        tally = Tally()
        asked = Asked("seasons.quiet", "", nothing, least_share)
        tally.count(Item(image, image, 0.6, (asked,)), {"": answer})
        assert tally.figures["seasons.quiet"].compute().no_target_accuracy == share
