"""The only copy of every metric: referring segmentation and change of any kind.

Definitions follow the MTRefSeg release (arXiv 2606.00987): a sample whose mask
and prediction are both empty counts as IoU 1, one whose mask alone is empty as 0.
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
    "sample_iou",
]

_PRECISION_AT = (0.5, 0.6, 0.7, 0.8, 0.9)


def sample_iou(prediction: BoolArray, truth: BoolArray) -> float:
    """Return |P and G| / |P or G| of one sample; 1 where both masks are empty.

    Args:
        prediction: (rows, cols).
        truth: (rows, cols).

    Raises:
        ValueError: if the shapes differ.
    """
    return _iou(*_overlap(prediction, truth))


@dataclass(frozen=True, slots=True)
class ReferringScores:
    """Scores of a set of samples; NaN where no sample is of the kind asked.

    Args:
        miou: mean IoU over all samples.
        oiou: sum of intersections over sum of unions (also called cIoU); 1 where
            all masks and predictions are empty.
        pr50: share of samples with IoU of 0.5 or more; likewise the next four.
        pr60: at 0.6.
        pr70: at 0.7.
        pr80: at 0.8.
        pr90: at 0.9.
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
    """Sums that the scores of referring segmentation need; add two to merge them."""

    samples: int = 0
    iou_sum: float = 0.0
    intersection: int = 0
    union: int = 0
    reached: tuple[int, ...] = (0,) * len(_PRECISION_AT)
    no_target: int = 0
    no_target_right: int = 0

    def update(self, prediction: BoolArray, truth: BoolArray) -> float:
        """Count one sample and return its IoU.

        Args:
            prediction: (rows, cols).
            truth: (rows, cols).

        Raises:
            ValueError: if the shapes differ.
        """
        intersection, union = _overlap(prediction, truth)
        iou = _iou(intersection, union)
        is_empty = not truth.any()
        self.samples += 1
        self.iou_sum += iou
        self.intersection += intersection
        self.union += union
        self.reached = tuple(
            count + (iou >= least) for count, least in zip(self.reached, _PRECISION_AT, strict=True)
        )
        self.no_target += is_empty
        self.no_target_right += is_empty and union == 0
        return iou

    def __add__(self, other: ReferringMetrics) -> ReferringMetrics:
        """Return the sums of both sets of samples."""
        return ReferringMetrics(
            self.samples + other.samples,
            self.iou_sum + other.iou_sum,
            self.intersection + other.intersection,
            self.union + other.union,
            tuple(a + b for a, b in zip(self.reached, other.reached, strict=True)),
            self.no_target + other.no_target,
            self.no_target_right + other.no_target_right,
        )

    def compute(self) -> ReferringScores:
        """Return the scores of all samples so far."""
        # A sample without a target scores 1 if its prediction is empty and else 0.
        targets = self.samples - self.no_target
        at50, at60, at70, at80, at90 = (_share(count, self.samples) for count in self.reached)
        return ReferringScores(
            miou=_share(self.iou_sum, self.samples),
            oiou=_iou(self.intersection, self.union) if self.samples else float("nan"),
            pr50=at50,
            pr60=at60,
            pr70=at70,
            pr80=at80,
            pr90=at90,
            miou_nonempty=_share(self.iou_sum - self.no_target_right, targets),
            no_target_accuracy=_share(self.no_target_right, self.no_target),
            samples=self.samples,
            no_target_samples=self.no_target,
        )


@dataclass(frozen=True, slots=True)
class BinaryScores:
    """Pixel scores of change of any kind; NaN where the divisor is zero."""

    precision: float
    recall: float
    f1: float
    iou: float


@dataclass(slots=True)
class BinaryCounts:
    """Pixel totals of a set of change masks; add two to merge them."""

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
            valid: (rows, cols), pixels that count; all by default.

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
        """Return the totals of both sets."""
        return BinaryCounts(
            self.true_positive + other.true_positive,
            self.false_positive + other.false_positive,
            self.false_negative + other.false_negative,
        )

    def compute(self) -> BinaryScores:
        """Return precision, recall, F1 and IoU of the foreground."""
        hit, wrong, missed = self.true_positive, self.false_positive, self.false_negative
        return BinaryScores(
            precision=_share(hit, hit + wrong),
            recall=_share(hit, hit + missed),
            f1=_share(2 * hit, 2 * hit + wrong + missed),
            iou=_share(hit, hit + wrong + missed),
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


def _share(part: float, whole: int) -> float:
    return part / whole if whole else float("nan")
