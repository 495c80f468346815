"""The questions of a run: what its sentences ask the model, for which dates, and the answers.

``reading`` takes parsed sentences and a model and returns `Questions`; ``date_pairs`` lists the
pairs of dates to compare, and ``periods`` chooses those that a named time asks for; ``intents``
compares sentences with what the model's intent head reads; ``entries`` describes questions and
answers in the report.  Imported by `mtrs_geo.detect` and the command line.
"""

from __future__ import annotations

from mtrs_geo.detect.questions.date_pairs import DatePair, PairChoice, date_names, date_pairs
from mtrs_geo.detect.questions.entries import report_entries
from mtrs_geo.detect.questions.intents import with_readings
from mtrs_geo.detect.questions.questions import Questions
from mtrs_geo.detect.questions.reading import as_given, prompt_of, read_questions

__all__ = [
    "DatePair",
    "PairChoice",
    "Questions",
    "as_given",
    "date_names",
    "date_pairs",
    "prompt_of",
    "read_questions",
    "report_entries",
    "with_readings",
]
