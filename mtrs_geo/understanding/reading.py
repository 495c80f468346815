"""Read what a sentence asks for: classes before and after, and the direction of the change.

The words of the lexicon are matched from left to right.  A class noun after a relation ("near the
road") is a place, every other one is a thing.  Then either a transition joins two things ("grass
that became a road"), or words of change say which way the things changed.
"""

from __future__ import annotations

import re

from mtrs_geo.query.direction import direction_of
from mtrs_geo.understanding.constructions import match_construction
from mtrs_geo.understanding.lexicon import Lexicon, Segment
from mtrs_geo.understanding.negation import is_negation, negated, negates_standing
from mtrs_geo.understanding.phrases import DateContrast, open_date
from mtrs_geo.understanding.phrases.routes import with_routes
from mtrs_geo.understanding.phrases.states import with_ground
from mtrs_geo.understanding.roles import (
    KINDS,
    is_change,
    is_inside_noun_phrase,
    is_of_treatment,
    is_qualifier,
    roles_of,
)
from mtrs_geo.understanding.skeleton import skeleton_of
from mtrs_geo.understanding.transitions import JOINERS, OneClass, Transitions, lies_under, two_kinds
from mtrs_geo.understanding.types import Classes, Direction
from mtrs_geo.understanding.vocabulary import LAND_COVER

__all__ = ["Sentence"]

_NONE: Classes = frozenset()
_NO_LONGER = frozenset({"any more", "anymore", "any longer"})
_ALMOST_NONE = frozenset({
    "no longer", "hardly", "barely", "scarcely", "few", "neither", "nor", "without",
})  # fmt: skip
_LINKS_OF_DATES = frozenset({
    "now", "today", "these days", "presently", "currently", "has", "have", "got", "given",
    "acquired", "where", "what was", "what used to be",
})  # fmt: skip
"""Words that let the order of two kinds mean a change, where no word of change stands."""
_GROUND = frozenset({
    "land", "area", "areas", "ground", "surface", "surfaces", "places", "spots", "plot", "plots",
    "parcel", "parcels", "lots", "sites", "zones", "tracts", "terrain", "patches", "strips",
    "slopes",
})  # fmt: skip
_ONTO = frozenset({"on", "onto", "upon", "over", "in", "into", "across"})
_UNPAVED = re.compile(r"dirt|dust|gravel|earth|mud|sand|kutcha|un(?:paved|sealed|made|surfaced)")
_WENT = re.compile(
    r"^where (?:did|do|does) .{1,80} go\b(?! up)"
    r"|\bwent (?:in|during|between|since|after|by) (?:the|\d)"
)


