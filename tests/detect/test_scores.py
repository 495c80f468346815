"""Scores of polygons and unfamiliar places, through detect and all vector formats."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from geopandas.testing import assert_geodataframe_equal

from mtrs_geo import detect_changes
from mtrs_geo.data.rendering.synthetic import PairPaths
from mtrs_geo.io.vector import read_vector
from mtrs_geo.models import BrightnessSegmenter, ChangeSegmenter, load_model


@pytest.fixture(scope="module")
def tiny() -> ChangeSegmenter:
    return load_model("tiny", device="cpu")


def write(path: Path, image: np.ndarray, gsd_m: float = 0.5) -> Path:
    profile = {"driver": "GTiff", "count": 3, "height": image.shape[1], "width": image.shape[2],
               "dtype": "uint8", "crs": "EPSG:32614",
               "transform": Affine(gsd_m, 0, 620_000, 0, -gsd_m, 3_350_000)}  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(image)
    return path


@pytest.mark.parametrize("suffix", [".gpkg", ".parquet", ".fgb", ".geojson"])
def test_scores_of_the_bundled_model_are_calibrated(
    pair_paths: PairPaths, tiny: ChangeSegmenter, tmp_path: Path, suffix: str
) -> None:
    output = tmp_path / f"changes{suffix}"
    result = detect_changes(
        pair_paths.before, pair_paths.after, "new buildings", model=tiny, output=output
    )
    frame = result.polygons
    assert tiny.info.calibration is not None
    score_map = tiny.info.calibration.map_of("appeared", "building")
    expected = score_map.scores(frame["score_mean"].to_numpy(), frame["area_m2"].to_numpy())
    np.testing.assert_allclose(frame["score"], expected)
    assert not np.allclose(frame["score"], frame["score_mean"])
    assert frame["score"].between(0, 1).all()
    assert not frame["unfamiliar"].any()
    assert result.report.unfamiliar_share == 0
    assert not [note for note in result.report.notes if "score" in note]
    stored = read_vector(output).sort_values("id")  # FlatGeobuf orders by place
    np.testing.assert_allclose(stored["score"], frame["score"])
    assert list(stored["unfamiliar"].astype(bool)) == list(frame["unfamiliar"])
    for other in (copy.deepcopy(result), pickle.loads(pickle.dumps(result))):
        assert_geodataframe_equal(other.polygons, frame)


def test_a_model_without_calibration_says_so(pair_paths: PairPaths) -> None:
    result = detect_changes(pair_paths.before, pair_paths.after, model="brightness")
    assert list(result.polygons["score"]) == list(result.polygons["score_mean"])
    assert not result.polygons["unfamiliar"].any()
    assert result.report.unfamiliar_share is None
    assert [note for note in result.report.notes if "scores are not calibrated" in note]


def test_notes_name_rough_scores(pair_paths: PairPaths, tiny: ChangeSegmenter) -> None:
    queries = ["new roads", "new buildings"]
    notes = detect_changes(
        pair_paths.before, pair_paths.after, queries, model=tiny, threshold=0.3
    ).report.notes
    assert [note for note in notes if "'new roads'" in note and "composed" in note]
    assert not [note for note in notes if "'new buildings'" in note]
    assert [note for note in notes if "threshold 0.5" in note]


def test_noise_is_unfamiliar(tmp_path: Path, tiny: ChangeSegmenter) -> None:
    rng = np.random.default_rng(0)
    paths = [
        write(tmp_path / f"{name}.tif", rng.integers(0, 256, (3, 256, 300), np.uint8))
        for name in ("a", "b")
    ]
    # Hardly a pixel of noise has any probability; the column needs polygons.
    result = detect_changes(*paths, model=tiny, threshold=1e-6, min_area_m2=0)
    assert result.report.unfamiliar_share == 1
    assert [w for w in result.report.warnings if w.startswith("100% of the tiles look unlike")]
    assert len(result.polygons)
    assert result.polygons["unfamiliar"].all()


def test_only_the_unfamiliar_part_of_a_raster_is_marked(
    pair_paths: PairPaths, tmp_path: Path, tiny: ChangeSegmenter
) -> None:
    rng = np.random.default_rng(0)
    paths = []
    for source in (pair_paths.before, pair_paths.after):
        with rasterio.open(source) as raster:
            image = raster.read()[:3]
        noise = rng.integers(0, 256, (3, image.shape[1], 1280), np.uint8)
        paths.append(write(tmp_path / source.name, np.concatenate([image, noise], axis=2)))
    result = detect_changes(*paths, model=tiny, threshold=0.2, min_area_m2=2)
    share = result.report.unfamiliar_share
    assert share is not None
    assert 0.5 < share < 0.8
    columns = (result.polygons.geometry.representative_point().x - 620_000) / 0.5
    marked = result.polygons["unfamiliar"]
    assert not marked[columns < 512].any()
    assert marked[columns > 896].all()


def test_pixels_outside_the_range_of_the_model_are_unfamiliar(
    tmp_path: Path, tiny: ChangeSegmenter, pair_paths: PairPaths
) -> None:
    paths = []
    for source in (pair_paths.before, pair_paths.after):
        with rasterio.open(source) as raster:
            image = raster.read()[:3]
        paths.append(write(tmp_path / source.name, image, gsd_m=5))
    result = detect_changes(*paths, model=tiny)
    assert result.report.unfamiliar_share == 1
    assert len(result.polygons)
    assert result.polygons["unfamiliar"].all()
    assert not [warning for warning in result.report.warnings if "look unlike" in warning]


@pytest.mark.parametrize("resolution", [None, 0.5])
@pytest.mark.parametrize("coarse", [(0,), (1,), (0, 1)])
def test_a_raster_that_is_coarser_than_the_run_is_unfamiliar(
    tmp_path: Path, pair_paths: PairPaths, coarse: tuple[int, ...], resolution: float | None
) -> None:
    """The run enlarges the pixels of a date, which does not bring them into the model's range."""
    paths = []
    for i, source in enumerate((pair_paths.before, pair_paths.after)):
        with rasterio.open(source) as raster:
            image = raster.read()[:3, :256, :256]
        step = 16 if i in coarse else 1
        paths.append(write(tmp_path / source.name, image[:, ::step, ::step], gsd_m=0.5 * step))
    model = BrightnessSegmenter()
    model.info = replace(model.info, gsd_range_m=(0.2, 1.5))
    report = detect_changes(*paths, model=model, grid="finest", resolution=resolution).report
    assert report.unfamiliar_share == 1
    (warning,) = [text for text in report.warnings if "pixel size" in text]
    assert "outside the range" in warning
    is_whole_run = resolution is None and len(coarse) == 2
    named = [f"{path.name} (8 m)" in warning for path in paths]
    assert named == [i in coarse and not is_whole_run for i in range(2)]


def test_rasters_finer_than_the_run_are_familiar(tmp_path: Path, pair_paths: PairPaths) -> None:
    """The run averages small pixels, which is what its warning of a too small size advises."""
    paths = []
    for source in (pair_paths.before, pair_paths.after):
        with rasterio.open(source) as raster:
            paths.append(write(tmp_path / source.name, raster.read()[:3, :256, :256], gsd_m=0.1))
    report = detect_changes(*paths, resolution=0.5).report
    assert not [warning for warning in report.warnings if "pixel size" in warning]
    assert report.unfamiliar_share != 1
