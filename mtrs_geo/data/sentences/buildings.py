"""Sentences about a change label of buildings, with their masks: training data of stage 2.

The vocabularies of training and validation share no template, so validation measures
wordings that the model has not seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias, TypedDict, TypeVar

import numpy as np
from scipy import ndimage

from mtrs_geo.class_codes import APPEAR, CHANGED, DISAPPEAR, IGNORE, NONE
from mtrs_geo.data.sentences.expression import ANY, Expression
from mtrs_geo.data.sentences.wording import BuildingWording
from mtrs_geo.types import BoolArray, ChangeKind, LandCoverClass, Place, UInt8Array

__all__ = ["Task", "write_building_expression", "write_building_text"]

_T = TypeVar("_T")

Task: TypeAlias = Literal["appear", "disappear", "state", "position", "size", "absent"]
"""Kind of sentence."""

_NOTHING: frozenset[LandCoverClass] = frozenset({"nothing"})
_BUILDING: frozenset[LandCoverClass] = frozenset({"building"})
_KINDS: tuple[ChangeKind, ...] = ("appear", "disappear", "state")

_SINGULAR = re.compile(r"\b(every|each)( new| demolished)? \{n\}")
_SINGULAR_VERBS = {
    "were": "was", "have": "has", "are": "is", "exist": "exists", "differ": "differs",
}  # fmt: skip


class _DateClasses(TypedDict):
    from_classes: frozenset[LandCoverClass]
    to_classes: frozenset[LandCoverClass]


def write_building_expression(
    label: UInt8Array, task: Task, wording: BuildingWording, rng: np.random.Generator
) -> Expression | None:
    """Write one sentence about a change label.

    Args:
        label: (H, W), change codes of `mtrs_geo.class_codes`.
        task: kind of sentence.
        wording: the vocabulary.
        rng: source of every random draw.

    Returns:
        None if the label has no such sentence: a direction where only CHANGED is known, or a
        place or size where nothing changed.
    """
    writers: dict[Task, Callable[..., Expression | None]] = {
        "position": _position,
        "size": _size,
        "absent": _absent,
    }
    if task in writers:
        return writers[task](label, wording, rng)
    return _all_of_kind(label, task, wording, rng)


def write_building_text(wording: BuildingWording, rng: np.random.Generator) -> Expression:
    """Write a sentence without an image; its mask is (1, 1) and empty, its intent exact.

    Args:
        wording: the vocabulary.
        rng: source of every random draw.
    """
    kind = _KINDS[rng.choice(3, p=(0.42, 0.42, 0.16))]
    templates = _templates(wording, kind)
    empty, named = np.zeros((1, 1), bool), _BUILDING
    if rng.random() < 0.25:
        noun = _pick(wording.absent, rng)
        text = _fill(_pick(templates, rng), noun, f"{noun}s", is_singular=False)
        named = _NOTHING
    else:
        text = _text(templates, wording, rng, is_singular=bool(rng.random() < 0.2))
    classes = _date_classes(kind, named)
    if rng.random() < 0.5:
        return Expression(text, empty, kind, "text_only", **classes)
    place = _pick(list(wording.places), rng)
    word = _pick(wording.places[place], rng)
    text = _pick(wording.place, rng).format(x=text, p=word)
    return Expression(text, empty, kind, "text_only", place, **classes)


def _pick(choices: Sequence[_T], rng: np.random.Generator) -> _T:
    return choices[int(rng.integers(len(choices)))]


def _templates(wording: BuildingWording, kind: ChangeKind) -> tuple[str, ...]:
    groups = {"appear": wording.appear, "disappear": wording.disappear, "state": wording.state}
    return groups[kind]


def _date_classes(kind: ChangeKind, named: frozenset[LandCoverClass]) -> _DateClasses:
    """Return the classes of both dates for a sentence that names a class."""
    return {
        "from_classes": ANY if kind == "appear" else named,
        "to_classes": ANY if kind == "disappear" else named,
    }


def _all_of_kind(
    label: UInt8Array, task: str, wording: BuildingWording, rng: np.random.Generator
) -> Expression | None:
    """Write about all changes that appear, disappear, or, for state, do either."""
    if task == "state":
        mask = (label != NONE) & (label != IGNORE)
        text = _text(wording.state, wording, rng, _is_singular(mask, rng))
        return Expression(text, mask, "state", task, **_date_classes("state", _BUILDING))
    if (label == CHANGED).any():
        return None
    kind: ChangeKind = "appear" if task == "appear" else "disappear"
    mask = label == (APPEAR if kind == "appear" else DISAPPEAR)
    text = _text(_templates(wording, kind), wording, rng, _is_singular(mask, rng))
    return Expression(text, mask, kind, task, **_date_classes(kind, _BUILDING))


def _is_singular(mask: BoolArray, rng: np.random.Generator) -> bool:
    return rng.random() < 0.3 and int(ndimage.label(mask)[1]) == 1


def _text(
    templates: tuple[str, ...],
    wording: BuildingWording,
    rng: np.random.Generator,
    is_singular: bool,
) -> str:
    singular, plural = _pick(wording.nouns, rng)
    return _fill(_pick(templates, rng), singular, plural, is_singular)


def _fill(template: str, singular: str, plural: str, is_singular: bool) -> str:
    if is_singular:
        words = template.split(" ")
        template = " ".join(_SINGULAR_VERBS.get(word, word) for word in words)
    return template.format(n=singular if is_singular or _SINGULAR.search(template) else plural)


def _position(
    label: UInt8Array, wording: BuildingWording, rng: np.random.Generator
) -> Expression | None:
    expression = _any_kind(label, wording, rng)
    if expression is None or not expression.mask.any():
        return None
    components, _ = ndimage.label(expression.mask)
    centres = _centres(components) / np.asarray(label.shape)
    places = list(wording.places)
    inside = {place: _is_inside(place, centres) for place in places}
    filled = [place for place in places if inside[place].any()]
    # Mostly a place with a change; otherwise nearly all masks are empty.
    options = filled if filled and rng.random() < 0.8 else places
    place = _pick(options, rng)
    is_selected = np.concatenate([[False], inside[place]])
    word = _pick(wording.places[place], rng)
    text = _pick(wording.place, rng).format(x=expression.text, p=word)
    mask = is_selected[components]
    return replace(expression, text=text, mask=mask, task="position", place=place)


def _centres(components: np.ndarray) -> np.ndarray:
    """Return the centroid, (row, col), of each of the components 1 to N, (N, 2)."""
    rows, cols = np.nonzero(components)
    number = components[rows, cols]
    count = np.bincount(number)[1:]
    sums = (np.bincount(number, weights=along)[1:] for along in (rows, cols))
    return np.stack([total / count for total in sums], axis=1)


def _is_inside(place: Place, centres: np.ndarray) -> BoolArray:
    """Return which centroids, (N, 2) in 0…1 of the image, are in a place."""
    rows, cols = centres[:, 0], centres[:, 1]
    if place == "centre":
        return (np.abs(rows - 0.5) < 1 / 6) & (np.abs(cols - 0.5) < 1 / 6)
    inside = np.ones(len(centres), bool)
    for word, is_in_half in {
        "top": rows < 0.5,
        "bottom": rows >= 0.5,
        "left": cols < 0.5,
        "right": cols >= 0.5,
    }.items():
        if word in place:
            inside &= is_in_half
    return inside


def _size(
    label: UInt8Array, wording: BuildingWording, rng: np.random.Generator
) -> Expression | None:
    expression = _any_kind(label, wording, rng)
    if expression is None:
        return None
    components, count = ndimage.label(expression.mask)
    if count < 2:
        return None
    areas = np.bincount(components.ravel())[1:]
    order = np.argsort(areas)
    is_largest = rng.random() < 0.7
    best, next_best = (order[-1], order[-2]) if is_largest else (order[0], order[1])
    low, high = sorted((areas[best], areas[next_best]))
    if high < 1.3 * low:
        return None
    templates = wording.largest if is_largest else wording.smallest
    text = _pick(templates, rng).format(x=expression.text)
    return replace(expression, text=text, mask=components == best + 1, task="size")


def _any_kind(
    label: UInt8Array, wording: BuildingWording, rng: np.random.Generator
) -> Expression | None:
    """Write about all changes of a kind that the label contains."""
    tasks = [
        task
        for task, code in (("appear", APPEAR), ("disappear", DISAPPEAR), ("state", CHANGED))
        if (label == code).any()
    ]
    if not tasks:
        return None
    return _all_of_kind(label, "state" if CHANGED in label else _pick(tasks, rng), wording, rng)


def _absent(label: UInt8Array, wording: BuildingWording, rng: np.random.Generator) -> Expression:
    noun = _pick(wording.absent, rng)
    kind = _pick(_KINDS, rng)
    text = _fill(_pick(_templates(wording, kind), rng), noun, f"{noun}s", is_singular=False)
    empty = np.zeros(label.shape, bool)
    return Expression(text, empty, kind, "absent", **_date_classes(kind, _NOTHING))
