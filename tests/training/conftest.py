"""A generated data root, and small random pretrained weights."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tokenizers import Tokenizer
from transformers import (
    Mask2FormerConfig,
    Mask2FormerForUniversalSegmentation,
    PhiConfig,
    PhiForCausalLM,
    SwinConfig,
)

from mtrs_geo.models.config import ModelConfig
from mtrs_geo.models.presets import PRESETS


def save(path: Path, array: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)

    def image() -> np.ndarray:
        return rng.integers(0, 255, (80, 80, 3), dtype=np.uint8)

    mask = np.zeros((80, 80), np.uint8)
    mask[20:50, 30:60] = 255
    for source, names in {"levir": ("levir_11", "levir_20"), "guangzhou": ("gz_01_0_0",)}.items():
        for name in names:
            save(root / "pairs" / source / "A" / f"{name}.jpg", image())
            save(root / "pairs" / source / "B" / f"{name}.jpg", image())
            save(root / "pairs" / source / "masks" / f"{name}.png", mask)
    changed, unchanged = np.where(mask > 0, 2, 0).astype(np.uint8), np.zeros_like(mask)
    classes = {"before": changed * 2, "after": changed, "ignore": unchanged}
    for name in ("levir_11", "levir_20"):
        for part, codes in classes.items():
            save(root / "pairs/levir_classes" / part / f"{name}.png", codes)
    save(root / "pairs/guangzhou_direction/appear/gz_01_0_0.png", mask)
    (root / "pairs/guangzhou_direction/components.json").write_text("{}")
    for source in ("storms", "mixed_buildings", "levir_samples"):
        for part in ("A", "B"):
            save(root / "pairs" / source / part / "harvey_0_1.jpg", image())
        save(root / "pairs" / source / "masks/harvey_0_1.png", unchanged)
    for year in (2016, 2020):
        save(root / "geo/california_trees/long_beach" / f"long_beach_{year}_1.tif", image())
    for source in ("china_buildings", "czech", "austin", "sweden", "oam_buildings"):
        save(root / "scenes" / source / "images" / "s.jpg", image())
        save(root / "scenes" / source / "labels" / "s.png", (mask > 0).astype(np.uint8))
    # A held-out scene, for composed validation.
    save(root / "scenes/czech/images/s5.jpg", image())
    save(root / "scenes/czech/labels/s5.png", np.where(mask > 0, 1, 4).astype(np.uint8))
    return root


@pytest.fixture(scope="session")
def mini(
    tmp_path_factory: pytest.TempPathFactory,
    numbers: Tokenizer,
    shrunk: Callable[[str], ModelConfig],
) -> dict[str, list[str]]:
    """Arguments per preset that replace its model by a small random one in stage 1."""
    folder = tmp_path_factory.mktemp("mini")
    for name in PRESETS:
        (folder / f"{name}.json").write_text(json.dumps(shrunk(name).to_dict()))
    torch.manual_seed(0)
    _mask2former().save_pretrained(folder / "mask2former")
    phi = PhiConfig(vocab_size=320, hidden_size=64, num_hidden_layers=2, num_attention_heads=4,
                    intermediate_size=128)  # fmt: skip
    PhiForCausalLM(phi).save_pretrained(folder / "phi")
    numbers.save(str(folder / "phi" / "tokenizer.json"))
    swin = ["--model.mask2former", str(folder / "mask2former")]
    pretrained = {
        **{name: [] for name in PRESETS},
        "small": swin,
        "base": [*swin, "--model.language", str(folder / "phi")],
    }
    return {
        name: ["--model.preset", str(folder / f"{name}.json"), *pretrained[name]]
        for name in pretrained
    }


def _mask2former() -> Mask2FormerForUniversalSegmentation:
    swin = SwinConfig(
        embed_dim=32, depths=[1, 1, 2, 1], num_heads=[1, 2, 4, 8], window_size=4,
        drop_path_rate=0.0, out_features=["stage1", "stage2", "stage3", "stage4"],
    )  # fmt: skip
    config = Mask2FormerConfig(
        backbone_config=swin, feature_size=64, mask_feature_size=64, hidden_dim=64,
        encoder_layers=1, encoder_feedforward_dim=64, decoder_layers=4, dim_feedforward=64,
        num_attention_heads=4, num_queries=5, num_labels=3, dropout=0.0,
    )  # fmt: skip
    return Mask2FormerForUniversalSegmentation(config)
