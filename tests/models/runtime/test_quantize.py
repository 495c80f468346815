"""A model with an encoder of eight bits: made from rasters, loaded, refused where it is damaged."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import Result
from typer.testing import CliRunner

from mtrs_geo.cli import app
from mtrs_geo.data.rendering.synthetic import PairPaths
from mtrs_geo.errors import ModelError, OutputError
from mtrs_geo.models import load_model
from mtrs_geo.models.checkpoints.checkpoint import new_model, save_folder
from mtrs_geo.models.config import ModelConfig
from mtrs_geo.models.runtime.openvino import OpenVinoSegmenter

pytest.importorskip("nncf", reason="the extra int8 is not installed")
SIDE = 64


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def folder(shrunk: Callable[[str], ModelConfig], tmp_path_factory) -> Path:
    torch.manual_seed(3)
    path = tmp_path_factory.mktemp("int8") / "small"
    facts = {"name": "small", "version": "1", "description": "random"}
    save_folder(new_model(replace(shrunk("tiny"), tile_px=SIDE)).eval(), path, facts)
    return path


@pytest.fixture(scope="module")
def quantized(folder: Path, pair_paths: PairPaths) -> tuple[Path, dict]:
    output = folder.with_name("small_int8")
    rasters = pair_paths.before, pair_paths.after
    options = "--tiles", 24, "--json"
    result = invoke("models", "quantize", folder, *rasters, "-o", output, *options)
    assert result.exit_code == 0, result.exception
    return output, json.loads(result.stdout)


def test_the_encoder_is_quantized_and_the_answers_are_nearly_the_same(folder, quantized, rendered):
    output, figures = quantized
    assert (figures["tiles"], figures["compared"]) == (20, 4)
    model, original = load_model(output), load_model(folder, "openvino")
    assert isinstance(model, OpenVinoSegmenter)
    assert model.info.device == "openvino (int8 encoder)"
    assert model.info.weights_sha256.startswith(f"{original.info.weights_sha256}-int8-")
    graph = (output / "encoder_int8.xml").read_text()
    assert "FakeQuantize" in graph or 'element_type="i8"' in graph
    dates = [date[100 : 100 + SIDE, 50 : 50 + SIDE] for date in (rendered.before, rendered.after)]
    images = np.stack(dates).transpose(0, 3, 1, 2)[None]
    answers = [m.predict_tiles(images, ["", "new houses"]) for m in (model, original)]
    difference = np.abs(answers[0] - answers[1])
    assert 0 < difference.mean() < 0.05
    # PyTorch uses the weights, which are those of the original.
    np.testing.assert_array_equal(
        load_model(output, "cpu").predict_tiles(images, [""]),
        load_model(folder, "cpu").predict_tiles(images, [""]),
    )


def test_what_is_refused(folder, quantized, pair_paths, tmp_path):
    output, _ = quantized
    few, odd = tmp_path / "few", tmp_path / "odd"
    rasters = pair_paths.before, pair_paths.after

    def message(*arguments: object) -> str:
        return str(invoke("models", "quantize", *arguments).exception)

    assert "it needs 20" in message(folder, *rasters, "-o", few, "--tiles", 8)
    assert not few.exists()
    assert "pairs of before and after" in message(folder, pair_paths.before, "-o", odd)
    assert invoke("models", "quantize", folder, *rasters, "-o", odd, "--seed", -1).exit_code == 2
    assert "exists" in message(folder, *rasters, "-o", output)
    assert "quantized already" in message(output, *rasters, "-o", tmp_path / "again")


def test_the_output_is_checked_before_the_rasters_are_read_and_is_no_folder_of_theirs(
    folder, pair_paths, tmp_path, monkeypatch
):
    monkeypatch.setattr(
        "mtrs_geo.detect.sample_tiles.sample_tiles", lambda *_, **__: pytest.fail("tiles were read")
    )
    rasters = [tmp_path / "scene" / name for name in ("before.tif", "after.tif")]
    (tmp_path / "scene").mkdir()
    for source, path in zip((pair_paths.before, pair_paths.after), rasters, strict=True):
        path.write_bytes(Path(source).read_bytes())

    for output, options, message in (
        (tmp_path / "scene", (), "scene exists"),
        (tmp_path / "scene", ("--overwrite",), "an input of this run, which would be replaced"),
    ):
        result = invoke("models", "quantize", folder, *rasters, "-o", output, *options)
        assert isinstance(result.exception, OutputError)
        assert message in str(result.exception)
    assert all(path.is_file() for path in rasters)


@pytest.mark.parametrize("name", ["encoder_int8.bin", "encoder_int8.xml", "encoder_int8.json"])
def test_a_damaged_encoder_is_refused(quantized, tmp_path, name):
    output, _ = quantized
    for path in output.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-40])
    with pytest.raises(ModelError, match=r"encoder_int8\.json"):
        load_model(tmp_path, "openvino")


def test_an_encoder_of_other_weights_is_refused(folder, quantized, tmp_path):
    output, _ = quantized
    for path in [*folder.iterdir(), *output.glob("encoder_int8.*")]:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    model = new_model(
        ModelConfig.from_dict(json.loads((folder / "config.json").read_text())["model"])
    )
    save_folder(model, tmp_path, {"name": "other", "version": "1", "description": ""})
    with pytest.raises(ModelError, match="weights differs"):
        load_model(tmp_path, "openvino")


def test_openvino_reports_no_usage():
    code = (
        "import sys; from mtrs_geo.models.runtime.import_openvino import import_openvino as i; i();"
        "import openvino.tools.ovc as o; print(sys.modules['openvino_telemetry'], o.telemetry)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("None <openvino.tools.ovc.telemetry_stub.Telemetry")
