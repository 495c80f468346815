"""Find a value of pixels without data that is not the nodata value of a raster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from affine import Affine
from pyproj import CRS

from mtrs_geo.grid import Grid, Window
from mtrs_geo.types import BoolArray, Shape

_Value = TypeVar("_Value", bound=np.generic)

__all__ = ["Fill", "Sample", "find_fill", "is_far_nodata"]

_MINIMA = (-999.0, -9999.0, -32767.0, -32768.0, -99999.0)
_MAXIMA = (255.0, 9999.0, 32767.0, 65534.0, 65535.0, 99999.0, 2.0**31 - 1)
_HUGE = 1e9
"""Usual fill values, and the size of values that no image holds."""
_LEAST_SHARE = 0.01
"""Lowest share of the sampled pixels in a collar of 0 or of a maximum."""
_MOST_ELSEWHERE = 0.01
"""Highest share of the pixels of 0 that are inside the image."""
_MOST_SIMILAR = 1e-3
"""Highest share of byte pixels of the image that are nearly black or nearly white."""
_SIMILAR = 8
_MARGIN_CELLS = 2
"""The collar is widened by this, because the sample misses narrow parts."""


@dataclass(frozen=True)
class Fill:
    """A value of pixels without data, and where it is one."""

    value: float
    collar: BoolArray | None
    """(rows, cols) of coarse cells, true where the value is no data; None is everywhere."""
    transform: Affine
    """(col, row) of a cell to (x, y) in units of ``crs``."""
    crs: CRS
    share: float
    """Share of the sampled pixels."""

    def is_nodata(self, values: npt.NDArray[np.generic], grid: Grid, window: Window) -> BoolArray:
        """Return where pixels have no data.

        Args:
            values: (C, rows, cols) of the window, which can be smaller than the window.
            grid: grid of the run.
            window: pixels of the grid.
        """
        is_value = values == self.value
        if self.collar is None:  # so far from the image that one band is enough
            anywhere: BoolArray = is_value.any(0)
            return anywhere
        is_fill: BoolArray = is_value.all(0)
        if not is_fill.any():
            return is_fill
        return is_fill & self._collar_on(self.collar, grid.subgrid(window), is_fill.shape)

    def _collar_on(self, collar: BoolArray, grid: Grid, shape: Shape) -> BoolArray:
        """Return the collar on a grid of another resolution; it is true outside the cells."""
        from rasterio.enums import Resampling
        from rasterio.warp import reproject

        rows, cols = grid.shape
        cells = np.where(collar, np.uint8(2), np.uint8(1))
        resampled = np.zeros(shape, np.uint8)
        reproject(
            cells, resampled, src_transform=self.transform, src_crs=self.crs.to_wkt(),
            dst_transform=grid.transform @ Affine.scale(cols / shape[1], rows / shape[0]),
            dst_crs=grid.crs.to_wkt(), resampling=Resampling.nearest, init_dest_nodata=False,
        )  # fmt: skip
        is_collar: BoolArray = resampled != 1
        return is_collar


@dataclass(frozen=True)
class Sample:
    """Pixels of a raster, evenly spaced."""

    values: npt.NDArray[np.generic]
    """(C, rows, cols)."""
    transform: Affine
    """(col, row) to (x, y) in units of ``crs``."""
    crs: CRS
    valid: BoolArray
    """(rows, cols), false where the raster says that there is no data."""


def find_fill(sample: Sample) -> Fill | None:
    """Return the fill value of a raster; None if no value is certainly one.

    A value is fill if all bands have it and it lies far outside the other values: a repeated
    negative or huge value anywhere, or the maximum of a type in a collar at the border.  Zero is
    fill in a collar at the border if the image has no zeros.  Byte rasters also need a constant
    corner and an image without other black or white pixels, so that roofs and shadow stay data.
    """
    values = sample.values
    is_grey: BoolArray = (values == values[0]).all(0) & sample.valid
    for extreme in _extremes(values[0][is_grey]):
        is_fill = sample.valid & (values == extreme).any(0)
        is_usual = extreme in _MINIMA or abs(extreme) > _HUGE or is_fill.mean() >= _LEAST_SHARE
        if is_usual and _is_far(extreme, values[:, sample.valid & ~is_fill]):
            return Fill(extreme, None, sample.transform, sample.crs, float(is_fill.mean()))
    value = _most_common(_border(np.where(is_grey, values[0], np.nan)))
    if value is None:
        return None
    is_fill = is_grey & (values[0] == value)
    collar = _connected_to_border(is_fill)
    rest = values[:, sample.valid & ~is_fill]
    if collar.mean() < _LEAST_SHARE or rest.size == 0:
        return None
    inside = np.count_nonzero(is_fill & ~collar) / np.count_nonzero(is_fill)
    if values.dtype == np.uint8:
        is_certain = (
            value in {0, 255} and inside <= _MOST_ELSEWHERE and not _is_similar(value, rest)
        )
    elif value == 0:
        is_certain = inside <= _MOST_ELSEWHERE and bool(
            (rest.astype(np.float64) > 0).all(0).mean() >= 1 - 1e-4
        )
    else:
        is_certain = (value in _MAXIMA or value > _HUGE) and _is_far(value, rest)
    if not is_certain:
        return None
    return Fill(value, _widened(collar), sample.transform, sample.crs, float(collar.mean()))


def is_far_nodata(nodata: float, values: npt.NDArray[np.generic]) -> bool:
    """Return whether no pixel of an image has a value like its nodata value, such as -9999.

    Args:
        nodata: the nodata value.
        values: (C, n) valid pixels, of which some bands may have the nodata value.
    """
    if values.dtype == np.uint8:  # any of its values can be a colour
        return False
    if values.dtype.kind != "f":
        limits = np.iinfo(values.dtype.name)
        if not limits.min <= nodata <= limits.max:
            return False
    with np.errstate(over="ignore", invalid="ignore"):
        stored = np.asarray(nodata).astype(values.dtype)
    if not np.isfinite(nodata) or not np.isfinite(stored):
        return False
    is_usual = nodata in _MINIMA or abs(nodata) > _HUGE
    rest = values[values != stored]
    return rest.size > 0 and (is_usual or _is_far(nodata, rest))


def _extremes(values: npt.NDArray[np.generic]) -> Iterator[float]:
    """Yield the lowest finite value if it is negative, the highest if it is huge; if repeated."""
    finite = values[np.isfinite(values.astype(np.float64))]
    if finite.size == 0:
        return
    for value in (float(finite.min()), float(finite.max())):
        if (value < 0 or value > _HUGE) and np.count_nonzero(finite == value) > 1:
            yield value


def _is_far(value: float, rest: npt.NDArray[np.generic]) -> bool:
    """Return whether a value is farther from the other values than these are from each other."""
    finite = rest.astype(np.float64)
    finite = finite[np.isfinite(finite)]
    if finite.size == 0:
        return False
    low, high = np.percentile(finite, (1, 99))
    span = max(high - low, 0.1 * max(abs(low), abs(high)))
    return bool(value < low - span or value > high + span)


def _is_similar(value: float, rest: npt.NDArray[np.generic]) -> bool:
    """Return whether byte pixels of the image are nearly as black or white as the value."""
    distance = np.abs(rest.astype(np.int16) - np.int16(value)).max(0)
    return bool((distance <= _SIMILAR).mean() > _MOST_SIMILAR)


def _border(values: npt.NDArray[_Value]) -> npt.NDArray[_Value]:
    return np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])


def _most_common(values: npt.NDArray[np.float64]) -> float | None:
    found, counts = np.unique(values[np.isfinite(values)], return_counts=True)
    return float(found[counts.argmax()]) if found.size else None


def _connected_to_border(mask: BoolArray) -> BoolArray:
    from scipy import ndimage

    labels, _ = ndimage.label(mask)
    at_border = np.unique(_border(labels))
    connected: BoolArray = np.isin(labels, at_border[at_border > 0])
    return connected


def _widened(collar: BoolArray) -> BoolArray:
    from scipy import ndimage

    wide: BoolArray = ndimage.binary_dilation(collar, iterations=_MARGIN_CELLS)
    wide[[0, -1]] = True
    wide[:, [0, -1]] = True
    return wide
