"""Compare the times that a sentence names with the dates of the rasters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from mtrs_geo.query.doubt import Doubt
from mtrs_geo.query.times import NamedTime

__all__ = ["Span", "compare_times", "span_of_date", "span_of_time"]

_YEAR_SLACK, _MONTH_SLACK = 6, 2
"""How many months a raster may lie outside of a period that is given in years, or in months."""
_Range = tuple[int, int]


@dataclass(frozen=True)
class Span:
    """A span of time, in months counted from year 0; the last moment does not belong to it."""

    first: float
    """Minus infinity if it has no start."""
    last: float
    """Infinity if it has no end."""
    slack: int = 0
    """Months that a raster may lie outside of it."""

    @property
    def months(self) -> float:
        """Length."""
        return self.last - self.first


def span_of_date(date: str) -> Span:
    """Return the months of a date: twelve of "2016", one of "2016-06" or "2016-06-15"."""
    first, last = _months(date)
    return Span(first, last + 1)


def span_of_time(time: NamedTime, dates: Sequence[str]) -> Span:
    """Return the months that a sentence names.

    Args:
        time: a period, or a relative one, which counts back from the last date.
        dates: of the rasters.
    """
    first, last, slack = _period(time, [_months(date) for date in dates])
    return Span(
        -math.inf if first is None else first, math.inf if last is None else last + 1, slack
    )


def compare_times(times: Sequence[NamedTime], dates: Sequence[str | None]) -> list[Doubt]:
    """Return a doubt for each time that the dates of the rasters do not answer.

    A change is known to lie between two rasters.  A period is answered if one raster is from its
    start and one from its end; a period without start or end needs only the other one.  Six
    months are tolerated where the sentence names years, two where it names months.

    Args:
        times: as `mtrs_geo.query.times.named_times` returns them.
        dates: of the rasters, from the first to the last: "2016", "2016-06", "2016-06-15", or None.

    Returns:
        Nothing for times that are answered.
    """
    known = [(date, _months(date)) for date in dates if date]
    doubts = [_compare(time, [m for _, m in known], [d for d, _ in known]) for time in times]
    return list(dict.fromkeys(doubt for doubt in doubts if doubt))


def _compare(time: NamedTime, months: list[_Range], dates: list[str]) -> Doubt | None:
    quoted, values = f"'{time.phrase}'", asdict(time)
    if time.kind == "event":
        return Doubt(f"{quoted} was not used: it names no date.", "time_without_date", values)
    if len(months) < 2:
        text = f"{quoted} was not used: the dates of the rasters are not known."
        return Doubt(text, "rasters_without_dates", values)
    first, last, slack = _period(time, months)
    rasters, dated = f"the rasters are from {_listed(dates)}", values | {"dates": dates}
    if last is not None and min(m[0] for m in months) > last + slack:
        return Doubt(f"{rasters}; all are later than {quoted}.", "rasters_later", dated)
    if first is not None and max(m[1] for m in months) < first - slack:
        return Doubt(f"{rasters}; all are earlier than {quoted}.", "rasters_earlier", dated)
    starts, ends = _matching(months, first, last, slack)
    problems = []
    if first is not None and not starts:
        is_early = months[0][0] < first
        problems.append(("separated" if is_early else "shown", "before" if is_early else "first"))
    if last is not None and not ends:
        is_late = months[-1][1] > last
        problems.append(("separated" if is_late else "shown", "after" if is_late else "last"))
    if not problems:
        return None
    text = f"{rasters}; {_described(quoted, problems)}."
    return Doubt(text, "time_not_matched", dated | {"problems": [list(p) for p in problems]})


def _matching(
    months: list[_Range], first: int | None, last: int | None, slack: int
) -> tuple[list[int], list[int]]:
    """Return which rasters may be the start and which the end; a start has a later end."""
    ends = list(range(1, len(months)))
    if last is not None:
        ends = [i for i in ends if _is_at(months[i], last - 2 * slack + 1, last + slack)]
    latest = max(ends, default=len(months) - 1)
    starts = list(range(latest))
    if first is not None:
        starts = [i for i in starts if _is_at(months[i], first - slack, first + 2 * slack - 1)]
    return starts, ends


def _described(quoted: str, problems: list[tuple[str, str]]) -> str:
    mixed = " and ".join(side for kind, side in problems if kind == "separated")
    unseen = " and the ".join(side for kind, side in problems if kind == "shown")
    parts = []
    if mixed:
        parts.append(f"{quoted} cannot be separated from the years {mixed}")
    if unseen:
        parts.append(f"the {unseen} years of {quoted} are not shown")
    return ", and ".join(parts)


def _period(time: NamedTime, months: list[_Range]) -> tuple[int | None, int | None, int]:
    """Return first and last month as numbers, and the tolerated months."""
    if time.kind == "relative":
        length = time.months or 0
        end = max(m[1] for m in months)
        return end - length, None, max(_MONTH_SLACK, min(_YEAR_SLACK, length // 4))
    ends = [time.first, time.last]
    first, last = (None if end is None else _months(end)[0] for end in ends)
    is_in_years = any(end is not None and end.endswith(("-01", "-12")) for end in ends)
    return first, last, _YEAR_SLACK if is_in_years else _MONTH_SLACK


def _is_at(months: _Range, first: int, last: int) -> bool:
    return months[0] <= last and months[1] >= first


def _months(date: str) -> _Range:
    """Return the first and last month of a date, counted from year 0."""
    year = int(date[:4]) * 12
    if len(date) < 7:
        return year, year + 11
    month = year + int(date[5:7]) - 1
    return month, month


def _listed(dates: list[str]) -> str:
    if len(dates) > 3:
        return f"{dates[0]} to {dates[-1]}"
    return " and ".join([", ".join(dates[:-1]), dates[-1]]) if len(dates) > 1 else dates[0]
