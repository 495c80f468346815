"""Label maps to sentences with their masks: the referring data of stage 2.

Two vocabularies that share no template: TRAIN, and HELD_OUT for validation, so
that a figure on held-out wordings measures understanding and not recall.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from scipy import ndimage

from mtrs_geo.data.changes import APPEAR, CHANGED, DISAPPEAR, IGNORE
from mtrs_geo.types import BoolArray, ChangeKind, UInt8Array

__all__ = ["HELD_OUT", "TRAIN", "Expression", "Wording", "write_expression"]

Task: TypeAlias = Literal["appear", "disappear", "state", "position", "size", "absent"]


@dataclass(frozen=True)
class Wording:
    """Words and templates of one vocabulary; {n} a noun, {p} a place, {s} a size."""

    nouns: tuple[tuple[str, str], ...]
    """(singular, plural)."""
    appear: tuple[str, ...]
    disappear: tuple[str, ...]
    state: tuple[str, ...]
    place: tuple[str, ...]
    """Wraps a phrase {x} and a place {p}."""
    places: dict[str, tuple[str, ...]]
    largest: tuple[str, ...]
    smallest: tuple[str, ...]
    absent: tuple[str, ...]


_SINGULAR = re.compile(r"\b(every|each)( new| demolished)? \{n\}")

_CELLS = {
    "top left": ("top left", "upper left", "north-west", "northwest", "top-left"),
    "top right": ("top right", "upper right", "north-east", "northeast", "top-right"),
    "bottom left": ("bottom left", "lower left", "south-west", "southwest", "bottom-left"),
    "bottom right": ("bottom right", "lower right", "south-east", "southeast", "bottom-right"),
    "top": ("top", "north", "upper part", "northern part"),
    "bottom": ("bottom", "south", "lower part", "southern part"),
    "left": ("left", "west", "left side", "western part"),
    "right": ("right", "east", "right side", "eastern part"),
    "centre": ("centre", "center", "middle", "central part"),
}

TRAIN = Wording(
    nouns=(
        ("building", "buildings"),
        ("building", "buildings"),
        ("house", "houses"),
        ("structure", "structures"),
        ("home", "homes"),
        ("roof", "roofs"),
        ("construction", "constructions"),
    ),
    appear=(
        "the {n} that appeared",
        "new {n}",
        "newly built {n}",
        "{n} that were built",
        "the {n} built between the two dates",
        "recently constructed {n}",
        "{n} that have been added",
        "{n} present only in the second image",
        "the new {n}",
        "{n} which were not there before",
        "{n} constructed since the first image",
        "{n} that now exist",
        "added {n}",
        "appeared {n}",
        "{n} which have appeared",
        "{n} erected after the first date",
        "emerging {n}",
        "where {n} were built",
        "the newly appeared {n}",
        "{n} visible only in the later image",
        "{n} that came up",
        "show me the new {n}",
        "find {n} that have been constructed",
        "{n} that have sprung into being",
        "recent {n}",
        "{n} absent before and present after",
        "{n} which exist only afterwards",
        "{n} that were not in the earlier image",
        "what {n} were added?",
        "which {n} were constructed?",
        "which {n} have appeared?",
        "are there any new {n}?",
        "outline the new {n}",
        "mark all {n} that are new",
        "segment the {n} that were constructed",
        "highlight newly constructed {n}",
        "every {n} built since the first date",
        "each new {n}",
        "all newly erected {n}",
        "{n} that arose",
        "{n} that emerged",
        "{n} set up in the meantime",
        "{n} completed after the earlier date",
        "development of {n}",
        "construction of {n}",
        "appearance of {n}",
        "growth in {n}",
        "{n} seen in the later image but not in the earlier one",
        "{n} you find only in the second picture",
        "ground on which {n} were built",
        "land that got {n}",
        "freshly built {n}",
        "brand-new {n}",
        "newly established {n}",
        "{n} raised since then",
        "places with additional {n}",
        "extra {n}",
        "{n} that came into existence",
        "{n} that were founded",
        "recently finished {n}",
        "urban growth: {n}",
    ),
    disappear=(
        "the {n} that disappeared",
        "demolished {n}",
        "{n} that were removed",
        "removed {n}",
        "the {n} torn down between the two dates",
        "{n} that have been destroyed",
        "lost {n}",
        "{n} present only in the first image",
        "{n} that no longer exist",
        "the {n} that are gone",
        "{n} which were there before but not now",
        "{n} knocked down since the first image",
        "destroyed {n}",
        "disappeared {n}",
        "{n} which have vanished",
        "the demolished {n}",
        "{n} razed after the first date",
        "where {n} were removed",
        "missing {n}",
        "{n} visible only in the earlier image",
        "{n} that were taken down",
        "show me the demolished {n}",
        "find {n} that have been cleared",
        "{n} that ceased to exist",
        "former {n}",
        "{n} present before and absent after",
        "{n} which existed only before",
        "{n} that are not in the later image",
        "what {n} were lost?",
        "which {n} were demolished?",
        "which {n} have disappeared?",
        "are any {n} gone?",
        "outline the demolished {n}",
        "mark all {n} that are gone",
        "segment the {n} that were destroyed",
        "highlight razed {n}",
        "every {n} removed since the first date",
        "each demolished {n}",
        "all torn-down {n}",
        "{n} that collapsed",
        "{n} that were wiped out",
        "{n} dismantled in the meantime",
        "{n} levelled after the earlier date",
        "loss of {n}",
        "demolition of {n}",
        "disappearance of {n}",
        "removal of {n}",
        "{n} seen in the earlier image but not in the later one",
        "{n} you find only in the first picture",
        "ground from which {n} were cleared",
        "land that lost its {n}",
        "wrecked {n}",
        "{n} that do not stand any more",
        "eliminated {n}",
        "{n} erased since then",
        "places with fewer {n}",
        "{n} ruined by a disaster",
        "{n} that fell",
        "{n} swept away",
        "no longer existing {n}",
        "{n} cleared away",
    ),
    state=(
        "{n} that changed",
        "changed {n}",
        "the {n} that are different",
        "all {n} changes",
        "{n} that were altered",
        "changes in {n}",
        "where {n} changed",
        "any change of {n}",
        "{n} that differ between the two dates",
        "difference in {n}",
        "altered {n}",
        "what {n} changed?",
        "{n} that were rebuilt or removed",
        "outline the changed {n}",
        "mark all changes of {n}",
        "{n} that are not the same in both images",
        "new or demolished {n}",
    ),
    place=(
        "{x} in the {p}",
        "{x} at the {p}",
        "{x} in the {p} of the image",
        "{x} located in the {p}",
        "in the {p}, {x}",
        "{x} towards the {p}",
        "{x} in the {p} corner",
        "{x} on the {p} side",
        "{p}: {x}",
        "only {x} in the {p} quarter",
        "{x} within the {p} part",
        "{x} situated in the {p}",
        "{x} close to the {p} edge",
        "in the {p} portion, {x}",
        "{x} that lie in the {p}",
        "{x}, {p} only",
        "{x} belonging to the {p} half",
        "from the {p}: {x}",
        "at the {p}, {x}",
        "{x} on the {p} of the scene",
        "look at the {p} and find {x}",
    ),
    places=_CELLS,
    largest=(
        "the largest of {x}",
        "the biggest one of {x}",
        "{x}, only the largest",
        "{x}: biggest",
    ),
    smallest=("the smallest of {x}", "the tiniest one of {x}", "{x}, only the smallest"),
    absent=(
        "airplane",
        "ship",
        "wind turbine",
        "stadium",
        "runway",
        "cruise ship",
        "helicopter",
        "railway station",
        "oil tank",
        "solar farm",
        "glacier",
        "volcano",
        "lighthouse",
        "roller coaster",
        "cemetery",
        "quarry",
        "dam",
        "windmill",
        "golf course",
        "racetrack",
        "radio telescope",
        "waterfall",
        "train",
        "container terminal",
        "greenhouse",
        "vineyard",
        "iceberg",
        "elephant",
        "football field",
        "baseball diamond",
        "ferry",
        "satellite dish",
    ),
)

HELD_OUT = Wording(
    nouns=(
        ("building", "buildings"),
        ("house", "houses"),
        ("residential building", "residential buildings"),
    ),
    appear=(
        "{n} that have gone up since the earlier picture",
        "all {n} which got built in the meantime",
        "which {n} are newly there?",
        "freshly put up {n}",
        "{n} you can see now but could not see before",
        "highlight every {n} that was newly created",
        "please outline the {n} erected recently",
        "the {n} that popped up",
    ),
    disappear=(
        "{n} that have been pulled down since the earlier picture",
        "which {n} are no longer there?",
        "all {n} which got demolished in the meantime",
        "bulldozed {n}",
        "{n} you could see before but cannot see now",
        "highlight every {n} that was taken away",
        "please outline the {n} demolished recently",
        "the {n} that went missing",
    ),
    state=("which {n} look different now?", "{n} affected by change", "modified {n}"),
    place=(
        "{x}, restricted to the {p} quadrant",
        "inside the {p} area, {x}",
        "{x} found around the {p}",
    ),
    places={
        "top left": ("top left", "upper-left", "north-western"),
        "top right": ("top right", "upper-right", "north-eastern"),
        "bottom left": ("bottom left", "lower-left", "south-western"),
        "bottom right": ("bottom right", "lower-right", "south-eastern"),
    },
    largest=("only the single largest among {x}",),
    smallest=("only the single smallest among {x}",),
    absent=("aircraft", "boat", "harbour", "power plant", "tennis court", "observatory", "castle"),
)


@dataclass(frozen=True)
class Expression:
    """A sentence and the mask that it describes."""

    text: str
    mask: BoolArray
    """(H, W)."""
    kind: ChangeKind
    task: str
    region: BoolArray | None = None
    """(H, W), the place that the sentence names; None is everywhere."""


def write_expression(
    label: UInt8Array, task: Task, wording: Wording, rng: np.random.Generator
) -> Expression | None:
    """Make one sentence about a label map.

    Args:
        label: (H, W), codes of `mtrs_geo.data.changes`.
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


