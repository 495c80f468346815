"""Read rasters of several dates window by window, aligned on one grid."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain
from typing import Self

import numpy as np
import numpy.typing as npt
from rasterio.enums import Resampling
from rasterio.io import DatasetReader
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window as RasterioWindow

from mtrs_geo.antimeridian import has_longitudes, with_meridian_inside
from mtrs_geo.errors import GridError, RasterError
from mtrs_geo.grid import Grid, Window
from mtrs_geo.io.alignment import in_one_turn, offset_on, run_grid, source_grid, window_on
from mtrs_geo.io.bands import split_bands
from mtrs_geo.io.damage.checked_reads import CheckedReads
from mtrs_geo.io.damage.messages import collect_messages
from mtrs_geo.io.inputs.arrays import RasterInput
from mtrs_geo.io.inputs.kinds import RasterLike, raster_input
from mtrs_geo.io.inspection.pairing import date_notes, pair_warnings
from mtrs_geo.io.inspection.sampling import inspect_pixels
from mtrs_geo.io.radiometry import Stretch
from mtrs_geo.io.source import Source, describe, open_raster, open_source
from mtrs_geo.types import BandChoice, BoolArray, GridChoice, UInt8Array

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
    """(T, 3, rows, cols); 0 where invalid."""
    valid: BoolArray
    """(rows, cols), true where every date has data."""
    window: Window
    """Position on the grid of the stack."""


def open_stack(paths: Sequence[RasterLike], options: StackOptions | None = None) -> RasterStack:
    """Open two or more rasters of one place; only a small sample of pixels is read.

    Args:
        paths: rasters of any kind of `RasterLike`, earliest first.
        options: bands, grid and dates.

    Raises:
        RasterError: if a raster cannot be used.
        GridError: if the rasters do not overlap.
    """
    options = options or StackOptions()
    if len(paths) < 2:
        msg = f"a change needs two dates or more, not {len(paths)} raster."
        raise RasterError(msg, advice="Give a raster per date.")
    dates: Sequence[object] = options.dates or [None] * len(paths)
    if len(dates) != len(paths):
        msg = f"{len(paths)} rasters were given with {len(dates)} dates."
        raise RasterError(msg, advice="Give one date per raster.")
    bands = split_bands(options.bands, len(paths))
    inputs = [raster_input(path) for path in paths]
    with ExitStack() as closing:
        datasets = [closing.enter_context(open_raster(entry.path)) for entry in inputs]
        sources = [
            describe(dataset, numbers, date)
            for dataset, numbers, date in zip(datasets, bands, dates, strict=True)
        ]
        sources = in_one_turn(sources, options.grid)
        grid = run_grid(sources, options.grid, options.resolution)
        found = [_inspect(d, s, grid) for d, s in zip(datasets, sources, strict=True)]
    stack = RasterStack(grid, tuple(found), pair_warnings(sources, grid))
    stack.inputs = tuple(inputs)
    return stack


@dataclass(frozen=True)
class OpenedSource:
    """One date's raster, how its values become uint8, and the checks of its reads."""

    source: Source
    stretch: Stretch | None
    checks: CheckedReads


def _inspect(dataset: DatasetReader, source: Source, grid: Grid) -> OpenedSource:
    checks = CheckedReads(dataset, source, grid)
    with collect_messages():  # the reads of the run will tell of damage where it counts
        source, stretch = inspect_pixels(dataset, source, grid)
    return OpenedSource(source, stretch, checks)


@dataclass
class _Handles(threading.local):
    """Open datasets of one thread; threads must not share GDAL datasets."""

    readers: dict[int, _Reader] = field(default_factory=dict)


