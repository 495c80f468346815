"""Draw sentences of all kinds about a pair, with the probabilities that training uses."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mtrs_geo.data.datasets.classes import ClassPair
from mtrs_geo.data.sentences.expression import Expression
from mtrs_geo.data.sentences.land_cover import ClassTask, write_class_expression
from mtrs_geo.data.sentences.wording import ClassWording

__all__ = ["TASK_PROBABILITIES", "draw_expressions"]

TASK_PROBABILITIES: Mapping[ClassTask, float] = {
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
"""Probability of each task; if a pair has no sentence of a task, the task is drawn again."""


def draw_expressions(
    pair: ClassPair, count: int, wording: ClassWording, rng: np.random.Generator
) -> list[Expression]:
    """Return ``count`` sentences about a pair.

    If the pair has no change, most of their masks are empty.
    """
    tasks, probabilities = list(TASK_PROBABILITIES), list(TASK_PROBABILITIES.values())
    expressions: list[Expression] = []
    while len(expressions) < count:
        task = tasks[rng.choice(len(tasks), p=probabilities)]
        expression = write_class_expression(pair, task, wording, rng)
        if expression is not None:
            expressions.append(expression)
    return expressions
