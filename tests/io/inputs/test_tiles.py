"""Tiles: clear colours of palettes, scales that differ, and georeferences by points alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.control import GroundControlPoint

from mtrs_geo.errors import RasterError
from mtrs_geo.io.stack import StackOptions, open_stack

PLACE = Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000)
SIDE = 64
RNG = np.random.default_rng(0)
CLEAR = (200, 251)
PALETTE = {
    value: (*RNG.integers(0, 256, 3).tolist(), 0 if value in CLEAR else 255) for value in range(256)
}


def write(path: Path, values: np.ndarray, col: int = 0, **extra: Any) -> Path:
    count, rows, cols = values.shape
    with rasterio.open(
        path, "w", driver="GTiff", count=count, height=rows, width=cols, dtype=values.dtype,
        crs="EPSG:32614", transform=PLACE @ Affine.translation(col, 0), **extra,
    ) as file:  # fmt: skip
        file.write(values)
    return path


def coloured(path: Path, values: np.ndarray, col: int = 0) -> Path:
    """Write a VRT of a raster with a palette: a GeoTIFF does not store that a colour is clear."""
    source = write(path.with_name(f"{path.stem}_values.tif"), values, col)
    entries = "".join(
        f'<Entry c1="{r}" c2="{g}" c3="{b}" c4="{a}"/>' for r, g, b, a in PALETTE.values()
    )
    place = ", ".join(map(repr, (PLACE @ Affine.translation(col, 0)).to_gdal()))
    _, rows, cols = values.shape
    path.write_text(
        f'<VRTDataset rasterXSize="{cols}" rasterYSize="{rows}"><SRS>EPSG:32614</SRS>'
        f"<GeoTransform>{place}</GeoTransform>"
        '<VRTRasterBand dataType="Byte" band="1"><ColorInterp>Palette</ColorInterp>'
        f"<ColorTable>{entries}</ColorTable>"
        f"<SimpleSource><SourceFilename>{source}</SourceFilename></SimpleSource>"
        "</VRTRasterBand></VRTDataset>"
    )
    return path


@pytest.mark.parametrize("resolution", [None, 0.7], ids=["read", "warped"])
def test_clear_colours_of_palette_tiles_are_no_data(
    tmp_path: Path, resolution: float | None
) -> None:
    values = RNG.integers(0, 190, (1, SIDE, 2 * SIDE)).astype(np.uint8)
    values[0, 10:30] = 251
    values[0, 40:50, 20:90] = 200
    whole = coloured(tmp_path / "whole.vrt", values)
    halves = np.split(values, 2, axis=2)
    tiles = [coloured(tmp_path / f"t{i}.vrt", half, i * SIDE) for i, half in enumerate(halves)]
    with open_stack([whole, tiles], StackOptions(resolution=resolution)) as stack:
        both = stack.read(stack.grid.window)
        if resolution is None:
            np.testing.assert_array_equal(both.image[0], both.image[1])
    for date in (whole, tiles):
        with open_stack([date, date], StackOptions(resolution=resolution)) as stack:
            valid = stack.read(stack.grid.window).valid
        if resolution is None:
            np.testing.assert_array_equal(valid, ~np.isin(values[0], CLEAR))
        assert 0.5 < valid.mean() < 0.7


def test_overlapping_palette_tiles_with_clear_colours_are_refused(tmp_path: Path) -> None:
    values = RNG.integers(0, 190, (1, SIDE, SIDE)).astype(np.uint8)
    tiles = [coloured(tmp_path / f"t{i}.vrt", values, i * 40) for i in range(2)]
    with pytest.raises(RasterError, match=r"t0\.vrt overlaps others, and its palette has clear"):
        open_stack([tiles, tiles])


def test_tiles_whose_scales_differ_are_refused(tmp_path: Path) -> None:
    paths = [
        write(tmp_path / f"t{i}.tif", np.full((3, SIDE, SIDE), 99, np.uint16), i * SIDE)
        for i in range(2)
    ]
    for path in paths:
        with rasterio.open(path, "r+") as file:
            file.scales = [0.005] * 3
    open_stack([paths, paths]).close()
    with rasterio.open(paths[1], "r+") as file:
        file.offsets = [0.1] * 3
    message = r"t1\.tif has values of scale / offset 0\.005 / 0\.1, .* t0\.tif has 0\.005 / 0,"
    with pytest.raises(RasterError, match=message) as caught:
        open_stack([paths, paths])
    assert "gdal_translate -unscale" in caught.value.advice


def test_a_tile_with_control_points_alone_is_to_be_warped(tmp_path: Path) -> None:
    good = write(tmp_path / "good.tif", np.full((3, SIDE, SIDE), 99, np.uint8))
    path = tmp_path / "points.tif"
    with rasterio.open(
        path, "w", driver="GTiff", count=3, height=SIDE, width=SIDE, dtype="uint8"
    ) as file:
        file.write(np.full((3, SIDE, SIDE), 99, np.uint8))
        file.gcps = (
            [GroundControlPoint(r, c, 620_000 + c, 3_350_000 - r)
             for r, c in ((0, 0), (0, SIDE), (SIDE, 0))],
            rasterio.crs.CRS.from_epsg(32614),
        )  # fmt: skip
    message = r"the tile points\.tif is georeferenced by ground control points alone"
    with pytest.raises(RasterError, match=message) as caught:
        open_stack([[good, path], good])
    assert "gdalwarp -tps" in caught.value.advice
