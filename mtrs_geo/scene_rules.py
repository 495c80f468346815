"""Rules of a query, decided on the finished polygons of the whole scene."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from mtrs_geo.grid import Grid
from mtrs_geo.query import ChangeQuery, Except, Near, Position, SizeBound, Superlative
from mtrs_geo.types import BoolArray, FloatArray

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["scene_rules"]


def scene_rules(
    query: ChangeQuery,
    polygons: GeoDataFrame,
    grid: Grid,
    references: Mapping[str, GeoDataFrame],
) -> GeoDataFrame:
    """Keep the polygons that a query's rules keep.

    Positions, bounds and distances come first, exceptions next, superlatives last,
    so "the largest in the north" is the largest of those in the north.

    Args:
        query: its rules are applied in their order.
        polygons: with a column ``area_m2``.
        grid: the scene; north up.
        references: what `ChangeQuery.references` names, in any CRS.

    Returns:
        The rows kept; ranked by size where the query has a superlative.
    """
    chosen = polygons
    for rule in query.rules:
        if isinstance(rule, Superlative):
            chosen = _ranked(rule, chosen, grid)
        elif isinstance(rule, Except):
            chosen = chosen[~_excepted(rule, chosen, grid, references)]
        else:
            chosen = chosen[_holds(rule, chosen, grid, references)]
    return chosen


def _holds(
    rule: Position | SizeBound | Near,
    polygons: GeoDataFrame,
    grid: Grid,
    references: Mapping[str, GeoDataFrame],
) -> BoolArray:
    if isinstance(rule, Position):
        return _placed(rule, polygons, grid)
    if isinstance(rule, SizeBound):
        size = _size(rule.quantity, polygons, grid)
        return np.asarray((size >= rule.low) & (size <= rule.high))
    near = _distance_m(polygons, references[rule.reference], grid) <= rule.distance_m
    return ~near if rule.beyond else near


def _placed(rule: Position, polygons: GeoDataFrame, grid: Grid) -> BoolArray:
    """Compare a point inside every polygon with the scene's middle lines or ninth."""
    points = polygons.geometry.representative_point()
    left, bottom, right, top = grid.bounds
    across = (points.x.to_numpy() - left) / (right - left)
    up = (points.y.to_numpy() - bottom) / (top - bottom)
    if rule.place == "centre":
        return np.asarray((np.abs(across - 0.5) <= 1 / 6) & (np.abs(up - 0.5) <= 1 / 6))
    tests = {"north": up >= 0.5, "south": up < 0.5, "east": across >= 0.5, "west": across < 0.5}
    inside = np.ones(len(polygons), bool)
    for word in rule.place.split("-"):
        inside &= tests[word]
    return inside


def _size(quantity: str, polygons: GeoDataFrame, grid: Grid) -> FloatArray:
    """Return areas in m², or lengths in m: the longer side of the smallest rectangle."""
    if quantity == "area":
        return np.asarray(polygons["area_m2"], np.float64)
    return np.asarray([_length_m(g) for g in polygons.to_crs(_metric_crs(grid)).geometry])


def _length_m(geometry) -> float:  # noqa: ANN001 - shapely geometries carry no stubs here
    import shapely

    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(geometry))[:3]
    return float(np.hypot(*np.diff(corners, axis=0).T).max())


def _distance_m(polygons: GeoDataFrame, others: GeoDataFrame, grid: Grid) -> FloatArray:
    """Return the distance of every polygon to the nearest other thing, in metres."""
    if not len(others) or not len(polygons):
        return np.full(len(polygons), np.inf)
    there = _metric_crs(grid)
    target = others.to_crs(there).union_all()
    return np.asarray(polygons.to_crs(there).distance(target))


def _excepted(
    rule: Except, polygons: GeoDataFrame, grid: Grid, references: Mapping[str, GeoDataFrame]
) -> BoolArray:
    """Mark the polygons that the exception takes away."""
    theirs = polygons if rule.prompt is None else references[rule.prompt].to_crs(polygons.crs)
    for inner in rule.rules:
        if isinstance(inner, Superlative):
            theirs = _ranked(inner, theirs, grid)
        else:
            theirs = theirs[_holds(inner, theirs, grid, references)]
    if rule.prompt is None:
        return np.asarray(polygons.index.isin(theirs.index))
    if not len(theirs):
        return np.zeros(len(polygons), bool)
    # Two answers of a model never share an outline; half of a polygon decides.
    shared = polygons.geometry.intersection(theirs.union_all()).area
    return np.asarray(shared > 0.5 * polygons.geometry.area)


def _ranked(rule: Superlative, polygons: GeoDataFrame, grid: Grid) -> GeoDataFrame:
    quantity = "length" if rule.measure in {"longest", "shortest"} else "area"
    size = _size(quantity, polygons, grid)
    order = np.argsort(size, kind="stable")
    if rule.measure in {"largest", "longest"}:
        order = order[::-1]
    return polygons.iloc[order[: rule.count]]


def _metric_crs(grid: Grid) -> str:
    """Return an equidistant projection around the scene's middle: true metres nearby."""
    from pyproj import Transformer

    left, bottom, right, top = grid.bounds
    to_degrees = Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform((left + right) / 2, (bottom + top) / 2)
    return f"+proj=aeqd +lat_0={lat} +lon_0={lon} +datum=WGS84 +units=m"
