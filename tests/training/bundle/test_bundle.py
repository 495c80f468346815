"""A training bundle: packed from a data root, and trained without this package's dependencies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from tokenizers import Tokenizer

from mtrs_geo.errors import ModelError, OutputError, RasterError, RequestError
from mtrs_geo.models.catalog import WEIGHTS
from mtrs_geo.models.checkpoints.checkpoint import load_folder, save_folder
from mtrs_geo.outputs import refuse_foreign
from mtrs_geo.training.bundle.pack import _CONTENTS, PackedBundle, pack_bundle
from mtrs_geo.training.bundle.run import BundleRun, main, train_bundle
from mtrs_geo.training.bundle.text_encoder import (
    pack_text_encoder,
    token_ids,
    unpack_text_encoder,
)

_WITHOUT_EXTRAS = """
import runpy, sys
blocked = {"torchgeo", "rasterio", "geopandas", "pyogrio", "fiona", "jsonargparse", "openvino"}
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in blocked:
            raise ImportError(f"{name} is not installed")
sys.meta_path.insert(0, Blocker())
sys.path[:] = [p for p in sys.path if p not in ("", sys.argv[1])]
sys.argv = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture(scope="module")
def bundle(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PackedBundle]:
    folder = tmp_path_factory.mktemp("packed") / "bundle"
    return folder, pack_bundle(root, folder)


def test_rasters_of_others_are_no_files_of_a_bundle(tmp_path: Path) -> None:
    (tmp_path / "data" / "area").mkdir(parents=True)
    (tmp_path / "data" / "area" / "before.tif").touch()
    with pytest.raises(OutputError, match=r"before\.tif, which this command does not write"):
        refuse_foreign(tmp_path, _CONTENTS)


def test_pictures_that_training_refuses_are_not_packed(tmp_path: Path) -> None:
    for part, dtype in (("A", np.uint16), ("B", np.uint8)):
        (tmp_path / "pairs/levir" / part).mkdir(parents=True)
        Image.fromarray(np.full((8, 8), 200, dtype)).save(tmp_path / f"pairs/levir/{part}/a.png")
    with pytest.raises(RasterError, match=r"A.a\.png has values of more than 8 bits"):
        pack_bundle(tmp_path, tmp_path / "b", config="tiny_stage2")
    (tmp_path / "pairs/levir/A/a.png").write_bytes(b"no picture")
    with pytest.raises(RasterError, match=r"A.a\.png cannot be read as an image"):
        pack_bundle(tmp_path, tmp_path / "b", config="tiny_stage2")
    assert not (tmp_path / "b").exists()


def test_notes_beside_an_earlier_result_are_refused_before_the_training(
    bundle: tuple[Path, PackedBundle], tmp_path: Path
) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"holds notes\.txt, which this command does not write"):
        train_bundle(bundle[0], BundleRun(minutes=0.01, output=tmp_path))


def test_the_packed_folder_has_every_source_and_no_held_out_scene_of_training(
    bundle: tuple[Path, PackedBundle], root: Path
) -> None:
    folder, packed = bundle
    refuse_foreign(folder, _CONTENTS)  # it may be packed again
    assert packed.megabytes < 60
    assert (packed.quality, packed.share) == (82, 1.0)
    data = folder / "data"
    assert len(list(data.rglob("*.webp"))) == packed.pictures
    for name in ("pairs/levir/A/levir_20.webp", "pairs/levir_classes/after/levir_11.png",
                 "pairs/guangzhou_direction/components.json", "scenes/oam_buildings/labels/s.png",
                 "geo/california_trees/long_beach/long_beach_2016_1.webp"):  # fmt: skip
        assert (data / name).is_file(), name
    assert not list(data.glob("scenes/czech/*/s5.*")), "a held-out scene"
    original = np.asarray(Image.open(root / "pairs/levir/A/levir_11.jpg")).astype(int)
    picture = np.asarray(Image.open(data / "pairs/levir/A/levir_11.webp")).astype(int)
    assert np.abs(picture - original).mean() < 40  # random pixels are the worst case


def test_a_folder_that_would_be_too_large_is_refused_and_not_written(
    root: Path, tmp_path: Path
) -> None:
    with pytest.raises(RequestError, match="30 are allowed") as error:
        pack_bundle(root, tmp_path / "b", max_mb=30)
    assert "--share" in error.value.advice
    with pytest.raises(RequestError, match="share is 0"):
        pack_bundle(root, tmp_path / "b", share=0)
    with pytest.raises(RequestError, match="max_mb is nan"):
        pack_bundle(root, tmp_path / "b", max_mb=float("nan"))
    assert not list(tmp_path.iterdir())


def test_a_data_root_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RasterError, match=r"no_data has no picture of the sources of tiny_stage2"):
        pack_bundle(tmp_path / "no_data", tmp_path / "b")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "config", ["nosuch", "ablations", "tiny_intent", "tiny_stage1", "tiny_stage2_pairs"]
)
def test_a_configuration_of_another_stage_is_refused(
    config: str, root: Path, tmp_path: Path
) -> None:
    with pytest.raises(RequestError, match=f"'{config}' is not a configuration") as error:
        pack_bundle(root, tmp_path / "b", config=config)
    for name in ("tiny_open", "tiny_stage2_ground", "small_stage2", "lavt-like_stage2"):
        assert name in error.value.advice
    assert not list(tmp_path.iterdir())


