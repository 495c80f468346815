"""A model that a caller names or has loaded, with a device and a precision."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mtrs_geo
from mtrs_geo.data.rendering.synthetic import PairPaths
from mtrs_geo.errors import ModelError, MTRSGeoError, OutputError, RequestError
from mtrs_geo.models import BrightnessSegmenter, given_model, load_model, load_vocabulary
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
    tiny = load_model("tiny", "cpu", "bfloat16")
    assert isinstance(tiny, Segmenter)
    assert given_model(tiny, "cpu", "bfloat16") is tiny
    with pytest.raises(ModelError, match=r"precision 'bfloat16' has no effect .* with float32"):
        given_model(LOADED, precision="bfloat16")


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
