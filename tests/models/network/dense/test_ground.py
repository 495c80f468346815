"""The ground head: a model is nearly unchanged with an untrained one, and finds ground by it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from mtrs_geo.models.catalog import WEIGHTS
from mtrs_geo.models.checkpoints.checkpoint import load_folder, save_folder
from mtrs_geo.models.network.intent import prior_logits, unchanged_logits
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1
from mtrs_geo.models.runtime.openvino import _encoded_tensors, _to_encoded
from mtrs_geo.models.runtime.segmenter import Segmenter
from mtrs_geo.training.tasks.losses import mask_loss

SENTENCE = "new roads"


def without_head() -> MTRefSegR1:
    model = load_folder(WEIGHTS / "tiny")[0]
    model.config, model.ground_head = replace(model.config, ground_head=False), None
    return model


@pytest.fixture(scope="module")
def tiny() -> MTRefSegR1:
    return without_head()


@pytest.fixture
def images() -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    coarse = torch.randint(0, 256, (2, 1, 3, 8, 8), generator=generator, dtype=torch.uint8)
    return coarse.repeat_interleave(8, -1).repeat_interleave(8, -2)


def test_the_bundled_model_has_a_trained_one(tiny: MTRefSegR1) -> None:
    head = load_folder(WEIGHTS / "tiny")[0].ground_head
    assert head is not None
    assert head.projection.weight.abs().sum() > 0  # type: ignore[operator]
    assert not any(name.startswith("ground_head") for name in tiny.state_dict())


@torch.no_grad()
def test_an_untrained_head_hardly_changes_the_prior_and_a_certain_one_marks_new_roads(
    tiny: MTRefSegR1, images: torch.Tensor
) -> None:
    sentences = tiny.embed([SENTENCE])
    encoded = tiny.encode(*images)
    plain = prior_logits(encoded.change, encoded.land_cover, sentences.intent).sigmoid()
    rows, cols = encoded.change.shape[-2:]
    untrained, certain = (torch.full((1, rows, cols), logit) for logit in (-4.0, 9.0))
    arguments = encoded.change, encoded.land_cover, sentences.intent
    assert (prior_logits(*arguments, untrained).sigmoid() - plain).abs().max() < 0.02
    road_after = torch.zeros_like(encoded.land_cover)
    road_after[:, 0, 2] = road_after[:, 1, 1] = 12.0  # vegetation before, road after
    marked = prior_logits(encoded.change, road_after, sentences.intent, certain)
    assert (marked > 0).all()
    standing = unchanged_logits(encoded.change, road_after, sentences.intent, certain)
    assert (standing < 0).all()


@torch.no_grad()
def test_a_model_with_the_head_is_saved_loaded_and_run(
    images: torch.Tensor, tmp_path: Path
) -> None:
    model, facts = without_head(), load_folder(WEIGHTS / "tiny")[1]
    model.add_ground_head()
    assert model.ground_head is not None
    model.ground_head.projection.bias.data.fill_(3.0)  # type: ignore[union-attr]
    model.add_ground_head()  # has one: it is kept
    encoded = model.encode(*images)
    assert encoded.ground is not None
    assert encoded.ground.shape == (1, 16, 16)
    assert (encoded.ground == 3.0).all()
    assert encoded.take(torch.tensor([0, 0])).ground.shape == (2, 16, 16)  # type: ignore[union-attr]
    again = _to_encoded(model, _encoded_tensors(encoded))
    assert again.ground is encoded.ground
    save_folder(model, tmp_path / "m", facts)
    loaded, metadata = load_folder(tmp_path / "m")
    assert loaded.config.ground_head
    arrays = images.numpy().transpose(1, 0, 2, 3, 4)
    masks = [
        Segmenter(m, metadata, torch.device("cpu")).predict_tiles(arrays, ["", SENTENCE])
        for m in (without_head(), loaded)
    ]
    np.testing.assert_array_equal(masks[0][:, 0], masks[1][:, 0])  # any change: buildings
    assert (masks[0][:, 1] != masks[1][:, 1]).any()


def test_ignored_ground_has_no_gradient() -> None:
    logits = torch.zeros(1, 8, 8, requires_grad=True)
    target = torch.zeros(1, 32, 32, dtype=torch.uint8)
    target[:, :, :16] = 1
    target[:, 16:] = 255
    mask_loss(logits, target == 1, target != 255).backward()
    assert logits.grad is not None
    assert (logits.grad[:, 4:] == 0).all()
    assert (logits.grad[:, :4, :4] < 0).all()
    assert (logits.grad[:, :4, 4:] > 0).all()
