"""Dates of one place, aligned lazily on one grid and read window by window."""

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
from mtrs_geo.io.alignment import offset_on, run_grid
from mtrs_geo.io.radiometry import Stretch, fit_stretch
from mtrs_geo.io.source import Source, describe, is_remote, open_raster
from mtrs_geo.types import BoolArray, GridChoice, StrPath, UInt8Array

__all__ = ["Patch", "RasterStack", "StackOptions", "open_stack"]

_SAMPLE_PX = 1024


@dataclass(frozen=True)
class StackOptions:
    """How rasters become one stack."""

    bands: tuple[int, ...] | None = None
    """One band or three, counted from 1; None finds red, green and blue."""
    grid: GridChoice = "after"
    resolution: float | None = None
    """Pixel size in units of the grid's CRS; None keeps the grid's own."""
    dates: tuple[str, ...] | None = None
    """One ISO date a raster; None looks at tags and names."""


@dataclass(frozen=True)
class Patch:
    """One window of all dates."""

    image: UInt8Array
    """(T, 3, rows, cols); 0 where invalid."""
    valid: BoolArray
    """(rows, cols), true where every date has data."""
    window: Window


def open_stack(
    paths: Sequence[StrPath | DatasetReader], options: StackOptions | None = None
) -> RasterStack:
    """Open two or more rasters of a place; no pixel but a small sample is read.

    Args:
        paths: earliest first: anything GDAL reads, or open rasterio datasets.
        options: bands, grid and dates.

    Raises:
        RasterError: if a raster cannot be used, with its name.
        GridError: if the rasters do not overlap.
    """
    options = options or StackOptions()
    if len(paths) < 2:
        msg = f"a change needs two dates or more, not {len(paths)} raster"
        raise RasterError(msg)
    dates: Sequence[str | None] = options.dates or [None] * len(paths)
    if len(dates) != len(paths):
        msg = f"{len(paths)} rasters were given with {len(dates)} dates. Give one date a raster."
        raise RasterError(msg)
    with ExitStack() as open_now:
        datasets = [open_now.enter_context(open_raster(path)) for path in paths]
        sources = [
            describe(dataset, options.bands, date)
            for dataset, date in zip(datasets, dates, strict=True)
        ]
        grid = run_grid(sources, options.grid, options.resolution)
        stretches = [_fit(d, s, grid) for d, s in zip(datasets, sources, strict=True)]
    return RasterStack(grid, tuple(sources), tuple(stretches))


@dataclass
class _Handles(threading.local):
    """Open datasets of one thread: GDAL's are not to be shared."""

    readers: dict[int, _Reader] = field(default_factory=dict)


