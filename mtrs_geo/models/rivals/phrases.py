"""Read a prompt as what to look for at each date: noun phrases and the rule that compares them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from mtrs_geo.models.contract import LandCoverQuery, Query
from mtrs_geo.query.direction import direction_of
from mtrs_geo.understanding.lexicon import Segment, english
from mtrs_geo.understanding.translation import translate
from mtrs_geo.understanding.wording import NOUNS

__all__ = ["Comparison", "Rule", "comparison_of"]

Rule: TypeAlias = Literal["appeared", "disappeared", "changed", "became", "unchanged", "present"]
"""How what is there at both dates becomes one answer: see `mtrs_geo.models.rivals.bitemporal`."""

_ANY_CHANGE = tuple(NOUNS.values())
"""What is looked for if a prompt names nothing: the five kinds of ground."""

_DATED = re.compile(
    r"\b(?:visible |present |seen )?(?:in|on|at|from) the (?:first|second|early|earlier|older|old"
    r"|previous|later?|latest|newer|new|recent) (?:image|picture|photo|photograph|scene|date|map)\b"
)
_CHANGES = ("change:appeared", "change:disappeared", "change:changed", "change:unchanged")
_AUXILIARIES = frozenset({
    "that", "which", "who", "what", "was", "were", "is", "are", "am", "be", "been", "being", "has",
    "have", "had", "got", "get", "there", "are there", "is there", "that are", "that was",
    "that were", "only", "just", "but", "and", "or", "now", "not", "visible", "present", "seen",
    "of", "all", "the", "a", "an", "some", "any", "been newly", "to", "into", "from", "with", "by",
    "where", "once", "it", "they", "then", ",", ";", ":", ".", "!", "?",
})  # fmt: skip
"""Words that end or begin no noun phrase."""
_ANYTHING = frozenset({
    "", "anything", "everything", "something", "whatever", "thing", "things", "object", "objects",
    "change", "changes", "difference", "differences", "any change", "area", "areas", "place",
    "places", "land", "stuff", "what changed",
})  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """What a model looks for at each date, and the rule for the answer.

    The answer is the largest over the phrases of the two dates, taken pairwise.
    """

    rule: Rule
    before: tuple[str, ...]
    """Noun phrases for the earlier date."""
    after: tuple[str, ...]
    """Noun phrases for the later date; as many."""


def comparison_of(query: Query) -> Comparison:
    """Return what a query asks for at each date.

    "the red car that was removed" looks for "red car" at both dates with the rule ``disappeared``;
    "forest replaced by houses" for "forest" before and "houses" after with the rule ``became``.  A
    query that names nothing looks for buildings, roads, vegetation, water and bare ground.  A
    sentence in another language is translated if its words are in the tables.

    Args:
        query: a sentence about a change, or a land-cover query.
    """
    if isinstance(query, LandCoverQuery):
        return _of_one("unchanged" if query.unchanged else "present", query.thing)
    translation = translate(query)
    text = (translation.english if translation else "") or query
    segments = english().segments(_DATED.sub(" ", text.lower()))
    joined = _transition(segments)
    if joined is not None:
        return Comparison("became", (joined[0],), (joined[1],))
    return _of_one(_rule(text, segments), _noun_phrase(segments))


def _of_one(rule: Rule, phrase: str) -> Comparison:
    phrases = _ANY_CHANGE if phrase in _ANYTHING else (phrase,)
    return Comparison(rule, phrases, phrases)


def _rule(text: str, segments: Sequence[Segment]) -> Rule:
    """Return the rule that the words of change ask for."""
    if any(segment.is_one_of("change:unchanged") for segment in segments):
        return "unchanged"
    direction = direction_of(text)
    if direction in ("appeared", "disappeared"):
        return "appeared" if direction == "appeared" else "disappeared"
    has_appeared, has_disappeared = (
        any(segment.is_one_of(tag) for segment in segments) for tag in _CHANGES[:2]
    )
    if has_appeared == has_disappeared:
        return "changed"
    return "appeared" if has_appeared else "disappeared"


def _transition(segments: Sequence[Segment]) -> tuple[str, str] | None:
    """Return the phrases before and after of "X became Y" or "Y replaced X"."""
    for i, segment in enumerate(segments):
        is_forward = segment.is_one_of("transition:forward")
        if not is_forward and not segment.is_one_of("transition:backward"):
            continue
        left, right = _noun_phrase(segments[:i]), _noun_phrase(segments[i + 1 :])
        if left in _ANYTHING or right in _ANYTHING:
            continue
        return (left, right) if is_forward else (right, left)
    return None


def _noun_phrase(segments: Sequence[Segment]) -> str:
    """Return a text without its words of change: "solar panels on roofs"."""
    kept: list[str] = []
    for segment in segments:
        # "Flooded fields" and "damaged roofs" name what is there afterwards.
        names_result = any(tag.startswith("transition:to_") for tag in segment.tags)
        if names_result or not segment.is_one_of(*_CHANGES):
            kept.append(segment.text)
        else:
            _strip_end(kept)
    _strip_end(kept)
    while kept and kept[0] in _AUXILIARIES:
        kept.pop(0)
    return " ".join(kept)


def _strip_end(words: list[str]) -> None:
    while words and words[-1] in _AUXILIARIES:
        words.pop()
