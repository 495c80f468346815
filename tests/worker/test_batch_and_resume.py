"""The job ``batch``, and jobs that go on after a cancellation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import rasterio
from affine import Affine
from json_lines_client import CHEAP, Client, rasters

from mtrs_geo.data.rendering.synthetic import PairPaths

SIDE = 1400
OPTIONS: dict[str, Any] = {**CHEAP, "query": "any change"}


@pytest.fixture(scope="module")
def wide_pair(tmp_path_factory: pytest.TempPathFactory) -> PairPaths:
    """A pair that takes some seconds, quickly made."""
    folder = tmp_path_factory.mktemp("wide")
    image = np.full((3, SIDE, SIDE), 80, np.uint8)
    paths = []
    for year in (2016, 2023):
        paths.append(folder / f"wide_{year}.tif")
        with rasterio.open(
            paths[-1], "w", driver="GTiff", count=3, height=SIDE, width=SIDE, dtype="uint8",
            crs="EPSG:32633", tiled=True, transform=Affine(0.5, 0, 4e5, 0, -0.5, 5e6),
        ) as file:  # fmt: skip
            file.write(image)
        for corner in range(20, SIDE, 100):
            image[:, corner : corner + 30, corner : corner + 30] = 230
    return PairPaths(*paths, None)


def until_end(client: Client) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the events of a job and its last one."""
    events = [client.read()]
    while events[-1]["event"] not in ("result", "error"):
        events.append(client.read())
    return events, events[-1]


def test_a_cancelled_detect_goes_on(client: Client, wide_pair: PairPaths, tmp_path: Path) -> None:
    """The tiles that were answered are not answered again, and the polygons are the same."""
    outputs = {name: str(tmp_path / f"{name}.gpkg") for name in ("c", "whole")}
    request = {**rasters(wide_pair), **OPTIONS, "batch_size": 1, "tile_px": 128}
    client.send("detect", "a", **request, output=outputs["c"])
    while client.until("progress")["done"] < 3:
        pass
    client.send("cancel", "c", id="a")
    assert client.until("error")["class"] == "Cancelled"
    assert [path.name for path in tmp_path.iterdir()] == ["c.gpkg.run"]
    refused = client.answer("detect", "b", **request, output=outputs["c"])
    assert "has an interrupted run beside it" in refused["message"]
    client.send("detect", "d", **request, output=outputs["c"], resume=True, overwrite=True)
    first = client.until("progress", "error")
    while first["event"] == "progress" and first["done"] == 0:
        first = client.until("progress", "error")
    assert first["done"] >= 3
    assert client.until("result", "error")["event"] == "result"
    client.answer("detect", "e", **request, output=outputs["whole"])
    found, whole = (geopandas.read_file(path, layer="changes") for path in outputs.values())
    assert found.geometry.geom_equals(whole.geometry).all()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.gpkg", "whole.gpkg"]


