"""The area of interest: any way to name one, as one geometry in the grid's CRS."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from shapely.geometry.base import BaseGeometry

from mtrs_geo.errors import GridError, VectorError
from mtrs_geo.grid import Grid, Window
from mtrs_geo.types import Bounds, StrPath

if TYPE_CHECKING:
    import geopandas

__all__ = ["AreaLike", "AreaOfInterest", "in_degrees", "load_aoi"]

AreaLike: TypeAlias = "Bounds | StrPath | geopandas.GeoDataFrame | BaseGeometry"
"""Bounds, a vector file, a table, a polygon, or "left,bottom,right,top[,EPSG:x]"."""

_NUMBER = r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*"
_BOUNDS_TEXT = re.compile(",".join([_NUMBER] * 4) + r"(?:,\s*(\S.*?)\s*)?")
_PIECES_A_SIDE = 256


@dataclass(frozen=True)
class AreaOfInterest:
    """Polygons in the CRS of a grid.

    Args:
        geometry: polygon or multipolygon in the grid's CRS.
        grid: grid of the run.
    """

    geometry: BaseGeometry
    grid: Grid

    def __post_init__(self) -> None:
        tree = shapely.STRtree(shapely.get_parts(self.geometry))
        object.__setattr__(self, "_tree", tree)
        shapely.prepare(self.geometry)

    @property
    def window(self) -> Window:
        """The pixels of the grid that cover the area."""
        left, bottom, right, top = self.geometry.bounds
        return self.grid.window_of((left, bottom, right, top))

    def meets(self, window: Window) -> bool:
        """Return whether some pixel of ``window`` shares ground with the area."""
        tree: shapely.STRtree = self._tree  # type: ignore[attr-defined]
        outline = _outline(self.grid.subgrid(window)) if not window.is_empty else shapely.Polygon()
        at = tree.query(outline, predicate="intersects")
        # Sharing a border alone is no shared ground.
        parts = tree.geometries[at]
        return bool(np.any(shapely.area(shapely.intersection(parts, outline)) > 0))

    def clip(self, geometries: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return what of each polygon lies in the area; an empty polygon where nothing does.

        Args:
            geometries: (n,) polygons in the grid's CRS.
        """
        clipped = np.array(geometries, dtype=object)
        inside = shapely.covers(self.geometry, clipped)
        for at in np.flatnonzero(~inside):
            clipped[at] = _polygonal(shapely.intersection(clipped[at], self.geometry))
        return clipped


def load_aoi(aoi: AreaLike, grid: Grid, *, crs: CRS | str | None = None) -> AreaOfInterest:
    """Return the area of interest on a grid.

    Args:
        aoi: bounds (left, bottom, right, top), the path of a polygon layer, a
            GeoDataFrame, a shapely geometry, or text such as "13.1,52.4,13.2,52.5,EPSG:4326".
        grid: grid of the run.
        crs: CRS of bounds and geometries; the grid's by default.  Layers and
            text that name one keep their own.

    Raises:
        VectorError: if the layer or geometry holds no valid polygon.
        GridError: if the area lies elsewhere.
    """
    shape, source, name = _resolve(aoi, _parse_crs(crs, "crs") if crs else grid.crs)
    _check_polygons(shape, name)
    if source != grid.crs:
        shape = _project(shape, source, grid, name)
    kept = _polygonal(shapely.intersection(shape, _outline(grid)))
    if kept.is_empty:
        raise _elsewhere(shape.bounds, grid.crs, grid, name)
    return AreaOfInterest(shape, grid)


def _resolve(aoi: AreaLike, crs: CRS) -> tuple[BaseGeometry, CRS, str]:
    """Return geometry, CRS and how to call it in a message."""
    if isinstance(aoi, BaseGeometry):
        return aoi, crs, "the area of interest"
    if isinstance(aoi, tuple | list):
        if len(aoi) != 4:
            msg = f"bounds are (left, bottom, right, top), not {len(aoi)} numbers: {aoi}"
            raise VectorError(msg)
        return _box(*(float(side) for side in aoi)), crs, f"the bounds {tuple(aoi)}"
    if isinstance(aoi, str | os.PathLike):
        match = _BOUNDS_TEXT.fullmatch(str(aoi).strip())
        if match:
            named = _parse_crs(match[5], str(aoi)) if match[5] else crs
            return _box(*(float(match[side]) for side in range(1, 5))), named, f'"{aoi}"'
        from mtrs_geo.io.vector import read_vector

        return _from_table(read_vector(aoi), str(aoi))
    return _from_table(aoi, "the area of interest")


