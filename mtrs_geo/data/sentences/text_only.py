"""Text-only sentences about land-cover classes: they train the intent head without images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from mtrs_geo.class_codes import CODES
from mtrs_geo.data.sentences.expression import Expression
from mtrs_geo.data.sentences.land_cover import NUMBERS, with_place
from mtrs_geo.data.sentences.question import Question, class_question
from mtrs_geo.data.sentences.sentence_writer import SentenceWriter, as_expression
from mtrs_geo.data.sentences.templates import NounPhrase, fill, fill_noun, with_article
from mtrs_geo.data.sentences.wording import ClassWording, Noun
from mtrs_geo.types import BoolArray, ChangeKind, LandCoverClass

__all__ = ["write_class_text"]

_CLASSES: tuple[LandCoverClass, ...] = tuple(CODES)
_KINDS: tuple[ChangeKind, ...] = ("appear", "disappear", "state")
_IN_PLACE, _EXCEPT_PLACE, _EXTREME, _RELATION = 0.35, 0.06, 0.10, 0.08
"""Shares of the sentences about one class that add a place, an excluded place, an extreme or a
relation as a detail."""
_HYPONYMS = 0.6
"""Share of the nouns that are hyponyms, if a vocabulary has them."""
_TASK = "text_only"


def write_class_text(wording: ClassWording, rng: np.random.Generator) -> Expression:
    """Write a sentence without an image; its mask is (1, 1) and empty, its intent exact.

    Args:
        wording: the vocabulary.
        rng: source of every random draw.
    """
    writer = _TextOnlyWriter(wording, rng)
    probabilities: Mapping[Callable[[], Expression], float] = {
        writer.one_class: 0.46,
        writer.transition: 0.31,
        writer.count: 0.04,
        writer.any_change: 0.04,
        writer.all_except_class: 0.06,
        writer.absent: 0.09,
    }
    methods = list(probabilities)
    return methods[rng.choice(len(methods), p=list(probabilities.values()))]()


class _TextOnlyWriter(SentenceWriter):
    def one_class(self) -> Expression:
        """Write about a class that appears, disappears or changes, with or without a detail."""
        kind = _KINDS[self.rng.choice(len(_KINDS), p=(0.44, 0.44, 0.12))]
        class_name = self.pick(_CLASSES)
        question = class_question(kind, class_name)
        draw = self.rng.random()
        is_embedded = draw < _IN_PLACE + _EXCEPT_PLACE + _EXTREME + _RELATION
        template = self.template(question, class_name, is_embedded=is_embedded)
        text = fill_noun(template, self._noun_phrase(class_name))
        expression = as_expression(text, _NO_MASK, question, _TASK)
        if draw < _IN_PLACE:
            return self._in_place(expression)
        if draw < _IN_PLACE + _EXCEPT_PLACE:
            return self._except_place(expression)
        if draw < _IN_PLACE + _EXCEPT_PLACE + _EXTREME:
            templates = self.wording.extremes[self.pick(list(self.wording.extremes))]
            return replace(expression, text=self.pick(templates).format(x=text))
        return self._related(expression) if is_embedded else expression

    def transition(self) -> Expression:
        """Write about one class that became another."""
        before = self.pick(_CLASSES)
        after = self.pick([name for name in _CLASSES if name != before])
        earlier, later = self._noun_phrase(before), self._noun_phrase(after)
        is_earlier_head = bool(self.rng.random() < 0.6)
        kind: ChangeKind = "disappear" if is_earlier_head else "appear"
        if is_earlier_head:
            template, head = self.pick(self.wording.became), replace(earlier, is_one=False)
            text = fill(template, head, b=with_article(later))
        else:
            template, head = self.pick(self.wording.replaced), replace(later, is_one=False)
            text = fill(template, head, a=earlier.noun.plural_or_mass)
        question = Question(kind, frozenset({before}), frozenset({after}))
        return as_expression(text, _NO_MASK, question, _TASK)

    def count(self) -> Expression:
        """Write about a number of objects that appeared or disappeared."""
        is_new = self.rng.random() < 0.5
        nouns = [noun for noun in (self._noun(name) for name in _CLASSES) if not noun.is_mass]
        noun = self.pick(nouns or [n for n in self.wording.nouns if not n.is_mass])
        templates = self.wording.counted_new if is_new else self.wording.counted_gone
        text = fill(self.pick(templates), NounPhrase(noun, is_one=False), k=self.pick(NUMBERS))
        question = class_question("appear" if is_new else "disappear", noun.class_name)
        return as_expression(text, _NO_MASK, question, _TASK)

    def any_change(self) -> Expression:
        """Write about any change."""
        return as_expression(self.pick(self.wording.everything), _NO_MASK, Question("any"), _TASK)

    def all_except_class(self) -> Expression:
        """Write about any change except that of one class."""
        class_name = self.pick(_CLASSES)
        others = frozenset(_CLASSES) - {class_name}
        phrase = NounPhrase(self._noun(class_name), is_one=False)
        text = fill(self.pick(self.wording.except_class), phrase)
        return as_expression(text, _NO_MASK, Question("any", others, others), _TASK)

    def absent(self) -> Expression:
        """Write about an object of no class."""
        word = self.pick(self.wording.absent)
        kind: ChangeKind = self.pick(("appear", "disappear"))
        question = class_question(kind, "nothing")
        phrase = NounPhrase(Noun("nothing", word, f"{word}s"), is_one=False)
        text = fill_noun(self.template(question, "any"), phrase)
        return as_expression(text, _NO_MASK, question, _TASK)

    def _in_place(self, expression: Expression) -> Expression:
        options = (*self.wording.places.items(), *self.wording.cells.items())
        place, words = self.pick(options)
        text = self.pick(self.wording.place).format(x=expression.text, p=self.pick(words))
        return with_place(replace(expression, text=text), place)

    def _except_place(self, expression: Expression) -> Expression:
        # The intent has no output for an excluded place; the mask decoder handles it.
        _, words = self.pick(list(self.wording.places.items()))
        template = self.pick(self.wording.except_place)
        return replace(expression, text=template.format(x=expression.text, p=self.pick(words)))

    def _related(self, expression: Expression) -> Expression:
        references = self.wording.references
        template = self.pick(references.near if self.rng.random() < 0.7 else references.far)
        noun = self.pick(references.nouns[self.pick(list(references.nouns))])
        return replace(expression, text=template.format(x=expression.text, r=noun))

    def _noun(self, class_name: LandCoverClass) -> Noun:
        nouns = self.wording.nouns
        if self.wording.hyponyms and self.rng.random() < _HYPONYMS:
            nouns = self.wording.hyponyms
        return self.pick([noun for noun in nouns if noun.class_name == class_name])

    def _noun_phrase(self, class_name: LandCoverClass) -> NounPhrase:
        noun = self._noun(class_name)
        words = [a.word for a in self.wording.adjectives if class_name in a.classes]
        adjective = self.pick(words) if words and self.rng.random() < 0.2 else ""
        is_one = not noun.is_mass and bool(self.rng.random() < 0.2)
        return NounPhrase(noun, is_one, adjective)


_NO_MASK: BoolArray = np.zeros((1, 1), np.bool_)
