"""Latent matching behind the contract of segmenters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mtrs_geo.benchmark.config import ModelEntry
from mtrs_geo.benchmark.fingerprints import Keys
from mtrs_geo.data.rendering.synthetic import render_pair
from mtrs_geo.errors import ModelError
from mtrs_geo.models import (
    ChangeSegmenter,
    LandCoverQuery,
    load_model,
    load_vocabulary,
    model_folder,
    model_version,
)
from mtrs_geo.models.catalog import sha256
from mtrs_geo.models.latent.matching import match_segments
from mtrs_geo.models.latent.waterpixels import waterpixels


def test_segments_follow_the_edges_and_cover_the_image() -> None:
    image = np.full((3, 40, 53), 60, np.uint8)
    image[:, 10:30, 13:45] = 200
    found = waterpixels(image, 16)
    assert found.shape == (40, 53)
    assert found.min() == 0
    assert len(np.unique(found)) == 3 * 4
    inside = np.zeros(found.shape, bool)
    inside[11:29, 14:44] = True  # without the smoothed edge
    outside = np.ones(found.shape, bool)
    outside[9:31, 12:46] = False
    assert not set(found[inside]) & set(found[outside])


def test_a_segment_that_turns_is_found_from_either_date() -> None:
    rng = np.random.default_rng(0)
    halves = np.repeat(np.arange(12)[None] // 6, 12, axis=0).astype(np.int32)
    split = halves.copy()
    split[2:8, 3:9] = 2
    truth = split == 2
    before = rng.normal(scale=0.1, size=(8, 12, 12)).astype(np.float32)
    before[0] += 2 * halves - 1  # two kinds of ground
    after = before.copy()
    for date, sign in ((before, 1), (after, -1)):
        date[:, truth] = np.eye(8, dtype=np.float32)[1][:, None] * sign
    for segments in ([split, halves], [halves, split]):
        np.testing.assert_array_equal(match_segments(before, after, segments) > 0.5, truth)
    assert match_segments(before, before, [split, halves]).max() < 1e-6
    # A half of any tile would be above a threshold that only splits.
    noisy = before + rng.normal(scale=0.1, size=before.shape).astype(np.float32)
    assert match_segments(before, noisy, [split, halves]).max() < 0.5


def test_the_model_has_the_contract_and_follows_its_encoder(tmp_path: Path) -> None:
    model = load_model("anychange-like", "cpu")
    assert isinstance(model, ChangeSegmenter)
    assert load_vocabulary("anychange-like").open
    pair = render_pair(150, 132, seed=3, new_buildings=4, demolished=0)
    found = model.predict(pair.before, pair.after, ["new pools", LandCoverQuery("road")])
    assert found.shape == (2, 150, 132)
    assert found[1].max() == 0
    assert found[0][pair.appeared].mean() > found[0][~pair.appeared].mean() + 0.05
    assert model.predict(pair.before, pair.before, [""]).max() < 0.5

    assert model_version("anychange-like") == model_version("tiny")
    keys = Keys(sha256)
    own, tiny, folder = (
        keys.model(ModelEntry("m", name))
        for name in ("anychange-like", "tiny", f"anychange-like:{model_folder('tiny')}")
    )
    assert own == folder != tiny
    with pytest.raises(ModelError, match="cannot be used here"):
        model_folder("anychange-like")
    with pytest.raises(ModelError, match="no model"):
        load_model(f"anychange-like:{tmp_path / 'none'}")
    with pytest.raises(ModelError, match="bfloat16"):
        load_model("anychange-like", "cpu", "bfloat16")
