"""Polygons as masks on a grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from shapely.geometry.base import BaseGeometry

from mtrs_geo.errors import VectorError
from mtrs_geo.grid import Grid, Window
from mtrs_geo.types import BoolArray

if TYPE_CHECKING:
    import geopandas

__all__ = ["burn", "on_grid"]

_PIECES_A_SIDE = 32


def on_grid(frame: geopandas.GeoDataFrame, grid: Grid, name: str) -> geopandas.GeoDataFrame:
    """Return a layer's polygons, valid and in the CRS of a grid.

    Rows without a polygon are left out; long sides are cut before they are projected, so
    that they stay where they lie.

    Args:
        frame: polygons in any CRS.
        grid: gives the CRS.
        name: how to call the layer in a message.

    Raises:
        VectorError: if the layer has no CRS or holds other than polygons.
    """
    if frame.crs is None:
        msg = f"{name} has no CRS. Assign one in the layer's properties."
        raise VectorError(msg)
    frame = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    kinds = set(frame.geometry.geom_type) - {"Polygon", "MultiPolygon"}
    if kinds:
        msg = f"{name} holds {', '.join(sorted(kinds))} geometry. Give a layer of polygons."
        raise VectorError(msg)
    shapes = frame.geometry.make_valid()
    if len(shapes) and frame.crs != grid.crs:
        left, bottom, right, top = shapes.total_bounds
        shapes = shapes.segmentize(max(right - left, top - bottom) / _PIECES_A_SIDE)
        shapes = shapes.to_crs(grid.crs).make_valid()
    return frame.set_geometry(shapes)


def burn(shapes: Sequence[BaseGeometry], grid: Grid, window: Window) -> BoolArray:
    """Return (rows, cols), true where the centre of a pixel lies in a shape.

    Args:
        shapes: in the CRS of the grid.
        grid: what the window is a part of.
        window: the pixels wanted.
    """
    from rasterio.features import rasterize

    if not shapes:
        return np.zeros(window.shape, np.bool_)
    here = grid.subgrid(window).transform
    burnt = rasterize([(shape, 1) for shape in shapes], window.shape, transform=here, dtype="uint8")
    return np.asarray(burnt, np.bool_)
