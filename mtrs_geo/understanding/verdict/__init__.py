"""Verdicts: whether a model can answer a question, and why not.

``Judge`` takes a sentence and its query and returns a ``Verdict``; ``counts`` finds numbers and
ranks that have no effect, ``conditions`` other conditions.  Used by
`mtrs_geo.understanding.understand`.
"""

from __future__ import annotations

from mtrs_geo.understanding.verdict.judge import Judge, asks_no_search, turns_round
from mtrs_geo.understanding.verdict.verdicts import (
    NEGATED,
    Verdict,
    no_known_ground,
    taken_as,
)

__all__ = [
    "NEGATED",
    "Judge",
    "Verdict",
    "asks_no_search",
    "no_known_ground",
    "taken_as",
    "turns_round",
]
