"""Find what became what: "X became Y", "Y replaced X", "from X to Y", "Y where X once stood"."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from mtrs_geo.understanding.lexicon import Segment
from mtrs_geo.understanding.roles import ON_GROUND, PAUSES, is_inside_noun_phrase
from mtrs_geo.understanding.types import Classes

__all__ = ["JOINERS", "OneClass", "Transitions", "lies_under", "two_kinds"]

_NONE: Classes = frozenset()
JOINERS = frozenset({"and", "or", ",", "as well as", "nor"})
"""Words that join things or directions."""
_CLAUSE_ENDS = frozenset(";:.!?")
_ADVERBS = frozenset({
    "once", "formerly", "previously", "just", "still", "mostly", "only", "all", "in", "on", "under",
    "a lot of", "lots of", "plenty of", "part of", "full of", "either", "part", "parts", "is",
    "are", "become", "nothing but",
})  # fmt: skip
_COPULAS = frozenset({"was", "were", "been", "be", "now", "today"})
_PAST = (
    "used to", "once", "formerly", "before", "had been", "there was", "there were", "stood", "grew",
    "lay ", "flowed",
)  # fmt: skip

_CLAUSE_JOINTS = frozenset(
    {"and", "or", ",", "as well as", "nor", ";", "&", "plus", "but", "then", ".", "?"}
)
_LIST_WORDS = frozenset(
    {"of", "the", "in", "both", "either", "with", "new", "or more", "other", "'s"}
)
_ONTO = frozenset({"on", "over", "upon", "onto", "atop", "across", "in place of"})
_CIRCUMSTANCES = frozenset({
    "after", "during", "because of", "due to", "owing to", "since", "before", "following",
    "despite", "without", "like", "unlike", "as", "than", "except", "thanks to", "by",
})  # fmt: skip
_WHERE = frozenset({"where", "instead of", "what was", "what used to be", "what", "in lieu of"})
"""Words after which stands what was there before."""


_REPLACED = re.compile(
    r"(?:been )?(?:replac|supersed|supplant|succeed|m(?:ake|ade|aking) (?:room|way)"
    r"|g(?:ive|ave|iven|iving) (?:way|place)"
    r"|(?:level+ed|razed|demolished|torn down|cleared|pulled down|knocked down|bulldozed) for)"
)
"""Transitions after which one building went and another one came."""


_OUSTED = re.compile(
    r"(?:(?:that|which|has|have|been|is|are) )*(?:replac|supersed|supplant|displac|oust|encroach"
    r"|invad|overr[ua]n|coloni|swallow|smother|eat|ate |biting|cre(?:ep|pt)|sprawl|advanc|expand"
    r"|extend|spread|t(?:ook|aken|aking|ake) over|instead of|in place of|in lieu of"
    r"|at the (?:expense|cost) of|used to be|was\b|were\b|had been)"
)
"""Transitions before which stands what came, and that name no place."""
_MADE_OTHER = frozenset({
    "widened", "upgraded", "downgraded", "enlarged", "expanded", "improved", "narrowed", "rebuilt",
})  # fmt: skip
"""Words before "to" and "into" that name a change of one kind into another."""


@dataclass(frozen=True)
class OneClass:
    """Two things that are found as one class, of which one became the other."""

    first: str
    second: str
    is_seen: bool
    """Whether the change is seen as one of the class: a forest felled for a pasture, a building in
    place of another one."""


@dataclass(frozen=True)
class Noun:
    """A class noun and its position among the segments."""

    position: int
    land_cover: str


class Transitions:
    """The words that join two things of a sentence.

    Args:
        segments: words of the sentence.
        roles: their roles, as `mtrs_geo.understanding.roles.roles_of` returns them.
        changes: directions that the words of the sentence name.
    """

    def __init__(
        self, segments: Sequence[Segment], roles: Sequence[str], changes: Collection[str]
    ) -> None:
        self.segments, self.roles, self.changes = segments, roles, changes

    def nouns(self, role: str = "") -> list[Noun]:
        """Return the class nouns, or those of a role."""
        return [
            Noun(i, segment.land_cover)
            for i, segment in enumerate(self.segments)
            if segment.land_cover and (not role or self.roles[i] == role)
        ]

    @property
    def kinds_of_one_class(self) -> OneClass | None:
        """Two things of one class of which one became the other: "oaks replaced by beeches"."""
        things = self.nouns("thing")
        nouns = [noun for noun in self.nouns() if self.roles[noun.position]]
        for i, segment in enumerate(self.segments):
            is_backward = bool(_OUSTED.match(segment.text)) and self._is_backward(i)
            if not is_backward and not self._turns_kind(i):
                continue
            earlier = [n for n in things if n.position < i]
            later = [n for n in nouns if n.position > i]
            if not earlier or not later:
                continue
            first, second = earlier[-1].position, later[0].position
            before, after = self.segments[first], self.segments[second]
            if before.land_cover != after.land_cover or before.text == after.text:
                continue
            is_replaced = is_backward or bool(_REPLACED.match(segment.text))
            if before.land_cover == "building" and is_replaced:
                return OneClass(before.text, after.text, is_seen=True)
            is_seen = self._is_woody(first) != self._is_woody(second)
            return OneClass(before.text, after.text, is_seen)
        return None

    def _is_woody(self, i: int) -> bool:
        """Return whether a noun or the one in front of it is of trees: "oak plantation"."""
        parts = self.segments[max(0, i - 1) : i + 1]
        return any(s.land_cover and s.is_one_of("kind:woody") for s in parts)

    def _turns_kind(self, i: int) -> bool:
        """Return whether what stands before ``i`` became what stands behind."""
        segment = self.segments[i]
        if segment.is_one_of("transition:forward"):
            return self._is_forward(i)
        if segment.text not in ("into", "to"):
            return False
        if i and self.segments[i - 1].text in _MADE_OTHER:
            return self._stands_before_noun(i)
        words = self.segments[:i]
        is_turned = any(s.is_one_of("transition:verb") or s.text == "from" for s in words)
        return is_turned and self._is_forward(i)

    def find(self) -> tuple[Classes, Classes] | None:
        """Return the classes of "X became Y" and of its other forms."""
        # "Marsh meadows" are meadows.
        things = self.nouns("thing")
        nouns = [noun for noun in self.nouns() if self.roles[noun.position]]
        for i, segment in enumerate(self.segments):
            start = self._clause_start(i)
            earlier = [noun for noun in things if start <= noun.position < i]
            later = [noun for noun in nouns if noun.position > i]
            if not later:
                return None
            if self._is_forward(i):
                if earlier:
                    return _pair(self._joined(earlier[0]), self._joined(later[0]))
                if len(later) > 1 and segment.text in ("conversion of", "from"):
                    return _pair(self._joined(later[0]), self._joined(later[-1]))
            if self._is_backward(i):
                after = self._joined(earlier[0]) if earlier else self._events_before(i)
                if after:
                    return _pair(self._joined(later[0]), after)
        return None

    def _clause_start(self, i: int) -> int:
        """Return where the clause of a phrase begins, if it names a thing."""
        for j in range(i - 1, -1, -1):
            if self.segments[j].text in _CLAUSE_ENDS and "thing" in self.roles[j + 1 : i]:
                return j + 1
        return 0

    def _events_before(self, i: int) -> Classes:
        """Return the class of an event such as "built" in front of ``i``."""
        tags = {tag for segment in self.segments[:i] for tag in segment.tags}
        names = [
            tag[6:-9] for tag in tags if tag.startswith("event:") and tag.endswith("_appeared")
        ]
        return frozenset(names) if len(names) == 1 else _NONE

    def _is_forward(self, i: int) -> bool:
        segment = self.segments[i]
        if segment.is_one_of("transition:forward"):
            return self._stands_before_noun(i)
        if segment.text.split()[-1] in ("is", "are") and self._is_now(i):
            return True
        if segment.text not in ("to", "into") or not self._stands_before_noun(i):
            return False
        words = [s.text for s in self.segments[:i]]
        changed = any(s.is_one_of("transition:verb") for s in self.segments[:i])
        plain = not self.changes and segment.text in ("to", "into")
        return changed or "from" in words or plain

    def _is_backward(self, i: int) -> bool:
        segment = self.segments[i]
        if not segment.is_one_of("transition:backward") or not self._stands_before_noun(i):
            return False
        rest = " ".join(s.text for s in self.segments[i:])
        if segment.text == "where":
            return any(word in rest for word in (*_PAST, " was", " were"))
        if segment.text in ON_GROUND:
            return not any(s.is_one_of("word:scene") for s in self.segments[i + 1 : i + 4])
        return not segment.is_one_of("word:relations")

    def _is_now(self, i: int) -> bool:
        """Return whether a noun and "now" follow: "houses that are | grass now"."""
        nouns = [j for j in range(i + 1, min(i + 4, len(self.segments) - 1)) if self.roles[j]]
        return bool(nouns) and self.segments[nouns[0] + 1].text in ("now", "today", "nowadays")

    def _stands_before_noun(self, i: int) -> bool:
        if self.segments[i].text.split()[-1] in _COPULAS:
            return self._is_noun_phrase(i + 1)
        for segment in self.segments[i + 1 :]:
            if segment.land_cover:
                return True
            if segment.text in PAUSES or segment.is_one_of("word:relations"):
                return False
        return False

    def _is_noun_phrase(self, i: int) -> bool:
        """Return whether a noun phrase with a class begins at ``i``."""
        for j in range(i, len(self.segments)):
            segment = self.segments[j]
            if self.roles[j]:
                return True
            is_inside = is_inside_noun_phrase(segment) or segment.is_one_of("transition:backward")
            if not (is_inside or segment.land_cover or segment.text in _ADVERBS):
                return False
        return False

    def _joined(self, noun: Noun) -> Classes:
        """Return the classes of a noun and of those that "and" joins to it."""
        found = {noun.land_cover}
        joined = False
        for segment in self.segments[noun.position + 1 :]:
            if segment.land_cover and joined:
                found.add(segment.land_cover)
                joined = False
            elif segment.text in JOINERS:
                joined = True
            elif not is_inside_noun_phrase(segment):
                break
        return frozenset(found)


def _pair(before: Classes, after: Classes) -> tuple[Classes, Classes] | None:
    return None if before == after else (before, after)


def lies_under(segments: Sequence[Segment], roles: Sequence[str], i: int) -> bool:
    """Return whether new ground lies under what is named at ``i``: "new houses | under trees"."""
    noun = roles.index("thing") if "thing" in roles[:i] else 0
    adjectives = [s for s in segments[max(0, noun - 2) : noun] if s.is_one_of("change:adjective")]
    is_new = any(s.is_one_of("change:appeared") for s in adjectives)
    is_under = segments[i].text.split()[0] in ("under", "beneath", "below")
    return is_new and is_under and segments[i].text != "under water"


def two_kinds(segments: Sequence[Segment], roles: Sequence[str]) -> tuple[Classes, Classes] | None:
    """Read two kinds that no known words join: "woodland that has acquired a lodge".

    Kinds that are listed ("roads and houses") belong to one date.  Of kinds in two clauses or with
    other words between them, the first one became the second.

    Returns:
        The classes before and after, or None if the kinds are listed or are not two.

    Args:
        segments: words of the sentence.
        roles: their roles, as `mtrs_geo.understanding.roles.roles_of` returns them.
    """
    nouns = [
        i
        for i, role in enumerate(roles)
        if (role == "thing" and not _is_circumstance(segments, i)) or _is_result(segments, roles, i)
    ]
    groups: list[set[str]] = []
    cuts: list[tuple[int, int]] = []
    for position, i in enumerate(nouns):
        name = segments[i].land_cover or ""
        last = nouns[position - 1] if position else i
        if groups and not _joins(segments, last, i):
            groups[-1].add(name)
        elif not groups or name not in groups[-1]:
            groups.append({name})
            cuts.append((last, i))
    if len(groups) != 2 or groups[0] & groups[1]:
        return None
    first, second = cuts[1]
    return _ordered(segments, groups, first, second)


def _ordered(
    segments: Sequence[Segment], groups: Sequence[set[str]], first: int, second: int
) -> tuple[Classes, Classes] | None:
    between = segments[first + 1 : second]
    is_two_clauses = any(s.text in _CLAUSE_JOINTS for s in between)
    start = _way(segments[:second])
    rest = _way(segments[second:]) if is_two_clauses else ""
    classes = frozenset(groups[0]), frozenset(groups[1])
    words = {s.text for s in between}
    is_on = not words.isdisjoint(_ONTO) and start == "appeared"
    if not is_two_clauses and (is_on or not words.isdisjoint(_WHERE)):
        return classes[1], classes[0]
    if start == "appeared" or (is_two_clauses and start == rest):
        return None
    return classes


def _joins(segments: Sequence[Segment], first: int, second: int) -> bool:
    """Return whether more than the words of a list stand between two nouns."""
    return any(
        not (
            s.text in _CLAUSE_JOINTS
            or s.text in _LIST_WORDS
            or is_inside_noun_phrase(s)
            or s.land_cover
        )
        for s in segments[first + 1 : second]
    )


def _is_circumstance(segments: Sequence[Segment], i: int) -> bool:
    """Return whether a noun says when or why: "huts removed after the flood"."""
    start = i - 1
    while start >= 0 and is_inside_noun_phrase(segments[start]):
        start -= 1
    return start >= 0 and segments[start].text in _CIRCUMSTANCES


def _is_result(segments: Sequence[Segment], roles: Sequence[str], i: int) -> bool:
    """Return whether a place is what came: "drained to mud", "uprooted to fit a barn"."""
    if roles[i] != "place":
        return False
    for j in range(i - 1, max(-1, i - 5), -1):
        if segments[j].text == "to":
            is_lost = j > 0 and segments[j - 1].is_one_of("change:disappeared")
            return is_lost and segments[j + 1].text != "the"
        if not (is_inside_noun_phrase(segments[j])):
            return False
    return False


def _way(segments: Sequence[Segment]) -> str:
    """Return the direction that the words of a clause name, if they name one."""
    ways = {
        way
        for s in segments
        for way in ("appeared", "disappeared")
        if s.is_one_of(f"change:{way}") and not s.land_cover
    }
    return ways.pop() if len(ways) == 1 else ""
