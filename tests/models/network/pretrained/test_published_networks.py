"""The networks have the tensors of timm's and transformers', and give the same numbers."""

from __future__ import annotations

import subprocess
import sys

import pytest
import timm
import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel, Mask2FormerConfig
from transformers.models.mask2former.modeling_mask2former import (
    Mask2FormerMaskedAttentionDecoder,
    Mask2FormerSinePositionEmbedding,
)

from mtrs_geo.models.config import LanguageConfig, LearnedQueriesConfig
from mtrs_geo.models.network.mask_attention_layers import MaskedAttentionLayers, sine_positions
from mtrs_geo.models.network.pretrained.bert import BertEncoder
from mtrs_geo.models.network.pretrained.efficientnet import EfficientNetLite0


def copied(ours: nn.Module, theirs: nn.Module, is_training: bool = False) -> None:
    """Give both the same tensors, of which none may be missing or have another place."""
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict(theirs.state_dict())
    ours.train(is_training)
    theirs.train(is_training)


def assert_same(ours: object, theirs: object) -> None:
    for one, other in zip(ours, theirs, strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("levels", [(1, 2, 3, 4), (0, 1, 2, 3, 4)])
@pytest.mark.parametrize("is_training", [False, True])
def test_efficientnet(levels: tuple[int, ...], is_training: bool) -> None:
    torch.manual_seed(0)
    name = "tf_efficientnet_lite0"
    theirs = timm.create_model(name, features_only=True, out_indices=levels, pretrained=False)
    ours = EfficientNetLite0(levels)
    copied(ours, theirs, is_training)
    assert list(ours.channels) == theirs.feature_info.channels()
    images = torch.randn(2, 3, 96, 64, requires_grad=True)
    features = ours(images)
    assert_same(features, theirs(images))
    assert_same(ours.state_dict().values(), theirs.state_dict().values())  # statistics of norms
    ours.set_grad_checkpointing()
    ours.eval()
    (gradient,) = torch.autograd.grad(ours(images)[-1].sum(), images)
    theirs.eval()
    (expected,) = torch.autograd.grad(theirs(images)[-1].sum(), images)
    torch.testing.assert_close(gradient, expected)


@torch.no_grad()
@pytest.mark.parametrize("lengths", [(6, 6), (6, 3)], ids=["no padding", "padding"])
def test_bert(lengths: tuple[int, int]) -> None:
    torch.manual_seed(0)
    config = LanguageConfig(vocab=50, hidden=32, layers=3, heads=4, feed_forward=64)
    settings = BertConfig(
        vocab_size=50, hidden_size=32, num_hidden_layers=3, num_attention_heads=4,
        intermediate_size=64,
    )  # fmt: skip
    ours, theirs = BertEncoder(config), BertModel(settings, add_pooling_layer=False)
    copied(ours, theirs)
    ids = torch.randint(1, 50, (2, 6))
    mask = torch.arange(6)[None] < torch.tensor(lengths)[:, None]
    expected = theirs(ids, attention_mask=mask, output_hidden_states=True).hidden_states
    for one, other in zip(ours(ids, mask), expected, strict=True):
        assert torch.equal(one[mask], other[mask])


@torch.no_grad()
def test_masked_attention() -> None:
    torch.manual_seed(0)
    config = LearnedQueriesConfig(layers=4, heads=4, feed_forward=64)
    settings = Mask2FormerConfig(
        hidden_dim=32, mask_feature_size=32, decoder_layers=5, num_attention_heads=4,
        dim_feedforward=64, dropout=0.0, pre_norm=False,
    )  # fmt: skip
    ours, theirs = MaskedAttentionLayers(config, 32), Mask2FormerMaskedAttentionDecoder(settings)
    copied(ours, theirs)
    sizes = [torch.Size(size) for size in ((2, 3), (4, 6), (8, 12))]

    def levels() -> list[Tensor]:
        return [torch.randn(rows * cols, 2, 32) for rows, cols in sizes]

    memory, positions, features = levels(), levels(), torch.randn(2, 32, 16, 24)
    queries, query_positions = torch.randn(2, 5, 2, 32)
    expected = theirs(
        inputs_embeds=queries, multi_stage_positional_embeddings=positions,
        pixel_embeddings=features, encoder_hidden_states=memory,
        query_position_embeddings=query_positions, feature_size_list=sizes, return_dict=True,
    )  # fmt: skip
    states, masks = ours(queries, query_positions, memory, positions, features, sizes)
    assert_same(states, expected.intermediate_hidden_states)
    assert_same(masks, expected.masks_queries_logits)


def test_sine_positions() -> None:
    level = torch.zeros(2, 96, 6, 9)
    published = Mask2FormerSinePositionEmbedding(48, normalize=True)
    expected = published(torch.Size((1, 96, 6, 9)), level.device, level.dtype)
    assert torch.equal(sine_positions(level), expected)


def test_tiny_is_loaded_without_these_packages() -> None:
    code = (
        "import sys; from mtrs_geo.models import load_model; load_model('tiny', 'cpu'); "
        "heavy = {'timm', 'torchvision', 'transformers', 'torch._dynamo'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
