"""Queries: parse a sentence into a prompt, rules for the whole scene and a direction of change.

``change_query`` takes a sentence and returns a `ChangeQuery`; ``grammar`` holds the patterns,
``rules`` the records of rules, ``direction`` the words for appeared and disappeared.  Pure
text: no files, no arrays, no model.  May be imported by every package above it.
"""

from __future__ import annotations

from mtrs_geo.query.change_query import MAX_CHARACTERS, ChangeQuery
from mtrs_geo.query.rules import Except, Near, Position, Rule, SizeBound, Superlative

__all__ = [
    "MAX_CHARACTERS",
    "ChangeQuery",
    "Except",
    "Near",
    "Position",
    "Rule",
    "SizeBound",
    "Superlative",
]
