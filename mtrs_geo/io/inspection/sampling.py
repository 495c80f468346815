"""Read a sample of a date for its fill value and its stretch."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt
from affine import Affine
from pyproj import CRS
from rasterio.enums import MaskFlags
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window as RasterioWindow

from mtrs_geo.errors import RasterError
from mtrs_geo.grid import Grid, Window
from mtrs_geo.io.alignment import source_grid, window_on
from mtrs_geo.io.damage.messages import FUNCTION_ADVICE, is_from_function, reason_of
from mtrs_geo.io.inspection.fill_values import Fill, Sample, find_fill, is_far_nodata
from mtrs_geo.io.inspection.overviews import has_true_overviews, read_sparse
from mtrs_geo.io.radiometry import Stretch, fit_stretch, full_range
from mtrs_geo.io.source import Source, open_source
from mtrs_geo.types import BoolArray, Shape

__all__ = ["inspect_pixels"]

_SAMPLE_PX = 1024
"""Longer side of the sample that a stretch is fitted to."""
_CORNER_PX = 32
_PARTS = 32
"""Pieces per side of a damaged raster that are read for a sample."""


def inspect_pixels(
    dataset: DatasetReader, source: Source, grid: Grid, *, skip_damaged: bool = False
) -> tuple[Source, Stretch | None]:
    """Return a date with its fill value, and its stretch, fitted to the pixels on the run's grid.

    Byte rasters without a mask are read only at their corners, unless these are black or white.
    A fill value is also searched for beside a nodata value: the value may be that of other files.

    Args:
        dataset: the open raster.
        source: its description.
        grid: grid of the run.
        skip_damaged: sample the blocks that can be read if others cannot.

    Raises:
        RasterError: if no pixel there is valid, or the file cannot be read.
    """
    if source.has_overrides:
        with open_source(source) as image:
            return _inspect(image, source, grid, skip_damaged=skip_damaged)
    return _inspect(dataset, source, grid, skip_damaged=skip_damaged)


def _inspect(
    dataset: DatasetReader, source: Source, grid: Grid, *, skip_damaged: bool
) -> tuple[Source, Stretch | None]:
    try:
        window = window_on(source, grid) or source_grid(source).window
        is_plain = all(MaskFlags.all_valid in flags for flags in dataset.mask_flag_enums)
        has_gaps = source.mosaic is not None and source.mosaic.has_gaps_only
        has_nodata = all(flags == [MaskFlags.nodata] for flags in dataset.mask_flag_enums)
        can_have_fill = (is_plain or has_gaps or has_nodata) and source.palette is None
        if source.dtype == "uint8" and (has_nodata or not source.has_mask):
            can_have_fill = can_have_fill and _has_constant_corner(dataset, source, window)
        if source.dtype == "uint8" and not source.has_mask and not can_have_fill:
            return source, full_range(source.top)
        source, sample = _reduced(dataset, source, window)
        sample = sample or _first_valid(dataset, source, window)
    except RasterioError as error:
        sample = _undamaged(dataset, source, window) if skip_damaged else None
        if sample is not None:
            is_plain = source.palette is not None
            return source, None if is_plain else full_range(source.top) or fit_stretch(*sample)
        reason = reason_of(error)
        if is_from_function(reason):
            msg = f"{source.name} cannot be computed ({reason})."
            raise RasterError(msg, advice=FUNCTION_ADVICE) from error
        msg = f"{source.name} is damaged: it cannot be read ({reason})."
        raise RasterError(msg, advice="Copy the file again.") from error
    if sample is None:
        msg = f"{source.name} holds no valid pixel where the rasters overlap: all are nodata."
        raise RasterError(msg, advice="Check the file and its nodata value.")
    values, valid = sample
    source, valid = _with_far_nodata(source, values, valid)
    fill = None
    if can_have_fill:
        seen = np.ones_like(valid) if is_plain else valid
        fill = find_fill(Sample(values, *_place(source, window, valid.shape), seen))
    # At the border of a mosaic with gaps, a collar looks like a gap.
    if fill is not None and (is_plain or has_nodata or fill.collar is None):
        valid &= ~fill.is_nodata(values, source_grid(source), window)
        source = _with_fill(source, fill)
    if source.palette is not None:
        return source, None
    return source, full_range(source.top) or fit_stretch(values, valid)


def _with_fill(source: Source, fill: Fill) -> Source:
    where = "" if fill.collar is None else " at the border"
    command = f" with `gdal_edit.py -a_nodata {fill.value:g} {source.name}`"
    how = "" if source.path.startswith("/vsimem/") else command
    own = source.nodata
    warning = (
        f"{source.name} has {'no nodata value' if own is None else f'the nodata value {own:g}'}: "
        f"pixels of {fill.value:g}{where} ({fill.share:.1%} of the sampled pixels) are taken as "
        f"nodata{'' if own is None else ', too'}. Set the nodata value{how}."
    )
    return replace(
        source,
        nodata=fill.value if own is None else own,
        has_mask=True,
        fill=fill,
        warnings=(*source.warnings, warning),
    )


def _has_constant_corner(dataset: DatasetReader, source: Source, window: Window) -> bool:
    """Return whether a corner of a window is black or white, and not nodata."""
    rows, cols = min(window.rows, _CORNER_PX), min(window.cols, _CORNER_PX)
    for row in (window.row, window.row_stop - rows):
        for col in (window.col, window.col_stop - cols):
            try:
                values = dataset.read(source.bands, window=RasterioWindow(col, row, cols, rows))
            except RasterioError:  # reported where the run reads the pixels
                continue
            if values[0, 0, 0] in {0, 255} - {source.nodata} and (values == values[0, 0, 0]).all():
                return True
    return False


def _place(source: Source, window: Window, shape: Shape) -> tuple[Affine, CRS]:
    """Return the transform of a window that is read with another shape, and its CRS."""
    scale = Affine.scale(window.cols / shape[1], window.rows / shape[0])
    return source.transform @ Affine.translation(window.col, window.row) @ scale, source.crs


def _with_far_nodata(
    source: Source, values: npt.NDArray[np.generic], valid: BoolArray
) -> tuple[Source, BoolArray]:
    """Return whether the nodata value counts in one band, and the valid pixels of the sample."""
    if source.nodata is None or source.palette is not None:
        return source, valid
    if not is_far_nodata(source.nodata, values[:, valid]):
        return source, valid
    source = replace(source, has_far_nodata=True)
    is_data = valid & source.has_data(values)
    return source, is_data if is_data.any() else valid


def _reduced(
    dataset: DatasetReader, source: Source, window: Window
) -> tuple[Source, tuple[npt.NDArray[np.generic], BoolArray] | None]:
    """Return the sample of a window, and the source with a warning if its overviews are wrong."""
    shape = _shape(window, _SAMPLE_PX)
    if source.palette is None and not has_true_overviews(dataset, source.bands, window, shape):
        how = ""
        if not source.path.startswith("/vsimem/"):
            how = f" Make them again: `gdaladdo -clean {source.name}`, then `gdaladdo`."
        warning = (
            f"the overviews of {source.name} do not show its pixels: they are empty, or those of "
            f"another raster. They are not used.{how}"
        )
        source = replace(source, warnings=(*source.warnings, warning))
        values = read_sparse(partial(dataset.read, source.bands), window, shape)
        valid: BoolArray = read_sparse(dataset.dataset_mask, window, shape) > 0
        valid &= source.has_data(values)
        return source, (values, valid) if valid.any() else None
    return source, _sample(dataset, source, window, _SAMPLE_PX)


def _shape(window: Window, longest_px: int) -> Shape:
    scale = min(1.0, longest_px / max(window.shape))
    return max(1, round(window.rows * scale)), max(1, round(window.cols * scale))


def _sample(
    dataset: DatasetReader, source: Source, window: Window, longest_px: int
) -> tuple[npt.NDArray[np.generic], BoolArray] | None:
    """Return values (3, rows, cols) and validity of a window; None if no pixel is valid."""
    shape = _shape(window, longest_px)
    region = RasterioWindow(window.col, window.row, window.cols, window.rows)
    values = dataset.read(source.bands, window=region, out_shape=(3, *shape))
    valid: BoolArray = dataset.dataset_mask(window=region, out_shape=shape) > 0
    valid &= source.has_data(values)
    return (values, valid) if valid.any() else None


def _undamaged(
    dataset: DatasetReader, source: Source, window: Window
) -> tuple[npt.NDArray[np.generic], BoolArray] | None:
    """Return the valid pixels (3, 1, n) of blocks spread over a window that can be read."""
    found = []
    for row in range(window.row, window.row_stop, max(_CORNER_PX, window.rows // _PARTS)):
        for col in range(window.col, window.col_stop, max(_CORNER_PX, window.cols // _PARTS)):
            region = window.intersection(Window(row, col, _CORNER_PX, _CORNER_PX))
            try:
                sample = _sample(dataset, source, region, _CORNER_PX)
            except RasterioError:
                continue
            if sample is not None:
                found.append(sample[0][:, sample[1]])
    if not found:
        return None
    values = np.concatenate(found, axis=1)[:, None]
    return values, np.ones(values.shape[1:], np.bool_)


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
