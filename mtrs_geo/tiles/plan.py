"""Cut a grid into overlapping tiles: a plan that needs no pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mtrs_geo.errors import GridError
from mtrs_geo.grid import Grid, Window
from mtrs_geo.types import BoolArray, Shape

__all__ = ["Tile", "TilePlan", "plan_tiles"]


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile of a plan."""

    window: Window
    band: int
    """Index of its row of tiles, from the top."""
    index: int
    """Index of the tile in the plan."""


@dataclass(frozen=True, eq=False)
class TilePlan:
    """Tiles that cover a grid, band by band from the top; tiles are created lazily."""

    grid: Grid
    tile_px: int
    overlap_px: int
    row_starts: tuple[int, ...]
    """First row of every band."""
    col_starts: tuple[int, ...]
    """First column of every tile of a band."""
    included: BoolArray
    """(bands, tiles per band), false where a tile is left out."""

    def __len__(self) -> int:
        """Return the number of tiles."""
        return int(np.count_nonzero(self.included))

    @property
    def tiles(self) -> Iterator[Tile]:
        """The tiles, band by band from the top, each band from left to right."""
        return self.between(0, None)

    def between(self, start: int, stop: int | None) -> Iterator[Tile]:
        """Return the tiles from an index to another, which is left out; None is the end."""
        bands, cols = np.nonzero(self.included)
        positions = zip(bands[start:stop], cols[start:stop], strict=True)
        return (self._tile(band, col, index) for index, (band, col) in enumerate(positions, start))

    @property
    def tile_shape(self) -> Shape:
        """(rows, cols) of a tile: ``tile_px``, or the size of the grid if it is smaller."""
        rows, cols = self.grid.shape
        return min(self.tile_px, rows), min(self.tile_px, cols)

    @property
    def final_rows(self) -> tuple[int, ...]:
        """Number of rows per band that no later band overlaps."""
        starts = (*self.row_starts, self.grid.shape[0])
        return tuple(below - above for above, below in pairwise(starts))

    def _tile(self, band: int, col: int, index: int) -> Tile:
        window = Window(self.row_starts[band], self.col_starts[col], *self.tile_shape)
        return Tile(window, int(band), index)


def plan_tiles(
    grid: Grid,
    tile_px: int,
    overlap_px: int,
    mask: Callable[[Window], bool] | None = None,
) -> TilePlan:
    """Cut a grid into the smallest number of overlapping tiles of one size that cover it.

    Tiles are spread evenly, so that overlaps are all about equal.  A grid smaller than a tile
    gives one tile of the size of the grid.

    Args:
        grid: the grid to cover.
        tile_px: side of a tile in pixels.
        overlap_px: smallest overlap of neighbours in pixels.
        mask: returns false for tiles to leave out, for example outside an area of interest.

    Raises:
        GridError: if the tile is too small, or the overlap is negative or more than half a tile.
    """
    if tile_px < 32:
        msg = f"tile_px {tile_px} is too small."
        raise GridError(msg, advice="Use 32 or more; 256 suits most models.")
    if not 0 <= overlap_px <= tile_px // 2:
        msg = f"overlap_px {overlap_px} does not fit tiles of {tile_px} px."
        advice = f"Use 0 to {tile_px // 2}; {tile_px // 8} suits most models."
        raise GridError(msg, advice=advice)
    rows, cols = grid.shape
    row_starts = _starts(rows, tile_px, overlap_px)
    col_starts = _starts(cols, tile_px, overlap_px)
    shape = min(tile_px, rows), min(tile_px, cols)
    included = np.ones((len(row_starts), len(col_starts)), np.bool_)
    if mask is not None:
        included[:] = [[mask(Window(row, col, *shape)) for col in col_starts] for row in row_starts]
    return TilePlan(grid, tile_px, overlap_px, row_starts, col_starts, included)


def _starts(length: int, tile: int, overlap: int) -> tuple[int, ...]:
    if length <= tile:
        return (0,)
    gaps = -(-(length - tile) // (tile - overlap))
    return tuple(i * (length - tile) // gaps for i in range(gaps + 1))
