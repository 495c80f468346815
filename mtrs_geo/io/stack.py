"""Read rasters of several dates window by window, aligned on one grid."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import Any, Self, cast

import numpy as np
import numpy.typing as npt
from rasterio.errors import NotGeoreferencedWarning

from mtrs_geo.errors import GridError, RasterError
from mtrs_geo.grid import Grid, Window
from mtrs_geo.io.alignment import in_one_turn, reference_index, run_grid
from mtrs_geo.io.bands import split_bands
from mtrs_geo.io.inputs.arrays import RasterInput
from mtrs_geo.io.inputs.kinds import RasterLike, expand_tiles, is_in_memory, raster_input
from mtrs_geo.io.inputs.tile_lists import TileList, is_path_list
from mtrs_geo.io.inspection.pairing import date_notes, own_dates, pair_warnings
from mtrs_geo.io.paths import distinct_names
from mtrs_geo.io.registration.borders import mirror_border
from mtrs_geo.io.registration.estimate import DateReader, measure_shifts
from mtrs_geo.io.registration.shift import DateShift, Measurement
from mtrs_geo.io.remote.http_options import answer_limit_s
from mtrs_geo.io.remote.network_paths import may_use_network
from mtrs_geo.io.remote.reader_process import ReaderProcess
from mtrs_geo.io.remote.stack_reads import StackReads, keep_files
from mtrs_geo.io.source import describe, open_raster
from mtrs_geo.io.source_reader import OpenedSource, SourceReader, inspect_source
from mtrs_geo.types import BandChoice, BoolArray, GridChoice, StrPath, UInt8Array

__all__ = ["RasterStack", "StackOptions", "StackWindow", "open_stack"]


@dataclass(frozen=True)
class StackOptions:
    """Options of `open_stack`."""

    bands: BandChoice | None = None
    """Band numbers of red, green and blue, for all rasters or per raster; None chooses them."""
    grid: GridChoice = "after"
    """The date whose pixel grid is used."""
    resolution: float | None = None
    """Pixel size in units of the grid's CRS; None keeps that of the date."""
    dates: tuple[str | None, ...] | None = None
    """One ISO date or year per raster; None searches tags and file names."""


@dataclass(frozen=True)
class StackWindow:
    """Pixels of all dates in one window."""

    image: UInt8Array
    """(T, 3, rows, cols); 0 where invalid, mirrored where a corrected date has moved away."""
    valid: BoolArray
    """(rows, cols), true where every date has data."""
    window: Window
    """Position on the grid of the stack."""

    @property
    def is_all_valid(self) -> bool:
        """Whether every pixel is valid; at once if ``valid`` has one element in memory."""
        valid = self.valid[:1, :1] if self.valid.strides == (0, 0) else self.valid
        return bool(valid.all())


def open_stack(
    paths: Sequence[RasterLike], options: StackOptions | None = None, *, skip_damaged: bool = False
) -> RasterStack:
    """Open two or more rasters of one place; only a small sample of pixels is read.

    Rasters that may be on a server are opened and read in a process of their own, which an
    interruption ends.

    Args:
        paths: rasters of any kind of `RasterLike`, earliest first.
        options: bands, grid and dates.
        skip_damaged: fit the stretch without blocks that cannot be read; reading such a block
            still fails.

    Raises:
        RasterError: if a raster cannot be used.
        GridError: if the rasters do not overlap.
    """
    options = options or StackOptions()
    paths = expand_tiles(paths)
    if len(paths) < 2:
        msg = f"a change needs two dates or more, not {len(paths)} raster."
        raise RasterError(msg, advice="Give a raster per date.")
    if options.dates and len(options.dates) != len(paths):
        msg = f"{len(paths)} rasters were given with {len(options.dates)} dates."
        raise RasterError(msg, advice="Give one date per raster.")
    # Tiles on a server are opened by the reader process, too.
    entries = [path if is_path_list(path) else raster_input(path) for path in paths]
    names = [name for entry in entries for name in _names(entry)]
    if not any(map(may_use_network, names)) or any(map(is_in_memory, names)):
        return _open_here(entries, options, skip_damaged)
    process = ReaderProcess(answer_limit_s())
    try:
        stack = process.call(_open_for_good, entries, options, skip_damaged)
    except BaseException:
        process.kill()
        raise
    stack.remote = StackReads(process)
    return stack


def _names(entry: RasterInput | TileList) -> list[str]:
    tiles = entry.tiles if isinstance(entry, TileList) else [entry.path]
    return [os.fspath(cast("StrPath", tile)) for tile in tiles]


def _open_for_good(
    entries: Sequence[RasterInput | TileList], options: StackOptions, skip_damaged: bool
) -> RasterStack:
    """Open rasters in a reader process, which keeps their files in memory."""
    stack = _open_here(entries, options, skip_damaged)
    keep_files(stack.inputs)
    return stack


