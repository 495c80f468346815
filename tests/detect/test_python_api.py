"""What Python callers pass and get: rasters, areas, dates, queries, progress, results."""

from __future__ import annotations

import copy
import datetime
import pickle
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from affine import Affine
from rasterio.io import MemoryFile
from rasterio.vrt import WarpedVRT

import mtrs_geo
from mtrs_geo import ChangeQuery, ChangeResult, detect_changes
from mtrs_geo.detect.options import read_queries
from mtrs_geo.errors import (
    MissingExtraError,
    OutputError,
    QueryError,
    RasterError,
    RequestError,
    VectorError,
)
from mtrs_geo.progress import Silent
from mtrs_geo.query.rules import Superlative

CHEAP: dict[str, Any] = {"model": "brightness", "threshold": 0.25}
TRANSFORM = Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000)
CRS = "EPSG:32614"


def images() -> tuple[np.ndarray, np.ndarray]:
    """A grey place where three bright squares appear: (3, rows, cols)."""
    before = np.full((3, 200, 250), 90, np.uint8)
    after = before.copy()
    for row, col, side in ((20, 30, 40), (130, 100, 50), (100, 220, 20)):
        after[:, row : row + side, col : col + side] = 220
    return before, after


def write(path: Path, image: np.ndarray) -> Path:
    count, rows, cols = image.shape
    with rasterio.open(path, "w", driver="GTiff", count=count, height=rows, width=cols,
                       dtype=image.dtype, crs=CRS, transform=TRANSFORM) as file:  # fmt: skip
        file.write(image)
    return path


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path]:
    before, after = images()
    return write(tmp_path / "before.tif", before), write(tmp_path / "after.tif", after)


@pytest.fixture
def expected(paths: tuple[Path, Path]) -> geopandas.GeoSeries:
    return detect_changes(*paths, "x", **CHEAP).polygons.geometry.normalize()


def polygons(*args: Any, **more: Any) -> geopandas.GeoSeries:
    return detect_changes(*args, "x", **{**CHEAP, **more}).polygons.geometry.normalize()


def test_open_datasets(paths: tuple[Path, Path], expected: geopandas.GeoSeries) -> None:
    with rasterio.open(paths[0]) as before, rasterio.open(paths[1]) as after:
        assert polygons(before, after).equals(expected)
    with MemoryFile(paths[0].read_bytes()) as file, file.open() as before:
        assert polygons(before, paths[1]).equals(expected)


def test_a_dataset_without_a_name_is_copied(
    paths: tuple[Path, Path], expected: geopandas.GeoSeries
) -> None:
    with rasterio.open("", "w+", driver="MEM", count=3, height=200, width=250, dtype="uint8",
                       crs=CRS, transform=TRANSFORM) as dataset:  # fmt: skip
        dataset.write(images()[0])
        with pytest.raises(RasterError, match="open for writing"):
            polygons(dataset, paths[1])
    with rasterio.open(paths[0]) as before, WarpedVRT(before, crs=CRS) as vrt:
        assert polygons(vrt, paths[1]).equals(expected)


def test_a_warped_vrt_keeps_its_window(paths: tuple[Path, Path], tmp_path: Path) -> None:
    with (
        rasterio.open(paths[1]) as after,
        WarpedVRT(after, crs=CRS, transform=TRANSFORM, height=100, width=110) as vrt,
    ):
        result = detect_changes(paths[0], vrt, "x", output=tmp_path / "c.gpkg", **CHEAP)
        with pytest.raises(OutputError, match="also an input"):
            detect_changes(paths[0], vrt, "x", probability=paths[1], overwrite=True, **CHEAP)
    assert result.grid.shape == (100, 110)
    assert result.report.polygons == {"x": 1}


def test_arrays(expected: geopandas.GeoSeries) -> None:
    before, after = images()
    rasters = [(before, TRANSFORM, CRS), (after, TRANSFORM, 32614)]
    assert polygons(*rasters).equals(expected)
    grey = [(image[0], TRANSFORM, CRS) for image in (before, after)]
    assert polygons(*grey).equals(expected)
    mask = np.zeros(after.shape, bool)
    mask[:, :90, :125] = True
    masked = (np.ma.masked_array(after, mask), TRANSFORM, CRS)
    assert len(polygons((before, TRANSFORM, CRS), masked)) == 2


