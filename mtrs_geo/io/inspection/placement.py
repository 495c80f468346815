"""Rasters without a pixel grid: points, a camera model or arrays of coordinates place them."""

from __future__ import annotations

from rasterio.io import DatasetReader

from mtrs_geo.errors import RasterError
from mtrs_geo.io.paths import redacted_path

__all__ = ["check_pixel_grid"]


def check_pixel_grid(dataset: DatasetReader, name: str, kind: str = "") -> None:
    """Refuse a raster without a pixel grid, with the command that warps it to one.

    Args:
        dataset: open raster.
        name: its name for messages.
        kind: what it is, before its name, such as "the tile ".

    Raises:
        RasterError: if it has ground control points, an RPC camera model or geolocation arrays, as
            swaths of satellites have, and no affine transform.
    """
    if not dataset.transform.is_identity:
        return
    if dataset.gcps[0]:
        points, option = "ground control points", "-tps"
    elif dataset.rpcs:
        points, option = "an RPC camera model", "-rpc"
    elif dataset.tags(ns="GEOLOCATION"):
        points, option = "the coordinates of each pixel", "-geoloc"
    else:
        return
    path = name if dataset.driver == "GTiff" else f"'{redacted_path(dataset.name)}'"
    msg = f"{kind}{name} is georeferenced by {points} alone, without a pixel grid."
    advice = (
        f"Warp it first: `gdalwarp {option} -t_srs EPSG:32633 {path} warped.tif`, with the UTM "
        "zone of the place."
    )
    raise RasterError(msg, advice=advice)
