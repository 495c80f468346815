"""Overlapping tiles of probability to pixels that are final, as soon as they are.

Probabilities are blended, not masks: every tile falls off over its overlap (Hann),
the weighted sum is divided by the sum of weights, and zero weight is nodata.  Of a band
of tiles only a strip a few tiles wide is in memory, and the rows that the next band
touches too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mtrs_geo.errors import GridError
from mtrs_geo.tiles.plan import Tile, TilePlan
from mtrs_geo.types import BoolArray, FloatArray, Shape

__all__ = ["Mosaic", "Part", "hann_weights"]


@dataclass(frozen=True)
class Part:
    """A piece of the mosaic that no later tile touches."""

    row: int
    """First row."""
    col: int
    """First column."""
    probability: FloatArray
    """(N, rows, cols) in [0, 1]; NaN where there is no data."""


_UNIT = 16_000
"""Weight of a tile's inside: four tiles that meet in a corner still fit uint16."""
_GIVEN_PIXELS = 1 << 20
"""Pixels that are handed out together: what follows needs memory for these only."""
_GIVEN_STEP = 512
"""Parts begin at columns that this divides, so that raster blocks are written once."""


def hann_weights(shape: Shape, overlap_px: int) -> FloatArray:
    """Return the weights (rows, cols) of a tile: 1 inside, falling off over the overlap.

    The fall-off is half a Hann window sampled between pixels, so no weight is zero
    and two neighbours that overlap by exactly ``overlap_px`` add up to 1.
    """
    rows, cols = (_ramp(length, overlap_px) for length in shape)
    return rows[:, None] * cols[None]


def _ramp(length: int, overlap_px: int) -> FloatArray:
    weights = np.ones(length, np.float32)
    width = min(overlap_px, length // 2)
    rise = np.sin(np.pi / 2 * (np.arange(width) + 0.5) / max(1, width)) ** 2
    weights[:width] = rise
    weights[length - width :] = rise[::-1]
    return weights


class Mosaic:
    """Adds up tiles and gives parts as they become final: of a band from left to right.

    Args:
        plan: the tiles that will come, each exactly once and in the plan's order.
        layers: number of probabilities a pixel, N.
    """

    def __init__(self, plan: TilePlan, layers: int) -> None:
        self._plan = plan
        self._layers = layers
        self._tiles = plan.tiles
        self._next = next(self._tiles, None)
        """The tile that has to come."""
        self._band = 0
        self._col = 0
        """First column of the band that was not given out yet; the strip begins there."""
        rows, cols = plan.tile_shape
        self._given_cols = max(_GIVEN_STEP, _GIVEN_PIXELS // rows // _GIVEN_STEP * _GIVEN_STEP)
        strip = rows, min(plan.grid.shape[1], self._given_cols + cols)
        self._sum = np.zeros((layers, *strip), np.float32)
        self._weight = np.zeros(strip, np.uint16)
        # What the bands given out add to the rows of those that follow.
        below = rows - min(plan.final_rows), plan.grid.shape[1]
        self._sum_below = np.zeros((layers, *below), np.float32)
        self._weight_below = np.zeros(below, np.uint16)
        hann = np.round(_UNIT * hann_weights((rows, cols), plan.overlap_px)).astype(np.uint16)
        # The corners round to zero, which would be nodata.
        self._hann = np.maximum(hann, 1)

    def add(self, tile: Tile, probability: FloatArray, valid: BoolArray) -> None:
        """Add one tile.

        Args:
            tile: of the plan.
            probability: (N, rows, cols) in [0, 1].
            valid: (rows, cols); false pixels do not count.

        Raises:
            GridError: if it is not the next tile of the plan, its shape is another, or the
                bands before, empty ones too, were not taken from `ready`.
        """
        if probability.shape != (self._layers, *tile.window.shape):
            msg = f"tile {tile} got probabilities of shape {probability.shape}"
            raise GridError(msg)
        self._take(tile)
        self._widen(tile.window.col_stop - self._col)
        area = tile.window.shifted(-tile.window.row, -self._col).slices
        weight = self._hann if valid.all() else self._hann * valid
        self._weight[area] += weight
        for layer, values in zip(self._sum, probability, strict=True):
            layer[area] += values * weight

    def skip(self, tile: Tile) -> None:
        """Count a tile as done without data.

        Raises:
            GridError: as `add` does.
        """
        self._take(tile)

    def ready(self) -> Iterator[Part]:
        """Yield the parts that became final since the last call."""
        while self._band < len(self._plan.rows):
            upcoming = self._next
            if upcoming is not None and upcoming.band == self._band:
                while upcoming.window.col - self._col >= self._given_cols:
                    yield self._give(self._given_cols)
                return
            while self._col < self._plan.grid.shape[1]:
                yield self._give(min(self._given_cols, self._plan.grid.shape[1] - self._col))
            self._band, self._col = self._band + 1, 0
            self._load(0)

    def finish(self) -> Iterator[Part]:
        """Yield what is left.

        Raises:
            GridError: if a tile of the plan never came.
        """
        if self._next is not None:
            msg = f"{len(self._plan) - self._next.index} tiles of the plan never came"
            raise GridError(msg)
        yield from self.ready()

    def _take(self, tile: Tile) -> None:
        if self._next is None or tile.index < self._next.index:
            msg = f"{tile} came twice"
            raise GridError(msg)
        if tile != self._next:
            msg = f"{tile} came where {self._next} follows"
            raise GridError(msg)
        if tile.band != self._band:
            msg = f"{tile} came before band {self._band} was taken from `ready`"
            raise GridError(msg)
        self._next = next(self._tiles, None)

    def _widen(self, cols: int) -> None:
        """Make room for tiles that come before `ready` is asked."""
        had = self._weight.shape[1]
        if cols > had:
            self._weight = np.pad(self._weight, ((0, 0), (0, cols - had)))
            self._sum = np.pad(self._sum, ((0, 0), (0, 0), (0, cols - had)))
            self._load(had)

    def _give(self, cols: int) -> Part:
        """Hand out the strip's first columns and move on by them."""
        rows, col = self._plan.final_rows[self._band], self._col
        with np.errstate(invalid="ignore"):
            # 0 / 0 is the NaN that stands for nodata.
            probability = np.divide(
                self._sum[:, :rows, :cols], self._weight[:rows, :cols], dtype=np.float32
            )
        left = self._plan.tile_shape[0] - rows
        for strip, below in self._buffers():
            below[:left, col : col + cols] = strip[rows:, :cols]
            strip[:, :-cols] = strip[:, cols:]
        self._col += cols
        self._load(self._weight.shape[1] - cols)
        row = self._plan.rows[self._band]
        return Part(row, col, np.minimum(probability, 1, out=probability))

    def _load(self, start: int) -> None:
        """Fill the strip from column ``start`` on with what the bands above left there."""
        left = self._plan.tile_shape[0] - self._plan.final_rows[self._band - 1]
        for strip, below in self._buffers():
            strip[:, start:] = 0
            if self._band:
                found = below[:left, self._col + start : self._col + strip.shape[1]]
                strip[:left, start : start + found.shape[1]] = found

    def _buffers(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield each strip (rows, cols) with what it leaves to the bands below."""
        yield self._weight, self._weight_below
        yield from zip(self._sum, self._sum_below, strict=True)