class RasterStack:
    """Rasters of several dates on one grid; use it as a context manager.

    Several threads may call ``read`` at the same time.
    """

    def __init__(
        self,
        grid: Grid,
        opened: tuple[OpenedSource, ...],
        pair_warnings: tuple[str, ...] = (),
    ) -> None:
        self.grid = grid
        self.sources = tuple(entry.source for entry in opened)
        self._pair_warnings = pair_warnings
        self.inputs: tuple[RasterInput, ...] = ()
        """Keep files in memory alive."""
        self._opened = opened
        self._handles = _Handles()
        self._open: list[_Reader] = []
        self._lock = threading.Lock()

    @property
    def dates(self) -> tuple[str | None, ...]:
        """ISO date, month or year of each raster; None if it is unknown."""
        return tuple(None if s.date is None else s.date.iso for s in self.sources)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Messages about decisions that can be wrong, and rasters that do not fit together.

        Damage that reading has shown so far is among them.
        """
        found = [entry.checks.warnings for entry in self._opened]
        return (
            *chain.from_iterable(s.warnings for s in self.sources),
            *self._pair_warnings,
            *chain.from_iterable(found),
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """Messages about how the rasters are read: their masks, and where their dates are from."""
        return (*chain.from_iterable(s.notes for s in self.sources), *date_notes(self.sources))

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
        grid = self.grid.subgrid(window)
        for entry in self._opened:
            with open_raster(entry.source.path) as dataset:
                entry.checks.check_files(dataset, grid)

    def thumbnail(self, window: Window, longest_px: int) -> StackWindow:
        """Return all dates in one window, with at most ``longest_px`` on the longer side."""
        scale = min(1.0, longest_px / max(window.shape))
        shape = max(1, round(window.rows * scale)), max(1, round(window.cols * scale))
        return self._read(window, shape)

    def close(self) -> None:
        """Close the files of all threads."""
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

    def _read(self, window: Window, shape: tuple[int, int]) -> StackWindow:
        image = np.empty((len(self.sources), 3, *shape), np.uint8)
        valid = np.ones(shape, bool)
        for i, stretch in enumerate(entry.stretch for entry in self._opened):
            values, date_valid = self._reader(i).read(window, shape)
            image[i] = values if stretch is None else stretch.apply(values)
            if date_valid is not None:
                valid &= date_valid
        if not valid.all():
            image[..., ~valid] = 0
        return StackWindow(image, valid, window)

    def _reader(self, index: int) -> _Reader:
        readers = self._handles.readers
        if index not in readers:
            readers[index] = _Reader(self._opened[index], self.grid)
            with self._lock:
                self._open.append(readers[index])
        return readers[index]


class _Reader:
    """Reads one source on the grid of the run, in one thread."""

    def __init__(self, opened: OpenedSource, grid: Grid) -> None:
        self.source = source = opened.source
        self._checks = opened.checks
        self._grid = grid
        self._dataset = open_source(source)
        self._offset = offset_on(source, grid)
        self._vrt = None if self._offset else _warped(self._dataset, source, grid)

    def read(
        self, window: Window, shape: tuple[int, int]
    ) -> tuple[npt.NDArray[np.generic], BoolArray | None]:
        """Return values (3, rows, cols) and validity (rows, cols), None if all is valid."""
        place = (
            f"rows {window.row} to {window.row_stop}, columns {window.col} to {window.col_stop} of "
            "the run's grid"
        )
        with self._checks.watch(place):
            found = self._read(window, shape)
            region = self._region(window) if shape == window.shape else None
            if region is not None:
                self._checks.check_blocks(self._dataset, self.source, region)
        return found

    def _region(self, window: Window) -> Window | None:
        """Return the pixels of the source in a window of the run's grid."""
        if self._offset is not None:
            return window.shifted(*self._offset)
        return window_on(self.source, self._grid.subgrid(window))

    def close(self) -> None:
        """Close the files."""
        if self._vrt is not None:
            self._vrt.close()
        self._dataset.close()

    def _read(
        self, window: Window, shape: tuple[int, int]
    ) -> tuple[npt.NDArray[np.generic], BoolArray | None]:
        dataset = self._vrt or self._dataset
        place = window if self._offset is None else window.shifted(*self._offset)
        region = RasterioWindow(place.col, place.row, place.cols, place.rows)
        is_mean = shape != window.shape and self.source.palette is None
        is_grey = self.source.bands[0] == self.source.bands[1]
        bands = self.source.bands[:1] if is_grey else self.source.bands
        values = dataset.read(
            bands,
            window=region,
            out_shape=(len(bands), *shape),
            resampling=Resampling.average if is_mean else Resampling.nearest,
        )
        fill = self.source.fill
        if fill is None:
            valid = self._validity(dataset, region, shape, values)
        else:
            valid = ~fill.is_nodata(values, self._grid, window)
            valid &= _is_finite(values)
        if self.source.palette is not None:
            colours = self.source.palette[values[0]]
            valid = _both(valid, colours[..., 3] > 0) if self.source.has_mask else valid
            values = colours[..., :3].transpose(2, 0, 1)
        elif is_grey:
            values = np.broadcast_to(values, (3, *shape))
        return values, valid

    def _validity(
        self,
        dataset: DatasetReader | WarpedVRT,
        region: RasterioWindow,
        shape: tuple[int, int],
        values: npt.NDArray[np.generic],
    ) -> BoolArray | None:
        if self._vrt is None and not self.source.has_mask:
            return None
        if isinstance(dataset, WarpedVRT) and _alpha_band(dataset, self.source):
            alpha = _alpha_band(dataset, self.source)
            valid: BoolArray = dataset.read(alpha, window=region, out_shape=shape) > 0
        else:
            valid = dataset.dataset_mask(window=region, out_shape=shape) > 0
        return valid & _is_finite(values)


def _both(first: BoolArray | None, second: BoolArray) -> BoolArray:
    return second if first is None else first & second


def _is_finite(values: npt.NDArray[np.generic]) -> BoolArray | np.bool_:
    return np.isfinite(values).all(0) if values.dtype.kind == "f" else np.True_


def _alpha_band(vrt: WarpedVRT, source: Source) -> int | None:
    """Return the number of the alpha band of a warped source; None if it has none."""
    if source.alpha is not None:
        return source.alpha
    return vrt.count if source.nodata is None and vrt.count > vrt.src_dataset.count else None


def _warped(dataset: DatasetReader, source: Source, grid: Grid) -> WarpedVRT:
    has_nodata = source.nodata is not None
    src_crs, src_transform = source.crs.to_wkt(), source.transform
    if has_longitudes(source.crs) and source.crs != grid.crs:
        src_crs, src_transform = with_meridian_inside(source.crs, source.transform, source.shape[1])
    rows, cols = grid.shape
    return WarpedVRT(
        dataset,
        crs=grid.crs.to_wkt(),
        transform=grid.transform,
        height=rows,
        width=cols,
        src_crs=src_crs,
        src_transform=src_transform,
        resampling=_resampling(source, grid),
        add_alpha=source.alpha is None and not has_nodata,
        src_nodata=source.nodata,
        nodata=source.nodata,
        dtype=source.dtype,
    )


def _resampling(source: Source, grid: Grid) -> Resampling:
    if source.palette is not None:
        return Resampling.nearest
    sizes_m = zip(grid.pixel_size_m(), source_grid(source).pixel_size_m(), strict=True)
    # Bilinear uses only four pixels, so a much finer source would show aliasing.
    ratio = max(grid_m / source_m for grid_m, source_m in sizes_m)
    return Resampling.average if ratio > 1.5 else Resampling.bilinear
