"""A layer of changes as labels: what is said of every polygon, and what was decided about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mtrs_geo.errors import VectorError
from mtrs_geo.query import ChangeQuery

if TYPE_CHECKING:
    import geopandas
    import pandas as pd

__all__ = ["ACCEPTED", "REVIEWED", "TEXT_COLUMNS", "Labels", "read_labels"]

TEXT_COLUMNS = ("query", "text", "expression", "label", "description")
"""Names under which a column of sentences is found, the likeliest first."""

ACCEPTED = ("accepted", "edited")
REVIEWED = (*ACCEPTED, "rejected")

_REVIEW_COLUMN = "review"


@dataclass(frozen=True)
class Labels:
    """Polygons and their sentences; a polygon with two sentences is here twice."""

    shapes: Any
    """(n,) geometries."""
    texts: Sequence[str]
    states: Sequence[str]
    """accepted, edited or rejected; anything else is not reviewed."""
    warnings: tuple[str, ...]
    """What was left out."""


def read_labels(
    frame: geopandas.GeoDataFrame,
    name: str,
    *,
    text_column: str | None = None,
    raw: bool = False,
) -> Labels:
    """Read what a layer says of its polygons.

    A semicolon stands between several sentences about one polygon.  Where the layer has no
    column ``review``, all of it is true.

    Args:
        frame: polygons.
        name: how to call the layer in a message.
        text_column: column of the sentences; None takes the first of `TEXT_COLUMNS` with text.
        raw: keep sentences with rules about the whole scene, and those that ask for any change.

    Raises:
        VectorError: if no column holds text, or nothing is reviewed.
    """
    column = text_column or _text_column(frame, name)
    said = _said(frame, column, name)
    states = _states(frame)
    first: dict[str, str] = {}
    rows, texts = [], []
    for row, text in enumerate(said):
        for wording in _wordings(text):
            rows.append(row)
            texts.append(first.setdefault(wording.casefold(), wording))
    warnings = [] if raw else list(_about_rules(texts))
    dropped = set() if raw else {text for text in first.values() if _is_for_scenes(text)}
    kept = [i for i, text in enumerate(texts) if text not in dropped]
    if silent := len(said) - len(set(rows)):
        warnings.append(f"{silent} polygons without text in {column!r} were left out.")
    labels = Labels(
        np.asarray(frame.geometry.array, dtype=object)[[rows[i] for i in kept]],
        [texts[i] for i in kept],
        [states[rows[i]] for i in kept],
        tuple(warnings),
    )
    if not set(labels.states) & set(REVIEWED):
        msg = f"{name} holds no reviewed polygon with a sentence. Accept or reject some first. "
        raise VectorError(msg + " ".join(warnings))
    return labels


def _text_column(frame: geopandas.GeoDataFrame, name: str) -> str:
    by_name = {str(column).lower(): column for column in reversed(frame.columns)}
    found = [by_name[one] for one in TEXT_COLUMNS if one in by_name]
    filled = [one for one in found if _is_text(frame[one]) and frame[one].notna().any()]
    if not filled and not found:
        known = ", ".join(map(repr, TEXT_COLUMNS[:-1])) + f" or {TEXT_COLUMNS[-1]!r}"
        raise _no_column(frame, known, name)
    return str((filled or found)[0])


def _said(frame: geopandas.GeoDataFrame, column: str, name: str) -> list[str]:
    if column not in frame.columns:
        raise _no_column(frame, repr(column), name)
    values = frame[column]
    if len(frame) and not _is_text(values):
        msg = (
            f"column {column!r} of {name} holds {values.dtype} values, not sentences. Name the "
            "column that says in words what changed (--text-column)."
        )
        raise VectorError(msg)
    said: list[str] = values.fillna("").astype(str).tolist()
    if said and not any(text.strip(" ;") for text in said):
        msg = f"column {column!r} of {name} is empty: write into it what changed, in words."
        raise VectorError(msg)
    return said


def _no_column(frame: geopandas.GeoDataFrame, wanted: str, name: str) -> VectorError:
    return VectorError(
        f"{name} has no column {wanted} with a sentence for every polygon. It has: "
        f"{', '.join(map(str, frame.columns))}. Name the right one with --text-column."
    )


def _is_text(values: pd.Series[Any]) -> bool:
    from pandas.api.types import is_object_dtype, is_string_dtype

    # A column without any value comes as objects, or as numbers from some drivers.
    return bool(is_object_dtype(values) or is_string_dtype(values) or values.isna().all())


def _states(frame: geopandas.GeoDataFrame) -> list[str]:
    if _REVIEW_COLUMN not in frame.columns:
        return [ACCEPTED[0]] * len(frame)
    return [str(state).strip().lower() for state in frame[_REVIEW_COLUMN].fillna("")]


def _wordings(text: str) -> Iterator[str]:
    for part in text.split(";"):
        if words := " ".join(part.split()):
            yield words


def _is_for_scenes(text: str) -> bool:
    query = ChangeQuery.parse(text)
    return bool(query.rules) or not query.prompt


def _about_rules(texts: Sequence[str]) -> Iterator[str]:
    """Yield a warning for every sentence that says nothing about a single polygon."""
    for text in dict.fromkeys(filter(_is_for_scenes, texts)):
        query = ChangeQuery.parse(text)
        rules = ", ".join(rule.explain() for rule in query.rules)
        reason = (
            f"{rules!r} is decided on the whole scene, so what it dropped is missing here. Detect "
            f"{query.prompt or 'any change'!r} and review that."
            if rules
            else "it does not say what changed. Write that into the layer."
        )
        yield f"{texts.count(text)} polygons of {text!r} were left out: {reason}"
