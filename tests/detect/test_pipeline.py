"""Detection on real files, with the brightness model where the model does not matter."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.warp import Resampling, calculate_default_transform, reproject
from shapely.geometry import box

from mtrs_geo import detect_changes, detect_changes_stack, read_probability
from mtrs_geo.data.rendering.synthetic import PairPaths, RenderedPair
from mtrs_geo.detect.options import DetectOptions, read_queries
from mtrs_geo.detect.run import Scene
from mtrs_geo.errors import (
    Cancelled,
    GridError,
    ModelError,
    OutputError,
    QueryError,
    RasterError,
    RequestError,
)
from mtrs_geo.io.stack import StackOptions, open_stack
from mtrs_geo.io.vector import CHANGE_COLUMNS
from mtrs_geo.models import BrightnessSegmenter, LandCoverQuery, ModelInfo
from mtrs_geo.progress import Silent

CHEAP: dict[str, Any] = {"model": "brightness", "threshold": 0.25}


def write(path: Path, image: np.ndarray, **more: Any) -> Path:
    profile = {"driver": "GTiff", "count": 3, "height": image.shape[0], "width": image.shape[1],
               "dtype": "uint8", "crs": "EPSG:32614",
               "transform": Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000), **more}  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(image.transpose(2, 0, 1))
    return path


@pytest.fixture
def squares(tmp_path: Path) -> tuple[Path, Path]:
    """A grey place where three bright squares appear; one crosses tile borders."""
    before = np.full((400, 500, 3), 90, np.uint8)
    after = before.copy()
    for row, col, side in ((20, 30, 40), (230, 200, 60), (340, 440, 30)):
        after[row : row + side, col : col + side] = 220
    paths = tmp_path / "town_2016.tif", tmp_path / "town_2023.tif"
    return write(paths[0], before), write(paths[1], after)


def test_polygons_are_the_squares(squares: tuple[Path, Path], tmp_path: Path) -> None:
    result = detect_changes(
        *squares, "new squares", output=tmp_path / "c.gpkg", probability=tmp_path / "p.tif",
        preview=tmp_path / "p.png", **CHEAP,
    )  # fmt: skip
    frame = result.polygons
    assert list(frame.columns) == [*CHANGE_COLUMNS, "geometry"]
    assert sorted(frame.area.round()) == [225, 400, 900]
    # UTM's scale differs from the ground's by up to a thousandth.
    np.testing.assert_allclose(frame.area_m2, frame.area, rtol=2e-3)
    np.testing.assert_allclose(frame.score_mean, 130 / 255, atol=2e-3)
    assert set(frame.date_before) == {"2016"}
    assert set(frame.date_after) == {"2023"}
    assert list(frame.id) == [1, 2, 3]
    stored = geopandas.read_file(tmp_path / "c.gpkg")
    assert len(stored) == 3
    assert stored.crs.to_epsg() == 32614
    probability = read_probability(tmp_path / "p.tif")
    assert probability.shape == (1, 400, 500)
    assert probability[0, 260, 230] == pytest.approx(130 / 255, abs=3e-3)
    assert (tmp_path / "p.png").stat().st_size > 10_000
    assert result.report.dates == ("2016", "2023")
    assert result.report.understood == ("new squares",)


@pytest.mark.parametrize("tile_px", [64, 256, 512])
def test_tile_size_does_not_change_the_polygons(squares: tuple[Path, Path], tile_px: int) -> None:
    whole = detect_changes(*squares, "x", tile_px=1024, **CHEAP).polygons
    tiled = detect_changes(*squares, "x", tile_px=tile_px, **CHEAP).polygons
    assert whole.geometry.normalize().equals(tiled.geometry.normalize())
    np.testing.assert_allclose(whole.score_mean, tiled.score_mean, atol=1e-6)


def test_rules_apply_to_the_whole_scene(squares: tuple[Path, Path]) -> None:
    queries = ["the largest square", "squares in the south-east", "", "squares except the largest"]
    result = detect_changes(*squares, queries, tile_px=64, **CHEAP)
    by_query = result.polygons.groupby("query").area_m2.agg(["count", "sum"])
    assert by_query["count"].to_dict() == {"": 3, queries[0]: 1, queries[1]: 1, queries[3]: 2}
    assert by_query["sum"][queries[0]] == pytest.approx(900, rel=2e-3)
    assert by_query["sum"][queries[1]] == pytest.approx(225, rel=2e-3)
    assert result.report.understood[0] == "square, the largest"
    raw = detect_changes(*squares, "the largest square", raw=True, **CHEAP)
    assert len(raw.polygons) == 3


def test_references(squares: tuple[Path, Path], tmp_path: Path) -> None:
    shed = box(620_010, 3_349_900, 620_030, 3_349_990)
    path = tmp_path / "sheds.gpkg"
    geopandas.GeoDataFrame(geometry=[shed], crs="EPSG:32614").to_crs(4326).to_file(path)
    text = "squares within 5 m of the shed"
    near = detect_changes(*squares, text, references={"shed": path}, **CHEAP)
    assert near.polygons.area.round().tolist() == [400]
    nothing = detect_changes(*squares, text, model="brightness", threshold=0.9)
    assert "found no 'shed'" in nothing.report.warnings[0]


class _RoadInTheWest(BrightnessSegmenter):
    """Change is brightness; a road covers the western 80 pixels of every tile."""

    def predict_tiles(self, images: np.ndarray, texts: Sequence[str]) -> np.ndarray:
        answer = super().predict_tiles(images, texts).copy()
        for i, text in enumerate(texts):
            if text == LandCoverQuery("road"):
                answer[:, i] = 0
                answer[:, i, :, :80] = 1
        return answer


def test_references_are_found_by_the_land_cover_head(squares: tuple[Path, Path]) -> None:
    """A reference that did not change is found at the later date, in the same pass."""
    texts = ["squares within 5 m of the road", "squares farther than 5 m from the road", "squares"]
    options = {**CHEAP, "model": _RoadInTheWest(), "tile_px": 4096}
    counts = detect_changes(*squares, texts, **options).report.polygons
    assert counts[texts[0]] > 0
    assert counts[texts[1]] > 0
    assert counts[texts[0]] + counts[texts[1]] == counts[texts[2]]


def test_aoi(squares: tuple[Path, Path]) -> None:
    bounds = (620_010.0, 3_349_900.0, 620_030.0, 3_350_000.0)
    result = detect_changes(*squares, "x", aoi=bounds, tile_px=64, **CHEAP)
    assert result.grid.bounds == bounds
    assert result.polygons.area.round().tolist() == [15 * 20]
    np.testing.assert_allclose(result.polygons.area_m2, 300, rtol=2e-3)
    assert result.report.tiles < 10
    with pytest.raises(GridError, match="°"):
        detect_changes(*squares, "x", aoi="10,50,10.1,50.1,EPSG:4326", **CHEAP)


def test_an_aoi_smaller_than_a_pixel_is_told(squares: tuple[Path, Path]) -> None:
    bounds = (620_010.1, 3_349_900.1, 620_010.2, 3_349_900.2)
    report = detect_changes(*squares, "x", aoi=bounds, **CHEAP).report
    assert sum(report.polygons.values()) == 0
    assert any("has the centre of no pixel in it" in text for text in report.warnings)


def test_stack_of_dates(squares: tuple[Path, Path], tmp_path: Path) -> None:
    third = tmp_path / "town_2024.tif"
    with rasterio.open(squares[0]) as file:
        image = file.read().transpose(1, 2, 0).copy()
    image[100:120, 100:120] = 255
    write(third, image)
    paths = [*squares, third]
    result = detect_changes_stack(paths, "x", probability=tmp_path / "p.tif", **CHEAP)
    counts = result.polygons.groupby(["date_before", "date_after"]).size().to_dict()
    assert counts == {("2016", "2023"): 3, ("2023", "2024"): 4}
    with rasterio.open(tmp_path / "p.tif") as file:
        assert file.descriptions == ("x (2016 to 2023)", "x (2023 to 2024)")


def test_dates_in_different_crs(squares: tuple[Path, Path], tmp_path: Path) -> None:
    """A place in UTM and in degrees gives the same squares; equal scenes give none."""
    there = {}
    for path in squares:
        with rasterio.open(path) as file:
            transform, cols, rows = calculate_default_transform(
                file.crs, "EPSG:4326", file.width, file.height, *file.bounds
            )
            out = np.zeros((3, rows, cols), np.uint8)
            reproject(file.read(), out, src_crs=file.crs, src_transform=file.transform,
                      dst_crs="EPSG:4326", dst_transform=transform,
                      resampling=Resampling.bilinear)  # fmt: skip
        there[path] = write(tmp_path / f"deg_{path.name}", out.transpose(1, 2, 0),
                            crs="EPSG:4326", transform=transform, nodata=0)  # fmt: skip
    before, after = squares
    none = detect_changes(before, there[before], "x", **CHEAP)
    assert none.polygons.empty
    found = detect_changes(before, there[after], "x", grid="before", min_area_m2=50, **CHEAP)
    expected = detect_changes(before, after, "x", **CHEAP)
    assert len(found.polygons) == 3
    shared = found.polygons.union_all().intersection(expected.polygons.union_all()).area
    assert shared > 0.96 * expected.polygons.area.sum()
    np.testing.assert_allclose(
        sorted(found.polygons.area_m2), sorted(expected.polygons.area_m2), rtol=0.06
    )


def test_equal_coordinates_in_different_zones_do_not_overlap(
    squares: tuple[Path, Path], tmp_path: Path
) -> None:
    with rasterio.open(squares[1]) as file:
        other = write(tmp_path / "z15.tif", file.read().transpose(1, 2, 0), crs="EPSG:32615")
    with pytest.raises(GridError, match="do not overlap"):
        detect_changes(squares[0], other, "x", **CHEAP)


def test_a_saturated_pixel_is_not_a_change(rendered: RenderedPair, tmp_path: Path) -> None:
    before = rendered.before.astype(np.uint16) * 20 + 300
    after = before.copy()
    after[200, 300] = 65_535
    paths = [write(tmp_path / f"{i}.tif", image, dtype="uint16")
             for i, image in enumerate((before, after))]  # fmt: skip
    result = detect_changes(*paths, ["", "new buildings", "demolished buildings"])
    assert result.polygons.empty


def test_output_crs_and_formats(squares: tuple[Path, Path], tmp_path: Path) -> None:
    for name in ("c.geojson", "c.parquet", "c.fgb"):
        result = detect_changes(
            *squares, "x", output=tmp_path / name, output_crs="EPSG:3857", **CHEAP
        )
        read = geopandas.read_parquet if name.endswith("parquet") else geopandas.read_file
        assert len(read(tmp_path / name)) == 3
        assert result.polygons.crs.to_epsg() == 3857
        np.testing.assert_allclose(sorted(result.polygons.area_m2), [225, 400, 900], rtol=2e-3)
    assert json.loads((tmp_path / "c.geojson").read_text())["type"] == "FeatureCollection"


def test_a_run_without_valid_pixels_warns(tmp_path: Path) -> None:
    left = np.full((64, 64, 3), 9, np.uint8)
    right = left.copy()
    left[:, :32], right[:, 32:] = 0, 0
    paths = [write(tmp_path / f"{i}.tif", image, nodata=0)
             for i, image in enumerate((left, right))]  # fmt: skip
    result = detect_changes(*paths, "x", output=tmp_path / "c.gpkg", **CHEAP)
    assert result.polygons.empty
    assert result.report.tiles_skipped == result.report.tiles == 1
    assert "no pixel is valid" in result.report.warnings[0]
    assert geopandas.read_file(tmp_path / "c.gpkg").crs.to_epsg() == 32614


def test_a_run_on_coarse_pixels_warns(squares: tuple[Path, Path]) -> None:
    result = detect_changes(*squares, "new buildings", resolution=5.0)
    assert "Small objects are missed. --resolution 0.5 enlarges them" in result.report.warnings[0]


class _Heard(Silent):
    """Keeps the log messages, and the number of steps that were done before each."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, str]] = []
        self.done = 0

    def advance(self, steps: int = 1) -> None:
        self.done += steps

    def log(self, message: str) -> None:
        self.lines.append((self.done, message))


