"""Parts of a model by their names: found, and made to spare memory."""

from __future__ import annotations

from typing import Any

from torch import nn
from transformers import PreTrainedModel

from mtrs_geo.errors import ModelError

__all__ = ["part_of", "recompute_part"]


def part_of(model: nn.Module, name: str) -> nn.Module:
    """Return a part, for example ``vision`` or ``mask_decoder.presence``.

    Raises:
        ModelError: if the model has no such part.
    """
    try:
        return model.get_submodule(name)
    except AttributeError as error:
        parts = ", ".join(part for part, _ in model.named_children())
        msg = f"the model has no part {name!r}. Its parts are {parts}, and what is in them."
        raise ModelError(msg) from error


def recompute_part(model: nn.Module, name: str) -> None:
    """Let a part compute activations again in the backward pass instead of keeping them.

    Costs about a third more time (gradient checkpointing, arXiv 1604.06174).

    Raises:
        ModelError: if the model has no such part, or it cannot do so.
    """
    able: list[Any] = [module for module in part_of(model, name).modules() if _is_able(module)]
    if not able:
        msg = f"{name} of this preset cannot recompute its activations. Take it out of recompute."
        raise ModelError(msg)
    for module in able:
        if isinstance(module, PreTrainedModel):
            module.gradient_checkpointing_enable()
        else:
            module.set_grad_checkpointing()


def _is_able(module: nn.Module) -> bool:
    if isinstance(module, PreTrainedModel):
        return bool(module.supports_gradient_checkpointing)
    return hasattr(module, "set_grad_checkpointing")
