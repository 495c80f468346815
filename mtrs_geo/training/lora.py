"""LoRA on a causal language model: added by peft, merged into plain weights without it.

Source: arXiv 2106.09685.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from mtrs_geo.errors import MissingExtraError, ModelError
from mtrs_geo.models.config import CausalLanguageConfig
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1

__all__ = ["add_lora", "without_lora"]

_SCALE = 2
"""What is learnt counts this much: peft's alpha over the rank."""
_LAYERS = ("q_proj", "k_proj", "v_proj", "dense", "fc1", "fc2")
_BASE, _DOWN, _UP = ".base_layer.", ".lora_A.default.", ".lora_B.default."


def add_lora(model: MTRefSegR1, rank: int) -> None:
    """Freeze the language model and add matrices of ``rank`` to its layers, which are trained.

    Raises:
        ModelError: if the language model is no causal one.
        MissingExtraError: if peft is not installed.
    """
    if not isinstance(model.config.language, CausalLanguageConfig):
        msg = (
            f"lora_rank {rank} is for presets that read with a causal language model (base); "
            f"{model.config.preset!r} reads with a frozen encoder. Leave lora_rank out."
        )
        raise ModelError(msg)
    try:
        from peft import LoraConfig, inject_adapter_in_model
    except ImportError as error:
        msg = f"LoRA needs an extra: pip install 'mtrs-geo[lora]' ({error})"
        raise MissingExtraError(msg) from error
    config = LoraConfig(r=rank, lora_alpha=_SCALE * rank, target_modules=list(_LAYERS))
    model.language.model.requires_grad_(False)
    inject_adapter_in_model(config, model.language.model)


def without_lora(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights with what LoRA learnt added, by the names of a model without it."""
    plain = {}
    for name, tensor in state.items():
        if _DOWN in name or _UP in name:
            continue
        down = state.get(name.replace(_BASE, _DOWN))
        if _BASE in name and name.endswith("weight") and down is not None:
            up = state[name.replace(_BASE, _UP)]
            tensor = tensor + _SCALE * (up @ down)  # (out, r) x (r, in) -> (out, in)
        plain[name.replace(_BASE, ".")] = tensor
    return plain
