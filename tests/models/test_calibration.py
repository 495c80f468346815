"""Score maps, their fall-backs, and the calibration of a model folder."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrs_geo.errors import ModelError
from mtrs_geo.models import load_model, model_folder, model_version
from mtrs_geo.models.calibration import (
    CALIBRATION_FILE,
    Calibration,
    ScoreMap,
    read_calibration,
)
from mtrs_geo.models.catalog import sha256
from mtrs_geo.models.checkpoints.checkpoint import load_folder, save_folder

MAP = ScoreMap(0.5, 0.8, 0.3, -0.2, 100)
weight = st.floats(-20, 20)


@given(weight, weight, weight, weight, st.floats(1, 1e7))
def test_a_map_is_monotone_in_the_probability_and_a_chance(
    intercept: float, probability: float, area: float, product: float, area_m2: float
) -> None:
    score_map = ScoreMap(intercept, probability, area, product, 1)
    means = np.linspace(0, 1, 101)
    scores = score_map.scores(means, np.full(101, area_m2))
    assert ((scores >= 0) & (scores <= 1)).all()
    assert (np.diff(scores) >= 0).all()


def test_groups_without_a_map_use_that_of_the_class_the_direction_or_all() -> None:
    groups = ("all", "appeared", "building", "appeared building")
    calibration = Calibration(dict.fromkeys(groups, MAP))
    assert calibration.group("appeared", "building") == "appeared building"
    assert calibration.group("changed", "building") == "building"
    assert calibration.group("appeared", "water") == "appeared"
    assert calibration.group("disappeared", "water") == "all"


def test_a_calibration_survives_its_file(tmp_path: Path) -> None:
    calibration = Calibration({"all": MAP}, weights="abc", about={"data": ["here"]})
    calibration.write(tmp_path)
    assert read_calibration(tmp_path, "abc") == calibration
    with pytest.raises(ModelError, match="fitted for other weights") as refused:
        read_calibration(tmp_path, "def")
    assert "mtrs-geo train calibrate" in refused.value.advice


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"maps": {}}', '{"maps": {"all": {}}}', '{"maps": 3}', "[" * 100_000,
     json.dumps({"maps": {"all": {**MAP.__dict__, "area": float("nan")}}}),
     json.dumps({"maps": {"all": {**MAP.__dict__, "area": "1"}}}),
     json.dumps({"maps": {"all": {**MAP.__dict__, "code": "1"}}})],
)  # fmt: skip
def test_a_damaged_file_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / CALIBRATION_FILE).write_text(content)
    with pytest.raises(ModelError, match="is not a calibration"):
        read_calibration(tmp_path, "")


def test_the_bundled_model_is_calibrated() -> None:
    folder = model_folder("tiny")
    calibration = read_calibration(folder, sha256(folder / "model.safetensors"))
    assert {"all", "appeared building", "disappeared building", "changed any"} <= set(
        calibration.maps
    )
    # Composed pairs are no evidence for real roads, and the report says so.
    assert "composed" in calibration.map_of("appeared", "road").note
    assert not calibration.map_of("appeared", "building").note
    # Of polygons that the model is sure of, large ones are right more often.
    small, large = calibration.map_of("appeared", "building").scores(
        np.array([0.9, 0.9]), np.array([15.0, 400.0])
    )
    assert small < large


def test_a_folder_with_and_without_calibration(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(model_folder("tiny"), tmp_path / "mine"))
    calibrated = load_model(folder, device="cpu")
    assert calibrated.info.calibration is not None
    version = model_version(folder)

    other = Calibration({"all": MAP}, weights=sha256(folder / "model.safetensors"))
    other.write(folder)
    assert model_version(folder) != version, "a worker loads the model again"
    assert load_model(folder, device="cpu").info.calibration == other

    replace(other, weights="0" * 64).write(folder)
    with pytest.raises(ModelError, match="fitted for other weights"):
        load_model(folder, device="cpu")

    model, metadata = load_folder(folder)
    save_folder(model, folder, metadata)
    assert not (folder / CALIBRATION_FILE).exists(), "new weights have no calibration"
    assert load_model(folder, device="cpu").info.calibration is None
