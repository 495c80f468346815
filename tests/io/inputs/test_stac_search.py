"""Dates of a stack from a STAC catalog: static files, and an API on the loopback."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from typer.testing import CliRunner

from mtrs_geo.cli import app
from mtrs_geo.errors import MissingExtraError, RasterError, RequestError
from mtrs_geo.io.inputs.stac_search import StacSearch, _degrees, search_stac

pystac = pytest.importorskip("pystac", reason="the extra stac is not installed")
pytest.importorskip("pystac_client", reason="the extra stac is not installed")

AREA = (10.0, 50.0, 10.02, 50.01)
# Day, left and right edge in degrees, cloud cover.
IMAGES = [
    ("2016-05-01", 10.0, 10.01, 5.0), ("2016-05-01", 10.01, 10.02, 5.0),
    ("2018-06-02", 10.0, 10.02, None), ("2019-06-02", 10.0, 10.02, 80.0),
    ("2020-07-03", 10.0, 10.01, 0.0), ("2021-07-03", 9.99, 10.03, 0.0),
    ("2021-07-04", 11.0, 11.02, 0.0),
]  # fmt: skip


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A static catalog; the images of each date are darker."""
    folder = tmp_path_factory.mktemp("stac")
    root = pystac.Catalog("root", "images of a town")
    town = pystac.Collection(
        "town", "images", pystac.Extent(pystac.SpatialExtent([[9, 49, 12, 51]]),
                                        pystac.TemporalExtent([[None, None]])),
    )  # fmt: skip
    root.add_child(town)
    for i, (day, left, right, cloud) in enumerate(IMAGES):
        path = folder / f"image_{i}.tif"
        cols = round((right - left) / 2e-4)
        with rasterio.open(
            path, "w", driver="GTiff", width=cols, height=50, count=3, dtype="uint8",
            crs="EPSG:4326", transform=from_origin(left, 50.01, 2e-4, 2e-4),
        ) as file:  # fmt: skip
            file.write(np.full((3, 50, cols), 200 - 25 * i, np.uint8))
        ring = [[left, 50.0], [right, 50.0], [right, 50.01], [left, 50.01], [left, 50.0]]
        item = pystac.Item(
            f"image-{i}", {"type": "Polygon", "coordinates": [ring]}, [left, 50.0, right, 50.01],
            pystac.utils.str_to_datetime(f"{day}T10:00:00Z"),
            {} if cloud is None else {"eo:cloud_cover": cloud},
        )  # fmt: skip
        item.add_asset("metadata", pystac.Asset("m.xml", media_type="text/xml"))
        item.add_asset("visual", pystac.Asset(str(path), media_type="image/tiff"))
        town.add_item(item)
    root.normalize_hrefs(str(folder))
    root.make_all_asset_hrefs_relative()
    root.save(pystac.CatalogType.SELF_CONTAINED)
    return folder / "catalog.json"