def _from_table(table: geopandas.GeoDataFrame, name: str) -> tuple[BaseGeometry, CRS, str]:
    if table.crs is None:
        msg = f"{name} has no CRS. Set it with ogr2ogr -a_srs EPSG:…, or set_crs in geopandas."
        raise VectorError(msg)
    shapes = np.asarray(table.geometry.array, dtype=object)
    shapes = shapes[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)]
    if not shapes.size:
        msg = f"{name} is empty: it has no feature with a geometry. Draw a polygon in it."
        raise VectorError(msg)
    for shape in shapes:
        _check_polygons(shape, name)
    return shapely.union_all(shapes), CRS(table.crs), name


def _check_polygons(shape: BaseGeometry, name: str) -> None:
    if shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty:
        kind = "empty" if shape.is_empty else f"a {shape.geom_type}"
        msg = f"{name} must be one or more polygons but holds {kind} geometry."
        raise VectorError(msg)
    if not np.isfinite(shapely.get_coordinates(shape)).all() or not shape.is_valid:
        reason = shapely.is_valid_reason(shape)
        msg = f"{name} is not a valid polygon ({reason}). Repair it with QGIS's Fix geometries."
        raise VectorError(msg)


def _box(left: float, bottom: float, right: float, top: float) -> BaseGeometry:
    if not (left < right and bottom < top):
        msg = (
            f"the bounds {(left, bottom, right, top)} enclose nothing. "
            "Give left, bottom, right, top with left < right and bottom < top."
        )
        raise VectorError(msg)
    return shapely.box(left, bottom, right, top)


def _parse_crs(crs: CRS | str, where: str) -> CRS:
    try:
        return CRS(crs)
    except CRSError as error:
        msg = f'{where}: "{crs}" is no known CRS. Name one such as EPSG:4326.'
        raise VectorError(msg) from error


def _outline(grid: Grid) -> shapely.Polygon:
    rows, cols = grid.shape
    corners = ((0, 0), (cols, 0), (cols, rows), (0, rows))
    return shapely.Polygon([grid.transform @ corner for corner in corners])


def _project(shape: BaseGeometry, source: CRS, grid: Grid, name: str) -> BaseGeometry:
    """Return the shape in the grid's CRS, cut beforehand to where the projection is sound."""
    try:
        near = Transformer.from_crs(grid.crs, source, always_xy=True).transform_bounds(*grid.bounds)
    except ProjError as error:
        msg = f"{name} ({source.name}) cannot be related to the raster's {grid.crs.name}: {error}"
        raise GridError(msg) from error
    left, bottom, right, top = near
    if left < right and np.isfinite(near).all():
        margin = max(right - left, top - bottom)
        frame = shapely.box(left - margin, bottom - margin, right + margin, top + margin)
        cut = _polygonal(shapely.intersection(shape, frame))
        if cut.is_empty:
            raise _elsewhere(shape.bounds, source, grid, name)
        shape = cut
    left, bottom, right, top = shape.bounds
    side = max(right - left, top - bottom) / _PIECES_A_SIDE
    project = Transformer.from_crs(source, grid.crs, always_xy=True)
    dense = shapely.segmentize(shape, side)
    projected = shapely.transform(
        dense, lambda points: np.stack(project.transform(points[:, 0], points[:, 1]), axis=1)
    )
    if not np.isfinite(shapely.get_coordinates(projected)).all():
        raise _elsewhere(shape.bounds, source, grid, name)
    return _polygonal(shapely.make_valid(projected))


def _polygonal(shape: BaseGeometry) -> BaseGeometry:
    """Return the polygons of a geometry without points and lines."""
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = shapely.get_parts(shape)
    areas = parts[shapely.get_dimensions(parts) == 2]
    return shapely.union_all(areas) if areas.size else shapely.Polygon()


def _elsewhere(bounds: Bounds, crs: CRS, grid: Grid, name: str) -> GridError:
    return GridError(
        f"{name} lies at {in_degrees(bounds, crs)} but the raster at "
        f"{in_degrees(grid.bounds, grid.crs)}: they do not overlap. "
        "Check the area's CRS, or name it: left,bottom,right,top,EPSG:4326."
    )


def in_degrees(bounds: Bounds, crs: CRS) -> str:
    """Return bounds as a reader of a message recognises them."""
    degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform_bounds(*bounds)
    if not np.isfinite(degrees).all():
        return f"{tuple(bounds)} in {crs.name} (outside of what it can show)"
    left, bottom, right, top = degrees
    return f"{left:.4f} to {right:.4f}° E, {bottom:.4f} to {top:.4f}° N"
