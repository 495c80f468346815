"""Geometry of polygons and the things that a query refers to: distances, covered shares, gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mtrs_geo.antimeridian import copies_within
from mtrs_geo.grid import Grid, planar_unit_m
from mtrs_geo.types import BoolArray

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pyproj import CRS

__all__ = ["close_gaps", "covered_share", "in_metres", "is_near", "nearest_m"]

_Shapes: TypeAlias = Any
"""Array of shapely geometries."""
_FloatValues: TypeAlias = npt.NDArray[np.float64]
_IntValues: TypeAlias = npt.NDArray[np.int64]

_SAME_SHARE = 0.5
_FIRST_REACH_M = 50.0
"""Distance in which the nearest other thing is looked for first; then it is doubled."""
_LONGEST_SIDE_DEGREES, _LONGEST_SIDE_M = 0.05, 5000.0
"""Longest side that is projected without dividing it: it moves by less than half a metre."""
_MOST_PARTS = 20_000
"""Parts of a side, whatever its length; those of a side around the Earth are short enough."""
_FAR_M = 9e6
"""Areas that reach so far from the scene may contain the opposite point of the Earth."""
_HALF_DEGREES = 85.0
"""Width of what is kept of such areas, on each side of the scene."""


def in_metres(layer: GeoDataFrame, grid: Grid) -> _Shapes:
    """Return geometries in an equidistant projection around the centre of the scene, in metres.

    Long sides are divided before the projection, so that they stay in place.  Of an area that
    reaches to the other side of the Earth, only the half around the scene is kept: the projection
    would turn it inside out.  In a local CRS, all layers are in its plane and stay there.

    Args:
        layer: features in any CRS.
        grid: grid of the scene.
    """
    import shapely
    from pyproj import Transformer

    shapes = np.asarray(layer.geometry.array, dtype=object)
    unit_m = planar_unit_m(grid.crs)
    if unit_m is not None:
        return np.asarray(shapely.transform(shapes, lambda points: points * unit_m))
    left, bottom, right, top = grid.bounds
    to_degrees = Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform((left + right) / 2, (bottom + top) / 2)
    plane = f"+proj=aeqd +lat_0={lat} +lon_0={lon} +datum=WGS84 +units=m"
    divided = layer.geometry.segmentize(_longest_sides(shapes, layer.crs))
    found = np.asarray(divided.to_crs(plane).array, dtype=object)
    reach_m = np.abs(shapely.bounds(found)).max(axis=1, initial=0)
    is_far = (shapely.get_dimensions(found) == 2) & ~(reach_m < _FAR_M)  # NaN is far, too
    if is_far.any():
        areas = divided[is_far].to_crs("EPSG:4326").make_valid()
        areas = areas.set_axis(range(len(areas))).map(lambda area: _half_around(area, lon, lat))
        found[is_far] = np.asarray(areas.set_crs("EPSG:4326").to_crs(plane).array, dtype=object)
    return found


def _longest_sides(shapes: _Shapes, crs: CRS) -> _FloatValues:
    """Return the longest side of each shape that stays in place, in units of the CRS."""
    import shapely

    longest = _LONGEST_SIDE_DEGREES
    if not crs.is_geographic:
        longest = _LONGEST_SIDE_M / crs.axis_info[0].unit_conversion_factor
    left, bottom, right, top = shapely.bounds(shapes).T
    extents = np.fmax(right - left, top - bottom)  # NaN if a shape is empty
    sides: _FloatValues = np.fmax(longest, extents / _MOST_PARTS)
    return sides


def _half_around(area: Any, lon: float, lat: float) -> Any:  # noqa: ANN401 - shapely geometries
    """Return the part of an area in degrees that is on the half of the Earth around a place."""
    import shapely

    if abs(lat) > _HALF_DEGREES / 2:  # the pole may be in the scene
        half = -180.0, max(-90.0, lat - _HALF_DEGREES), 180.0, min(90.0, lat + _HALF_DEGREES)
    else:
        half = lon - _HALF_DEGREES, -90.0, lon + _HALF_DEGREES, 90.0
    near = shapely.intersection(copies_within(area, half), shapely.box(*half))
    return shapely.segmentize(near, 1.0)


def is_near(shapes: _Shapes, things: _Shapes, distance_m: float, *, has_itself: bool) -> BoolArray:
    """Return which shapes have another thing within a distance of their outline.

    Args:
        shapes: geometries in metres.
        things: geometries in the same projection.
        distance_m: greatest distance in metres.
        has_itself: whether the things may contain the shapes, as for `nearest_m`.
    """
    return np.asarray(nearest_m(shapes, things, has_itself=has_itself) <= distance_m)


def nearest_m(shapes: _Shapes, things: _Shapes, *, has_itself: bool) -> _FloatValues:
    """Return the distance of each shape from the nearest other thing in metres, or infinity.

    Args:
        shapes: geometries in metres.
        things: geometries in the same projection.
        has_itself: whether the things may contain the shapes, as no polygon is near itself: a
            thing that covers more than half of a shape, and lies in it by more than half, is
            that shape and does not count.
    """
    import shapely

    nearest = np.full(len(shapes), np.inf)
    if not len(things) or not len(shapes):
        return nearest
    tree = shapely.STRtree(things)
    (rows, _), distances = tree.query_nearest(shapes, return_distance=True, all_matches=False)
    nearest[rows] = distances
    same_rows, same_things = _same(shapes, things, tree) if has_itself else (rows[:0], rows[:0])
    if same_rows.size:
        rows = np.unique(same_rows)
        own = same_rows * len(things) + same_things
        nearest[rows] = _nearest_others_m(shapes, rows, things, tree, own)
    return nearest


def _nearest_others_m(
    shapes: _Shapes,
    rows: _IntValues,
    things: _Shapes,
    tree: Any,  # noqa: ANN401 - a tree of the things
    own: _IntValues,
) -> _FloatValues:
    """Return the distance of the shapes of some rows from the nearest thing that is not their own.

    Args:
        shapes: geometries in metres.
        rows: (n,) rows of shapes that have a thing of their own.
        things: geometries in metres.
        tree: of the things.
        own: ``row * len(things) + thing`` of the pairs that do not count.
    """
    import shapely

    nearest = np.full(len(rows), np.inf)
    left = np.arange(len(rows))
    left_m, bottom_m, right_m, top_m = shapely.total_bounds([*shapes[rows], *things])
    reach_m, longest_m = _FIRST_REACH_M, np.hypot(right_m - left_m, top_m - bottom_m)
    # Shapes without another thing in reach are far from each other, so that pairs stay few.
    while left.size:
        found, near = tree.query(shapes[rows[left]], predicate="dwithin", distance=reach_m)
        is_other = ~np.isin(rows[left[found]] * len(things) + near, own)
        places, others = left[found[is_other]], things[near[is_other]]
        np.minimum.at(nearest, places, shapely.distance(shapes[rows[places]], others))
        left = left[np.isinf(nearest[left])]
        if reach_m >= longest_m:
            break
        reach_m *= 2
    return nearest


def _same(shapes: _Shapes, things: _Shapes, tree: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Return (row, thing) pairs that overlap each other by more than half."""
    import shapely

    rows, found = tree.query(shapes, predicate="intersects")
    areas = shapely.area(things[found])
    is_area = areas > 0
    rows, found, areas = rows[is_area], found[is_area], areas[is_area]
    valid, valid_things = shapely.make_valid(shapes[rows]), shapely.make_valid(things[found])
    common = shapely.area(shapely.intersection(valid, valid_things))
    least = _SAME_SHARE * np.maximum(areas, shapely.area(shapes[rows]))
    return rows[common > least], found[common > least]


