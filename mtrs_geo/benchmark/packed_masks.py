"""Masks as bytes: one bit per pixel, compressed."""

from __future__ import annotations

import struct
import zlib

import numpy as np

from mtrs_geo.types import BoolArray

__all__ = ["is_packed_mask", "pack_mask", "unpack_mask"]

_HEAD = struct.Struct("<II")


def pack_mask(mask: BoolArray) -> bytes:
    """Return a mask (rows, cols) as bytes; equal masks give equal bytes."""
    return _HEAD.pack(*mask.shape) + zlib.compress(np.packbits(mask).tobytes(), 6)


def is_packed_mask(packed: bytes) -> bool:
    """Return whether bytes are those of a whole mask."""
    try:
        unpack_mask(packed)
    except (struct.error, zlib.error, ValueError):
        return False
    return True


def unpack_mask(packed: bytes) -> BoolArray:
    """Return the mask (rows, cols) of `pack_mask`."""
    rows, cols = _HEAD.unpack_from(packed)
    bits = np.frombuffer(zlib.decompress(packed[_HEAD.size :]), np.uint8)
    mask: BoolArray = np.unpackbits(bits, count=rows * cols).astype(np.bool_).reshape(rows, cols)
    return mask
