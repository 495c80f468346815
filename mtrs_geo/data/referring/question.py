"""What a sentence asks of two class maps, and its exact answer.

A question names what was there before and what is there after:

    any, appear, disappear   changed, one of `before` before AND one of `after` after
    state                    changed, one of `before` before OR one of `after` after

"Grass that became a parking lot" is vegetation before and road after; "new
buildings" is anything before and building after.  A car stands on its ground and does
not replace it: where the maps show that one comes or goes, only a question that names cars, or that
names nothing, finds a change.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mtrs_geo.data.classes import CAR, CODES, UNKNOWN, ClassPair, land_class
from mtrs_geo.types import BoolArray, ChangeKind, LandClass, UInt8Array

__all__ = ["ANY", "Question", "answer"]

ANY: frozenset[LandClass] = frozenset({"any"})


@dataclass(frozen=True)
class Question:
    """A change of classes that a sentence asks for."""

    kind: ChangeKind
    before: frozenset[LandClass] = ANY
    after: frozenset[LandClass] = ANY

    @property
    def named(self) -> frozenset[LandClass]:
        """Classes that it names."""
        return (self.before | self.after) - ANY


def answer(pair: ClassPair, question: Question) -> BoolArray | None:
    """Return where a question is met, (H, W), or None where the maps cannot tell.

    They cannot where a pixel that changed is unknown and might be of a class that the
    question names: what its set labels, and what it shows at the other date, is none.
    """
    certain = _met(pair, question, is_sure=True)
    possible = _met(pair, question, is_sure=False)
    return certain if np.array_equal(certain, possible) else None


def _met(pair: ClassPair, question: Question, *, is_sure: bool) -> BoolArray:
    one, two = pair.before_class, pair.after_class
    before = _showing(one, two, pair.unseen, question.before, is_sure=is_sure)
    after = _showing(two, one, pair.unseen, question.after, is_sure=is_sure)
    met = (before | after) if question.kind == "state" else (before & after)
    if question.named and "car" not in question.named:
        met &= (one != CAR) & (two != CAR)
    return met & pair.changed


def _showing(
    own: UInt8Array,
    other: UInt8Array,
    unseen: frozenset[int],
    names: frozenset[LandClass],
    *,
    is_sure: bool,
) -> BoolArray:
    """Return where one of ``names`` is shown, an unknown pixel counted if it must or may be."""
    if "any" in names:
        return np.ones(own.shape, np.bool_)
    codes = frozenset[int]().union(*(CODES.get(name, frozenset()) for name in names))
    found = _lookup(own, codes)
    unknown = own == UNKNOWN
    for code in np.unique(other[unknown]):
        left = unseen - CODES.get(land_class(int(code)) or "nothing", frozenset())
        if (bool(left) and left <= codes) if is_sure else bool(left & codes):
            found |= unknown & (other == code)
    return found


def _lookup(classes: UInt8Array, codes: frozenset[int]) -> BoolArray:
    table = np.zeros(256, np.bool_)
    table[list(codes)] = True
    found: BoolArray = table[classes]
    return found
