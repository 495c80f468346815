"""Areas of interest: bounds, files, tables or geometries become polygons in a grid's CRS."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from shapely.geometry.base import BaseGeometry

from mtrs_geo.antimeridian import copies_within, has_longitudes, split_at_antimeridian
from mtrs_geo.errors import GridError, VectorError
from mtrs_geo.grid import Grid, Window
from mtrs_geo.io.clipping import PolygonIndex, merge_polygons
from mtrs_geo.io.inputs.geojson import as_geojson, read_geojson
from mtrs_geo.io.masks import check_place, rasterize
from mtrs_geo.types import BoolArray, Bounds, StrPath

if TYPE_CHECKING:
    import geopandas

__all__ = [
    "AreaLike",
    "AreaOfInterest",
    "SupportsGeoInterface",
    "format_degrees",
    "load_aoi",
    "place_advice",
    "read_area",
]


class SupportsGeoInterface(Protocol):
    """An object that describes itself as GeoJSON."""

    @property
    def __geo_interface__(self) -> Mapping[str, Any]:
        """GeoJSON."""


AreaLike: TypeAlias = (
    "Bounds | StrPath | geopandas.GeoDataFrame | geopandas.GeoSeries | BaseGeometry "
    "| Mapping[str, Any] | SupportsGeoInterface"
)
"""Bounds, a vector file, a GeoDataFrame, a polygon, "left,bottom,right,top[,EPSG:x]", GeoJSON as a
dictionary, or an object with ``__geo_interface__``."""

_AREA = "the area of interest"
_TAKEN = (
    "Give (left, bottom, right, top), the path of a polygon layer, a GeoDataFrame, a shapely "
    "geometry, GeoJSON as a dictionary, or an object with __geo_interface__."
)
_WGS84 = CRS("EPSG:4326")

_NUMBER = r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*"
_BOUNDS_TEXT = re.compile(",".join([_NUMBER] * 4) + r"(?:,\s*(\S.*?)\s*)?")
_SEGMENTS_PER_SIDE = 256
_HALF_TURN = 180.0
_FEW_PX = 2
"""Rows or columns of the window of an area that can be too small for any pixel."""
_POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass(frozen=True, eq=False)
class AreaOfInterest:
    """Polygons in the CRS of a grid.

    Args:
        parts: (n,) valid polygons in the grid's CRS, which may overlap.
        grid: grid of the run.
    """

    parts: npt.NDArray[Any]
    grid: Grid

    @cached_property
    def geometry(self) -> BaseGeometry:
        """The union of the polygons; it costs seconds if many of them overlap."""
        return merge_polygons(self.parts)

    @cached_property
    def has_pixels(self) -> bool:
        """Whether the centre of a pixel is inside; a very small or narrow area can have none."""
        return min(self.window.shape) > _FEW_PX or bool(self.mask(self.window).any())

    @cached_property
    def _index(self) -> PolygonIndex:
        return PolygonIndex(self.parts)

    @cached_property
    def window(self) -> Window:
        """Smallest window of the grid that covers the area."""
        left, bottom, right, top = shapely.total_bounds(self.parts).tolist()
        return self.grid.window_of((left, bottom, right, top))

    def mask(self, window: Window) -> BoolArray:
        """Return (rows, cols), true where the centre of a pixel is inside the area."""
        return rasterize(self._index.near(_outline(self.grid.subgrid(window))), self.grid, window)

    def intersects(self, window: Window) -> bool:
        """Return whether ``window`` and the area overlap; a shared border is not an overlap."""
        if window.is_empty:
            return False
        return self._index.overlaps(_outline(self.grid.subgrid(window)))

    def clip(self, geometries: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return each polygon clipped to the area; an empty polygon if it is outside.

        Args:
            geometries: (n,) polygons in the grid's CRS.
        """
        return self._index.clip(geometries)


