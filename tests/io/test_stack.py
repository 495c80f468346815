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

from mtrs_geo.errors import GridError, RasterError
from mtrs_geo.grid import Window
from mtrs_geo.io.stack import StackOptions, open_stack

UTM = "EPSG:32614"
PLACE = Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000)


def scene(rows: int = 300, cols: int = 320, seed: int = 0) -> np.ndarray:
    """A smooth random picture (3, rows, cols), so that resampling costs little."""
    rng = np.random.default_rng(seed)
    noise = ndimage.gaussian_filter(rng.random((3, rows, cols)), (0, 6, 6))
    noise -= noise.min()
    return (noise / noise.max() * 255).astype(np.uint8)


def write(
    path: Path, values: np.ndarray, transform: Affine = PLACE, crs: str | None = UTM, **more: Any
) -> Path:
    count, rows, cols = values.shape
    profile = {"driver": "GTiff", "count": count, "height": rows, "width": cols,
               "dtype": values.dtype, "crs": crs, "transform": transform, **more}  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(values)
    return path


def warp(values: np.ndarray, crs: str, transform: Affine = PLACE) -> tuple[np.ndarray, Affine]:
    _, rows, cols = values.shape
    left, top = transform @ (0, 0)
    right, bottom = transform @ (cols, rows)
    there, width, height = calculate_default_transform(
        UTM, crs, cols, rows, left, bottom, right, top
    )
    out = np.zeros((values.shape[0], height, width), values.dtype)
    reproject(values, out, src_transform=transform, src_crs=UTM, dst_transform=there,
              dst_crs=crs, resampling=Resampling.cubic)  # fmt: skip
    return out, there


def whole(*paths: Path, **options: Any) -> tuple[np.ndarray, np.ndarray, Any]:
    with open_stack(paths, StackOptions(**options)) as stack:
        patch = stack.read(stack.grid.window)
        return patch.image, patch.valid, stack


def difference(image: np.ndarray, valid: np.ndarray) -> float:
    inner = ndimage.binary_erosion(valid, iterations=4)
    assert inner.sum() > 1000
    return float(np.abs(image[0].astype(int) - image[1])[:, inner].mean())


def test_the_same_grid_is_read_as_it_is(tmp_path: Path) -> None:
    before, after = scene(), scene(seed=1)
    image, valid, stack = whole(write(tmp_path / "a.tif", before), write(tmp_path / "b.tif", after))
    np.testing.assert_array_equal(image, np.stack([before, after]))
    assert valid.all()
    assert stack.grid.transform == PLACE


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", "EPSG:32613", "EPSG:2277"])
def test_the_same_place_in_two_crs_aligns(tmp_path: Path, crs: str) -> None:
    values = scene()
    other, transform = warp(values, crs)
    first = write(tmp_path / "a.tif", values)
    second = write(tmp_path / "b.tif", other, transform, crs, nodata=0)
    for paths in ((first, second), (second, first)):
        image, valid, _ = whole(*paths)
        assert difference(image, valid) < 2
        shifted = np.stack([image[0], np.roll(image[1], 3, axis=-1)])
        assert difference(shifted, valid) > 4  # the test would see a misalignment


def test_unlike_utm_zones_with_the_same_numbers_are_refused(tmp_path: Path) -> None:
    first = write(tmp_path / "a.tif", scene())
    second = write(tmp_path / "b.tif", scene(), crs="EPSG:32615")
    with pytest.raises(GridError, match=r"do not overlap: a\.tif \(EPSG:32614\) covers -97"):
        open_stack([first, second])


