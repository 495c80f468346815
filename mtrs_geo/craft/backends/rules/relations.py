"""Where instances are, in words that hold for them and for no other instance of their theme."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mtrs_geo.craft.backends.rules.evidence import Evidence
from mtrs_geo.craft.backends.rules.meaning import (
    COMPASS,
    distance_m,
    is_beyond,
    meant_instances,
    standing_mask,
)
from mtrs_geo.craft.backends.rules.themes import PLACE_OF_CELL, Theme, themes_of
from mtrs_geo.craft.backends.rules.wording import own_templates, theme_sentence
from mtrs_geo.data.sentences.instances import Instance
from mtrs_geo.data.sentences.land_cover_words import TRAIN_CLASSES
from mtrs_geo.data.sentences.select import extreme_instance, instances_in_place, union
from mtrs_geo.types import Cell, LandCoverClass, Place

__all__ = ["Located", "locate_in_words", "place_words", "rank_sentence", "without_cell"]

_NEAR_M, _FAR_M = 20.0, 50.0
"""Instances up to the first distance are "beside" and "near" a thing, from the second neither."""
_TRIES = 6
_OWN_WORDS = 3
"""Of the words for a place, the first are this project's own, and the plainest."""
_PLACE_ENDS = ("{p}", "{p} of the image")
_CELLS = "|".join([*map(re.escape, PLACE_OF_CELL), r"row \d+, column \d+"])
_IN_CELL = re.compile(rf",? (?:in|at) (?:the )?(?:{_CELLS})\b")


@dataclass(frozen=True)
class Located:
    """A sentence that says where instances are."""

    sentence: str
    how: str
    """``all``, ``extreme``, ``relation``, ``compass``, ``place``; empty if no words are exact."""


def locate_in_words(
    theme: Theme, selected: Sequence[Instance], evidence: Evidence, rng: np.random.Generator
) -> Located | None:
    """Write about some instances of a theme so that the sentence means no others.

    Returns:
        None if no words are exact.
    """
    for option in _options(theme, selected, evidence, rng):
        meant = meant_instances(option.sentence, evidence)
        if meant is not None and {id(i) for i in meant} == {id(i) for i in selected}:
            return option
    return None


def rank_sentence(template: str, theme: Theme, evidence: Evidence, rng: np.random.Generator) -> str:
    """Return a sentence such as "the largest of the new houses" from a template with {x}."""
    text = theme_sentence(theme, theme.instances, evidence, rng, is_counted=True)
    needs_article = "of {x}" in template and not text.startswith(
        ("the ", "all ", "every ", "each ")
    )
    return template.format(x=f"the {text}" if needs_article else text)


def place_words(cell: str, rng: np.random.Generator) -> str:
    """Return natural words for a cell of a 3 × 3 grid, such as "upper left"; empty for others."""
    place = PLACE_OF_CELL.get(cell)
    return _words_of(place, rng) if place else ""


def without_cell(sentence: str) -> str:
    """Return a sentence without the cell that it names."""
    return _IN_CELL.sub("", sentence).strip()


def _options(
    theme: Theme, selected: Sequence[Instance], evidence: Evidence, rng: np.random.Generator
) -> Iterator[Located]:
    """Return sentences, the most relational first."""

    def words(instances: Sequence[Instance]) -> str:
        return theme_sentence(theme, instances, evidence, rng)

    if len(selected) == len(theme.instances):
        yield from _relations(theme, selected, evidence, rng, needs_others=False)
        yield Located(words(selected), "all")
        return
    if len(selected) == 1:
        for which in rng.permutation(sorted(TRAIN_CLASSES.extremes)):
            if extreme_instance(theme.instances, which) is selected[0]:
                for _ in range(_TRIES):
                    kind = which if which in ("largest", "smallest") else ""
                    own = own_templates(TRAIN_CLASSES.extremes[which], kind, "the ")
                    template = _pick(own, rng)
                    yield Located(rank_sentence(template, theme, evidence, rng), "extreme")
    yield from _relations(theme, selected, evidence, rng, needs_others=True)
    yield from _compass(theme, selected, evidence, rng)
    yield from _places(theme, selected, evidence, rng)


