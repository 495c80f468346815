"""Change vector analysis with Otsu's threshold."""

from __future__ import annotations

import numpy as np

from mtrs_geo.models.classical.thresholds import as_probability, otsu
from mtrs_geo.types import BoolArray, FloatArray, UInt8Array

__all__ = ["LEAST_MAGNITUDE", "change_vectors"]

LEAST_MAGNITUDE = 30.0
"""Length of a change vector, in grey levels, below which no pixel counts as changed.  A tile in
which nothing changed has no second class of pixels that a threshold could separate."""


def change_vectors(before: UInt8Array, after: UInt8Array, has_data: BoolArray) -> FloatArray:
    """Return the probability of a change at each pixel.

    The length of the difference of the colours is compared with Otsu's threshold of the tile, or
    with `LEAST_MAGNITUDE` if that is larger.  The mean difference of a band is removed first, as
    the light differs between dates.

    Args:
        before: (3, H, W) RGB.
        after: (3, H, W) RGB.
        has_data: (H, W), at least one pixel is true; the threshold and the mean are those of these
            pixels.

    Returns:
        (H, W) in [0, 1).
    """
    difference = after.astype(np.float32) - before.astype(np.float32)
    # The median, because changed pixels must not move it.
    difference -= np.median(difference[:, has_data], axis=1)[:, None, None]
    magnitude: FloatArray = np.sqrt((difference**2).sum(0))
    return as_probability(magnitude, max(otsu(magnitude[has_data]), LEAST_MAGNITUDE))
