"""Choose the windows in which the shift is measured: evenly spread over a grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mtrs_geo.grid import Window
from mtrs_geo.io.registration.shift import Float64Array
from mtrs_geo.types import Shape

__all__ = ["SampleGrid", "plan_windows"]

_SIDES_PX = (256, 128)
"""Sides of a window; the first that fits twice into the grid, or else the last."""
_PITCH = 0.75
"""Smallest distance of neighbouring windows, relative to their side."""


@dataclass(frozen=True)
class SampleGrid:
    """Windows of one size, in rows and columns."""

    row_starts: tuple[int, ...]
    col_starts: tuple[int, ...]
    side_px: int

    @property
    def windows(self) -> tuple[Window, ...]:
        """The windows, row by row."""
        return tuple(
            Window(row, col, self.side_px, self.side_px)
            for row in self.row_starts
            for col in self.col_starts
        )

    @property
    def centre_rows(self) -> Float64Array:
        """Row coordinate of the centres of each row of windows."""
        return np.array(self.row_starts, np.float64) + self.side_px / 2

    @property
    def centre_cols(self) -> Float64Array:
        """Column coordinate of the centres of each column of windows."""
        return np.array(self.col_starts, np.float64) + self.side_px / 2


def plan_windows(shape: Shape, most: int) -> SampleGrid:
    """Return at most ``most`` windows, spread over a grid of (rows, cols) pixels.

    The result is empty if a side of the grid is smaller than a window.
    """
    side = next((side for side in _SIDES_PX if 2 * side <= min(shape)), _SIDES_PX[-1])
    if side > min(shape):
        return SampleGrid((), (), side)
    rows, cols = (1 + int(np.ceil((length - side) / (_PITCH * side))) for length in shape)
    # Of a grid that is wider than high, more windows are spread along its rows.
    per_axis = int(most**0.5)
    rows, cols = (
        min(rows, max(per_axis, most // max(1, cols))),
        min(cols, max(per_axis, most // max(1, rows))),
    )
    return SampleGrid(_starts(shape[0], side, rows), _starts(shape[1], side, cols), side)


def _starts(length: int, side: int, count: int) -> tuple[int, ...]:
    if count == 1:
        return ((length - side) // 2,)
    return tuple(i * (length - side) // (count - 1) for i in range(count))
