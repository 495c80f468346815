"""Whether an image looks like those that a model was trained on (out-of-distribution detection).

An image is described by a few statistics of its colours and textures.  The Mahalanobis distance of
these statistics to those of the training images is large for other sensors, bands and radiometry:
radar, near infrared shown as red, panchromatic images, noise.  It says little about other towns
and landscapes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mtrs_geo.types import UInt8Array

__all__ = ["STATISTICS", "Familiarity", "image_statistics"]

STATISTICS = 15
"""Number of statistics per image."""

_LEVELS = 0.25
"""Added to a spread, in grey levels, before its logarithm."""
_STEP = 8
"""Every eighth row, or column, is used: the statistics hardly change."""
_Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Familiarity:
    """Distribution of the statistics of the training images."""

    mean: Sequence[float]
    """(15,)."""
    precision: Sequence[Sequence[float]]
    """(15, 15), the inverse of the covariance."""
    limit: float
    """Larger distances are unfamiliar."""

    def __post_init__(self) -> None:
        mean, precision = np.array(self.mean, float), np.array(self.precision, float)
        shapes_fit = mean.shape == (STATISTICS,) and precision.shape == (STATISTICS, STATISTICS)
        if not (shapes_fit and np.isfinite(mean).all() and np.isfinite(precision).all()):
            msg = f"familiarity needs {STATISTICS} finite means and their precision matrix."
            raise ValueError(msg)
        if not 0 < self.limit < np.inf:
            msg = f"the limit of familiarity is {self.limit}."
            raise ValueError(msg)

    def distances(self, images: UInt8Array) -> _Values:
        """Return the Mahalanobis distance of each image, (n,).

        Args:
            images: (n, 3, H, W), without nodata.
        """
        return self.distances_of(np.array([image_statistics(image) for image in images]))

    def distances_of(self, statistics: _Values) -> _Values:
        """Return the Mahalanobis distance of statistics (n, 15) to the training images, (n,)."""
        offsets = statistics - np.array(self.mean)
        squares = np.einsum("ni,ij,nj->n", offsets, np.array(self.precision), offsets)
        distances: _Values = np.sqrt(np.maximum(squares, 0))
        return distances


def image_statistics(image: UInt8Array) -> _Values:
    """Return statistics of the colours and textures of an image, (15,).

    Args:
        image: (3, H, W), 16 pixels or more on each side.
    """
    rows = image[:, ::_STEP].astype(np.float32)
    red_green, blue_green = rows[0] - rows[1], rows[2] - rows[1]
    spreads = [rows[1].std(), red_green.std(), blue_green.std()]
    means = [*(rows.mean((1, 2)) / 64), red_green.mean() / 32, blue_green.mean() / 32]
    across = [_contrast(rows[1], lag, 1) for lag in (1, 2, 4, 8)]
    down = [_contrast(image[1].astype(np.float32)[:, ::_STEP], lag, 0) for lag in (1, 4)]
    colour = _contrast(red_green, 1, 1)
    ratios = [*np.diff(across), down[0] - across[0], down[1] - across[2], colour - across[0]]
    return np.array([*means, *np.log(np.add(spreads, _LEVELS)), across[0], *ratios], np.float64)


def _contrast(band: npt.NDArray[np.float32], lag: int, axis: int) -> float:
    """Return the logarithm of the mean difference of pixels that are ``lag`` apart."""
    first, second = (band[lag:], band[:-lag]) if axis == 0 else (band[:, lag:], band[:, :-lag])
    return float(np.log(np.abs(first - second).mean() + _LEVELS))
