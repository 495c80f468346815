"""Join the polygons of one place and sentence over the pairs of dates into events."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from mtrs_geo.detect.questions import DatePair, date_names
from mtrs_geo.io.vector import ColumnType
from mtrs_geo.vectorize.geodesic import EllipsoidMeter
from mtrs_geo.vectorize.table import ChangeTable, Selection

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = [
    "EVENT_COLUMNS",
    "event_counts",
    "events_frame",
    "has_events",
    "overlap_notes",
    "with_events",
]

EVENT_COLUMNS: Mapping[str, ColumnType] = {
    "event": "int64",
    "first_seen": "string",
    "last_seen": "string",
}
"""Attributes that the polygons of a stack have besides those of other runs."""

_LEAST_SHARED = 0.1
"""Share of the smaller of two polygons that both must cover to show the same event."""


@dataclass(frozen=True)
class _Polygons:
    """The polygons of one sentence, in the order of the table's rows."""

    shapes: npt.NDArray[Any]
    pairs: npt.NDArray[np.int64]
    """Index of the pair of dates of each polygon."""
    selections: npt.NDArray[np.int64]
    """Index of its selection in the table."""


def has_events(pairs: Sequence[tuple[int, int]]) -> bool:
    """Return whether a run has events: if it compares more than one pair of dates."""
    return len(pairs) > 1


def with_events(
    table: ChangeTable, pairs: Sequence[tuple[int, int]], dates: Sequence[str | None]
) -> ChangeTable:
    """Return a table with `EVENT_COLUMNS`.

    Two polygons of one sentence and of different pairs show the same event if they share at least
    a tenth of the smaller one; so do all that are linked in this way.  Events are numbered from 1
    in the order of their first polygons.  All outlines of a sentence are in memory at a time.

    Args:
        table: its selections are those of the first pair, then those of the next, one per
            sentence.
        pairs: indices of the compared dates.
        dates: of the rasters; None where it is unknown.
    """
    sentences = len(table.selections) // len(pairs)
    order = _order_of_time(dates)
    places = np.argsort(order)
    names = np.array([*(dates[i] for i in order), None], object)
    columns: dict[int, dict[str, npt.NDArray[Any]]] = {}
    first_event = 1
    for sentence in range(sentences):
        found = _polygons(table, range(sentence, len(table.selections), sentences), sentences)
        events = _joined(found.shapes, found.pairs)
        after = np.array([places[pair[1]] for pair in pairs])[found.pairs]
        first, last = _extent(events, after)
        for selection in range(sentence, len(table.selections), sentences):
            own = events[found.selections == selection]
            columns[selection] = {
                "event": own + first_event,
                "first_seen": names[first[own]],
                "last_seen": names[last[own]],
            }
        first_event += len(first)
    selections = [
        replace(selection, attributes={**selection.attributes, **columns[i]})
        for i, selection in enumerate(table.selections)
    ]
    return replace(table, selections=selections, columns=(*table.columns, *EVENT_COLUMNS))


def events_frame(
    table: ChangeTable, pairs: Sequence[tuple[int, int]], dates: Sequence[str | None]
) -> GeoDataFrame:
    """Return one row per event, in the CRS of the run's grid.

    The geometry is the union of the polygons of the event.  ``not_seen`` is the earliest date
    that was compared, ``dates`` are those at which it was seen, in the order of time, and
    ``polygons`` is the number of its polygons.  ``time_start`` is the first day of the earliest
    compared date and ``time_end`` the last day of the latest one.  A date that is unknown is empty,
    in ``dates`` it is "raster 2".  ``not_seen`` is also empty if it is not before ``first_seen``,
    which rasters in the wrong order can cause.  A table without rows has the same types.

    Args:
        table: from `with_events`.
        pairs: indices of the compared dates.
        dates: of the rasters.
    """
    import geopandas
    import pandas as pd

    rows = list(_event_rows(table, pairs, dates))
    text = pd.Series([""]).dtype  # "str" in pandas 3, "object" before
    types: dict[str, Any] = {
        "event": "int64", "query": text, "change": text, "not_seen": text, "first_seen": text,
        "last_seen": text, "dates": text, "polygons": "int64", "score": "float64",
        "area_m2": "float64", "time_start": "datetime64[ms]", "time_end": "datetime64[ms]",
    }  # fmt: skip
    columns = {
        name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in types.items()
    }
    geometry = geopandas.GeoSeries([row["geometry"] for row in rows], crs=table.grid.crs)
    return geopandas.GeoDataFrame(columns, geometry=geometry)


def event_counts(table: ChangeTable) -> dict[str, int]:
    """Return the number of events per query; none if the table has no events."""
    if "event" not in table.columns:
        return {}
    events: dict[str, set[int]] = {}
    for selection in table.selections:
        query, own = (selection.attributes[name] for name in ("query", "event"))
        events.setdefault(cast("str", query), set()).update(cast("npt.NDArray[np.int64]", own))
    return {query: len(numbers) for query, numbers in events.items()}


def overlap_notes(table: ChangeTable, pairs: Sequence[DatePair]) -> list[str]:
    """Return a note if periods overlap and their polygons show an event more than once."""
    count = sum(event_counts(table).values())
    spans = sorted(pairs)
    is_overlap = any(later[0] < earlier[1] for earlier, later in pairwise(spans))
    if not is_overlap or len(table) <= count:
        return []
    return [
        "the periods overlap, and a change is found in each period that shows it: the numbers and "
        f"areas of polygons count it more than once. {len(table)} polygons show {count} event"
        f"{'' if count == 1 else 's'}; `result.events`, in a GeoPackage the layer events, has each "
        "event once."
    ]


