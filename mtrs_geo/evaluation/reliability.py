"""How well scores are chances: expected calibration error, Brier score, reliability bins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mtrs_geo.types import BoolArray

__all__ = ["Reliability", "ReliabilityBin", "reliability"]

_BINS = 15


@dataclass(frozen=True)
class ReliabilityBin:
    """Polygons of neighbouring scores."""

    mean_score: float
    right_share: float
    polygons: int


@dataclass(frozen=True)
class Reliability:
    """Agreement of scores with the share that is right."""

    polygons: int
    right_share: float
    ece: float
    """Expected calibration error: mean difference between score and share, over the bins."""
    brier: float
    """Mean squared difference between score and 0 (wrong) or 1 (right)."""
    bins: tuple[ReliabilityBin, ...]
    """Bins of about equal numbers of polygons, by score."""


def reliability(
    scores: npt.NDArray[np.float64], right: BoolArray, bins: int = _BINS
) -> Reliability:
    """Return how well scores agree with the share of polygons that are right.

    The expected calibration error is that of Naeini et al. (2015), over bins of equal mass.

    Args:
        scores: (n,) in [0, 1], n of 1 or more.
        right: (n,).
        bins: number of bins; fewer if there are fewer polygons.
    """
    order = np.argsort(scores, kind="stable")
    parts = [part for part in np.array_split(order, bins) if part.size]
    found = tuple(
        ReliabilityBin(float(scores[part].mean()), float(right[part].mean()), int(part.size))
        for part in parts
    )
    error = sum(one.polygons * abs(one.mean_score - one.right_share) for one in found)
    squares = (scores - right) ** 2
    return Reliability(
        len(scores), float(right.mean()), error / len(scores), float(squares.mean()), found
    )
