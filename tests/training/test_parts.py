"""What is frozen, and what is computed again."""

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
from mtrs_geo.training.parts import recompute_part
from mtrs_geo.training.tasks.stage1 import Stage1Task
from mtrs_geo.training.tasks.stage2 import Stage2Task


def test_what_is_frozen_stays_and_keeps_its_statistics() -> None:
    task = Stage2Task(imagenet=False, freeze=["vision", "mask_decoder.presence"]).train()
    frozen = {n.split(".")[0] for n, p in task.model.named_parameters() if not p.requires_grad}
    assert frozen == {"vision", "mask_decoder", "language"}  # MiniLM is always frozen
    assert not any(p.requires_grad for p in task.model.mask_decoder.presence.parameters())
    assert task.model.mask_decoder.refine.weight.requires_grad
    norms = [m for m in task.model.vision.modules() if isinstance(m, nn.BatchNorm2d)]
    assert norms
    assert not any(norm.training for norm in norms)
    assert task.model.fusion.training


def test_stage_1_leaves_out_what_it_does_not_use() -> None:
    task = Stage1Task(imagenet=False)
    trained = {n.split(".")[0] for n, p in task.model.named_parameters() if p.requires_grad}
    assert trained == {"vision", "fusion", "pixel_decoder", "change_head", "land_head"}


def test_unknown_parts_and_queries_that_are_not_there() -> None:
    with pytest.raises(ModelError, match=r"no part 'eyes'\. Its parts are vision, fusion"):
        Stage1Task(imagenet=False, freeze=["eyes"])
    with pytest.raises(ModelError, match="change_head of this preset cannot recompute"):
        Stage1Task(imagenet=False, recompute=["change_head"])
    with pytest.raises(ModelError, match="needs a preset with learned queries"):
        Stage1Task(imagenet=False, query_points=8)
    with pytest.raises(ModelError, match="neither a preset"):
        Stage1Task(preset="huge", imagenet=False)


def gradients(model: MTRefSegR1) -> tuple[dict[str, torch.Tensor], int]:
    """Return the gradients of some loss, and how many bytes were kept for them."""
    kept: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    weights = {p.untyped_storage().data_ptr() for p in model.parameters()}
    images = torch.arange(2 * 3 * 64 * 64).reshape(2, 3, 64, 64) % 251
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        decoded = model.decode(model.encode(images, images.flip(-1)), model.embed(["20", "21 22"]))
        loss = decoded.masks[-1].square().mean()
    loss.backward()
    found = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
    return found, sum(n for pointer, n in kept.items() if pointer not in weights)


@pytest.mark.parametrize("parts", [("vision",), ("vision", "language")])
def test_computed_again_is_the_same_and_smaller(
    parts: tuple[str, ...], shrunk: Callable[[str], ModelConfig], numbers: Tokenizer
) -> None:
    torch.manual_seed(0)
    model = new_model(shrunk("base"), numbers).train()
    other = new_model(shrunk("base"), numbers).train()
    other.load_state_dict(model.state_dict())
    for part in parts:
        recompute_part(other, part)
    (wanted, much), (given, less) = gradients(model), gradients(other)
    assert given.keys() == wanted.keys()
    for name, gradient in wanted.items():
        torch.testing.assert_close(given[name], gradient, atol=1e-6, rtol=1e-3, msg=name)
    assert less < 0.9 * much


def test_tiny_can_compute_again() -> None:
    task = Stage1Task(imagenet=False, recompute=["vision"]).train()
    images = torch.zeros(1, 3, 64, 64)
    task.model.encode(images, images).change.sum().backward()
    assert all(p.grad is not None for p in task.model.vision.parameters())
