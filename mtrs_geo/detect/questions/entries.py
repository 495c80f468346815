"""Describe questions and their answers in the report of a run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from mtrs_geo.detect.questions.questions import Questions
from mtrs_geo.query.numbers import AREA_UNITS
from mtrs_geo.understanding import Understanding

__all__ = ["report_entries"]


def report_entries(
    questions: Questions,
    dates: Sequence[str | None],
    sizes: Mapping[str, tuple[int, float]],
    events: Mapping[str, int],
) -> tuple[dict[str, Any], ...]:
    """Return an entry per question: `Understanding.as_dict` with ``periods`` and ``answer``.

    ``periods`` has the pairs of dates that were compared for the question.  ``answer`` is the
    number that was found for "how many", the area with its unit for "how many hectares", "yes" or
    "no" for "is there", and None for other sentences and for those that are not answered.

    Args:
        questions: of the run.
        dates: of the rasters, earliest first.
        sizes: number of polygons and their area in m², by text of the question.
        events: number of events of a stack, by text of the question; empty for two dates.
    """
    return tuple(
        {
            **fields,
            "periods": [
                [dates[before], dates[after]]
                for i, (before, after) in enumerate(questions.pairs)
                if questions.is_asked(question, i)
            ],
            "answer": _answer(question, *sizes[question.text], events.get(question.text)),
        }
        for question, fields in zip(questions.all, questions.as_dicts(dates), strict=True)
    )


def _answer(
    question: Understanding, polygons: int, area_m2: float, events: int | None
) -> int | str | None:
    kind = question.query.question
    if kind is None or not question.is_answered:
        return None
    count = polygons if events is None else events
    if kind == "count":
        return count
    if kind == "area":
        unit = question.query.unit
        area = area_m2 / AREA_UNITS[unit]
        # Three digits at least, whatever the unit: 19,692 m² are 1.97 ha and 0.0197 km².
        digits = 0 if area == 0 else max(0, 2 - math.floor(math.log10(area)))
        return f"{area:,.{digits}f} {unit}"
    return "yes" if count else "no"
