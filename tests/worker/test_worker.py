"""The jobs and the protocol of the worker, in a real process with real rasters."""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import geopandas
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from json_lines_client import CHEAP, Client, rasters

from mtrs_geo.data.rendering.synthetic import PairPaths, write_large_pair
from mtrs_geo.worker.protocol import MAX_LINE_BYTES, Request, Worker

UTM = "EPSG:32633"


def test_hello_then_quick_answers(client: Client) -> None:
    hello = client.until("hello")
    assert hello["protocol"] == 1
    assert set(hello) >= {"version", "device", "python"}
    output = client.answer("explain", query="The two largest new houses in the north")["result"]
    assert output["model_text"] == "new houses"
    assert output["rules"] == ["in the north", "the 2 largest"]
    assert output["understood"] == "new houses, in the north, the 2 largest"
    assert output["change"] == "appeared"
    names = {fact["name"] for fact in client.answer("models")["result"]["models"]}
    assert "tiny" in names


def test_detect_twice_with_the_real_model(
    client: Client, pair_paths: PairPaths, tmp_path: Path
) -> None:
    request = {"query": ["new buildings", "houses, smaller than 0.1 m²"], "min_area_m2": 5, **CHEAP}
    out = tmp_path / "c.gpkg"
    done = client.answer("detect", **rasters(pair_paths), output=str(out), **request)["result"]
    frame = geopandas.read_file(out, layer=done["layers"][0])
    assert done["output"] == str(out)
    assert done["counts"] == {"new buildings": len(frame), "houses, smaller than 0.1 m²": 0}
    assert done["changes"] == {
        "new buildings": "appeared",
        "houses, smaller than 0.1 m²": "changed",
    }
    assert set(frame["change"]) == {"appeared"}
    assert len(frame) > 0
    assert done["warnings"] == []
    assert "before.tif is of 2016-06-01" in done["notes"][0]
    assert done["seconds"] > 0

    second = client.answer("detect", "2", **rasters(pair_paths), query="new buildings")["result"]
    assert Path(second["output"]).is_file()  # a temporary GeoPackage
    assert second["model"].startswith("tiny")


def test_options_reach_the_run(client: Client, pair_paths: PairPaths, tmp_path: Path) -> None:
    whole = client.answer("detect", **rasters(pair_paths), query="x", **CHEAP)["result"]
    frame = geopandas.read_file(whole["output"], layer="changes")
    left, bottom, right, top = frame.to_crs(4326).total_bounds.tolist()
    half = [left, bottom, (left + right) / 2, top]
    plain = client.answer(
        "detect", **rasters(pair_paths), query="x", aoi=half, aoi_crs="EPSG:4326", **CHEAP
    )["result"]
    assert 0 < plain["area_m2"] < whole["area_m2"]
    loose = client.answer(
        "detect", **rasters(pair_paths), query="x", simplify_m=5, surprise=1, **CHEAP,
        probability=str(tmp_path / "p.tif"),
    )["result"]  # fmt: skip
    few = geopandas.read_file(loose["output"], layer="changes").count_coordinates().sum()
    assert few < frame.count_coordinates().sum()
    assert (tmp_path / "p.tif").is_file()
    assert "surprise" in loose["warnings"][0]


def test_a_replaced_raster_is_read_again(client: Client, tmp_path: Path) -> None:
    before, after = tmp_path / "a.tif", tmp_path / "b.tif"
    pair = write_large_pair(tmp_path / "pair", 512, 512, seed=1)
    before.write_bytes(pair.before.read_bytes())
    after.write_bytes(pair.before.read_bytes())
    request = {"before": str(before), "after": str(after), "query": "x", **CHEAP}
    assert client.answer("detect", **request)["result"]["counts"] == {"x": 0}
    after.write_bytes(pair.after.read_bytes())
    assert client.answer("detect", **request)["result"]["counts"]["x"] > 0


