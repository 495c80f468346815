"""Fine-tuning through the real command line, on generated pairs.

`test_own_data` starts the command as a user does.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from mtrs_geo.cli import app
from mtrs_geo.data.sampling.own_pairs import ReferringCrops
from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.data.split.writer import write_split
from mtrs_geo.errors import Cancelled, ModelError, OutputError, RequestError
from mtrs_geo.metrics import ReferringScores
from mtrs_geo.models import load_model, model_folder
from mtrs_geo.models.checkpoints.checkpoint import read_weights
from mtrs_geo.progress import Silent
from mtrs_geo.training.finetune.finetune import (
    FinetuneResult,
    _FinetuneTask,
    _worse_warning,
    finetune,
)

TEXT, ABSENT = "blue tarpaulins that were laid out", "tarpaulins that were taken away"


def pair(number: int, side: int = 96) -> ReferringPair:
    """Return grey ground on which a blue square appears, a change that tiny is not trained on."""
    rng = np.random.default_rng(number)
    before = rng.integers(90, 120, (side, side, 3), dtype=np.uint8)
    after, mask = before.copy(), np.zeros((side, side), bool)
    row, col = rng.integers(8, side - 40, 2)
    mask[row : row + 28, col : col + 28] = True
    after[mask] = (30, 60, 220)
    masks = np.stack([mask, np.zeros_like(mask)])
    return ReferringPair(f"p{number}", before, after, (TEXT, ABSENT), masks)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("own") / "pairs"
    with write_split(root) as split:
        for number in range(10):
            split.add(pair(number))
    return root


def test_a_new_kind_of_change_is_learnt(pairs: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [
        "train", "finetune", "--pairs", str(pairs), "-o", str(tmp_path / "mine"), "--steps", "12",
        "--lr", "0.001", "--device", "cpu", "--json",
    ])  # fmt: skip
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    assert (result["trained"], result["held_out"]) == (8, 2)
    assert result["after"]["miou_nonempty"] > result["before"]["miou_nonempty"] + 0.2
    assert result["after"]["miou_nonempty"] > 0.6
    assert result["after"]["no_target_accuracy"] == 1
    steps = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert steps[-1]["done"] == steps[-1]["total"] == 12

    mine, other = load_model(tmp_path / "mine", "cpu"), pair(77)
    assert mine.info.name == "mine"
    start = json.loads((model_folder("tiny") / "config.json").read_text())
    config = json.loads((tmp_path / "mine" / "config.json").read_text())
    assert config["untrained"] == start.get("untrained", [])
    tuned, initial = (read_weights(f) for f in (tmp_path / "mine", model_folder("tiny")))
    statistics = [name for name in initial if name.endswith(("running_mean", "running_var"))]
    assert statistics
    assert all(torch.equal(tuned[name], initial[name]) for name in statistics)
    prediction = mine.predict(other.before, other.after, [TEXT])[0] > 0.5
    assert (prediction & other.masks[0]).sum() / (prediction | other.masks[0]).sum() > 0.6


def test_crops_are_reproducible_and_keep_masks_on_their_pixels() -> None:
    pairs = [pair(n) for n in range(3)]
    crops, again = (ReferringCrops(pairs, 20, 256, seed=3) for _ in range(2))
    assert crops.crop_px == 96
    for i in range(20):
        one, two = crops[i], again[i]
        assert one["texts"] == two["texts"]
        assert (one["before"] == two["before"]).all()
        image, mask = one["after"].float(), one["masks"][one["texts"].index(TEXT)]
        blue = image[2] - image[0]
        assert blue[mask].mean() > blue[~mask].mean() + 40


def test_crops_of_sentences_with_places_are_not_rotated() -> None:
    placed = pair(0)
    placed = ReferringPair(
        placed.name, placed.before, placed.after, ("new tarpaulins in the north",), placed.masks[:1]
    )
    masks = [ReferringCrops([placed], 8, 96, seed=0)[i]["masks"].numpy() for i in range(8)]
    assert all((mask == placed.masks[:1]).all() for mask in masks)


def test_bad_input_writes_nothing(pairs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for numbers, message in (
        ({"steps": 0}, "must be positive"),
        ({"minutes": float("nan")}, "must be positive"),
        ({"batch_size": 0}, "too small"),
        ({"crop_px": -5}, "too small"),
        ({"lr": float("nan")}, "learning rate is nan"),
        ({"lr": -1.0}, "learning rate"),
        ({"seed": -1}, "seed -1"),
        ({"device": "openvino"}, "cannot be used for training"),
        ({"device": "cpu:x"}, "cannot be used for training"),
        ({"device": "cpu:1"}, "cannot be used for training"),
        ({"device": "tpu"}, "cannot be used for training"),
    ):
        with pytest.raises(RequestError, match=message):
            finetune(pairs, out, **numbers)
    with pytest.raises(ModelError, match="no model 'huge'"):
        finetune(pairs, out, model="huge")
    without_text = tmp_path / "without_text"
    with write_split(without_text) as split:
        one = pair(0)
        split.add(ReferringPair("p", one.before, one.after, (), np.zeros((0, 96, 96), bool)))
    with pytest.raises(RequestError, match="has no pair with a sentence"):
        finetune(without_text, out)
    (out / "x").mkdir(parents=True)
    with pytest.raises(OutputError, match="exists"):
        finetune(pairs, out)
    assert set(tmp_path.iterdir()) == {out, without_text}


def test_a_cancelled_run_writes_nothing(pairs: Path, tmp_path: Path) -> None:
    class Stop(Silent):
        cancelled = True

    with pytest.raises(Cancelled):
        finetune(pairs, tmp_path / "out", steps=3, batch_size=2, device="cpu", progress=Stop())
    assert not list(tmp_path.iterdir())


def test_a_model_that_diverged_is_not_written(
    pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        _FinetuneTask, "training_step", lambda self, *_: next(self.parameters()).sum() * np.nan
    )
    with pytest.raises(ModelError, match="no longer a number after 1 steps"):
        finetune(pairs, tmp_path / "out", steps=3, batch_size=1, crop_px=64, device="cpu:0")
    assert not list(tmp_path.iterdir())


def test_a_worse_model_is_reported() -> None:
    fields = ReferringScores.__dataclass_fields__
    before, after = (ReferringScores(**dict.fromkeys(fields, value)) for value in (0.9, 0.2))
    assert "worse than the one" in next(_worse_warning(before, after))
    assert not list(_worse_warning(after, before))
    nan = replace(before, no_target_accuracy=float("nan"))
    result = FinetuneResult(Path("m"), 4, 1, True, 1, 0.1, nan, nan)
    assert "nan" not in " ".join(result.summary())
    json.dumps(result.as_json(), allow_nan=False)
