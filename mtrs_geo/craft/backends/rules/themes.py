"""Themes: the changes of one type and class of a pair, as instances."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import ndimage

from mtrs_geo.class_codes import CODES, UNKNOWN
from mtrs_geo.craft.backends.contract import Proposal
from mtrs_geo.craft.backends.grid import plan_cells
from mtrs_geo.craft.backends.reading import asked_classes, understood
from mtrs_geo.craft.backends.rules.evidence import Evidence
from mtrs_geo.craft.project.records import CELLS, ChangeType
from mtrs_geo.data.sentences.instances import Instance, instances_of
from mtrs_geo.data.sentences.question import Question, answer_mask, class_question
from mtrs_geo.data.sentences.select import instances_in_place
from mtrs_geo.types import BoolArray, Cell, LandCoverClass, Place

__all__ = [
    "MIN_PX",
    "PLACE_OF_CELL",
    "Theme",
    "covered",
    "instances_of_mask",
    "locate",
    "theme_of",
    "themes_of",
]

MIN_PX = 40
"""Smaller components are left out."""
_OBJECTS: tuple[LandCoverClass, ...] = ("building", "road", "water", "car")
_GROUND: tuple[LandCoverClass, ...] = ("vegetation", "bare")
_BUILDING: frozenset[LandCoverClass] = frozenset({"building"})

PLACE_OF_CELL: dict[str, Place | Cell] = dict(
    zip(
        CELLS,
        (
            "top left", "upper middle", "top right", "middle left", "centre", "middle right",
            "bottom left", "lower middle", "bottom right",
        ),
        strict=True,
    )
)  # fmt: skip
"""What the words of a cell of a 3 × 3 grid mean: a quarter for a corner, else a ninth."""


@dataclass(frozen=True)
class Theme:
    """All changes of one type and class."""

    question: Question
    change_type: ChangeType
    object_class: LandCoverClass
    """The class that appears or disappears, or that changes its state."""
    instances: tuple[Instance, ...]


@lru_cache(maxsize=4)
def themes_of(evidence: Evidence) -> tuple[Theme, ...]:
    """Return the themes of a pair that have an instance."""
    return tuple(theme for theme in _all_themes(evidence) if theme.instances)


def theme_of(evidence: Evidence, proposal: Proposal) -> Theme | None:
    """Return the theme that a proposal is about, or None."""
    name = _class_named(proposal.object_class)
    for theme in themes_of(evidence):
        if theme.change_type != proposal.change_type:
            continue
        if proposal.change_type == "state":
            asked = (theme.question.before, theme.question.after)
            is_building = theme.object_class == "building" == name
            if is_building or asked == asked_classes(proposal.sentence):
                return theme
        elif theme.object_class == (name or _class_asked(proposal.sentence)):
            return theme
    return None


def covered(instances: Sequence[Instance], mask: BoolArray) -> list[Instance]:
    """Return the instances of which a mask (rows, cols) covers more than half."""
    return [i for i in instances if mask[i.window][i.mask].mean() > 0.5]


def locate(instances: Sequence[Instance], proposal: Proposal, hint: str = "") -> list[Instance]:
    """Return the instances where a proposal says that they are.

    Args:
        instances: of one pair.
        proposal: its cell, or else its box, has the centre of an instance.
        hint: the words of a place of `PLACE_OF_CELL`; counts in place of cell and box.
    """
    if not instances:
        return []
    place = next((p for p in PLACE_OF_CELL.values() if p == hint), None)
    if place is not None:
        return instances_in_place(instances, place) or []
    shape = instances[0].shape
    box = proposal.box
    if proposal.cell in CELLS:
        box = plan_cells(shape)[CELLS.index(proposal.cell)].box
    if box is None:
        return list(instances)
    exact = [i for i in instances if _box_of(i) == box]
    if len(exact) == 1 and not proposal.cell:
        return exact
    return [i for i in instances if _centre_in(i, box)]


def instances_of_mask(mask: BoolArray, evidence: Evidence, *, at_first: bool) -> list[Instance]:
    """Return the components of a mask (rows, cols) that are not too small.

    Args:
        mask: of changed pixels.
        evidence: of the pair.
        at_first: whether they are visible at the earlier date.
    """
    numbers, count = ndimage.label(mask)
    sizes = np.bincount(numbers.ravel(), minlength=count + 1)
    kept = sizes >= MIN_PX
    kept[0] = False
    pair = evidence.classes
    image, classes = (
        (pair.before, pair.before_class) if at_first else (pair.after, pair.after_class)
    )
    return instances_of(kept[numbers], image, classes, pair.gsd_m) or []


def _all_themes(evidence: Evidence) -> Iterator[Theme]:
    pair = evidence.classes
    for name in _OBJECTS:
        yield _theme(evidence, class_question("appear", name), "appear", name)
        yield _theme(evidence, class_question("disappear", name), "disappear", name)
    for before, after in (_GROUND, _GROUND[::-1]):
        question = Question("disappear", frozenset({before}), frozenset({after}))
        yield _theme(evidence, question, "state", before)
    # Buildings whose direction is not known.
    mask = pair.changed & (pair.before_class == UNKNOWN) & (pair.after_class == UNKNOWN)
    found = tuple(instances_of_mask(mask, evidence, at_first=False))
    yield Theme(Question("state", _BUILDING, _BUILDING), "state", "building", found)


def _theme(
    evidence: Evidence, question: Question, change_type: ChangeType, name: LandCoverClass
) -> Theme:
    mask = answer_mask(evidence.classes, question)
    if mask is None:
        return Theme(question, change_type, name, ())
    at_first = question.kind == "disappear"
    found = tuple(instances_of_mask(mask, evidence, at_first=at_first))
    return Theme(question, change_type, name, found)


def _box_of(instance: Instance) -> tuple[int, int, int, int]:
    rows, cols = instance.window
    return (rows.start, cols.start, rows.stop, cols.stop)


def _centre_in(instance: Instance, box: tuple[int, int, int, int]) -> bool:
    row, col = (
        float(share) * side
        for share, side in zip(instance.relative_centre, instance.shape, strict=True)
    )
    return box[0] <= row < box[2] and box[1] <= col < box[3]


def _class_asked(sentence: str) -> str:
    before, after = asked_classes(sentence)
    return next(iter(sorted(after or before)), "")


@lru_cache(maxsize=4096)
def _class_named(thing: str) -> str:
    """Return the class of a noun; empty if it has none."""
    name = thing.strip().lower()
    if name in CODES:
        return name
    found = understood(f"new {name}")[0].after if name else ()
    return found[0] if len(found) == 1 else ""
