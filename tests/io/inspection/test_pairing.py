"""What does not fit between rasters is reported."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.shutil import copy as rasterio_copy

from mtrs_geo.errors import GridError
from mtrs_geo.io.stack import StackOptions, open_stack

TRANSFORM = Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000)


def write(
    path: Path, transform: Affine = TRANSFORM, crs: str = "EPSG:32614", tag: str = ""
) -> Path:
    values = np.random.default_rng(len(path.name)).integers(40, 200, (3, 200, 200)).astype(np.uint8)
    with rasterio.open(
        path, "w", driver="GTiff", count=3, height=200, width=200, dtype="uint8", crs=crs,
        transform=transform,
    ) as file:  # fmt: skip
        file.write(values)
        if tag:
            file.update_tags(TIFFTAG_DATETIME=tag)
    return path


def warnings(*paths: Path) -> str:
    with open_stack(paths) as stack:
        return "\n".join(stack.warnings)


def test_a_raster_that_is_given_twice_is_reported(tmp_path: Path) -> None:
    path = write(tmp_path / "town.tif")
    copy = tmp_path / "copy.tif"
    shutil.copy(path, copy)
    (tmp_path / "link.tif").symlink_to(path)
    for other in (path, copy, tmp_path / "link.tif"):
        assert "are the same raster" in warnings(path, other)
    assert "same raster" not in warnings(path, write(tmp_path / "other.tif"))


@pytest.mark.parametrize("driver", ["VRT", "MRF"])
def test_equal_texts_that_name_different_pixels_are_no_copies(tmp_path: Path, driver: str) -> None:
    scenes = []
    for year, name in ((2016, "a.tif"), (2020, "bb.tif")):
        folder = tmp_path / str(year)
        folder.mkdir()
        write(folder / name).rename(folder / "tile.tif")
        scenes.append(folder / "scene")
        rasterio_copy(folder / "tile.tif", scenes[-1], driver=driver)
        if driver == "VRT":
            text = scenes[-1].read_text().replace(f"{folder}/", "")
            scenes[-1].write_text(text.replace('relativeToVRT="0"', 'relativeToVRT="1"'))
    assert scenes[0].read_bytes() == scenes[1].read_bytes()
    assert "same raster" not in warnings(*scenes)
    shutil.copytree(tmp_path / "2016", tmp_path / "copy")
    assert "are the same raster" in warnings(scenes[0], tmp_path / "copy" / "scene")


def test_a_small_overlap_is_reported(tmp_path: Path) -> None:
    first = write(tmp_path / "first.tif")
    beside = write(tmp_path / "beside.tif", TRANSFORM @ Affine.translation(190, 0))
    assert "share only 5.0% of the smaller one" in warnings(first, beside)
    half = write(tmp_path / "half.tif", TRANSFORM @ Affine.translation(100, 0))
    assert warnings(first, half) == ""


def test_a_swap_is_advised_only_if_both_dates_are_certain(tmp_path: Path) -> None:
    late, early = write(tmp_path / "a_2020.tif"), write(tmp_path / "aa_2016.tif")
    assert "a_2020.tif (2020) is later than aa_2016.tif (2016)" in warnings(late, early)
    assert "Swap them" in warnings(late, early)
    exported = write(tmp_path / "ortho.tif", tag="2024:03:02 10:11:12")
    text = warnings(exported, late)
    assert "2024-03-02 (tag TIFFTAG_DATETIME, which is often the date of export)" in text
    assert "Swap" not in text
    named = write(tmp_path / "ortho_2016.tif", tag="2024:03:02 10:11:12")
    assert warnings(named, late) == ""


def test_equal_and_contradictory_dates_are_reported(tmp_path: Path) -> None:
    first, second = write(tmp_path / "town_2016.tif"), write(tmp_path / "village_2016.tif")
    later = write(tmp_path / "a_2020.tif")
    assert "town_2016.tif and village_2016.tif are both of 2016" in warnings(first, second, later)
    assert "both of" not in warnings(first, later)
    copy = tmp_path / "copy_2016.tif"
    shutil.copy(first, copy)
    assert "both of" not in warnings(first, copy)  # which says more: they are the same
    with rasterio.open(first, "r+") as file:
        file.update_tags(ACQUISITION_DATE="2015-05-06")
    text = warnings(first, later)
    assert "of 2015-05-06 by its tag ACQUISITION_DATE, but of 2016 by its name" in text
    with rasterio.open(first, "r+") as file:
        file.update_tags(ACQUISITION_DATE="2016-05-06")
    assert warnings(first, later) == ""


def test_a_resolution_larger_than_the_raster_is_refused_in_its_units(tmp_path: Path) -> None:
    degrees = Affine(1e-6, 0, -97.75, 0, -1e-6, 30.27)
    paths = [write(tmp_path / name, degrees, "EPSG:4326") for name in ("a.tif", "bb.tif")]
    with pytest.raises(GridError, match=r"resolution 0\.5 degrees is larger than the whole raster"):
        open_stack(paths, StackOptions(resolution=0.5))


@pytest.mark.parametrize("left", [-180, -20])
def test_longitudes_that_are_not_compared_are_reported(tmp_path: Path, left: float) -> None:
    values = np.random.default_rng(0).integers(0, 255, (2, 3, 45, 90)).astype(np.uint8)
    degrees = {"driver": "GTiff", "count": 3, "width": 90, "dtype": "uint8", "crs": "EPSG:4326"}
    paths = [tmp_path / "a.tif", tmp_path / "b.tif"]
    for path, pixels, west, rows in zip(paths, values, (0, left), (45, 10), strict=True):
        cols = round((180 - left) / 4) if west else 90
        profile = {**degrees, "height": rows, "width": cols}
        with rasterio.open(path, "w", **profile, transform=Affine(4, 0, west, 0, -4, 90)) as file:
            file.write(pixels[:, :rows, :cols])
    found = warnings(*paths)
    assert "a.tif covers all longitudes from 0° to 360°" in found
    assert "only 0° to 180° is compared" in found
    assert f"`gdalwarp -te {left} 50 180 90`" in found
    assert "longitudes" not in warnings(paths[0], paths[0])


def test_local_planes_of_other_names_are_reported(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 255, (2, 3, 16, 16)).astype(np.uint8)
    paths = [tmp_path / "a.tif", tmp_path / "b.tif"]
    for path, pixels, name in zip(paths, values, ("Site A", "Site B"), strict=True):
        with rasterio.open(
            path, "w", driver="GTiff", count=3, height=16, width=16, dtype="uint8",
            crs=f'LOCAL_CS["{name}",UNIT["metre",1]]', transform=Affine(1, 0, 0, 0, -1, 16),
        ) as file:  # fmt: skip
            file.write(pixels)
    assert "a.tif is in the local CRS 'Site A', b.tif in 'Site B'" in warnings(*paths)
    assert "plane" not in warnings(paths[0], paths[0])
