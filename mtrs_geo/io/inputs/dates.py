"""Dates that a user gives: text, years, date and datetime objects."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypeAlias

import numpy as np

from mtrs_geo.errors import RequestError

__all__ = ["DateLike", "iso_dates"]

DateLike: TypeAlias = str | int | date | np.datetime64 | None
"""ISO text, a year, a date, a datetime, or None for one that is not known."""


def iso_dates(dates: Sequence[DateLike]) -> tuple[str | None, ...]:
    """Return the dates of rasters as ISO texts or years; text stays as it is.

    Args:
        dates: one per raster.

    Raises:
        RequestError: if it is no list, or an entry is of another kind.
    """
    if isinstance(dates, str) or not hasattr(dates, "__iter__"):
        msg = f"dates {dates!r} is not a list."
        raise RequestError(msg, advice="Give one date per raster, for example (2016, 2023).")
    return tuple(None if entry is None else _iso(entry) for entry in dates)


def _iso(entry: DateLike) -> str:
    if isinstance(entry, str):
        return entry
    if isinstance(entry, np.datetime64):
        return str(entry.astype("datetime64[D]"))
    if isinstance(entry, date):  # a datetime, or a Timestamp of pandas, is a date
        return f"{entry:%Y-%m-%d}"
    if isinstance(entry, int | np.integer) and 0 < entry <= 9999:
        return f"{int(entry):04d}"
    msg = f"{entry!r} is not a date."
    raise RequestError(msg, advice="Give text such as 2016-06-14, a year, or a date object.")
