from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.control import GroundControlPoint
from rasterio.rpc import RPC

from mtrs_geo.errors import RasterError
from mtrs_geo.io.source import describe

TRANSFORM = Affine(10, 0, 620_000, 0, -10, 3_350_000)


def write(path: Path, dtype: str, descriptions: tuple[str | None, ...]) -> Path:
    with rasterio.open(
        path, "w", driver="GTiff", count=len(descriptions), height=8, width=8, dtype=dtype,
        crs="EPSG:32614", transform=TRANSFORM,
    ) as file:  # fmt: skip
        file.write(np.ones((len(descriptions), 8, 8), dtype))
        file.descriptions = descriptions
    return path


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize(
    ("descriptions", "bands"),
    [
        (("B02", "B03", "B04"), (3, 2, 1)),
        (("B02", "B03", "B04", "B08"), (3, 2, 1)),
        (("Blue", "Green", "Red"), (3, 2, 1)),
        (("B04", "B03", "B02"), (1, 2, 3)),
        (("red", "green", "blue", "nir"), (1, 2, 3)),
        (("B02", "B03", "B08"), (1, 2, 3)),
        ((None, None, None), (1, 2, 3)),
    ],
)
def test_described_bands_are_chosen_and_reported(
    tmp_path: Path, dtype: str, descriptions: tuple[str | None, ...], bands: tuple[int, ...]
) -> None:
    with rasterio.open(write(tmp_path / "s2.tif", dtype, descriptions)) as file:
        source = describe(file, None)
        explicit = describe(file, (2, 3, 1))
    assert source.bands == bands
    if bands == (1, 2, 3):
        assert source.note is None
    else:
        assert source.note is not None
        assert f"s2.tif: bands 3 ({descriptions[2]}), 2 ({descriptions[1]})" in source.note
        assert "--bands 3,2,1" in source.note
    assert explicit.bands == (2, 3, 1)
    assert explicit.note is None


def test_rasters_without_a_pixel_grid_are_refused_with_the_gdalwarp_command(tmp_path: Path) -> None:
    corners = [GroundControlPoint(row, col, 9 + col / 100, 50 - row / 100, 0)
               for row in (0, 8) for col in (0, 8)]  # fmt: skip
    profile = {"driver": "GTiff", "count": 1, "height": 8, "width": 8, "dtype": "uint8"}
    with rasterio.open(tmp_path / "scan.tif", "w", **profile) as file:
        file.write(np.ones((1, 8, 8), np.uint8))
        file.gcps = corners, rasterio.crs.CRS.from_epsg(4326)
    zeros = [0.0] * 20
    with rasterio.open(tmp_path / "raw.tif", "w", **profile) as file:
        file.write(np.ones((1, 8, 8), np.uint8))
        file.rpcs = RPC(height_off=1, height_scale=1, lat_off=1, lat_scale=1, line_den_coeff=zeros,
                        line_num_coeff=zeros, line_off=1, line_scale=1, long_off=1, long_scale=1,
                        samp_den_coeff=zeros, samp_num_coeff=zeros, samp_off=1,
                        samp_scale=1)  # fmt: skip
    for name, message in (
        ("scan.tif", "ground control points alone.*gdalwarp -tps -t_srs"),
        ("raw.tif", "an RPC camera model alone.*gdalwarp -rpc -t_srs"),
    ):
        with rasterio.open(tmp_path / name) as file, pytest.raises(RasterError, match=message):
            describe(file, None)


def test_a_crs_without_a_transform_is_refused(tmp_path: Path) -> None:
    with rasterio.open(
        tmp_path / "a.tif", "w", driver="GTiff", count=1, height=8, width=8, dtype="uint8",
        crs="EPSG:32614",
    ) as file:  # fmt: skip
        file.write(np.ones((1, 8, 8), np.uint8))
    with (
        rasterio.open(tmp_path / "a.tif") as file,
        pytest.raises(RasterError, match="but no affine transform"),
    ):
        describe(file, None)
