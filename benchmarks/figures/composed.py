"""Pairs composed from labelled scenes: every class, in held-out words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from figures.asking import Asked, Item
from figures.placed import placed_questions
from mtrs_geo.class_codes import CODES
from mtrs_geo.data.compose import Composer, Library, Recipe
from mtrs_geo.data.datasets.classes import ClassPair
from mtrs_geo.data.datasets.scenes import read_labelled_scenes
from mtrs_geo.data.sampling.composed_split import open_composer
from mtrs_geo.data.sentences import ClassTask, write_class_expression
from mtrs_geo.data.sentences.buildings import Expression
from mtrs_geo.data.sentences.land_cover_words_held_out import HELD_OUT_CLASSES
from mtrs_geo.types import LandCoverClass

__all__ = ["BY_CLASS", "NO_TARGET", "composed_items", "held_back_composer", "source_composer"]

_SEED = 2026
BY_CLASS: tuple[ClassTask, ...] = ("appear", "disappear", "become")
NO_TARGET: tuple[ClassTask, ...] = ("wrong_direction", "wrong_class", "absent")
_DRAWN: Mapping[ClassTask, int] = {
    "appear": 4,
    "disappear": 4,
    "become": 3,
    "any": 1,
    "state": 2,
    "count": 1,
    "attribute": 2,
    "except": 2,
    "wrong_direction": 2,
    "wrong_class": 2,
    "absent": 2,
}
_PLACED = 2


def held_back_composer(root: Path) -> Composer:
    """Compose from the scenes that no training sees."""
    return open_composer(root / "scenes", "val", seed=_SEED)


def source_composer(root: Path, source: str) -> Composer:
    """Compose from all scenes of one set.

    Raises:
        RasterError: if nothing can be built on its scenes.
    """
    scenes = read_labelled_scenes(root / "scenes", [source], keep=lambda *_: True)
    return Composer(Library(scenes), Recipe(), seed=_SEED)


def composed_items(composer: Composer, count: int, prefix: str) -> Iterator[Item]:
    """Yield composed pairs with sentences of every task that they can carry."""
    for index in range(count):
        pair = composer.sample(index)
        rng = np.random.default_rng((_SEED, index, 1))
        asked = [*_questions(pair, prefix, rng), *placed_questions(pair, prefix, _PLACED, rng)]
        once = {(one.figure, one.text): one for one in asked}
        yield Item(pair.before, pair.after, pair.gsd_m, tuple(once.values()))


def _questions(pair: ClassPair, prefix: str, rng: np.random.Generator) -> Iterator[Asked]:
    for task, often in _DRAWN.items():
        for _ in range(often):
            found = write_class_expression(pair, task, HELD_OUT_CLASSES, rng)
            if found is None:
                continue
            yield Asked(prefix + task, found.text, found.mask)
            if task in BY_CLASS:
                yield Asked(f"{prefix}{_spoken_of(found, task)}.{task}", found.text, found.mask)


def _spoken_of(expression: Expression, task: ClassTask) -> LandCoverClass:
    """Return the class that comes or goes; of "a became b" it is b."""
    named = expression.from_classes if task == "disappear" else expression.to_classes
    (land,) = named & set(CODES)
    return land
