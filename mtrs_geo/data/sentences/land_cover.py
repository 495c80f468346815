"""One sentence about a pair of class maps, with its exact mask and its reading.

A task draws a question, finds its answer, chooses among the instances of the answer
where the task asks for it, and words it.  Whatever the maps cannot tell, or one could
argue about, gives no sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias, cast, get_args

import numpy as np

from mtrs_geo.class_codes import CODES, class_of_code
from mtrs_geo.data.datasets.classes import ClassPair
from mtrs_geo.data.sentences.author import Author, Draft, about, as_expression, say_plainly
from mtrs_geo.data.sentences.buildings import Expression
from mtrs_geo.data.sentences.question import Question
from mtrs_geo.data.sentences.select import at_place, extreme, near_class, union
from mtrs_geo.data.sentences.templates import Named, fill, with_article
from mtrs_geo.data.sentences.wording import ClassWording, Noun
from mtrs_geo.types import Cell, ChangeKind, LandCoverClass, Place

__all__ = ["CLASS_TASKS", "NUMBERS", "ClassTask", "at_part", "write_class_expression"]

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
"""What sentences can be asked for."""

_NAMED: tuple[LandCoverClass, ...] = tuple(CODES)
_KINDS: tuple[ChangeKind, ...] = ("appear", "disappear", "appear", "disappear", "state")
NUMBERS = ("two", "three", "four", "five", "six")
"""How many things a sentence may count."""
_HALF: dict[Cell, Place] = {
    "upper middle": "top",
    "lower middle": "bottom",
    "middle left": "left",
    "middle right": "right",
}


class _Writer(Author):
    """The tasks."""

    def direction(self, kind: ChangeKind) -> Expression | None:
        """Something that appears, disappears, or either."""
        present = self.present(kind)
        if not present:
            return None
        draft = self.draft(about(kind, self.pick(present)))
        return self.worded(draft, kind) if draft else None

    def become(self) -> Expression | None:
        """Something that turned into something else."""
        names = {(class_of_code(a), class_of_code(b)) for a, b in self.pair.transitions}
        pairs = sorted((a, b) for a, b in names if a and b and "car" not in (a, b))
        if not pairs:
            return None
        return self.turned(*self.pick(pairs), "become")

    def turned(self, before: LandCoverClass, after: LandCoverClass, task: str) -> Expression | None:
        """Word "a that turned into b", or "b that replaced a"."""
        is_from_head = bool(self.rng.random() < 0.6)
        kind: ChangeKind = "disappear" if is_from_head else "appear"
        draft = self.draft(Question(kind, frozenset({before}), frozenset({after})))
        if draft is None:
            return None
        there = self.draft_seen(draft, "disappear")
        here = self.draft_seen(draft, "appear")
        one, two = self.named(there, before), self.named(here, after)
        if one is None or two is None:
            return None
        if is_from_head:
            text = fill(self.pick(self.wording.became), _several(one), b=with_article(two))
        else:
            text = fill(self.pick(self.wording.replaced), _several(two), a=one.noun.many)
        return as_expression(text, draft.mask, draft.question, task)

    def anything(self) -> Expression | None:
        """Any change."""
        question = Question("any")
        text = self.pick(self.wording.everything)
        return as_expression(text, self.pair.changed.copy(), question, "any")

    def position(self) -> Expression | None:
        """Things in a half, a quarter or the centre."""
        return self.placed(list(self.wording.places), self.wording.places, "position")

    def cell(self) -> Expression | None:
        """Things in a ninth between two corners."""
        return self.placed(list(self.wording.cells), self.wording.cells, "cell")

    def placed(self, parts: Sequence[Place | Cell], words: object, task: str) -> Expression | None:
        """Word things in a part of the picture."""
        draft = self.one_class()
        if draft is None or not draft.things:
            return None
        found = {part: at_place(draft.things, part) for part in parts}
        clear = [part for part in parts if found[part] is not None]
        filled = [part for part in clear if found[part]]
        # Mostly a place where something is, else the answer is nearly always empty.
        is_filled = self.rng.random() < 0.85
        pool = filled if is_filled else clear
        phrase = self.worded(draft, task, is_inner=True)
        if phrase is None or not pool:
            return None
        part = self.pick(pool)
        word = self.pick(words[part])  # type: ignore[index]
        text = self.pick(self.wording.place).format(x=phrase.text, p=word)
        mask = union(found[part] or (), draft.mask.shape)
        return at_part(replace(phrase, text=text, mask=mask), part)

    def extreme(self) -> Expression | None:
        """The largest, smallest, northernmost and so on of several things."""
        draft = self.one_class()
        if draft is None or draft.things is None:
            return None
        which = self.pick(list(self.wording.extremes))
        chosen = extreme(draft.things, which)
        phrase = self.worded(draft, "extreme", is_inner=True)
        if chosen is None or phrase is None:
            return None
        text = self.pick(self.wording.extremes[which]).format(x=phrase.text)
        return replace(phrase, text=text, mask=union([chosen], draft.mask.shape))

    def count(self) -> Expression | None:
        """Several things, numbered."""
        draft = self.one_class()
        if draft is None or not draft.things or not 2 <= len(draft.things) <= 6:
            return None
        (land,) = draft.question.named
        noun = self.noun(land, draft.things)
        if noun is None or noun.is_mass:
            return None
        is_new = draft.question.kind == "appear"
        templates = self.wording.counted_new if is_new else self.wording.counted_gone
        number = NUMBERS[len(draft.things) - 2]
        text = fill(self.pick(templates), Named(noun, is_one=False), k=number)
        return as_expression(text, draft.mask, draft.question, "count")

    def relation(self) -> Expression | None:
        """Things near, or far from, something that stays."""
        draft = self.one_class()
        if draft is None or not draft.things:
            return None
        words = self.wording.references
        land = self.pick(sorted(set(words.nouns) - draft.question.named))
        split = near_class(self.pair, draft.things, land)
        phrase = self.worded(draft, "relation", is_inner=True)
        if split is None or phrase is None:
            return None
        is_near = bool(split[0]) if self.rng.random() < 0.85 else not split[0]
        if split[0] and split[1]:
            is_near = bool(self.rng.random() < 0.6)
        template = self.pick(words.near if is_near else words.far)
        text = template.format(x=phrase.text, r=self.pick(words.nouns[land]))
        return replace(phrase, text=text, mask=union(split[not is_near], draft.mask.shape))

    def attribute(self) -> Expression | None:
        """Things of a size, shape, colour, direction or kind that others have not."""
        draft = self.one_class()
        if draft is None or not draft.things:
            return None
        (land,) = draft.question.named
        options = self.qualifiers(land, draft.things)
        if not options:
            return None
        named, chosen = self.pick(options)
        if len(chosen) == 1:
            named = replace(named, is_one=not named.noun.is_mass and self.rng.random() < 0.5)
        text = say_plainly(self.template(draft.question, land), named)
        mask = union(chosen, draft.mask.shape)
        return as_expression(text, mask, draft.question, "attribute")

    def exception(self) -> Expression | None:
        """All but a class, or all but a place."""
        if self.rng.random() < 0.5:
            return self.all_but_class()
        draft = self.one_class()
        if draft is None or not draft.things:
            return None
        part = self.pick(list(self.wording.places))
        inside = at_place(draft.things, part)
        phrase = self.worded(draft, "except", is_inner=True)
        if inside is None or phrase is None:
            return None
        word = self.pick(self.wording.places[part])
        text = self.pick(self.wording.except_place).format(x=phrase.text, p=word)
        return replace(phrase, text=text, mask=draft.mask & ~union(inside, draft.mask.shape))

    def all_but_class(self) -> Expression | None:
        """Every change that a class has no part in."""
        present = self.present("state")
        if not present:
            return None
        land = self.pick(present)
        others = frozenset(_NAMED) - {land}
        draft = self.draft(Question("any", others, others))
        noun = self.noun(land, None)
        if draft is None or noun is None:
            return None
        text = fill(self.pick(self.wording.except_class), Named(noun, is_one=False))
        return as_expression(text, draft.mask, draft.question, "except")

    def wrong_direction(self) -> Expression | None:
        """What happened, asked the other way round."""
        if self.rng.random() < 0.3:
            return self.turned_back()
        kind: ChangeKind = "appear" if self.rng.random() < 0.5 else "disappear"
        other: ChangeKind = "disappear" if kind == "appear" else "appear"
        only = sorted(set(self.present(other)) - set(self.present(kind)))
        if not only:
            return None
        return _if_empty(self.draft(about(kind, self.pick(only))), self, "wrong_direction")

    def turned_back(self) -> Expression | None:
        """The later class turned into the earlier one."""
        before, after = self.present("disappear"), self.present("appear")
        swaps = [(b, a) for a in before for b in after if a != b and "car" not in (a, b)]
        if not swaps:
            return None
        found = self.turned(*self.pick(swaps), "wrong_direction")
        return found if found is not None and not found.mask.any() else None

    def wrong_class(self) -> Expression | None:
        """A class that has no part in any change."""
        absent = sorted(set(_NAMED) - set(self.present("state")))
        if not absent:
            return None
        kind = self.pick(_KINDS)
        draft = self.draft(about(kind, self.pick(absent)))
        return _if_empty(draft, self, "wrong_class")

    def absent(self) -> Expression | None:
        """A thing of no class that is nowhere."""
        thing = self.pick(self.wording.absent)
        kind: ChangeKind = self.pick(("appear", "disappear"))
        question = about(kind, "nothing")
        named = Named(Noun("nothing", thing, f"{thing}s"), is_one=False)
        text = say_plainly(self.template(question, "any"), named)
        return as_expression(text, np.zeros(self.pair.changed.shape, np.bool_), question, "absent")


def write_class_expression(
    pair: ClassPair, task: ClassTask, wording: ClassWording, rng: np.random.Generator
) -> Expression | None:
    """Make one sentence about a pair.

    Args:
        pair: two dates with class maps.
        task: what kind of sentence.
        wording: the vocabulary.
        rng: source of every choice.

    Returns:
        None where the maps cannot carry such a sentence.
    """
    author = _Writer(pair, wording, rng)
    writers: dict[ClassTask, Callable[[], Expression | None]] = {
        "appear": lambda: author.direction("appear"),
        "disappear": lambda: author.direction("disappear"),
        "state": lambda: author.direction("state"),
        "become": author.become,
        "any": author.anything,
        "position": author.position,
        "cell": author.cell,
        "extreme": author.extreme,
        "count": author.count,
        "relation": author.relation,
        "attribute": author.attribute,
        "except": author.exception,
        "wrong_direction": author.wrong_direction,
        "wrong_class": author.wrong_class,
        "absent": author.absent,
    }
    return writers[task]()


def at_part(phrase: Expression, part: Place | Cell) -> Expression:
    """Return the sentence as one that names a part of the picture."""
    for cell, half in _HALF.items():
        if part == cell:
            return replace(phrase, place=half, cell=cell)
    return replace(phrase, place=cast("Place", part))


def _several(named: Named) -> Named:
    return replace(named, is_one=False)


def _if_empty(draft: Draft | None, author: Author, task: str) -> Expression | None:
    if draft is None or draft.mask.any():
        return None
    return author.worded(draft, task)
