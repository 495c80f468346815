"""Presets at a size that a test can afford, built through the same configuration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from mtrs_geo.models.config import ModelConfig
from mtrs_geo.models.presets import PRESETS


@pytest.fixture(scope="session")
def numbers() -> Tokenizer:
    """A tokenizer whose words are the numbers 0 to 319, each its own id; "0" is any other."""
    tokenizer = Tokenizer(models.WordLevel({str(i): i for i in range(320)}, unk_token="0"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer


@pytest.fixture(scope="session")
def shrunk() -> Callable[[str], ModelConfig]:
    """Return a preset with fewer and narrower layers."""
    swin = {"width": 32, "depths": (1, 1, 2, 1), "heads": (1, 2, 4, 8), "window": 4,
            "drop_path": 0.0}  # fmt: skip
    pixels = {"channels": 64, "layers": 1, "heads": 4, "feed_forward": 64}
    decoder = {"layers": 3, "heads": 4, "feed_forward": 64, "projector_width": 64}

    def shrink(name: str) -> ModelConfig:
        preset = PRESETS[name]
        if name == "tiny":
            return preset
        config = replace(
            preset,
            vision=replace(preset.vision, **swin),
            pixel_decoder=replace(preset.pixel_decoder, **pixels),
            mask_decoder=replace(preset.mask_decoder, **decoder),
        )
        if name == "small":
            return config
        language = replace(
            preset.language,
            vocab=320, hidden=64, layers=2, heads=4, feed_forward=128, image_cells=8,
            prompt=("1 10 11", "12", "13 14 15"), seg_token=30,
        )  # fmt: skip
        learned = replace(config.mask_decoder, queries=5)
        return replace(config, language=language, mask_decoder=learned)

    return shrink
