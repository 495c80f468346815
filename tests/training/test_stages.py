"""Both stages through the real command line, on a generated data root; the losses."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from mtrs_geo.errors import ModelError
from mtrs_geo.models import load_model
from mtrs_geo.models.catalog import WEIGHTS
from mtrs_geo.models.checkpoints.checkpoint import load_folder
from mtrs_geo.training.export import export_checkpoint
from mtrs_geo.training.main import train
from mtrs_geo.training.model_loading import Pretrained, build_starting_model
from mtrs_geo.training.run_config import CONFIGS
from mtrs_geo.training.tasks.losses import dense_change_loss, land_cover_loss, mask_loss
from mtrs_geo.training.tasks.stage1 import warmup_cosine
from mtrs_geo.training.tasks.stage2 import Stage2Task


def fit(stage: str, root: Path, out: Path, steps: int, *more: str) -> Path:
    train(stage, [
        "fit", "--config", str(CONFIGS / f"tiny_{stage}.yaml"),
        "--data.root", str(root), "--data.crop_px", "64", "--data.batch_size", "2",
        "--trainer.accelerator", "cpu", "--trainer.default_root_dir", str(out),
        "--trainer.max_steps", str(steps), "--trainer.val_check_interval", "2",
        "--trainer.logger", "false", "--trainer.enable_progress_bar", "false",
        "--trainer.callbacks", "[{class_path: lightning.pytorch.callbacks.ModelCheckpoint, "
        f"init_args: {{dirpath: {out}, filename: '{{step}}', every_n_train_steps: 2, "
        "save_top_k: -1}}]",
        *more,
    ])  # fmt: skip
    return out / f"step={steps}.ckpt"


def test_two_stages_then_export_and_predict(root: Path, tmp_path: Path) -> None:
    first = fit("stage1", root, tmp_path / "one", 2)
    second = fit("stage2", root, tmp_path / "two", 2, "--model.weights", str(first))
    start = torch.load(first, weights_only=True)["state_dict"]
    end = torch.load(second, weights_only=True)["state_dict"]
    changed = [n for n in end if not torch.equal(start[n], end[n])]
    assert any(n.startswith("model.mask_decoder") for n in changed)
    assert any(n.startswith("model.vision") for n in changed)
    assert not [n for n in changed if n.startswith("model.language.frozen")]
    export_checkpoint(second, tmp_path / "mine", name="mine", version="1", description="test")
    image = np.zeros((64, 64, 3), np.uint8)
    assert load_model(tmp_path / "mine", "cpu").predict(image, image, ["x"]).shape == (1, 64, 64)


def test_a_model_may_start_from_the_vision_encoder_of_another() -> None:
    model = build_starting_model("lavt-like", "change_aware", Pretrained(vision="tiny"))
    found, tiny = model.state_dict(), load_folder(WEIGHTS / "tiny")[0].state_dict()
    same = {n.split(".")[0] for n in found if n in tiny and torch.equal(found[n], tiny[n])}
    assert all(torch.equal(found[n], tiny[n]) for n in found if n.startswith("vision."))
    assert "mask_decoder" not in same
    with pytest.raises(ModelError, match="vision encoder of tiny does not fit"):
        build_starting_model("small", "change_aware", Pretrained(vision="tiny"))


def test_a_run_does_not_change_frozen_submodules(root: Path, tmp_path: Path) -> None:
    others = "language,intent_head,intent_token,projector,mask_decoder"
    path = fit("stage1", root, tmp_path, 2, "--model.freeze", f"[vision,{others}]")
    start = build_starting_model(
        "tiny", "change_aware", Pretrained(imagenet=True)
    ).vision.state_dict()
    end = torch.load(path, weights_only=True)["state_dict"]
    assert any(name.endswith("running_mean") for name in start)
    assert all(torch.equal(end[f"model.vision.{name}"], start[name]) for name in start)


def test_a_resumed_run_has_the_same_result(root: Path, tmp_path: Path) -> None:
    uninterrupted = fit("stage1", root, tmp_path / "uninterrupted", 4)
    halfway = tmp_path / "uninterrupted" / "step=2.ckpt"
    resumed = fit("stage1", root, tmp_path / "resumed", 4, "--ckpt_path", str(halfway))
    one, two = (torch.load(p, weights_only=True)["state_dict"] for p in (uninterrupted, resumed))
    for name, tensor in one.items():
        torch.testing.assert_close(tensor, two[name], atol=1e-5, rtol=1e-4, msg=name)


def test_training_with_composed_pairs(root: Path, tmp_path: Path) -> None:
    more = ("--model.weights", "null", "--data.composed", "0.8", "--data.composed_validation", "2")
    path = fit("stage2", root, tmp_path, 2, *more)
    assert torch.load(path, weights_only=True)["global_step"] == 2


def test_sentences_may_be_trained_in_every_second_batch(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[tuple[bool, bool]] = []

    def note(task: Stage2Task, *_: object) -> None:
        decoder, dense = task.model.mask_decoder, task.model.change_head
        trained.append(tuple(any(p.grad is not None and p.grad.any() for p in m.parameters())
                             for m in (decoder, dense)))  # fmt: skip

    monkeypatch.setattr(Stage2Task, "on_before_optimizer_step", note, raising=False)
    more = ("--model.weights", "null", "--model.sentences_every", "2")
    fit("stage2", root, tmp_path, 4, *more)
    assert trained == [(True, True), (False, True)] * 2


def test_export_refuses_other_files(tmp_path: Path) -> None:
    path = tmp_path / "x.ckpt"
    torch.save({"a": 1}, path)
    with pytest.raises(ModelError, match="is not a checkpoint"):
        export_checkpoint(path, tmp_path / "m", name="m", version="1", description="")


def test_warmup_then_cosine() -> None:
    shares = [warmup_cosine(step, 10, 100) for step in range(101)]
    assert shares[0] == pytest.approx(0.1)
    assert shares[9] == 1
    assert shares[-1] == pytest.approx(0.01)
    assert all(a >= b for a, b in pairwise(shares[9:]))


def test_dense_loss_accepts_either_direction_of_undirected_change() -> None:
    label = torch.zeros(1, 8, 8, dtype=torch.uint8)
    label[:, :4] = 3
    label[:, 6:] = 255
    certain = torch.full((1, 3, 8, 8), -20.0)
    certain[:, 0, 4:] = 20
    for direction in (1, 2):
        correct = certain.clone()
        correct[:, direction, :4] = 20
        assert dense_change_loss(correct, label) < 0.02
    wrong = certain.clone()
    wrong[:, 0, :4] = 20
    assert dense_change_loss(wrong, label) > 1


def test_mask_loss_ignores_unknown_pixels() -> None:
    masks = torch.zeros(2, 8, 8, dtype=torch.bool)
    masks[0, :4] = True
    known = torch.ones_like(masks)
    known[:, :, 6:] = False
    logits = torch.where(masks, 20.0, -20.0)
    assert mask_loss(logits, masks, known) < 1e-3
    unknown_wrong = torch.where(known, logits, -logits)
    torch.testing.assert_close(
        mask_loss(unknown_wrong, masks, known), mask_loss(logits, masks, known)
    )
    assert mask_loss(-logits, masks, known) > 10


def test_land_cover_loss_uses_known_classes() -> None:
    before = torch.full((1, 8, 8), 255, dtype=torch.uint8)
    after = before.clone()
    before[:, :4], after[:, :4] = 2, 0  # vegetation became a building
    after[:, 6:] = 0  # a building appeared; the class before is unknown
    correct = torch.full((1, 2, 6, 8, 8), -20.0)
    correct[:, 0, 2], correct[:, 1, 0] = 20, 20
    assert land_cover_loss(correct, before, after) < 1e-3
    building_before = correct.clone()
    building_before[:, 0, :, 6:] = -20
    building_before[:, 0, 0, 6:] = 20  # "building before" is wrong for any true class
    assert land_cover_loss(building_before, before, after) > 1
    elsewhere = correct.clone()
    elsewhere[..., 4:6, :] = torch.randn(2, 6, 2, 8)
    torch.testing.assert_close(
        land_cover_loss(elsewhere, before, after), land_cover_loss(correct, before, after)
    )
