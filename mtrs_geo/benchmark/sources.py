"""What answers a sample: a segmenter, a bound, or a folder of masks of another program."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast

import numpy as np

from mtrs_geo.benchmark.config import BOUNDS, ModelEntry
from mtrs_geo.benchmark.predictions.folder import (
    MaskDefect,
    PredictionFacts,
    folder_of_split,
    read_facts,
    read_mask,
)
from mtrs_geo.benchmark.split_samples import Sample
from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.errors import ModelError
from mtrs_geo.models import MirroredSegmenter, load_model, model_files
from mtrs_geo.models.contract import ChangeSegmenter
from mtrs_geo.types import BoolArray

if TYPE_CHECKING:
    from mtrs_geo.models.runtime.segmenter import Precision

__all__ = ["THRESHOLD", "Answer", "AnswerSource", "load_segmenter", "open_source", "source_files"]

THRESHOLD = 0.5
"""A pixel belongs to an answer if its probability exceeds this."""

Answer: TypeAlias = BoolArray | str
"""A mask (rows, cols), or why there is none."""


class AnswerSource(Protocol):
    """Answers the samples of a pair."""

    def answer(self, pair: ReferringPair, split: str, samples: Sequence[Sample]) -> list[Answer]:
        """Return an answer for each sample; ``pair`` has the sentences and masks of these."""

    def facts(self) -> dict[str, Any]:
        """Return facts about the model: parameters, device, version."""


def open_source(entry: ModelEntry) -> AnswerSource:
    """Return what answers for a model of a benchmark.

    Raises:
        ModelError: if the model cannot be loaded.
    """
    if entry.folder is not None:
        return _Predictions(entry.folder)
    if entry.model in BOUNDS:
        return _Bound(entry.model)
    return _Model(load_segmenter(entry))


def source_files(entry: ModelEntry) -> list[Path]:
    """Return the files and folders on this machine that a model of a benchmark is read from.

    Raises:
        ModelError: if there is no such model.
    """
    if entry.folder is not None:
        return [entry.folder]
    is_code = entry.model.partition(":")[0] == "python"
    return [] if is_code or entry.model in BOUNDS else model_files(entry.model)


def load_segmenter(entry: ModelEntry) -> ChangeSegmenter:
    """Load the segmenter of a model of a benchmark.

    Raises:
        ModelError: if it cannot be loaded.
    """
    kind, _, rest = entry.model.partition(":")
    if kind == "python":
        segmenter = _call(rest)
    else:
        segmenter = load_model(entry.model, entry.device, cast("Precision", entry.precision))
    return MirroredSegmenter(segmenter) if entry.mirrored else segmenter


class _Model:
    def __init__(self, segmenter: ChangeSegmenter) -> None:
        self._segmenter = segmenter

    def answer(self, pair: ReferringPair, split: str, samples: Sequence[Sample]) -> list[Answer]:
        # One call for all sentences of a pair, so that they share one encode.
        probability = self._segmenter.predict(pair.before, pair.after, list(pair.expressions))
        expected = (len(samples), *pair.after.shape[:2])
        if probability.shape != expected:
            msg = f"the model returned the shape {probability.shape}, not {expected}."
            raise ModelError(msg)
        return [
            layer > THRESHOLD if np.isfinite(layer).all() else "the model returned NaN or infinity"
            for layer in probability
        ]

    def facts(self) -> dict[str, Any]:
        info = self._segmenter.info
        return {
            "version": info.version,
            "device": info.device,
            "parameters": _parameters(self._segmenter),
        }


class _Bound:
    def __init__(self, name: str) -> None:
        self._name = name

    def answer(self, pair: ReferringPair, split: str, samples: Sequence[Sample]) -> list[Answer]:
        if self._name == "oracle":
            return list(pair.masks)
        return [np.full(mask.shape, self._name == "everything") for mask in pair.masks]

    def facts(self) -> dict[str, Any]:
        return {}


class _Predictions:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._facts: dict[Path, PredictionFacts] = {}

    def answer(self, pair: ReferringPair, split: str, samples: Sequence[Sample]) -> list[Answer]:
        folder = folder_of_split(self._folder, split)
        if folder not in self._facts:
            self._facts[folder] = read_facts(folder)
        failed = self._facts[folder].failed
        found: list[Answer] = []
        for sample in samples:
            if sample.id in failed:
                found.append(failed[sample.id])
                continue
            mask = read_mask(folder, sample, (pair.after.shape[0], pair.after.shape[1]))
            found.append(mask.message if isinstance(mask, MaskDefect) else mask)
        return found

    def facts(self) -> dict[str, Any]:
        return {}


def _call(reference: str) -> ChangeSegmenter:
    """Return what a function, MODULE:FUNCTION, returns."""
    module, _, name = reference.partition(":")
    try:
        segmenter = getattr(importlib.import_module(module), name)()
    except (ImportError, AttributeError, TypeError) as error:
        msg = f"python:{reference} cannot be called: {error}."
        advice = "Give python:MODULE:FUNCTION of a function without arguments."
        raise ModelError(msg, advice=advice) from error
    if not isinstance(segmenter, ChangeSegmenter):
        msg = f"python:{reference} returned {type(segmenter).__name__}, which is no segmenter."
        raise ModelError(msg, advice="It needs info, predict and predict_tiles.")
    return segmenter


def _parameters(segmenter: ChangeSegmenter) -> int | None:
    """Return the number of parameters of a model in PyTorch; None if it has none."""
    inner: Any = segmenter
    while isinstance(inner, MirroredSegmenter):
        inner = inner.segmenter
    modules = [value for value in vars(inner).values() if hasattr(value, "parameters")]
    try:
        counts = [sum(weight.numel() for weight in module.parameters()) for module in modules]
    except (TypeError, AttributeError):  # parameters of something that is no module
        return None
    return sum(counts) or None
