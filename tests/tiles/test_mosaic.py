from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from mtrs_geo.errors import GridError
from mtrs_geo.grid import Grid, Window
from mtrs_geo.tiles.mosaic import Block, Mosaic, hann_weights
from mtrs_geo.tiles.plan import TilePlan, plan_tiles


def plan_of(rows: int, cols: int, tile_px: int, overlap_px: int) -> TilePlan:
    grid = Grid(CRS.from_epsg(32614), Affine(0.5, 0, 6e5, 0, -0.5, 3e6), (rows, cols))
    return plan_tiles(grid, tile_px, overlap_px)


def stitch(plan: TilePlan, values: np.ndarray, valid: np.ndarray) -> np.ndarray:
    mosaic = Mosaic(plan, len(values))
    out = np.full(values.shape, -1, np.float32)
    for tile in plan.tiles:
        area = tile.window.slices
        mosaic.add(tile, values[:, *area], valid[area])
        for block in mosaic.ready():
            write(out, block)
    for block in mosaic.finish():
        write(out, block)
    return out


def write(out: np.ndarray, block: Block) -> None:
    _, rows, cols = block.probability.shape
    area = out[:, block.row : block.row + rows, block.col : block.col + cols]
    assert (area == -1).all(), "written twice"
    area[:] = block.probability


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 300), st.integers(1, 300), st.integers(32, 96), st.data())
def test_cutting_and_stitching_returns_the_input(
    rows: int, cols: int, tile_px: int, data: st.DataObject
) -> None:
    overlap_px = data.draw(st.integers(0, tile_px // 2))
    rng = np.random.default_rng(rows * cols)
    values = rng.random((2, rows, cols), dtype=np.float32)
    valid = rng.random((rows, cols)) < 0.9
    out = stitch(plan_of(rows, cols, tile_px, overlap_px), values, valid)
    np.testing.assert_allclose(out[:, valid], values[:, valid], atol=1e-6)
    assert np.isnan(out[:, ~valid]).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 250), st.integers(1, 500), st.integers(32, 96), st.data())
def test_blocks_equal_the_sum_over_one_large_array(
    rows: int, cols: int, tile_px: int, data: st.DataObject
) -> None:
    """Random tiles, some of them skipped or left out of the plan."""
    overlap_px = data.draw(st.integers(0, tile_px // 2))
    block_cols, batch = data.draw(st.sampled_from([64, 128])), data.draw(st.integers(1, 9))
    rng = np.random.default_rng(rows * cols + tile_px)

    def is_included(window: Window) -> bool:
        return (window.row * 7 + window.col * 3) % 5 > 0

    plan = plan_tiles(plan_of(rows, cols, 32, 0).grid, tile_px, overlap_px, is_included)
    weights = np.round(16_000 * hann_weights(plan.tile_shape, overlap_px)).clip(1)
    total, weight = np.zeros((2, rows, cols)), np.zeros((rows, cols))
    out = np.full((2, rows, cols), -1, np.float32)
    mosaic = Mosaic(plan, 2)
    mosaic._block_cols = block_cols
    for block in mosaic.ready():  # empty bands above the first tile
        write(out, block)
    for _, band in groupby(plan.tiles, lambda tile: tile.band):
        tiles = list(band)
        for i, tile in enumerate(tiles):
            values = rng.random((2, *tile.window.shape), dtype=np.float32)
            valid = rng.random(tile.window.shape) < 0.9
            if rng.random() < 0.1:
                mosaic.skip(tile)
            else:
                mosaic.add(tile, values, valid)
                total[:, *tile.window.slices] += values * weights * valid
                weight[tile.window.slices] += weights * valid
            if i % batch == 0 or tile is tiles[-1]:
                for block in mosaic.ready():
                    assert block.col % block_cols == 0
                    write(out, block)
    for block in mosaic.finish():
        write(out, block)
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(out, total / weight, atol=2e-6)


def test_memory_does_not_grow_with_the_width() -> None:
    sizes = []
    for cols in (20_000, 40_000):
        plan = plan_of(928, cols, 256, 32)
        mosaic = Mosaic(plan, 1)
        for tile in plan.tiles:
            if tile.band > 1:
                break
            mosaic.add(tile, np.ones((1, 256, 256), np.float32), np.ones((256, 256), bool))
            for _ in mosaic.ready():
                pass
        sizes.append(mosaic._sum.nbytes + mosaic._weight.nbytes)
        shared_rows = 256 - min(plan.final_rows)
        assert mosaic._shared_sum.shape == (1, shared_rows, cols)
        assert shared_rows == 32
    assert sizes[0] == sizes[1]


def test_weights_of_neighbours_add_up_to_one() -> None:
    weights = hann_weights((64, 64), 16)
    assert weights.min() > 0
    np.testing.assert_allclose(weights[32, :16] + weights[32, -16:], 1, atol=1e-6)
    assert (weights[16:48, 16:48] == 1).all()


def test_the_transition_between_different_tiles_is_smooth() -> None:
    plan = plan_of(64, 112, 64, 16)
    mosaic = Mosaic(plan, 1)
    for tile in plan.tiles:
        value = float(tile.window.col > 0)
        mosaic.add(tile, np.full((1, 64, 64), value, np.float32), np.ones((64, 64), bool))
    (block,) = mosaic.finish()
    steps = np.diff(block.probability[0, 32])
    assert steps.min() >= 0
    assert steps.max() < 0.11


def test_rows_come_once_in_order_and_memory_stays_at_two_bands() -> None:
    plan = plan_of(1000, 64, 64, 8)
    mosaic = Mosaic(plan, 1)
    next_row, max_rows = 0, 0
    for tile in plan.tiles:
        mosaic.add(tile, np.ones((1, 64, 64), np.float32), np.ones((64, 64), bool))
        for block in mosaic.ready():
            assert block.row == next_row
            next_row += block.probability.shape[1]
        max_rows = max(max_rows, mosaic._sum.shape[1])
    assert next_row == 1000
    assert max_rows <= 2 * 64


def test_skipped_tiles_are_nodata() -> None:
    plan = plan_of(64, 128, 64, 0)
    mosaic = Mosaic(plan, 1)
    first, second = plan.tiles
    mosaic.add(first, np.ones((1, 64, 64), np.float32), np.ones((64, 64), bool))
    mosaic.skip(second)
    (block,) = mosaic.finish()
    assert (block.probability[0, :, :64] == 1).all()
    assert np.isnan(block.probability[0, :, 64:]).all()


def test_a_missing_or_repeated_tile_is_refused() -> None:
    plan = plan_of(64, 64, 64, 0)
    mosaic = Mosaic(plan, 1)
    with pytest.raises(GridError, match="1 tiles of the plan are missing"):
        list(mosaic.finish())
    (tile,) = plan.tiles
    mosaic.skip(tile)
    with pytest.raises(GridError, match="added twice"):
        mosaic.skip(tile)


def test_tiles_out_of_order_are_refused() -> None:
    plan = plan_of(128, 128, 64, 0)
    first, second, third, _ = plan.tiles
    mosaic = Mosaic(plan, 1)
    with pytest.raises(GridError, match="out of order"):
        mosaic.skip(second)
    mosaic.skip(first)
    mosaic.skip(second)
    with pytest.raises(GridError, match="before the blocks of band 0 were read"):
        mosaic.skip(third)
    assert len(list(mosaic.ready())) == 1
    mosaic.skip(third)
