"""Read a date at its corrected position where the shift varies: one resampling, no seams.

The position of each pixel in the source depends only on its place on the grid, so it has the same
value in whatever window it is read.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from pyproj import Transformer
from rasterio.io import DatasetReader
from rasterio.windows import Window as RasterioWindow

from mtrs_geo.grid import Grid, Window
from mtrs_geo.io.alignment import source_grid
from mtrs_geo.io.registration.shift import Float64Array, ShiftField
from mtrs_geo.io.source import Source
from mtrs_geo.types import BoolArray

__all__ = ["LocalReader"]

_LATTICE_PX = 16
"""Distance of the pixels whose position in the source is projected; others are interpolated."""
_FINER = 1.5
"""A source that is finer than the grid by more is averaged over several samples per pixel."""
_MOST_SAMPLES = 8
"""Largest number of samples per pixel and direction."""


class LocalReader:
    """Reads windows of one source, displaced by a field of shifts.

    Args:
        dataset: the open source.
        source: its description.
        grid: grid of the run.
        field: shifts on that grid.
    """

    def __init__(
        self, dataset: DatasetReader, source: Source, grid: Grid, field: ShiftField
    ) -> None:
        self._dataset, self._source, self._grid, self._field = dataset, source, grid, field
        self._to_source = ~source.transform
        self._project = (
            None
            if source.crs == grid.crs
            else Transformer.from_crs(grid.crs, source.crs, always_xy=True)
        )
        sizes_m = zip(grid.pixel_size_m(), source_grid(source).pixel_size_m(), strict=True)
        ratio = max(grid_m / source_m for grid_m, source_m in sizes_m)
        self._samples = min(_MOST_SAMPLES, math.ceil(ratio)) if ratio > _FINER else 1

    def read(
        self, window: Window, bands: tuple[int, ...]
    ) -> tuple[npt.NDArray[np.generic], BoolArray]:
        """Return values (bands, rows, cols) and validity (rows, cols) of a window of the grid.

        Raises:
            RasterioError: if the source cannot be read.
        """
        samples = self._samples
        offsets = (np.arange(samples) + 0.5) / samples
        rows = (window.row + np.arange(window.rows)[:, None] + offsets).ravel()
        cols = (window.col + np.arange(window.cols)[:, None] + offsets).ravel()
        places = self._places(*np.meshgrid(cols, rows))
        patch = _Patch.around(places, source_grid(self._source).window)
        if patch is None:
            values = np.zeros((len(bands), *window.shape), self._source.dtype)
            return values, np.zeros(window.shape, np.bool_)
        pixels, valid = self._read_patch(patch.window, bands)
        if self._source.palette is None:
            sums, weights = patch.bilinear(pixels, valid)
        else:
            sums, weights = patch.nearest(pixels, valid)
        sums, weights = _blocks(sums, samples), _blocks(weights, samples)
        is_valid: BoolArray = weights >= 0.5 * samples**2
        values = np.divide(sums, weights, out=np.zeros_like(sums), where=is_valid)
        dtype = np.dtype(self._source.dtype)
        return (values if dtype.kind == "f" else np.rint(values)).astype(dtype), is_valid

    def _read_patch(
        self, window: Window, bands: tuple[int, ...]
    ) -> tuple[npt.NDArray[np.generic], BoolArray]:
        region = RasterioWindow(window.col, window.row, window.cols, window.rows)
        pixels = self._dataset.read(bands, window=region)
        fill = self._source.fill
        valid: BoolArray = np.ones(pixels.shape[1:], np.bool_)
        if not self._source.has_fill_as_nodata:
            valid = self._dataset.dataset_mask(window=region) > 0
        if fill is not None:
            valid &= ~fill.is_nodata(pixels, source_grid(self._source), window)
        valid &= self._source.has_data(pixels)
        if pixels.dtype.kind == "f":
            pixels[:, ~valid] = 0
        return pixels, valid

    def _places(self, cols: Float64Array, rows: Float64Array) -> Float64Array:
        """Return (col, row) in the source of coordinates on the grid, as (rows, cols, 2)."""
        shifts = self._field.at(cols, rows)
        cols, rows = cols + shifts[..., 0], rows + shifts[..., 1]
        if self._project is None:
            to_source = self._to_source @ self._grid.transform
            return np.stack(to_source @ (cols, rows), axis=-1)
        left, top = (math.floor(axis.min() / _LATTICE_PX) for axis in (cols, rows))
        nodes = self._lattice(
            np.arange(left, math.floor(cols.max() / _LATTICE_PX) + 2),
            np.arange(top, math.floor(rows.max() / _LATTICE_PX) + 2),
        )
        across, down = cols / _LATTICE_PX, rows / _LATTICE_PX
        i, j = np.floor(down).astype(np.intp), np.floor(across).astype(np.intp)
        across, down = (across - j)[..., None], (down - i)[..., None]
        i, j = i - top, j - left
        upper = nodes[i, j] * (1 - across) + nodes[i, j + 1] * across
        lower = nodes[i + 1, j] * (1 - across) + nodes[i + 1, j + 1] * across
        places: Float64Array = upper * (1 - down) + lower * down
        return places

    def _lattice(self, cols: npt.NDArray[np.intp], rows: npt.NDArray[np.intp]) -> Float64Array:
        """Return (col, row) in the source of nodes of the lattice, as (rows, cols, 2)."""
        assert self._project is not None
        x, y = self._grid.transform @ np.meshgrid(cols * _LATTICE_PX, rows * _LATTICE_PX)
        return np.stack(self._to_source @ self._project.transform(x, y), axis=-1)


class _Patch:
    """Pixels of a source, and positions between them."""

    def __init__(self, window: Window, places: Float64Array) -> None:
        self.window = window
        """Pixels of the source that are read."""
        self._col, self._row = places[..., 0] - 0.5, places[..., 1] - 0.5

    @classmethod
    def around(cls, places: Float64Array, extent: Window) -> _Patch | None:
        """Return the patch for places (rows, cols, 2); None if they are outside the source."""
        if not np.isfinite(places).all():
            places = np.where(np.isfinite(places), places, -10.0)
        first = np.floor(places.min(axis=(0, 1)) - 0.5).astype(int)
        last = np.floor(places.max(axis=(0, 1)) - 0.5).astype(int) + 1
        window = Window(first[1], first[0], last[1] - first[1] + 1, last[0] - first[0] + 1)
        window = window.intersection(extent)
        return None if window.is_empty else cls(window, places)

    def bilinear(
        self, pixels: npt.NDArray[np.generic], valid: BoolArray
    ) -> tuple[Float64Array, Float64Array]:
        """Return weighted sums of valid values (C, rows, cols), and weights (rows, cols)."""
        col, row = np.floor(self._col), np.floor(self._row)
        across, down = self._col - col, self._row - row
        sums = np.zeros((len(pixels), *across.shape))
        weights = np.zeros(across.shape)
        for d_row, by_row in ((0, 1 - down), (1, down)):
            for d_col, by_col in ((0, 1 - across), (1, across)):
                values, is_valid = self._pick(pixels, valid, row + d_row, col + d_col)
                weight = by_row * by_col * is_valid
                sums += values * weight
                weights += weight
        return sums, weights

    def nearest(
        self, pixels: npt.NDArray[np.generic], valid: BoolArray
    ) -> tuple[Float64Array, Float64Array]:
        """Return the nearest values (C, rows, cols), and 1 where they are valid."""
        row, col = np.floor(self._row + 0.5), np.floor(self._col + 0.5)
        values, is_valid = self._pick(pixels, valid, row, col)
        return (values * is_valid).astype(np.float64), is_valid.astype(np.float64)

    def _pick(
        self,
        pixels: npt.NDArray[np.generic],
        valid: BoolArray,
        rows: Float64Array,
        cols: Float64Array,
    ) -> tuple[npt.NDArray[Any], BoolArray]:
        """Return pixels of the source; those outside are not valid."""
        row, col = rows.astype(np.intp) - self.window.row, cols.astype(np.intp) - self.window.col
        inside = (row >= 0) & (col >= 0) & (row < self.window.rows) & (col < self.window.cols)
        row, col = np.where(inside, row, 0), np.where(inside, col, 0)
        return pixels[:, row, col], valid[row, col] & inside


def _blocks(values: Float64Array, side: int) -> Float64Array:
    """Return the sums of blocks of side × side values of the last two axes."""
    if side == 1:
        return values
    *outer, rows, cols = values.shape
    sums: Float64Array = values.reshape(*outer, rows // side, side, cols // side, side).sum(
        axis=(-3, -1)
    )
    return sums
