"""Take "city", "town" and the like as buildings where they are what appeared or disappeared.

"The old town was razed" is about buildings; "in the town", "the town lost its trees" and "the town
changed" are not.  Names of streets and parks are found, as no rule knows where they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mtrs_geo.understanding.lexicon import Segment
from mtrs_geo.understanding.roles import is_inside_noun_phrase

__all__ = ["named_place", "with_settlements"]

_SETTLEMENTS = frozenset({
    "city", "town", "quarter", "district", "borough", "suburb", "suburbs", "downtown", "precinct",
    "ward", "old town", "town centre", "town center", "city centre", "city center",
})  # fmt: skip
_AUXILIARIES = frozenset({
    "was", "were", "is", "are", "has", "have", "had", "been", "being", "got", "that", "which",
})  # fmt: skip
_WORDS = r"(?:[A-Z][\w'’-]*\.? ){1,3}"
_STREET = (
    rf"{_WORDS}(?:Street|St|Road|Rd|Lane|Ln|Drive|Dr|Avenue|Ave|Close|Crescent|Boulevard|Blvd|Court"
    r"|Way|Place|Terrace|Row|Walk|Gardens|Square|Park|Highway|Parkway)\b\.?"
    r"(?: (?:North|South|East|West)\b)?"
)
_SITE = rf"{_WORDS}(?:Bridge|Estate|Farm|School|Hospital|Airport|Station|Island)\b"
_NAMED = re.compile(
    r"(?P<phrase>\b(?:(?:on|in|at|from|down|up|off|corner of) (?:the )?(?:\d+[a-z]? )?"
    rf"(?P<name>{_STREET}|{_SITE})"
    r"|(?:along|near|by|beside|around|opposite|behind|next to|close to) (?:the )?"
    rf"(?P<beside>{_STREET}))(?:(?:,? and|,? or|,) (?:{_STREET}))*)"
    rf"|^(?P<first>{_STREET})(?= [a-z])"
)
"""A name has capitals where the word in front of it has none.

Of what lies near a site, `mtrs_geo.understanding.verdict` asks for a layer.
"""
_WAYS = ("change:appeared", "change:disappeared")


def named_place(text: str) -> tuple[str, str] | None:
    """Return the words that say at which named place, and the name: "on Elm Street".

    Args:
        text: as the user wrote it; None is returned if it has no such name.
    """
    found = _NAMED.search(text)
    if found is None:
        return None
    return found[0], found["name"] or found["beside"] or found["first"]


def with_settlements(segments: list[Segment]) -> list[Segment]:
    """Return the segments with the class "building" for settlements that came or went.

    Args:
        segments: words of a sentence.
    """
    return [
        Segment(s.text, frozenset({"class:building"})) if _came_or_went(segments, i) else s
        for i, s in enumerate(segments)
    ]


def _came_or_went(segments: Sequence[Segment], i: int) -> bool:
    if segments[i].text not in _SETTLEMENTS:
        return False
    start = i - 1
    while start >= 0 and _is_before_noun(segments[start]):
        if segments[start].is_one_of(*_WAYS):
            return _is_last(segments, i)  # "the new town"
        start -= 1
    if start >= 0 and segments[start].text == "of":
        return start > 0 and segments[start - 1].is_one_of(*_WAYS)
    if start >= 0 and segments[start].is_one_of("word:relations"):
        return False
    if start >= 0 and segments[start].is_one_of(*_WAYS):
        return _is_last(segments, i)
    verb = i + 1
    while verb < len(segments) and segments[verb].text in _AUXILIARIES:
        verb += 1
    if verb >= len(segments) or not segments[verb].is_one_of(*_WAYS):
        return False
    rest = [s for s in segments[verb + 1 :] if not _is_before_noun(s)]
    return not rest or rest[0].land_cover is None


def _is_before_noun(segment: Segment) -> bool:
    return segment.land_cover is None and is_inside_noun_phrase(segment) and segment.text != "of"


def _is_last(segments: Sequence[Segment], i: int) -> bool:
    """Return whether no class noun follows at once: "the new city hall" is not a city."""
    return i + 1 >= len(segments) or segments[i + 1].land_cover is None
