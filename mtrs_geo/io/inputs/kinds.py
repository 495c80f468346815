"""The kinds of rasters that a run takes, and what each becomes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import rasterio
import rasterio.shutil
from affine import Affine
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader, DatasetWriter
from rasterio.vrt import WarpedVRT

from mtrs_geo.errors import RasterError
from mtrs_geo.io.dates import date_attributes, date_tags
from mtrs_geo.io.inputs.arrays import (
    DECLARED,
    ArrayRaster,
    RasterInput,
    array_input,
    in_memory,
)
from mtrs_geo.io.inputs.mosaics import mosaic_input
from mtrs_geo.io.inputs.tile_lists import TileList, full_path, list_tiles
from mtrs_geo.io.inputs.xarray_objects import array_raster, source_files
from mtrs_geo.io.paths import is_remote_path
from mtrs_geo.io.source import open_raster
from mtrs_geo.types import StrPath

if TYPE_CHECKING:
    import xarray

__all__ = ["RasterLike", "expand_tiles", "is_in_memory", "raster_input", "source_names"]

RasterLike: TypeAlias = (
    "StrPath | DatasetReader | WarpedVRT | xarray.DataArray | xarray.Dataset "
    "| tuple[npt.NDArray[Any], Affine, Any] | Sequence[RasterLike] | TileList"
)
"""A path that GDAL reads, an open rasterio dataset or WarpedVRT, an xarray object with a CRS, or
(array, transform, CRS); the array is (bands, rows, cols) or (rows, cols).  Or tiles: a list of
these, a glob pattern such as ``before/*.tif``, or a folder."""

_TAKEN = (
    "A raster is a path, an open rasterio dataset or WarpedVRT, an xarray.DataArray or Dataset "
    "with a CRS, (array, affine transform, CRS) with an array of (bands, rows, cols), or a list, "
    "glob pattern or folder of tiles."
)


def raster_input(raster: object) -> RasterInput:
    """Return a raster of any kind of `RasterLike` as one that GDAL opens by its path.

    Raises:
        RasterError: if it is of another kind; the message lists the kinds.
    """
    if tiles := list_tiles(raster):
        found = mosaic_input(tiles, raster_input, lambda entry: open_raster(entry.path))
        return replace(found, origins=tuple(source_names(tiles)))
    return replace(_single(raster), origins=tuple(source_names(raster)))


def _single(raster: object) -> RasterInput:
    """Return one raster, not a list of tiles, under a path that GDAL opens."""
    if isinstance(raster, str | os.PathLike):
        return RasterInput(full_path(raster))
    if isinstance(raster, WarpedVRT | DatasetReader | DatasetWriter):
        return _from_dataset(raster)
    if isinstance(raster, tuple) and len(raster) == 3 and isinstance(raster[0], np.ndarray):
        return array_input(ArrayRaster(*raster))
    if isinstance(raster, ArrayRaster):
        return array_input(raster)
    if _is_xarray(raster):
        return array_input(array_raster(raster))
    kind = f"an array of shape {raster.shape}" if isinstance(raster, np.ndarray) else repr(raster)
    msg = f"{kind[:80]} ({type(raster).__name__}) is not a raster that can be read."
    raise RasterError(msg, advice=_TAKEN)


def _is_xarray(raster: object) -> bool:
    return any(kind.__module__.partition(".")[0] == "xarray" for kind in type(raster).__mro__)


def expand_tiles(rasters: Sequence[RasterLike]) -> list[Any]:
    """Return the rasters, with lists, patterns and folders as `TileList`, and ~ as home folder.

    Raises:
        RasterError: if it is a single path or xarray object instead of a list, a set or a
            dictionary, or one has no tile.
    """
    if _is_xarray(rasters):
        msg = f"the dates were given as one {type(rasters).__name__}, not as a list of rasters."
        advice = "Give a list with one object per date: [data.sel(time=t) for t in data.time]."
        raise RasterError(msg, advice=advice)
    if isinstance(rasters, str | os.PathLike):
        msg = f"{str(rasters)!r} is one path, not a list of rasters."
        raise RasterError(msg, advice="Give a list with one raster, pattern or folder per date.")
    if isinstance(rasters, Set | Mapping):
        msg = f"the dates were given as a {type(rasters).__name__}, not as a list of rasters."
        raise RasterError(msg, advice="Give a list with one raster per date, earliest first.")
    return [list_tiles(raster) or full_path(raster) for raster in rasters]


def source_names(raster: object) -> list[str]:
    """Return the names of the files behind a raster, as GDAL opens them; none for an array."""
    if isinstance(raster, TileList):
        return [name for tile in raster.tiles for name in source_names(tile)]
    if isinstance(raster, str | os.PathLike):
        return [full_path(raster)]
    if isinstance(raster, WarpedVRT):
        return source_names(raster.src_dataset)
    if isinstance(raster, DatasetReader | DatasetWriter):
        return [raster.name, *([] if raster.closed else raster.files)]
    return source_files(raster) if _is_xarray(raster) else []


def is_in_memory(path: str) -> bool:
    """Return whether a path exists in this process only."""
    return path.startswith("/vsimem/")


def _from_dataset(dataset: WarpedVRT | DatasetReader | DatasetWriter) -> RasterInput:
    if isinstance(dataset, DatasetWriter) and not dataset.closed:
        msg = f"{dataset.name} is open for writing (mode {dataset.mode!r})."
        raise RasterError(msg, advice="Close it first, so that its pixels are written.")
    if not isinstance(dataset, WarpedVRT) and _is_reopened_alike(dataset):
        return RasterInput(dataset.name)
    if dataset.closed:
        msg = f"{dataset.name} is closed."
        raise RasterError(msg, advice="Pass it while it is open.")
    lazy = isinstance(dataset, WarpedVRT) and not dataset.src_dataset.closed
    suffix, driver = (".vrt", "VRT") if lazy and _has_name(dataset) else (".tif", "GTiff")

    def write(path: str) -> None:
        rasterio.shutil.copy(dataset, path, driver=driver)
        if lazy:  # GDAL does not copy what tells the date
            source = dataset.src_dataset
            with rasterio.open(path, "r+") as file:
                file.update_tags(**date_attributes(date_tags(source)))
                file.update_tags(ns=DECLARED, file=source.name)

    return in_memory(suffix, write)


def _has_name(dataset: WarpedVRT) -> bool:
    return _is_reopened_alike(dataset.src_dataset)


def _is_reopened_alike(dataset: DatasetReader) -> bool:
    """Return whether the name of a dataset opens the same grid; not so for driver MEM."""
    if dataset.closed or is_remote_path(dataset.name):
        return bool(dataset.name)
    try:
        with rasterio.open(dataset.name) as again:
            same = again.shape == dataset.shape and again.transform == dataset.transform
            return bool(same and again.count == dataset.count)
    except RasterioError:
        return False
