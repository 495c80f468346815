"""One raster as a source of a run: what it is, before any pixel is read."""

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
from mtrs_geo.types import Shape, StrPath

__all__ = ["Source", "describe", "is_remote", "open_raster", "shown"]

_REMOTE = ("/vsicurl", "/vsis3", "/vsigs", "/vsiaz", "/vsiadls", "/vsioss", "/vsiswift")
_DATE_TAGS = ("TIFFTAG_DATETIME", "ACQUISITION_DATE", "ACQUISITIONDATETIME", "DATE")


@dataclass(frozen=True)
class Source:
    """One date's raster."""

    path: str
    """As GDAL opens it."""
    name: str
    """As a user recognises it."""
    crs: CRS
    transform: Affine
    shape: Shape
    bands: tuple[int, int, int]
    """Red, green and blue, counted from 1."""
    palette: tuple[tuple[int, int, int], ...] | None
    """Colours of the values of a paletted raster."""
    dtype: str
    nodata: float | None
    alpha: int | None
    """Band with the validity, counted from 1."""
    masked: bool
    """Whether the raster says anywhere that a pixel is invalid."""
    date: str | None
    """ISO date, or year."""
    note: str | None
    """What a user should know of how it is read."""


def open_raster(path: StrPath | DatasetReader) -> DatasetReader:
    """Open a raster.

    Raises:
        RasterError: if it does not exist or GDAL cannot read it.
    """
    if isinstance(path, DatasetReader):
        path = path.name
    try:
        return rasterio.open(path)
    except RasterioError as error:
        name = str(path)
        reason = str(error).replace(name, shown(name))
        hint = (
            "Check the address, and that this machine may reach and read it; a private bucket "
            "needs its credentials in the environment, such as AWS_ACCESS_KEY_ID."
            if is_remote(name)
            else "Check the path, and that `gdalinfo` reads it."
        )
        msg = f"{shown(name)} cannot be opened as a raster: {reason}. {hint}"
        raise RasterError(msg) from error


def is_remote(path: str) -> bool:
    """Return whether a raster lies on a server."""
    return "://" in path or path.startswith(_REMOTE)


def shown(path: str) -> str:
    """Return a path without the query of an address, which may hold a signature."""
    return path.partition("?")[0] if is_remote(path) else path


def describe(
    dataset: DatasetReader, bands: tuple[int, ...] | None, date: str | None = None
) -> Source:
    """Find out what a run needs to know of an open raster.

    Args:
        dataset: open.
        bands: one or three bands counted from 1; None finds them.
        date: ISO date; None looks at tags and the file's name.

    Raises:
        RasterError: without a CRS or an affine georeference, or if a band is missing.
    """
    name = PurePath(shown(dataset.name)).name or dataset.name
    _check_georeference(dataset, name)
    alpha = _alpha(dataset)
    chosen, note = choose_bands(dataset, name, bands, alpha)
    tags = {key.upper(): value for key, value in dataset.tags().items()}
    masked = any(MaskFlags.all_valid not in flags for flags in dataset.mask_flag_enums)
    return Source(
        path=dataset.name,
        name=name,
        crs=CRS.from_user_input(dataset.crs.to_wkt()),
        transform=dataset.transform,
        shape=dataset.shape,
        bands=chosen,
        palette=_palette(dataset),
        dtype=dataset.dtypes[0],
        nodata=dataset.nodata,
        alpha=alpha,
        masked=masked or dataset.dtypes[0].startswith("float"),
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
        msg = (
            f"{name} is placed by {points} alone, without a pixel grid. Warp it through them "
            f"first: `gdalwarp {option} -t_srs EPSG:32633 {name} warped.tif`, with the UTM zone "
            "of the place."
        )
        raise RasterError(msg)
    if dataset.crs is None:
        msg = (
            f"{name} has no coordinate reference system. Assign the right one first, for "
            f"example with `gdal_edit.py -a_srs EPSG:32633 {name}`."
        )
        raise RasterError(msg)
    if dataset.transform.is_identity:
        msg = (
            f"{name} has a coordinate reference system but no affine transform. Georeference it "
            "first, for example with QGIS's Georeferencer or `gdal_translate -a_ullr`."
        )
        raise RasterError(msg)


def _alpha(dataset: DatasetReader) -> int | None:
    interps: list[Any] = list(dataset.colorinterp)
    return interps.index(ColorInterp.alpha) + 1 if ColorInterp.alpha in interps else None


def _palette(dataset: DatasetReader) -> tuple[tuple[int, int, int], ...] | None:
    if dataset.colorinterp[0] != ColorInterp.palette or dataset.dtypes[0] != "uint8":
        return None
    colours = dataset.colormap(1)
    return tuple(tuple(colours.get(i, (0, 0, 0))[:3]) for i in range(256))
