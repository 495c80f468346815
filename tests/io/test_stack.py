from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.enums import ColorInterp, Resampling
from rasterio.warp import calculate_default_transform, reproject
from scipy import ndimage

from mtrs_geo.errors import GridError, RasterError, RequestError
from mtrs_geo.grid import Window
from mtrs_geo.io.stack import StackOptions, open_stack

UTM = "EPSG:32614"
TRANSFORM = Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000)


def scene(rows: int = 300, cols: int = 320, seed: int = 0) -> np.ndarray:
    """Return a smooth random image (3, rows, cols), so that resampling changes it little."""
    rng = np.random.default_rng(seed)
    noise = ndimage.gaussian_filter(rng.random((3, rows, cols)), (0, 6, 6))
    noise -= noise.min()
    return (noise / noise.max() * 255).astype(np.uint8)


def write(
    path: Path,
    values: np.ndarray,
    transform: Affine = TRANSFORM,
    crs: str | None = UTM,
    **more: Any,
) -> Path:
    count, rows, cols = values.shape
    profile = {"driver": "GTiff", "count": count, "height": rows, "width": cols,
               "dtype": values.dtype, "crs": crs, "transform": transform, **more}  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(values)
    return path


def warp(values: np.ndarray, crs: str, transform: Affine = TRANSFORM) -> tuple[np.ndarray, Affine]:
    _, rows, cols = values.shape
    left, top = transform @ (0, 0)
    right, bottom = transform @ (cols, rows)
    target, width, height = calculate_default_transform(
        UTM, crs, cols, rows, left, bottom, right, top
    )
    out = np.zeros((values.shape[0], height, width), values.dtype)
    reproject(values, out, src_transform=transform, src_crs=UTM, dst_transform=target,
              dst_crs=crs, resampling=Resampling.cubic)  # fmt: skip
    return out, target


def read_all(*paths: Path, **options: Any) -> tuple[np.ndarray, np.ndarray, Any]:
    with open_stack(paths, StackOptions(**options)) as stack:
        pixels = stack.read(stack.grid.window)
        return pixels.image, pixels.valid, stack


def difference(image: np.ndarray, valid: np.ndarray) -> float:
    inner = ndimage.binary_erosion(valid, iterations=4)
    assert inner.sum() > 1000
    return float(np.abs(image[0].astype(int) - image[1])[:, inner].mean())


def test_rasters_on_the_same_grid_are_read_unchanged(tmp_path: Path) -> None:
    before, after = scene(), scene(seed=1)
    image, valid, stack = read_all(
        write(tmp_path / "a.tif", before), write(tmp_path / "b.tif", after)
    )
    np.testing.assert_array_equal(image, np.stack([before, after]))
    assert valid.all()
    assert stack.grid.transform == TRANSFORM


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", "EPSG:32613", "EPSG:2277"])
def test_rasters_in_two_crs_are_aligned(tmp_path: Path, crs: str) -> None:
    values = scene()
    other, transform = warp(values, crs)
    first = write(tmp_path / "a.tif", values)
    second = write(tmp_path / "b.tif", other, transform, crs, nodata=0)
    for paths in ((first, second), (second, first)):
        image, valid, _ = read_all(*paths)
        assert difference(image, valid) < 2
        shifted = np.stack([image[0], np.roll(image[1], 3, axis=-1)])
        assert difference(shifted, valid) > 4  # a misalignment would fail the test


def test_different_utm_zones_with_equal_coordinates_are_refused(tmp_path: Path) -> None:
    first = write(tmp_path / "a.tif", scene())
    second = write(tmp_path / "b.tif", scene(), crs="EPSG:32615")
    with pytest.raises(GridError, match=r"do not overlap: a\.tif \(EPSG:32614\) covers -97"):
        open_stack([first, second])


