"""Which chunks of a stack are whole blocks of its files."""

from __future__ import annotations

from mtrs_geo.io.alignment import offset_on
from mtrs_geo.io.stack import RasterStack
from mtrs_geo.tiles.chunks import ChunkGrid, plan_chunks

__all__ = ["stack_chunks"]


def stack_chunks(stack: RasterStack) -> ChunkGrid | None:
    """Return chunks of whole blocks; None if a date is warped or corrected.

    The blocks are those of the date with the largest ones.  A warped pixel depends a little on the
    window in which it is read, as GDAL interpolates coordinates, and the border of a corrected date
    is mirrored at the border of the window: there, tiles are read as they are.
    """
    if any(shift.corrected for shift in stack.shifts):
        return None
    found = [(source.block_shape, offset_on(source, stack.grid)) for source in stack.sources]
    aligned = [(shape, offset) for shape, offset in found if offset is not None]
    if len(aligned) < len(found):
        return None
    shape, offset = max(aligned)
    return plan_chunks(stack.grid.shape, shape, offset, 3 * len(stack.sources))
