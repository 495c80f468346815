"""The plots of a run, its checkpoints, and the hash of its data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from lightning.pytorch import Trainer
from PIL import Image

from mtrs_geo.data.sampling.datamodule import ChangeDataModule
from mtrs_geo.data.sampling.source_weights import SourceWeights
from mtrs_geo.errors import ModelError, OutputError
from mtrs_geo.training.callbacks.learning_curve import plot_curves
from mtrs_geo.training.callbacks.sample_sheet import SheetSample, draw_samples
from mtrs_geo.training.callbacks.staged_checkpoints import stage_checkpoints


def sample(number: int) -> SheetSample:
    rng = np.random.default_rng(number)
    before, after = rng.integers(0, 255, (2, 64, 64, 3), dtype=np.uint8)
    truth = np.zeros((64, 64), bool)
    truth[10:30, 10:40] = number % 3 > 0
    prediction = np.roll(truth, 4 * number, 0)
    return SheetSample("appear", "new houses " * (1 + 8 * number), before, after, truth, prediction)


@pytest.mark.parametrize("count", [1, 12])
def test_a_sheet_is_drawn(count: int, tmp_path: Path) -> None:
    path = tmp_path / "run" / "samples.png"
    draw_samples(path, [sample(n) for n in range(count)], "step 3")
    assert [p.name for p in path.parent.iterdir()] == ["samples.png"]
    picture = np.asarray(Image.open(path).convert("RGB"))
    assert picture.shape[1] > 1200
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 1000


def test_curves_are_plotted_with_losses_metrics_or_both(tmp_path: Path) -> None:
    path = tmp_path / "curve.png"
    steps = range(0, 200, 10)
    for curves in (
        {"train_loss": [(0, 1.0)]},
        {"val_iou": [(100, 0.5)]},
        {"train_loss": [(s, 3.0 / (s + 1)) for s in steps], "dense": [(s, -1.0) for s in steps],
         **{f"val_task {i}": [(s, s / 250) for s in steps] for i in range(30)}},
    ):  # fmt: skip
        plot_curves(path, curves)
        assert Image.open(path).size == (1300, 500)


def test_the_data_hash_covers_the_files_that_are_read(root: Path) -> None:
    first = ChangeDataModule(str(root)).fingerprint()
    assert first == ChangeDataModule(str(root), batch_size=3).fingerprint()
    assert (
        first
        != ChangeDataModule(str(root), source_weights=SourceWeights(guangzhou=0)).fingerprint()
    )
    image = root / "pairs/guangzhou/A/gz_01_0_0.jpg"
    content = image.read_bytes()
    try:
        image.write_bytes(content + b"\0")
        assert first != ChangeDataModule(str(root)).fingerprint()
        without = ChangeDataModule(
            str(root), source_weights=SourceWeights(guangzhou=0)
        ).fingerprint()
    finally:
        image.write_bytes(content)
    assert (
        without
        == ChangeDataModule(str(root), source_weights=SourceWeights(guangzhou=0)).fingerprint()
    )


@pytest.fixture
def trainer() -> Trainer:
    trainer = Trainer(accelerator="cpu", logger=False, enable_checkpointing=False)
    stage_checkpoints(trainer)
    return trainer


def test_a_full_disk_leaves_the_checkpoint_before(trainer: Trainer, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    path = tmp_path / "run" / "last.ckpt"
    trainer.strategy.save_checkpoint({"state_dict": {"w": torch.zeros(9)}}, path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(OutputError, match=r"last\.ckpt cannot be written"):
            trainer.strategy.save_checkpoint({"state_dict": {"w": torch.zeros(90_000)}}, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert len(torch.load(path, weights_only=True)["state_dict"]["w"]) == 9
    assert [found.name for found in path.parent.iterdir()] == ["last.ckpt"]


def test_a_checkpoint_is_written_on_the_disk_of_the_run(
    trainer: Trainer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A move from the folder of temporary files is a copy on another disk, onto the old file."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    trainer.strategy.save_checkpoint({"state_dict": {}}, tmp_path / "last.ckpt")
    assert [found.name for found in tmp_path.iterdir()] == ["last.ckpt"]


@pytest.mark.parametrize("state", ["state_dict", "current_model_state"])
def test_weights_that_are_no_numbers_replace_no_checkpoint(
    state: str, trainer: Trainer, tmp_path: Path
) -> None:
    path = tmp_path / "last.ckpt"
    trainer.strategy.save_checkpoint({"state_dict": {"w": torch.zeros(9)}}, path)
    broken = {"state_dict": {}, state: {"w": torch.tensor([1.0, torch.nan])}, "global_step": 7}
    with pytest.raises(ModelError, match="after 7 steps the weights hold NaN or infinity"):
        trainer.strategy.save_checkpoint(broken, path)
    assert torch.load(path, weights_only=True)["state_dict"]["w"].isfinite().all()
