"""Shadows that objects cast on their surroundings."""

from __future__ import annotations

from math import ceil

import numpy as np
from scipy import ndimage

from mtrs_geo.types import BoolArray, FloatArray

__all__ = ["cast_shadow"]


def cast_shadow(
    mask: BoolArray, direction: FloatArray, length_px: float, strength: float
) -> FloatArray:
    """Return the brightness factor around an object, (h, w): 1 outside its shadow.

    Args:
        mask: (h, w), the object.
        direction: unit vector (rows, cols) in which shadows fall.
        length_px: length of the shadow in pixels.
        strength: share of the brightness that a full shadow removes.
    """
    dark = np.zeros(mask.shape, np.bool_)
    for step in range(1, ceil(length_px) + 1):
        distance = min(float(step), length_px)
        _add_shifted(dark, mask, round(distance * direction[0]), round(distance * direction[1]))
    dark &= ~mask
    soft = ndimage.uniform_filter(dark.astype(np.float32), 3) * ~mask
    shading: FloatArray = 1 - strength * soft
    return shading


def _add_shifted(target: BoolArray, mask: BoolArray, rows: int, cols: int) -> None:
    height, width = mask.shape
    if abs(rows) >= height or abs(cols) >= width:
        return
    to = slice(max(0, rows), height + min(0, rows)), slice(max(0, cols), width + min(0, cols))
    of = slice(max(0, -rows), height + min(0, -rows)), slice(max(0, -cols), width + min(0, -cols))
    target[to] |= mask[of]
