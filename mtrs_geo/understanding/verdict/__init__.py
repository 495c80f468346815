"""Verdicts: whether a model can answer a question, and why not.

``Judge`` takes a sentence and its query and returns a ``Verdict``; ``counts`` finds numbers and
ranks that have no effect, ``conditions`` other conditions, ``negations`` what turns a meaning
round.  Used by `mtrs_geo.understanding.understand`.
"""

from __future__ import annotations

from mtrs_geo.understanding.verdict.judge import Judge, asks_no_search, unused_words
from mtrs_geo.understanding.verdict.negations import turns_round
from mtrs_geo.understanding.verdict.verdicts import (
    NEGATED,
    Verdict,
    negated_question,
    no_known_ground,
    taken_as,
)

__all__ = [
    "NEGATED",
    "Judge",
    "Verdict",
    "asks_no_search",
    "negated_question",
    "no_known_ground",
    "taken_as",
    "turns_round",
    "unused_words",
]
