"""A model that a caller names or has loaded, with a device and a precision."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import mtrs_geo
from mtrs_geo.data.rendering.synthetic import PairPaths
from mtrs_geo.errors import ModelError, MTRSGeoError, OutputError, RequestError
from mtrs_geo.models import (
    BrightnessSegmenter,
    given_model,
    load_model,
    load_vocabulary,
    model_files,
    model_folder,
)
from mtrs_geo.models.catalog import WEIGHTS
from mtrs_geo.models.runtime.segmenter import Segmenter

LOADED = BrightnessSegmenter()


@pytest.mark.parametrize("load", [load_model, given_model, load_vocabulary])
@pytest.mark.parametrize("model", [None, 5, b"tiny", ["tiny"]])
def test_what_is_no_model_is_refused(load: Callable[[Any], object], model: object) -> None:
    with pytest.raises(ModelError, match=r"is not a model\. Give a name, such as tiny"):
        load(model)


def test_an_unknown_precision_is_refused() -> None:
    with pytest.raises(ModelError, match=r"no precision 'half'\. Give one of: float32, bfloat16"):
        load_model("brightness", precision="half")  # type: ignore[arg-type]


def test_a_loaded_model_keeps_its_device_and_precision() -> None:
    assert given_model(LOADED) is given_model(LOADED, "cpu") is LOADED
    for device in ("cuda:7", "nonsense"):
        with pytest.raises(ModelError, match=rf"device '{device}' has no effect .* with cpu") as e:
            given_model(LOADED, device)
        assert "give it to load_model" in e.value.advice
    for other in (None, 0, "c"):
        with pytest.raises(ModelError, match="has no effect on a model that is loaded with cpu"):
            given_model(LOADED, other)  # type: ignore[arg-type]
    assert given_model(LOADED, torch.device("cpu")) is LOADED  # type: ignore[arg-type]
    tiny = load_model("tiny", "cpu", "bfloat16")
    assert isinstance(tiny, Segmenter)
    assert given_model(tiny, "cpu", "bfloat16") is tiny
    with pytest.raises(ModelError, match=r"precision 'bfloat16' has no effect .* with float32"):
        given_model(LOADED, precision="bfloat16")


@pytest.mark.parametrize("device", [None, 1.5, "xla", "cuda:x"])
@pytest.mark.parametrize("model", ["brightness", "tiny"])
def test_a_device_that_is_none_is_refused_in_a_line(model: str, device: Any) -> None:
    with pytest.raises(ModelError, match="cannot be used on this machine") as error:
        load_model(model, device)
    assert "\n" not in error.value.message
    assert len(error.value.message) < 300


@pytest.mark.parametrize("model", ["x" * 300, "", "no\0name"])
def test_any_text_that_names_no_model_is_refused(model: str) -> None:
    for load in (load_model, load_vocabulary, model_files):
        with pytest.raises(ModelError, match="there is no model"):
            load(model)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a model folder that has the name of the bundled model."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(WEIGHTS / "tiny", "tiny")
    about = json.loads(Path("tiny/config.json").read_text("utf-8"))
    Path("tiny/config.json").write_text(json.dumps({**about, "version": "mine"}))
    return tmp_path


def test_a_path_of_a_model_folder_is_no_name(folder: Path) -> None:
    assert load_model("./tiny", "cpu").info.version == "mine"
    for path in (Path("tiny"), Path("./tiny")):
        found = load_model(path, "cpu").info
        assert (found.version, found.warnings, model_folder(path)) == ("mine", (), folder / "tiny")
    assert model_folder(Path("./tiny")) == model_folder(folder / "tiny")
    bundled = load_model("tiny", "cpu").info
    assert bundled.version != "mine"
    assert "give ./tiny." in bundled.warnings[0]
    shutil.rmtree("tiny")
    assert load_model(Path("tiny"), "cpu").info.version == bundled.version


def test_the_encoder_of_a_folder_with_the_name_of_a_model(folder: Path) -> None:
    bundled, mine = (
        load_model(f"anychange-like:{name}", "cpu").info for name in ("tiny", "./tiny")
    )
    assert "give anychange-like:./tiny." in bundled.warnings[0]
    assert (mine.version, mine.warnings) == ("1, encoder tiny mine", ())
    assert load_model("anychange-like", "cpu").info.warnings == ()
    with pytest.raises(ModelError, match="'anychange-like:' names no folder"):
        load_model("anychange-like:", "cpu")


def test_a_folder_in_the_home_directory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    for name in ("~/tiny", "anychange-like:~/tiny", Path("~/tiny")):
        assert load_model(name, "cpu").info.version.endswith("mine")
        assert model_files(name) == sorted((folder / "tiny").iterdir())
    assert load_vocabulary("~/tiny").classes


def test_what_is_no_folder_of_mtrs_geo_says_what_to_give(folder: Path) -> None:
    with pytest.raises(ModelError, match="is a file, and a model is a folder") as error:
        load_model("tiny/model.safetensors")
    assert "train export" in error.value.advice
    Path("tiny/config.json").write_text('{"model_type": "sam3"}')
    for load in (load_model, load_vocabulary):
        with pytest.raises(ModelError, match=r"of transformers, 'sam3'.*as in sam3:FOLDER"):
            load("./tiny")


def test_runs_check_what_they_are_given(pair_paths: PairPaths, tmp_path: Path) -> None:
    rasters = pair_paths.before, pair_paths.after
    for model in (5, None, lambda: 5):
        with pytest.raises(ModelError, match="is not a model"):
            mtrs_geo.detect_changes(*rasters, "x", model=model)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="device 'cuda:7' has no effect"):
        mtrs_geo.detect_changes(*rasters, "x", model=LOADED, device="cuda:7")
    with pytest.raises(ModelError, match="precision 'bfloat16' has no effect"):
        mtrs_geo.detect_changes(*rasters, "x", model=LOADED, precision="bfloat16")
    made = mtrs_geo.detect_changes(*rasters, "x", model=lambda: LOADED, device="nonsense")
    assert made.report.device == "cpu"  # the function chooses it


@pytest.mark.parametrize(
    ("changed", "kind", "message"),
    [
        (
            {"jobs": 5},
            RequestError,
            r"'5' \(int\) is not a table of jobs\. Give a file, a DataFrame",
        ),
        ({"jobs": None}, RequestError, "is not a table of jobs"),
        ({"output": None}, OutputError, r"'None' \(NoneType\) is not the folder of a batch"),
        ({"query": 5}, RequestError, r"'5' \(int\) is not a sentence or a list of them"),
        ({"query": b"new"}, RequestError, "is not a sentence"),
        ({"model": 5}, ModelError, "is not a model"),
        ({"model": LOADED, "device": "nonsense"}, ModelError, "device 'nonsense' has no effect"),
    ],
)
def test_batches_check_what_they_are_given(
    tmp_path: Path, changed: dict[str, Any], kind: type[MTRSGeoError], message: str
) -> None:
    jobs = [{"before": "a.tif", "after": "b.tif"}]
    given = {"jobs": jobs, "output": tmp_path / "out", "query": "new houses", **changed}
    with pytest.raises(kind, match=message):
        mtrs_geo.run_batch(**given)
    assert not list(tmp_path.iterdir())
