"""Low-rank models, from the function and from the command."""

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
from mtrs_geo.training.compress.feature_distance import feature_distance, gauss_newton_sample
from mtrs_geo.training.compress.low_rank import low_rank_model

Batch = tuple[Tensor, Tensor]


def with_ranks(config: ModelConfig, rank: int | None) -> ModelConfig:
    ranks = None if rank is None else (rank, rank)
    return replace(
        config,
        fusion=replace(config.fusion, widths=(16, 16, 32, 48), ranks=ranks),
        pixel_decoder=replace(config.pixel_decoder, ranks=ranks),
        land_cover_rank=rank,
    )


@pytest.fixture(scope="module")
def original(shrunk: Callable[[str], ModelConfig]) -> MTRefSegR1:
    torch.manual_seed(0)
    model = new_model(with_ranks(shrunk("tiny"), None))
    for block in model.modules():  # batch norm with statistics
        if isinstance(block, nn.BatchNorm2d):
            nn.init.uniform_(block.running_mean, -0.2, 0.2)
            nn.init.uniform_(block.running_var, 0.5, 1.5)
    return model.eval()


@pytest.fixture(scope="module")
def batches(rendered: RenderedPair) -> list[Batch]:
    dates = [torch.from_numpy(d.transpose(2, 0, 1)) for d in (rendered.before, rendered.after)]
    tiles = [d.unfold(1, 128, 128).unfold(2, 128, 128).flatten(1, 2).transpose(0, 1) for d in dates]
    return list(zip(*(t.split(4) for t in tiles), strict=True))


def distance(model: MTRefSegR1, reference: MTRefSegR1, batch: Batch) -> float:
    with torch.no_grad():
        terms = feature_distance(model.encode(*batch), reference.encode(*batch))
    return float(torch.stack(list(terms.values())).sum())


def test_full_ranks_change_nothing(original: MTRefSegR1, batches: list[Batch]) -> None:
    config = with_ranks(original.config, 16)
    config = replace(
        config, pixel_decoder=replace(config.pixel_decoder, ranks=(32, 32)), land_cover_rank=32
    )
    low_rank = low_rank_model(original, config, batches[:2], Silent())
    assert low_rank.config == config
    assert distance(low_rank, original, batches[3]) < 1e-4
    # A low-rank model can be the original, too.
    again = low_rank_model(low_rank, config, batches[:2], Silent())
    assert distance(again, original, batches[3]) < 1e-4


def test_fitted_layers_are_closer_than_truncated_weights(
    original: MTRefSegR1, batches: list[Batch]
) -> None:
    distances = {}
    for rank in (4, 8):
        low_rank = low_rank_model(
            original, with_ranks(original.config, rank), batches[:4], Silent()
        )
        distances[rank] = distance(low_rank, original, batches[4])
    assert distances[8] < distances[4]
    for name, block in low_rank.named_modules():
        if isinstance(block, nn.Sequential) and len(block) > len(original.get_submodule(name)):
            weight = original.get_submodule(name)[0].weight.detach().flatten(1)
            left, singular, right = torch.linalg.svd(weight, full_matrices=False)
            block[0].weight.data = right[:8].reshape(block[0].weight.shape)
            block[1].weight.data = (left[:, :8] * singular[:8])[..., None, None]
            block[2].load_state_dict(original.get_submodule(name)[1].state_dict())
    assert distances[8] < 0.7 * distance(low_rank, original, batches[4])


def test_gauss_newton_samples_have_the_distance_as_their_mean(
    original: MTRefSegR1, batches: list[Batch]
) -> None:
    batch = tuple(date[:1, :, :64, :64] for date in batches[0])
    weight = original.get_parameter("fusion.levels.0.fuse.1.0.weight")
    change = torch.randn_like(weight) * 1e-3
    with torch.no_grad():
        dates, encoded = original.pyramids(*batch), original.encode(*batch)
        weight += change
        expected = torch.stack(
            list(feature_distance(original.encode(*batch), encoded).values())
        ).sum()
        weight -= change
    weight.requires_grad_()
    samples = []
    for _ in range(300):
        (gradient,) = torch.autograd.grad(
            gauss_newton_sample(original.encode_pyramids(*dates)), weight
        )
        samples.append((gradient * change).sum() ** 2)
    weight.requires_grad_(False)
    assert float(torch.stack(samples).mean()) == pytest.approx(float(expected), rel=0.35)


def test_the_command(original: MTRefSegR1, root: Path, tmp_path: Path) -> None:
    save_folder(original, tmp_path / "original", {"name": "original", "version": "1"}, half=False)
    command = ["train", "low-rank", "-o", str(tmp_path / "low_rank"), "--data", str(root),
               "--model", str(tmp_path / "original"), "--crops", "8", "--json"]  # fmt: skip
    done = CliRunner().invoke(app, [*command, "--land-cover-rank", "0"])
    assert isinstance(done.exception, RequestError)
    done = CliRunner().invoke(app, [*command, "--fusion-ranks", "17", "6"])
    assert isinstance(done.exception, ModelError)
    assert "difference.0 has 16 channels, so its rank cannot be 17" in str(done.exception)
    assert not (tmp_path / "low_rank").exists()
    ranks = ["--fusion-ranks", "6", "6", "--decoder-ranks", "6", "6", "--land-cover-rank", "6"]
    done = CliRunner().invoke(app, [*command, *ranks])
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    assert result["model"] == str(tmp_path / "low_rank")
    assert 0 < result["distances"]["features"] < 0.5
    low_rank, facts = load_folder(tmp_path / "low_rank")
    assert facts["name"] == "low_rank"
    assert low_rank.config == with_ranks(original.config, 6)
    image = np.zeros((64, 64, 3), np.uint8)
    segmenter = load_model(tmp_path / "low_rank", "cpu")
    assert segmenter.predict(image, image, ["x"]).shape == (1, 64, 64)


def test_a_configuration_without_ranks_is_refused(
    original: MTRefSegR1, batches: list[Batch], shrunk: Callable[[str], ModelConfig]
) -> None:
    with pytest.raises(ModelError, match="no rank for any layer"):
        low_rank_model(original, original.config, batches[:1], Silent())
