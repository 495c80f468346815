"""The counts of one sample, from which every score is a ratio of sums."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mtrs_geo.benchmark.shape_metrics import ShapeCounts, count_shapes
from mtrs_geo.metrics import ReferringMetrics
from mtrs_geo.types import BoolArray

__all__ = ["SCORES", "SCORE_LABELS", "SIZES", "SampleCounts", "count_sample"]

SCORE_LABELS = {
    "miou": "mIoU",
    "oiou": "oIoU",
    "pr50": "Pr@0.5",
    "pr60": "Pr@0.6",
    "pr70": "Pr@0.7",
    "pr80": "Pr@0.8",
    "pr90": "Pr@0.9",
    "miou_nonempty": "mIoU of non-empty",
    "no_target_accuracy": "no-target accuracy",
    "boundary_f1": "boundary F1",
    "object_precision": "object precision",
    "object_recall": "object recall",
}
SCORES = tuple(SCORE_LABELS)
"""Names of all scores; all are shares, and more is better."""

SIZES = ("empty", "below 0.1 %", "0.1 to 1 %", "1 to 10 %", "above 10 %")
"""Size of the true change, as a share of the image."""
_SIZE_STEPS = (0.001, 0.01, 0.1)
_ROWS, _COLS = ("top", "middle", "bottom"), ("left", "centre", "right")


@dataclass(frozen=True)
class SampleCounts:
    """Counts of one answered sample."""

    intersection: int
    union: int
    true_px: int
    predicted_px: int
    size: str
    """One of `SIZES`."""
    position: str
    """The ninth of the image with the centre of the true change; "none" if it is empty."""
    shapes: ShapeCounts

    @property
    def iou(self) -> float:
        """IoU; 1 if both masks are empty."""
        return self._metrics()[0]

    def sums(self) -> dict[str, tuple[float, int]]:
        """Return numerator and denominator of each of `SCORES`, see `ReferringMetrics.sums`."""
        shapes, has_target = self.shapes, int(self.true_px > 0)
        return self._metrics()[1].sums() | {
            "boundary_f1": (shapes.boundary_f1 * has_target, has_target),
            "object_precision": (shapes.objects_matched, shapes.objects_predicted),
            "object_recall": (shapes.objects_matched, shapes.objects_true),
        }

    def _metrics(self) -> tuple[float, ReferringMetrics]:
        metrics = ReferringMetrics()
        iou = metrics.add_counts(self.intersection, self.union, is_no_target=self.true_px == 0)
        return iou, metrics

    def as_json(self) -> dict[str, Any]:
        """Return the counts as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> SampleCounts:
        """Return the counts of `as_json`."""
        return cls(**values | {"shapes": ShapeCounts(**values["shapes"])})


def count_sample(prediction: BoolArray, truth: BoolArray) -> SampleCounts:
    """Return the counts of a prediction and its true mask, both (rows, cols)."""
    true_px = int(np.count_nonzero(truth))
    return SampleCounts(
        intersection=int(np.count_nonzero(prediction & truth)),
        union=int(np.count_nonzero(prediction | truth)),
        true_px=true_px,
        predicted_px=int(np.count_nonzero(prediction)),
        size=_size(true_px / truth.size),
        position=_position(truth),
        shapes=count_shapes(prediction, truth),
    )


def _size(share: float) -> str:
    if not share:
        return SIZES[0]
    return SIZES[1 + sum(share >= step for step in _SIZE_STEPS)]


def _position(truth: BoolArray) -> str:
    rows, cols = np.nonzero(truth)
    if not rows.size:
        return "none"
    height, width = truth.shape
    row = int(3 * (rows.mean() + 0.5) / height)
    col = int(3 * (cols.mean() + 0.5) / width)
    return f"{_ROWS[min(row, 2)]} {_COLS[min(col, 2)]}"
