"""Reads the tiles of a plan ahead of the model, through chunks that are whole blocks of a file.

A block is decoded once for all tiles that touch it, in as far as memory allows: chunks that the
next band of tiles needs are kept up to a fixed number of bytes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from mtrs_geo.control_groups import usable_cpus
from mtrs_geo.detect.inference.stack_chunks import stack_chunks
from mtrs_geo.detect.inference.tile_failures import TileFailures
from mtrs_geo.detect.inference.timings import Timings
from mtrs_geo.errors import Cancelled, MTRSGeoError
from mtrs_geo.grid import Window
from mtrs_geo.interruption import hold_interruptions
from mtrs_geo.io.stack import RasterStack, StackWindow
from mtrs_geo.tiles.chunks import ChunkGrid
from mtrs_geo.tiles.plan import Tile, TilePlan
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["Read", "TileReader"]

_READ_ATTEMPTS = 2
_AHEAD_BYTES = 24 << 20
"""Chunks that are read before a tile needs them."""
_KEPT_BYTES = 48 << 20
"""Chunks that stay after a tile needed them, of rasters that are not very wide."""
_LEAST_KEPT_BYTES = 16 << 20
_ROW_BYTES = 4 << 20
"""What the rows that two bands share may take before less is kept."""
_BYTES_PER_SHARED_PIXEL = 6
"""Of the mosaic's sum and weight."""
_MOST_AHEAD = 1024
"""Tiles whose chunks are known to be needed."""
_MOST_THREADS = 8

Read: TypeAlias = StackWindow | Exception
"""The pixels of a tile, or why they cannot be read."""


@dataclass(eq=False)
class _Chunk:
    """A chunk of pixels that is read or being read."""

    window: Window
    pixels: Future[StackWindow]
    size_bytes: int
    users: int = 0
    """Tiles ahead that need it."""
    is_used: bool = False
    """Whether a tile was cut from it."""


