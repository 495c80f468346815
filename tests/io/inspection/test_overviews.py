"""Overviews that are empty or of another raster are not used; true ones are, without a warning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.enums import ColorInterp, Resampling
from scipy import ndimage

from mtrs_geo.grid import Window
from mtrs_geo.io.inspection.overviews import has_true_overviews, read_sparse
from mtrs_geo.io.stack import StackOptions, open_stack

PLACE = Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000)
ROWS, COLS = 300, 2500
LEVELS = [2, 4, 8]


def scene() -> np.ndarray:
    noise = ndimage.gaussian_filter(np.random.default_rng(0).random((3, ROWS, COLS)), (0, 5, 5))
    return (1000 + 4000 * (noise - noise.min()) / np.ptp(noise)).astype(np.uint16)


def write(path: Path, values: np.ndarray, **extra: Any) -> Path:
    count, rows, cols = values.shape
    with rasterio.open(
        path, "w", driver="GTiff", count=count, height=rows, width=cols, dtype=values.dtype,
        crs="EPSG:32614", transform=PLACE, **extra,
    ) as file:  # fmt: skip
        file.write(values)
    return path


def with_overviews(path: Path, kind: Resampling) -> Path:
    with rasterio.open(path, "r+") as file:
        file.build_overviews(LEVELS, kind)
    return path


def with_other_overviews(path: Path, other: np.ndarray) -> Path:
    """Give a raster overviews of other pixels, as GDAL keeps them when pixels are replaced."""
    with rasterio.open(path, "r+") as file:
        values = file.read()
        file.write(other)
    with_overviews(path, Resampling.average)
    with rasterio.open(path, "r+") as file:
        file.write(values)
    with rasterio.open(path) as file:
        assert file.overviews(1) == LEVELS
    return path


WRONG = {
    "empty": lambda values: np.zeros_like(values),
    "of a darker raster": lambda values: values // 8,
    "empty at one end": lambda values: np.where(np.arange(COLS) < 2000, values, 0),
}


@pytest.mark.parametrize("resolution", [None, 0.7], ids=["read", "warped"])
@pytest.mark.parametrize("nodata", [None, 0])
@pytest.mark.parametrize("kind", WRONG)
def test_wrong_overviews_are_not_used(
    tmp_path: Path, kind: str, nodata: int | None, resolution: float | None
) -> None:
    values = scene()
    plain, wrong = (write(tmp_path / f"{n}.tif", values, nodata=nodata) for n in ("plain", "wrong"))
    other = np.asarray(WRONG[kind](values), np.uint16)
    with_other_overviews(wrong, other)
    with open_stack([plain, wrong], StackOptions(resolution=resolution)) as stack:
        pixels = stack.read(stack.grid.window)
        small = stack.thumbnail(stack.grid.window, 500)
        (warning,) = stack.warnings
    assert "the overviews of wrong.tif do not show its pixels" in warning
    assert "gdaladdo" in warning
    assert np.abs(pixels.image[0].astype(int) - pixels.image[1]).mean() < 2
    assert np.abs(small.image[0].astype(int) - small.image[1]).mean() < 8
    assert small.valid[1:-1, 1:-1].all()


def test_wrong_overviews_of_tiles_are_not_used(tmp_path: Path) -> None:
    values = scene()
    plain = write(tmp_path / "plain.tif", values)
    (tmp_path / "tiles").mkdir()
    for i, part in enumerate(np.split(values, 2, axis=2)):
        tile = write(tmp_path / "tiles" / f"t{i}.tif", part)
        with rasterio.open(tile, "r+") as file:
            file.transform = PLACE @ Affine.translation(i * COLS // 2, 0)
        with_other_overviews(tile, np.zeros_like(part))
    with open_stack([plain, tmp_path / "tiles"]) as stack:
        pixels = stack.read(stack.grid.window)
        (warning,) = stack.warnings
    assert "do not show its pixels" in warning
    assert np.abs(pixels.image[0].astype(int) - pixels.image[1]).mean() < 2


@pytest.mark.parametrize("lossy", [False, True], ids=["plain", "jpeg"])
@pytest.mark.parametrize("nodata", [None, 0])
@pytest.mark.parametrize("kind", ["nearest", "average", "cubic", "lanczos", "mode", "rms", "gauss"])
def test_true_overviews_are_used(
    tmp_path: Path, kind: str, nodata: int | None, *, lossy: bool
) -> None:
    values = scene()
    values[:, :, 1000:1200] = 0
    values[:, 40:200, 500:560] = 9000
    extra: dict[str, Any] = {"compress": "jpeg", "tiled": True} if lossy else {}
    if lossy:
        values = (values // 36).astype(np.uint8)
    path = write(tmp_path / "a.tif", values, nodata=nodata, **extra)
    with_overviews(path, Resampling[kind])
    with rasterio.open(path) as file:
        for shape in ((20, 160), (123, 1024), (50, 417)):
            assert has_true_overviews(file, (1, 2, 3), Window(0, 0, ROWS, COLS), shape), shape


def test_a_raster_without_overviews_or_of_one_scale_needs_no_check(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", scene())
    region = Window(0, 0, ROWS, COLS)
    with rasterio.open(path) as file:
        assert has_true_overviews(file, (1, 2, 3), region, (10, 80))
    with_other_overviews(path, np.zeros_like(scene()))
    with rasterio.open(path) as file:
        assert has_true_overviews(file, (1, 2, 3), region, region.shape)
        assert not has_true_overviews(file, (1, 2, 3), region, (10, 80))


def test_pixels_are_read_evenly_without_overviews(tmp_path: Path) -> None:
    values = scene()
    path = with_other_overviews(write(tmp_path / "a.tif", values), np.zeros_like(values))
    with rasterio.open(path) as file:
        found = read_sparse(lambda window: file.read(window=window), Window(20, 30, 40, 60), (4, 3))
    np.testing.assert_array_equal(found, values[:, 25:60:10, 40:90:20])


def test_overviews_do_not_make_infrared_a_mask(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(40, 200, (4, 600, 600)).astype(np.uint8)
    path = write(tmp_path / "a.tif", values)
    with rasterio.open(path) as file:
        assert file.colorinterp[3] == ColorInterp.alpha
    with_other_overviews(path, np.zeros_like(values))
    with open_stack([path, path]) as stack:
        assert "band 4 is tagged alpha, but its values are those of an image" in stack.warnings[0]
        assert stack.read(stack.grid.window).is_all_valid