def test_warnings_are_shown_once_before_the_run(squares: tuple[Path, Path]) -> None:
    heard = _Heard()
    result = detect_changes(squares[0], squares[0], progress=heard, **CHEAP)
    (warning,) = result.report.warnings
    assert "are the same raster (town_2016.tif)" in warning
    assert heard.lines == [(0, f"warning: {warning}")]
    assert "town_2016.tif is of 2016 (file name)" in result.report.notes[0]


def test_the_advised_resolution_is_in_units_of_the_crs(tmp_path: Path) -> None:
    images = np.full((2, 300, 300, 3), 90, np.uint8)
    images[1, 100:140, 100:140] = 220
    degrees = {"crs": "EPSG:4326", "transform": Affine(1e-6, 0, -97.75, 0, -1e-6, 30.27)}
    paths = [write(tmp_path / f"{i}.tif", image, **degrees) for i, image in enumerate(images)]
    with open_stack(paths) as stack:
        scene = Scene(stack, read_queries("", raw=False), DetectOptions())
        (warning,) = scene.resolution_warnings(ModelInfo("tiny", "1", 0.5, (0.2, 1.5), 256))
    (advised,) = re.findall(r"--resolution (\S+) \(in degrees, 0\.5 m on the ground\)", warning)
    with open_stack(paths, StackOptions(resolution=float(advised))) as resampled:
        assert max(resampled.grid.pixel_size_m()) == pytest.approx(0.5, rel=0.01)


