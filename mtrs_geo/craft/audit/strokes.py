"""Strokes of brush, eraser and polygon: stored one by one, drawn into a mask when asked."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from mtrs_geo.craft.project import Project
from mtrs_geo.craft.project.items import read_mask
from mtrs_geo.errors import RequestError
from mtrs_geo.types import BoolArray

__all__ = [
    "Stroke",
    "StrokeState",
    "active_strokes",
    "add_stroke",
    "parse_stroke",
    "rasterize",
    "set_undone",
    "stroke_state",
]

MOST_POINTS = 5000
MOST_RADIUS_PX = 500.0
_KEY = re.compile("[0-9a-f]{8,64}")
_FURTHEST_PX = 1e6
_FEWEST_CORNERS = 3
_WHERE = "item_id = ? AND round_number = ? AND auditor = ?"


@dataclass(frozen=True)
class Stroke:
    """One movement of a tool, in pixels of the pair; (0, 0) is the corner of the first pixel."""

    tool: Literal["brush", "eraser", "polygon"]
    points: tuple[tuple[float, float], ...]
    """Column, row."""
    radius_px: float = 0.0
    """Of brush and eraser."""


@dataclass(frozen=True)
class StrokeState:
    """What the page shows of an auditor's strokes on a round."""

    active: tuple[str, ...]
    """Keys of the strokes that are drawn, oldest first."""
    redo: str | None
    """Key of the stroke that redo brings back."""


def parse_stroke(sent: Mapping[str, Any]) -> Stroke:
    """Check a stroke that a page sent.

    Raises:
        RequestError: if it has another form, too many points, or numbers out of range.
    """
    advice = "Reload the page and draw again."
    try:
        tool, radius = sent["tool"], float(sent.get("radius_px", 0))
        points = tuple((float(x), float(y)) for x, y in sent["points"][: MOST_POINTS + 1])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        msg = f"the stroke cannot be read: {error}."
        raise RequestError(msg, advice=advice) from error
    if tool not in ("brush", "eraser", "polygon"):
        msg = f"the tool {tool!r} is unknown."
        raise RequestError(msg, advice=advice)
    fewest = _FEWEST_CORNERS if tool == "polygon" else 1
    if not fewest <= len(points) <= MOST_POINTS:
        msg = f"a stroke of the {tool} has {fewest} to {MOST_POINTS} points."
        raise RequestError(msg, advice=advice)
    numbers = [number for point in points for number in point]
    if not all(math.isfinite(n) and abs(n) <= _FURTHEST_PX for n in numbers):
        msg = "the stroke has a point far outside of the image."
        raise RequestError(msg, advice=advice)
    if tool != "polygon" and not 0 < radius <= MOST_RADIUS_PX:
        msg = f"the radius of a stroke is above 0 and at most {MOST_RADIUS_PX:g} pixels."
        raise RequestError(msg, advice=advice)
    return Stroke(tool, points, radius)


def add_stroke(
    project: Project, item_id: int, round_number: int, auditor: str, stored: tuple[str, Stroke]
) -> None:
    """Store a stroke under its key; the same key is stored once."""
    key, stroke = stored
    if not _KEY.fullmatch(key):
        msg = f"the key {key!r} of a stroke is not of 8 to 64 hexadecimal digits."
        raise RequestError(msg, advice="Reload the page and draw again.")
    project.connection.execute(
        "INSERT INTO strokes (key, item_id, round_number, auditor, stroke, created) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (f"{key}|{auditor}", item_id, round_number, auditor, json.dumps(asdict(stroke)),
         time.time()),
    )  # fmt: skip


def set_undone(project: Project, auditor: str, key: str, *, is_undone: bool) -> None:
    """Take back one of the auditor's strokes, or bring it back."""
    project.connection.execute(
        "UPDATE strokes SET is_undone = ? WHERE key = ? AND auditor = ?",
        (is_undone, f"{key}|{auditor}", auditor),
    )


def active_strokes(
    project: Project, item_id: int, round_number: int, auditor: str
) -> tuple[Stroke, ...]:
    """Return the auditor's strokes on a round that are not taken back, oldest first."""
    rows = project.connection.execute(
        f"SELECT stroke FROM strokes WHERE {_WHERE} AND NOT is_undone ORDER BY created, rowid",
        (item_id, round_number, auditor),
    )
    return tuple(parse_stroke(json.loads(row["stroke"])) for row in rows)


def stroke_state(project: Project, item_id: int, round_number: int, auditor: str) -> StrokeState:
    """Return which strokes are drawn, and which one can be brought back."""
    rows = project.connection.execute(
        f"SELECT key, is_undone FROM strokes WHERE {_WHERE} ORDER BY created, rowid",
        (item_id, round_number, auditor),
    ).fetchall()
    keys = [row["key"].partition("|")[0] for row in rows]
    active = tuple(key for key, row in zip(keys, rows, strict=True) if not row["is_undone"])
    redo = None
    for key, row in zip(reversed(keys), reversed(rows), strict=True):
        if not row["is_undone"]:
            break
        redo = key
    return StrokeState(active, redo)


def rasterize(
    project: Project, mask_id: int | None, shape: tuple[int, int], strokes: Sequence[Stroke]
) -> BoolArray:
    """Return a mask (rows, cols) with strokes drawn in their order.

    A pixel belongs to a stroke if its centre does.
    """
    mask = np.zeros(shape, bool) if mask_id is None else read_mask(project, mask_id).copy()
    for stroke in strokes:
        if stroke.tool == "polygon":
            mask |= _polygon(stroke, shape)
        else:
            _draw_line(mask, stroke)
    return mask


def _polygon(stroke: Stroke, shape: tuple[int, int]) -> BoolArray:
    from rasterio.features import rasterize as rasterize_geometries

    geometry = {"type": "Polygon", "coordinates": [[*stroke.points, stroke.points[0]]]}
    drawn: BoolArray = rasterize_geometries([geometry], out_shape=shape, dtype="uint8") > 0
    return drawn


def _draw_line(mask: BoolArray, stroke: Stroke) -> None:
    """Set or clear the pixels whose centres are within the radius of a line."""
    points = np.array(stroke.points)  # (N, 2), column and row
    radius, is_set = stroke.radius_px, stroke.tool == "brush"
    for start, end in zip(points, points[1:] if len(points) > 1 else points, strict=False):
        low = np.floor(np.minimum(start, end) - radius).astype(int).clip(0)
        high = np.ceil(np.maximum(start, end) + radius).astype(int)
        cols, rows = (np.arange(low[i], min(high[i], mask.shape[1 - i])) + 0.5 for i in (0, 1))
        if not cols.size or not rows.size:
            continue
        x, y = np.meshgrid(cols - start[0], rows - start[1])
        along = end - start
        length = float(along @ along)
        share = ((x * along[0] + y * along[1]) / length).clip(0, 1) if length else 0.0
        inside = (x - share * along[0]) ** 2 + (y - share * along[1]) ** 2 <= radius**2
        part = mask[low[1] : low[1] + rows.size, low[0] : low[0] + cols.size]
        part[inside] = is_set
