"""Read rasters of several dates window by window, aligned on one grid."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import Self

import numpy as np
import numpy.typing as npt
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window as RasterioWindow

from mtrs_geo.errors import GridError, RasterError
from mtrs_geo.grid import Grid, Window
from mtrs_geo.io.alignment import offset_on, reference_index, run_grid, source_grid
from mtrs_geo.io.bands import split_bands
from mtrs_geo.io.inputs.arrays import RasterInput
from mtrs_geo.io.inputs.kinds import RasterLike, raster_input
from mtrs_geo.io.inspection.pairing import date_notes, pair_warnings
from mtrs_geo.io.inspection.sampling import inspect_pixels
from mtrs_geo.io.paths import is_remote_path
from mtrs_geo.io.radiometry import Stretch
from mtrs_geo.io.registration.borders import mirror_border
from mtrs_geo.io.registration.estimate import DateReader, measure_shifts
from mtrs_geo.io.registration.local_reader import LocalReader
from mtrs_geo.io.registration.shift import DateShift, Measurement
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
    """(T, 3, rows, cols); 0 where invalid, mirrored where a corrected date has moved away."""
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
        grid = run_grid(sources, options.grid, options.resolution)
        inspected = [inspect_pixels(d, s, grid) for d, s in zip(datasets, sources, strict=True)]
    stack = RasterStack(
        grid,
        tuple(source for source, _ in inspected),
        tuple(stretch for _, stretch in inspected),
        pair_warnings(sources, grid),
        reference_index(sources, options.grid),
    )
    stack.inputs = tuple(inputs)
    return stack


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
        sources: tuple[Source, ...],
        stretches: tuple[Stretch | None, ...],
        pair_warnings: tuple[str, ...] = (),
        reference: int = -1,
    ) -> None:
        self.grid = grid
        self.reference = reference % len(sources)
        """Index of the date whose grid the run uses."""
        self.sources = sources
        self._pair_warnings = pair_warnings
        self.inputs: tuple[RasterInput, ...] = ()
        """Keep files in memory alive."""
        self._stretches = stretches
        self._measurements: tuple[Measurement | None, ...] | None = None
        self._is_registered = False
        self._handles = _Handles()
        self._open: list[_Reader] = []
        self._lock = threading.Lock()

    @property
    def dates(self) -> tuple[str | None, ...]:
        """ISO date, month or year of each raster; None if it is unknown."""
        return tuple(None if s.date is None else s.date.iso for s in self.sources)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Messages about decisions that can be wrong, and rasters that do not fit together."""
        return (*chain.from_iterable(s.warnings for s in self.sources), *self._pair_warnings)

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
        stack = RasterStack(
            self.grid, self.sources, self._stretches, self._pair_warnings, self.reference
        )
        stack.inputs = self.inputs
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
        has_pixels = np.ones(shape, bool)
        for i in range(len(self.sources)):
            image[i], date_valid = self._read_date(i, window, shape)
            if date_valid is None:
                continue
            valid &= date_valid
            correction = self._correction(i)
            if correction is not None and shape == window.shape:
                image[i], filled = mirror_border(image[i], date_valid, correction.reach_px)
                date_valid = date_valid | filled
            has_pixels &= date_valid
        if not has_pixels.all():
            image[..., ~has_pixels] = 0
        return StackWindow(image, valid, window)

    def _read_date(
        self, index: int, window: Window, shape: tuple[int, int]
    ) -> tuple[npt.NDArray[np.generic], BoolArray | None]:
        values, valid = self._reader(index).read(window, shape)
        stretch = self._stretches[index]
        return values if stretch is None else stretch.apply(values), valid

    def _measured(self) -> tuple[Measurement | None, ...]:
        if self._measurements is None:
            dates = [
                DateReader(source.name, partial(self._sample, i), is_remote_path(source.path))
                for i, source in enumerate(self.sources)
            ]
            self._measurements = measure_shifts(dates, self.reference, self.grid)
        return self._measurements

    def _sample(self, index: int, window: Window) -> tuple[UInt8Array, BoolArray]:
        values, valid = self._read_date(index, window, window.shape)
        valid = np.ones(window.shape, np.bool_) if valid is None else valid
        return values.astype(np.uint8, copy=False), valid

    def _correction(self, index: int) -> Measurement | None:
        """Return the shift that is corrected when a date is read."""
        measured = self._measured()[index] if self._is_registered else None
        return None if measured is None or measured.is_negligible else measured

    def _reader(self, index: int) -> _Reader:
        readers = self._handles.readers
        if index not in readers:
            readers[index] = _Reader(self.sources[index], self.grid, self._correction(index))
            with self._lock:
                self._open.append(readers[index])
        return readers[index]


class _Reader:
    """Reads one source on the grid of the run, in one thread."""

    def __init__(self, source: Source, grid: Grid, correction: Measurement | None = None) -> None:
        self.source = source
        self._dataset = open_source(source)
        field = None if correction is None else correction.field
        self._local = None if field is None else LocalReader(self._dataset, source, grid, field)
        if correction is not None:
            grid = grid.translated(*correction.translation_px)
        self._grid = grid
        self._offset = offset_on(source, grid)
        self._vrt = None if self._offset else _warped(self._dataset, source, grid)

    def read(
        self, window: Window, shape: tuple[int, int]
    ) -> tuple[npt.NDArray[np.generic], BoolArray | None]:
        """Return values (3, rows, cols) and validity (rows, cols), None if all is valid."""
        try:
            return self._read(window, shape)
        except RasterioError as error:
            problem, advice = (
                ("cannot be downloaded", "Check the connection and run again.")
                if is_remote_path(self.source.path)
                else ("is damaged", "Copy the file again.")
            )
            msg = (
                f"{self.source.name} {problem}: rows {window.row} to {window.row_stop}, columns "
                f"{window.col} to {window.col_stop} of the run's grid cannot be read ({error})."
            )
            raise RasterError(msg, advice=advice) from error

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
        fill = self.source.fill
        valid: BoolArray | None
        if self._local is not None and shape == window.shape:
            values, valid = self._local.read(window, bands)
        else:
            values = dataset.read(
                bands,
                window=region,
                out_shape=(len(bands), *shape),
                resampling=Resampling.average if is_mean else Resampling.nearest,
            )
            if fill is None:
                valid = self._validity(dataset, region, shape, values)
            else:
                valid = ~fill.is_nodata(values, self._grid, window)
                valid &= _is_finite(values)
        if self.source.palette is not None:
            values = np.asarray(self.source.palette, np.uint8)[values[0]].transpose(2, 0, 1)
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


def _is_finite(values: npt.NDArray[np.generic]) -> BoolArray | np.bool_:
    return np.isfinite(values).all(0) if values.dtype.kind == "f" else np.True_


def _alpha_band(vrt: WarpedVRT, source: Source) -> int | None:
    """Return the number of the alpha band of a warped source; None if it has none."""
    if source.alpha is not None:
        return source.alpha
    return vrt.count if source.nodata is None and vrt.count > vrt.src_dataset.count else None


def _warped(dataset: DatasetReader, source: Source, grid: Grid) -> WarpedVRT:
    has_nodata = source.nodata is not None
    rows, cols = grid.shape
    return WarpedVRT(
        dataset,
        crs=grid.crs.to_wkt(),
        transform=grid.transform,
        height=rows,
        width=cols,
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
