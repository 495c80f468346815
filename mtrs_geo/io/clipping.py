"""Clip polygons to an area of many parts or vertices; the cost depends on what is near them."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

__all__ = ["PolygonIndex", "merge_polygons", "polygonal"]

_FEW_VERTICES = 500
"""A part with at most this many vertices is intersected as it is."""
_LEVELS = 24
"""Largest number of times that a part is halved."""
_PIECES = 1024
"""Number of pieces of large parts that are kept."""
_SHRINK = 1e-9
"""Part of a window's width; a smaller overlap is a shared border."""


class PolygonIndex:
    """The parts of an area in a tree; each part is prepared for repeated tests.

    Args:
        parts: (n,) valid polygons, which may overlap.
    """

    def __init__(self, parts: npt.NDArray[Any]) -> None:
        left, bottom, right, top = shapely.total_bounds(parts)
        self._left, self._bottom, self._side = left, bottom, max(right - left, top - bottom)
        self._tree = shapely.STRtree(parts)
        shapely.prepare(self._tree.geometries)
        self._piece = lru_cache(_PIECES)(self._cut)

    def near(self, window: shapely.Polygon) -> list[BaseGeometry]:
        """Return the parts that may overlap a polygon."""
        return list(self._tree.geometries[self._tree.query(window)])

    def overlaps(self, window: shapely.Polygon) -> bool:
        """Return whether a convex polygon and the area overlap by more than a border."""
        left, bottom, right, top = window.bounds
        shrink = _SHRINK * min(right - left, top - bottom)
        inner = shapely.buffer(window, -shrink, join_style="mitre")
        near = self._tree.geometries[self._tree.query(inner)]
        return bool(shapely.intersects(near, inner).any())

    def clip(self, polygons: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return each polygon clipped to the area; an empty polygon if it is outside.

        Args:
            polygons: (n,) polygons.
        """
        clipped = np.array(polygons, dtype=object)
        rows, parts = self._tree.query(clipped)
        is_near = shapely.intersects(self._tree.geometries[parts], clipped[rows])
        rows, parts = rows[is_near], parts[is_near]
        inside = rows[shapely.covers(self._tree.geometries[parts], clipped[rows])]
        clipped[np.setdiff1d(np.arange(len(clipped)), rows)] = shapely.Polygon()
        for row in np.setdiff1d(rows, inside):
            clipped[row] = self._intersect(clipped[row], parts[rows == row].tolist())
        return clipped

    def _intersect(self, polygon: shapely.Polygon, parts: list[int]) -> BaseGeometry:
        left, bottom, right, top = polygon.bounds
        level = math.floor(math.log2(self._side / max(right - left, top - bottom)))
        level = min(level, _LEVELS)
        step = self._side / 2.0**level
        row, col = int((bottom - self._bottom) // step), int((left - self._left) // step)
        pieces = shapely.get_parts([self._piece(part, level, row, col) for part in parts])
        if not shapely.is_valid(pieces).all():
            pieces = self._tree.geometries[parts]
        near = _collect(pieces)
        if len(pieces) > 1 and not near.is_valid:  # parts overlap or share a side
            near = shapely.union_all(pieces)
        return polygonal(shapely.intersection(polygon, near))

    def _cut(self, part: int, level: int, row: int, col: int) -> BaseGeometry:
        """Return a part in a cell, cut from its piece in the larger cell around it.

        Cells of level n are ``side / 2**n`` apart and twice as wide, so that a polygon of at most
        that size is inside the cell of its lower left corner.
        """
        if level < 0:
            return self._tree.geometries[part]
        piece = self._piece(part, level - 1, row // 2, col // 2)
        if shapely.get_num_coordinates(piece) <= _FEW_VERTICES:
            return piece
        step = self._side / 2.0**level
        left, bottom = self._left + col * step, self._bottom + row * step
        # Much faster than an intersection; `_intersect` checks the result.
        cut = shapely.clip_by_rect(piece, left, bottom, left + 2 * step, bottom + 2 * step)
        return polygonal(cut)


def merge_polygons(shapes: npt.NDArray[Any]) -> BaseGeometry:
    """Return the union of (n,) valid polygons; only those that overlap or touch are computed."""
    parts = shapely.get_parts(shapes)
    first, second = shapely.STRtree(parts).query(parts, predicate="intersects")
    is_shared = np.zeros(len(parts), bool)
    is_shared[first[first != second]] = True
    if not is_shared.any():
        return _collect(parts)
    merged = shapely.get_parts(shapely.union_all(parts[is_shared]))
    return _collect(np.concatenate([parts[~is_shared], merged]))


def polygonal(shape: BaseGeometry) -> BaseGeometry:
    """Return the polygons of a geometry without points and lines."""
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = shapely.get_parts(shape)
    polygons = parts[shapely.get_dimensions(parts) == 2]
    return shapely.union_all(polygons) if polygons.size else shapely.Polygon()


def _collect(parts: npt.NDArray[Any]) -> BaseGeometry:
    """Return polygons that do not overlap as one geometry."""
    if not len(parts):
        return shapely.Polygon()
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
