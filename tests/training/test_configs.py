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
from mtrs_geo.training.recipe import CONFIGS, moved, read_recipe

RECIPES = sorted(path.stem for path in CONFIGS.glob("*_stage*.yaml"))


@pytest.fixture(scope="module")
def run(root: Path) -> Callable[..., Path]:
    def run(name: str, folder: Path, *more: str, steps: int = 2) -> Path:
        """Run a recipe as it is, but for its place, its length and its sizes."""
        config = read_recipe(name)
        if "accumulate_grad_batches" in config["trainer"]:
            config["trainer"]["accumulate_grad_batches"] = 2
        folder.mkdir()
        recipe = folder / "recipe.yaml"
        recipe.write_text(yaml.safe_dump(moved(config, folder, steps)))
        train(name.split("_")[1], [
            "fit", "--config", str(recipe), "--data.root", str(root), "--data.crop_px", "64",
            "--data.batch_size", "2", "--data.num_workers", "0", "--trainer.accelerator", "cpu",
            "--trainer.enable_progress_bar", "false", *more,
        ])  # fmt: skip
        return folder / "last.ckpt"

    return run


def moved_parts(one: Path, other: Path) -> set[str]:
    start, end = (torch.load(p, weights_only=True)["current_model_state"] for p in (one, other))
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
    trained = moved_parts(first, second)
    assert {"vision", "fusion", "pixel_decoder", "projector", "mask_decoder", "reader"} <= trained
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
    answer = load_model(tmp_path / "mine", "cpu").predict(image, image, ["20 21"])
    assert answer.shape == (1, 64, 64)


def test_what_stage_1_of_base_trains(
    mini: dict[str, list[str]], run: Callable[..., Path], tmp_path: Path
) -> None:
    more = [*mini["base"], "--model.query_points", "64", "--data.composed", "0",
            "--data.composed_validation", "0"]  # fmt: skip
    start = run("base_stage1", tmp_path / "one", *more, "--model.lr", "0", steps=1)
    end = run("base_stage1", tmp_path / "two", *more, steps=1)
    wanted = {"vision", "fusion", "pixel_decoder", "change_head", "land_head", "mask_decoder"}
    assert moved_parts(start, end) == wanted


@pytest.mark.parametrize("name", [n for n in RECIPES if not n.endswith(("more", "joint"))])
def test_every_parameter_that_is_not_frozen_learns(
    name: str, mini: dict[str, list[str]], root: Path
) -> None:
    """Several processes would wait for ever for the gradient of one that is not used."""
    preset, stage = name.split("_")[:2]
    given = mini[preset]
    start = dict(zip((n.removeprefix("--model.") for n in given[::2]), given[1::2], strict=True))
    recipe = {n: v for n, v in read_recipe(name)["model"].items() if n != "weights"}
    points = {n: 64 for n in ("query_points", "mask_points") if n in recipe}
    torch.manual_seed(0)
    task = STAGES[stage][0](**{**recipe, **start, **points, "imagenet": False}).train()
    data = ChangeDataModule(
        str(root), batch_size=2, crop_px=64, sentences=2 * (stage == "stage2"), said=2
    )
    data.setup("fit")
    task.training_step(next(iter(data.train_dataloader())), 0).backward()
    without = [n for n, p in task.named_parameters() if p.requires_grad and p.grad is None]
    assert without == []


@pytest.mark.parametrize("name", ["tiny_reader", *(n for n in RECIPES if n.startswith("tiny"))])
def test_tiny_recipes_are_understood(
    name: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Parsed and resolved, not run: tiny runs in the other tests."""
    with pytest.raises(SystemExit) as left:
        train(name.split("_")[1], [
            "fit", "--config", str(CONFIGS / f"{name}.yaml"), "--print_config",
        ])  # fmt: skip
    assert left.value.code == 0
    resolved = yaml.safe_load(capsys.readouterr().out)
    steps, every = (resolved["trainer"][n] for n in ("max_steps", "val_check_interval"))
    assert steps % every == 0, "the run does not end with a validation"
