"""What the manifest knows of inputs and options in memory, and rows that hold them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pytest
import rasterio
import rioxarray
from affine import Affine
from pyproj import CRS
from rasterio.io import MemoryFile
from rasterio.vrt import WarpedVRT
from shapely.geometry import Point, box

from mtrs_geo import detect_changes
from mtrs_geo.batch import Job, read_jobs, run_batch
from mtrs_geo.batch.content import content_facts
from mtrs_geo.batch.job import column_name
from mtrs_geo.errors import OutputError, RequestError

CHEAP: dict[str, Any] = {"model": "brightness"}
SENTENCE = "new squares within 20 m of a river"
PIXELS = np.arange(3 * 40 * 50, dtype=np.uint16).reshape(3, 40, 50)
TRANSFORM = Affine(0.5, 0, 400_000, 0, -0.5, 5_800_000)


def square(east: float, crs: int | None = 32633) -> geopandas.GeoDataFrame:
    shapes = [box(east, 5_799_900, east + 60, 5_800_000)]
    return geopandas.GeoDataFrame({"name": ["a"]}, geometry=shapes, crs=crs)


def with_pixel(index: tuple[int, int, int]) -> np.ndarray:
    """Return the pixels with one that is another."""
    changed = PIXELS.copy()
    changed[index] += 1
    return changed


class Described:
    """An object that describes itself as GeoJSON."""

    def __init__(self, east: float, crs: str | None = None) -> None:
        self.__geo_interface__, self.crs = Point(east, 1).__geo_interface__, crs


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([date(2016, 6, 15)], [date(2016, 6, 16)]),
        ([datetime(2016, 6, 15, 8)], [datetime(2017, 6, 15, 8)]),
        (np.array(["2016-06-15"], "M8[ns]"), np.array(["2016-06-16"], "M8[ns]")),
        (np.array([3, 2, 1]), np.array([1, 2, 3])),
        (np.float32(0.5), np.float32(0.25)),
        (Path("a.gpkg"), Path("b.gpkg")),
        (CRS(32633), CRS(32632)),
        (square(400_000), square(400_001)),
        (square(400_000), square(400_000, crs=32632)),
        (square(400_000), square(400_000, crs=None)),
        (square(400_000).geometry, square(400_001).geometry),
        (square(400_000).geometry.to_numpy(), square(400_001).geometry.to_numpy()),
        ({"river": box(0, 0, 1, 1)}, {"river": box(0, 0, 1, 2)}),
        ([Point(0, 1), Point(2, 3)], [Point(0, 1), Point(2, 4)]),
        (Described(1), Described(2)),
        (Described(1), Described(1, "EPSG:32633")),
        ((PIXELS, TRANSFORM, 32633), (with_pixel((2, 39, 49)), TRANSFORM, 32633)),
        ((PIXELS, TRANSFORM, 32633), (with_pixel((0, 17, 23)), TRANSFORM, 32633)),
        ((PIXELS, TRANSFORM, 32633), (PIXELS, TRANSFORM @ Affine.scale(2), 32633)),
        ((PIXELS, TRANSFORM, 32633), (PIXELS, TRANSFORM, 32632)),
        ((PIXELS, TRANSFORM, 32633), (PIXELS.astype(np.int16), TRANSFORM, 32633)),
        (PIXELS[0], PIXELS[0].T),
        (np.ma.masked_less(PIXELS, 9), np.ma.masked_less(PIXELS, 8)),
        ([(PIXELS, TRANSFORM, 32633)], [(with_pixel((1, 0, 0)), TRANSFORM, 32633)]),
    ],
)  # fmt: skip
def test_facts_change_with_the_content(one: object, other: object) -> None:
    facts, later = content_facts(one), content_facts(other)
    assert facts != later
    assert json.loads(json.dumps(facts)) == facts == content_facts(one)
    assert len(json.dumps(facts)) < 400


def test_a_date_is_the_same_as_text_and_as_an_object() -> None:
    days = [date(2016, 6, 15), datetime(2016, 6, 15, 8), pd.Timestamp("2016-06-15 08:00")]
    found = content_facts([*days, np.datetime64("2016-06-15T08", "ns")])
    assert found == ["2016-06-15"] * 4


def test_arrays_alike_in_memory_or_not() -> None:
    turned = np.ascontiguousarray(PIXELS.transpose(1, 2, 0)).transpose(2, 0, 1)
    assert content_facts(turned) == content_facts(PIXELS)


def test_open_rasters(tmp_path: Path, write: Callable[..., Path]) -> None:
    path = write(tmp_path / "town.tif", 2)
    found = []
    for squares in (2, 2, 3):
        with (
            MemoryFile(write(tmp_path / "other.tif", squares).read_bytes()) as file,
            file.open() as data,
        ):
            found.append(content_facts(data))
    assert found[0] == found[1] != found[2], "the name of a file in memory does not count"
    with rasterio.open(path) as data, WarpedVRT(data, crs="EPSG:4326") as warped:
        facts = [content_facts(data), content_facts(warped)]
        array = content_facts(rioxarray.open_rasterio(path))
        assert array == content_facts(rioxarray.open_rasterio(path))
    assert facts[0]["path"] == facts[1]["path"] == str(path)
    assert facts[0]["grid"] != facts[1]["grid"]
    write(path, 3)
    with rasterio.open(path) as data:
        assert content_facts(data) != facts[0]
    assert content_facts(data)["path"] == str(path), "a closed one"
    assert content_facts(rioxarray.open_rasterio(path)) != array


@pytest.fixture
def pair(tmp_path: Path, write: Callable[..., Path]) -> dict[str, str]:
    return {
        "id": "town",
        "before": str(write(tmp_path / "town_2016.tif", 0)),
        "after": str(write(tmp_path / "town_2020.tif", 3)),
    }


def arrays(pair: dict[str, str]) -> list[tuple[Any, ...]]:
    found = []
    for name in ("before", "after"):
        with rasterio.open(pair[name]) as file:
            found.append((file.read(), file.transform, file.crs))
    return found


@pytest.mark.parametrize("what", ["yaml", "row", "options", "array"])
def test_another_input_in_memory_is_refused(
    tmp_path: Path, pair: dict[str, str], what: str
) -> None:
    first, second = arrays(pair)
    plain = [pair]

    def jobs(number: int) -> tuple[Any, dict[str, Any]]:
        """Return the jobs as they were first, or with another input."""
        if what == "yaml":
            dates = f"dates: [{2011 + number}-02-02, 2020-07-01]"
            (tmp_path / "jobs.yaml").write_text(
                f"- {{id: town, before: town_2016.tif, after: town_2020.tif, {dates}}}\n"
            )
            return tmp_path / "jobs.yaml", {}
        area = square(400_000 + number)
        if what == "row":
            return [{**pair, "aoi": area}], {}
        if what == "options":
            return plain, {"aoi": area}
        return [{"id": "town", "before": (first, second)[number], "after": second}], {}

    def run(number: int, *, resume: bool) -> Any:
        table, options = jobs(number)
        return run_batch(
            table, tmp_path / "out", "any change", resume=resume, options=options, **CHEAP
        )

    (done,) = run(0, resume=False).entries
    assert done["status"] == "done"
    made = (tmp_path / "out/town.gpkg").stat().st_mtime_ns
    assert run(0, resume=True).entries[0]["finished"] == done["finished"]
    assert (tmp_path / "out/town.gpkg").stat().st_mtime_ns == made
    with pytest.raises(OutputError, match="'town' is done, and was another one"):
        run(1, resume=True)


def test_a_manifest_that_names_types_only_is_refused(tmp_path: Path, pair: dict[str, str]) -> None:
    out = tmp_path / "out"
    job = Job("town", pair["before"], pair["after"], (), {"dates": (date(2016, 1, 2), 2020)})
    run_batch([job], out, "any change", **CHEAP)
    manifest = out / "manifest.jsonl"
    entry = json.loads(manifest.read_text())
    assert entry["options"] == {"dates": ["2016-01-02", 2020]}
    manifest.write_text(json.dumps(entry | {"options": {"dates": ["date", 2020]}}) + "\n")
    with pytest.raises(OutputError, match="was another one: options dates") as refused:
        run_batch([job], out, "any change", resume=True, **CHEAP)
    assert "town.gpkg" in refused.value.advice
    (out / "town.gpkg").unlink()
    assert not run_batch([job], out, "any change", resume=True, **CHEAP).failed
    assert not run_batch([job], out, "any change", resume=True, **CHEAP).failed


@pytest.mark.parametrize("as_table", [False, True])
def test_rows_that_hold_objects_work_as_single_runs(
    tmp_path: Path, pair: dict[str, str], *, as_table: bool
) -> None:
    before, after = (rioxarray.open_rasterio(pair[name]) for name in ("before", "after"))
    area = square(400_000)
    more: dict[str, Any] = {
        "aoi": area, "bands": np.array([3, 2, 1]), "references": {"river": area},
        "dates": np.array(["2016-01-01", "2020-01-01"], "M8[D]"),
    }  # fmt: skip
    row = {"id": "town", "before": before, "after": after, "query": SENTENCE, **more}
    row |= {"threshold": np.float32("nan"), "min_area_m2": pd.NA}
    table = pd.DataFrame([pd.Series(row, dtype=object)]) if as_table else [row]
    (entry,) = run_batch(table, tmp_path / "out", **CHEAP).entries
    assert entry["status"] == "done", entry["message"]
    single = detect_changes(before, after, SENTENCE, **more, **CHEAP)
    assert entry["polygons"] == single.report.polygons
    assert entry["areas_m2"] == single.report.areas_m2
    assert entry["dates"] == ("2016-01-01", "2020-01-01") == single.report.dates


def test_objects_that_no_column_takes_are_named(pair: dict[str, str]) -> None:
    for name, value in {"threshold": square(0), "query": np.array(["a", "b"])}.items():
        with pytest.raises(RequestError, match=rf"row 1: (the )?{name}"):
            read_jobs([{**pair, name: value}])


def test_names_of_columns() -> None:
    assert column_name(" Simplify_PX ") == "simplify_px"
