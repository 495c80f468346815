"""Pixels of a pair and of its label maps, from the files that the project refers to."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from mtrs_geo.craft.project.database import Project
from mtrs_geo.craft.project.pairs import file_sha256, image_path, label_path
from mtrs_geo.craft.project.records import Pair
from mtrs_geo.data.pixel_values import check_8_bits
from mtrs_geo.errors import RasterError
from mtrs_geo.types import Shape, UInt8Array

__all__ = [
    "GEOTIFFS",
    "Box",
    "Date",
    "date_path",
    "gsd_m",
    "image_shape",
    "is_unchanged",
    "label_shape",
    "read_date",
    "read_label",
    "window_of",
]

Box: TypeAlias = tuple[int, int, int, int]
"""Row and column of the first pixel, row and column after the last."""

Date: TypeAlias = Literal["before", "after"]

GEOTIFFS = (".tif", ".tiff")
"""Suffixes of images that are read by windows; others are read whole."""
T = TypeVar("T")
_MOST_CODE = 255
_PICTURES = ("PNG", "JPEG", "WEBP", "BMP")
_RGB = 3


def read_date(project: Project, pair: Pair, date: Date, box: Box | None = None) -> UInt8Array:
    """Return pixels of one date of a pair.

    Args:
        project: the project of the pair.
        pair: the pair.
        date: which image.
        box: the part of the pair that is read; all of it by default.

    Returns:
        (rows, cols, 3).

    Raises:
        RasterError: if the image cannot be read or is not the one that was added.
    """
    path = date_path(project, pair, date)
    if not is_unchanged(project, pair, date):
        msg = f"{path} has changed since it was added to {project.path.name}."
        raise RasterError(msg, advice="Put the old file back, or add the pair by another name.")
    return _read(path, _part(window_of(pair), box), "RGB")


def date_path(project: Project, pair: Pair, date: Date) -> Path:
    """Return the path of one date of a pair."""
    return image_path(project, pair.before if date == "before" else pair.after)


def is_unchanged(project: Project, pair: Pair, date: Date) -> bool:
    """Return whether the image of one date is the one that was added, by its checksum.

    Raises:
        RasterError: if the image cannot be read.
    """
    known = pair.before_sha256 if date == "before" else pair.after_sha256
    return file_sha256(date_path(project, pair, date)) == known


def read_label(project: Project, pair: Pair, kind: str, box: Box | None = None) -> UInt8Array:
    """Return pixels of a label map of a pair, (rows, cols).

    Raises:
        KeyError: if the pair has no such map.
        RasterError: if it cannot be read, or has another size than the pair.
    """
    path = label_path(project, pair, kind)
    if path is None:
        raise KeyError(kind)
    window = window_of(pair)
    try:
        whole = _read(path, window, "L")
    except FileNotFoundError as error:
        raise _unreadable(path, error) from error
    if whole.shape != (pair.rows, pair.cols):
        msg = f"{path} has {whole.shape} pixels, its pair {(pair.rows, pair.cols)}."
        raise RasterError(msg, advice="Use label maps of the size of the images.")
    return whole if box is None else whole[box[0] : box[2], box[1] : box[3]]


def image_shape(path: Path) -> Shape:
    """Return (rows, cols) of an image.

    Raises:
        RasterError: if it is no image, a picture of more than 8 bits, or a GeoTIFF that is not
            8-bit with three bands.
    """
    if path.suffix.lower() not in GEOTIFFS:

        def shape_of(image: Any) -> Shape:  # noqa: ANN401 - an image of Pillow
            check_8_bits(image, path)
            return image.height, image.width

        return _with_picture(path, shape_of)
    import rasterio

    try:
        with rasterio.open(path, driver="GTiff") as dataset:
            is_rgb = dataset.count >= _RGB and dataset.dtypes[0] == "uint8"
            shape = (int(dataset.height), int(dataset.width))
    except rasterio.RasterioIOError as error:
        raise _unreadable(path, error) from error
    if not is_rgb:
        msg = f"{path} is not an 8-bit image with red, green and blue."
        advice = "Convert it: gdal_translate -ot Byte -scale -b 3 -b 2 -b 1 in.tif out.tif"
        raise RasterError(msg, advice=advice)
    return shape


def label_shape(path: Path) -> Shape:
    """Return (rows, cols) of a label map.

    Raises:
        RasterError: if it cannot be read.
    """
    if path.suffix.lower() not in GEOTIFFS:
        return _with_picture(path, lambda image: (image.height, image.width))
    import rasterio

    try:
        with rasterio.open(path, driver="GTiff") as dataset:
            return (int(dataset.height), int(dataset.width))
    except rasterio.RasterioIOError as error:
        raise _unreadable(path, error) from error


def window_of(pair: Pair) -> Box:
    """Return the window of a pair in its images."""
    if pair.window is None:
        return (0, 0, pair.rows, pair.cols)
    top, left, bottom, right = json.loads(pair.window)
    return (int(top), int(left), int(bottom), int(right))


def gsd_m(pair: Pair) -> float | None:
    """Return the ground sample distance of a pair in metres; None without a georeference."""
    if pair.georeference is None:
        return None
    from affine import Affine
    from pyproj import CRS

    from mtrs_geo.grid import Grid

    known = json.loads(pair.georeference)
    transform = Affine(*known["transform"])
    grid = Grid(CRS.from_wkt(known["crs"]), transform, (pair.rows, pair.cols))
    width_m, height_m = grid.pixel_size_m()
    return (width_m + height_m) / 2


def _part(window: Box, box: Box | None) -> Box:
    if box is None:
        return window
    top, left = window[0], window[1]
    return (top + box[0], left + box[1], top + box[2], left + box[3])


def _read(path: Path, box: Box, mode: Literal["RGB", "L"]) -> UInt8Array:
    if path.suffix.lower() in GEOTIFFS:
        return _read_geotiff(path, box, mode)
    facts = path.stat()
    whole = _read_picture(path, mode, facts.st_size, facts.st_mtime_ns)
    return whole[box[0] : box[2], box[1] : box[3]]


def _read_geotiff(path: Path, box: Box, mode: str) -> UInt8Array:
    import rasterio
    from rasterio.windows import Window

    window = Window.from_slices((box[0], box[2]), (box[1], box[3]))
    try:
        # Only this driver: a file of another kind could refer to further files or servers.
        with rasterio.open(path, driver="GTiff") as dataset:
            pixels = dataset.read([1, 2, 3] if mode == "RGB" else 1, window=window)
            if mode == "L":
                pixels = _codes(pixels, dataset.nodata)
    except (rasterio.RasterioIOError, IndexError) as error:
        raise _unreadable(path, error) from error
    pixels = pixels.transpose(1, 2, 0) if mode == "RGB" else pixels
    return np.ascontiguousarray(pixels, np.uint8)


def _codes(pixels: npt.NDArray[Any], nodata: float | None = None) -> UInt8Array:
    """Return the values (rows, cols) of a label map as bytes; nodata is 0, which is nothing."""
    known = np.where(np.isnan(pixels) | (pixels == nodata), 0, pixels)
    return np.clip(np.ceil(known), 0, _MOST_CODE).astype(np.uint8)


@lru_cache(maxsize=8)
def _read_picture(path: Path, mode: str, _size: int, _modified: int) -> UInt8Array:
    use = _label_codes if mode == "L" else lambda image: np.array(image.convert(mode))
    pixels: UInt8Array = _with_picture(path, use)
    pixels.flags.writeable = False
    return pixels


def _label_codes(image: Any) -> UInt8Array:  # noqa: ANN401 - an image of Pillow
    """Return the values (rows, cols) of a label map: of a palette the indices, not the colours."""
    if image.mode == "P" or image.mode[0] in "IF":
        return _codes(np.asarray(image))
    pixels = np.array(image.convert("L"))
    # Lossy compression leaves a hem of small values around each shape.
    return np.where(pixels > _MOST_CODE // 2, pixels, 0) if image.format == "JPEG" else pixels


def _with_picture(path: Path, use: Callable[[Any], T]) -> T:
    from PIL import Image

    try:
        with Image.open(path, formats=_PICTURES) as image:
            return use(image)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, RasterError):
            raise
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> RasterError:
    return RasterError(
        f"{path} cannot be read as an image: {error}.", advice="Replace the file, or leave it out."
    )