def test_bad_requests(squares: tuple[Path, Path], tmp_path: Path) -> None:
    existing = tmp_path / "mine.gpkg"
    existing.write_text("mine")
    cases: list[tuple[type[Exception], str, dict[str, Any]]] = [
        (OutputError, "exists", {"output": existing}),
        (OutputError, "exists", {"probability": existing}),
        (OutputError, "does not exist", {"output": tmp_path / "no" / "c.gpkg"}),
        (RequestError, "threshold 2", {"threshold": 2}),
        (RequestError, "batch_size 0", {"batch_size": 0}),
        (ModelError, "no model 'huge'", {"model": "huge"}),
        (QueryError, "no query", {"query": []}),
        (QueryError, "are the same", {"query": ["x", " x"]}),
        (QueryError, "100,001 characters", {"query": "x" * 100_001}),
        (RasterError, "bands", {"bands": (7, 8, 9)}),
    ]
    for error, message, options in cases:
        with pytest.raises(error, match=message):
            detect_changes(*squares, **{"query": "x", **CHEAP, **options})
    assert existing.read_text() == "mine"


def test_a_cancelled_run_leaves_no_files(squares: tuple[Path, Path], tmp_path: Path) -> None:
    class Cancelling(Silent):
        @property
        def cancelled(self) -> bool:
            return True

    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(Cancelled):
        detect_changes(*squares, "x", output=folder / "c.gpkg", probability=folder / "p.tif",
                       progress=Cancelling(), **CHEAP)  # fmt: skip
    assert not list(folder.iterdir())


