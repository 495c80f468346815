"""Files of finished jobs that people edited, when a batch goes on with other wishes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import pandas as pd
import pyogrio
import pytest

from mtrs_geo.batch import BatchResult, run_batch
from mtrs_geo.batch.manifest import Manifest
from mtrs_geo.errors import OutputError, RequestError
from mtrs_geo.progress import Silent
from mtrs_geo.query import ChangeQuery

CHEAP: dict[str, Any] = {"model": "brightness", "options": {"threshold": 0.25}}
Run = Callable[..., BatchResult]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def run(table: Path, out: Path) -> Run:
    """Return a function that runs a batch of one job, ``village``."""
    rows = table.read_text().splitlines()
    table.write_text("\n".join([rows[0], rows[-1]]) + "\n")

    def run_once(query: Any = "any change", **more: Any) -> BatchResult:
        return run_batch(table, out, query, **{**CHEAP, **more})

    return run_once


class Messages(Silent):
    """Keeps what is logged."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def log(self, message: str) -> None:
        self.messages.append(message)


def edit(path: Path) -> None:
    """Accept two polygons and remove the others."""
    layer = {"layer": "changes"} if path.suffix == ".gpkg" else {}
    geopandas.read_file(path, **layer).head(2).assign(review="accepted").to_file(path, **layer)


@pytest.mark.parametrize(
    "wishes",
    [
        {"preview": True},
        {"probability": True},
        {"preview": True, "probability": True},
        {"format": "geojson"},
        {"format": "fgb", "preview": True},
    ],
)
def test_a_new_kind_of_file_leaves_edited_ones(run: Run, out: Path, wishes: dict[str, Any]) -> None:
    run()
    edit(out / "village.gpkg")
    edited = (out / "village.gpkg").read_bytes()
    result = run(resume=True, **wishes)
    assert not result.failed
    assert (out / "village.gpkg").read_bytes() == edited
    (entry,) = json.loads(json.dumps(result.entries))
    assert entry == Manifest(out).read()["village"]
    wanted = {"preview": "village.png", "probability": "village.tif"}
    for key, name in wanted.items():
        assert (out / name).is_file() == (key in wishes)
        assert entry.get(key) == (name if key in wishes else None)
    assert entry["output"] == f"village.{wishes.get('format', 'gpkg')}"
    assert (out / entry["output"]).is_file()
    made = {path: path.stat().st_mtime_ns for path in out.iterdir()}
    assert run(resume=True, **wishes).entries == (entry,)
    assert {path: path.stat().st_mtime_ns for path in out.iterdir()} == made


@pytest.mark.parametrize("lost", ["village.gpkg", "village.tif", "village.png"])
def test_only_a_removed_file_is_made(run: Run, out: Path, lost: str) -> None:
    wishes = {"preview": True, "probability": True}
    run(**wishes)
    if lost != "village.gpkg":
        edit(out / "village.gpkg")
    (out / lost).unlink()
    kept = {path: path.stat().st_mtime_ns for path in out.glob("village.*")}
    result = run(resume=True, **wishes)
    assert (out / lost).is_file()
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert {"output", "probability", "preview"} == result.entries[0]["bytes"].keys()
    assert result.entries[0]["polygons"] == {"any change": 5}


@pytest.mark.parametrize("lost", ["shp", "shx", "dbf", "prj", "cpg"])
def test_a_lost_part_of_a_shapefile_is_made(run: Run, out: Path, lost: str) -> None:
    run(format="shp", stac=True)
    made = {path.name: path.read_bytes() for path in out.glob("village.*")}
    assert len(made) == 5
    part, half = out / f"village.{lost}", len(made[f"village.{lost}"]) // 2 * (lost != "cpg")
    for damage in (part.unlink, lambda: os.truncate(part, half)):
        damage()
        (entry,) = run(format="shp", resume=True).entries
        assert entry["status"] == "done"
        assert entry["bytes"]["output"] == sum(map(len, made.values()))
        assert {path.name for path in out.glob("village.*")} == set(made)
        assert part.read_bytes() == made[part.name] or lost == "dbf"  # which has a date
        assert len(geopandas.read_file(out / "village.shp").dropna(subset="geometry")) == 5


def test_no_edit_of_a_damaged_shapefile_is_lost(run: Run, out: Path) -> None:
    run(format="shp")
    edit(out / "village.shp")
    os.utime(out / "village.shp", times=(2e9, 2e9))
    edited = (out / "village.shp").read_bytes()
    (out / "village.cpg").unlink()
    assert run(format="shp", resume=True).entries[0]["status"] == "done"
    for suffix in ("prj", "dbf"):
        kept = (out / f"village.{suffix}").read_bytes()
        (out / f"village.{suffix}").unlink()
        with pytest.raises(OutputError, match=rf"village\.{suffix} is lost or cut off") as caught:
            run(format="shp", resume=True)
        assert f"Put village.{suffix} back" in caught.value.advice
        (out / f"village.{suffix}").write_bytes(kept)
    assert (out / "village.shp").read_bytes() == edited