@pytest.fixture(scope="module")
def server(catalog: Path) -> Iterator[str]:
    # The answers of an API have absolute addresses.
    script = Path(__file__).parent / "stac_server.py"
    with subprocess.Popen(
        [sys.executable, str(script), str(catalog.parent)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = f"http://127.0.0.1:{process.stdout.readline().strip()}"
        items = catalog.parent / "api_items"
        items.mkdir()
        for path in sorted(catalog.parent.glob("town/*/*.json")):
            item = json.loads(path.read_text())
            number = item["id"].rpartition("-")[2]
            item["assets"]["visual"]["href"] = f"{address}/image_{number}.tif"
            (items / path.name).write_text(json.dumps({**item, "links": []}))
        yield address
        process.terminate()


def found(catalog: str | Path, **options: Any) -> list[tuple[str, int]]:
    search = StacSearch(str(catalog), **{"aoi": AREA, **options})
    return [(date.date, len(date.paths)) for date in search_stac(search)]


def test_dates_of_a_static_catalog(catalog: Path) -> None:
    whole = [("2016-05-01", 2), ("2018-06-02", 1), ("2019-06-02", 1), ("2021-07-03", 1)]
    assert found(catalog) == whole  # 2020 shows half of the area
    assert found(catalog, max_cloud=20) == [whole[0], whole[1], whole[3]]
    assert found(catalog, datetime="2016-06/2019") == whole[1:3]
    assert found(catalog, datetime="2018/..", min_cover=0.4)[2] == ("2020-07-03", 1)
    assert found(catalog, collections=["town"], asset="visual") == whole
    paths = search_stac(StacSearch(str(catalog), "10,50,10.02,50.01"))[0].paths
    assert [Path(path).name for path in paths] == ["image_0.tif", "image_1.tif"]


def test_footprints_that_cross_themselves(catalog: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(catalog.parent, folder)
    for number in (0, 1):  # two images of one date
        path = folder / f"town/image-{number}/image-{number}.json"
        item = json.loads(path.read_text())
        left, bottom, right, top = item["bbox"]
        ring = [[left, bottom], [right, top], [right, bottom], [left, top], [left, bottom]]
        item["geometry"]["coordinates"] = [ring]
        path.write_text(json.dumps(item))
    assert found(folder / "catalog.json", min_cover=0.4)[0] == ("2016-05-01", 2)


def test_dates_of_an_api(server: str) -> None:
    options: dict[str, Any] = {"datetime": "2016/2019", "max_cloud": 20, "collections": ["town"]}
    assert found(f"{server}/api", **options) == [("2016-05-01", 2), ("2018-06-02", 1)]
    with urlopen(f"{server}/asked") as answer:
        asked = json.load(answer)[-1]
    assert asked["bbox"] == list(AREA)
    assert asked["datetime"] == "2016-01-01T00:00:00Z/2019-12-31T23:59:59Z"
    assert asked["collections"] == ["town"]
    search = StacSearch(f"{server}/api", AREA, **options)
    assert search_stac(search)[0].paths[0] == f"{server}/image_0.tif"


def test_a_stack_of_a_catalog(catalog: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [
        "stack", "new buildings", "--stac", str(catalog), "--aoi", "10,50,10.02,50.01",
        "--max-cloud", "20", "--grid", "before", "--model", "brightness", "--threshold", "0.1",
        "-o", str(tmp_path / "c.gpkg"), "--json",
    ])  # fmt: skip
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["report"]["dates"] == ["2016-05-01", "2018-06-02", "2021-07-03"]
    assert answer["polygons"] == 2


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"datetime": "2018"}, RasterError, r"1 images of 1 dates: 2018-06-02 \(100%\)"),
        ({"datetime": "soon"}, RequestError, "the period 'soon' cannot be read"),
        ({"max_cloud": 120}, RequestError, "max_cloud 120 is not allowed"),
        ({"min_cover": 90}, RequestError, "min_cover 90 is not allowed"),
        ({"asset": "red"}, RasterError, "no asset 'red'; its assets: metadata, visual"),
    ],
)
def test_errors(catalog: Path, options: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        found(catalog, **options)


def test_no_catalog(tmp_path: Path) -> None:
    wrong = tmp_path / "catalog.json"
    wrong.write_text("[]")
    with pytest.raises(RasterError, match="cannot be read as a STAC catalog"):
        found(wrong)
    with pytest.raises(RasterError, match="cannot be read as a STAC catalog"):
        found("http://127.0.0.1:1/api")


def test_an_api_cannot_name_files_of_this_machine(server: str, catalog: Path) -> None:
    items = catalog.parent / "api_items"
    path = items / "image-6.json"
    text = path.read_text()
    path.write_text(text.replace(f"{server}/image_6.tif", str(catalog)))
    try:
        with pytest.raises(RasterError, match="which is on no server"):
            found(f"{server}/api")
    finally:
        path.write_text(text)


def test_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, catalog: Path) -> None:
    monkeypatch.setitem(sys.modules, "pystac_client", None)
    with pytest.raises(MissingExtraError, match="pystac-client, which is not installed") as caught:
        found(catalog)
    assert "pip install 'mtrs-geo[stac]'" in caught.value.advice


