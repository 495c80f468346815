"""Read rasters of several dates window by window, aligned on one grid."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Self

import numpy as np
import numpy.typing as npt
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.vrt import WarpedVRT
from rasterio.warp import transform_bounds
from rasterio.windows import Window as RasterioWindow

from mtrs_geo.errors import GridError, RasterError
from mtrs_geo.grid import Grid, Window
from mtrs_geo.io.alignment import offset_on, run_grid, source_grid
from mtrs_geo.io.inputs.arrays import RasterInput
from mtrs_geo.io.inputs.kinds import RasterLike, raster_input
from mtrs_geo.io.paths import is_remote_path
from mtrs_geo.io.radiometry import Stretch, fit_stretch
from mtrs_geo.io.source import Source, describe, open_raster
from mtrs_geo.types import BoolArray, GridChoice, UInt8Array

__all__ = ["RasterStack", "StackOptions", "StackWindow", "open_stack"]

_SAMPLE_PX = 1024
"""Longer side of the sample that a stretch is fitted to."""


@dataclass(frozen=True)
class StackOptions:
    """Options of `open_stack`."""

    bands: tuple[int, ...] | None = None
    """One or three band numbers, counted from 1; None chooses red, green and blue."""
    grid: GridChoice = "after"
    """The date whose pixel grid is used."""
    resolution: float | None = None
    """Pixel size in units of the grid's CRS; None keeps that of the date."""
    dates: tuple[str | None, ...] | None = None
    """One ISO date per raster; None searches tags and file names."""


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
    dates: Sequence[str | None] = options.dates or [None] * len(paths)
    if len(dates) != len(paths):
        msg = f"{len(paths)} rasters were given with {len(dates)} dates."
        raise RasterError(msg, advice="Give one date per raster.")
    inputs = [raster_input(path) for path in paths]
    with ExitStack() as closing:
        datasets = [closing.enter_context(open_raster(entry.path)) for entry in inputs]
        sources = [
            describe(dataset, options.bands, date)
            for dataset, date in zip(datasets, dates, strict=True)
        ]
        grid = run_grid(sources, options.grid, options.resolution)
        stretches = [_fit(d, s, grid) for d, s in zip(datasets, sources, strict=True)]
    stack = RasterStack(grid, tuple(sources), tuple(stretches))
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
        self, grid: Grid, sources: tuple[Source, ...], stretches: tuple[Stretch | None, ...]
    ) -> None:
        self.grid = grid
        self.sources = sources
        self.inputs: tuple[RasterInput, ...] = ()
        """Keep files in memory alive."""
        self._stretches = stretches
        self._handles = _Handles()
        self._open: list[_Reader] = []
        self._lock = threading.Lock()

    @property
    def dates(self) -> tuple[str | None, ...]:
        """ISO date or year of each raster; None if it is unknown."""
        return tuple(source.date for source in self.sources)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Messages to the user: bands that were chosen, and dates in the wrong order."""
        notes = tuple(source.note for source in self.sources if source.note)
        return notes + tuple(
            f"{earlier.name} ({earlier.date}) is later than {later.name} ({later.date}): new "
            "objects will be reported as demolished. Swap them if that is not intended."
            for earlier, later in pairwise(self.sources)
            if earlier.date and later.date and earlier.date[: len(later.date)] > later.date
        )

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
        for i, stretch in enumerate(self._stretches):
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
            readers[index] = _Reader(self.sources[index], self.grid)
            with self._lock:
                self._open.append(readers[index])
        return readers[index]


class _Reader:
    """Reads one source on the grid of the run, in one thread."""

    def __init__(self, source: Source, grid: Grid) -> None:
        self.source = source
        self._dataset = open_raster(source.path)
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
        if self._offset is not None:
            window = window.shifted(*self._offset)
        dataset = self._vrt or self._dataset
        region = RasterioWindow(window.col, window.row, window.cols, window.rows)
        is_mean = shape != window.shape and self.source.palette is None
        is_grey = self.source.bands[0] == self.source.bands[1]
        bands = self.source.bands[:1] if is_grey else self.source.bands
        values = dataset.read(
            bands,
            window=region,
            out_shape=(len(bands), *shape),
            resampling=Resampling.average if is_mean else Resampling.nearest,
        )
        valid = self._validity(dataset, region, shape, values)
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
        return valid & np.isfinite(values).all(0) if values.dtype.kind == "f" else valid


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


def _fit(dataset: DatasetReader, source: Source, grid: Grid) -> Stretch | None:
    """Return the stretch of a date, fitted to the pixels on the run's grid.

    Raises:
        RasterError: if no pixel there is valid, or the file cannot be read.
    """
    if not source.has_mask and source.dtype == "uint8":
        return None
    try:
        window = _overlap(source, grid)
        sample = _sample(dataset, source, window, _SAMPLE_PX) or _first_valid(
            dataset, source, window
        )
    except RasterioError as error:
        msg = f"{source.name} is damaged: it cannot be read ({error})."
        raise RasterError(msg, advice="Copy the file again.") from error
    if sample is None:
        msg = f"{source.name} holds no valid pixel where the rasters overlap: all are nodata."
        raise RasterError(msg, advice="Check the file and its nodata value.")
    return fit_stretch(*sample)


def _overlap(source: Source, grid: Grid) -> Window:
    """Return the window of the source that covers the run's grid."""
    bounds = grid.bounds
    if source.crs != grid.crs:
        bounds = transform_bounds(grid.crs.to_wkt(), source.crs.to_wkt(), *bounds, densify_pts=41)
    pixels = source_grid(source)
    window = pixels.window_of(bounds)
    return pixels.window if window.is_empty else window


def _sample(
    dataset: DatasetReader, source: Source, window: Window, longest_px: int
) -> tuple[npt.NDArray[np.generic], BoolArray] | None:
    """Return values (3, rows, cols) and validity of a window; None if no pixel is valid."""
    scale = min(1.0, longest_px / max(window.shape))
    shape = max(1, round(window.rows * scale)), max(1, round(window.cols * scale))
    region = RasterioWindow(window.col, window.row, window.cols, window.rows)
    values = dataset.read(source.bands, window=region, out_shape=(3, *shape))
    valid: BoolArray = dataset.dataset_mask(window=region, out_shape=shape) > 0
    if values.dtype.kind == "f":
        valid &= np.isfinite(values).all(0)
    return (values, valid) if valid.any() else None


def _first_valid(
    dataset: DatasetReader, source: Source, window: Window
) -> tuple[npt.NDArray[np.generic], BoolArray] | None:
    """Return the first block with a valid pixel, read at full resolution."""
    for _, block in dataset.block_windows(1):
        region = window.intersection(
            Window(block.row_off, block.col_off, block.height, block.width)
        )
        sample = None if region.is_empty else _sample(dataset, source, region, max(region.shape))
        if sample:
            return sample
    return None
