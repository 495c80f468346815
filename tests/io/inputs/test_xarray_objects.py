"""xarray objects: turned and sliced rasters, dates as bands, fill values of variables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from affine import Affine

from mtrs_geo.errors import RasterError
from mtrs_geo.io.inputs.kinds import expand_tiles
from mtrs_geo.io.inputs.xarray_objects import array_raster
from mtrs_geo.io.stack import StackOptions, open_stack

xr = pytest.importorskip("xarray")

IMAGE = np.random.default_rng(0).integers(1, 250, (3, 40, 60), np.uint8)
CRS = {"spatial_ref": ((), 0, {"crs_wkt": "EPSG:32614"})}
PLACE = {"y": 3_350_000 - 0.5 * np.arange(40), "x": 620_000 + 0.5 * np.arange(60)}
TURNED = Affine.translation(620_000, 3_350_000) @ Affine.rotation(30) @ Affine.scale(0.5, -0.5)


def turned() -> Any:
    """A raster as rioxarray opens it if it is turned: with centres in two dimensions."""
    rows, cols = np.indices(IMAGE.shape[1:])
    xc, yc = TURNED @ (cols + 0.5, rows + 0.5)
    stored = " ".join(map(str, TURNED.to_gdal()))
    crs = {"spatial_ref": ((), 0, {"crs_wkt": "EPSG:32614", "GeoTransform": stored})}
    centres = {"xc": (("y", "x"), xc), "yc": (("y", "x"), yc)}
    return xr.DataArray(IMAGE, dims=("band", "y", "x"), coords={**centres, **crs})


def test_a_slice_of_a_turned_raster_keeps_its_place() -> None:
    whole = turned()
    assert array_raster(whole).transform.almost_equals(TURNED, 1e-6)
    for part in (whole, whole.transpose("x", "y", "band")):
        sliced = array_raster(part.isel(x=slice(20, 50, 2), y=slice(10, 30)))
        assert sliced.transform @ (0.5, 0.5) == pytest.approx(TURNED @ (20.5, 10.5))
        assert sliced.transform @ (1.5, 1.5) == pytest.approx(TURNED @ (22.5, 11.5))
        np.testing.assert_array_equal(sliced.array, IMAGE[:, 10:30, 20:50:2])


def test_uneven_centres_of_a_turned_raster_are_refused() -> None:
    array = turned()
    array["xc"][20, 30] += 3
    with pytest.raises(RasterError, match="xc and yc of the xarray object are not evenly spaced"):
        array_raster(array)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("year", [2016, 2018, 2020]),
        ("time", None),
        ("time", [0, 731, 1461]),
        ("acquired", np.array(["2016-01-01", "2018-01-01", "2020-01-01"], "M8[ns]")),
    ],
)
def test_dates_are_not_read_as_bands(name: str, values: Any) -> None:
    coords: dict[str, Any] = {**PLACE, **CRS} | ({} if values is None else {name: values})
    array = xr.DataArray(IMAGE, dims=(name, "y", "x"), coords=coords)
    with pytest.raises(RasterError, match=rf"more than one raster: {name} 3") as caught:
        array_raster(array)
    assert f".isel({name}=0)" in caught.value.advice
    assert array_raster(array.isel({name: [0]})).array.shape == (40, 60)


def test_names_of_bands_that_are_dates_are_refused() -> None:
    names = ["2016-01-01", "2018-01-01", "2020-01-01"]
    array = xr.DataArray(IMAGE, dims=("band", "y", "x"), coords={**PLACE, **CRS, "band": names})
    with pytest.raises(RasterError, match=r"bands of raster 1 in memory are of several dates"):
        open_stack([array, array])


@pytest.mark.parametrize("fills", [(0, 65535, 0), (None, 65535, None), (7, 7, 7)])
def test_variables_have_their_own_fill_values(fills: tuple[int | None, ...]) -> None:
    variables = {}
    for name, band, fill in zip(("red", "green", "blue"), IMAGE, fills, strict=True):
        values = band.astype(np.uint16) * 20 + 8
        values[:10, :10] = values[0, 0] if fill is None else fill
        attrs = {} if fill is None else {"_FillValue": fill}
        variables[name] = (("y", "x"), values, attrs)
    data = xr.Dataset(variables, coords={**PLACE, **CRS})
    with open_stack([data, data]) as stack:
        valid = stack.read(stack.grid.window).valid
        assert stack.warnings == ()
    assert not valid[:10, :10].any()
    assert valid.sum() == valid.size - 100


EXTRA = {
    "of another fill value": (np.full((40, 60), 255, np.uint8), {"_FillValue": 255}),
    "without a fill value": (np.zeros((40, 60), np.uint8), {}),
    "of another type": (np.full((40, 60), 300, np.uint16), {"_FillValue": 0}),
    "of numbers": (np.full((40, 60), np.nan, np.float32), {}),
    "of truth values": (np.zeros((40, 60), bool), {}),
}


@pytest.mark.parametrize("extra", EXTRA)
def test_a_variable_that_is_not_used_changes_nothing(extra: str) -> None:
    """0 in one band is a dark pixel, as no band of the image uses it everywhere."""
    image = IMAGE.copy()
    image[2, :, 30:] = 0
    image[:, :10, :10] = 0
    bands = zip(("red", "green", "blue"), image, strict=True)
    plain = xr.Dataset(
        {name: (("y", "x"), band, {"_FillValue": 0}) for name, band in bands},
        coords={**PLACE, **CRS},
    )
    values, attrs = EXTRA[extra]
    data = plain.assign(qa=(("y", "x"), values, attrs))
    with open_stack([data, plain]) as stack:
        found = stack.read(stack.grid.window)
        (source, other), warnings = stack.sources, stack.warnings
    assert source.bands == (1, 2, 3)
    assert (source.dtype, source.nodata) == (other.dtype, other.nodata) == ("uint8", 0)
    assert warnings == ()
    assert found.valid.sum() == 40 * 60 - 100
    np.testing.assert_array_equal(found.image[0], found.image[1])


def test_long_names_of_numbered_variables_are_names_of_bands() -> None:
    """As rioxarray opens a file of blue, green and red with ``band_as_variable``."""
    colours = ("blue", "green", "red")
    variables = {
        f"band_{i}": (("y", "x"), band, {"long_name": colour})
        for i, (band, colour) in enumerate(zip(IMAGE, colours, strict=True), 1)
    }
    data = xr.Dataset(variables, coords={**PLACE, **CRS})
    assert array_raster(data).names == colours
    with open_stack([data, data]) as stack:
        assert stack.sources[0].bands == (3, 2, 1)
    named = data.rename(dict(zip(variables, ("red", "green", "blue"), strict=True)))
    assert array_raster(named).names == ("red", "green", "blue")


def test_one_object_is_no_list_of_dates() -> None:
    array = xr.DataArray(IMAGE, dims=("time", "y", "x"))
    for data in (array, array.to_dataset(name="red")):
        with pytest.raises(RasterError, match="given as one Data") as caught:
            expand_tiles(data)
        assert "data.sel(time=t) for t in data.time" in caught.value.advice


def test_a_variable_without_numbers_is_named() -> None:
    days = np.full(IMAGE.shape[1:], "2020-05-01", "datetime64[ns]")
    data = xr.Dataset(
        {"red": (("y", "x"), IMAGE[0]), "day": (("y", "x"), days)}, coords={**PLACE, **CRS}
    )
    with pytest.raises(RasterError, match="hold no numbers: day") as raised:
        array_raster(data)
    assert raised.value.advice == "Leave them out: .drop_vars(['day'])."
    assert array_raster(data.drop_vars(["day"])).array.dtype == np.uint8


CORNERS = {"attrs": {"transform": Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000)}}


def test_coordinates_of_corners_are_known_by_the_stored_grid() -> None:
    """As stackstac makes them by default."""
    corners = xr.DataArray(IMAGE, dims=("band", "y", "x"), coords={**PLACE, **CRS}, **CORNERS)
    centres = corners.assign_coords(x=corners.x + 0.25, y=corners.y - 0.25)
    for array in (corners, centres):
        assert array_raster(array).transform == CORNERS["attrs"]["transform"]
        flipped = array_raster(array.isel(y=slice(None, None, -1)))
        assert flipped.transform == Affine(0.5, 0, 620_000, 0, 0.5, 3_350_000 - 20)
        sliced = array_raster(array.isel(x=slice(7, 8), y=slice(4, 9)))
        assert sliced.transform == Affine(0.5, 0, 620_003.5, 0, -0.5, 3_350_000 - 2)
    coarse = centres.coarsen(x=2, y=2).mean()
    assert array_raster(coarse).transform == Affine(1, 0, 620_000, 0, -1, 3_350_000)
    turned_grid = corners.assign_attrs(transform=Affine(0, 0.5, 620_000, -0.5, 0, 3_350_000))
    assert array_raster(turned_grid).transform.c == 620_000 - 0.25
    # The grid of a file is no sign of corners: the object can have been interpolated.
    grid = {"crs_wkt": "EPSG:32614", "GeoTransform": "620000 .5 0 3350000 0 -.5"}
    stored = {"spatial_ref": ((), 0, grid)}
    array = xr.DataArray(IMAGE, dims=("band", "y", "x"), coords={**PLACE, **stored})
    assert array_raster(array).transform.c == 620_000 - 0.25


def dated(file: str = "", **more: Any) -> Any:
    """An object as rioxarray opens a file of a name, with other attributes and coordinates."""
    attrs = {key: value for key, value in more.items() if isinstance(value, str)}
    coords = {key: value for key, value in more.items() if key not in attrs}
    array = xr.DataArray(
        IMAGE, dims=("band", "y", "x"), coords={**PLACE, **CRS, **coords}, attrs=attrs
    )
    array.encoding["source"] = file
    return array


def dates_of(*rasters: Any) -> list[tuple[str, str] | None]:
    with open_stack(rasters) as stack:
        return [s.date and (s.date.iso, s.date.origin) for s in stack.sources]


def test_the_date_of_an_object_is_that_of_its_file() -> None:
    name, tag = "/a/S2_20160601.tif", {"TIFFTAG_DATETIME": "2016:06:01 10:00:00"}
    plain = dated("/a/after.tif")
    assert dates_of(dated(name), plain) == [("2016-06-01", "name"), None]
    assert dates_of(dated("/a/a.tif", **tag), plain)[0] == ("2016-06-01", "export tag")
    assert dates_of(dated("/a/2020.tif", **tag), plain)[0] == ("2020", "name")
    assert dates_of(dated("/a/2020.nc", time_coverage_start="2016-06-01"), plain)[0] == (
        "2016-06-01", "tag",
    )  # fmt: skip
    data = dated("/a/2016.tif", **tag).to_dataset("band")
    assert dates_of(data, [dated("/a/t_2020.tif")]) == [("2016", "name"), ("2020", "name")]
    with open_stack([dated("/a/2023.tif"), dated("/a/2016.tif")]) as stack:
        assert "(2023) is later than raster 2 in memory (2016)" in stack.warnings[0]


@pytest.mark.parametrize(
    ("time", "date"),
    [
        (np.datetime64("2016-06-14T10:00"), "2016-06-14"),
        (2016, "2016"),
        (3, None),
    ],
)
def test_the_time_of_an_object_counts_more_than_its_file(time: Any, date: str | None) -> None:
    """The file can have several dates."""
    first = dated("/a/cube_2024.nc", TIFFTAG_DATETIME="2024:01:01 00:00:00", time=time)
    for array in (first, first.expand_dims("time")):
        assert dates_of(array, dated())[0] == (date and (date, "tag"))


def test_two_objects_of_one_file_do_not_have_its_date() -> None:
    """The slices of a concatenated object keep what xarray notes of the first one's file."""
    before, after = dated("/a/2016.tif"), dated("/a/2023.tif")
    both = xr.concat([before, after], "date")
    assert both.isel(date=1).encoding["source"] == "/a/2016.tif"
    assert dates_of(both.isel(date=0), both.isel(date=1)) == [None, None]
    assert dates_of(before, after) == [("2016", "name"), ("2023", "name")]
    with open_stack([both.isel(date=0), after], StackOptions(dates=("2015", "2020"))) as stack:
        assert stack.dates == ("2015", "2020")