def test_a_date_can_be_given_for_one_raster_only(client: Client, pair_paths: PairPaths) -> None:
    """As null the other keeps that of its tags or name; QGIS gives only dates set there."""
    request = {**rasters(pair_paths), "query": "x", **CHEAP}
    own = client.answer("detect", **request)["result"]["dates"]
    mixed = client.answer("detect", **request, dates=[None, "2024-05"])["result"]["dates"]
    assert mixed == [own[0], "2024-05"]
    refused = client.answer("detect", **request, dates=[None, 2031])
    assert "null for a date that is not given" in refused["message"]


def test_evaluate(client: Client, pair_paths: PairPaths, tmp_path: Path) -> None:
    done = client.answer("detect", **rasters(pair_paths), query="x", **CHEAP)["result"]
    same = client.answer("evaluate", predicted=done["output"], reference=done["output"])["result"]
    assert same["iou"] == same["f1"] == 1
    frame = geopandas.read_file(done["output"], layer="changes")
    part = tmp_path / "part.gpkg"
    frame.iloc[: len(frame) // 2].to_file(part)
    kept = client.answer("evaluate", predicted=str(part), reference=done["output"])["result"]
    assert kept["precision"] == pytest.approx(1)
    share = frame.area_m2[: len(frame) // 2].sum() / frame.area_m2.sum()
    assert kept["recall"] == pytest.approx(share, rel=1e-3)
    assert kept["true_positive_m2"] == pytest.approx(share * frame.area_m2.sum(), rel=5e-3)


def squares(path: Path, *corners: tuple[float, float], crs: str | None = UTM) -> str:
    """Write squares of 100 m, in UTM, as a layer in a CRS."""
    shapes = [shapely.box(x, y, x + 100, y + 100) for x, y in corners]
    layer = geopandas.GeoDataFrame(geometry=shapes, crs=UTM)
    layer = layer.set_crs(None, allow_override=True) if crs is None else layer.to_crs(crs)
    layer.to_file(path)
    return str(path)


def test_the_area_of_an_evaluation(client: Client, tmp_path: Path) -> None:
    """Bounds mean the same place in both layers, and an area elsewhere is an error."""
    predicted = squares(tmp_path / "p.gpkg", (500_000, 4e6), (500_200, 4e6))
    reference = squares(tmp_path / "r.gpkg", (500_050, 4e6), (500_200, 4e6))
    degrees = squares(tmp_path / "d.gpkg", (500_050, 4e6), (500_200, 4e6), crs="EPSG:4326")
    bounds = [500_000, 4_000_000, 500_150, 4_000_100]
    polygon = tmp_path / "a.gpkg"
    geopandas.GeoDataFrame(geometry=[shapely.box(*bounds)], crs=UTM).to_file(polygon)
    wkt = pyproj.CRS("+proj=tmerc +lon_0=15 +k=0.9996 +x_0=500000 +ellps=WGS84").to_wkt(pretty=True)
    for other, area in (
        (reference, {"aoi": bounds}),
        (degrees, {"aoi": bounds, "aoi_crs": UTM}),
        (degrees, {"aoi": bounds, "aoi_crs": wkt}),
        (degrees, {"aoi": str(polygon)}),
    ):
        done = client.answer("evaluate", predicted=predicted, reference=other, **area)["result"]
        assert done["iou"] == pytest.approx(1 / 3, abs=1e-4), area
        assert done["true_positive_m2"] == pytest.approx(5000, rel=0.01)
        assert done["warnings"] == []
    for box in ([400_000, 4e6, 400_100, 4_000_100], [-2e7, -2e7, -1.9e7, -1.9e7]):
        away = {"aoi": box, "aoi_crs": UTM}
        event = client.answer("evaluate", predicted=predicted, reference=reference, **away)
        assert (event["class"], event["code"]) == ("RequestError", "request")
        assert "does not overlap the layers" in event["message"]
    between = {"aoi": [500_160, 4_000_010, 500_190, 4_000_090]}
    done = client.answer("evaluate", predicted=predicted, reference=reference, **between)["result"]
    assert done["iou"] is None
    assert "no polygon" in done["warnings"][0]


def test_wrong_inputs_of_an_evaluation_are_requests(client: Client, tmp_path: Path) -> None:
    layer = squares(tmp_path / "p.gpkg", (500_000, 4e6))
    degrees = squares(tmp_path / "d.gpkg", (500_000, 4e6), crs="EPSG:4326")
    without = squares(tmp_path / "n.gpkg", (500_000, 4e6), crs=None)
    metres = str(tmp_path / "m.gpkg")
    geopandas.read_file(layer).set_crs(4326, allow_override=True).to_file(metres)
    points, lines = str(tmp_path / "points.gpkg"), str(tmp_path / "lines.gpkg")
    geopandas.read_file(layer).centroid.to_file(points)
    geopandas.read_file(layer).boundary.to_file(lines)
    bounds = [500_000, 4_000_000, 500_150, 4_000_100]
    cases: list[tuple[dict[str, Any], str]] = [
        ({"aoi": bounds, "aoi_crs": "nonsense"}, "not a known CRS"),
        ({"aoi": bounds, "aoi_crs": 5}, "'aoi_crs' must be a text"),
        ({"aoi": bounds, "reference": degrees}, "the bounds of the area have no CRS"),
        ({"aoi": [1, 2]}, "'aoi' must be"),
        ({"aoi": without}, "has no CRS"),
        ({"aoi": lines}, "must be one or more polygons"),
        ({"reference": without}, "has no CRS"),
        ({"reference": points}, "must be a layer of polygons but holds a Point"),
        ({"predicted": lines}, "must be a layer of polygons but holds a LineString"),
        ({"reference": metres}, "no place in its CRS"),
        ({"reference_layer": 5}, "'reference_layer' must be a text"),
    ]
    for params, message in cases:
        event = client.answer("evaluate", **{"predicted": layer, "reference": layer, **params})
        assert (event["event"], event["code"]) == ("error", "request"), (params, event)
        assert message in event["message"], params
        assert event["advice"]


def test_errors_have_a_class_a_message_and_advice(
    client: Client, pair_paths: PairPaths, tmp_path: Path
) -> None:
    taken = tmp_path / "taken.gpkg"
    taken.write_text("mine")
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"output": str(taken)}, "OutputError", "exists"),
        ({"model": "huge"}, "ModelError", "no model 'huge'"),
        ({"after": "none.tif"}, "RasterError", "none.tif cannot be opened"),
        ({"threshold": "high"}, "RequestError", "'threshold' must be a number"),
        ({"threshold": 7}, "RequestError", "between 0 and 1"),
        ({"before": None}, "RequestError", "'before' must be a path, or a list"),
        ({"aoi": [1, 2]}, "RequestError", "'aoi' must be"),
        ({"query": 7}, "RequestError", "'query' must be a text"),
        ({"min_area_m2": 10**400}, "RequestError", "'min_area_m2' must be a number"),
        ({"output": "x\0.gpkg"}, "RequestError", "the character NUL"),
        ({"aoi": [0, 0, 1, 1], "aoi_crs": "nonsense"}, "VectorError", "not a known CRS"),
    ]
    for params, name, message in cases:
        request = {**rasters(pair_paths), "query": "x", **CHEAP, **params}
        event = client.answer("detect", **request)
        assert event["event"] == "error", params
        assert event["class"] == name
        assert message in event["message"]
        assert event["advice"]
    assert client.answer("doctor")["result"]["ok"]
    assert taken.read_text() == "mine"


