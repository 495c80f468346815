"""What can be said of a pair: questions with their answers, and the words for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from mtrs_geo.class_codes import CAR, class_of_code
from mtrs_geo.data.datasets.classes import ClassPair
from mtrs_geo.data.sentences.attributes import RULES
from mtrs_geo.data.sentences.buildings import Expression
from mtrs_geo.data.sentences.instances import Instance, instances_of
from mtrs_geo.data.sentences.question import ANY, Question, answer
from mtrs_geo.data.sentences.templates import Named, fill
from mtrs_geo.data.sentences.wording import ClassWording, Noun
from mtrs_geo.types import BoolArray, ChangeKind, LandCoverClass, UInt8Array

__all__ = ["Author", "Draft", "Wordsmith", "about", "as_expression", "say_plainly"]

_T = TypeVar("_T")
_REQUEST = re.compile(
    r"\?|^(show|find|mark|outline|highlight|segment|please|kindly|where|which|what|detect|identify|"
    r"delineate|map|list|give|tell|get|i|i'd|we|let|could|can|would|have|has|did|do|does|is|are)\b"
)


@dataclass(frozen=True)
class Draft:
    """A question with its answer, not yet worded."""

    question: Question
    mask: BoolArray
    things: tuple[Instance, ...] | None
    """None where the mask holds crumbs."""


class Wordsmith:
    """Draws words of one vocabulary."""

    def __init__(self, wording: ClassWording, rng: np.random.Generator) -> None:
        self.wording, self.rng = wording, rng

    def pick(self, choices: Sequence[_T]) -> _T:
        """Draw one."""
        return choices[int(self.rng.integers(len(choices)))]

    def template(self, question: Question, land: LandCoverClass, *, is_inner: bool = False) -> str:
        """Draw a template for a question about one class.

        Args:
            question: what is asked.
            land: the class.
            is_inner: more words will follow: no question and no request.
        """
        if question.kind == "state":
            choices = self.wording.state
        else:
            words = self.wording
            by_class = words.appear if question.kind == "appear" else words.disappear
            choices = by_class.get(land, by_class["any"])
        while True:
            chosen = self.pick(choices)
            if not (is_inner and _REQUEST.search(chosen)):
                return chosen


class Author(Wordsmith):
    """Writes about one pair with one vocabulary."""

    def __init__(self, pair: ClassPair, wording: ClassWording, rng: np.random.Generator) -> None:
        super().__init__(wording, rng)
        self.pair = pair

    # What can be asked

    def present(self, kind: ChangeKind) -> list[LandCoverClass]:
        """Return the classes that appear, disappear or, for state, do either."""
        found: set[LandCoverClass] = set()
        for transition in self.pair.transitions:
            # Ground that a car leaves is no change of the ground.
            shown = (CAR,) if CAR in transition else transition
            for date, kinds in ((0, ("disappear", "state")), (1, ("appear", "state"))):
                name = class_of_code(transition[date])
                if kind in kinds and transition[date] in shown and name is not None:
                    found.add(name)
        return sorted(found)

    def draft(self, question: Question) -> Draft | None:
        """Answer a question, or return None where the maps cannot."""
        mask = answer(self.pair, question)
        if mask is None:
            return None
        image, classes = self.seen(question.kind)
        things = instances_of(mask, image, classes, self.pair.gsd_m)
        return Draft(question, mask, None if things is None else tuple(things))

    def seen(self, kind: ChangeKind) -> tuple[UInt8Array, UInt8Array]:
        """Return image and map of the date at which the head noun is seen."""
        pair = self.pair
        if kind == "disappear":
            return pair.before, pair.before_class
        return pair.after, pair.after_class

    def one_class(self) -> Draft | None:
        """Ask for a class that does appear or disappear."""
        kinds: list[ChangeKind] = ["appear", "disappear"]
        options = [(kind, name) for kind in kinds for name in self.present(kind)]
        if not options:
            return None
        return self.draft(about(*self.pick(options)))

    # Words

    def noun(self, land: LandCoverClass, things: tuple[Instance, ...] | None) -> Noun | None:
        """Draw a word that every instance deserves."""
        fits = [
            noun
            for noun in self.wording.nouns
            if noun.land == land and _all_deserve(noun.rule, things)
        ]
        return self.pick(fits) if fits else None

    def named(self, draft: Draft, land: LandCoverClass) -> Named | None:
        """Name a class: in the singular at times where there is one thing."""
        noun = self.noun(land, draft.things)
        if noun is None:
            return None
        is_single = draft.things is not None and len(draft.things) == 1
        return Named(noun, is_single and not noun.is_mass and self.rng.random() < 0.4)

    def worded(self, draft: Draft, task: str, *, is_inner: bool = False) -> Expression | None:
        """Word a question about one class; ``is_inner`` as in `template`."""
        (land,) = draft.question.named
        named = self.named(draft, land)
        if named is None:
            return None
        text = say_plainly(self.template(draft.question, land, is_inner=is_inner), named)
        return as_expression(text, draft.mask, draft.question, task)

    def draft_seen(self, draft: Draft, kind: ChangeKind) -> Draft:
        """Return the draft with its instances seen at the other date."""
        if draft.things is None:
            return draft
        image, classes = self.seen(kind)
        things = tuple(replace(t, image=image, classes=classes) for t in draft.things)
        return replace(draft, things=things)

    def qualifiers(
        self, land: LandCoverClass, things: tuple[Instance, ...]
    ) -> list[tuple[Named, list[Instance]]]:
        """Return names that some of the things deserve and the others clearly do not."""
        plain = [n for n in self.wording.nouns if n.land == land and not n.rule]
        names = [(Named(n, is_one=False), n.rule) for n in self.wording.nouns if n.land == land]
        names += [
            (Named(self.pick(plain), is_one=False, adjective=a.word), a.rule)
            for a in self.wording.adjectives
            if land in a.lands and plain
        ]
        found = []
        for named, rule in names:
            chosen = _deserving(rule, things) if rule else None
            if chosen and (len(chosen) < len(things) or named.adjective):
                found.append((named, chosen))
        return found


def about(kind: ChangeKind, land: LandCoverClass) -> Question:
    """Return the question for a class that appears, disappears or does either."""
    named = frozenset[LandCoverClass]({land})
    return Question(kind, ANY if kind == "appear" else named, ANY if kind == "disappear" else named)


def say_plainly(template: str, named: Named) -> str:
    """Fill a template whose {n} is named."""
    # The building vocabulary has singular frames: "every new {n}".
    is_each = any(f"{word} " in template for word in ("every", "each"))
    # Without an article one thing reads badly.
    is_one = (named.is_one and "the {n}" in template) or is_each
    named = replace(named, is_one=is_one and not named.noun.is_mass)
    return fill(template, named)


def as_expression(text: str, mask: BoolArray, question: Question, task: str) -> Expression:
    """Return a sentence that reads as its question."""
    return Expression(
        text,
        mask,
        question.kind,
        task,
        from_classes=question.before,
        to_classes=question.after,
    )


def _deserving(rule: str, things: Sequence[Instance]) -> list[Instance] | None:
    """Return the instances that deserve a word, or None where one is in doubt."""
    answers = [RULES[rule](thing) for thing in things]
    if None in answers:
        return None
    return [thing for thing, yes in zip(things, answers, strict=True) if yes]


def _all_deserve(rule: str, things: tuple[Instance, ...] | None) -> bool:
    if not rule:
        return True
    return bool(things) and all(RULES[rule](thing) is True for thing in things or ())
