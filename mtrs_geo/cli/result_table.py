"""A table of what was found: a row per sentence, and per period of a stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mtrs_geo.detect.result import ChangeResult

__all__ = ["answers", "result_table"]

_WIDEST = 50
"""Widest column in characters."""


def result_table(result: ChangeResult) -> list[str]:
    """Return the lines of the table; none for a single sentence and period."""
    frame, dates = result.polygons, result.report.dates
    periods = [(dates[i], dates[j]) for i, j in result.report.pairs]
    has_periods = len(periods) > 1
    rows = [("sentence", *(["period"] if has_periods else []), "polygons", "area in m²", "score")]
    for question in result.report.questions:
        own = frame[frame["query"] == question["text"]]
        for before, after in periods:
            found = own
            if has_periods:
                found = own[(own["date_before"] == before) & (own["date_after"] == after)]
            rows.append((
                question["text"] or "any change",
                *([f"{before or '?'} to {after or '?'}"] if has_periods else []),
                str(len(found)) if [before, after] in question["periods"] else _missing(question),
                f"{found['area_m2'].sum():,.0f}",
                f"{found['score'].mean():.2f}" if len(found) else "",
            ))  # fmt: skip
    if len(rows) < 3:
        return []
    widths = [min(_WIDEST, max(map(len, column))) for column in zip(*rows, strict=True)]
    return [
        "  ".join(_cell(text, width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def answers(result: ChangeResult) -> list[str]:
    """Return a line per question for a number, or for yes or no, with its answer."""
    return [
        f"{question['text']}: {question['answer']}"
        for question in result.report.questions
        if question["answer"] is not None
    ]


def _missing(question: dict[str, Any]) -> str:
    return "not asked" if question["answered"] else "not answered"


def _cell(text: str, width: int) -> str:
    return (text if len(text) <= width else text[: width - 1] + "…").ljust(width)
