"""Continue a moved date beyond its border, because models report change beside black strips."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mtrs_geo.types import BoolArray

__all__ = ["mirror_border"]


def mirror_border(
    values: npt.NDArray[np.generic], valid: BoolArray, widest_px: int
) -> tuple[npt.NDArray[np.generic], BoolArray]:
    """Fill strips without data at the border of a window with mirrored pixels.

    Args:
        values: (C, rows, cols).
        valid: (rows, cols).
        widest_px: a wider strip is not filled.

    Returns:
        The values, and where they are filled.
    """
    filled = np.zeros(valid.shape, np.bool_)
    if valid.all() or not valid.any():
        return values, filled
    spans = []
    for axis in (1, 0):
        inside = np.flatnonzero(valid.any(axis=axis))
        first, stop = int(inside[0]), int(inside[-1]) + 1
        length = valid.shape[1 - axis]
        spans.append(
            (first if first <= widest_px else 0, stop if length - stop <= widest_px else length)
        )
    (top, bottom), (left, right) = spans
    rows, cols = valid.shape
    margins = ((0, 0), (top, rows - bottom), (left, cols - right))
    filled[:] = True
    filled[top:bottom, left:right] = False
    return np.pad(values[:, top:bottom, left:right], margins, mode="symmetric"), filled
