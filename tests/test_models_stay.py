"""No command replaces the folder of the model that it runs, nor a folder with other models."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mtrs_geo.benchmark.config import ModelEntry
from mtrs_geo.benchmark.predictions.write import write_predictions
from mtrs_geo.benchmark.sources import source_files
from mtrs_geo.benchmark.stress.run import run_stress
from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.data.split.writer import write_split
from mtrs_geo.errors import ModelError, OutputError
from mtrs_geo.evaluation import evaluate
from mtrs_geo.evaluation.calibrated_copy import calibrate
from mtrs_geo.models import model_files
from mtrs_geo.models.catalog import MODEL_FILES, WEIGHTS
from mtrs_geo.models.runtime.int8 import INT8_FILES
from mtrs_geo.models.runtime.quantize import quantize_model
from mtrs_geo.training.bundle.pack import pack_bundle
from mtrs_geo.training.compress.factorize import factorize_model
from mtrs_geo.training.finetune.finetune import finetune

Command = Callable[[Path, Path, Path], object]
"""Takes a split, a model and an output, and overwrites."""

COMMANDS: dict[str, Command] = {
    "evaluate": lambda data, model, out: evaluate(data, model=model, output=out, overwrite=True),
    "calibrate": lambda data, model, out: calibrate(data, out, model=model, overwrite=True),
    "benchmark write": lambda data, model, out: write_predictions(
        ModelEntry("m", str(model)), data, out, overwrite=True
    ),
    "benchmark stress": lambda data, model, out: run_stress(
        ModelEntry("m", str(model)), data, out, overwrite=True
    ),
    "finetune": lambda data, model, out: finetune(data, out, model=model, overwrite=True),
    "low-rank": lambda data, model, out: factorize_model(model, out, data, overwrite=True),
    "bundle": lambda data, model, out: pack_bundle(data, out, model=model, overwrite=True),
    "quantize": lambda _, model, out: quantize_model(model, lambda _: [], out, overwrite=True),
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data") / "split"
    images = np.zeros((2, 64, 64, 3), np.uint8)
    with write_split(root) as split:
        split.add(ReferringPair("a", *images, ("new roads",), np.ones((1, 64, 64), np.bool_)))
    return root


@pytest.fixture
def zoo(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        shutil.copytree(WEIGHTS / "tiny", tmp_path / "zoo" / name)
    return tmp_path / "zoo"


@pytest.mark.parametrize("output", ["a", ".", "b/.."])
@pytest.mark.parametrize("name", COMMANDS)
def test_the_model_of_a_run_is_not_replaced(name: str, output: str, zoo: Path, data: Path) -> None:
    before = {path: path.stat().st_ino for path in zoo.rglob("*")}
    with pytest.raises(OutputError, match="an input of this run, which would be replaced"):
        COMMANDS[name](data, zoo / "a", zoo / output)
    assert {path: path.stat().st_ino for path in zoo.rglob("*")} == before


@pytest.mark.parametrize("name", COMMANDS)
def test_folders_of_other_models_are_not_replaced(name: str, zoo: Path, data: Path) -> None:
    with pytest.raises(OutputError, match="which this command does not write"):
        COMMANDS[name](data, Path("tiny"), zoo)
    assert {path.name for path in (zoo / "b").iterdir()} == set(names(WEIGHTS / "tiny"))


def test_a_report_in_the_folder_of_its_model_is_replaced(zoo: Path, data: Path) -> None:
    for _ in range(2):
        evaluate(data, model=zoo / "a", output=zoo / "a" / "report", overwrite=True)
    assert names(zoo / "a" / "report") == ["cases.png", "samples.csv", "scores.json"]


def test_the_files_of_a_model_are_those_of_all_its_folders(
    zoo: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [path for name in ("a", "b") for path in sorted((zoo / name).iterdir())]
    assert model_files(f"grounding-dino+sam2:{zoo / 'a'},{zoo / 'b'}") == both
    assert model_files(f"anychange-like:{zoo / 'b'}") == sorted((zoo / "b").iterdir())
    monkeypatch.chdir(zoo)
    (zoo / "a").rename("tiny")  # the bundled model of this name comes first
    assert model_files("tiny") == sorted((WEIGHTS / "tiny").iterdir())
    assert model_files("cva") == model_files("brightness") == []
    with pytest.raises(ModelError, match="there is no model"):
        model_files("sam3-tiny")


def test_a_model_of_a_benchmark_may_be_a_folder_of_predictions_or_no_model(data: Path) -> None:
    entries = [ModelEntry("m", m) for m in (f"predictions:{data}", "oracle", "python:own:model")]
    assert [source_files(entry) for entry in entries] == [[data], [], []]


def test_the_files_of_a_model_folder_are_known(tmp_path: Path) -> None:
    for name in ("tokenizer.json", *INT8_FILES, *names(WEIGHTS / "tiny")):
        (tmp_path / name).touch()
    found = {path for pattern in MODEL_FILES for path in tmp_path.glob(pattern)}
    assert found == set(tmp_path.iterdir())


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
