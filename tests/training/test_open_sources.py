"""Scene sets by name, validation without LEVIR, and the configuration of open sources."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import Timer
from PIL import Image

from mtrs_geo.data.datasets.scenes import is_held_out_scene
from mtrs_geo.data.sampling.datamodule import ChangeDataModule
from mtrs_geo.data.sampling.source_weights import SourceWeights
from mtrs_geo.errors import RasterError, RequestError
from mtrs_geo.models.catalog import WEIGHTS
from mtrs_geo.models.checkpoints.checkpoint import load_folder
from mtrs_geo.training.bundle.pack import pack_bundle
from mtrs_geo.training.main import train
from mtrs_geo.training.model_loading import Pretrained, build_starting_model
from mtrs_geo.training.run_config import CONFIGS, config_for_run, read_config
from mtrs_geo.training.tasks.stage1 import Stage1Task

OPEN = ["dubai", "china_buildings", "oam_buildings"]
BUILDINGS = SourceWeights(0, 0, 0, 0, buildings=0.5, oam_buildings=0.5)


@pytest.fixture(scope="module")
def open_root(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root with the sources of tiny_open alone."""
    folder = tmp_path_factory.mktemp("open")
    shutil.copytree(root / "geo", folder / "geo")
    for name in OPEN[1:]:
        shutil.copytree(root / "scenes" / name, folder / "scenes" / name)
    names = [f"s{i}" for i in range(100)]
    held_out = next(n for n in names if is_held_out_scene("dubai", n))
    kept = next(n for n in names if not is_held_out_scene("dubai", n))
    rng = np.random.default_rng(1)
    for name in (kept, held_out):
        for part, pixels in (
            ("images", rng.integers(0, 255, (80, 80, 3), dtype=np.uint8)),
            ("labels", np.where(np.arange(80) < 30, 2, 4)[None].repeat(80, 0).astype(np.uint8)),
        ):
            path = folder / "scenes/dubai" / part / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(path)
    return folder


