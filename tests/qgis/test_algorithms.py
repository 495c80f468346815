"""The zip in a new profile, and every algorithm with qgis_process and the real worker."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import pytest
import rasterio
import shapely
from affine import Affine

from mtrs_geo.craft.project import Project
from mtrs_geo.craft.project.items import list_items
from mtrs_geo.data.rendering.synthetic import PairPaths
from mtrs_geo.data.split.reader import open_split

ROOT = Path(__file__).parents[2]
FAST = {"MODEL": "brightness", "THRESHOLD": 0.25}
Process = Callable[..., subprocess.CompletedProcess[str]]


def start(process: Process, algorithm: str, **inputs: Any) -> subprocess.CompletedProcess[str]:
    """Start an algorithm; QGIS 3.22 takes a list as a repeated parameter."""
    arguments = [
        f"{name}={value}"
        for name, values in inputs.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    return process("--json", "run", f"mtrs_geo:{algorithm}", "--", *arguments)


def run(process: Process, algorithm: str, **inputs: Any) -> dict[str, Any]:
    done = start(process, algorithm, **inputs)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout[done.stdout.index("{") :])["results"]


def test_all_algorithms_are_listed(process: Process) -> None:
    done = process("list", "--json")
    listed = json.loads(done.stdout[done.stdout.index("{") :])["providers"]["mtrs_geo"]
    assert set(listed["algorithms"]) == {
        "mtrs_geo:detect", "mtrs_geo:stack", "mtrs_geo:batch", "mtrs_geo:evaluate",
        "mtrs_geo:pairs", "mtrs_geo:audit",
    }  # fmt: skip


def test_the_shift_between_the_dates_is_corrected(
    process: Process, pair_paths: PairPaths, tmp_path: Path
) -> None:
    before = tmp_path / "before.tif"
    with rasterio.open(pair_paths.before) as file:
        moved = file.transform @ Affine.translation(6, 0)
        with rasterio.open(before, "w", **{**file.profile, "transform": moved}) as copy:
            copy.write(file.read())
    results = run(
        process, "detect", BEFORE=str(before), AFTER=str(pair_paths.after), **FAST,
        REGISTER="true", OUTPUT=str(tmp_path / "c.gpkg"),
    )  # fmt: skip
    (shift,) = json.loads(results["REPORT"])["registration"]
    assert shift["dx_px"] == pytest.approx(6, abs=0.3)
    assert shift["corrected"]


def test_detect_then_evaluate(process: Process, pair_paths: PairPaths, tmp_path: Path) -> None:
    out, probability = tmp_path / "c.gpkg", tmp_path / "p.tif"
    rasters = {"BEFORE": str(pair_paths.before), "AFTER": str(pair_paths.after), **FAST}
    results = run(
        process, "detect", **rasters, QUERY="new buildings\nthe largest change", OUTPUT=str(out),
        PROBABILITY=str(probability),
    )  # fmt: skip
    frame = geopandas.read_file(out)
    assert set(frame["query"]) == {"new buildings", "the largest change"}
    assert (frame["query"] == "the largest change").sum() == 1
    assert results["COUNT"] == len(frame)
    assert frame.crs == "EPSG:32614"
    assert probability.is_file()

    assert set(frame[frame["query"] == "new buildings"]["change"]) == {"appeared"}
    assert set(frame[frame["query"] == "the largest change"]["change"]) == {"changed"}

    left, bottom, right, top = frame.total_bounds
    half = f"{left},{(left + right) / 2},{bottom},{top} [EPSG:32614]"
    half_result = tmp_path / "half.geojson"
    run(process, "detect", **rasters, QUERY="new buildings", EXTENT=half, OUTPUT=str(half_result))
    assert 0 < len(geopandas.read_file(half_result)) < (frame["query"] == "new buildings").sum()

    scores = run(process, "evaluate", PREDICTED=str(half_result), REFERENCE=str(out))
    assert scores["PRECISION"] == pytest.approx(1, abs=0.02)
    assert 0 < scores["RECALL"] < 0.9


def test_the_log_says_how_sentences_were_understood(
    process: Process, pair_paths: PairPaths, tmp_path: Path
) -> None:
    rasters = {"BEFORE": str(pair_paths.before), "AFTER": str(pair_paths.after), "MODEL": "tiny"}
    done = process(
        "run", "mtrs_geo:detect", "--", *(f"{name}={value}" for name, value in rasters.items()),
        "QUERY=hello\nnew buidlings since 1990", f"OUTPUT={tmp_path / 'c.gpkg'}",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    log = "\n".join(x for x in done.stdout.splitlines() if not x.startswith("REPORT"))
    for text in (
        "Not answered: hello", "This is not a question about a change.",
        "Understood as: buildings · appeared · since 1990",
        "“buidlings” was read as “buildings”.", "The first years of this time are not shown.",
    ):  # fmt: skip
        assert log.count(text) == 1, log
    assert "NOT_ANSWERED:\t1" in log
    assert "the first years of" not in log  # the worker's English warning


def test_any_polygon_layer_can_be_the_area(
    process: Process, pair_paths: PairPaths, tmp_path: Path
) -> None:
    """The area is a self-intersecting bow tie in another CRS than the rasters."""
    with rasterio.open(pair_paths.after) as raster:
        left, bottom, right, top = raster.bounds
    bow_tie = shapely.Polygon([(left, bottom), (right, top), (right, bottom), (left, top)])
    area = geopandas.GeoSeries([bow_tie], crs="EPSG:32614").to_crs("EPSG:4326")
    area.to_file(tmp_path / "area.geojson")
    rasters = {"BEFORE": str(pair_paths.before), "AFTER": str(pair_paths.after), **FAST}
    rasters |= {"QUERY": "new buildings", "AREA": str(tmp_path / "area.geojson")}
    run(process, "detect", **rasters, OUTPUT=str(tmp_path / "c.shp"))
    frame = geopandas.read_file(tmp_path / "c.shp")
    assert len(frame) > 0
    assert frame.within(shapely.make_valid(bow_tie).buffer(0.5)).all()

    half = f"{left},{(left + right) / 2},{bottom},{top} [EPSG:32614]"
    run(process, "detect", **rasters, EXTENT=half, OUTPUT=str(tmp_path / "half.gpkg"))
    half_result = geopandas.read_file(tmp_path / "half.gpkg", layer="changes")
    assert 0 < len(half_result) < len(frame)
    assert half_result.total_bounds[2] <= (left + right) / 2 + 0.5

    geopandas.GeoSeries([], crs="EPSG:4326").to_file(tmp_path / "none.gpkg")
    done = start(process, "detect", **rasters | {"AREA": str(tmp_path / "none.gpkg")},
                 OUTPUT=str(tmp_path / "none_found.gpkg"))  # fmt: skip
    assert done.returncode != 0
    assert "has no polygon in the area of interest" in done.stdout + done.stderr


MODEL = """
import json, sys
from qgis.core import (
    QgsApplication, QgsProcessingModelAlgorithm, QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource, QgsProcessingModelOutput,
    QgsProcessingModelParameter, QgsProcessingParameterRasterLayer,
)
app = QgsApplication([], False)
app.initQgis()
model = QgsProcessingModelAlgorithm("houses", "tests")
child = QgsProcessingModelChildAlgorithm("mtrs_geo:detect")
child.setChildId("detect")
source = QgsProcessingModelChildParameterSource
for name in ("BEFORE", "AFTER"):
    parameter = QgsProcessingModelParameter(name)
    model.addModelParameter(QgsProcessingParameterRasterLayer(name, name), parameter)
    child.addParameterSources(name, [source.fromModelParameter(name)])
