"""Read what a sentence asks for: classes before and after, and the direction of the change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mtrs_geo.understanding.lexicon import Lexicon, Segment, english

__all__ = ["Reading", "read"]

_NEGATIONS = {"not", "no", "never", "none", "neither", "without", "n't"}


@dataclass(frozen=True)
class Reading:
    """What the words of a sentence say."""

    direction: str | None
    before: frozenset[str]
    after: frozenset[str]
    unknown: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    negated: bool = False


def read(text: str, lexicon: Lexicon | None = None) -> Reading:
    """Read an English sentence without its rules for the whole scene."""
    return read_segments((lexicon or english()).segments(text))[0]


def read_segments(segments: Sequence[Segment]) -> tuple[Reading, list[str], set[str]]:
    roles = _roles(segments)
    before, after = _transition(segments, roles)
    if not (before and after):
        before, after = _direction(segments, roles)
    direction = _named(before, after)
    changes = _changes(segments, roles)
    if before == after == frozenset() and not changes:
        direction = None
    unknown = tuple(s.text for s in segments if not s.tags and s.text.isalpha())
    outside = _outside(segments, roles)
    reading = Reading(direction, before, after, unknown, outside, _negated(segments))
    return reading, roles, changes


def _named(before: frozenset[str], after: frozenset[str]) -> str:
    if before and after:
        return "any" if before == after else "changed"
    if after:
        return "appeared"
    return "disappeared" if before else "any"


def _roles(segments: Sequence[Segment]) -> list[str]:
    """Return a role per segment: ``thing``, ``place`` for what only says where, or empty."""
    roles = [""] * len(segments)
    where = False
    for i, segment in enumerate(segments):
        tags = segment.tags
        if _is(segment, "transition:forward", "transition:backward") and not (
            "word:relations" in tags and not _after_change(segments, i)
        ):
            where = False
            if "word:relations" not in tags:
                continue
        if segment.land_cover and "change:" not in "".join(tags):
            roles[i] = "place" if where else "thing"
            where = where and _joined(segments, i)
        elif "word:relations" in tags:
            where = _starts_place(segments, i)
        elif segment.text in ";:,.!?" or (
            where and any(tag.startswith("change:") for tag in tags) and not _noun_follows(segments, i)
        ):
            where = False
        elif segment.land_cover:
            roles[i] = "place" if where else "thing"
    return roles


def _is(segment: Segment, *tags: str) -> bool:
    return any(tag in segment.tags for tag in tags)


def _after_change(segments: Sequence[Segment], i: int) -> bool:
    return i > 0 and any(tag.startswith(("change:", "transition:")) for tag in segments[i - 1].tags)


def _noun_follows(segments: Sequence[Segment], i: int) -> bool:
    """Return whether a class noun follows, with only modifiers in between."""
    for segment in segments[i + 1 :]:
        if segment.land_cover:
            return True
        if not segment.tags or not _is(segment, "word:modifiers", "word:scene", "change:appeared"):
            return False
    return False


_IN_NOUN_PHRASE = {
    "a", "an", "the", "any", "some", "each", "every", "all", "both", "another", "other", "existing",
    "old", "older", "this", "that", "these", "those", "its", "their", "my", "our", "of", "or more",
}  # fmt: skip


def _starts_place(segments: Sequence[Segment], i: int) -> bool:
    """Return whether a noun phrase with a class follows the relation at ``i``."""
    for segment in segments[i + 1 :]:
        if segment.land_cover:
            return True
        if not (
            segment.text in _IN_NOUN_PHRASE
            or segment.text[0].isdigit()
            or _is(segment, "word:relations", "word:modifiers", "change:appeared", "change:disappeared")
            or segment.text in ("m", "metres", "meters", "km", "metre", "ft", "feet")
            or not segment.tags
        ):
            return False
    return False


def _joined(segments: Sequence[Segment], i: int) -> bool:
    return i + 1 < len(segments) and segments[i + 1].text in ("and", "or")


def _things(segments: Sequence[Segment], roles: Sequence[str]) -> list[int]:
    return [i for i, role in enumerate(roles) if role == "thing"]


def _transition(
    segments: Sequence[Segment], roles: Sequence[str]
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the classes of "X became Y" and of its other forms; empty if there is none."""
    nouns = [i for i, segment in enumerate(segments) if segment.land_cover]
    for i, segment in enumerate(segments):
        earlier = [n for n in nouns if n < i and roles[n] == "thing"]
        later = [n for n in nouns if n > i]
        if not later:
            continue
        if _is(segment, "transition:forward") or (
            segment.text in ("to", "into") and any("change:changed" in s.tags for s in segments[:i])
        ):
            if earlier:
                return _pair(segments, earlier[0], later[0])
            first = [n for n in later if n > i]
            if segment.text in ("conversion of",) and len(first) > 1:
                return _pair(segments, first[0], first[1])
        if _is(segment, "transition:backward") and earlier and _strong(segments, i, earlier[-1]):
            return _pair(segments, later[0], earlier[0])
    things = _things(segments, roles)
    for i, segment in enumerate(segments):
        for tag in segment.tags:
            if tag.startswith("transition:to_") and things:
                target = tag[14:]
                source = segments[things[0]].land_cover
                others = {segments[n].land_cover for n in things}
                if source and source != target and len(others) == 1:
                    if target == "road" and source == "building":
                        continue
                    return frozenset({source}), frozenset({target})
    return frozenset(), frozenset()


