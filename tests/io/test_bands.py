from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.control import GroundControlPoint
from rasterio.enums import ColorInterp
from rasterio.rpc import RPC

from mtrs_geo.errors import RasterError, RequestError
from mtrs_geo.io.source import describe
from mtrs_geo.io.stack import StackOptions, open_stack

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
        (("Band 1", "Band 2", "Band 3"), (1, 2, 3)),
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
        assert source.warnings == ()
    else:
        (warning,) = source.warnings
        assert f"s2.tif: bands 3 ({descriptions[2]}), 2 ({descriptions[1]})" in warning
        assert "--bands 3,2,1" in warning
    assert explicit.bands == (2, 3, 1)
    assert explicit.warnings == ()


LANDSAT_8 = ("SR_B1", "SR_B2", "SR_B3", "SR_B4", "SR_B5", "SR_B6", "SR_B7")
LANDSAT_5 = ("SR_B1", "SR_B2", "SR_B3", "SR_B4", "SR_B5", "SR_B7")
SENTINEL_NM = (490, 560, 665, 842)
PLANET_8 = ("coastal_blue", "blue", "green_i", "green", "yellow", "red", "rededge", "nir")
WORLDVIEW_NM = (427, 478, 546, 608, 659, 724, 833, 949)


@pytest.mark.parametrize(
    ("name", "descriptions", "bands"),
    [
        ("a", ("B2", "B3", "B4", "B8"), (3, 2, 1)),
        ("a", ("B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B8A", "B9"), (4, 3, 2)),
        ("a", ("SR_B2", "SR_B3", "SR_B4", "SR_B5"), (3, 2, 1)),
        ("a", LANDSAT_8, (4, 3, 2)),
        ("a", (*LANDSAT_8, "ST_B10"), (4, 3, 2)),
        ("a", LANDSAT_5, (3, 2, 1)),
        ("a", ("SR_B1", "SR_B2", "SR_B3"), (3, 2, 1)),
        ("LT05_034033", ("SR_B1", "SR_B2", "SR_B3", "SR_B4", "SR_B5"), (3, 2, 1)),
        ("LC08_034033", ("SR_B1", "SR_B2", "SR_B3", "SR_B4"), (4, 3, 2)),
        ("a", ("blue_median", "green_median", "red_median", "nir_median"), (3, 2, 1)),
        ("a", ("Red edge", "Blue", "Green", "Red"), (4, 3, 2)),
        ("a", tuple(f"B{i}, central wavelength {nm} nm" for i, nm in enumerate(SENTINEL_NM)),
         (3, 2, 1)),
        ("a", tuple(f"{nm / 1000} micrometers" for nm in WORLDVIEW_NM), (5, 3, 2)),
        ("a", PLANET_8, (6, 4, 2)),
        ("a", ("N", "R", "G", "B"), (2, 3, 4)),
    ],
)  # fmt: skip
def test_the_names_of_other_products_are_known(
    tmp_path: Path, name: str, descriptions: tuple[str, ...], bands: tuple[int, ...]
) -> None:
    with rasterio.open(write(tmp_path / f"{name}.tif", "uint16", descriptions)) as file:
        source = describe(file, None)
    assert source.bands == bands
    assert "guess" not in "".join(source.warnings)


@pytest.mark.parametrize(
    ("values", "unit"),
    [
        (tuple(map(str, SENTINEL_NM)), "Nanometers"),
        (("490.", "5.6e2", "6.65E+02", "842.0"), ""),
        ((".49", ".56", ".665", ".842"), "Micrometers"),
        ((".49", "0.56", "6.65e-1", "8.42e-01"), ""),
    ],
)
@pytest.mark.parametrize("place", ["tag", "description"])
def test_wavelengths_are_known(
    tmp_path: Path, values: tuple[str, ...], unit: str, place: str
) -> None:
    described = tuple(f"{value} {unit}".strip() for value in values)
    path = write(tmp_path / "cube.tif", "uint16", described if place != "tag" else (None,) * 4)
    with rasterio.open(path, "r+") as file:
        for band, value in enumerate(values if place == "tag" else (), 1):
            file.update_tags(band, wavelength=value, wavelength_units=unit)
    with rasterio.open(path) as file:
        assert describe(file, None).bands == (3, 2, 1)


