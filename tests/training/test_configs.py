"""Every bundled configuration through the real command line, with a small model."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from PIL import Image
from typer.testing import CliRunner

from mtrs_geo.cli import app
from mtrs_geo.data.sampling.datamodule import ChangeDataModule
from mtrs_geo.models import load_model
from mtrs_geo.training.command import STAGES
from mtrs_geo.training.main import train
from mtrs_geo.training.run_config import CONFIGS, config_for_run, read_config

STAGE_CONFIGS = sorted(
    path.stem for path in CONFIGS.glob("*_stage*.yaml") if not path.stem.endswith("_pairs")
)


@pytest.fixture(scope="module")
def run(root: Path) -> Callable[..., Path]:
    def run(name: str, folder: Path, *more: str, steps: int = 2) -> Path:
        """Run a bundled configuration with another folder, fewer steps and smaller sizes."""
        config = read_config(name)
        if "accumulate_grad_batches" in config["trainer"]:
            config["trainer"]["accumulate_grad_batches"] = 2
        folder.mkdir()
        run_config = folder / "run_config.yaml"
        run_config.write_text(yaml.safe_dump(config_for_run(config, folder, steps)))
        train(name.split("_")[1], [
            "fit", "--config", str(run_config), "--data.root", str(root), "--data.crop_px", "64",
            "--data.batch_size", "2", "--data.num_workers", "0", "--trainer.accelerator", "cpu",
            "--trainer.enable_progress_bar", "false", *more,
        ])  # fmt: skip
        return folder / "last.ckpt"

    return run


def changed_submodules(first: Path, second: Path) -> set[str]:
    start, end = (torch.load(p, weights_only=True)["current_model_state"] for p in (first, second))
    return {n.split(".")[1] for n in end if not torch.equal(start[n], end[n])}


@pytest.mark.parametrize("preset", ["small", "base"])
def test_both_stages_and_export(
    preset: str,
    mini: dict[str, list[str]],
    run: Callable[..., Path],
    tmp_path: Path,
) -> None:
    few = ["--data.composed_validation", "2"]
    points = ["--model.query_points", "64"] if preset == "base" else []
    first = run(f"{preset}_stage1", tmp_path / "one", *mini[preset], *points, *few)
    more = ["--model.weights", str(first), "--model.mask_points", "64", *few,
            "--tensorboard", "true"]  # fmt: skip
    second = run(f"{preset}_stage2", tmp_path / "two", *more)
    trained = changed_submodules(first, second)
    assert {
        "vision",
        "fusion",
        "pixel_decoder",
        "projector",
        "mask_decoder",
        "intent_head",
    } <= trained
    assert torch.load(second, weights_only=True)["global_step"] == 2
    for name in ("one", "two"):
        for picture in ("learning_curve.png", "samples.png"):
            assert min(Image.open(tmp_path / name / picture).size) > 200
        with (tmp_path / name / "log" / "metrics.csv").open() as file:
            assert any(row.get("val_iou") for row in csv.DictReader(file))
    assert list((tmp_path / "two" / "tensorboard").glob("events.*"))
    done = CliRunner().invoke(app, ["train", "export", str(second), "-o", str(tmp_path / "mine")])
    assert done.exit_code == 0, done.output
    facts = json.loads((tmp_path / "mine" / "config.json").read_text())
    assert facts["name"] == "mine"
    assert facts["steps"] == 2
    assert len(facts["training"]["config_sha256"]) == len(facts["training"]["data_sha256"]) == 64
    image = np.zeros((64, 64, 3), np.uint8)
    probability = load_model(tmp_path / "mine", "cpu").predict(image, image, ["20 21"])
    assert probability.shape == (1, 64, 64)


def test_stage_1_of_base_trains_these_submodules(
    mini: dict[str, list[str]], run: Callable[..., Path], tmp_path: Path
) -> None:
    more = [*mini["base"], "--model.query_points", "64", "--data.composed", "0",
            "--data.composed_validation", "0"]  # fmt: skip
    start = run("base_stage1", tmp_path / "one", *more, "--model.lr", "0", steps=1)
    end = run("base_stage1", tmp_path / "two", *more, steps=1)
    expected = {
        "vision",
        "fusion",
        "pixel_decoder",
        "change_head",
        "land_cover_head",
        "mask_decoder",
    }
    assert changed_submodules(start, end) == expected


@pytest.mark.parametrize("name", [n for n in STAGE_CONFIGS if not n.endswith(("more", "joint"))])
def test_every_trainable_parameter_gets_a_gradient(
    name: str, mini: dict[str, list[str]], root: Path
) -> None:
    """Distributed training would wait forever for the gradient of an unused parameter."""
    preset, stage = name.split("_")[:2]
    options = mini[preset]
    start = dict(
        zip((n.removeprefix("--model.") for n in options[::2]), options[1::2], strict=True)
    )
    whole = {"weights", "vision_weights"}  # of models of full size
    config = {n: v for n, v in read_config(name)["model"].items() if n not in whole}
    points = {n: 64 for n in ("query_points", "mask_points") if n in config}
    torch.manual_seed(0)
    task = STAGES[stage][0](**{**config, **start, **points, "imagenet": False}).train()
    data = ChangeDataModule(
        str(root), batch_size=2, crop_px=64, sentences=2 * (stage == "stage2"), text_only=2
    )
    data.setup("fit")
    task.training_step(next(iter(data.train_dataloader())), 0).backward()
    without = [n for n, p in task.named_parameters() if p.requires_grad and p.grad is None]
    assert without == []


@pytest.mark.parametrize(
    "name", ["tiny_intent", *(n for n in STAGE_CONFIGS if n.startswith(("tiny", "lavt")))]
)
def test_tiny_configs_are_valid(name: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are parsed and resolved, not run: other tests run tiny."""
    with pytest.raises(SystemExit) as exit_info:
        train(name.split("_")[1], [
            "fit", "--config", str(CONFIGS / f"{name}.yaml"), "--print_config",
        ])  # fmt: skip
    assert exit_info.value.code == 0
    resolved = yaml.safe_load(capsys.readouterr().out)
    steps, every = (resolved["trainer"][n] for n in ("max_steps", "val_check_interval"))
    assert steps % every == 0, "the run does not end with validation"