@pytest.mark.parametrize("shift", [(0.25, 0.0), (0.4, 0.3), (3.0, -7.0)])
def test_different_origins_and_extents_are_aligned(
    tmp_path: Path, shift: tuple[float, float]
) -> None:
    values = scene()
    moved = ndimage.shift(values.astype(float), (0, shift[1], shift[0]), order=3, mode="nearest")
    # Shifting the pixels by +shift and the origin by -shift keeps the image in place.
    transform = TRANSFORM @ Affine.translation(-shift[0], -shift[1])
    second = write(tmp_path / "b.tif", moved.round().astype(np.uint8), transform)
    image, valid, stack = read_all(write(tmp_path / "a.tif", values), second)
    assert stack.grid.shape[0] <= 300
    assert difference(image, valid) < 2


@pytest.mark.parametrize(("choice", "pixel_m"), [("before", 0.5), ("after", 1.5), ("finest", 0.5),
                                                 ("coarsest", 1.5)])  # fmt: skip
def test_the_choice_of_the_grid_sets_the_pixel_size(
    tmp_path: Path, choice: str, pixel_m: float
) -> None:
    values = scene()
    coarse = values[:, :, :318].reshape(3, 100, 3, 106, 3).mean((2, 4)).astype(np.uint8)
    second = write(tmp_path / "b.tif", coarse, TRANSFORM @ Affine.scale(3))
    image, valid, stack = read_all(write(tmp_path / "a.tif", values), second, grid=choice)
    assert stack.grid.pixel_size_m()[0] == pytest.approx(pixel_m, rel=1e-3)
    assert difference(image, valid) < 4


def test_the_pixel_size_can_be_given(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{i}.tif", scene()) for i in range(2)]
    _, _, stack = read_all(*paths, resolution=1.0)
    assert stack.grid.shape == (150, 160)
    with pytest.raises(GridError, match="must be positive"):
        open_stack(paths, StackOptions(resolution=-1))


def test_south_up_and_rotated_rasters_become_north_up(tmp_path: Path) -> None:
    values = scene()
    first = write(tmp_path / "a.tif", values)
    south_up = TRANSFORM @ Affine.translation(0, 300) @ Affine.scale(1, -1)
    image, valid, stack = read_all(first, write(tmp_path / "b.tif", values[:, ::-1], south_up))
    assert stack.grid.is_north_up
    assert difference(image, valid) < 2
    rotated = TRANSFORM @ Affine.rotation(20, (160, 150))
    rows, cols = np.mgrid[:300, :320] + 0.5
    x, y = rotated @ (cols, rows)
    col, row = ~TRANSFORM @ (x, y)
    turned = np.stack([
        ndimage.map_coordinates(band.astype(float), (row - 0.5, col - 0.5), order=3)
        for band in values
    ]).clip(0, 255).astype(np.uint8)  # fmt: skip
    second = write(tmp_path / "c.tif", turned, rotated, nodata=0)
    for paths in ((first, second), (second, first)):
        image, valid, stack = read_all(*paths)
        assert stack.grid.is_north_up
        assert 0.3 < valid.mean() < 0.98
        assert difference(image, valid) < 3


def test_a_pixel_is_valid_only_if_all_dates_have_data(tmp_path: Path) -> None:
    values = scene().clip(1, 255)
    holes = np.zeros((300, 320), bool)
    first = write(tmp_path / "plain.tif", values)
    holes[10:40, 20:60] = True

    def check(path: Path) -> None:
        image, valid, _ = read_all(first, path)
        np.testing.assert_array_equal(valid, ~holes)
        assert not image[:, :, holes].any()

    check(write(tmp_path / "nodata.tif", np.where(holes, 0, values).astype(np.uint8), nodata=0))
    alpha = np.concatenate([values, np.where(holes, 0, 255)[None].astype(np.uint8)])
    path = write(tmp_path / "alpha.tif", alpha)
    with rasterio.open(path, "r+") as file:
        file.colorinterp = [*file.colorinterp[:3], ColorInterp.alpha]
    check(path)
    path = write(tmp_path / "mask.tif", values)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "r+") as file:
        file.write_mask(~holes)
    check(path)
    path = write(tmp_path / "sidecar.tif", values)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=False), rasterio.open(path, "r+") as file:
        file.write_mask(~holes)
    assert path.with_name("sidecar.tif.msk").exists()
    check(path)
    floats = np.where(holes, np.nan, values).astype(np.float32)
    check(write(tmp_path / "nan.tif", floats))


