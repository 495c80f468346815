"""Queries about places, extremes and neighbours, in held-out wording."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice

import numpy as np

from figures.scoring import LabelledQuery
from mtrs_geo.data.datasets.classes import ClassPair
from mtrs_geo.data.sentences import ClassTask, ClassWording, write_class_expression
from mtrs_geo.data.sentences.land_cover_words_held_out import HELD_OUT_CLASSES

__all__ = ["SPATIAL_TASKS", "spatial_queries"]

_TRIES = 4


def _extremes(*names: str) -> ClassWording:
    words = HELD_OUT_CLASSES.extremes
    return replace(HELD_OUT_CLASSES, extremes={name: words[name] for name in names})


SPATIAL_TASKS: Mapping[str, tuple[ClassTask, ClassWording]] = {
    "position": ("position", HELD_OUT_CLASSES),
    "cell": ("cell", HELD_OUT_CLASSES),
    "largest": ("extreme", _extremes("largest", "smallest")),
    "outermost": ("extreme", _extremes("top", "bottom", "left", "right")),
    "relation": ("relation", HELD_OUT_CLASSES),
}
"""Figure to task and wording; a position is a quarter of the scene, a cell is a ninth."""


def spatial_queries(
    pair: ClassPair, prefix: str, count: int, rng: np.random.Generator
) -> Iterator[LabelledQuery]:
    """Yield up to ``count`` queries per figure of `SPATIAL_TASKS`, as the pair allows."""
    for name, (task, wording) in SPATIAL_TASKS.items():
        drawn = (write_class_expression(pair, task, wording, rng) for _ in range(_TRIES * count))
        by_text = {expression.text: expression for expression in drawn if expression is not None}
        for expression in islice(by_text.values(), count):
            yield LabelledQuery(prefix + name, expression.text, expression.mask)