def test_export_pairs(client: Client, pair_paths: PairPaths, tmp_path: Path) -> None:
    found = client.answer("detect", **rasters(pair_paths), query="new houses", **CHEAP)["result"]
    frame = geopandas.read_file(found["output"], layer="changes")
    polygons = tmp_path / "reviewed.gpkg"
    frame.assign(review="accepted").to_file(polygons, layer="r")
    request = {**rasters(pair_paths), "polygons": str(polygons), "polygons_layer": "r",
             "tile_px": 256, "output": str(tmp_path / "pairs")}  # fmt: skip
    done = client.answer("export_pairs", **request)["result"]
    assert done["pairs"] == len(list((tmp_path / "pairs" / "A").iterdir())) > 0
    assert (done["no_target"], done["too_small"]) == (0, 0)
    again = client.answer("export_pairs", **request)
    assert again["class"] == "OutputError"
    assert client.answer("export_pairs", **{**request, "tile_px": "x"})["class"] == "RequestError"


def test_malformed_and_oversized_lines(client: Client) -> None:
    lines = [
        b"not json", b"\xff\xfe", b"[" * 100_000, b"[]", b"null", b"{}", b"1" * 10_000,
        b'{"protocol": 2, "id": "a", "job": "detect"}',
        b'{"protocol": 1, "id": "a", "job": "fly"}',
        b'{"protocol": 1, "id": "a", "job": "detect", "params": []}',
        b'{"protocol": 1, "id": 7, "job": "detect"}',
        b"x" * (3 * MAX_LINE_BYTES),
    ]  # fmt: skip
    for line in lines:
        client.write(line + b"\n")
        event = client.until("error")
        assert event["class"] == "ProtocolError", line[:80]
    assert client.answer("explain", query="houses")["result"]["model_text"] == "houses"
    assert client.answer("explain", query="x" * 2_000_000)["class"] == "QueryError"
    for wrong in (
        {"model": 5}, {"model": ["tiny"]}, {"gsd_m": -1}, {"gsd_m": 0}, {"gsd_m": 10**400},
        {"references": 5}, {"references": [1, None]}, {"references": "school"}, {"raw": "yes"},
    ):  # fmt: skip
        event = client.answer("explain", query="houses", **wrong)
        assert (event["class"], event["code"]) == ("RequestError", "request"), wrong


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_REQUESTS = st.fixed_dictionaries(
    {},
    optional={
        "protocol": st.just(1) | _JSON,
        "id": st.text() | _JSON,
        "job": st.sampled_from(
            ["detect", "explain", "models", "evaluate", "export_pairs", "cancel"]
        )
        | _JSON,
        "params": st.dictionaries(
            st.sampled_from(["query", "before", "aoi", "id", "raw", "polygons"]), _JSON
        )
        | _JSON,
    },
)


