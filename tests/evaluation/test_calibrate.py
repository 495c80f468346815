"""Calibration: polygons as detect gives them, fits on synthetic polygons, the command."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine

from mtrs_geo import detect_changes
from mtrs_geo.data.rendering.synthetic import render_pair
from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.data.split.writer import write_split
from mtrs_geo.errors import ModelError, OutputError, RequestError
from mtrs_geo.evaluation.calibrate import (
    calibrated_scores,
    cross_fitted_scores,
    fit_calibration,
)
from mtrs_geo.evaluation.calibrated_copy import calibrate
from mtrs_geo.evaluation.judging import LabelledPlace, judge_place
from mtrs_geo.evaluation.reliability import reliability
from mtrs_geo.models import load_model, model_folder
from mtrs_geo.query import ChangeQuery
from mtrs_geo.query.classes import class_of


def polygons(count: int, seed: int = 0) -> pd.DataFrame:
    """Polygons of an overconfident model: of those with probability 0.9, about 0.6 are right."""
    rng = np.random.default_rng(seed)
    probability, area_m2 = rng.uniform(0.5, 0.99, count), 10 ** rng.uniform(1, 3.5, count)
    odds = np.log(probability / (1 - probability))
    chance = 1 / (1 + np.exp(1.2 - 0.5 * odds - 0.8 * np.log10(area_m2 / 100)))
    return pd.DataFrame(
        {
            "place": [f"place {number}" for number in rng.integers(0, 20, count)],
            "direction": rng.choice(["appeared", "disappeared"], count),
            "query_class": rng.choice(["building", "road", "water"], count, p=[0.6, 0.39, 0.01]),
            "probability": probability,
            "area_m2": area_m2,
            "right": rng.random(count) < chance,
        }
    )


def test_calibration_of_an_overconfident_model() -> None:
    seen, unseen = polygons(3000), polygons(3000, seed=1)
    right = unseen["right"].to_numpy()
    calibration = fit_calibration(seen)
    before = reliability(unseen["probability"].to_numpy(), right)
    after = reliability(calibrated_scores(calibration, unseen), right)
    assert before.ece > 0.15
    assert after.ece < 0.04
    assert after.brier < before.brier
    assert {"all", "appeared", "appeared building", "appeared road"} <= set(calibration.maps)
    assert "appeared water" not in calibration.maps, "too few polygons"
    assert calibration.group("appeared", "water") in {"water", "appeared"}
    checked = reliability(cross_fitted_scores(seen), seen["right"].to_numpy())
    assert checked.ece < 0.04


def test_a_well_calibrated_model_stays_as_it_is() -> None:
    frame = polygons(3000)
    frame["right"] = np.random.default_rng(2).random(3000) < frame["probability"]
    scores = calibrated_scores(fit_calibration(frame), frame)
    assert np.abs(scores - frame["probability"]).mean() < 0.04


def test_too_few_polygons_are_refused() -> None:
    with pytest.raises(RequestError, match="not enough"):
        fit_calibration(polygons(49))
    with pytest.raises(RequestError, match="not enough"):
        fit_calibration(polygons(200).assign(right=True))
    with pytest.raises(RequestError, match="one place"):
        cross_fitted_scores(polygons(200).assign(place="here"))


@pytest.mark.parametrize("wrong", [1, 20])
def test_fifty_polygons_are_enough_to_check_scores(wrong: int) -> None:
    """Each fold has fewer, and its polygons may all be right."""
    frame = polygons(50).assign(right=np.arange(50) >= wrong)
    frame["place"] = [f"place {number // 25}" for number in range(50)]
    assert np.isfinite(cross_fitted_scores(frame)).all()
    with pytest.raises(RequestError, match="49 polygons") as error:
        cross_fitted_scores(frame[:49])
    assert "50 polygons or more" in error.value.advice


def test_records_of_the_same_images_are_one_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with write_split(tmp_path / "pairs") as split:
        for number in range(3):
            image = np.full((32, 32, 3), number, np.uint8)
            masks = np.zeros((1, 32, 32), bool)
            split.add(ReferringPair(str(number), image, image, ("new houses",), masks))
    for record in list((tmp_path / "pairs/referring_expression").iterdir()):
        (record.parent / f"again_{record.name}").write_text(record.read_text())
    places: list[tuple[str, int]] = []

    def judge(_: object, place: LabelledPlace) -> pd.DataFrame:
        places.append((place.name, len(place.sentences)))
        return polygons(30).assign(place=place.name)

    monkeypatch.setattr("mtrs_geo.evaluation.calibrated_copy.judge_place", judge)
    calibrate(tmp_path / "pairs", tmp_path / "model", device="cpu")
    assert [count for _, count in places] == [2, 2, 2]
    assert len({name for name, _ in places}) == 3


def test_the_output_may_be_named_in_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = np.zeros((8, 8, 3), np.uint8)
    with write_split(tmp_path / "s") as split:
        split.add(ReferringPair("a", image, image, ("new houses",), np.ones((1, 8, 8), bool)))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "taken").touch()
    with pytest.raises(OutputError, match="taken is a file"):
        calibrate(tmp_path / "s", "~/taken")


def test_a_quantized_encoder_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = shutil.copytree(model_folder("tiny"), tmp_path / "int8")
    names = {"encoder_int8.json", "encoder_int8.xml", "encoder_int8.bin"}
    for name in names:
        (model / name).write_text(name)
    with write_split(tmp_path / "pairs") as split:
        for number in range(2):
            image = np.full((32, 32, 3), number, np.uint8)
            masks = np.zeros((1, 32, 32), bool)
            split.add(ReferringPair(str(number), image, image, ("new houses",), masks))
    monkeypatch.setattr(
        "mtrs_geo.evaluation.calibrated_copy.judge_place",
        lambda _, place: polygons(40).assign(place=place.name),
    )
    calibrate(tmp_path / "pairs", tmp_path / "new", model=model, device="cpu")
    copied = {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()}
    assert names | {"config.json", "model.safetensors", "calibration.json"} == set(copied)
    assert all(copied[name] == name.encode() for name in names)


def test_expected_calibration_error_by_hand() -> None:
    found = reliability(np.array([0.2, 0.9, 0.2, 0.9]), np.array([False, True, True, True]), bins=2)
    assert found.ece == pytest.approx((0.3 + 0.1) / 2)
    assert found.brier == pytest.approx((0.04 + 0.64 + 0.01 + 0.01) / 4)
    assert [one.polygons for one in found.bins] == [2, 2]


def test_judged_polygons_are_those_of_detect(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    before = np.full((256, 256, 3), 20, np.uint8)
    after = before.copy()
    truth = np.zeros((256, 256), bool)
    for row, col in ((10, 10), (60, 100), (150, 40), (200, 200)):
        after[row : row + 30, col : col + 20] = rng.integers(200, 255)
    truth[:, :80] = True
    counted = np.ones_like(truth)
    counted[190:] = False
    sentences = ("new buildings", "the largest building")
    place = LabelledPlace("here", before, after, sentences, (truth, truth), 0.5, counted)
    judged = judge_place(load_model("brightness"), place)
    assert list(judged["right"]) == [True, False, True]
    assert set(judged["direction"]) == {"appeared"}
    assert set(judged["query_class"]) == {"building"}

    paths = []
    for name, image in (("a.tif", before), ("b.tif", after)):
        profile = {"driver": "GTiff", "count": 3, "height": 256, "width": 256, "dtype": "uint8",
                   "crs": "EPSG:32631",
                   "transform": Affine(0.5, 0, 500_000, 0, -0.5, 5_000_000)}  # fmt: skip
        with rasterio.open(tmp_path / name, "w", **profile) as file:
            file.write(image.transpose(2, 0, 1))
        paths.append(tmp_path / name)
    found = detect_changes(*paths, "new buildings", model="brightness").polygons
    assert list(judged["probability"]) == pytest.approx(list(found["score_mean"][:3]))
    assert list(judged["area_m2"]) == pytest.approx(list(found["area_m2"][:3]))


def test_the_command_writes_a_calibrated_copy(tmp_path: Path) -> None:
    with write_split(tmp_path / "split") as writer:
        for number in range(4):
            pair = render_pair(256, 256, seed=700 + number, new_buildings=9, demolished=6)
            west = np.arange(256) < 128  # changes in the east count as wrong
            both = pair.appeared | pair.disappeared
            texts = ("new buildings", "buildings that appeared", "demolished buildings", "")
            masks = np.stack([pair.appeared, pair.appeared, pair.disappeared, both]) & west
            writer.add(ReferringPair(f"p{number}", pair.before, pair.after, texts[:3], masks[:3]))
    done = subprocess.run(
        [sys.executable, "-m", "mtrs_geo.cli", "train", "calibrate", "--data",
         str(tmp_path / "split"), "-o", str(tmp_path / "mine"), "--device", "cpu", "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["maps"]["all"] == result["after"]["polygons"] >= 50
    assert result["after"]["brier"] < result["before"]["brier"]
    calibration = load_model(tmp_path / "mine", device="cpu").info.calibration
    assert calibration is not None
    assert calibration.maps["all"].polygons == result["maps"]["all"]
    query = ChangeQuery.parse("new buildings")
    assert calibration.map_of(query.direction, class_of(query.prompt)).polygons < 400
    with pytest.raises(OutputError, match="exists"):
        calibrate(tmp_path / "split", tmp_path / "mine", device="cpu")
    for size in (float("inf"), float("nan"), 0.0):
        with pytest.raises(RequestError, match=f"the pixel size is {size} m"):
            calibrate(tmp_path / "split", tmp_path / "new", gsd_m=size)
    with pytest.raises(ModelError, match="brightness has no folder"):
        calibrate(tmp_path / "split", tmp_path / "new", model="brightness")
