"""Decide whether a band that is tagged alpha is a mask.

GDAL tags the fourth of four byte bands as alpha, also where it is near infrared, whose zeros are
water and deep shadow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from rasterio.enums import ColorInterp
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window as RasterioWindow

from mtrs_geo.errors import RasterError
from mtrs_geo.io.band_names import is_generic

__all__ = ["Alpha", "find_alpha"]

_WORDS = re.compile(r"alpha|mask|opaci|transparen|valid|cover", re.IGNORECASE)
_OPAQUE = (1, 255, 65535)
"""Values of valid pixels in masks; all other values but 0 are partly transparent."""
_MOST_PARTIAL = 0.1
"""Highest share of partly transparent pixels in a mask, as at its soft edges."""
_SAMPLE_PX = 512
_WINDOWS, _WINDOW_PX = 5, 64


@dataclass(frozen=True)
class Alpha:
    """A band that is tagged alpha."""

    number: int
    """Number of the band, counted from 1."""
    is_mask: bool
    is_certain: bool
    """Whether it is a mask, or its description says that it is none."""
    message: str


def find_alpha(dataset: DatasetReader, name: str) -> Alpha | None:
    """Return the band that is tagged alpha; None if there is none.

    It is a mask if its description says so, or if it has none and nearly all of its values are
    0 or fully opaque.

    Args:
        dataset: open raster.
        name: file name for the message.

    Raises:
        RasterError: if the band cannot be read.
    """
    interps: list[Any] = list(dataset.colorinterp)
    if ColorInterp.alpha not in interps:
        return None
    number = interps.index(ColorInterp.alpha) + 1
    description = dataset.descriptions[number - 1] or ""
    if not is_generic(description):
        is_mask, is_certain = _WORDS.search(description) is not None, True
        reason = f"it is described as {description!r}"
    else:
        is_mask, is_certain = _has_mask_values(dataset, number, name), False
        reason = "its values are those of an image band, such as near infrared"
    message = (
        f"{name}: the alpha band {number} is the mask; 0 is nodata."
        if is_mask
        else f"{name}: band {number} is tagged alpha, but {reason}. It is not used as a mask."
    )
    return Alpha(number, is_mask, is_certain or is_mask, message)


def _has_mask_values(dataset: DatasetReader, number: int, name: str) -> bool:
    try:
        values = _sample(dataset, number)
    except RasterioError as error:
        msg = f"{name} is damaged: it cannot be read ({error})."
        raise RasterError(msg, advice="Copy the file again.") from error
    is_partial = (values != 0) & ~np.isin(values, _OPAQUE)
    return float(is_partial.mean()) <= _MOST_PARTIAL


def _sample(dataset: DatasetReader, number: int) -> np.ndarray[Any, Any]:
    """Return values of a band in windows spread over the raster.

    Overviews are not used, as they can be empty or those of another raster.
    """
    rows, cols = dataset.shape
    if max(rows, cols) <= _SAMPLE_PX:
        return np.asarray(dataset.read(number)).ravel()
    height, width = min(rows, _WINDOW_PX), min(cols, _WINDOW_PX)
    windows = [
        dataset.read(number, window=RasterioWindow(col, row, width, height))
        for row in np.linspace(0, rows - height, _WINDOWS, dtype=int)
        for col in np.linspace(0, cols - width, _WINDOWS, dtype=int)
    ]
    return np.concatenate([window.ravel() for window in windows])
