"""The sum of the bytes of a block is that which GDAL stores with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio

from mtrs_geo.grid import Window
from mtrs_geo.io.damage.checksums import byte_sum, stored_byte_sum
from mtrs_geo.io.damage.read_pixels import ReadPixels


@pytest.mark.parametrize("bands", [1, 3, 4])
@pytest.mark.parametrize(
    ("dtype", "predictor"),
    [("uint8", 1), ("uint8", 2), ("uint16", 1), ("uint16", 2), ("float32", 3), ("int16", 2)],
)
def test_of_pixels_is_that_of_the_file(
    tmp_path: Path, bands: int, dtype: str, predictor: int
) -> None:
    rng = np.random.default_rng(bands)
    values = rng.integers(0, 255, (bands, 64, 48)).astype(dtype)
    path = tmp_path / "block.tif"
    with rasterio.open(
        path, "w", driver="GTiff", count=bands, height=64, width=48, dtype=dtype, tiled=True,
        blockxsize=48, blockysize=64, compress="deflate", predictor=predictor, interleave="pixel",
    ) as file:  # fmt: skip
        file.write(values)
    with rasterio.open(path) as file:
        offset, size = (
            int(file.get_tag_item(f"BLOCK_{what}_0_0", "TIFF", bidx=1))
            for what in ("OFFSET", "SIZE")
        )
    stored = path.read_bytes()[offset : offset + size][-4:]
    assert byte_sum(values, str(predictor)) == stored_byte_sum(stored)


def test_pixels_that_were_read_are_not_read_again(tmp_path: Path) -> None:
    path = tmp_path / "raster.tif"
    values = np.random.default_rng(0).integers(0, 255, (4, 32, 32)).astype(np.uint8)
    with rasterio.open(
        path, "w", driver="GTiff", count=4, height=32, width=32, dtype="uint8"
    ) as file:
        file.write(values)
    with rasterio.open(path) as file:
        read = ReadPixels(file, Window(8, 4, 16, 20), (3, 2, 1), values[[2, 1, 0], 8:24, 4:24])
        inside, bands = Window(10, 6, 4, 5), (1, 3)
        assert np.array_equal(read.of(inside, bands), values[[0, 2], 10:14, 6:11])
        assert np.shares_memory(read.of(inside, (3, 2, 1)), read.values)
        assert np.array_equal(read.of(Window(0, 0, 2, 3), bands), values[[0, 2], :2, :3])
        assert np.array_equal(read.of(inside, (4,)), values[[3], 10:14, 6:11])
