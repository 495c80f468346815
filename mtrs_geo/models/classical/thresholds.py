"""Thresholds on maps of change, and probabilities from them."""

from __future__ import annotations

import numpy as np

from mtrs_geo.types import FloatArray

__all__ = ["as_probability", "otsu"]

_BINS = 256
_SAME = 1e-4
"""Difference, relative to the largest value, that single precision cannot split into bins."""


def otsu(values: FloatArray) -> float:
    """Return the threshold that separates two classes of values best.

    It maximises the variance between the classes (Otsu, 1979).

    Args:
        values: any shape, at least 0.

    Returns:
        A value between the smallest and the largest; the largest if all are nearly the same.
    """
    low, high = float(values.min()), float(values.max())
    if high - low <= _SAME * high:
        return high
    counts, edges = np.histogram(values, _BINS, (low, high))
    centres = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)[:-1].astype(float)
    above = values.size - below
    sums = np.cumsum(counts * centres)
    # (sum_below * above - sum_above * below) ** 2 / (below * above), without the common factor
    between = (sums[:-1] * values.size - sums[-1] * below) ** 2 / np.maximum(below * above, 1)
    # Between two peaks the variance is flat where no value lies: take the middle.
    best = np.flatnonzero(between >= between.max() * (1 - 1e-9))
    return float(edges[1:-1][best].mean())


def as_probability(magnitude: FloatArray, threshold: float) -> FloatArray:
    """Return values in [0, 1) that are 0.5 at a threshold: m / (m + threshold).

    Args:
        magnitude: any shape, at least 0.
        threshold: more than 0.
    """
    probability: FloatArray = (magnitude / (magnitude + threshold)).astype(np.float32)
    return probability
