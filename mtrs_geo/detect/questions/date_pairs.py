"""The pairs of dates of a stack that are compared, and the names of the dates in texts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise
from typing import Literal, TypeAlias

__all__ = ["DatePair", "PairChoice", "date_names", "date_pairs"]

PairChoice: TypeAlias = Literal["consecutive", "first-last", "all"]
"""Each two neighbouring dates, the first and the last, or each two dates."""

DatePair: TypeAlias = tuple[int, int]
"""Indices of the earlier and of the later date."""


def date_pairs(choice: PairChoice, dates: int) -> tuple[DatePair, ...]:
    """Return the pairs of a number of dates, sorted; two dates are one pair for any choice."""
    if choice == "first-last":
        return ((0, dates - 1),)
    if choice == "all":
        return tuple(combinations(range(dates), 2))
    return tuple(pairwise(range(dates)))


def date_names(dates: Sequence[str | None]) -> tuple[str, ...]:
    """Return each date as text; that of a raster without one is its number, as in "raster 2"."""
    return tuple(date or f"raster {i + 1}" for i, date in enumerate(dates))
