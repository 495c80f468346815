"""Activations that are computed again in the backward pass instead of being kept."""

from __future__ import annotations

from torch import nn
from transformers import PreTrainedModel

from mtrs_geo.errors import ModelError

__all__ = ["recompute"]


def recompute(model: nn.Module, part: str) -> None:
    """Turn gradient checkpointing on in a part of a model: less memory, a third more time.

    Args:
        model: a whole model.
        part: name of a part, for example ``vision`` or ``language``.

    Raises:
        ModelError: if no layer of the part can do so.
    """
    module = model.get_submodule(part)
    able = [m for m in module.modules() if _is_able(m)]
    if not able:
        msg = f"{part} of this preset cannot recompute its activations. Take it out of recompute."
        raise ModelError(msg)
    for inner in able:
        if isinstance(inner, PreTrainedModel):
            # The other way needs inputs with a gradient, which frozen layers do not have.
            inner.gradient_checkpointing_enable({"use_reentrant": False})
        else:
            inner.set_grad_checkpointing()


def _is_able(module: nn.Module) -> bool:
    if isinstance(module, PreTrainedModel):
        return bool(module.supports_gradient_checkpointing)
    return hasattr(module, "set_grad_checkpointing")
