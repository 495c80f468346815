"""Generalize outlines: close small holes, simplify pixel stairs, square corners."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mtrs_geo.errors import MissingExtraError
from mtrs_geo.types import BoolArray
from mtrs_geo.vectorize.outlines import GeometryArray

__all__ = ["MAX_SQUARING_SHIFT_PX", "fill_holes", "simplify_clusters", "square_corners"]

MAX_SQUARING_SHIFT_PX = 2
"""Largest distance of a squared corner from the pixels of its polygon, in pixels."""

_RECTANGLE_POINTS = 5


def fill_holes(
    polygons: GeometryArray, hole_areas: npt.NDArray[np.float64], islands: npt.NDArray[np.float64]
) -> GeometryArray:
    """Close holes smaller than a limit, except holes that contain another polygon.

    Args:
        polygons: in pixel coordinates.
        hole_areas: limit per polygon, in square pixels.
        islands: (n, 2), a point (x, y) inside each polygon that may be in a hole.
    """
    import shapely

    rings, owner = shapely.get_rings(polygons, return_index=True)
    outer = np.diff(owner, prepend=-1) > 0
    filled: GeometryArray = np.asarray(shapely.polygons(rings))
    closed = ~outer & (shapely.area(filled) < hole_areas[owner])
    if not closed.any():
        return polygons
    candidates = np.flatnonzero(closed)
    points: GeometryArray = np.asarray(shapely.points(islands))
    occupied = shapely.STRtree(points).query(filled[candidates], predicate="contains")[0]
    closed[candidates[occupied]] = False
    return np.asarray(shapely.polygons(rings[~closed], indices=owner[~closed]))


def simplify_clusters(
    polygons: GeometryArray, clusters: npt.NDArray[np.int64], tolerance_px: float
) -> GeometryArray:
    """Simplify each cluster of close polygons as one coverage (Visvalingam-Whyatt).

    Corners where polygons touch are kept, so that neighbours neither overlap nor separate.
    A rectangle that is alone in its cluster is unchanged.

    Args:
        polygons: in pixel coordinates.
        clusters: cluster of each polygon, numbered from 0.
        tolerance_px: square root of the area of the triangles to remove, in pixels.
    """
    import shapely

    simplified = polygons.copy()
    order = np.argsort(clusters, kind="stable")
    cluster_sizes = np.bincount(clusters)
    is_single_rectangle = (shapely.get_num_coordinates(polygons) == _RECTANGLE_POINTS) & (
        cluster_sizes[clusters] == 1
    )
    for cluster in np.split(order, np.cumsum(cluster_sizes)[:-1]):
        if not is_single_rectangle[cluster[0]]:
            simplified[cluster] = shapely.coverage_simplify(polygons[cluster], tolerance_px)
    # A cluster with an invalid result keeps its original outlines.
    broken = ~_is_valid(simplified)
    restored = np.isin(clusters, clusters[broken])
    simplified[restored] = polygons[restored]
    return simplified


def square_corners(
    polygons: GeometryArray,
    traced: GeometryArray,
    clusters: npt.NDArray[np.int64],
    pixel_m: tuple[float, float],
    tolerance_px: float,
) -> GeometryArray:
    """Return polygons whose sides follow one main direction, its normal or a diagonal of them.

    The package buildingregulariser does this for each polygon separately, in metres.  A
    polygon keeps its outline if the result is missing, invalid or in several pieces, if its
    area differs by more than a quarter, if it leaves the pixels by more than
    ``MAX_SQUARING_SHIFT_PX``, or if it overlaps a neighbour.

    Args:
        polygons: in pixel coordinates.
        traced: their pixel outlines.
        clusters: cluster of each polygon; polygons of different clusters are more than
            twice ``MAX_SQUARING_SHIFT_PX`` apart.
        pixel_m: width and height of a pixel on the ground in metres.
        tolerance_px: simplification before the sides are aligned, in pixels.

    Raises:
        MissingExtraError: if the package is not installed.
    """
    import shapely

    squared, accepted = _regularize(polygons, np.array(pixel_m), tolerance_px)
    accepted &= _is_valid(squared)
    area_change = shapely.area(squared[accepted]) / shapely.area(polygons[accepted]) - 1
    limits = shapely.buffer(traced[accepted], MAX_SQUARING_SHIFT_PX, join_style="mitre")
    is_close = shapely.covers(limits, squared[accepted])
    accepted[accepted] = (np.abs(area_change) <= 1 / 4) & is_close
    while True:
        result = np.where(accepted, squared, polygons)
        overlapping = accepted & _overlaps_neighbour(result, clusters)
        if not overlapping.any():
            return result
        accepted &= ~overlapping


def _regularize(
    polygons: GeometryArray, scale: npt.NDArray[np.float64], tolerance_px: float
) -> tuple[GeometryArray, BoolArray]:
    """Return the squared polygons, and which of them are in one piece."""
    import geopandas
    import shapely

    try:
        from buildingregulariser import regularize_geodataframe
    except ImportError as error:
        msg = "Squaring the corners of buildings needs the package buildingregulariser."
        advice = 'Install it with: pip install "mtrs-geo[regularize]"'
        raise MissingExtraError(msg, advice=advice) from error
    metric = shapely.transform(polygons, lambda points: points * scale)
    pixel = float(scale.mean())
    found = regularize_geodataframe(
        geopandas.GeoDataFrame({"source": np.arange(metric.size)}, geometry=metric),
        parallel_threshold=2 * pixel,
        simplify_tolerance=max(tolerance_px, 0.5) * pixel,
        allow_circles=False,
        num_cores=1,
    )
    # The package renumbers its rows: a polygon may have several rows, or none.
    source = found["source"].to_numpy(np.int64)
    metric[source] = found.geometry.array
    is_whole: BoolArray = np.bincount(source, minlength=metric.size) == 1
    # Rounded here, so that rings that map coordinates would make invalid are rejected.
    return shapely.transform(metric, lambda points: np.round(points / scale, 3)), is_whole


def _overlaps_neighbour(polygons: GeometryArray, clusters: npt.NDArray[np.int64]) -> BoolArray:
    import shapely

    left, right = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    pairs = (left != right) & (clusters[left] == clusters[right])
    left, right = left[pairs], right[pairs]
    intersects = shapely.relate_pattern(polygons[left], polygons[right], "T********")
    overlaps = np.zeros(polygons.size, np.bool_)
    overlaps[left[intersects]] = True
    return overlaps


def _is_valid(polygons: GeometryArray) -> BoolArray:
    import shapely

    valid: BoolArray = (
        shapely.is_valid(polygons)
        & ~shapely.is_empty(polygons)
        & (shapely.get_type_id(polygons) == shapely.GeometryType.POLYGON)
    )
    return valid
