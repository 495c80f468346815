"""Queries: parse a sentence into a prompt, rules for the whole scene and a direction of change.

``change_query`` takes a sentence and returns a `ChangeQuery`; ``wishes`` splits a sentence that
asks for several things.  ``grammar`` splits a sentence into its parts: ``questions``, ``times``
(``compared_times`` holds them against the rasters and returns a ``doubt``), ``exceptions``, and
the phrases of ``scene_phrases``: ``positions``, ``sizes``, ``relations``, ``ranks``, with
``numbers``.  ``rules`` has the records of rules, ``direction`` the words for appeared and
disappeared.  Pure text: no files, no arrays, no model.  May be imported by every package above it.
"""

from __future__ import annotations

from mtrs_geo.query.change_query import MAX_CHARACTERS, ChangeQuery
from mtrs_geo.query.compared_times import Span, compare_times, span_of_date, span_of_time
from mtrs_geo.query.doubt import Doubt
from mtrs_geo.query.questions import QuestionKind
from mtrs_geo.query.rules import (
    AnyOf,
    Except,
    Inside,
    Near,
    Position,
    Rule,
    SizeBound,
    Superlative,
)
from mtrs_geo.query.times import NamedTime, named_times
from mtrs_geo.query.wishes import split_wishes

__all__ = [
    "MAX_CHARACTERS",
    "AnyOf",
    "ChangeQuery",
    "Doubt",
    "Except",
    "Inside",
    "NamedTime",
    "Near",
    "Position",
    "QuestionKind",
    "Rule",
    "SizeBound",
    "Span",
    "Superlative",
    "compare_times",
    "named_times",
    "span_of_date",
    "span_of_time",
    "split_wishes",
]
