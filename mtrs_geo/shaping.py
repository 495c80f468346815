"""Making outlines fit for a map: small holes closed, stairs smoothed, corners squared."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mtrs_geo.errors import MissingExtraError
from mtrs_geo.types import BoolArray

__all__ = ["fill_holes", "simplify_clusters", "square_corners"]

GeometryArray: TypeAlias = npt.NDArray[Any]
"""Object array of shapely geometries."""

_RECTANGLE_POINTS = 5


def fill_holes(
    polygons: GeometryArray, hole_areas: npt.NDArray[np.float64], islands: npt.NDArray[np.float64]
) -> GeometryArray:
    """Close holes smaller than a limit, except those in which another polygon lies.

    Args:
        polygons: in pixel coordinates.
        hole_areas: limit for each polygon, in square pixels.
        islands: (n, 2), a point (x, y) inside each polygon that may lie in a hole.
    """
    import shapely

    rings, owner = shapely.get_rings(polygons, return_index=True)
    outer = np.diff(owner, prepend=-1) > 0
    filled: GeometryArray = np.asarray(shapely.polygons(rings))
    closed = ~outer & (shapely.area(filled) < hole_areas[owner])
    if not closed.any():
        return polygons
    candidates = np.flatnonzero(closed)
    places: GeometryArray = np.asarray(shapely.points(islands))
    inhabited = shapely.STRtree(places).query(filled[candidates], predicate="contains")[0]
    closed[candidates[inhabited]] = False
    return np.asarray(shapely.polygons(rings[~closed], indices=owner[~closed]))


def simplify_clusters(
    polygons: GeometryArray, clusters: npt.NDArray[np.int64], tolerance_px: float
) -> GeometryArray:
    """Simplify polygons that lie close together as one coverage (Visvalingam-Whyatt).

    Corners where polygons touch stay, so that neighbours keep touching there
    and neither overlap nor part.  A lone rectangle is left as it is.

    Args:
        polygons: in pixel coordinates.
        clusters: cluster of each polygon, numbered from 0.
        tolerance_px: square root of the area of the triangles that go.
    """
    import shapely

    simple = polygons.copy()
    order = np.argsort(clusters, kind="stable")
    members = np.bincount(clusters)
    is_lone_box = (shapely.get_num_coordinates(polygons) == _RECTANGLE_POINTS) & (
        members[clusters] == 1
    )
    for cluster in np.split(order, np.cumsum(members)[:-1]):
        if not is_lone_box[cluster[0]]:
            simple[cluster] = shapely.coverage_simplify(polygons[cluster], tolerance_px)
    # A cluster stays as it was rather than become invalid.
    broken = ~_is_sound(simple)
    restored = np.isin(clusters, clusters[broken])
    simple[restored] = polygons[restored]
    return simple


def square_corners(
    polygons: GeometryArray, pixel_m: tuple[float, float], tolerance_px: float
) -> GeometryArray:
    """Return polygons whose sides follow one main direction, its normal or a diagonal of them.

    Done by the package buildingregulariser, one polygon at a time, in metres.
    A polygon that it loses or breaks, or whose area it changes by more than
    a quarter, keeps its outline.

    Args:
        polygons: in pixel coordinates.
        pixel_m: width and height of a pixel on the ground in metres.
        tolerance_px: simplification before sides are aligned.

    Raises:
        MissingExtraError: if the package is not installed.
    """
    import geopandas
    import shapely

    try:
        from buildingregulariser import regularize_geodataframe
    except ImportError as error:
        msg = (
            "Squaring the corners of buildings needs the package buildingregulariser. "
            'Install it with: pip install "mtrs-geo[regularize]"'
        )
        raise MissingExtraError(msg) from error
    scale = np.array(pixel_m)
    metric = shapely.transform(polygons, lambda points: points * scale)
    frame = geopandas.GeoDataFrame(geometry=metric)
    pixel = float(scale.mean())
    squared = regularize_geodataframe(
        frame,
        parallel_threshold=2 * pixel,
        simplify_tolerance=max(tolerance_px, 0.5) * pixel,
        allow_circles=False,
        num_cores=1,
    )
    drawn = metric.copy()
    drawn[squared.index] = squared.geometry.array
    sound = _is_sound(drawn)
    sound[sound] &= np.abs(shapely.area(drawn[sound]) / shapely.area(metric[sound]) - 1) <= 1 / 4
    back: GeometryArray = shapely.transform(drawn, lambda points: points / scale)
    return np.where(sound, back, polygons)


def _is_sound(polygons: GeometryArray) -> BoolArray:
    import shapely

    sound: BoolArray = (
        shapely.is_valid(polygons)
        & ~shapely.is_empty(polygons)
        & (shapely.get_type_id(polygons) == shapely.GeometryType.POLYGON)
    )
    return sound
