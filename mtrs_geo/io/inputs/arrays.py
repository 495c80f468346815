"""Arrays with a georeference as GeoTIFFs in GDAL's memory."""

from __future__ import annotations

import uuid
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import numpy.typing as npt
import rasterio
import rasterio.shutil
from affine import Affine
from pyproj import CRS
from pyproj.exceptions import CRSError
from rasterio.dtypes import _gdal_typename
from rasterio.io import DatasetReader

from mtrs_geo.errors import RasterError
from mtrs_geo.types import StrPath

if TYPE_CHECKING:
    from mtrs_geo.io.inputs.mosaics import Mosaic

__all__ = [
    "DECLARED",
    "ArrayRaster",
    "RasterInput",
    "array_input",
    "dated_path",
    "in_memory",
]

DECLARED = "mtrs_geo"
"""Domain of the metadata of a raster in memory: ``nodata`` if its bands have nodata values of
their own, ``file`` for the file whose name can have its date."""

_FOLDER = "/vsimem/mtrs-geo-"
_MOST_BANDS = 32
"""An array with more bands is taken for one with its bands last."""


@dataclass(frozen=True)
class RasterInput:
    """A raster that GDAL opens by ``path`` for as long as this object lives."""

    path: StrPath
    owner: object = None
    """Keeps the file in memory alive."""
    mosaic: Mosaic | None = None
    """The tiles that the raster consists of."""
    origins: tuple[str, ...] = ()
    """Names of the files that a caller gave it by, also if ``path`` is a copy in memory."""
    file: str = ""
    """See `ArrayRaster`."""


@dataclass(frozen=True)
class ArrayRaster:
    """An array with all that a GeoTIFF stores beside it."""

    array: npt.NDArray[Any]
    """(bands, rows, cols), or (rows, cols); where a masked array is masked, there is no data."""
    transform: Affine
    """Pixel (col, row) to coordinates."""
    crs: Any
    """Anything that `pyproj.CRS` takes."""
    nodata: float | None = None
    names: tuple[str, ...] = ()
    """Names of the bands."""
    tags: dict[str, str] = field(default_factory=dict)
    band_kinds: tuple[tuple[str, float | None], ...] = ()
    """Type and nodata value of each band, if they differ; then ``nodata`` does not count."""
    file: str = ""
    """Path of the file that the array was read from, and whose date is thus its own."""


def array_input(raster: ArrayRaster) -> RasterInput:
    """Return an array as a GeoTIFF in memory, below a virtual raster if its bands differ in kind.

    Raises:
        RasterError: if the array is no raster, or its transform or CRS is unknown.
    """
    values, mask = _bands(raster.array)
    if not isinstance(raster.transform, Affine):
        msg = f"the transform of an array is a {type(raster.transform).__name__}, not an Affine."
        raise RasterError(
            msg, advice="Use affine.Affine, or Affine.from_gdal for the six numbers of GDAL."
        )
    try:
        crs = CRS.from_user_input(raster.crs).to_wkt()
    except CRSError as error:
        msg = f"the CRS of an array, {raster.crs!r}, is not known."
        raise RasterError(msg, advice="Give one such as 'EPSG:32633'.") from error
    count, rows, cols = values.shape
    named = {"photometric": "MINISBLACK"} if raster.names else {}
    profile = {
        "driver": "GTiff", "count": count, "height": rows, "width": cols, "dtype": values.dtype,
        "crs": crs, "transform": raster.transform, "tiled": True,
        "nodata": None if raster.band_kinds else _nodata_of(raster.nodata, values.dtype),
        "bigtiff": "if_safer", "interleave": "band", "alpha": "NO", **named,
    }  # fmt: skip

    def write(path: str) -> None:
        with (
            rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
            rasterio.open(path, "w", **profile) as file,
        ):
            file.write(values)
            if mask is not None:
                file.write_mask(~mask)
            for band, name in enumerate(raster.names, start=1):
                file.set_band_description(band, name)
            file.update_tags(**raster.tags)
            if raster.file:
                file.update_tags(ns=DECLARED, file=raster.file)

    def write_virtual(path: str) -> None:
        below = f"{path.removesuffix('.vrt')}.tif"
        write(below)
        with rasterio.open(below) as file, rasterio.open(_virtual(file, raster)) as virtual:
            rasterio.shutil.copy(virtual, path, driver="VRT")

    is_virtual = bool(raster.band_kinds)
    found = in_memory(".vrt", write_virtual) if is_virtual else in_memory(".tif", write)
    return replace(found, file=raster.file)


