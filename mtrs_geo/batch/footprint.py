"""The outline of a pixel grid in WGS 84."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from affine import Affine
from pyproj import CRS, Transformer

from mtrs_geo.antimeridian import split_at_antimeridian

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = ["footprint"]

_WGS84 = "EPSG:4326"
_SIDE_PARTS = 64
"""Parts of the longest side, as a straight line of another CRS is a curve in WGS 84."""


def footprint(shape: tuple[int, int], transform: Affine, crs: CRS) -> BaseGeometry:
    """Return the outline of a raster as a polygon in WGS 84, cut where it crosses 180°.

    Args:
        shape: (rows, cols).
        transform: pixel (col, row) to coordinates of the CRS.
        crs: one with a place on the Earth.

    Raises:
        pyproj.exceptions.ProjError: if the CRS has none.
    """
    import shapely

    rows, cols = shape
    corners = [transform @ point for point in ((0, 0), (cols, 0), (cols, rows), (0, rows))]
    following = [*corners[1:], corners[0]]
    longest = max(math.dist(a, b) for a, b in zip(corners, following, strict=True))
    outline = shapely.segmentize(shapely.Polygon(corners), longest / _SIDE_PARTS)
    project = Transformer.from_crs(crs, _WGS84, always_xy=True).transform
    projected = shapely.transform(
        outline, lambda points: np.stack(project(points[:, 0], points[:, 1]), axis=1)
    )
    whole: BaseGeometry = split_at_antimeridian(np.array([projected]))[0]
    return whole
