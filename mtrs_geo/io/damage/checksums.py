"""A part of the checksum of a deflated block of a TIFF, from its pixels."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["byte_sum", "stored_byte_sum"]

_LOW_HALF = 0xFFFF


def byte_sum(values: npt.NDArray[Any], predictor: str = "1") -> int:
    """Return the sum of the bytes of a block before deflation: the low half of their Adler-32.

    It is the same for all orders of the samples, so that they need not be sorted by pixel.  GDAL
    accepts a stream that would give more bytes than the block has without a look at its checksum;
    of such damage this half misses one case in 65,521.

    Args:
        values: (bands, rows, cols) of the block; the samples of a pixel follow each other in it.
        predictor: of the TIFF: 1 stores samples; 2 the differences of neighbours; 3 sorts the
            bytes of each row by significance, then stores the differences of bytes.  Source: TIFF
            Technical Note 3.
    """
    if predictor == "3":
        values = _sorted_bytes(np.ascontiguousarray(values.transpose(1, 2, 0)))
    elif predictor == "2":
        values = _differences(values.view(f"u{values.itemsize}"))
    return zlib.adler32(np.ascontiguousarray(values).data.cast("B")) & _LOW_HALF


def stored_byte_sum(end: bytes) -> int:
    """Return the sum that a deflated block stores in its last four bytes."""
    return int.from_bytes(end, "big") & _LOW_HALF


def _differences(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the difference of each value from its left neighbour, modulo the largest value."""
    differences = np.empty_like(values)
    differences[..., 0] = values[..., 0]
    np.subtract(values[..., 1:], values[..., :-1], out=differences[..., 1:])
    return differences


def _sorted_bytes(samples: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return samples (rows, cols, bands) as predictor 3 stores them."""
    rows, _, count = samples.shape
    bytes_ = samples.reshape(rows, -1, 1).view(np.uint8)[..., ::-1]
    sorted_bytes = bytes_.transpose(0, 2, 1).reshape(rows, -1)
    stored = sorted_bytes.copy()
    stored[:, count:] -= sorted_bytes[:, :-count]
    return stored
