"""Pixel values of one date to uint8: decided once a run, never a tile.

uint8 passes unchanged.  Everything else is stretched linearly, band by band, from
the 2nd to the 98th percentile of a fixed sample of valid pixels.  uint16 data that
hold 8-bit values pass unchanged too: at most one sampled pixel in a thousand, or one
pixel of a small sample, is above 255.  A single saturated pixel decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["Stretch", "fit_stretch"]

_PERCENTILES = (2.0, 98.0)
_STEPS = 128
_OUTLIERS = 1e-3


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
    if sample.dtype == np.uint16 and _holds_eight_bits(values):
        return Stretch((0.0,) * len(values), (255.0,) * len(values))
    low, high = np.percentile(values.astype(np.float64), _PERCENTILES, axis=1)
    # An outlier moves a percentile by one rank; on round values it moves nothing.
    step = np.exp2(np.floor(np.log2(np.maximum(high - low, np.finfo(np.float32).tiny)))) / _STEPS
    low, high = np.round(low / step) * step, np.round(high / step) * step
    return Stretch(tuple(low.tolist()), tuple(high.tolist()))


def _holds_eight_bits(values: npt.NDArray[np.generic]) -> bool:
    wide = np.count_nonzero((values > np.uint16(255)).any(axis=0))
    return bool(wide <= max(1, values.shape[1] * _OUTLIERS))
