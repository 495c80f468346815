"""Measure the shift of each date of a stack against the date of the grid."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from mtrs_geo.errors import RasterError
from mtrs_geo.grid import Grid, Window
from mtrs_geo.io.registration.consensus import find_consensus
from mtrs_geo.io.registration.correlation import Peak, orientation_spectrum, shift_between
from mtrs_geo.io.registration.shift import DateShift, Measurement
from mtrs_geo.io.registration.windows import plan_windows
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["SAMPLED_WINDOWS", "DateReader", "measure_shifts"]

SAMPLED_WINDOWS = 25
"""Largest number of windows in which a shift is measured."""
_LEAST_VALID = 0.5
"""Least share of valid pixels of a window with data."""


@dataclass(frozen=True)
class DateReader:
    """Reads windows of one date on the grid of a run."""

    name: str
    """Name of the raster."""
    read: Callable[[Window], tuple[UInt8Array, BoolArray]]
    """Window → values (3, rows, cols) and validity (rows, cols)."""


def measure_shifts(
    dates: Sequence[DateReader], reference: int, grid: Grid
) -> tuple[Measurement | None, ...]:
    """Return the shift of each date, None for the reference itself.

    A date that cannot be read has no measured shift; the run reports the error where it reads it.

    Args:
        dates: one reader per date.
        reference: index of the date whose grid the run uses.
        grid: that grid.
    """
    return tuple(
        None if i == reference else _measure(date, dates[reference], grid)
        for i, date in enumerate(dates)
    )


def _measure(date: DateReader, reference: DateReader, grid: Grid) -> Measurement:
    samples = plan_windows(grid.shape, SAMPLED_WINDOWS)
    peaks: list[Peak | None] = []
    try:
        for _, peak in zip(samples.windows, _peaks(date, reference, samples.windows), strict=True):
            peaks.append(peak)
    except RasterError:
        peaks = [None] * len(samples.windows)
    found = find_consensus(peaks, samples)
    sampled = sum(peak is not None for peak in peaks)
    if found is None:
        unknown = DateShift(
            date.name, reference.name, None, None, None, None, None,
            varies=False, confidence=0.0, windows=sampled,
        )  # fmt: skip
        return Measurement(unknown)
    dx, dy = found.shift_px
    width_m, height_m = grid.pixel_size_m()
    shift = DateShift(
        date.name,
        reference.name,
        round(dx, 2),
        round(dy, 2),
        round(dx * width_m, 3),
        round(dy * height_m, 3),
        round(found.size_px, 2),
        varies=found.field is not None,
        confidence=round(found.windows / sampled, 2),
        windows=sampled,
    )
    return Measurement(shift, found.field)


def _peaks(
    date: DateReader, reference: DateReader, windows: Sequence[Window]
) -> Iterator[Peak | None]:
    """Return the shifts in the windows, one by one; None for a window without data."""

    def compare(window: Window) -> Peak | None:
        spectra = []
        for reader in (reference, date):
            image, valid = reader.read(window)
            if valid.mean() < _LEAST_VALID:
                return None
            spectra.append(orientation_spectrum(image, valid))
        return shift_between(*spectra)

    return map(compare, windows)
