"""Find words of change that have two meanings beside a thing: "the lake finished", "pit filled"."""

from __future__ import annotations

import re
from typing import TypeAlias

from mtrs_geo.understanding.reading import Sentence
from mtrs_geo.understanding.types import Classes, Direction
from mtrs_geo.understanding.verdict.verdicts import UNDERSTOOD, Verdict, two_meanings
from mtrs_geo.understanding.wording import canonical_wording

__all__ = ["two_readings"]

_Meaning: TypeAlias = tuple[Direction, Classes, Classes]
_NONE: Classes = frozenset()
_BARE, _WATER = frozenset({"bare"}), frozenset({"water"})
_FINISHED = re.compile(
    r"\b(?:water ?holes?|wells?|ponds?|lakes?|tanks?|trees?|forests?|woods|grass|bush(?:es)?|water"
    r"|sand|gravel) (?:has |have |is |are |all |got )*finished\b"
)
"""Made, or used up."""
_FILLED = re.compile(
    r"\b(?:lakes?|ponds?|reservoirs?|tanks?|lagoons?|basins?|craters?|pits?|quarry|quarries|hollows?"
    r"|excavations?|trench(?:es)?|ditch(?:es)?) (?:now |got |has |have )*filled\b"
    r"(?! (?:in|up|with|by|to|for|and|over)\b)"
)
"""With water, or with soil."""
_DEVELOPED = re.compile(
    r"\b(?:gardens?|parks?|playgrounds?) (?:(?:that|which|was|were|has|have|been|got) )*developed\b"
    r"(?! (?:into|with|as|for|over|on|to)\b)"
)
"""Laid out, or built on."""
_CLEARED_FOR = re.compile(
    r"\b(?:stripped|graded|levelled|scraped) for (?:the |a |new |future )*"
    r"(?:development|redevelopment|construction|building)\b"
)
"""Only cleared, or built on by now."""
_YARD = re.compile(
    r"\b(?:contractor's|builder's|scrap|timber|lumber|coal|salvage|stock|brick|storage) ?yards?\b"
)
"""Bare, or paved."""
_ON_PLOTS = re.compile(
    r"\b(?:on|across|over) (?:the |our |my |these )*(?:allotments?(?: gardens?)?|commons?)\b"
)
"""On ground that stays what it is, or in its place."""


def two_readings(sentence: Sentence) -> Verdict:
    """Return the doubt about words that may mean either of two changes, or "understood".

    Args:
        sentence: whose meaning is one of both.
    """
    text = " ".join(segment.text for segment in sentence.segments)
    before, after = sentence.before, sentence.after
    classes = before | after
    meanings: tuple[tuple[re.Pattern[str], _Meaning, _Meaning, bool], ...] = (
        (_FINISHED, ("appeared", _NONE, classes), ("disappeared", classes, _NONE), True),
        (_FILLED, ("appeared", _NONE, _WATER), ("disappeared", classes, _NONE), classes == _WATER),
        (_FILLED, ("changed", _BARE, _WATER), ("disappeared", _BARE, _NONE), classes == _BARE),
        (
            _DEVELOPED,
            ("appeared", _NONE, before),
            ("changed", before, after),
            before == {"vegetation"} and after == {"building"},
        ),
        (
            _CLEARED_FOR,
            ("changed", before, _BARE),
            ("changed", before, after),
            bool(before) and after == {"building"},
        ),
        (
            _YARD,
            ("changed", _BARE, after),
            ("changed", before, after),
            before == {"road"} and bool(after - before),
        ),
        (
            _ON_PLOTS,
            ("appeared", _NONE, after),
            ("changed", before, after),
            before == {"vegetation"} and bool(after - before),
        ),
    )
    for pattern, first, second, is_read in meanings:
        words = pattern.search(text) if is_read and len(classes) < 3 else None
        if words is not None:
            return two_meanings(
                words[0], canonical_wording(*first), canonical_wording(*second), sentence
            )
    return UNDERSTOOD
