"""Chunks that are whole blocks of a file."""

from __future__ import annotations

import numpy as np
import pytest

from mtrs_geo.grid import Window
from mtrs_geo.tiles.chunks import plan_chunks

MIB = 1 << 20


@pytest.mark.parametrize(
    ("shape", "block", "offset"),
    [
        ((1000, 900), (512, 512), (0, 0)),
        ((1000, 900), (512, 512), (700, 513)),
        ((700, 3000), (1, 5000), (10, 300)),
        ((900, 900), (128, 512), (100, 100)),
        ((90, 40), (256, 256), (3, 5)),
        ((3000, 2500), (4096, 4096), (5, 7)),
    ],
)
def test_chunks_cover_each_pixel_once(
    shape: tuple[int, int], block: tuple[int, int], offset: tuple[int, int]
) -> None:
    chunks = plan_chunks(shape, block, offset, 6).covering(Window(0, 0, *shape))
    count = np.zeros(shape, int)
    for chunk in chunks:
        assert not chunk.is_empty
        count[chunk.slices] += 1
    assert (count == 1).all()


@pytest.mark.parametrize("block", [(512, 512), (64, 64), (16, 100_000), (1, 100_000)])
def test_chunks_begin_where_blocks_begin(block: tuple[int, int]) -> None:
    offset = (1000, 777) if block[1] < 9000 else (1000, 0)
    grid = plan_chunks((5000, 9000), block, offset, 6)
    for chunk in grid.covering(Window(2000, 3000, 700, 700)):
        assert (chunk.row + offset[0]) % block[0] == 0
        assert (chunk.col + offset[1]) % block[1] == 0 or chunk.col == 0
        assert chunk.rows * chunk.cols * 6 <= 16 * MIB


def test_large_blocks_are_cut() -> None:
    grid = plan_chunks((20_000, 20_000), (8192, 8192), (0, 0), 6)
    assert grid.chunk_shape == (1024, 1024)
