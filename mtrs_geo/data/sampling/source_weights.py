"""How often each source is drawn, and which samples belong to which process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Literal, Self, TypeAlias, get_args

import numpy as np

from mtrs_geo.errors import RequestError

if TYPE_CHECKING:
    from lightning.pytorch import Trainer

__all__ = ["BatchSchedule", "SourceName", "SourceWeights"]

SourceName: TypeAlias = Literal[
    "levir",
    "guangzhou",
    "unchanged",
    "same_date",
    "buildings",
    "rendered",
    "levir_classes",
    "guangzhou_direction",
    "guangzhou_classes",
    "storms",
    "mixed_buildings",
    "levir_samples",
    "oam_buildings",
]
_NAMES: tuple[SourceName, ...] = get_args(SourceName)


@dataclass(frozen=True)
class SourceWeights:
    """Mixture of the crops that are not composed by class.

    All fields but the last three are weights of the sources; a source of weight 0 is not read.
    """

    levir: float = 0.48
    guangzhou: float = 0.20
    unchanged: float = 0.12
    """Real pairs without change, at different seasons."""
    same_date: float = 0.04
    """One date of levir as both dates: existing buildings are not a change."""
    buildings: float = 0.16
    """Buildings pasted into scenes, or two scenes as two dates."""
    rendered: float = 0.0
    """Rendered pairs, whose roofs look like those of the demo."""
    levir_classes: float = 0.0
    """Levir with the ground that changed beside its buildings; its sentences are about ground."""
    guangzhou_direction: float = 0.0
    """Guangzhou with the direction of every labelled building."""
    guangzhou_classes: float = 0.0
    """Tiles of it with the ground that changed beside buildings, as levir_classes."""
    storms: float = 0.0
    """Real pairs before and after storms, without change of buildings."""
    mixed_buildings: float = 0.0
    """Ten pairs of China, Saudi Arabia and Iberia, six of them without change of buildings."""
    levir_samples: float = 0.0
    """Eight more tiles like levir."""
    oam_buildings: float = 0.0
    """Buildings of Africa and Asia pasted into scenes, or two scenes as two dates."""
    keep_unchanged: float = 0.3
    """Probability that a crop without any change is kept and not drawn again."""
    ground_sentences: float = 0.0
    """Share of the crops with known ground whose sentences are about ground, not buildings."""
    no_target: float | None = None
    """Share of the sentences with an empty mask; None: it follows from the kinds of sentences."""

    def __post_init__(self) -> None:
        weights = {name: getattr(self, name) for name in _NAMES}
        if min(weights.values()) < 0 or sum(weights.values()) <= 0:
            listed = ", ".join(f"{name} {weight}" for name, weight in weights.items())
            msg = f"the source weights ({listed}) must not be negative, and not all 0."
            raise RequestError(msg, advice="Give at least one weight above 0.")

    def draw(self, rng: np.random.Generator) -> SourceName:
        """Return the name of a source, drawn by weight."""
        ends = np.cumsum([getattr(self, name) for name in _NAMES])
        return _NAMES[int(np.searchsorted(ends, rng.random() * ends[-1], side="right"))]


@dataclass(frozen=True)
class BatchSchedule:
    """Sample numbers of one process: it takes every ``world_size``-th batch."""

    batch_size: int = 1
    """Samples per batch."""
    batches_done: int = 0
    """Batches of all processes that were drawn before the run was resumed."""
    rank: int = 0
    """Number of this process."""
    world_size: int = 1
    """Number of processes."""

    @classmethod
    def of_run(cls, trainer: Trainer | None, batch_size: int) -> Self:
        """Return the samples of a process of a run; a resumed run goes on after its last batch."""
        if trainer is None:
            return cls(batch_size)
        done = trainer.global_step * trainer.accumulate_grad_batches * trainer.world_size
        return cls(batch_size, done, trainer.global_rank, trainer.world_size)

    def samples(self, worker: int = 0, workers: int = 1) -> Iterator[int]:
        """Yield the sample numbers of one worker; loaders take batches from workers in turn."""
        for batch in count(worker, workers):
            number = self.batches_done + batch * self.world_size + self.rank
            yield from range(number * self.batch_size, (number + 1) * self.batch_size)
