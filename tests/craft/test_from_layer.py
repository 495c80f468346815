"""A layer over two rasters becomes a project whose items wait for people."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine

from mtrs_geo.craft.from_layer import project_from_layer
from mtrs_geo.craft.project import Project
from mtrs_geo.craft.project.images import gsd_m, read_date
from mtrs_geo.craft.project.items import last_round, list_items, read_mask
from mtrs_geo.craft.project.pairs import list_pairs
from mtrs_geo.data.rendering.synthetic import PairPaths
from mtrs_geo.errors import Cancelled, OutputError, RequestError, VectorError
from mtrs_geo.progress import Silent

CRS = "EPSG:32614"


@pytest.fixture
def layer(pair_paths: PairPaths, tmp_path: Path) -> Path:
    with rasterio.open(pair_paths.after) as raster:
        left, top, px = raster.bounds.left, raster.bounds.top, raster.res[0]

    def box(row: int, col: int, side: int) -> shapely.Polygon:
        return shapely.box(
            left + col * px, top - (row + side) * px, left + (col + side) * px, top - row * px
        )

    rows = [
        ("new houses", None, 0.9, box(10, 10, 20)),
        ("new houses", None, 0.7, box(40, 40, 20)),
        ("demolished houses", "accepted", 0.5, box(80, 80, 10)),
        ("new houses", "rejected", 0.2, box(10, 300, 20)),
        ("new houses", None, 0.8, box(280, 10, 20)),
    ]
    frame = geopandas.GeoDataFrame(
        {"query": [r[0] for r in rows], "review": [r[1] for r in rows],
         "score": [r[2] for r in rows]},
        geometry=[r[3] for r in rows], crs=CRS,
    )  # fmt: skip
    path = tmp_path / "changes.gpkg"
    frame.to_file(path, layer="changes")
    return path


def test_a_sentence_of_a_tile_is_an_item(
    pair_paths: PairPaths, layer: Path, tmp_path: Path
) -> None:
    rasters = [pair_paths.before, pair_paths.after]
    report = project_from_layer(rasters, layer, tmp_path / "project.db", tile_px=128)
    assert (report.pairs, report.items) == (2, 3)
    with Project(report.output) as project:
        first, second = list_pairs(project)
        assert (first.name, second.name) == ("r000000_c000000", "r000256_c000000")
        items = list_items(project, "WHERE pair_id = ?", (first.id,))
        demolished, new = sorted(items, key=lambda item: item.object_class)
        assert (demolished.change_type, new.change_type) == ("disappear", "appear")
        assert {item.state for item in items} == {"ready"}
        assert new.doubt == pytest.approx(1 - np.mean([0.9, 0.7, 0.8]))
        last = last_round(project, new.id)
        assert (last.sentence, last.mask_origin.name) == ("new houses", "changes.gpkg")
        truth = np.zeros((128, 128), bool)
        truth[10:30, 10:30] = truth[40:60, 40:60] = True
        np.testing.assert_array_equal(read_mask(project, last.mask_id), truth)
        with rasterio.open(pair_paths.after) as raster:
            pixels = raster.read(window=((256, 384), (0, 128))).transpose(1, 2, 0)
            moved = raster.transform @ Affine.translation(0, 256)
        np.testing.assert_array_equal(read_date(project, second, "after"), pixels)
        assert json.loads(second.georeference)["transform"] == pytest.approx(list(moved)[:6])
        assert gsd_m(first) == pytest.approx(0.5, rel=0.01)


def test_an_area_limits_the_polygons(pair_paths: PairPaths, layer: Path, tmp_path: Path) -> None:
    area = geopandas.read_file(layer)[["query", "geometry"]].iloc[4:]
    area.geometry = area.buffer(3)
    area.to_file(tmp_path / "area.gpkg")
    rasters, output = [pair_paths.before, pair_paths.after], tmp_path / "project.db"
    report = project_from_layer(rasters, layer, output, tile_px=128, aoi=tmp_path / "area.gpkg")
    assert (report.pairs, report.items) == (1, 1)


def test_what_cannot_be_made_leaves_nothing(
    pair_paths: PairPaths, layer: Path, tmp_path: Path
) -> None:
    rasters, output = [pair_paths.before, pair_paths.after], tmp_path / "out" / "project.db"
    elsewhere = geopandas.read_file(layer)
    elsewhere.geometry = elsewhere.translate(1e5)
    elsewhere.to_file(tmp_path / "elsewhere.gpkg")
    with pytest.raises(VectorError, match=r"no polygon of .* is on both rasters"):
        project_from_layer(rasters, tmp_path / "elsewhere.gpkg", output)
    specks = geopandas.read_file(layer)
    specks.geometry = specks.centroid.buffer(0.6)
    specks.to_file(tmp_path / "specks.gpkg")
    with pytest.raises(VectorError, match="covers fewer than 16 pixels"):
        project_from_layer(rasters, tmp_path / "specks.gpkg", output)
    with pytest.raises(RequestError, match="tile_px 0 is out of range"):
        project_from_layer(rasters, layer, output, tile_px=0)

    class Stopped(Silent):
        cancelled = True

    with pytest.raises(Cancelled):
        project_from_layer(rasters, layer, output, progress=Stopped())
    assert not output.parent.exists() or not list(output.parent.iterdir())
    output.parent.mkdir(exist_ok=True)
    output.write_text("something")
    with pytest.raises(OutputError, match="exists"):
        project_from_layer(rasters, layer, output)
    assert output.read_text() == "something"


def test_command(pair_paths: PairPaths, layer: Path, tmp_path: Path) -> None:
    command = [
        sys.executable, "-m", "mtrs_geo", "craft", "from-layer", str(pair_paths.before),
        str(pair_paths.after), str(layer), "-o", str(tmp_path / "project.db"), "--json",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["items"] == 2
