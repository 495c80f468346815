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

from mtrs_geo.class_codes import CAR, CODES, UNKNOWN, class_of_code
from mtrs_geo.data.datasets.classes import ClassPair
from mtrs_geo.types import BoolArray, ChangeKind, LandCoverClass

__all__ = ["ANY", "Question", "answer"]

ANY: frozenset[LandCoverClass] = frozenset({"any"})


@dataclass(frozen=True)
class Question:
    """A change of classes that a sentence asks for."""

    kind: ChangeKind
    before: frozenset[LandCoverClass] = ANY
    after: frozenset[LandCoverClass] = ANY

    @property
    def named(self) -> frozenset[LandCoverClass]:
        """Classes that it names."""
        return (self.before | self.after) - ANY


def answer(pair: ClassPair, question: Question) -> BoolArray | None:
    """Return where a question is met, (H, W), or None where the maps cannot tell.

    They cannot where a pixel that changed is unknown and might be of a class that the
    question names: what its set labels, and what it shows at the other date, is none.
    """
    # Decided for every two codes that a changed pixel shows, which are few, not for every pixel.
    certain, possible = (
        [one for one in pair.transitions if _met(one, pair.unseen, question, is_sure=is_sure)]
        for is_sure in (True, False)
    )
    return pair.where_changed(certain) if certain == possible else None


def _met(
    transition: tuple[int, int], unseen: frozenset[int], question: Question, *, is_sure: bool
) -> bool:
    if CAR in transition and question.named and "car" not in question.named:
        return False
    one, two = transition
    before = _shows(one, two, unseen, question.before, is_sure=is_sure)
    after = _shows(two, one, unseen, question.after, is_sure=is_sure)
    return before or after if question.kind == "state" else before and after


def _shows(
    own: int, other: int, unseen: frozenset[int], names: frozenset[LandCoverClass], *, is_sure: bool
) -> bool:
    """Whether one of ``names`` is shown; an unknown pixel counts if it must or may show it."""
    if "any" in names:
        return True
    codes = frozenset[int]().union(*(CODES.get(name, frozenset()) for name in names))
    if own != UNKNOWN:
        return own in codes
    left = unseen - CODES.get(class_of_code(other) or "nothing", frozenset())
    return bool(left) and left <= codes if is_sure else bool(left & codes)
