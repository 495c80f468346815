"""Tiles that are cut from chunks which are read ahead."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from mtrs_geo.detect.inference import tile_reader
from mtrs_geo.detect.inference.tile_failures import TileFailures
from mtrs_geo.detect.inference.tile_reader import TileReader
from mtrs_geo.detect.inference.timings import Timings
from mtrs_geo.grid import Grid, Window
from mtrs_geo.io.stack import RasterStack, StackOptions, StackWindow, open_stack
from mtrs_geo.tiles.plan import TilePlan, plan_tiles

SIDE = 700


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two dates with nodata; the earlier one covers more, and its pixels are on the same grid."""
    folder = tmp_path_factory.mktemp("dates")
    random = np.random.default_rng(0)
    paths = []
    for i, (block, margin) in enumerate(((128, 50), (64, 0))):
        side = SIDE + 2 * margin
        image = random.integers(1, 255, (3, side, side)).astype(np.uint8)
        image[:, 100:300, 60:400] = 0
        place = Affine(0.5, 0, 400_000 - margin / 2, 0, -0.5, 5_000_000 + margin / 2)
        paths.append(folder / f"{i}.tif")
        with rasterio.open(
            paths[-1], "w", driver="GTiff", count=3, height=side, width=side, dtype="uint8",
            crs="EPSG:32633", transform=place, tiled=True, blockxsize=block, blockysize=block,
            compress="deflate", nodata=0,
        ) as file:  # fmt: skip
            file.write(image)
    return paths


def read_all(
    stack: RasterStack, plan: TilePlan, origin: tuple[int, int] = (0, 0), start: int = 0
) -> tuple[list[tuple[Window, StackWindow]], Counter[Window]]:
    """Return the tiles, and how often each chunk was read."""
    counts: Counter[Window] = Counter()
    whole = stack.read

    def counting(window: Window) -> StackWindow:
        counts[window] += 1
        return whole(window)

    stack.read = counting  # type: ignore[method-assign]
    reader = TileReader(stack, plan, origin, TileFailures(plan), Timings())
    found = []
    for tile, read in reader.tiles(start, None, 2):
        assert isinstance(read, StackWindow)
        found.append((tile.window.shifted(*origin), read))
    stack.read = whole  # type: ignore[method-assign]
    return found, counts


@pytest.mark.parametrize("resolution", [None, 0.7])
@pytest.mark.parametrize(("ahead", "kept"), [(1 << 25, 1 << 26), (1, 1 << 18), (1, 0)])
def test_tiles_have_the_pixels_of_their_windows(
    paths: list[Path],
    resolution: float | None,
    ahead: int,
    kept: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tile_reader, "_AHEAD_BYTES", ahead)
    monkeypatch.setattr(tile_reader, "_KEPT_BYTES", kept)
    with open_stack(paths, StackOptions(resolution=resolution)) as stack:
        rows, cols = stack.grid.shape
        area = Window(33, 21, rows - 60, cols - 50)
        plan = plan_tiles(stack.grid.subgrid(area), 128, 16)
        found, counts = read_all(stack, plan, (33, 21))
        assert len(found) == len(plan)
        for window, read in found:
            alone = stack.read(window)
            assert read.window == window
            assert np.array_equal(read.image, alone.image)
            assert np.array_equal(read.valid, alone.valid)
        is_once = kept > 1 << 20 or resolution is not None
        assert all(count == 1 for count in counts.values()) == is_once


def test_chunks_are_the_blocks_of_the_date_with_the_largest(paths: list[Path]) -> None:
    with open_stack(paths) as stack:
        plan = plan_tiles(stack.grid, 128, 16)
        _, counts = read_all(stack, plan)
        starts = {(window.row, window.col) for window in counts}
        # Blocks of 128 px are read by twos, and begin 50 px above and left of the grid.
        assert {row for row, _ in starts} == {0, 206, 462}


def test_a_run_that_goes_on_reads_only_what_is_left(paths: list[Path]) -> None:
    with open_stack(paths) as stack:
        plan = plan_tiles(stack.grid, 128, 16)
        found, counts = read_all(stack, plan, start=len(plan) - 1)
        assert len(found) == 1
        assert len(counts) <= 4


def test_warped_dates_are_read_by_tile(paths: list[Path]) -> None:
    with open_stack(paths, StackOptions(resolution=0.7)) as stack:
        plan = plan_tiles(stack.grid, 128, 16)
        _, counts = read_all(stack, plan)
        assert set(counts) == {tile.window for tile in plan.tiles}


def test_a_tile_is_written_where_its_batch_is(paths: list[Path]) -> None:
    with open_stack(paths) as stack:
        plan = plan_tiles(stack.grid, 128, 16)
        batch = np.empty((len(plan), 2, 3, *plan.tile_shape), np.uint8)
        reader = TileReader(stack, plan, (0, 0), TileFailures(plan), Timings())
        for tile, read in reader.tiles(0, None, 2, lambda tile: batch[tile.index]):
            assert isinstance(read, StackWindow)
            assert np.shares_memory(read.image, batch[tile.index])
            assert np.array_equal(batch[tile.index], stack.read(tile.window).image)


def test_less_is_kept_of_very_wide_rasters(paths: list[Path]) -> None:
    """The rows that two bands share, which grow with the width, take the place of chunks."""
    kept = {}
    with open_stack(paths) as stack:
        for cols in (4096, 16384, 65536, 1 << 20):
            grid = Grid(stack.grid.crs, stack.grid.transform, (16384, cols))
            plan = plan_tiles(grid, 256, 32)
            reader = TileReader(stack, plan, (0, 0), TileFailures(plan), Timings())
            kept[cols] = reader.most_kept_bytes
    assert kept[4096] == kept[16384] > kept[65536] > kept[1 << 20] > 0
    shared = 6 * (256 - min(plan.final_rows))
    assert kept[65536] + 65536 * shared <= kept[16384] + (4 << 20)
