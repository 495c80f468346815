"""How often each source is drawn, and which batch is whose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Literal, TypeAlias, get_args

import numpy as np

from mtrs_geo.errors import RequestError

__all__ = ["Shares", "SourceName", "Turns"]

SourceName: TypeAlias = Literal["levir", "guangzhou", "unchanged", "still", "buildings", "rendered"]
_NAMES: tuple[SourceName, ...] = get_args(SourceName)


@dataclass(frozen=True)
class Shares:
    """What crops are made of that are not composed by class.

    The first six are weights of the sources; a source of weight 0 is not read.
    """

    levir: float = 0.48
    guangzhou: float = 0.20
    unchanged: float = 0.12
    """Ground of other seasons."""
    still: float = 0.04
    """One date of levir on both sides: what stands there is no change."""
    buildings: float = 0.16
    """Buildings pasted into scenes, or two scenes as two dates."""
    rendered: float = 0.0
    """Rendered places, whose roofs look like those of the demo."""
    without_change: float = 0.3
    """Chance that a crop without any change is not drawn again."""
    empty: float | None = None
    """Share of the sentences whose answer is empty; None leaves it to the kinds of sentence."""

    def __post_init__(self) -> None:
        weights = [getattr(self, name) for name in _NAMES]
        if min(weights) < 0 or sum(weights) <= 0:
            msg = f"shares {dict(zip(_NAMES, weights, strict=True))}: give at least one above 0."
            raise RequestError(msg)

    def draw(self, rng: np.random.Generator) -> SourceName:
        """Choose a source."""
        ends = np.cumsum([getattr(self, name) for name in _NAMES])
        return _NAMES[int(np.searchsorted(ends, rng.random() * ends[-1], side="right"))]


@dataclass(frozen=True)
class Turns:
    """Which samples are a process's: batch by batch, in turn with the others."""

    batch: int = 1
    """Samples a batch."""
    seen: int = 0
    """Batches of all processes that a resumed run has seen."""
    process: int = 0
    processes: int = 1

    def samples(self, worker: int = 0, workers: int = 1) -> Iterator[int]:
        """Yield the numbers of one worker's samples; loaders take batches from workers in turn."""
        for turn in count(worker, workers):
            first = (self.seen + turn * self.processes + self.process) * self.batch
            yield from range(first, first + self.batch)
