"""Several threads may share one loaded model."""

from __future__ import annotations

import importlib.util
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from mtrs_geo.models import load_model
from mtrs_geo.types import FloatArray, UInt8Array

QUERIES = (["new buildings"], ["demolished houses", ""], ["new roads"])


@pytest.mark.parametrize(
    "device",
    [
        "cpu",
        pytest.param(
            "openvino",
            marks=pytest.mark.skipif(
                importlib.util.find_spec("openvino") is None, reason="no openvino"
            ),
        ),
    ],
)
def test_three_threads_get_the_results_of_one(device: str) -> None:
    model = load_model("tiny", device)
    side = 64 if device == "cpu" else model.info.tile_px
    generator = np.random.default_rng(1)
    images: list[UInt8Array] = [
        generator.integers(0, 255, (1, 2, 3, side, side), dtype=np.uint8) for _ in QUERIES
    ]
    expected = [model.predict_tiles(i, q) for i, q in zip(images, QUERIES, strict=True)]

    def repeat(index: int) -> list[FloatArray]:
        return [model.predict_tiles(images[index], QUERIES[index]) for _ in range(4)]

    with ThreadPoolExecutor(3) as threads:
        for results, alone in zip(threads.map(repeat, range(3)), expected, strict=True):
            for result in results:
                np.testing.assert_allclose(result, alone, atol=1e-5)
