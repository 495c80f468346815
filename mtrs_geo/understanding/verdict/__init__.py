"""Verdicts: whether a model can answer a question, and why not.

``Judge`` takes a sentence and its query and returns a ``Verdict``; ``counts`` finds numbers and
ranks that have no effect, ``conditions`` and ``places`` other conditions, ``negations`` what turns
a meaning round, ``no_search``, ``causes`` and ``facts`` what asks for no change at all,
``qualities`` words beside a thing, ``two_readings`` words of change with two meanings.  ``unread``
refuses texts whose words are not read.  Used by `mtrs_geo.understanding.understand`.
"""

from __future__ import annotations

from mtrs_geo.understanding.verdict.facts import asks_for_fact, unanswered_fact
from mtrs_geo.understanding.verdict.judge import Judge, unused_words
from mtrs_geo.understanding.verdict.negations import turns_round
from mtrs_geo.understanding.verdict.no_search import asks_no_search
from mtrs_geo.understanding.verdict.verdicts import (
    NEGATED,
    Verdict,
    condition_without_effect,
    negated_question,
    no_known_ground,
    read_as,
    taken_as,
)

__all__ = [
    "NEGATED",
    "Judge",
    "Verdict",
    "asks_for_fact",
    "asks_no_search",
    "condition_without_effect",
    "negated_question",
    "no_known_ground",
    "read_as",
    "taken_as",
    "turns_round",
    "unanswered_fact",
    "unused_words",
]
