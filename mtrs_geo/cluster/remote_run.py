"""Lets a cluster answer the tiles of a run."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial

from mtrs_geo.cluster.cluster import Cluster, pickled
from mtrs_geo.cluster.work import ModelChoice, RunWork, TaskAnswer, plan_tasks
from mtrs_geo.detect.inference import TiledInference
from mtrs_geo.errors import RequestError
from mtrs_geo.io.inputs.kinds import is_in_memory
from mtrs_geo.io.stack import RasterStack
from mtrs_geo.io.trust.source_policy import ALLOW_VARIABLE
from mtrs_geo.ledger import TileAnswer
from mtrs_geo.models import ChangeSegmenter, IntentReading, ModelInfo, Query
from mtrs_geo.models.contract import IntentReader
from mtrs_geo.progress import Progress
from mtrs_geo.types import FloatArray, UInt8Array

__all__ = ["RemoteModel", "answer_remotely", "remote_model"]


class RemoteModel:
    """The model of the workers: their facts, and this machine's own copy for what is no tile.

    Args:
        local: this machine's copy.
        info: what a worker says about its copy.
    """

    def __init__(self, local: ChangeSegmenter, info: ModelInfo) -> None:
        self.local, self.info = local, info

    def predict(
        self, before: UInt8Array, after: UInt8Array, queries: Sequence[Query]
    ) -> FloatArray:
        """Return the probabilities for one pair, see `ChangeSegmenter`."""
        return self.local.predict(before, after, queries)

    def predict_tiles(self, images: UInt8Array, queries: Sequence[Query]) -> FloatArray:
        """Return the probabilities for B pairs, see `ChangeSegmenter`."""
        return self.local.predict_tiles(images, queries)

    def read_intents(self, sentences: Sequence[str]) -> list[IntentReading]:
        """Return what this machine's copy reads N sentences as, see `IntentReader`."""
        reader = self.local
        return reader.read_intents(sentences) if isinstance(reader, IntentReader) else []


def remote_model(
    cluster: Cluster, stack: RasterStack, model: ModelChoice, progress: Progress
) -> RemoteModel:
    """Return the model of the workers, once one of them has loaded it.

    Args:
        cluster: the workers.
        stack: the rasters of the run.
        model: what the workers load; this machine loads it for the CPU if they use a GPU.
        progress: of the run.

    Raises:
        RequestError: if a raster is in the memory of this process.
        ClusterError: if the cluster cannot be reached.
        ModelError: if a worker or this machine cannot load the model.
    """
    _check_reachable(stack)
    info = cluster.model_info(model, progress)
    device = model.device if model.device in ("auto", "cpu", "openvino") else "cpu"
    return RemoteModel(replace(model, device=device).load(), info)


def answer_remotely(inference: TiledInference, cluster: Cluster, model: ModelChoice) -> None:
    """Let a cluster answer the tiles of a pass.

    Args:
        inference: the pass; its mosaic, polygons and state stay in this process.
        cluster: reads the tiles and runs the model.
        model: what the workers load.
    """
    inference.elsewhere = partial(_answers, inference, cluster, pickled(model))


def _answers(
    inference: TiledInference, cluster: Cluster, model: bytes, start: int
) -> Generator[Sequence[TileAnswer], None, None]:
    # A run that goes on has its batch size only now.
    work = RunWork(
        model, inference.stack, inference.plan, inference.origin, inference.prompts,
        inference.batch_size, inference.asked, inference.pairs, inference.failures.max_failed,
        os.getcwd(), os.environ.get(ALLOW_VARIABLE, ""),
    )  # fmt: skip
    tasks = plan_tasks(work.plan, start, work.batch_size, inference.layers)
    if not tasks:
        return
    with closing(cluster.answers(work, tasks, inference.progress)) as found:
        while True:
            with inference.timings.measure("wait for workers"):
                answer = next(found, None)
            if answer is None:
                return
            _keep_facts(inference, answer)
            for batch in answer.batches:
                yield [_judged(inference, entry, answer) for entry in batch]


def _judged(inference: TiledInference, entry: TileAnswer, answer: TaskAnswer) -> TileAnswer:
    """Return an answer; a failed tile is counted, and raises if it is one too many."""
    if not entry.failure:
        return entry
    (tile,) = inference.plan.between(entry.tile, entry.tile + 1)
    return replace(entry, failure=inference.failures.add(tile, answer.errors[entry.tile]))


def _keep_facts(inference: TiledInference, answer: TaskAnswer) -> None:
    """Add the seconds of the workers, and keep what their reads have shown."""
    seconds = inference.timings.seconds
    for stage, spent in answer.seconds.items():
        name = f"workers: {stage}"
        seconds[name] = seconds.get(name, 0.0) + spent
    new = [text for text in answer.damage if text not in inference.damage_elsewhere]
    inference.damage_elsewhere += tuple(new)


def _check_reachable(stack: RasterStack) -> None:
    """Refuse rasters that other processes cannot open."""
    for source in stack.sources:
        paths = [source.path] if source.mosaic is None else source.mosaic.paths
        if any(is_in_memory(os.fspath(path)) for path in paths):
            msg = f"{source.name} is in the memory of this process, which no worker can read."
            advice = "Give the path of a file on a drive or a server that all machines reach."
            raise RequestError(msg, advice=advice)
