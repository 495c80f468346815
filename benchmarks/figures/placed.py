"""Sentences about places, extremes and neighbours, in held-out words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice

import numpy as np

from figures.asking import Asked
from mtrs_geo.data.datasets.classes import ClassPair
from mtrs_geo.data.sentences import ClassTask, ClassWording, write_class_expression
from mtrs_geo.data.sentences.land_cover_words_held_out import HELD_OUT_CLASSES

__all__ = ["PLACED", "placed_questions"]

_TRIES = 4


def _extremes(*kept: str) -> ClassWording:
    words = HELD_OUT_CLASSES.extremes
    return replace(HELD_OUT_CLASSES, extremes={name: words[name] for name in kept})


PLACED: Mapping[str, tuple[ClassTask, ClassWording]] = {
    "position": ("position", HELD_OUT_CLASSES),
    "cell": ("cell", HELD_OUT_CLASSES),
    "largest": ("extreme", _extremes("largest", "smallest")),
    "outermost": ("extreme", _extremes("top", "bottom", "left", "right")),
    "relation": ("relation", HELD_OUT_CLASSES),
}
"""Figure to task and words; a quarter of the scene is a position, a ninth of it a cell."""


def placed_questions(
    pair: ClassPair, prefix: str, each: int, rng: np.random.Generator
) -> Iterator[Asked]:
    """Yield up to ``each`` sentences a figure of `PLACED`, as far as a pair can carry them."""
    for name, (task, wording) in PLACED.items():
        drawn = (write_class_expression(pair, task, wording, rng) for _ in range(_TRIES * each))
        once = {found.text: found for found in drawn if found is not None}
        for found in islice(once.values(), each):
            yield Asked(prefix + name, found.text, found.mask)
