from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.data.rendering.synthetic import RenderedPair
from mtrs_geo.errors import RequestError
from mtrs_geo.models import BrightnessSegmenter, ChangeSegmenter, LandCoverQuery, load_model
from mtrs_geo.models.runtime.mirrored import MirroredSegmenter
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
    assert f": {segmenter.info.name} {segmenter.info.version} on cpu>" in repr(segmenter)


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


PLAIN = np.zeros((40, 50, 3), np.uint8)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (PLAIN / 255, PLAIN, r"values of before are float64, not uint8\. Give .* 0 to 255"),
        (PLAIN, PLAIN.astype(np.uint16), "values of after are uint16"),
        (PLAIN > 0, PLAIN > 0, "values of before are bool"),
        (PLAIN, PLAIN[..., [0, 1, 2, 0]], r"after has the shape \(40, 50, 4\).* last"),
        (PLAIN.transpose(2, 0, 1), PLAIN, r"before has the shape \(3, 40, 50\)"),
        (PLAIN[..., 0], PLAIN, r"before has the shape \(40, 50\), not \(rows, cols, 3\)"),
        (PLAIN[:0], PLAIN[:0], r"before has the shape \(0, 50, 3\)"),
        (PLAIN, PLAIN[:, :49], r"differ in their rows and columns: \(40, 50\) and \(40, 49\)"),
        (None, PLAIN, "values of before are object"),
    ],
)
def test_other_images_are_refused(
    segmenter: ChangeSegmenter, before: np.ndarray, after: np.ndarray, message: str
) -> None:
    for model in (segmenter, MirroredSegmenter(segmenter)):
        with pytest.raises(RequestError, match=message):
            model.predict(before, after, ["new buildings"])


@pytest.mark.parametrize("queries", ["new buildings", LandCoverQuery("road"), None, [None], b"x"])
def test_queries_are_a_list(segmenter: ChangeSegmenter, queries: Any) -> None:
    """A single sentence is a sequence of letters."""
    with pytest.raises(RequestError, match=r"not a list of sentences\. Give a list, also of one"):
        segmenter.predict(PLAIN, PLAIN, queries)


def test_no_query_has_no_answer(segmenter: ChangeSegmenter) -> None:
    for model in (segmenter, MirroredSegmenter(segmenter)):
        assert model.predict(PLAIN, PLAIN, []).shape == (0, 40, 50)
        assert model.predict(PLAIN, PLAIN, ("", "new buildings")).shape == (2, 40, 50)