def _virtual(file: DatasetReader, raster: ArrayRaster) -> str:
    """Return the text of a virtual raster over a file, in which each band is of its own kind."""
    bands = ""
    for band, ((kind, fill), name) in enumerate(
        zip(raster.band_kinds, file.descriptions, strict=True), 1
    ):
        nodata = _nodata_of(fill, np.dtype(kind))
        value = "" if nodata is None else f"<NoDataValue>{nodata!r}</NoDataValue>"
        bands += (
            f'<VRTRasterBand dataType="{_gdal_typename(kind)}" band="{band}">{value}'
            f"<Description>{escape(name or '')}</Description><SimpleSource>"
            f'<SourceFilename relativeToVRT="0">{file.name}</SourceFilename>'
            f"<SourceBand>{band}</SourceBand></SimpleSource></VRTRasterBand>"
        )
    tags = "".join(
        f"<MDI key={quoteattr(key)}>{escape(text)}</MDI>" for key, text in raster.tags.items()
    )
    transform = ", ".join(map(repr, file.transform.to_gdal()))
    return (
        f'<VRTDataset rasterXSize="{file.width}" rasterYSize="{file.height}">'
        f"<SRS>{escape(file.crs.to_wkt())}</SRS><GeoTransform>{transform}</GeoTransform>"
        f'<Metadata>{tags}</Metadata><Metadata domain="{DECLARED}"><MDI key="nodata">1</MDI>'
        f'<MDI key="file">{escape(raster.file)}</MDI></Metadata>{bands}</VRTDataset>'
    )


def dated_path(dataset: DatasetReader) -> str:
    """Return the path whose names can have the date of a raster: that of its file."""
    declared = dataset.tags(ns=DECLARED) if dataset.name.startswith(_FOLDER) else {}
    return str(declared.get("file") or dataset.name)


def _bands(array: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_] | None]:
    """Return values (bands, rows, cols) and where any band is masked (rows, cols), or None."""
    if array.ndim not in (2, 3) or 0 in array.shape:
        msg = f"an array of shape {array.shape} is not a raster."
        raise RasterError(msg, advice="Give (bands, rows, cols) or (rows, cols).")
    bands = array if array.ndim == 3 else array[None]
    if bands.shape[0] > _MOST_BANDS >= bands.shape[-1]:
        msg = f"an array of shape {array.shape} would have {bands.shape[0]} bands."
        raise RasterError(msg, advice="Put the bands first: array.transpose(2, 0, 1).")
    if bands.dtype.kind not in "uifb":
        msg = f"an array of {bands.dtype} is not a raster."
        raise RasterError(msg, advice="Give integers or real numbers, such as uint8 or float32.")
    is_masked = np.ma.getmaskarray(bands).any(axis=0)
    mask = np.asarray(is_masked) if is_masked.any() else None
    values = np.ma.getdata(bands)
    if values.dtype.kind == "b":
        return values * np.uint8(255), mask
    narrow = {"float16": np.float32, "float128": np.float64}
    # GDAL takes the byte order of the machine only.
    kind = narrow.get(values.dtype.name, values.dtype.newbyteorder("="))
    return values.astype(kind, copy=False), mask


def _nodata_of(nodata: float | None, dtype: np.dtype[Any]) -> float | None:
    """Return a nodata value of a type; None if the type has no such value."""
    if nodata is None or dtype.kind == "f":
        return nodata
    limits = np.iinfo(dtype)
    return nodata if limits.min <= nodata <= limits.max else None


def in_memory(
    suffix: str, write: Callable[[str], object], folder: str | None = None
) -> RasterInput:
    """Return the file that ``write`` writes to a path in memory; it is removed with the input.

    Args:
        suffix: .tif or .vrt.
        write: receives the path.
        folder: folder in memory; None makes one.
    """
    owner = _MemoryFolder(folder or f"{_FOLDER}{uuid.uuid4().hex}")
    path = f"{owner.name}/array{suffix}"
    write(path)
    return RasterInput(path, owner)


class _MemoryFolder:
    """A folder in GDAL's memory, removed with this object."""

    def __init__(self, name: str) -> None:
        self.name = name
        weakref.finalize(self, _remove, self.name)


def _remove(folder: str) -> None:
    for suffix in (".tif", ".vrt"):
        path = f"{folder}/array{suffix}"
        if rasterio.shutil.exists(path):
            rasterio.shutil.delete(path)