def test_usage(catalog: Path) -> None:
    for extra, message in (
        ([], "--stac needs --aoi"), (["--aoi", "1,2,3,4", "--dates", "2016,2018"], "--dates")
    ):  # fmt: skip
        done = CliRunner().invoke(app, ["stack", "new houses", "--stac", str(catalog), *extra])
        assert done.exit_code == 2
        assert message in done.output


def _catalog_of(folder: Path, *items: dict[str, Any]) -> Path:
    """Write a static catalog of plain items, whose image is ``a.tif`` and whose days are years."""
    links = []
    for i, item in enumerate(items):
        body = {
            "type": "Feature", "stac_version": "1.0.0", "id": f"i{i}", "links": [],
            "bbox": [10.0, 50.0, 10.02, 50.01], "assets": {"visual": {"href": "a.tif"}}, **item,
        }  # fmt: skip
        left, bottom, right, top = body["bbox"]
        ring = [[left, bottom], [right, bottom], [right, top], [left, top], [left, bottom]]
        body.setdefault("geometry", {"type": "Polygon", "coordinates": [ring]})
        body["properties"] = {
            "datetime": f"{2016 + i}-05-01T00:00:00Z",
            **item.get("properties", {}),
        }
        (folder / f"i{i}.json").write_text(json.dumps(body))
        links.append({"rel": "item", "href": f"./i{i}.json"})
    path = folder / "catalog.json"
    facts = {"type": "Catalog", "stac_version": "1.0.0", "id": "c", "description": ""}
    path.write_text(json.dumps({**facts, "links": links}))
    return path


@pytest.mark.parametrize(
    "aoi",
    [
        (179.999, -17.001, -179.999, -16.999),
        (179.999, -17.001, 179.9995, -16.999),
        (-179.9995, -17.001, -179.999, -16.999),
    ],
)
def test_an_area_at_180_degrees(tmp_path: Path, aoi: tuple[float, ...]) -> None:
    rings = [
        [[[w, -17.01], [e, -17.01], [e, -16.99], [w, -16.99], [w, -17.01]]]
        for w, e in ((179.99, 180.0), (-180.0, -179.99))
    ]
    item = {
        "bbox": [179.99, -17.01, -179.99, -16.99],
        "geometry": {"type": "MultiPolygon", "coordinates": rings},
    }
    far = {"bbox": [20.0, -17.01, 20.01, -16.99]}
    path = _catalog_of(tmp_path, item, item, far)
    assert found(path, aoi=aoi) == [("2016-05-01", 1), ("2017-05-01", 1)]


@pytest.mark.parametrize("bounds", [(179.0, -17.0, 180.0, -16.0), (-180.0, -17.0, -179.0, -16.0)])
def test_an_area_that_ends_at_180_degrees_is_one_box(bounds: tuple[float, ...]) -> None:
    assert _degrees(bounds) == [bounds]


def test_an_item_without_a_date_is_named(tmp_path: Path) -> None:
    path = _catalog_of(tmp_path, {}, {"properties": {"datetime": None}}, {})
    with pytest.raises(RasterError, match=r"the STAC item .*i1\.json cannot be read") as raised:
        found(path)
    assert "needs a datetime" in raised.value.advice


def test_a_cloud_cover_in_words_and_an_image_without_a_type(tmp_path: Path) -> None:
    clouds = {"properties": {"eo:cloud_cover": "low"}}
    image = {"assets": {"ortho": {"href": "a.tif"}, "notes": {"href": "a.txt"}}}
    path = _catalog_of(tmp_path, clouds, {"properties": {"eo:cloud_cover": "90"}}, image)
    assert found(path, max_cloud=50) == [("2016-05-01", 1), ("2018-05-01", 1)]


def test_an_empty_period_is_an_error(catalog: Path) -> None:
    with pytest.raises(RequestError, match="'' cannot be read: it is empty"):
        found(catalog, datetime="")


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows cannot change the time zone")
def test_a_time_without_a_zone_is_utc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    days = ["2016-01-01T00:00:00", "2017-01-01T00:00:00Z", "2018-01-01"]
    path = _catalog_of(tmp_path, *({"properties": {"datetime": day}} for day in days))
    expected = [("2016-01-01", 1), ("2017-01-01", 1), ("2018-01-01", 1)]
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        assert found(path) == expected
        assert found(path, datetime="2016-01-01/2017") == expected[:2]
    finally:
        monkeypatch.undo()
        time.tzset()


