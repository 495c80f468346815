"""Find decoded blocks that end in rows of one value where the blocks around them do not.

A block whose data were lost is decoded to zeros or grey from some row to its end.  A black border,
water and nodata do not end at the sides of a block.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio.windows import Window as RasterioWindow

from mtrs_geo.grid import Window
from mtrs_geo.io.damage.lock import Lock
from mtrs_geo.io.damage.read_pixels import ReadPixels
from mtrs_geo.io.damage.stored_blocks import blocks_in, place_of
from mtrs_geo.io.source import Source

__all__ = ["DecodedBlocks"]

_LEAST_ROWS = 4
_OTHER = 0.9
"""Least share of the pixels beside the rows that have another value."""
_NAMED = 3
"""Number of blocks that a message names."""


class DecodedBlocks:
    """The blocks of one raster that are suspect; several threads may check them."""

    def __init__(self, source: Source, block_shape: tuple[int, int]) -> None:
        self._source = source
        self._block_shape = block_shape
        self._checked: set[tuple[int, int]] = set()
        self._suspects: dict[tuple[int, int], tuple[int, float]] = {}
        self._lock = Lock()

    @property
    def warning(self) -> str | None:
        """A message about the blocks that are suspect so far."""
        if not self._suspects:
            return None
        found = sorted(self._suspects.items())
        named = "; ".join(
            f"{place_of(self._source, *block, self._block_shape)} end in {rows} rows of {value:g}"
            for block, (rows, value) in found[:_NAMED]
        )
        more = f", and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        return (
            f"{self._source.name} seems to be damaged: blocks end in rows of one value, and the "
            f"blocks around them do not: {named}{more}. Changes there may be wrong. Copy the file "
            "again, or leave the place out with an area of interest."
        )

    def check(self, pixels: ReadPixels, source: Source, region: Window) -> None:
        """Check the blocks that a region touches, each once.

        Args:
            pixels: of the region, just read.
            source: its description, with its fill value.
            region: pixels of the raster.
        """
        if self._block_shape[0] < 2 * _LEAST_ROWS:
            return
        for block in blocks_in(region, self._block_shape):
            with self._lock:
                is_new = block not in self._checked
                self._checked.add(block)
            if is_new:
                self._check(_Decoded(pixels, source), *block)

    def _check(self, pixels: _Decoded, row: int, col: int) -> None:
        rows, cols = self._block_shape
        block = pixels.whole.intersection(Window(row * rows, col * cols, rows, cols))
        if block.rows < 2 * _LEAST_ROWS or block.cols < 2 * _LEAST_ROWS:
            return
        last = pixels.read(Window(block.row_stop - 1, block.col, 1, block.cols))
        value = last[0, 0, 0]
        if not (last == value).all() or pixels.is_invalid(block, value):
            return
        is_same = (pixels.read(block) == value).all(axis=(0, 2))
        count = int(np.argmin(is_same[::-1])) if not is_same.all() else block.rows
        if count >= _LEAST_ROWS and pixels.is_alone(block, count, value):
            self._suspects[row, col] = count, float(value)


class _Decoded:
    """The decoded pixels of one raster."""

    def __init__(self, pixels: ReadPixels, source: Source) -> None:
        self._pixels, self._source = pixels, source
        self.whole = Window(0, 0, *source.shape)

    def is_alone(self, block: Window, count: int, value: Any) -> bool:  # noqa: ANN401 - a numpy scalar of any type
        """Return whether nearly all pixels around the last rows of a block have other values."""
        first = block.row_stop - count
        beside = (
            Window(first, block.col - 1, count, 1),
            Window(first, block.col_stop, count, 1),
            Window(block.row_stop, block.col, 1, block.cols),
            Window(block.row - 1, block.col, 1, block.cols) if count == block.rows else None,
        )
        inside = [w for w in beside if w is not None and self.whole.intersection(w) == w]
        least = 1 if block.cols == self.whole.cols else 2
        return len(inside) >= least and all(
            (self.read(window) != value).any(axis=0).mean() >= _OTHER for window in inside
        )

    def is_invalid(self, block: Window, value: Any) -> bool:  # noqa: ANN401 - a numpy scalar of any type
        if value in (self._source.nodata, self._source.fill and self._source.fill.value):
            return True
        if not self._source.has_mask or value != value:
            return bool(value != value)
        last = RasterioWindow(block.col, block.row_stop - 1, block.cols, 1)
        return not self._pixels.dataset.dataset_mask(window=last).any()

    def read(self, window: Window) -> npt.NDArray[np.generic]:
        return self._pixels.of(window, self._source.bands)