@given(st.lists(st.binary() | _REQUESTS.map(lambda r: json.dumps(r).encode()), max_size=8))
def test_fuzz(lines: list[bytes]) -> None:
    """Every line but blanks and cancellations is answered once; no line ends the worker."""
    sent = [part for line in lines for part in line.split(b"\n") if part.strip()]
    last = b'{"protocol": 1, "id": "last one", "job": "evaluate"}'
    ends, answers = os.pipe(), os.pipe()
    requests, events = os.fdopen(ends[0], "rb"), os.fdopen(answers[1], "wb")
    worker = Worker(requests, events)
    worker._end = lambda: worker._queue.put(None)  # type: ignore[method-assign]
    thread = threading.Thread(target=worker.run)
    thread.start()
    with os.fdopen(ends[1], "wb") as sink, os.fdopen(answers[0], "rb") as source:
        sink.write(b"\n".join([*sent, last, b""]))
        sink.flush()
        found = []
        while not found or found[-1].get("id") != "last one":
            event = json.loads(source.readline())
            found += [event] if event["event"] in ("result", "error") else []
        sink.close()
        thread.join(30)
    assert not thread.is_alive()
    cancels = sum(is_cancel(line) for line in sent)
    assert len(found) == len(sent) + 1 - cancels
    requests.close()
    events.close()


def is_cancel(line: bytes) -> bool:
    try:
        return Request.parse(line).job == "cancel"
    except ValueError:
        return False


def test_prints_of_other_code_do_not_reach_the_protocol() -> None:
    code = (
        "import os, sys, subprocess; from mtrs_geo.worker import protocol as worker, jobs\n"
        "def loud(params):\n"
        "    print('python'); os.write(1, b'C library\\n'); subprocess.run(['echo', 'child'])\n"
        "    return {'read': sys.stdin.read() if sys.stdin else ''}\n"
        "worker._QUICK['models'] = loud\n"
        "worker.main()\n"
    )
    client = Client([sys.executable, "-c", code])
    assert client.answer("models")["result"] == {"read": ""}
    assert client.process.stdin
    client.process.stdin.close()
    client.process.wait(timeout=30)
    assert client.process.stderr
    output = client.process.stderr.read().decode()
    assert {"python", "C library", "child"} <= set(output.split("\n"))
    client.process.stdout.close()  # type: ignore[union-attr]
    client.process.stderr.close()
