"""Pixels without data are found where a raster has no nodata value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from scipy import ndimage

from mtrs_geo.io.stack import StackOptions, open_stack

TRANSFORM = Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000)
SIDE = 300


def scene(low: float, high: float, dtype: str, bands: int = 3) -> np.ndarray:
    rng = np.random.default_rng(0)
    noise = ndimage.gaussian_filter(rng.random((bands, SIDE, SIDE)), (0, 3, 3))
    noise = (noise - noise.min()) / np.ptp(noise)
    return (low + (high - low) * noise).astype(dtype)


def write(path: Path, values: np.ndarray, shift: float = 0, **more: Any) -> Path:
    with rasterio.open(
        path, "w", driver="GTiff", count=len(values), height=SIDE, width=SIDE, dtype=values.dtype,
        crs="EPSG:32614", transform=TRANSFORM @ Affine.translation(shift, shift), **more,
    ) as file:  # fmt: skip
        file.write(values)
    return path


CASES = {
    "reflectance with -9999": (0, 0.4, "float32", -9999),
    "reflectance with the lowest float": (0, 0.4, "float32", np.finfo(np.float32).min),
    "reflectance with -1": (0, 0.4, "float32", -1),
    "netCDF's fill": (0, 0.4, "float32", 9.96921e36),
    "-32768": (100, 3000, "int16", -32768),
    "65535": (100, 3000, "uint16", 65535),
    "0 in reflectance": (100, 3000, "uint16", 0),
    "0 in floats": (0.01, 0.4, "float32", 0),
    "black bytes": (30, 220, "uint8", 0),
    "white bytes": (30, 220, "uint8", 255),
}


@pytest.mark.parametrize("bands", [1, 3])
@pytest.mark.parametrize("shift", [0, 0.4], ids=["read", "warped"])
@pytest.mark.parametrize("case", CASES)
def test_a_collar_without_a_nodata_value_is_no_data(
    tmp_path: Path, case: str, shift: float, bands: int
) -> None:
    low, high, dtype, fill = CASES[case]
    values = scene(low, high, dtype, bands)
    collar = np.indices((SIDE, SIDE)).sum(0) < 120
    holed = np.where(collar, np.array(fill, dtype), values)
    first = write(tmp_path / "a.tif", values)
    plain, tagged = (
        write(tmp_path / f"{name}.tif", holed, shift, **tag)
        for name, tag in (("plain", {}), ("tagged", {"nodata": fill}))
    )
    read = []
    for path in (plain, tagged):
        with open_stack([path, first], StackOptions(grid="after")) as stack:
            read.append(stack.read(stack.grid.window))
            small = stack.thumbnail(stack.grid.window, 60).valid
            assert 0.05 < 1 - small.mean() < 0.12
            if path is plain:
                (warning,) = stack.warnings
                assert f"plain.tif has no nodata value: pixels of {fill:g}" in warning
                assert "taken as nodata" in warning
    without, expected = read
    assert not without.valid[:50, :50].any()
    np.testing.assert_array_equal(without.valid, expected.valid)
    np.testing.assert_array_equal(without.image, expected.image)


@pytest.mark.parametrize("shift", [0, 0.4], ids=["read", "warped"])
def test_a_saturated_roof_inside_the_image_stays_data(tmp_path: Path, shift: float) -> None:
    values = scene(100, 3000, "uint16")
    values[:, :, :40] = 65535
    values[:, 100:120, 200:220] = 65535
    path = write(tmp_path / "a.tif", values, shift)
    with open_stack([path, write(tmp_path / "b.tif", scene(100, 3000, "uint16"))]) as stack:
        pixels = stack.read(stack.grid.window)
    assert not pixels.valid[:, :38].any()
    assert pixels.valid[104:116, 204:216].all()
    assert (pixels.image[0][:, 104:116, 204:216] == 255).all()


def black(values: np.ndarray) -> np.ndarray:
    """Deep shadow at a corner, with other dark pixels."""
    values[:, :60, :60] = 0
    values[:, 200:210, 200:230] = 1
    return values


def white(values: np.ndarray) -> np.ndarray:
    """Two white roofs, one at a corner."""
    values[:, :60, :60] = 255
    values[:, 200:230, 200:230] = 255
    return values


def saturated(values: np.ndarray) -> np.ndarray:
    """A bright image, in which the maximum is plausible."""
    values = values.astype(np.uint16) * 280
    values[:, :60, :60] = 65535
    return values


@pytest.mark.parametrize("alter", [black, white, saturated])
def test_roofs_and_shadow_at_the_border_stay_data(tmp_path: Path, alter: Any) -> None:
    path = write(tmp_path / "a.tif", alter(scene(30, 220, "uint8")))
    with open_stack([path, write(tmp_path / "b.tif", scene(30, 220, "uint8"))]) as stack:
        assert stack.warnings == ()
        assert stack.read(stack.grid.window).valid.all()


def test_a_constant_raster_stays_data(tmp_path: Path) -> None:
    for name, value, dtype in (("a", 0, "uint8"), ("b", 0, "uint16"), ("c", -5, "int16")):
        path = write(tmp_path / f"{name}.tif", np.full((3, SIDE, SIDE), value, dtype))
        with open_stack([path, path]) as stack:
            assert stack.read(stack.grid.window).valid.all()


def test_holes_of_a_usual_fill_value_are_no_data(tmp_path: Path) -> None:
    values = scene(0, 0.4, "float32")
    values[:, 100:110, 100:110] = -9999
    path = write(tmp_path / "a.tif", values)
    with open_stack([path, write(tmp_path / "b.tif", scene(0, 0.4, "float32"))]) as stack:
        valid = stack.read(stack.grid.window).valid
    assert not valid[100:110, 100:110].any()
    assert valid.sum() == valid.size - 100


@pytest.mark.parametrize("shift", [0, 0.4], ids=["read", "warped"])
@pytest.mark.parametrize("fill", [9.96921e36, np.finfo(np.float32).max, 1e20, -9.96921e36])
def test_holes_of_a_huge_value_are_no_data(tmp_path: Path, fill: float, shift: float) -> None:
    values = scene(0, 0.4, "float32")
    holed = values.copy()
    holed[:, 140:200, 140:200] = fill
    holed[1, 40:80, 40:80] = fill
    path = write(tmp_path / "a.tif", holed, shift)
    first = write(tmp_path / "b.tif", values, shift)
    with open_stack([first, path], StackOptions(grid="after")) as stack:
        pixels = stack.read(stack.grid.window)
        (warning,) = stack.warnings
    assert f"a.tif has no nodata value: pixels of {np.float32(fill):g} (" in warning
    assert not pixels.valid[142:198, 142:198].any()
    assert not pixels.valid[42:78, 42:78].any()
    assert pixels.valid[202:].all()
    same = np.abs(pixels.image[0].astype(int) - pixels.image[1])[:, pixels.valid]
    assert same.mean() < 4


FAR = {
    "reflectance": (0, 0.4, "float32", -9999.0),
    "integers": (100, 3000, "int16", -9999.0),
    "the largest integer": (100, 3000, "uint16", 65535.0),
    "netCDF's fill": (0, 0.4, "float32", 9.969209968386869e36),
}


@pytest.mark.parametrize("shift", [0, 0.4], ids=["read", "warped"])
@pytest.mark.parametrize("case", FAR)
def test_a_far_nodata_value_of_one_band_is_no_data(tmp_path: Path, case: str, shift: float) -> None:
    low, high, dtype, nodata = FAR[case]
    values = scene(low, high, dtype)
    holed = values.copy()
    holed[2, :, :20] = nodata
    path = write(tmp_path / "a.tif", holed, shift, nodata=nodata)
    first = write(tmp_path / "b.tif", values, shift)
    with open_stack([first, path], StackOptions(grid="before")) as stack:
        pixels = stack.read(stack.grid.window)
        small = stack.thumbnail(stack.grid.window, 60)
        assert stack.warnings == ()
    assert not pixels.valid[:, :18].any()
    assert pixels.valid[:-1, 22:-1].all()
    assert 0.04 < 1 - small.valid.mean() < 0.1
    same = np.abs(pixels.image[0].astype(int) - pixels.image[1])[:, pixels.valid]
    assert same.mean() < 4


@pytest.mark.parametrize(("low", "high", "dtype"), [(0, 250, "uint8"), (0, 3000, "uint16")])
def test_a_colour_of_shadow_stays_data_beside_nodata_of_0(
    tmp_path: Path, low: float, high: float, dtype: str
) -> None:
    values = scene(low, high, dtype) + np.array(1, dtype)
    values[2, 100:120, 100:120] = 0
    values[:, :, :20] = 0
    path = write(tmp_path / "a.tif", values, nodata=0)
    with open_stack([path, path]) as stack:
        valid = stack.read(stack.grid.window).valid
    assert not valid[:, :20].any()
    assert valid[:, 20:].all()


BESIDE_NODATA = {
    "white bytes": (30, 220, "uint8", 255, 0),
    "black bytes": (30, 220, "uint8", 0, 255),
    "65535": (100, 3000, "uint16", 65535, 0),
    "0 in reflectance": (100, 3000, "uint16", 0, 65535),
    "-9999": (0.01, 0.4, "float32", -9999, np.finfo(np.float32).min),
}


@pytest.mark.parametrize("shift", [0, 0.4], ids=["read", "warped"])
@pytest.mark.parametrize("case", BESIDE_NODATA)
def test_a_collar_of_another_value_than_nodata_is_no_data(
    tmp_path: Path, case: str, shift: float
) -> None:
    low, high, dtype, fill, nodata = BESIDE_NODATA[case]
    values = scene(low, high, dtype)
    holed = np.where(np.indices((SIDE, SIDE)).sum(0) < 120, np.array(fill, dtype), values)
    holed[:, 200:220, 150:170] = nodata
    path = write(tmp_path / "a.tif", holed, shift, nodata=nodata)
    first = write(tmp_path / "b.tif", values)
    with open_stack([path, first], StackOptions(grid="after")) as stack:
        pixels = stack.read(stack.grid.window)
        valid = pixels.valid
        (warning,) = stack.warnings
        assert 0.05 < 1 - stack.thumbnail(stack.grid.window, 60).valid.mean() < 0.12
    assert f"a.tif has the nodata value {nodata:g}: pixels of {fill:g} at" in warning or (
        fill < 0 and f"pixels of {fill:g} (" in warning
    )
    assert "are taken as nodata, too" in warning
    assert not valid[:50, :50].any()
    assert not valid[202:218, 152:168].any()
    assert valid[130:195].all()
    # No pixel at the edge is a mixture of the image and the collar.
    difference = np.abs(pixels.image[0].astype(int) - pixels.image[1])[:, valid]
    assert difference.max() < 60


@pytest.mark.parametrize("corner", [0, 120])
def test_a_white_roof_at_the_border_beside_nodata_stays_data(tmp_path: Path, corner: int) -> None:
    values = scene(30, 220, "uint8")
    values[:, :60, :60] = corner
    values[:, -40:, 100:160] = 255
    path = write(tmp_path / "a.tif", values, nodata=0)
    with open_stack([path, write(tmp_path / "b.tif", scene(30, 220, "uint8"))]) as stack:
        assert stack.warnings == ()
        valid = stack.read(stack.grid.window).valid
    assert valid[60:].all()
    assert valid[:60, :60].all() == (corner > 0)
