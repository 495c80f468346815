"""Polygons as boolean masks on a grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from mtrs_geo.errors import VectorError
from mtrs_geo.grid import Grid, Window
from mtrs_geo.types import BoolArray

if TYPE_CHECKING:
    import geopandas

__all__ = ["check_finite", "check_place", "rasterize", "reproject_polygons"]

_SEGMENTS_PER_SIDE = 32


def reproject_polygons(
    frame: geopandas.GeoDataFrame, grid: Grid, name: str
) -> geopandas.GeoDataFrame:
    """Return a layer's polygons, valid and in the CRS of a grid.

    Rows without a polygon are left out.  Long sides are divided before the projection, so
    that they stay in place.  A polygon where the grid's CRS is not defined becomes empty.

    Args:
        frame: polygons in any CRS.
        grid: grid with the target CRS.
        name: name of the layer in messages.

    Raises:
        VectorError: if the layer has no CRS or an unrelated one, or geometries that are no
            polygons or have coordinates that are no numbers.
    """
    if frame.crs is None:
        msg = f"{name} has no CRS."
        raise VectorError(msg, advice="Assign one in the layer's properties.")
    check_place(frame.crs, grid, name)
    frame = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    kinds = set(frame.geometry.geom_type) - {"Polygon", "MultiPolygon"}
    if kinds:
        msg = f"{name} holds {', '.join(sorted(kinds))} geometry."
        raise VectorError(msg, advice="Give a layer of polygons.")
    check_finite(frame, name)
    shapes = _polygonal(frame.geometry.make_valid())
    if len(shapes) and frame.crs != grid.crs:
        left, bottom, right, top = shapes.total_bounds
        shapes = shapes.segmentize(max(right - left, top - bottom) / _SEGMENTS_PER_SIDE)
        shapes = shapes.to_crs(grid.crs)
        # Far from its area of use a projection gives infinity, which GEOS cannot repair.
        shapes[~_is_finite(shapes)] = shapely.Polygon()
        shapes = _polygonal(shapes.make_valid())
    return frame.set_geometry(shapes)


def check_finite(frame: geopandas.GeoDataFrame, name: str) -> None:
    """Refuse a layer with coordinates that are not numbers.

    Args:
        frame: features of any kind.
        name: name of the layer in messages.

    Raises:
        VectorError: if there are some; the message names the first feature.
    """
    broken = np.flatnonzero(~_is_finite(frame.geometry))
    if broken.size:
        msg = (
            f"{broken.size} features of {name} have coordinates that are not numbers, such as "
            f"feature {frame.index[broken[0]] + 1}."
        )
        raise VectorError(msg, advice="Repair or delete them.")


def _is_finite(shapes: geopandas.GeoSeries) -> BoolArray:
    """Return (n,), which shapes have coordinates that are all numbers."""
    coordinates, owners = shapely.get_coordinates(shapes.array, return_index=True)
    is_finite = np.ones(len(shapes), np.bool_)
    is_finite[owners[~np.isfinite(coordinates).all(axis=1)]] = False
    return is_finite


def _polygonal(shapes: geopandas.GeoSeries) -> geopandas.GeoSeries:
    """Return shapes without the lines and points that a repair leaves, which would be drawn."""
    for row in np.flatnonzero(~shapes.geom_type.isin(("Polygon", "MultiPolygon"))):
        parts = shapely.get_parts(shapely.get_parts(shapes.iloc[row]))
        shapes.iloc[row] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    return shapes


def check_place(crs: CRS | None, grid: Grid, name: str) -> None:
    """Refuse a layer if it is in a local CRS and the grid is not, or if theirs differ.

    Args:
        crs: CRS of the layer; None if it has none.
        grid: grid of the run.
        name: name of the layer in messages.

    Raises:
        VectorError: if the place of one is unknown to the other.
    """
    if crs is None or CRS(crs) == grid.crs:
        return
    if grid.crs.geodetic_crs is None or CRS(crs).geodetic_crs is None:
        msg = f"{name} is in {CRS(crs).name} and the rasters are in {grid.crs.name}: a local CRS."
        raise VectorError(msg, advice="Give the layer in the CRS of the rasters.")


def rasterize(shapes: Sequence[BaseGeometry], grid: Grid, window: Window) -> BoolArray:
    """Return a mask (rows, cols), true where the centre of a pixel is inside a shape.

    Args:
        shapes: polygons in the CRS of the grid.
        grid: pixel grid.
        window: pixels of the grid to rasterize.
    """
    from rasterio import features

    if not shapes:
        return np.zeros(window.shape, np.bool_)
    transform = grid.subgrid(window).transform
    mask = features.rasterize(
        [(shape, 1) for shape in shapes], window.shape, transform=transform, dtype="uint8"
    )
    return np.asarray(mask, np.bool_)
