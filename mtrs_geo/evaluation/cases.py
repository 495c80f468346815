"""The worst and the best samples of an evaluation, selected while it runs."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

from mtrs_geo.evaluation.table import SampleScore
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["Case", "CaseRanking"]


@dataclass(frozen=True)
class Case:
    """One scored prediction with the images and masks to draw it."""

    sample: SampleScore
    before: UInt8Array
    """(H, W, 3)."""
    after: UInt8Array
    """(H, W, 3)."""
    prediction: BoolArray
    """(H, W)."""
    truth: BoolArray
    """(H, W)."""


@dataclass
class CaseRanking:
    """Keeps the worst and the best cases, so that memory does not grow with the split.

    Worst: lowest IoU, then most wrong pixels.  Best: highest IoU, then most correct pixels; only
    samples with a target, as a correct empty mask is not worth drawing.

    Args:
        limit: number of worst cases and number of best cases.
    """

    limit: int = 5
    _worst: list[tuple[tuple[float, ...], Case]] = field(default_factory=list)
    _best: list[tuple[tuple[float, ...], Case]] = field(default_factory=list)
    _count: int = 0

    def add(self, case: Case) -> None:
        """Keep the case if it is one of the worst or the best so far."""
        sample = case.sample
        self._count += 1
        wrong = sample.false_px + sample.missed_px
        if wrong:
            # The count is unique: of equal cases the earlier is kept, and cases are not compared.
            _keep(self._worst, ((-sample.iou, wrong, -self._count), case), self.limit)
        if sample.hit_px:
            _keep(self._best, ((sample.iou, sample.hit_px, -self._count), case), self.limit)

    def worst(self) -> list[Case]:
        """Return the worst cases, worst first."""
        return [case for _, case in sorted(self._worst, key=lambda item: item[0], reverse=True)]

    def best(self) -> list[Case]:
        """Return the best cases that are not among the worst, best first."""
        worst = {(case.sample.pair, case.sample.index) for case in self.worst()}
        ranked = sorted(self._best, key=lambda item: item[0], reverse=True)
        cases = [case for _, case in ranked]
        return [case for case in cases if (case.sample.pair, case.sample.index) not in worst]


def _keep(
    heap: list[tuple[tuple[float, ...], Case]], item: tuple[tuple[float, ...], Case], limit: int
) -> None:
    if len(heap) < limit:
        heapq.heappush(heap, item)
    else:
        heapq.heappushpop(heap, item)
