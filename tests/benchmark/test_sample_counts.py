"""The scores of a sample against brute force, and against the paper's definitions by hand."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from mtrs_geo.benchmark.packed_masks import pack_mask, unpack_mask
from mtrs_geo.benchmark.sample_counts import SCORES, SIZES, SampleCounts, count_sample
from mtrs_geo.metrics import ReferringMetrics
from mtrs_geo.types import BoolArray

ROWS, COLS = 8, 9
Pixels = set[tuple[int, int]]


def random_mask(rng: np.random.Generator) -> BoolArray:
    """An empty, tiny, touching, full or any other mask."""
    mask = np.zeros((ROWS, COLS), bool)
    kind = rng.integers(7)
    if kind == 1:
        mask[rng.integers(ROWS), rng.integers(COLS)] = True
    elif kind == 2:  # squares that touch at a corner
        row, col = rng.integers(1, ROWS - 2), rng.integers(1, COLS - 2)
        mask[row - 1 : row + 1, col - 1 : col + 1] = True
        mask[row + 1 : row + 3, col + 1 : col + 3] = True
    elif kind == 3:
        mask[:] = True
    elif kind == 4:
        mask[:, : rng.integers(1, COLS)] = True
    elif kind == 5:
        mask[:] = rng.random(mask.shape) < rng.choice([0.1, 0.4, 0.9])
    elif kind == 6:  # columns with gaps of one pixel
        mask[:, :: int(rng.integers(2, 4))] = True
    return mask


def pixels(mask: BoolArray) -> Pixels:
    return {(r, c) for r, c in product(range(ROWS), range(COLS)) if mask[r, c]}


def edge(mask: Pixels) -> Pixels:
    steps = ((0, 1), (1, 0), (0, -1), (-1, 0))
    return {(r, c) for r, c in mask if any((r + i, c + j) not in mask for i, j in steps)}


def near(found: Pixels, other: Pixels) -> int:
    return sum(any(math.dist(p, q) <= 2 for q in other) for p in found)


def objects(mask: Pixels) -> list[Pixels]:
    left, found = set(mask), []
    while left:
        region, front = set(), {left.pop()}
        while front:
            region |= front
            around = {(r + i, c + j) for r, c in front for i in (-1, 0, 1) for j in (-1, 0, 1)}
            front = around & left
            left -= front
        found.append(region)
    return found


def most_matches(predicted: list[Pixels], true: list[Pixels]) -> int:
    """The largest matching, by trying."""
    if not predicted:
        return 0
    first, *rest = predicted
    best = most_matches(rest, true)
    for i, region in enumerate(true):
        if len(first & region) >= 0.5 * len(first | region):
            best = max(best, 1 + most_matches(rest, true[:i] + true[i + 1 :]))
    return best


def brute_force(prediction: Pixels, truth: Pixels) -> dict[str, tuple[float, int]]:
    both, either = len(prediction & truth), len(prediction | truth)
    iou = both / either if either else 1.0
    has_target, is_empty = int(bool(truth)), int(not truth)
    precision, recall = (
        near(edge(a), edge(b)) / len(edge(a)) if a else 0.0
        for a, b in ((prediction, truth), (truth, prediction))
    )
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    predicted, true = objects(prediction), objects(truth)
    matches = most_matches(predicted, true)
    return {
        "miou": (iou, 1),
        "oiou": (both, either),
        **{f"pr{level}": (int(iou >= level / 100), 1) for level in (50, 60, 70, 80, 90)},
        "miou_nonempty": (iou * has_target, has_target),
        "no_target_accuracy": (is_empty * int(not prediction), is_empty),
        "boundary_f1": (f1 * has_target, has_target),
        "object_precision": (matches, len(predicted)),
        "object_recall": (matches, len(true)),
    }


def test_scores_equal_brute_force_on_1000_cases() -> None:
    rng = np.random.default_rng(0)
    for _ in range(1000):
        prediction, truth = random_mask(rng), random_mask(rng)
        if rng.random() < 0.4:  # similar masks, so that objects match
            prediction = truth ^ (rng.random(truth.shape) < 0.08)
        counts = count_sample(prediction, truth)
        expected = brute_force(pixels(prediction), pixels(truth))
        assert tuple(counts.sums()) == SCORES == tuple(expected)
        for name, sums in counts.sums().items():
            assert sums == pytest.approx(expected[name]), name
        metrics = ReferringMetrics()
        assert metrics.update(prediction, truth) == counts.iou
        assert SampleCounts.from_json(counts.as_json()) == counts
        assert np.array_equal(unpack_mask(pack_mask(prediction)), prediction)


def block(rows: slice, cols: slice, shape: tuple[int, int] = (60, 90)) -> BoolArray:
    mask = np.zeros(shape, bool)
    mask[rows, cols] = True
    return mask


def test_the_definitions_of_the_paper_by_hand() -> None:
    truth = block(slice(0, 10), slice(0, 10))
    half = block(slice(0, 5), slice(0, 10))
    empty = np.zeros_like(truth)
    assert count_sample(half, truth).iou == 0.5
    assert count_sample(half, truth).sums()["pr50"] == (1, 1)
    assert count_sample(half, truth).sums()["pr60"] == (0, 1)
    assert count_sample(empty, empty).iou == 1.0
    assert count_sample(half, empty).iou == 0.0
    assert count_sample(empty, truth).iou == 0.0
    assert count_sample(empty, empty).sums()["no_target_accuracy"] == (1, 1)
    assert count_sample(half, empty).sums()["no_target_accuracy"] == (0, 1)
    assert count_sample(half, truth).sums()["no_target_accuracy"] == (0, 0)


def test_two_halves_of_an_object_match_it_once() -> None:
    truth = block(slice(0, 10), slice(0, 21))
    truth[:, 10] = False
    truth[5, 10] = True
    parts = truth.copy()
    parts[5, 10] = False
    counts = count_sample(parts, truth).shapes
    assert (counts.objects_predicted, counts.objects_true, counts.objects_matched) == (2, 1, 0)
    truth[5, 10] = False
    truth[:, 10] = False
    assert count_sample(parts, truth).shapes.objects_matched == 2


def test_boundaries_two_pixels_apart_match_and_three_do_not() -> None:
    truth = block(slice(20, 40), slice(20, 40))
    for shift, value in ((2, 1.0), (3, None)):
        moved = np.roll(truth, shift, axis=1)
        f1 = count_sample(moved, truth).shapes.boundary_f1
        assert f1 == value if value else 0.3 < f1 < 0.95


def test_size_and_position() -> None:
    found = set()
    for rows, cols, size, position in (
        (slice(0, 2), slice(0, 2), "below 0.1 %", "top left"),
        (slice(25, 35), slice(40, 50), "1 to 10 %", "middle centre"),
        (slice(55, 60), slice(85, 90), "0.1 to 1 %", "bottom right"),
        (slice(0, 60), slice(0, 90), "above 10 %", "middle centre"),
        (slice(0, 0), slice(0, 0), "empty", "none"),
    ):
        mask = block(rows, cols)
        counts = count_sample(mask, mask)
        assert (counts.size, counts.position) == (size, position)
        found.add(counts.size)
    assert found == set(SIZES)
