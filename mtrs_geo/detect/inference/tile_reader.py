"""Reads the tiles of a plan ahead of the model, through chunks that are whole blocks of a file.

A block is decoded once for all tiles that touch it, in as far as memory allows: chunks that the
next band of tiles needs are kept up to a fixed number of bytes.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from mtrs_geo.detect.inference.stack_chunks import stack_chunks
from mtrs_geo.detect.inference.tile_failures import TileFailures
from mtrs_geo.detect.inference.timings import Timings
from mtrs_geo.errors import Cancelled, MTRSGeoError
from mtrs_geo.grid import Window
from mtrs_geo.interruption import hold_interruptions
from mtrs_geo.io.stack import RasterStack, StackWindow
from mtrs_geo.tiles.chunks import ChunkGrid
from mtrs_geo.tiles.plan import Tile, TilePlan

__all__ = ["Read", "TileReader"]

_READ_ATTEMPTS = 2
_AHEAD_BYTES = 24 << 20
"""Chunks that are read before a tile needs them."""
_KEPT_BYTES = 48 << 20
"""Chunks that are kept for the next band of tiles."""
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
    is_kept: bool = False
    """Whether it stays for the next band."""


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
        self.threads = max(2, min(_MOST_THREADS, (os.cpu_count() or 1) // 2))
        """Number of threads that read."""

    @property
    def reads_blocks_once(self) -> bool:
        """Whether chunks are whole blocks, so that GDAL need not keep what it has decoded."""
        return self._layout is not None

    def tiles(
        self, start: int, stop: int | None, least_ahead: int
    ) -> Generator[tuple[Tile, Read], None, None]:
        """Yield each tile with its pixels, or with the reason why they cannot be read.

        Args:
            start: index of the first tile.
            stop: index after the last tile; None is the end of the plan.
            least_ahead: tiles that are read ahead in any case.
        """
        layout = self._layout
        with ThreadPoolExecutor(self.threads, "read") as readers:
            try:
                for tile in self._plan.between(start, stop):
                    self._upcoming.append((tile, self._claim(tile, layout, readers)))
                    while len(self._upcoming) > least_ahead and self._is_far_ahead:
                        yield self._next()
                while self._upcoming:
                    yield self._next()
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
        return self._ahead_bytes >= _AHEAD_BYTES or len(self._upcoming) >= _MOST_AHEAD

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

    def _next(self) -> tuple[Tile, Read]:
        tile, chunks = self._upcoming.popleft()
        if tile.band != self._band:
            self._forget_above(tile)
        window = tile.window.shifted(*self._origin)
        try:
            read: Read = _cut(window, [chunk.pixels.result() for chunk in chunks])
        except Cancelled:
            raise
        except (MTRSGeoError, OSError):
            read = self._read_again(window)
        below = self._first_row(tile.band + 1)
        for chunk in chunks:
            self._release(chunk, below)
        return tile, read

    def _release(self, chunk: _Chunk, below: int | None) -> None:
        """Forget a chunk that no tile ahead needs, unless the next band does and there is room."""
        chunk.users -= 1
        if chunk.users:
            return
        if not chunk.is_kept:
            self._ahead_bytes -= chunk.size_bytes
            is_needed = below is not None and chunk.window.row_stop > below
            if is_needed and self._kept_bytes + chunk.size_bytes <= _KEPT_BYTES:
                chunk.is_kept = True
                self._kept_bytes += chunk.size_bytes
                return
        elif below is not None and chunk.window.row_stop > below:
            return
        else:
            self._kept_bytes -= chunk.size_bytes
        del self._chunks[chunk.window]

    def _forget_above(self, tile: Tile) -> None:
        """Forget what was kept for a band of which some tiles are left out."""
        self._band = tile.band
        first = self._first_row(tile.band)
        assert first is not None
        for chunk in list(self._chunks.values()):
            if chunk.is_kept and not chunk.users and chunk.window.row_stop <= first:
                self._kept_bytes -= chunk.size_bytes
                del self._chunks[chunk.window]

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
        if not found.valid.all():
            return found
        return replace(found, valid=np.broadcast_to(np.True_, found.valid.shape))

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


def _cut(window: Window, chunks: list[StackWindow]) -> StackWindow:
    """Return the pixels of a window that chunks cover; a view if one covers it."""
    first = chunks[0]
    if len(chunks) == 1:
        rows, cols = window.shifted(-first.window.row, -first.window.col).slices
        return StackWindow(first.image[..., rows, cols], first.valid[rows, cols], window)
    image = np.empty((*first.image.shape[:2], *window.shape), np.uint8)
    valid = np.empty(window.shape, np.bool_)
    for chunk in chunks:
        shared = window.intersection(chunk.window)
        to = shared.shifted(-window.row, -window.col).slices
        source = shared.shifted(-chunk.window.row, -chunk.window.col).slices
        image[..., *to] = chunk.image[..., *source]
        valid[to] = chunk.valid[source]
    return StackWindow(image, valid, window)
