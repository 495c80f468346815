"""Initial weights of base and small: COCO's Mask2Former with Swin, and Phi-1.5.

transformers reads both from a folder or by hub name; pure functions rename the tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import Mask2FormerForUniversalSegmentation, PhiForCausalLM

from mtrs_geo.errors import ModelError
from mtrs_geo.models.checkpoints.checkpoint import new_model
from mtrs_geo.models.checkpoints.hub_folder import read_tokenizer
from mtrs_geo.models.checkpoints.strict import join_names, mismatches
from mtrs_geo.models.config import CausalLanguageConfig, ModelConfig
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1

__all__ = ["initial_model", "mask2former_name", "phi_name"]

_MASK2FORMER = {
    "model.pixel_level_module.encoder.": "vision.backbone.",
    "model.pixel_level_module.decoder.": "pixel_decoder.decoder.",
    "model.transformer_module.decoder.": "mask_decoder.decoder.",
    "model.transformer_module.queries_features.": "mask_decoder.queries.",
    "model.transformer_module.queries_embedder.": "mask_decoder.queries_position.",
    "model.transformer_module.level_embed.": "mask_decoder.level_embedding.",
}
_OUR_BIASES = (
    "pixel_decoder.decoder.adapter_1.0.bias",
    "pixel_decoder.decoder.layer_1.0.bias",
)
"""Initialised with zero: COCO's convolutions at stride 4 have no bias."""

_COCO_SUBMODULES = ("vision.backbone.", "pixel_decoder.", "mask_decoder.")
_NOT_COCO = ("mask_decoder.presence.", "mask_decoder.changed.", "mask_decoder.query_position.",
             "mask_decoder.word_attention_", "mask_decoder.refine.")  # fmt: skip


def initial_model(
    config: ModelConfig,
    *,
    mask2former: str | Path | None = None,
    language: str | Path | None = None,
) -> MTRefSegR1:
    """Return a model with pretrained submodules; all other weights are random.

    Args:
        config: with a Swin encoder, deformable pixel decoder, and (for ``language``) Phi.
        mask2former: folder or hub name of a Mask2Former with Swin, for the image encoder, the
            pixel decoder and the mask decoder.
        language: folder or hub name of Phi with its tokenizer.

    Raises:
        ModelError: if a source cannot be read, or its tensors do not fit; the message lists all
            missing and unknown tensors.
    """
    causal = isinstance(config.language, CausalLanguageConfig)
    if language is not None and not causal:
        msg = f"preset {config.preset!r} has a bundled text encoder and cannot use {language}."
        raise ModelError(msg, advice="Leave out the language model.")
    tokenizer = None if language is None else read_tokenizer(language)
    model = new_model(config, tokenizer)
    if mask2former is not None:
        state = _pretrained(Mask2FormerForUniversalSegmentation, mask2former)
        _fill_submodules(
            model, _mask2former_tensors(model, state), _COCO_SUBMODULES, str(mask2former)
        )
    if language is not None:
        state = _pretrained(PhiForCausalLM, language)
        _fill_submodules(model, _renamed(state, phi_name), ("language.model.",), str(language))
    return model


def mask2former_name(name: str) -> str | None:
    """Return our name for a tensor of Mask2FormerForUniversalSegmentation, None if not used.

    Not used: class logits, weights of the loss, and the norm after Swin's last stage.
    """
    if ".encoder.swin.layernorm." in name:
        return None
    return _by_prefix(name, _MASK2FORMER)


def phi_name(name: str) -> str | None:
    """Return our name for a tensor of PhiForCausalLM, None for its text head."""
    return _by_prefix(name, {"model.": "language.model."})


def _by_prefix(name: str, prefixes: Mapping[str, str]) -> str | None:
    for theirs, ours in prefixes.items():
        if name.startswith(theirs):
            return ours + name.removeprefix(theirs)
    return None


def _renamed(state: Mapping[str, Tensor], rename: Callable[[str], str | None]) -> dict[str, Tensor]:
    return {ours: tensor for name, tensor in state.items() if (ours := rename(name))}


def _mask2former_tensors(model: MTRefSegR1, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    tensors = _renamed(state, mask2former_name)
    state_dict = model.state_dict()
    tensors.update(
        {name: torch.zeros_like(state_dict[name]) for name in _OUR_BIASES if name in state_dict}
    )
    if "mask_decoder.queries.weight" in state_dict:
        return tensors
    # The decoder with one [SEG] query has no learned queries.
    return {n: t for n, t in tensors.items() if not n.startswith("mask_decoder.queries")}


def _fill_submodules(
    model: MTRefSegR1, tensors: Mapping[str, Tensor], submodules: tuple[str, ...], source: str
) -> None:
    expected = {
        name: tensor
        for name, tensor in model.state_dict().items()
        if name.startswith(submodules) and not name.startswith(_NOT_COCO)
    }
    problems = mismatches(expected, tensors)
    if problems:
        msg = f"{source} does not fit preset {model.config.preset!r}: {problems}."
        raise ModelError(msg, advice="Use weights whose layers have the sizes of the preset.")
    model.load_state_dict(dict(tensors), strict=False)


def _pretrained(kind: Any, source: str | Path) -> dict[str, Tensor]:  # noqa: ANN401 - a class
    try:
        loaded, info = kind.from_pretrained(
            source,
            output_loading_info=True,
            weights_only=True,
            dtype=torch.float32,
            local_files_only=Path(source).is_dir(),
        )
    except (OSError, ValueError, RuntimeError) as error:
        msg = f"{source} cannot be read as a {kind.__name__} ({error})."
        raise ModelError(msg, advice="Give its folder, or its name on the hub.") from error
    problems = {
        problem: sorted(str(name) for name in info[key])
        for problem, key in (("missing", "missing_keys"), ("unknown", "unexpected_keys"))
    }
    if any(problems.values()):
        lists = "; ".join(f"{key} {join_names(names)}" for key, names in problems.items() if names)
        msg = f"{source} is not a complete {kind.__name__}: {lists}."
        raise ModelError(msg, advice="Download it again.")
    state: dict[str, Tensor] = loaded.state_dict()
    return state