@pytest.mark.parametrize("kind", ["nodata", "alpha", "mask", "nan"])
def test_validity_survives_warping(tmp_path: Path, kind: str) -> None:
    values = scene().clip(1, 255)
    values[:, :150] = 0 if kind == "nodata" else values[:, :150]
    more = {"nodata": 0} if kind == "nodata" else {}
    if kind == "nan":
        values = values.astype(np.float32)
        values[:, :150] = np.nan
    upper = np.zeros((300, 320), np.uint8)
    upper[150:] = 255
    transform = TRANSFORM @ Affine.translation(0.5, 0.5)
    path = write(tmp_path / "b.tif", np.concatenate([values, upper[None]]) if kind == "alpha"
                 else values, transform, **more)  # fmt: skip
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "r+") as file:
        if kind == "alpha":
            file.colorinterp = [*file.colorinterp[:3], ColorInterp.alpha]
        if kind == "mask":
            file.write_mask(upper)
    _, valid, _ = read_all(write(tmp_path / "a.tif", scene()), path, grid="before")
    assert not valid[:149].any()
    assert valid[153:].all()


def test_an_all_nodata_date_is_refused(tmp_path: Path) -> None:
    first = write(tmp_path / "a.tif", scene())
    second = write(tmp_path / "b.tif", np.zeros_like(scene()), nodata=0)
    with pytest.raises(RasterError, match=r"b\.tif holds no valid pixel"):
        open_stack([first, second])
    almost = np.zeros((1, 3000, 3000), np.uint8)
    almost[0, 1501, 1501] = 9
    one_valid = write(tmp_path / "c.tif", almost, nodata=0)
    _, valid, _ = read_all(one_valid, write(tmp_path / "d.tif", almost))
    assert valid.sum() == 1


@pytest.mark.parametrize("dtype", ["uint16", "int16", "float32"])
def test_values_above_8_bits_are_stretched_once_per_run(tmp_path: Path, dtype: str) -> None:
    values = scene().astype(dtype) * 30 + 200
    saturated = values.copy()
    saturated[:, 100, 100] = 32_000
    image, _, _ = read_all(write(tmp_path / "a.tif", values), write(tmp_path / "b.tif", saturated))
    differences = np.abs(image[0].astype(int) - image[1])
    differences[:, 100, 100] = 0
    assert not differences.any()
    assert image[0].min() == 0
    assert image[0].max() == 255
    with open_stack([tmp_path / "a.tif", tmp_path / "b.tif"]) as stack:
        region = stack.read(Window(50, 60, 40, 30)).image
    np.testing.assert_array_equal(region, image[:, :, 50:90, 60:90])


def test_8_bit_values_in_uint16_stay_unchanged(tmp_path: Path) -> None:
    values = scene()
    image, _, _ = read_all(write(tmp_path / "a.tif", values.astype(np.uint16)),
                        write(tmp_path / "b.tif", values))  # fmt: skip
    np.testing.assert_array_equal(image[0], image[1])


@pytest.mark.parametrize("size", [12, 300])
def test_one_saturated_pixel_does_not_stretch_8_bit_values(tmp_path: Path, size: int) -> None:
    values = scene(size, size).astype(np.uint16)
    saturated = values.copy()
    saturated[:, 5, 5] = 65_535
    image, _, _ = read_all(write(tmp_path / "a.tif", values), write(tmp_path / "b.tif", saturated))
    np.testing.assert_array_equal(image[0], values)
    image[:, :, 5, 5] = 0
    np.testing.assert_array_equal(image[0], image[1])


