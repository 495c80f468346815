"""Areas of interest: bounds, files, tables or geometries become polygons in a grid's CRS."""

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

__all__ = ["AreaLike", "AreaOfInterest", "format_degrees", "load_aoi"]

AreaLike: TypeAlias = "Bounds | StrPath | geopandas.GeoDataFrame | BaseGeometry"
"""Bounds, a vector file, a GeoDataFrame, a polygon, or "left,bottom,right,top[,EPSG:x]"."""

_NUMBER = r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*"
_BOUNDS_TEXT = re.compile(",".join([_NUMBER] * 4) + r"(?:,\s*(\S.*?)\s*)?")
_SEGMENTS_PER_SIDE = 256


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
        """Smallest window of the grid that covers the area."""
        left, bottom, right, top = self.geometry.bounds
        return self.grid.window_of((left, bottom, right, top))

    def intersects(self, window: Window) -> bool:
        """Return whether ``window`` and the area overlap; a shared border is not an overlap."""
        tree: shapely.STRtree = self._tree  # type: ignore[attr-defined]
        outline = _outline(self.grid.subgrid(window)) if not window.is_empty else shapely.Polygon()
        polygons = tree.geometries[tree.query(outline, predicate="intersects")]
        return bool(np.any(shapely.area(shapely.intersection(polygons, outline)) > 0))

    def clip(self, geometries: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return each polygon clipped to the area; an empty polygon if it is outside.

        Args:
            geometries: (n,) polygons in the grid's CRS.
        """
        clipped = np.array(geometries, dtype=object)
        inside = shapely.covers(self.geometry, clipped)
        for i in np.flatnonzero(~inside):
            clipped[i] = _polygonal(shapely.intersection(clipped[i], self.geometry))
        return clipped


def load_aoi(aoi: AreaLike, grid: Grid, *, crs: CRS | str | None = None) -> AreaOfInterest:
    """Return the area of interest on a grid.

    Args:
        aoi: bounds (left, bottom, right, top), the path of a polygon layer, a
            GeoDataFrame, a shapely geometry, or text such as "13.1,52.4,13.2,52.5,EPSG:4326".
        grid: grid of the run.
        crs: CRS of bounds and geometries; by default the grid's.  Layers, and text with
            a CRS, keep their own.

    Raises:
        VectorError: if the layer or geometry has no valid polygon.
        GridError: if the area is outside the grid.
    """
    shape, aoi_crs, name = _resolve(aoi, _parse_crs(crs, "crs") if crs else grid.crs)
    _check_polygons(shape, name)
    if aoi_crs != grid.crs:
        shape = _project(shape, aoi_crs, grid, name)
    if _polygonal(shapely.intersection(shape, _outline(grid))).is_empty:
        raise _no_overlap(shape.bounds, grid.crs, grid, name)
    return AreaOfInterest(shape, grid)


def _resolve(aoi: AreaLike, crs: CRS) -> tuple[BaseGeometry, CRS, str]:
    """Return geometry, CRS and a name for messages."""
    if isinstance(aoi, BaseGeometry):
        return aoi, crs, "the area of interest"
    if isinstance(aoi, tuple | list):
        if len(aoi) != 4:
            msg = f"bounds are 4 numbers, not {len(aoi)} numbers: {aoi}."
            raise VectorError(msg, advice="Give (left, bottom, right, top).")
        return _box(*(float(side) for side in aoi)), crs, f"the bounds {tuple(aoi)}"
    if isinstance(aoi, str | os.PathLike):
        match = _BOUNDS_TEXT.fullmatch(str(aoi).strip())
        if match:
            text_crs = _parse_crs(match[5], str(aoi)) if match[5] else crs
            return _box(*(float(match[side]) for side in range(1, 5))), text_crs, f'"{aoi}"'
        from mtrs_geo.io.vector import read_vector

        return _from_table(read_vector(aoi), str(aoi))
    return _from_table(aoi, "the area of interest")


def _from_table(table: geopandas.GeoDataFrame, name: str) -> tuple[BaseGeometry, CRS, str]:
    if table.crs is None:
        msg = f"{name} has no CRS."
        advice = "Assign one with `ogr2ogr -a_srs EPSG:…`, or with set_crs in geopandas."
        raise VectorError(msg, advice=advice)
    shapes = np.asarray(table.geometry.array, dtype=object)
    shapes = shapes[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)]
    if not shapes.size:
        msg = f"{name} is empty: it has no feature with a geometry."
        raise VectorError(msg, advice="Draw a polygon in it.")
    for shape in shapes:
        _check_polygons(shape, name)
    return shapely.union_all(shapes), CRS(table.crs), name


def _check_polygons(shape: BaseGeometry, name: str) -> None:
    if shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty:
        kind = "empty" if shape.is_empty else f"a {shape.geom_type}"
        msg = f"{name} must be one or more polygons but holds {kind} geometry."
        raise VectorError(msg, advice="Give a layer of polygons.")
    if not np.isfinite(shapely.get_coordinates(shape)).all() or not shape.is_valid:
        reason = shapely.is_valid_reason(shape)
        msg = f"{name} is not a valid polygon ({reason})."
        raise VectorError(msg, advice="Repair it with QGIS's Fix geometries.")


def _box(left: float, bottom: float, right: float, top: float) -> BaseGeometry:
    if not (left < right and bottom < top):
        msg = f"the bounds {(left, bottom, right, top)} are empty."
        advice = "Give left, bottom, right, top with left < right and bottom < top."
        raise VectorError(msg, advice=advice)
    return shapely.box(left, bottom, right, top)


def _parse_crs(crs: CRS | str, where: str) -> CRS:
    try:
        return CRS(crs)
    except CRSError as error:
        msg = f'{where}: "{crs}" is not a known CRS.'
        raise VectorError(msg, advice="Give one such as EPSG:4326.") from error


def _outline(grid: Grid) -> shapely.Polygon:
    rows, cols = grid.shape
    corners = ((0, 0), (cols, 0), (cols, rows), (0, rows))
    return shapely.Polygon([grid.transform @ corner for corner in corners])


def _project(shape: BaseGeometry, source: CRS, grid: Grid, name: str) -> BaseGeometry:
    """Return the shape in the grid's CRS; first clip it to the raster and its surroundings.

    Far from the raster, the projection may be undefined.
    """
    to_source = Transformer.from_crs(grid.crs, source, always_xy=True)
    try:
        extent = to_source.transform_bounds(*grid.bounds)
    except ProjError as error:
        msg = (
            f"{name} ({source.name}) cannot be projected to the raster's {grid.crs.name}: {error}."
        )
        raise GridError(msg, advice="Check the CRS of the area and of the raster.") from error
    left, bottom, right, top = extent
    if left < right and np.isfinite(extent).all():
        margin = max(right - left, top - bottom)
        surroundings = shapely.box(left - margin, bottom - margin, right + margin, top + margin)
        clipped = _polygonal(shapely.intersection(shape, surroundings))
        if clipped.is_empty:
            raise _no_overlap(shape.bounds, source, grid, name)
        shape = clipped
    left, bottom, right, top = shape.bounds
    length = max(right - left, top - bottom) / _SEGMENTS_PER_SIDE
    project = Transformer.from_crs(source, grid.crs, always_xy=True)
    dense = shapely.segmentize(shape, length)
    projected = shapely.transform(
        dense, lambda points: np.stack(project.transform(points[:, 0], points[:, 1]), axis=1)
    )
    if not np.isfinite(shapely.get_coordinates(projected)).all():
        raise _no_overlap(shape.bounds, source, grid, name)
    return _polygonal(shapely.make_valid(projected))


def _polygonal(shape: BaseGeometry) -> BaseGeometry:
    """Return the polygons of a geometry without points and lines."""
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = shapely.get_parts(shape)
    polygons = parts[shapely.get_dimensions(parts) == 2]
    return shapely.union_all(polygons) if polygons.size else shapely.Polygon()


def _no_overlap(bounds: Bounds, crs: CRS, grid: Grid, name: str) -> GridError:
    return GridError(
        f"{name} covers {format_degrees(bounds, crs)} and the raster covers "
        f"{format_degrees(grid.bounds, grid.crs)}: they do not overlap.",
        advice="Check the area's CRS, or give it: left,bottom,right,top,EPSG:4326.",
    )


def format_degrees(bounds: Bounds, crs: CRS) -> str:
    """Return bounds as text in degrees, for messages."""
    degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform_bounds(*bounds)
    if not np.isfinite(degrees).all():
        return f"{tuple(bounds)} in {crs.name} (outside its area of use)"
    left, bottom, right, top = degrees
    return f"{left:.4f} to {right:.4f}° E, {bottom:.4f} to {top:.4f}° N"