def test_the_packed_text_encoder_has_nearly_the_same_weights(tmp_path: Path) -> None:
    tokenizer = Tokenizer.from_file(str(WEIGHTS / "minilm.json"))
    rows = token_ids(tokenizer, ["new roads", "ponds that dried up"])
    assert set(tokenizer.encode("roads").ids) <= set(rows)
    source = WEIGHTS / "minilm.safetensors"
    pack_text_encoder(source, tmp_path / "packed", rows)
    unpack_text_encoder(tmp_path / "packed", tmp_path / "whole", 30522)
    expected, found = load_file(source), load_file(tmp_path / "whole")
    assert expected.keys() == found.keys()
    for name, tensor in expected.items():
        assert found[name].shape == tensor.shape
        kept = slice(None) if "word_embeddings" not in name else rows
        largest = tensor[kept].float().abs().max()
        torch.testing.assert_close(
            found[name][kept].float(), tensor[kept].float(), rtol=0, atol=float(largest) / 100
        )
    assert (tmp_path / "packed").stat().st_size < 13e6


@pytest.mark.parametrize("pool_mb", ["0", "5"])
def test_training_runs_for_the_time_given_and_continues_from_the_last_model(
    bundle: tuple[Path, PackedBundle], tmp_path: Path, pool_mb: str
) -> None:
    folder, _ = bundle
    recipe = json.loads((folder / "recipe.json").read_text())
    recipe["data"]["source_weights"]["rendered"] = 0  # rendering takes seconds
    (folder / "recipe.json").write_text(json.dumps(recipe))
    model, facts = load_folder(WEIGHTS / "tiny")
    with torch.no_grad():
        model.change_head.bias += 1
    save_folder(model, tmp_path / "out/model", {n: v for n, v in facts.items() if n != "sha256"})
    command = [
        sys.executable, "-c", _WITHOUT_EXTRAS, str(Path(__file__).parents[3]),
        str(folder / "train.py"), "--minutes", "0.01", "--output", str(tmp_path / "out"),
        "--batch-size", "1", "--crop-px", "64", "--workers", "0", "--validation-batches", "1",
        "--heads-only", "--pool-mb", pool_mb,
    ]  # fmt: skip
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["steps"] >= 1
    assert figures["crops_per_s"] > 0
    assert "val_iou" in figures
    assert 0 <= figures["waiting"] <= 1
    assert ("pool_age_s" in figures) == (pool_mb != "0")
    trained = load_folder(tmp_path / "out/model")[0]
    assert trained.ground_head is not None
    before, after = model.state_dict(), trained.state_dict()
    changed = {
        n.split(".")[0] for n, t in before.items() if not torch.equal(t.half(), after[n].half())
    }
    assert "mask_decoder" in changed
    assert not changed & {"vision", "fusion", "pixel_decoder", "change_head", "intent_head"}


@pytest.mark.parametrize("size", ["-1", "nan", "much"])
def test_a_pool_size_that_is_no_number_is_refused(
    size: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["train.py", "--minutes", "1", "--output", str(tmp_path), "--pool-mb", size]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit):
        main(tmp_path)
    assert "argument --pool-mb" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--minutes", "0"), ("--minutes", "nan"), ("--lr", "-1"), ("--lr", "nan"),
        ("--batch-size", "-8"), ("--workers", "-1"), ("--crop-px", "-1"), ("--seed", "-1"),
        ("--validation-batches", "-1"),
    ],
)  # fmt: skip
def test_numbers_that_cannot_be_trained_with_are_refused(
    option: str, value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    command = ["train.py", "--minutes", "1", "--output", str(tmp_path), option, value]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as end:
        main(tmp_path)
    assert end.value.code == 2
    assert f"argument {option}: {value} is not a number" in capsys.readouterr().err


def test_a_training_that_diverges_ends_at_once(
    bundle: tuple[Path, PackedBundle], tmp_path: Path
) -> None:
    run = BundleRun(
        1.0, tmp_path, heads_only=True, batch_size=1, workers=0, crop_px=64, lr=1e30,
        validation_batches=1,
    )  # fmt: skip
    with pytest.raises(ModelError, match=r"the loss is no longer a number after \d+ steps"):
        train_bundle(bundle[0], run)
    assert not (tmp_path / "model").exists()


def test_errors_are_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        msg = "the pool has no room."
        raise RequestError(msg, advice="Give another --pool-mb, or auto.")

    monkeypatch.setattr("mtrs_geo.training.bundle.run.train_bundle", fail)
    monkeypatch.setattr(sys, "argv", ["train.py", "--minutes", "1", "--output", str(tmp_path)])
    with pytest.raises(SystemExit) as end:
        main(tmp_path)
    assert end.value.code == "the pool has no room. Give another --pool-mb, or auto."
