"""Read one raster on the grid of a run, with all checks of its reads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
from rasterio.enums import Resampling
from rasterio.io import DatasetReader
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window as RasterioWindow

from mtrs_geo.antimeridian import has_longitudes, with_meridian_inside
from mtrs_geo.grid import Grid, Window
from mtrs_geo.io.alignment import is_on_pixels, offset_on, source_grid, window_on
from mtrs_geo.io.damage.checked_reads import CheckedReads
from mtrs_geo.io.damage.messages import collect_messages
from mtrs_geo.io.damage.read_pixels import ReadPixels
from mtrs_geo.io.inspection.overviews import has_true_overviews, read_sparse
from mtrs_geo.io.inspection.sampling import inspect_pixels
from mtrs_geo.io.radiometry import Stretch
from mtrs_geo.io.registration.local_reader import LocalReader
from mtrs_geo.io.registration.shift import Measurement
from mtrs_geo.io.remote.progress import tell_progress
from mtrs_geo.io.source import Source, open_source
from mtrs_geo.types import BoolArray, Shape, UInt8Array

__all__ = ["OpenedSource", "SourceReader", "inspect_source"]

_SIMILAR, _ROUNDING = 1e-3, 1
"""Part of a value, and levels of an integer, by which two resamplings of a pixel may differ."""


@dataclass(frozen=True)
class OpenedSource:
    """One date's raster, how its values become uint8, and the checks of its reads."""

    source: Source
    stretch: Stretch | None
    checks: CheckedReads


def inspect_source(
    dataset: DatasetReader, source: Source, grid: Grid, *, skip_damaged: bool = False
) -> OpenedSource:
    """Return a raster with its stretch and checks, from a sample of its pixels.

    Args:
        dataset: the open raster.
        source: its description.
        grid: grid of the run.
        skip_damaged: leave out blocks of the sample that cannot be read.
    """
    checks = CheckedReads(dataset, source, grid)
    with collect_messages():  # the reads of the run will tell of damage where it counts
        source, stretch = inspect_pixels(dataset, source, grid, skip_damaged=skip_damaged)
    tell_progress()
    return OpenedSource(source, stretch, checks)


