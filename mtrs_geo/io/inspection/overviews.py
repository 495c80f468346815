"""Find overviews that do not show the pixels of a raster, and read it without them.

Overviews are empty after an interrupted `gdaladdo`, and stale where an .ovr file is beside another
raster than it was made of.  GDAL takes them for every read of fewer pixels than the window has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio.io import DatasetReader
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window as RasterioWindow

from mtrs_geo.grid import Window
from mtrs_geo.types import BoolArray, Shape

__all__ = ["has_true_overviews", "read_sparse"]

_WINDOWS = 3
"""Windows per side of a region that are read in full."""
_WINDOW_PX = 256
"""About the side of such a window."""
_FEWEST_CELLS, _MOST_CELLS = 2, 32
"""Pixels of an overview per side of a window."""
_SLACK = 0.1
"""Part of the range of values by which an overview may be outside it, as by lossy compression."""
_ROUNDING = 0.02
"""Part of the size of values by which an overview may be outside their range."""
_LEAST_INSIDE = 0.75
"""Lowest share of the pixels of an overview that are within the range of the pixels there."""


def has_true_overviews(
    dataset: DatasetReader | WarpedVRT, bands: Sequence[int], region: Window, shape: Shape
) -> bool:
    """Return whether a reduced read of a region shows its pixels, from nine windows of it.

    Args:
        dataset: open raster.
        bands: numbers of the bands, counted from 1.
        region: pixels of the raster.
        shape: (rows, cols) that the region is read with.

    Raises:
        RasterioError: if a window cannot be read.
    """
    is_virtual = isinstance(dataset, WarpedVRT) or dataset.driver == "VRT"
    is_reduced = shape[0] < region.rows or shape[1] < region.cols
    if not is_reduced or not (is_virtual or any(map(dataset.overviews, bands))):
        return True
    scales = region.rows / shape[0], region.cols / shape[1]
    cells = tuple(
        min(side, max(_FEWEST_CELLS, min(_MOST_CELLS, int(_WINDOW_PX / scale))))
        for side, scale in zip(shape, scales, strict=True)
    )
    rows, cols = (max(n, round(n * scale)) for n, scale in zip(cells, scales, strict=True))
    tops = np.linspace(region.row, region.row_stop - rows, 2 * _WINDOWS + 1, dtype=int)[1::2]
    lefts = np.linspace(region.col, region.col_stop - cols, 2 * _WINDOWS + 1, dtype=int)[1::2]
    for top, left in product(tops.tolist(), lefts.tolist()):
        window = RasterioWindow(left, top, cols, rows)
        small = dataset.read(bands, window=window, out_shape=(len(bands), *cells))
        pixels = dataset.read(bands, window=window)
        if _is_inside(small, pixels).mean((1, 2)).min() < _LEAST_INSIDE:
            return False
    return True


def _is_inside(small: npt.NDArray[Any], pixels: npt.NDArray[Any]) -> BoolArray:
    """Return (C, n, m), where a reduced image is within the range of the pixels around each cell.

    Args:
        small: (C, n, m).
        pixels: (C, rows, cols) of the same window.
    """
    small, pixels = small.astype(np.float64), pixels.astype(np.float64)
    pixels[~np.isfinite(pixels)] = np.nan
    if np.isnan(pixels).all((1, 2)).any():
        return np.ones(small.shape, np.bool_)
    shape = small.shape[1], small.shape[2]
    low = _around(_of_cells(pixels, shape, np.minimum), np.minimum)
    high = _around(_of_cells(pixels, shape, np.maximum), np.maximum)
    least, most = np.nanpercentile(pixels, (2, 98), axis=(1, 2), keepdims=True)
    slack = _SLACK * (most - least) + _ROUNDING * np.maximum(abs(least), abs(most))
    inside: BoolArray = (small >= low - slack) & (small <= high + slack) | np.isnan(low)
    return inside


def _of_cells(pixels: npt.NDArray[Any], cells: Shape, choose: np.ufunc) -> npt.NDArray[Any]:
    """Return the least or largest pixel of each cell (C, n, m); NaN counts."""
    for axis in (1, 2):
        size, n = pixels.shape[axis], cells[axis - 1]
        pixels = choose.reduceat(pixels, np.arange(n) * size // n, axis=axis)
    return pixels


def _around(values: npt.NDArray[Any], choose: np.ufunc) -> npt.NDArray[Any]:
    """Return the least or largest value of each cell and its eight neighbours."""
    for axis in (1, 2):
        wide = np.pad(values, [(int(i == axis),) * 2 for i in range(3)], mode="edge")
        parts = [np.take(wide, np.arange(values.shape[axis]) + i, axis=axis) for i in range(3)]
        values = choose.reduce(parts)
    return values


def read_sparse(
    read: Callable[..., npt.NDArray[Any]], region: Window, shape: Shape
) -> npt.NDArray[Any]:
    """Return evenly spaced pixels (…, rows, cols) of a region, read without overviews.

    One row is read at a time, so that a large raster needs no more memory than a row.

    Args:
        read: method of a dataset that takes a ``window``.
        region: pixels of the raster.
        shape: (rows, cols) of the answer.

    Raises:
        RasterioError: if a row cannot be read.
    """
    rows, cols = (
        ((np.arange(n) + 0.5) * size / n).astype(int)
        for n, size in zip(shape, region.shape, strict=True)
    )
    lines = [
        read(window=RasterioWindow(region.col, region.row + row, region.cols, 1))[..., 0, cols]
        for row in rows.tolist()
    ]
    return np.stack(lines, axis=-2)
