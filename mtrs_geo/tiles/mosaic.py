"""Blend overlapping tiles of probability and yield pixels as soon as they are final.

Tiles are weighted by a Hann window over their overlap; the weighted sum is divided by the sum
of weights, and pixels of zero weight are nodata.  Memory holds a strip of the current band
that is a few tiles wide, and the rows that the band shares with the bands below.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from mtrs_geo.errors import GridError
from mtrs_geo.tiles.plan import Tile, TilePlan
from mtrs_geo.types import BoolArray, FloatArray, Shape

__all__ = ["Block", "Mosaic", "hann_weights"]


@dataclass(frozen=True)
class Block:
    """A rectangle of the mosaic that no later tile overlaps."""

    row: int
    """First row."""
    col: int
    """First column."""
    probability: FloatArray
    """(N, rows, cols) in [0, 1]; NaN where there is no data."""


_FULL_WEIGHT = 16_000
"""Integer weight inside a tile: the sum of four tiles that meet at a corner fits uint16."""
_BLOCK_PIXELS = 1 << 20
"""Approximate number of pixels per block; it bounds the memory of the steps that follow."""
_BLOCK_COL_STEP = 512
"""Blocks begin at multiples of this column, so that raster blocks are written once."""


def hann_weights(shape: Shape, overlap_px: int) -> FloatArray:
    """Return the weights (rows, cols) of a tile: 1 inside, falling towards 0 over the overlap.

    The fall-off is half a Hann window sampled at pixel centres: no weight is zero, and the
    weights of two neighbours that overlap by exactly ``overlap_px`` add up to 1.
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
    """Sums weighted tiles and yields blocks as they become final, each band from left to right.

    Args:
        plan: the tiles to add, each exactly once and in the order of the plan.
        layers: number of probabilities per pixel, N.
    """

    def __init__(self, plan: TilePlan, layers: int) -> None:
        self._plan = plan
        self._layers = layers
        self._tiles = plan.tiles
        self._next_tile = next(self._tiles, None)
        self._band = 0
        self._col = 0
        """First column of the band that was not yielded yet; the strip begins here."""
        self._is_between_bands = True
        rows, cols = plan.tile_shape
        self._block_cols = max(
            _BLOCK_COL_STEP, _BLOCK_PIXELS // rows // _BLOCK_COL_STEP * _BLOCK_COL_STEP
        )
        strip = rows, min(plan.grid.shape[1], self._block_cols + cols)
        self._sum = np.zeros((layers, *strip), np.float32)
        self._weight = np.zeros(strip, np.uint16)
        # Contributions of finished bands to the rows of the bands below.
        shared = rows - min(plan.final_rows), plan.grid.shape[1]
        self._shared_sum = np.zeros((layers, *shared), np.float32)
        self._shared_weight = np.zeros(shared, np.uint16)
        hann = np.round(_FULL_WEIGHT * hann_weights((rows, cols), plan.overlap_px))
        # Weights at the corners round to zero, which would mean nodata.
        self._hann = np.maximum(hann.astype(np.uint16), 1)

    def add(self, tile: Tile, probability: FloatArray, valid: BoolArray) -> None:
        """Add one tile.

        Args:
            tile: the next tile of the plan.
            probability: (N, rows, cols) in [0, 1].
            valid: (rows, cols); pixels that are false are ignored.

        Raises:
            GridError: if ``tile`` is not the next tile of the plan, if the shape of
                ``probability`` is wrong, or if `ready` was not exhausted after the last band.
        """
        if probability.shape != (self._layers, *tile.window.shape):
            msg = (
                f"{tile} has probabilities of shape {probability.shape}, "
                f"expected {(self._layers, *tile.window.shape)}."
            )
            advice = "Return one (rows, cols) probability array per text and tile."
            raise GridError(msg, advice=advice)
        self._advance(tile)
        self._widen(tile.window.col_stop - self._col)
        area = tile.window.shifted(-tile.window.row, -self._col).slices
        weight = self._hann if valid.all() else self._hann * valid
        self._weight[area] += weight
        for layer, values in zip(self._sum, probability, strict=True):
            layer[area] += values * weight

    def skip(self, tile: Tile) -> None:
        """Mark a tile as done without data.

        Raises:
            GridError: if ``tile`` is not the next tile of the plan, or if `ready` was not
                exhausted after the last band.
        """
        self._advance(tile)

    def ready(self) -> Iterator[Block]:
        """Yield the blocks that became final since the last call."""
        while self._band < len(self._plan.row_starts):
            upcoming = self._next_tile
            if upcoming is not None and upcoming.band == self._band:
                while upcoming.window.col - self._col >= self._block_cols:
                    yield self._pop_block(self._block_cols)
                return
            while self._col < self._plan.grid.shape[1]:
                yield self._pop_block(min(self._block_cols, self._plan.grid.shape[1] - self._col))
            self._band, self._col = self._band + 1, 0
            self._is_between_bands = True
            self._load(0)

    def finish(self) -> Iterator[Block]:
        """Yield the remaining blocks.

        Raises:
            GridError: if a tile of the plan is missing.
        """
        if self._next_tile is not None:
            msg = f"{len(self._plan) - self._next_tile.index} tiles of the plan are missing."
            raise GridError(msg, advice="Add or skip every tile of the plan before `finish`.")
        yield from self.ready()

    @property
    def next_tile(self) -> Tile | None:
        """The tile that must come next; None after the last."""
        return self._next_tile

    @property
    def next_index(self) -> int:
        """Number of the tiles that are done."""
        return len(self._plan) if self._next_tile is None else self._next_tile.index

    @property
    def is_between_bands(self) -> bool:
        """Whether no tile of the current band was added yet, so that `state` is complete."""
        return self._is_between_bands

    def state(self) -> dict[str, np.ndarray]:
        """Return what the finished bands leave to the bands below.

        Raises:
            GridError: within a band.
        """
        if not self._is_between_bands:
            msg = f"the mosaic is within band {self._band}."
            raise GridError(msg, advice="Call `state` after `ready` at the end of a band.")
        return {
            "band": np.array(self._band),
            "sum": self._shared_sum,
            "weight": self._shared_weight,
        }

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on after the bands of a `state`; the mosaic is new.

        Raises:
            GridError: if the state is that of another plan.
        """
        if state["sum"].shape != self._shared_sum.shape:
            msg = f"the state has rows of shape {state['sum'].shape}."
            raise GridError(msg, advice="Restore the state of a mosaic of the same plan.")
        self._band = int(state["band"])
        self._shared_sum[:], self._shared_weight[:] = state["sum"], state["weight"]
        while self._next_tile is not None and self._next_tile.band < self._band:
            self._next_tile = next(self._tiles, None)
        self._load(0)

    def _advance(self, tile: Tile) -> None:
        if self._next_tile is None or tile.index < self._next_tile.index:
            msg = f"{tile} was added twice."
            raise GridError(msg, advice="Add or skip each tile of the plan once.")
        if tile != self._next_tile:
            msg = f"{tile} is out of order: the next tile is {self._next_tile}."
            raise GridError(msg, advice="Add the tiles in the order of the plan.")
        if tile.band != self._band:
            msg = f"{tile} was added before the blocks of band {self._band} were read."
            raise GridError(msg, advice="Read all blocks from `ready` after each band.")
        self._next_tile = next(self._tiles, None)
        self._is_between_bands = False

    def _widen(self, cols: int) -> None:
        """Widen the strip to ``cols`` columns for tiles added before `ready` is called."""
        old_cols = self._weight.shape[1]
        if cols > old_cols:
            self._weight = np.pad(self._weight, ((0, 0), (0, cols - old_cols)))
            self._sum = np.pad(self._sum, ((0, 0), (0, 0), (0, cols - old_cols)))
            self._load(old_cols)

    def _pop_block(self, cols: int) -> Block:
        """Return the first ``cols`` columns of the strip and move the strip right by them."""
        rows, col = self._plan.final_rows[self._band], self._col
        with np.errstate(invalid="ignore"):
            # 0 / 0 gives NaN, the value for nodata.
            probability = np.divide(
                self._sum[:, :rows, :cols], self._weight[:rows, :cols], dtype=np.float32
            )
        shared_rows = self._plan.tile_shape[0] - rows
        for strip, shared in self._buffers():
            shared[:shared_rows, col : col + cols] = strip[rows:, :cols]
            strip[:, :-cols] = strip[:, cols:]
        self._col += cols
        self._load(self._weight.shape[1] - cols)
        row = self._plan.row_starts[self._band]
        return Block(row, col, np.minimum(probability, 1, out=probability))

    def _load(self, start: int) -> None:
        """Fill the strip from column ``start`` on with the contributions of the bands above."""
        shared_rows = self._plan.tile_shape[0] - self._plan.final_rows[self._band - 1]
        for strip, shared in self._buffers():
            strip[:, start:] = 0
            if self._band:
                above = shared[:shared_rows, self._col + start : self._col + strip.shape[1]]
                strip[:shared_rows, start : start + above.shape[1]] = above

    def _buffers(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield each strip (rows, cols) with the rows that it shares with the bands below."""
        yield self._weight, self._shared_weight
        yield from zip(self._sum, self._shared_sum, strict=True)
