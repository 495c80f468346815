"""Stage 2 on pairs in MTRefSeg-21K's layout, through the real command line."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from tokenizers import Tokenizer

from mtrs_geo.data.rendering.synthetic import render_pair
from mtrs_geo.data.sampling.crops import collate
from mtrs_geo.data.sampling.pairs_datamodule import PairsDataModule, WholePairs
from mtrs_geo.data.split.reader import ReferringPair, open_split
from mtrs_geo.data.split.writer import write_split
from mtrs_geo.errors import RequestError
from mtrs_geo.evaluation.run import evaluate
from mtrs_geo.models import load_vocabulary
from mtrs_geo.models.checkpoints.checkpoint import new_model, save_folder
from mtrs_geo.models.config import ModelConfig
from mtrs_geo.training.command import STAGES
from mtrs_geo.training.export import export_checkpoint
from mtrs_geo.training.main import train
from mtrs_geo.training.run_config import CONFIGS, read_config

CHANGED = np.zeros((70, 80), bool)
CHANGED[10:40, 20:60] = True


def write(folder: Path, count: int, texts: tuple[str, ...] = ("20 21", "22", "23 24")) -> str:
    rng = np.random.default_rng(count)
    masks = np.stack([CHANGED, CHANGED, np.zeros_like(CHANGED)])[: len(texts)]
    with write_split(folder) as split:
        for number in range(count):
            before, after = rng.integers(0, 255, (2, 70, 80, 3), dtype=np.uint8)
            split.add(ReferringPair(f"pair_{number}", before, after, texts, masks))
    return str(folder)


def test_images_of_both_splits_are_named(tmp_path: Path) -> None:
    train, val = write(tmp_path / "train", 3), write(tmp_path / "val", 4)
    PairsDataModule(train, val).setup("fit")  # other images: no warning
    # A later date of training is the earlier one of validation.
    (tmp_path / "val/A/pair_2.png").write_bytes((tmp_path / "train/B/pair_0.png").read_bytes())
    with pytest.warns(UserWarning, match=r"1 of 4 pairs of .*val, such as pair_2, have an image"):
        PairsDataModule(train, val).setup("fit")
    with pytest.warns(UserWarning, match=r"3 of 3 pairs"):
        PairsDataModule(train, train).setup("fit")


def test_batches_of_an_epoch_follow_those_of_the_last(tmp_path: Path) -> None:
    data = PairsDataModule(write(tmp_path / "train", 5), write(tmp_path / "val", 2), batch_size=2)
    loader = data.train_dataloader()
    batches = list(loader)
    assert len(loader) == len(batches) == 3  # five crops: one per three sentences
    assert all(batch["before"].shape == (2, 3, 64, 64) for batch in batches)
    assert "before_class" not in batches[0]

    class Run:
        global_step, accumulate_grad_batches, world_size, global_rank = 3, 1, 1, 0

    data.trainer = Run()
    numbers = [number for batch in data.train_dataloader().batch_sampler for number in batch]
    assert numbers == [*range(6, 12)]
    (first, _) = data.val_dataloader()
    assert first["after"].shape == (1, 3, 96, 96)
    assert first["masks"][0, :70, :80].numpy().tolist() == CHANGED.tolist()
    assert (first["label"] == 255).all()
    assert first["masks"].shape == (3, 70, 80)
    edge = first["after"][0, :, :70, 79:80]
    assert (first["after"][0, :, :70, 80:] == edge).all(), "padding repeats the edge"


def test_the_fingerprint_depends_on_content_not_on_the_path(tmp_path: Path) -> None:
    prints = []
    for name in ("one", "two"):
        train_folder, val = write(tmp_path / name / "train", 2), write(tmp_path / name / "val", 1)
        data = PairsDataModule(train_folder, val)
        data.setup("fit")
        prints.append(data.fingerprint())
    assert prints[0] == prints[1]
    (tmp_path / "two/train/A/pair_0.png").write_bytes(b"x")
    assert data.fingerprint() != prints[0]


def test_pairs_without_sentences_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="has no sentence"):
        PairsDataModule(write(tmp_path / "train", 1, ())).setup("fit")


@pytest.mark.parametrize("preset", ["tiny", "base"])
def test_every_trainable_parameter_gets_a_gradient(
    preset: str, mini: dict[str, list[str]], tmp_path: Path
) -> None:
    """Distributed training would wait forever for the gradient of an unused parameter."""
    model = read_config(f"{preset}_stage2_pairs")["model"]
    config = {name: value for name, value in model.items() if name != "weights"}
    points = {name: 64 for name in ("mask_points",) if name in config}
    options = mini[preset]
    start = dict(
        zip((n.removeprefix("--model.") for n in options[::2]), options[1::2], strict=True)
    )
    torch.manual_seed(0)
    task = STAGES["stage2-pairs"][0](**{**config, **start, **points, "imagenet": False}).train()
    data = PairsDataModule(write(tmp_path / "train", 4), batch_size=4, crop_px=64)
    task.training_step(next(iter(data.train_dataloader())), 0).backward()
    assert [n for n, p in task.named_parameters() if p.requires_grad and p.grad is None] == []


def test_an_epoch_through_the_command_line(mini: dict[str, list[str]], tmp_path: Path) -> None:
    config = yaml.safe_load((CONFIGS / "tiny_stage2_pairs.yaml").read_text())
    text = yaml.safe_dump(config).replace("runs/tiny_stage2_pairs", str(tmp_path / "run"))
    (tmp_path / "config.yaml").write_text(text)
    metrics = train("stage2-pairs", [
        "fit", "--config", str(tmp_path / "config.yaml"), "--model.weights", "null",
        "--model.imagenet", "false", *mini["tiny"],
        "--data.train", write(tmp_path / "train", 5), "--data.val", write(tmp_path / "val", 2),
        "--data.batch_size", "3", "--trainer.max_epochs", "1", "--trainer.accelerator", "cpu",
        "--trainer.enable_progress_bar", "false",
    ])  # fmt: skip
    assert {"train_loss", "masks", "heads", "val_miou", "val_own", "val_own_empty"} <= set(metrics)
    assert "val_iou" not in metrics
    checkpoint = torch.load(tmp_path / "run/last.ckpt", weights_only=True)
    assert checkpoint["global_step"] == 2
    assert len(checkpoint["mtrs_geo_provenance"]["data_sha256"]) == 64
    assert (tmp_path / "run/samples.png").is_file()
    with (tmp_path / "run/log/metrics.csv").open() as file:
        assert sum(bool(row["val_miou"]) for row in csv.DictReader(file)) == 1


def test_an_exported_model_keeps_what_it_knows_and_what_is_untrained(
    shrunk: Callable[[str], ModelConfig], numbers: Tokenizer, tmp_path: Path
) -> None:
    heads = ["change_head", "land_cover_head", "intent_head", "mask_decoder.presence"]
    start = {"untrained": heads, "knows": {"nouns": {"kiln": ""}}}
    save_folder(new_model(shrunk("tiny"), numbers), tmp_path / "start", start)
    config = yaml.safe_load((CONFIGS / "tiny_stage2_pairs.yaml").read_text())
    text = yaml.safe_dump(config).replace("runs/tiny_stage2_pairs", str(tmp_path / "run"))
    (tmp_path / "config.yaml").write_text(text)
    texts = ("new tarpaulins", "new houses", "felled trees")
    options = [
        "fit", "--config", str(tmp_path / "config.yaml"), "--model.freeze", "[intent_head]",
        "--data.train", write(tmp_path / "train", 2, texts), "--data.batch_size", "1",
        "--trainer.max_epochs", "1", "--trainer.accelerator", "cpu",
        "--trainer.enable_progress_bar", "false", "--overwrite", "true",
    ]  # fmt: skip
    last, model = tmp_path / "run/last.ckpt", tmp_path / "model"
    for weights in (tmp_path / "start", last):  # a further run starts from the checkpoint
        train("stage2-pairs", [*options, "--model.weights", str(weights)])
        export_checkpoint(last, model, name="mine", version="1", description="", overwrite=True)
        facts = json.loads((model / "config.json").read_text())
        # Sentences and masks label neither dense head, and the intent head is frozen.
        assert facts["untrained"] == heads[:3]
        assert facts["knows"]["nouns"] == {"tarpaulin": "", "kiln": ""}
        assert set(texts) == load_vocabulary(model).sentences


def test_validation_gives_the_figures_of_evaluate(tmp_path: Path) -> None:
    """Sides of 70 and 80 pixels are no multiples of 32; the padding is not scored."""
    folder = tmp_path / "val"
    with write_split(folder) as split:
        for seed in range(2):
            rendered = render_pair(70, 80, seed=seed, new_buildings=3)
            masks = np.stack([rendered.appeared, np.ones_like(rendered.appeared)])
            texts = ("the buildings that appeared", "everything that changed")
            split.add(ReferringPair(f"p{seed}", rendered.before, rendered.after, texts, masks))
    task = STAGES["stage2-pairs"][0](weights="tiny").eval()
    scored = []
    with torch.inference_mode():
        for sample in WholePairs(open_split(folder)):
            scored.append(task.validation_step(collate([sample]), 0))
    assert all(output["prediction"].shape == (2, 70, 80) for output in scored)
    expected = evaluate(folder, model="tiny", device="cpu")
    own = sum(task.scores["own"]) / len(task.scores["own"])
    assert own == pytest.approx(expected.scores.miou_nonempty, abs=1e-4)
    assert own > 0