class SourceReader:
    """Reads one source on the grid of the run, in one thread."""

    def __init__(
        self, opened: OpenedSource, grid: Grid, correction: Measurement | None = None
    ) -> None:
        self.source = source = opened.source
        self._checks = opened.checks
        is_grey = source.bands[0] == source.bands[1]
        self._bands = source.bands[:1] if is_grey else source.bands
        self._dataset = open_source(source)
        field = None if correction is None else correction.field
        self._local = None if field is None else LocalReader(self._dataset, source, grid, field)
        if correction is not None:
            grid = grid.translated(*correction.translation_px)
        self._grid = grid
        self._offset = offset_on(source, grid)
        self._vrt = None if self._offset else _warped(self._dataset, source, grid)
        self._without_fill: WarpedVRT | None = None
        fill = source.fill
        if self._vrt is not None and fill is not None and not source.has_fill_as_nodata:
            other = replace(source, nodata=fill.value)
            self._without_fill = _warped(self._dataset, other, grid)
        is_bytes = {self._dataset.dtypes[band - 1] for band in self._bands} == {"uint8"}
        self._reads_bytes = is_bytes and len(self._bands) == 3

    def read(
        self, window: Window, shape: tuple[int, int], out: UInt8Array | None = None
    ) -> tuple[npt.NDArray[np.generic], BoolArray | None]:
        """Return values (3, rows, cols) and validity (rows, cols), None if all is valid.

        Args:
            window: pixels of the run's grid.
            shape: (rows, cols) of the answer.
            out: (3, rows, cols); it is the answer if the file's values fit in.
        """
        place = (
            f"rows {window.row} to {window.row_stop}, columns {window.col} to {window.col_stop} of "
            "the run's grid"
        )
        with self._checks.watch(place):
            values, valid = self._read(window, shape, out)
            region = self._region(window) if shape == window.shape else None
            if region is not None:
                is_stored = self._offset is not None and self._local is None
                pixels = ReadPixels(self._dataset)
                if is_stored:
                    pixels = ReadPixels(self._dataset, region, self._bands, values)
                self._checks.check_blocks(pixels, self.source, region)
        tell_progress()
        return self._colours(values, valid, shape)

    def _region(self, window: Window) -> Window | None:
        """Return the pixels of the source in a window of the run's grid."""
        if self._offset is not None:
            return window.shifted(*self._offset)
        return window_on(self.source, self._grid.subgrid(window))

    def close(self) -> None:
        """Close the files."""
        for vrt in (self._vrt, self._without_fill):
            if vrt is not None:
                vrt.close()
        self._dataset.close()

    def _read(
        self, window: Window, shape: tuple[int, int], out: UInt8Array | None
    ) -> tuple[npt.NDArray[np.generic], BoolArray | None]:
        """Return values (bands, rows, cols) of the bands that are read, and their validity."""
        dataset = self._vrt or self._dataset
        place = window if self._offset is None else window.shifted(*self._offset)
        region = RasterioWindow(place.col, place.row, place.cols, place.rows)
        is_mean = shape != window.shape and self.source.palette is None
        bands, is_direct = self._bands, out is not None and self._reads_bytes
        source, fill = self.source, self.source.fill
        valid: BoolArray | None
        if self._local is not None and shape == window.shape:
            values, valid = self._local.read(window, bands)
        else:
            reduces = self._reduces(dataset, place, shape)
            if reduces:
                values = dataset.read(
                    bands,
                    window=region,
                    out=out if is_direct else None,
                    out_shape=None if is_direct else (len(bands), *shape),
                    resampling=Resampling.average if is_mean else Resampling.nearest,
                )
            else:
                values = read_sparse(partial(dataset.read, bands), place, shape)
            if self.source.has_fill_as_nodata:
                valid = None
            else:
                valid = self._validity(dataset, place, shape, values, reduces=reduces)
            if fill is not None:
                is_data = ~fill.is_nodata(values, self._grid, window) & source.has_data(values)
                valid = _both(valid, is_data)
                if self._without_fill is not None and shape == window.shape:
                    other = self._without_fill.read(bands, window=region)
                    valid = _both(valid, _is_close(values, other))
        return values, valid

    def _reduces(self, dataset: DatasetReader | WarpedVRT, place: Window, shape: Shape) -> bool:
        """Return whether GDAL may read fewer pixels than a window has, from overviews."""
        is_palette = self.source.palette is not None
        return is_palette or has_true_overviews(dataset, self._bands, place, shape)

    def _colours(
        self,
        values: npt.NDArray[np.generic],
        valid: BoolArray | None,
        shape: tuple[int, int],
    ) -> tuple[npt.NDArray[np.generic], BoolArray | None]:
        """Return red, green and blue of the bands that were read."""
        if self.source.palette is not None:
            colours = self.source.palette[values[0]]
            valid = _both(valid, colours[..., 3] > 0) if self.source.has_mask else valid
            values = colours[..., :3].transpose(2, 0, 1)
        elif len(self._bands) == 1:
            values = np.broadcast_to(values, (3, *shape))
        return values, valid

    def _validity(
        self,
        dataset: DatasetReader | WarpedVRT,
        place: Window,
        shape: tuple[int, int],
        values: npt.NDArray[np.generic],
        *,
        reduces: bool,
    ) -> BoolArray | None:
        if self._vrt is None and not self.source.has_mask:
            return None
        read = dataset.dataset_mask
        if isinstance(dataset, WarpedVRT) and (alpha := _alpha_band(dataset, self.source)):
            read = partial(dataset.read, alpha)
        if reduces:
            region = RasterioWindow(place.col, place.row, place.cols, place.rows)
            mask = read(window=region, out_shape=shape)
        else:
            mask = read_sparse(read, place, shape)
        valid: BoolArray = mask > 0
        return valid & self.source.has_data(values)


def _is_close(values: npt.NDArray[np.generic], others: npt.NDArray[np.generic]) -> BoolArray:
    """Return where two resamplings of one raster (C, rows, cols) differ by rounding alone.

    One leaves out the nodata value, the other a fill value: where they differ, data were mixed with
    one of these.
    """
    rounding = 0 if values.dtype.kind == "f" else _ROUNDING
    with np.errstate(over="ignore", invalid="ignore"):
        is_close: BoolArray = np.isclose(values, others, rtol=_SIMILAR, atol=rounding).all(0)
    return is_close


def _both(first: BoolArray | None, second: BoolArray) -> BoolArray:
    return second if first is None else first & second


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
    # GDAL's bilinear blurs a raster that is turned by 90°, even at the centres of its pixels.
    if source.palette is not None or is_on_pixels(source, grid):
        return Resampling.nearest
    sizes_m = zip(grid.pixel_size_m(), source_grid(source).pixel_size_m(), strict=True)
    # Bilinear uses only four pixels, so a much finer source would show aliasing.
    ratio = max(grid_m / source_m for grid_m, source_m in sizes_m)
    return Resampling.average if ratio > 1.5 else Resampling.bilinear
