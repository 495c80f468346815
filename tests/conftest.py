"""Rendered pairs that many tests share, and presets at a size that a test can afford."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import rasterio
from hypothesis import settings
from rasterio.transform import from_origin
from tokenizers import Tokenizer, models, pre_tokenizers

from mtrs_geo.data.rendering.synthetic import PairPaths, RenderedPair, render_pair, write_pair
from mtrs_geo.models.config import ModelConfig, SpecialistConfig
from mtrs_geo.models.presets import PRESETS

gc.disable()  # until all tests are imported

# A report of usage forks this large process, a hundred times for each model that is converted.
sys.modules.setdefault("openvino_telemetry", cast(Any, None))

# No test asserts a time: machines differ.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_collection_finish() -> None:
    """Let the garbage collector look at what tests make, not at the packages that they import."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def rendered() -> RenderedPair:
    return render_pair(512, 640, seed=3, new_buildings=8, demolished=4)


@pytest.fixture(scope="session")
def pair_paths(rendered: RenderedPair, tmp_path_factory: pytest.TempPathFactory) -> PairPaths:
    return write_pair(tmp_path_factory.mktemp("pair"), rendered)


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
        if name == "tiny" or isinstance(preset.mask_decoder, SpecialistConfig):
            narrow = {"projector_width": 32} if name == "tiny" else {"width": 16, "layers": 1}
            return replace(
                preset,
                fusion=replace(preset.fusion, widths=(16, 24, 32, 48), ranks=(8, 12)),
                pixel_decoder=replace(preset.pixel_decoder, channels=32, ranks=(16, 16)),
                land_cover_rank=8,
                language=replace(preset.language, trained_width=64),
                mask_decoder=replace(preset.mask_decoder, feed_forward=64, **narrow),
            )
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


@pytest.fixture(scope="session")
def ponds(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Five dates: a square grows to the right until 2016, another one is there from 2020."""
    folder = tmp_path_factory.mktemp("ponds")
    image = np.full((3, 96, 96), 40, np.uint8)
    paths = []
    for i, date in enumerate(["2009", "2012-06", "2016", "2018", "2020-07-15"]):
        # Each growth shares its left half with the growth before it, at another brightness.
        if 1 <= i <= 2:
            image[:, 10:30, 10 * i : 10 * i + 20] = 40 + 100 * i
        if i == 4:
            image[:, 60:80, 60:80] = 200
        paths.append(folder / f"ponds_{date}.tif")
        with rasterio.open(
            paths[-1], "w", driver="GTiff", width=96, height=96, count=3, dtype="uint8",
            crs="EPSG:32633", transform=from_origin(5e5, 5.8e6, 0.5, 0.5),
        ) as file:  # fmt: skip
            file.write(image)
    return paths