def test_a_table(client: Client, pair_paths: PairPaths, tmp_path: Path) -> None:
    pair = rasters(pair_paths)
    names = {name: Path(path).name for name, path in pair.items()}
    with rasterio.open(pair["after"]) as file:
        left, bottom, right, top = file.bounds
    half = (left + right) / 2
    geopandas.GeoSeries.from_wkt(
        [f"POLYGON(({left} {bottom},{half} {bottom},{half} {top},{left} {top},{left} {bottom}))"],
        crs=file.crs,
    ).to_file(tmp_path / "area.gpkg")
    rows = [
        {"fid": 1, "id": "town", **names, "query": "new buildings|any change", "notes": "ours"},
        {"fid": 2, "id": "lost", "before": names["before"], "after": "none.tif", "query": None},
        {"fid": 3, "id": "part", **names, "query": None, "threshold": 0.4, "notes": None},
    ]
    table = {
        "rows": rows, "folder": str(pair_paths.before.parent), "output": str(tmp_path / "out"),
        "query": "any change", "aoi": str(tmp_path / "area.gpkg"), "simplify_m": 1.0, **CHEAP,
    }  # fmt: skip
    client.send("batch", "1", **table)
    events, last = until_end(client)
    assert last["event"] == "result", last
    shown = [event["row"] for event in events if event["event"] == "row"]
    assert [(row["id"], row["status"]) for row in shown] == [
        ("town", "done"), ("lost", "failed"), ("part", "done"),
    ]  # fmt: skip
    assert shown == last["result"]["jobs"]
    assert "none.tif cannot be opened" in shown[1]["message"]
    assert shown[0]["questions"][0]["text"] == "new buildings"
    logs = [event for event in events if event["event"] == "log"]
    assert [event["message"] for event in logs if event["level"] == "warning"] == [
        "columns that are not used: notes"
    ]
    progress = [event for event in events if event["event"] == "progress"]
    assert progress[-1]["unit"] == "jobs"
    assert progress[-1]["done"] == progress[-1]["total"] == 3
    entry = json.loads((tmp_path / "out/manifest.jsonl").read_text().splitlines()[2])
    assert entry["options"]["threshold"] == 0.4
    assert entry["options"]["simplify_px"] > 0

    (tmp_path / "area.gpkg").rename(tmp_path / "renamed.gpkg")
    table |= {"aoi": str(tmp_path / "renamed.gpkg"), "resume": True}
    client.send("batch", "2", **table)
    events, last = until_end(client)
    assert last["result"]["jobs"][0] == shown[0]
    refused = client.answer("batch", "3", **{**table, "resume": False})
    assert "a batch of 3 jobs" in refused["message"]
    wrong = client.answer("batch", "4", **{**table, "rows": ["x"]})
    assert wrong["code"] == "request"


def test_names_of_columns_may_have_capitals(
    client: Client, pair_paths: PairPaths, tmp_path: Path
) -> None:
    names = {name.title(): path for name, path in rasters(pair_paths).items()}
    row = {"FID": 1, "ID": "town", **names, "Query": "new buildings", " Simplify_px": 0.5}
    table = {"rows": [{**row, "Notes": "x"}], "query": "any change", "simplify_m": 9.0, **CHEAP}
    client.send("batch", "1", **table, output=str(tmp_path / "out"))
    events, last = until_end(client)
    assert last["event"] == "result", last
    (done,) = last["result"]["jobs"]
    assert (done["id"], done["status"]) == ("town", "done")
    assert list(done["polygons"]) == ["new buildings"]
    messages = [event["message"] for event in events if event["event"] == "log"]
    assert "columns that are not used: Notes" in messages
    entry = json.loads((tmp_path / "out/manifest.jsonl").read_text())
    assert entry["options"]["simplify_px"] == 0.5
    twice = client.answer("batch", "2", **table | {"rows": [{**row, "id": "x"}]}, output="out")
    assert "the column 'id' twice" in twice["message"]


def test_a_cancelled_table_keeps_finished_rows(
    client: Client, wide_pair: PairPaths, tmp_path: Path
) -> None:
    row = {**rasters(wide_pair), "tile_px": 128, "batch_size": 1}
    rows = [{"id": name, **row} for name in ("one", "two")]
    table = {"rows": rows, "output": str(tmp_path), **OPTIONS}
    client.send("batch", "1", **table)
    assert client.until("row", "error")["row"]["id"] == "one"
    while client.until("progress")["fraction"] <= 0.55:
        pass
    client.send("cancel", "c", id="1")
    cancelled = client.until("error")
    assert cancelled["class"] == "Cancelled"
    assert "finished rows are kept" in cancelled["message"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "manifest.jsonl", "one.gpkg", "two.gpkg.run",
    ]  # fmt: skip
    client.send("batch", "2", **table, resume=True)
    events, last = until_end(client)
    assert [row["status"] for row in last["result"]["jobs"]] == ["done", "done"]
    assert min(e["fraction"] for e in events if e["event"] == "progress" if e["done"]) >= 0.5
    assert not list(tmp_path.glob("*.run*"))
