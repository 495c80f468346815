"""The reader's own stage through the real command line, and what stage 2 does with a reading."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from mtrs_geo.data.sampling.sentence_datamodule import SentenceBatches, SentenceDataModule
from mtrs_geo.data.sentences.building_words_held_out import HELD_OUT
from mtrs_geo.data.sentences.land_cover_words_held_out import HELD_OUT_CLASSES
from mtrs_geo.models.checkpoints.checkpoint import new_model, save_folder
from mtrs_geo.models.config import ModelConfig
from mtrs_geo.training.main import train
from mtrs_geo.training.recipe import moved, read_recipe
from mtrs_geo.training.tasks.losses import mask_loss
from mtrs_geo.training.tasks.stage2 import Stage2Task


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("start")
    save_folder(new_model(ModelConfig()), folder, {"name": "start", "version": "1"}, half=False)
    return folder


def test_the_reader_learns_alone(start: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    recipe = folder / "recipe.yaml"
    recipe.write_text(yaml.safe_dump(moved(read_recipe("tiny_reader"), folder, 24)))
    figures = train("reader", [
        "fit", "--config", str(recipe), "--model.weights", str(start), "--data.sentences", "128",
        "--data.validation", "40", "--data.batch_size", "32", "--trainer.accelerator", "cpu",
        "--trainer.enable_progress_bar", "false",
    ])  # fmt: skip
    assert {"val_read", "val_kind", "val_place", "val_before", "val_after"} <= set(figures)
    with (folder / "log" / "metrics.csv").open() as file:
        losses = [float(row["train_loss"]) for row in csv.DictReader(file) if row["train_loss"]]
    assert losses[-1] < losses[0]
    end = torch.load(folder / "last.ckpt", weights_only=True)["current_model_state"]
    from safetensors.torch import load_file

    began = load_file(start / "model.safetensors")
    moved_parts = {n.split(".")[0] for n, t in began.items() if not t.equal(end[f"model.{n}"])}
    assert moved_parts == {"reader"}


def test_sentences_depend_on_seed_and_number_alone() -> None:
    few, many = (SentenceBatches(HELD_OUT_CLASSES, HELD_OUT, n, 8, seed=3) for n in (20, 40))
    assert len(few) == 3
    said = [e.text for i in range(len(few)) for e in few[i]["said"]]
    assert len(said) == 20
    assert set(said) < {e.text for i in range(len(many)) for e in many[i]["said"]}
    assert [len(text) for text in said] == sorted(len(text) for text in said)


def test_validation_asks_in_other_words_than_training() -> None:
    module = SentenceDataModule(sentences=300, validation=300)
    taught, asked = (
        {e.text for batch in loader for e in batch["said"]}
        for loader in (module.train_dataloader(), module.val_dataloader())
    )
    assert not taught & asked


def test_misheard_sentences_keep_their_reading(start: Path) -> None:
    torch.manual_seed(0)
    texts = ["new houses", "lost roads", "the three largest of the new ponds", "any change"]
    tasks = ["appear", "disappear", "extreme", "any"]
    task = Stage2Task(weights=str(start), misheard=1.0).eval()
    with torch.no_grad():
        said = task.model.embed(texts)
        heard = task._misheard(said, tasks)
    assert heard.reading is said.reading
    # What a reading does not say all of keeps its words.
    assert heard.text.words[2].equal(said.text.words[2])
    changed = [not heard.text.words[i].equal(said.text.words[i]) for i in (0, 1, 3)]
    assert any(changed)


def test_a_spilt_answer_costs_more_than_an_empty_one() -> None:
    known = torch.ones(1, 64, 64, dtype=torch.bool)
    nothing = torch.zeros(1, 64, 64, dtype=torch.bool)
    quiet = torch.full((1, 64, 64), -9.0)
    spilt = quiet.clone()
    spilt[:, :6, :6] = 2.0
    costs = [float(mask_loss(logits, nothing, known)) for logits in (quiet, spilt)]
    assert costs[0] < 0.05
    assert costs[1] > 10 * costs[0]
    assert np.isfinite(costs).all()