def _relations(
    theme: Theme, selected: Sequence[Instance], evidence: Evidence, rng: np.random.Generator,
    *, needs_others: bool,
) -> Iterator[Located]:  # fmt: skip
    """Write "beside the road"; without others only if all instances are near."""
    references = TRAIN_CLASSES.references
    is_selected = np.array([any(i is s for s in selected) for i in theme.instances])
    for words, mask in _things(theme, evidence, rng):
        far = distance_m(theme.instances, mask, evidence.classes.gsd_m)
        if (far[is_selected] > _NEAR_M).any() or (far[~is_selected] < _FAR_M).any():
            continue
        if not needs_others and rng.random() < 0.5:
            continue
        for _ in range(_TRIES):
            text = theme_sentence(theme, selected, evidence, rng)
            template = _pick(own_templates(references.near, "near"), rng)
            yield Located(template.format(x=text, r=words), "relation")


def _things(
    theme: Theme, evidence: Evidence, rng: np.random.Generator
) -> Iterator[tuple[str, np.ndarray]]:
    """Return things to refer to, with their pixels: what changed, then what stands."""
    shape = evidence.classes.changed.shape
    for other in themes_of(evidence):
        if other is not theme and other.change_type != "state":
            yield _noun_of_change(other), union(other.instances, shape)
    names: list[LandCoverClass] = ["road", "water", "vegetation"]
    for name in rng.permutation(names):
        mask = standing_mask(name, evidence) if name != theme.object_class else None
        if mask is not None:
            yield _pick(TRAIN_CLASSES.references.nouns[name], rng), mask


def _noun_of_change(theme: Theme) -> str:
    noun = theme.object_class if theme.object_class != "bare" else "bare ground"
    is_several = len(theme.instances) > 1 and noun in ("building", "road", "car")
    adjective = "new" if theme.change_type == "appear" else "removed"
    return f"the {adjective} {noun}{'s' if is_several else ''}"


def _compass(
    theme: Theme, selected: Sequence[Instance], evidence: Evidence, rng: np.random.Generator
) -> Iterator[Located]:
    """Write "north of the new road" about the one instance of another theme."""
    for other in themes_of(evidence):
        if other is theme or other.change_type == "state" or len(other.instances) != 1:
            continue
        for side in COMPASS:
            found = [i for i in theme.instances if is_beyond(i, other.instances[0], side)]
            if {id(i) for i in found} == {id(i) for i in selected}:
                text = theme_sentence(theme, selected, evidence, rng)
                yield Located(f"{text} {side} of {_noun_of_change(other)}", "compass")


def _places(
    theme: Theme, selected: Sequence[Instance], evidence: Evidence, rng: np.random.Generator
) -> Iterator[Located]:
    wanted = {id(i) for i in selected}
    places: list[Place | Cell] = [*TRAIN_CLASSES.cells, *TRAIN_CLASSES.places]
    own = own_templates(TRAIN_CLASSES.place, "place")
    templates = [t for t in own if t.endswith(_PLACE_ENDS)]
    for place in places:
        found = instances_in_place(theme.instances, place)
        if found is None or {id(i) for i in found} != wanted:
            continue
        for _ in range(_TRIES):
            text = theme_sentence(theme, selected, evidence, rng)
            sentence = _pick(templates, rng).format(x=text, p=_words_of(place, rng))
            yield Located(sentence, "place")


def _words_of(place: Place | Cell, rng: np.random.Generator) -> str:
    words = TRAIN_CLASSES.cells if place in TRAIN_CLASSES.cells else TRAIN_CLASSES.places
    return str(_pick(words[place][:_OWN_WORDS], rng))  # type: ignore[index]


def _pick(choices: Sequence[str], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]
