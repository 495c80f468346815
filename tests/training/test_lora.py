"""LoRA can be merged into the weights."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.data.split.writer import write_split
from mtrs_geo.errors import MissingExtraError, ModelError
from mtrs_geo.models import load_model
from mtrs_geo.models.checkpoints.checkpoint import new_model, save_folder
from mtrs_geo.models.config import ModelConfig
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1
from mtrs_geo.training.export import export_checkpoint
from mtrs_geo.training.finetune.finetune import finetune
from mtrs_geo.training.lora import add_lora
from mtrs_geo.training.model_loading import (
    MODEL_KEY,
    load_training_checkpoint,
    merge_adapters,
    model_record,
)
from mtrs_geo.training.tasks.stage2 import Stage2Task

TEXTS = ["20 21", "22 23"]


@pytest.fixture
def adapted(shrunk: Callable[[str], ModelConfig], numbers: Tokenizer) -> MTRefSegR1:
    torch.manual_seed(0)
    model = new_model(shrunk("base"), numbers)
    add_lora(model, 2)
    for name, parameter in model.named_parameters():
        if "lora_B" in name:  # initially zero, which would not change any output
            torch.nn.init.normal_(parameter, std=0.1)
    return model.eval()


@torch.no_grad()
def output(model: MTRefSegR1) -> torch.Tensor:
    images = torch.arange(2 * 3 * 64 * 64).reshape(2, 3, 64, 64) % 251
    return model.decode(model.encode(images, images.flip(-1)), model.embed(TEXTS)).masks[-1]


def test_merged_weights_give_the_same_output(adapted: MTRefSegR1) -> None:
    expected = output(adapted)
    merged = merge_adapters(adapted).eval()
    assert not [name for name, _ in merged.named_parameters() if "lora" in name]
    torch.testing.assert_close(output(merged), expected, atol=1e-4, rtol=1e-4)
    for name, parameter in adapted.named_parameters():
        if "lora_B" in name:
            parameter.data.zero_()
    assert not torch.allclose(output(adapted), expected, atol=1e-3)


def test_only_lora_is_trained_in_the_language_model(adapted: MTRefSegR1) -> None:
    trained = [n for n, p in adapted.language.model.named_parameters() if p.requires_grad]
    assert trained
    assert all("lora_" in name for name in trained)
    layers = {name.split(".lora_")[0].rpartition(".")[2] for name in trained}
    assert layers == {"q_proj", "k_proj", "v_proj", "dense", "fc1", "fc2"}


def test_export_needs_no_peft(
    adapted: MTRefSegR1, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.ckpt"
    weights = {f"model.{name}": tensor for name, tensor in adapted.state_dict().items()}
    torch.save({MODEL_KEY: model_record(adapted), "state_dict": weights, "global_step": 3}, path)
    monkeypatch.setitem(sys.modules, "peft", None)
    merged, _ = load_training_checkpoint(path)
    torch.testing.assert_close(output(merged.eval()), output(adapted), atol=1e-4, rtol=1e-4)
    export_checkpoint(path, tmp_path / "m", name="m", version="1", description="")
    with pytest.raises(MissingExtraError, match=r"pip install 'mtrs-geo\[lora\]'"):
        add_lora(merged, 2)


def test_presets_with_a_frozen_text_encoder_refuse_lora() -> None:
    with pytest.raises(ModelError, match=r"lora_rank 4 needs a preset .*'tiny' has a frozen"):
        Stage2Task(imagenet=False, lora_rank=4)


def test_fine_tuning_with_lora(
    shrunk: Callable[[str], ModelConfig], numbers: Tokenizer, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    facts = {"name": "base", "version": "1", "description": ""}
    save_folder(new_model(shrunk("base"), numbers), tmp_path / "base", facts)
    image = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    mask = np.zeros((1, 64, 64), bool)
    mask[:, 10:40, 10:40] = True
    with write_split(tmp_path / "pairs") as split:
        split.add(ReferringPair("p", image, image[::-1].copy(), ("20 21",), mask))
    finetune(
        tmp_path / "pairs", tmp_path / "mine", model=tmp_path / "base", steps=2, batch_size=1,
        lr=0.01, crop_px=64, device="cpu", lora_rank=2,
    )  # fmt: skip
    before, after = (load_file(tmp_path / n / "model.safetensors") for n in ("base", "mine"))
    assert before.keys() == after.keys()
    changed = {n for n in before if not torch.equal(before[n], after[n])}
    layer = "language.model.layers.0."
    assert {f"{layer}self_attn.q_proj.weight", f"{layer}mlp.fc1.weight"} <= changed
    assert not {"language.model.embed_tokens.weight", f"{layer}mlp.fc1.bias"} & changed
    assert load_model(tmp_path / "mine", "cpu").predict(image, image, ["22"]).shape == (1, 64, 64)
