"""The date of a raster, from what its tags and its name say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime

__all__ = ["find_date"]

_DAY = re.compile(
    r"(?<!\d)(\d{4})([-_.:]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?:\d{4}|\d{6})?(?!\d)"
)
"""Year, month and day; a time of day may follow directly."""
_YEAR = re.compile(r"(?<!\d)(?<!\dx)(\d{4})(?![\da-z])", re.IGNORECASE)
_FIRST_YEAR = 1900


def find_date(texts: Iterable[str]) -> str | None:
    """Return the ISO date, or the year, that the first text which says one agrees on.

    A day counts more than a year.  Two different ones in a text are none: which is meant
    is not known.  ``tile_2048`` is no year, as it lies in the future.

    Args:
        texts: tags and names, the most reliable first.
    """
    return next((found for found in map(_read, texts) if found), None)


def _read(text: str) -> str | None:
    days = {day for year, _, month, dom in _DAY.findall(text) if (day := _day(year, month, dom))}
    if days:
        return days.pop() if len(days) == 1 else None
    years = set(filter(_is_year, _YEAR.findall(text)))
    return years.pop() if len(years) == 1 else None


def _day(year: str, month: str, day: str) -> str | None:
    try:
        found = date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None
    return found if _is_year(year) else None


def _is_year(text: str) -> bool:
    # Next year's too: clocks differ, and mosaics carry the year that they are made for.
    return _FIRST_YEAR <= int(text) <= datetime.now(UTC).year + 1
