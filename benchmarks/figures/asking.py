"""Questions with their truths, asked of a model pair by pair."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from mtrs_geo.metrics import ReferringMetrics
from mtrs_geo.models import ChangeSegmenter
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["Asked", "Item", "Tally", "ask"]

_THRESHOLD = 0.5


@dataclass(frozen=True)
class Asked:
    """A sentence, its truth, and the figure that it counts for."""

    figure: str
    text: str
    mask: BoolArray
    """(H, W)."""
    least_share: float = 0.0
    """An answer on a smaller share of the pixels counts as empty."""


@dataclass(frozen=True)
class Item:
    """One pair of images with all that is asked of it; the model sees it once."""

    before: UInt8Array
    """(H, W, 3)."""
    after: UInt8Array
    """(H, W, 3)."""
    gsd_m: float
    asked: tuple[Asked, ...]
    """A sentence may stand here several times, with other truths: it is answered once."""
    valid: BoolArray | None = None
    """(H, W), the pixels that count; None is all."""

    @property
    def texts(self) -> list[str]:
        """Every sentence once."""
        return list(dict.fromkeys(asked.text for asked in self.asked))


@dataclass
class Tally:
    """Metrics by figure."""

    figures: dict[str, ReferringMetrics] = field(default_factory=dict)

    def count(self, item: Item, answers: dict[str, BoolArray], prefix: str = "") -> None:
        """Count the answers (H, W) to an item's sentences, under ``prefix`` and their figures."""
        for asked in item.asked:
            answer, mask = answers[asked.text], asked.mask
            if item.valid is not None:
                answer, mask = answer & item.valid, mask & item.valid
            if answer.mean() < asked.least_share:
                answer = np.zeros_like(answer)
            self.figures.setdefault(prefix + asked.figure, ReferringMetrics()).update(answer, mask)


def ask(
    model: ChangeSegmenter,
    items: Iterable[Item],
    tally: Tally,
    told: Callable[[], None] = lambda: None,
) -> None:
    """Ask a model every sentence of every item.

    Args:
        model: answers one item a call, all its sentences together.
        items: what is asked.
        tally: receives the answers.
        told: called after every item.
    """
    for item in items:
        if item.asked:
            found = model.predict(item.before, item.after, item.texts) > _THRESHOLD
            tally.count(item, dict(zip(item.texts, found, strict=True)))
        told()
