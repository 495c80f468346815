"""What a run starts from: a preset with pretrained parts, or the weights of another run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from mtrs_geo.errors import ModelError
from mtrs_geo.models.checkpoints.checkpoint import (
    grown,
    load_initial_vision,
    new_model,
    read_folder,
    unfilled_folder,
)
from mtrs_geo.models.checkpoints.initial import initial_model
from mtrs_geo.models.checkpoints.strict import fill
from mtrs_geo.models.config import CausalLanguageConfig, FusionKind, ModelConfig
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1
from mtrs_geo.models.presets import PRESETS
from mtrs_geo.training.lora import without_lora

__all__ = [
    "MODEL_KEY",
    "Pretrained",
    "model_of_checkpoint",
    "new_start",
    "started_from",
    "stored",
    "without_adapters",
]

MODEL_KEY = "mtrs_geo_model"
"""Where a training checkpoint keeps what its model is built from."""


@dataclass(frozen=True)
class Pretrained:
    """Parts that a new model does not learn from nothing."""

    imagenet: bool = False
    """ImageNet weights for the vision encoder of tiny."""
    mask2former: str | None = None
    """Folder or hub name of a Mask2Former with Swin."""
    language: str | None = None
    """Folder or hub name of a causal language model with its tokenizer."""


def new_start(preset: str, fusion: FusionKind, pretrained: Pretrained) -> MTRefSegR1:
    """Build a model that was never trained on changes.

    Args:
        preset: a preset's name, or a JSON file as `ModelConfig.to_dict` gives it.
        fusion: fusion variant.
        pretrained: what it starts from; the rest is random.

    Raises:
        ModelError: if there is no such preset or file, or a part cannot be read or does not fit.
    """
    config = _named(preset)
    config = replace(config, fusion=replace(config.fusion, kind=fusion))
    model = initial_model(config, mask2former=pretrained.mask2former, language=pretrained.language)
    if pretrained.imagenet:
        load_initial_vision(model)
    return model


def started_from(path: Path) -> MTRefSegR1:
    """Build the model of a checkpoint, or of a model folder, to be trained on.

    Heads that its version did not have are left as built.

    Raises:
        ModelError: if it is neither.
    """
    if path.is_dir():
        model, tensors = unfilled_folder(path)[0], read_folder(path)
    else:
        model, tensors = _opened(path)[:2]
    model.load_state_dict(grown(model, tensors, str(path)))
    return model


def model_of_checkpoint(path: Path) -> tuple[MTRefSegR1, dict[str, Any]]:
    """Return the (averaged) model of a checkpoint, LoRA merged, and all that the file holds.

    Raises:
        ModelError: if the file is no checkpoint of `mtrs-geo train`, or does not fit its model.
    """
    model, tensors, state = _opened(path)
    fill(model, tensors, str(path))
    return model, state


def without_adapters(model: MTRefSegR1) -> MTRefSegR1:
    """Return a model of the same answers that needs no peft."""
    causal = isinstance(model.config.language, CausalLanguageConfig)
    plain = new_model(model.config, model.language.tokenizer if causal else None)
    fill(plain, without_lora(model.state_dict()), "what was trained")
    return plain


def stored(model: MTRefSegR1) -> dict[str, str | None]:
    """Return what a checkpoint keeps under `MODEL_KEY`, so that it can be built again."""
    causal = isinstance(model.config.language, CausalLanguageConfig)
    return {
        "config": json.dumps(model.config.to_dict()),
        "tokenizer": model.language.tokenizer.to_str() if causal else None,
    }


def _opened(path: Path) -> tuple[MTRefSegR1, dict[str, Any], dict[str, Any]]:
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        tensors = {n.removeprefix("model."): t for n, t in state["state_dict"].items()}
        return _built(state), without_lora(tensors), state
    except (OSError, RuntimeError, KeyError, TypeError) as error:
        msg = f"{path} is no checkpoint of `mtrs-geo train` ({error!r})."
        raise ModelError(msg) from error


def _built(state: Mapping[str, Any]) -> MTRefSegR1:
    if MODEL_KEY not in state:  # runs of before 0.1 kept the preset's name alone
        return new_model(PRESETS[state["hyper_parameters"]["preset"]])
    kept = state[MODEL_KEY]
    tokenizer = kept["tokenizer"]
    return new_model(
        ModelConfig.from_dict(json.loads(kept["config"])),
        Tokenizer.from_str(tokenizer) if tokenizer else None,
    )


def _named(preset: str) -> ModelConfig:
    if preset in PRESETS:
        return PRESETS[preset]
    try:
        return ModelConfig.from_dict(json.loads(Path(preset).read_text()))
    except (OSError, json.JSONDecodeError, KeyError, TypeError) as error:
        msg = (
            f"{preset} is neither a preset ({', '.join(PRESETS)}) nor a JSON file with a "
            f"model's configuration ({error!r})."
        )
        raise ModelError(msg) from error
