"""Frozen submodules and gradient checkpointing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from tokenizers import Tokenizer
from torch import nn

from mtrs_geo.errors import ModelError
from mtrs_geo.models.checkpoints.checkpoint import new_model
from mtrs_geo.models.config import ModelConfig
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1
from mtrs_geo.training.submodules import enable_gradient_checkpointing
from mtrs_geo.training.tasks.stage1 import Stage1Task
from mtrs_geo.training.tasks.stage2 import Stage2Task


def test_frozen_submodules_keep_their_weights_and_statistics() -> None:
    task = Stage2Task(imagenet=False, freeze=["vision", "mask_decoder.presence"]).train()
    frozen = {n.split(".")[0] for n, p in task.model.named_parameters() if not p.requires_grad}
    assert frozen == {"vision", "mask_decoder", "language"}  # MiniLM is always frozen
    assert not any(p.requires_grad for p in task.model.mask_decoder.presence.parameters())
    assert task.model.mask_decoder.refine.weight.requires_grad
    norms = [m for m in task.model.vision.modules() if isinstance(m, nn.BatchNorm2d)]
    assert norms
    assert not any(norm.training for norm in norms)
    assert task.model.fusion.training


def test_stage_1_freezes_unused_submodules() -> None:
    task = Stage1Task(imagenet=False)
    trained = {n.split(".")[0] for n, p in task.model.named_parameters() if p.requires_grad}
    assert trained == {"vision", "fusion", "pixel_decoder", "change_head", "land_cover_head"}


def test_unknown_submodules_and_missing_queries_are_refused() -> None:
    with pytest.raises(ModelError, match=r"no submodule 'eyes'\. Name one of vision, fusion"):
        Stage1Task(imagenet=False, freeze=["eyes"])
    with pytest.raises(ModelError, match="change_head of this preset does not support"):
        Stage1Task(imagenet=False, gradient_checkpointing=["change_head"])
    with pytest.raises(ModelError, match="needs a preset with learned queries"):
        Stage1Task(imagenet=False, query_points=8)
    with pytest.raises(ModelError, match="neither a preset"):
        Stage1Task(preset="huge", imagenet=False)


def gradients(model: MTRefSegR1) -> tuple[dict[str, torch.Tensor], int]:
    """Return gradients and the number of bytes stored for the backward pass."""
    stored: dict[int, int] = {}

    def store(tensor: torch.Tensor) -> torch.Tensor:
        stored[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    weights = {p.untyped_storage().data_ptr() for p in model.parameters()}
    images = torch.arange(2 * 3 * 64 * 64).reshape(2, 3, 64, 64) % 251
    with torch.autograd.graph.saved_tensors_hooks(store, lambda tensor: tensor):
        decoded = model.decode(model.encode(images, images.flip(-1)), model.embed(["20", "21 22"]))
        loss = decoded.masks[-1].square().mean()
    loss.backward()
    by_name = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
    return by_name, sum(n for pointer, n in stored.items() if pointer not in weights)


@pytest.mark.parametrize("submodules", [("vision",), ("vision", "language")])
def test_checkpointing_gives_the_same_gradients_with_less_memory(
    submodules: tuple[str, ...], shrunk: Callable[[str], ModelConfig], numbers: Tokenizer
) -> None:
    torch.manual_seed(0)
    model = new_model(shrunk("base"), numbers).train()
    other = new_model(shrunk("base"), numbers).train()
    other.load_state_dict(model.state_dict())
    for name in submodules:
        enable_gradient_checkpointing(other, name)
    (expected, stored), (actual, less) = gradients(model), gradients(other)
    assert actual.keys() == expected.keys()
    for name, gradient in expected.items():
        torch.testing.assert_close(actual[name], gradient, atol=1e-6, rtol=1e-3, msg=name)
    assert less < 0.9 * stored


def test_tiny_supports_gradient_checkpointing() -> None:
    task = Stage1Task(imagenet=False, gradient_checkpointing=["vision"]).train()
    images = torch.zeros(1, 3, 64, 64)
    task.model.encode(images, images).change.sum().backward()
    assert all(p.grad is not None for p in task.model.vision.parameters())
