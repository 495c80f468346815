"""xarray objects with a CRS, as odc-stac, rioxarray and stackstac return them, as arrays."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from affine import Affine

from mtrs_geo.errors import RasterError
from mtrs_geo.io.band_names import is_generic
from mtrs_geo.io.dates import date_attributes, find_date
from mtrs_geo.io.inputs.arrays import ArrayRaster
from mtrs_geo.io.paths import display_name

if TYPE_CHECKING:
    import xarray

__all__ = ["array_raster", "source_files"]

_ROWS = ("y", "lat", "latitude", "northing")
_COLS = ("x", "lon", "longitude", "easting")
_CENTRES = ("xc", "yc")
"""Coordinates (rows, cols) of the pixel centres that rioxarray makes for a turned raster."""
_TIMES = frozenset({
    "time", "t", "date", "dates", "datetime", "year", "years", "month", "season", "epoch",
})  # fmt: skip
"""Names of dimensions of dates, whatever the type of their values."""
_EVEN = 0.01
"""Largest error of a coordinate, in pixels, on an evenly spaced grid."""


def array_raster(data: xarray.DataArray | xarray.Dataset) -> ArrayRaster:
    """Return the pixels and the georeference of one date.

    The transform follows from the coordinates of the pixel centres, which stay right when an
    object is sliced, also those of a turned raster (xc and yc of rioxarray); a stored transform is
    used for objects without coordinates.  Coordinates of pixel corners, as of stackstac, are known
    by the attribute ``transform``.

    The date is a coordinate of one time; without such a coordinate it is in the attributes, or in
    the name of the file that the object was read from.

    Args:
        data: with one row and one column dimension, at most one band dimension, and a CRS.

    Raises:
        RasterError: if the CRS or the grid is missing, or it holds several dates or nodata values.
    """
    crs = _crs(data)
    array, names, kinds = _stacked(data) if hasattr(data, "data_vars") else (data, (), ())
    array = array.squeeze([n for n, size in array.sizes.items() if size == 1 and not _is_side(n)])
    row, col = _dimension(array, _ROWS), _dimension(array, _COLS)
    if not array.size:
        msg = f"the xarray object has no pixels: {dict(array.sizes)}."
        raise RasterError(msg, advice="Check the bounds that it was cut to, and their order.")
    others = [name for name in array.dims if name not in (row, col)]
    if len(others) > 1 or any(_is_time(array, name) for name in others):
        sizes = ", ".join(f"{name} {array.sizes[name]}" for name in others)
        msg = f"the xarray object has more than one raster: {sizes}."
        raise RasterError(msg, advice=f"Select one date, for example with .isel({others[0]}=0).")
    array = array.transpose(*others, row, col)
    tags, file = _date(data, array)
    return ArrayRaster(
        np.asarray(array.values),
        _transform(array, row, col, data),
        crs,
        _nodata(array),
        names or _names(array, others),
        tags,
        kinds if len(set(map(repr, kinds))) > 1 else (),
        file,
    )


def _is_time(array: Any, name: str) -> bool:  # noqa: ANN401 - xarray is optional
    """Return whether a dimension is one of dates."""
    if name.lower() in _TIMES:
        return True
    return name in array.coords and array[name].dtype.kind == "M"


def source_files(data: xarray.DataArray | xarray.Dataset) -> list[str]:
    """Return the files that an object was read from, as xarray notes them; once per variable."""
    layers = [data, *getattr(data, "data_vars", {}).values()]
    sources = (layer.encoding.get("source") for layer in layers)
    return [os.fspath(source) for source in sources if isinstance(source, str | os.PathLike)]


def _nodata(array: Any) -> float | None:  # noqa: ANN401
    """Return the nodata value; bands that have one each must have the same."""
    nodata = array.attrs.get("nodata", array.attrs.get("_FillValue"))
    if nodata is None:
        return None
    try:
        values = np.unique(np.asarray(nodata, np.float64))
    except (TypeError, ValueError):
        values = np.empty(0)
    if values.size != 1:
        msg = f"the nodata value of the xarray object is {nodata!r}, not one number."
        advice = "Give one for all bands, or a Dataset with a variable per band."
        raise RasterError(msg, advice=advice)
    return float(values[0])


def _stacked(
    data: Any,  # noqa: ANN401
) -> tuple[Any, tuple[str, ...], tuple[tuple[str, float | None], ...]]:
    """Return the variables of a dataset with rows and columns as one array, names and kinds."""
    layers = {
        name: layer
        for name, layer in data.data_vars.items()
        if any(n in layer.dims for n in _ROWS) and any(n in layer.dims for n in _COLS)
    }
    if not layers:
        msg = f"the xarray dataset has no variable with rows and columns: {list(data.data_vars)}."
        raise RasterError(msg, advice=f"Its dimensions must be named like {_ROWS} and {_COLS}.")
    if len(layers) == 1:
        (array,) = layers.values()
        return array, (), ()
    first = next(iter(layers.values()))
    if others := [name for name, layer in layers.items() if layer.dtype.kind not in "biufc"]:
        msg = f"variables of the xarray dataset hold no numbers: {', '.join(map(str, others))}."
        raise RasterError(msg, advice=f"Leave them out: .drop_vars({others}).")
    array = data[list(layers)].to_array("band")
    names = tuple(_variable_name(str(name), layer) for name, layer in layers.items())
    kinds = tuple((_type_name(layer.dtype), _nodata(layer)) for layer in layers.values())
    return array.assign_attrs(first.attrs), names, kinds


def _variable_name(name: str, layer: Any) -> str:  # noqa: ANN401
    """Return the name of a band: that of its variable, or its long name if the other is a number.

    With ``band_as_variable``, rioxarray keeps the description of a band in ``long_name``.
    """
    long_name = layer.attrs.get("long_name")
    return long_name if is_generic(name) and isinstance(long_name, str) else name


def _type_name(dtype: np.dtype[Any]) -> str:
    """Return the type in which a variable is stored."""
    return {"bool": "uint8", "float16": "float32", "float128": "float64"}.get(
        dtype.name, dtype.name
    )


def _is_side(name: object) -> bool:
    return name in (*_ROWS, *_COLS)


def _dimension(array: Any, names: tuple[str, ...]) -> str:  # noqa: ANN401
    found = [name for name in names if name in array.dims]
    if len(found) != 1:
        msg = f"the xarray object has the dimensions {array.dims}, none or several of {names}."
        raise RasterError(msg, advice="Rename the dimensions of rows and columns to y and x.")
    return found[0]


def _grid_mappings(data: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    """Yield the attributes that may hold the CRS and the transform, the most specific first."""
    named = data.encoding.get("grid_mapping") or data.attrs.get("grid_mapping")
    names = [named] if named in data.coords else []
    names += [n for n in data.coords if not data.coords[n].dims and n not in names]
    for name in names:
        yield dict(data.coords[name].attrs)
    yield dict(data.attrs)


def _crs(data: Any) -> Any:  # noqa: ANN401
    for attributes in _grid_mappings(data):
        for key in ("crs_wkt", "spatial_ref", "crs"):
            if attributes.get(key):
                return attributes[key]
    for name in ("epsg", "proj:epsg"):
        if name in data.coords and data.coords[name].size == 1:
            return int(data.coords[name].item())
    msg = "the xarray object has no CRS."
    raise RasterError(msg, advice="Set it with rioxarray: data.rio.write_crs('EPSG:32633').")


def _transform(array: Any, row: str, col: str, data: Any) -> Affine:  # noqa: ANN401
    stored = _stored_transform(data)
    if set(_CENTRES) <= set(array.coords) and not {row, col} & set(array.coords):
        xc, yc = (array.coords[name].transpose(row, col) for name in _CENTRES)
        return _turned_transform(xc, yc)
    top, height = _start_and_step(array, row, stored and stored.e)
    left, width = _start_and_step(array, col, stored and stored.a)
    if None not in (top, height, left, width):
        corners = _corner_grid(data)
        is_on = corners and _is_on(left, width, corners.c, corners.a)
        if corners and is_on and _is_on(top, height, corners.f, corners.e):
            left, top = left + corners.a / 2, top + corners.e / 2
        return Affine(width, 0, left - width / 2, 0, height, top - height / 2)
    if stored is None:
        msg = f"the xarray object has no coordinates of its pixels along {row} and {col}."
        raise RasterError(msg, advice="Assign them, or write the transform with rioxarray.")
    return stored


def _turned_transform(xc: Any, yc: Any) -> Affine:  # noqa: ANN401
    """Return the transform of a turned raster from its pixel centres (rows, cols)."""
    x, y = (np.asarray(centres.values, np.float64) for centres in (xc, yc))
    if min(x.shape) < 2:
        msg = f"the xarray object has {x.shape[0]} × {x.shape[1]} pixels, too few to place it."
        raise RasterError(msg, advice="Give two rows and two columns or more.")
    rows, cols = x.shape[0] - 1, x.shape[1] - 1
    a, d = ((c[0, -1] - c[0, 0]) / cols for c in (x, y))
    b, e = ((c[-1, 0] - c[0, 0]) / rows for c in (x, y))
    transform = Affine(a, b, x[0, 0], d, e, y[0, 0])
    i, j = np.indices(x.shape)
    even_x, even_y = transform @ (j, i)
    size = max(abs(step) for step in (a, b, d, e))
    if max(np.abs(even_x - x).max(), np.abs(even_y - y).max()) > _EVEN * size:
        msg = "the coordinates xc and yc of the xarray object are not evenly spaced."
        raise RasterError(msg, advice="Reproject it to a regular grid first.")
    return transform @ Affine.translation(-0.5, -0.5)


def _start_and_step(array: Any, name: str, stored: float | None) -> tuple[Any, Any]:  # noqa: ANN401
    """Return the first pixel centre of a dimension and the distance of neighbours, or None."""
    if name not in array.coords:
        return None, None
    values = np.asarray(array.coords[name].values, np.float64)
    if values.size == 1:
        return values[0], stored
    step = (values[-1] - values[0]) / (values.size - 1)
    even = values[0] + step * np.arange(values.size)
    if not step or np.abs(values - even).max() > _EVEN * abs(step):
        msg = f"the coordinates of the xarray object along {name} are not evenly spaced."
        raise RasterError(msg, advice="Reproject it to a regular grid first.")
    return values[0], step


def _is_on(first: float, step: float, corner: float, stored: float) -> bool:
    """Return whether coordinates are those of pixel corners on a stored grid."""
    offset = (first - corner) / stored
    return abs(abs(step / stored) - 1) < _EVEN and abs(offset - round(offset)) < _EVEN


def _corner_grid(data: Any) -> Affine | None:  # noqa: ANN401
    """Return the transform of the attribute that objects with coordinates of corners have.

    stackstac gives corners by default.  Its grid tells them from centres, also in a slice, as long
    as the pixels are those of the grid.
    """
    stored = data.attrs.get("transform")
    if stored is None:
        return None
    grid = Affine(*map(float, tuple(stored)[:6]))
    return grid if grid.is_rectilinear and grid.a else None  # a turned one has no such coordinates


def _stored_transform(data: Any) -> Affine | None:  # noqa: ANN401
    for attributes in _grid_mappings(data):
        if attributes.get("GeoTransform"):
            return Affine.from_gdal(*map(float, str(attributes["GeoTransform"]).split()[:6]))
        if attributes.get("transform") is not None:
            return Affine(*map(float, tuple(attributes["transform"])[:6]))
    return None


def _names(array: Any, others: list[str]) -> tuple[str, ...]:  # noqa: ANN401
    """Return the names of the bands, if they have any."""
    values = array.coords[others[0]].values if others and others[0] in array.coords else ()
    if not all(isinstance(value, str) for value in values):
        values = array.attrs.get("long_name", ())
    count = array.sizes[others[0]] if others else 1
    names = tuple(map(str, values)) if isinstance(values, tuple | list | np.ndarray) else ()
    return names if len(names) == count else ()


def _date(data: Any, array: Any) -> tuple[dict[str, str], str]:  # noqa: ANN401
    """Return the tags with the date of an object, and the file whose name can have it."""
    times = [c for name, c in data.coords.items() if str(name).lower() in _TIMES and c.size == 1]
    if times:  # one of the dates of its file
        iso = find_date(_time_text(time) for time in times)
        return ({} if iso is None else {"ACQUISITION_DATE": iso}), ""
    files = source_files(data)
    if len({find_date([display_name(file)]) for file in files}) > 1:
        return {}, ""
    return date_attributes({**array.attrs, **data.attrs}), next(iter(files), "")


def _time_text(time: Any) -> str:  # noqa: ANN401
    value = time.values.reshape(())
    return str(value.astype("datetime64[D]") if value.dtype.kind == "M" else value)
