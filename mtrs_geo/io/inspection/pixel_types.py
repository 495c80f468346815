"""Types of pixel values that need more than a cast: complex, palettes, few bits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rasterio.enums import ColorInterp
from rasterio.io import DatasetReader

from mtrs_geo.errors import RasterError
from mtrs_geo.types import UInt8Array

__all__ = ["check_pixel_type", "common_type", "has_equal_nodata", "palette_of", "top_value"]

_PALETTE_TYPES = {"uint8": 1 << 8, "uint16": 1 << 16}
"""Type of the values of a paletted raster to the number of its values."""
_OPAQUE = 255


def check_pixel_type(dataset: DatasetReader, name: str) -> None:
    """Refuse complex values, which are no image until their amplitude is computed.

    Raises:
        RasterError: if a band has complex values.
    """
    for number, dtype in enumerate(dataset.dtypes, 1):
        if "complex" in dtype:
            msg = f"band {number} of {name} has complex values ({dtype}), as radar data have."
            advice = (
                "Compute the amplitude first, for example with "
                f"`gdal_calc.py -A {name} --calc='abs(A)' --outfile=amplitude.tif`."
            )
            raise RasterError(msg, advice=advice)


def common_type(dataset: DatasetReader, bands: Sequence[int]) -> str:
    """Return a type that has the values of all bands; those of a VRT may differ in type.

    Args:
        dataset: open raster.
        bands: numbers of the bands, counted from 1.
    """
    return str(np.result_type(*(dataset.dtypes[band - 1] for band in bands)).name)


def has_equal_nodata(dataset: DatasetReader, bands: Sequence[int]) -> bool:
    """Return whether bands have the same nodata value, or none of them has one.

    Those of a VRT, or with metadata in an .aux.xml file, may differ.

    Args:
        dataset: open raster.
        bands: numbers of the bands, counted from 1.
    """
    return len({repr(dataset.nodatavals[band - 1]) for band in bands}) == 1


def palette_of(dataset: DatasetReader, bands: Sequence[int]) -> UInt8Array | None:
    """Return (values, 4): red, green, blue and alpha per value; None if there is no palette.

    Args:
        dataset: open raster.
        bands: numbers of the bands that are read, counted from 1; several have no palette.
    """
    band = bands[0]
    size = _PALETTE_TYPES.get(dataset.dtypes[band - 1])
    is_palette = dataset.colorinterp[band - 1] == ColorInterp.palette
    if not is_palette or size is None or len(set(bands)) > 1:
        return None
    colours = np.zeros((size, 4), np.uint8)
    colours[:, 3] = _OPAQUE
    for value, colour in dataset.colormap(band).items():
        if value < size:
            colours[value] = (*colour, _OPAQUE)[:4]
    return colours


def top_value(dataset: DatasetReader, bands: Sequence[int]) -> int | None:
    """Return the largest value of bytes of which fewer than 8 bits are used, else None.

    Args:
        dataset: open raster.
        bands: numbers of the bands that are read, counted from 1.
    """
    tops = []
    for band in set(bands):
        bits = dataset.tags(band, ns="IMAGE_STRUCTURE").get("NBITS", "")
        if dataset.dtypes[band - 1] != "uint8" or not bits.isdigit() or not 1 <= int(bits) < 8:
            return None
        tops.append((1 << int(bits)) - 1)
    return max(tops)
