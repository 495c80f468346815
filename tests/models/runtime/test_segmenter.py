from __future__ import annotations

import numpy as np
import pytest

from mtrs_geo.models import BrightnessSegmenter, ChangeSegmenter, load_model, standing
from mtrs_geo.models.runtime.segmenter import Segmenter

TEXTS = ["", "the buildings that appeared", standing("road"), "demolished houses"]


@pytest.fixture(scope="module", params=["tiny", "brightness"])
def segmenter(request: pytest.FixtureRequest) -> ChangeSegmenter:
    return load_model(request.param, device="cpu")


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 255, (2, 3, 2, 3, 12, 12), dtype=np.uint8)[0]
    return np.ascontiguousarray(coarse.repeat(8, -1).repeat(8, -2))  # (3, 2, 3, 96, 96)


def test_contract(segmenter: ChangeSegmenter, images: np.ndarray) -> None:
    assert isinstance(segmenter, ChangeSegmenter)
    answer = segmenter.predict_tiles(images, TEXTS)
    assert answer.shape == (3, len(TEXTS), 96, 96)
    assert answer.dtype == np.float32
    assert answer.min() >= 0
    assert answer.max() <= 1
    assert segmenter.info.tile_px == 256


def test_batch_equals_single(segmenter: ChangeSegmenter, images: np.ndarray) -> None:
    together = segmenter.predict_tiles(images, TEXTS)
    for i, (before, after) in enumerate(images):
        alone = segmenter.predict(before.transpose(1, 2, 0), after.transpose(1, 2, 0), TEXTS)
        np.testing.assert_allclose(together[i], alone, atol=1e-4)


def test_sentences_do_not_see_each_other(segmenter: ChangeSegmenter, images: np.ndarray) -> None:
    together = segmenter.predict_tiles(images, TEXTS)
    for i, text in enumerate(TEXTS):
        alone = segmenter.predict_tiles(images, [text])
        np.testing.assert_allclose(together[:, i], alone[:, 0], atol=1e-4)


@pytest.mark.parametrize("shape", [(1, 1), (33, 70), (96, 31)])
def test_any_size(segmenter: ChangeSegmenter, images: np.ndarray, shape: tuple[int, int]) -> None:
    before, after = images[0].transpose(0, 2, 3, 1)[:, : shape[0], : shape[1]]
    answer = segmenter.predict(before, after, TEXTS)
    assert answer.shape == (len(TEXTS), *shape)
    assert np.isfinite(answer).all()


def test_a_saturated_pixel_is_no_change() -> None:
    rng = np.random.default_rng(3)
    coarse = rng.integers(60, 180, (32, 32, 3), dtype=np.uint8)
    before = coarse.repeat(8, 0).repeat(8, 1)
    after = before.copy()
    after[100, 100] = 255
    asked = ("the buildings that appeared", "demolished houses")  # what stands is no change
    answer = load_model("tiny", "cpu").predict(before, after, ["", *asked])
    assert answer.max() < 0.5


def test_a_land_head_that_was_not_taught_finds_nothing(images: np.ndarray) -> None:
    """A guess at what stands there would look like an answer."""
    model = load_model("tiny", "cpu")
    assert isinstance(model, Segmenter)
    asked = [standing("road"), standing("house")]
    model.facts = {**model.facts, "untrained": []}
    assert model.predict_tiles(images, asked).max() > 0.5
    model.facts = {**model.facts, "untrained": ["land_head"]}
    assert model.predict_tiles(images, asked).max() < 0.5


def test_brightness_measures_the_share_of_brightness() -> None:
    before = np.zeros((4, 4, 3), np.uint8)
    after = before.copy()
    after[1, 2] = 51
    answer = BrightnessSegmenter().predict(before, after, ["anything"])
    assert answer[0, 1, 2] == pytest.approx(0.2)
    assert answer.sum() == pytest.approx(0.2)