def _order_of_time(dates: Sequence[str | None]) -> list[int]:
    """Return the indices of the dates in the order of time.

    A date moves only before dates that are surely later: "2016" and "2016-06" stay as given.  An
    unknown date stays behind the one that was given before it.
    """
    known: list[str] = []
    order: list[int] = []
    for i, date in enumerate(dates):
        own = date or (known[-1] if known else "")
        known.append(own)
        later = (place for place, j in enumerate(order) if known[j][: len(own)] > own)
        order.insert(next(later, i), i)
    return order


def _polygons(table: ChangeTable, selections: Sequence[int], sentences: int) -> _Polygons:
    taken = [
        [change.geometry for change in chosen.changes.take(chosen.positions)]
        for chosen in (table.selections[i] for i in selections)
    ]
    counts = [len(shapes) for shapes in taken]
    shapes = np.array([shape for shapes in taken for shape in shapes], object)
    chosen = np.repeat(np.array(selections, np.int64), counts)
    return _Polygons(shapes, chosen // sentences, chosen)


def _joined(shapes: npt.NDArray[Any], pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the event of each polygon, numbered from 0 in the order of their first polygons."""
    import shapely
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not shapes.size:
        return np.zeros(0, np.int64)
    i, j = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    is_new = (i < j) & (pairs[i] != pairs[j])
    i, j = i[is_new], j[is_new]
    areas = shapely.area(shapes)
    shared = shapely.area(shapely.intersection(shapes[i], shapes[j]))
    is_same = shared >= _LEAST_SHARED * np.minimum(areas[i], areas[j])
    links = np.ones(np.count_nonzero(is_same), np.bool_), (i[is_same], j[is_same])
    _, labels = connected_components(coo_array(links, (shapes.size, shapes.size)), directed=False)
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    ranks = np.argsort(np.argsort(first))
    events: npt.NDArray[np.int64] = ranks[inverse].astype(np.int64)
    return events


def _extent(
    events: npt.NDArray[np.int64], after: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the first and the last date of each event, as places in the order of time."""
    count = int(events.max()) + 1 if events.size else 0
    first = np.full(count, np.iinfo(np.int64).max)
    last = np.full(count, -1)
    np.minimum.at(first, events, after)
    np.maximum.at(last, events, after)
    return first, last


def _event_rows(
    table: ChangeTable, pairs: Sequence[tuple[int, int]], dates: Sequence[str | None]
) -> Iterator[dict[str, Any]]:
    meter = EllipsoidMeter(table.grid)
    sentences = len(table.selections) // len(pairs)
    order = _order_of_time(dates)
    shown = date_names(dates)
    placed = [(order.index(before), order.index(after)) for before, after in pairs]
    for sentence in range(sentences):
        chosen = list(table.selections[sentence::sentences])
        query, change = (chosen[0].attributes[name] for name in ("query", "change"))
        parts = [_with_scores(selection, table) for selection in chosen]
        frame = _concatenated(parts, placed)
        for event, rows in frame.groupby("event", sort=True):
            before, after = rows["before"].min(), sorted(set(rows["after"]))
            start = dates[order[min(before, after[0])]]
            end = dates[order[max(rows["before"].max(), after[-1])]]
            shape = _union(rows.geometry.to_numpy())
            yield {
                "event": event, "query": query, "change": change,
                "not_seen": start if before < after[0] else None,
                "first_seen": dates[order[after[0]]], "last_seen": dates[order[after[-1]]],
                "dates": ", ".join(shown[order[i]] for i in after), "polygons": len(rows),
                "score": float(rows["score"].max()), "area_m2": _area_m2(shape, meter),
                "time_start": start and _day(start, last=False),
                "time_end": end and _day(end, last=True), "geometry": shape,
            }  # fmt: skip


def _with_scores(selection: Selection, table: ChangeTable) -> GeoDataFrame:
    one = replace(table, selections=[selection], columns=("event", "score"))
    return one.read()


def _concatenated(frames: Sequence[GeoDataFrame], pairs: Sequence[tuple[int, int]]) -> GeoDataFrame:
    import pandas as pd

    dated = [
        frame.assign(before=before, after=after)
        for frame, (before, after) in zip(frames, pairs, strict=True)
    ]
    return cast("GeoDataFrame", pd.concat(dated, ignore_index=True))


def _union(shapes: npt.NDArray[Any]) -> Any:  # noqa: ANN401 - a shapely MultiPolygon
    """Return the union of polygons as a multipolygon."""
    import shapely

    union = shapely.union_all(shapes)
    return shapely.multipolygons([p for p in shapely.get_parts(union) if p.geom_type == "Polygon"])


def _area_m2(shape: Any, meter: EllipsoidMeter) -> float:  # noqa: ANN401 - a shapely MultiPolygon
    import shapely

    areas_m2, _ = meter.areas_and_perimeters_m(np.asarray(shapely.get_parts(shape)))
    return float(np.sum(areas_m2))


def _day(date: str, *, last: bool) -> datetime:
    """Return the first or the last day of a date such as "2016", "2016-06" or "2016-06-15"."""
    numbers = [int(part) for part in date.split("-")]
    year, month = numbers[0], numbers[1] if len(numbers) > 1 else (12 if last else 1)
    day = calendar.monthrange(year, month)[1] if last else 1
    return datetime(year, month, numbers[2] if len(numbers) > 2 else day)
