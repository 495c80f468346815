"""Tell unknown words of the question itself from those of its circumstances: who, why and when.

Both kinds are unknown to the lexicon or name things that no class has.  "Awnings that were
removed" and "houses with awnings" ask about awnings.  "Halls for karaoke", "huts razed by the
militia" and "trees the storm felled" ask about halls, huts and trees.  The place of a word in its
phrase decides:

* after "by", "for", "after" and the like it tells who, why or when
* between a class noun and an active verb, or before a verb with a class noun as its object, it is
  who did it: "houses the militia razed", "did the militia raze houses?"
* in words about who asks it tells of this person: "my aunt wonders which …"
"""

from __future__ import annotations

from collections.abc import Sequence

from mtrs_geo.understanding.lexicon import Segment
from mtrs_geo.understanding.reading import Sentence
from mtrs_geo.understanding.roles import is_change, is_inside_noun_phrase

__all__ = ["circumstance_words"]

_CIRCUMSTANCES = frozenset({
    "by", "for", "after", "during", "following", "since", "because of", "due to", "owing to",
    "thanks to", "prior to", "despite", "until", "till", "via", "per", "ahead of", "in case of",
    "caused by", "as a result of", "before", "upon", "like", "as part of", "on behalf of", "amid",
    "in memory of", "in the course of", "in the wake of", "in spite of", "by means of",
    "in order to", "to make way for", "to make room for", "hit by", "struck by",
})  # fmt: skip
"""Words before who did it, why, how or when."""
_ARTICLES = frozenset({
    "the", "a", "an", "my", "our", "your", "his", "her", "their", "its", "some", "this", "that",
    "these", "those", "local", "no",
})  # fmt: skip
_PERSONS = frozenset({
    "i", "i'm", "i'd", "i've", "i'll", "we", "we're", "we've", "we'd", "my", "our", "me", "us",
    "you", "your", "he", "she", "his", "her", "they've", "let's",
})  # fmt: skip
_MEASURES = frozenset(
    {"storey", "storeys", "story", "stories", "floor", "floors", "value", "price"}
)
"""Words that tell how much: "raised by a storey"."""
_SPEAKERS = frozenset({"i", "we", "he", "she"})
_EVENTS = frozenset({"storm", "flood", "war", "hurricane", "earthquake", "tornado", "fire"})
_ACTIVE = frozenset({"has", "have", "had", "did", "do", "does", "just", "then"})


def circumstance_words(sentence: Sentence) -> frozenset[int]:
    """Return the positions of unknown words and outside things that tell circumstances."""
    segments, roles = sentence.segments, sentence.roles
    return frozenset(
        i
        for i, segment in enumerate(segments)
        if _is_strange(segment) and _is_circumstance(segments, roles, i, _phrase(segments, i))
    )


def _is_strange(segment: Segment) -> bool:
    is_outside = segment.is_one_of("outside:things") and segment.land_cover is None
    return is_outside or (not segment.tags and segment.text.isalpha())


def _is_inner(segment: Segment) -> bool:
    """Return whether a word may stand inside a noun phrase before its noun."""
    return _is_strange(segment) or (
        is_inside_noun_phrase(segment) and segment.text not in ("that", "of")
    )


def _phrase(segments: Sequence[Segment], i: int) -> tuple[int, int]:
    """Return the first and the last position of the noun phrase around a word."""
    start = end = i
    while start > 0 and (_is_inner(segments[start - 1]) or segments[start - 1].text in _EVENTS):
        start -= 1
    while end + 1 < len(segments) and _is_inner(segments[end + 1]):
        end += 1
    return start, end


def _is_circumstance(
    segments: Sequence[Segment], roles: Sequence[str], i: int, phrase: tuple[int, int]
) -> bool:
    start, end = phrase
    opener = segments[start - 1] if start else None
    if segments[i].text in _MEASURES:
        return False
    if opener is not None and _opens_circumstance(segments, start - 1):
        return True
    is_known = bool(segments[i].tags)
    if opener is not None and opener.is_one_of("word:relations"):
        return False  # a place: "near the wind turbine" needs a layer
    if segments[i].text.endswith("ly") or _describes_change(segments, i):
        return True
    if _is_agent(segments, roles, start, end, is_known=is_known):
        return True
    return _is_frame(segments, roles, i, end)


def _opens_circumstance(segments: Sequence[Segment], i: int) -> bool:
    """Return whether the word at ``i`` starts "by the militia", "for karaoke", "after the gala"."""
    text = segments[i].text
    if i and (is_change(segments[i]) or segments[i].is_one_of("transition:backward")):
        return segments[i - 1].text == "by"  # "by displaced families"
    if text == "to" and i:
        return segments[i - 1].text in ("prior", "due", "owing", "thanks")
    if text == "of" and i:
        return segments[i - 1].text in ("because", "wake", "course", "behalf")
    return text in _CIRCUMSTANCES and i > 0


def _describes_change(segments: Sequence[Segment], i: int) -> bool:
    """Return whether a word describes a change of a class: "Aral-like shrinkage of the lake"."""
    rest = segments[i + 1 :]
    while rest and not rest[0].tags and rest[0].text.isalpha():
        rest = rest[1:]
    is_noun = len(rest) > 2 and rest[0].is_one_of("change:noun") and rest[1].text == "of"
    return is_noun and any(s.land_cover for s in rest[2:5])


def _is_agent(
    segments: Sequence[Segment], roles: Sequence[str], start: int, end: int, *, is_known: bool
) -> bool:
    """Return whether a phrase names who did it: "houses the militia razed"."""
    verb = end + 1
    while verb < len(segments) and segments[verb].text in _ACTIVE:
        verb += 1
    if verb >= len(segments):
        return False
    if not (is_change(segments[verb]) or segments[verb].is_one_of("transition:backward")):
        return False
    relative = start - 1
    while relative > 0 and segments[relative].text in (
        "that",
        "which",
        "did",
        "have",
        "has",
        "had",
    ):
        relative -= 1
    is_many = segments[end].text.endswith("s") and not is_known
    if segments[start].text not in _ARTICLES and not is_many:
        return False  # "nitrogen depleted ground"
    if relative >= 0 and roles[relative] == "thing":
        return start - 1 > relative or segments[start].text in _ARTICLES
    if segments[verb].is_one_of("change:adjective") and segments[verb].text != "lost":
        return False
    return _has_object(segments, verb + 1)


def _has_object(segments: Sequence[Segment], i: int) -> bool:
    """Return whether a class noun follows as the object of a verb."""
    while i < len(segments) and is_inside_noun_phrase(segments[i]):
        if segments[i].text == "of" or not segments[i].tags:
            return False
        i += 1
    return i < len(segments) and segments[i].land_cover is not None


def _is_frame(segments: Sequence[Segment], roles: Sequence[str], i: int, end: int) -> bool:
    """Return whether a word tells of the person who asks: "my aunt wonders which houses …"."""
    if i and not segments[i].tags and segments[i - 1].text in _SPEAKERS:
        return True  # "I reckon the council …"
    first = next((j for j, role in enumerate(roles) if role), len(roles))
    if i > first or segments[i].tags or first == len(roles):
        return False
    words = {s.text for s in segments[:first]}
    changes = [j for j in range(first) if is_change(segments[j])]
    return not words.isdisjoint(_PERSONS) and not any(j < i or j <= end + 2 for j in changes)
