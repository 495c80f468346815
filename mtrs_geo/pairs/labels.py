"""Read the sentence and the review state of every polygon of a layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from mtrs_geo.errors import VectorError
from mtrs_geo.query import ChangeQuery
from mtrs_geo.query.grammar import normalize
from mtrs_geo.understanding import sentence_key, understand

if TYPE_CHECKING:
    import geopandas
    import pandas as pd

__all__ = ["ACCEPTED", "REVIEWED", "TEXT_COLUMNS", "Labels", "read_labels", "review_states"]

TEXT_COLUMNS = ("query", "text", "expression", "label", "description")
"""Names of the column of sentences, in the order of the search."""

ACCEPTED = ("accepted", "edited")
REVIEWED = (*ACCEPTED, "rejected")

_REVIEW_COLUMN = "review"
_NO_TEXT = frozenset({"", "nan", "none", "null", "<na>", "nat", "n/a", "na", "-"})
"""Texts that programs write for a missing value."""
_MOST_LISTED = 5
_NO_QUESTION = "not a change question"


@dataclass(frozen=True)
class Labels:
    """Polygons and their sentences; a polygon with two sentences is listed twice."""

    shapes: Any
    """(n,) geometries."""
    texts: Sequence[str]
    states: Sequence[str]
    """accepted, edited or rejected; any other value means not reviewed."""
    rows: Sequence[int]
    """Row of each polygon in the layer."""
    warnings: tuple[str, ...]
    """One text per reason for which polygons were left out."""


def read_labels(
    frame: geopandas.GeoDataFrame,
    name: str,
    *,
    text_column: str | None = None,
    raw: bool = False,
) -> Labels:
    """Return the labels of a layer.

    Semicolons separate several sentences about one polygon.  Sentences with the same `sentence_key`
    are one, in the first spelling: `detect` asks for them in the same way, and none may be a
    negative of another.  If the layer has no column ``review``, in upper or lower case, all
    polygons count as accepted.

    Args:
        frame: polygons.
        name: name of the layer for messages.
        text_column: column of the sentences; None takes the first of `TEXT_COLUMNS` with text.
        raw: keep sentences with rules about the whole scene, and those that mean any change.

    Raises:
        VectorError: if the layer has no polygon, no column holds text, or nothing is reviewed.
    """
    if not len(frame):
        raise VectorError(f"{name} has no polygon.", advice="Draw the changes in it.")
    column = text_column or _text_column(frame, name)
    sentences = _sentences(frame, column, name)
    states = review_states(frame) or [ACCEPTED[0]] * len(frame)
    first_spelling: dict[str, str] = {}
    rows, texts = [], []
    for row, sentence in enumerate(sentences):
        for text in _split(sentence):
            rows.append(row)
            texts.append(first_spelling.setdefault(sentence_key(text) or text.casefold(), text))
    warnings = (
        [] if raw else [*_scene_warnings(texts), *_odd_warnings(texts), *_time_warnings(texts)]
    )
    dropped = set() if raw else set(filter(_is_about_scene, first_spelling.values()))
    kept = [i for i, text in enumerate(texts) if text not in dropped]
    if without_text := len(sentences) - len(set(rows)):
        warnings.append(f"{without_text} polygons without text in {column!r} were left out.")
    warnings += _state_warnings(states)
    labels = Labels(
        np.asarray(frame.geometry.array, dtype=object)[[rows[i] for i in kept]],
        [texts[i] for i in kept],
        [states[rows[i]] for i in kept],
        [rows[i] for i in kept],
        tuple(warnings),
    )
    if not set(labels.states) & set(REVIEWED):
        msg = " ".join([f"{name} has no reviewed polygon with a sentence.", *labels.warnings])
        raise VectorError(msg, advice="Accept or reject some polygons first.")
    return labels


def _text_column(frame: geopandas.GeoDataFrame, name: str) -> str:
    by_name = {str(column).lower(): column for column in reversed(frame.columns)}
    found = [by_name[key] for key in TEXT_COLUMNS if key in by_name]
    filled = [key for key in found if _is_text(frame[key]) and any(_texts(frame[key]))]
    if not filled and not found:
        names = ", ".join(map(repr, TEXT_COLUMNS[:-1])) + f" or {TEXT_COLUMNS[-1]!r}"
        raise _no_column(frame, names, name)
    return str((filled or found)[0])


def _sentences(frame: geopandas.GeoDataFrame, column: str, name: str) -> list[str]:
    if column not in frame.columns:
        raise _no_column(frame, repr(column), name)
    values = frame[column]
    if not _is_text(values):
        msg = f"column {column!r} of {name} has values of type {values.dtype}, not sentences."
        raise VectorError(msg, advice="Name the column with the sentences (--text-column).")
    sentences: list[str] = values.fillna("").astype(str).tolist()
    texts = list(_texts(values))
    if not texts:
        msg = f"column {column!r} of {name} is empty."
        raise VectorError(msg, advice="Write a sentence that describes the change into it.")
    if not any(character.isalpha() for text in texts for character in text):
        listed = ", ".join(list(dict.fromkeys(texts))[:_MOST_LISTED])
        msg = f"column {column!r} of {name} holds numbers ({listed}), not sentences."
        raise VectorError(msg, advice="Name the column with the sentences (--text-column).")
    return sentences


def _no_column(frame: geopandas.GeoDataFrame, expected: str, name: str) -> VectorError:
    return VectorError(
        f"{name} has no column {expected} with a sentence for every polygon. Its columns are: "
        f"{', '.join(map(str, frame.columns))}.",
        advice="Name the column with the sentences (--text-column).",
    )


def _is_text(values: pd.Series[Any]) -> bool:
    from pandas.api.types import is_object_dtype, is_string_dtype

    # Some drivers read a column without values as numbers.
    return bool(is_object_dtype(values) or is_string_dtype(values) or values.isna().all())


def review_states(frame: geopandas.GeoDataFrame) -> list[str] | None:
    """Return the state of each row's review in lower case; None without a column of reviews.

    Args:
        frame: layer whose column ``review`` may be in upper case, as some databases write it.
    """
    columns = [name for name in frame.columns if str(name).lower() == _REVIEW_COLUMN]
    if not columns:
        return None
    values = frame[_REVIEW_COLUMN if _REVIEW_COLUMN in columns else columns[0]]
    pairs = zip(values, values.isna(), strict=True)
    return ["" if is_missing else str(state).strip().lower() for state, is_missing in pairs]


def _state_warnings(states: Sequence[str]) -> Iterator[str]:
    """Yield a warning if reviews are in other words than ours."""
    unknown = dict.fromkeys(state for state in states if state not in {*REVIEWED, ""})
    if unknown:
        listed = ", ".join(map(repr, list(unknown)[:_MOST_LISTED]))
        yield (
            f"the column {_REVIEW_COLUMN!r} holds {listed}, which count as not reviewed: it takes "
            f"{', '.join(REVIEWED)} or nothing. Rename the column if it is about something else."
        )


def _split(sentence: str) -> Iterator[str]:
    for text in sentence.split(";"):
        words = " ".join(text.split())
        if words.casefold() not in _NO_TEXT:
            yield words


def _texts(values: pd.Series[Any]) -> Iterator[str]:
    """Yield the sentences of a column."""
    for sentence in values.fillna("").astype(str):
        yield from _split(sentence)


def _is_about_scene(text: str) -> bool:
    query = ChangeQuery.parse(text)
    return bool(query.rules) or not query.prompt or _denies_change(text)


@lru_cache(maxsize=4096)
def _denies_change(text: str) -> bool:
    """Return whether a text is a label such as "no change", and not that of an unchanged thing."""
    found = understand(text)
    return all(part.direction == "unchanged" and not (part.before or part.after) for part in found)


def _odd_warnings(texts: Sequence[str]) -> Iterator[str]:
    """Yield a warning about texts that are no question, such as codes of classes."""
    odd = [
        text
        for text in dict.fromkeys(texts)
        if not _is_about_scene(text) and understand(text)[0].status == _NO_QUESTION
    ]
    if odd:
        more = f" and {len(odd) - _MOST_LISTED} more" if len(odd) > _MOST_LISTED else ""
        yield (
            f"texts that do not say what changed are trained as they are written: "
            f"{', '.join(map(repr, odd[:_MOST_LISTED]))}{more}. Ask for them in the same words, or "
            "write sentences such as 'new greenhouses'."
        )


def _time_warnings(texts: Sequence[str]) -> Iterator[str]:
    """Yield a warning about sentences with a time, which `detect` takes out of a sentence."""
    timed = [
        text
        for text in dict.fromkeys(texts)
        if not _is_about_scene(text) and _without_times(text) != normalize(text)
    ]
    if timed:
        more = f" and {len(timed) - _MOST_LISTED} more" if len(timed) > _MOST_LISTED else ""
        yield (
            f"sentences with a time are trained as they are written: "
            f"{', '.join(map(repr, timed[:_MOST_LISTED]))}{more}. With another time they are not "
            f"found: write {_without_times(timed[0])!r}, and ask for the time in the query."
        )


def _without_times(text: str) -> str:
    query = ChangeQuery.parse(text)
    return query.prompt if query.times else normalize(text)


def _scene_warnings(texts: Sequence[str]) -> Iterator[str]:
    """Yield a warning for every sentence that does not describe a single polygon."""
    for text in dict.fromkeys(filter(_is_about_scene, texts)):
        query = ChangeQuery.parse(text)
        rules = ", ".join(rule.explain() for rule in query.rules)
        reason = (
            f"{rules!r} is a rule for the whole scene, so polygons that it removed are missing in "
            f"the layer. Detect {query.prompt or 'any change'!r} and review that."
            if rules
            else "the sentence does not describe a change. Write what changed into the layer."
        )
        yield f"{texts.count(text)} polygons of {text!r} were left out: {reason}"
