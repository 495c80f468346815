"""The exported graph gives the results of the model in another runtime."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from mtrs_geo.errors import MissingExtraError, ModelError, OutputError, QueryError
from mtrs_geo.models import BrightnessSegmenter, IntentReading, load_model
from mtrs_geo.models.catalog import WEIGHTS
from mtrs_geo.models.checkpoints.checkpoint import new_model, save_folder
from mtrs_geo.models.config import ModelConfig
from mtrs_geo.models.runtime.fixed_sentences import fixed_sentences
from mtrs_geo.models.runtime.onnx_export import export_onnx
from mtrs_geo.models.vocabulary import read_vocabulary

TEXTS = ["", "new houses in the top left", "demolished buildings"]
HAS_ONNX = all(importlib.util.find_spec(n) for n in ("onnx", "onnxscript", "onnxruntime"))


@pytest.fixture
def folder(shrunk: Callable[[str], ModelConfig], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model with every submodule of the bundled tiny; each layer takes seconds."""
    config = shrunk("tiny")
    config = replace(
        config, ground_head=True, upsampling_width=8, hysteresis_gain=1.0, hysteresis_px=8,
        hysteresis_seed=0.5,
        mask_decoder=replace(config.mask_decoder, layers=1),
    )  # fmt: skip
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("model")
    save_folder(new_model(config).eval(), folder, {"name": "mine", "version": "1"})
    return folder


@pytest.mark.skipif(not HAS_ONNX, reason="the extra onnx is not installed")
def test_the_graph_gives_the_results_of_the_model(folder: Path, tmp_path: Path) -> None:
    import onnxruntime

    path = tmp_path / "mine.onnx"
    export_onnx(folder, path, TEXTS, 96, raw=True)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.onnx"]
    session = onnxruntime.InferenceSession(path)
    assert json.loads(session.get_modelmeta().custom_metadata_map["texts"]) == TEXTS
    coarse = np.random.default_rng(0).integers(0, 255, (3, 2, 3, 12, 12), dtype=np.uint8)
    pairs = coarse.repeat(8, -1).repeat(8, -2)
    expected = load_model(folder, "cpu").predict_tiles(pairs, TEXTS)
    assert min(expected.std((0, 2, 3))) > 0.01
    assert np.abs(np.diff(expected, axis=1)).max() > 0.01
    for count in (1, 3):
        output = session.run(None, {"images": pairs[:count].astype(np.float32)})[0]
        np.testing.assert_allclose(output, expected[:count], atol=1e-3)


@pytest.mark.skipif(not HAS_ONNX, reason="the extra onnx is not installed")
def test_a_file_of_the_model_is_not_replaced(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    for path in before:
        with pytest.raises(OutputError, match="is a file of the model"):
            export_onnx(folder, path, [""], 32)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.skipif(not HAS_ONNX, reason="the extra onnx is not installed")
def test_layers_that_torch_cannot_export_are_an_error(
    shrunk: Callable[[str], ModelConfig], tmp_path: Path
) -> None:
    torch.manual_seed(0)
    save_folder(new_model(shrunk("rmsin-like")), tmp_path / "rmsin", {})
    with pytest.raises(ModelError, match="rmsin has layers of the preset rmsin-like that torch"):
        export_onnx(tmp_path / "rmsin", tmp_path / "rmsin.onnx", ["new houses"], 32, raw=True)
    assert [path.name for path in tmp_path.iterdir()] == ["rmsin"]


@pytest.mark.skipif(not HAS_ONNX, reason="the extra onnx is not installed")
def test_wrong_sizes_and_models_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"tile_px 100 is not a multiple of 32\. Use 128"):
        export_onnx("tiny", tmp_path / "x.onnx", [""], 100)
    with pytest.raises(ModelError, match="has no network"):
        export_onnx("brightness", tmp_path / "x.onnx", [""])


@pytest.mark.skipif(not HAS_ONNX, reason="the extra onnx is not installed")
@pytest.mark.parametrize("side", [-256, 0, -1])
def test_a_side_that_is_not_positive_is_refused(side: int, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=rf"tile_px {side} is not a multiple of 32\. Use 32"):
        export_onnx("tiny", tmp_path / "x.onnx", [""], side)


class Reader(BrightnessSegmenter):
    """A model of the bundled vocabulary, whose intent head reads "felled trees" as new ones."""

    info = replace(BrightnessSegmenter.info, knows=read_vocabulary(WEIGHTS / "tiny"))

    def read_intents(self, sentences: Sequence[str]) -> list[IntentReading]:
        is_new = sentences[0] == "felled trees"
        return [IntentReading({}, {"vegetation": float(is_new), "building": float(not is_new)})]


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("", ""), ("what changed?", ""), ("new buildings", "new buildings"),
        ("neue Gebäude", "new buildings"), ("felled trees", "removed vegetation"),
    ],
)  # fmt: skip
def test_a_graph_is_asked_what_a_run_would_be_asked(text: str, prompt: str) -> None:
    (question,) = fixed_sentences([text], Reader())
    assert question.query.prompt == prompt


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("solar panels", "'solar panels' is not answered: 'solar panels' is not known"),
        ("the largest new building in the north", "'in the north' and 'the largest'"),
        ("new buildings near the road", "'within 50 m of the road'"),
        ("new buildings since 2016", "'since 2016'"),
        ("how many new buildings are there?", "without numbers"),
        ("unchanged buildings", "without unchanged ground"),
        ("new roads and demolished houses", r"asks for 2 changes: .*Give each as a sentence"),
    ],
)
def test_what_a_graph_cannot_answer_is_refused(text: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        fixed_sentences(["new buildings", text], Reader())
    (_, question) = fixed_sentences(["new buildings", text], Reader(), raw=True)
    assert question.query.prompt == text


@pytest.mark.skipif(HAS_ONNX, reason="the extra onnx is installed")
def test_a_missing_package_is_named_with_its_pip_line(tmp_path: Path) -> None:
    with pytest.raises(MissingExtraError, match=r"pip install 'mtrs-geo\[onnx\]'"):
        export_onnx("tiny", tmp_path / "x.onnx", [""])