def _open_here(
    entries: Sequence[RasterInput | TileList], options: StackOptions, skip_damaged: bool
) -> RasterStack:
    """Open rasters in this process."""
    dates: Sequence[object] = options.dates or [None] * len(entries)
    bands = split_bands(options.bands, len(entries))
    with ExitStack() as closing:
        closing.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # refused with advice
        inputs = [raster_input(e) if isinstance(e, TileList) else e for e in entries]
        datasets = [closing.enter_context(open_raster(entry.path)) for entry in inputs]
        names = [
            f"raster {i} in memory" if is_in_memory(dataset.name) else name
            for i, (dataset, name) in enumerate(
                zip(datasets, distinct_names([d.name for d in datasets]), strict=True), 1
            )
        ]
        sources = [
            describe(dataset, numbers, date, entry.mosaic, name)
            for dataset, numbers, date, entry, name in zip(
                datasets, bands, dates, inputs, names, strict=True
            )
        ]
        sources = own_dates(sources, [entry.file for entry in inputs])
        sources = in_one_turn(sources, options.grid)
        grid = run_grid(sources, options.grid, options.resolution)
        found = [
            inspect_source(d, s, grid, skip_damaged=skip_damaged)
            for d, s in zip(datasets, sources, strict=True)
        ]
    reference = reference_index(sources, options.grid)
    stack = RasterStack(grid, tuple(found), pair_warnings(sources, grid), reference)
    stack.inputs = tuple(inputs)
    return stack


@dataclass
class _Handles(threading.local):
    """Open datasets of one thread; threads must not share GDAL datasets."""

    readers: dict[int, SourceReader] = field(default_factory=dict)


