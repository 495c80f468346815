from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.data.rendering.synthetic import RenderedPair
from mtrs_geo.models import BrightnessSegmenter, ChangeSegmenter, LandCoverQuery, load_model
from mtrs_geo.models.runtime.segmenter import Segmenter

QUERIES = ["", "the buildings that appeared", LandCoverQuery("road"), "demolished houses"]


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
    probability = segmenter.predict_tiles(images, QUERIES)
    assert probability.shape == (3, len(QUERIES), 96, 96)
    assert probability.dtype == np.float32
    assert probability.min() >= 0
    assert probability.max() <= 1
    assert segmenter.info.tile_px == 256


def test_batch_equals_single(segmenter: ChangeSegmenter, images: np.ndarray) -> None:
    batch = segmenter.predict_tiles(images, QUERIES)
    for i, (before, after) in enumerate(images):
        single = segmenter.predict(before.transpose(1, 2, 0), after.transpose(1, 2, 0), QUERIES)
        np.testing.assert_allclose(batch[i], single, atol=1e-4)


def test_a_query_does_not_depend_on_the_others(
    segmenter: ChangeSegmenter, images: np.ndarray
) -> None:
    batch = segmenter.predict_tiles(images, QUERIES)
    for i, query in enumerate(QUERIES):
        single = segmenter.predict_tiles(images, [query])
        np.testing.assert_allclose(batch[:, i], single[:, 0], atol=1e-4)


def test_answers_about_changes_grow_and_standing_ground_does_not(rendered: RenderedPair) -> None:
    segmenter = load_model("tiny", device="cpu")
    assert isinstance(segmenter, Segmenter)
    config, found = segmenter.model.config, []
    for gain in (0.0, 2.0):
        segmenter.model.config = replace(config, hysteresis_gain=gain, hysteresis_seed=0.0)
        found.append(segmenter.predict(rendered.before, rendered.after, QUERIES))
    plain, grown = found
    assert (grown >= plain).all()
    grows = [bool((new > old).any()) for new, old in zip(grown, plain, strict=True)]
    assert grows == [isinstance(query, str) for query in QUERIES]


@pytest.mark.parametrize("shape", [(1, 1), (33, 70), (96, 31)])
def test_images_may_have_any_size(
    segmenter: ChangeSegmenter, images: np.ndarray, shape: tuple[int, int]
) -> None:
    before, after = images[0].transpose(0, 2, 3, 1)[:, : shape[0], : shape[1]]
    probability = segmenter.predict(before, after, QUERIES)
    assert probability.shape == (len(QUERIES), *shape)
    assert np.isfinite(probability).all()


def test_a_saturated_pixel_is_not_a_change() -> None:
    rng = np.random.default_rng(3)
    coarse = rng.integers(60, 180, (32, 32, 3), dtype=np.uint8)
    before = coarse.repeat(8, 0).repeat(8, 1)
    after = before.copy()
    after[100, 100] = 255
    changes = ["", "the buildings that appeared", "demolished houses"]
    probability = load_model("tiny", "cpu").predict(before, after, changes)
    assert probability.max() < 0.5


def test_an_untrained_land_cover_head_finds_nothing(images: np.ndarray) -> None:
    """Its random output must not look like a result."""
    model = load_model("tiny", "cpu")
    assert isinstance(model, Segmenter)
    queries = [LandCoverQuery("road"), LandCoverQuery("house")]
    model.metadata = {**model.metadata, "untrained": []}
    assert model.predict_tiles(images, queries).max() > 0.5
    model.metadata = {**model.metadata, "untrained": ["land_cover_head"]}
    assert model.predict_tiles(images, queries).max() < 0.5


def test_no_prefix_turns_a_sentence_into_a_land_cover_query(images: np.ndarray) -> None:
    model = load_model("tiny", "cpu")
    assert isinstance(model, Segmenter)
    config = model.model.config
    model.model.config = replace(config, hysteresis_gain=0.0, hysteresis_seed=0.0)
    sentence = "standing: vegetation"
    queries = [LandCoverQuery("vegetation"), sentence]
    land_cover, change = model.predict_tiles(images, queries)[0]
    assert np.abs(land_cover - change).max() > 0.1
    tiles = torch.from_numpy(images[:1]).float()
    with torch.inference_mode():
        encoded = model.model.encode(tiles[:, 0], tiles[:, 1])
        mask = model.model.decode(encoded, model.model.embed([sentence])).masks[-1]
        full = F.interpolate(mask[:, None], size=(96, 96), mode="bilinear").sigmoid()
    np.testing.assert_allclose(change, full[0, 0].numpy(), atol=1e-5)


def test_brightness_measures_the_relative_difference() -> None:
    before = np.zeros((4, 4, 3), np.uint8)
    after = before.copy()
    after[1, 2] = 51
    probability = BrightnessSegmenter().predict(before, after, ["anything"])
    assert probability[0, 1, 2] == pytest.approx(0.2)
    assert probability.sum() == pytest.approx(0.2)
