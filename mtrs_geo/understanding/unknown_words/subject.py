"""Find the noun that a sentence is about where the lexicon does not know it."""

from __future__ import annotations

from collections.abc import Sequence, Set

from mtrs_geo.understanding.lexicon import Segment
from mtrs_geo.understanding.reading import Sentence
from mtrs_geo.understanding.roles import is_change, is_inside_noun_phrase, is_qualifier

__all__ = ["unknown_subject"]

_BEFORE_OBJECT = frozenset({"the", "a", "an", "their", "its", "by", "to", "in", "of", "more"})
_PARTICIPLES = frozenset({
    "hidden", "drawn", "driven", "strewn", "flung", "hung", "set", "shut", "hewn", "sunk", "sunken",
    "spun", "woven", "thrown", "blown", "held", "kept", "lit", "found", "known", "seen", "sat",
    "lay", "stood", "stuck",
})  # fmt: skip
"""Verb forms that are no nouns, behind a noun: "cabins hidden in the forest"."""
_USE = frozenset({"empty", "vacant", "emptied"})
"""Words that say how buildings are used."""
_BECAME = frozenset({"became", "become", "becomes", "becoming", "has become", "have become"})
_TAKE_OBJECT = frozenset({"lost", "lose", "gained", "gain", "got", "added", "became", "become"})


def unknown_subject(sentence: Sentence, circumstances: Set[int]) -> str:
    """Return the noun that the sentence is about if it is no class; else an empty text.

    Args:
        sentence: a sentence.
        circumstances: positions of words that tell who, why or when.
    """
    segments, roles = sentence.segments, sentence.roles
    if {s.land_cover for s in sentence.things} == {"building"}:
        use = next((s.text for s in segments if not _USE.isdisjoint(s.text.split())), "")
        if use:
            return use
    place = False
    for i, (segment, role) in enumerate(zip(segments, roles, strict=True)):
        if role == "thing" and i + 1 not in circumstances and _is_unknown_noun(segments, i + 1):
            return f"{segment.text} {segments[i + 1].text}"
        if segment.is_one_of("word:relations") or segment.text == "for":
            # "Houses with balconies" is about balconies.
            place = segment.text != "with"
        elif role == "place" or segment.text in ",;":
            place = False
        if i in circumstances:
            continue
        is_outside = segment.is_one_of("outside:things") and not is_qualifier(segments, i)
        if not place and not role and is_outside:
            return segment.text
        subject = _subject_at(segments, roles, i, circumstances)
        if subject:
            return subject
    return _unknown_start(segments, roles, circumstances)


def _subject_at(
    segments: Sequence[Segment], roles: Sequence[str], i: int, circumstances: Set[int]
) -> str:
    """Return an unknown noun that what stands at ``i`` makes the subject; else an empty text."""
    segment = segments[i]
    if not segment.tags and segment.text.isalpha() and _is_predicate(segments, i + 1):
        return segment.text
    if _is_attribute(segments, i + 1, segment.text):
        return segments[i + 1].text
    if _is_owned(segments, i):
        return next(s.text for s in segments[i + 1 :] if not s.tags)
    is_object = _takes_object(segment) and _is_object(segments, roles, i + 1)
    if is_object and circumstances.isdisjoint(range(i + 1, i + 3)):
        return " ".join(s.text for s in segments[i + 1 : i + 3] if not s.tags)
    return ""


def _is_attribute(segments: Sequence[Segment], i: int, before: str) -> bool:
    """Return whether "the forest became mixed" or "how noisy is the road" is asked."""
    if i >= len(segments) or segments[i].land_cover:
        return False
    if before == "how":
        return segments[i].is_one_of("word:rare")
    is_last = not any(s.land_cover for s in segments[i + 1 :])
    return before in _BECAME and is_last and segments[i].is_one_of("word:modifiers")


def _is_predicate(segments: Sequence[Segment], i: int) -> bool:
    """Return whether "was removed" or the like stands at ``i``."""
    return (
        i + 1 < len(segments)
        and segments[i].text in ("is", "are", "was", "were", "has", "have", "had", "got", "get")
        and any(s.is_one_of("change:appeared", "change:disappeared") for s in segments[i : i + 3])
    )


def _takes_object(segment: Segment) -> bool:
    return (
        segment.is_one_of("change:changed", "change:noun", "transition:forward")
        or segment.text in _TAKE_OBJECT
    )


def _is_object(segments: Sequence[Segment], roles: Sequence[str], i: int) -> bool:
    """Return whether an unknown word, with or without an article, stands at ``i``."""
    while i < len(segments) and (
        segments[i].text in _BEFORE_OBJECT or segments[i].is_one_of("change:adjective")
    ):
        i += 1
    return (
        i < len(segments)
        and not segments[i].tags
        and segments[i].text.isalpha()
        and not (i + 1 < len(roles) and roles[i + 1])
    )


def _is_owned(segments: Sequence[Segment], i: int) -> bool:
    """Return whether "with" and an unknown noun stand at ``i``: "houses with a new kitchen"."""
    if segments[i].text != "with":
        return False
    rest = segments[i + 1 :]
    while rest and (is_inside_noun_phrase(rest[0]) and rest[0].tags):
        rest = rest[1:]
    return bool(rest) and not rest[0].tags and rest[0].text.isalpha()


def _is_unknown_noun(segments: Sequence[Segment], i: int) -> bool:
    if i >= len(segments) or segments[i].tags or not segments[i].text.isalpha():
        return False
    follows = segments[i + 1] if i + 1 < len(segments) else None
    if segments[i].text in _PARTICIPLES and follows and follows.is_one_of("word:relations"):
        return False  # "cabins hidden in the forest"
    if segments[i].text.endswith("s"):
        return i + 1 == len(segments) or is_change(segments[i + 1])
    return not segments[i].text.endswith(("ed", "ing"))


def _unknown_start(
    segments: Sequence[Segment], roles: Sequence[str], circumstances: Set[int]
) -> str:
    """Return an unknown word that stands before the first thing and is not an adjective."""
    for i, segment in enumerate(segments[:-1]):
        if roles[i] == "thing" or segment.is_one_of("word:relations"):
            return ""
        if i in circumstances:
            continue
        if not segment.tags and segment.text.isalpha() and not roles[i + 1]:
            return segment.text
    return ""
