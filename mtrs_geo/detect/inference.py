"""Tiled inference: reads tiles, runs the model and stitches the answers, as one stream.

Reader threads work ahead with a bounded queue.  Memory holds a few tiles and the rows that
two bands of tiles share, whatever the size of the raster.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import numpy as np

from mtrs_geo.detect.familiar_tiles import FamiliarTiles
from mtrs_geo.errors import Cancelled
from mtrs_geo.interruption import hold_interruptions
from mtrs_geo.io.stack import RasterStack, StackWindow
from mtrs_geo.models import ChangeSegmenter, Query
from mtrs_geo.progress import Progress
from mtrs_geo.tiles.mosaic import Block, Mosaic
from mtrs_geo.tiles.plan import Tile, TilePlan
from mtrs_geo.types import FloatArray

__all__ = ["TiledInference", "Timings"]

_READER_THREADS = 2


@dataclass
class Timings:
    """Wall-clock seconds per stage of a run."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Add the time spent in the block to ``stage``."""
        start = time.perf_counter()
        try:
            yield
        finally:
            elapsed = time.perf_counter() - start
            self.seconds[stage] = self.seconds.get(stage, 0.0) + elapsed


@dataclass
class TiledInference:
    """One pass of a model over a tile plan.

    Each block has one layer per pair of neighbouring dates and prompt: layer
    ``pair * len(prompts) + i`` answers prompt i.
    """

    stack: RasterStack
    plan: TilePlan
    origin: tuple[int, int]
    """(row, col) of the plan's grid within the stack's grid."""
    segmenter: ChangeSegmenter
    prompts: Sequence[Query]
    batch_size: int
    progress: Progress
    timings: Timings = field(default_factory=Timings)
    skipped: int = 0
    """Number of tiles without a pixel that is valid at every date."""
    asked: Sequence[Sequence[int]] | None = None
    """Indices of the prompts that are asked for each pair; None asks all. The layers of others
    are NaN."""
    familiar_tiles: FamiliarTiles | None = None
    """Measures the tiles; None measures none."""

    @property
    def pairs(self) -> int:
        """Number of pairs of neighbouring dates."""
        return len(self.stack.dates) - 1

    @property
    def layers(self) -> int:
        """Number of layers of a block."""
        return self.pairs * len(self.prompts)

    def blocks(self) -> Generator[Block, None, None]:
        """Yield blocks of the probability raster in reading order, as they become final.

        Raises:
            Cancelled: if the caller cancelled the run.
        """
        mosaic = Mosaic(self.plan, self.layers)
        self.progress.start(len(self.plan), "tiles")
        # An area of interest may begin below the first band.
        yield from self._timed_blocks(mosaic.ready())
        # Reader threads must end before the caller closes the rasters, also after an exception.
        with closing(self._batches()) as batches:
            for batch in batches:
                if self.progress.cancelled:
                    msg = "the run was cancelled; no output was written"
                    raise Cancelled(msg)
                self._predict_batch(batch, mosaic)
                yield from self._timed_blocks(mosaic.ready())
                self.progress.advance(len(batch))
        yield from self._timed_blocks(mosaic.finish())

    def _timed_blocks(self, blocks: Iterator[Block]) -> Iterator[Block]:
        while True:
            with self.timings.measure("stitch"):
                block = next(blocks, None)
            if block is None:
                return
            yield block

    def _predict_batch(self, batch: list[tuple[Tile, StackWindow]], mosaic: Mosaic) -> None:
        with_data = [(tile, window) for tile, window in batch if window.valid.any()]
        self.skipped += len(batch) - len(with_data)
        probabilities: FloatArray = np.empty(0, np.float32)
        if with_data:
            with self.timings.measure("model"):
                probabilities = self._predict(np.stack([window.image for _, window in with_data]))
        if self.familiar_tiles is not None:
            with self.timings.measure("familiarity"):
                for tile, window in with_data:
                    self.familiar_tiles.measure(tile, window)
        with self.timings.measure("stitch"):
            answers = iter(probabilities)
            for tile, window in batch:
                if window.valid.any():
                    mosaic.add(tile, next(answers), window.valid)
                else:
                    mosaic.skip(tile)

    def _predict(self, images: np.ndarray) -> FloatArray:
        if self.pairs == 1:
            return self._predict_pair(images, 0)
        return np.concatenate(
            [self._predict_pair(images[:, i : i + 2], i) for i in range(self.pairs)], axis=1
        )

    def _predict_pair(self, images: np.ndarray, pair: int) -> FloatArray:
        """Return probabilities (B, N, rows, cols); NaN for prompts that are not asked."""
        count = len(self.prompts)
        wanted = range(count) if self.asked is None else self.asked[pair]
        if len(wanted) == count:
            return self.segmenter.predict_tiles(images, self.prompts)
        found: FloatArray = np.full((len(images), count, *images.shape[-2:]), np.nan, np.float32)
        if wanted:
            prompts = [self.prompts[i] for i in wanted]
            found[:, list(wanted)] = self.segmenter.predict_tiles(images, prompts)
        return found

    def _batches(self) -> Generator[list[tuple[Tile, StackWindow]], None, None]:
        batch: list[tuple[Tile, StackWindow]] = []
        with closing(self._read()) as tiles:
            for tile, window in tiles:
                # The end of a band ends its batch, so that rows become final early.
                if batch and tile.band != batch[0][0].band:
                    yield batch
                    batch = []
                batch.append((tile, window))
                if len(batch) == self.batch_size:
                    yield batch
                    batch = []
        if batch:
            yield batch

    def _read(self) -> Generator[tuple[Tile, StackWindow], None, None]:
        read_ahead = 2 * self.batch_size + _READER_THREADS
        pending: deque[tuple[Tile, Future[StackWindow]]] = deque()
        with ThreadPoolExecutor(_READER_THREADS, "read") as readers:
            try:
                for tile in self.plan.tiles:
                    window = tile.window.shifted(*self.origin)
                    # An interrupted start of a thread would leave it out of the final join.
                    with hold_interruptions():
                        pending.append((tile, readers.submit(self.stack.read, window)))
                    if len(pending) > read_ahead:
                        yield self._next(pending)
                while pending:
                    yield self._next(pending)
            except BaseException:
                with hold_interruptions():
                    readers.shutdown(wait=False, cancel_futures=True)
                    self.stack.stop_reading()
                raise
            finally:
                # A second interruption must not leave threads that read closed rasters.
                with hold_interruptions():
                    readers.shutdown(cancel_futures=True)

    def _next(self, pending: deque[tuple[Tile, Future[StackWindow]]]) -> tuple[Tile, StackWindow]:
        tile, window = pending.popleft()
        with self.timings.measure("wait for reading"):
            return tile, window.result()
