"""A date that is encoded once gives the same answers as pairs of images."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest

from mtrs_geo.models import (
    ChangeSegmenter,
    DateEncoder,
    LandCoverQuery,
    MirroredSegmenter,
    Query,
    date_encoder,
    load_model,
)
from mtrs_geo.types import FloatArray, UInt8Array

QUERIES: list[Query] = ["", "the buildings that appeared", LandCoverQuery("road")]
openvino = pytest.mark.skipif(
    importlib.util.find_spec("openvino") is None, reason="the extra openvino is not installed"
)


def dates(rows: int, cols: int) -> UInt8Array:
    """Return (tiles, dates, 3, rows, cols)."""
    coarse = np.random.default_rng(7).integers(0, 255, (2, 3, 3, 32, 32), dtype=np.uint8)
    return np.ascontiguousarray(coarse.repeat(8, -1).repeat(8, -2)[..., :rows, :cols])


def combined(model: ChangeSegmenter, images: UInt8Array) -> list[FloatArray]:
    encoder = date_encoder(model)
    features = [encoder.encode_date(images[:, i]) for i in range(3)]
    return [encoder.combine(a, b, QUERIES) for a, b in combinations(features, 2)]


def compared(model: ChangeSegmenter, images: UInt8Array) -> list[FloatArray]:
    pairs = combinations(range(3), 2)
    return [model.predict_tiles(images[:, list(pair)], QUERIES) for pair in pairs]


@pytest.mark.parametrize("shape", [(64, 96), (50, 41)], ids=["whole", "to pad"])
def test_pytorch_gives_the_same_bytes(shape: tuple[int, int]) -> None:
    model, images = load_model("tiny", "cpu"), dates(*shape)
    assert isinstance(model, DateEncoder)
    found, expected = combined(model, images), compared(model, images)
    assert max(np.ptp(values) for values in expected) > 0.05
    np.testing.assert_array_equal(found, expected)


@openvino
@pytest.mark.parametrize("shape", [(256, 256), (250, 241), (64, 96)])
def test_openvino_gives_the_same_answers(shape: tuple[int, int]) -> None:
    model, images = load_model("tiny", "openvino"), dates(*shape)
    np.testing.assert_allclose(combined(model, images), compared(model, images), atol=1e-4)


@pytest.mark.parametrize("name", ["brightness", "tiny"])
def test_mirrored_images_are_encoded_once(name: str) -> None:
    model, images = MirroredSegmenter(load_model(name, "cpu")), dates(64, 64)
    assert isinstance(model, DateEncoder)
    np.testing.assert_allclose(combined(model, images), compared(model, images), atol=1e-6)


def test_a_model_without_dates_compares_pairs() -> None:
    class Pairs:
        def __init__(self) -> None:
            self.inner = load_model("brightness")
            self.info = self.inner.info
            self.predict = self.inner.predict

        def predict_tiles(self, images: UInt8Array, queries: Sequence[Query]) -> FloatArray:
            return self.inner.predict_tiles(images, queries)

    model, images = Pairs(), dates(40, 40)
    assert not isinstance(model, DateEncoder)
    np.testing.assert_array_equal(combined(model, images), compared(model, images))
