"""Apply the rules of a query to the polygons of the whole scene."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mtrs_geo.errors import QueryError, VectorError
from mtrs_geo.grid import Grid, planar_unit_m
from mtrs_geo.query import ChangeQuery, Except, Near, Position, SizeBound, Superlative
from mtrs_geo.types import BoolArray

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["apply_scene_rules"]

_FloatValues: TypeAlias = npt.NDArray[np.float64]


def apply_scene_rules(
    query: ChangeQuery,
    polygons: GeoDataFrame,
    grid: Grid,
    references: Mapping[str, GeoDataFrame],
) -> GeoDataFrame:
    """Return the polygons that fulfil the rules of a query.

    Positions, bounds and distances are applied first, then exceptions, then superlatives: "the
    largest in the north" is the largest of the polygons in the north.

    Args:
        query: a query; its rules are applied in their order.
        polygons: table in any CRS, with a column ``area_m2``.
        grid: grid of the scene; north up.
        references: layers by the names of `ChangeQuery.references`, in any CRS.

    Returns:
        The matching rows; ranked by size if the query has a superlative.

    Raises:
        QueryError: if a rule refers to a thing that is not in ``references``.
        VectorError: if a layer of ``references`` has no CRS.
    """
    for rule in query.rules:
        if isinstance(rule, Superlative):
            polygons = _rank(rule, polygons, grid)
        elif isinstance(rule, Except):
            polygons = polygons[~_is_excepted(rule, polygons, grid, references)]
        else:
            polygons = polygons[_matches(rule, polygons, grid, references)]
    return polygons


def _matches(
    rule: Position | SizeBound | Near,
    polygons: GeoDataFrame,
    grid: Grid,
    references: Mapping[str, GeoDataFrame],
) -> BoolArray:
    if isinstance(rule, Position):
        return _is_at_position(rule, polygons, grid)
    if isinstance(rule, SizeBound):
        size = _size(rule.quantity, polygons, grid)
        return np.asarray((size >= rule.low) & (size <= rule.high))
    others = _reference(rule.reference, references)
    near = _distance_m(polygons, others, grid) <= rule.distance_m
    return ~near if rule.beyond else near


def _reference(name: str, references: Mapping[str, GeoDataFrame]) -> GeoDataFrame:
    """Return the layer of a reference without missing and empty geometries."""
    if name not in references:
        msg = f"the query refers to {name!r}, but the references are {sorted(references)}."
        advice = f'Give a layer of that name, for example --reference "{name}=layer.gpkg".'
        raise QueryError(msg, advice=advice)
    layer = references[name]
    if layer.crs is None:
        msg = f"the layer of {name!r} has no CRS."
        raise VectorError(msg, advice="Assign one, for example layer.set_crs(4326).")
    return layer[~(layer.geometry.isna() | layer.geometry.is_empty)]


def _is_at_position(rule: Position, polygons: GeoDataFrame, grid: Grid) -> BoolArray:
    """Return whether a point inside each polygon is in a half, quarter or ninth of the scene."""
    points = polygons.geometry.representative_point().to_crs(grid.crs)
    left, bottom, right, top = grid.bounds
    x_share = (points.x.to_numpy() - left) / (right - left)
    y_share = (points.y.to_numpy() - bottom) / (top - bottom)
    words = set(rule.place.split("-"))
    is_in_cols = _is_in_section(x_share, "west", "east", words)
    return is_in_cols & _is_in_section(y_share, "south", "north", words)


def _is_in_section(share: _FloatValues, low: str, high: str, words: set[str]) -> BoolArray:
    """Compare positions along one axis, in [0, 1], with a half, or a third if "centre" is named."""
    section = 1 / 3 if "centre" in words else 1 / 2
    if low in words:
        return np.asarray(share < section)
    if high in words:
        return np.asarray(share >= 1 - section)
    return np.asarray((share >= 1 / 3) & (share < 2 / 3) | ("centre" not in words))


def _size(quantity: str, polygons: GeoDataFrame, grid: Grid) -> _FloatValues:
    """Return areas in m², or lengths in m: the longer side of the minimum rotated rectangle."""
    import shapely

    if quantity == "area":
        if "area_m2" in polygons:
            return np.asarray(polygons["area_m2"], np.float64)
        return np.asarray(shapely.area(_in_metres(polygons, grid)))
    return np.asarray([_length_m(shape) for shape in _in_metres(polygons, grid)])


def _length_m(geometry: Any) -> float:  # noqa: ANN401 - a shapely geometry
    import shapely

    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(geometry))[:3]
    return float(np.hypot(*np.diff(corners, axis=0).T).max())


def _distance_m(polygons: GeoDataFrame, others: GeoDataFrame, grid: Grid) -> _FloatValues:
    """Return the distance of each polygon to the nearest of the others, in metres."""
    import shapely

    if not len(others) or not len(polygons):
        return np.full(len(polygons), np.inf)
    tree = shapely.STRtree(_in_metres(others, grid))
    shapes = _in_metres(polygons, grid)
    (rows, _), distance_m = tree.query_nearest(shapes, return_distance=True, all_matches=False)
    nearest_m = np.full(len(polygons), np.inf)
    nearest_m[rows] = distance_m
    return nearest_m


def _is_excepted(
    rule: Except, polygons: GeoDataFrame, grid: Grid, references: Mapping[str, GeoDataFrame]
) -> BoolArray:
    """Return which polygons the exception removes."""
    if rule.prompt is None:
        # Row numbers, because the index may have duplicates.
        exceptions = polygons.reset_index(drop=True)
    else:
        exceptions = _reference(rule.prompt, references).to_crs(polygons.crs)
    for inner_rule in rule.rules:
        if isinstance(inner_rule, Superlative):
            exceptions = _rank(inner_rule, exceptions, grid)
        else:
            exceptions = exceptions[_matches(inner_rule, exceptions, grid, references)]
    if rule.prompt is None:
        return np.isin(np.arange(len(polygons)), exceptions.index)
    # Outlines of two queries differ, so a polygon is removed if more than half of it is covered.
    return np.asarray(_covered_share(polygons, exceptions) > 0.5)


def _covered_share(polygons: GeoDataFrame, others: GeoDataFrame) -> _FloatValues:
    """Return the share of the area of each polygon that the others cover together."""
    import shapely

    # The parts of the union do not overlap, so their areas add up.
    parts = shapely.get_parts(shapely.union_all(shapely.make_valid(others.geometry.array)))
    shapes = np.asarray(polygons.geometry.array)
    rows, part_rows = shapely.STRtree(parts).query(shapes, predicate="intersects")
    areas = shapely.area(shapely.intersection(shapes[rows], parts[part_rows]))
    covered = np.bincount(rows, areas, minlength=len(shapes)).astype(np.float64)
    # A ratio has no unit: shapely.area gives no warning for degrees, GeoSeries.area does.
    return covered / np.asarray(shapely.area(shapes), np.float64)


def _rank(rule: Superlative, polygons: GeoDataFrame, grid: Grid) -> GeoDataFrame:
    quantity = "length" if rule.measure in {"longest", "shortest"} else "area"
    size = _size(quantity, polygons, grid)
    order = np.argsort(size, kind="stable")
    if rule.measure in {"largest", "longest"}:
        order = order[::-1]
    return polygons.iloc[order[: rule.count]]


def _in_metres(layer: GeoDataFrame, grid: Grid) -> npt.NDArray[Any]:
    """Return geometries in an equidistant projection around the centre of the scene, in metres.

    In a local CRS, all layers are in its plane and stay there.
    """
    import shapely
    from pyproj import Transformer

    unit_m = planar_unit_m(grid.crs)
    if unit_m is not None:
        return np.asarray(shapely.transform(layer.geometry.array, lambda points: points * unit_m))
    left, bottom, right, top = grid.bounds
    to_degrees = Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform((left + right) / 2, (bottom + top) / 2)
    crs = f"+proj=aeqd +lat_0={lat} +lon_0={lon} +datum=WGS84 +units=m"
    return np.asarray(layer.to_crs(crs).geometry.array)