for name, value in json.loads(sys.argv[2]).items():
    child.addParameterSources(name, [source.fromStaticValue(value)])
output = QgsProcessingModelOutput("found")
output.setChildId("detect")
output.setChildOutputName("OUTPUT")
child.setModelOutputs({"found": output})
model.addChildAlgorithm(child)
print(json.dumps({"written": model.toFile(sys.argv[1])}), flush=True)
del model, child
"""


def test_detect_runs_in_a_model_of_the_designer(
    process: Process, qgis_python: Callable[..., dict[str, Any]], pair_paths: PairPaths,
    tmp_path: Path,
) -> None:  # fmt: skip
    fixed = json.dumps({**FAST, "QUERY": "new buildings"})
    assert qgis_python("", tmp_path / "houses.model3", fixed, code=MODEL)["written"]
    found = tmp_path / "found.gpkg"
    done = process(
        "--json", "run", str(tmp_path / "houses.model3"), "--", f"BEFORE={pair_paths.before}",
        f"AFTER={pair_paths.after}", f"detect:found={found}",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(geopandas.read_file(found)["query"]) == {"new buildings"}


def test_pairs(process: Process, pair_paths: PairPaths, tmp_path: Path) -> None:
    rasters = {"BEFORE": str(pair_paths.before), "AFTER": str(pair_paths.after)}
    found = tmp_path / "c.gpkg"
    run(process, "detect", **rasters, **FAST, QUERY="new buildings", OUTPUT=str(found))
    frame = geopandas.read_file(found)
    frame["review"] = ["accepted"] + ["rejected"] * (len(frame) - 1)
    frame.to_file(tmp_path / "reviewed.gpkg", layer="any name")
    results = run(
        process, "pairs", **rasters, POLYGONS=str(tmp_path / "reviewed.gpkg"), TILE_PX=128,
        FOLDER=str(tmp_path / "pairs"),
    )  # fmt: skip
    split = open_split(tmp_path / "pairs")
    assert (results["PAIRS"], results["EXPRESSIONS"]) == (len(split), split.expression_count)
    assert 0 < results["NO_TARGET"] < results["EXPRESSIONS"]
    assert sum(bool(pair.masks.any()) for pair in split) > 0

    done = start(process, "pairs", **rasters, POLYGONS=str(found), FOLDER=str(tmp_path / "pairs"))
    assert done.returncode != 0
    assert "choose “Replace the contents of the folder”" in done.stdout + done.stderr

    results = run(
        process, "audit", **rasters, POLYGONS=str(found), TILE_PX=256,
        PROJECT=str(tmp_path / "project.db"),
    )  # fmt: skip
    with Project(tmp_path / "project.db") as project:
        items = list_items(project, "WHERE state = 'ready'")
    assert (results["PAIRS"], results["ITEMS"]) == (len({i.pair_id for i in items}), len(items))
    assert {item.object_class for item in items} == {"new buildings"}


def test_stack(process: Process, pair_paths: PairPaths, tmp_path: Path) -> None:
    out = tmp_path / "c.fgb"
    rasters = [str(pair_paths.after), str(pair_paths.before), str(pair_paths.before)]
    run(process, "stack", RASTERS=rasters, DATES="2023, 2016, 2010", QUERY="x", OUTPUT=str(out),
        PAIRS="all", **FAST)  # fmt: skip
    frame = geopandas.read_file(out)
    found = set(zip(frame.date_before, frame.date_after, strict=True))
    assert found == {("2016", "2023"), ("2010", "2023")}


def test_batch(process: Process, pair_paths: PairPaths, tmp_path: Path) -> None:
    """The table is that of ``mtrs-geo batch``, beside its rasters; the second run goes on."""
    for name, path in (("old.tif", pair_paths.before), ("new.tif", pair_paths.after)):
        (tmp_path / name).symlink_to(path)
    rows = ["id,before,after,query,threshold", "town,old.tif,new.tif,new buildings|any change,0.3",
            "lost,old.tif,none.tif,houses,"]  # fmt: skip
    (tmp_path / "table.csv").write_text("\n".join(rows) + "\n")
    inputs = {"INPUT": str(tmp_path / "table.csv"), "FOLDER": str(tmp_path / "out"), **FAST}
    results = run(process, "batch", **inputs, OUTPUT=str(tmp_path / "done.csv"))
    assert (results["DONE"], results["FAILED"]) == (1, 1)
    with (tmp_path / "done.csv").open() as file:
        first, second = csv.DictReader(file)
    assert len(geopandas.read_file(first["output"], layer="changes")) == int(first["polygons"]) > 0
    assert "none.tif cannot be opened" in second["error"]
    entry = json.loads((tmp_path / "out/manifest.jsonl").read_text().splitlines()[0])
    assert entry["options"]["threshold"] == 0.3
    assert list(entry["polygons"]) == ["new buildings", "any change"]

    (tmp_path / "none.tif").symlink_to(pair_paths.after)
    written = (tmp_path / "out/town.gpkg").stat().st_mtime_ns
    done = start(process, "batch", **inputs, OUTPUT=str(tmp_path / "again.csv"))
    assert done.returncode == 0, done.stderr
    assert '"FAILED": 0' in done.stdout
    assert (tmp_path / "out/town.gpkg").stat().st_mtime_ns == written


def test_errors_reach_the_user(process: Process, pair_paths: PairPaths, tmp_path: Path) -> None:
    rasters = {"BEFORE": str(pair_paths.before), "AFTER": str(pair_paths.after)}
    done = start(process, "detect", **rasters, MODEL="huge", OUTPUT=tmp_path / "c.gpkg")
    assert done.returncode != 0
    assert "there is no model 'huge'" in done.stdout + done.stderr


def test_a_reviewed_file_is_kept(process: Process, pair_paths: PairPaths, tmp_path: Path) -> None:
    rasters = {"BEFORE": str(pair_paths.before), "AFTER": str(pair_paths.after), **FAST}
    out = tmp_path / "c.gpkg"
    frame = geopandas.GeoDataFrame(
        {"query": ["a"], "review": ["rejected"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=32614
    )
    frame.to_file(out, layer="changes")
    before = out.read_bytes()
    done = start(process, "detect", **rasters, OUTPUT=out)
    assert done.returncode != 0
    said = " ".join((done.stdout + done.stderr).split())
    assert f"{out} holds 1 review decision, which would be lost" in said
    assert "Give another name, or rename or delete the file first." in said
    assert out.read_bytes() == before


def test_the_zip_is_the_same_each_time(tmp_path: Path) -> None:
    zips = []
    for name in ("a", "b"):
        build = [sys.executable, "-m", "qgis_plugin.package", str(tmp_path / name)]
        subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
        zips.append((tmp_path / name / "mtrs_geo_qgis.zip").read_bytes())
    assert zips[0] == zips[1]
    with zipfile.ZipFile(tmp_path / "a" / "mtrs_geo_qgis.zip") as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names} == {"mtrs_geo_qgis"}
    inside = {name.partition("/")[2] for name in names}
    assert {"metadata.txt", "LICENSE", "icon.svg", "__init__.py", "plugin.py"} <= inside
    assert not [n for n in inside if n.endswith((".pyc", ".so", ".zip")) or "__pycache__" in n]