@pytest.mark.parametrize(
    ("raster", "message"),
    [
        (7, "an xarray.DataArray or Dataset"),
        (None, "A raster is a path"),
        (np.zeros((3, 9, 9), np.uint8), r"array of shape \(3, 9, 9\).*A raster is a path"),
        ((np.zeros((200, 250, 3), np.uint8), TRANSFORM, CRS), r"transpose\(2, 0, 1\)"),
        ((np.zeros((3, 9, 9), complex), TRANSFORM, CRS), "complex128"),
        ((np.zeros((3, 9, 9)), TRANSFORM, "nonsense"), "'nonsense', is not known"),
        ((np.zeros((3, 9, 9)), TRANSFORM.to_gdal(), CRS), r"Affine\.from_gdal"),
        ((np.zeros(9), TRANSFORM, CRS), r"\(bands, rows, cols\)"),
    ],
)
def test_other_rasters_are_refused(paths: tuple[Path, Path], raster: Any, message: str) -> None:
    with pytest.raises(RasterError, match=message):
        detect_changes(raster, paths[1], "x", **CHEAP)


def xarray_pair(**attributes: Any) -> Iterator[Any]:
    xarray = pytest.importorskip("xarray")
    import pyproj

    for image, year in zip(images(), ("2016", "2023"), strict=True):
        rows, cols = image.shape[1:]
        xs, ys = (
            620_000.25 + 0.5 * np.arange(cols),
            3_349_999.75 - 0.5 * np.arange(rows),
        )
        reference = xarray.DataArray(0, attrs={"crs_wkt": pyproj.CRS(CRS).to_wkt()})
        coords = {"band": ["red", "green", "blue"], "y": ys, "x": xs, "spatial_ref": reference,
                  "time": np.datetime64(f"{year}-06-14")}  # fmt: skip
        yield xarray.DataArray(image, dims=("band", "y", "x"), coords=coords, attrs=attributes)


def test_xarray_objects(expected: geopandas.GeoSeries) -> None:
    before, after = xarray_pair()
    result = detect_changes(before, after, "x", **CHEAP)
    assert result.polygons.geometry.normalize().equals(expected)
    assert result.report.dates == ("2016-06-14", "2023-06-14")
    datasets = [array.to_dataset("band").expand_dims("time") for array in (before, after)]
    assert polygons(*datasets).equals(expected)
    flipped = [array.isel(y=slice(None, None, -1)).transpose("x", "y", "band")
               for array in (before, after)]  # fmt: skip
    np.testing.assert_allclose(polygons(*flipped).area.sum(), expected.area.sum(), rtol=0.02)
    part = detect_changes(
        before.isel(y=slice(60, None)), after.isel(y=slice(60, None)), "x", **CHEAP
    )
    assert part.grid.bounds[3] == 3_350_000 - 30


def test_xarray_objects_of_stackstac() -> None:
    before, after = (array.drop_vars("spatial_ref") for array in xarray_pair())
    with pytest.raises(RasterError, match=r"has no CRS\. Set it with rioxarray"):
        detect_changes(before, after, "x", **CHEAP)
    coded = [array.assign_coords(epsg=32614).expand_dims("time") for array in (before, after)]
    assert len(polygons(*coded)) == 3


def test_xarray_objects_of_rioxarray(paths: tuple[Path, Path], expected: Any) -> None:
    rioxarray = pytest.importorskip("rioxarray")
    rasters = [rioxarray.open_rasterio(path) for path in paths]
    assert polygons(*rasters).equals(expected)
    with pytest.raises(OutputError, match="also an input"):
        detect_changes(*rasters, "x", probability=paths[1], overwrite=True, **CHEAP)


def test_several_dates_in_one_xarray_object_are_refused() -> None:
    xarray = pytest.importorskip("xarray")
    both = xarray.concat(list(xarray_pair()), "time")
    with pytest.raises(RasterError, match=r"time 2.*isel\(time=0\)"):
        detect_changes(both, both, "x", **CHEAP)


def test_parsed_queries(paths: tuple[Path, Path]) -> None:
    parsed = ChangeQuery.parse("the largest square")
    result = detect_changes(*paths, parsed, **CHEAP)
    assert result.report.polygons == {"the largest square": 1}
    both = detect_changes(*paths, [parsed, "squares"], **CHEAP)
    assert both.report.polygons == {"the largest square": 1, "squares": 3}


