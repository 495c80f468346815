"""Rasters that are mirrored or turned by right angles are read without resampling."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from mtrs_geo.io.stack import open_stack

ROWS, COLS = 300, 320
TRANSFORM = Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000)


def write(
    path: Path,
    values: np.ndarray,
    transform: Affine,
    nodata: int | None = None,
    crs: str = "EPSG:32614",
) -> Path:
    count, rows, cols = values.shape
    profile = {"driver": "GTiff", "count": count, "height": rows, "width": cols, "nodata": nodata,
               "dtype": values.dtype, "crs": crs, "transform": transform}  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(values)
    return path


@pytest.mark.parametrize("nodata", [None, 0])
@pytest.mark.parametrize("cut", [0, 40])
def test_rasters_turned_by_right_angles_are_read_unchanged(
    tmp_path: Path, nodata: int | None, cut: int
) -> None:
    values = np.random.default_rng(0).integers(1, 256, (3, ROWS, COLS), np.uint8)
    first = write(tmp_path / "a.tif", values, TRANSFORM)
    for flips in ((), (1,), (2,), (1, 2)):
        for axes in ((0, 1, 2), (0, 2, 1)):
            turned = np.flip(values, flips).transpose(axes)[:, cut:]
            to_plain = Affine.identity()
            for flip, side in ((1, ROWS), (2, COLS)):
                if flip in flips:
                    step = (1, -1) if flip == 1 else (-1, 1)
                    start = (0, side) if flip == 1 else (side, 0)
                    to_plain @= Affine.translation(*start) @ Affine.scale(*step)
            if axes != (0, 1, 2):
                to_plain @= Affine(0, 1, 0, 1, 0, 0)
            transform = TRANSFORM @ to_plain @ Affine.translation(0, cut)
            second = write(tmp_path / "b.tif", turned, transform, nodata)
            with open_stack((first, second)) as stack:
                pixels = stack.read(stack.grid.window)
                assert stack.grid.is_north_up
            assert pixels.valid.all()
            np.testing.assert_array_equal(pixels.image[0], pixels.image[1])


def test_small_pixels_in_degrees_become_north_up(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(1, 256, (3, ROWS, COLS), np.uint8)
    pixels = Affine(5e-6, 0, 9.5, 0, -5e-6, 48.5)
    paths = [
        write(tmp_path / f"{turn}.tif", values, pixels @ Affine.rotation(turn), crs="EPSG:4326")
        for turn in (20, 21)
    ]
    with open_stack(paths) as stack:
        assert stack.grid.transform.b == stack.grid.transform.d == 0
