"""A worker of a cluster: holds a model, and answers the tiles of tasks."""

from __future__ import annotations

import os
import pickle
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from mtrs_geo.cluster.work import ModelChoice, RunWork, Task, TaskAnswer, WorkerFacts
from mtrs_geo.detect.inference import FamiliarTiles, TiledInference, TileFailures
from mtrs_geo.errors import MTRSGeoError
from mtrs_geo.io.inputs.mosaics import restored_mosaic
from mtrs_geo.io.raster import gdal_session
from mtrs_geo.io.trust.source_policy import allow_sources
from mtrs_geo.ledger import package_versions
from mtrs_geo.models import ChangeSegmenter, ModelInfo
from mtrs_geo.progress import Silent
from mtrs_geo.tiles.plan import Tile

__all__ = ["BandWorker"]


@dataclass
class _CollectedFailures(TileFailures):
    """Keeps the errors of failed tiles for the run, which decides what they mean."""

    errors: dict[int, Exception] = field(default_factory=dict)

    def add(self, tile: Tile, error: Exception) -> str:
        self.errors[tile.index] = _sendable(error)
        return str(error) or type(error).__name__


class BandWorker:
    """Answers tasks of one run after the other; it keeps the last model and the last run."""

    def __init__(self) -> None:
        self._model: tuple[bytes, ChangeSegmenter] | None = None
        self._run: tuple[str, RunWork, Sequence[object]] | None = None

    def facts(self) -> WorkerFacts:
        """Return where this worker is, and its versions."""
        return WorkerFacts(socket.gethostname(), os.getpid(), package_versions())

    def model_info(self, model: bytes) -> ModelInfo:
        """Return the facts of a model, a pickled `ModelChoice`, and load it.

        Raises:
            ModelError: as `load_model`.
        """
        return self._loaded(model).info

    def answer(self, name: str, work: bytes, task: Task) -> tuple[int, TaskAnswer]:
        """Return the number of the tiles of a task, and their answers.

        Args:
            name: of the run.
            work: the pickled `RunWork`; it is read for the first task of a run.
            task: the tiles.

        Raises:
            MTRSGeoError: if this machine cannot open the rasters.
        """
        try:
            with gdal_session():
                return task.stop - task.start, self._answer(self._opened(name, work), task)
        except MTRSGeoError as error:
            where = f"on {socket.gethostname()}, a machine of the cluster: "
            raise type(error)(where + error.message, advice=error.advice) from error

    def _answer(self, work: RunWork, task: Task) -> TaskAnswer:
        segmenter = self._loaded(work.model)
        failures = _CollectedFailures(work.plan, work.max_failed)
        familiar = FamiliarTiles(work.plan, work.stack.sources, segmenter.info)
        inference = TiledInference(
            work.stack, work.plan, work.origin, segmenter, work.prompts, work.batch_size,
            Silent(), familiar, failures, asked=work.asked, pairs=work.pairs,
        )  # fmt: skip
        with work.stack:  # each task has reader threads of its own, which open the files
            batches = list(inference.answers(task.start, task.stop))
            damage = work.stack.damage_warnings
        return TaskAnswer(batches, failures.errors, damage, inference.timings.seconds)

    def _opened(self, name: str, work: bytes) -> RunWork:
        if self._run is None or self._run[0] != name:
            found: RunWork = pickle.loads(work)
            allow_sources(found.allowed)
            with suppress(OSError):  # absolute paths do not need it
                os.chdir(found.folder)
            kept = [restored_mosaic(s.path, s.mosaic) for s in found.stack.sources if s.mosaic]
            self._run = name, found, kept
        return self._run[1]

    def _loaded(self, model: bytes) -> ChangeSegmenter:
        if self._model is None or self._model[0] != model:
            self._model = None  # frees the memory first
            choice: ModelChoice = pickle.loads(model)
            self._model = model, choice.load()
        return self._model[1]


def _sendable(error: Exception) -> Exception:
    """Return an error that every process can unpickle."""
    if isinstance(error, MTRSGeoError | OSError | MemoryError):
        return error
    return RuntimeError(f"{type(error).__name__}: {error}")
