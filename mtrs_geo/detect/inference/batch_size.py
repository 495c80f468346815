"""How many tiles are answered together, where the user does not say."""

from __future__ import annotations

import math

from mtrs_geo.models import ModelInfo
from mtrs_geo.models.runtime.free_memory import free_bytes

__all__ = ["CPU_TILES", "choose_batch_size"]

CPU_TILES = 4
"""More together are not faster on a CPU, and each is answered again if the run is killed:
docs/speed.md."""
_GPU_TILES, _GPU_PIXELS = 64, 64 * 256 * 256
"""Tiles, and pixels of tiles, that keep a large GPU busy: 64 tiles of tiny, 4 of base."""
_SHARE = 0.5
"""Of the free memory: rasters, polygons and other programs need some of it as well."""
_ANSWER_BYTES = 4 * 4
"""Per pixel of a probability: the model's own, joined, on its way, and being written."""
_PIXEL_BYTES = 3 * 3
"""Per pixel of a date: three bands; one batch is being read, one waits, one is answered."""


def choose_batch_size(
    info: ModelInfo, tile_shape: tuple[int, int], dates: int, pairs: int, prompts: int
) -> int:
    """Return the tiles per forward pass: what pays on the device, or less if memory is short.

    It is a power of two, so that runs on one machine have the same batches unless its free memory
    differs by half.  A model that does not say what memory it takes gets what pays.

    Args:
        info: of the model.
        tile_shape: (rows, cols).
        dates: number of dates of the stack.
        pairs: number of pairs of dates.
        prompts: number of prompts.
    """
    pixels = math.prod(tile_shape)
    pays = CPU_TILES
    if info.device.startswith("cuda"):
        pays = max(1, min(_GPU_TILES, _GPU_PIXELS // pixels))
    free = free_bytes(info.device) if info.pass_bytes else None
    if free is None:
        return _power_of_two(pays)
    # A model that encodes dates keeps the features of each until its last pair.
    per_pixel = info.pass_bytes * dates / 2 + info.pass_bytes_per_query * (prompts - 1)
    per_pixel += _PIXEL_BYTES * dates + _ANSWER_BYTES * pairs * prompts
    return _power_of_two(min(pays, int(_SHARE * free / (per_pixel * pixels))))


def _power_of_two(most: int) -> int:
    """Return the largest power of two up to a number, at least 1."""
    return 1 << (max(1, most).bit_length() - 1)