@pytest.mark.parametrize("shift", [(0.25, 0.0), (0.4, 0.3), (3.0, -7.0)])
def test_phases_and_extents(tmp_path: Path, shift: tuple[float, float]) -> None:
    values = scene()
    moved = ndimage.shift(values.astype(float), (0, shift[1], shift[0]), order=3, mode="nearest")
    # The picture moves by -shift on the ground when its origin moves by +shift pixels.
    there = PLACE @ Affine.translation(-shift[0], -shift[1])
    second = write(tmp_path / "b.tif", moved.round().astype(np.uint8), there)
    image, valid, stack = whole(write(tmp_path / "a.tif", values), second)
    assert stack.grid.shape[0] <= 300
    assert difference(image, valid) < 2


@pytest.mark.parametrize(("choice", "pixel_m"), [("before", 0.5), ("after", 1.5), ("finest", 0.5),
                                                 ("coarsest", 1.5)])  # fmt: skip
def test_resolutions(tmp_path: Path, choice: str, pixel_m: float) -> None:
    values = scene()
    coarse = values[:, :, :318].reshape(3, 100, 3, 106, 3).mean((2, 4)).astype(np.uint8)
    second = write(tmp_path / "b.tif", coarse, PLACE @ Affine.scale(3))
    image, valid, stack = whole(write(tmp_path / "a.tif", values), second, grid=choice)
    assert stack.grid.pixel_size_m()[0] == pytest.approx(pixel_m, rel=1e-3)
    assert difference(image, valid) < 4


def test_resolution_by_number(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{i}.tif", scene()) for i in range(2)]
    _, _, stack = whole(*paths, resolution=1.0)
    assert stack.grid.shape == (150, 160)
    with pytest.raises(GridError, match="must be positive"):
        open_stack(paths, StackOptions(resolution=-1))


def test_south_up_and_rotated(tmp_path: Path) -> None:
    values = scene()
    first = write(tmp_path / "a.tif", values)
    south_up = PLACE @ Affine.translation(0, 300) @ Affine.scale(1, -1)
    image, valid, stack = whole(first, write(tmp_path / "b.tif", values[:, ::-1], south_up))
    assert stack.grid.is_north_up
    assert difference(image, valid) < 2
    rotated = PLACE @ Affine.rotation(20, (160, 150))
    rows, cols = np.mgrid[:300, :320] + 0.5
    x, y = rotated @ (cols, rows)
    col, row = ~PLACE @ (x, y)
    turned = np.stack([
        ndimage.map_coordinates(band.astype(float), (row - 0.5, col - 0.5), order=3)
        for band in values
    ]).clip(0, 255).astype(np.uint8)  # fmt: skip
    second = write(tmp_path / "c.tif", turned, rotated, nodata=0)
    for paths in ((first, second), (second, first)):
        image, valid, stack = whole(*paths)
        assert stack.grid.is_north_up
        assert 0.3 < valid.mean() < 0.98
        assert difference(image, valid) < 3


def test_validity_is_shared(tmp_path: Path) -> None:
    values = scene().clip(1, 255)
    holes = np.zeros((300, 320), bool)
    first = write(tmp_path / "plain.tif", values)
    holes[10:40, 20:60] = True

    def check(path: Path) -> None:
        image, valid, _ = whole(first, path)
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
    there = PLACE @ Affine.translation(0.5, 0.5)
    path = write(tmp_path / "b.tif", np.concatenate([values, upper[None]]) if kind == "alpha"
                 else values, there, **more)  # fmt: skip
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "r+") as file:
        if kind == "alpha":
            file.colorinterp = [*file.colorinterp[:3], ColorInterp.alpha]
        if kind == "mask":
            file.write_mask(upper)
    _, valid, _ = whole(write(tmp_path / "a.tif", scene()), path, grid="before")
    assert not valid[:149].any()
    assert valid[153:].all()


def test_an_all_nodata_date_is_refused(tmp_path: Path) -> None:
    first = write(tmp_path / "a.tif", scene())
    second = write(tmp_path / "b.tif", np.zeros_like(scene()), nodata=0)
    with pytest.raises(RasterError, match=r"b\.tif holds no valid pixel"):
        open_stack([first, second])
    almost = np.zeros((1, 3000, 3000), np.uint8)
    almost[0, 1501, 1501] = 9
    there = write(tmp_path / "c.tif", almost, nodata=0)
    _, valid, _ = whole(there, write(tmp_path / "d.tif", almost))
    assert valid.sum() == 1