def test_queries_made_by_hand_are_named_by_their_sentence(paths: tuple[Path, Path]) -> None:
    made = [ChangeQuery("squares"), ChangeQuery("squares", (Superlative(1, "largest"),))]
    result = detect_changes(*paths, made, **CHEAP)
    assert result.report.polygons == {"squares": 3, "squares, the largest": 1}
    assert (
        set(result.polygons["query"])
        == set(result.summary()["query"])
        == set(result.report.polygons)
    )
    with pytest.raises(QueryError, match="two queries are the same: 'squares'"):
        detect_changes(*paths, [made[0], "squares"], **CHEAP)
    assert [q.text for q in read_queries([ChangeQuery("")], raw=False)] == [""]
    assert read_queries(ChangeQuery("a", text="b"), raw=False)[0].text == "b"


def test_dates_of_every_kind(paths: tuple[Path, Path]) -> None:
    for dates in (
        (datetime.date(2016, 6, 14), datetime.datetime(2023, 7, 1, 12, tzinfo=datetime.UTC)),
        ("2016-06-14", pd.Timestamp("2023-07-01")),
        [np.datetime64("2016-06-14"), "2023-07-01"],
    ):
        report = detect_changes(*paths, "x", dates=dates, **CHEAP).report
        assert report.dates == ("2016-06-14", "2023-07-01")
    assert detect_changes(*paths, "x", dates=(2016, 2023), **CHEAP).report.dates == ("2016", "2023")
    for wrong in ("2016", (2016.5, 2023), 2016):
        with pytest.raises(RequestError, match=r"is not a (date|list)"):
            detect_changes(*paths, "x", dates=wrong, **CHEAP)


class _Described:
    """An object of another library."""

    def __init__(self, geojson: Any, crs: Any = None) -> None:
        self.__geo_interface__ = geojson
        self.crs = crs


def test_geojson_areas(paths: tuple[Path, Path]) -> None:
    box = shapely.box(620_010, 3_349_900, 620_030, 3_350_000)
    count = len(polygons(*paths, aoi=box))
    degrees = geopandas.GeoSeries([box], crs=CRS).to_crs(4326)[0]
    geometry = shapely.geometry.mapping(degrees)
    feature = {"type": "Feature", "properties": {}, "geometry": geometry}
    old = {**shapely.geometry.mapping(box), "crs": {"type": "name", "properties": {"name": CRS}}}
    for aoi in (
        geometry, feature, {"type": "FeatureCollection", "features": [feature]}, old,
        _Described(geometry), _Described(shapely.geometry.mapping(box), CRS),
        geopandas.GeoSeries([box], crs=CRS),
    ):  # fmt: skip
        assert len(polygons(*paths, aoi=aoi)) == count


@pytest.mark.parametrize(
    ("aoi", "message"),
    [
        (shapely.geometry.mapping(shapely.box(620_010, 0, 620_030, 9)), "are not degrees"),
        ({"type": "Polygon", "coordinates": "here"}, "not valid GeoJSON"),
        ({"type": "Circle"}, "not valid GeoJSON"),
        ({"type": "FeatureCollection", "features": []}, "without a geometry"),
        ({"type": "Point", "coordinates": [1, 2]}, "holds a Point"),
        ({"colour": "red"}, "is not an area of interest"),
        (7, "is not an area of interest"),
    ],
)
def test_other_areas_are_refused(paths: tuple[Path, Path], aoi: Any, message: str) -> None:
    with pytest.raises(VectorError, match=message):
        detect_changes(*paths, "x", aoi=aoi, **CHEAP)


