"""What the inputs and options of a job are, as values of JSON that change with their content."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from numbers import Number
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from rasterio.io import DatasetReader, DatasetWriter
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window
from shapely.geometry.base import BaseGeometry

from mtrs_geo.errors import MTRSGeoError
from mtrs_geo.io.inputs.arrays import ArrayRaster
from mtrs_geo.io.inputs.kinds import is_in_memory
from mtrs_geo.io.inputs.xarray_objects import array_raster
from mtrs_geo.ledger import file_identity
from mtrs_geo.query import ChangeQuery

__all__ = ["content_facts"]

_FEW = 64
"""Shorter lists of values are recorded as they are, longer ones by a checksum."""
_BLOCK_ROWS = 1024


def content_facts(value: Any) -> Any:  # noqa: ANN401 - any input or option of a run
    """Return what a value is, as values of JSON.

    Numbers and text stay; dates become ISO text, paths and parsed sentences text, and a CRS its
    name.  Arrays, geometries and rasters in memory become a CRC-32 of their content beside their
    shape: every pixel is read once, band by band, so that no change is missed.

    Args:
        value: any raster, area, layer or option that `mtrs_geo.detect_changes` takes.

    Returns:
        The name of the type for other objects, which no run takes.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    plain = _scalar(value)
    if plain is not None:
        return plain
    if isinstance(value, Mapping):
        return {str(name): content_facts(entry) for name, entry in value.items()}
    if isinstance(value, tuple) and len(value) == 3 and isinstance(value[0], np.ndarray):
        value = ArrayRaster(*value)
    if isinstance(value, list | tuple | Affine):
        return [content_facts(entry) for entry in value]
    if isinstance(value, np.ndarray):
        return _array(value)
    return _object(value)


def _scalar(value: object) -> Any:  # noqa: ANN401 - a value of JSON
    """Return a date, number or path as a value of JSON; None for another kind."""
    if isinstance(value, np.datetime64):
        return str(value.astype("datetime64[D]"))
    if isinstance(value, date):  # a run takes the day of a datetime
        return value.isoformat()[:10]
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    return str(value) if isinstance(value, Number) else None


def _object(value: Any) -> Any:  # noqa: ANN401 - any object
    """Return what a geometry, a layer, a raster or a CRS is."""
    packages = {kind.__module__.partition(".")[0] for kind in type(value).__mro__}
    if isinstance(value, ChangeQuery):
        return repr(value)  # with its rules, which its text does not tell
    if isinstance(value, BaseGeometry):
        return _shapes([value])
    if "geopandas" in packages:
        return {**_shapes(value.geometry.to_numpy()), "crs": _text(value.crs)}
    if isinstance(value, DatasetReader | DatasetWriter | WarpedVRT):
        return _dataset(value)
    if isinstance(value, ArrayRaster):
        return _raster(value)
    if "xarray" in packages:
        try:
            return _raster(array_raster(value))
        except MTRSGeoError:  # the run will fail, and say why
            return type(value).__name__
    if isinstance(described := getattr(value, "__geo_interface__", None), Mapping):
        return {**content_facts(described), "crs": _text(getattr(value, "crs", None))}
    return str(value) if hasattr(value, "to_wkt") else type(value).__name__


def _text(crs: object) -> str | None:
    return None if crs is None else str(crs)


def _raster(raster: ArrayRaster) -> dict[str, Any]:
    return {
        "array": _array(raster.array), "transform": content_facts(raster.transform),
        "crs": content_facts(raster.crs), "nodata": raster.nodata, "names": list(raster.names),
        "tags": content_facts(raster.tags), **({"file": raster.file} if raster.file else {}),
        **({"bands": content_facts(raster.band_kinds)} if raster.band_kinds else {}),
    }  # fmt: skip


def _shapes(shapes: Iterable[Any]) -> dict[str, Any]:
    encoded = shapely.to_wkb(np.asarray(shapes, object)).tolist()
    # The length keeps two geometries apart from one that is both.
    parts = (b"%d:%s" % (len(shape or b""), shape or b"") for shape in encoded)
    return {"geometries": len(encoded), "checksum": _checksum(parts)}


def _array(array: npt.NDArray[Any]) -> Any:  # noqa: ANN401 - a list or a dictionary
    values = np.ma.getdata(array)
    if values.dtype.hasobject:
        if values.size and shapely.is_geometry(values).all():
            return _shapes(values.ravel())
        return [content_facts(entry) for entry in values.ravel().tolist()]
    if array is values and values.ndim == 1 and values.size <= _FEW:
        return [content_facts(entry) for entry in values]
    found = {
        "shape": list(values.shape), "type": str(values.dtype),
        "checksum": _checksum(_bytes(values)),
    }  # fmt: skip
    if np.ma.is_masked(array):
        found["mask"] = _checksum(_bytes(np.ma.getmaskarray(array)))
    return found


def _bytes(values: npt.NDArray[Any]) -> Iterator[npt.NDArray[np.uint8]]:
    """Yield the bytes of an array, by bands, as a view that is turned is copied."""
    for part in values if values.ndim > 2 else [values]:
        yield np.ascontiguousarray(part).reshape(-1).view(np.uint8)


def _dataset(dataset: Any) -> dict[str, Any]:  # noqa: ANN401 - rasterio has no types
    """Return the grid of an open raster, and its file or, if it has none, its pixels."""
    is_warped = isinstance(dataset, WarpedVRT)
    name = dataset.src_dataset.name if is_warped else dataset.name
    found: dict[str, Any] = {
        "grid": [*dataset.shape, *tuple(dataset.transform)[:6]], "crs": _text(dataset.crs),
    }  # fmt: skip
    if is_warped:
        found["resampling"] = str(dataset.resampling)
    if name and not is_in_memory(name):
        found["path"] = name
        if Path(name).exists():
            found["file"] = file_identity(Path(name))
    elif not dataset.closed:
        found["checksum"] = _checksum(_pixels(dataset))
    return found


def _pixels(dataset: Any) -> Iterator[npt.NDArray[np.uint8]]:  # noqa: ANN401
    for row in range(0, dataset.height, _BLOCK_ROWS):
        rows = min(_BLOCK_ROWS, dataset.height - row)
        yield from _bytes(dataset.read(window=Window(0, row, dataset.width, rows)))


def _checksum(parts: Iterable[Any]) -> str:
    """Return the CRC-32 of the parts of a content as hexadecimal digits."""
    checksum = 0
    for part in parts:
        checksum = zlib.crc32(part, checksum)
    return f"{checksum:08x}"