def load_aoi(aoi: AreaLike, grid: Grid, *, crs: CRS | str | None = None) -> AreaOfInterest:
    """Return the area of interest on a grid.

    Args:
        aoi: bounds (left, bottom, right, top), the path of a polygon layer, a
            GeoDataFrame, a shapely geometry, text such as "13.1,52.4,13.2,52.5,EPSG:4326",
            GeoJSON as a dictionary, or an object with ``__geo_interface__``.
        grid: grid of the run.
        crs: CRS of bounds and geometries; by default the grid's.  Layers, and text with
            a CRS, keep their own; GeoJSON without a CRS is in WGS 84.

    Raises:
        VectorError: if the layer or geometry has no valid polygon, or if it or the grid is in a
            local CRS and the other is not.
        GridError: if the area is outside the grid.
    """
    parts, aoi_crs, name = read_area(aoi, _parse_crs(crs, "crs") if crs else grid.crs)
    check_place(aoi_crs, grid, name)
    if aoi_crs != grid.crs:
        parts = _project(parts, aoi_crs, grid, name)
    elif has_longitudes(grid.crs):
        parts = _polygons_of(np.array([copies_within(part, grid.bounds) for part in parts]))
    area = AreaOfInterest(parts, grid)
    if not area.intersects(grid.window):
        raise _no_overlap(_bounds(parts), grid.crs, grid, name)
    return area


def read_area(aoi: AreaLike, crs: CRS) -> tuple[npt.NDArray[Any], CRS, str]:
    """Return the polygons (n,) of an area, their CRS and a name for messages.

    Args:
        aoi: as for `load_aoi`.
        crs: CRS of bounds and geometries without one.

    Raises:
        VectorError: if the area cannot be read, or has no valid polygon.
    """
    shapes, aoi_crs, name = _resolve(aoi, crs)
    _check_polygons(shapes, name)
    # Polygons that are clipped to an area with heights would have heights.
    return shapely.get_parts(shapely.force_2d(shapes)), aoi_crs, name


def _resolve(aoi: AreaLike, crs: CRS) -> tuple[npt.NDArray[Any], CRS, str]:
    """Return geometries (n,), their CRS and a name for messages."""
    if isinstance(aoi, BaseGeometry):
        return _array([aoi]), crs, _AREA
    if isinstance(aoi, tuple | list | np.ndarray):
        if len(aoi) and all(isinstance(part, BaseGeometry) for part in aoi):
            return _array(list(aoi)), crs, _AREA
        sides = _sides(aoi)
        return _array([_box(sides, crs)]), crs, f"the bounds {sides}"
    if isinstance(aoi, str | os.PathLike):
        match = _BOUNDS_TEXT.fullmatch(str(aoi).strip())
        if match:
            text_crs = _parse_crs(match[5], str(aoi)) if match[5] else crs
            box = _box([float(match[side]) for side in range(1, 5)], text_crs)
            return _array([box]), text_crs, f'"{aoi}"'
        _check_text(str(aoi))
        from mtrs_geo.io.vector import read_vector

        return _from_table(read_vector(aoi, columns=()), str(aoi))
    if hasattr(aoi, "geometry") and hasattr(aoi, "total_bounds"):  # a GeoDataFrame or GeoSeries
        return _from_table(aoi, _AREA)
    found = as_geojson(aoi)
    if found is None:
        msg = f"{str(aoi)[:80]!r} ({type(aoi).__name__}) is not an area of interest."
        raise VectorError(msg, advice=_TAKEN)
    geojson, own_crs = found
    return read_geojson(geojson, is_wgs84=own_crs is None), own_crs or _WGS84, _AREA


def _check_text(text: str) -> None:
    """Refuse text that is empty, or numbers that are not four or have no commas between them."""
    if not text.strip():
        msg = f"{_AREA} is empty text."
        advice = "Check that the variable of the shell is set; without an area, all is compared."
        raise VectorError(msg, advice=advice)
    numbers = re.split(r"[\s,;]+", text.strip("\n\t ()[]"))
    numbers = numbers[:-1] if ":" in numbers[-1] else numbers
    is_numbers = len(numbers) > 1 and all(re.fullmatch(_NUMBER, number) for number in numbers)
    if is_numbers and not os.path.exists(text):
        msg = f"{_AREA} {text[:80]!r} is neither a file nor four numbers with commas between them."
        advice = (
            "Write left,bottom,right,top or left,bottom,right,top,EPSG:4326, with a point in each "
            "number: 13.1,52.4,13.2,52.5,EPSG:4326."
        )
        raise VectorError(msg, advice=advice)