def _plain(
    label: UInt8Array, task: str, wording: Wording, rng: np.random.Generator
) -> Expression | None:
    directed = not (label == CHANGED).any()
    if task == "state":
        mask = (label != 0) & (label != IGNORE)
        return Expression(_phrase(wording.state, wording, rng, mask), mask, "state", task)
    if not directed:
        return None
    code, templates = (
        (APPEAR, wording.appear) if task == "appear" else (DISAPPEAR, wording.disappear)
    )
    mask = label == code
    kind: ChangeKind = "appear" if task == "appear" else "disappear"
    return Expression(_phrase(templates, wording, rng, mask), mask, kind, task)


def _phrase(
    templates: tuple[str, ...], wording: Wording, rng: np.random.Generator, mask: BoolArray
) -> str:
    singular, plural = wording.nouns[rng.integers(len(wording.nouns))]
    one = rng.random() < 0.3 and int(ndimage.label(mask)[1]) == 1
    template = templates[rng.integers(len(templates))]
    if one:
        template = _in_singular(template)
    if _SINGULAR.search(template):
        return template.format(n=singular)
    return template.format(n=singular if one else plural)


def _in_singular(template: str) -> str:
    words = {"were": "was", "have": "has", "are": "is", "exist": "exists", "differ": "differs"}
    return " ".join(words.get(word, word) for word in template.split(" "))


