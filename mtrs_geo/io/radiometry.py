"""Convert pixel values of one date to uint8, with one linear stretch per run.

uint8 values stay unchanged.  All other values are stretched linearly per band, from the
2nd to the 98th percentile of a fixed sample of valid pixels.  8-bit data in another type stay
unchanged too: at most one sampled pixel in a thousand, or one pixel of a small sample, is no
whole number of 0 to 255, and in other types than uint16 some are above 127, as those of
percentages are not.  One saturated pixel does not change the result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["Stretch", "fit_stretch", "full_range"]

_PERCENTILES = (2.0, 98.0)
_STEPS = 128
_OUTLIERS = 1e-3
_BRIGHT = 127
"""Value that 8-bit images exceed, and percentages and small classes do not."""


@dataclass(frozen=True)
class Stretch:
    """Linear map of each band to 0 … 255."""

    low: tuple[float, ...]
    """Value per band that becomes 0."""
    high: tuple[float, ...]
    """Value per band that becomes 255."""

    def apply(self, values: npt.NDArray[np.generic]) -> UInt8Array:
        """Return the stretched values of (C, H, W) of any dtype."""
        low = np.asarray(self.low, np.float32)[:, None, None]
        span = np.asarray(self.high, np.float32)[:, None, None] - low
        gain = np.divide(255, span, out=np.zeros_like(span), where=span > 0)
        # Huge values of pixels without data become infinite, and are clipped as all others.
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = (values.astype(np.float32) - low) * gain
        stretched: UInt8Array = (
            np.nan_to_num(scaled, copy=False).clip(0, 255).round().astype(np.uint8)
        )
        return stretched


def full_range(top: int | None) -> Stretch | None:
    """Return the stretch of 0 to ``top``, for values of fewer than 8 bits; None for None."""
    return None if top is None else Stretch((0.0,) * 3, (float(top),) * 3)


def fit_stretch(sample: npt.NDArray[np.generic], valid: BoolArray) -> Stretch | None:
    """Return the stretch for a sample of a date; None if values stay unchanged.

    Args:
        sample: (C, H, W) of any dtype.
        valid: (H, W); at least one pixel is true.
    """
    if sample.dtype == np.uint8:
        return None
    values = sample[:, valid]
    if _is_eight_bit(values):
        return Stretch((0.0,) * len(values), (255.0,) * len(values))
    low, high = np.percentile(values.astype(np.float64), _PERCENTILES, axis=1)
    # One outlier moves a percentile by one rank; rounding removes that difference.
    step = np.exp2(np.floor(np.log2(np.maximum(high - low, np.finfo(np.float32).tiny)))) / _STEPS
    low, high = np.round(low / step) * step, np.round(high / step) * step
    return Stretch(tuple(low.tolist()), tuple(high.tolist()))


def _is_eight_bit(values: npt.NDArray[Any]) -> bool:
    outliers = max(1, values.shape[1] * _OUTLIERS)
    is_byte = (values >= 0) & (values <= 255)
    if values.dtype.kind == "f":
        is_byte &= values == np.rint(values)
    if np.count_nonzero(~is_byte.all(axis=0)) > outliers:
        return False
    is_bright = ((values > _BRIGHT) & is_byte).any(axis=0)
    return values.dtype == np.uint16 or bool(np.count_nonzero(is_bright) > outliers)
