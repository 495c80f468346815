"""Sentences about no picture: what they ask for is learnt from words alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from mtrs_geo.class_codes import CODES
from mtrs_geo.data.sentences.author import Wordsmith, about, as_expression, say_plainly
from mtrs_geo.data.sentences.buildings import Expression
from mtrs_geo.data.sentences.land_cover import NUMBERS, at_part
from mtrs_geo.data.sentences.question import Question
from mtrs_geo.data.sentences.templates import Named, fill, with_article
from mtrs_geo.data.sentences.wording import ClassWording, Noun
from mtrs_geo.types import BoolArray, ChangeKind, LandCoverClass

__all__ = ["say_of_classes"]

_NAMED: tuple[LandCoverClass, ...] = tuple(CODES)
_KINDS: tuple[ChangeKind, ...] = ("appear", "disappear", "state")
_PLACED, _ELSEWHERE, _EXTREME, _RELATED = 0.35, 0.06, 0.10, 0.08
"""Shares of sentences about one class that go on with a place, with all but a place, with an
extreme, with a relation."""
_KINDS_OF = 0.6
"""Share of the nouns that mean less than their class, where a vocabulary has such."""


def say_of_classes(wording: ClassWording, rng: np.random.Generator) -> Expression:
    """Make a sentence whose mask (1, 1) is empty and whose reading is exact."""
    speaker = _Speaker(wording, rng)
    shares: Mapping[Callable[[], Expression], float] = {
        speaker.one_class: 0.46,
        speaker.turned: 0.31,
        speaker.counted: 0.04,
        speaker.anything: 0.04,
        speaker.all_but: 0.06,
        speaker.absent: 0.09,
    }
    ways = list(shares)
    return ways[rng.choice(len(ways), p=list(shares.values()))]()


class _Speaker(Wordsmith):
    def one_class(self) -> Expression:
        """A class that appears, disappears or changes, wherever, however."""
        kind = _KINDS[self.rng.choice(len(_KINDS), p=(0.44, 0.44, 0.12))]
        land = self.pick(_NAMED)
        question = about(kind, land)
        more = self.rng.random()
        is_inner = more < _PLACED + _ELSEWHERE + _EXTREME + _RELATED
        template = self.template(question, land, is_inner=is_inner)
        said = as_expression(say_plainly(template, self._name(land)), _NO_MASK, question, "said")
        if more < _PLACED:
            return self._placed(said)
        if more < _PLACED + _ELSEWHERE:
            return self._elsewhere(said)
        if more < _PLACED + _ELSEWHERE + _EXTREME:
            ways = self.wording.extremes[self.pick(list(self.wording.extremes))]
            return replace(said, text=self.pick(ways).format(x=said.text))
        return self._related(said) if is_inner else said

    def turned(self) -> Expression:
        """One class that became another."""
        before = self.pick(_NAMED)
        after = self.pick([land for land in _NAMED if land != before])
        one, two = self._name(before), self._name(after)
        is_from_head = bool(self.rng.random() < 0.6)
        kind: ChangeKind = "disappear" if is_from_head else "appear"
        if is_from_head:
            text = fill(self.pick(self.wording.became), _several(one), b=with_article(two))
        else:
            text = fill(self.pick(self.wording.replaced), _several(two), a=one.noun.many)
        question = Question(kind, frozenset({before}), frozenset({after}))
        return as_expression(text, _NO_MASK, question, "said")

    def counted(self) -> Expression:
        """A number of things that appeared or disappeared."""
        is_new = self.rng.random() < 0.5
        nouns = [noun for noun in (self._noun(land) for land in _NAMED) if not noun.is_mass]
        noun = self.pick(nouns or [n for n in self.wording.nouns if not n.is_mass])
        templates = self.wording.counted_new if is_new else self.wording.counted_gone
        text = fill(self.pick(templates), Named(noun, is_one=False), k=self.pick(NUMBERS))
        question = about("appear" if is_new else "disappear", noun.land)
        return as_expression(text, _NO_MASK, question, "said")

    def anything(self) -> Expression:
        """Any change."""
        return as_expression(self.pick(self.wording.everything), _NO_MASK, Question("any"), "said")

    def all_but(self) -> Expression:
        """Any change but that of one class."""
        land = self.pick(_NAMED)
        others = frozenset(_NAMED) - {land}
        name = Named(self._noun(land), is_one=False)
        text = fill(self.pick(self.wording.except_class), name)
        return as_expression(text, _NO_MASK, Question("any", others, others), "said")

    def absent(self) -> Expression:
        """Something of no class."""
        thing = self.pick(self.wording.absent)
        kind: ChangeKind = self.pick(("appear", "disappear"))
        question = about(kind, "nothing")
        named = Named(Noun("nothing", thing, f"{thing}s"), is_one=False)
        text = say_plainly(self.template(question, "any"), named)
        return as_expression(text, _NO_MASK, question, "said")

    def _placed(self, said: Expression) -> Expression:
        parts = (*self.wording.places.items(), *self.wording.cells.items())
        part, words = self.pick(parts)
        text = self.pick(self.wording.place).format(x=said.text, p=self.pick(words))
        return at_part(replace(said, text=text), part)

    def _elsewhere(self, said: Expression) -> Expression:
        # A reading names the part that is asked about; "all but" one is the mask decoder's.
        _, words = self.pick(list(self.wording.places.items()))
        template = self.pick(self.wording.except_place)
        return replace(said, text=template.format(x=said.text, p=self.pick(words)))

    def _related(self, said: Expression) -> Expression:
        references = self.wording.references
        template = self.pick(references.near if self.rng.random() < 0.7 else references.far)
        thing = self.pick(references.nouns[self.pick(list(references.nouns))])
        return replace(said, text=template.format(x=said.text, r=thing))

    def _noun(self, land: LandCoverClass) -> Noun:
        nouns = self.wording.nouns
        if self.wording.kinds_of and self.rng.random() < _KINDS_OF:
            nouns = self.wording.kinds_of
        return self.pick([noun for noun in nouns if noun.land == land])

    def _name(self, land: LandCoverClass) -> Named:
        noun = self._noun(land)
        fits = [a.word for a in self.wording.adjectives if land in a.lands]
        adjective = self.pick(fits) if fits and self.rng.random() < 0.2 else ""
        is_one = not noun.is_mass and bool(self.rng.random() < 0.2)
        return Named(noun, is_one, adjective)


_NO_MASK: BoolArray = np.zeros((1, 1), np.bool_)


def _several(named: Named) -> Named:
    return replace(named, is_one=False)