class TileReader:
    """Reads tiles in the order of a plan; one loop uses it.

    Args:
        stack: the rasters.
        plan: the tiles.
        origin: (row, col) of the plan's grid within the stack's grid.
        failures: says whether tiles may fail.
        timings: receives the seconds of all threads under ``read``.
    """

    def __init__(
        self,
        stack: RasterStack,
        plan: TilePlan,
        origin: tuple[int, int],
        failures: TileFailures,
        timings: Timings,
    ) -> None:
        self._stack, self._plan, self._origin = stack, plan, origin
        self._failures, self._timings = failures, timings
        self._chunks: dict[Window, _Chunk] = {}
        self._ahead_bytes = self._kept_bytes = 0
        self._upcoming: deque[tuple[Tile, list[_Chunk]]] = deque()
        self._band = 0
        self._layout = stack_chunks(stack)
        self.most_kept_bytes = _most_kept_bytes(plan)
        """Bytes of used chunks that stay; more stay while tiles ahead need them."""
        self.threads = max(2, min(_MOST_THREADS, usable_cpus() // 2))
        """Number of threads that read."""

    @property
    def reads_blocks_once(self) -> bool:
        """Whether chunks are whole blocks, so that GDAL need not keep what it has decoded."""
        return self._layout is not None

    def tiles(
        self,
        start: int,
        stop: int | None,
        least_ahead: int,
        room: Callable[[Tile], UInt8Array] | None = None,
    ) -> Generator[tuple[Tile, Read], None, None]:
        """Yield each tile with its pixels, or with the reason why they cannot be read.

        Args:
            start: index of the first tile.
            stop: index after the last tile; None is the end of the plan.
            least_ahead: tiles that are read ahead in any case.
            room: returns the array (T, 3, rows, cols) that receives the image of a tile; None
                leaves the image where it is.
        """
        layout = self._layout
        with ThreadPoolExecutor(self.threads, "read") as readers:
            try:
                for tile in self._plan.between(start, stop):
                    self._upcoming.append((tile, self._claim(tile, layout, readers)))
                    while len(self._upcoming) > least_ahead and self._is_far_ahead:
                        yield self._next(room)
                while self._upcoming:
                    yield self._next(room)
            except BaseException:
                with hold_interruptions():
                    readers.shutdown(wait=False, cancel_futures=True)
                    self._stack.stop_reading()
                raise
            finally:
                # A second interruption must not leave threads that read closed rasters.
                with hold_interruptions():
                    readers.shutdown(cancel_futures=True)

    @property
    def _is_far_ahead(self) -> bool:
        return (
            self._ahead_bytes >= _AHEAD_BYTES
            or self._ahead_bytes + self._kept_bytes >= _AHEAD_BYTES + self.most_kept_bytes
            or len(self._upcoming) >= _MOST_AHEAD
        )

    def _claim(
        self, tile: Tile, layout: ChunkGrid | None, readers: ThreadPoolExecutor
    ) -> list[_Chunk]:
        """Return the chunks of a tile; those that are not there are read."""
        window = tile.window.shifted(*self._origin)
        claimed = []
        for place in [window] if layout is None else layout.covering(window):
            chunk = self._chunks.get(place)
            if chunk is None:
                # An interrupted start of a thread would leave it out of the final join.
                with hold_interruptions():
                    pixels = readers.submit(self._read, place)
                size_bytes = place.rows * place.cols * 3 * len(self._stack.dates)
                chunk = self._chunks[place] = _Chunk(place, pixels, size_bytes)
                self._ahead_bytes += size_bytes
            chunk.users += 1
            claimed.append(chunk)
        return claimed

    def _next(self, room: Callable[[Tile], UInt8Array] | None) -> tuple[Tile, Read]:
        tile, chunks = self._upcoming.popleft()
        if tile.band != self._band:
            self._forget_above(tile)
        window = tile.window.shifted(*self._origin)
        image = None if room is None else room(tile)
        try:
            read: Read = _cut(window, [chunk.pixels.result() for chunk in chunks], image)
        except Cancelled:
            raise
        except (MTRSGeoError, OSError):
            read = self._read_again(window)
            if isinstance(read, StackWindow):
                read = _cut(window, [read], image)
        below = self._first_row(tile.band + 1)
        for chunk in chunks:
            self._release(chunk, below)
        return tile, read

    def _release(self, chunk: _Chunk, below: int | None) -> None:
        """Forget a chunk that no tile ahead needs, unless the next band does and there is room."""
        chunk.users -= 1
        if not chunk.is_used:
            chunk.is_used = True
            self._ahead_bytes -= chunk.size_bytes
            self._kept_bytes += chunk.size_bytes
        is_needed = below is not None and chunk.window.row_stop > below
        if not chunk.users and not (is_needed and self._kept_bytes <= self.most_kept_bytes):
            self._forget(chunk)

    def _forget(self, chunk: _Chunk) -> None:
        self._kept_bytes -= chunk.size_bytes
        del self._chunks[chunk.window]

    def _forget_above(self, tile: Tile) -> None:
        """Forget what was kept for a band of which some tiles are left out."""
        self._band = tile.band
        first = self._first_row(tile.band)
        assert first is not None
        for chunk in list(self._chunks.values()):
            if not chunk.users and chunk.window.row_stop <= first:
                self._forget(chunk)

    def _first_row(self, band: int) -> int | None:
        """Return the first row of a band on the stack's grid; None after the last."""
        starts = self._plan.row_starts
        return starts[band] + self._origin[0] if band < len(starts) else None

    def _read(self, window: Window) -> StackWindow:
        with self._timings.measure("read"):
            if self._failures.are_allowed:
                # The whole files were not checked, see `Scene`.
                self._stack.check_files(window)
            found = self._stack.read(window)
        return replace(found, valid=_all_valid(found.valid.shape)) if found.is_all_valid else found

    def _read_again(self, window: Window) -> Read:
        """Return the pixels of a tile, or why they cannot be read; not all of a chunk may fail."""
        for attempt in range(_READ_ATTEMPTS):
            try:
                return self._read(window)
            except Cancelled:
                raise
            except (MTRSGeoError, OSError) as error:
                if attempt + 1 == _READ_ATTEMPTS:
                    return error
        raise AssertionError


def _cut(window: Window, chunks: list[StackWindow], image: UInt8Array | None = None) -> StackWindow:
    """Return the pixels of a window that chunks cover.

    Args:
        window: pixels of the grid.
        chunks: cover the window.
        image: receives the pixels; without it they are a view if one chunk covers the window.
    """
    first = chunks[0]
    if len(chunks) == 1:
        rows, cols = window.shifted(-first.window.row, -first.window.col).slices
        found = first.image[..., rows, cols]
        if image is not None:
            image[:] = found
        return StackWindow(found if image is None else image, first.valid[rows, cols], window)
    if image is None:
        image = np.empty((*first.image.shape[:2], *window.shape), np.uint8)
    is_valid = all(chunk.is_all_valid for chunk in chunks)
    valid = _all_valid(window.shape) if is_valid else np.empty(window.shape, np.bool_)
    for chunk in chunks:
        shared = window.intersection(chunk.window)
        to = shared.shifted(-window.row, -window.col).slices
        source = shared.shifted(-chunk.window.row, -chunk.window.col).slices
        image[..., *to] = chunk.image[..., *source]
        if not is_valid:
            valid[to] = chunk.valid[source]
    return StackWindow(image, valid, window)


def _most_kept_bytes(plan: TilePlan) -> int:
    """Return how many bytes of chunks are kept for the next band.

    The rows that two bands of tiles share grow with the width of the raster.  Less is kept in
    return, so that memory does not grow.
    """
    shared_rows = plan.tile_shape[0] - min(plan.final_rows)
    shared_bytes = shared_rows * plan.grid.shape[1] * _BYTES_PER_SHARED_PIXEL
    least = min(_LEAST_KEPT_BYTES, _KEPT_BYTES)
    return max(least, _KEPT_BYTES - max(0, shared_bytes - _ROW_BYTES))


def _all_valid(shape: tuple[int, int]) -> BoolArray:
    """Return an array (rows, cols) of true, with one element in memory."""
    return np.broadcast_to(np.True_, shape)
