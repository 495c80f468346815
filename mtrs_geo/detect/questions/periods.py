"""Choose the pairs of dates of a stack that show the times which a sentence names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from mtrs_geo.detect.questions.date_pairs import DatePair, date_names, date_pairs
from mtrs_geo.query import Doubt, NamedTime, Span, compare_times, span_of_date, span_of_time

__all__ = ["ChosenPairs", "choose_pairs", "listed_pairs"]


@dataclass(frozen=True)
class ChosenPairs:
    """Pairs of dates that a sentence asks for."""

    pairs: tuple[int, ...]
    """Indices of the pairs, earliest first; none if no pair shows the named times."""
    doubts: tuple[Doubt, ...] = ()
    """A doubt for each time that the pairs do not answer, or not exactly."""
    note: str = ""
    """Which pairs are asked, if they answer the times exactly."""


def choose_pairs(
    times: Sequence[NamedTime],
    dates: Sequence[str | None],
    compared: Sequence[DatePair] | None = None,
) -> ChosenPairs:
    """Return the pairs that lie in the named times, or that overlap them.

    A pair is asked if more than half of its period, or of the named one, or more than the tolerated
    months of `compare_times` lie in both.  If no pair is, those that overlap at all are asked.  A
    single pair is always asked.

    Args:
        times: as `mtrs_geo.query.named_times` returns them.
        dates: of the rasters, earliest first: "2016", "2016-06", "2016-06-15", or None.
        compared: the pairs to choose from; by default each two neighbouring dates.
    """
    if compared is None:
        compared = date_pairs("consecutive", len(dates)) if dates else ()
    every = tuple(range(len(compared)))
    dated = [time for time in times if time.kind != "event"]
    if len(every) < 2 or not dated or not all(dates):
        return ChosenPairs(every, tuple(_unused(times, dates)))
    known = [date for date in dates if date]
    spans = [_between(span_of_date(known[i]), span_of_date(known[j])) for i, j in compared]
    chosen = [_overlapping(span_of_time(time, known), spans) for time in dated]
    common = set.intersection(*chosen) or set.union(*chosen)
    pairs = tuple(sorted(common))
    doubts = list(compare_times([time for time in times if time.kind == "event"], dates))
    if not pairs:
        return ChosenPairs((), tuple(doubts))
    inexact = False
    for time in dated:
        partly = [i for i in pairs if not _lies_in(spans[i], span_of_time(time, known))]
        found = (
            _described(time, [compared[i] for i in pairs], [compared[i] for i in partly], known)
            if partly
            else compare_times([time], dates)
        )
        inexact = inexact or bool(found)
        doubts += found
    is_note = not inexact and pairs != every
    note = (
        f"{_quoted(dated)}: asked for {listed_pairs([compared[i] for i in pairs], known)}."
        if is_note
        else ""
    )
    return ChosenPairs(pairs, tuple(doubts), note)


def listed_pairs(pairs: Sequence[DatePair], dates: Sequence[str | None]) -> str:
    """Return pairs as text: "2016 to 2018 and 2018 to 2020"."""
    named = date_names(dates)
    names = [f"{named[i]} to {named[j]}" for i, j in pairs]
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _unused(times: Sequence[NamedTime], dates: Sequence[str | None]) -> list[Doubt]:
    """Return the doubts about times that do not choose among the pairs."""
    if len(dates) < 3 or sum(date is not None for date in dates) < 2 or all(dates):
        return compare_times(times, dates)
    return [
        Doubt(f"'{time.phrase}' was not used: it names no date.", "time_without_date", asdict(time))
        if time.kind == "event"
        else Doubt(
            f"'{time.phrase}' was not used: not all dates of the rasters are known.",
            "rasters_without_dates",
            asdict(time),
        )
        for time in times
    ]


def _described(
    time: NamedTime, pairs: Sequence[DatePair], partly: Sequence[DatePair], dates: Sequence[str]
) -> list[Doubt]:
    """Return what is compared, where some pairs lie in a time only partly."""
    compared = f"'{time.phrase}': compared are {listed_pairs(pairs, dates)}"
    if len(partly) == len(pairs):
        verb = "show" if len(pairs) > 1 else "shows"
        return [Doubt(f"{compared}, which also {verb} changes of other times.")]
    verb = "show" if len(partly) > 1 else "shows"
    others = listed_pairs(partly, dates)
    return [Doubt(f"{compared}; {others} also {verb} changes of other times.")]


def _overlapping(period: Span, spans: Sequence[Span]) -> set[int]:
    """Return the spans that overlap a period enough; those that overlap at all if none does."""
    shared = [min(span.last, period.last) - max(span.first, period.first) for span in spans]
    enough = {
        i
        for i, (span, months) in enumerate(zip(spans, shared, strict=True))
        if months > period.slack or months > min(span.months, period.months) / 2
    }
    return {i for i in enough if shared[i] > 0} or {i for i, m in enumerate(shared) if m > 0}


def _lies_in(span: Span, period: Span) -> bool:
    return span.first >= period.first - period.slack and span.last <= period.last + period.slack


def _between(before: Span, after: Span) -> Span:
    """Return the time between two dates; a date is the middle of its months."""
    middles = [(span.first + span.last) / 2 for span in (before, after)]
    if middles[0] == middles[1]:  # two rasters of one year or month
        return before
    return Span(min(middles), max(middles))


def _quoted(times: Sequence[NamedTime]) -> str:
    return ", ".join(f"'{time.phrase}'" for time in times)
