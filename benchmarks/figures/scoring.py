"""Score a segmenter on image pairs with labelled queries."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from mtrs_geo.metrics import ReferringMetrics
from mtrs_geo.models import ChangeSegmenter
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["LabelledQuery", "QueriedPair", "Scores", "score_model"]

_THRESHOLD = 0.5


@dataclass(frozen=True)
class LabelledQuery:
    """A query, its true mask, and the figure that it is scored for."""

    figure: str
    text: str
    mask: BoolArray
    """(H, W)."""
    least_share: float = 0.0
    """A predicted mask on a smaller share of the pixels counts as empty."""


@dataclass(frozen=True)
class QueriedPair:
    """An image pair with all its queries."""

    before: UInt8Array
    """(H, W, 3)."""
    after: UInt8Array
    """(H, W, 3)."""
    gsd_m: float
    queries: tuple[LabelledQuery, ...]
    """The same text may occur several times with different masks; it is predicted once."""
    valid: BoolArray | None = None
    """(H, W), the pixels that are scored; None is all."""

    @property
    def texts(self) -> list[str]:
        """The different texts of the queries."""
        return list(dict.fromkeys(query.text for query in self.queries))


@dataclass
class Scores:
    """Metrics by figure."""

    figures: dict[str, ReferringMetrics] = field(default_factory=dict)

    def add(self, pair: QueriedPair, masks: dict[str, BoolArray], prefix: str = "") -> None:
        """Score predicted masks (H, W), by text, under ``prefix`` + figure."""
        for query in pair.queries:
            predicted, truth = masks[query.text], query.mask
            if pair.valid is not None:
                predicted, truth = predicted & pair.valid, truth & pair.valid
            if predicted.mean() < query.least_share:
                predicted = np.zeros_like(predicted)
            metrics = self.figures.setdefault(prefix + query.figure, ReferringMetrics())
            metrics.update(predicted, truth)


def score_model(
    model: ChangeSegmenter,
    pairs: Iterable[QueriedPair],
    scores: Scores,
    on_pair: Callable[[], None] = lambda: None,
) -> None:
    """Score a model on every query of every pair.

    Args:
        model: predicts all texts of a pair in one call.
        pairs: image pairs with queries.
        scores: receives the results.
        on_pair: called after every pair.
    """
    for pair in pairs:
        if pair.queries:
            masks = model.predict(pair.before, pair.after, pair.texts) > _THRESHOLD
            scores.add(pair, dict(zip(pair.texts, masks, strict=True)))
        on_pair()
