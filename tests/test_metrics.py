from __future__ import annotations

import math

import numpy as np
import pytest

from mtrs_geo.metrics import BinaryCounts, ReferringMetrics
from mtrs_geo.types import BoolArray


def _pairs(seed: int, count: int) -> list[tuple[BoolArray, BoolArray]]:
    rng = np.random.default_rng(seed)
    pairs = []
    for _ in range(count):
        truth = rng.random((9, 7)) < rng.choice([0.0, 0.3, 0.8])
        noise = rng.random((9, 7)) < rng.choice([0.0, 0.05, 0.5])
        pairs.append((truth ^ noise, truth))
    return pairs


def _iou(prediction: BoolArray, truth: BoolArray) -> float:
    return ReferringMetrics().update(prediction, truth)


def _slow_iou(prediction: BoolArray, truth: BoolArray) -> float:
    predicted = {(int(r), int(c)) for r, c in zip(*np.nonzero(prediction), strict=True)}
    expected = {(int(r), int(c)) for r, c in zip(*np.nonzero(truth), strict=True)}
    if not predicted and not expected:
        return 1.0
    return len(predicted & expected) / len(predicted | expected)


def test_scores_equal_brute_force() -> None:
    pairs = _pairs(0, 200)
    metrics = ReferringMetrics()
    for prediction, truth in pairs:
        assert metrics.update(prediction, truth) == _slow_iou(prediction, truth)
    scores = metrics.compute()
    ious = [_slow_iou(*pair) for pair in pairs]
    targets = [iou for iou, (_, truth) in zip(ious, pairs, strict=True) if truth.any()]
    empty = [not prediction.any() for prediction, truth in pairs if not truth.any()]
    assert scores.samples == 200
    assert scores.miou == pytest.approx(sum(ious) / 200)
    assert scores.miou_nonempty == pytest.approx(sum(targets) / len(targets))
    assert scores.no_target_samples == len(empty) > 0
    assert scores.no_target_accuracy == pytest.approx(sum(empty) / len(empty))
    intersection = sum(int((p & t).sum()) for p, t in pairs)
    union = sum(int((p | t).sum()) for p, t in pairs)
    assert scores.oiou == pytest.approx(intersection / union)
    for name, threshold in (
        ("pr50", 0.5),
        ("pr60", 0.6),
        ("pr70", 0.7),
        ("pr80", 0.8),
        ("pr90", 0.9),
    ):
        assert getattr(scores, name) == pytest.approx(sum(iou >= threshold for iou in ious) / 200)


def test_merged_sums_equal_one_pass() -> None:
    pairs = _pairs(1, 60)
    whole, left, right = ReferringMetrics(), ReferringMetrics(), ReferringMetrics()
    for i, pair in enumerate(pairs):
        whole.update(*pair)
        (left if i < 23 else right).update(*pair)
    merged = left + right
    assert merged.compute().pr70 == whole.compute().pr70
    assert merged.compute().miou == pytest.approx(whole.compute().miou)
    assert (merged.intersection, merged.union) == (whole.intersection, whole.union)


def test_empty_masks_follow_the_release() -> None:
    empty, filled = np.zeros((3, 3), np.bool_), np.eye(3, dtype=np.bool_)
    assert _iou(empty, empty) == 1.0
    assert _iou(filled, empty) == 0.0
    assert _iou(empty, filled) == 0.0


def test_precision_includes_an_iou_equal_to_the_threshold() -> None:
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
    tp = fp = fn = 0
    for prediction, truth in _pairs(3, 40):
        valid = rng.random(truth.shape) < 0.8
        counts.update(prediction, truth, valid)
        single = BinaryCounts()
        single.update(prediction, truth, valid)
        merged = merged + single
        for p, t, v in zip(prediction.flat, truth.flat, valid.flat, strict=True):
            tp += bool(v and p and t)
            fp += bool(v and p and not t)
            fn += bool(v and t and not p)
    scores = counts.compute()
    assert counts == merged == BinaryCounts(tp, fp, fn)
    assert scores.precision == pytest.approx(tp / (tp + fp))
    assert scores.recall == pytest.approx(tp / (tp + fn))
    harmonic = 2 * scores.precision * scores.recall / (scores.precision + scores.recall)
    assert scores.f1 == pytest.approx(harmonic)
    assert scores.iou == pytest.approx(tp / (tp + fp + fn))


@pytest.mark.parametrize("shape", [(2, 3), (4, 2)])
def test_masks_of_different_shapes_are_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"differ in shape: \(2, 2\)"):
        _iou(np.zeros((2, 2), np.bool_), np.zeros(shape, np.bool_))


def test_masks_that_are_not_boolean_are_refused() -> None:
    with pytest.raises(ValueError, match="threshold first"):
        _iou(np.zeros((2, 2), np.float32), np.zeros((2, 2), np.bool_))
