"""Tiled inference: reads tiles, runs the model and stitches the answers, as one stream.

Reader threads work ahead with a bounded queue.  Memory holds a few tiles and the rows that
two bands of tiles share, whatever the size of the raster.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeAlias

import numpy as np

from mtrs_geo.detect.inference.dated_prediction import predict_dates
from mtrs_geo.detect.inference.familiar_tiles import FamiliarTiles
from mtrs_geo.detect.inference.saved_run import SavedRun
from mtrs_geo.detect.inference.tile_failures import TileFailures
from mtrs_geo.errors import Cancelled, MTRSGeoError, OutputError
from mtrs_geo.interruption import hold_interruptions
from mtrs_geo.io.stack import RasterStack, StackWindow
from mtrs_geo.ledger import TileAnswer
from mtrs_geo.models import ChangeSegmenter, Query
from mtrs_geo.progress import Progress
from mtrs_geo.tiles.mosaic import Block, Mosaic
from mtrs_geo.tiles.plan import Tile, TilePlan
from mtrs_geo.types import FloatArray

__all__ = ["TiledInference", "Timings"]

_READER_THREADS = 2
_READ_ATTEMPTS = 2

Read: TypeAlias = StackWindow | Exception
"""The pixels of a tile, or why they cannot be read."""


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

    Each block has one layer per pair of dates and prompt: layer ``pair * len(prompts) + i``
    answers prompt i.
    """

    stack: RasterStack
    plan: TilePlan
    origin: tuple[int, int]
    """(row, col) of the plan's grid within the stack's grid."""
    segmenter: ChangeSegmenter
    prompts: Sequence[Query]
    batch_size: int
    progress: Progress
    familiar_tiles: FamiliarTiles
    """Measures the tiles."""
    failures: TileFailures
    """Receives the tiles that fail."""
    timings: Timings = field(default_factory=Timings)
    skipped: int = 0
    """Number of tiles without a pixel that is valid at every date."""
    asked: Sequence[Sequence[int]] | None = None
    """Indices of the prompts that are asked for each pair; None asks all. The layers of others
    are NaN."""
    pairs: Sequence[tuple[int, int]] = ((0, 1),)
    """Indices of the dates that are compared, sorted."""

    @property
    def layers(self) -> int:
        """Number of layers of a block."""
        return len(self.pairs) * len(self.prompts)

    def state(self) -> dict[str, np.ndarray]:
        """Return the count of the skipped tiles, for `restore`."""
        return {"skipped": np.array(self.skipped)}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on after the tiles of a `state`."""
        self.skipped = int(state["skipped"])

    def blocks(self, mosaic: Mosaic, saved: SavedRun) -> Generator[Block, None, None]:
        """Yield blocks of the probability raster in reading order, as they become final.

        Args:
            mosaic: blends the tiles; those before its next tile are done.
            saved: gives the answers of an earlier run, and keeps those of this one.

        Raises:
            Cancelled: if the caller cancelled the run.
            MTRSGeoError: if more tiles fail than may.
        """
        self.progress.start(len(self.plan), "tiles")
        # An area of interest may begin below the first band.
        yield from self._timed_blocks(mosaic.ready())
        self.progress.advance(mosaic.next_index)
        for answer in saved.answers():
            tile = mosaic.next_tile
            if tile is None or tile.index != answer.tile:
                msg = f"the state of the run has tile {answer.tile} out of order."
                raise OutputError(msg, advice="Run it again with --overwrite to begin anew.")
            self._take(mosaic, tile, answer)
            yield from self._finished(mosaic, saved)
            self.progress.advance()
        # Reader threads must end before the caller closes the rasters, also after an exception.
        with closing(self._batches(mosaic.next_index)) as batches:
            for batch in batches:
                if self.progress.cancelled:
                    msg = "the run was cancelled; no output was written"
                    raise Cancelled(msg)
                answers = self._predict_batch(batch)
                with self.timings.measure("save state"):
                    saved.record(answers)
                with self.timings.measure("stitch"):
                    for (tile, _), answer in zip(batch, answers, strict=True):
                        self._take(mosaic, tile, answer)
                yield from self._finished(mosaic, saved)
                self.progress.advance(len(batch))
        yield from self._timed_blocks(mosaic.finish())

    def _take(self, mosaic: Mosaic, tile: Tile, answer: TileAnswer) -> None:
        """Add the answer of one tile to the mosaic and to the counts."""
        if answer.probability is None:
            mosaic.skip(tile)
            self.skipped += not answer.failure
            return
        valid = np.ones(tile.window.shape, np.bool_) if answer.valid is None else answer.valid
        mosaic.add(tile, answer.probability, valid)
        self.familiar_tiles.add(tile, answer.unfamiliar)

    def _finished(self, mosaic: Mosaic, saved: SavedRun) -> Iterator[Block]:
        """Yield the blocks that became final, and save the state after a band."""
        yield from self._timed_blocks(mosaic.ready())
        if mosaic.is_between_bands:
            with self.timings.measure("save state"):
                saved.band_done(mosaic.next_index)

    def _timed_blocks(self, blocks: Iterator[Block]) -> Iterator[Block]:
        while True:
            with self.timings.measure("stitch"):
                block = next(blocks, None)
            if block is None:
                return
            yield block

    def _predict_batch(self, batch: Sequence[tuple[Tile, Read]]) -> list[TileAnswer]:
        """Return the answers of one batch; a tile without valid pixels is left out."""
        windows = [(tile, read) for tile, read in batch if isinstance(read, StackWindow)]
        with_data = [(tile, window) for tile, window in windows if window.valid.any()]
        answers = {tile.index: TileAnswer(tile.index) for tile, _ in batch}
        for tile, read in batch:
            if isinstance(read, Exception):
                reason = self.failures.add(tile, read)
                answers[tile.index] = TileAnswer(tile.index, failure=reason)
        for (tile, window), found in zip(with_data, self._predict_all(with_data), strict=True):
            if isinstance(found, Exception):
                reason = self.failures.add(tile, found)
                answers[tile.index] = TileAnswer(tile.index, failure=reason)
                continue
            with self.timings.measure("familiarity"):
                unfamiliar = self.familiar_tiles.measure(window)
            valid = None if window.valid.all() else window.valid
            answers[tile.index] = TileAnswer(tile.index, found, valid, unfamiliar)
        return list(answers.values())

    def _predict_all(
        self, tiles: Sequence[tuple[Tile, StackWindow]]
    ) -> Sequence[FloatArray | Exception]:
        """Return the probabilities of tiles, in smaller batches if the memory is full."""
        if not tiles:
            return []
        try:
            with self.timings.measure("model"):
                return list(self._predict(np.stack([window.image for _, window in tiles])))
        except (MemoryError, RuntimeError) as error:
            if not _is_out_of_memory(error):
                raise
            if len(tiles) == 1:
                return [error]
        half = len(tiles) // 2
        return [*self._predict_all(tiles[:half]), *self._predict_all(tiles[half:])]

    def _predict(self, images: np.ndarray) -> FloatArray:
        """Return probabilities (B, layers, rows, cols); NaN for prompts that are not asked."""
        every = range(len(self.prompts))
        asked = [every for _ in self.pairs] if self.asked is None else self.asked
        return predict_dates(self.segmenter, images, self.pairs, self.prompts, asked)

    def _batches(self, start: int) -> Generator[list[tuple[Tile, Read]], None, None]:
        batch: list[tuple[Tile, Read]] = []
        with closing(self._read(start)) as tiles:
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

    def _read(self, start: int) -> Generator[tuple[Tile, Read], None, None]:
        read_ahead = 2 * self.batch_size + _READER_THREADS
        pending: deque[tuple[Tile, Future[Read]]] = deque()
        with ThreadPoolExecutor(_READER_THREADS, "read") as readers:
            try:
                for tile in islice(self.plan.tiles, start, None):
                    # An interrupted start of a thread would leave it out of the final join.
                    with hold_interruptions():
                        pending.append((tile, readers.submit(self._read_tile, tile)))
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

    def _read_tile(self, tile: Tile) -> Read:
        """Return the pixels of a tile, or why they cannot be read, after a second attempt."""
        window = tile.window.shifted(*self.origin)
        for attempt in range(_READ_ATTEMPTS):
            try:
                if self.failures.are_allowed:
                    # The whole files were not checked, see `Scene`.
                    self.stack.check_files(window)
                return self.stack.read(window)
            except Cancelled:
                raise
            except (MTRSGeoError, OSError) as error:
                if attempt + 1 == _READ_ATTEMPTS:
                    return error
        raise AssertionError

    def _next(self, pending: deque[tuple[Tile, Future[Read]]]) -> tuple[Tile, Read]:
        tile, window = pending.popleft()
        with self.timings.measure("wait for reading"):
            return tile, window.result()


def _is_out_of_memory(error: Exception) -> bool:
    """Return whether an error of the model says that memory is full."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or "out of memory" in text or "t allocate memory" in text
