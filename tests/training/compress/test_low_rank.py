"""A model made narrower, layer by layer and by its command."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from typer.testing import CliRunner

from mtrs_geo.cli import app
from mtrs_geo.data.rendering.synthetic import RenderedPair
from mtrs_geo.errors import ModelError, RequestError
from mtrs_geo.models import load_model
from mtrs_geo.models.checkpoints.checkpoint import load_folder, new_model, save_folder
from mtrs_geo.models.config import ModelConfig
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1
from mtrs_geo.progress import Silent
from mtrs_geo.training.compress.feature_distance import curvature_sample, unlikeness
from mtrs_geo.training.compress.low_rank import factored

Batch = tuple[Tensor, Tensor]


def with_ranks(config: ModelConfig, rank: int | None) -> ModelConfig:
    ranks = None if rank is None else (rank, rank)
    return replace(
        config,
        fusion=replace(config.fusion, widths=(16, 16, 32, 48), ranks=ranks),
        pixel_decoder=replace(config.pixel_decoder, ranks=ranks),
        land_rank=rank,
    )


@pytest.fixture(scope="module")
def wide(shrunk: Callable[[str], ModelConfig]) -> MTRefSegR1:
    torch.manual_seed(0)
    model = new_model(with_ranks(shrunk("tiny"), None))
    for block in model.modules():  # norms that have seen something
        if isinstance(block, nn.BatchNorm2d):
            nn.init.uniform_(block.running_mean, -0.2, 0.2)
            nn.init.uniform_(block.running_var, 0.5, 1.5)
    return model.eval()


@pytest.fixture(scope="module")
def batches(rendered: RenderedPair) -> list[Batch]:
    dates = [torch.from_numpy(d.transpose(2, 0, 1)) for d in (rendered.before, rendered.after)]
    tiles = [d.unfold(1, 128, 128).unfold(2, 128, 128).flatten(1, 2).transpose(0, 1) for d in dates]
    return list(zip(*(t.split(4) for t in tiles), strict=True))


def apart(model: MTRefSegR1, wanted: MTRefSegR1, batch: Batch) -> float:
    with torch.no_grad():
        terms = unlikeness(model.encode(*batch), wanted.encode(*batch))
    return float(torch.stack(list(terms.values())).sum())


def test_whole_ranks_change_nothing(wide: MTRefSegR1, batches: list[Batch]) -> None:
    config = with_ranks(wide.config, 16)
    config = replace(
        config, pixel_decoder=replace(config.pixel_decoder, ranks=(32, 32)), land_rank=32
    )
    narrow = factored(wide, config, batches[:2], Silent())
    assert narrow.config == config
    assert apart(narrow, wide, batches[3]) < 1e-4
    # One that is narrow already may be the start as well.
    again = factored(narrow, config, batches[:2], Silent())
    assert apart(again, wide, batches[3]) < 1e-4


def test_it_answers_closer_than_the_nearest_weights(wide: MTRefSegR1, batches: list[Batch]) -> None:
    far = {}
    for rank in (4, 8):
        narrow = factored(wide, with_ranks(wide.config, rank), batches[:4], Silent())
        far[rank] = apart(narrow, wide, batches[4])
    assert far[8] < far[4]
    for name, block in narrow.named_modules():
        if isinstance(block, nn.Sequential) and len(block) > len(wide.get_submodule(name)):
            weight = wide.get_submodule(name)[0].weight.detach().flatten(1)
            left, strengths, right = torch.linalg.svd(weight, full_matrices=False)
            block[0].weight.data = right[:8].reshape(block[0].weight.shape)
            block[1].weight.data = (left[:, :8] * strengths[:8])[..., None, None]
            block[2].load_state_dict(wide.get_submodule(name)[1].state_dict())
    assert far[8] < 0.7 * apart(narrow, wide, batches[4])


def test_what_an_error_is_felt(wide: MTRefSegR1, batches: list[Batch]) -> None:
    batch = tuple(date[:1, :, :64, :64] for date in batches[0])
    weight = wide.get_parameter("fusion.levels.0.fuse.1.0.weight")
    change = torch.randn_like(weight) * 1e-3
    with torch.no_grad():
        dates, seen = wide.dates(*batch), wide.encode(*batch)
        weight += change
        made = torch.stack(list(unlikeness(wide.encode(*batch), seen).values())).sum()
        weight -= change
    weight.requires_grad_()
    felt = []
    for _ in range(300):
        (gradient,) = torch.autograd.grad(curvature_sample(wide.combine(*dates)), weight)
        felt.append((gradient * change).sum() ** 2)
    weight.requires_grad_(False)
    assert float(torch.stack(felt).mean()) == pytest.approx(float(made), rel=0.35)


def test_the_command(wide: MTRefSegR1, root: Path, tmp_path: Path) -> None:
    save_folder(wide, tmp_path / "wide", {"name": "wide", "version": "1"}, half=False)
    command = ["train", "factor", "-o", str(tmp_path / "narrow"), "--data", str(root), "--model",
               str(tmp_path / "wide"), "--crops", "8", "--json"]  # fmt: skip
    done = CliRunner().invoke(app, [*command, "--land-rank", "0"])
    assert isinstance(done.exception, RequestError)
    done = CliRunner().invoke(app, [*command, "--fusion-ranks", "17", "6"])
    assert isinstance(done.exception, ModelError)
    assert "difference.0 has 16 channels, so its rank cannot be 17" in str(done.exception)
    assert not (tmp_path / "narrow").exists()
    ranks = ["--fusion-ranks", "6", "6", "--decoder-ranks", "6", "6", "--land-rank", "6"]
    done = CliRunner().invoke(app, [*command, *ranks])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["model"] == str(tmp_path / "narrow")
    assert 0 < said["apart"]["features"] < 0.5
    narrow, facts = load_folder(tmp_path / "narrow")
    assert facts["name"] == "narrow"
    assert narrow.config == with_ranks(wide.config, 6)
    image = np.zeros((64, 64, 3), np.uint8)
    assert load_model(tmp_path / "narrow", "cpu").predict(image, image, ["x"]).shape == (1, 64, 64)


def test_only_layers_that_know_ranks(
    wide: MTRefSegR1, batches: list[Batch], shrunk: Callable[[str], ModelConfig]
) -> None:
    with pytest.raises(ModelError, match="no layer gets a rank"):
        factored(wide, wide.config, batches[:1], Silent())