def test_the_bundled_model_finds_rendered_houses(pair_paths: PairPaths) -> None:
    """The bundled model finds new houses on a rendering, with the right direction."""
    result = detect_changes(
        pair_paths.before, pair_paths.after, ["new buildings", "demolished buildings"]
    )
    truth = geopandas.read_file(pair_paths.truth)
    for query, change in (("new buildings", "appeared"), ("demolished buildings", "disappeared")):
        found = result.polygons[result.polygons["query"] == query].union_all()
        right = truth[truth.change == change].union_all()
        assert found.intersection(right).area > 0.3 * right.area
        wrong = truth[truth.change != change].union_all()
        assert found.intersection(wrong).area < 0.1 * wrong.area


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("error", [OutputError("the disk is full"), KeyboardInterrupt()])
def test_a_failure_of_the_last_output_leaves_none(
    squares: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    overwrite: bool,
    error: BaseException,
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    outputs = {name: folder / name for name in ("c.gpkg", "p.tif", "p.png")}
    if overwrite:
        for path in outputs.values():
            path.write_text("old")

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("mtrs_geo.detect.run_outputs.write_preview", fail)
    with pytest.raises(type(error)):
        detect_changes(
            *squares, "x", output=outputs["c.gpkg"], probability=outputs["p.tif"],
            preview=outputs["p.png"], overwrite=overwrite, **CHEAP,
        )  # fmt: skip
    (folder / "c.gpkg.run").unlink()  # from which the run can go on
    assert {path.read_text() for path in folder.iterdir()} == ({"old"} if overwrite else set())
    assert len(list(folder.iterdir())) == (3 if overwrite else 0)


def test_a_cancellation_after_the_last_tile_leaves_no_output(
    squares: tuple[Path, Path], tmp_path: Path
) -> None:
    class Late(Silent):
        def advance(self, steps: int = 1) -> None:
            self.done = getattr(self, "done", 0) + steps

        @property
        def cancelled(self) -> bool:  # type: ignore[override]
            return getattr(self, "done", 0) >= self.total

        def start(self, total: int, unit: str) -> None:
            self.total = total

    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(Cancelled, match="no output was written"):
        detect_changes(
            *squares, "x", output=folder / "c.gpkg", probability=folder / "p.tif",
            progress=Late(), **CHEAP,
        )  # fmt: skip
    assert [path.name for path in folder.iterdir()] == ["c.gpkg.run"]


def test_two_runs_on_one_output(squares: tuple[Path, Path], tmp_path: Path) -> None:
    target = tmp_path / "c.gpkg"

    class Second(Silent):
        def start(self, total: int, unit: str) -> None:
            with pytest.raises(OutputError, match=r"being written by another run"):
                detect_changes(*squares, "x", output=target, overwrite=True, **CHEAP)

    detect_changes(*squares, "x", output=target, overwrite=True, progress=Second(), **CHEAP)
    assert len(geopandas.read_file(target, layer="changes")) == 3
