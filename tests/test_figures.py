"""Queries and scores of benchmarks/validation.py."""

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

from figures.buildings import directed_pairs
from figures.disturbed import CLEAN, DISTURBANCES, disturbed_pairs
from figures.rows import as_markdown, as_text, rows_of
from figures.scoring import LabelledQuery, QueriedPair, Scores, score_model


@pytest.fixture(scope="module")
def pair(rendered: RenderedPair) -> Pair:
    label = np.where(rendered.appeared, APPEAR, NONE).astype(np.uint8)[:512, :512]
    before, after = rendered.before[:512, :512], rendered.after[:512, :512]
    return Pair("rendered", "rendered", before, after, label, 0.5)


def scores_of_true_masks(pairs: Iterable[QueriedPair]) -> Scores:
    scores = Scores()
    for pair in pairs:
        queries = (query for query in pair.queries if not query.figure.endswith("drawn"))
        scores.add(pair, {query.text: query.mask for query in queries})
    return scores


def test_true_masks_keep_every_promise(pair: Pair) -> None:
    pairs = list(directed_pairs([pair], "levir."))
    assert len(pairs) == 8  # four tiles, both orders of the dates
    rows = rows_of(scores_of_true_masks(pairs).figures)
    assert {row.value for row in rows} == {1.0}
    assert {row.verdict for row in rows} == {"kept", ""}
    assert {"any change, IoU", "buildings appeared, mIoU"} <= {row.figure for row in rows}
    assert "n=8" in next(line for line in as_text(rows) if "any change, IoU" in line)
    assert "| any change, IoU | **1.000** | ≥ 0.78 | kept | 8 |" in list(as_markdown(rows))


def test_a_model_is_scored_tile_by_tile(pair: Pair) -> None:
    scores = Scores()
    score_model(BrightnessSegmenter(), directed_pairs([pair], "levir."), scores)
    computed = {name: metrics.compute() for name, metrics in scores.figures.items()}
    assert computed["levir.any"].samples == 8
    assert computed["levir.appear"].miou_nonempty < 0.5
    assert computed["levir.absent"].no_target_samples == 32


def by_disturbance(pairs: Iterable[QueriedPair]) -> Iterator[dict[str, QueriedPair]]:
    names = (CLEAN, *DISTURBANCES)
    listed = list(pairs)
    for start in range(0, len(listed), len(names)):
        yield dict(zip(names, listed[start : start + len(names)], strict=True))


def test_masks_of_new_buildings_are_shifted_with_the_image(pair: Pair) -> None:
    tasks = set()
    for versions in by_disturbance(disturbed_pairs([pair], "disturbed.")):
        clean, shifted = versions[CLEAN], versions["2 px down"]
        assert clean.texts == shifted.texts
        np.testing.assert_array_equal(shifted.after[2:], clean.after[:-2])
        np.testing.assert_array_equal(shifted.before, clean.before)
        for query, other in zip(clean.queries, shifted.queries, strict=True):
            task = query.figure.split(".", 2)[-1]
            tasks.add(task)
            if task == "appear":
                np.testing.assert_array_equal(other.mask[2:], query.mask[:-2])
            else:
                np.testing.assert_array_equal(other.mask, query.mask)
    assert tasks == {"appear", "appear.drawn", "disappear", "disappear.drawn"}


def test_losses_are_relative_to_clean_pairs(pair: Pair) -> None:
    pairs = disturbed_pairs([pair], "disturbed.")
    rows = rows_of(scores_of_true_masks(pairs).figures)
    assert {row.value for row in rows if "clean" in row.figure} == {1.0}
    losses = [row for row in rows if row.needed is not None]
    assert len(losses) == 2 * len(DISTURBANCES)
    assert {(row.value, row.verdict) for row in losses} == {(0.0, "kept")}


def test_a_mask_on_few_pixels_counts_as_empty() -> None:
    empty, image = np.zeros((20, 20), np.bool_), np.zeros((20, 20, 3), np.uint8)
    predicted = empty.copy()
    predicted[0, :2] = True  # 0.5 % of the pixels
    for least_share, share in ((0.005, 0.0), (0.006, 1.0)):
        scores = Scores()
        query = LabelledQuery("seasons.quiet", "", empty, least_share)
        scores.add(QueriedPair(image, image, 0.6, (query,)), {"": predicted})
        assert scores.figures["seasons.quiet"].compute().no_target_accuracy == share
