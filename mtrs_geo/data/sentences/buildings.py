"""Label maps to sentences with their masks: the referring data of stage 2.

Two vocabularies that share no template: TRAIN, and HELD_OUT for validation, so
that a figure on held-out wordings measures understanding and not recall.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, TypedDict

import numpy as np
from scipy import ndimage

from mtrs_geo.class_codes import APPEAR, CHANGED, DISAPPEAR, IGNORE
from mtrs_geo.data.sentences.building_words import Wording
from mtrs_geo.types import BoolArray, Cell, ChangeKind, LandCoverClass, Place, UInt8Array

__all__ = ["Expression", "say", "write_expression"]

Task: TypeAlias = Literal["appear", "disappear", "state", "position", "size", "absent"]


_ANY: frozenset[LandCoverClass] = frozenset({"any"})
_NOTHING: frozenset[LandCoverClass] = frozenset({"nothing"})
_BUILDING: frozenset[LandCoverClass] = frozenset({"building"})

_SINGULAR = re.compile(r"\b(every|each)( new| demolished)? \{n\}")


class _Sides(TypedDict):
    from_classes: frozenset[LandCoverClass]
    to_classes: frozenset[LandCoverClass]


@dataclass(frozen=True)
class Expression:
    """A sentence and the mask that it describes."""

    text: str
    mask: BoolArray
    """(H, W)."""
    kind: ChangeKind
    task: str
    place: Place = "everywhere"
    """The part of the image that the sentence names, or the half that holds it."""
    from_classes: frozenset[LandCoverClass] = _ANY
    """What was there before, as far as the sentence says."""
    to_classes: frozenset[LandCoverClass] = _ANY
    """What is there after; see `mtrs_geo.data.sentences.question` for what both mean."""
    cell: Cell | None = None
    """The ninth that the sentence names, where ``place`` is only the half that holds it."""


def write_expression(
    label: UInt8Array, task: Task, wording: Wording, rng: np.random.Generator
) -> Expression | None:
    """Make one sentence about a label map.

    Args:
        label: (H, W), codes of `mtrs_geo.data.datasets.changes`.
        task: what kind of sentence.
        wording: the vocabulary.
        rng: source of every choice.

    Returns:
        None where the map cannot carry such a sentence: a direction where only
        CHANGED is known, or a place or size where nothing changed.
    """
    writers: dict[Task, Callable[..., Expression | None]] = {
        "position": _position,
        "size": _size,
        "absent": _absent,
    }
    if task in writers:
        return writers[task](label, wording, rng)
    return _plain(label, task, wording, rng)


def say(wording: Wording, rng: np.random.Generator) -> Expression:
    """Make a sentence about no image in particular; its mask is empty.

    What it asks, ``kind`` and ``place``, is learnt from such sentences alone.
    """
    kinds: tuple[ChangeKind, ...] = ("appear", "disappear", "state")
    kind = kinds[rng.choice(3, p=(0.42, 0.42, 0.16))]
    groups = {"appear": wording.appear, "disappear": wording.disappear, "state": wording.state}
    none, named = np.zeros((1, 1), bool), _BUILDING
    if rng.random() < 0.25:
        noun = wording.absent[rng.integers(len(wording.absent))]
        text = _fill(groups[kind][rng.integers(len(groups[kind]))], noun, f"{noun}s", one=False)
        named = _NOTHING
    else:
        text = _phrase(groups[kind], wording, rng, one=bool(rng.random() < 0.2))
    if rng.random() < 0.5:
        return Expression(text, none, kind, "said", **_sides(kind, named))
    place = list(wording.places)[rng.integers(len(wording.places))]
    word = wording.places[place][rng.integers(len(wording.places[place]))]
    template = wording.place[rng.integers(len(wording.place))]
    text = template.format(x=text, p=word)
    return Expression(text, none, kind, "said", place, **_sides(kind, named))


def _sides(kind: ChangeKind, named: frozenset[LandCoverClass]) -> _Sides:
    """Return what a sentence about ``named`` says of both dates."""
    return {
        "from_classes": _ANY if kind == "appear" else named,
        "to_classes": _ANY if kind == "disappear" else named,
    }


def _plain(
    label: UInt8Array, task: str, wording: Wording, rng: np.random.Generator
) -> Expression | None:
    directed = not (label == CHANGED).any()
    if task == "state":
        mask = (label != 0) & (label != IGNORE)
        text = _phrase(wording.state, wording, rng, _single(mask, rng))
        return Expression(text, mask, "state", task, **_sides("state", _BUILDING))
    if not directed:
        return None
    code, templates = (
        (APPEAR, wording.appear) if task == "appear" else (DISAPPEAR, wording.disappear)
    )
    mask = label == code
    kind: ChangeKind = "appear" if task == "appear" else "disappear"
    text = _phrase(templates, wording, rng, _single(mask, rng))
    return Expression(text, mask, kind, task, **_sides(kind, _BUILDING))


def _single(mask: BoolArray, rng: np.random.Generator) -> bool:
    return rng.random() < 0.3 and int(ndimage.label(mask)[1]) == 1


def _phrase(
    templates: tuple[str, ...], wording: Wording, rng: np.random.Generator, one: bool
) -> str:
    singular, plural = wording.nouns[rng.integers(len(wording.nouns))]
    return _fill(templates[rng.integers(len(templates))], singular, plural, one)


def _fill(template: str, singular: str, plural: str, one: bool) -> str:
    if one:
        template = _in_singular(template)
    return template.format(n=singular if one or _SINGULAR.search(template) else plural)


def _in_singular(template: str) -> str:
    words = {"were": "was", "have": "has", "are": "is", "exist": "exists", "differ": "differs"}
    return " ".join(words.get(word, word) for word in template.split(" "))


def _position(label: UInt8Array, wording: Wording, rng: np.random.Generator) -> Expression | None:
    phrase = _directed(label, wording, rng)
    if phrase is None or not phrase.mask.any():
        return None
    groups, _ = ndimage.label(phrase.mask)
    relative = _centres(groups) / np.asarray(label.shape)
    names = list(wording.places)
    inside = {name: _within(name, relative) for name in names}
    filled = [name for name in names if inside[name].any()]
    # Mostly a place where something is, else the answer is nearly always empty.
    pool = filled if filled and rng.random() < 0.8 else names
    name = pool[rng.integers(len(pool))]
    is_chosen = np.concatenate([[False], inside[name]])
    word = wording.places[name][rng.integers(len(wording.places[name]))]
    template = wording.place[rng.integers(len(wording.place))]
    text = template.format(x=phrase.text, p=word)
    return replace(phrase, text=text, mask=is_chosen[groups], task="position", place=name)


def _centres(groups: np.ndarray) -> np.ndarray:
    """Return the middle, (row, col), of each of the groups 1 to N, (N, 2)."""
    rows, cols = np.nonzero(groups)
    number = groups[rows, cols]
    count = np.bincount(number)[1:]
    sums = (np.bincount(number, weights=along)[1:] for along in (rows, cols))
    return np.stack([total / count for total in sums], axis=1)


def _within(name: str, relative: np.ndarray) -> BoolArray:
    rows, cols = relative[:, 0], relative[:, 1]
    if name == "centre":
        return (np.abs(rows - 0.5) < 1 / 6) & (np.abs(cols - 0.5) < 1 / 6)
    inside = np.ones(len(relative), bool)
    for word, test in {
        "top": rows < 0.5,
        "bottom": rows >= 0.5,
        "left": cols < 0.5,
        "right": cols >= 0.5,
    }.items():
        if word in name:
            inside &= test
    return inside


def _size(label: UInt8Array, wording: Wording, rng: np.random.Generator) -> Expression | None:
    phrase = _directed(label, wording, rng)
    if phrase is None:
        return None
    groups, count = ndimage.label(phrase.mask)
    if count < 2:
        return None
    areas = np.bincount(groups.ravel())[1:]
    order = np.argsort(areas)
    large = rng.random() < 0.7
    best, next_best = (order[-1], order[-2]) if large else (order[0], order[1])
    low, high = sorted((areas[best], areas[next_best]))
    if high < 1.3 * low:
        return None
    templates = wording.largest if large else wording.smallest
    text = templates[rng.integers(len(templates))].format(x=phrase.text)
    return replace(phrase, text=text, mask=groups == best + 1, task="size")


def _directed(label: UInt8Array, wording: Wording, rng: np.random.Generator) -> Expression | None:
    tasks = [
        task
        for task, code in (("appear", APPEAR), ("disappear", DISAPPEAR), ("state", CHANGED))
        if (label == code).any()
    ]
    if not tasks:
        return None
    return _plain(
        label, "state" if CHANGED in label else tasks[rng.integers(len(tasks))], wording, rng
    )


def _absent(label: UInt8Array, wording: Wording, rng: np.random.Generator) -> Expression:
    noun = wording.absent[rng.integers(len(wording.absent))]
    kinds: tuple[ChangeKind, ...] = ("appear", "disappear", "state")
    kind = kinds[rng.integers(3)]
    templates = {"appear": wording.appear, "disappear": wording.disappear, "state": wording.state}
    group = templates[str(kind)]
    template = group[rng.integers(len(group))]
    text = _fill(template, noun, f"{noun}s", one=False)
    empty = np.zeros(label.shape, bool)
    return Expression(text, empty, kind, "absent", **_sides(kind, _NOTHING))
