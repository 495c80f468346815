"""Conversion of the release's weights, in each file format, into a model folder."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from torch import Tensor
from typer.testing import CliRunner

from mtrs_geo.cli import app
from mtrs_geo.errors import ModelError, OutputError
from mtrs_geo.models import load_model
from mtrs_geo.models.checkpoints.checkpoint import load_folder
from mtrs_geo.models.checkpoints.release import convert_release
from mtrs_geo.models.config import ModelConfig
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1

State = dict[str, Tensor]


def write(folder: Path, state: State, form: str) -> Path:
    """Write a folder as transformers would: whole or in two shards."""
    folder.mkdir(exist_ok=True)
    stem, suffix = ("model", "safetensors") if form.endswith("safetensors") else (
        "pytorch_model", "bin")  # fmt: skip
    save = save_file if suffix == "safetensors" else torch.save
    if not form.startswith("shards"):
        save(state, folder / f"{stem}.{suffix}")
        return folder
    names = sorted(state)
    parts = (names[::2], names[1::2])
    files = [f"{stem}-0000{i}-of-00002.{suffix}" for i in (1, 2)]
    for file, part in zip(files, parts, strict=True):
        save({n: state[n] for n in part}, folder / file)
    weight_map = {n: file for file, part in zip(files, parts, strict=True) for n in part}
    index = {"metadata": {}, "weight_map": weight_map}
    (folder / f"{stem}.{suffix}.index.json").write_text(json.dumps(index))
    return folder


@pytest.fixture
def release(tmp_path: Path, state: State, numbers: Tokenizer) -> Path:
    folder = write(tmp_path / "release", state, "bin")
    numbers.save(str(folder / "tokenizer.json"))
    return folder


@pytest.mark.parametrize("form", ["safetensors", "bin", "shards safetensors", "shards bin"])
def test_the_converted_model_gives_the_same_masks(
    form: str, tmp_path: Path, state: State, numbers: Tokenizer, config: ModelConfig,
    source: MTRefSegR1,
) -> None:  # fmt: skip
    folder = write(tmp_path / "release", state, form)
    numbers.save(str(folder / "tokenizer.json"))
    convert_release(folder, tmp_path / "out", config)
    converted = load_model(tmp_path / "out", "cpu")
    pairs = np.random.default_rng(0).integers(0, 255, (1, 2, 3, 64, 64), dtype=np.uint8)
    probability = converted.predict_tiles(pairs, ["20 21 22"])
    with torch.no_grad():
        images = torch.from_numpy(pairs).float()
        encoded = source.encode(images[:, 0], images[:, 1])
        logits = source.decode(encoded, source.embed(["20 21 22"])).masks[-1]
    expected = torch.nn.functional.interpolate(logits[:, None], size=(64, 64), mode="bilinear")
    np.testing.assert_allclose(probability, expected.sigmoid().numpy(), atol=1e-5)


def test_any_change_is_mapped_to_a_sentence(
    release: Path, tmp_path: Path, config: ModelConfig
) -> None:
    """The release has no dense change head, and an untrained one must not be used."""
    convert_release(release, tmp_path / "out", config)
    model = load_model(tmp_path / "out", "cpu")
    image = np.random.default_rng(0).integers(0, 255, (2, 64, 64, 3), dtype=np.uint8)
    text = model.any_change_text
    empty, sentence = (model.predict(*image, [t]) for t in ("", text))
    np.testing.assert_array_equal(empty, sentence)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("unknown", "not tensors of the release: something.else, something.more"),
        ("missing", r"missing mask_decoder\.level_embedding\.weight"),
        ("shape", r"other shape projector\.norm\.weight \(2, 2\) for \(64,\)"),
    ],
)
def test_mismatches_are_listed(
    damage: str, message: str, release: Path, state: State, tmp_path: Path, config: ModelConfig
) -> None:
    if damage == "unknown":
        state |= {"something.else": torch.zeros(1), "something.more": torch.zeros(1)}
    elif damage == "missing":
        del state["predictor.level_embed.weight"]
    else:
        state["d_layers.norm.weight"] = torch.zeros(2, 2)
    write(release, state, "bin")
    with pytest.raises(ModelError, match=message):
        convert_release(release, tmp_path / "out", config)
    assert not (tmp_path / "out").exists()


class _CodeInPickle:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path("was_run"),))


def test_a_pickle_with_code_is_refused(
    release: Path, tmp_path: Path, config: ModelConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (release / "pytorch_model.bin").write_bytes(pickle.dumps({"a": _CodeInPickle()}))
    with pytest.raises(ModelError, match="cannot be read as a file of tensors only"):
        convert_release(release, tmp_path / "out", config)
    assert not (tmp_path / "was_run").exists()


def test_missing_files_are_named(release: Path, tmp_path: Path, config: ModelConfig) -> None:
    (release / "pytorch_model.bin").rename(tmp_path / "backup.bin")
    with pytest.raises(ModelError, match="has no weights"):
        convert_release(release, tmp_path / "out", config)
    index = {"weight_map": {"a": "pytorch_model-00001-of-00002.bin"}}
    (release / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    with pytest.raises(ModelError, match="these shards are missing: pytorch_model-00001"):
        convert_release(release, tmp_path / "out", config)
    for damaged in (
        b"\xff\xfe",
        b"[]",
        b'{"weight_map": {"a": ["b"]}}',
        b'{"weight_map": {"a": 1}}',
    ):
        (release / "pytorch_model.bin.index.json").write_bytes(damaged)
        with pytest.raises(ModelError, match="is not an index of shards"):
            convert_release(release, tmp_path / "out", config)
    (release / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match="has no usable tokenizer"):
        convert_release(release, tmp_path / "out", config)


def test_a_tokenizer_of_another_model_is_refused(
    release: Path, tmp_path: Path, config: ModelConfig
) -> None:
    words = {str(i): i for i in range(400)}
    Tokenizer(WordLevel(words, unk_token="0")).save(str(release / "tokenizer.json"))
    with pytest.raises(ModelError, match="uses the id 399, but the language model has only 320"):
        convert_release(release, tmp_path / "out", config)


def test_the_command_line_keeps_an_existing_model(release: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "config.json").write_text("{}")
    done = convert(release, tmp_path / "out")
    assert done.returncode == 1
    assert "config.json exists.\nGive another name" in done.stderr


def test_a_folder_with_other_files_is_kept(
    release: Path, tmp_path: Path, config: ModelConfig
) -> None:
    notes = tmp_path / "out" / "notes.txt"
    notes.parent.mkdir()
    notes.write_text("mine")
    with pytest.raises(OutputError, match="out exists"):
        convert_release(release, tmp_path / "out", config)
    with pytest.raises(OutputError, match="is an input of this run"):
        convert_release(release, release, config, overwrite=True)
    assert notes.read_text() == "mine"
    assert [path.name for path in notes.parent.iterdir()] == ["notes.txt"]
    assert (release / "tokenizer.json").is_file()
    with pytest.raises(OutputError, match=r"holds notes\.txt, which this command does not write"):
        convert_release(release, tmp_path / "out", config, overwrite=True)
    assert notes.read_text() == "mine"
    notes.rename(notes.parent / "config.json")
    for _ in range(2):
        convert_release(release, tmp_path / "out", config, overwrite=True)
    assert load_folder(tmp_path / "out")


def test_the_command_line_names_a_missing_folder(tmp_path: Path) -> None:
    command = ["models", "convert", str(tmp_path / "nowhere"), str(tmp_path / "out")]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 1
    assert "nowhere is not a folder" in str(done.exception)
    assert not (tmp_path / "out").exists()


def convert(release: Path, out: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mtrs_geo.cli", "models", "convert", str(release), str(out)]
    return subprocess.run(command, capture_output=True, text=True, check=False)
