"""xarray objects: turned and sliced rasters, dates as bands, fill values of variables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from affine import Affine

from mtrs_geo.errors import RasterError
from mtrs_geo.io.inputs.kinds import expand_tiles
from mtrs_geo.io.inputs.xarray_objects import array_raster
from mtrs_geo.io.stack import open_stack

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
