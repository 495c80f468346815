"""Longitudes that differ by whole turns: rasters, areas and polygons at the 180° meridian."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from mtrs_geo.types import Bounds

__all__ = [
    "copies_within",
    "has_longitudes",
    "near_longitude",
    "split_at_antimeridian",
    "with_meridian_inside",
]

_TURN = 360.0
_PRIME_MERIDIAN = re.compile(r'PRIMEM\["[^"]*",([^,\]]+)(?:,AUTHORITY\[[^\]]*\])?\]')
_OWN_AUTHORITY = re.compile(r",AUTHORITY\[[^\]]*\]\]$")
_FAR = 1e3
"""Beyond all latitudes, in degrees."""


def has_longitudes(crs: CRS) -> bool:
    """Return whether the first coordinate of a CRS is a longitude in degrees."""
    return bool(crs.is_geographic and crs.axis_info and crs.axis_info[0].unit_name == "degree")


def near_longitude(bounds: Bounds, longitude: float) -> Bounds:
    """Return bounds in degrees, moved by whole turns as near to a longitude as possible.

    Args:
        bounds: (left, bottom, right, top); left > right if they cross the antimeridian.
        longitude: in degrees, of any turn.
    """
    left, bottom, right, top = bounds
    if left > right:
        right += _TURN
    turns = round((longitude - (left + right) / 2) / _TURN) * _TURN
    return left + turns, bottom, right + turns, top


def with_meridian_inside(crs: CRS, transform: Affine, cols: int) -> tuple[str, Affine]:
    """Return the WKT and transform of a raster in degrees, with its longitudes around 0°.

    PROJ returns longitudes of -180° to 180°, so it finds no pixel beyond; with another prime
    meridian, all pixels of a raster that crosses 180° are within.

    Args:
        crs: geographic CRS of the raster.
        transform: north-up transform, pixel (col, row) to degrees.
        cols: width of the raster in pixels.
    """
    wkt = crs.to_2d().to_wkt("WKT1_GDAL")  # which has no geographic CRS of three dimensions
    left, right = sorted((transform @ (0, 0))[0] + np.array([0, transform.a * cols]))
    if left >= -180 and right <= 180:
        return wkt, transform
    middle = float(np.round((left + right) / 2))
    wkt = _PRIME_MERIDIAN.sub(lambda m: f'PRIMEM["moved",{float(m[1]) + middle!r}]', wkt)
    return _OWN_AUTHORITY.sub("]", wkt), Affine.translation(-middle, 0) @ transform


def copies_within(shape: BaseGeometry, bounds: Bounds) -> BaseGeometry:
    """Return an area in degrees as it lies in ``bounds``, which may extend beyond 180°.

    Args:
        shape: polygon or multipolygon, as it is or cut at the antimeridian.
        bounds: (left, bottom, right, top) in degrees with left < right.
    """
    left, _, right, _ = shape.bounds
    first = np.ceil((bounds[0] - right) / _TURN)
    last = np.floor((bounds[2] - left) / _TURN)
    turns = np.arange(first, last + 1) * _TURN
    if not turns.size or (turns == 0).all():
        return shape
    return shapely.union_all([_moved(shape, turn) for turn in turns])


def split_at_antimeridian(shapes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return polygons in degrees with longitudes of -180 to 180, cut where they cross 180°.

    A polygon that crosses becomes a multipolygon, as RFC 7946 (section 3.1.9) recommends.

    Args:
        shapes: (n,) polygons or multipolygons, each narrower than 180°.
    """
    bounds = shapely.bounds(shapes)
    left, right = bounds[:, 0], bounds[:, 2]
    is_affected = (left < -180) | (right > 180) | (right - left > 180)
    if not is_affected.any():
        return shapes
    result = shapes.copy()
    for i in np.flatnonzero(is_affected):
        result[i] = _split(shapes[i])
    return result


def _split(shape: BaseGeometry) -> BaseGeometry:
    if not np.isfinite(shape.bounds).all():
        return shape
    first = shapely.get_coordinates(shape)[0, 0]

    def unwrap(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        away = (points[:, 0] - first + 180) % _TURN - 180
        return np.column_stack([first + away, points[:, 1]])

    whole = shapely.transform(shape, unwrap)
    whole = _moved(whole, -_TURN * np.floor((whole.bounds[0] + 180) / _TURN))
    if whole.bounds[2] <= 180:
        return whole
    west = shapely.intersection(whole, shapely.box(-180, -_FAR, 180, _FAR))
    east = shapely.intersection(whole, shapely.box(180, -_FAR, 540, _FAR))
    parts = shapely.get_parts([west, _moved(east, -_TURN)])
    parts = parts[shapely.get_dimensions(parts) == 2]
    return shapely.orient_polygons(shapely.multipolygons(shapely.get_parts(parts)))


def _moved(shape: BaseGeometry, degrees: float) -> BaseGeometry:
    return shapely.transform(shape, lambda points: points + np.array([degrees, 0.0]))