@pytest.mark.parametrize(
    ("colours", "words"),
    [
        (("cyan", "magenta", "yellow", "black"), "are cyan, magenta and yellow, not red"),
        (("Y", "Cb", "Cr"), "are Y, Cb and Cr, not red"),
        (("hue", "saturation", "lightness"), "are hue, saturation and lightness, not red"),
    ],
)
def test_other_colour_spaces_are_refused(
    tmp_path: Path, colours: tuple[str, ...], words: str
) -> None:
    path = write(tmp_path / "print.tif", "uint8", (None,) * len(colours))
    with rasterio.open(path, "r+") as file:
        file.colorinterp = [ColorInterp[colour] for colour in colours]
    with rasterio.open(path) as file:
        with pytest.raises(RasterError, match=words) as caught:
            describe(file, None)
        assert "Convert it" in caught.value.advice
        assert describe(file, (3, 2, 1)).bands == (3, 2, 1)


@pytest.mark.parametrize(
    ("names", "is_refused"),
    [
        (("2016", "2018", "2020"), True),
        (("2016-06", "2018-06"), True),
        (("red 20160601", "green 20160601", "blue 20180601"), True),
        (("red 20160601", "green 20160601", "blue 20160601"), False),
        (("red_2016", "green_2016", "blue_2016", "red_2018", "green_2018", "blue_2018"), False),
        (("2016",), False),
    ],
)
def test_dates_as_bands_are_refused(
    tmp_path: Path, names: tuple[str, ...], *, is_refused: bool
) -> None:
    path = write(tmp_path / "years.tif", "uint16", names)
    with rasterio.open(path) as file:
        assert describe(file, (1,)).bands == (1, 1, 1)
        if not is_refused:
            describe(file, None)
            return
        with pytest.raises(RasterError, match=r"years\.tif are of several dates, not") as caught:
            describe(file, None)
    assert f"--bands 1 --bands {len(names)} " in caught.value.advice


@pytest.mark.parametrize("count", [2, 3])
def test_times_of_netcdf_are_not_read_as_bands(tmp_path: Path, count: int) -> None:
    path = write(tmp_path / "times.tif", "int16", (None,) * count)
    with rasterio.open(path, "r+") as file:
        for band in range(1, count + 1):
            file.update_tags(band, NETCDF_DIM_time=str(5844 + 365 * band))
    with (
        rasterio.open(path) as file,
        pytest.raises(RasterError, match="band 1 of NETCDF_DIM_time = 6209, band 2 of"),
    ):
        describe(file, None)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_bands_of_several_dates_in_one_file_are_reported(tmp_path: Path, dtype: str) -> None:
    names = tuple(f"{colour}_{y}" for y in (2016, 2020) for colour in ("red", "green", "blue"))
    path = write(tmp_path / "dates.tif", dtype, names)
    with rasterio.open(path) as file:
        source = describe(file, None)
    assert source.bands == (1, 2, 3)
    (warning,) = source.warnings
    assert "bands 1 (red_2016), 2 (green_2016), 3 (blue_2016) are read as" in warning
    assert "such as band 4 (red_2020)" in warning
    with open_stack([path, path], StackOptions(bands=[(1, 2, 3), (4, 5, 6)])) as stack:
        assert "same raster" not in "".join(stack.warnings)


