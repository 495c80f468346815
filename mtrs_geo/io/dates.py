"""Find the date of a raster in its tags and its file name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime

__all__ = ["find_date"]

_DAY = re.compile(
    r"(?<!\d)(\d{4})([-_.:]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?:\d{4}|\d{6})?(?!\d)"
)
"""Year, month and day; a time may follow without a separator."""
_YEAR = re.compile(r"(?<!\d)(?<!\dx)(\d{4})(?![\da-z])", re.IGNORECASE)
_FIRST_YEAR = 1900


def find_date(texts: Iterable[str]) -> str | None:
    """Return the ISO date, or the year, of the first text that has one; None if none has.

    A full date has priority over a year.  A text with two different dates has none, because
    it is ambiguous.  Future years, as in ``tile_2048``, are not dates.

    Args:
        texts: tags and names, the most reliable first.
    """
    return next((iso_date for iso_date in map(_date_of, texts) if iso_date), None)


def _date_of(text: str) -> str | None:
    days = {day for year, _, month, dom in _DAY.findall(text) if (day := _day(year, month, dom))}
    if days:
        return days.pop() if len(days) == 1 else None
    years = set(filter(_is_year, _YEAR.findall(text)))
    return years.pop() if len(years) == 1 else None


def _day(year: str, month: str, day: str) -> str | None:
    try:
        iso_date = date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None
    return iso_date if _is_year(year) else None


def _is_year(text: str) -> bool:
    # Next year is valid: time zones differ, and mosaics are named for the year of their use.
    return _FIRST_YEAR <= int(text) <= datetime.now(UTC).year + 1