def test_one_saturated_pixel_does_not_change_the_stretch(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(1000, 100, (3, 300, 320)).astype(np.float32)
    saturated = noise.copy()
    saturated[:, 100, 100] = 1e30
    image, _, _ = read_all(write(tmp_path / "a.tif", noise), write(tmp_path / "b.tif", saturated))
    image[:, :, 100, 100] = 0
    np.testing.assert_array_equal(image[0], image[1])


def test_pixels_outside_the_overlap_do_not_change_the_stretch(tmp_path: Path) -> None:
    values = scene().astype(np.uint16) * 10 + 300
    wide = np.full((3, 300, 960), 9000, np.uint16)
    wide[:, :, :320] = values
    first = write(tmp_path / "a.tif", wide)
    image, _, _ = read_all(first, write(tmp_path / "b.tif", values))
    np.testing.assert_array_equal(image[0], image[1])
    other, transform = warp(values, "EPSG:3857")
    second = write(tmp_path / "c.tif", other, transform, "EPSG:3857", nodata=0)
    for paths in ((first, second), (second, first)):
        image, valid, _ = read_all(*paths)
        # The sample is a rectangle, so it has a few pixels outside the other date.
        assert difference(image, valid) < 10


def test_a_date_without_data_in_the_overlap_is_refused(tmp_path: Path) -> None:
    empty = np.zeros((3, 300, 640), np.uint8)
    empty[:, :, 330:] = 9
    first = write(tmp_path / "a.tif", empty, nodata=0)
    second = write(tmp_path / "b.tif", scene())
    with pytest.raises(RasterError, match=r"a\.tif holds no valid pixel where the rasters overlap"):
        open_stack([first, second])


def test_constant_data_do_not_divide_by_zero(tmp_path: Path) -> None:
    flat = np.full((3, 64, 64), 700, np.uint16)
    image, valid, _ = read_all(write(tmp_path / "a.tif", flat), write(tmp_path / "b.tif", flat))
    assert valid.all()
    assert not image.any()


def test_bands_are_chosen_by_number_or_metadata(tmp_path: Path) -> None:
    values = scene()
    grey = write(tmp_path / "grey.tif", values[:1])
    image, _, _ = read_all(grey, grey)
    assert (image[0] == values[:1]).all()
    nir = np.full((1, 300, 320), 7, np.uint8)
    naip = write(tmp_path / "naip.tif", np.concatenate([values, nir]))
    np.testing.assert_array_equal(read_all(naip, naip)[0][0], values)
    described = write(tmp_path / "named.tif", np.concatenate([nir, values[::-1]]))
    with rasterio.open(described, "r+") as file:
        file.colorinterp = [ColorInterp.gray] + [ColorInterp.undefined] * 3
        file.descriptions = ("NIR", "Blue", "Green", "Red")
    np.testing.assert_array_equal(read_all(described, described)[0][0], values)
    image, _, _ = read_all(naip, naip, bands=(4, 1, 2))
    np.testing.assert_array_equal(image[0], np.concatenate([nir, values[:2]]))
    with pytest.raises(RasterError, match=r"bands \(5, 1, 2\) do not fit naip\.tif"):
        read_all(naip, naip, bands=(5, 1, 2))


def test_paletted_values_become_colours(tmp_path: Path) -> None:
    path = write(tmp_path / "p.tif", np.full((1, 40, 40), 3, np.uint8), photometric="palette")
    with rasterio.open(path, "r+") as file:
        file.write_colormap(1, {3: (200, 100, 50, 255)})
    image, _, _ = read_all(path, path)
    assert image[0, :, 0, 0].tolist() == [200, 100, 50]


def test_threads_read_the_same_values_as_one_thread(tmp_path: Path) -> None:
    other, transform = warp(scene(), "EPSG:4326")
    paths = [write(tmp_path / "a.tif", scene(), tiled=True, blockxsize=64, blockysize=64),
             write(tmp_path / "b.tif", other, transform, "EPSG:4326", nodata=0)]  # fmt: skip
    rng = np.random.default_rng(0)
    with open_stack(paths, StackOptions(grid="before")) as stack:
        rows, cols = stack.grid.shape
        windows = [Window(int(rng.integers(rows - 64)), int(rng.integers(cols - 64)), 64, 64)
                   for _ in range(64)]  # fmt: skip
        expected = [stack.read(window).image for window in windows]
        with ThreadPoolExecutor(8) as pool:
            images = list(pool.map(lambda window: stack.read(window).image, windows))
    for image, expected_image in zip(images, expected, strict=True):
        np.testing.assert_array_equal(image, expected_image)


def test_a_thumbnail_covers_the_window(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", scene())
    with open_stack([path, path]) as stack:
        thumbnail = stack.thumbnail(stack.grid.window, 80)
    assert thumbnail.image.shape == (2, 3, 75, 80)
    means = scene().reshape(3, 75, 4, 80, 4).mean((2, 4))
    assert np.abs(thumbnail.image[0] - means).mean() < 2


def test_dates_come_from_options_tags_or_names(tmp_path: Path) -> None:
    values = scene()
    write(tmp_path / "town_2016.tif", values)
    write(tmp_path / "town_20200517_x.tif", values[:, ::-1])
    tagged = write(tmp_path / "tagged.tif", values)
    with rasterio.open(tagged, "r+") as file:
        file.update_tags(TIFFTAG_DATETIME="2021:03:04 10:11:12")
    paths = [tmp_path / "town_2016.tif", tmp_path / "town_20200517_x.tif", tagged]
    with open_stack(paths) as stack:
        assert stack.dates == ("2016", "2020-05-17", "2021-03-04")
        assert stack.warnings == ()
        (note,) = stack.notes
        assert "town_2016.tif is of 2016 (file name)" in note
        assert "tagged.tif is of 2021-03-04 (tag TIFFTAG_DATETIME" in note
    with open_stack(paths[::-1]) as stack:
        exported, named = stack.warnings
        assert "2021-03-04 (tag TIFFTAG_DATETIME" in exported
        assert "Swap" not in exported
        assert "Swap them" in named
    with open_stack(paths[:2], StackOptions(dates=("2001", "2002"))) as stack:
        assert (stack.dates, stack.notes) == (("2001", "2002"), ())
    with pytest.raises(RequestError, match="'May 2001' is not a date"):
        open_stack(paths[:2], StackOptions(dates=("May 2001", "2002")))
    with pytest.raises(RasterError, match="one date per raster"):
        open_stack(paths, StackOptions(dates=("2001",)))


def test_unusable_files_are_refused(tmp_path: Path) -> None:
    good = write(tmp_path / "good.tif", scene())
    with pytest.raises(RasterError, match=r"missing\.tif cannot be opened"):
        open_stack([good, tmp_path / "missing.tif"])
    text = tmp_path / "text.tif"
    text.write_text("no raster")
    with pytest.raises(RasterError, match=r"text\.tif cannot be opened"):
        open_stack([text, good])
    with pytest.raises(RasterError, match="two dates or more"):
        open_stack([good])
    plain = write(tmp_path / "plain.tif", scene(), crs=None)
    with pytest.raises(RasterError, match=r"plain\.tif has no coordinate reference system"):
        open_stack([good, plain])
    whole_file = write(tmp_path / "cut.tif", scene(), compress="deflate", tiled=True)
    whole_file.write_bytes(whole_file.read_bytes()[:-60_000])
    with open_stack([good, whole_file]) as stack, pytest.raises(RasterError, match="is damaged"):
        stack.read(stack.grid.window)


def test_a_window_outside_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", scene())
    with open_stack([path, path]) as stack, pytest.raises(GridError, match="beyond the grid"):
        stack.read(Window(290, 0, 20, 20))
