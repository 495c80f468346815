"""Which chunks of a stack are whole blocks of its files."""

from __future__ import annotations

from mtrs_geo.io.alignment import offset_on
from mtrs_geo.io.source import Source
from mtrs_geo.io.stack import RasterStack
from mtrs_geo.tiles.chunks import ChunkGrid, plan_chunks

__all__ = ["stack_chunks"]

_CHUNK_SHAPE = 512, 512
"""Chunk of rasters that are all warped."""


def stack_chunks(stack: RasterStack) -> ChunkGrid | None:
    """Return chunks of whole blocks; None if a window must be read as it is.

    The blocks are those of the date with the largest ones whose pixels are on the grid.
    """
    # The border of a corrected date is mirrored at the border of the window.
    if any(shift.corrected for shift in stack.shifts):
        return None
    if not all(_has_exact_fill(source, stack) for source in stack.sources):
        return None
    found = [(source.block_shape, offset_on(source, stack.grid)) for source in stack.sources]
    aligned = [(shape, offset) for shape, offset in found if offset is not None]
    shape, offset = max(aligned, default=(_CHUNK_SHAPE, (0, 0)))
    return plan_chunks(stack.grid.shape, shape, offset, 3 * len(stack.sources))


def _has_exact_fill(source: Source, stack: RasterStack) -> bool:
    """Return whether pixels without data are the same in each window that has them."""
    fill = source.fill
    # A collar in another CRS is warped with an error that depends on the window.
    return fill is None or fill.collar is None or fill.crs == stack.grid.crs