def test_an_edited_file_of_an_earlier_format_stays(run: Run, out: Path) -> None:
    run()
    edit(out / "village.gpkg")
    edited = (out / "village.gpkg").read_bytes()
    assert run(resume=True, format="fgb").entries[0]["output"] == "village.fgb"
    assert run(resume=True).entries[0]["output"] == "village.gpkg"
    assert (out / "village.gpkg").read_bytes() == edited
    assert Manifest(out).read()["village"]["output"] == "village.gpkg"


def test_a_file_that_cannot_be_made_costs_no_edited_one(
    run: Run, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    run()
    edit(out / "village.gpkg")
    edited = (out / "village.gpkg").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr("mtrs_geo.detect.run_outputs.write_preview", full)
        assert run(resume=True, preview=True).failed
    assert Manifest(out).read()["village"]["status"] == "failed"
    result = run(resume=True)
    assert not result.failed
    assert Manifest(out).read()["village"] == result.entries[0]
    assert not run(resume=True, preview=True).failed
    assert (out / "village.png").is_file()
    assert (out / "village.gpkg").read_bytes() == edited


def test_files_of_others_are_not_replaced_on_resume(run: Run, out: Path) -> None:
    run()
    for name in ("village.png", "village.geojson"):
        (out / name).write_text("mine")
    for wishes in ({"preview": True}, {"format": "geojson"}):
        (entry,) = run(resume=True, **wishes).entries
        assert "exists" in entry["message"]
        # With --overwrite the edited polygons would be lost.
        assert "Move it away" in entry["advice"]
    assert (out / "village.png").read_text() == (out / "village.geojson").read_text() == "mine"


@pytest.mark.parametrize("status", ["failed", "new"])
def test_a_file_that_someone_put_there_for_a_job_stays(
    run: Run, out: Path, table: Path, status: str
) -> None:
    rows = table.read_text()
    lost = "lost,data/village_2016.tif,data/none.tif,,\n"
    if status == "failed":
        table.write_text(rows + lost)
    run()
    table.write_text(rows + lost.replace("none", "village_2020"))
    (out / "lost.gpkg").write_text("mine")
    result = run(resume=True)
    assert "exists" in result.entries[1]["message"]
    assert (out / "lost.gpkg").read_text() == "mine"


@pytest.mark.parametrize("what", ["query", "option", "raster", "model"])
@pytest.mark.parametrize(
    "wishes", [{}, {"preview": True}, {"probability": True}, {"format": "geojson"}]
)
def test_another_job_is_refused_whatever_is_asked_for(
    run: Run, out: Path, tmp_path: Path, write: Callable[..., Path], what: str,
    wishes: dict[str, Any],
) -> None:  # fmt: skip
    run()
    before = {name: (out / name).read_bytes() for name in os.listdir(out)}
    other: dict[str, Any] = {
        "query": {"query": "demolished squares"},
        "option": {"options": {"threshold": 0.3}},
        "raster": {},
        "model": {"model": "tiny"},
    }[what]
    if what == "raster":
        write(tmp_path / "data/village_2020.tif", 4)
    with pytest.raises(OutputError, match="'village' is done, and was another one") as refused:
        run(resume=True, **wishes, **other)
    assert "village.gpkg" in refused.value.advice
    assert "--overwrite" in refused.value.advice
    assert {name: (out / name).read_bytes() for name in os.listdir(out)} == before


def test_a_job_without_its_files_may_be_another_one(run: Run, out: Path) -> None:
    run()
    (out / "village.gpkg").unlink()
    result = run("new squares", resume=True)
    assert list(result.entries[0]["polygons"]) == ["new squares"]
    assert run("new squares", resume=True, preview=True).entries[0]["preview"] == "village.png"


@pytest.mark.parametrize("wishes", [{}, {"preview": True}])
@pytest.mark.parametrize("kind", ["renamed", "table", "parquet"])
def test_a_file_without_its_layer_is_no_damage(
    run: Run, out: Path, kind: str, wishes: dict[str, Any]
) -> None:
    form = "parquet" if kind == "parquet" else "gpkg"
    run(format=form)
    path = out / f"village.{form}"
    read = geopandas.read_parquet if form == "parquet" else geopandas.read_file
    frame = read(path).head(1).assign(review="accepted" * 9000)
    path.unlink()
    if kind == "parquet":
        pd.DataFrame(frame.drop(columns="geometry")).to_parquet(path)
    elif kind == "table":
        table = pd.DataFrame(frame.drop(columns="geometry"))
        pyogrio.write_dataframe(table, path, layer="changes")
    else:
        frame.to_file(path, layer="checked")
    edited = path.read_bytes()
    with pytest.raises(OutputError, match="has no polygons in a layer 'changes', but can be read"):
        run(resume=True, format=form, **wishes)
    assert path.read_bytes() == edited


@pytest.mark.parametrize("geometry", ["wkt", "centroid"])
def test_an_edited_csv_stays(run: Run, out: Path, geometry: str) -> None:
    wishes: dict[str, Any] = {
        "format": "csv", "options": {"threshold": 0.25, "csv_geometry": geometry},
    }  # fmt: skip
    run(**wishes)
    path = out / "village.csv"
    pd.read_csv(path).head(2).assign(review="accepted").to_csv(path, index=False)
    edited = path.read_bytes()
    run(resume=True, preview=True, **wishes)
    assert path.read_bytes() == edited
    path.write_text("")
    run(resume=True, preview=True, **wishes)
    assert len(pd.read_csv(path)) == 5, "an empty file is damaged"


@pytest.mark.parametrize("wishes", [{"dataset": "gpkg"}, {"dataset": "job"}, {"pmtiles": True}])
def test_csv_is_not_joined(run: Run, out: Path, wishes: dict[str, Any]) -> None:
    name = "--dataset" if "dataset" in wishes else "--pmtiles"
    with pytest.raises(RequestError, match=f"{name} cannot join CSV files: they name no CRS") as no:
        run(format="csv", **wishes)
    assert f"such as gpkg, or leave {name} out" in no.value.advice
    assert not out.exists()


def test_a_job_that_fails_again_makes_no_joined_file_old(table: Path, tmp_path: Path) -> None:
    out, said = tmp_path / "out", Messages()
    first = run_batch(table, out, "any change", dataset="gpkg", **CHEAP)
    assert len(first.failed) == 1
    run_batch(table, out, "any change", resume=True, progress=said, **CHEAP)
    assert not [message for message in said.messages if "older" in message]
    rows = [row for row in table.read_text().splitlines() if not row.startswith("lost")]
    village = rows[-1].replace("village,", "again,")
    table.write_text("\n".join([*rows, village]) + "\n")
    run_batch(table, out, "any change", resume=True, progress=said, **CHEAP)
    assert "changes.gpkg (dataset) is older than 1 of these jobs" in said.messages


def test_an_unknown_option_is_named_with_the_known_ones(table: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="run_batch has no option 'csv_geometry'") as no:
        run_batch(table, tmp_path / "out", "any change", csv_geometry="wkt")
    assert "dataset" in no.value.advice
    assert "options={…}" in no.value.advice


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        ({"dataset": "parquet"}, "dataset 'parquet' is not allowed"),
        ({"options": {"treshold": 0.4}}, "there is no option 'treshold'"),
        ({"options": {"threshold": 2}}, "threshold 2 must lie between"),
        ({"options": {"overwrite": True}}, "no 'overwrite', as it is an argument of the batch"),
    ],
)
def test_what_no_job_can_use_is_refused_before_the_first(
    run: Run, out: Path, wishes: dict[str, Any], message: str
) -> None:
    with pytest.raises(RequestError, match=message):
        run(**wishes)
    assert not out.exists()


def test_a_format_may_be_written_as_a_suffix(run: Run) -> None:
    assert run(format=".fgb").entries[0]["output"] == "village.fgb"


def test_another_parsed_sentence_is_another_job(run: Run) -> None:
    largest = ChangeQuery.parse("the largest new square")
    for query in (largest, [largest]):
        assert run(query, overwrite=True).entries[0]["polygons"] == {largest.text: 1}
    assert len(run(largest, resume=True).entries) == 1
    with pytest.raises(OutputError, match="was another one: queries"):
        run(ChangeQuery.parse("new squares"), resume=True)


def test_a_later_run_that_differs_is_named(run: Run, out: Path) -> None:
    run()
    manifest = out / "manifest.jsonl"
    entry = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(entry | {"polygons": {"any change": 7}}) + "\n")
    (entry,) = run(resume=True, preview=True).entries
    assert entry["polygons"] == {"any change": 7}
    assert entry["warnings"][-1] == (
        "village.png shows a later run with 5 polygons; the run of village.gpkg found 7"
    )