def test_variables_of_files_of_several_dates_have_none() -> None:
    data = dated("/a/2016.tif").to_dataset("band")  # variables 0, 1 and 2
    assert dates_of(data, dated())[0] == ("2016", "name")
    data[1].encoding["source"] = "/a/2023.tif"
    assert dates_of(data, dated())[0] is None


@pytest.mark.parametrize("values", [(0, 0, 0), np.zeros(1), [np.nan, np.nan], "7", np.uint8(0)])
def test_bands_may_share_a_nodata_value(values: Any) -> None:
    array = dated().assign_attrs(nodata=values)
    expected = float(np.ravel(np.asarray(values, float))[0])
    np.testing.assert_equal(array_raster(array).nodata, expected)


@pytest.mark.parametrize("values", [(0, 255, 0), [], "none", {"red": 0}])
def test_several_nodata_values_are_refused(values: Any) -> None:
    with pytest.raises(RasterError, match=r"nodata value of the xarray object is .* not one") as e:
        array_raster(dated().assign_attrs(_FillValue=values))
    assert "a Dataset with a variable per band" in e.value.advice


def test_an_object_without_pixels_is_refused() -> None:
    whole = xr.DataArray(IMAGE, dims=("band", "y", "x"), coords={**PLACE, **CRS})
    with pytest.raises(RasterError, match=r"has no pixels: \{.*'y': 0"):
        array_raster(whole.sel(y=slice(3_349_990, 3_350_000)))
