"""Sentences about a pair of land-cover maps, with exact masks and exact intents.

Each task draws a question, computes its answer, selects instances of the answer if the task needs
it, and writes the sentence.  A borderline case, or a question that the maps leave open, gives no
sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias, cast, get_args

import numpy as np

from mtrs_geo.class_codes import CODES, class_of_code
from mtrs_geo.data.datasets.classes import ClassPair
from mtrs_geo.data.sentences.expression import Expression
from mtrs_geo.data.sentences.question import Question, class_question
from mtrs_geo.data.sentences.select import (
    extreme_instance,
    instances_in_place,
    split_by_distance,
    union,
)
from mtrs_geo.data.sentences.sentence_writer import Answer, PairSentenceWriter, as_expression
from mtrs_geo.data.sentences.templates import NounPhrase, fill, fill_noun, with_article
from mtrs_geo.data.sentences.wording import ClassWording, Noun
from mtrs_geo.types import Cell, ChangeKind, LandCoverClass, Place

__all__ = ["CLASS_TASKS", "NUMBERS", "ClassTask", "with_place", "write_class_expression"]

ClassTask: TypeAlias = Literal[
    "appear",
    "disappear",
    "state",
    "become",
    "any",
    "position",
    "cell",
    "extreme",
    "count",
    "relation",
    "attribute",
    "except",
    "wrong_direction",
    "wrong_class",
    "absent",
]

CLASS_TASKS: tuple[ClassTask, ...] = get_args(ClassTask)
"""All tasks."""

_CLASSES: tuple[LandCoverClass, ...] = tuple(CODES)
_KINDS: tuple[ChangeKind, ...] = ("appear", "disappear", "appear", "disappear", "state")
NUMBERS = ("two", "three", "four", "five", "six")
"""Numbers in sentences that count instances."""
_HALF: dict[Cell, Place] = {
    "upper middle": "top",
    "lower middle": "bottom",
    "middle left": "left",
    "middle right": "right",
}


class _TaskWriter(PairSentenceWriter):
    """One method per task; each returns None if the pair has no such sentence."""

    def direction(self, kind: ChangeKind) -> Expression | None:
        """Write about a class that appears, disappears, or does either."""
        classes = self.changed_classes(kind)
        if not classes:
            return None
        answer = self.answer(class_question(kind, self.pick(classes)))
        return self.write(answer, kind) if answer else None

    def become(self) -> Expression | None:
        """Write about a class that became another class."""
        names = {(class_of_code(a), class_of_code(b)) for a, b in self.pair.transitions}
        transitions = sorted((a, b) for a, b in names if a and b and "car" not in (a, b))
        if not transitions:
            return None
        return self.transition(*self.pick(transitions), "become")

    def transition(
        self, before: LandCoverClass, after: LandCoverClass, task: str
    ) -> Expression | None:
        """Write "a that turned into b", or "b that replaced a"."""
        is_earlier_head = bool(self.rng.random() < 0.6)
        kind: ChangeKind = "disappear" if is_earlier_head else "appear"
        answer = self.answer(Question(kind, frozenset({before}), frozenset({after})))
        if answer is None:
            return None
        earlier = self.noun_phrase(self.with_date_of(answer, "disappear"), before)
        later = self.noun_phrase(self.with_date_of(answer, "appear"), after)
        if earlier is None or later is None:
            return None
        if is_earlier_head:
            template, head = self.pick(self.wording.became), replace(earlier, is_one=False)
            text = fill(template, head, b=with_article(later))
        else:
            template, head = self.pick(self.wording.replaced), replace(later, is_one=False)
            text = fill(template, head, a=earlier.noun.plural_or_mass)
        return as_expression(text, answer.mask, answer.question, task)

    def any_change(self) -> Expression | None:
        """Write about any change."""
        text = self.pick(self.wording.everything)
        return as_expression(text, self.pair.changed.copy(), Question("any"), "any")

    def position(self) -> Expression | None:
        """Write about instances in a half, a quarter or the centre."""
        return self.in_place(list(self.wording.places), self.wording.places, "position")

    def cell(self) -> Expression | None:
        """Write about instances in a ninth between two corners."""
        return self.in_place(list(self.wording.cells), self.wording.cells, "cell")

    def in_place(
        self, places: Sequence[Place | Cell], words: object, task: str
    ) -> Expression | None:
        """Write about instances in one of the places."""
        answer = self.answer_one_class()
        if answer is None or not answer.instances:
            return None
        inside = {place: instances_in_place(answer.instances, place) for place in places}
        clear = [place for place in places if inside[place] is not None]
        filled = [place for place in clear if inside[place]]
        # Mostly a place with an instance; otherwise nearly all masks are empty.
        is_filled = self.rng.random() < 0.85
        options = filled if is_filled else clear
        expression = self.write(answer, task, is_embedded=True)
        if expression is None or not options:
            return None
        place = self.pick(options)
        word = self.pick(words[place])  # type: ignore[index]
        text = self.pick(self.wording.place).format(x=expression.text, p=word)
        mask = union(inside[place] or (), answer.mask.shape)
        return with_place(replace(expression, text=text, mask=mask), place)

    def extreme(self) -> Expression | None:
        """Write about the largest, smallest, northernmost and so on of several instances."""
        answer = self.answer_one_class()
        if answer is None or answer.instances is None:
            return None
        which = self.pick(list(self.wording.extremes))
        instance = extreme_instance(answer.instances, which)
        expression = self.write(answer, "extreme", is_embedded=True)
        if instance is None or expression is None:
            return None
        text = self.pick(self.wording.extremes[which]).format(x=expression.text)
        return replace(expression, text=text, mask=union([instance], answer.mask.shape))

    def count(self) -> Expression | None:
        """Write about a number of instances."""
        answer = self.answer_one_class()
        if answer is None or not answer.instances or not 2 <= len(answer.instances) <= 6:
            return None
        (class_name,) = answer.question.named_classes
        noun = self.noun(class_name, answer.instances)
        if noun is None or noun.is_mass:
            return None
        is_new = answer.question.kind == "appear"
        templates = self.wording.counted_new if is_new else self.wording.counted_gone
        number = NUMBERS[len(answer.instances) - 2]
        text = fill(self.pick(templates), NounPhrase(noun, is_one=False), k=number)
        return as_expression(text, answer.mask, answer.question, "count")

    def relation(self) -> Expression | None:
        """Write about instances near, or far from, an unchanged class."""
        answer = self.answer_one_class()
        if answer is None or not answer.instances:
            return None
        words = self.wording.references
        reference = self.pick(sorted(set(words.nouns) - answer.question.named_classes))
        split = split_by_distance(self.pair, answer.instances, reference)
        expression = self.write(answer, "relation", is_embedded=True)
        if split is None or expression is None:
            return None
        is_near = bool(split[0]) if self.rng.random() < 0.85 else not split[0]
        if split[0] and split[1]:
            is_near = bool(self.rng.random() < 0.6)
        template = self.pick(words.near if is_near else words.far)
        text = template.format(x=expression.text, r=self.pick(words.nouns[reference]))
        return replace(expression, text=text, mask=union(split[not is_near], answer.mask.shape))

    def attribute(self) -> Expression | None:
        """Write about the instances that have a size, shape, colour, direction or kind."""
        answer = self.answer_one_class()
        if answer is None or not answer.instances:
            return None
        (class_name,) = answer.question.named_classes
        options = self.qualifiers(class_name, answer.instances)
        if not options:
            return None
        phrase, selected = self.pick(options)
        if len(selected) == 1:
            phrase = replace(phrase, is_one=not phrase.noun.is_mass and self.rng.random() < 0.5)
        text = fill_noun(self.template(answer.question, class_name), phrase)
        mask = union(selected, answer.mask.shape)
        return as_expression(text, mask, answer.question, "attribute")

    def exclusion(self) -> Expression | None:
        """Write about all except a class, or all except a place."""
        if self.rng.random() < 0.5:
            return self.all_except_class()
        answer = self.answer_one_class()
        if answer is None or not answer.instances:
            return None
        place = self.pick(list(self.wording.places))
        inside = instances_in_place(answer.instances, place)
        expression = self.write(answer, "except", is_embedded=True)
        if inside is None or expression is None:
            return None
        word = self.pick(self.wording.places[place])
        text = self.pick(self.wording.except_place).format(x=expression.text, p=word)
        mask = answer.mask & ~union(inside, answer.mask.shape)
        return replace(expression, text=text, mask=mask)

    def all_except_class(self) -> Expression | None:
        """Write about every change that does not involve a class."""
        classes = self.changed_classes("state")
        if not classes:
            return None
        class_name = self.pick(classes)
        others = frozenset(_CLASSES) - {class_name}
        answer = self.answer(Question("any", others, others))
        noun = self.noun(class_name, None)
        if answer is None or noun is None:
            return None
        text = fill(self.pick(self.wording.except_class), NounPhrase(noun, is_one=False))
        return as_expression(text, answer.mask, answer.question, "except")

    def wrong_direction(self) -> Expression | None:
        """Write about a change in the opposite direction of the real one; the mask is empty."""
        if self.rng.random() < 0.3:
            return self.reversed_transition()
        kind: ChangeKind = "appear" if self.rng.random() < 0.5 else "disappear"
        other: ChangeKind = "disappear" if kind == "appear" else "appear"
        classes = sorted(set(self.changed_classes(other)) - set(self.changed_classes(kind)))
        if not classes:
            return None
        answer = self.answer(class_question(kind, self.pick(classes)))
        return self.write_if_empty(answer, "wrong_direction")

    def reversed_transition(self) -> Expression | None:
        """Write that the later class turned into the earlier one."""
        before, after = self.changed_classes("disappear"), self.changed_classes("appear")
        swaps = [(b, a) for a in before for b in after if a != b and "car" not in (a, b)]
        if not swaps:
            return None
        expression = self.transition(*self.pick(swaps), "wrong_direction")
        return expression if expression is not None and not expression.mask.any() else None

    def wrong_class(self) -> Expression | None:
        """Write about a class that no change involves; the mask is empty."""
        classes = sorted(set(_CLASSES) - set(self.changed_classes("state")))
        if not classes:
            return None
        kind = self.pick(_KINDS)
        answer = self.answer(class_question(kind, self.pick(classes)))
        return self.write_if_empty(answer, "wrong_class")

    def absent(self) -> Expression | None:
        """Write about an object of no class; the mask is empty."""
        word = self.pick(self.wording.absent)
        kind: ChangeKind = self.pick(("appear", "disappear"))
        question = class_question(kind, "nothing")
        phrase = NounPhrase(Noun("nothing", word, f"{word}s"), is_one=False)
        text = fill_noun(self.template(question, "any"), phrase)
        return as_expression(text, np.zeros(self.pair.changed.shape, np.bool_), question, "absent")

    def write_if_empty(self, answer: Answer | None, task: str) -> Expression | None:
        """Write a sentence about one class, or return None if its mask is not empty."""
        if answer is None or answer.mask.any():
            return None
        return self.write(answer, task)


def write_class_expression(
    pair: ClassPair, task: ClassTask, wording: ClassWording, rng: np.random.Generator
) -> Expression | None:
    """Write one sentence about a pair.

    Args:
        pair: two dates with class maps.
        task: kind of sentence.
        wording: the vocabulary.
        rng: source of every random draw.

    Returns:
        None if this draw gives no such sentence.
    """
    writer = _TaskWriter(pair, wording, rng)
    writers: dict[ClassTask, Callable[[], Expression | None]] = {
        "appear": lambda: writer.direction("appear"),
        "disappear": lambda: writer.direction("disappear"),
        "state": lambda: writer.direction("state"),
        "become": writer.become,
        "any": writer.any_change,
        "position": writer.position,
        "cell": writer.cell,
        "extreme": writer.extreme,
        "count": writer.count,
        "relation": writer.relation,
        "attribute": writer.attribute,
        "except": writer.exclusion,
        "wrong_direction": writer.wrong_direction,
        "wrong_class": writer.wrong_class,
        "absent": writer.absent,
    }
    return writers[task]()


def with_place(expression: Expression, place: Place | Cell) -> Expression:
    """Return the expression with the place that its text names."""
    for cell, half in _HALF.items():
        if place == cell:
            return replace(expression, place=half, cell=cell)
    return replace(expression, place=cast("Place", place))
