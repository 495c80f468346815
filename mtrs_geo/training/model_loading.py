"""Models of training runs: new from a preset, or loaded from a checkpoint or model folder."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from mtrs_geo.errors import ModelError
from mtrs_geo.models.catalog import WEIGHTS, bundled_models
from mtrs_geo.models.checkpoints.checkpoint import load_folder, load_imagenet_weights, new_model
from mtrs_geo.models.checkpoints.preset_file import read_preset
from mtrs_geo.models.checkpoints.strict import fill
from mtrs_geo.models.config import CausalLanguageConfig, FusionKind, ModelConfig
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1
from mtrs_geo.training.lora import merge_lora

__all__ = [
    "FACTS_KEY",
    "MODEL_KEY",
    "PROVENANCE_KEY",
    "Pretrained",
    "build_starting_model",
    "load_starting_model",
    "load_training_checkpoint",
    "merge_adapters",
    "model_record",
]

MODEL_KEY = "mtrs_geo_model"
"""Key in a training checkpoint of the model's configuration and tokenizer."""

PROVENANCE_KEY = "mtrs_geo_provenance"
"""Key in a training checkpoint of the hashes of its configuration and data."""

FACTS_KEY = "mtrs_geo_facts"
"""Key in a training checkpoint of the entries ``untrained`` and ``knows`` of ``config.json``."""

_UNREADABLE = (
    OSError, RuntimeError, KeyError, TypeError, ValueError, AttributeError, IndexError, EOFError,
    pickle.UnpicklingError,
)  # fmt: skip
"""Errors of PyTorch for files that are no checkpoint, and of checkpoints of other programs."""
_MOST_REASON = 200
"""PyTorch explains at length what could be done about a file that is no checkpoint."""


@dataclass(frozen=True)
class Pretrained:
    """Pretrained weights that a new model starts from."""

    imagenet: bool = False
    """ImageNet weights for the vision encoder of tiny."""
    mask2former: str | None = None
    """Folder or hub name of a Mask2Former with Swin."""
    language: str | None = None
    """Folder or hub name of a causal language model with its tokenizer."""
    vision: str | None = None
    """Model folder or name of a bundled model with the same kind of vision encoder."""


def build_starting_model(preset: str, fusion: FusionKind, pretrained: Pretrained) -> MTRefSegR1:
    """Build a model that is not yet trained on changes.

    Args:
        preset: name of a preset, or a JSON file in the format of `ModelConfig.to_dict`.
        fusion: fusion variant.
        pretrained: pretrained weights to load; all others are random.

    Raises:
        ModelError: if the preset or file does not exist, or weights cannot be read or do not fit.
    """
    config = read_preset(preset)
    config = replace(config, fusion=replace(config.fusion, kind=fusion))
    from mtrs_geo.models.checkpoints.initial import initial_model  # imports transformers

    model = initial_model(config, mask2former=pretrained.mask2former, language=pretrained.language)
    if pretrained.imagenet:
        load_imagenet_weights(model)
    if pretrained.vision is not None:
        tensors = load_starting_model(Path(pretrained.vision)).vision.state_dict()
        fill(model.vision, tensors, f"the vision encoder of {pretrained.vision}")
    return model


def load_starting_model(path: Path) -> MTRefSegR1:
    """Load a model as the start of a training run.

    Args:
        path: a checkpoint, a model folder, or the name of a bundled model.

    Raises:
        ModelError: if the path is none of them, or the weights do not fit the model.
    """
    path = WEIGHTS / path if str(path) in bundled_models() else path
    model = load_folder(path)[0] if path.is_dir() else load_training_checkpoint(path)[0]
    return model.train()  # Lightning keeps the mode; load_folder returns eval mode


def load_training_checkpoint(path: Path) -> tuple[MTRefSegR1, dict[str, Any]]:
    """Return the (averaged) model of a checkpoint, with LoRA merged, and the whole checkpoint.

    Raises:
        ModelError: if the file is not a checkpoint of `mtrs-geo train`, or does not fit its model.
    """
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        tensors = {n.removeprefix("model."): t for n, t in state["state_dict"].items()}
        model, tensors = _build_model(state[MODEL_KEY]), merge_lora(tensors)
    except _UNREADABLE as error:
        reason = str(error).partition("\n")[0][:_MOST_REASON]
        msg = f"{path} is not a checkpoint of `mtrs-geo train` ({type(error).__name__}: {reason})."
        advice = "Give last.ckpt of a training run; a model folder needs no export."
        raise ModelError(msg, advice=advice) from error
    fill(model, tensors, str(path))
    return model, state


def merge_adapters(model: MTRefSegR1) -> MTRefSegR1:
    """Return an equivalent model without LoRA layers, which needs no peft."""
    causal = isinstance(model.config.language, CausalLanguageConfig)
    merged = new_model(model.config, model.language.tokenizer if causal else None)
    fill(merged, merge_lora(model.state_dict()), "the trained model")
    return merged


def model_record(model: MTRefSegR1) -> dict[str, str | None]:
    """Return the value of `MODEL_KEY` in a checkpoint, from which the model can be rebuilt."""
    causal = isinstance(model.config.language, CausalLanguageConfig)
    return {
        "config": json.dumps(model.config.to_dict()),
        "tokenizer": model.language.tokenizer.to_str() if causal else None,
    }


def _build_model(record: Mapping[str, Any]) -> MTRefSegR1:
    tokenizer = record["tokenizer"]
    return new_model(
        ModelConfig.from_dict(json.loads(record["config"])),
        Tokenizer.from_str(tokenizer) if tokenizer else None,
    )
