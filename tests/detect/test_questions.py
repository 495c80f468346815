"""What a run asks the model, and what it refuses, with a model that declares a vocabulary."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from geopandas import GeoSeries
from rasterio.transform import from_origin

from mtrs_geo import detect_changes
from mtrs_geo.detect import preview
from mtrs_geo.detect.questions import read_questions
from mtrs_geo.errors import QueryError
from mtrs_geo.models import BrightnessSegmenter, IntentReading, LandCoverQuery, Query
from mtrs_geo.query import ChangeQuery
from mtrs_geo.types import FloatArray, UInt8Array
from mtrs_geo.understanding import Vocabulary

CHEAP: dict[str, Any] = {"threshold": 0.25, "min_area_m2": 0}


class ClassSegmenter(BrightnessSegmenter):
    """The brightness baseline with a vocabulary; it keeps what it was asked."""

    info = replace(BrightnessSegmenter.info, knows=Vocabulary(standing=True, coarsest_m=1.5))

    def __init__(self) -> None:
        self.asked: list[Query] = []

    def predict_tiles(self, images: UInt8Array, queries: Sequence[Query]) -> FloatArray:
        self.asked += [query for query in queries if query not in self.asked]
        return super().predict_tiles(images, queries)

    def read_intents(self, sentences: Sequence[str]) -> list[IntentReading]:
        """Read every sentence as a new road."""
        return [IntentReading({"any": 1.0}, {"road": 1.0}) for _ in sentences]


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    dark = np.full((3, 64, 64), 40, np.uint8)
    light = dark.copy()
    light[:, 16:40, 16:40] = 200
    paths = tmp_path / "2016.tif", tmp_path / "2020.tif"
    for path, image in zip(paths, (dark, light), strict=True):
        with rasterio.open(
            path, "w", driver="GTiff", width=64, height=64, count=3, dtype="uint8",
            crs="EPSG:32633", transform=from_origin(5e5, 5.8e6, 0.5, 0.5),
        ) as file:  # fmt: skip
            file.write(image)
    return paths


def test_refused_sentences_are_not_asked(pair: tuple[Path, Path]) -> None:
    model = ClassSegmenter()
    sentences = ["new roads", "hello", "solar panels", "not buildings"]
    result = detect_changes(*pair, sentences, model=model, **CHEAP)
    assert model.asked == ["new roads"]
    assert list(result.report.polygons.values()) == [1, 0, 0, 0]
    statuses = [question["status"] for question in result.report.questions]
    assert statuses == [
        "understood", "not a change question", "outside the vocabulary", "outside the vocabulary",
    ]  # fmt: skip
    for text in sentences[1:]:
        assert any(warning.startswith(f"{text!r}: ") for warning in result.report.warnings)
        assert f", {text!r} was not answered" in repr(result)


def test_a_run_without_an_answer_writes_an_empty_layer_and_no_probabilities(
    pair: tuple[Path, Path], tmp_path: Path
) -> None:
    model = ClassSegmenter()
    output, probability = tmp_path / "c.gpkg", tmp_path / "p.tif"
    result = detect_changes(
        *pair, "solar panels", model=model, output=output, probability=probability, **CHEAP
    )
    assert model.asked == []
    assert len(result.polygons) == 0
    assert output.is_file()
    assert not probability.exists()
    assert result.probability is None


def test_refused_sentences_are_asked_on_request(pair: tuple[Path, Path]) -> None:
    model = ClassSegmenter()
    result = detect_changes(*pair, "solar panels", model=model, answer_anyway=True, **CHEAP)
    assert model.asked == ["solar panels"]
    assert result.report.questions[0]["status"] == "outside the vocabulary"
    assert len(result.polygons) == 1


def test_a_raw_sentence_is_asked_as_it_is(pair: tuple[Path, Path]) -> None:
    model = ClassSegmenter()
    detect_changes(*pair, "hello", model=model, raw=True, **CHEAP)
    assert model.asked == ["hello"]


def test_standing_ground_is_a_land_cover_query(pair: tuple[Path, Path]) -> None:
    model = ClassSegmenter()
    result = detect_changes(*pair, "buildings that still stand", model=model, **CHEAP)
    assert model.asked == [LandCoverQuery("buildings", unchanged=True)]
    assert set(result.polygons.change) == {"unchanged"}


def test_a_prompt_that_the_model_reads_otherwise_is_replaced(pair: tuple[Path, Path]) -> None:
    model = ClassSegmenter()
    sentences = ["houses that were erected", "newly laid asphalt"]
    detect_changes(*pair, sentences, model=model, **CHEAP)
    assert model.asked == ["new buildings", "newly laid asphalt"]


def test_several_wishes_are_several_questions(pair: tuple[Path, Path]) -> None:
    model = ClassSegmenter()
    result = detect_changes(*pair, "new roads and demolished houses", model=model, **CHEAP)
    assert list(result.report.polygons) == ["new roads", "demolished houses"]
    assert set(result.polygons.change) == {"appeared", "disappeared"}


def test_named_times_are_held_against_the_rasters(pair: tuple[Path, Path]) -> None:
    matched = detect_changes(*pair, "new roads since 2016", model=ClassSegmenter(), **CHEAP)
    assert not matched.report.warnings
    found = detect_changes(*pair, "new roads since 2019", model=ClassSegmenter(), **CHEAP)
    assert any("2016 and 2020" in warning for warning in found.report.warnings)


def test_a_layer_that_no_sentence_refers_to_is_an_error(pair: tuple[Path, Path]) -> None:
    layer = GeoSeries([shapely.box(0, 0, 1, 1)], crs=32633).to_frame("geometry")
    with pytest.raises(QueryError, match="'rivr'") as caught:
        detect_changes(
            *pair, "new roads near the river", model=ClassSegmenter(), references={"rivr": layer},
            **CHEAP,
        )  # fmt: skip
    assert "'river'" in caught.value.advice


def test_an_ambiguous_number_is_asked_back(pair: tuple[Path, Path]) -> None:
    with pytest.raises(QueryError, match=r"1\.000 m²"):
        detect_changes(*pair, "new roads larger than 1.000 m²", model=ClassSegmenter(), **CHEAP)


def test_a_given_query_is_not_understood_again() -> None:
    query = ChangeQuery("anything at all", text="hello")
    found = read_questions([query], ClassSegmenter(), layers=(), gsd_m=0.5, anyway=False)
    assert found.answered[0].query == query


def test_numbers_and_yes_or_no_are_answered(pair: tuple[Path, Path]) -> None:
    sentences = [
        "how many roads were built?",
        "is there a new house?",
        "is there a new pond in the north, larger than 1 ha?",
        "new roads",
        "how many solar panels are new?",
        "how many hectares of road were built?",
        "how many m² of ponds larger than 1 ha are new?",
        "are all new roads in the north?",
        "is there exactly one new road?",
    ]
    result = detect_changes(*pair, sentences, model=ClassSegmenter(), **CHEAP)
    answers = [question["answer"] for question in result.report.questions]
    area_m2 = result.report.areas_m2[sentences[5]]
    assert area_m2 > 0
    assert answers[:5] == [1, "yes", "no", None, None]
    assert answers[5] is not None
    assert answers[5].endswith(" ha")
    assert float(answers[5].split()[0]) == pytest.approx(area_m2 / 1e4, rel=0.01)
    assert answers[6:] == ["0 m²", None, 1]
    shown = result.summary().answer.tolist()
    assert shown == answers
    two = detect_changes(*pair, sentences[::3][:2], model=ClassSegmenter(), **CHEAP)
    assert repr(two.summary().answer.tolist()) == "[1, None]"  # not 1.0
    assert "<td>1</td>" in two._repr_html_()
    assert "None" not in two._repr_html_()


def test_layers_say_what_the_intent_head_read(pair: tuple[Path, Path], tmp_path: Path) -> None:
    output = tmp_path / "c.gpkg"
    detect_changes(*pair, "new roads", model=ClassSegmenter(), output=output, **CHEAP)
    with closing(sqlite3.connect(output)) as database:
        texts = [row[0] for row in database.execute("SELECT metadata FROM gpkg_metadata")]
    assert any("MTRS_GEO_QUESTIONS" in text and '"intent"' in text for text in texts)


def test_previews_tell_refused_sentences_from_those_without_polygons(
    pair: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    patches = preview.legend_patches

    def keep(labels: list[str], styles: list[Any]) -> Any:
        shown.extend(labels)
        return patches(labels, styles)

    monkeypatch.setattr(preview, "legend_patches", keep)
    sentences = ["new roads", "new houses larger than 1 ha", "solar panels"]
    detect_changes(*pair, sentences, model=ClassSegmenter(), preview=tmp_path / "p.png", **CHEAP)
    assert shown == [
        "new roads (1)", "new houses larger than 1 ha (0)", "solar panels (not answered)",
    ]  # fmt: skip


def test_pixels_of_five_metres_are_too_coarse_for_swimming_pools() -> None:
    query = ChangeQuery.parse("new swimming pools")
    for gsd_m, is_answered in ((0.5, True), (5.0, False)):
        found = read_questions([query], ClassSegmenter(), layers=(), gsd_m=gsd_m, anyway=False)
        assert found.all[0].is_answered is is_answered
