"""Tiled inference: reads tiles, runs the model and stitches the answers, as one stream.

Reading, the model and writing work at the same time, in threads with bounded queues between them:
reader threads decode chunks, one thread makes batches of them, one runs the model, and the thread
of the caller stitches, vectorizes and writes.  Memory holds a few batches, chunks of a fixed number
of bytes and the rows that two bands of tiles share, whatever the size of the raster.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field

import numpy as np

from mtrs_geo.detect.inference.compared_pixels import ComparedPixels
from mtrs_geo.detect.inference.dated_prediction import predict_dates
from mtrs_geo.detect.inference.familiar_tiles import FamiliarTiles
from mtrs_geo.detect.inference.run_ahead import RunAhead
from mtrs_geo.detect.inference.saved_run import SavedRun
from mtrs_geo.detect.inference.tile_failures import TileFailures
from mtrs_geo.detect.inference.tile_reader import Read, TileReader
from mtrs_geo.detect.inference.timings import Timings
from mtrs_geo.errors import Cancelled, ModelError, OutputError
from mtrs_geo.io.aoi import AreaOfInterest
from mtrs_geo.io.stack import RasterStack, StackWindow
from mtrs_geo.ledger import TileAnswer
from mtrs_geo.models import ChangeSegmenter, Query
from mtrs_geo.progress import Progress
from mtrs_geo.tiles.mosaic import Block, Mosaic
from mtrs_geo.tiles.plan import Tile, TilePlan
from mtrs_geo.types import BoolArray, FloatArray, UInt8Array

__all__ = ["TiledInference"]

_BATCHES_AHEAD = 1
"""Batches that wait for the model, and for writing, beside those in work."""


@dataclass(frozen=True)
class _ReadTile:
    tile: Tile
    read: Read
    unfamiliar: BoolArray | None
    """See `FamiliarTiles.measure`."""


@dataclass(frozen=True)
class _Batch:
    tiles: list[_ReadTile]
    images: UInt8Array
    """(B or more, T, 3, rows, cols); what was not read holds any values."""


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
    elsewhere: Callable[[int], Generator[Sequence[TileAnswer], None, None]] | None = None
    """Answers the tiles from an index on in other processes, in order, batch by batch; None answers
    them here."""
    damage_elsewhere: tuple[str, ...] = ()
    """Messages about damage that reads of other processes have shown."""
    compared: ComparedPixels = field(default_factory=ComparedPixels)
    """Receives the blocks."""
    answered: int = 0
    """Number of tiles that this run has answered; a run that goes on leaves out the earlier."""
    _most_together: int | None = None
    """Tiles per forward pass that fit into memory, once a batch did not."""
    _is_stopping: bool = False
    _is_recorded: bool = True
    """Whether the ledger has all answers that were taken from the model."""

    def __post_init__(self) -> None:
        self.reader = TileReader(self.stack, self.plan, self.origin, self.failures, self.timings)

    @property
    def layers(self) -> int:
        """Number of layers of a block."""
        return len(self.pairs) * len(self.prompts)

    @property
    def tiles_together(self) -> int:
        """Most tiles per forward pass: the batch size, or what fitted into memory."""
        return self._most_together or self.batch_size

    def asked_layers(self) -> list[int]:
        """Return the layers of a block whose prompts are asked."""
        if self.asked is None:
            return list(range(self.layers))
        count = len(self.prompts)
        return [pair * count + i for pair, asked in enumerate(self.asked) for i in asked]

    def few_compared(self, area: AreaOfInterest | None) -> list[str]:
        """Return a warning if nothing, or less than half of the pixels, was compared."""
        return self.compared.warnings(
            area,
            is_all_skipped=self.skipped == len(self.plan),
            has_failures=bool(self.failures.reasons),
        )

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
            self._take(mosaic, answer)
            yield from self._finished(mosaic, saved)
            self.progress.advance()
        with self.timings.measure("tiles"):
            yield from self._new_blocks(mosaic, saved)
        yield from self._timed_blocks(mosaic.finish())

    def answers(
        self, start: int, stop: int | None = None
    ) -> Generator[Sequence[TileAnswer], None, None]:
        """Read tiles and yield their answers, batch by batch; the model works in this thread.

        Args:
            start: index of the first tile; it begins a batch.
            stop: index after the last tile; None is the end of the plan.

        Raises:
            MTRSGeoError: if more tiles fail than may.
        """
        batches = RunAhead(
            self._batches(start, stop), most=_BATCHES_AHEAD, name="batches", timings=self.timings,
            waits=("wait for reading", "wait for the model to read"),
        )  # fmt: skip
        try:
            for batch in batches:
                if self._is_stopping:
                    return
                yield self._predict_batch(batch)
        finally:
            batches.stop()

    def _new_blocks(self, mosaic: Mosaic, saved: SavedRun) -> Iterator[Block]:
        """Yield the blocks of the tiles that are not answered yet."""
        self._check_cancelled()
        if self.elsewhere is not None:
            with closing(self.elsewhere(mosaic.next_index)) as found:
                yield from self._stitched(found, mosaic, saved)
            return
        answered = RunAhead(
            self.answers(mosaic.next_index), most=_BATCHES_AHEAD, name="model",
            timings=self.timings, waits=("wait for the model", "wait for writing"),
        )  # fmt: skip
        try:
            yield from self._stitched(answered, mosaic, saved)
        finally:
            # Threads must end before the caller closes the rasters, also after an exception.
            self._is_stopping = True
            left = answered.stop(self.stack.stop_reading)
            if self._is_recorded:
                self._record_rest(left, saved)

    def _stitched(
        self, batches: Iterable[Sequence[TileAnswer]], mosaic: Mosaic, saved: SavedRun
    ) -> Iterator[Block]:
        """Record the answers of batches, and yield the blocks that they make final."""
        for answers in batches:
            self._is_recorded = False
            with self.timings.measure("save state"):
                saved.record(answers)
            self._is_recorded = True
            self._check_cancelled()
            for answer in answers:
                with self.timings.measure("stitch"):
                    self._take(mosaic, answer)
                yield from self._finished(mosaic, saved)
            self.answered += len(answers)
            self.progress.advance(len(answers))

    def _check_cancelled(self) -> None:
        if self.progress.cancelled:
            msg = "the run was cancelled; no output was written"
            raise Cancelled(msg)

    def _record_rest(self, left: Sequence[Sequence[TileAnswer]], saved: SavedRun) -> None:
        """Record what the model has answered until an exception, for the run that goes on."""
        with suppress(OutputError):  # the exception that ends the run says more
            for answers in left:
                saved.record(answers)

    def _take(self, mosaic: Mosaic, answer: TileAnswer) -> None:
        """Add the answer of the next tile to the mosaic and to the counts."""
        tile = mosaic.next_tile
        if tile is None or tile.index != answer.tile:
            msg = f"the state of the run has tile {answer.tile} out of order."
            raise OutputError(msg, advice="Run it again with --overwrite to start over.")
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

    def _predict_batch(self, batch: _Batch) -> list[TileAnswer]:
        """Return the answers of one batch; a tile without valid pixels is left out."""
        answers = {entry.tile.index: TileAnswer(entry.tile.index) for entry in batch.tiles}
        with_data = [
            (entry, entry.read)
            for entry in batch.tiles
            if isinstance(entry.read, StackWindow)
            and (entry.read.is_all_valid or entry.read.valid.any())
        ]
        images = batch.images[: len(batch.tiles)]
        if len(with_data) < len(batch.tiles):
            indices = {entry.tile.index for entry, _ in with_data}
            has_data = [entry.tile.index in indices for entry in batch.tiles]
            images = images[has_data]
        found = {
            entry.tile.index: self._checked(result, window)
            for (entry, window), result in zip(with_data, self._predict_all(images), strict=True)
        }
        for entry in batch.tiles:
            index = entry.tile.index
            result = entry.read if isinstance(entry.read, Exception) else found.get(index)
            if isinstance(result, Exception):
                reason = self.failures.add(entry.tile, result)
                answers[index] = TileAnswer(index, failure=reason)
        for entry, window in with_data:
            index, result = entry.tile.index, found[entry.tile.index]
            if not isinstance(result, Exception):
                valid = None if window.is_all_valid else window.valid
                answers[index] = TileAnswer(index, result, valid, entry.unfamiliar)
        return list(answers.values())

    def _checked(
        self, result: FloatArray | Exception, window: StackWindow
    ) -> FloatArray | Exception:
        """Return the answer of a tile, or an error if a pixel with data has none.

        Such pixels would become nodata, and the run would find nothing there.
        """
        if isinstance(result, Exception) or not np.isnan(result).any():
            return result
        missing = np.isnan(result[self.asked_layers()]) & window.valid
        if not missing.any():
            return result
        name, pixels = self.segmenter.info.name, int(missing.any(0).sum())
        msg = f"the model {name} answers NaN at {pixels:,} of {int(window.valid.sum()):,} pixels "
        msg += "of a tile."
        return ModelError(msg, advice="Use float32, another device, or other weights.")

    def _predict_all(self, images: UInt8Array) -> list[FloatArray | Exception]:
        """Return the probabilities of tiles, in smaller batches if the memory is full."""
        if not len(images):
            return []
        most = self._most_together or len(images)
        try:
            if len(images) <= most:
                with self.timings.measure("model"):
                    return list(self._predict(images))
        except (MemoryError, RuntimeError) as error:
            if not _is_out_of_memory(error):
                raise
            if len(images) == 1:
                return [error]
            most = self._most_together = len(images) // 2
        parts = [images[i : i + most] for i in range(0, len(images), most)]
        return [answer for part in parts for answer in self._predict_all(part)]

    def _predict(self, images: np.ndarray) -> FloatArray:
        """Return probabilities (B, layers, rows, cols); NaN for prompts that are not asked."""
        every = range(len(self.prompts))
        asked = [every for _ in self.pairs] if self.asked is None else self.asked
        return predict_dates(self.segmenter, images, self.pairs, self.prompts, asked)

    def _batches(self, start: int, stop: int | None) -> Generator[_Batch, None, None]:
        """Yield the pixels of batches of tiles."""
        batch = upcoming = self._new_batch()

        def room(tile: Tile) -> UInt8Array:
            """Return where the image of the next tile belongs."""
            nonlocal upcoming
            # A batch ends with its band, as those of a cluster do: the sums are the same.
            if batch.tiles and tile.band != batch.tiles[0].tile.band:
                upcoming = self._new_batch()
            place: UInt8Array = upcoming.images[len(upcoming.tiles)]
            return place

        with closing(self.reader.tiles(start, stop, 2 * self.batch_size, room)) as tiles:
            for tile, read in tiles:
                if upcoming is not batch:
                    yield batch
                    batch = upcoming
                unfamiliar = None
                if isinstance(read, StackWindow):
                    with self.timings.measure("familiarity"):
                        unfamiliar = self.familiar_tiles.measure(read)
                batch.tiles.append(_ReadTile(tile, read, unfamiliar))
                if len(batch.tiles) == self.batch_size:
                    yield batch
                    batch = upcoming = self._new_batch()
        if batch.tiles:
            yield batch

    def _new_batch(self) -> _Batch:
        shape = self.batch_size, len(self.stack.sources), 3, *self.plan.tile_shape
        return _Batch([], np.empty(shape, np.uint8))


def _is_out_of_memory(error: Exception) -> bool:
    """Return whether an error of the model says that memory is full."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or "out of memory" in text or "t allocate memory" in text
