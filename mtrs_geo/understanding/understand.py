"""Decide whether a sentence asks for a change that a model can find."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from mtrs_geo.query.direction import direction_of
from mtrs_geo.query.grammar import ANY_CHANGE, EXCEPT, normalize
from mtrs_geo.understanding.lexicon import Segment, english
from mtrs_geo.understanding.reading import Reading, read_segments
from mtrs_geo.understanding.spelling import correct_spelling

__all__ = ["Status", "Understanding", "understand"]

Status: TypeAlias = Literal["understood", "uncertain", "no_question", "outside", "language"]

_PLURAL_NEGATIONS = ("no longer", "not any more", "no more")
_NEGATION = re.compile(r"\b(?:not|no|never|none|neither|nobody|without|cannot|\w+n't)\b|\bbut (?!not\b)(?=the )?(?:buildings?|houses?|roads?|water|trees?)\b")


@dataclass(frozen=True)
class Understanding:
    status: Status
    reading: Reading
    reason: str = ""


def understand(text: str, existing: Collection[str] = ()) -> Understanding:
    plain = normalize(text)
    nothing = Reading("any", frozenset(), frozenset())
    if plain and not any(c.isalpha() for c in plain):
        return Understanding("no_question", nothing, "no words")
    if not plain or ANY_CHANGE.fullmatch(plain.strip(" .?!")):
        return Understanding("understood", nothing)
    if _foreign(plain):
        return Understanding("language", nothing, "another script")
    plain, _corrected = correct_spelling(plain, english(), existing)
    main, *exceptions = EXCEPT.split(plain)
    main = _without_topic(main)
    segments = english().segments(main)
    reading, roles, changes = read_segments(segments)
    if "unchanged" in changes:
        return Understanding("outside", reading, "unchanged ground")
    if _is_negated(main, segments):
        return Understanding("outside", reading, "negation")
    things = [s for s, role in zip(segments, roles, strict=True) if role == "thing"]
    events = any(tag.startswith("event:") for s in segments for tag in s.tags)
    moving = bool(changes) or events or _transitive(segments)
    subject = _unknown_subject(segments, roles)
    if things or events:
        if subject:
            return Understanding("outside", reading, subject)
        if len(reading.unknown) > 1 or (reading.unknown and not moving):
            return Understanding("outside", reading, reading.unknown[0])
        if not moving:
            return Understanding("uncertain", reading, "no direction")
        return Understanding("uncertain" if reading.unknown else "understood", reading)
    if not changes:
        return Understanding("no_question", reading, "no change, no thing")
    if reading.unknown or reading.outside:
        return Understanding("outside", reading, (reading.outside or reading.unknown)[0])
    return Understanding("understood", reading)


def _without_topic(text: str) -> str:
    """Drop a heading without a class: "For fire risk: new homes"."""
    topic, colon, rest = text.partition(":")
    has_class = any(s.land_cover or _is_change(s) for s in english().segments(topic))
    return text if not colon or has_class else rest


def _is_change(segment: Segment) -> bool:
    return any(tag.startswith("change:") for tag in segment.tags)


def _foreign(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return sum(not ("a" <= c <= "z" or "à" <= c <= "ÿ") for c in letters) > len(letters) / 2


def _transitive(segments: Sequence[Segment]) -> bool:
    return any(tag.startswith("transition:") for s in segments for tag in s.tags if not tag.endswith("backward"))


def _is_negated(text: str, segments: Sequence[Segment]) -> bool:
    """Return whether a negation is left that no rule and no direction explains."""
    rest = " ".join(
        s.text
        for s in segments
        if not _is_change(s) and not ("word:function" in s.tags and " " in s.text)
    )
    return _NEGATION.search(rest) is not None and direction_of(rest) == "changed"


def _unknown_subject(segments: Sequence[Segment], roles: Sequence[str]) -> str:
    """Return the noun that the sentence is about if it is no class; else an empty text."""
    place = False
    for i, segment in enumerate(segments):
        if roles[i] == "thing" and i + 1 < len(segments):
            after = segments[i + 1]
            if not after.tags and after.text.isalpha() and not _is_verb(after.text):
                return f"{segment.text} {after.text}"
        if "word:relations" in segment.tags:
            place = True
        elif roles[i] == "place" or segment.text in ",;":
            place = False
        if place or roles[i]:
            continue
        if "outside:things" in segment.tags and not segment.land_cover:
            return segment.text
    for i, segment in enumerate(segments):
        if roles[i] == "thing":
            break
        if "word:relations" in segment.tags:
            break
        if not segment.tags and segment.text.isalpha() and i + 1 < len(segments) and not roles[i + 1]:
            return segment.text
    return ""


def _is_verb(word: str) -> bool:
    return word.endswith(("ed", "ing", "s"))
