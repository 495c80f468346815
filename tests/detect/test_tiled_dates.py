"""Runs on dates of many tiles: Python, command line and worker."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import geopandas
import pytest
import rasterio
from command_server import run_command
from geopandas.testing import assert_geodataframe_equal
from rasterio.windows import Window

import mtrs_geo
from mtrs_geo.data.rendering.synthetic import PairPaths
from mtrs_geo.errors import OutputError, RasterError
from mtrs_geo.io.provenance import rasters_of
from mtrs_geo.progress import Silent
from mtrs_geo.worker.jobs import Jobs

CHEAP = {"model": "brightness", "threshold": 0.25}


def split(path: Path, folder: Path) -> list[Path]:
    """Write a raster as six tiles, which overlap by 8 pixels."""
    folder.mkdir()
    tiles = []
    with rasterio.open(path) as whole:
        for row in range(0, whole.height, 256):
            for col in range(0, whole.width, 256):
                rows, cols = min(264, whole.height - row), min(264, whole.width - col)
                window = Window(col, row, cols, rows)
                place = whole.window_transform(window)
                profile = {**whole.profile, "height": rows, "width": cols, "transform": place}
                tiles.append(folder / f"tile_{row:03}_{col:03}.tif")
                with rasterio.open(tiles[-1], "w", **profile) as tile:
                    tile.write(whole.read(window=window))
                    tile.update_tags(**whole.tags())
    return tiles


@pytest.fixture(scope="module")
def tiled(
    pair_paths: PairPaths, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, list[Path], list[Path]]]:
    """A folder with the folders before and after, and their tiles."""
    folder = tmp_path_factory.mktemp("tiled")
    before = split(pair_paths.before, folder / "before")
    after = split(pair_paths.after, folder / "after")
    yield folder, before, after
    assert sorted((folder / "before").iterdir()) == before


@pytest.fixture(scope="module")
def expected(pair_paths: PairPaths) -> geopandas.GeoDataFrame:
    return mtrs_geo.detect_changes(pair_paths.before, pair_paths.after, "x", **CHEAP).polygons


def test_tiles_give_the_polygons_of_the_whole_raster(
    tiled: tuple[Path, list[Path], list[Path]], expected: geopandas.GeoDataFrame
) -> None:
    folder, before, after = tiled
    output = folder / "c.gpkg"  # a file may name rasters beside or below it
    found = mtrs_geo.detect_changes(
        before, str(folder / "after/*.tif"), "x", output=output, **CHEAP
    )
    assert_geodataframe_equal(found.polygons, expected)
    assert found.report.dates == ("2016-06-01", "2023-06-01")
    notes = "\n".join(found.report.notes)
    assert "tile_000_000.tif, tile_000_256.tif, tile_000_512.tif and 3 more" in notes
    assert "a mosaic of 6 tiles. Where they overlap, the later one counts" in notes
    # The file names its tiles, so that it can be used for training.
    stored = rasters_of(output)
    tiles, pattern = stored
    assert isinstance(tiles, list)
    assert [Path(tile).resolve() for tile in tiles] == before
    assert str(pattern).endswith("/after/*.tif")
    again = mtrs_geo.detect_changes(*stored, "x", **CHEAP)
    assert_geodataframe_equal(again.polygons, expected)
    stack = mtrs_geo.detect_changes_stack([folder / "before", tuple(after)], "x", **CHEAP)
    assert_geodataframe_equal(stack.polygons, expected)


def test_command_line_and_worker_take_tiles(
    tiled: tuple[Path, list[Path], list[Path]], expected: geopandas.GeoDataFrame, tmp_path: Path
) -> None:
    folder, before, after = tiled
    command = ["detect", "--model", "brightness", "--threshold", "0.25",
               "-o", tmp_path / "cli.parquet"]  # fmt: skip
    dates = [str(folder / "before/*.tif"), str(folder / "after")]
    done = run_command(*command, *dates, "x")
    assert done.returncode == 0, done.stderr
    assert_geodataframe_equal(geopandas.read_parquet(tmp_path / "cli.parquet"), expected)
    # The shell would have replaced a pattern without quotation marks.
    unquoted = run_command(*command, *before, *after, "x")
    assert unquoted.returncode == 2
    assert "quotation" in " ".join(unquoted.stderr.split())
    jobs, params = Jobs(), {"query": "x", "overwrite": True, **CHEAP}
    for parameters in (
        {"before": list(map(str, before)), "after": dates[1]},
        {"paths": [dates[0], list(map(str, after))]},
    ):
        output = str(tmp_path / "worker.parquet")
        answer = jobs.detect({**params, **parameters, "output": output}, Silent())
        assert_geodataframe_equal(geopandas.read_parquet(output), expected)
        assert answer["dates"] == ["2016-06-01", "2023-06-01"]


def test_a_changed_tile_is_read_again(
    tiled: tuple[Path, list[Path], list[Path]], tmp_path: Path
) -> None:
    folder, _, _ = tiled
    tiles = split(folder / "before/tile_000_000.tif", tmp_path / "copy")
    jobs = Jobs()
    paths = [str(tmp_path / "copy"), str(tmp_path / "copy")]
    first = jobs._open(list(paths), None)
    assert jobs._open(list(paths), None) is first
    os.utime(tiles[1], (1, 1))
    assert jobs._open(list(paths), None) is not first


def test_no_output_replaces_a_tile_or_becomes_one(
    tiled: tuple[Path, list[Path], list[Path]], tmp_path: Path
) -> None:
    folder, before, after = tiled
    content = before[3].read_bytes()
    for dates in ((before, after), (str(folder / "before/*"), folder / "after")):
        with pytest.raises(OutputError, match="also an input"):
            mtrs_geo.detect_changes(
                *dates, "x", probability=before[3], overwrite=True, **CHEAP
            )  # fmt: skip
    assert before[3].read_bytes() == content
    for date in (folder / "after", str(folder / "after/*.tif")):
        with pytest.raises(OutputError, match="as a tile"):
            mtrs_geo.detect_changes(before, date, "x", probability=folder / "after/p.tif", **CHEAP)
    with pytest.raises(RasterError, match="is one path, not a list"):
        mtrs_geo.detect_changes_stack(str(folder / "before/*.tif"), "x", **CHEAP)