class Sentence:
    """An English sentence without its exceptions, as words with tags.

    Args:
        text: in lower case.
        lexicon: words and their tags.
        contrast: what the sentence says about the two dates, if the text is what it leaves.
        dates: classes before and after, if the contrast names them.
    """

    def __init__(
        self,
        text: str,
        lexicon: Lexicon,
        contrast: DateContrast | None = None,
        dates: tuple[Classes, Classes] | None = None,
    ) -> None:
        self.contrast, self.dates = contrast, dates
        words = with_ground(_without_request_as_thing(lexicon.segments(text)))
        self.segments, self.routes = with_routes(words)
        self.roles = roles_of(self.segments)
        self.changes = self._changes()
        is_standing = "unchanged" in self.changes or self._negates_change()
        skeleton = "" if is_standing else skeleton_of(self.segments, self.roles)
        self._transitions = Transitions(self.segments, self.roles, self.changes)
        self.construction = match_construction(skeleton, self.changes)
        read = (
            self._by_contrast()
            or self._by_construction()
            or self._transitions.find()
            or self._by_class_verb()
            or self._half_transition()
        )
        links = any(s.text in _LINKS_OF_DATES for s in self.segments)
        is_clear = read or is_standing or self.is_negated or not (self.changes or links)
        guess = None if is_clear else two_kinds(self.segments, self.roles)
        self.is_guess = guess is not None
        """Whether the order of two kinds of ground alone says what became what."""
        self.before, self.after = read or guess or self._one_way()

    @property
    def direction(self) -> Direction:
        """Direction of the change that the sentence asks for."""
        if self.contrast is not None:
            return self.contrast.direction
        if "unchanged" in self.changes or self._negates_change():
            return "unchanged"
        if self.construction is not None:
            return self.construction.direction
        if self.before and self.after:
            return "any" if self.before == self.after else "changed"
        if self.after or self.before:
            if self._half_transition():
                return "changed"
            return "appeared" if self.after else "disappeared"
        return self._direction_of_words()

    @property
    def takes_contrast(self) -> bool:
        """Whether the words beside the contrast of the dates say nothing against it."""
        return (
            self.construction is None
            and self._transitions.find() is None
            and "unchanged" not in self.changes
        )

    @property
    def things(self) -> list[Segment]:
        """Phrases that name what changed."""
        return [s for s, role in zip(self.segments, self.roles, strict=True) if role == "thing"]

    @property
    def names_class(self) -> bool:
        """Whether a class, an event such as "deforestation", or a strange word is named."""
        is_strange = any(s.is_one_of("outside:things") or not s.tags for s in self.segments)
        return bool(self.things or self.events or self.before or self.after or is_strange)

    @property
    def text_without_changes(self) -> str:
        """The sentence without its words of change, with "not" for "n't"."""
        # "Paved ground" is a thing, and nothing that was paved.
        words = (
            "things" if s.land_cover else s.text
            for s in self.segments
            if not is_change(s) or s.text in ("missing", "absent")
        )
        return " ".join(words).replace("n't", " not")

    @property
    def events(self) -> list[tuple[str, str]]:
        """Classes and directions of words such as "deforestation"."""
        tags = sorted(
            tag[6:]
            for s in self.segments
            if not ("changed" in self.changes and s.text.startswith("exposed "))
            for tag in s.tags
            if tag.startswith("event:")
        )
        return [(tag.rsplit("_", 1)[0], tag.rsplit("_", 1)[1]) for tag in tags]

    @property
    def unknown(self) -> tuple[str, ...]:
        """Words without a tag."""
        return tuple(s.text for s in self.segments if not s.tags and s.text.isalpha())

    @property
    def unused(self) -> tuple[str, ...]:
        """Words without a tag, and adjectives and adverbs that have no effect."""
        return tuple(
            s.text
            for s in self.segments
            if s.is_one_of("word:rare") or (not s.tags and s.text.isalpha())
        )

    @property
    def outside(self) -> tuple[str, ...]:
        """Things that no class has."""
        return tuple(
            s.text
            for i, s in enumerate(self.segments)
            if s.is_one_of("outside:things")
            and not s.land_cover
            and not self._is_agent(i)
            and not is_qualifier(self.segments, i)
        )

    @property
    def kinds_of_one_class(self) -> OneClass | None:
        """Two things of one class of which one became the other: "oaks replaced by beeches"."""
        return self._transitions.kinds_of_one_class

    @property
    def moves(self) -> bool:
        """Whether a word says that something changed."""
        if self.contrast is not None:
            return True
        return bool(self.changes or self.events) or any(map(_is_transition, self.segments))

    @property
    def is_negated(self) -> bool:
        """Whether a word such as "not", "nothing" or "hardly" stands anywhere."""
        return any(is_negation(s) or s.text in _ALMOST_NONE for s in self.segments)

    @property
    def negates_result(self) -> bool:
        """Whether a verb that names the class after is negated: "never paved"."""
        tags = {tag for segment in negated(self.segments) for tag in segment.tags}
        return any(tag.startswith("transition:to_") for tag in tags)

    def _is_agent(self, i: int) -> bool:
        """Return whether a word says by whom or for what: "dug by people", "a road for cars"."""
        return i > 0 and self.segments[i - 1].text in ("by", "for")

    def _negates_change(self) -> bool:
        """Return whether things did not disappear or change: "houses that were not torn down"."""
        for segment in negated(self.segments):
            if segment.text in _NO_LONGER:
                return False
            if segment.is_one_of("change:disappeared", "change:plain"):
                return "appeared" not in self.changes
        return False

    def _changes(self) -> frozenset[str]:
        """Return the directions that words outside of places name."""
        found: set[str] = set()
        for i, segment in enumerate(self.segments):
            named = set(KINDS & {tag[7:] for tag in segment.tags if tag.startswith("change:")})
            follows = self.segments[i + 1] if i + 1 < len(self.segments) else None
            if "unchanged" in named and (
                (follows and follows.is_one_of("change:changed")) or self._is_asked_or(i)
            ):
                continue  # "the remaining changes", "still there or pulled down?"
            if "unchanged" in named and negates_standing(self.segments, i):
                named = {"disappeared"}
            if self._rises_on_place(i):
                named |= {"appeared"}
            if is_of_treatment(self.segments, i):
                continue
            if segment.text == "stable" and follows and follows.land_cover:
                named = {"unchanged"}
            if named and (segment.is_one_of("word:relations") or not self._describes_place(i)):
                found |= named
        return frozenset(found)

    def _rises_on_place(self, i: int) -> bool:
        """Return whether "sprouted on" and the like stand before a place that is no class."""
        segment = self.segments[i]
        if not segment.is_one_of("transition:backward") or segment.is_one_of("word:relations"):
            return False
        is_on = segment.text.rsplit(" ", 1)[-1] in _ONTO and " " in segment.text
        return is_on and not any(s.land_cover for s in self.segments[i:])

    def _is_asked_or(self, i: int) -> bool:
        """Return whether "or" and a change follow: "still there or was it pulled down?"."""
        rest = self.segments[i + 1 :]
        joint = next((j for j, s in enumerate(rest) if s.text == "or"), len(rest))
        return any(s.is_one_of("change:disappeared", "change:changed") for s in rest[joint:])

    def _describes_place(self, i: int) -> bool:
        """Return whether a word of change belongs to a place: "near the new road"."""
        for j in range(i + 1, len(self.segments)):
            if self.roles[j]:
                return self.roles[j] == "place" and self._follows_relation(i)
            if not is_inside_noun_phrase(self.segments[j]):
                return False
        return False

    def _follows_relation(self, i: int) -> bool:
        for segment in reversed(self.segments[:i]):
            if segment.is_one_of("word:relations"):
                return True
            if not is_inside_noun_phrase(segment):
                return False
        return False

    def _by_construction(self) -> tuple[Classes, Classes] | None:
        found = self.construction
        return None if found is None else (found.before, found.after)

    def _by_class_verb(self) -> tuple[Classes, Classes] | None:
        """Return the classes of "the yard was paved", whose verb names the class after."""
        classes = frozenset(noun.land_cover for noun in self._transitions.nouns("thing"))
        names_ground = any(segment.text in _GROUND for segment in self.segments)
        if len(classes) > 1 or not (classes or names_ground):
            return None
        verbs: list[str] = []
        lost = [s.text for s in self.segments].count("no longer")
        parts = enumerate(self.segments)
        for segment in (s for i, s in parts if not lies_under(self.segments, self.roles, i)):
            if is_negation(segment):
                return None
            tags = sorted(tag for tag in segment.tags if tag.startswith("transition:to_"))
            verbs += [tag.removeprefix("transition:to_") for tag in tags]
        if classes == {"road"} and "road" in verbs and self._names_unpaved_road():
            return frozenset({"bare"}), classes
        excluded = (("road", "building"), ("bare", "road"))
        found = [v for v in verbs if v not in classes and (v, *classes) not in excluded]
        if lost and found and not classes:
            return frozenset({found[0]}), _NONE  # "land that is no longer built on"
        if len(found) == 2 and not classes:
            # "Areas under concrete that were under crops".
            return frozenset({found[1]}), frozenset({found[0]})
        return (classes, frozenset({found[0]})) if found else None

    def _names_unpaved_road(self) -> bool:
        parts = zip(self.segments, self.roles, strict=True)
        return any(role != "place" and _UNPAVED.match(s.text) for s, role in parts)

    def _half_transition(self) -> tuple[Classes, Classes] | None:
        """Return the classes of "what became of the fields?", which names one date only."""
        classes = frozenset(noun.land_cover for noun in self._transitions.nouns("thing"))
        text = " ".join(s.text for s in self.segments)
        if not classes and "what kind of land" in text:
            classes = (self._by_class_verb() or (_NONE, _NONE))[1]
        if len(classes) != 1:
            return None
        date = open_date(text)
        if date == "after":
            return classes, _NONE
        return (_NONE, classes) if date == "before" else None

    def _by_contrast(self) -> tuple[Classes, Classes] | None:
        """Return the classes of the things that are there at one of the dates."""
        if self.contrast is None or self.dates is not None:
            return self.dates
        classes = frozenset(noun.land_cover for noun in self._transitions.nouns("thing"))
        before = _NONE if self.contrast.direction == "appeared" else classes
        after = _NONE if self.contrast.direction == "disappeared" else classes
        return before, after

    def _one_way(self) -> tuple[Classes, Classes]:
        """Return the classes of things that appeared, disappeared or changed in any way."""
        classes = frozenset(noun.land_cover for noun in self._transitions.nouns("thing"))
        direction = self._direction_of_words()
        if "unchanged" in self.changes or self._negates_change():
            return classes, classes
        for name, way in self.events:
            if not classes or (classes == {name} and direction == "any"):
                classes = frozenset({name})
                direction = "appeared" if way == "appeared" else "disappeared"
        if direction == "appeared":
            return _NONE, classes
        if _WENT.search(" ".join(s.text for s in self.segments)):
            return classes, _NONE
        return (classes, _NONE) if direction == "disappeared" else (classes, classes)

    def _direction_of_words(self) -> Direction:
        is_open = self.kinds_of_one_class and not self.changes  # "orchards extended over heath"
        by_date = "" if is_open else direction_of(self.text_without_changes)
        if by_date in ("appeared", "disappeared"):
            return "appeared" if by_date == "appeared" else "disappeared"
        named = self.changes & {"appeared", "disappeared"}
        if named and self._restores_class(frozenset({"bare"})):
            return "appeared"  # "the soil was stripped"
        if len(named) == 2 and not self._are_alternatives():
            first = next(s for s in self.segments if s.is_one_of(*(f"change:{n}" for n in named)))
            named = frozenset({"appeared" if first.is_one_of("change:appeared") else "disappeared"})
        if not named and self._restores_class():
            return "appeared"
        if len(named) != 1:
            return "any"
        return "appeared" if "appeared" in named else "disappeared"

    def _restores_class(self, among: Classes = frozenset(LAND_COVER)) -> bool:
        """Return whether a verb names the class of the only thing: "mangroves were replanted"."""
        classes = {noun.land_cover for noun in self._transitions.nouns("thing")}
        tags = {tag for segment in self.segments for tag in segment.tags}
        names = {tag.removeprefix("transition:to_") for tag in tags if "transition:to_" in tag}
        is_one = len(classes) == 1 and classes <= among
        return not self.is_negated and is_one and names == classes

    def _are_alternatives(self) -> bool:
        """Return whether "and" or "or" joins two directions: "added or removed"."""
        marks = [_way(segment) for segment in self.segments]
        for i, segment in enumerate(self.segments):
            if segment.text not in JOINERS:
                continue
            following = next((way for way in marks[i + 1 : i + 5] if way), "")
            if {marks[i - 1], following} == {"appeared", "disappeared"}:
                return True
        return False


def _without_request_as_thing(segments: list[Segment]) -> list[Segment]:
    """Take the first word as a request where it may be one: "flag all new houses"."""
    first = segments[:1]
    if first and first[0].is_one_of("word:requests"):
        first = [Segment(first[0].text, first[0].tags - {"outside:things"})]
    return [*first, *segments[1:]]


def _way(segment: Segment) -> str:
    """Return "appeared", "disappeared", "thing" for a class noun, or an empty text."""
    for way in ("appeared", "disappeared"):
        if segment.is_one_of(f"change:{way}"):
            return way
    return "thing" if segment.land_cover else ""


def _is_transition(segment: Segment) -> bool:
    return any(
        tag.startswith("transition:") and tag not in ("transition:backward", "transition:verb")
        for tag in segment.tags
    )
