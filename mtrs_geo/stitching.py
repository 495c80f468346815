"""Overlapping tiles of probability to rows that are final, band by band.

Probabilities are blended, not masks: every tile falls off over its overlap (Hann),
the weighted sum is divided by the sum of weights, and zero weight is nodata.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mtrs_geo.errors import GridError
from mtrs_geo.tiling import Tile, TilePlan
from mtrs_geo.types import BoolArray, FloatArray, Shape

__all__ = ["Mosaic", "Rows", "hann_weights"]


@dataclass(frozen=True)
class Rows:
    """Rows of the mosaic that no later tile touches."""

    row: int
    """First row."""
    probability: FloatArray
    """(N, rows, cols) in [0, 1]; NaN where there is no data."""


_UNIT = 16_000
"""Weight of a tile's inside: four tiles that meet in a corner still fit uint16."""
_GIVEN_PIXELS = 1 << 20
"""Pixels that are handed out together: what follows needs memory for these rows only."""


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
    """Adds up tiles and gives rows as they become final.

    It holds the rows of one band of tiles in buffers that are kept, as long as `ready` is
    called before the next band begins: a float and a short a pixel and layer.

    Args:
        plan: the tiles that will come, each exactly once.
        layers: number of probabilities a pixel, N.
    """

    def __init__(self, plan: TilePlan, layers: int) -> None:
        self._plan = plan
        self._cols = plan.grid.shape[1]
        self._layers = layers
        self._left = [len(band) for band in plan.bands]
        self._band = 0
        self._row = 0
        """First row that was not given out yet; the buffers begin there."""
        shape = plan.tile_rows, min(plan.tile_px, self._cols)
        self._sum = np.zeros((layers, shape[0], self._cols), np.float32)
        self._weight = np.zeros((shape[0], self._cols), np.uint16)
        hann = np.round(_UNIT * hann_weights(shape, plan.overlap_px)).astype(np.uint16)
        # The corners round to zero, which would be nodata.
        self._hann = np.maximum(hann, 1)

    def add(self, tile: Tile, probability: FloatArray, valid: BoolArray) -> None:
        """Add one tile.

        Args:
            tile: of the plan.
            probability: (N, rows, cols) in [0, 1].
            valid: (rows, cols); false pixels do not count.

        Raises:
            GridError: if the tile came before, or its shape is another.
        """
        self._take(tile)
        if probability.shape != (self._layers, *tile.window.shape):
            msg = f"tile {tile} got probabilities of shape {probability.shape}"
            raise GridError(msg)
        self._grow(tile.window.row_stop)
        area = tile.window.shifted(-self._row, 0).slices
        weight = self._hann if valid.all() else self._hann * valid
        self._weight[area] += weight
        for layer, values in zip(self._sum, probability, strict=True):
            layer[area] += values * weight

    def skip(self, tile: Tile) -> None:
        """Count a tile as done without data.

        Raises:
            GridError: if the tile came before.
        """
        self._take(tile)

    def ready(self) -> Iterator[Rows]:
        """Yield the rows that became final since the last call."""
        while self._band < len(self._left) and not self._left[self._band]:
            self._band += 1
        rows = self._plan.rows
        stop = rows[self._band] if self._band < len(rows) else self._plan.grid.shape[0]
        if stop > self._row:
            yield from self._give(stop)

    def finish(self) -> Iterator[Rows]:
        """Yield what is left.

        Raises:
            GridError: if a tile of the plan never came.
        """
        if any(self._left):
            msg = f"{sum(self._left)} tiles of the plan never came"
            raise GridError(msg)
        yield from self.ready()

    def _take(self, tile: Tile) -> None:
        if self._left[tile.band] == 0:
            msg = f"band {tile.band} is complete; {tile} came twice"
            raise GridError(msg)
        self._left[tile.band] -= 1

    def _grow(self, row_stop: int) -> None:
        more = row_stop - self._row - len(self._weight)
        if more > 0:
            self._weight = np.pad(self._weight, ((0, more), (0, 0)))
            self._sum = np.pad(self._sum, ((0, 0), (0, more), (0, 0)))

    def _give(self, stop: int) -> Iterator[Rows]:
        row, count = self._row, stop - self._row
        self._grow(stop)
        height = max(1, _GIVEN_PIXELS // self._cols)
        for start in range(0, count, height):
            part = slice(start, min(count, start + height))
            with np.errstate(invalid="ignore"):
                # 0 / 0 is the NaN that stands for nodata.
                probability = np.divide(self._sum[:, part], self._weight[part], dtype=np.float32)
            yield Rows(row + start, np.minimum(probability, 1, out=probability))
        self._forget(count)

    def _forget(self, count: int) -> None:
        """Move what is not final to the front of the buffers."""
        for buffer in (self._weight, *self._sum):
            kept = len(buffer) - count
            buffer[:kept] = buffer[count:]
            buffer[kept:] = 0
        self._row += count
