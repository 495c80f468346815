"""Which tiles a grid is cut into: a plan, without any pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mtrs_geo.errors import GridError
from mtrs_geo.grid import Grid, Window

__all__ = ["Tile", "TilePlan", "plan_tiles"]


@dataclass(frozen=True, slots=True)
class Tile:
    """One square of a plan."""

    window: Window
    band: int
    """Number of its row of tiles, from the top."""
    index: int
    """Number of the tile in the plan."""


@dataclass(frozen=True)
class TilePlan:
    """Tiles that cover a grid, band by band from the top."""

    grid: Grid
    tile_px: int
    overlap_px: int
    bands: tuple[tuple[Tile, ...], ...]
    """Every band of the grid; one without a tile to run is empty."""
    rows: tuple[int, ...]
    """First row of every band."""

    def __len__(self) -> int:
        """Count the tiles."""
        return sum(len(band) for band in self.bands)

    @property
    def tiles(self) -> Iterator[Tile]:
        """The tiles in the order in which rows become final."""
        return (tile for band in self.bands for tile in band)

    @property
    def tile_rows(self) -> int:
        """Rows of a tile: ``tile_px``, or those of a smaller grid."""
        return min(self.tile_px, self.grid.shape[0])


def plan_tiles(
    grid: Grid,
    tile_px: int,
    overlap_px: int,
    mask: Callable[[Window], bool] | None = None,
) -> TilePlan:
    """Cut a grid into overlapping tiles of one size.

    The last tile of a row or column moves inwards, so that all are whole; a grid
    smaller than a tile gives a tile of its own size.

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
    bands, index = [], 0
    for number, row in enumerate(rows):
        windows = [Window(row, col, *shape) for col in cols]
        kept = [w for w in windows if mask is None or mask(w)]
        bands.append(tuple(Tile(w, number, index + i) for i, w in enumerate(kept)))
        index += len(kept)
    return TilePlan(grid, tile_px, overlap_px, tuple(bands), rows)


def _starts(length: int, tile: int, overlap: int) -> tuple[int, ...]:
    if length <= tile:
        return (0,)
    step = tile - overlap
    count = -(-(length - overlap) // step)
    return tuple(min(i * step, length - tile) for i in range(count))
