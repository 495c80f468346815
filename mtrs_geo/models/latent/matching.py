"""Latent matching: how far the features of a segment turn between two dates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mtrs_geo.models.classical.thresholds import as_probability, otsu
from mtrs_geo.types import FloatArray

__all__ = ["LEAST_DISTANCE", "match_segments"]

LEAST_DISTANCE = 1.0
"""Cosine distance below which no segment counts as changed: its features still resemble those of
the other date.  A tile in which nothing changed has no second class of segments to separate."""


def match_segments(
    before: FloatArray, after: FloatArray, segments: Sequence[npt.NDArray[np.int32]]
) -> FloatArray:
    """Return the probability of a change at each cell.

    The mean features of every segment at both dates are compared by the cosine distance, in
    [0, 2].  Segments of both dates are used, and a cell has the larger distance of its segments.
    The distances are compared with Otsu's threshold, or with `LEAST_DISTANCE` if that is larger.

    Args:
        before: (C, h, w) features; each channel is normalised over the date, as light and season
            differ between dates.
        after: the same of the later date.
        segments: numbers from 0 (h, w), of either date.

    Returns:
        (h, w) in [0, 1).
    """
    both = np.stack([before, after])
    both = both - both.mean((2, 3), keepdims=True)
    both /= np.maximum(both.std((2, 3), keepdims=True), 1e-6)
    distance = np.maximum.reduce([_distances(both, found)[found] for found in segments])
    return as_probability(distance, max(otsu(distance), LEAST_DISTANCE))


def _distances(both: FloatArray, segments: npt.NDArray[np.int32]) -> FloatArray:
    """Return the cosine distance (S,) of features (2, C, h, w) in each segment (h, w)."""
    flat = segments.ravel()
    first, second = (
        np.stack([np.bincount(flat, channel.ravel()) for channel in date]) for date in both
    )  # (C, S) sums, of which the cosine is that of the means
    product = np.linalg.norm(first, axis=0) * np.linalg.norm(second, axis=0)
    cosine = (first * second).sum(0) / np.maximum(product, 1e-9)
    # Without features at both dates, as in a segment without cells, nothing is known to change.
    distance: FloatArray = np.where(product > 1e-9, 1 - cosine, 0).clip(0, 2).astype(np.float32)
    return distance
