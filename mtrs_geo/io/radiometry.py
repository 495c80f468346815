"""Pixel values of one date to uint8: decided once a run, never a tile.

uint8 passes unchanged.  Everything else is stretched linearly, band by band, from
the 2nd to the 98th percentile of a fixed sample of valid pixels.  uint16 data that
hold 8-bit values (no sampled value above 255) pass unchanged too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["Stretch", "fit_stretch"]

_PERCENTILES = (2.0, 98.0)


@dataclass(frozen=True)
class Stretch:
    """Linear map of every band to 0 … 255."""

    low: tuple[float, ...]
    high: tuple[float, ...]

    def apply(self, values: npt.NDArray[np.generic]) -> UInt8Array:
        """Stretch (C, H, W) of any dtype."""
        low = np.asarray(self.low, np.float32)[:, None, None]
        span = np.asarray(self.high, np.float32)[:, None, None] - low
        gain = np.divide(255, span, out=np.zeros_like(span), where=span > 0)
        scaled = (values.astype(np.float32) - low) * gain
        whole: UInt8Array = np.nan_to_num(scaled, copy=False).clip(0, 255).round().astype(np.uint8)
        return whole


def fit_stretch(sample: npt.NDArray[np.generic], valid: BoolArray) -> Stretch | None:
    """Fit a stretch to a sample of a date.

    Args:
        sample: (C, H, W) of any dtype.
        valid: (H, W); at least one pixel is true.

    Returns:
        None where values pass unchanged.
    """
    if sample.dtype == np.uint8:
        return None
    values = sample[:, valid]
    if sample.dtype == np.uint16 and values.max() <= 255:
        return Stretch((0.0,) * len(values), (255.0,) * len(values))
    low, high = np.percentile(values.astype(np.float64), _PERCENTILES, axis=1)
    return Stretch(tuple(low.tolist()), tuple(high.tolist()))