class RasterStack:
    """Rasters of several dates on one grid; use it as a context manager.

    Several threads may call ``read`` at the same time.
    """

    def __init__(
        self,
        grid: Grid,
        opened: tuple[OpenedSource, ...],
        pair_warnings: tuple[str, ...] = (),
        reference: int = -1,
    ) -> None:
        self.grid = grid
        self.reference = reference % len(opened)
        """Index of the date whose grid the run uses."""
        self.sources = tuple(entry.source for entry in opened)
        self._pair_warnings = pair_warnings
        self.inputs: tuple[RasterInput, ...] = ()
        """Keep files in memory alive."""
        self._opened = opened
        self._measurements: tuple[Measurement | None, ...] | None = None
        self._is_registered = False
        self._handles = _Handles()
        self._open: list[SourceReader] = []
        self._lock = threading.Lock()
        self.remote: StackReads | None = None
        """Reads in another process, if a raster may be on a server."""

    @property
    def dates(self) -> tuple[str | None, ...]:
        """ISO date, month or year of each raster; None if it is unknown."""
        return tuple(None if s.date is None else s.date.iso for s in self.sources)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Messages about decisions that can be wrong, and rasters that do not fit together.

        Damage that reading has shown so far is among them.
        """
        return (
            *chain.from_iterable(s.warnings for s in self.sources),
            *self._pair_warnings,
            *(self.damage_warnings if self.remote is None else self.remote.warnings),
        )

    @property
    def damage_warnings(self) -> tuple[str, ...]:
        """Messages about damage that reads of this process have shown."""
        return tuple(chain.from_iterable(entry.checks.warnings for entry in self._opened))

    @property
    def notes(self) -> tuple[str, ...]:
        """Messages about how the rasters are read: their masks, and where their dates are from."""
        return (*chain.from_iterable(s.notes for s in self.sources), *date_notes(self.sources))

    @property
    def shifts(self) -> tuple[DateShift, ...]:
        """Shift of each date against that of the grid; measured when first used, then kept."""
        return tuple(
            replace(measured.shift, corrected=self._correction(i) is not None)
            for i, measured in enumerate(self._measured())
            if measured is not None
        )

    def registered(self) -> RasterStack:
        """Return a stack of the same files that reads each date at its corrected position.

        Shifts that are not measured or negligible are not corrected.
        """
        stack = RasterStack(self.grid, self._opened, self._pair_warnings, self.reference)
        stack.inputs = self.inputs
        stack.remote = None if self.remote is None else StackReads()
        with self:
            stack._measurements = self._measured()
        stack._is_registered = True
        return stack

    def read(self, window: Window) -> StackWindow:
        """Return all dates in one window.

        Raises:
            GridError: if the window is not inside the grid.
            RasterError: if the pixels cannot be read.
        """
        if self.grid.window.intersection(window) != window:
            msg = f"{window} extends beyond the grid of {self.grid.shape} pixels."
            raise GridError(msg, advice="Read a window inside the grid.")
        return self._read(window, window.shape)

    def check_files(self, window: Window) -> None:
        """Check that the files of all dates are complete where a window needs them.

        Raises:
            RasterError: if a block of a file is damaged, or a file of a mosaic is missing.
        """
        if self.remote is not None:
            self.remote.check_files(self, window)
        else:
            self.check_files_here(window)

    def check_files_here(self, window: Window) -> None:
        """Check the files of all dates by this process, see `check_files`."""
        grid = self.grid.subgrid(window)
        for entry in self._opened:
            with open_raster(entry.source.path) as dataset:
                entry.checks.check_files(dataset, grid)

    def thumbnail(self, window: Window, longest_px: int) -> StackWindow:
        """Return all dates in one window, with at most ``longest_px`` on the longer side."""
        scale = min(1.0, longest_px / max(window.shape))
        shape = max(1, round(window.rows * scale)), max(1, round(window.cols * scale))
        return self._read(window, shape)

    def stop_reading(self) -> None:
        """Let reads from a server fail at once, also those that wait; `close` ends this."""
        if self.remote is not None:
            self.remote.stop()

    def close(self) -> None:
        """Close the files of all threads."""
        if self.remote is not None:
            self.remote.close()
        with self._lock:
            for reader in self._open:
                reader.close()
            self._open.clear()
            self._handles = _Handles()

    def __enter__(self) -> Self:
        """Return the stack."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close all files."""
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        """Return the state without open files; only data on the disk or a server can be sent."""
        own = ("_handles", "_open", "_lock", "remote", "inputs")
        return {name: value for name, value in vars(self).items() if name not in own}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore the state."""
        vars(self).update(state)
        self.inputs, self.remote = (), None
        self._handles, self._open, self._lock = _Handles(), [], threading.Lock()

    def _read(self, window: Window, shape: tuple[int, int]) -> StackWindow:
        if self.remote is not None:
            return self.remote.read(self, window, shape)
        return self.read_here(window, shape)

    def read_here(self, window: Window, shape: tuple[int, int]) -> StackWindow:
        """Return all dates in one window, resampled to (rows, cols), read by this process."""
        image = np.empty((len(self.sources), 3, *shape), np.uint8)
        valid: BoolArray = np.broadcast_to(np.True_, shape)
        has_pixels = valid
        for i in range(len(self.sources)):
            values, date_valid = self._read_date(i, window, shape, out=image[i])
            if values.base is not image:
                image[i] = values
            if date_valid is None:
                continue
            valid = valid & date_valid
            correction = self._correction(i)
            if correction is not None and shape == window.shape:
                image[i], filled = mirror_border(image[i], date_valid, correction.reach_px)
                date_valid = date_valid | filled
            has_pixels = has_pixels & date_valid
        if has_pixels.strides != (0, 0) and not has_pixels.all():
            image[..., ~has_pixels] = 0
        return StackWindow(image, valid, window)

    def _read_date(
        self, index: int, window: Window, shape: tuple[int, int], out: UInt8Array | None = None
    ) -> tuple[npt.NDArray[np.generic], BoolArray | None]:
        """Return values (3, rows, cols), which are ``out`` if it could be filled, and validity."""
        try:
            values, valid = self._reader(index).read(window, shape, out)
        except RasterError:
            self._close_readers()
            raise
        stretch = self._opened[index].stretch
        return values if stretch is None else stretch.apply(values), valid

    def _close_readers(self) -> None:
        """Close the files of this thread: GDAL may keep blocks that it could not decode."""
        readers, self._handles.readers = self._handles.readers, {}
        with self._lock:
            self._open = [reader for reader in self._open if reader not in readers.values()]
        for reader in readers.values():
            reader.close()

    def _measured(self) -> tuple[Measurement | None, ...]:
        if self._measurements is None:
            self._measurements = (
                self.measure_here() if self.remote is None else self.remote.measure(self)
            )
        return self._measurements

    def measure_here(self) -> tuple[Measurement | None, ...]:
        """Return the shift of each date, read by this process; None for the grid's date."""
        # One window at a time: threads that open files on a server while GDAL reports warnings
        # can wait for each other without end (GDAL's lock and Python's).
        dates = [
            DateReader(source.name, partial(self._sample, i))
            for i, source in enumerate(self.sources)
        ]
        return measure_shifts(dates, self.reference, self.grid)

    def _sample(self, index: int, window: Window) -> tuple[UInt8Array, BoolArray]:
        values, valid = self._read_date(index, window, window.shape)
        valid = np.ones(window.shape, np.bool_) if valid is None else valid
        return values.astype(np.uint8, copy=False), valid

    def _correction(self, index: int) -> Measurement | None:
        """Return the shift that is corrected when a date is read."""
        measured = self._measured()[index] if self._is_registered else None
        return None if measured is None or measured.is_negligible else measured

    def _reader(self, index: int) -> SourceReader:
        readers = self._handles.readers
        if index not in readers:
            readers[index] = SourceReader(self._opened[index], self.grid, self._correction(index))
            with self._lock:
                self._open.append(readers[index])
        return readers[index]