def test_progress_of_every_kind(
    paths: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    steps: list[tuple[int, int]] = []
    detect_changes(*paths, "x", progress=lambda *step: steps.append(step), tile_px=128, **CHEAP)
    assert steps[0][0] == 0
    assert steps[-1][0] == steps[-1][1] > 1
    for silent in (None, False, True):
        assert detect_changes(*paths, "x", progress=silent, **CHEAP).report.tiles == 1
    with pytest.raises(RequestError, match="a function of"):
        detect_changes(*paths, "x", progress="bar", **CHEAP)  # type: ignore[arg-type]
    assert capsys.readouterr().out == ""


@pytest.fixture
def result(paths: tuple[Path, Path], tmp_path: Path) -> ChangeResult:
    return detect_changes(
        *paths, ["squares", "the largest <b>"], preview=tmp_path / "p.png", **CHEAP
    )


def test_results_are_pickled_and_copied(result: ChangeResult) -> None:
    frame = result.polygons
    for again in (pickle.loads(pickle.dumps(result)), copy.copy(result), copy.deepcopy(result)):
        assert again.report == result.report
        assert again.grid == result.grid
        assert again.table.read().equals(result.table.read())
        assert again.polygons.equals(frame)


def test_results_have_a_short_text_and_a_hash(result: ChangeResult) -> None:
    area_m2 = result.report.areas_m2["squares"]
    assert str(result) == repr(result)
    assert repr(result).startswith(
        f"<ChangeResult: polygons: 3 of 'squares' ({area_m2:,.0f} m²), 1"
    )
    assert result in {result}


def test_the_public_names_are_listed() -> None:
    assert set(mtrs_geo.__all__) <= set(dir(mtrs_geo))


def test_summary_and_notebook_view(result: ChangeResult) -> None:
    summary = result.summary()
    assert list(summary.columns) == ["query", "understood", "polygons", "area_m2", "score_mean"]
    assert list(summary.polygons) == list(result.report.polygons.values())
    assert summary.area_m2[0] == pytest.approx(result.report.areas_m2["squares"])
    assert summary.score_mean[0] == pytest.approx(130 / 255, abs=2e-3)
    html = result._repr_html_()
    assert "data:image/png;base64," in html
    assert "&lt;b&gt;" in html
    assert "<b>" not in html


def test_the_paths_of_a_result_are_those_of_another_folder_too(
    paths: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = detect_changes(*paths, "x", output="c.gpkg", preview="p.png", **CHEAP)
    (tmp_path / "other").mkdir()
    monkeypatch.chdir("other")
    assert result.output == tmp_path / "c.gpkg"
    assert "data:image/png;base64," in result._repr_html_()


def test_an_empty_result_has_a_summary(paths: tuple[Path, Path]) -> None:
    result = detect_changes(*paths, "x", model="brightness", threshold=0.9)
    assert result.summary().polygons.tolist() == [0]
    assert "img" not in result._repr_html_()
    pytest.importorskip("mapclassify")
    with warnings.catch_warnings(record=True) as shown:
        assert result.explore() is not None
    assert not shown


def test_explore(result: ChangeResult, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("folium")
    pytest.importorskip("mapclassify")
    assert "squares" in result.explore().get_root().render()
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"mtrs-geo\[notebook\]"):
        result.explore()


def test_references_in_memory(paths: tuple[Path, Path]) -> None:
    """A shapely geometry is in the CRS of the rasters, GeoJSON in WGS 84, as areas are."""
    wall = shapely.box(620_010, 3_349_950, 620_012, 3_350_000)
    degrees = geopandas.GeoSeries([wall], crs=CRS).to_crs(4326)[0]
    for layer in (wall, shapely.geometry.mapping(degrees), geopandas.GeoSeries([wall], crs=CRS)):
        near = detect_changes(
            *paths, "squares within 5 m of the wall", references={"Wall": layer}, **CHEAP
        )
        assert near.polygons.area.round().tolist() == [400]
        assert not [text for text in near.report.warnings if "wall" in text]


def test_a_reference_elsewhere_is_in_the_report_and_the_log(paths: tuple[Path, Path]) -> None:
    heard: list[str] = []

    class Listener(Silent):
        def log(self, message: str) -> None:
            heard.append(message)

    far, text = shapely.Point(620_000, 3_360_000), "squares more than 5 m from the wall"
    result = detect_changes(*paths, text, references={"wall": far}, progress=Listener(), **CHEAP)
    assert len(result.polygons) == 3
    (warning,) = [text for text in result.report.warnings if "'wall'" in text]
    assert "is 10 km from it" in warning
    assert f"warning: {warning}" in heard


def test_outputs_are_written_through_symbolic_links(
    paths: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "store").mkdir()
    links = [tmp_path / name for name in ("changes.gpkg", "probability.tif")]
    for link in links:
        link.symlink_to(tmp_path / "store" / link.name)
    for more in ({}, {"overwrite": True}):
        detect_changes(*paths, "x", output=links[0], probability=links[1], **more, **CHEAP)
        assert all(link.is_symlink() for link in links)
        assert len(geopandas.read_file(tmp_path / "store" / "changes.gpkg", layer="changes")) == 3
    assert sorted(p.name for p in (tmp_path / "store").iterdir()) == [link.name for link in links]
    with pytest.raises(OutputError, match="exists"):
        detect_changes(*paths, "x", output=links[0], **CHEAP)
    links[0].unlink()
    links[0].symlink_to(tmp_path / "store" / "probability.gpkg")
    with pytest.raises(OutputError, match="preview and output are both"):
        detect_changes(*paths, "x", output=links[0], preview=tmp_path / "store/probability.gpkg")
    links[1].unlink()
    links[1].symlink_to(paths[0])
    with pytest.raises(OutputError, match="also an input"):
        detect_changes(*paths, "x", probability=links[1], overwrite=True, **CHEAP)
