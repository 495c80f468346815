"""Batches at the 180° meridian: joined files, and areas over scenes that cross it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from affine import Affine
from pyproj import CRS, Geod, Transformer

from mtrs_geo.batch import run_batch
from mtrs_geo.batch.scenes import plan_jobs
from mtrs_geo.errors import GridError
from mtrs_geo.grid import Grid
from mtrs_geo.io.aoi import load_aoi
from mtrs_geo.progress import LogLines

CHEAP: dict[str, Any] = {"model": "brightness", "options": {"threshold": 0.25}}
SIDE = 200
X, Y = (round(v) for v in Transformer.from_crs(4326, 32760, always_xy=True).transform(180, -17))
PLACE = Affine(0.5, 0, X - 50, 0, -0.5, Y + 50)
BOUNDS = (X - 50, Y - 50, X + 50, Y + 50)


@pytest.fixture
def scenes(tmp_path: Path) -> Path:
    """Two folders with a scene each; the meridian runs through one of two new squares."""
    for name, value in (("before/s_2016-05-01", 80), ("after/s_2020-05-01", 230)):
        path = tmp_path / f"{name}.tif"
        path.parent.mkdir()
        image = np.full((3, SIDE, SIDE), 80, np.uint8)
        image[:, 80:120, 80:120] = image[:, 20:50, 150:180] = value
        with rasterio.open(
            path, "w", driver="GTiff", count=3, height=SIDE, width=SIDE, dtype="uint8",
            crs="EPSG:32760", transform=PLACE,
        ) as file:  # fmt: skip
            file.write(image)
    return tmp_path


def areas_m2(frame: geopandas.GeoDataFrame) -> list[float]:
    geod = Geod(ellps="WGS84")
    return sorted(abs(geod.geometry_area_perimeter(shape)[0]) for shape in frame.geometry)


@pytest.mark.parametrize("kind", ["job", "grid", "gpkg", "fgb"])
def test_joined_polygons_are_cut_at_180(scenes: Path, kind: str) -> None:
    row = {"id": "x", "before": str(scenes / "before/s_2016-05-01.tif"),
           "after": str(scenes / "after/s_2020-05-01.tif")}  # fmt: skip
    result = run_batch([row], scenes / "out", "x", dataset=kind, pmtiles=True, **CHEAP)
    assert result.dataset is not None
    files = sorted(result.dataset.rglob("*.parquet")) or [result.dataset]
    read = geopandas.read_parquet if files[0].suffix == ".parquet" else geopandas.read_file
    found = pd.concat([read(path) for path in files])
    assert found.geometry.is_valid.all()
    assert sorted(len(shapely.get_parts(shape)) for shape in found.geometry) == [1, 2]
    assert areas_m2(found) == pytest.approx(sorted(found.area_m2), rel=0.01)
    assert result.pmtiles is not None
    tiles = geopandas.read_file(result.pmtiles).to_crs(4326)
    widths = [b[2] - b[0] for b in shapely.bounds(shapely.get_parts(tiles.geometry.to_numpy()))]
    assert max(widths) < 1


@pytest.mark.parametrize(
    "area",
    [
        "179.9,-17.1,-179.9,-16.9,EPSG:4326",
        ",".join(map(str, (*BOUNDS, "EPSG:32760"))),
        geopandas.GeoDataFrame(geometry=[shapely.box(*BOUNDS)], crs="EPSG:32760"),
    ],
)
def test_an_area_over_scenes_at_180(scenes: Path, area: Any) -> None:
    (job,) = plan_jobs(area, scenes / "before", scenes / "after")
    piece = geopandas.GeoDataFrame.from_features(job.options["aoi"])
    assert areas_m2(piece)[0] == pytest.approx(100 * 100, rel=0.01)
    whole = {"id": "x", "before": job.before, "after": job.after}
    one, other = (
        run_batch([each], scenes / f"out{i}", "x", **CHEAP).entries[0]["areas_m2"]["x"]
        for i, each in enumerate((job, whole))
    )
    assert one == pytest.approx(other, rel=0.01)


def test_an_area_far_from_the_meridian_has_no_scene(scenes: Path) -> None:
    with pytest.raises(GridError, match="no pair of scenes covers"):
        plan_jobs("10,-17.0001,11,-16.9999,EPSG:4326", scenes / "before", scenes / "after")
    (east,) = plan_jobs("179.9,-18,180,-16,EPSG:4326", scenes / "before", scenes / "after")
    (west,) = plan_jobs("-180,-18,-179.9,-16,EPSG:4326", scenes / "before", scenes / "after")
    pieces = [geopandas.GeoDataFrame.from_features(j.options["aoi"]) for j in (east, west)]
    assert sum(areas_m2(piece)[0] for piece in pieces) == pytest.approx(100 * 100, rel=0.01)


@pytest.mark.parametrize("west", [175.0, -175.002])
def test_an_area_near_the_meridian_is_counted_once(tmp_path: Path, west: float) -> None:
    for name in ("before/s_2016", "after/s_2020"):
        path = tmp_path / f"{name}.tif"
        path.parent.mkdir()
        with rasterio.open(
            path, "w", driver="GTiff", count=3, height=SIDE, width=SIDE, dtype="uint8",
            crs="EPSG:4326", transform=Affine(1e-5, 0, west, 0, -1e-5, 60),
        ) as file:  # fmt: skip
            file.write(np.full((3, SIDE, SIDE), 80, np.uint8))
    said: list[str] = []
    area = (west, 59.998, west + 0.002, 60)
    folders = tmp_path / "before", tmp_path / "after"
    assert len(plan_jobs(area, *folders, progress=LogLines(said.append))) == 1
    assert not said


@pytest.mark.parametrize("left", [-180, 179.9, 0])
def test_a_projected_area_on_a_grid_in_degrees(left: float) -> None:
    grid = Grid(CRS(4326), Affine(0.01, 0, left, 0, -0.01, -16), (200, 36_000 if left <= 0 else 20))
    area = load_aoi(",".join(map(str, (*BOUNDS, "EPSG:32760"))), grid)
    inside = geopandas.GeoDataFrame(geometry=[area.geometry & shapely.box(*grid.bounds)])
    assert areas_m2(inside)[0] == pytest.approx(100 * 100, rel=0.01)
    wide = "-15000000,-2500000,15000000,-1800000,EPSG:3857"
    if left == -180:
        assert load_aoi(wide, grid).geometry.area == pytest.approx(269.49 * 6, rel=0.05)
