"""The specialists, each with small random weights."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.errors import ModelError
from mtrs_geo.models import load_model
from mtrs_geo.models.checkpoints.checkpoint import new_model, save_folder
from mtrs_geo.models.config import MaskDecoderConfig, ModelConfig
from mtrs_geo.models.network.language import TextStates
from mtrs_geo.models.network.specialists.rotated_convolution import RotatedConvolution
from mtrs_geo.models.network.specialists.word_attention import PixelWordAttention

SPECIALISTS = ("lavt-like", "cris-like", "rmsin-like")
TEXTS = ["new buildings", "the houses in the top left that were demolished"]


@pytest.mark.parametrize("name", SPECIALISTS)
def test_a_step_of_training_then_a_folder_with_the_same_answers(
    name: str, shrunk: Callable[[str], ModelConfig], tmp_path: Path
) -> None:
    torch.manual_seed(0)
    model = new_model(shrunk(name)).train()
    images = torch.randint(0, 256, (2, 2, 3, 64, 96)).float()
    target = torch.zeros(2, 16, 24)
    target[:, 4:9, 5:12] = 1
    trained = {n: p for n, p in model.named_parameters() if p.requires_grad}
    start = {n: p.detach().clone() for n, p in trained.items()}
    encoded, embedded = model.encode(*images), model.embed(TEXTS)
    decoded = model.decode(encoded, embedded)
    assert [mask.shape for mask in decoded.masks] == [(2, 16, 24)]
    assert decoded.presence.shape == (2,)
    loss = F.binary_cross_entropy_with_logits(decoded.masks[0], target) + decoded.presence.sum()
    loss = loss + sum(logits.square().mean() for logits in decoded.intent)
    loss = loss + encoded.change.square().mean() + encoded.land_cover.square().mean()
    loss.backward()
    assert [n for n, p in trained.items() if p.grad is None] == []
    torch.optim.SGD(trained.values(), lr=0.05).step()
    moved = {n for n, p in trained.items() if not torch.equal(p.detach(), start[n])}
    assert {n for n in trained if n.startswith("mask_decoder.")} & moved

    facts = {"name": "mine", "version": "1", "description": "a test"}
    save_folder(model.eval(), tmp_path / "mine", facts, half=False)
    loaded = load_model(tmp_path / "mine", "cpu")
    before, after = images[:, 0].byte().permute(0, 2, 3, 1).numpy()
    found = loaded.predict(before, after, [*TEXTS, ""])
    assert found.shape == (3, 64, 96)
    with torch.no_grad():
        pair = model.encode(images[:1, 0], images[1:, 0]).take(torch.tensor([0, 0]))
        mask = model.decode(pair, model.embed(TEXTS)).masks[0]
        full = F.interpolate(mask[:, None], (64, 96), mode="bilinear")[:, 0].sigmoid()
    np.testing.assert_allclose(found[:2], full.numpy(), atol=1e-4)
    assert np.abs(found[0] - found[1]).max() > 1e-6  # the words count


def test_a_specialist_has_its_own_projector_and_others_do_not(
    shrunk: Callable[[str], ModelConfig],
) -> None:
    config = shrunk("lavt-like")
    for wrong in (
        replace(config, projector="pooled"),
        replace(config, mask_decoder=MaskDecoderConfig()),
    ):
        with pytest.raises(ModelError, match="cannot have the projector"):
            new_model(wrong)


def test_words_after_the_end_of_a_sentence_do_not_count() -> None:
    torch.manual_seed(0)
    attention = PixelWordAttention(8).eval()
    level, words = torch.randn(1, 8, 3, 5), torch.randn(1, 4, 8)
    padding = torch.tensor([[False, False, True, True]])
    text = TextStates(words, words.mean(1), padding, words)
    short = TextStates(words[:, :2], words.mean(1), padding[:, :2], words[:, :2])
    torch.testing.assert_close(attention(level, text), attention(level, short))


def test_a_rotated_kernel_answers_turned_objects_as_the_kernel_the_upright_ones() -> None:
    convolution = RotatedConvolution(1, kernels=1).eval()
    convolution.weight.data.copy_(
        torch.tensor([[0.0, 1.0, 0.0], [0.0, 2.0, 0.0], [0.0, 3.0, 0.0]])[None, None]
    )
    upright, turned = (
        convolution._turned(torch.tensor([[angle]]))[0, 0, 0, 0] for angle in (0.0, math.pi)
    )
    torch.testing.assert_close(upright, convolution.weight[0, 0])
    torch.testing.assert_close(turned, convolution.weight[0, 0].flip(0, 1))
    quarter = convolution._turned(torch.tensor([[math.pi / 2]]))[0, 0, 0, 0].detach()
    assert quarter[1].abs().sum() == pytest.approx(6, abs=1e-4)
    assert quarter[[0, 2]].abs().max() < 1e-4
