"""Layers of the things that a sentence refers to, as tables, and whether they are at the scene."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from shapely.geometry.base import BaseGeometry

from mtrs_geo.antimeridian import has_longitudes
from mtrs_geo.errors import GridError, VectorError
from mtrs_geo.grid import Grid, planar_unit_m
from mtrs_geo.io.aoi import format_degrees, place_advice
from mtrs_geo.io.inputs.geojson import as_geojson, read_geojson
from mtrs_geo.io.masks import check_finite, check_place
from mtrs_geo.io.vector import read_vector
from mtrs_geo.types import Bounds

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["read_reference", "reference_warning"]

_TAKEN = (
    "Give the path of a layer, a GeoDataFrame, a shapely geometry, GeoJSON as a dictionary, or an "
    "object with __geo_interface__."
)
_TURN = 360.0
_KM = 1000.0


def read_reference(given: Any, grid: Grid, name: str) -> GeoDataFrame:  # noqa: ANN401 - any layer
    """Return the layer of a thing that a sentence refers to.

    Args:
        given: a path, a GeoDataFrame or GeoSeries, shapely geometries, GeoJSON as a dictionary or
            an object with ``__geo_interface__``.  Geometries are in the CRS of the grid, GeoJSON
            without a CRS is in WGS 84.
        grid: grid of the run.
        name: of the thing.

    Raises:
        VectorError: if it cannot be read, has no CRS or is of another type, if a coordinate is
            not a number, or if it or the grid is in a local CRS and the other is not.
    """
    import geopandas

    title = _title(name)
    shapes, crs = _shapes(given, grid, title)
    if crs is None:
        msg = f"{title} has no CRS."
        raise VectorError(msg, advice="Assign one, for example layer.set_crs(4326).")
    check_place(crs, grid, title)
    layer = geopandas.GeoDataFrame(geometry=shapes, crs=crs)
    check_finite(layer, title)
    return layer


def reference_warning(layer: GeoDataFrame, grid: Grid, name: str) -> str | None:
    """Return a warning if a layer has no feature in the scene; None if it has one.

    Every change is then far from the thing, or none is near it, which may be right.

    Args:
        layer: from `read_reference`.
        grid: grid of the scene.
        name: of the thing.

    Raises:
        GridError: if the layer is elsewhere because its axes are exchanged or its CRS is wrong.
        VectorError: if a coordinate is no place in the layer's CRS.
    """
    title, crs = _title(name), CRS(layer.crs)
    shapes = np.asarray(layer.geometry.array, dtype=object)
    shapes = shapes[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)]
    if not shapes.size:
        return f"{title} is empty: it has no feature with a geometry, so nothing is near it."
    scene = _extent_in(crs, grid)
    if scene is not None and shapely.intersects(shapes, scene).any():
        _check_on_earth(shapes, crs, title)
        return None
    left, bottom, right, top = shapely.total_bounds(shapes).tolist()
    bounds: Bounds = (left, bottom, right, top)
    places = (
        f"It covers {format_degrees(bounds, crs)}, and the scene covers "
        f"{format_degrees(grid.bounds, grid.crs)}"
    )
    if scene is None or not shapely.box(*bounds).intersects(scene):
        advice = place_advice(bounds, crs, grid)
        if advice:
            msg = f"{title} is not at the scene. {places}: they do not overlap."
            raise GridError(msg, advice=advice)
    _check_on_earth(shapes, crs, title)
    return (
        f"no feature of {title} is in the scene; {_nearest(shapes, crs, grid)}. {places}. If that "
        "is wrong, check its CRS."
    )


def _title(name: str) -> str:
    return f"the layer of {name!r}"


def _shapes(given: Any, grid: Grid, title: str) -> tuple[npt.NDArray[Any], CRS | None]:  # noqa: ANN401
    """Return geometries (n,) and their CRS; None if a table has none."""
    if isinstance(given, str | os.PathLike):
        given = read_vector(given, columns=())
    if hasattr(given, "geometry") and hasattr(given, "total_bounds"):  # a GeoDataFrame or GeoSeries
        return np.asarray(given.geometry.array, dtype=object), given.crs
    geometries = [given] if isinstance(given, BaseGeometry) else given
    if isinstance(geometries, tuple | list | np.ndarray) and all(
        isinstance(part, BaseGeometry) for part in geometries
    ):
        return np.array(list(geometries), dtype=object), grid.crs
    found = as_geojson(given)
    if found is None:
        msg = f"{title} is {str(given)[:80]!r} ({type(given).__name__}), which is no layer."
        raise VectorError(msg, advice=_TAKEN)
    geojson, crs = found
    shapes = read_geojson(geojson, is_wgs84=crs is None, name=title, may_be_empty=True)
    return shapes, crs or CRS("EPSG:4326")


def _extent_in(crs: CRS, grid: Grid) -> BaseGeometry | None:
    """Return boxes of the grid's extent in a CRS, in each turn of longitudes; None beyond it."""
    bounds = grid.bounds
    if crs != grid.crs:
        try:
            project = Transformer.from_crs(grid.crs, crs, always_xy=True)
            bounds = project.transform_bounds(*grid.bounds)
        except ProjError:
            return None
    if not np.isfinite(bounds).all():
        return None
    left, bottom, right, top = bounds
    if not has_longitudes(crs):
        return shapely.box(left, bottom, right, top)
    right += _TURN * (left > right)
    turns = (-_TURN, 0.0, _TURN)
    return shapely.MultiPolygon(
        [shapely.box(left + turn, bottom, right + turn, top) for turn in turns]
    )


