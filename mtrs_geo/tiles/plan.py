"""Which tiles a grid is cut into: a plan as arithmetic, without any pixels."""

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
    """One square of a plan."""

    window: Window
    band: int
    """Number of its row of tiles, from the top."""
    index: int
    """Number of the tile in the plan."""


@dataclass(frozen=True, eq=False)
class TilePlan:
    """Tiles that cover a grid, band by band from the top; they are made when asked for."""

    grid: Grid
    tile_px: int
    overlap_px: int
    rows: tuple[int, ...]
    """First row of every band."""
    cols: tuple[int, ...]
    """First column of every tile of a band."""
    kept: BoolArray
    """(bands, tiles of a band), false where a tile is left out."""

    def __len__(self) -> int:
        """Count the tiles."""
        return int(np.count_nonzero(self.kept))

    @property
    def tiles(self) -> Iterator[Tile]:
        """The tiles in the order in which rows become final."""
        places = zip(*np.nonzero(self.kept), strict=True)
        return (self._tile(band, col, index) for index, (band, col) in enumerate(places))

    @property
    def bands(self) -> Iterator[tuple[Tile, ...]]:
        """The tiles of every band; one without a tile to run is empty."""
        tiles = self.tiles
        return (
            tuple(next(tiles) for _ in range(count))
            for count in np.count_nonzero(self.kept, axis=1).tolist()
        )

    @property
    def tile_shape(self) -> Shape:
        """(rows, cols) of a tile: ``tile_px``, or less where the grid is smaller."""
        rows, cols = self.grid.shape
        return min(self.tile_px, rows), min(self.tile_px, cols)

    @property
    def final_rows(self) -> tuple[int, ...]:
        """Rows of every band that no later band touches."""
        return tuple(low - high for high, low in pairwise((*self.rows, self.grid.shape[0])))

    def _tile(self, band: int, col: int, index: int) -> Tile:
        return Tile(Window(self.rows[band], self.cols[col], *self.tile_shape), int(band), index)


def plan_tiles(
    grid: Grid,
    tile_px: int,
    overlap_px: int,
    mask: Callable[[Window], bool] | None = None,
) -> TilePlan:
    """Cut a grid into as few overlapping tiles of one size as cover it.

    They are spread evenly, so that no two neighbours share much more than they must; a
    grid smaller than a tile gives a tile of its own size.

    Args:
        grid: what to cover.
        tile_px: side of a tile.
        overlap_px: smallest overlap of neighbours.
        mask: false leaves a tile out, for example outside an area of interest.

    Raises:
        GridError: if the tile is too small or the overlap leaves no step.
    """
    if tile_px < 32:
        msg = f"tile_px {tile_px} is too small. Use 32 or more; 256 suits most models."
        raise GridError(msg)
    if not 0 <= overlap_px <= tile_px // 2:
        msg = (
            f"overlap_px {overlap_px} does not fit tiles of {tile_px} px. "
            f"Use 0 to {tile_px // 2}; {tile_px // 8} suits most."
        )
        raise GridError(msg)
    rows = _starts(grid.shape[0], tile_px, overlap_px)
    cols = _starts(grid.shape[1], tile_px, overlap_px)
    shape = min(tile_px, grid.shape[0]), min(tile_px, grid.shape[1])
    kept = np.ones((len(rows), len(cols)), np.bool_)
    if mask is not None:
        kept[:] = [[mask(Window(row, col, *shape)) for col in cols] for row in rows]
    return TilePlan(grid, tile_px, overlap_px, rows, cols, kept)


def _starts(length: int, tile: int, overlap: int) -> tuple[int, ...]:
    if length <= tile:
        return (0,)
    gaps = -(-(length - tile) // (tile - overlap))
    return tuple(i * (length - tile) // gaps for i in range(gaps + 1))
