"""Cut a grid into chunks that are whole blocks of a file: a plan that needs no pixels."""

from __future__ import annotations

from dataclasses import dataclass

from mtrs_geo.grid import Window
from mtrs_geo.types import Shape

__all__ = ["ChunkGrid", "plan_chunks"]

_LEAST_PX = 256
"""Shorter blocks are read several at a time."""
_MOST_BYTES = 16 << 20
_CUT_PX = 1024
"""Side of the parts of blocks that are too large."""


@dataclass(frozen=True)
class ChunkGrid:
    """Chunks of one shape over a grid; those at the border are cut."""

    grid_shape: Shape
    """(rows, cols) of the grid."""
    chunk_shape: Shape
    """(rows, cols) of a chunk."""
    origin: tuple[int, int]
    """(row, col) of a corner of a chunk on the grid, each 0 or less."""

    def covering(self, window: Window) -> list[Window]:
        """Return the chunks that a window of the grid touches, in reading order."""
        whole = Window(0, 0, *self.grid_shape)
        (rows, cols), (row, col) = self.chunk_shape, self.origin
        return [
            whole.intersection(Window(row + i * rows, col + j * cols, rows, cols))
            for i in range((window.row - row) // rows, -(-(window.row_stop - row) // rows))
            for j in range((window.col - col) // cols, -(-(window.col_stop - col) // cols))
        ]


def plan_chunks(
    grid_shape: Shape, block_shape: Shape, offset: tuple[int, int], pixel_bytes: int
) -> ChunkGrid:
    """Return chunks of whole blocks, each of at most 16 MiB.

    Args:
        grid_shape: (rows, cols) of the grid.
        block_shape: (rows, cols) of a block of the file.
        offset: (row, col) of the grid's origin in the file.
        pixel_bytes: bytes per pixel of the grid, of all dates.
    """
    block_rows, block_cols = block_shape
    rows = block_rows * -(-_LEAST_PX // block_rows)
    # The strips of a file without tiles are as wide as the file.
    is_strip = block_cols >= grid_shape[1]
    cols = block_cols if is_strip else block_cols * -(-_LEAST_PX // block_cols)
    if is_strip:
        fitting = _MOST_BYTES // (min(cols, grid_shape[1]) * pixel_bytes)
        rows = min(rows, max(block_rows, fitting // block_rows * block_rows))
    if rows * min(cols, grid_shape[1]) * pixel_bytes > _MOST_BYTES:
        rows, cols = min(rows, _CUT_PX), min(cols, _CUT_PX)
    return ChunkGrid(grid_shape, (rows, cols), (-(offset[0] % rows), -(offset[1] % cols)))