def test_an_item_with_a_start_and_an_end_is_found_by_both(tmp_path: Path) -> None:
    months = {"start_datetime": "2015-12-01T00:00:00Z", "end_datetime": "2016-02-01T00:00:00Z"}
    path = _catalog_of(tmp_path, {"properties": {"datetime": None, **months}}, {})
    assert found(path, datetime="2016/2017") == [("2015-12-01", 1), ("2017-05-01", 1)]
    with pytest.raises(RasterError, match="1 images of 1 dates: 2017-05-01"):
        found(path, datetime="2016-03/2017")


def test_a_bad_geometry_is_named(tmp_path: Path) -> None:
    ring = [[10.0, 50.0], ["east", 50.0], [10.02, 50.01], [10.0, 50.0]]
    path = _catalog_of(tmp_path, {}, {"geometry": {"type": "Polygon", "coordinates": [ring]}}, {})
    with pytest.raises(RasterError, match="the STAC item i1 has a geometry that cannot be read"):
        found(path)


def test_items_without_bounds_or_a_geometry_and_a_link_that_is_there_twice(tmp_path: Path) -> None:
    path = _catalog_of(tmp_path, {}, {}, {"geometry": None})
    item = json.loads((tmp_path / "i1.json").read_text())
    del item["bbox"]
    (tmp_path / "i1.json").write_text(json.dumps(item))
    facts = json.loads(path.read_text())
    facts["links"].append(facts["links"][0])
    path.write_text(json.dumps(facts))
    assert found(path) == [("2016-05-01", 1), ("2017-05-01", 1), ("2018-05-01", 1)]


def test_data_beside_the_only_raster_is_not_the_image(tmp_path: Path) -> None:
    facts = {"href": "a.json", "type": "application/json"}
    image = {"href": "a.tif", "type": "image/tiff; application=geotiff"}
    path = _catalog_of(tmp_path, *[{"assets": {"data": facts, "ortho": image}}] * 2)
    search = StacSearch(str(path), AREA)
    assert [Path(date.paths[0]).name for date in search_stac(search)] == ["a.tif", "a.tif"]
    asked = StacSearch(str(path), AREA, asset="data")
    assert Path(search_stac(asked)[0].paths[0]).name == "a.json"


class _Page(BaseHTTPRequestHandler):
    """Answers with a long page, or with status 503 to the first two requests."""

    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        page = b"<!doctype html><html>" + b"<p>Not found</p>\n" * 3000 + b"</html>"
        self.send_response(503 if self.path == "/busy" and self.asked < 3 else 404)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.mark.parametrize(("path", "requests"), [("api", 1), ("busy", 3)])
def test_a_page_of_an_error_is_its_status(path: str, requests: int) -> None:
    _Page.asked = 0
    with ThreadingHTTPServer(("127.0.0.1", 0), _Page) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        with pytest.raises(RasterError, match=r"catalog: HTTP status 404\. Check") as caught:
            found(f"http://127.0.0.1:{served.server_port}/{path}")
        served.shutdown()
    assert "root of a catalog" in caught.value.advice
    assert _Page.asked == requests


def test_a_server_that_never_answers_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mtrs_geo.io.remote.http_options._REQUEST_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(10)
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/api"
        with pytest.raises(RasterError, match=r"api did not answer within 0\.5 seconds") as caught:
            found(address)
        connection, _ = silent.accept()
        connection.close()
        silent.settimeout(1)
        with pytest.raises(TimeoutError):
            silent.accept()
    assert "GDAL_HTTP_TIMEOUT" in caught.value.advice


def test_what_is_searched_is_printed_first(tmp_path: Path) -> None:
    wrong = tmp_path / "catalog.json"
    wrong.write_text("[]")
    area = ["--aoi", "10,50,10.02,50.01"]
    done = CliRunner().invoke(app, ["stack", "new houses", "--stac", str(wrong), *area])
    assert f"searching {wrong}" in done.output
