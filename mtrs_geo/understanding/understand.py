"""Decide whether a sentence asks for a change that a model can find."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from mtrs_geo.query.direction import direction_of
from mtrs_geo.query.grammar import ANY_CHANGE, EXCEPT, normalize
from mtrs_geo.understanding.lexicon import Segment, english
from mtrs_geo.understanding.reading import Reading, read, read_segments

__all__ = ["Status", "Understanding", "understand"]

Status: TypeAlias = Literal["understood", "uncertain", "no_question", "outside", "language"]

_PLURAL_NEGATIONS = ("no longer", "not any more", "no more")
_NEGATION = re.compile(r"\b(?:not|no|never|none|neither|nobody|without|cannot|\w+n't)\b|\bbut (?!not\b)(?=the )?(?:buildings?|houses?|roads?|water|trees?)\b")


@dataclass(frozen=True)
class Understanding:
    status: Status
    reading: Reading
    reason: str = ""


def understand(text: str) -> Understanding:
    plain = normalize(text)
    nothing = Reading("any", frozenset(), frozenset())
    if not plain or ANY_CHANGE.fullmatch(plain.strip(" .?!")):
        return Understanding("understood", nothing)
    if not any(c.isalpha() for c in plain):
        return Understanding("no_question", nothing, "no words")
    main, *exceptions = EXCEPT.split(plain)
    segments = english().segments(main)
    reading, roles, changes = read_segments(segments)
    if "unchanged" in changes:
        return Understanding("outside", reading, "unchanged ground")
    if _is_negated(main, segments):
        return Understanding("outside", reading, "negation")
    foreign = _foreign(plain)
    if foreign:
        return Understanding("language", reading, "another script")
    things = [s for s, role in zip(segments, roles, strict=True) if role == "thing"]
    events = any(tag.startswith("event:") for s in segments for tag in s.tags)
    subject = _unknown_subject(segments, roles)
    if things or events:
        if subject:
            return Understanding("outside", reading, subject)
        if not changes and not _transitive(segments) and not events and reading.unknown:
            return Understanding("outside", reading, reading.unknown[0])
        if not changes and not events and not _transitive(segments):
            return Understanding("uncertain", reading, "no direction")
        return Understanding("uncertain" if reading.unknown else "understood", reading)
    if not changes:
        return Understanding("no_question", reading, "no change, no thing")
    if reading.unknown or reading.outside:
        return Understanding("outside", reading, (reading.outside or reading.unknown)[0])
    return Understanding("understood", reading)


def _foreign(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return sum(not ("a" <= c <= "z" or "à" <= c <= "ÿ") for c in letters) > len(letters) / 2


def _transitive(segments: Sequence[Segment]) -> bool:
    return any(tag.startswith("transition:") for s in segments for tag in s.tags if not tag.endswith("backward"))


def _is_negated(text: str, segments: Sequence[Segment]) -> bool:
    """Return whether a negation is left that no rule and no direction explains."""
    rest = " ".join(s.text for s in segments if not any(t.startswith("change:") for t in s.tags))
    if not _NEGATION.search(rest):
        return False
    date = direction_of(re.sub(r"\b(?:new|newly|built|demolished|removed)\b", "", text))
    return date == "changed"


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
