"""Initial weights from small random Mask2Former and Phi models, saved by transformers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from transformers import (
    Mask2FormerConfig,
    Mask2FormerForUniversalSegmentation,
    PhiConfig,
    PhiForCausalLM,
    SwinConfig,
)

from mtrs_geo.errors import ModelError
from mtrs_geo.models.checkpoints.initial import initial_model, mask2former_name, phi_name
from mtrs_geo.models.config import ModelConfig

Shrink = Callable[[str], ModelConfig]


def coco() -> Mask2FormerForUniversalSegmentation:
    swin = SwinConfig(
        embed_dim=32, depths=[1, 1, 2, 1], num_heads=[1, 2, 4, 8], window_size=4,
        drop_path_rate=0.0, out_features=["stage1", "stage2", "stage3", "stage4"],
    )  # fmt: skip
    config = Mask2FormerConfig(
        backbone_config=swin, feature_size=64, mask_feature_size=64, hidden_dim=64,
        encoder_layers=1, encoder_feedforward_dim=64, decoder_layers=4, dim_feedforward=64,
        num_attention_heads=4, num_queries=5, num_labels=3, dropout=0.0,
    )  # fmt: skip
    return Mask2FormerForUniversalSegmentation(config).eval()


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory, numbers: Tokenizer) -> tuple[Path, Path]:
    torch.manual_seed(0)
    root = tmp_path_factory.mktemp("initial")
    coco().save_pretrained(root / "coco")
    phi = PhiConfig(vocab_size=320, hidden_size=64, num_hidden_layers=2, num_attention_heads=4,
                    intermediate_size=128)  # fmt: skip
    PhiForCausalLM(phi).save_pretrained(root / "phi")
    numbers.save(str(root / "phi" / "tokenizer.json"))
    return root / "coco", root / "phi"


@torch.no_grad()
@pytest.mark.parametrize("preset", ["base", "small"])
def test_features_equal_those_of_mask2former(
    preset: str, folders: tuple[Path, Path], shrunk: Shrink
) -> None:
    language = folders[1] if preset == "base" else None
    model = initial_model(shrunk(preset), mask2former=folders[0], language=language).eval()
    reference = Mask2FormerForUniversalSegmentation.from_pretrained(folders[0]).eval()
    image = torch.randn(1, 3, 64, 64)
    expected = reference.model.pixel_level_module.encoder(image).feature_maps
    for output, feature in zip(model.vision.features(image), expected, strict=True):
        torch.testing.assert_close(output, feature)
    decoder = reference.model.pixel_level_module.decoder
    channels = [torch.randn(1, c, s, s) for c, s in zip(decoder.feature_channels, (16, 8, 4, 2),
                                                        strict=True)]  # fmt: skip
    if preset == "base":
        memory = model.pixel_decoder(channels).memory
        for output, level in zip(memory, decoder(channels).multi_scale_features, strict=True):
            torch.testing.assert_close(output, level)
        queries = reference.model.transformer_module.queries_features.weight
        torch.testing.assert_close(model.mask_decoder.queries.weight, queries)


@torch.no_grad()
def test_hidden_states_equal_those_of_phi(folders: tuple[Path, Path], shrunk: Shrink) -> None:
    model = initial_model(shrunk("base"), language=folders[1]).eval()
    reference = PhiForCausalLM.from_pretrained(folders[1]).eval()
    ids = torch.tensor([[1, 2, 3]])
    torch.testing.assert_close(
        model.language.model(ids).last_hidden_state, reference.model(ids).last_hidden_state
    )


def test_mismatches_are_listed(folders: tuple[Path, Path], shrunk: Shrink) -> None:
    from dataclasses import replace

    config = shrunk("base")
    deeper = replace(config, mask_decoder=replace(config.mask_decoder, layers=4, queries=6))
    with pytest.raises(ModelError) as raised:
        initial_model(deeper, mask2former=folders[0], language=folders[1])
    assert "missing mask_decoder.decoder.layers.3.cross_attn.in_proj_bias" in str(raised.value)
    assert "mask_decoder.queries.weight (5, 64) for (6, 64)" in str(raised.value)


def test_an_incomplete_checkpoint_is_refused(
    folders: tuple[Path, Path], shrunk: Shrink, tmp_path: Path
) -> None:
    model = coco()
    state = {n: t for n, t in model.state_dict().items() if "level_embed" not in n}
    model.save_pretrained(tmp_path, state_dict=state)
    with pytest.raises(ModelError, match=r"is not a complete Mask2Former.*missing .*level_embed"):
        initial_model(shrunk("base"), mask2former=tmp_path, language=folders[1])


def test_unreadable_and_unsuitable_sources_are_refused(
    tmp_path: Path, folders: tuple[Path, Path], shrunk: Shrink
) -> None:
    (tmp_path / "tokenizer.json").write_bytes((folders[1] / "tokenizer.json").read_bytes())
    with pytest.raises(ModelError, match="cannot be read as a PhiForCausalLM"):
        initial_model(shrunk("base"), language=tmp_path)
    with pytest.raises(ModelError, match="has a bundled text encoder"):
        initial_model(shrunk("small"), language=folders[1])
    with pytest.raises(ModelError, match="needs its tokenizer"):
        initial_model(shrunk("base"))


def test_unused_tensors_have_no_name() -> None:
    assert mask2former_name("class_predictor.weight") is None
    assert mask2former_name("criterion.empty_weight") is None
    assert mask2former_name("model.pixel_level_module.encoder.swin.layernorm.weight") is None
    assert phi_name("lm_head.bias") is None
    assert phi_name("model.embed_tokens.weight") == "language.model.embed_tokens.weight"
