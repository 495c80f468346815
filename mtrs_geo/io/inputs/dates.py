"""Dates that a user gives: text, years, date and datetime objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import date
from typing import TypeAlias

import numpy as np

from mtrs_geo.errors import RequestError
from mtrs_geo.io.dates import parse_date

__all__ = ["DateLike", "iso_dates"]

DateLike: TypeAlias = str | int | date | np.datetime64 | None
"""ISO text, a year, a date, a datetime, or None for one that is not known."""


def iso_dates(dates: Sequence[DateLike]) -> tuple[str | None, ...]:
    """Return the dates of rasters as ISO dates, months or years.

    Args:
        dates: one per raster.

    Raises:
        RequestError: if it is not a list, or an entry is not a date.
    """
    if isinstance(dates, str | Set | Mapping) or not hasattr(dates, "__iter__"):
        msg = f"dates {dates!r} is not a list."
        raise RequestError(msg, advice="Give one date per raster, for example (2016, 2023).")
    return tuple(None if entry is None else _iso(entry) for entry in dates)


def _iso(entry: DateLike) -> str:
    if isinstance(entry, np.datetime64):
        return parse_date(entry.astype("datetime64[D]"))
    return parse_date(entry)