def _sides(bounds: Iterable[Any]) -> tuple[float, ...]:
    try:
        sides = tuple(float(side) for side in bounds)
    except (TypeError, ValueError):
        sides = ()
    if len(sides) != 4:
        msg = f"bounds are 4 numbers, not {str(bounds)[:80]}."
        advice = 'Give (left, bottom, right, top), or text: "left,bottom,right,top,EPSG:4326".'
        raise VectorError(msg, advice=advice)
    return sides


def _array(shapes: Sequence[BaseGeometry]) -> npt.NDArray[Any]:
    return np.array(shapes, dtype=object)


def _from_table(table: geopandas.GeoDataFrame, name: str) -> tuple[npt.NDArray[Any], CRS, str]:
    if table.crs is None:
        msg = f"{name} has no CRS."
        advice = "Assign one with `ogr2ogr -a_srs EPSG:…`, or with set_crs in geopandas."
        raise VectorError(msg, advice=advice)
    shapes = np.asarray(table.geometry.array, dtype=object)
    shapes = shapes[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)]
    if not shapes.size:
        msg = f"{name} is empty: it has no feature with a geometry."
        raise VectorError(msg, advice="Draw a polygon in it.")
    return shapes, CRS(table.crs), name


def _check_polygons(shapes: npt.NDArray[Any], name: str) -> None:
    """Refuse geometries that are empty, not polygons, or invalid."""
    others = shapes[~np.isin(shapely.get_type_id(shapes), _POLYGONS) | shapely.is_empty(shapes)]
    if others.size:
        kind = "empty" if others[0].is_empty else f"a {others[0].geom_type}"
        msg = f"{name} must be one or more polygons but holds {kind} geometry."
        raise VectorError(msg, advice="Give a layer of polygons.")
    coordinates, owners = shapely.get_coordinates(shapes, return_index=True)
    is_wrong = ~shapely.is_valid(shapes)
    is_wrong[owners[~np.isfinite(coordinates).all(axis=1)]] = True
    if is_wrong.any():
        reason = shapely.is_valid_reason(shapes[is_wrong][0])
        msg = f"{name} is not a valid polygon ({reason})."
        raise VectorError(msg, advice="Repair it with QGIS's Fix geometries.")


def _box(sides: Sequence[float], crs: CRS) -> BaseGeometry:
    left, bottom, right, top = sides
    if has_longitudes(crs) and left > right and left - right > _HALF_TURN:
        right += 2 * _HALF_TURN  # RFC 7946, section 5.2: bounds that cross the antimeridian
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


def _project(parts: npt.NDArray[Any], source: CRS, grid: Grid, name: str) -> npt.NDArray[Any]:
    """Return polygons (n,) in the grid's CRS; first clip them to the raster and its surroundings.

    Far from the raster, the projection may be undefined.
    """
    try:
        to_source = Transformer.from_crs(grid.crs, source, always_xy=True)
        extent = to_source.transform_bounds(*grid.bounds)
    except ProjError as error:
        msg = (
            f"{name} ({source.name}) cannot be projected to the raster's {grid.crs.name}: {error}."
        )
        raise GridError(msg, advice="Check the CRS of the area and of the raster.") from error
    left, bottom, right, top = extent
    if has_longitudes(source) and left > right:
        right += 2 * _HALF_TURN
    if left < right and np.isfinite(extent).all():
        margin = max(right - left, top - bottom)
        surroundings = shapely.box(left - margin, bottom - margin, right + margin, top + margin)
        if has_longitudes(source):
            parts = np.array([copies_within(part, surroundings.bounds) for part in parts])
        clipped = _polygons_of(shapely.intersection(parts, surroundings))
        if not clipped.size:
            raise _no_overlap(_bounds(parts), source, grid, name)
        parts = clipped
    left, bottom, right, top = _bounds(parts)
    length = max(right - left, top - bottom) / _SEGMENTS_PER_SIDE
    project = Transformer.from_crs(source, grid.crs, always_xy=True)
    projected = shapely.transform(
        shapely.segmentize(parts, length),
        lambda points: np.stack(project.transform(points[:, 0], points[:, 1]), axis=1),
    )
    if not np.isfinite(shapely.get_coordinates(projected)).all():
        raise _no_overlap(_bounds(parts), source, grid, name)
    if has_longitudes(grid.crs) and not has_longitudes(source):
        cut = split_at_antimeridian(projected)
        projected = np.array([copies_within(part, grid.bounds) for part in cut])
    is_invalid = ~shapely.is_valid(projected)
    projected[is_invalid] = shapely.make_valid(projected[is_invalid])
    return _polygons_of(projected)


