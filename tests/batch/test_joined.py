"""What the results of a batch are joined to, checked by validators of the formats."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geoparquet_validator
import pyogrio
import pystac
import pytest
import rasterio
from affine import Affine
from pyproj import CRS
from shapely.geometry import shape

from mtrs_geo.batch import run_batch
from mtrs_geo.batch.footprint import footprint
from mtrs_geo.batch.job import Job
from mtrs_geo.batch.stac import _bbox, _period
from mtrs_geo.errors import MissingExtraError, OutputError

CHEAP: dict[str, Any] = {"model": "brightness", "options": {"threshold": 0.25}}


@pytest.mark.parametrize("kind", ["job", "grid"])
def test_geoparquet_is_valid(table: Path, tmp_path: Path, kind: str) -> None:
    result = run_batch(table, tmp_path / "out", "any change", dataset=kind, **CHEAP)
    assert result.dataset is not None
    files = sorted(result.dataset.rglob("*.parquet"))
    assert len(files) == 2
    for path in files:
        report = geoparquet_validator.check(str(path))
        assert report["version"] == "1.1.0"
        assert geoparquet_validator.failed(report) == []
        passed = {one["id"] for one in report["outcomes"] if one["status"] == "pass"}
        assert {"/conf/core/bbox-extent", "/conf/covering/bbox-paths"} <= passed


@pytest.mark.parametrize("squares", [0, 1, 2])
def test_a_cell_is_named_alike_however_few_polygons_a_job_has(
    tmp_path: Path, write: Callable[..., Path], squares: int
) -> None:
    row = {
        "id": "town",
        "before": str(write(tmp_path / "town_2016.tif", 0)),
        "after": str(write(tmp_path / "town_2020.tif", squares)),
    }
    result = run_batch([row], tmp_path / "out", "any change", dataset="grid", **CHEAP)
    assert result.entries[0]["polygons"] == {"any change": squares}
    assert result.dataset is not None
    cells = ["cell=E013N52"] if squares else []
    assert [path.name for path in result.dataset.iterdir()] == cells


def test_vector_tiles(table: Path, tmp_path: Path) -> None:
    result = run_batch(table, tmp_path / "out", "any change", pmtiles=True, **CHEAP)
    assert result.pmtiles == tmp_path / "out/changes.pmtiles"
    assert result.pmtiles.read_bytes()[:8] == b"PMTiles\x03"
    info = pyogrio.read_info(result.pmtiles)
    assert info["layer_name"] == "changes"
    assert info["dataset_metadata"]["maxzoom"] == "16"
    frame = pyogrio.read_dataframe(result.pmtiles)
    assert {"job", "query", "area_m2"} <= set(frame.columns)
    places = frame.to_crs("EPSG:32633").dissolve(["job", "query", "id"])
    assert len(places) == 11  # a square may be cut by the border of a tile
    assert places.area.median() == pytest.approx(15 * 15, rel=0.1)

    calm = run_batch(
        table, tmp_path / "out", "any change", model="brightness", pmtiles=True, overwrite=True,
        options={"min_area_m2": 1e6},
    )  # fmt: skip
    assert calm.pmtiles is None
    assert not (tmp_path / "out/changes.pmtiles").exists()


def test_a_stac_collection(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    more = {"probability": True, "preview": True, "dataset": "fgb", "stac": True}
    result = run_batch(table, out, "any change", pmtiles=True, **more, **CHEAP)
    assert result.stac == out / "stac/collection.json"
    assert not list((out / "stac").rglob(".*"))
    collection = pystac.Collection.from_file(str(result.stac))
    assert collection.validate_all() == 2
    assert set(collection.assets) == {"dataset", "pmtiles"}
    for joined in collection.assets.values():
        assert Path(joined.get_absolute_href()).is_file()
    hrefs = {asset["href"] for asset in json.loads(result.stac.read_text())["assets"].values()}
    assert hrefs == {"../changes.fgb", "../changes.pmtiles"}
    town = collection.get_item("town")
    assert town is not None
    outline = shape(town.geometry)
    assert town.bbox == pytest.approx(outline.bounds)
    with rasterio.open(out / "town.tif") as raster:
        width = raster.bounds.right - raster.bounds.left
    assert outline.area == pytest.approx((width / 111_320) ** 2 / 0.61, rel=0.05)
    times = town.common_metadata
    assert str(times.start_datetime) == "2016-01-01 00:00:00+00:00"
    assert str(times.end_datetime) == "2020-12-31 23:59:59+00:00"
    assert town.properties["mtrs_geo:polygons"] == 6
    for asset in ("polygons", "probability", "preview"):
        assert Path(town.assets[asset].get_absolute_href()).is_file()
        assert not Path(town.assets[asset].href).is_absolute()
    item = Path(town.get_self_href())
    scenes = [(item.parent / link.href).resolve() for link in town.get_links("derived_from")]
    assert scenes == [tmp_path / "data/town_2016.tif", tmp_path / "data/town_2020.tif"]

    resumed = run_batch(table, out, "any change", pmtiles=True, resume=True, **more, **CHEAP)
    assert resumed.stac == result.stac
    assert pystac.Collection.from_file(str(result.stac)).validate_all() == 2


def test_secrets_stay_out(table: Path, tmp_path: Path) -> None:
    url = "https://me:secret@localhost:1/x.tif?X-Amz-Signature=abc"
    row = {"id": "far", "before": url, "after": url}
    run_batch([row], tmp_path / "out", "any change", stac=True, **CHEAP)
    manifest = (tmp_path / "out/manifest.jsonl").read_text()
    assert "secret" not in manifest
    assert "abc" not in manifest
    # No job is done: the collection is empty, and valid.
    assert (
        pystac.Collection.from_file(str(tmp_path / "out/stac/collection.json")).validate_all() == 0
    )


@pytest.mark.parametrize(
    ("dates", "first", "last"),
    [
        (["2016", "2020-02"], "2016-01-01 00:00:00+00:00", "2020-02-29 23:59:59+00:00"),
        (["2016-05-03", None], "2016-05-03 00:00:00+00:00", "2016-05-03 23:59:59+00:00"),
        ([None, None], "None", "None"),
    ],
)
def test_periods(dates: list[str | None], first: str, last: str) -> None:
    assert tuple(map(str, _period(dates))) == (first, last)


def test_bounds_at_the_180th_meridian() -> None:
    parts = [
        [[[179, 0], [180, 0], [180, 1], [179, 0]]],
        [[[-180, 0], [-179, 0], [-180, 1], [-180, 0]]],
    ]
    assert _bbox(shape({"type": "MultiPolygon", "coordinates": parts})) == [179, 0, -179, 1]
    wide = footprint((120, 200), Affine(1, 0, -10, 0, -1, 60), CRS(4326))
    assert _bbox(wide) == pytest.approx([-10, -60, -170, 60])


def test_a_missing_package_is_named_before_the_first_job(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == "pystac" else real(name, *a)
    )
    with pytest.raises(MissingExtraError, match=r"pip install 'mtrs-geo\[stac\]'"):
        run_batch(table, tmp_path / "out", "any change", stac=True, **CHEAP)
    assert not (tmp_path / "out").exists()
    monkeypatch.setattr(pyogrio, "list_drivers", lambda **_: {})
    with pytest.raises(MissingExtraError, match="cannot write PMTiles"):
        run_batch(table, tmp_path / "out", "any change", pmtiles=True, **CHEAP)


def test_a_local_crs_has_no_place_in_a_data_set(table: Path, tmp_path: Path) -> None:
    local = 'LOCAL_CS["site",UNIT["metre",1]]'
    for year in (2016, 2020):
        with rasterio.open(tmp_path / f"data/town_{year}.tif") as file:
            profile, pixels = file.profile, file.read()
        profile |= {"crs": local, "transform": Affine(0.5, 0, 0, 0, -0.5, 0)}
        with rasterio.open(tmp_path / f"data/site_{year}.tif", "w", **profile) as file:
            file.write(pixels)
    job = Job("site", (pixels, profile["transform"], local), str(tmp_path / "data/site_2020.tif"))
    result = run_batch([job], tmp_path / "out", "any change", stac=True, **CHEAP)
    assert not result.failed
    site = pystac.Item.from_file(str(tmp_path / "out/stac/site/site.json"))
    assert site.geometry is None
    assert len(site.get_links("derived_from")) == 1  # the other raster is in memory
    with pytest.raises(OutputError, match="'site' is in a local CRS"):
        run_batch([job], tmp_path / "out", "any change", resume=True, dataset="job", **CHEAP)
    assert json.loads((tmp_path / "out/manifest.jsonl").read_text())["status"] == "done"


@pytest.mark.parametrize("kind", ["job", "grid"])
def test_joined_folders_are_written_again(table: Path, tmp_path: Path, kind: str) -> None:
    for more in ({}, {"resume": True}, {"overwrite": True}):
        result = run_batch(
            table, tmp_path / "out", "any change", dataset=kind, stac=True, **more, **CHEAP
        )
        assert result.dataset is not None
        assert len(list(result.dataset.glob("*/*.parquet"))) == 2
        assert result.stac is not None
        assert len(list(result.stac.parent.glob("*/*.json"))) == 2
