"""Arrays as rasters: byte orders, types, nodata values, names in messages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine

from mtrs_geo.errors import RasterError
from mtrs_geo.io.inputs.arrays import ArrayRaster
from mtrs_geo.io.inputs.kinds import expand_tiles
from mtrs_geo.io.stack import open_stack

PLACE = Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000)
IMAGE = np.random.default_rng(0).integers(1, 250, (3, 64, 64), np.uint8)


def read(array: np.ndarray, nodata: float | None = None) -> np.ndarray:
    raster: Any = ArrayRaster(array, PLACE, "EPSG:32614", nodata)
    with open_stack([raster, raster]) as stack:
        return stack.read(stack.grid.window).image[0]


@pytest.mark.parametrize("kind", ["u2", "i2", "f4", "f8"])
def test_the_byte_order_does_not_matter(kind: str) -> None:
    np.testing.assert_array_equal(read(IMAGE.astype(f">{kind}")), read(IMAGE.astype(f"<{kind}")))


def test_truth_values_are_black_and_white() -> None:
    np.testing.assert_array_equal(read(IMAGE > 99), (IMAGE > 99) * np.uint8(255))


@pytest.mark.parametrize("nodata", [-9999.0, 300.0, np.nan, np.inf])
def test_a_nodata_value_that_the_type_lacks_is_none(nodata: float) -> None:
    np.testing.assert_array_equal(read(IMAGE, nodata), IMAGE)


def test_a_message_names_an_array_by_its_place_in_the_list() -> None:
    image = IMAGE.astype(np.int16)
    image[:, :20] = -9999
    with open_stack([(IMAGE, PLACE, "EPSG:32614"), (image, PLACE, "EPSG:32614")]) as stack:
        (warning,) = stack.warnings
    assert warning.startswith("raster 2 in memory has no nodata value: pixels of -9999")
    assert warning.endswith("Set the nodata value.")


def test_an_empty_path_is_no_folder() -> None:
    with pytest.raises(RasterError, match="the path of a raster is empty"):
        expand_tiles(["", "b.tif"])


def test_a_dataset_in_memory_without_a_crs_is_not_to_be_edited_on_the_disk() -> None:
    with rasterio.MemoryFile() as memory:
        with memory.open(
            driver="GTiff", count=3, height=64, width=64, dtype="uint8", transform=PLACE
        ) as file:
            file.write(IMAGE)
        with memory.open() as file, pytest.raises(RasterError, match="no coordinate") as caught:
            open_stack([(IMAGE, PLACE, "EPSG:32614"), file])
    assert "gdal" not in caught.value.advice
