"""Open a raster and describe it before any pixel is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import rasterio
from affine import Affine
from pyproj import CRS
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader

from mtrs_geo.errors import RasterError
from mtrs_geo.io.bands import choose_bands
from mtrs_geo.io.dates import find_date
from mtrs_geo.io.paths import is_remote_path, redacted_path
from mtrs_geo.types import Shape, StrPath

__all__ = ["Source", "describe", "open_raster"]

_DATE_TAGS = ("TIFFTAG_DATETIME", "ACQUISITION_DATE", "ACQUISITIONDATETIME", "DATE")


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
    palette: tuple[tuple[int, int, int], ...] | None
    """(red, green, blue) of the values 0 to 255 of a paletted raster."""
    dtype: str
    nodata: float | None
    alpha: int | None
    """Number of the alpha band, counted from 1."""
    has_mask: bool
    """Whether the raster can have invalid pixels."""
    date: str | None
    """ISO date or year."""
    note: str | None
    """Message to the user about how the raster is read."""


def open_raster(path: StrPath | DatasetReader) -> DatasetReader:
    """Return an open raster; a dataset is opened a second time.

    Raises:
        RasterError: if it does not exist or GDAL cannot read it.
    """
    if isinstance(path, DatasetReader):
        path = path.name
    try:
        return rasterio.open(path)
    except RasterioError as error:
        name = str(path)
        reason = str(error).replace(name, redacted_path(name))
        advice = (
            "Check the address, and that this machine may reach and read it; a private bucket "
            "needs its credentials in the environment, such as AWS_ACCESS_KEY_ID."
            if is_remote_path(name)
            else "Check the path, and that `gdalinfo` reads it."
        )
        msg = f"{redacted_path(name)} cannot be opened as a raster: {reason}."
        raise RasterError(msg, advice=advice) from error


def describe(
    dataset: DatasetReader, bands: tuple[int, ...] | None, date: str | None = None
) -> Source:
    """Return the description of an open raster.

    Args:
        dataset: open raster.
        bands: one or three band numbers, counted from 1; None chooses them.
        date: ISO date; None searches the tags and the file name.

    Raises:
        RasterError: without a CRS or an affine georeference, or if a band is missing.
    """
    name = PurePath(redacted_path(dataset.name)).name or dataset.name
    _check_georeference(dataset, name)
    alpha = _alpha(dataset)
    rgb, note = choose_bands(dataset, name, bands, alpha)
    tags = {key.upper(): value for key, value in dataset.tags().items()}
    has_mask = any(MaskFlags.all_valid not in flags for flags in dataset.mask_flag_enums)
    return Source(
        path=dataset.name,
        name=name,
        crs=CRS.from_user_input(dataset.crs.to_wkt()),
        transform=dataset.transform,
        shape=dataset.shape,
        bands=rgb,
        palette=_palette(dataset),
        dtype=dataset.dtypes[0],
        nodata=dataset.nodata,
        alpha=alpha,
        has_mask=has_mask or dataset.dtypes[0].startswith("float"),
        date=date or find_date([*(tags.get(tag, "") for tag in _DATE_TAGS), name]),
        note=note,
    )


def _check_georeference(dataset: DatasetReader, name: str) -> None:
    if dataset.transform.is_identity and (dataset.gcps[0] or dataset.rpcs):
        points, option = (
            ("ground control points", "-tps")
            if dataset.gcps[0]
            else ("an RPC camera model", "-rpc")
        )
        msg = f"{name} is georeferenced by {points} alone, without a pixel grid."
        advice = (
            f"Warp it first: `gdalwarp {option} -t_srs EPSG:32633 {name} warped.tif`, with the "
            "UTM zone of the place."
        )
        raise RasterError(msg, advice=advice)
    if dataset.crs is None:
        msg = f"{name} has no coordinate reference system."
        advice = (
            f"Assign the right one first, for example with `gdal_edit.py -a_srs EPSG:32633 {name}`."
        )
        raise RasterError(msg, advice=advice)
    if dataset.transform.is_identity:
        msg = f"{name} has a coordinate reference system but no affine transform."
        advice = (
            "Georeference it first, for example with QGIS's Georeferencer or "
            "`gdal_translate -a_ullr`."
        )
        raise RasterError(msg, advice=advice)


def _alpha(dataset: DatasetReader) -> int | None:
    interps: list[Any] = list(dataset.colorinterp)
    return interps.index(ColorInterp.alpha) + 1 if ColorInterp.alpha in interps else None


def _palette(dataset: DatasetReader) -> tuple[tuple[int, int, int], ...] | None:
    if dataset.colorinterp[0] != ColorInterp.palette or dataset.dtypes[0] != "uint8":
        return None
    colours = dataset.colormap(1)
    return tuple(tuple(colours.get(i, (0, 0, 0))[:3]) for i in range(256))
