"""Checkpoints of a run: the last step is saved, none is replaced, damaged ones are named."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import yaml
from lightning.pytorch.callbacks import Timer

from mtrs_geo.data.sampling.datamodule import ChangeDataModule
from mtrs_geo.data.sampling.pairs_datamodule import PairsDataModule
from mtrs_geo.data.sampling.sentence_datamodule import SentenceDataModule
from mtrs_geo.errors import ModelError, OutputError, RequestError
from mtrs_geo.training.export import export_checkpoint
from mtrs_geo.training.main import train
from mtrs_geo.training.model_loading import load_starting_model
from mtrs_geo.training.run_config import CONFIGS
from mtrs_geo.training.tasks.stage1 import Stage1Task


@pytest.fixture
def run(root: Path, mini: dict[str, list[str]], tmp_path: Path) -> Callable[..., Path]:
    """Returns a function that trains stage 1 with further options; the checkpoint's path."""
    text = (CONFIGS / "tiny_stage1.yaml").read_text()
    config = yaml.safe_load(text.replace("runs/tiny_stage1", str(tmp_path / "run")))
    for callback in config["trainer"]["callbacks"]:
        options = callback.get("init_args", {})
        if "every_n_train_steps" in options:
            options["every_n_train_steps"] = 2
        if "update_starting_at_step" in options:
            options["update_starting_at_step"] = 1
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))

    def fit(*options: str) -> Path:
        train("stage1", [
            "fit", "--config", str(tmp_path / "config.yaml"), "--model.imagenet", "false",
            *mini["tiny"], "--data.root", str(root), "--data.batch_size", "1", "--data.crop_px",
            "64", "--trainer.limit_val_batches", "0", "--trainer.accelerator", "cpu",
            "--trainer.enable_progress_bar", "false", *options,
        ])  # fmt: skip
        return tmp_path / "run/last.ckpt"

    return fit


def saved(path: Path) -> dict[str, object]:
    state: dict[str, object] = torch.load(path, weights_only=True)
    return state


def test_the_last_step_is_saved_and_kept(run: Callable[..., Path]) -> None:
    last = run("--trainer.max_steps", "3")
    state = saved(last)
    assert state["global_step"] == 3
    assert any(
        not torch.equal(tensor, state["current_model_state"][name])
        for name, tensor in state["state_dict"].items()
    ), "the weights themselves are kept beside their average"
    with pytest.raises(OutputError, match=r"last\.ckpt exists") as error:
        run("--trainer.max_steps", "1")
    assert "--ckpt_path" in error.value.advice
    assert saved(last)["global_step"] == 3
    run("--trainer.max_steps", "5", "--ckpt_path", str(last))
    assert saved(last)["global_step"] == 5
    run("--trainer.max_steps", "1", "--overwrite", "true")
    assert saved(last)["global_step"] == 1


def test_the_end_of_the_time_is_saved(
    run: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    step, steps = Stage1Task.training_step, []

    def counted(self: Stage1Task, batch: dict[str, object], batch_idx: int) -> torch.Tensor:
        steps.append(batch_idx)
        return step(self, batch, batch_idx)

    monkeypatch.setattr(Stage1Task, "training_step", counted)
    monkeypatch.setattr(Timer, "time_elapsed", lambda *_: 60.0 if steps else 0.0)
    last = run("--trainer.max_time", "00:00:00:50", "--trainer.max_steps", "50")
    assert saved(last)["global_step"] == len(steps) == 1


def test_an_interrupted_run_says_how_to_go_on(
    run: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    step = Stage1Task.training_step

    def interrupted(self: Stage1Task, batch: dict[str, object], batch_idx: int) -> torch.Tensor:
        if batch_idx == 3:
            raise KeyboardInterrupt
        return step(self, batch, batch_idx)

    notes: list[str] = []
    # Lightning ignores Ctrl-C from then on.
    monkeypatch.setattr("lightning.pytorch.trainer.call.signal.signal", lambda *_: None)
    monkeypatch.setattr(Stage1Task, "training_step", interrupted)
    monkeypatch.setattr("mtrs_geo.training.command.rank_zero_info", notes.append)
    with pytest.raises((SystemExit, KeyboardInterrupt)):
        run("--trainer.max_steps", "9")
    assert len(notes) == 1
    assert "last.ckpt is kept; --ckpt_path" in notes[0]


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>not found</html>", bytes(1000), pickle.dumps({"a": 1}), pickle.dumps([1])],
    ids=["empty", "html", "zeros", "foreign", "list"],
)
def test_files_that_are_no_checkpoints(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "last.ckpt"
    path.write_bytes(content)
    for read in (
        lambda: load_starting_model(path),
        lambda: export_checkpoint(path, tmp_path / "m", name="m", version="1", description=""),
    ):
        with pytest.raises(ModelError, match=r"last\.ckpt is not a checkpoint") as error:
            read()
        assert len(error.value.message) < 500
    torch.save({"state_dict": {"model.x": 1}, "mtrs_geo_model": {"config": "no"}}, path)
    with pytest.raises(ModelError, match="is not a checkpoint"):
        load_starting_model(path)


@pytest.mark.parametrize(
    "number", [{"batch_size": 0}, {"seed": -1}, {"seed": 2**32}, {"crop_px": -5}]
)
def test_numbers_that_no_batch_can_be_drawn_with(number: dict[str, int], tmp_path: Path) -> None:
    (name,) = number
    modules = [ChangeDataModule, PairsDataModule]
    if name != "crop_px":
        modules.append(lambda _, **options: SentenceDataModule(**options))
    for module in modules:
        with pytest.raises(RequestError, match=rf"data\.{name} is {number[name]}"):
            module(str(tmp_path), **number)


def test_another_folder_takes_checkpoints_logs_and_pictures(
    run: Callable[..., Path], tmp_path: Path
) -> None:
    first = run("--trainer.max_steps", "1")
    of_first = sorted(first.parent.rglob("*"))
    other = tmp_path / "other"
    run("--trainer.max_steps", "2", "--trainer.default_root_dir", str(other))
    assert saved(first)["global_step"] == 1
    assert saved(other / "last.ckpt")["global_step"] == 2
    assert (other / "log").is_dir()
    assert sorted(first.parent.rglob("*")) == of_first
