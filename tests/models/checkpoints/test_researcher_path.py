"""The commands of docs/researcher.md, one after the other, on miniatures of data and release."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor
from typer.testing import CliRunner

from mtrs_geo.cli import app
from mtrs_geo.data.split.layout import SPLIT_FOLDERS
from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.data.split.writer import write_split
from mtrs_geo.models.config import ModelConfig
from mtrs_geo.training.run_config import config_for_run, read_config

DOCUMENT = Path(__file__).parents[3] / "docs/researcher.md"
CONFIG = "mtrs_geo/training/configs/base_stage2_pairs.yaml"
SMALLER = {
    ("models", "convert"): ["--preset", "small_base.json"],
    ("train", "stage2-pairs"): [
        "--data.crop_px", "64", "--data.batch_size", "2", "--data.num_workers", "0",
        "--model.mask_points", "64", "--trainer.accelerator", "cpu",
        "--trainer.precision", "32-true", "--trainer.enable_progress_bar", "false",
    ],
    ("benchmark", "stress"): ["--axes", "haze,word order"],
}  # fmt: skip
"""What each command gets in addition, by its first two words."""


def commands() -> list[list[str]]:
    text = DOCUMENT.read_text("utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.startswith("    mtrs-geo ")]
    return [shlex.split(line)[1:] for line in lines]


def write_data(root: Path) -> None:
    rng = np.random.default_rng(0)
    for (_, subset), name in SPLIT_FOLDERS.items():
        with write_split(root / name) as split:
            for number in range(3 if subset == "train" else 2):
                before, after = rng.integers(0, 255, (2, 48, 80, 3), dtype=np.uint8)
                masks = np.zeros((2, 48, 80), bool)
                masks[0, 10:30, 20:50] = True
                split.add(ReferringPair(f"p{number}", before, after, ("20 21", "30 31 32"), masks))


def test_every_command_of_the_path(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    state: dict[str, Tensor],
    config: ModelConfig,
    numbers: Tokenizer,
) -> None:
    monkeypatch.chdir(tmp_path)
    write_data(Path("MTRefSeg-21K"))
    Path("MTRefSeg-R1").mkdir()
    save_file(state, "MTRefSeg-R1/model.safetensors")
    numbers.save("MTRefSeg-R1/tokenizer.json")
    Path("small_base.json").write_text(json.dumps(config.to_dict()))
    short = config_for_run(read_config("base_stage2_pairs"), Path("runs/base_stage2_pairs"), 2)
    short["trainer"] |= {"accumulate_grad_batches": 1, "val_check_interval": 1.0}
    Path(CONFIG).parent.mkdir(parents=True)
    Path(CONFIG).write_text(yaml.safe_dump(short))
    (block,) = re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    Path("rs.yaml").write_text(block)
    found = commands()
    assert [command[:2] for command in found] == [
        ["models", "convert"], ["evaluate", "--data"], ["train", "stage2-pairs"],
        ["train", "export"],
        ["benchmark", "stress"], ["benchmark", "run"], ["benchmark", "write"],
        ["benchmark", "check"],
    ]  # fmt: skip
    for command in found:
        more = SMALLER.get((command[0], command[1]), [])
        done = CliRunner().invoke(app, [*command, *more])
        assert done.exit_code == 0, (command, done.output, done.exception)
    scores = json.loads(Path("rs/results/scores.json").read_text())["splits"]
    assert [model["model"] for model in scores[0]["models"]] == ["release", "mine"]
    assert {model["samples"] for model in scores[0]["models"]} == {4}
    assert len(scores[0]["paper"]) == 25
    assert "Stress tests" in Path("rs/results/index.html").read_text()
    facts = json.loads(Path("my_base/config.json").read_text())
    assert facts["steps"] == 2
    assert len(facts["training"]["data_sha256"]) == 64


def test_a_preset_that_does_not_exist_is_named(
    tmp_path: Path, numbers: Tokenizer, shrunk: Callable[[str], ModelConfig]
) -> None:
    (tmp_path / "deep.json").write_text("[" * 100_000)
    for preset in ("huge", str(tmp_path / "deep.json")):
        command = ["models", "convert", str(tmp_path), str(tmp_path / "out"), "--preset", preset]
        done = CliRunner().invoke(app, command)
        assert done.exit_code == 1
        assert f"{preset} is neither a preset nor a readable JSON" in str(done.exception)
