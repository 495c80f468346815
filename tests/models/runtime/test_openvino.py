"""OpenVINO gives the results of PyTorch, is selected by default, and caches converted models."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from mtrs_geo.data.rendering.synthetic import RenderedPair
from mtrs_geo.errors import MissingExtraError, ModelError
from mtrs_geo.models import ChangeSegmenter, LandCoverQuery, load_model
from mtrs_geo.models.catalog import WEIGHTS
from mtrs_geo.models.checkpoints.checkpoint import load_folder, new_model, save_folder
from mtrs_geo.models.config import ModelConfig
from mtrs_geo.models.runtime.fingerprint import fingerprint
from mtrs_geo.models.runtime.folding import fold_batch_norms
from mtrs_geo.models.runtime.openvino import LAYOUT, OpenVinoSegmenter
from mtrs_geo.types import UInt8Array

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("openvino") is None, reason="the extra openvino is not installed"
)
LONG = "all of the houses that one can see " + "very " * 12 + "clearly today but not before"
QUERIES = [
    "", "the buildings that appeared", LandCoverQuery("road"), "grass that became a road", LONG,
]  # fmt: skip


@pytest.fixture(scope="module")
def torch_model() -> ChangeSegmenter:
    return load_model("tiny", "cpu")


def blocks(pairs: int, rows: int, cols: int) -> UInt8Array:
    coarse = np.random.default_rng(7).integers(0, 255, (pairs, 2, 3, 32, 32), dtype=np.uint8)
    return coarse.repeat(8, -1).repeat(8, -2)[..., :rows, :cols]


def crops(rendered: RenderedPair, pairs: int, rows: int, cols: int) -> UInt8Array:
    """Return pairs (B, 2, 3, rows, cols) with changes."""
    dates = np.stack([rendered.before, rendered.after]).transpose(0, 3, 1, 2)
    return np.stack([dates[..., 99 * i :, 99 * i :][..., :rows, :cols] for i in range(pairs)])


@pytest.mark.parametrize(
    ("pairs", "rows", "cols"),
    [(3, 256, 256), (1, 250, 241), (2, 96, 256)],
    ids=["full tiles", "tiles to pad", "another size"],
)
def test_results_equal_those_of_pytorch(
    torch_model: ChangeSegmenter, rendered: RenderedPair, pairs: int, rows: int, cols: int
) -> None:
    images = crops(rendered, pairs, rows, cols)
    model = load_model("tiny", "openvino")
    expected = torch_model.predict_tiles(images, QUERIES)
    assert expected[:, 0].max() > 0.1
    np.testing.assert_allclose(model.predict_tiles(images, QUERIES), expected, atol=1e-3)
    # A result does not overwrite the result before it.
    first = model.predict_tiles(images, QUERIES[:2])
    model.predict_tiles(images[:, ::-1], QUERIES[:2])
    np.testing.assert_allclose(first, expected[:, :2], atol=1e-3)


def test_auto_selects_openvino_for_bundled_models_only(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.symlink_to(WEIGHTS / "tiny")
    assert load_model("tiny").info.device == "openvino"
    assert load_model("tiny", "openvino").info.device == "openvino"
    assert load_model("tiny", "cpu").info.device == "cpu"
    assert load_model("tiny", "auto", "bfloat16").info.device == "cpu"
    assert load_model(folder).info.device == "cpu"


def test_a_model_is_converted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import platformdirs

    load_model("tiny", "openvino")
    cache = Path(platformdirs.user_cache_dir("mtrs-geo", appauthor=False))
    shutil.copytree(cache, tmp_path / "mtrs-geo")  # the test damages only this copy
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    model_hash = fingerprint(fold_batch_norms(load_folder(WEIGHTS / "tiny")[0]))
    (folder,) = (tmp_path / "mtrs-geo/openvino").glob(f"{model_hash[:32]}-256px-{LAYOUT}-*")
    names = ["decode.bin", "decode.xml", "encode.bin", "encode.xml"]
    # The graphs of stacks are there only if a stack was run.
    assert {path.name for path in folder.iterdir()} >= set(names)
    written = {name: (folder / name).stat().st_mtime_ns for name in names}
    load_model("tiny", "openvino")
    assert {name: (folder / name).stat().st_mtime_ns for name in names} == written
    (folder / "decode.xml").write_text("<net")
    model = load_model("tiny", "openvino")
    assert (folder / "decode.xml").stat().st_size > 10_000
    assert np.isfinite(model.predict_tiles(blocks(1, 256, 256), QUERIES)).all()


def test_it_runs_without_a_cache_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shrunk: Callable[[str], ModelConfig],
    numbers: Tokenizer,
) -> None:  # fmt: skip
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    model = new_model(replace(shrunk("tiny"), tile_px=64), numbers).eval()
    save_folder(model, tmp_path / "model", {"name": "mine", "version": "1"})
    results = [load_model(tmp_path / "model", d).predict_tiles(blocks(1, 64, 64), ["new houses"])
               for d in ("cpu", "openvino")]  # fmt: skip
    np.testing.assert_allclose(*results, atol=1e-3)


@pytest.mark.skipif(sys.platform == "win32", reason="needs the users of POSIX")
def test_it_runs_with_a_cache_folder_of_another_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shrunk: Callable[[str], ModelConfig],
    numbers: Tokenizer,
) -> None:  # fmt: skip
    cache = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    model = new_model(replace(shrunk("tiny"), tile_px=64), numbers).eval()
    metadata = {"name": "mine", "version": "1"}
    expected = OpenVinoSegmenter(model, metadata).predict_tiles(blocks(1, 64, 64), ["new houses"])
    cache.chmod(0)
    user = os.geteuid()
    try:
        if user == 0:  # root reads every folder
            os.seteuid(65534)
        found = OpenVinoSegmenter(model, metadata).predict_tiles(blocks(1, 64, 64), ["new houses"])
    finally:
        os.seteuid(user)
        cache.chmod(0o700)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_unsupported_presets_and_precisions_are_refused(
    tmp_path: Path, shrunk: Callable[[str], ModelConfig], numbers: Tokenizer
) -> None:
    save_folder(new_model(shrunk("base"), numbers), tmp_path, {"name": "mine", "version": "1"})
    with pytest.raises(ModelError, match="'base' cannot run in OpenVINO, only tiny can"):
        load_model(tmp_path, "openvino")
    with pytest.raises(ModelError, match=r"precision bfloat16, only float32\. Use --device cpu"):
        load_model("tiny", "openvino", "bfloat16")


def test_a_missing_package_is_named_with_its_pip_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'mtrs-geo\[openvino\]'"):
        load_model("tiny", "openvino")


@pytest.mark.parametrize(
    "error", ["ImportError('libopenvino.so: cannot open')", "OSError('[WinError 126]')"]
)
def test_a_package_that_cannot_be_imported_is_no_end_of_auto(
    error: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "openvino").mkdir()
    (tmp_path / "openvino" / "__init__.py").write_text(f"raise {error}")
    monkeypatch.delitem(sys.modules, "openvino", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    info = load_model("tiny").info
    assert info.device == "cpu"
    assert "cannot be imported" in info.warnings[0]
    with pytest.raises(ModelError, match="is installed, but cannot be imported") as caught:
        load_model("tiny", "openvino")
    assert "reinstall" in caught.value.advice
