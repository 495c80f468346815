"""Batches of real files, with the brightness model."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import geopandas
import pandas as pd
import pyarrow.parquet
import pytest
from command_server import run_command, start_command
from shapely.geometry import box

from mtrs_geo import detect_changes
from mtrs_geo.batch import Job, estimate_batch, plan_jobs, read_jobs, run_batch
from mtrs_geo.batch.job import OPTIONS
from mtrs_geo.detect.options import DetectKeywords
from mtrs_geo.errors import GridError, OutputError, RequestError
from mtrs_geo.models import BrightnessSegmenter, Query
from mtrs_geo.progress import LogLines
from mtrs_geo.types import FloatArray, UInt8Array

CHEAP: dict[str, Any] = {"model": "brightness", "options": {"threshold": 0.25}}
SIDE = 200
Write = Callable[..., Path]


def read(path: Path) -> geopandas.GeoDataFrame:
    return geopandas.read_file(path, layer="changes")


def test_a_failed_job_does_not_stop_the_others(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run_batch(table, out, "any change", **CHEAP)
    assert [entry["status"] for entry in result.entries] == ["done", "failed", "done"]
    assert sorted(path.name for path in out.iterdir()) == [
        "failures.csv", "manifest.jsonl", "town.gpkg", "village.gpkg",
    ]  # fmt: skip
    town = geopandas.read_file(out / "town.gpkg", layer="changes")
    assert sorted(set(town["query"])) == ["demolished squares", "new squares"]
    failures = pd.read_csv(out / "failures.csv")
    assert list(failures.id) == ["lost"]
    assert "none.tif" in failures.message[0]
    summary = result.summary()
    assert list(summary.polygons) == [6, 0, 5]
    assert repr(result) == f"<BatchResult: 2 of 3 jobs done, 11 polygons, in {out}>"
    entry = json.loads((out / "manifest.jsonl").read_text().splitlines()[0])
    assert entry["polygons"] == {"new squares": 3, "demolished squares": 3}
    assert entry["inputs"]["town_2016.tif"]["bytes"] > 0
    assert entry["seconds"] > 0


def test_it_goes_on_with_what_is_missing(table: Path, tmp_path: Path, write: Write) -> None:
    out = tmp_path / "out"
    run_batch(table, out, "any change", **CHEAP)
    with pytest.raises(OutputError, match=r"a batch of 3 jobs.*--resume"):
        run_batch(table, out, "any change", **CHEAP)
    before = {path.name: path.stat().st_mtime_ns for path in out.glob("*.gpkg")}
    write(tmp_path / "data/none.tif", 2)
    result = run_batch(table, out, "any change", resume=True, **CHEAP)
    assert not result.failed
    assert not (out / "failures.csv").exists()
    assert {path.name: path.stat().st_mtime_ns for path in out.glob("*.gpkg")}.items() >= (
        before.items()
    )
    with pytest.raises(OutputError, match="'lost' is done, and was another one: queries"):
        run_batch(table, out, "new squares", resume=True, **CHEAP)
    write(tmp_path / "data/village_2020.tif", 4)
    with pytest.raises(OutputError, match="'village' is done, and was another one: inputs"):
        run_batch(table, out, "any change", resume=True, **CHEAP)


def test_a_cut_manifest_is_read(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_batch(table, out, "any change", **CHEAP)
    manifest = out / "manifest.jsonl"
    manifest.write_text(manifest.read_text()[:-200])
    result = run_batch(table, out, "any change", resume=True, **CHEAP)
    assert [entry["status"] for entry in result.entries] == ["done", "failed", "done"]
    lines = manifest.read_text().splitlines()
    assert json.loads(lines[-1])["id"] == "village"


def test_a_stopped_batch_keeps_tiles(table: Path, tmp_path: Path) -> None:
    class StopError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        if done == 1:
            raise StopError

    out = tmp_path / "out"
    with pytest.raises(StopError):
        run_batch(table, out, "any change", progress=stop, **CHEAP)
    assert sorted(path.name for path in out.iterdir()) == ["manifest.jsonl", "town.gpkg"]
    result = run_batch(table, out, "any change", resume=True, **CHEAP)
    assert [entry["status"] for entry in result.entries] == ["done", "failed", "done"]


@pytest.mark.parametrize("kind", ["job", "grid"])
def test_a_partitioned_data_set(table: Path, tmp_path: Path, kind: str) -> None:
    result = run_batch(table, tmp_path / "out", "any change", dataset=kind, **CHEAP)
    assert result.dataset is not None
    files = sorted(result.dataset.rglob("*.parquet"))
    assert len(files) == 2
    for path in files:
        about = json.loads(pyarrow.parquet.read_metadata(path).metadata[b"geo"])
        assert about["version"] == "1.1.0"
        column = about["columns"]["geometry"]
        assert column["covering"]["bbox"]["xmin"] == ["bbox", "xmin"]
    whole = pd.concat([geopandas.read_parquet(path) for path in files])
    assert len(whole) == 11
    names = {path.parent.name for path in files}
    cells = {"cell=E013N52", "cell=E007N52"}
    assert names == ({"job=town", "job=village"} if kind == "job" else cells)


@pytest.mark.parametrize("kind", ["gpkg", "fgb"])
def test_one_file(table: Path, tmp_path: Path, kind: str) -> None:
    result = run_batch(table, tmp_path / "out", "any change", dataset=kind, **CHEAP)
    assert result.dataset is not None
    whole = geopandas.read_file(result.dataset)
    assert whole.crs.to_epsg() == 4326
    assert whole.groupby("job").size().to_dict() == {"town": 6, "village": 5}


def test_tables_of_all_kinds(tmp_path: Path) -> None:
    rows = [{"before": "a.tif", "after": "b.tif", "query": "new squares", "threshold": 0.4},
            {"before": "c.tif", "after": "/data/d.tif", "aoi": "areas.gpkg"}]  # fmt: skip
    pd.DataFrame(rows).to_parquet(tmp_path / "jobs.parquet")
    (tmp_path / "jobs.yaml").write_text(
        "defaults: {threshold: 0.4}\njobs:\n- {before: a.tif, after: b.tif, query: new squares}\n"
        "- {before: c.tif, after: /data/d.tif, aoi: areas.gpkg, threshold: null}\n"
    )
    features = [
        {"id": "one", "assets": {"before": {"href": "a.tif"}, "after": {"href": "b.tif"}},
         "properties": {"mtrs_geo:query": "new squares", "mtrs_geo:threshold": 0.4}},
        {"id": "two", "assets": {"before": {"href": "c.tif"}, "after": {"href": "/data/d.tif"}},
         "properties": {"mtrs_geo:aoi": "areas.gpkg"}},
    ]  # fmt: skip
    (tmp_path / "items.json").write_text(json.dumps({"features": features}))
    for name in ("jobs.parquet", "jobs.yaml", "items.json"):
        first, second = read_jobs(tmp_path / name)
        assert (first.before, first.after) == (str(tmp_path / "a.tif"), str(tmp_path / "b.tif"))
        assert first.queries == ("new squares",)
        assert first.options == {"threshold": 0.4}
        assert second.after == "/data/d.tif"
        assert second.options == {"aoi": str(tmp_path / "areas.gpkg")}
    frame_jobs = read_jobs(pd.DataFrame(rows))
    assert [job.id for job in frame_jobs] == ["0001_a_b", "0002_c_d"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("before,after,treshold\na.tif,b.tif,0.4\n", "row 1: there is no option 'treshold'"),
        ("before,after\na.tif,\n", "row 1 has no raster in the column 'after'"),
        ("before,after,threshold\na.tif,b.tif,high\n", "row 1: threshold 'high' cannot be used"),
        ("id,before,after\nx,a.tif,b.tif\nX,a.tif,c.tif\n", "rows 1 and 2 have the same id"),
        ("before,after\na.tif,b.tif,new squares, old\n", "row 1: it does not have the 2 cells"),
        ("before,after\n", "there is no job"),
        ("\0\1\2", "no option|no job|cells|neither UTF-8"),
    ],
)
def test_wrong_tables(tmp_path: Path, rows: str, message: str) -> None:
    (tmp_path / "jobs.csv").write_text(rows)
    with pytest.raises(RequestError, match=message):
        read_jobs(tmp_path / "jobs.csv")


@pytest.mark.parametrize("name", ["jobs.txt", "none.csv", "jobs.parquet", "jobs.yaml", "jobs.json"])
def test_files_that_are_no_table(tmp_path: Path, name: str) -> None:
    if name.startswith("jobs"):
        (tmp_path / name).write_text("[{")
    with pytest.raises(RequestError):
        read_jobs(tmp_path / name)


def test_ids_are_names_of_files(tmp_path: Path) -> None:
    (job,) = read_jobs([{"id": "../../etc/a b?", "before": "a.tif", "after": "b.tif"}])
    assert job.id == "etc_a_b"
    assert read_jobs([Job("x", "a.tif", "b.tif")])[0].id == "x"
    signed = {
        "before": "https://h/a.tif?sig=S3CR3T&host=b.c",
        "after": "/vsicurl?url=http://h/b.tif",
    }
    assert read_jobs([signed])[0].id == "0001_a_b"


def test_a_row_can_have_every_option_of_detect(table: Path, tmp_path: Path) -> None:
    of_the_batch = {
        "cluster", "cluster_workers", "device", "overwrite", "preview", "probability", "resume",
        "upload",
    }  # fmt: skip
    of_a_stack = {"pairs", "timeline"}
    assert set(OPTIONS) == set(DetectKeywords.__annotations__) - of_the_batch - of_a_stack
    rows = table.read_text().replace("threshold", "precision").replace(",0.3", ",bfloat16")
    table.write_text(rows.replace("village_2020.tif,,", "village_2020.tif,,float64"))
    result = run_batch(table, tmp_path / "out", "any change", model="tiny", device="cpu")
    assert [entry["status"] for entry in result.entries] == ["done", "failed", "failed"]
    assert result.entries[0]["options"]["precision"] == "bfloat16"
    assert "precision 'float64' is not allowed" in result.entries[2]["message"]
    (entry,) = run_batch(read_jobs(table)[:1], tmp_path / "plain", "any change", **CHEAP).entries
    assert entry["message"].startswith("precision bfloat16 has no effect on brightness")


def test_an_estimate(table: Path) -> None:
    estimate = estimate_batch(
        table, "any change", model="brightness", probability=True, measure_s=0.2
    )
    assert (estimate.jobs, estimate.tiles) == (3, 2)
    assert estimate.read_bytes == 2 * 2 * SIDE * SIDE * 3
    assert estimate.disk_bytes > 0
    assert [job for job, _ in estimate.problems] == ["lost"]
    assert estimate.seconds is not None
    assert not list(table.parent.glob("batch"))


@pytest.mark.parametrize(("mirrored", "passes"), [(False, 1), (True, 3)])
def test_an_estimate_measures_mirrored_tiles(table: Path, mirrored: bool, passes: int) -> None:
    class Counting(BrightnessSegmenter):
        calls = 0

        def predict_tiles(self, images: UInt8Array, queries: Sequence[Query]) -> FloatArray:
            type(self).calls += 1
            return super().predict_tiles(images, queries)

    options = {"mirrored": mirrored}
    estimate_batch(table, "any change", model=Counting(), measure_s=0, options=options)
    assert Counting.calls == 2 * passes  # the first batch is not measured


def test_an_area_over_many_scenes_is_answered_once(tmp_path: Path, write: Write) -> None:
    """Two earlier and three later scenes overlap; the newest counts in each place."""
    for year, east in ((2014, 400_000), (2015, 400_060)):
        write(tmp_path / f"before/ortho_{year}.tif", 0, east)
    for year, east, squares in ((2019, 400_000, 2), (2020, 400_040, 3), (2012, 400_020, 9)):
        write(tmp_path / f"after/ortho_{year}.tif", squares, east)
    area = geopandas.GeoDataFrame(geometry=[box(400_000, 5_799_900, 400_160, 5_800_000)],
                                  crs="EPSG:32633")  # fmt: skip
    jobs = plan_jobs(area, tmp_path / "before", tmp_path / "after", after_dates=("2018", "2020-06"))
    assert (Path(jobs[0].before).stem, Path(jobs[0].after).stem) == ("ortho_2015", "ortho_2020")
    pieces = geopandas.GeoSeries(
        [geopandas.GeoDataFrame.from_features(job.options["aoi"]).geometry[0] for job in jobs],
        crs="EPSG:4326",
    ).to_crs("EPSG:32633")
    assert pieces.area.sum() == pytest.approx(pieces.union_all().area, rel=1e-6)
    covered = box(400_000, 5_799_900, 400_140, 5_800_000).area
    assert pieces.union_all().area == pytest.approx(covered, rel=1e-3)
    result = run_batch(jobs, tmp_path / "out", "any change", dataset="gpkg", **CHEAP)
    assert not result.failed
    assert result.dataset is not None
    whole = geopandas.read_file(result.dataset).to_crs("EPSG:32633")
    assert whole.area.sum() == pytest.approx(whole.union_all().area, rel=1e-6)
    with pytest.raises(GridError, match="no pair of scenes covers"):
        plan_jobs(area.translate(9000), tmp_path / "before", tmp_path / "after")
    with pytest.raises(RequestError, match="has no scene with a date from 1990 to 1991"):
        plan_jobs(area, tmp_path / "before", tmp_path / "after", before_dates=("1990", "1991"))


def test_what_an_area_lacks_is_named(tmp_path: Path, write: Write) -> None:
    """A raster without a date, one that cannot be read, and a part of the area without scenes."""
    write(tmp_path / "before/ortho_2015.tif", 0)
    write(tmp_path / "before/undated.tif", 0, 400_100)
    (tmp_path / "before/broken_2015.tif").write_bytes(b"no raster")
    write(tmp_path / "after/ortho_2020.tif", 2)
    said: list[str] = []
    where = tmp_path / "before", tmp_path / "after"
    area = geopandas.GeoSeries([box(400_000, 5_799_900, 400_200, 5_800_000)], crs="EPSG:32633")
    plan = partial(plan_jobs, area, *where)
    (job,) = plan(before_dates=(2015, date(2016, 1, 1)), progress=LogLines(said.append))
    assert Path(job.before).name == "ortho_2015.tif"
    assert said[0].startswith(f"warning: 2 of the rasters of {where[0]} are left out: broken_2015")
    assert "undated.tif (no date)" in said[0]
    assert said[1:] == ["warning: no pair of scenes covers 50.0% of the area"]
    for dates in (("2015",), ("2015", "2016", "2017"), ("2015", "x")):
        with pytest.raises(RequestError, match=r"first and a last date|not a date"):
            plan(before_dates=dates)


def test_the_result_is_that_of_detect(table: Path, tmp_path: Path) -> None:
    run_batch(table, tmp_path / "out", "any change", **CHEAP)
    data = tmp_path / "data"
    alone = detect_changes(
        data / "village_2016.tif", data / "village_2020.tif", "any change", model="brightness",
        threshold=0.25,
    )  # fmt: skip
    found = geopandas.read_file(tmp_path / "out/village.gpkg", layer="changes")
    assert found.geometry.geom_equals(alone.polygons.geometry).all()


def test_the_command(table: Path, tmp_path: Path, write: Write) -> None:
    command = [
        "batch", table, "-o", tmp_path / "out", "--model", "brightness", "--set", "threshold=0.25",
    ]  # fmt: skip

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        return run_command(*command, *more)

    done = start_command(*command, "--json", "--dataset", "job")
    assert done.returncode == 3, done.stderr
    answer = json.loads(done.stdout)
    assert [entry["status"] for entry in answer["jobs"]] == ["done", "failed", "done"]
    refused = run("--set", "treshold=1")
    assert refused.returncode == 1
    assert "there is no option 'treshold'" in refused.stderr
    without_area = run("--before-dates", "2015,2016")
    assert without_area.returncode == 2
    assert "need --area" in without_area.stderr
    write(tmp_path / "data/none.tif", 2)
    again = run("--resume")
    assert again.returncode == 0, again.stderr
    assert "3 of 3 jobs" in again.stdout


def test_two_batches_in_one_folder(table: Path, tmp_path: Path) -> None:
    def nested(done: int, total: int) -> None:
        if done == 1:
            run_batch(table, tmp_path / "out", "any change", **CHEAP)

    with pytest.raises(OutputError, match="is being written by another run"):
        run_batch(table, tmp_path / "out", "any change", progress=nested, **CHEAP)


def test_files_that_a_finished_job_lacks_are_made_on_resume(tmp_path: Path, table: Path) -> None:
    rows = table.read_text().splitlines()
    table.write_text("\n".join([rows[0], rows[-1]]) + "\n")
    out = tmp_path / "out"
    run_batch(table, out, "any change", **CHEAP)
    run_batch(table, out, "any change", resume=True, preview=True, **CHEAP)
    assert (out / "village.png").exists()
    result = run_batch(table, out, "any change", resume=True, format="fgb", preview=True, **CHEAP)
    assert [entry["output"] for entry in result.entries] == ["village.fgb"]
    assert (out / "village.fgb").exists()
    made = (out / "village.fgb").stat().st_mtime_ns
    run_batch(table, out, "any change", resume=True, format="fgb", preview=True, **CHEAP)
    assert (out / "village.fgb").stat().st_mtime_ns == made


def test_overwrite_leaves_no_file_of_the_earlier_batch(tmp_path: Path, table: Path) -> None:
    rows = table.read_text().splitlines()
    table.write_text("\n".join([rows[0], rows[1], rows[3]]) + "\n")
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    joined: dict[str, Any] = {"dataset": "grid", "pmtiles": True, "stac": True}
    run_batch(table, out, "any change", preview=True, probability=True, **joined, **CHEAP)
    run_batch(table, out, "any change", overwrite=True, dataset="fgb", format="fgb", **CHEAP)
    names = ["changes.fgb", "manifest.jsonl", "notes.txt", "town.fgb", "village.fgb"]
    assert sorted(path.name for path in out.iterdir()) == names


def test_resume_without_an_earlier_batch_replaces_nothing(tmp_path: Path, table: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "town.gpkg").write_text("mine")
    result = run_batch(table, out, "any change", resume=True, **CHEAP)
    assert "exists" in result.entries[0]["message"]
    assert (out / "town.gpkg").read_text() == "mine"


def test_damaged_outputs_are_made_again_and_edited_ones_kept(tmp_path: Path, table: Path) -> None:
    rows = table.read_text().splitlines()
    table.write_text("\n".join([rows[0], rows[1], rows[3]]) + "\n")
    out = tmp_path / "out"
    run_batch(table, out, "any change", probability=True, preview=True, **CHEAP)
    for name in ("town.gpkg", "town.tif", "town.png"):
        count, whole = len(read(out / "town.gpkg")), (out / name).read_bytes()
        (out / name).write_bytes(whole[: len(whole) // 2])
        edited = read(out / "village.gpkg").head(2).assign(review="accepted")
        edited.to_file(out / "village.gpkg", layer="changes")
        run_batch(table, out, "any change", resume=True, probability=True, preview=True, **CHEAP)
        assert len(read(out / "town.gpkg")) == count
        assert (out / name).stat().st_size >= len(whole) * 0.9
        assert set(read(out / "village.gpkg").review) == {"accepted"}


def test_files_of_others_are_not_joined_over(tmp_path: Path, table: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    mine = geopandas.GeoDataFrame({"note": ["x"]}, geometry=[box(0, 0, 1, 1)], crs=4326)
    mine.to_file(out / "changes.gpkg")
    (out / "stac").mkdir()
    (out / "stac" / "own.json").write_text("{}")
    for options in ({"dataset": "gpkg"}, {"stac": True}):
        with pytest.raises(OutputError, match="exists, and no batch wrote it"):
            run_batch(table, out, "any change", **options, **CHEAP)
    assert not (out / "manifest.jsonl").exists()
    for name, options in (("changes", {"dataset": "gpkg"}), ("Failures", {"format": "csv"})):
        with pytest.raises(RequestError, match="named like a file of the whole batch"):
            run_batch([Job(name, "a.tif", "b.tif")], tmp_path / "new", "x", **options, **CHEAP)
