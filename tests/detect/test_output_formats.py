"""All outputs of a run in other formats than the usual ones, through the command line."""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path
from typing import Any

import geopandas
import pyogrio
from command_server import run_command
from matplotlib.image import imread

import mtrs_geo
from mtrs_geo.data.rendering.synthetic import PairPaths

CHEAP = ["--model", "brightness", "--threshold", "0.25"]


def detect(*arguments: object) -> subprocess.CompletedProcess[str]:
    return run_command(*arguments, *CHEAP)


def test_shapefile_and_pdf(pair_paths: PairPaths, tmp_path: Path) -> None:
    long = "new houses " * 30
    done = detect(
        "detect", pair_paths.before, pair_paths.after, "new houses", long, "--raw",
        "-o", tmp_path / "c.shp", "--preview", tmp_path / "p.pdf", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    names = {"c.shp", "c.shx", "c.dbf", "c.prj", "c.cpg", "p.pdf"}
    assert {path.name for path in tmp_path.iterdir()} == names
    frame = geopandas.read_file(tmp_path / "c.shp")
    assert len(frame) == answer["polygons"] > 0
    assert any("holds text of up to 254 bytes" in text for text in answer["report"]["warnings"])
    assert set(frame["query"]) == {"new houses", long[:254].rstrip()}


def test_a_csv_beside_a_shapefile_of_its_name_gives_a_warning(
    pair_paths: PairPaths, tmp_path: Path
) -> None:
    def warnings(name: str, **options: Any) -> tuple[str, ...]:
        rasters = pair_paths.before, pair_paths.after
        return mtrs_geo.detect_changes(
            *rasters, "new houses", model="brightness", output=tmp_path / name, **options
        ).report.warnings

    text = "GDAL and QGIS take the CRS of c.csv from c.prj beside it"
    assert not any(text in one for one in warnings("c.csv"))
    for name in ("c.shp", "c.csv"):
        assert any(text in one for one in warnings(name, overwrite=True))


def test_csv_of_a_stack_and_jpeg(pair_paths: PairPaths, tmp_path: Path) -> None:
    before, after = pair_paths.before, pair_paths.after
    done = detect(
        "stack", before, after, before, "--query", "=new houses", "--dates", "2016,2018,2020",
        "-o", tmp_path / "c.csv", "--csv-geometry", "centroid", "--preview", tmp_path / "p.jpg",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with (tmp_path / "c.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(row["date_before"], row["date_after"]) for row in rows} == {
        ("2016", "2018"), ("2018", "2020"),
    }  # fmt: skip
    assert {row["query"] for row in rows} == {"'=new houses"}
    assert all(-98 < float(row["longitude"]) < -97 for row in rows)
    rows_px, cols_px = imread(tmp_path / "p.jpg").shape[:2]
    assert rows_px / cols_px > 0.5  # a row for each of the two periods


def test_a_geopackage_says_how_it_was_made(pair_paths: PairPaths, tmp_path: Path) -> None:
    result = mtrs_geo.detect_changes(
        pair_paths.before, pair_paths.after, ["new houses", "gone houses"], model="brightness",
        threshold=0.25, output=tmp_path / "c.gpkg", aoi=(620_000, 3_349_800, 620_200, 3_350_000),
    )  # fmt: skip
    items = pyogrio.read_info(tmp_path / "c.gpkg", layer="changes")["layer_metadata"]
    assert tuple(json.loads(items["MTRS_GEO_UNDERSTOOD"])) == result.report.understood
    assert tuple(json.loads(items["MTRS_GEO_WARNINGS"])) == result.report.warnings
    assert tuple(json.loads(items["MTRS_GEO_NOTES"])) == result.report.notes
    parameters = json.loads(items["MTRS_GEO_PARAMETERS"])
    assert parameters["threshold"] == 0.25
    assert parameters["aoi"] == [620_000, 3_349_800, 620_200, 3_350_000]
    assert json.loads(items["MTRS_GEO_VERSIONS"])["mtrs-geo"] == mtrs_geo.__version__