@pytest.mark.parametrize("dtype", ["uint16", "int16", "float32"])
def test_wide_data_are_stretched_once_a_run(tmp_path: Path, dtype: str) -> None:
    values = scene().astype(dtype) * 30 + 200
    saturated = values.copy()
    saturated[:, 100, 100] = 32_000
    image, _, _ = whole(write(tmp_path / "a.tif", values), write(tmp_path / "b.tif", saturated))
    apart = np.abs(image[0].astype(int) - image[1])
    apart[:, 100, 100] = 0
    assert not apart.any()
    assert image[0].min() == 0
    assert image[0].max() == 255
    with open_stack([tmp_path / "a.tif", tmp_path / "b.tif"]) as stack:
        part = stack.read(Window(50, 60, 40, 30)).image
    np.testing.assert_array_equal(part, image[:, :, 50:90, 60:90])


def test_eight_bits_in_sixteen_pass_unchanged(tmp_path: Path) -> None:
    values = scene()
    image, _, _ = whole(write(tmp_path / "a.tif", values.astype(np.uint16)),
                        write(tmp_path / "b.tif", values))  # fmt: skip
    np.testing.assert_array_equal(image[0], image[1])


@pytest.mark.parametrize("size", [12, 300])
def test_a_saturated_pixel_does_not_make_eight_bits_wide(tmp_path: Path, size: int) -> None:
    values = scene(size, size).astype(np.uint16)
    saturated = values.copy()
    saturated[:, 5, 5] = 65_535
    image, _, _ = whole(write(tmp_path / "a.tif", values), write(tmp_path / "b.tif", saturated))
    np.testing.assert_array_equal(image[0], values)
    image[:, :, 5, 5] = 0
    np.testing.assert_array_equal(image[0], image[1])


