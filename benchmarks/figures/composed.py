"""Queries on pairs composed from labelled scenes: every class, in held-out wording."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from figures.scoring import LabelledQuery, QueriedPair
from figures.spatial import spatial_queries
from mtrs_geo.class_codes import CODES
from mtrs_geo.data.compose import Composer, Library, Recipe
from mtrs_geo.data.datasets.classes import ClassPair
from mtrs_geo.data.datasets.scenes import read_labelled_scenes
from mtrs_geo.data.sampling.composed_split import open_composer
from mtrs_geo.data.sentences import ClassTask, write_class_expression
from mtrs_geo.data.sentences.expression import Expression
from mtrs_geo.data.sentences.land_cover_words_held_out import HELD_OUT_CLASSES
from mtrs_geo.types import LandCoverClass

__all__ = [
    "BY_CLASS",
    "NO_TARGET",
    "class_queries",
    "composed_pairs",
    "held_out_composer",
    "source_composer",
]

_SEED = 2026
BY_CLASS: tuple[ClassTask, ...] = ("appear", "disappear", "become")
NO_TARGET: tuple[ClassTask, ...] = ("wrong_direction", "wrong_class", "absent")
_DRAWS: Mapping[ClassTask, int] = {
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
_SPATIAL = 2


def held_out_composer(root: Path) -> Composer:
    """Return a composer of the held-out scenes."""
    return open_composer(root / "scenes", "val", seed=_SEED)


def source_composer(root: Path, source: str) -> Composer:
    """Return a composer of all scenes of one set.

    Raises:
        RasterError: if no building fits on its scenes.
    """
    scenes = read_labelled_scenes(root / "scenes", [source], keep=lambda *_: True)
    return Composer(Library(scenes), Recipe(), seed=_SEED)


def composed_pairs(composer: Composer, count: int, prefix: str) -> Iterator[QueriedPair]:
    """Yield composed pairs with queries of every task that the pair allows."""
    for index in range(count):
        pair = composer.sample(index)
        rng = np.random.default_rng((_SEED, index, 1))
        queries = [*class_queries(pair, prefix, rng), *spatial_queries(pair, prefix, _SPATIAL, rng)]
        unique = {(query.figure, query.text): query for query in queries}
        yield QueriedPair(pair.before, pair.after, pair.gsd_m, tuple(unique.values()))


def class_queries(
    pair: ClassPair, prefix: str, rng: np.random.Generator
) -> Iterator[LabelledQuery]:
    """Yield queries of every task, several of some, as the pair allows."""
    for task, count in _DRAWS.items():
        for _ in range(count):
            expression = write_class_expression(pair, task, HELD_OUT_CLASSES, rng)
            if expression is None:
                continue
            yield LabelledQuery(prefix + task, expression.text, expression.mask)
            if task in BY_CLASS:
                yield LabelledQuery(
                    f"{prefix}{_class_of(expression, task)}.{task}",
                    expression.text,
                    expression.mask,
                )


def _class_of(expression: Expression, task: ClassTask) -> LandCoverClass:
    """Return the class that appeared or disappeared; for "a became b" it is b."""
    named = expression.from_classes if task == "disappear" else expression.to_classes
    (land_cover,) = named & set(CODES)
    return land_cover
