"""Read an export of Label Studio in its format JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mtrs_geo.craft.export.label_studio.brush import decode_brush
from mtrs_geo.craft.export.label_studio.interface import (
    BRUSH,
    POLYGON,
    QUESTIONS,
    REASON,
    SENTENCE,
)
from mtrs_geo.errors import VectorError
from mtrs_geo.types import BoolArray, Shape

__all__ = ["Annotation", "mask_of", "read_annotations"]

_MOST_BYTES = 1 << 30


@dataclass(frozen=True)
class Annotation:
    """What one person said about a task."""

    key: str
    """Number of the annotation and the time of its last change."""
    pair: str
    item: str
    round_number: int
    auditor: str
    answers: tuple[bool | None, bool | None, bool | None]
    """Mask right, sentence right, complete; None where the person said nothing."""
    sentence: str
    """Empty if there is none."""
    reason: str
    regions: Sequence[Mapping[str, Any]]
    is_skipped: bool
    seconds: float


def read_annotations(path: Path) -> tuple[list[Annotation], list[str], int]:
    """Return the annotations of tasks that `mtrs-geo craft export` wrote.

    Returns:
        The annotations, a reason for each annotation or task that cannot be used, and the number
        of tasks that nobody has annotated yet.

    Raises:
        VectorError: if the file is not an export of Label Studio.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            msg = f"{path} is larger than {_MOST_BYTES:,} bytes."
            raise VectorError(msg, advice="Export fewer tasks at a time.")
        tasks = json.loads(path.read_text(encoding="utf-8-sig"))
        if not isinstance(tasks, list):
            msg = f"it holds {type(tasks).__name__}, not a list of tasks"
            raise ValueError(msg)
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, VectorError):
            raise
        raise _no_export(path, repr(error)) from error
    found: list[Annotation] = []
    refused: list[str] = []
    unannotated = 0
    for number, task in enumerate(tasks, 1):
        entries = task.get("annotations") if isinstance(task, dict) else None
        if not isinstance(entries, list):
            refused.append(f"task {number} has no list of annotations")
            continue
        unannotated += not entries
        for entry in entries:
            try:
                found.append(_annotation(task["data"], entry))
            except (LookupError, TypeError, ValueError, AttributeError) as error:
                refused.append(
                    f"task {number} has an annotation that is no answer to a task of "
                    f"mtrs-geo craft export: {error!r}"
                )
    if refused and not found:
        raise _no_export(path, refused[0])
    return found, refused, unannotated


def _no_export(path: Path, reason: str) -> VectorError:
    return VectorError(
        f"{path} cannot be read as an export of Label Studio: {reason}.",
        advice="Export in the format JSON, not JSON-MIN, from tasks of mtrs-geo craft export.",
    )


def mask_of(annotation: Annotation, shape: Shape) -> BoolArray:
    """Return the pixels (rows, cols) of all brush regions and polygons of an annotation.

    Raises:
        ValueError: if a region is of another size, or damaged.
    """
    mask = np.zeros(shape, np.bool_)
    for region in annotation.regions:
        size = region.get("original_height"), region.get("original_width")
        if size != tuple(shape):
            msg = f"a region is drawn on {size[1]} × {size[0]} pixels"
            raise ValueError(msg)
        mask |= _region(region, shape)
    return mask


def _annotation(data: Mapping[str, Any], entry: Mapping[str, Any]) -> Annotation:
    """Return an annotation; raises LookupError, TypeError, ValueError or AttributeError."""
    if entry.get("id") is None:  # the number tells annotations apart
        msg = "it has no id"
        raise ValueError(msg)
    results = entry.get("result") or []
    said = {r["from_name"]: r for r in results if "from_name" in r}
    by = entry.get("completed_by")
    person = by.get("email") or by.get("id") if isinstance(by, dict) else by
    answers = [_choice(said.get(name)) for name in QUESTIONS]
    return Annotation(
        f"label-studio {entry['id']} {entry.get('updated_at', '')}",
        str(data["pair"]), str(data["item"]), int(data["round"]),
        f"label-studio {person}",
        (answers[0], answers[1], answers[2]),
        _text(said.get(SENTENCE)), _text(said.get(REASON)),
        [r for r in results if r.get("from_name") in (BRUSH, POLYGON)],
        bool(entry.get("was_cancelled")), _seconds(entry.get("lead_time")),
    )  # fmt: skip


def _seconds(value: object) -> float:
    """Return a time; 0 if it is unknown, because no answer depends on it."""
    is_known = isinstance(value, int | float) and math.isfinite(value)
    return float(value) if is_known else 0.0  # type: ignore[arg-type]


def _choice(result: Mapping[str, Any] | None) -> bool | None:
    if result is None:
        return None
    return {"yes": True, "no": False}.get(result["value"]["choices"][0])


def _text(result: Mapping[str, Any] | None) -> str:
    if result is None:
        return ""
    text = result["value"]["text"]
    return str(text[0] if isinstance(text, list) else text) if text else ""


def _region(region: Mapping[str, Any], shape: Shape) -> BoolArray:
    value = region.get("value")
    if not isinstance(value, Mapping):
        msg = "a region has no value"
        raise ValueError(msg)
    if region["from_name"] == BRUSH:
        try:
            return decode_brush(value.get("rle") or (), shape)
        except TypeError as error:
            msg = "a brush mask is not a list of bytes"
            raise ValueError(msg) from error
    from PIL import Image, ImageDraw

    rows, cols = shape
    try:
        points = [(float(x) * cols / 100, float(y) * rows / 100) for x, y in value["points"]]
    except (KeyError, TypeError) as error:
        msg = "a polygon has no points"
        raise ValueError(msg) from error
    if len(points) < 3 or not all(0 <= x <= cols and 0 <= y <= rows for x, y in points):
        msg = "a polygon has no three points in the image"
        raise ValueError(msg)
    canvas = Image.new("1", (cols, rows))
    ImageDraw.Draw(canvas).polygon(points, fill=1)
    return np.array(canvas, dtype=np.bool_)