def covered_share(shapes: _Shapes, others: _Shapes) -> _FloatValues:
    """Return the share of the area of each shape that the others cover together.

    Args:
        shapes: polygons.
        others: geometries in the same CRS.
    """
    import shapely

    # The parts of the union do not overlap, so their areas add up.
    parts = shapely.get_parts(shapely.union_all(shapely.make_valid(others)))
    rows, part_rows = shapely.STRtree(parts).query(shapes, predicate="intersects")
    areas = shapely.area(shapely.intersection(shapes[rows], parts[part_rows]))
    covered = np.bincount(rows, areas, minlength=len(shapes)).astype(np.float64)
    return covered / np.asarray(shapely.area(shapes), np.float64)


def close_gaps(shapes: _Shapes, gap_m: float) -> _Shapes:
    """Return shapes that together cover the union, its holes, and gaps up to a width.

    Args:
        shapes: geometries in metres.
        gap_m: width of a gap in metres.
    """
    import shapely

    union = shapely.union_all(shapely.make_valid(np.asarray(shapes)))
    closed = shapely.buffer(shapely.buffer(union, gap_m / 2), -gap_m / 2)
    parts = shapely.get_parts(shapely.union(closed, union))
    parts = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    return shapely.polygons(shapely.get_exterior_ring(parts))
