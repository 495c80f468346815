"""What a sentence may mean: a direction, with up to two classes at each date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, TypeAlias, get_args

import numpy as np

from mtrs_geo.types import FloatArray
from mtrs_geo.understanding import LAND_COVER

__all__ = ["DIRECTIONS", "MEANINGS", "Meaning", "probabilities"]

ReadDirection: TypeAlias = Literal["appeared", "disappeared", "changed", "unchanged", "any", "none"]
"""A direction, or that the sentence asks for nothing that the model knows."""

DIRECTIONS: tuple[ReadDirection, ...] = get_args(ReadDirection)
"""Outputs of the direction head, in order."""


@dataclass(frozen=True)
class Meaning:
    """What one sentence asks for."""

    direction: ReadDirection
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def _meanings() -> Iterator[Meaning]:
    names = sorted(LAND_COVER)
    one_or_two = [*combinations(names, 1), *combinations(names, 2)]
    # What became one class from an unnamed one has appeared in it.
    for classes in ((), *one_or_two):
        yield Meaning("appeared", (), classes)
        yield Meaning("disappeared", classes, ())
        yield Meaning("any", classes, classes)
        yield Meaning("unchanged", classes, classes)
    for before in one_or_two:
        for after in one_or_two:
            if len(before) + len(after) < 4 and before != after:
                yield Meaning("changed", before, after)
    yield Meaning("none")


MEANINGS = tuple(_meanings())
"""All meanings that the reader may answer."""

_DIRECTION = np.array([DIRECTIONS.index(m.direction) for m in MEANINGS])
_BEFORE, _AFTER = (
    np.array([[name in getattr(m, date) for name in LAND_COVER] for m in MEANINGS], np.float32)
    for date in ("before", "after")
)  # (M, 5)
_NAMES_NONE = DIRECTIONS.index("none") == _DIRECTION


def probabilities(direction: FloatArray, before: FloatArray, after: FloatArray) -> FloatArray:
    """Return the probability (M,) of each of `MEANINGS`.

    Args:
        direction: logits (6,) of `DIRECTIONS`, exclusive.
        before: logits (5,) of the classes at the earlier date, not exclusive.
        after: the same at the later date.
    """
    exclusive = direction - np.logaddexp.reduce(direction)
    classes = _log_likelihood(before, _BEFORE) + _log_likelihood(after, _AFTER)
    scores = exclusive[_DIRECTION] + np.where(_NAMES_NONE, 0, classes)
    found: FloatArray = np.exp(scores - np.logaddexp.reduce(scores))
    return found


def _log_likelihood(logits: FloatArray, named: FloatArray) -> FloatArray:
    """Return the log likelihood (M,) of the named classes (M, 5) under logits (5,)."""
    yes, no = -np.logaddexp(0, -logits), -np.logaddexp(0, logits)
    found: FloatArray = named @ yes + (1 - named) @ no
    return found
