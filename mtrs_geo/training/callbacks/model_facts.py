"""What a checkpoint's model is trained for: its untrained heads, and what its sentences name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer

from mtrs_geo.data.sampling.pairs_datamodule import PairsDataModule
from mtrs_geo.models.catalog import WEIGHTS, bundled_models
from mtrs_geo.models.checkpoints.release_names import EXTRA_HEADS
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1
from mtrs_geo.training.model_loading import FACTS_KEY
from mtrs_geo.understanding import taught_vocabulary

__all__ = ["ModelFacts", "known_with"]

_HEADS = tuple(head.removesuffix(".") for head in EXTRA_HEADS)
_NAMES = ("untrained", "knows")
_SENTENCE_HEADS = ("intent_head", "mask_decoder.presence")
_DENSE_HEADS = ("change_head", "land_cover_head")
_LABELLED_HEADS = {
    "stage1": (*_DENSE_HEADS, "mask_decoder.changed"),
    "intent": ("intent_head",),
    "stage2": (*_DENSE_HEADS, *_SENTENCE_HEADS),
    "stage2-pairs": _SENTENCE_HEADS,
}
"""Heads that the labels of a stage train, unless they are frozen."""


class ModelFacts(Callback):
    """Writes the entries ``untrained`` and ``knows`` of ``config.json`` into every checkpoint.

    They are those of the starting weights, without the heads that the run trains, and with the
    sentences of labelled pairs.

    Args:
        stage: a key of `mtrs_geo.training.command.STAGES`.
    """

    def __init__(self, stage: str) -> None:
        self.stage = stage
        self._facts: dict[str, Any] | None = None

    def on_save_checkpoint(
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Add the entries."""
        if self._facts is None:
            self._facts = self._facts_of(trainer, pl_module)
        checkpoint[FACTS_KEY] = self._facts

    def _facts_of(self, trainer: Trainer, task: Any) -> dict[str, Any]:  # noqa: ANN401 - a task
        facts = _starting_facts(task.weights)
        trained = _trainable(task.model, _LABELLED_HEADS[self.stage])
        existing = _existing(task.model, facts.get("untrained", ()))
        facts["untrained"] = [name for name in existing if name not in trained]
        data = trainer.datamodule
        if isinstance(data, PairsDataModule):
            texts = (text for files in data.splits[0].files for text in files.record.expressions)
            facts["knows"] = known_with(facts.get("knows", {}), texts)
        return facts


def known_with(known: Mapping[str, Any], sentences: Iterable[str]) -> dict[str, Any]:
    """Return the entry ``knows`` of a model that is trained further on sentences.

    Args:
        known: that of the model before.
        sentences: as they were trained; repeated ones count once.
    """
    taught = taught_vocabulary(sentences)
    return {
        **known,
        "sentences": list(dict.fromkeys([*known.get("sentences", ()), *taught["sentences"]])),
        "nouns": {**taught["nouns"], **known.get("nouns", {})},
    }


def _starting_facts(weights: str | None) -> dict[str, Any]:
    """Return the entries of a model folder, a bundled model or a checkpoint, or of a new model."""
    if weights is None:
        return {"untrained": list(_HEADS)}
    path = WEIGHTS / weights if weights in bundled_models() else Path(weights)
    if path.is_dir():
        entries = json.loads((path / "config.json").read_text("utf-8-sig"))
    else:
        state = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        entries = state.get(FACTS_KEY, {})
    return {name: entries[name] for name in _NAMES if name in entries}


def _existing(model: MTRefSegR1, names: Iterable[str]) -> list[str]:
    modules = {name for name, _ in model.named_modules()}
    return [name for name in names if name in modules]


def _trainable(model: MTRefSegR1, names: Iterable[str]) -> set[str]:
    return {
        name
        for name in _existing(model, names)
        if any(parameter.requires_grad for parameter in model.get_submodule(name).parameters())
    }
