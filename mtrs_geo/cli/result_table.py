"""A table of what was found: a row per sentence, and per period of a stack."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mtrs_geo.detect.result import ChangeResult

__all__ = ["answers", "found_line", "result_table"]

_WIDEST = 50
"""Widest column in characters."""


def result_table(result: ChangeResult) -> list[str]:
    """Return the lines of the table; none for a single sentence and period."""
    import numpy as np

    from mtrs_geo.detect.questions import date_names

    frame, dates, pairs = result.polygons, result.report.dates, result.report.pairs
    names, questions = date_names(dates), result.report.questions
    has_periods = len(pairs) > 1
    # Rows are in the order of the selections, whose dates can be equal or unknown.
    ends = np.cumsum([selection.positions.size for selection in result.table.selections])
    rows = [("sentence", *(["period"] if has_periods else []), "polygons", "area in m²", "score")]
    for number, question in enumerate(questions):
        for pair, (i, j) in enumerate(pairs):
            selection = pair * len(questions) + number
            count = result.table.selections[selection].positions.size
            found = frame[ends[selection] - count : ends[selection]]
            is_asked = [dates[i], dates[j]] in question["periods"]
            rows.append((
                question["text"] or "any change",
                *([f"{names[i]} to {names[j]}"] if has_periods else []),
                str(count) if is_asked else _missing(question),
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
    """Return a line per question for a number, an area, or yes or no, with its answer."""
    return [
        f"{question['text']}: {question['answer']}"
        for question in result.report.questions
        if question["answer"] is not None
    ]


def found_line(result: ChangeResult) -> str:
    """Return the number of polygons, and of events of a stack, their area and the file."""
    from mtrs_geo.detect.stacks.events import event_counts

    area_m2 = sum(result.report.areas_m2.values())
    events = sum(event_counts(result.table).values())
    of_events = f" of {events} event{'' if events == 1 else 's'}" if events else ""
    output, here = result.output, Path.cwd()
    shown = output.relative_to(here) if output and output.is_relative_to(here) else output
    return f"{len(result.table)} polygons{of_events}, {area_m2:,.0f} m² -> {shown}"


def _missing(question: dict[str, Any]) -> str:
    return "not asked" if question["answered"] else "not answered"


def _cell(text: str, width: int) -> str:
    return (text if len(text) <= width else text[: width - 1] + "…").ljust(width)
