"""A resumed run gives the same result as an uninterrupted one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch import Callback, Trainer, seed_everything
from lightning.pytorch.callbacks import EMAWeightAveraging

from mtrs_geo.data.sampling.datamodule import ChangeDataModule
from mtrs_geo.training.callbacks.learning_curve import LearningCurve
from mtrs_geo.training.resume import kept_options
from mtrs_geo.training.tasks.stage2 import Stage2Task

STEPS, BATCHES_PER_STEP = 3, 2


def test_a_rate_that_a_resumed_run_does_not_take_is_named() -> None:
    saved = {"lr": 1e-3, "weight_decay": 0.02, "warmup_share": 0.05}
    given = {**saved, "lr": 1e-4, "warmup_share": 0.1}
    assert kept_options({"hyper_parameters": saved}, given) == ["lr 0.001, not 0.0001"]
    assert kept_options({"hyper_parameters": saved}, saved) == []
    assert kept_options({}, given) == []


class SaveAfter(Callback):
    """Saves a checkpoint after some batches, also in the middle of a step."""

    def __init__(self, folder: Path, batches: tuple[int, ...]) -> None:
        self.folder, self.batches = folder, batches

    def on_train_batch_end(self, trainer: Trainer, *args: Any) -> None:
        batch = args[-1] + 1
        if batch in self.batches:
            trainer.save_checkpoint(self.folder / f"{batch}.ckpt")


def fit(root: Path, folder: Path, start: Path | None, *batches: int) -> dict[str, Any]:
    seed_everything(5, verbose=False)
    curve = LearningCurve()
    trainer = Trainer(
        accelerator="cpu", max_steps=STEPS, accumulate_grad_batches=BATCHES_PER_STEP,
        default_root_dir=folder, log_every_n_steps=1, enable_progress_bar=False,
        enable_model_summary=False, logger=False, enable_checkpointing=False,
        val_check_interval=BATCHES_PER_STEP, check_val_every_n_epoch=None, num_sanity_val_steps=0,
        callbacks=[EMAWeightAveraging(decay=0.5), curve, SaveAfter(folder, batches)],
    )  # fmt: skip
    data = ChangeDataModule(str(root), batch_size=2, sentences=1, text_only=1, crop_px=64)
    trainer.fit(Stage2Task(imagenet=False), data, ckpt_path=start)
    end = folder / "end.ckpt"
    trainer.save_checkpoint(end)
    state: dict[str, Any] = torch.load(end, weights_only=True)
    assert state["global_step"] == STEPS
    return {**state, "curves": curve.curves}


@pytest.fixture(scope="module")
def uninterrupted(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("uninterrupted")
    return folder, fit(root, folder, None, 2, 3)


@pytest.mark.parametrize("batches", [2, 3], ids=["after a step", "in the middle of a step"])
def test_a_resumed_run_equals_an_uninterrupted_one(
    batches: int, uninterrupted: tuple[Path, dict[str, Any]], root: Path, tmp_path: Path
) -> None:
    folder, expected = uninterrupted
    actual = fit(root, tmp_path, folder / f"{batches}.ckpt")
    for key in ("state_dict", "current_model_state"):
        for name, tensor in expected[key].items():
            torch.testing.assert_close(actual[key][name], tensor, atol=1e-5, rtol=1e-4, msg=name)
    assert [step for step, _ in actual["curves"]["train_loss"]] == [1, 2, 3]
    for name in ("train_loss", "val_miou"):
        own, other = actual["curves"][name], expected["curves"][name]
        assert own[-1] == pytest.approx(other[-1], abs=1e-4)