def _position(label: UInt8Array, wording: Wording, rng: np.random.Generator) -> Expression | None:
    phrase = _directed(label, wording, rng)
    if phrase is None or not phrase.mask.any():
        return None
    groups, count = ndimage.label(phrase.mask)
    centres = np.asarray(ndimage.center_of_mass(phrase.mask, groups, range(1, count + 1)))
    relative = centres / np.asarray(label.shape)
    names = list(wording.places)
    inside = {name: _within(name, relative) for name in names}
    filled = [name for name in names if inside[name].any()]
    # Mostly a place where something is, else the answer is nearly always empty.
    pool = filled if filled and rng.random() < 0.8 else names
    name = pool[rng.integers(len(pool))]
    chosen = np.flatnonzero(inside[name]) + 1
    word = wording.places[name][rng.integers(len(wording.places[name]))]
    template = wording.place[rng.integers(len(wording.place))]
    text = template.format(x=phrase.text, p=word)
    rows, cols = (np.indices(label.shape) + 0.5).reshape(2, -1) / np.asarray(label.shape)[:, None]
    region = _within(name, np.stack([rows, cols], axis=1)).reshape(label.shape)
    return Expression(text, np.isin(groups, chosen), phrase.kind, "position", region)


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
    return Expression(text, groups == best + 1, phrase.kind, "size")


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
    text = template.format(n=noun if _SINGULAR.search(template) else f"{noun}s")
    return Expression(text, np.zeros(label.shape, bool), kind, "absent")
