"""Sentences about places, extremes and neighbours, in held-out words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from figures.asking import Asked
from mtrs_geo.data.classes import ClassPair
from mtrs_geo.data.referring import ClassTask, ClassWording, write_class_expression
from mtrs_geo.data.referring.held_out_words import HELD_OUT_CLASSES

__all__ = ["PLACED", "placed_questions"]


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
    """Yield up to ``each`` sentences a figure of `PLACED` that a pair can carry."""
    for name, (task, wording) in PLACED.items():
        for _ in range(each):
            found = write_class_expression(pair, task, wording, rng)
            if found is not None:
                yield Asked(prefix + name, found.text, found.mask)
