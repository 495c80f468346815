"""Longitudes that differ by whole turns: rasters, areas and polygons at the 180° meridian."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry

from mtrs_geo.errors import GridError
from mtrs_geo.types import Bounds

__all__ = [
    "centroids_in_degrees",
    "copies_within",
    "has_longitudes",
    "near_longitude",
    "split_at_antimeridian",
    "with_meridian_inside",
]

_TURN = 360.0
_PRIME_MERIDIAN = re.compile(r'PRIMEM\["[^"]*",([^,\]]+)(?:,AUTHORITY\[[^\]]*\])?\]')
_OWN_AUTHORITY = re.compile(r",AUTHORITY\[[^\]]*\]\]$")
_POLE = 90.0
_EXACT = 1e-9
"""Degrees by which a point at a pole, or a meridian, is missed after a projection."""
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

    Raises:
        GridError: if it crosses 180° in a CRS that WKT 1 does not have.
    """
    left, right = sorted((transform @ (0, 0))[0] + np.array([0, transform.a * cols]))
    is_inside = left >= -180 and right <= 180
    try:
        wkt = crs.to_2d().to_wkt("WKT1_GDAL")  # which has no geographic CRS of three dimensions
    except CRSError as error:  # such as one with a rotated pole
        if is_inside:
            return crs.to_wkt(), transform
        msg = (
            f"a raster in {crs.name!r} has longitudes of {left:g} to {right:g}: beyond 180° of a "
            "CRS whose prime meridian cannot be moved."
        )
        raise GridError(msg, advice="Warp it to a projected CRS first, with `gdalwarp`.") from error
    if is_inside:
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

    A polygon that crosses becomes a multipolygon, as RFC 7946 (section 3.1.9) recommends.  One that
    contains a pole gets an edge along it, from -180° to 180°.

    Args:
        shapes: (n,) polygons or multipolygons, each narrower than 180° or around a pole.
    """
    bounds = shapely.bounds(shapes)
    left, right = bounds[:, 0], bounds[:, 2]
    is_affected = (left < -180) | (right > 180) | (right - left > 180 - _EXACT)
    is_affected |= np.abs(bounds[:, [1, 3]]).max(1) > _POLE - _EXACT
    if not is_affected.any():
        return shapes
    result = shapes.copy()
    for i in np.flatnonzero(is_affected):
        result[i] = _split(shapes[i])
    return result


def centroids_in_degrees(shapes: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return the centroids (n, 2) of polygons in degrees, also of those cut at 180°.

    The mean of longitudes on both sides of 180° is on the other side of the Earth, so polygons that
    are wider than half a turn are measured in an equal-area projection around their nearer pole.

    Args:
        shapes: (n,) polygons with longitudes of -180 to 180, see `split_at_antimeridian`.
    """
    points: npt.NDArray[np.float64] = shapely.get_coordinates(shapely.centroid(shapes))
    bounds = shapely.bounds(shapes)
    for i in np.flatnonzero(bounds[:, 2] - bounds[:, 0] > _TURN / 2):
        pole = _POLE if points[i, 1] >= 0 else -_POLE
        plane = Transformer.from_crs("EPSG:4326", f"+proj=laea +lat_0={pole}", always_xy=True)
        centre = shapely.centroid(shapely.transform(shapes[i], plane.transform, interleaved=False))
        points[i] = plane.transform(centre.x, centre.y, direction="INVERSE")
    return points


def _split(shape: BaseGeometry) -> BaseGeometry:
    if not np.isfinite(shape.bounds).all():
        return shape
    if any(_meets_pole(ring) for ring in shapely.get_rings(shapely.get_parts(shape))):
        parts = shapely.get_parts([_split_at_pole(part) for part in shapely.get_parts(shape)])
        parts = shapely.orient_polygons(parts)
        return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
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


