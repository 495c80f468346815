"""LoRA for a causal language model: added with peft, merged into the weights without peft.

Source: arXiv 2106.09685.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from mtrs_geo.errors import MissingExtraError, ModelError
from mtrs_geo.models.config import CausalLanguageConfig
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1

__all__ = ["add_lora", "merge_lora"]

_SCALE = 2
"""Factor of the learnt matrices: peft's alpha divided by the rank."""
_LAYERS = ("q_proj", "k_proj", "v_proj", "dense", "fc1", "fc2")
_BASE, _DOWN, _UP = ".base_layer.", ".lora_A.default.", ".lora_B.default."


def add_lora(model: MTRefSegR1, rank: int) -> None:
    """Freeze the language model and add trainable matrices of rank ``rank`` to its layers.

    Raises:
        ModelError: if the language model is not a causal one.
        MissingExtraError: if peft is not installed.
    """
    if not isinstance(model.config.language, CausalLanguageConfig):
        msg = (
            f"lora_rank {rank} needs a preset with a causal language model (base); "
            f"{model.config.preset!r} has a frozen text encoder."
        )
        raise ModelError(msg, advice="Leave lora_rank out.")
    try:
        from peft import LoraConfig, inject_adapter_in_model
    except ImportError as error:
        msg = f"LoRA needs packages that are not installed ({error})."
        advice = "Install them: pip install 'mtrs-geo[lora]'"
        raise MissingExtraError(msg, advice=advice) from error
    config = LoraConfig(r=rank, lora_alpha=_SCALE * rank, target_modules=list(_LAYERS))
    model.language.model.requires_grad_(False)
    inject_adapter_in_model(config, model.language.model)


def merge_lora(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a state dict with LoRA merged into the weights, named as in a model without LoRA."""
    merged = {}
    for name, tensor in state.items():
        if _DOWN in name or _UP in name:
            continue
        down = state.get(name.replace(_BASE, _DOWN))
        if _BASE in name and name.endswith("weight") and down is not None:
            up = state[name.replace(_BASE, _UP)]
            tensor = tensor + _SCALE * (up @ down)  # (out, r) x (r, in) -> (out, in)
        merged[name.replace(_BASE, ".")] = tensor
    return merged
