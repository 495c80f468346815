"""Find numbers and ranks that no rule of the scene uses: "two new houses", "the oldest house"."""

from __future__ import annotations

from collections.abc import Sequence

from mtrs_geo.understanding.lexicon import Segment
from mtrs_geo.understanding.roles import is_inside_noun_phrase

__all__ = ["bare_count", "unmeasured_rank"]

_NUMBERS = frozenset({
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fifteen", "twenty", "thirty", "forty", "fifty", "hundred", "a hundred",
    "one hundred", "dozen", "a dozen", "half a dozen", "pair of", "a pair of", "second", "third",
    "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
})  # fmt: skip
_RANKS = frozenset({
    "oldest", "youngest", "tallest", "highest", "lowest", "deepest", "shallowest", "densest",
    "sparsest", "steepest", "busiest", "richest", "poorest", "cheapest", "priciest", "heaviest",
    "thickest", "thinnest", "greenest", "best", "worst", "nicest", "prettiest", "ugliest",
})  # fmt: skip
_MOST = frozenset({"most", "least"})


def bare_count(segments: Sequence[Segment], roles: Sequence[str]) -> str:
    """Return the number that stands before a thing: "two" of "two new houses", else "".

    Args:
        segments: words of the sentence without its rules.
        roles: their roles, as `mtrs_geo.understanding.roles.roles_of` returns them.
    """
    for i, segment in enumerate(segments):
        is_number = segment.text in _NUMBERS or _is_whole(segment.text)
        if is_number and _names_thing(segments, roles, i):
            return segment.text
    return ""


def unmeasured_rank(segments: Sequence[Segment], roles: Sequence[str]) -> str:
    """Return a superlative that is not measured: "oldest", "most expensive", else "".

    Args:
        segments: words of the sentence without its rules.
        roles: their roles, as `mtrs_geo.understanding.roles.roles_of` returns them.
    """
    for i, segment in enumerate(segments[:-1]):
        if segment.text in _RANKS and _names_thing(segments, roles, i):
            return segment.text
        following = segments[i + 1]
        is_quality = following.is_one_of("word:modifiers") and not following.land_cover
        if segment.text in _MOST and is_quality and i and segments[i - 1].text == "the":
            return f"{segment.text} {following.text}"
    return ""


def _is_whole(text: str) -> bool:
    """Return whether a text is a number of at most three digits: no year and no decimal."""
    return text.isdigit() and len(text) < 4


def _names_thing(segments: Sequence[Segment], roles: Sequence[str], i: int) -> bool:
    """Return whether a thing follows in the same noun phrase."""
    for j in range(i + 1, len(segments)):
        if roles[j]:
            return roles[j] == "thing"
        is_inside = is_inside_noun_phrase(segments[j]) and segments[j].text != "of"
        if not is_inside and not segments[j].land_cover:
            return False
    return False
