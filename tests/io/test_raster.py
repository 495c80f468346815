from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from pyproj import CRS
from rasterio.windows import Window as RasterioWindow

from mtrs_geo.errors import OutputError, RasterError
from mtrs_geo.grid import Grid, Window
from mtrs_geo.io.raster import NODATA, SCALE, ProbabilityWriter, read_probability


def grid(rows: int, cols: int) -> Grid:
    return Grid(CRS.from_epsg(32614), Affine(0.5, 0, 6e5, 0, -0.5, 3e6), (rows, cols))


def values(rows: int, cols: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    out = rng.random((2, rows, cols), dtype=np.float32)
    out[:, : rows // 3, : cols // 2] = np.nan
    return out


def write(path: Path, probability: np.ndarray, step: int, *, overwrite: bool = False) -> None:
    _, rows, cols = probability.shape
    names = ["new buildings", "any change"]
    with ProbabilityWriter(path, grid(rows, cols), names, overwrite=overwrite) as writer:
        for row in range(0, rows, step):
            writer.write_block(row, 0, probability[:, row : row + step])


@pytest.mark.parametrize("step", [1, 100, 512, 700, 5000])
def test_blocks_of_whole_rows_of_any_height_are_read_back(tmp_path: Path, step: int) -> None:
    probability = values(700, 600)
    write(tmp_path / "p.tif", probability, step)
    back = read_probability(tmp_path / "p.tif")
    np.testing.assert_array_equal(np.isnan(back), np.isnan(probability))
    assert np.nanmax(np.abs(back - probability)) <= SCALE / 2 + 1e-6
    region = read_probability(tmp_path / "p.tif", Window(300, 200, 50, 60))
    np.testing.assert_array_equal(region, back[:, 300:350, 200:260])
    assert [p.name for p in tmp_path.iterdir()] == ["p.tif"]


@pytest.mark.parametrize("height", [100, 256, 300, 700])
def test_blocks_of_some_columns_are_read_back(tmp_path: Path, height: int) -> None:
    probability = values(700, 1400)
    with ProbabilityWriter(tmp_path / "p.tif", grid(700, 1400), ["a", "b"]) as writer:
        for row in range(0, 700, height):
            for col in range(0, 1400, 512):
                block = probability[:, row : row + height, col : col + 512]
                writer.write_block(row, col, block)
    back = read_probability(tmp_path / "p.tif")
    np.testing.assert_array_equal(np.isnan(back), np.isnan(probability))
    assert np.nanmax(np.abs(back - probability)) <= SCALE / 2 + 1e-6


def test_blocks_out_of_order_are_refused(tmp_path: Path) -> None:
    with ProbabilityWriter(tmp_path / "p.tif", grid(64, 600), ["a"]) as writer:
        for col, cols in ((0, 100), (256, 256), (0, 601)):
            with pytest.raises(OutputError, match=r"column 0 is next, up to a multiple of 256"):
                writer.write_block(0, col, np.zeros((1, 64, cols), np.float32))
        writer.write_block(0, 0, np.zeros((1, 64, 600), np.float32))


def test_the_file_is_a_cog(tmp_path: Path) -> None:
    write(tmp_path / "p.tif", values(1500, 1300), 400)
    with rasterio.open(tmp_path / "p.tif") as file:
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert file.block_shapes == [(512, 512)] * 2
        assert file.overviews(1) == [2, 4]
        assert file.descriptions == ("new buildings", "any change")
        assert file.nodata == NODATA
        assert file.scales == pytest.approx((SCALE, SCALE))
        assert file.crs.to_epsg() == 32614


def test_a_raster_that_is_no_probability_is_refused(tmp_path: Path) -> None:
    """An image in bytes would be read as probabilities."""
    path = tmp_path / "p.tif"
    write(path, values(64, 64), 64)
    with rasterio.open(path) as file:
        profile, stored = file.profile, file.read()
        with pytest.raises(RasterError, match="is not the path of a probability raster"):
            read_probability(file)
    for changed, scale, found in (
        ({}, 1.0, "the type uint8, the nodata value 255.0 and the scale 1, not uint8, 255"),
        ({"nodata": None}, SCALE, "the nodata value None"),
        ({"dtype": "float32"}, SCALE, "the type float32"),
    ):
        other = tmp_path / "other.tif"
        with rasterio.open(other, "w", **{**profile, "driver": "GTiff", **changed}) as file:
            file.write(stored)
            file.scales = [scale] * 2
        with pytest.raises(RasterError, match=rf"other\.tif is no probability raster: .*{found}"):
            read_probability(other)
    for path in (None, 5):
        with pytest.raises(RasterError, match="is not the path of a probability raster"):
            read_probability(path)  # type: ignore[arg-type]


def test_windows_of_both_kinds_are_read_and_others_refused(tmp_path: Path) -> None:
    write(tmp_path / "p.tif", values(64, 64), 64)
    part = read_probability(tmp_path / "p.tif", Window(10, 20, 5, 6))
    same = read_probability(tmp_path / "p.tif", RasterioWindow(20, 10, 6, 5))
    np.testing.assert_array_equal(part, same)
    with pytest.raises(RasterError, match=r"\(tuple\) is not a window of pixels"):
        read_probability(tmp_path / "p.tif", (10, 20, 5, 6))  # type: ignore[arg-type]


def test_existing_files_are_kept_unless_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "p.tif"
    path.write_text("mine")
    with pytest.raises(OutputError, match="exists"):
        write(path, values(64, 64), 64)
    assert path.read_text() == "mine"
    write(path, values(64, 64), 64, overwrite=True)
    assert read_probability(path).shape == (2, 64, 64)


def test_after_an_exception_the_existing_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "p.tif"
    path.write_text("mine")

    def interrupted() -> None:
        with ProbabilityWriter(path, grid(64, 64), ["a"], overwrite=True) as writer:
            writer.write_block(0, 0, np.zeros((1, 10, 64), np.float32))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("starts", "message"),
    [((0,), "10 of 64 rows"), ((0, 20), "starts at row 20, but row 10 is next")],
)
def test_missing_rows_are_an_error(tmp_path: Path, starts: tuple[int, ...], message: str) -> None:
    def incomplete() -> None:
        with ProbabilityWriter(tmp_path / "p.tif", grid(64, 64), ["a"]) as writer:
            for row in starts:
                writer.write_block(row, 0, np.zeros((1, 10, 64), np.float32))

    with pytest.raises(OutputError, match=message):
        incomplete()
    assert not list(tmp_path.iterdir())


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        ProbabilityWriter(tmp_path / "no" / "p.tif", grid(64, 64), ["a"])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("rows", [1200, 1700, 2600])
def test_on_a_full_disk_no_file_is_left(small_disk: Path, rows: int) -> None:
    rng = np.random.default_rng(0)
    noise = rng.random((2, rows, 1000), dtype=np.float32)
    with pytest.raises(OutputError, match="free space"):
        write(small_disk / "p.tif", noise, 300)
    assert not list(small_disk.iterdir())
