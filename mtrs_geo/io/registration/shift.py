"""The shift of a date against the date of the grid: one vector, or a grid of local vectors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["NEGLIGIBLE_PX", "DateShift", "Float64Array", "Measurement", "ShiftField"]

NEGLIGIBLE_PX = 0.2
"""Shifts below this are not corrected: the measurement is no more exact."""

Float64Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class DateShift:
    """Measured shift of one date, ready for a report.

    An object of the reference at column c and row r is at column c + ``dx_px`` and row
    r + ``dy_px`` of this date.
    """

    raster: str
    """Name of the shifted raster."""
    reference: str
    """Name of the raster whose grid the run uses."""
    dx_px: float | None
    """Shift to the right in pixels of the grid; None if it could not be measured."""
    dy_px: float | None
    """Shift down in pixels."""
    dx_m: float | None
    """Shift to the right in metres on the ground."""
    dy_m: float | None
    """Shift down in metres."""
    size_px: float | None
    """Median length of the shifts of the windows that agree, in pixels."""
    varies: bool
    """Whether the shift differs from place to place by more than noise."""
    confidence: float
    """Share of the sampled windows that agree on the shift, 0 to 1."""
    windows: int
    """Number of sampled windows with data at both dates."""
    corrected: bool = False
    """Whether the date was read at its corrected position."""

    @property
    def is_measured(self) -> bool:
        """Whether the shift is known."""
        return self.dx_px is not None


@dataclass(frozen=True, eq=False)
class ShiftField:
    """Shifts at the nodes of a regular grid; bilinear between them, constant outside."""

    cols: Float64Array
    """Columns of the nodes on the grid of the run, ascending."""
    rows: Float64Array
    """Rows of the nodes, ascending."""
    shifts_px: Float64Array
    """(rows, cols, 2): (dx, dy) of each node in pixels."""

    def at(self, cols: Float64Array, rows: Float64Array) -> Float64Array:
        """Return (dx, dy) of pixel coordinates, as an array of (..., 2)."""
        (left, right, across), (above, below, down) = (
            _cells(self.cols, cols),
            _cells(self.rows, rows),
        )
        across, down = across[..., None], down[..., None]
        nodes = self.shifts_px
        upper = nodes[above, left] * (1 - across) + nodes[above, right] * across
        lower = nodes[below, left] * (1 - across) + nodes[below, right] * across
        shifts: Float64Array = upper * (1 - down) + lower * down
        return shifts


@dataclass(frozen=True)
class Measurement:
    """The shift of one date, as a translation or as a field."""

    shift: DateShift
    field: ShiftField | None = None
    """Local shifts, if the shift varies."""

    @property
    def translation_px(self) -> tuple[float, float]:
        """(dx, dy) in pixels; 0 if it could not be measured."""
        return self.shift.dx_px or 0.0, self.shift.dy_px or 0.0

    @property
    def reach_px(self) -> int:
        """Widest strip at a border, in whole pixels, where the corrected date has no data."""
        shifts = self.translation_px if self.field is None else self.field.shifts_px
        return math.ceil(float(np.abs(shifts).max())) + 1

    @property
    def is_negligible(self) -> bool:
        """Whether a correction would gain nothing."""
        return self.shift.size_px is None or self.shift.size_px < NEGLIGIBLE_PX


def _cells(
    nodes: Float64Array, places: Float64Array
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Float64Array]:
    """Return the indices of both neighbouring nodes of each place, and its position between."""
    last = len(nodes) - 1
    first = np.clip(np.searchsorted(nodes, places, side="right") - 1, 0, last)
    second = np.minimum(first + 1, last)
    width = np.where(second > first, nodes[second] - nodes[first], math.inf)
    return first, second, np.clip((places - nodes[first]) / width, 0.0, 1.0)
