"""What is sent between a run and the workers of a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path
from typing import Literal

import numpy as np

from mtrs_geo.io.stack import RasterStack
from mtrs_geo.ledger import TileAnswer
from mtrs_geo.models import ChangeSegmenter, MirroredSegmenter, Query, given_model
from mtrs_geo.tiles.plan import TilePlan

__all__ = ["ModelChoice", "RunWork", "Task", "TaskAnswer", "WorkerFacts", "plan_tasks"]

_TASK_BYTES = 32 << 20
"""Answers of one task: they are in the memory of a worker, of the cluster and of the run."""


@dataclass(frozen=True)
class ModelChoice:
    """Which model the workers load."""

    model: str | Path | ChangeSegmenter
    """A name, or a folder that every machine has at the same path; or a model that can be
    pickled."""
    device: str = "auto"
    precision: Literal["float32", "bfloat16"] = "float32"
    mirrored: bool = False

    def load(self) -> ChangeSegmenter:
        """Return the model.

        Raises:
            ModelError: as `mtrs_geo.models.given_model`.
        """
        model = given_model(self.model, self.device, self.precision)
        return MirroredSegmenter(model) if self.mirrored else model


@dataclass(frozen=True)
class RunWork:
    """What a worker must know about a run, see `TiledInference`."""

    model: bytes
    """The pickled `ModelChoice`."""
    stack: RasterStack
    plan: TilePlan
    origin: tuple[int, int]
    prompts: Sequence[Query]
    batch_size: int
    asked: Sequence[Sequence[int]] | None
    pairs: Sequence[tuple[int, int]]
    max_failed: float
    folder: str
    """Where relative paths of rasters start, if the machine of a worker has it."""
    allowed: str
    """Hosts and drivers that may be used, see `allow_sources`."""


@dataclass(frozen=True)
class Task:
    """Tiles of one band, which one worker answers at one go."""

    start: int
    """Index of the first tile."""
    stop: int
    """Index after the last tile."""


@dataclass(frozen=True)
class TaskAnswer:
    """The answers of a task."""

    batches: Sequence[Sequence[TileAnswer]]
    """In the order of the plan."""
    errors: Mapping[int, Exception]
    """Why tiles have no answer, by their index."""
    damage: tuple[str, ...]
    """Messages about damage that the reads have shown."""
    seconds: Mapping[str, float]
    """Wall-clock seconds of the worker by stage."""


@dataclass(frozen=True)
class WorkerFacts:
    """What a worker is."""

    host: str
    pid: int
    versions: Mapping[str, str]
    """See `package_versions`."""


def plan_tasks(plan: TilePlan, start: int, batch_size: int, layers: int) -> list[Task]:
    """Return the tasks for the tiles from an index on: a band each, or parts of a wide band.

    Each task begins a batch of the run that answers its tiles itself, so that all batches are the
    same.

    Args:
        plan: the tiles.
        start: index of the first tile; it begins a batch.
        batch_size: tiles per forward pass.
        layers: probabilities per pixel.
    """
    tile_bytes = int(np.prod(plan.tile_shape)) * layers * np.float32().itemsize
    step = max(1, _TASK_BYTES // (tile_bytes * batch_size)) * batch_size
    ends = np.cumsum(np.count_nonzero(plan.included, axis=1)).tolist()
    bands = pairwise((0, *ends))
    return list(
        chain.from_iterable(
            (Task(first, min(first + step, end)) for first in range(max(begin, start), end, step))
            for begin, end in bands
        )
    )
