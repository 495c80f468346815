"""Training of the intent head through the real command line, and text swap in stage 2."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from mtrs_geo.class_codes import INTENT_CLASSES
from mtrs_geo.data.sampling.sentence_datamodule import SentenceBatches, SentenceDataModule
from mtrs_geo.data.sentences.building_words_held_out import HELD_OUT
from mtrs_geo.data.sentences.land_cover_words_held_out import HELD_OUT_CLASSES, HELD_OUT_WORDS
from mtrs_geo.models.checkpoints.checkpoint import new_model, save_folder
from mtrs_geo.models.config import ModelConfig
from mtrs_geo.models.network.intent import CHANGE_KINDS, PLACES, Intent
from mtrs_geo.models.reader import Meaning
from mtrs_geo.training.main import train
from mtrs_geo.training.reader.batches import LabelledBatches
from mtrs_geo.training.reader.sentences import read_written
from mtrs_geo.training.run_config import config_for_run, read_config
from mtrs_geo.training.tasks.intent import IntentTask, targets_of_meanings
from mtrs_geo.training.tasks.losses import mask_loss
from mtrs_geo.training.tasks.stage2 import UNLABELLED, Stage2Task, intent_loss


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("start")
    save_folder(new_model(ModelConfig()), folder, {"name": "start", "version": "1"}, half=False)
    return folder


def test_the_intent_head_is_trained_alone(start: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    run_config = folder / "run_config.yaml"
    run_config.write_text(yaml.safe_dump(config_for_run(read_config("tiny_intent"), folder, 24)))
    metrics = train("intent", [
        "fit", "--config", str(run_config), "--model.weights", str(start),
        "--data.sentences", "128", "--data.validation", "40", "--data.batch_size", "32",
        "--trainer.accelerator", "cpu", "--trainer.enable_progress_bar", "false",
    ])  # fmt: skip
    assert {"val_intent", "val_kind", "val_place", "val_before", "val_after"} <= set(metrics)
    with (folder / "log" / "metrics.csv").open() as file:
        losses = [float(row["train_loss"]) for row in csv.DictReader(file) if row["train_loss"]]
    assert losses[-1] < losses[0]
    end = torch.load(folder / "last.ckpt", weights_only=True)["current_model_state"]
    from safetensors.torch import load_file

    began = load_file(start / "model.safetensors")
    changed = {n.split(".")[0] for n, t in began.items() if not t.equal(end[f"model.{n}"])}
    assert changed == {"intent_head"}


def test_sentences_depend_on_seed_and_index_only() -> None:
    few, many = (SentenceBatches(HELD_OUT_CLASSES, HELD_OUT, n, 8, seed=3) for n in (20, 40))
    assert len(few) == 3
    texts = [e.text for i in range(len(few)) for e in few[i]["text_only"]]
    assert len(texts) == 20
    assert set(texts) < {e.text for i in range(len(many)) for e in many[i]["text_only"]}
    assert [len(text) for text in texts] == sorted(len(text) for text in texts)


def test_labelled_sentences_have_no_held_out_word_and_ask_for_a_change() -> None:
    batches = LabelledBatches(list(read_written()), 400, 64, seed=2)
    rows = [row for i in range(len(batches)) for row in batches[i]["labelled"]]
    assert len(rows) == 400
    words = {word for row in rows for word in row.text.lower().replace(",", " ").split()}
    assert not words & set(HELD_OUT_WORDS)
    directions = {row.meaning.direction for row in rows}
    assert directions == {"appeared", "disappeared", "changed", "any", "none"}


def test_the_intent_head_learns_from_labelled_sentences(start: Path) -> None:
    torch.manual_seed(0)
    task = IntentTask(weights=str(start), lr=1e-3)
    task.log = lambda *_, **__: None  # type: ignore[method-assign] # there is no trainer
    optimizer = torch.optim.AdamW(task.model.intent_head.parameters(), lr=1e-3)
    batch = LabelledBatches(list(read_written()), 64, 64, seed=3)[0]
    losses = []
    for step in range(12):
        loss = task.training_step(batch, step)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.8 * losses[0]


def test_targets_of_meanings_leave_open_what_no_label_says() -> None:
    meanings = [
        Meaning("appeared", (), ("water",)),
        Meaning("changed", ("vegetation",), ("building", "road")),
        Meaning("any", ("road",), ("road",)),
        Meaning("none"),
    ]
    targets = targets_of_meanings(meanings, torch.device("cpu"))
    kinds = [None if k == UNLABELLED else CHANGE_KINDS[k] for k in targets.kind.tolist()]
    assert kinds == ["appear", None, "state", None]
    assert targets.place.tolist() == [UNLABELLED] * 4
    named = [
        [
            {c for c, is_on in zip(INTENT_CLASSES, row, strict=True) if is_on}
            for row in side.tolist()
        ]
        for side in (targets.before, targets.after)
    ]
    assert named[0] == [{"any"}, {"vegetation"}, {"road"}, {"nothing"}]
    assert named[1] == [{"water"}, {"building", "road"}, {"road"}, {"nothing"}]


def test_fields_without_a_label_cost_nothing() -> None:
    targets = targets_of_meanings([Meaning("none")], torch.device("cpu"))
    sizes = len(CHANGE_KINDS), len(PLACES), len(INTENT_CLASSES), len(INTENT_CLASSES)
    logits = [torch.randn(1, size, requires_grad=True) for size in sizes]
    loss = intent_loss(Intent(*logits), targets)
    loss.backward()
    assert float(loss.detach()) > 0
    for field in logits[:2]:
        assert field.grad is not None
        assert not field.grad.any()


def test_validation_has_other_sentences_than_training() -> None:
    module = SentenceDataModule(sentences=300, validation=300)
    training, validation = (
        {e.text for batch in loader for e in batch["text_only"]}
        for loader in (module.train_dataloader(), module.val_dataloader())
    )
    assert not training & validation


def test_swapped_texts_keep_their_intent(start: Path) -> None:
    torch.manual_seed(0)
    texts = ["new houses", "lost roads", "the three largest of the new ponds", "any change"]
    tasks = ["appear", "disappear", "extreme", "any"]
    task = Stage2Task(weights=str(start), text_swap=1.0).eval()
    with torch.no_grad():
        original = task.model.embed(texts)
        swapped = task._text_swap(original, tasks)
    assert swapped.intent is original.intent
    # A sentence that its intent does not fully describe keeps its words.
    assert swapped.text.words[2].equal(original.text.words[2])
    changed = [not swapped.text.words[i].equal(original.text.words[i]) for i in (0, 1, 3)]
    assert any(changed)


def test_false_area_costs_more_than_an_empty_mask() -> None:
    known = torch.ones(1, 64, 64, dtype=torch.bool)
    nothing = torch.zeros(1, 64, 64, dtype=torch.bool)
    empty = torch.full((1, 64, 64), -9.0)
    false_area = empty.clone()
    false_area[:, :6, :6] = 2.0
    costs = [float(mask_loss(logits, nothing, known)) for logits in (empty, false_area)]
    assert costs[0] < 0.05
    assert costs[1] > 10 * costs[0]
    assert np.isfinite(costs).all()
