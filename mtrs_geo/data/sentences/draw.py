"""Draws sentences of all kinds about a pair, in the shares that training uses."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mtrs_geo.data.datasets.classes import ClassPair
from mtrs_geo.data.sentences.buildings import Expression
from mtrs_geo.data.sentences.land_cover import ClassTask, write_class_expression
from mtrs_geo.data.sentences.wording import ClassWording

__all__ = ["TASK_SHARES", "draw_expressions"]

TASK_SHARES: Mapping[ClassTask, float] = {
    "appear": 0.14,
    "disappear": 0.14,
    "state": 0.05,
    "become": 0.11,
    "any": 0.03,
    "position": 0.12,
    "cell": 0.03,
    "extreme": 0.06,
    "count": 0.03,
    "relation": 0.06,
    "attribute": 0.05,
    "except": 0.05,
    "wrong_direction": 0.06,
    "wrong_class": 0.04,
    "absent": 0.03,
}
"""How often each kind is drawn; kinds that a pair cannot carry are drawn again."""


def draw_expressions(
    pair: ClassPair, count: int, wording: ClassWording, rng: np.random.Generator
) -> list[Expression]:
    """Return ``count`` sentences about a pair; without any change most of them are empty."""
    tasks, shares = list(TASK_SHARES), list(TASK_SHARES.values())
    expressions: list[Expression] = []
    while len(expressions) < count:
        task = tasks[rng.choice(len(tasks), p=shares)]
        found = write_class_expression(pair, task, wording, rng)
        if found is not None:
            expressions.append(found)
    return expressions