def test_only_the_named_scene_sets_are_read(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(root, folder)
    named = ["czech", "china_buildings", "oam_buildings"]
    data = ChangeDataModule(
        str(folder), crop_px=64, composed=0.5, source_weights=BUILDINGS, scene_sets=named
    )
    data.setup("fit")
    assert data.sources is not None
    assert data.sources.composer is not None
    assert {s.source for s in data.sources.composer.library.scenes} == {"czech", "china_buildings"}
    assert len(data.sources.scenes) == 2
    before = data.fingerprint()
    (folder / "scenes/austin/labels/s.png").unlink()
    assert data.fingerprint() == before, "austin is not named"
    (folder / "scenes/oam_buildings/labels/s.png").unlink()
    assert data.fingerprint() != before


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["dubay"], "unknown names: dubay"),
        ([], "no name"),
        (["dubai", "oam_buildings"], "pasted buildings need one of .*czech"),
        (["czech"], "oam_buildings need one of the scene sets oam_buildings"),
    ],
)
def test_names_that_cannot_be_used_are_refused(names: list[str], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        ChangeDataModule("data", source_weights=BUILDINGS, scene_sets=names)


def test_composed_pairs_need_a_named_set_of_theirs() -> None:
    weights = SourceWeights(0, 0, 0, 0, 0, oam_buildings=1)
    with pytest.raises(RequestError, match="composed pairs need one of") as error:
        ChangeDataModule("d", composed=0.5, source_weights=weights, scene_sets=["oam_buildings"])
    assert "composed and composed_validation to 0" in error.value.advice


def test_a_named_set_that_is_missing_is_an_error(root: Path, open_root: Path) -> None:
    unchanged = SourceWeights(0, 0, 1, 0, 0)
    data = ChangeDataModule(
        str(root), composed=0.5, source_weights=unchanged, scene_sets=["czech", "dubai"]
    )
    with pytest.raises(RasterError, match="no scene set dubai, which scene_sets names"):
        data.setup("fit")
    data = ChangeDataModule(
        str(open_root), source_weights=SourceWeights(0, 0, 0, 0, 1), scene_sets=["sweden"]
    )
    with pytest.raises(RasterError, match="no scene set sweden, which scene_sets names"):
        data.setup("fit")
    data = ChangeDataModule(
        str(open_root / "geo"), source_weights=SourceWeights(0, 0, 0, 0, 0, oam_buildings=1),
        scene_sets=["oam_buildings"],
    )  # fmt: skip
    with pytest.raises(RasterError, match="no scene set oam_buildings"):
        data.setup("fit")


@pytest.mark.parametrize(("count", "line"), [(3, "3 composed pairs alone"), (0, "nothing is")])
def test_validation_without_levir(
    open_root: Path, count: int, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    data = ChangeDataModule(
        str(open_root), crop_px=64, composed_validation=count,
        source_weights=SourceWeights(0, 0, 1, 0, 0), scene_sets=["dubai"],
    )  # fmt: skip
    with caplog.at_level(logging.INFO):
        data.setup("fit")
    assert line in caplog.text
    assert "has no pairs/levir" in caplog.text
    loader = data.val_dataloader()
    assert len(loader.dataset if count else loader) == count


def test_levir_with_a_weight_must_exist(open_root: Path) -> None:
    data = ChangeDataModule(str(open_root), source_weights=SourceWeights(1, 0, 0, 0, 0))
    with pytest.raises(RasterError, match="levir"):
        data.setup("fit")


@pytest.mark.parametrize("count", ["2", "0"])
def test_the_open_configuration_trains_without_other_sources(
    count: str, open_root: Path, mini: dict[str, list[str]], tmp_path: Path
) -> None:
    config = config_for_run(read_config("tiny_open"), tmp_path / "run", 2)
    (tmp_path / "run.yaml").write_text(yaml.safe_dump(config))
    train("stage2", [
        "fit", "--config", str(tmp_path / "run.yaml"), "--data.root", str(open_root), *mini["tiny"],
        "--data.crop_px", "64", "--data.batch_size", "2", "--data.composed_validation", count,
        "--data.source_weights.rendered", "0", "--trainer.accelerator", "cpu",
        "--trainer.enable_progress_bar", "false", "--model.imagenet", "false",
    ])  # fmt: skip
    state = torch.load(tmp_path / "run/last.ckpt", weights_only=True)
    assert state["global_step"] == 2
    assert (tmp_path / "run/samples.png").exists() == (count != "0")


def test_the_open_configuration_reads_open_sources_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = str(CONFIGS / "tiny_open.yaml")
    with pytest.raises(SystemExit) as exit_info:
        train("stage2", ["fit", "--config", path, "--data.root", "D", "--print_config"])
    assert exit_info.value.code == 0
    resolved = yaml.safe_load(capsys.readouterr().out)
    assert resolved["trainer"]["max_steps"] % resolved["trainer"]["val_check_interval"] == 0
    recipe = read_config("tiny_open")["data"]
    recipe["source_weights"] = SourceWeights(**recipe["source_weights"])
    data = ChangeDataModule("D", **recipe)
    read = {"geo/california_trees", *(f"scenes/{name}" for name in OPEN)}
    assert set(data._folders()) - {"pairs/levir"} == read
    weights = data.source_weights
    assert weights.levir == weights.same_date == 0, "pairs/levir is read for validation alone"


def test_the_learning_rate_follows_the_clock_of_max_time(mini: dict[str, list[str]]) -> None:
    def rate(elapsed_s: float, steps: int) -> float:
        trainer = Trainer(
            accelerator="cpu", max_steps=1000, max_time={"seconds": 100}, logger=False,
            enable_checkpointing=False,
        )  # fmt: skip
        timer = next(c for c in trainer.callbacks if isinstance(c, Timer))
        timer.load_state_dict({"time_elapsed": {"train": elapsed_s}})
        task = Stage1Task(preset=mini["tiny"][1], imagenet=False, lr=1.0)
        task.trainer = trainer
        schedule = task.configure_optimizers()["lr_scheduler"]["scheduler"]
        return float(schedule.lr_lambdas[1](steps))

    assert rate(0, 500) == pytest.approx(rate(50, 0), abs=0.01)
    assert rate(99, 0) < 0.02 < rate(50, 100)


def test_a_bundle_of_open_sources_starts_from_imagenet_and_keeps_held_out_scenes(
    open_root: Path, tmp_path: Path
) -> None:
    pack_bundle(open_root, tmp_path / "bundle", config="tiny_open")
    start = load_folder(tmp_path / "bundle/start")[0].state_dict()
    new = build_starting_model("tiny", "change_aware", Pretrained(imagenet=True)).state_dict()
    vision = [name for name in new if name.startswith("vision.") and new[name].ndim]
    assert all(torch.equal(start[n], new[n].half().float()) for n in vision)
    tiny = load_folder(WEIGHTS / "tiny")[0].state_dict()
    assert not torch.equal(start["change_head.weight"], tiny["change_head.weight"])
    packed = {path.stem for path in (tmp_path / "bundle/data/scenes/dubai/labels").iterdir()}
    assert any(is_held_out_scene("dubai", name) for name in packed)
