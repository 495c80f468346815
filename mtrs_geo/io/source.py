"""Open a raster and describe it before any pixel is read."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import rasterio
from affine import Affine
from pyproj import CRS
from rasterio.enums import MaskFlags
from rasterio.errors import NodataShadowWarning, RasterioError
from rasterio.io import DatasetReader

from mtrs_geo.antimeridian import has_longitudes
from mtrs_geo.errors import GridError, RasterError
from mtrs_geo.grid import Grid, is_horizontal
from mtrs_geo.io.bands import choose_bands
from mtrs_geo.io.dates import RasterDate, date_tags, parse_date, raster_date
from mtrs_geo.io.inputs.arrays import DECLARED, dated_path
from mtrs_geo.io.inspection.alpha import find_alpha
from mtrs_geo.io.inspection.containers import check_is_one_raster
from mtrs_geo.io.inspection.fill_values import Fill
from mtrs_geo.io.inspection.other_files import why_no_raster
from mtrs_geo.io.inspection.pixel_types import (
    check_pixel_type,
    common_type,
    has_equal_nodata,
    palette_of,
    top_value,
)
from mtrs_geo.io.inspection.placement import check_pixel_grid
from mtrs_geo.io.overrides import open_with_overrides
from mtrs_geo.io.paths import display_name, is_remote_path, object_path, redacted_path
from mtrs_geo.io.remote.progress import tell_progress
from mtrs_geo.io.trust.references import check_source
from mtrs_geo.io.trust.source_policy import source_policy
from mtrs_geo.types import BoolArray, Shape, StrPath, UInt8Array

if TYPE_CHECKING:
    from mtrs_geo.io.inputs.mosaics import Mosaic

__all__ = ["Source", "describe", "open_raster", "open_source"]

_MOST_LATITUDE, _MOST_LONGITUDE = 95.0, 720.0
"""Degrees; global rasters may extend beyond a pole by half a coarse pixel."""
# `describe` decides between a nodata value and an alpha band; only calls of this package are quiet.
warnings.filterwarnings("ignore", category=NodataShadowWarning, module=r"mtrs_geo\.")


@dataclass(frozen=True)
class Source:
    """One date's raster."""

    path: str
    """Path that GDAL opens."""
    name: str
    """File name for messages."""
    crs: CRS
    transform: Affine
    shape: Shape
    bands: tuple[int, int, int]
    """Band numbers of red, green and blue, counted from 1."""
    palette: UInt8Array | None = field(compare=False)
    """(values, 4): red, green, blue and alpha of the values of a paletted raster."""
    dtype: str
    nodata: float | None
    alpha: int | None
    """Number of the band that GDAL takes as the mask, counted from 1."""
    has_mask: bool
    """Whether the raster can have invalid pixels."""
    date: RasterDate | None
    warnings: tuple[str, ...] = ()
    """Messages to the user about decisions that can be wrong."""
    notes: tuple[str, ...] = ()
    """Messages to the user about how the raster is read."""
    ignores_alpha: bool = False
    """Whether a band is tagged alpha and is not the mask."""
    top: int | None = None
    """Largest value of bytes of which fewer than 8 bits are used."""
    mask_band: int | None = None
    """Number of the band tagged alpha that is the mask but that GDAL does not take as one."""
    is_uneven: bool = False
    """Whether its bands differ in type; they are read as ``dtype``."""
    masks_bands: bool = False
    """Whether its bands differ in their nodata value; a pixel is valid if all bands have data."""
    has_far_nodata: bool = False
    """Whether no pixel of the image has a value like ``nodata``; then one band that has it is
    enough.  Otherwise, as with 0 in shadow, all bands must have it."""
    fill: Fill | None = None
    """Value of pixels without data that was found by inspection."""
    mosaic: Mosaic | None = None
    """The tiles that the raster consists of."""
    block_shape: Shape = (256, 256)
    """(rows, cols) of a block of the file, which is decoded as a whole."""

    @property
    def has_fill_as_nodata(self) -> bool:
        """Whether the fill value is the nodata value, as the raster has none of its own."""
        return self.fill is not None and self.nodata == self.fill.value

    @property
    def has_overrides(self) -> bool:
        """Whether `open_source` returns another mask or other types than the file has."""
        is_changed = self.ignores_alpha or self.is_uneven or self.masks_bands
        return is_changed or self.mask_band is not None

    def has_data(self, values: npt.NDArray[np.generic]) -> BoolArray | np.bool_:
        """Return where no band (C, rows, cols) is NaN, infinite or, if it is far, nodata."""
        is_data: BoolArray | np.bool_ = np.True_
        if values.dtype.kind == "f":
            is_data = np.isfinite(values).all(0)
        if self.has_far_nodata:
            is_data &= (values != np.asarray(self.nodata).astype(values.dtype)).all(0)
        return is_data