def _meets_pole(ring: BaseGeometry) -> bool:
    """Return whether a ring in degrees goes through a pole, or half around one or more."""
    lons, lats = shapely.get_coordinates(ring).T
    is_through = np.abs(lats).max() > _POLE - _EXACT
    return bool(is_through or np.ptp(np.cumsum(_steps(lons))) > 180 - _EXACT)


def _steps(lons: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the differences of neighbouring longitudes on the shorter way."""
    steps: npt.NDArray[np.float64] = (np.diff(lons) + 180) % _TURN - 180
    return steps


def _split_at_pole(polygon: BaseGeometry) -> BaseGeometry:
    """Return a polygon of which a ring meets a pole, with longitudes of -180 to 180."""
    outer, *holes = (_inside(shapely.get_coordinates(r)) for r in shapely.get_rings(polygon))
    whole = shapely.difference(outer, shapely.union_all(holes)) if holes else outer
    parts = shapely.get_parts(whole)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])


def _inside(points: npt.NDArray[np.float64]) -> BaseGeometry:
    """Return what a closed ring (n, 2) in degrees encloses, with longitudes of -180 to 180."""
    points = _with_poles(points)
    lons = np.concatenate([points[:1, 0], points[0, 0] + np.cumsum(_steps(points[:, 0]))])
    turn = float(np.round((lons[-1] - lons[0]) / _TURN) * _TURN)
    lons[-1] = lons[0] + turn
    ring = np.column_stack([lons, points[:, 1]])
    if turn:
        ring = _around_pole(ring, turn)
    whole = shapely.make_valid(shapely.polygons(ring))
    wests = np.arange(np.floor((whole.bounds[0] + 180) / _TURN), (whole.bounds[2] + 180) / _TURN)
    parts = [
        _moved(whole & shapely.box(west, -_FAR, west + _TURN, _FAR), -180 - west)
        for west in (wests * _TURN - 180).tolist()
    ]
    return shapely.union_all(parts)


def _around_pole(ring: npt.NDArray[np.float64], turn: float) -> npt.NDArray[np.float64]:
    """Return a ring (n, 2) that goes around a pole, closed along 180° and the pole.

    It begins where it crosses 180° nearest to the pole, so that the new edges cross no other.
    """
    lons, lats = ring.T
    cells = np.floor((lons + 180) / _TURN)
    crossings = np.flatnonzero(np.diff(cells))
    meridians = np.maximum(cells[:-1], cells[1:])[crossings] * _TURN - 180
    shares = (meridians - lons[crossings]) / np.diff(lons)[crossings]
    at = lats[crossings] + shares * np.diff(lats)[crossings]
    nearest = np.abs(at).argmax()
    i, x, y = crossings[nearest], meridians[nearest], at[nearest]
    pole = np.copysign(_POLE, y)
    before = ring[: i + 1] + np.array([turn, 0])
    closing = [(x + turn, y), (x + turn, pole), (x, pole)]
    return np.array([(x, y), *ring[i + 1 : -1], *before, *closing])


def _with_poles(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return a closed ring with two points where it goes through a pole, which has no longitude."""
    is_pole = np.abs(points[:, 1]) > _POLE - _EXACT
    points, is_pole = points[:-1], is_pole[:-1]
    start = int(np.flatnonzero(~is_pole)[0])
    points, is_pole = np.roll(points, -start, axis=0), np.roll(is_pole, -start)
    pole = float(np.copysign(_POLE, points[np.abs(points[:, 1]).argmax(), 1]))
    kept = np.vstack([points[~is_pole], points[:1]])
    through = np.append(is_pole, False)[1:][~is_pole] | (np.abs(_steps(kept[:, 0])) > 180 - _EXACT)
    found = []
    for here, following, is_through in zip(kept[:-1], kept[1:], through, strict=True):
        found.append(here)
        if is_through:
            found += [np.array([here[0], pole]), np.array([following[0], pole])]
    return np.array([*found, kept[0]])


def _moved(shape: BaseGeometry, degrees: float) -> BaseGeometry:
    return shapely.transform(shape, lambda points: points + np.array([degrees, 0.0]))
