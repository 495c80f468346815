"""Sentence writers: draw words from a vocabulary and put them together for a question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from mtrs_geo.class_codes import CAR, class_of_code
from mtrs_geo.data.datasets.classes import ClassPair
from mtrs_geo.data.sentences.attributes import ATTRIBUTES
from mtrs_geo.data.sentences.expression import Expression
from mtrs_geo.data.sentences.instances import Instance, instances_of
from mtrs_geo.data.sentences.question import Question, answer_mask, class_question
from mtrs_geo.data.sentences.templates import NounPhrase, fill_noun
from mtrs_geo.data.sentences.wording import ClassWording, Noun
from mtrs_geo.types import BoolArray, ChangeKind, LandCoverClass, UInt8Array

__all__ = ["Answer", "PairSentenceWriter", "SentenceWriter", "as_expression"]

_T = TypeVar("_T")
_REQUEST = re.compile(
    r"\?|^(show|find|mark|outline|highlight|segment|please|kindly|where|which|what|detect|identify|"
    r"delineate|map|list|give|tell|get|i|i'd|we|let|could|can|would|have|has|did|do|does|is|are)\b"
)


@dataclass(frozen=True)
class Answer:
    """A question and its answer on one pair."""

    question: Question
    mask: BoolArray
    instances: tuple[Instance, ...] | None
    """None if the mask has a component that is too small for an instance."""


class SentenceWriter:
    """Draws words and templates from one vocabulary.

    Args:
        wording: the vocabulary.
        rng: source of every random draw.
    """

    def __init__(self, wording: ClassWording, rng: np.random.Generator) -> None:
        self.wording, self.rng = wording, rng

    def pick(self, choices: Sequence[_T]) -> _T:
        """Draw one of the choices."""
        return choices[int(self.rng.integers(len(choices)))]

    def template(
        self, question: Question, class_name: LandCoverClass, *, is_embedded: bool = False
    ) -> str:
        """Draw a template for a question about one class.

        Args:
            question: kind of change.
            class_name: the class.
            is_embedded: the text becomes part of a longer sentence, so no question or request.
        """
        if question.kind == "state":
            choices = self.wording.state
        else:
            words = self.wording
            by_class = words.appear if question.kind == "appear" else words.disappear
            choices = by_class.get(class_name, by_class["any"])
        while True:
            template = self.pick(choices)
            if not (is_embedded and _REQUEST.search(template)):
                return template


class PairSentenceWriter(SentenceWriter):
    """Answers questions about one pair of class maps and writes their sentences.

    Args:
        pair: two dates with class maps.
        wording: the vocabulary.
        rng: source of every random draw.
    """

    def __init__(self, pair: ClassPair, wording: ClassWording, rng: np.random.Generator) -> None:
        super().__init__(wording, rng)
        self.pair = pair

    def changed_classes(self, kind: ChangeKind) -> list[LandCoverClass]:
        """Return the classes that appear, disappear or, for state, do either."""
        found: set[LandCoverClass] = set()
        for transition in self.pair.transitions:
            # A car does not change the class of the ground below it.
            codes = (CAR,) if CAR in transition else transition
            for date, kinds in ((0, ("disappear", "state")), (1, ("appear", "state"))):
                name = class_of_code(transition[date])
                if kind in kinds and transition[date] in codes and name is not None:
                    found.add(name)
        return sorted(found)

    def answer(self, question: Question) -> Answer | None:
        """Answer a question, or return None if the maps leave it open."""
        mask = answer_mask(self.pair, question)
        if mask is None:
            return None
        image, classes = self._date_of_head_noun(question.kind)
        instances = instances_of(mask, image, classes, self.pair.gsd_m)
        return Answer(question, mask, None if instances is None else tuple(instances))

    def answer_one_class(self) -> Answer | None:
        """Answer a question about a class that appears or disappears in the pair."""
        kinds: list[ChangeKind] = ["appear", "disappear"]
        options = [(kind, name) for kind in kinds for name in self.changed_classes(kind)]
        if not options:
            return None
        return self.answer(class_question(*self.pick(options)))

    def with_date_of(self, answer: Answer, kind: ChangeKind) -> Answer:
        """Return the answer with its instances at the date of the head noun of ``kind``."""
        if answer.instances is None:
            return answer
        image, classes = self._date_of_head_noun(kind)
        instances = tuple(replace(i, image=image, classes=classes) for i in answer.instances)
        return replace(answer, instances=instances)

    def noun(
        self, class_name: LandCoverClass, instances: tuple[Instance, ...] | None
    ) -> Noun | None:
        """Draw a noun whose attribute every instance has."""
        nouns = [
            noun
            for noun in self.wording.nouns
            if noun.class_name == class_name and _all_have(noun.attribute, instances)
        ]
        return self.pick(nouns) if nouns else None

    def noun_phrase(self, answer: Answer, class_name: LandCoverClass) -> NounPhrase | None:
        """Draw a noun for a class; a single instance may be named in the singular."""
        noun = self.noun(class_name, answer.instances)
        if noun is None:
            return None
        is_single = answer.instances is not None and len(answer.instances) == 1
        return NounPhrase(noun, is_single and not noun.is_mass and self.rng.random() < 0.4)

    def write(self, answer: Answer, task: str, *, is_embedded: bool = False) -> Expression | None:
        """Write a sentence about one class; ``is_embedded`` as in `template`."""
        (class_name,) = answer.question.named_classes
        phrase = self.noun_phrase(answer, class_name)
        if phrase is None:
            return None
        template = self.template(answer.question, class_name, is_embedded=is_embedded)
        return as_expression(fill_noun(template, phrase), answer.mask, answer.question, task)

    def qualifiers(
        self, class_name: LandCoverClass, instances: tuple[Instance, ...]
    ) -> list[tuple[NounPhrase, list[Instance]]]:
        """Return noun phrases for some of the instances, each with its instances.

        No instance is a borderline case of any of them.
        """
        nouns = [n for n in self.wording.nouns if n.class_name == class_name]
        plain = [n for n in nouns if not n.attribute]
        options = [(NounPhrase(n, is_one=False), n.attribute) for n in nouns]
        options += [
            (NounPhrase(self.pick(plain), is_one=False, adjective=a.word), a.attribute)
            for a in self.wording.adjectives
            if class_name in a.classes and plain
        ]
        found = []
        for phrase, attribute in options:
            selected = _instances_with(attribute, instances) if attribute else None
            if selected and (len(selected) < len(instances) or phrase.adjective):
                found.append((phrase, selected))
        return found

    def _date_of_head_noun(self, kind: ChangeKind) -> tuple[UInt8Array, UInt8Array]:
        """Return image and class map of the earlier date for disappear, else of the later date."""
        pair = self.pair
        if kind == "disappear":
            return pair.before, pair.before_class
        return pair.after, pair.after_class


def as_expression(text: str, mask: BoolArray, question: Question, task: str) -> Expression:
    """Return an expression with the kind and the classes of a question."""
    return Expression(
        text,
        mask,
        question.kind,
        task,
        from_classes=question.before,
        to_classes=question.after,
    )


def _instances_with(attribute: str, instances: Sequence[Instance]) -> list[Instance] | None:
    """Return the instances that have an attribute, or None if one is a borderline case."""
    results = [ATTRIBUTES[attribute](instance) for instance in instances]
    if None in results:
        return None
    return [i for i, has_attribute in zip(instances, results, strict=True) if has_attribute]


def _all_have(attribute: str, instances: tuple[Instance, ...] | None) -> bool:
    if not attribute:
        return True
    return bool(instances) and all(ATTRIBUTES[attribute](i) is True for i in instances or ())