def open_raster(path: StrPath | DatasetReader) -> DatasetReader:
    """Return an open raster; a dataset is opened a second time.

    Raises:
        RasterError: if it does not exist or GDAL cannot read it.
        SourceNotAllowedError: if it may not be opened.
    """
    if isinstance(path, DatasetReader):
        path = path.name
    check_source(os.fspath(path))
    try:
        dataset = _open(object_path(os.fspath(path)), source_policy().drivers)
    except RasterioError as error:
        name = str(path)
        reason = str(error).replace(name, redacted_path(name)).rstrip(".")
        if is_remote_path(name):
            advice = (
                "Check the address, and that this machine may reach and read it; a private bucket "
                "needs its credentials in the environment, such as AWS_ACCESS_KEY_ID."
            )
        else:
            found, advice = why_no_raster(name)
            reason = found or reason
        msg = f"{redacted_path(name)} cannot be opened as a raster: {reason}."
        raise RasterError(msg, advice=advice) from error
    tell_progress()
    return dataset


def _open(path: StrPath, drivers: tuple[str, ...]) -> DatasetReader:
    """Open a raster with one of the allowed drivers; with any if none is listed."""
    for driver in drivers[:-1]:
        try:
            return rasterio.open(path, driver=driver)
        except RasterioError:  # another driver may read it
            continue
    return rasterio.open(path, driver=drivers[-1] if drivers else None)


def open_source(source: Source) -> DatasetReader:
    """Return an open raster with the mask and nodata value of its description.

    Raises:
        RasterError: if GDAL cannot read it.
    """
    dataset = open_raster(source.path)
    if not source.has_overrides and not source.has_fill_as_nodata:
        return dataset
    with dataset:
        return open_with_overrides(
            dataset,
            source.nodata,
            fills_gaps=source.has_fill_as_nodata and source.mosaic is not None,
            dtype=source.dtype if source.is_uneven else None,
            mask_band=source.mask_band,
            masked_bands=source.bands if source.masks_bands else (),
        )


def describe(
    dataset: DatasetReader,
    bands: tuple[int, ...] | None,
    date: object = None,
    mosaic: Mosaic | None = None,
    name: str | None = None,
) -> Source:
    """Return the description of an open raster.

    A few pixels are read only if a band is tagged alpha.

    Args:
        dataset: open raster.
        bands: one or three band numbers, counted from 1; None chooses them.
        date: date as `parse_date` takes it; None searches the tags and the file name.
        mosaic: the tiles that the raster consists of.
        name: name for messages; None takes that of the file or the mosaic.

    Raises:
        RasterError: without a CRS or an affine georeference, or if a band is missing.
    """
    file_name = display_name(dataset.name)
    name = mosaic.name if mosaic is not None else name or file_name
    check_is_one_raster(dataset, name)
    check_pixel_type(dataset, name)
    _check_georeference(dataset, name)
    alpha = find_alpha(dataset, name)
    mask = alpha.number if alpha and alpha.is_mask else None
    rgb, band_warning = choose_bands(dataset, name, bands, mask)
    flags = {flag for flags in dataset.mask_flag_enums for flag in flags} - {MaskFlags.all_valid}
    # GDAL takes alpha as the mask only if it is the last of two or four bands of one type.
    is_mixed = MaskFlags.alpha in flags and len(set(dataset.dtypes)) > 1
    is_other_mask = mask is not None and (not flags or is_mixed)
    if mask is None and MaskFlags.alpha in flags:
        flags -= {MaskFlags.per_dataset, MaskFlags.alpha}
    dtype, masks_bands = common_type(dataset, rgb), not has_equal_nodata(dataset, rgb)
    is_other_mask |= mask is not None and masks_bands
    palette = palette_of(dataset, rgb)
    has_clear_colour = palette is not None and bool((palette[:, 3] == 0).any())
    messages = (alpha.message,) if alpha else ()
    is_sure = alpha is None or alpha.is_certain
    return Source(
        path=dataset.name,
        name=name,
        crs=CRS.from_user_input(dataset.crs.to_wkt()),
        transform=dataset.transform,
        shape=dataset.shape,
        bands=rgb,
        palette=palette,
        dtype=dtype,
        nodata=None if masks_bands else dataset.nodatavals[rgb[0] - 1],
        alpha=None if is_other_mask else mask,
        has_mask=bool(flags) or is_other_mask or dtype.startswith("float") or has_clear_colour,
        date=_date(dataset, mosaic) if date is None else _given_date(date),
        warnings=(
            *(mosaic.warnings if mosaic else ()),
            *(() if is_sure else messages),
            *filter(None, [band_warning, _nodata_warning(dataset, name, rgb)]),
        ),
        notes=(*(mosaic.notes if mosaic else ()), *(messages if is_sure else ())),
        ignores_alpha=alpha is not None and not alpha.is_mask,
        mask_band=mask if is_other_mask else None,
        is_uneven=len({dataset.dtypes[band - 1] for band in rgb}) > 1,
        masks_bands=masks_bands,
        mosaic=mosaic,
        top=top_value(dataset, rgb) if palette is None else None,
        block_shape=dataset.block_shapes[0],
    )


