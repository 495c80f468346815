"""Shadows that objects cast on what lies beside them."""

from __future__ import annotations

from math import ceil

import numpy as np
from scipy import ndimage

from mtrs_geo.types import BoolArray, FloatArray

__all__ = ["cast_shadow"]


def cast_shadow(
    mask: BoolArray, direction: FloatArray, reach_px: float, depth: float
) -> FloatArray:
    """Return the factor of the light that is left beside an object, (h, w).

    Args:
        mask: (h, w), the object.
        direction: unit vector (rows, cols) that shadows fall in.
        reach_px: length of the shadow of its top.
        depth: share of the light that a full shadow takes.
    """
    dark = np.zeros(mask.shape, np.bool_)
    for step in range(1, ceil(reach_px) + 1):
        along = min(float(step), reach_px)
        _add_moved(dark, mask, round(along * direction[0]), round(along * direction[1]))
    dark &= ~mask
    soft = ndimage.uniform_filter(dark.astype(np.float32), 3) * ~mask
    shade: FloatArray = 1 - depth * soft
    return shade


def _add_moved(target: BoolArray, mask: BoolArray, rows: int, cols: int) -> None:
    height, width = mask.shape
    if abs(rows) >= height or abs(cols) >= width:
        return
    to = slice(max(0, rows), height + min(0, rows)), slice(max(0, cols), width + min(0, cols))
    of = slice(max(0, -rows), height + min(0, -rows)), slice(max(0, -cols), width + min(0, -cols))
    target[to] |= mask[of]
