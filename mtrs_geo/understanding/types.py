"""Types that the modules of this package share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["LIKELY", "Classes", "Direction", "Opinion", "Reader", "Status"]

LIKELY = 0.5
"""Probability above which the intent head of a model reads a class."""

Classes: TypeAlias = frozenset[str]
"""Classes that a sentence names for one date."""

Direction: TypeAlias = Literal["appeared", "disappeared", "changed", "unchanged", "any"]

Status: TypeAlias = Literal[
    "understood",
    "uncertain",
    "not a change question",
    "outside the vocabulary",
    "other language",
    "outside the dates",
]
"""Verdict on a question; the first two are answered."""


@dataclass(frozen=True)
class Opinion:
    """What a trained reader takes a sentence for."""

    direction: Direction | Literal["none"]
    """``none`` if the sentence asks for nothing that a model knows."""
    before: tuple[str, ...]
    """Classes at the earlier date, sorted."""
    after: tuple[str, ...]
    """Classes at the later date, sorted."""
    confidence: float
    """Its probability."""


Reader: TypeAlias = Callable[[str], Sequence[Opinion]]
"""Reads an English sentence in every way that is not very improbable, the likeliest first."""