def _nodata_warning(dataset: DatasetReader, name: str, bands: tuple[int, ...]) -> str | None:
    """Return a message if some bands have a nodata value and others have none, unless intended."""
    if dataset.tags(ns=DECLARED).get("nodata"):
        return None
    values = {band: dataset.nodatavals[band - 1] for band in bands}
    found = [f"band {band} ({value:g})" for band, value in values.items() if value is not None]
    if len(found) in {0, len(values)}:
        return None
    return (
        f"only some bands of {name} have a nodata value: {', '.join(found)}. Pixels without data "
        "in one band are left out. Check the value with `gdalinfo`."
    )


def _check_georeference(dataset: DatasetReader, name: str) -> None:
    check_pixel_grid(dataset, name)
    if dataset.crs is None:
        msg = f"{name} has no coordinate reference system."
        command = f"gdal_translate -a_srs EPSG:32633 '{redacted_path(dataset.name)}' with_crs.tif"
        if dataset.driver == "GTiff":
            command = f"gdal_edit.py -a_srs EPSG:32633 {name}"
        advice = f"Assign the right one first, for example with `{command}`."
        if dataset.name.startswith("/vsimem/"):
            advice = "Set the right one where the raster is made, such as 'EPSG:32633'."
        raise RasterError(msg, advice=advice)
    if dataset.transform.is_identity:
        msg = f"{name} has a coordinate reference system but no affine transform."
        advice = (
            "Georeference it first, for example with QGIS's Georeferencer or "
            "`gdal_translate -a_ullr`."
        )
        raise RasterError(msg, advice=advice)
    crs = CRS.from_user_input(dataset.crs.to_wkt())
    if not is_horizontal(crs):
        msg = f"{name} is in {crs.name} ({crs.type_name}), which has no horizontal coordinates."
        raise RasterError(msg, advice="Assign the CRS of its horizontal coordinates.")
    try:
        left, bottom, right, top = Grid(crs, dataset.transform, dataset.shape).bounds
    except GridError as error:
        msg = f"{name} cannot be placed: {error.message}"
        raise RasterError(msg, advice=error.advice) from error
    is_far = max(-bottom, top) > _MOST_LATITUDE or max(-left, right) > _MOST_LONGITUDE
    if has_longitudes(crs) and is_far:
        msg = (
            f"{name} is said to be in {crs.name}, in degrees, but covers {left:g} to {right:g} and "
            f"{bottom:g} to {top:g}."
        )
        raise RasterError(msg, advice="Assign the CRS of these coordinates.")


def _date(dataset: DatasetReader, mosaic: Mosaic | None) -> RasterDate | None:
    if mosaic is not None:
        return mosaic.date
    path = dated_path(dataset)
    return raster_date(display_name(path), date_tags(dataset), path)


def _given_date(date: object) -> RasterDate:
    return RasterDate(parse_date(date), "option", "given date")
