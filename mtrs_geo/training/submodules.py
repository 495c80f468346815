"""Submodules of a model by name: look-up and gradient checkpointing."""

from __future__ import annotations

from typing import Any

from torch import nn
from transformers import PreTrainedModel

from mtrs_geo.errors import ModelError

__all__ = ["enable_gradient_checkpointing", "submodule_named"]


def submodule_named(model: nn.Module, name: str) -> nn.Module:
    """Return a submodule, for example ``vision`` or ``mask_decoder.presence``.

    Raises:
        ModelError: if the model has no such submodule.
    """
    try:
        return model.get_submodule(name)
    except AttributeError as error:
        children = ", ".join(child for child, _ in model.named_children())
        msg = f"the model has no submodule {name!r}."
        advice = f"Name one of {children}, or a submodule of these."
        raise ModelError(msg, advice=advice) from error


def enable_gradient_checkpointing(model: nn.Module, name: str) -> None:
    """Let a submodule recompute activations in the backward pass instead of storing them.

    Training takes about a third more time (gradient checkpointing, arXiv 1604.06174).

    Raises:
        ModelError: if the model has no such submodule, or it has no gradient checkpointing.
    """
    submodule = submodule_named(model, name)
    supported: list[Any] = [m for m in submodule.modules() if _has_checkpointing(m)]
    if not supported:
        msg = f"{name} of this preset does not support gradient checkpointing."
        raise ModelError(msg, advice="Remove it from model.gradient_checkpointing.")
    for module in supported:
        if isinstance(module, PreTrainedModel):
            module.gradient_checkpointing_enable()
        else:
            module.set_grad_checkpointing()


def _has_checkpointing(module: nn.Module) -> bool:
    if isinstance(module, PreTrainedModel):
        return bool(module.supports_gradient_checkpointing)
    return hasattr(module, "set_grad_checkpointing")
