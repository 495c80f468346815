"""Read what a sentence asks for: classes before and after, and the direction of the change.

The words of the lexicon are matched from left to right.  A class noun after a relation ("near the
road") is a place, every other one is a thing.  Then either a transition joins two things ("grass
that became a road"), or words of change say which way the things changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mtrs_geo.query.direction import direction_of
from mtrs_geo.understanding.lexicon import Lexicon, Segment
from mtrs_geo.understanding.types import Classes, Direction

__all__ = ["Sentence", "is_change"]

_KINDS = frozenset({"appeared", "disappeared", "changed", "unchanged"})
_NONE: Classes = frozenset()
_PAUSES = frozenset(";:,.!?()")
_JOINERS = frozenset({"and", "or", ",", "as well as", "nor"})
_NO_LONGER = frozenset({"any more", "anymore", "any longer"})
_NEGATIONS = frozenset({"not", "no", "never", "none", "nothing"})
_DETERMINERS = frozenset({
    "a", "an", "the", "any", "some", "each", "every", "all", "both", "another", "other", "existing",
    "old", "older", "this", "that", "these", "those", "its", "their", "my", "our", "of", "or more",
    "m", "metres", "meters", "metre", "meter", "km", "ft", "feet", "square", "area", "water's",
})  # fmt: skip
_NOT_A_PLACE_AFTER_CHANGE = frozenset({"to", "of", "in", "with"})
_ON_GROUND = frozenset({"built on", "erected on", "constructed on", "put on", "dug into"})
_PAST = ("used to", "once", "formerly", "before", "had been", "there was", "there were", "stood")


@dataclass(frozen=True)
class _Noun:
    """A class noun and its position among the segments."""

    position: int
    land_cover: str


class Sentence:
    """An English sentence without its exceptions, as words with tags.

    Args:
        text: in lower case.
        lexicon: words and their tags.
    """

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self.segments = lexicon.segments(text)
        self.roles = _roles(self.segments)
        self.changes = self._changes()
        self.before, self.after = self._transition() or self._by_class_verb() or self._one_way()

    @property
    def direction(self) -> Direction:
        """Direction of the change that the sentence asks for."""
        if "unchanged" in self.changes or self._negates_change():
            return "unchanged"
        if self.before and self.after:
            return "any" if self.before == self.after else "changed"
        if self.after or self.before:
            return "appeared" if self.after else "disappeared"
        return self._direction_of_words()

    @property
    def things(self) -> list[Segment]:
        """Phrases that name what changed."""
        return [s for s, role in zip(self.segments, self.roles, strict=True) if role == "thing"]

    @property
    def text_without_changes(self) -> str:
        """The sentence without its words of change, with "not" for "n't"."""
        words = (s.text for s in self.segments if not is_change(s))
        return " ".join(words).replace("n't", " not")

    @property
    def events(self) -> list[tuple[str, str]]:
        """Classes and directions of words such as "deforestation"."""
        tags = sorted(tag[6:] for s in self.segments for tag in s.tags if tag.startswith("event:"))
        return [(tag.rsplit("_", 1)[0], tag.rsplit("_", 1)[1]) for tag in tags]

    @property
    def unknown(self) -> tuple[str, ...]:
        """Words without a tag."""
        return tuple(s.text for s in self.segments if not s.tags and s.text.isalpha())

    @property
    def outside(self) -> tuple[str, ...]:
        """Things that no class has."""
        return tuple(
            s.text for s in self.segments if s.is_one_of("outside:things") and not s.land_cover
        )

    @property
    def moves(self) -> bool:
        """Whether a word says that something changed."""
        return bool(self.changes or self.events) or any(map(_is_transition, self.segments))

    def _negates_change(self) -> bool:
        """Return whether things did not disappear or change: "houses that were not torn down"."""
        negated = False
        for segment in self.segments:
            if segment.text in _NEGATIONS or segment.text.endswith("n't"):
                negated = True
            elif segment.text in _PAUSES:
                negated = False
            elif segment.text in _NO_LONGER:
                return False
            elif negated and segment.is_one_of("change:disappeared", "change:plain"):
                return not self.changes & {"appeared"}
        return False

    def _nouns(self, role: str = "") -> list[_Noun]:
        return [
            _Noun(i, segment.land_cover)
            for i, segment in enumerate(self.segments)
            if segment.land_cover and (not role or self.roles[i] == role)
        ]

    def _changes(self) -> frozenset[str]:
        """Return the directions that words outside of places name."""
        found: set[str] = set()
        for i, segment in enumerate(self.segments):
            named = _KINDS & {tag[7:] for tag in segment.tags if tag.startswith("change:")}
            follows = self.segments[i + 1] if i + 1 < len(self.segments) else None
            if "unchanged" in named and follows and follows.is_one_of("change:changed"):
                continue  # "the remaining changes"
            if named and (segment.is_one_of("word:relations") or not self._describes_place(i)):
                found |= named
        return frozenset(found)

    def _describes_place(self, i: int) -> bool:
        """Return whether a word of change belongs to a place: "near the new road"."""
        for j in range(i + 1, len(self.segments)):
            if self.roles[j]:
                return self.roles[j] == "place" and self._follows_relation(i)
            if not _is_inside_noun_phrase(self.segments[j]):
                return False
        return False

    def _follows_relation(self, i: int) -> bool:
        for segment in reversed(self.segments[:i]):
            if segment.is_one_of("word:relations"):
                return True
            if not _is_inside_noun_phrase(segment):
                return False
        return False

    def _transition(self) -> tuple[Classes, Classes] | None:
        """Return the classes of "X became Y" and of its other forms."""
        things, nouns = self._nouns("thing"), self._nouns()
        for i, segment in enumerate(self.segments):
            earlier = [noun for noun in things if noun.position < i]
            later = [noun for noun in nouns if noun.position > i]
            if not later:
                return None
            if self._is_forward(i):
                if earlier:
                    return _pair(self._joined(earlier[0]), self._joined(later[0]))
                if len(later) > 1 and segment.text in ("conversion of", "from"):
                    return _pair(self._joined(later[0]), self._joined(later[-1]))
            if earlier and self._is_backward(i):
                return _pair(self._joined(later[0]), self._joined(earlier[0]))
        return None

    def _is_forward(self, i: int) -> bool:
        segment = self.segments[i]
        if segment.is_one_of("transition:forward"):
            return self._stands_before_noun(i)
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
        if segment.text in _ON_GROUND:
            return not any(s.is_one_of("word:scene") for s in self.segments[i + 1 : i + 4])
        return not segment.is_one_of("word:relations")

    def _stands_before_noun(self, i: int) -> bool:
        for segment in self.segments[i + 1 :]:
            if segment.land_cover:
                return True
            if segment.text in _PAUSES or segment.is_one_of("word:relations"):
                return False
        return False

    def _joined(self, noun: _Noun) -> Classes:
        """Return the classes of a noun and of those that "and" joins to it."""
        found = {noun.land_cover}
        joined = False
        for segment in self.segments[noun.position + 1 :]:
            if segment.land_cover and joined:
                found.add(segment.land_cover)
                joined = False
            elif segment.text in _JOINERS:
                joined = True
            elif not _is_inside_noun_phrase(segment):
                break
        return frozenset(found)

    def _by_class_verb(self) -> tuple[Classes, Classes] | None:
        """Return the classes of "the yard was paved", whose verb names the class after."""
        classes = frozenset(noun.land_cover for noun in self._nouns("thing"))
        if len(classes) != 1:
            return None
        for segment in self.segments:
            for tag in sorted(segment.tags):
                after = tag.removeprefix("transition:to_")
                if (
                    after != tag
                    and after not in classes
                    and (after, *classes) != ("road", "building")
                ):
                    return classes, frozenset({after})
        return None

    def _one_way(self) -> tuple[Classes, Classes]:
        """Return the classes of things that appeared, disappeared or changed in any way."""
        classes = frozenset(noun.land_cover for noun in self._nouns("thing"))
        direction = self._direction_of_words()
        if "unchanged" in self.changes or self._negates_change():
            return classes, classes
        for name, way in self.events:
            if not classes or (classes == {name} and direction == "any"):
                classes, direction = (
                    frozenset({name}),
                    "appeared" if way == "appeared" else "disappeared",
                )
        if direction == "appeared":
            return _NONE, classes
        return (classes, _NONE) if direction == "disappeared" else (classes, classes)

    def _direction_of_words(self) -> Direction:
        by_date = direction_of(self.text_without_changes)
        if by_date in ("appeared", "disappeared"):
            return "appeared" if by_date == "appeared" else "disappeared"
        both = {"appeared", "disappeared"}
        named = self.changes & both
        if named == both and not self._are_alternatives():
            first = next(s for s in self.segments if s.is_one_of(*(f"change:{n}" for n in both)))
            named = frozenset({"appeared" if first.is_one_of("change:appeared") else "disappeared"})
        if len(named) != 1:
            return "any"
        return "appeared" if "appeared" in named else "disappeared"

    def _are_alternatives(self) -> bool:
        """Return whether "and" or "or" joins two directions: "added or removed"."""
        return any(
            segment.text in _JOINERS
            and self.segments[i - 1].is_one_of("change:appeared", "change:disappeared")
            and self.segments[i + 1].is_one_of("change:appeared", "change:disappeared")
            for i, segment in enumerate(self.segments[1:-1], 1)
        )


def _roles(segments: Sequence[Segment]) -> list[str]:
    """Return ``thing`` or ``place`` per class noun, and an empty text for other words."""
    roles = [""] * len(segments)
    is_place = False
    for i, segment in enumerate(segments):
        if segment.land_cover and not _is_change_before_noun(segments, i):
            if i + 1 < len(segments) and segments[i + 1].land_cover:
                continue  # "the village street" is a street
            roles[i] = "place" if is_place else "thing"
            is_place = is_place and _next_text(segments, i) in ("and", "or")
        elif is_place and segment.text in ("and", "or"):
            continue
        elif segment.is_one_of("transition:forward", "transition:backward") and (
            not segment.is_one_of("word:relations") or segment.text in _ON_GROUND
        ):
            is_place = False
        elif segment.is_one_of("word:relations"):
            is_place = _is_place_next(segments, i)
        elif segment.text in _PAUSES or not _is_inside_noun_phrase(segment):
            is_place = False
    return roles


def _is_change_before_noun(segments: Sequence[Segment], i: int) -> bool:
    """Return whether a word is a change rather than a thing: "construction of roads"."""
    return is_change(segments[i]) and any(
        s.land_cover for j, s in enumerate(segments) if j != i and not is_change(s)
    )


def _is_place_next(segments: Sequence[Segment], i: int) -> bool:
    """Return whether the relation at ``i`` starts a place with a class noun."""
    before = segments[i - 1] if i else None
    if (
        before is not None
        and before.is_one_of("change:changed", "change:noun")
        and segments[i].text in _NOT_A_PLACE_AFTER_CHANGE
        and _next_text(segments, i) not in ("the middle", "the vicinity")
    ):
        return segments[i].text == "in" and _next_text(segments, i) in ("a", "an", "this", "that")
    if segments[i].text == "from" and any(s.text in ("to", "into") for s in segments[i:]):
        return False
    for segment in segments[i + 1 :]:
        if segment.land_cover:
            return True
        if not (_is_inside_noun_phrase(segment) or segment.is_one_of("word:relations")):
            return False
    return False


def _is_inside_noun_phrase(segment: Segment) -> bool:
    return (
        segment.text in _DETERMINERS
        or segment.text[0].isdigit()
        or not segment.tags
        or segment.is_one_of("word:modifiers", "change:adjective")
    ) and segment.text not in _PAUSES


def _next_text(segments: Sequence[Segment], i: int) -> str:
    return segments[i + 1].text if i + 1 < len(segments) else ""


def _pair(before: Classes, after: Classes) -> tuple[Classes, Classes] | None:
    return None if before == after else (before, after)


def is_change(segment: Segment) -> bool:
    """Return whether a phrase says that something appeared, disappeared, changed or did not."""
    return segment.is_one_of(*(f"change:{kind}" for kind in _KINDS))


def _is_transition(segment: Segment) -> bool:
    return any(
        tag.startswith("transition:") and tag not in ("transition:backward", "transition:verb")
        for tag in segment.tags
    )