def test_a_saturated_pixel_moves_no_noise(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(1000, 100, (3, 300, 320)).astype(np.float32)
    saturated = noise.copy()
    saturated[:, 100, 100] = 1e30
    image, _, _ = whole(write(tmp_path / "a.tif", noise), write(tmp_path / "b.tif", saturated))
    image[:, :, 100, 100] = 0
    np.testing.assert_array_equal(image[0], image[1])


def test_ground_that_one_date_alone_shows_does_not_count(tmp_path: Path) -> None:
    values = scene().astype(np.uint16) * 10 + 300
    wide = np.full((3, 300, 960), 9000, np.uint16)
    wide[:, :, :320] = values
    first = write(tmp_path / "a.tif", wide)
    image, _, _ = whole(first, write(tmp_path / "b.tif", values))
    np.testing.assert_array_equal(image[0], image[1])
    other, transform = warp(values, "EPSG:3857")
    second = write(tmp_path / "c.tif", other, transform, "EPSG:3857", nodata=0)
    for paths in ((first, second), (second, first)):
        image, valid, _ = whole(*paths)
        # The sample is a rectangle: a sliver beyond the other date's slanted edge counts.
        assert difference(image, valid) < 10


def test_a_date_without_data_on_the_shared_ground_is_refused(tmp_path: Path) -> None:
    empty = np.zeros((3, 300, 640), np.uint8)
    empty[:, :, 330:] = 9
    first = write(tmp_path / "a.tif", empty, nodata=0)
    second = write(tmp_path / "b.tif", scene())
    with pytest.raises(RasterError, match=r"a\.tif holds no valid pixel where the rasters overlap"):
        open_stack([first, second])


def test_constant_data_do_not_divide_by_zero(tmp_path: Path) -> None:
    flat = np.full((3, 64, 64), 700, np.uint16)
    image, valid, _ = whole(write(tmp_path / "a.tif", flat), write(tmp_path / "b.tif", flat))
    assert valid.all()
    assert not image.any()


def test_bands(tmp_path: Path) -> None:
    values = scene()
    grey = write(tmp_path / "grey.tif", values[:1])
    image, _, _ = whole(grey, grey)
    assert (image[0] == values[:1]).all()
    nir = np.full((1, 300, 320), 7, np.uint8)
    naip = write(tmp_path / "naip.tif", np.concatenate([values, nir]))
    np.testing.assert_array_equal(whole(naip, naip)[0][0], values)
    described = write(tmp_path / "named.tif", np.concatenate([nir, values[::-1]]))
    with rasterio.open(described, "r+") as file:
        file.colorinterp = [ColorInterp.gray] + [ColorInterp.undefined] * 3
        file.descriptions = ("NIR", "Blue", "Green", "Red")
    np.testing.assert_array_equal(whole(described, described)[0][0], values)
    image, _, _ = whole(naip, naip, bands=(4, 1, 2))
    np.testing.assert_array_equal(image[0], np.concatenate([nir, values[:2]]))
    with pytest.raises(RasterError, match=r"bands \(5, 1, 2\) do not fit naip\.tif"):
        whole(naip, naip, bands=(5, 1, 2))


def test_palettes_are_expanded(tmp_path: Path) -> None:
    path = write(tmp_path / "p.tif", np.full((1, 40, 40), 3, np.uint8), photometric="palette")
    with rasterio.open(path, "r+") as file:
        file.write_colormap(1, {3: (200, 100, 50, 255)})
    image, _, _ = whole(path, path)
    assert image[0, :, 0, 0].tolist() == [200, 100, 50]


def test_threads_read_what_one_thread_reads(tmp_path: Path) -> None:
    other, transform = warp(scene(), "EPSG:4326")
    paths = [write(tmp_path / "a.tif", scene(), tiled=True, blockxsize=64, blockysize=64),
             write(tmp_path / "b.tif", other, transform, "EPSG:4326", nodata=0)]  # fmt: skip
    rng = np.random.default_rng(0)
    with open_stack(paths, StackOptions(grid="before")) as stack:
        rows, cols = stack.grid.shape
        windows = [Window(int(rng.integers(rows - 64)), int(rng.integers(cols - 64)), 64, 64)
                   for _ in range(64)]  # fmt: skip
        alone = [stack.read(window).image for window in windows]
        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(lambda window: stack.read(window).image, windows))
    for one, other_image in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other_image)


def test_thumbnail_covers_the_window(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", scene())
    with open_stack([path, path]) as stack:
        patch = stack.thumbnail(stack.grid.window, 80)
    assert patch.image.shape == (2, 3, 75, 80)
    blocks = scene().reshape(3, 75, 4, 80, 4).mean((2, 4))
    assert np.abs(patch.image[0] - blocks).mean() < 2


def test_dates(tmp_path: Path) -> None:
    values = scene()
    write(tmp_path / "town_2016.tif", values)
    write(tmp_path / "town_20200517_x.tif", values)
    tagged = write(tmp_path / "tagged.tif", values)
    with rasterio.open(tagged, "r+") as file:
        file.update_tags(TIFFTAG_DATETIME="2021:03:04 10:11:12")
    paths = [tmp_path / "town_2016.tif", tmp_path / "town_20200517_x.tif", tagged]
    with open_stack(paths) as stack:
        assert stack.dates == ("2016", "2020-05-17", "2021-03-04")
        assert stack.warnings == ()
    with open_stack(paths[::-1]) as stack:
        assert len(stack.warnings) == 2
        assert "Swap them" in stack.warnings[0]
    with open_stack(paths[:2], StackOptions(dates=("2001", "2002"))) as stack:
        assert stack.dates == ("2001", "2002")
    with pytest.raises(RasterError, match="one date a raster"):
        open_stack(paths, StackOptions(dates=("2001",)))


def test_bad_files(tmp_path: Path) -> None:
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
