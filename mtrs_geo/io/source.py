"""One raster as a source of a run: what it is, before any pixel is read."""

from __future__ import annotations

import re
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
from mtrs_geo.types import Shape, StrPath

__all__ = ["Source", "describe", "open_raster"]

_NAMES = {
    "red": ("red", "r"),
    "green": ("green", "g"),
    "blue": ("blue", "b"),
}
_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(?:([-_.:]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01]))?(?!\d)"
)
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
    """ISO date, year-month or year."""


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
        msg = (
            f"{path} cannot be opened as a raster: {error}. Check the path, and that "
            "`gdalinfo` reads it."
        )
        raise RasterError(msg) from error


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
    name = PurePath(dataset.name).name or dataset.name
    _check_georeference(dataset, name)
    alpha = _alpha(dataset)
    masked = any(MaskFlags.all_valid not in flags for flags in dataset.mask_flag_enums)
    return Source(
        path=dataset.name,
        name=name,
        crs=CRS.from_user_input(dataset.crs.to_wkt()),
        transform=dataset.transform,
        shape=dataset.shape,
        bands=_rgb(dataset, name, bands, alpha),
        palette=_palette(dataset),
        dtype=dataset.dtypes[0],
        nodata=dataset.nodata,
        alpha=alpha,
        masked=masked or dataset.dtypes[0].startswith("float"),
        date=date or _date(dataset, name),
    )


def _check_georeference(dataset: DatasetReader, name: str) -> None:
    if dataset.crs is None:
        msg = (
            f"{name} has no coordinate reference system. Assign the right one first, for "
            f"example with `gdal_edit.py -a_srs EPSG:32633 {name}`."
        )
        raise RasterError(msg)
    if dataset.transform.is_identity:
        points = "ground control points" if dataset.gcps[0] else "no georeference"
        msg = f"{name} has {points} but no affine transform. Warp it first with `gdalwarp`."
        raise RasterError(msg)


def _alpha(dataset: DatasetReader) -> int | None:
    interps: list[Any] = list(dataset.colorinterp)
    return interps.index(ColorInterp.alpha) + 1 if ColorInterp.alpha in interps else None


def _rgb(
    dataset: DatasetReader, name: str, bands: tuple[int, ...] | None, alpha: int | None
) -> tuple[int, int, int]:
    if bands is not None:
        wrong = [b for b in bands if not 1 <= b <= dataset.count]
        if wrong or len(bands) not in {1, 3}:
            msg = (
                f"bands {bands} do not fit {name}, which has bands 1 to {dataset.count}. "
                "Give one band, or three for red, green and blue."
            )
            raise RasterError(msg)
        return (bands * 3)[:3] if len(bands) == 1 else bands  # type: ignore[return-value]
    named = _by_interpretation(dataset) or _by_description(dataset)
    if named:
        return named
    plain = [b for b in range(1, dataset.count + 1) if b != alpha]
    if not plain:
        msg = f"{name} has nothing but an alpha band. Give a raster with image bands."
        raise RasterError(msg)
    return (plain[0], plain[1], plain[2]) if len(plain) >= 3 else (plain[0],) * 3


def _by_interpretation(dataset: DatasetReader) -> tuple[int, int, int] | None:
    interps: list[Any] = list(dataset.colorinterp)
    wanted = (ColorInterp.red, ColorInterp.green, ColorInterp.blue)
    if all(w in interps for w in wanted):
        red, green, blue = (interps.index(w) + 1 for w in wanted)
        return red, green, blue
    return None


def _by_description(dataset: DatasetReader) -> tuple[int, int, int] | None:
    names = [(text or "").strip().lower() for text in dataset.descriptions]
    found = []
    for known in _NAMES.values():
        hits = [i + 1 for i, text in enumerate(names) if text in known]
        if len(hits) != 1:
            return None
        found += hits
    return found[0], found[1], found[2]


def _palette(dataset: DatasetReader) -> tuple[tuple[int, int, int], ...] | None:
    if dataset.colorinterp[0] != ColorInterp.palette or dataset.dtypes[0] != "uint8":
        return None
    colours = dataset.colormap(1)
    return tuple(tuple(colours.get(i, (0, 0, 0))[:3]) for i in range(256))


def _date(dataset: DatasetReader, name: str) -> str | None:
    tags = {key.upper(): value for key, value in dataset.tags().items()}
    for text in (*(tags.get(tag, "") for tag in _DATE_TAGS), name):
        # A time of day may follow directly: "2016:05:21 10:00:00".
        found = _DATE.search(text)
        if found:
            year, _, month, day = found.groups()
            return f"{year}-{month}-{day}" if month else year
    return None
