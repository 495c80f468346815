"""Convex upsampling: bilinear before training, along outlines after it, the same in OpenVINO."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.errors import ModelError
from mtrs_geo.models import load_model
from mtrs_geo.models.catalog import WEIGHTS
from mtrs_geo.models.checkpoints.checkpoint import load_folder, new_model, save_folder
from mtrs_geo.models.config import SwinVisionConfig
from mtrs_geo.models.network.dense.upsampling import ConvexUpsampling, upsample
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1
from mtrs_geo.models.presets import PRESETS

SENTENCES = ["new roads", "new buildings"]
SIDE = 64
"""Side of the tiles, for which graphs are compiled fast."""


def inputs(rows: int = 5, cols: int = 7) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    fine = (torch.randn(2, 4, 2 * rows, 2 * cols, generator=generator) for _ in range(2))
    return (*fine, torch.randn(2, 8, rows, cols, generator=generator))  # type: ignore[return-value]


@torch.no_grad()
def test_it_begins_as_bilinear_interpolation() -> None:
    weights = ConvexUpsampling("batch", 4, 8, 16).eval()(*inputs())
    torch.testing.assert_close(weights.sum(1), torch.ones(2, 4, 5, 7))
    logits = torch.randn(2, 3, 5, 7, generator=torch.Generator().manual_seed(1))
    expected = F.interpolate(logits, scale_factor=2, mode="bilinear", align_corners=False)
    torch.testing.assert_close(upsample(logits, weights), expected, atol=0.03, rtol=0)


def test_a_weight_of_one_takes_the_value_of_one_cell() -> None:
    weights = torch.zeros(1, 9, 4, 2, 3)
    weights[:, 5] = 1.0  # the right neighbour; at the border the cell itself
    logits = torch.arange(6.0).reshape(1, 1, 2, 3)
    right = torch.tensor([[1.0, 2, 2], [4, 5, 5]])
    expected = right.repeat_interleave(2, 0).repeat_interleave(2, 1)
    torch.testing.assert_close(upsample(logits, weights)[0, 0], expected)


def test_it_learns_an_outline_that_the_coarse_cells_do_not_have() -> None:
    torch.manual_seed(0)
    module = ConvexUpsampling("group", 1, 1, 8)
    image = torch.zeros(1, 1, 16, 16)
    image[..., 7:] = 1.0  # the outline is in the middle of a coarse cell
    logits = F.avg_pool2d(image, 2) * 8 - 2
    arguments = torch.zeros_like(image), image, torch.zeros(1, 1, 8, 8)

    def loss() -> torch.Tensor:
        fine = upsample(logits, module(*arguments))
        return F.binary_cross_entropy_with_logits(fine, image)

    before, optimizer = loss().item(), torch.optim.Adam(module.parameters(), 0.02)
    for _ in range(60):
        optimizer.zero_grad()
        value = loss()
        value.backward()
        optimizer.step()
    assert value.item() < 0.6 * before


@pytest.fixture(scope="module")
def model() -> MTRefSegR1:
    model = load_folder(WEIGHTS / "tiny")[0]
    model.config = replace(model.config, tile_px=SIDE)
    model.add_upsampling(8)
    assert model.upsampling is not None
    torch.manual_seed(3)
    torch.nn.init.normal_(model.upsampling.layers[-1].weight)  # type: ignore[arg-type]
    return model.eval()


@torch.no_grad()
def test_masks_have_stride_2_and_are_the_same_for_a_pair_alone(model: MTRefSegR1) -> None:
    images = torch.randint(0, 256, (2, 2, 3, 64, 96), generator=torch.Generator().manual_seed(2))
    encoded = model.encode(*images)
    decoded = model.decode(encoded.take(torch.tensor([1, 0])), model.embed(SENTENCES))
    assert [tuple(m.shape[1:]) for m in decoded.masks] == [(16, 24)] * 3 + [(32, 48)]
    alone = model.encode(*images[:, 1:])
    first = model.decode(alone, model.embed(SENTENCES[:1])).masks[-1]
    torch.testing.assert_close(first[0], decoded.masks[-1][0], atol=1e-4, rtol=1e-4)


def test_a_saved_model_answers_alike_in_pytorch_in_openvino_and_by_dates(
    model: MTRefSegR1, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    save_folder(model, tmp_path / "m", load_folder(WEIGHTS / "tiny")[1])
    images = np.random.default_rng(4).integers(0, 256, (1, 2, 3, SIDE, SIDE)).astype(np.uint8)
    queries = ["", *SENTENCES]
    torch_model, openvino = (load_model(tmp_path / "m", device=d) for d in ("cpu", "openvino"))
    expected = torch_model.predict_tiles(images, queries)
    for segmenter in (torch_model, openvino):
        np.testing.assert_allclose(segmenter.predict_tiles(images, queries), expected, atol=1e-4)
        dates = [segmenter.encode_date(images[:, i]) for i in range(2)]  # type: ignore[attr-defined]
        combined = segmenter.combine(*dates, queries)  # type: ignore[attr-defined]
        np.testing.assert_allclose(combined, expected, atol=1e-4)


def test_swin_has_no_features_at_stride_2() -> None:
    config = replace(PRESETS["tiny"], vision=SwinVisionConfig(), upsampling_width=8)
    with pytest.raises(ModelError, match="Swin has none"):
        new_model(config)
