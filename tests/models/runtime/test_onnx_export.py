"""The exported graph gives the results of the model in another runtime."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from mtrs_geo.errors import MissingExtraError, ModelError
from mtrs_geo.models import load_model
from mtrs_geo.models.runtime.onnx_export import export_onnx

TEXTS = ["", "new houses in the top left", "demolished buildings"]
HAS_ONNX = all(importlib.util.find_spec(n) for n in ("onnx", "onnxscript", "onnxruntime"))


@pytest.mark.skipif(not HAS_ONNX, reason="the extra onnx is not installed")
def test_the_graph_gives_the_results_of_the_model(tmp_path: Path) -> None:
    import onnxruntime

    path = tmp_path / "tiny.onnx"
    export_onnx("tiny", path, TEXTS, 96)
    assert [p.name for p in tmp_path.iterdir()] == ["tiny.onnx"]
    session = onnxruntime.InferenceSession(path)
    assert json.loads(session.get_modelmeta().custom_metadata_map["texts"]) == TEXTS
    coarse = np.random.default_rng(0).integers(0, 255, (3, 2, 3, 12, 12), dtype=np.uint8)
    pairs = coarse.repeat(8, -1).repeat(8, -2)
    expected = load_model("tiny", "cpu").predict_tiles(pairs, TEXTS)
    for count in (1, 3):
        output = session.run(None, {"images": pairs[:count].astype(np.float32)})[0]
        np.testing.assert_allclose(output, expected[:count], atol=1e-3)


@pytest.mark.skipif(not HAS_ONNX, reason="the extra onnx is not installed")
def test_wrong_sizes_and_models_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"tile_px 100 is not a multiple of 32\. Use 128"):
        export_onnx("tiny", tmp_path / "x.onnx", [""], 100)
    with pytest.raises(ModelError, match="has no network"):
        export_onnx("brightness", tmp_path / "x.onnx", [""])


@pytest.mark.skipif(HAS_ONNX, reason="the extra onnx is installed")
def test_a_missing_package_is_named_with_its_pip_line(tmp_path: Path) -> None:
    with pytest.raises(MissingExtraError, match=r"pip install 'mtrs-geo\[onnx\]'"):
        export_onnx("tiny", tmp_path / "x.onnx", [""])
