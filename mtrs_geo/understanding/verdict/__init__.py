"""Verdicts: whether a model can answer a question, and why not.

``Judge`` takes a sentence and its query and returns a ``Verdict``; ``counts`` finds numbers and
ranks that have no effect.  Used by `mtrs_geo.understanding.understand`.
"""

from __future__ import annotations

from mtrs_geo.understanding.verdict.judge import Judge
from mtrs_geo.understanding.verdict.verdicts import Verdict

__all__ = ["Judge", "Verdict"]
