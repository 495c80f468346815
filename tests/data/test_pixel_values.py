"""Which values are a mask, which are class codes, and which images have more than 8 bits."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import rasterio
from PIL import Image

from mtrs_geo.craft.project.images import image_shape
from mtrs_geo.data.datasets.changes import read_codes, read_image
from mtrs_geo.data.pixel_values import mask_foreground
from mtrs_geo.data.split.layout import MaskRecord, PairRecord
from mtrs_geo.data.split.reader import PairFiles, read_pair
from mtrs_geo.errors import RasterError

HOUSES = np.zeros((96, 96), bool)
HOUSES[10:30, 10:40], HOUSES[50:57, 60:80], HOUSES[70:90, 20:24] = True, True, True
EDGE = HOUSES ^ (np.roll(HOUSES, 2, 0) & HOUSES)
NUMBERS = np.where(HOUSES, np.arange(96)[:, None] // 20 * 45 + 5, 0)


def foreground(pixels: np.ndarray, name: str = "m.png") -> np.ndarray:
    return mask_foreground(Image.fromarray(pixels.astype(np.uint8)), Path(name))


@pytest.mark.parametrize(
    ("pixels", "listed"),
    [
        (np.where(EDGE, 255, HOUSES), "0, 1 and 255"),
        (np.where(HOUSES, 1, 255), "1 and 255"),
        (np.where(HOUSES, 254, 1), "1 and 254"),
        (NUMBERS, "0, 5, 50, 95, 140 and 185"),
        (np.where(HOUSES, np.where(np.arange(96) < 30, 254, 255), 0), "0, 254 and 255"),
        (np.where(HOUSES, np.arange(96) % 96 * 2, 0), "values"),
        (np.where(HOUSES, 255, np.where(np.roll(HOUSES, 3, 1), 128, 0)), "0, 128 and 255"),
        (np.where(HOUSES, 100, np.where(np.roll(HOUSES, 3, 1), 60, 0)), "0, 60 and 100"),
        (np.where(HOUSES, 255, np.where(np.roll(HOUSES, 3, 1), 3, 0)), "0, 3 and 255"),
        (np.where(HOUSES, 255, 180), "180 and 255"),
    ],
)
def test_masks_with_other_values_are_refused(pixels: np.ndarray, listed: str) -> None:
    with pytest.raises(RasterError, match=f"not a mask of 0 and 255: .*{listed}") as error:
        foreground(pixels)
    assert "255 where the target is" in error.value.advice


@pytest.mark.parametrize("quality", [15, 20, 40, 50, 70, 75, 90, 100])
@pytest.mark.parametrize("name", ["m.jpg", "m.png"])
def test_noise_of_lossy_storage_is_allowed(quality: int, name: str) -> None:
    """Also in a PNG file that was converted from JPEG."""
    stored = io.BytesIO()
    Image.fromarray(HOUSES * np.uint8(255)).save(stored, "JPEG", quality=quality)
    found = foreground(np.asarray(Image.open(stored)), name)
    assert (found != HOUSES).mean() < 0.01


@pytest.mark.parametrize("factor", [0.5, 2, 4])
@pytest.mark.parametrize("method", [Image.Resampling.BILINEAR, Image.Resampling.BICUBIC])
def test_soft_outlines_of_resampling_are_allowed(factor: float, method: Image.Resampling) -> None:
    mask = Image.fromarray(HOUSES * np.uint8(255))
    side = int(96 * factor)
    resized = mask.resize((side, side), method)
    np.testing.assert_array_equal(foreground(np.asarray(resized)), np.asarray(resized) > 127)


@pytest.mark.parametrize("value", [128, 200, 254, 255])
def test_one_other_value_is_the_foreground(value: int) -> None:
    np.testing.assert_array_equal(foreground(HOUSES * value), HOUSES)


def rgb_of_16_bits(path: Path, driver: Literal["PNG", "GTiff"]) -> Path:
    options = {"photometric": "RGB"} if driver == "GTiff" else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with rasterio.open(
            path, "w", driver=driver, width=16, height=16, count=3, dtype="uint16", **options
        ) as file:
            file.write(np.full((3, 16, 16), 1500, np.uint16))
    return path


@pytest.mark.parametrize(("name", "driver"), [("x.png", "PNG"), ("x.tif", "GTiff")])
def test_16_bit_colours_are_refused(
    tmp_path: Path, name: str, driver: Literal["PNG", "GTiff"]
) -> None:
    """Pillow opens them as RGB of 8 bits, with a 256th of each value."""
    path = rgb_of_16_bits(tmp_path / name, driver)
    record = PairRecord("x", name, name, ("x",), (MaskRecord(None),))
    for read in (lambda: read_image(path), lambda: read_pair(PairFiles(record, path, path, ()))):
        with pytest.raises(RasterError, match="more than 8 bits") as error:
            read()
        assert "Convert both dates" in error.value.advice
    with pytest.raises(RasterError, match=r"more than 8 bits|not an 8-bit image"):
        image_shape(path)


def test_a_tiff_that_is_not_marked_as_rgb_gets_advice(tmp_path: Path) -> None:
    path = tmp_path / "x.tif"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with rasterio.open(
            path, "w", driver="GTiff", width=16, height=16, count=3, dtype="uint8",
            photometric="MINISBLACK",
        ) as file:  # fmt: skip
            file.write(np.full((3, 16, 16), 150, np.uint8))
    with pytest.raises(RasterError, match="cannot be read as an image") as error:
        read_image(path)
    assert "PHOTOMETRIC=RGB" in error.value.advice


def test_class_maps_hold_codes(tmp_path: Path) -> None:
    path, codes = tmp_path / "m.png", np.where(HOUSES, 4, 255).astype(np.uint8)

    def read(image: Image.Image, shape: tuple[int, int] = (96, 96)) -> np.ndarray:
        image.save(path)
        return read_codes(path, tmp_path / "a.png", shape)

    np.testing.assert_array_equal(read(Image.fromarray(codes)), codes)
    palette = Image.fromarray(codes, "P")
    palette.putpalette([9, 9, 9] * 256)
    np.testing.assert_array_equal(read(palette), codes)
    np.testing.assert_array_equal(read(Image.fromarray(np.dstack([codes] * 3))), codes)
    for wrong, message in (
        (np.where(HOUSES, 9, codes), "values that are no class: 9"),
        (np.dstack([codes, codes // 2, codes]), "has colours"),
        (codes.astype(np.uint16) * 2, "more than 8 bits"),
    ):
        with pytest.raises(RasterError, match=message):
            read(Image.fromarray(wrong))
    with pytest.raises(RasterError, match=r"m\.png \(96 × 96\) and .*a\.png \(95 × 96\) differ"):
        read(Image.fromarray(codes), (96, 95))
