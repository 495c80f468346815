"""Tests that every preset must pass, each with a small random model of its configuration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.models.checkpoints.checkpoint import load_folder, new_model, save_folder
from mtrs_geo.models.config import ModelConfig
from mtrs_geo.models.network.learned_queries import LearnedQueryDecoder
from mtrs_geo.models.network.mtrefseg_r1 import Encoded, MTRefSegR1

TEXTS = ["20 21", "22 23 24"]
Shrink = Callable[[str], ModelConfig]
Pair = tuple[Tensor, Tensor]


@pytest.fixture(scope="module", params=["tiny", "small", "base"])
def config(request: pytest.FixtureRequest, shrunk: Shrink) -> ModelConfig:
    return shrunk(request.param)


def build(config: ModelConfig, tokenizer: Tokenizer) -> MTRefSegR1:
    torch.manual_seed(0)
    return new_model(config, tokenizer).eval()


@pytest.fixture(scope="module")
def model(config: ModelConfig, numbers: Tokenizer) -> MTRefSegR1:
    return build(config, numbers)


@pytest.fixture(scope="module")
def pair() -> Pair:
    generator = torch.Generator().manual_seed(1)
    before, after = torch.randint(0, 256, (2, 2, 3, 96, 64), generator=generator).float()
    return before, after


def encoded_tensors(encoded: Encoded) -> list[Tensor]:
    tensors = [*encoded.pixels.memory, encoded.pixels.mask_features, encoded.scene, encoded.change]
    return tensors if encoded.context is None else [*tensors, encoded.context]


@torch.no_grad()
def mask_logits(model: MTRefSegR1, pair: Pair, texts: list[str]) -> Tensor:
    return model.decode(model.encode(*pair), model.embed(texts)).masks[-1]


def test_shapes(model: MTRefSegR1, pair: Pair) -> None:
    with torch.no_grad():
        encoded = model.encode(*pair)
        decoded = model.decode(encoded, model.embed(TEXTS))
    assert encoded.change.shape == (2, 3, 24, 16)
    assert [tuple(m.shape[-2:]) for m in encoded.pixels.memory] == [(3, 2), (6, 4), (12, 8)]
    assert [tuple(m.shape) for m in decoded.masks] == [(2, 24, 16)] * (
        model.config.mask_decoder.layers + 1
    )
    assert decoded.presence.shape == (2,)
    if model.config.preset == "base":
        assert encoded.context is not None
        assert encoded.context.shape == (2, 2, 4, 64)
        proposed = model.mask_decoder.propose(encoded.pixels)
        assert len(proposed) == len(decoded.masks)
        assert proposed[-1].masks.shape == (2, 5, 24, 16)
        assert proposed[-1].changed.shape == (2, 5)
    else:
        assert encoded.context is None


def test_gradients_reach_every_trained_parameter(
    config: ModelConfig, numbers: Tokenizer, pair: Pair
) -> None:
    model = build(config, numbers).train()
    encoded = model.encode(*pair)
    decoded = model.decode(encoded, model.embed(TEXTS))
    masks = [*decoded.masks]
    if isinstance(model.mask_decoder, LearnedQueryDecoder):
        proposed = model.mask_decoder.propose(encoded.pixels)
        masks += [tensor for proposals in proposed for tensor in proposals]
    loss = encoded.change.square().mean() + encoded.land_cover.square().mean()
    loss = loss + decoded.presence.sum() + sum(head.square().sum() for head in decoded.intent)
    (loss + torch.stack([m.square().mean() for m in masks]).sum()).backward()
    missing = [n for n, p in model.named_parameters() if p.requires_grad and p.grad is None]
    assert missing == []
    frozen = [n for n, p in model.named_parameters() if not p.requires_grad]
    assert all(n.startswith("language.frozen.") for n in frozen)


def test_one_encoding_serves_several_sentences(model: MTRefSegR1, pair: Pair) -> None:
    with torch.no_grad():
        once = model.encode(*pair).take(torch.tensor([1, 1]))
        shared = model.decode(once, model.embed(TEXTS)).masks[-1]
    for i, text in enumerate(TEXTS):
        alone = mask_logits(model, (pair[0][1:], pair[1][1:]), [text])
        torch.testing.assert_close(shared[i : i + 1], alone, atol=1e-3, rtol=1e-3)


def test_batch_equals_single(model: MTRefSegR1, pair: Pair) -> None:
    with torch.no_grad():
        together = model.encode(*pair)
        for i in range(2):
            alone = model.encode(pair[0][i : i + 1], pair[1][i : i + 1])
            for one, other in zip(encoded_tensors(together), encoded_tensors(alone), strict=True):
                torch.testing.assert_close(one[i : i + 1], other, atol=1e-4, rtol=1e-4)


def test_the_mask_depends_on_the_sentence(model: MTRefSegR1, pair: Pair) -> None:
    one, other = (mask_logits(model, pair, [text] * 2) for text in TEXTS)
    assert not torch.allclose(one, other, atol=1e-3)


def test_a_saved_model_is_loaded_unchanged(model: MTRefSegR1, pair: Pair, tmp_path: Path) -> None:
    metadata = {"name": "mine", "version": "1", "description": "a test"}
    save_folder(model, tmp_path, metadata, half=False)
    loaded, loaded_metadata = load_folder(tmp_path)
    assert loaded_metadata["name"] == "mine"
    assert loaded.config == model.config
    torch.testing.assert_close(mask_logits(loaded, pair, TEXTS), mask_logits(model, pair, TEXTS))


def test_bfloat16_gives_similar_masks(model: MTRefSegR1, pair: Pair) -> None:
    full = mask_logits(model, pair, TEXTS).sigmoid()
    with torch.autocast("cpu", torch.bfloat16):
        half = mask_logits(model, pair, TEXTS).float().sigmoid()
    assert (full - half).abs().mean() < 0.02


class EncodeOnly(nn.Module):
    def __init__(self, model: MTRefSegR1) -> None:
        super().__init__()
        self.model = model

    def forward(self, before: Tensor, after: Tensor) -> Encoded:
        return self.model.encode(before, after)


@torch.no_grad()
def test_encode_can_be_compiled(model: MTRefSegR1, pair: Pair) -> None:
    """One graph without a break; this backend does not need minutes of C++ compilation."""
    compiled = torch.compile(EncodeOnly(model), backend="aot_eager", fullgraph=True)
    for one, other in zip(
        encoded_tensors(compiled(*pair)), encoded_tensors(model.encode(*pair)), strict=True
    ):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_encode_can_be_exported(model: MTRefSegR1, pair: Pair) -> None:
    program = torch.export.export(EncodeOnly(model), pair)
    output = program.module()(*pair)
    for one, other in zip(
        encoded_tensors(output), encoded_tensors(model.encode(*pair)), strict=True
    ):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)


def squares() -> tuple[Tensor, Tensor, list[str], Tensor]:
    """Eight pairs with two new squares each; the sentence selects one of them."""
    generator = torch.Generator().manual_seed(2)
    before = torch.randint(90, 120, (8, 3, 64, 64), generator=generator).float()
    after, truth = before.clone(), torch.zeros(8, 64, 64)
    for i in range(8):
        row, col = divmod(i, 4)
        for channel, top in ((0, 32 * row), (2, 32 * (1 - row))):
            spot = (slice(top + 4, top + 24), slice(12 * col + 4, 12 * col + 24))
            after[i, channel, *spot] = 255.0
            if channel == 2 * (i % 2):
                truth[i, *spot] = 1
    return before, after, [TEXTS[i % 2] for i in range(8)], truth


def test_the_model_can_overfit_eight_pairs(config: ModelConfig, numbers: Tokenizer) -> None:
    before, after, texts, truth = squares()
    target = F.avg_pool2d(truth[:, None], 4)[:, 0]
    model = build(config, numbers)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 0.5  # running statistics must converge in few steps
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3)
    ious = [0.0]
    for _ in range(15):
        model.train()
        for _ in range(10):
            decoded = model.decode(model.encode(before, after), model.embed(texts))
            losses = [F.binary_cross_entropy_with_logits(m, target) for m in decoded.masks]
            optimizer.zero_grad()
            torch.stack(losses).sum().backward()
            optimizer.step()
        mask = mask_logits(model.eval(), (before, after), texts) > 0
        truth_mask = target > 0.5
        ious.append(
            float(((mask & truth_mask).sum((1, 2)) / (mask | truth_mask).sum((1, 2))).mean())
        )
        if ious[-1] > 0.9:
            return
    pytest.fail(f"the IoU stays too low: {ious}")
