"""The shift between two windows: the peak of the correlation of their gradient directions.

Phase correlation of orientation images (Fitch, Kadyrov, Christmas and Kittler, BMVC 2002; found
best for satellite images of different seasons by Heid and Kääb, Remote Sensing of Environment 118,
2012).  A pixel counts by the direction of its gradient and little by its strength, so that light,
season and sensor matter less than edges that stay in place.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from mtrs_geo.types import BoolArray, FloatArray, UInt8Array

__all__ = ["Peak", "orientation_spectrum", "shift_between"]

ComplexArray = npt.NDArray[np.complex64]

_SMOOTHINGS = 4
"""Means of neighbouring pixels before the gradient: a binomial filter of 5 pixels."""
_NOISE = 4.0
"""Strength of a gradient, in grey values per pixel, that counts by half."""
_BORDER_PX = 4
"""Pixels this close to invalid ones have no gradient."""
_LOBE_PX = 4
"""A second peak is at least this far from the first one, in each direction."""


@dataclass(frozen=True)
class Peak:
    """The highest point of a correlation."""

    dx_px: float
    """Shift to the right of the second window against the first."""
    dy_px: float
    """Shift down."""
    ratio: float
    """Height relative to the second peak; about 1 if the windows have nothing in common."""


def orientation_spectrum(image: UInt8Array, valid: BoolArray) -> ComplexArray:
    """Return the Fourier transform of the gradient directions of a window.

    Args:
        image: (3, side, side).
        valid: (side, side).

    Returns:
        (side - 6, side - 6), because the gradient has no border; all 0 without texture.
    """
    from scipy import fft

    right, down = _gradient(image.astype(np.float32).sum(axis=0) / len(image))
    gain = 1 / (np.sqrt(right * right + down * down) + _NOISE)
    if not valid.all():
        gain[_is_near_invalid(valid)] = 0
    gain *= _hann(len(gain))
    direction = np.empty(gain.shape, np.complex64)
    direction.real, direction.imag = right * gain, down * gain
    spectrum: ComplexArray = fft.fft2(direction, overwrite_x=True)
    return spectrum


def shift_between(first: ComplexArray, second: ComplexArray) -> Peak:
    """Return the shift of the second window against the first, up to a sixth of a side.

    Args:
        first: spectrum of `orientation_spectrum`.
        second: the same of the other date.
    """
    from scipy import fft

    reach = len(first) // 6
    lags = np.arange(-reach, reach + 1)
    surface = fft.ifft2(np.conj(first) * second, overwrite_x=True).real[np.ix_(lags, lags)]
    row, col = (int(i) for i in np.unravel_index(surface.argmax(), surface.shape))
    height = float(surface[row, col])
    if height <= 0 or not (0 < row < 2 * reach and 0 < col < 2 * reach):
        return Peak(0.0, 0.0, 0.0)
    d_row = _vertex(*surface[row - 1 : row + 2, col])
    d_col = _vertex(*surface[row, col - 1 : col + 2])
    others = surface.copy()
    others[max(0, row - _LOBE_PX) : row + _LOBE_PX + 1,
           max(0, col - _LOBE_PX) : col + _LOBE_PX + 1] = 0  # fmt: skip
    second_height = max(float(others.max()), 1e-3 * height)
    return Peak(col + d_col - reach, row + d_row - reach, height / second_height)


def _vertex(before: float, peak: float, after: float) -> float:
    """Return the position of the vertex of a parabola through three neighbours of a peak."""
    bend = before - 2 * peak + after
    return float(0.5 * (before - after) / bend) if bend < 0 else 0.0


def _gradient(grey: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the gradient to the right and down of a smoothed image, smaller by its border."""
    for _ in range(_SMOOTHINGS):
        grey = grey[:-1] + grey[1:]
        grey = grey[:, :-1] + grey[:, 1:]
    grey = grey * np.float32(0.5 / 4**_SMOOTHINGS)
    return grey[1:-1, 2:] - grey[1:-1, :-2], grey[2:, 1:-1] - grey[:-2, 1:-1]


def _is_near_invalid(valid: BoolArray) -> BoolArray:
    """Return the pixels of the gradient that an invalid pixel is close to."""
    border = _SMOOTHINGS // 2 + 1
    width = 2 * _BORDER_PX + 1
    padded = np.pad(~valid, _BORDER_PX)
    near_rows = np.logical_or.reduce(sliding_window_view(padded, width, axis=0), axis=-1)
    near: BoolArray = np.logical_or.reduce(sliding_window_view(near_rows, width, axis=1), axis=-1)
    return near[border:-border, border:-border]


@lru_cache(maxsize=4)
def _hann(side: int) -> FloatArray:
    window = np.hanning(side)
    weights: FloatArray = np.outer(window, window).astype(np.float32)
    return weights
