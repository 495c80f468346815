"""Tiles of rasters, drawn at random, as a run would give them to the model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mtrs_geo.errors import RequestError
from mtrs_geo.grid import Window
from mtrs_geo.io.inputs.kinds import RasterLike
from mtrs_geo.io.stack import open_stack
from mtrs_geo.types import UInt8Array

__all__ = ["sample_tiles"]

_MIN_VALID = 0.5
"""Smallest share of valid pixels in a tile."""
_TRIES = 4
"""Draws per tile that is wanted."""


def sample_tiles(
    pairs: Sequence[tuple[RasterLike, RasterLike]], tiles: int, tile_px: int, seed: int = 0
) -> Iterator[tuple[UInt8Array, UInt8Array]]:
    """Yield tile pairs (T, T, 3) of raster pairs, equally many of each pair.

    Fewer are yielded where most of a raster has no data.

    Args:
        pairs: (before, after) of each place.
        tiles: tile pairs in all.
        tile_px: T.
        seed: seed of the positions.

    Raises:
        RequestError: if a pair is smaller than a tile.
        RasterError: if a raster cannot be used.
        GridError: if the rasters of a pair do not overlap.
    """
    rng = np.random.default_rng(seed)
    for number, (before, after) in enumerate(pairs):
        wanted = len(range(number, tiles, len(pairs)))
        with open_stack([before, after]) as stack:
            rows, cols = stack.grid.shape
            if min(rows, cols) < tile_px:
                msg = f"{before} and {after} have {rows} × {cols} common pixels; a tile has "
                msg += f"{tile_px} × {tile_px}."
                raise RequestError(msg, advice="Give a larger pair of rasters.")
            for _ in range(_TRIES * wanted):
                if not wanted:
                    break
                row, col = rng.integers(rows - tile_px + 1), rng.integers(cols - tile_px + 1)
                tile = stack.read(Window(int(row), int(col), tile_px, tile_px))
                if tile.valid.mean() >= _MIN_VALID:
                    dates = (np.ascontiguousarray(date.transpose(1, 2, 0)) for date in tile.image)
                    yield next(dates), next(dates)
                    wanted -= 1
