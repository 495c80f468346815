"""Geometry of polygons and the things that a query refers to: distances, covered shares, gaps."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mtrs_geo.types import BoolArray

__all__ = ["close_gaps", "covered_share", "is_near", "nearest_m"]

_Shapes: TypeAlias = Any
"""Array of shapely geometries."""
_FloatValues: TypeAlias = npt.NDArray[np.float64]

_SAME_SHARE = 0.5


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
    if not has_itself:
        return nearest
    same_rows, same_things = _same(shapes, things, tree)
    for row in np.unique(same_rows):
        others_of_row = np.delete(things, same_things[same_rows == row])
        nearest[row] = shapely.distance(shapes[row], others_of_row).min(initial=np.inf)
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
