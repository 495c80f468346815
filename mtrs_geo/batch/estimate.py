"""What a batch will cost: tiles, bytes to read, disk and time, from a measurement of seconds."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np

from mtrs_geo.batch.job import Job
from mtrs_geo.batch.tables import read_jobs
from mtrs_geo.detect.options import DetectOptions, QueryLike, read_queries
from mtrs_geo.detect.run import Scene
from mtrs_geo.errors import MTRSGeoError
from mtrs_geo.io.inputs.dates import iso_dates
from mtrs_geo.io.raster import gdal_session
from mtrs_geo.io.stack import StackOptions, open_stack
from mtrs_geo.models import ChangeSegmenter, MirroredSegmenter, given_model
from mtrs_geo.tiles.plan import TilePlan
from mtrs_geo.types import StrPath

__all__ = ["BatchEstimate", "estimate_batch"]

_BANDS = 3
_PROBABILITY_SHARE = 1 / 20
"""Compressed size of probabilities with little change, as a share of their pixels."""


@dataclass(frozen=True)
class BatchEstimate:
    """What a batch will cost."""

    jobs: int
    tiles: int
    read_bytes: int
    """Pixels of all dates, uncompressed, as they are read."""
    disk_bytes: int
    """Probabilities, if they are written; polygons take little."""
    seconds: float | None
    """At the speed that was measured; None if nothing was."""
    tiles_per_second: float | None
    problems: tuple[tuple[str, str], ...]
    """Jobs that cannot run, and why."""


def estimate_batch(
    jobs: StrPath | Sequence[Any] | Any,  # noqa: ANN401 - a DataFrame
    query: QueryLike | Sequence[QueryLike] = "",
    *,
    model: str | Path | ChangeSegmenter = "tiny",
    device: str = "auto",
    probability: bool = False,
    options: dict[str, Any] | None = None,
    measure_s: float = 10.0,
) -> BatchEstimate:
    """Return what `run_batch` would cost; nothing is written.

    Args:
        jobs: see `read_jobs`.
        query: as in `mtrs_geo.detect_changes`, for the jobs that have none.
        model: name, folder or loaded model.
        device: see `mtrs_geo.load_model`.
        probability: whether the probabilities are written.
        options: options of `detect` for all jobs.
        measure_s: how long tiles of the first job that works are answered, in seconds.
    """
    segmenter = given_model(model, device)
    queries = (query,) if isinstance(query, QueryLike) else tuple(query)
    found = read_jobs(jobs)
    estimator = _Estimator(segmenter, queries, options or {}, measure_s)
    for job in found:
        try:
            with gdal_session():
                estimator.add(job)
        except MTRSGeoError as error:
            estimator.problems.append((job.id, str(error)))
    rate = estimator.tiles_per_second
    return BatchEstimate(
        jobs=len(found),
        tiles=estimator.tiles,
        read_bytes=estimator.read_bytes,
        disk_bytes=estimator.disk_bytes if probability else 0,
        seconds=None if rate is None else round(estimator.tiles / rate, 1),
        tiles_per_second=None if rate is None else round(rate, 2),
        problems=tuple(estimator.problems),
    )


class _Estimator:
    """Adds up what jobs cost; the first one that works gives the speed."""

    def __init__(
        self,
        segmenter: ChangeSegmenter,
        queries: tuple[QueryLike, ...],
        options: Mapping[str, Any],
        measure_s: float,
    ) -> None:
        self._segmenter, self._queries, self._options = segmenter, queries, options
        self._measure_s = measure_s
        self.tiles = self.read_bytes = self.disk_bytes = 0
        self.tiles_per_second: float | None = None
        self.problems: list[tuple[str, str]] = []

    def add(self, job: Job) -> None:
        """Add a job.

        Raises:
            MTRSGeoError: if it cannot run.
        """
        options = DetectOptions.from_keywords({**self._options, **job.options})
        queries = read_queries(list(job.queries or self._queries), raw=options.raw)
        dates = None if options.dates is None else iso_dates(options.dates)
        reading = StackOptions(options.bands, options.grid, options.resolution, dates)
        with open_stack([job.before, job.after], reading) as stack:
            scene = Scene(stack, queries, options)
            plan = scene.plan(self._segmenter.info)
            prompts = [query.prompt for query in queries]
            if self.tiles_per_second is None and len(plan):
                self.tiles_per_second = self._speed(scene, plan, prompts)
        pixels = len(plan) * math.prod(plan.tile_shape)
        self.tiles += len(plan)
        self.read_bytes += pixels * len(stack.sources) * _BANDS
        self.disk_bytes += int(math.prod(plan.grid.shape) * len(prompts) * _PROBABILITY_SHARE)

    def _speed(self, scene: Scene, plan: TilePlan, prompts: Sequence[str]) -> float:
        """Return the tiles per second of reading and answering, measured for some seconds."""
        origin = scene.window.row, scene.window.col
        tiles = cycle(plan.tiles)
        size = scene.batch_size(self._segmenter.info, plan)
        mirrored = scene.options.mirrored
        segmenter = MirroredSegmenter(self._segmenter) if mirrored else self._segmenter

        def answer() -> None:
            chunk = list(islice(tiles, size))
            windows = [scene.stack.read(tile.window.shifted(*origin)) for tile in chunk]
            segmenter.predict_tiles(np.stack([w.image for w in windows]), prompts)

        answer()  # the first batch compiles the model and embeds the sentences
        start, batches = time.perf_counter(), 0
        while not batches or time.perf_counter() - start < self._measure_s:
            answer()
            batches += 1
        return batches * size / (time.perf_counter() - start)
