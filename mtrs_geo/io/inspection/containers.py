"""Files that hold several rasters: netCDF, HDF, GeoPackage, Zarr."""

from __future__ import annotations

from collections.abc import Mapping

import rasterio
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader

from mtrs_geo.errors import RasterError

__all__ = ["check_is_one_raster"]

_LISTED = 20


def check_is_one_raster(dataset: DatasetReader, name: str) -> None:
    """Refuse a file of which no raster is chosen.

    Args:
        dataset: open file.
        name: its name for messages.

    Raises:
        RasterError: if it has no band; the message lists the rasters that it holds.
    """
    if dataset.count:
        return
    tags = dataset.tags(ns="SUBDATASETS")
    names = {key[: -len("_NAME")]: path for key, path in tags.items() if key.endswith("_NAME")}
    if not names:
        msg = f"{name} has no raster band."
        raise RasterError(msg, advice="Check with `gdalinfo` what it holds.")
    if dataset.driver == "Zarr":
        names = _without_axes(names)
    listed = [f"{path} ({tags.get(f'{key}_DESC', '')})" for key, path in names.items()]
    more = f"; and {len(listed) - _LISTED} more" if len(listed) > _LISTED else ""
    example = next(iter(names.values()))
    msg = f"{name} holds {len(listed)} rasters: {'; '.join(listed[:_LISTED])}{more}."
    advice = (
        f"Name one instead of the file, for example '{example}'. Combine three for red, green and "
        "blue with `gdalbuildvrt -separate rgb.vrt` and their names."
    )
    raise RasterError(msg, advice=advice)


def _without_axes(names: Mapping[str, str]) -> dict[str, str]:
    """Return the rasters among the arrays of a Zarr store, which lists coordinates as rasters, too.

    All are returned if none is a raster, or there are too many to open each.
    """
    if len(names) > _LISTED:
        return dict(names)
    return {key: path for key, path in names.items() if not _is_axis(path)} or dict(names)


def _is_axis(path: str) -> bool:
    """Return whether an array has fewer than two dimensions."""
    try:
        with rasterio.open(path) as array:
            return bool(min(array.shape) < 2)
    except RasterioError:
        return False
