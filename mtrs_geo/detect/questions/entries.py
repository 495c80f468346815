"""Describe questions and their answers in the report of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mtrs_geo.detect.questions.questions import Questions
from mtrs_geo.understanding import Understanding

__all__ = ["report_entries"]


def report_entries(
    questions: Questions, dates: Sequence[str | None], found: Mapping[str, int]
) -> tuple[dict[str, Any], ...]:
    """Return an entry per question: `Understanding.as_dict` with ``periods`` and ``answer``.

    ``periods`` has the pairs of dates that were compared for the question.  ``answer`` is the
    number that was found for "how many", "yes" or "no" for "is there", and None for other sentences
    and for those that are not answered.

    Args:
        questions: of the run.
        dates: of the rasters, earliest first.
        found: number of polygons, or of events of a stack, by text of the question.
    """
    return tuple(
        {
            **fields,
            "periods": [
                [dates[before], dates[after]]
                for i, (before, after) in enumerate(questions.pairs)
                if questions.is_asked(question, i)
            ],
            "answer": _answer(question, found[question.text]),
        }
        for question, fields in zip(questions.all, questions.as_dicts(dates), strict=True)
    )


def _answer(question: Understanding, count: int) -> int | str | None:
    kind = question.query.question
    if kind is None or not question.is_answered:
        return None
    if kind == "count":
        return count
    return "yes" if count else "no"
