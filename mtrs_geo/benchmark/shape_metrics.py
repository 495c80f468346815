"""Counts of boundaries and of objects, for scores that pixel counts do not give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mtrs_geo.types import BoolArray

__all__ = ["BOUNDARY_PX", "OBJECT_IOU", "ShapeCounts", "boundary", "count_shapes"]

BOUNDARY_PX = 2
"""Boundaries match within this distance, in pixels."""
OBJECT_IOU = 0.5
"""Objects match from this IoU on."""


@dataclass(frozen=True)
class ShapeCounts:
    """Boundary pixels and objects of a predicted and a true mask."""

    boundary_predicted: int
    """Boundary pixels of the prediction."""
    boundary_true: int
    predicted_near_true: int
    """Boundary pixels of the prediction within `BOUNDARY_PX` of a true boundary pixel."""
    true_near_predicted: int
    objects_predicted: int
    """Connected regions, diagonal neighbours included."""
    objects_true: int
    objects_matched: int
    """Regions of the prediction that have an IoU of `OBJECT_IOU` or more with a true one."""

    @property
    def boundary_f1(self) -> float:
        """Harmonic mean of both matched shares; 1 if both masks are empty, 0 if one of them is."""
        if not self.boundary_predicted or not self.boundary_true:
            return float(self.boundary_predicted == self.boundary_true)
        precision = self.predicted_near_true / self.boundary_predicted
        recall = self.true_near_predicted / self.boundary_true
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def count_shapes(prediction: BoolArray, truth: BoolArray) -> ShapeCounts:
    """Return the counts of a pair of masks.

    Args:
        prediction: (rows, cols).
        truth: (rows, cols).
    """
    window = _window(prediction | truth)
    prediction, truth = prediction[window], truth[window]
    predicted_edge, true_edge = boundary(prediction), boundary(truth)
    near_true, near_predicted = _near(true_edge), _near(predicted_edge)
    return ShapeCounts(
        int(predicted_edge.sum()),
        int(true_edge.sum()),
        int((predicted_edge & near_true).sum()),
        int((true_edge & near_predicted).sum()),
        *_objects(prediction, truth),
    )


def boundary(mask: BoolArray) -> BoolArray:
    """Return the pixels of a mask that have one of their four neighbours outside of it.

    What is outside of the image is outside of the mask, so a mask has a boundary if it is not
    empty.
    """
    padded = np.pad(mask, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    edge: BoolArray = mask & ~inner
    return edge


def _near(edge: BoolArray) -> BoolArray:
    """Return the pixels within `BOUNDARY_PX` of a boundary."""
    reach, (rows, cols) = BOUNDARY_PX, edge.shape
    padded = np.pad(edge, reach)
    near = np.zeros(edge.shape, np.bool_)
    for row in range(-reach, reach + 1):
        for col in range(-reach, reach + 1):
            if row * row + col * col <= reach * reach:
                top, left = reach + row, reach + col
                near |= padded[top : top + rows, left : left + cols]
    return near


def _window(mask: BoolArray) -> tuple[slice, slice]:
    """Return the rows and columns that a mask covers."""
    rows, cols = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not rows.size:
        return slice(0, 0), slice(0, 0)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(cols[0]), int(cols[-1]) + 1)


def _objects(prediction: BoolArray, truth: BoolArray) -> tuple[int, int, int]:
    """Return the numbers of predicted, true and matched objects."""
    from scipy import ndimage

    eight = np.ones((3, 3), np.int8)
    predicted, predicted_count = ndimage.label(prediction, eight)
    true, true_count = ndimage.label(truth, eight)
    if not predicted_count or not true_count:
        return predicted_count, true_count, 0
    both = predicted.astype(np.int64) * (true_count + 1) + true
    pairs, shared = np.unique(both[(predicted > 0) & (true > 0)], return_counts=True)
    of_predicted, of_true = np.divmod(pairs, true_count + 1)
    union = np.bincount(predicted.ravel())[of_predicted] + np.bincount(true.ravel())[of_true]
    is_match = shared >= OBJECT_IOU * (union - shared)
    return predicted_count, true_count, _matches(of_predicted[is_match], of_true[is_match])


def _matches(predicted: npt.NDArray[Any], true: npt.NDArray[Any]) -> int:
    """Return how many objects match, each with one at most.

    An IoU above 0.5 is unique for both objects.  At 0.5 exactly, several objects may match one,
    but then they match nothing else: the matches are stars, which are counted as vertices less
    edges.

    Args:
        predicted: (N,), object of the prediction of each of N matches.
        true: (N,), true object of each.
    """
    return int(np.unique(predicted).size + np.unique(true).size - predicted.size)
