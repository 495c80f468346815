"""Iteratively reweighted multivariate alteration detection (IR-MAD)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import linalg, special

from mtrs_geo.models.classical.thresholds import as_probability, otsu
from mtrs_geo.types import BoolArray, FloatArray, UInt8Array

__all__ = ["irmad"]

_ITERATIONS = 30
_TOLERANCE = 1e-3
_MOST_SAMPLES = 16_384
"""Pixels that the variates are fitted to; they are evenly spaced."""
_SIGNIFICANCE = 0.001
"""Chance that an unchanged pixel counts as changed, if differences are normally distributed."""
_RIDGE = 1e-2
"""Added to the variances, in squared grey levels: bands may be constant or copies."""

_Matrix = npt.NDArray[np.float64]


class _Variates(NamedTuple):
    """Canonical variates of two dates of C bands."""

    mean: _Matrix
    """(2 C,)"""
    first: _Matrix
    """(C, C), a column per variate."""
    second: _Matrix
    """(C, C)"""
    correlations: _Matrix
    """(C,)"""

    def statistic(self, both: _Matrix) -> _Matrix:
        """Return the sum of the squared, normalised differences of pixels (N, 2 C)."""
        bands = len(self.first)
        centred = both - self.mean
        differences = centred[:, :bands] @ self.first - centred[:, bands:] @ self.second
        found: _Matrix = (differences**2 / np.maximum(2 * (1 - self.correlations), 1e-6)).sum(1)
        return found


def irmad(before: UInt8Array, after: UInt8Array, has_data: BoolArray) -> FloatArray:
    """Return the probability of a change at each pixel.

    Canonical variates of both dates are subtracted; the sum of their squares over their variances
    is chi-squared distributed where nothing changed.  The pixels are weighted by the chance that
    they did not change, and the variates are fitted anew until the correlations stay (Nielsen,
    2007).  The weights make the variances too small; the statistic is scaled so that its median is
    that of the distribution.  Its root is compared with Otsu's threshold, or with the quantile that
    0.1 % of unchanged pixels exceed if that is larger.

    Args:
        before: (3, H, W) RGB.
        after: (3, H, W) RGB.
        has_data: (H, W), at least one pixel is true; the variates, the median and the threshold are
            those of these pixels.

    Returns:
        (H, W) in [0, 1); 0 where there is no data.
    """
    bands = len(before)
    both = np.concatenate([before[:, has_data], after[:, has_data]]).T.astype(float)
    statistic = _fitted(both[:: -(-len(both) // _MOST_SAMPLES)]).statistic(both)
    statistic *= special.chdtri(bands, 0.5) / max(float(np.median(statistic)), 1e-9)
    root = np.sqrt(statistic).astype(np.float32)
    least = float(np.sqrt(special.chdtri(bands, _SIGNIFICANCE)))
    probability = np.zeros(has_data.shape, np.float32)
    probability[has_data] = as_probability(root, max(otsu(root), least))
    return probability


def _fitted(both: _Matrix) -> _Variates:
    """Return the variates of the pixels (N, 2 C) that did not change."""
    variates = _weighted(both, np.ones(len(both)))
    for _ in range(_ITERATIONS):
        chances = special.chdtrc(both.shape[1] // 2, variates.statistic(both))
        previous, variates = variates, _weighted(both, chances)
        if np.abs(variates.correlations - previous.correlations).max() < _TOLERANCE:
            break
    return variates


def _weighted(both: _Matrix, weights: _Matrix) -> _Variates:
    """Return the variates of pixels (N, 2 C) with weights (N,)."""
    bands = both.shape[1] // 2
    total = max(weights.sum(), 1e-9)
    mean = (weights @ both) / total
    centred = both - mean
    covariance = (centred * weights[:, None]).T @ centred / total + _RIDGE * np.eye(2 * bands)
    own, cross = covariance[:bands, :bands], covariance[:bands, bands:]
    other = covariance[bands:, bands:]
    # cross other^-1 cross' a = rho^2 own a, with a' own a = 1
    squares, first = linalg.eigh(cross @ np.linalg.solve(other, cross.T), own)
    second = np.linalg.solve(other, cross.T) @ first
    second /= np.sqrt(np.einsum("ij,ik,kj->j", second, other, second)).clip(1e-9)
    return _Variates(mean, first, second, np.sqrt(np.clip(squares, 0, 1)))
