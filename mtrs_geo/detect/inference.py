"""Tiles to probability: reading, model and stitching as one stream.

Readers work ahead in threads with a bounded queue, so memory is that of a few tiles
and of the rows that two bands of tiles share, whatever the size of the raster.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from mtrs_geo.errors import Cancelled
from mtrs_geo.io.stack import Patch, RasterStack
from mtrs_geo.models import ChangeSegmenter
from mtrs_geo.progress import Progress
from mtrs_geo.tiles.mosaic import Mosaic, Part
from mtrs_geo.tiles.plan import Tile, TilePlan
from mtrs_geo.types import FloatArray

__all__ = ["Clock", "Corridor"]

_READERS = 2


@dataclass
class Clock:
    """Wall seconds by part of a run."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def time(self, part: str) -> Iterator[None]:
        """Add the time spent inside to ``part``."""
        began = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - began
            self.seconds[part] = self.seconds.get(part, 0.0) + spent


@dataclass
class Corridor:
    """One pass over a plan.

    The layers of its parts are, for every pair of neighbouring dates, one a text:
    layer ``pair * len(texts) + i`` answers text i.
    """

    stack: RasterStack
    plan: TilePlan
    origin: tuple[int, int]
    """(row, col) of the plan's grid on the stack's grid."""
    segmenter: ChangeSegmenter
    texts: Sequence[str]
    batch_size: int
    progress: Progress
    clock: Clock = field(default_factory=Clock)
    skipped: int = 0
    """Tiles without a pixel that is valid at every date."""

    @property
    def pairs(self) -> int:
        """Number of pairs of neighbouring dates."""
        return len(self.stack.dates) - 1

    @property
    def layers(self) -> int:
        """Number of layers of the parts."""
        return self.pairs * len(self.texts)

    def parts(self) -> Iterator[Part]:
        """Yield parts of the probability, in reading order, as they become final.

        Raises:
            Cancelled: if the caller asked to stop.
        """
        mosaic = Mosaic(self.plan, self.layers)
        self.progress.start(len(self.plan), "tiles")
        # An area of interest may begin below the first band.
        yield from self._timed(mosaic.ready())
        for batch in self._batches():
            if self.progress.cancelled:
                msg = "the run was cancelled; no output was written"
                raise Cancelled(msg)
            self._answer(batch, mosaic)
            yield from self._timed(mosaic.ready())
            self.progress.advance(len(batch))
        yield from self._timed(mosaic.finish())

    def _timed(self, parts: Iterator[Part]) -> Iterator[Part]:
        while True:
            with self.clock.time("stitch"):
                found = next(parts, None)
            if found is None:
                return
            yield found

    def _answer(self, batch: list[tuple[Tile, Patch]], mosaic: Mosaic) -> None:
        full = [(tile, patch) for tile, patch in batch if patch.valid.any()]
        self.skipped += len(batch) - len(full)
        if full:
            with self.clock.time("model"):
                answers = self._predict(np.stack([patch.image for _, patch in full]))
        with self.clock.time("stitch"):
            for tile, patch in batch:
                if not patch.valid.any():
                    mosaic.skip(tile)
            for i, (tile, patch) in enumerate(full):
                mosaic.add(tile, answers[i], patch.valid)

    def _predict(self, images: np.ndarray) -> FloatArray:
        if self.pairs == 1:
            return self.segmenter.predict_tiles(images, self.texts)
        return np.concatenate(
            [
                self.segmenter.predict_tiles(images[:, pair : pair + 2], self.texts)
                for pair in range(self.pairs)
            ],
            axis=1,
        )

    def _batches(self) -> Iterator[list[tuple[Tile, Patch]]]:
        batch: list[tuple[Tile, Patch]] = []
        for tile, patch in self._read():
            # A band ends its batch: rows become final as early as they can.
            if batch and tile.band != batch[0][0].band:
                yield batch
                batch = []
            batch.append((tile, patch))
            if len(batch) == self.batch_size:
                yield batch
                batch = []
        if batch:
            yield batch

    def _read(self) -> Iterator[tuple[Tile, Patch]]:
        ahead = 2 * self.batch_size + _READERS
        waiting: deque[tuple[Tile, Future[Patch]]] = deque()
        with ThreadPoolExecutor(_READERS, "read") as readers:
            try:
                for tile in self.plan.tiles:
                    window = tile.window.shifted(*self.origin)
                    waiting.append((tile, readers.submit(self.stack.read, window)))
                    if len(waiting) > ahead:
                        yield self._next(waiting)
                while waiting:
                    yield self._next(waiting)
            finally:
                readers.shutdown(cancel_futures=True)

    def _next(self, waiting: deque[tuple[Tile, Future[Patch]]]) -> tuple[Tile, Patch]:
        tile, patch = waiting.popleft()
        with self.clock.time("wait for reading"):
            return tile, patch.result()
