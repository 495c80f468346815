"""Rules of a query, decided on the finished polygons of the whole scene."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mtrs_geo.errors import QueryError, VectorError
from mtrs_geo.grid import Grid
from mtrs_geo.query import ChangeQuery, Except, Near, Position, SizeBound, Superlative
from mtrs_geo.types import BoolArray

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["scene_rules"]

_Values: TypeAlias = npt.NDArray[np.float64]


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
        polygons: in any CRS, with a column ``area_m2``.
        grid: the scene; north up.
        references: what `ChangeQuery.references` names, in any CRS.

    Returns:
        The rows kept; ranked by size where the query has a superlative.

    Raises:
        QueryError: if a thing that a rule speaks of is not among the references.
        VectorError: if its layer has no CRS.
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
    others = _reference(rule.reference, references)
    near = _distance_m(polygons, others, grid) <= rule.distance_m
    return ~near if rule.beyond else near


def _reference(name: str, references: Mapping[str, GeoDataFrame]) -> GeoDataFrame:
    """Return the layer of a thing that a rule speaks of, without its missing shapes."""
    if name not in references:
        msg = (
            f"the query speaks of {name!r}, but the things given are {sorted(references)}. "
            "Give a layer under that name, or ask the model for it."
        )
        raise QueryError(msg)
    layer = references[name]
    if layer.crs is None:
        msg = f"the layer of {name!r} has no CRS. Assign one, for example layer.set_crs(4326)."
        raise VectorError(msg)
    return layer[~(layer.geometry.isna() | layer.geometry.is_empty)]


def _placed(rule: Position, polygons: GeoDataFrame, grid: Grid) -> BoolArray:
    """Compare a point inside every polygon with the scene's middle lines or ninth."""
    points = polygons.geometry.representative_point().to_crs(grid.crs)
    left, bottom, right, top = grid.bounds
    across = (points.x.to_numpy() - left) / (right - left)
    up = (points.y.to_numpy() - bottom) / (top - bottom)
    words = set(rule.place.split("-"))
    return _part(across, "west", "east", words) & _part(up, "south", "north", words)


def _part(share: _Values, low: str, high: str, words: set[str]) -> BoolArray:
    """Mark shares of one axis: halves, or thirds where the place names a centre."""
    part = 1 / 3 if "centre" in words else 1 / 2
    if low in words:
        return np.asarray(share < part)
    if high in words:
        return np.asarray(share >= 1 - part)
    return np.asarray((share >= 1 / 3) & (share < 2 / 3) | ("centre" not in words))


def _size(quantity: str, polygons: GeoDataFrame, grid: Grid) -> _Values:
    """Return areas in m², or lengths in m: the longer side of the smallest rectangle."""
    if quantity == "area":
        if "area_m2" in polygons:
            return np.asarray(polygons["area_m2"], np.float64)
        return np.asarray(polygons.to_crs(_metric_crs(grid)).area)
    return np.asarray([_length_m(g) for g in polygons.to_crs(_metric_crs(grid)).geometry])


def _length_m(geometry: Any) -> float:  # noqa: ANN401 - a shapely geometry
    import shapely

    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(geometry))[:3]
    return float(np.hypot(*np.diff(corners, axis=0).T).max())


def _distance_m(polygons: GeoDataFrame, others: GeoDataFrame, grid: Grid) -> _Values:
    """Return the distance of every polygon to the nearest other thing, in metres."""
    import shapely

    if not len(others) or not len(polygons):
        return np.full(len(polygons), np.inf)
    there = _metric_crs(grid)
    tree = shapely.STRtree(np.asarray(others.to_crs(there).geometry.array))
    shapes = np.asarray(polygons.to_crs(there).geometry.array)
    (asked, _), distance_m = tree.query_nearest(shapes, return_distance=True, all_matches=False)
    nearest = np.full(len(polygons), np.inf)
    nearest[asked] = distance_m
    return nearest


def _excepted(
    rule: Except, polygons: GeoDataFrame, grid: Grid, references: Mapping[str, GeoDataFrame]
) -> BoolArray:
    """Mark the polygons that the exception takes away."""
    if rule.prompt is None:
        # Row numbers stand in for an index that may repeat.
        theirs = polygons.reset_index(drop=True)
    else:
        theirs = _reference(rule.prompt, references).to_crs(polygons.crs)
    for inner in rule.rules:
        if isinstance(inner, Superlative):
            theirs = _ranked(inner, theirs, grid)
        else:
            theirs = theirs[_holds(inner, theirs, grid, references)]
    if rule.prompt is None:
        return np.isin(np.arange(len(polygons)), theirs.index)
    # Two answers of a model never share an outline; half of a polygon decides.
    return np.asarray(_covered(polygons, theirs) > 0.5)


def _covered(polygons: GeoDataFrame, others: GeoDataFrame) -> _Values:
    """Return the share of every polygon's area that the others cover together."""
    import shapely

    # The union's parts do not overlap, so their areas add up.
    parts = shapely.get_parts(shapely.union_all(shapely.make_valid(others.geometry.array)))
    shapes = np.asarray(polygons.geometry.array)
    one, other = shapely.STRtree(parts).query(shapes, predicate="intersects")
    areas = shapely.area(shapely.intersection(shapes[one], parts[other]))
    shared = np.bincount(one, areas, minlength=len(shapes)).astype(np.float64)
    # Shapely's area, as geopandas warns of degrees; a ratio has no unit.
    return shared / np.asarray(shapely.area(shapes), np.float64)


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
