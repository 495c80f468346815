from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from mtrs_geo.errors import GridError
from mtrs_geo.grid import Grid
from mtrs_geo.tiles.plan import plan_tiles

UTM = CRS.from_epsg(32614)


def grid(rows: int, cols: int) -> Grid:
    return Grid(UTM, Affine(0.5, 0, 6e5, 0, -0.5, 3e6), (rows, cols))


@given(st.integers(1, 700), st.integers(1, 700), st.integers(32, 200), st.data())
def test_tiles_cover_every_pixel(rows: int, cols: int, tile_px: int, data: st.DataObject) -> None:
    overlap_px = data.draw(st.integers(0, tile_px // 2))
    plan = plan_tiles(grid(rows, cols), tile_px, overlap_px)
    covered = np.zeros((rows, cols), int)
    for tile in plan.tiles:
        assert tile.window.shape == (min(tile_px, rows), min(tile_px, cols))
        covered[tile.window.slices] += 1
    assert covered.min() >= 1
    assert [tile.index for tile in plan.tiles] == list(range(len(plan)))
    assert list(plan.row_starts) == sorted(set(plan.row_starts))


@given(st.integers(64, 700), st.integers(64, 128))
def test_neighbours_overlap_by_at_least_overlap_px(rows: int, tile_px: int) -> None:
    plan = plan_tiles(grid(rows, 64), tile_px, 16)
    windows = [tile.window for tile in plan.tiles]
    assert [tile.band for tile in plan.tiles] == list(range(len(windows)))
    for upper, lower in pairwise(windows):
        assert upper.row_stop - lower.row >= 16


@given(st.integers(64, 3000), st.integers(64, 128), st.data())
def test_tiles_are_spread_evenly(cols: int, tile_px: int, data: st.DataObject) -> None:
    overlap_px = data.draw(st.integers(0, tile_px // 2))
    starts = plan_tiles(grid(64, cols), tile_px, overlap_px).col_starts
    steps = [right - left for left, right in pairwise(starts)]
    assert not steps or max(steps) - min(steps) <= 1
    assert starts[-1] == max(0, cols - tile_px)
    fewest = -(-(cols - overlap_px) // (tile_px - overlap_px)) if cols > tile_px else 1
    assert len(starts) == fewest


def test_a_mask_leaves_tiles_out_and_keeps_the_band_numbers() -> None:
    plan = plan_tiles(grid(300, 300), 100, 0, mask=lambda w: w.row == 100 and w.col > 0)
    assert len(plan) == 2
    assert len(plan.row_starts) == 3
    assert [tile.band for tile in plan.tiles] == [1, 1]


@pytest.mark.parametrize(("tile_px", "overlap_px"), [(16, 0), (64, 33), (64, -1)])
def test_sizes_out_of_range_are_refused(tile_px: int, overlap_px: int) -> None:
    with pytest.raises(GridError, match="px"):
        plan_tiles(grid(100, 100), tile_px, overlap_px)
