"""Pixels that were just read from a raster, for checks that look at them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio.io import DatasetReader
from rasterio.windows import Window as RasterioWindow

from mtrs_geo.grid import Window

__all__ = ["ReadPixels"]


@dataclass(frozen=True)
class ReadPixels:
    """Pixels of a window of a raster; all others are read when they are asked for."""

    dataset: DatasetReader
    """The open raster; the blocks of the pixels are in GDAL's cache."""
    window: Window | None = None
    """Pixels of the raster that were read; None if their values are not those of the file."""
    bands: tuple[int, ...] = ()
    """Numbers of the bands that were read."""
    values: npt.NDArray[Any] | None = None
    """(bands, rows, cols) as stored."""

    def of(self, window: Window, bands: Sequence[int]) -> npt.NDArray[np.generic]:
        """Return values as stored, (bands, rows, cols); a view where they were read.

        Args:
            window: pixels of the raster.
            bands: numbers of the bands.
        """
        if self.window is None or self.values is None or not set(bands) <= set(self.bands):
            return self._read(window, bands)
        if self.window.intersection(window) != window:
            return self._read(window, bands)
        rows, cols = window.shifted(-self.window.row, -self.window.col).slices
        if tuple(bands) == self.bands:
            return self.values[:, rows, cols]
        found: npt.NDArray[np.generic] = self.values[[self.bands.index(b) for b in bands]]
        return found[:, rows, cols]

    def _read(self, window: Window, bands: Sequence[int]) -> npt.NDArray[np.generic]:
        region = RasterioWindow(window.col, window.row, window.cols, window.rows)
        values: npt.NDArray[np.generic] = self.dataset.read(list(bands), window=region)
        return values
