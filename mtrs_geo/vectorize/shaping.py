"""Making outlines fit for a map: small holes closed, stairs smoothed, corners squared."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mtrs_geo.errors import MissingExtraError
from mtrs_geo.types import BoolArray

__all__ = ["SQUARING_REACH_PX", "fill_holes", "simplify_clusters", "square_corners"]

GeometryArray: TypeAlias = npt.NDArray[Any]
"""Object array of shapely geometries."""

SQUARING_REACH_PX = 2
"""How far squared corners may leave the pixels of their polygon."""

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
    polygons: GeometryArray,
    traced: GeometryArray,
    clusters: npt.NDArray[np.int64],
    pixel_m: tuple[float, float],
    tolerance_px: float,
) -> GeometryArray:
    """Return polygons whose sides follow one main direction, its normal or a diagonal of them.

    Done by the package buildingregulariser, one polygon at a time, in metres.
    A polygon keeps its outline where the package loses, cuts up or breaks it,
    changes its area by more than a quarter, moves it more than ``SQUARING_REACH_PX``
    out of its pixels, or lays it over a neighbour.

    Args:
        polygons: in pixel coordinates.
        traced: their pixel outlines.
        clusters: cluster of each polygon; those of unlike clusters lie more than
            twice ``SQUARING_REACH_PX`` apart.
        pixel_m: width and height of a pixel on the ground in metres.
        tolerance_px: simplification before sides are aligned.

    Raises:
        MissingExtraError: if the package is not installed.
    """
    import shapely

    squared, sound = _regularize(polygons, np.array(pixel_m), tolerance_px)
    sound &= _is_sound(squared)
    change = shapely.area(squared[sound]) / shapely.area(polygons[sound]) - 1
    room = shapely.buffer(traced[sound], SQUARING_REACH_PX, join_style="mitre")
    sound[sound] = (np.abs(change) <= 1 / 4) & shapely.covers(room, squared[sound])
    while True:
        drawn = np.where(sound, squared, polygons)
        overlapping = sound & _overlaps_neighbour(drawn, clusters)
        if not overlapping.any():
            return drawn
        sound &= ~overlapping


def _regularize(
    polygons: GeometryArray, scale: npt.NDArray[np.float64], tolerance_px: float
) -> tuple[GeometryArray, BoolArray]:
    """Return the package's polygons, and which of them came back in one piece."""
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
    metric = shapely.transform(polygons, lambda points: points * scale)
    pixel = float(scale.mean())
    found = regularize_geodataframe(
        geopandas.GeoDataFrame({"source": np.arange(metric.size)}, geometry=metric),
        parallel_threshold=2 * pixel,
        simplify_tolerance=max(tolerance_px, 0.5) * pixel,
        allow_circles=False,
        num_cores=1,
    )
    # The package numbers its rows anew: a polygon that it cuts up has several, a lost one none.
    source = found["source"].to_numpy(np.int64)
    metric[source] = found.geometry.array
    is_whole: BoolArray = np.bincount(source, minlength=metric.size) == 1
    # Rings that nearly touch themselves would do so once rounded to map coordinates.
    return shapely.transform(metric, lambda points: np.round(points / scale, 3)), is_whole


def _overlaps_neighbour(polygons: GeometryArray, clusters: npt.NDArray[np.int64]) -> BoolArray:
    import shapely

    left, right = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    pairs = (left != right) & (clusters[left] == clusters[right])
    left, right = left[pairs], right[pairs]
    shares = shapely.relate_pattern(polygons[left], polygons[right], "T********")
    overlaps = np.zeros(polygons.size, np.bool_)
    overlaps[left[shares]] = True
    return overlaps


def _is_sound(polygons: GeometryArray) -> BoolArray:
    import shapely

    sound: BoolArray = (
        shapely.is_valid(polygons)
        & ~shapely.is_empty(polygons)
        & (shapely.get_type_id(polygons) == shapely.GeometryType.POLYGON)
    )
    return sound