def _check_on_earth(shapes: npt.NDArray[Any], crs: CRS, title: str) -> None:
    """Refuse coordinates that are no place in a CRS: no distance from them can be measured."""
    if crs.geodetic_crs is None:
        return
    points, owners = shapely.get_coordinates(shapes, return_index=True)
    project = Transformer.from_crs(crs, "+proj=aeqd +datum=WGS84", always_xy=True)
    is_place = np.isfinite(project.transform(points[:, 0], points[:, 1])).all(axis=0)
    if not is_place.all():
        x, y = points[~is_place][0]
        count = len(np.unique(owners[~is_place]))
        has = "1 feature has" if count == 1 else f"{count} features have"
        msg = f"{title}: {has} coordinates, such as {x:g}, {y:g}, that are no place in "
        advice = "Delete them, or assign the CRS that the coordinates are in."
        raise VectorError(f"{msg}{crs.name}.", advice=advice)


def _nearest(shapes: npt.NDArray[Any], crs: CRS, grid: Grid) -> str:
    """Return how far the nearest feature is from the scene, as text."""
    unit_m = planar_unit_m(grid.crs)
    left, bottom, right, top = grid.bounds
    corners = shapely.segmentize(shapely.box(*grid.bounds), max(right - left, top - bottom) / 8)
    try:
        if unit_m is not None:
            things, scene = shapes, corners
        else:
            to_degrees = Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True)
            lon, lat = to_degrees.transform((left + right) / 2, (bottom + top) / 2)
            plane = CRS(f"+proj=aeqd +lat_0={lat} +lon_0={lon} +datum=WGS84 +units=m")
            things, scene = _projected(shapes, crs, plane), _projected(corners, grid.crs, plane)
        distances = np.asarray(shapely.distance(things, scene)) * (unit_m or 1.0)
    except (ProjError, CRSError, shapely.errors.ShapelyError):
        distances = np.array([np.nan])
    distances = distances[np.isfinite(distances)]
    if not distances.size:
        return "how far it is from it cannot be measured"
    far_m = float(distances.min())
    far = f"{far_m:.0f} m" if far_m < _KM else f"{far_m / _KM:,.{1 if far_m < 10 * _KM else 0}f} km"
    return f"the nearest is {far} from it"


def _projected(shapes: Any, source: CRS, target: CRS) -> Any:  # noqa: ANN401 - geometries
    project = Transformer.from_crs(source, target, always_xy=True)
    return shapely.transform(
        shapes, lambda points: np.stack(project.transform(points[:, 0], points[:, 1]), axis=1)
    )