class RasterStack:
    """Dates of one place on one grid; use as a context manager.

    ``read`` may be called from many threads.
    """

    def __init__(
        self, grid: Grid, sources: tuple[Source, ...], stretches: tuple[Stretch | None, ...]
    ) -> None:
        self.grid = grid
        self.sources = sources
        self._stretches = stretches
        self._handles = _Handles()
        self._open: list[_Reader] = []
        self._lock = threading.Lock()

    @property
    def dates(self) -> tuple[str | None, ...]:
        """ISO date of every raster, or None where nothing says it."""
        return tuple(source.date for source in self.sources)

    @property
    def names(self) -> tuple[str, ...]:
        """File name of every raster."""
        return tuple(source.name for source in self.sources)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a user should know before trusting the result."""
        notes = tuple(source.note for source in self.sources if source.note)
        return notes + tuple(
            f"{earlier.name} ({earlier.date}) is later than {later.name} ({later.date}): what "
            "appeared will be called demolished. Swap them if that is not meant."
            for earlier, later in pairwise(self.sources)
            if earlier.date and later.date and earlier.date[: len(later.date)] > later.date
        )

    def read(self, window: Window) -> Patch:
        """Read one window of all dates.

        Raises:
            RasterError: if a file is damaged there.
        """
        whole = self.grid.window.intersection(window)
        if whole != window:
            msg = f"{window} reaches beyond the grid of {self.grid.shape} pixels"
            raise GridError(msg)
        return self._patch(window, window.shape)

    def thumbnail(self, window: Window, longest_px: int) -> Patch:
        """Read a window of all dates with at most ``longest_px`` on its longer side."""
        scale = min(1.0, longest_px / max(window.shape))
        shape = max(1, round(window.rows * scale)), max(1, round(window.cols * scale))
        return self._patch(window, shape)

    def close(self) -> None:
        """Close every file in every thread."""
        with self._lock:
            for reader in self._open:
                reader.close()
            self._open.clear()
            self._handles = _Handles()

    def __enter__(self) -> Self:
        """Return the stack itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close every file."""
        self.close()

    def _patch(self, window: Window, shape: tuple[int, int]) -> Patch:
        image = np.empty((len(self.sources), 3, *shape), np.uint8)
        valid = np.ones(shape, bool)
        for i, stretch in enumerate(self._stretches):
            values, here = self._reader(i).read(window, shape)
            image[i] = values if stretch is None else stretch.apply(values)
            if here is not None:
                valid &= here
        if not valid.all():
            image[..., ~valid] = 0
        return Patch(image, valid, window)

    def _reader(self, index: int) -> _Reader:
        readers = self._handles.readers
        if index not in readers:
            readers[index] = _Reader(self.sources[index], self.grid)
            with self._lock:
                self._open.append(readers[index])
        return readers[index]


class _Reader:
    """One thread's handle on one source, as if it lay on the run's grid."""

    def __init__(self, source: Source, grid: Grid) -> None:
        self.source = source
        self._dataset = open_raster(source.path)
        self._offset = offset_on(source, grid)
        self._vrt = None if self._offset else _warped(self._dataset, source, grid)

    def read(
        self, window: Window, shape: tuple[int, int]
    ) -> tuple[npt.NDArray[np.generic], BoolArray | None]:
        """Return values (3, rows, cols) and validity (rows, cols), None where all is valid."""
        try:
            return self._read(window, shape)
        except RasterioError as error:
            verdict, hint = (
                ("does not arrive", "Check the connection and run again.")
                if is_remote(self.source.path)
                else ("is damaged", "Copy the file again.")
            )
            msg = (
                f"{self.source.name} {verdict}: rows {window.row} to {window.row_stop}, columns "
                f"{window.col} to {window.col_stop} of the run's grid cannot be read "
                f"({error}). {hint}"
            )
            raise RasterError(msg) from error

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
        area = RasterioWindow(window.col, window.row, window.cols, window.rows)
        decimated = shape != window.shape
        how = (
            Resampling.average if decimated and self.source.palette is None else Resampling.nearest
        )
        bands = self.source.bands
        single = bands[0] == bands[1]
        wanted = bands[:1] if single else bands
        values = dataset.read(wanted, window=area, out_shape=(len(wanted), *shape), resampling=how)
        valid = self._validity(dataset, area, shape, values)
        if self.source.palette is not None:
            values = np.asarray(self.source.palette, np.uint8)[values[0]].transpose(2, 0, 1)
        elif single:
            values = np.broadcast_to(values, (3, *shape))
        return values, valid

    def _validity(
        self,
        dataset: DatasetReader | WarpedVRT,
        area: RasterioWindow,
        shape: tuple[int, int],
        values: npt.NDArray[np.generic],
    ) -> BoolArray | None:
        if self._vrt is None and not self.source.masked:
            return None
        if isinstance(dataset, WarpedVRT) and _alpha_band(dataset, self.source):
            alpha = _alpha_band(dataset, self.source)
            valid: BoolArray = dataset.read(alpha, window=area, out_shape=shape) > 0
        else:
            valid = dataset.dataset_mask(window=area, out_shape=shape) > 0
        return valid & np.isfinite(values).all(0) if values.dtype.kind == "f" else valid


def _alpha_band(vrt: WarpedVRT, source: Source) -> int | None:
    """Band of a warped source that says where it has data."""
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
    own = Grid(source.crs, source.transform, source.shape).pixel_size_m()
    wanted = grid.pixel_size_m()
    # Bilinear looks at four pixels only: a much finer source would alias.
    finer = max(w / o for w, o in zip(wanted, own, strict=True))
    return Resampling.average if finer > 1.5 else Resampling.bilinear


def _fit(dataset: DatasetReader, source: Source, grid: Grid) -> Stretch | None:
    """Fit the radiometry of a date to the run's ground; refuse one without a valid pixel."""
    if not source.masked and source.dtype == "uint8":
        return None
    try:
        area = _shown(source, grid)
        found = _sample(dataset, source, area, _SAMPLE_PX) or _first_valid(dataset, source, area)
    except RasterioError as error:
        msg = f"{source.name} is damaged: it cannot be read ({error}). Copy the file again."
        raise RasterError(msg) from error
    if found is None:
        msg = (
            f"{source.name} holds no valid pixel where the rasters overlap: all of it is nodata "
            "there. Check the file and its nodata value."
        )
        raise RasterError(msg)
    return fit_stretch(*found)


def _shown(source: Source, grid: Grid) -> Window:
    """Return the source's pixels over the run's ground: what lies elsewhere decides nothing."""
    bounds = grid.bounds
    if source.crs != grid.crs:
        bounds = transform_bounds(grid.crs.to_wkt(), source.crs.to_wkt(), *bounds, densify_pts=41)
    own = Grid(source.crs, source.transform, source.shape)
    window = own.window_of(bounds)
    return own.window if window.is_empty else window


def _sample(
    dataset: DatasetReader, source: Source, window: Window, longest_px: int
) -> tuple[npt.NDArray[np.generic], BoolArray] | None:
    """Return values (3, rows, cols) and validity of a window, None without a valid pixel."""
    scale = min(1.0, longest_px / max(window.shape))
    shape = max(1, round(window.rows * scale)), max(1, round(window.cols * scale))
    area = RasterioWindow(window.col, window.row, window.cols, window.rows)
    values = dataset.read(source.bands, window=area, out_shape=(3, *shape))
    valid: BoolArray = dataset.dataset_mask(window=area, out_shape=shape) > 0
    if values.dtype.kind == "f":
        valid &= np.isfinite(values).all(0)
    return (values, valid) if valid.any() else None


def _first_valid(
    dataset: DatasetReader, source: Source, area: Window
) -> tuple[npt.NDArray[np.generic], BoolArray] | None:
    """Return the first block with a valid pixel, where a sample met none."""
    for _, block in dataset.block_windows(1):
        own = Window(block.row_off, block.col_off, block.height, block.width)
        part = area.intersection(own)
        found = None if part.is_empty else _sample(dataset, source, part, max(part.shape))
        if found:
            return found
    return None
