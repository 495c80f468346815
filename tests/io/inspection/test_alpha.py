"""A band that is tagged alpha is a mask only if its values or its description say so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.enums import ColorInterp

from mtrs_geo.errors import RasterError
from mtrs_geo.io.stack import StackOptions, open_stack

TRANSFORM = Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000)
SIDE = 600


def write(path: Path, fourth: np.ndarray, description: str | None = None, shift: float = 0) -> Path:
    """Write a noisy RGB image whose fourth byte band GDAL tags alpha."""
    rgb = np.random.default_rng(0).integers(40, 200, (3, SIDE, SIDE)).astype(np.uint8)
    with rasterio.open(
        path, "w", driver="GTiff", count=4, height=SIDE, width=SIDE, dtype="uint8",
        crs="EPSG:32614", transform=TRANSFORM @ Affine.translation(shift, shift),
    ) as file:  # fmt: skip
        file.write(np.concatenate([rgb, fourth[None].astype(np.uint8)]))
        file.descriptions = (None, None, None, description)
    with rasterio.open(path) as file:
        assert file.colorinterp[3] == ColorInterp.alpha
    return path


def constant(value: int) -> np.ndarray:
    values = np.full((SIDE, SIDE), value)
    values[100:200, 100:200] = 0
    return values


def infrared() -> np.ndarray:
    values = np.random.default_rng(1).integers(0, 250, (SIDE, SIDE))
    values[100:200, 100:200] = 0
    return values


@pytest.mark.parametrize("shift", [0, 0.4], ids=["read", "warped"])
@pytest.mark.parametrize(
    ("values", "description"), [(infrared(), None), (constant(120), None), (constant(255), "NIR")]
)
def test_infrared_that_is_tagged_alpha_is_no_mask(
    tmp_path: Path, values: np.ndarray, description: str | None, shift: float
) -> None:
    path = write(tmp_path / "naip.tif", values, description)
    other = write(tmp_path / "other.tif", values, description, shift)
    with open_stack([other, path], StackOptions(grid="after")) as stack:
        pixels = stack.read(stack.grid.window)
        warnings, notes = stack.warnings, stack.notes
    assert pixels.valid[2:-2, 2:-2].all()
    assert pixels.image[:, :, 150, 150].all()
    messages = notes if description else warnings
    assert "naip.tif: band 4 is tagged alpha, but" in " ".join(messages)
    assert "is the mask" not in " ".join(notes)


@pytest.mark.parametrize("shift", [0, 0.4], ids=["read", "warped"])
@pytest.mark.parametrize(
    ("values", "description"),
    [(constant(255), None), (constant(1), None), (constant(255), "Band 4"), (infrared(), "Alpha")],
)
def test_a_mask_is_used_and_named(
    tmp_path: Path, values: np.ndarray, description: str | None, shift: float
) -> None:
    path = write(tmp_path / "ortho.tif", values, description)
    other = write(tmp_path / "other.tif", np.full((SIDE, SIDE), 255), None, shift)
    with open_stack([other, path], StackOptions(grid="before")) as stack:
        pixels = stack.read(stack.grid.window)
        assert stack.warnings == ()
        assert "ortho.tif: the alpha band 4 is the mask" in " ".join(stack.notes)
    assert not pixels.valid[105:195, 105:195].any()
    assert pixels.valid.any()


def test_soft_edges_keep_a_mask(tmp_path: Path) -> None:
    values = np.full((SIDE, SIDE), 255)
    values[:, :100] = 0
    values[:, 100:130] = np.linspace(1, 254, 30)
    path = write(tmp_path / "soft.tif", values)
    with open_stack([path, path]) as stack:
        assert not stack.read(stack.grid.window).valid[:, :100].any()


@pytest.mark.parametrize("shift", [0, 0.4], ids=["read", "warped"])
def test_a_mask_of_the_file_is_kept_beside_infrared(tmp_path: Path, shift: float) -> None:
    path = write(tmp_path / "naip.tif", infrared())
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "r+") as file:
        file.write_mask(np.arange(SIDE)[:, None] + np.zeros(SIDE) >= 50)
    other = write(tmp_path / "other.tif", infrared(), None, shift)
    with open_stack([path, other]) as stack:
        valid = stack.read(stack.grid.window).valid
    assert not valid[:48].any()
    assert valid[52:-2, 2:-2].all()


def write_bands(path: Path, bands: str, image: np.ndarray, mask: np.ndarray) -> Path:
    """Write bands that are named by letters: r, g, b, a for alpha, n for near infrared."""
    values = {**dict(zip("rgb", image, strict=True)), "a": mask, "n": image[0] // 2}
    colours = {"r": "red", "g": "green", "b": "blue", "a": "alpha", "n": "undefined"}
    rows, cols = mask.shape
    with rasterio.open(
        path, "w", driver="GTiff", count=len(bands), height=rows, width=cols, dtype="uint8",
        crs="EPSG:32614", transform=TRANSFORM, photometric="MINISBLACK",
    ) as file:  # fmt: skip
        file.colorinterp = [ColorInterp[colours[band]] for band in bands]
        file.write(np.stack([values[band] for band in bands]))
    return path


@pytest.mark.parametrize("bands", ["argb", "rgban", "rgbna", "rgbnna"])
@pytest.mark.parametrize("resolution", [None, 0.7])
def test_alpha_is_the_mask_wherever_it_is(
    tmp_path: Path, bands: str, resolution: float | None
) -> None:
    image = np.random.default_rng(0).integers(40, 200, (3, 64, 64)).astype(np.uint8)
    mask = np.full((64, 64), 255, np.uint8)
    mask[20:40] = 0
    plain = write_bands(tmp_path / "plain.tif", "rgb", image, mask)
    after = write_bands(tmp_path / "after.tif", bands, image, mask)
    with open_stack([plain, after], StackOptions(resolution=resolution)) as stack:
        window = stack.read(stack.grid.window)
    assert f"the alpha band {bands.index('a') + 1} is the mask" in " ".join(stack.notes)
    rows = slice(21, 39) if resolution is None else slice(15, 28)
    assert not window.valid[rows].any()
    assert window.valid[: rows.start - 2, :-1].all()
    np.testing.assert_array_equal(window.image[0], window.image[1])


def test_alpha_of_tiles_with_infrared(tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(40, 200, (3, 64, 64)).astype(np.uint8)
    mask = np.full((64, 64), 255, np.uint8)
    mask[20:40] = 0
    plain = write_bands(tmp_path / "plain.tif", "rgb", image, mask)
    tiles = [tmp_path / "left.tif", tmp_path / "right.tif"]
    for tile, left in zip(tiles, (0, 30), strict=True):
        write_bands(tile, "rgbna", image[:, :, left : left + 34], mask[:, left : left + 34])
        with rasterio.open(tile, "r+") as file:
            file.transform = TRANSFORM @ Affine.translation(left, 0)
    with pytest.raises(RasterError, match=r"left\.tif overlaps others, and its alpha band"):
        open_stack([plain, tiles])
    write_bands(tiles[0], "rgbna", image[:, :, :30], mask[:, :30])
    with open_stack([plain, tiles]) as stack:
        window = stack.read(stack.grid.window)
    np.testing.assert_array_equal(window.valid, mask > 0)
