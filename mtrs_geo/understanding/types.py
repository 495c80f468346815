"""Types that the modules of this package share."""

from __future__ import annotations

from typing import Literal, TypeAlias

__all__ = ["LIKELY", "Classes", "Direction", "Status"]

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