def _polygons_of(shapes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the polygons (n,) in geometries, without points and lines."""
    parts = shapely.get_parts(shapely.get_parts(shapes))
    is_polygon = (shapely.get_dimensions(parts) == 2) & ~shapely.is_empty(parts)
    polygons: npt.NDArray[Any] = parts[is_polygon]
    return polygons


def _bounds(parts: npt.NDArray[Any]) -> Bounds:
    left, bottom, right, top = shapely.total_bounds(parts).tolist()
    return left, bottom, right, top


def _no_overlap(bounds: Bounds, crs: CRS, grid: Grid, name: str) -> GridError:
    return GridError(
        f"{name} covers {format_degrees(bounds, crs)} and the raster covers "
        f"{format_degrees(grid.bounds, grid.crs)}: they do not overlap.",
        advice=place_advice(bounds, crs, grid)
        or "Check the area's CRS, or give it: left,bottom,right,top,EPSG:4326.",
    )


def place_advice(bounds: Bounds, crs: CRS, grid: Grid) -> str:
    """Return what to do with a layer outside of the rasters if its coordinates tell, else "".

    Args:
        bounds: of the layer, in ``crs``.
        crs: CRS that the layer states.
        grid: grid of the run.
    """
    left, bottom, right, top = bounds
    if grid.crs.geodetic_crs is None or crs.geodetic_crs is None:
        return ""
    if not crs.is_geographic:
        return _degrees_advice(bounds, crs, grid)
    if max(map(abs, bounds)) > 2 * _HALF_TURN:
        return (
            f"Its coordinates, such as {left:.0f}, {bottom:.0f}, are not degrees: assign the CRS "
            "that they are in. GeoJSON without a CRS is read as degrees."
        )
    raster = Transformer.from_crs(grid.crs, crs, always_xy=True).transform_bounds(*grid.bounds)
    exchanged = shapely.box(bottom, left, top, right)
    is_beside = raster[1] < top and bottom < raster[3]  # its latitudes are those of the raster
    if not is_beside and np.isfinite(raster).all() and shapely.box(*raster).intersects(exchanged):
        return (
            "Its coordinates have the latitude first: exchange them, with QGIS's Swap X and Y "
            "coordinates or `ogr2ogr -swapxy`."
        )
    return ""


def _degrees_advice(bounds: Bounds, crs: CRS, grid: Grid) -> str:
    """Return what to do if the coordinates are degrees at the rasters, else ""."""
    if max(map(abs, bounds)) > 2 * _HALF_TURN:
        return ""
    raster = Transformer.from_crs(grid.crs, _WGS84, always_xy=True).transform_bounds(*grid.bounds)
    left, bottom, right, top = bounds
    boxes = shapely.box(left, bottom, right, top), shapely.box(bottom, left, top, right)
    if not np.isfinite(raster).all() or not shapely.box(*raster).intersects(boxes).any():
        return ""
    return (
        f"Its coordinates, such as {left:.4f}, {bottom:.4f}, are degrees and are read as "
        f"{crs.name}: assign EPSG:4326, with longitude first."
    )


def format_degrees(bounds: Bounds, crs: CRS) -> str:
    """Return bounds as text in degrees, for messages."""
    if crs.geodetic_crs is None:
        return f"{tuple(bounds)} in {crs.name}"
    degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform_bounds(*bounds)
    if not np.isfinite(degrees).all():
        return f"{tuple(bounds)} in {crs.name} (outside its area of use)"
    left, bottom, right, top = degrees
    return f"{left:.4f} to {right:.4f}° E, {bottom:.4f} to {top:.4f}° N"
