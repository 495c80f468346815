"""Find the noun that a sentence is about where the lexicon does not know it."""

from __future__ import annotations

from collections.abc import Sequence

from mtrs_geo.understanding.lexicon import Segment
from mtrs_geo.understanding.reading import Sentence

__all__ = ["unknown_subject"]

_BEFORE_OBJECT = frozenset({"the", "a", "an", "their", "its", "by", "to", "in", "of"})
_BECAME = frozenset({"became", "become", "becomes", "becoming", "has become", "have become"})
_TAKE_OBJECT = frozenset({"lost", "lose", "gained", "gain", "got", "added", "became", "become"})


def unknown_subject(sentence: Sentence) -> str:
    """Return the noun that the sentence is about if it is no class; else an empty text."""
    place = False
    segments = sentence.segments
    for i, (segment, role) in enumerate(zip(segments, sentence.roles, strict=True)):
        follows = segments[i + 1].text if i + 1 < len(segments) else ""
        if role == "thing" and _is_unknown_noun(segments, i + 1):
            return f"{segment.text} {follows}"
        if segment.is_one_of("word:relations") or segment.text == "for":
            # "Houses with balconies" is about balconies.
            place = segment.text != "with"
        elif role == "place" or segment.text in ",;":
            place = False
        if not place and not role and segment.is_one_of("outside:things"):
            return segment.text
        if not segment.tags and segment.text.isalpha() and _is_predicate(segments, i + 1):
            return segment.text
        if segment.text in _BECAME and _is_attribute(segments, i + 1):
            return segments[i + 1].text
        if _takes_object(segment) and _is_object(segments, sentence.roles, i + 1):
            return " ".join(s.text for s in segments[i + 1 : i + 3] if not s.tags)
    return _unknown_start(segments, sentence.roles)


def _is_attribute(segments: Sequence[Segment], i: int) -> bool:
    """Return whether an adjective without a noun stands at ``i``: "the forest became mixed"."""
    return (
        i < len(segments)
        and segments[i].is_one_of("word:modifiers")
        and not segments[i].land_cover
        and not any(s.land_cover for s in segments[i + 1 :])
    )


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
    while i < len(segments) and segments[i].text in _BEFORE_OBJECT:
        i += 1
    return (
        i < len(segments)
        and not segments[i].tags
        and segments[i].text.isalpha()
        and not (i + 1 < len(roles) and roles[i + 1])
    )


def _is_unknown_noun(segments: Sequence[Segment], i: int) -> bool:
    if i >= len(segments) or segments[i].tags or not segments[i].text.isalpha():
        return False
    if segments[i].text.endswith("s"):
        return i + 1 == len(segments) or segments[i + 1].is_one_of(
            "change:appeared", "change:disappeared"
        )
    return not segments[i].text.endswith(("ed", "ing"))


def _unknown_start(segments: Sequence[Segment], roles: Sequence[str]) -> str:
    """Return an unknown word that stands before the first thing and is no adjective of it."""
    for i, segment in enumerate(segments[:-1]):
        if roles[i] == "thing" or segment.is_one_of("word:relations"):
            return ""
        if not segment.tags and segment.text.isalpha() and not roles[i + 1]:
            return segment.text
    return ""
