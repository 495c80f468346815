"""The shift between two dates is measured, and corrected without seams."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.warp import calculate_default_transform, reproject
from scipy import ndimage

from mtrs_geo.data.rendering.synthetic import RenderedPair, render_pair
from mtrs_geo.grid import Window
from mtrs_geo.io.registration.borders import mirror_border
from mtrs_geo.io.registration.shift import DateShift, ShiftField
from mtrs_geo.io.registration.windows import plan_windows
from mtrs_geo.io.stack import RasterStack, StackOptions, open_stack

UTM = "EPSG:32614"
TRANSFORM = Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000)
MARGIN = 12


@pytest.fixture(scope="module")
def pair() -> RenderedPair:
    """A place with 16 new and 6 demolished houses, and other light at the later date."""
    return render_pair(536, 536, seed=5)


def write(path: Path, image: np.ndarray, transform: Affine = TRANSFORM, **more: Any) -> Path:
    count, rows, cols = image.shape
    profile = {"driver": "GTiff", "count": count, "height": rows, "width": cols,
               "dtype": image.dtype, "crs": UTM, "transform": transform, **more}  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(image)
    return path


def crop(image: np.ndarray, dx: int = 0, dy: int = 0) -> np.ndarray:
    """A crop (3, rows, cols) whose content is dx pixels to the right and dy down."""
    rows, cols = image.shape[:2]
    inner = image[MARGIN - dy : rows - MARGIN - dy, MARGIN - dx : cols - MARGIN - dx]
    return inner.transpose(2, 0, 1).copy()


def darker(image: np.ndarray) -> np.ndarray:
    """Another light: darker, bluer, with less contrast."""
    gains = np.array([0.5, 0.6, 0.8])[:, None, None]
    return (image * gains + 20).round().astype(np.uint8)


def displace(image: np.ndarray, dx: np.ndarray, dy: np.ndarray) -> np.ndarray:
    """Content at (c, r) moves to (c + dx, r + dy); the shifts vary slowly."""
    rows, cols = np.mgrid[: image.shape[1], : image.shape[2]].astype(float)
    moved = [
        ndimage.map_coordinates(band.astype(float), (rows - dy, cols - dx), order=3, mode="nearest")
        for band in image
    ]
    return np.stack(moved).clip(0, 255).round().astype(np.uint8)


def stretched(size: int = 512) -> tuple[np.ndarray, np.ndarray]:
    """Shifts (dx, dy) that grow to the right and down, from -3 to 3 px."""
    rows, cols = np.mgrid[:size, :size] / size
    return 6 * cols - 3, 6 * rows - 3


def open_pair(before: Path, after: Path, **options: Any) -> RasterStack:
    return open_stack([before, after], StackOptions(**options))


def measured(before: Path, after: Path, **options: Any) -> DateShift:
    with open_pair(before, after, **options) as stack:
        (shift,) = stack.shifts
    return shift


@pytest.mark.parametrize(("dx", "dy"), [(0, 0), (1, 0), (-2, 3), (6, -3), (-8, 8)])
def test_known_shift_with_change_and_other_light(
    tmp_path: Path, pair: RenderedPair, dx: int, dy: int
) -> None:
    before = write(tmp_path / "a.tif", darker(crop(pair.before, dx, dy)))
    shift = measured(before, write(tmp_path / "b.tif", crop(pair.after)))
    assert shift.dx_px == pytest.approx(dx, abs=0.3)
    assert shift.dy_px == pytest.approx(dy, abs=0.3)
    assert shift.dx_m == pytest.approx(dx / 2, abs=0.15)
    assert shift.dy_m == pytest.approx(dy / 2, abs=0.15)
    assert shift.confidence >= 0.7
    assert not shift.varies


@pytest.mark.parametrize(("dx", "dy"), [(1, 0), (3, -1), (-5, 5)])
def test_half_pixels(tmp_path: Path, pair: RenderedPair, dx: int, dy: int) -> None:
    before, after = (
        image.reshape(3, 256, 2, 256, 2).mean((2, 4)).astype(np.uint8)
        for image in (crop(pair.before, dx, dy), crop(pair.after))
    )
    pixel = TRANSFORM @ Affine.scale(2)
    shift = measured(
        write(tmp_path / "a.tif", before, pixel), write(tmp_path / "b.tif", after, pixel)
    )
    assert shift.dx_px == pytest.approx(dx / 2, abs=0.3)
    assert shift.dy_px == pytest.approx(dy / 2, abs=0.3)


def test_shift_of_a_date_of_16_bits_with_nodata(tmp_path: Path, pair: RenderedPair) -> None:
    before = crop(pair.before, 4, 2).astype(np.uint16) * 20 + 1
    before[:, :200, :300] = 0
    shift = measured(
        write(tmp_path / "a.tif", before, nodata=0), write(tmp_path / "b.tif", crop(pair.after))
    )
    assert shift.dx_px == pytest.approx(4, abs=0.3)
    assert shift.dy_px == pytest.approx(2, abs=0.3)
    assert shift.windows < 9


def test_shift_of_the_later_date_on_the_grid_of_the_earlier(
    tmp_path: Path, pair: RenderedPair
) -> None:
    before = write(tmp_path / "a.tif", crop(pair.before))
    after = write(tmp_path / "b.tif", crop(pair.after, 5, 0))
    shift = measured(before, after, grid="before")
    assert (shift.raster, shift.reference) == ("b.tif", "a.tif")
    assert shift.dx_px == pytest.approx(5, abs=0.3)


@pytest.mark.parametrize("kind", ["flat", "noise", "another place", "small"])
def test_not_measured(tmp_path: Path, pair: RenderedPair, kind: str) -> None:
    rng = np.random.default_rng(0)
    before, after = crop(pair.before), crop(pair.after)
    if kind == "flat":
        before[:] = 90
    elif kind == "noise":
        before, after = rng.integers(80, 120, (2, 3, 512, 512), np.uint8)
    elif kind == "another place":
        before = crop(render_pair(536, 536, seed=77).before)
    else:
        before, after = before[:, :100, :100], after[:, :100, :100]
    original = before.copy()
    with open_pair(
        write(tmp_path / "a.tif", before), write(tmp_path / "b.tif", after)
    ).registered() as stack:
        (shift,) = stack.shifts
        assert not shift.is_measured
        assert not shift.corrected
        np.testing.assert_array_equal(stack.read(stack.grid.window).image[0], original)


def test_registered_date_is_in_place(tmp_path: Path, pair: RenderedPair) -> None:
    before = write(tmp_path / "a.tif", crop(pair.before, 6, -3))
    after = write(tmp_path / "b.tif", crop(pair.after))
    with open_pair(before, after).registered() as stack:
        pixels = stack.read(stack.grid.window)
        (shift,) = stack.shifts
        assert stack.grid.transform == TRANSFORM
    assert shift.corrected
    error = np.abs(pixels.image[0].astype(int) - crop(pair.before))[:, pixels.valid]
    assert error.mean() < 1
    assert not pixels.valid[:, -6:].any()
    assert not pixels.valid[:2].any()
    assert pixels.valid[8:-8, 8:-8].all()
    np.testing.assert_array_equal(
        pixels.image[1][:, pixels.valid], crop(pair.after)[:, pixels.valid]
    )


def test_aligned_date_is_read_unchanged(tmp_path: Path, pair: RenderedPair) -> None:
    before = write(tmp_path / "a.tif", crop(pair.before))
    after = write(tmp_path / "b.tif", crop(pair.after))
    with open_pair(before, after).registered() as stack:
        pixels = stack.read(stack.grid.window)
        assert not stack.shifts[0].corrected
    np.testing.assert_array_equal(pixels.image[0], crop(pair.before))


def test_local_shifts_are_found_and_corrected(tmp_path: Path, pair: RenderedPair) -> None:
    dx, dy = stretched()
    original = crop(pair.before)
    before = write(tmp_path / "a.tif", displace(original, dx, dy))
    after = write(tmp_path / "b.tif", crop(pair.after))
    inner = np.s_[:, 32:-32, 32:-32]
    with open_pair(before, after) as stack:
        shifted = stack.read(stack.grid.window).image[0]
        with stack.registered() as registered:
            (shift,) = registered.shifts
            corrected = registered.read(registered.grid.window).image[0]
    assert shift.varies
    assert shift.corrected
    errors = [np.abs(image.astype(int) - original)[inner].mean() for image in (shifted, corrected)]
    assert errors[1] < 0.5 * errors[0]


@pytest.mark.parametrize("kind", ["one CRS", "other CRS", "finer", "other CRS and shift"])
def test_a_pixel_has_one_value_in_whatever_window_it_is_read(
    tmp_path: Path, pair: RenderedPair, kind: str
) -> None:
    dx, dy = stretched() if kind != "other CRS and shift" else (4.3, -2.6)
    image = displace(crop(pair.before), np.asarray(dx), np.asarray(dy))
    transform, crs = TRANSFORM, UTM
    if kind.startswith("other CRS"):
        transform, width, height = calculate_default_transform(
            UTM, "EPSG:4326", 512, 512, *rasterio.transform.array_bounds(512, 512, TRANSFORM)
        )
        warped = np.zeros((3, height, width), np.uint8)
        reproject(image, warped, src_transform=TRANSFORM, src_crs=UTM, dst_transform=transform,
                  dst_crs="EPSG:4326", resampling=rasterio.enums.Resampling.cubic)  # fmt: skip
        image, crs = warped, "EPSG:4326"
    elif kind == "finer":
        image, transform = image.repeat(2, 1).repeat(2, 2), TRANSFORM @ Affine.scale(0.5)
    before = write(tmp_path / "a.tif", image, transform, crs=crs)
    after = write(tmp_path / "b.tif", crop(pair.after))
    with open_pair(before, after).registered() as stack:
        (shift,) = stack.shifts
        assert shift.corrected
        assert shift.varies is (kind != "other CRS and shift")
        whole = stack.read(stack.grid.window)
        rng = np.random.default_rng(0)
        for _ in range(12):
            (row, col), (rows, cols) = rng.integers(0, 300, 2), rng.integers(1, 200, 2)
            window = Window(int(row), int(col), int(rows), int(cols))
            part = stack.read(window)
            np.testing.assert_array_equal(part.image, whole.image[(..., *window.slices)])
            np.testing.assert_array_equal(part.valid, whole.valid[window.slices])
    original = crop(pair.before)[:, 64:-64, 64:-64].astype(int)
    assert np.abs(whole.image[0][:, 64:-64, 64:-64] - original).mean() < 5


def test_a_field_is_bilinear_and_constant_outside() -> None:
    nodes = np.arange(8, dtype=float).reshape(2, 2, 2)
    field = ShiftField(np.array([10.0, 20.0]), np.array([100.0, 200.0]), nodes)
    places = np.array([[10.0, 100.0], [15, 100], [15, 150], [-5, 0], [99, 999]])
    found = field.at(places[:, 0], places[:, 1])
    np.testing.assert_allclose(found, [[0, 1], [1, 2], [3, 4], [0, 1], [6, 7]])


def test_a_field_of_one_row_of_windows() -> None:
    field = ShiftField(np.array([10.0, 20.0]), np.array([5.0]), np.array([[[1.0, 0], [3, 0]]]))
    np.testing.assert_allclose(field.at(np.array([15.0]), np.array([80.0])), [[2, 0]])


@pytest.mark.parametrize("shape", [(512, 512), (130, 9000), (16_384, 16_384), (300, 200)])
def test_windows_are_inside_and_few(shape: tuple[int, int]) -> None:
    samples = plan_windows(shape, 25)
    assert 3 <= len(samples.windows) <= 25
    whole = Window(0, 0, *shape)
    assert all(whole.intersection(window) == window for window in samples.windows)
    assert min(samples.row_starts) < shape[0] / 2
    assert max(samples.row_starts) + samples.side_px >= shape[0] - samples.side_px


def test_the_strip_without_data_is_mirrored_and_not_valid(
    tmp_path: Path, pair: RenderedPair
) -> None:
    before = write(tmp_path / "a.tif", crop(pair.before, 6, 0))
    after = write(tmp_path / "b.tif", crop(pair.after))
    with open_pair(before, after).registered() as stack:
        corner = stack.read(Window(200, 412, 100, 100))
    assert not corner.valid[:, -6:].any()
    assert corner.valid[:, :-7].all()
    first = corner.image[0]
    invalid = int((~corner.valid[0]).sum())
    mirrored = first[..., -2 * invalid : -invalid][..., ::-1]
    np.testing.assert_array_equal(first[..., -invalid:], mirrored)
    np.testing.assert_array_equal(corner.image[1], crop(pair.after)[:, 200:300, 412:])


def test_a_wide_strip_is_not_mirrored() -> None:
    values = np.arange(20).reshape(1, 2, 10)
    valid = np.ones((2, 10), np.bool_)
    valid[:, :3] = False
    filled, where = mirror_border(values, valid, 2)
    np.testing.assert_array_equal(filled, values)
    assert not where.any()
    filled, where = mirror_border(values, valid, 3)
    np.testing.assert_array_equal(filled[0, 0, :6], [5, 4, 3, 3, 4, 5])
    np.testing.assert_array_equal(where, ~valid)
