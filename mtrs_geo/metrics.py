"""Metrics of referring segmentation and of binary change detection.

Definitions follow the MTRefSeg release (arXiv 2606.00987): if the true mask is empty, the IoU
of a sample is 1 for an empty prediction and 0 for any other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mtrs_geo.types import BoolArray

__all__ = [
    "BinaryCounts",
    "BinaryScores",
    "ReferringMetrics",
    "ReferringScores",
]

_THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class ReferringScores:
    """Scores of a set of samples; NaN if no sample of that kind exists.

    Args:
        miou: mean IoU over all samples.
        oiou: sum of intersections over sum of unions (also called cIoU); 1 if all masks
            and predictions are empty.
        pr50: share of samples with an IoU of 0.5 or more.
        pr60: the same at 0.6.
        pr70: the same at 0.7.
        pr80: the same at 0.8.
        pr90: the same at 0.9.
        miou_nonempty: mean IoU over samples whose true mask is not empty.
        no_target_accuracy: share of samples with an empty true mask whose
            prediction is empty as well.
        samples: number of samples.
        no_target_samples: number of samples with an empty true mask.
    """

    miou: float
    oiou: float
    pr50: float
    pr60: float
    pr70: float
    pr80: float
    pr90: float
    miou_nonempty: float
    no_target_accuracy: float
    samples: int
    no_target_samples: int


@dataclass(slots=True)
class ReferringMetrics:
    """Sums for the scores of referring segmentation; add two objects to merge them."""

    samples: int = 0
    iou_sum: float = 0.0
    intersection: int = 0
    union: int = 0
    hits: tuple[int, ...] = (0,) * len(_THRESHOLDS)
    """Number of samples that reach each IoU threshold."""
    no_target: int = 0
    no_target_correct: int = 0

    def update(self, prediction: BoolArray, truth: BoolArray) -> float:
        """Count one sample and return its IoU.

        Args:
            prediction: (rows, cols).
            truth: (rows, cols).

        Raises:
            ValueError: if the shapes differ.
        """
        intersection, union = _overlap(prediction, truth)
        return self.add_counts(intersection, union, is_no_target=not truth.any())

    def add_counts(self, intersection: int, union: int, *, is_no_target: bool) -> float:
        """Count one sample by its pixel counts and return its IoU.

        Args:
            intersection: pixels in both masks.
            union: pixels in at least one mask.
            is_no_target: whether the true mask is empty.
        """
        iou = _iou(intersection, union)
        self.samples += 1
        self.iou_sum += iou
        self.intersection += intersection
        self.union += union
        self.hits = tuple(
            count + (iou >= threshold)
            for count, threshold in zip(self.hits, _THRESHOLDS, strict=True)
        )
        self.no_target += is_no_target
        self.no_target_correct += is_no_target and union == 0
        return iou

    def __add__(self, other: ReferringMetrics) -> ReferringMetrics:
        """Return the sums of both sets of samples."""
        return ReferringMetrics(
            self.samples + other.samples,
            self.iou_sum + other.iou_sum,
            self.intersection + other.intersection,
            self.union + other.union,
            tuple(a + b for a, b in zip(self.hits, other.hits, strict=True)),
            self.no_target + other.no_target,
            self.no_target_correct + other.no_target_correct,
        )

    def sums(self) -> dict[str, tuple[float, int]]:
        """Return numerator and denominator of each score, by its name in `ReferringScores`.

        The score of several sets of samples is the sum of their numerators over the sum of their
        denominators.
        """
        # The IoU of a sample without a target is 1 if the prediction is empty, otherwise 0.
        precisions = zip(_THRESHOLDS, self.hits, strict=True)
        return {
            "miou": (self.iou_sum, self.samples),
            "oiou": (self.intersection, self.union),
            **{f"pr{round(100 * level)}": (count, self.samples) for level, count in precisions},
            "miou_nonempty": (
                self.iou_sum - self.no_target_correct,
                self.samples - self.no_target,
            ),
            "no_target_accuracy": (self.no_target_correct, self.no_target),
        }

    def compute(self) -> ReferringScores:
        """Return the scores of all samples so far."""
        scores = {name: _ratio(*sums) for name, sums in self.sums().items()}
        if self.samples and not self.union:
            scores["oiou"] = 1.0
        return ReferringScores(**scores, samples=self.samples, no_target_samples=self.no_target)


@dataclass(frozen=True, slots=True)
class BinaryScores:
    """Pixel scores of binary change detection; NaN if the divisor is zero."""

    precision: float
    recall: float
    f1: float
    iou: float


@dataclass(slots=True)
class BinaryCounts:
    """Pixel counts of a set of change masks; add two objects to merge them."""

    true_positive: int = 0
    false_positive: int = 0
    false_negative: int = 0

    def update(
        self, prediction: BoolArray, truth: BoolArray, valid: BoolArray | None = None
    ) -> None:
        """Count the pixels of one mask.

        Args:
            prediction: (rows, cols).
            truth: (rows, cols).
            valid: (rows, cols), true for pixels to count; by default all.

        Raises:
            ValueError: if the shapes differ.
        """
        if valid is not None:
            _check_shapes(prediction, valid)
            prediction, truth = prediction & valid, truth & valid
        intersection, _ = _overlap(prediction, truth)
        self.true_positive += intersection
        self.false_positive += int(np.count_nonzero(prediction)) - intersection
        self.false_negative += int(np.count_nonzero(truth)) - intersection

    def __add__(self, other: BinaryCounts) -> BinaryCounts:
        """Return the counts of both sets."""
        return BinaryCounts(
            self.true_positive + other.true_positive,
            self.false_positive + other.false_positive,
            self.false_negative + other.false_negative,
        )

    def compute(self) -> BinaryScores:
        """Return precision, recall, F1 and IoU of the foreground."""
        tp, fp, fn = self.true_positive, self.false_positive, self.false_negative
        return BinaryScores(
            precision=_ratio(tp, tp + fp),
            recall=_ratio(tp, tp + fn),
            f1=_ratio(2 * tp, 2 * tp + fp + fn),
            iou=_ratio(tp, tp + fp + fn),
        )


def _check_shapes(prediction: BoolArray, truth: BoolArray) -> None:
    if prediction.shape != truth.shape:
        msg = f"the masks differ in shape: {prediction.shape} and {truth.shape}"
        raise ValueError(msg)
    if prediction.dtype != np.bool_ or truth.dtype != np.bool_:
        msg = f"masks must be boolean, not {prediction.dtype} and {truth.dtype}: threshold first"
        raise ValueError(msg)


def _overlap(prediction: BoolArray, truth: BoolArray) -> tuple[int, int]:
    _check_shapes(prediction, truth)
    return int(np.count_nonzero(prediction & truth)), int(np.count_nonzero(prediction | truth))


def _iou(intersection: int, union: int) -> float:
    return intersection / union if union else 1.0


def _ratio(numerator: float, denominator: int) -> float:
    return numerator / denominator if denominator else float("nan")
