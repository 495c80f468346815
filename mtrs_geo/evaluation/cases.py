"""Which samples are worth a look: the worst and the best, kept while the run goes on."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

from mtrs_geo.evaluation.table import SampleScore
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["Case", "CaseBook"]


@dataclass(frozen=True)
class Case:
    """One answer with what is needed to draw it."""

    sample: SampleScore
    before: UInt8Array
    """(H, W, 3)."""
    after: UInt8Array
    """(H, W, 3)."""
    answer: BoolArray
    """(H, W)."""
    truth: BoolArray
    """(H, W)."""


@dataclass
class CaseBook:
    """Keeps a few cases of each kind, so memory does not grow with the split.

    Worst: lowest IoU, then most wrong pixels.  Best: highest IoU, then largest mask,
    of samples that have a target; an empty answer to an absent thing shows nothing.

    Args:
        limit: how many of each.
    """

    limit: int = 5
    _worst: list[tuple[tuple[float, ...], Case]] = field(default_factory=list)
    _best: list[tuple[tuple[float, ...], Case]] = field(default_factory=list)
    _seen: int = 0

    def offer(self, case: Case) -> None:
        """Keep the case if it is among the worst or the best so far."""
        sample = case.sample
        self._seen += 1
        wrong = sample.false_px + sample.missed_px
        if wrong:
            # The earlier of two equal cases stays; the count is unique, so cases never compare.
            _keep(self._worst, ((-sample.iou, wrong, -self._seen), case), self.limit)
        if sample.hit_px:
            _keep(self._best, ((sample.iou, sample.hit_px, -self._seen), case), self.limit)

    def worst(self) -> list[Case]:
        """Return the worst, worst first."""
        return [case for _, case in sorted(self._worst, key=lambda item: item[0], reverse=True)]

    def best(self) -> list[Case]:
        """Return the best, best first, that are not among the worst."""
        shown = {(case.sample.pair, case.sample.index) for case in self.worst()}
        ranked = sorted(self._best, key=lambda item: item[0], reverse=True)
        cases = [case for _, case in ranked]
        return [case for case in cases if (case.sample.pair, case.sample.index) not in shown]


def _keep(
    heap: list[tuple[tuple[float, ...], Case]], item: tuple[tuple[float, ...], Case], limit: int
) -> None:
    if len(heap) < limit:
        heapq.heappush(heap, item)
    else:
        heapq.heappushpop(heap, item)
