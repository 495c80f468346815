"""Column with the score of a polygon; needs no QGIS."""

from __future__ import annotations

from collections.abc import Collection

__all__ = ["score_field"]


def score_field(names: Collection[str]) -> str:
    """Return the column of scores: ``score``, or ``score_mean`` in layers of earlier versions."""
    return "score" if "score" in names else "score_mean"
