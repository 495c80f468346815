"""A run says how much it compared if that is less than half."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from shapely.geometry import MultiPolygon, box

from mtrs_geo import ChangeResult, detect_changes, detect_changes_stack

CHEAP: dict[str, Any] = {
    "model": "brightness", "threshold": 0.25, "tile_px": 64, "overlap_px": 8, "batch_size": 2,
}  # fmt: skip
WEST, NORTH, SIDE = 620_000, 3_350_000, 300


def write(path: Path, valid_cols: int = SIDE, bright: bool = False, side: int = SIDE) -> str:
    """Write a place of 1 m with data in its first columns, and perhaps bright squares."""
    image = np.full((3, side, side), 90, np.uint8)
    for i in range(5 if bright else 0):
        image[:, 60 * i + 10 : 60 * i + 40, 60 * i + 10 : 60 * i + 40] = 220
    image[:, :, valid_cols:] = 0
    with rasterio.open(
        path, "w", driver="GTiff", count=3, height=side, width=side, dtype="uint8", nodata=0,
        crs="EPSG:32614", transform=Affine(1, 0, WEST, 0, -1, NORTH),
    ) as file:  # fmt: skip
        file.write(image)
    return str(path)


def shares(result: ChangeResult) -> list[str]:
    return [text for text in result.report.warnings if "compared" in text]


@pytest.fixture
def rasters(tmp_path: Path) -> list[str]:
    """Three dates; the second has data in 5 % of the place."""
    return [
        write(tmp_path / "a_2010.tif"),
        write(tmp_path / "b_2015.tif", 15),
        write(tmp_path / "c_2020.tif", bright=True),
    ]


def test_a_stack_with_a_date_of_nodata_warns(rasters: list[str]) -> None:
    (warning,) = shares(detect_changes_stack(rasters, "x", **CHEAP))
    assert warning.startswith("only 5.0% of the pixels were compared")
    assert "failed" not in warning
    assert not shares(detect_changes_stack(rasters[::2], "x", **CHEAP))


def test_two_dates_warn(rasters: list[str], tmp_path: Path) -> None:
    (warning,) = shares(detect_changes(rasters[1], rasters[2], "x", **CHEAP))
    assert warning.startswith("only 5.0% of the pixels were compared")
    most = write(tmp_path / "d_2015.tif", 160)
    assert not shares(detect_changes(most, rasters[2], "x", **CHEAP))


def test_an_area_of_interest_counts_alone(rasters: list[str]) -> None:
    pair = rasters[1:]
    inside = (WEST, NORTH - 200, WEST + 15, NORTH)
    assert not shares(detect_changes(*pair, "x", aoi=inside, **CHEAP))
    triangle = {
        "type": "Polygon",
        "coordinates": [[(WEST, NORTH), (WEST + 150, NORTH), (WEST, NORTH - 150), (WEST, NORTH)]],
        "crs": {"type": "name", "properties": {"name": "EPSG:32614"}},
    }
    (warning,) = shares(detect_changes(*pair, "x", aoi=triangle, **CHEAP))
    assert warning.startswith("only 18.9% of the pixels of the area of interest were compared")


def test_a_run_that_goes_on_says_the_same(rasters: list[str], tmp_path: Path) -> None:
    class StopError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        if done > total / 2:
            raise StopError

    options = {**CHEAP, "output": tmp_path / "c.gpkg"}
    with pytest.raises(StopError):
        detect_changes_stack(rasters, "x", progress=stop, **options)
    resumed = detect_changes_stack(rasters, "x", resume=True, **options)
    assert shares(resumed) == shares(detect_changes_stack(rasters, "x", **CHEAP))


def test_a_small_date_of_a_stack_is_named(rasters: list[str], tmp_path: Path) -> None:
    small = write(tmp_path / "s_2015.tif", side=60)
    result = detect_changes_stack([rasters[0], small, rasters[2]], "x", **CHEAP)
    (warning,) = shares(result)
    assert warning.startswith("s_2015.tif covers only 4.0% of what the other 2 dates share")
    assert not shares(detect_changes(small, rasters[2], "x", **CHEAP))


def test_what_is_between_the_parts_of_an_area_is_no_polygon() -> None:
    """Also without a smallest area, an empty polygon is not counted."""
    before = np.full((3, 64, 64), 60, np.uint8)
    after = before.copy()
    after[:, 10:20, 2:8] = after[:, 10:20, 28:36] = 250
    place = Affine(1, 0, 500_000, 0, -1, 5_800_000), "EPSG:32633"
    ends = [box(500_000 + x, 5_799_936, 500_010 + x, 5_800_000) for x in (0, 54)]
    result = detect_changes(
        (before, *place), (after, *place), "how many new buildings?",
        aoi=MultiPolygon(ends), model="brightness", min_area_m2=0,
    )  # fmt: skip
    assert result.report.questions[0]["answer"] == 1
    assert not result.polygons.is_empty.any()
