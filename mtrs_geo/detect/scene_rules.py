"""Apply the rules of a query to the polygons of the whole scene."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mtrs_geo.detect.scene_geometry import (
    close_gaps,
    covered_share,
    in_metres,
    is_near,
    nearest_m,
)
from mtrs_geo.errors import QueryError, VectorError
from mtrs_geo.grid import Grid
from mtrs_geo.query import (
    AnyOf,
    ChangeQuery,
    Except,
    Inside,
    Near,
    Position,
    SizeBound,
    Superlative,
)
from mtrs_geo.query.rules import Rule, is_rank
from mtrs_geo.types import BoolArray

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["apply_scene_rules", "warnings_of_lines"]

_FloatValues: TypeAlias = npt.NDArray[np.float64]

_EDGE_SHARE = 0.1
_SURFACE = 2
"""Dimensions of an area."""
_GAP_M = 50.0
"""Widest gap of a thing that still belongs to it, as a clearing belongs to the forest."""


def apply_scene_rules(
    query: ChangeQuery,
    polygons: GeoDataFrame,
    grid: Grid,
    references: Mapping[str, GeoDataFrame],
) -> GeoDataFrame:
    """Return the polygons that fulfil the rules of a query.

    The rules are applied in the order of the query: for "the largest in the north" that is the
    position, then the superlative; for "is the largest in the north?" the superlative, then the
    position.  Exceptions next to each other are found among the same polygons, so their order has
    no effect.

    Args:
        query: a query; its rules are applied in their order.
        polygons: table in any CRS, with a column ``area_m2``.
        grid: grid of the scene; north up.
        references: layers in any CRS, by the names of `ChangeQuery.references`, or by what
            `ChangeQuery.prompts_of` returns for them.

    Returns:
        The matching rows; ranked by size if the query has a superlative.

    Raises:
        QueryError: if a rule refers to a thing that is not in ``references``.
        VectorError: if a layer of ``references`` has no CRS.
    """
    scene = _Scene(query, grid, references)
    for _, group in itertools.groupby(query.rules, key=lambda rule: isinstance(rule, Except)):
        rules = list(group)
        exceptions = [rule for rule in rules if isinstance(rule, Except)]
        if exceptions:
            excepted = [_is_excepted(rule, polygons, scene) for rule in exceptions]
            polygons = polygons[~np.logical_or.reduce(excepted)]
            continue
        for rule in rules:
            polygons = _fulfilling(rule, polygons, scene)
    return polygons


def warnings_of_lines(
    queries: Iterable[ChangeQuery], references: Mapping[str, GeoDataFrame]
) -> list[str]:
    """Return a warning for each layer without areas where a rule asks what lies in it.

    Nothing lies in a line or a point: all is outside of it, and it excepts nothing.

    Args:
        queries: of a run.
        references: layers that are given, by the names of `ChangeQuery.references`.
    """
    import shapely

    without_areas = {
        name
        for name, layer in references.items()
        if len(layer) and shapely.get_dimensions(layer.geometry.array).max() < _SURFACE
    }
    return [
        f"the layer of {name!r} has lines or points and no areas, so nothing lies in it, as "
        f"{query.text!r} asks. Give polygons, or ask for a distance: 'within 10 m of the {name}'."
        for query in queries
        for name in dict.fromkeys(map(_area_of, _inner_rules(query.rules)))
        if name in without_areas
    ]


def _inner_rules(rules: Iterable[Rule]) -> Iterator[Rule]:
    """Yield rules, and those within exceptions and alternatives."""
    for rule in rules:
        yield rule
        if isinstance(rule, Except | AnyOf):
            yield from _inner_rules(rule.rules)


def _area_of(rule: Rule) -> str:
    """Return the other thing of a rule that compares areas, or an empty text."""
    if isinstance(rule, Except):
        return rule.prompt or ""
    return rule.reference if isinstance(rule, Inside) else ""


@dataclass(frozen=True)
class _Scene:
    query: ChangeQuery
    grid: Grid
    references: Mapping[str, GeoDataFrame]

    def has_itself(self, reference: str) -> bool:
        """Return whether a reference layer may contain the polygons of the answer themselves.

        The land cover of the later date shows what appeared, but not what disappeared.
        """
        if self.query.direction != "disappeared":
            return True
        prompt, words = (_stems(text) for text in (self.query.prompt, reference))
        return bool(prompt & words)


def _fulfilling(rule: Rule, polygons: GeoDataFrame, scene: _Scene) -> GeoDataFrame:
    """Return the polygons that fulfil one rule; those of superlatives sorted by rank."""
    if isinstance(rule, Superlative):
        return polygons.iloc[_ranked_rows(rule, polygons, scene)]
    if isinstance(rule, AnyOf) and is_rank(rule):
        options = [option for option in rule.rules if isinstance(option, Superlative)]
        rows = [_ranked_rows(option, polygons, scene) for option in options]
        return polygons.iloc[list(dict.fromkeys(np.concatenate(rows)))]
    return polygons[_matches(rule, polygons, scene)]


def _stems(text: str) -> set[str]:
    return {word.removesuffix("s") for word in text.split() if len(word) > 3}


def _matches(rule: Rule, polygons: GeoDataFrame, scene: _Scene) -> BoolArray:
    grid = scene.grid
    if isinstance(rule, Position):
        return _is_at_position(rule, polygons, grid)
    if isinstance(rule, SizeBound):
        size = _size(rule.quantity, polygons, grid)
        return np.asarray((size >= rule.low) & (size <= rule.high))
    if isinstance(rule, AnyOf):
        options = [_matches(option, polygons, scene) for option in rule.rules]
        return np.asarray(np.logical_or.reduce(options))
    if not isinstance(rule, Near | Inside):
        msg = f"{rule!r} is not decided polygon by polygon."
        raise TypeError(msg)
    others = _reference(rule.reference, scene.references)
    if isinstance(rule, Inside):
        return np.asarray(_is_inside(rule, polygons, others, grid) != rule.outside)
    near = is_near(
        in_metres(polygons, grid),
        in_metres(others, grid),
        rule.distance_m,
        has_itself=scene.has_itself(rule.reference),
    )
    return ~near if rule.beyond else near


def _is_inside(rule: Inside, polygons: GeoDataFrame, others: GeoDataFrame, grid: Grid) -> BoolArray:
    things = in_metres(others, grid)
    if rule.with_gaps:
        things = close_gaps(things, _GAP_M)
    return np.asarray(covered_share(in_metres(polygons, grid), things) > 0.5)


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
    if rule.place in {"edge", "corner"}:
        return _is_at_border(x_share, y_share, rule.place)
    words = set(rule.place.split("-"))
    is_in_cols = _is_in_section(x_share, "west", "east", words)
    return is_in_cols & _is_in_section(y_share, "south", "north", words)


def _is_at_border(x_share: _FloatValues, y_share: _FloatValues, place: str) -> BoolArray:
    """Return whether positions are in the outer tenth, or in the outer third of both axes."""
    x_edge, y_edge = (np.minimum(share, 1 - share) for share in (x_share, y_share))
    if place == "edge":
        return np.asarray(np.minimum(x_edge, y_edge) < _EDGE_SHARE)
    return np.asarray(np.maximum(x_edge, y_edge) < 1 / 3)


def _is_in_section(share: _FloatValues, low: str, high: str, words: set[str]) -> BoolArray:
    """Compare positions along one axis, in [0, 1], with a half, or a third if "centre" is named."""
    section = 1 / 3 if "centre" in words else 1 / 2
    if low in words:
        return np.asarray(share < section)
    if high in words:
        return np.asarray(share >= 1 - section)
    return np.asarray((share >= 1 / 3) & (share < 2 / 3) | ("centre" not in words))


def _size(quantity: str, polygons: GeoDataFrame, grid: Grid) -> _FloatValues:
    """Return areas in m², or the sides of the minimum rotated rectangle in m.

    The longer side is the length, the shorter the width.
    """
    import shapely

    if quantity == "area":
        if "area_m2" in polygons:
            return np.asarray(polygons["area_m2"], np.float64)
        return np.asarray(shapely.area(in_metres(polygons, grid)))
    side = 1 if quantity == "length" else 0
    return np.asarray([_sides_m(s)[side] for s in in_metres(polygons, grid)], np.float64)


def _sides_m(geometry: Any) -> _FloatValues:  # noqa: ANN401 - a shapely geometry
    """Return the shorter and the longer side."""
    import shapely

    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(geometry))[:3]
    return np.sort(np.hypot(*np.diff(corners, axis=0).T))


def _is_excepted(rule: Except, polygons: GeoDataFrame, scene: _Scene) -> BoolArray:
    """Return which polygons the exception removes."""
    if rule.prompt is None:
        # Row numbers, because the index may have duplicates.
        exceptions = polygons.reset_index(drop=True)
    else:
        exceptions = _exceptions(rule, scene.references).to_crs(polygons.crs)
    for inner_rule in rule.rules:
        exceptions = _fulfilling(inner_rule, exceptions, scene)
    if rule.prompt is None:
        return np.isin(np.arange(len(polygons)), exceptions.index)
    # Outlines of two queries differ, so a polygon is removed if more than half of it is covered.
    covered = covered_share(
        np.asarray(polygons.geometry.array), np.asarray(exceptions.geometry.array)
    )
    return np.asarray(covered > 0.5)


def _exceptions(rule: Except, references: Mapping[str, GeoDataFrame]) -> GeoDataFrame:
    """Return a layer of that name, or the answers to what the model was asked for it."""
    import pandas as pd

    if not set(rule.prompts) <= set(references):
        return _reference(str(rule.prompt), references)
    first, *others = (_reference(prompt, references) for prompt in rule.prompts)
    return pd.concat([first, *(other.to_crs(first.crs) for other in others)]) if others else first


def _ranked_rows(rule: Superlative, polygons: GeoDataFrame, scene: _Scene) -> npt.NDArray[np.intp]:
    """Return the numbers of the rows that a superlative keeps, sorted by rank."""
    if rule.reference:
        others = in_metres(_reference(rule.reference, scene.references), scene.grid)
        has_itself = scene.has_itself(rule.reference)
        values = nearest_m(in_metres(polygons, scene.grid), others, has_itself=has_itself)
    else:
        values = _rank_values(rule.measure, polygons, scene.grid)
    order = np.argsort(values, kind="stable")
    if rule.measure in {
        "largest", "longest", "widest", "northernmost", "easternmost", "farthest",
    }:  # fmt: skip
        order = order[::-1]
    # Without another thing, nothing is the nearest to it.
    order = order[np.isfinite(values[order])]
    return order[rule.first - 1 : rule.first - 1 + rule.count]


def _rank_values(measure: str, polygons: GeoDataFrame, grid: Grid) -> _FloatValues:
    if measure.endswith("ernmost"):
        points = polygons.geometry.representative_point().to_crs(grid.crs)
        is_row = measure in {"northernmost", "southernmost"}
        return np.asarray(points.y if is_row else points.x, np.float64)
    if measure in {"longest", "shortest"}:
        return _size("length", polygons, grid)
    return _size("width" if measure in {"widest", "narrowest"} else "area", polygons, grid)
