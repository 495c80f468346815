"""A question about two class maps, and its exact answer.

A question names classes of the earlier and of the later date.  A changed pixel matches if:

    any, appear, disappear   it shows one of `before` earlier AND one of `after` later
    state                    it shows one of `before` earlier OR one of `after` later

"Grass that became a parking lot" is vegetation before and road after; "new
buildings" is anything before and building after.  A car does not replace the ground below it:
pixels where a car appears or disappears match only questions that name cars or no class.
"""

from __future__ import annotations

from dataclasses import dataclass

from mtrs_geo.class_codes import CAR, CODES, UNKNOWN, class_of_code
from mtrs_geo.data.datasets.classes import ClassPair
from mtrs_geo.data.sentences.expression import ANY
from mtrs_geo.types import BoolArray, ChangeKind, LandCoverClass

__all__ = ["Question", "answer_mask", "class_question"]


@dataclass(frozen=True)
class Question:
    """A change of classes to search for."""

    kind: ChangeKind
    before: frozenset[LandCoverClass] = ANY
    after: frozenset[LandCoverClass] = ANY

    @property
    def named_classes(self) -> frozenset[LandCoverClass]:
        """Classes that it names."""
        return (self.before | self.after) - ANY


def class_question(kind: ChangeKind, class_name: LandCoverClass) -> Question:
    """Return the question for a class that appears, disappears or, for state, does either."""
    named = frozenset[LandCoverClass]({class_name})
    return Question(kind, ANY if kind == "appear" else named, ANY if kind == "disappear" else named)


def answer_mask(pair: ClassPair, question: Question) -> BoolArray | None:
    """Return the mask of the pixels that match a question, (H, W).

    Returns:
        None if the maps leave it open: the class of a changed pixel is unknown and may be one of
        the classes in question.  It may be any class that the dataset does not label, except the
        class at the other date.
    """
    # Changed pixels show few pairs of codes, so each pair is tested once, not each pixel.
    certain, possible = (
        [t for t in pair.transitions if _matches(t, pair.unlabelled, question, is_sure=is_sure)]
        for is_sure in (True, False)
    )
    return pair.where_changed(certain) if certain == possible else None


def _matches(
    transition: tuple[int, int], unlabelled: frozenset[int], question: Question, *, is_sure: bool
) -> bool:
    if CAR in transition and question.named_classes and "car" not in question.named_classes:
        return False
    earlier, later = transition
    before = _shows(earlier, later, unlabelled, question.before, is_sure=is_sure)
    after = _shows(later, earlier, unlabelled, question.after, is_sure=is_sure)
    return before or after if question.kind == "state" else before and after


def _shows(
    code: int,
    other_code: int,
    unlabelled: frozenset[int],
    names: frozenset[LandCoverClass],
    *,
    is_sure: bool,
) -> bool:
    """Return whether a pixel shows one of the named classes.

    An unknown pixel counts if it must (``is_sure``) or may show one of them.
    """
    if "any" in names:
        return True
    codes = frozenset[int]().union(*(CODES.get(name, frozenset()) for name in names))
    if code != UNKNOWN:
        return code in codes
    candidates = unlabelled - CODES.get(class_of_code(other_code) or "nothing", frozenset())
    return bool(candidates) and candidates <= codes if is_sure else bool(candidates & codes)