@pytest.mark.parametrize(
    ("name", "dtype", "count", "bands"),
    [
        ("20190801_173012_1033_3B_AnalyticMS_SR", "uint16", 4, (3, 2, 1)),
        ("20190801_173012_1033_3B_AnalyticMS_SR_8b", "uint16", 8, (6, 4, 2)),
        ("WV02_19AUG01173012-M1BS", "uint16", 8, (5, 3, 2)),
        ("mosaic", "float32", 4, (3, 2, 1)),
        ("m_3012345_ne_14_060_20180801", "uint16", 4, (1, 2, 3)),
        ("naip", "uint8", 4, (1, 2, 3)),
        ("photo", "uint16", 3, (1, 2, 3)),
    ],
)
def test_the_order_of_unnamed_bands_is_a_guess_that_is_reported(
    tmp_path: Path, name: str, dtype: str, count: int, bands: tuple[int, ...]
) -> None:
    with rasterio.open(write(tmp_path / f"{name}.tif", dtype, (None,) * count)) as file:
        source = describe(file, None)
    assert source.bands == bands
    is_reported = any(
        f"bands {', '.join(map(str, bands))} are read as red, green, blue" in warning
        and "guess" in warning
        for warning in source.warnings
    )
    assert is_reported == (bands != (1, 2, 3))


@pytest.mark.parametrize(
    "descriptions",
    [("B02", "B03", "B08"), ("nir", "red", "green"), ("height", "slope", "aspect", "texture")],
)
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_bands_that_are_read_as_another_colour_are_reported(
    tmp_path: Path, dtype: str, descriptions: tuple[str, ...]
) -> None:
    with rasterio.open(write(tmp_path / "false.tif", dtype, descriptions)) as file:
        source = describe(file, None)
    assert source.bands == (1, 2, 3)
    assert f"bands 1 ({descriptions[0]})" in source.warnings[0]


def test_each_date_can_have_its_own_bands(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{i}.tif", "uint8", (None,) * 4) for i in range(2)]
    choice = [(3, 2, 1), [4, 1, 2]]
    with open_stack(paths, StackOptions(bands=choice)) as stack:
        assert [source.bands for source in stack.sources] == [(3, 2, 1), (4, 1, 2)]
    with open_stack(paths, StackOptions(bands=[(3, 2, 1)])) as stack:
        assert [source.bands for source in stack.sources] == [(3, 2, 1)] * 2
    for wrong in ([(1, 2, 3)] * 3, "3,2,1", [(1, 2), (1, 2)], (1.5, 2, 3), ()):
        with pytest.raises(RequestError, match="bands"):
            open_stack(paths, StackOptions(bands=wrong))  # type: ignore[arg-type]


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
    (tmp_path / "swath.vrt").write_text(
        '<VRTDataset rasterXSize="8" rasterYSize="8"><Metadata domain="GEOLOCATION">'
        '<MDI key="X_DATASET">lon.tif</MDI><MDI key="Y_DATASET">lat.tif</MDI></Metadata>'
        '<VRTRasterBand dataType="Byte" band="1"/></VRTDataset>'
    )
    for name, message in (
        ("swath.vrt", "the coordinates of each pixel alone.*gdalwarp -geoloc -t_srs .*/swath.vrt'"),
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


def test_the_second_of_two_bands_is_said_not_to_be_read(tmp_path: Path) -> None:
    radar = write(tmp_path / "s1.tif", "uint16", ("VV", "VH"))
    masked = write(tmp_path / "grey.tif", "uint8", (None, None))
    with rasterio.open(masked, "r+") as file:
        file.colorinterp = [ColorInterp.gray, ColorInterp.alpha]
        file.write(np.full((8, 8), 255, np.uint8), 2)
    with rasterio.open(radar) as file:
        source = describe(file, None)
        chosen = describe(file, (2,))
    (warning,) = source.warnings
    assert source.bands == (1, 1, 1)
    assert "Band 1 (VV) is read as grey" in warning
    assert "band 2 (VH) is not read" in warning
    assert (chosen.bands, chosen.warnings) == ((2, 2, 2), ())
    with rasterio.open(masked) as file:
        assert describe(file, None).warnings == ()