_WEAK = {"where", "that was", "which was", "once", "formerly", "previously", "used to be", "from", "built on", "erected on", "constructed on", "put on", "dug into", "now"}


def _strong(segments: Sequence[Segment], i: int, noun: int) -> bool:
    text = segments[i].text
    if text not in _WEAK:
        return True
    rest = " ".join(s.text for s in segments[i:])
    if text == "where":
        return any(word in rest for word in ("used to", "once", "formerly", "before", "had been", "there was", "there were", " was ", " were "))
    return text in ("built on", "erected on", "constructed on", "put on", "dug into")


def _pair(
    segments: Sequence[Segment], before: int, after: int
) -> tuple[frozenset[str], frozenset[str]]:
    first, second = segments[before].land_cover, segments[after].land_cover
    if first is None or second is None or first == second:
        return frozenset(), frozenset()
    return frozenset({first}), frozenset({second})


def _changes(segments: Sequence[Segment], roles: Sequence[str]) -> set[str]:
    """Return the directions that words outside of places name."""
    found = set()
    where = False
    for i, segment in enumerate(segments):
        if "word:relations" in segment.tags and _starts_place(segments, i):
            where = True
        if roles[i] == "place":
            where = False
            continue
        tags = {tag[7:] for tag in segment.tags if tag.startswith("change:")}
        if "unchanged" in tags and i + 1 < len(segments) and "change:changed" in segments[i + 1].tags:
            continue  # "the remaining changes"
        if tags and ("word:relations" in segment.tags or not (where and _noun_follows(segments, i))):
            found |= tags
        if not segment.tags or segment.text in ",;:.":
            where = where and segment.text not in ",;:."
    return found


def _direction(
    segments: Sequence[Segment], roles: Sequence[str]
) -> tuple[frozenset[str], frozenset[str]]:
    classes = frozenset(
        c for i in _things(segments, roles) if (c := segments[i].land_cover) is not None
    )
    changes = _changes(segments, roles)
    events = {tag[6:] for s in segments for tag in s.tags if tag.startswith("event:")}
    for event in sorted(events):
        name, direction = event.rsplit("_", 1)
        if not classes or (classes == {name} and not changes & {"appeared", "disappeared"}):
            classes, changes = frozenset({name}), {direction}
    appeared, disappeared = "appeared" in changes, "disappeared" in changes
    if appeared and disappeared and not _alternatives(segments):
        appeared, disappeared = _first(segments)
    if appeared == disappeared:
        return classes, classes
    return (frozenset(), classes) if appeared else (classes, frozenset())


def _outside(segments: Sequence[Segment], roles: Sequence[str]) -> tuple[str, ...]:
    return tuple(s.text for s in segments if _is(s, "outside:things") and not s.land_cover)


def _negated(segments: Sequence[Segment]) -> bool:
    return any(s.text in _NEGATIONS or s.text.endswith("n't") for s in segments)


def _alternatives(segments: Sequence[Segment]) -> bool:
    """Return whether "and" or "or" joins two directions: "added or removed"."""
    return any(
        s.text in ("and", "or", "as well as", "nor")
        and _is_change(segments[i - 1])
        and _is_change(segments[i + 1])
        for i, s in enumerate(segments[1:-1], 1)
    )


def _is_change(segment: Segment) -> bool:
    return _is(segment, "change:appeared", "change:disappeared")


def _first(segments: Sequence[Segment]) -> tuple[bool, bool]:
    for segment in segments:
        if _is_change(segment):
            return "change:appeared" in segment.tags, "change:disappeared" in segment.tags
    return False, False
