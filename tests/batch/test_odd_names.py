"""Folders, rasters and ids with characters that mean something in addresses and paths."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import geopandas
import pystac
import pytest
from shapely.geometry import box

from mtrs_geo.batch import run_batch
from mtrs_geo.batch.job import Job
from mtrs_geo.batch.scenes import plan_jobs
from mtrs_geo.errors import RequestError

CHEAP: dict[str, Any] = {"model": "brightness", "options": {"threshold": 0.25}}
Write = Callable[..., Path]


@pytest.mark.parametrize("name", ["run #1", "what? 50%", "ü ñ"])
def test_a_stac_collection_in_a_folder(tmp_path: Path, write: Write, name: str) -> None:
    pair = [str(write(tmp_path / f"data/{name} {year}.tif", 3)) for year in (2016, 2020)]
    out = tmp_path / name
    result = run_batch(
        [{"id": "town", "before": pair[0], "after": pair[1]}], out, "any change", stac=True,
        dataset="gpkg", **CHEAP,
    )  # fmt: skip
    assert result.stac is not None
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["data", name])
    item_path = out / "stac/town/town.json"
    assert sorted(path for path in (out / "stac").rglob("*") if path.is_file()) == [
        result.stac, item_path,
    ]  # fmt: skip
    for path in (result.stac, item_path):
        found = json.loads(path.read_text("utf-8"))
        linked = [*found["links"], *found["assets"].values()]
        assert len(linked) > 2
        for link in linked:
            assert not set("#? ") & set(link["href"])
            assert (path.parent / unquote(link["href"])).is_file(), link["href"]
    assert pystac.Item.from_dict(json.loads(item_path.read_text("utf-8"))).validate()


def test_scenes_of_an_area_have_ids_that_are_names_of_files(tmp_path: Path, write: Write) -> None:
    write(tmp_path / "before/flight_2015.tif", 0)
    for i, east in ((1, 399_950), (2, 400_050)):
        write(tmp_path / f"after/strip #{i}?a=b_{'x' * 90}_2020.tif", 3, east)
    area = geopandas.GeoDataFrame(
        geometry=[box(400_000, 5_799_900, 400_100, 5_800_000)], crs="EPSG:32633"
    )
    jobs = plan_jobs(area, tmp_path / "before", tmp_path / "after")
    assert len({job.id for job in jobs}) == 2
    for job in jobs:
        assert len(job.id) <= 80
        assert not set("#?= ") & set(job.id)
    result = run_batch(jobs, tmp_path / "out", "any change", stac=True, **CHEAP)
    collection = pystac.Collection.from_file(str(result.stac))
    assert {item.id for item in collection.get_items()} == {job.id for job in jobs}
    assert collection.validate_all() == 2


@pytest.mark.parametrize("name", ["../out", "a/b", "a\\b", "", ".", "..", " ", ".a", "a b", "a#1"])
def test_an_id_that_is_no_name_of_a_file_is_refused(name: str) -> None:
    with pytest.raises(RequestError, match="cannot be the name of a file"):
        Job(name, "a.tif", "b.tif")


@pytest.mark.parametrize("name", ["town", "0001_a-b.c", "हिन्दी", "ü", "_a"])
def test_plain_ids_are_kept(name: str) -> None:
    assert Job(name, "a.tif", "b.tif").id == name
