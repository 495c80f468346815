from __future__ import annotations

import math

import numpy as np
import pytest

from mtrs_geo.metrics import BinaryCounts, ReferringMetrics, sample_iou
from mtrs_geo.types import BoolArray


def _pairs(seed: int, count: int) -> list[tuple[BoolArray, BoolArray]]:
    rng = np.random.default_rng(seed)
    pairs = []
    for _ in range(count):
        truth = rng.random((9, 7)) < rng.choice([0.0, 0.3, 0.8])
        noise = rng.random((9, 7)) < rng.choice([0.0, 0.05, 0.5])
        pairs.append((truth ^ noise, truth))
    return pairs


def _slow_iou(prediction: BoolArray, truth: BoolArray) -> float:
    found = {(int(r), int(c)) for r, c in zip(*np.nonzero(prediction), strict=True)}
    asked = {(int(r), int(c)) for r, c in zip(*np.nonzero(truth), strict=True)}
    if not found and not asked:
        return 1.0
    return len(found & asked) / len(found | asked)


def test_scores_equal_brute_force() -> None:
    pairs = _pairs(0, 200)
    metrics = ReferringMetrics()
    for prediction, truth in pairs:
        assert metrics.update(prediction, truth) == sample_iou(prediction, truth)
    scores = metrics.compute()
    ious = [_slow_iou(*pair) for pair in pairs]
    targets = [iou for iou, (_, truth) in zip(ious, pairs, strict=True) if truth.any()]
    empty = [not prediction.any() for prediction, truth in pairs if not truth.any()]
    assert scores.samples == 200
    assert scores.miou == pytest.approx(sum(ious) / 200)
    assert scores.miou_nonempty == pytest.approx(sum(targets) / len(targets))
    assert scores.no_target_samples == len(empty) > 0
    assert scores.no_target_accuracy == pytest.approx(sum(empty) / len(empty))
    inner = sum(int((p & t).sum()) for p, t in pairs)
    outer = sum(int((p | t).sum()) for p, t in pairs)
    assert scores.oiou == pytest.approx(inner / outer)
    for name, least in (("pr50", 0.5), ("pr60", 0.6), ("pr70", 0.7), ("pr80", 0.8), ("pr90", 0.9)):
        assert getattr(scores, name) == pytest.approx(sum(iou >= least for iou in ious) / 200)


def test_merged_sums_equal_one_pass() -> None:
    pairs = _pairs(1, 60)
    whole, left, right = ReferringMetrics(), ReferringMetrics(), ReferringMetrics()
    for at, pair in enumerate(pairs):
        whole.update(*pair)
        (left if at < 23 else right).update(*pair)
    merged = left + right
    assert merged.compute().pr70 == whole.compute().pr70
    assert merged.compute().miou == pytest.approx(whole.compute().miou)
    assert (merged.intersection, merged.union) == (whole.intersection, whole.union)


def test_empty_masks_follow_the_release() -> None:
    nothing, something = np.zeros((3, 3), np.bool_), np.eye(3, dtype=np.bool_)
    assert sample_iou(nothing, nothing) == 1.0
    assert sample_iou(something, nothing) == 0.0
    assert sample_iou(nothing, something) == 0.0


def test_precision_counts_the_bound_itself() -> None:
    metrics = ReferringMetrics()
    truth = np.array([[True, True, False]])
    metrics.update(np.array([[True, False, False]]), truth)
    assert metrics.compute().pr50 == 1.0
    assert metrics.compute().pr60 == 0.0


def test_no_samples_give_nan() -> None:
    scores = ReferringMetrics().compute()
    assert all(math.isnan(v) for v in (scores.miou, scores.oiou, scores.no_target_accuracy))


def test_binary_scores_equal_brute_force() -> None:
    rng = np.random.default_rng(2)
    counts, merged = BinaryCounts(), BinaryCounts()
    hit = wrong = missed = 0
    for prediction, truth in _pairs(3, 40):
        valid = rng.random(truth.shape) < 0.8
        counts.update(prediction, truth, valid)
        part = BinaryCounts()
        part.update(prediction, truth, valid)
        merged = merged + part
        for p, t, v in zip(prediction.flat, truth.flat, valid.flat, strict=True):
            hit += bool(v and p and t)
            wrong += bool(v and p and not t)
            missed += bool(v and t and not p)
    scores = counts.compute()
    assert counts == merged == BinaryCounts(hit, wrong, missed)
    assert scores.precision == pytest.approx(hit / (hit + wrong))
    assert scores.recall == pytest.approx(hit / (hit + missed))
    harmonic = 2 * scores.precision * scores.recall / (scores.precision + scores.recall)
    assert scores.f1 == pytest.approx(harmonic)
    assert scores.iou == pytest.approx(hit / (hit + wrong + missed))


@pytest.mark.parametrize("shape", [(2, 3), (4, 2)])
def test_unlike_shapes_are_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"differ in shape: \(2, 2\)"):
        sample_iou(np.zeros((2, 2), np.bool_), np.zeros(shape, np.bool_))


def test_probabilities_are_refused() -> None:
    with pytest.raises(ValueError, match="threshold first"):
        sample_iou(np.zeros((2, 2), np.float32), np.zeros((2, 2), np.bool_))
