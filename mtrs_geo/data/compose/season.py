"""What differs between two dates where nothing changed: season, light, haze, noise, shift."""

from __future__ import annotations

from math import floor

import numpy as np
from scipy import ndimage

from mtrs_geo.class_codes import VEGETATION
from mtrs_geo.types import UInt8Array

__all__ = ["displace", "relight", "reseason"]

_SEASONS = np.array(
    [
        [1.12, 1.00, 0.88],  # dry
        [1.22, 1.02, 0.82],  # autumn
        [1.10, 1.04, 1.06],  # bare
        [0.82, 0.95, 0.80],  # lush
        [0.78, 0.80, 0.82],  # wet
    ],
    np.float32,
)
"""Factors of red, green and blue of vegetation."""
_NOISE = 74
"""Deviation of whole numbers drawn evenly from a byte."""


def reseason(image: UInt8Array, classes: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    """Return an image with its vegetation at another season; the rest barely moves."""
    step = 2
    small = image[::step, ::step].astype(np.float32)
    red, green, blue = small[..., 0], small[..., 1], small[..., 2]
    total = red + green + blue
    weight = ((3 * green - total) / (total + 30) * 8).clip(0, 1)
    weight = np.maximum(weight, 0.6 * (classes[::step, ::step] == VEGETATION))
    weight = ndimage.uniform_filter(weight.astype(np.float32), 3)
    weight = np.repeat(np.repeat(weight, step, 0), step, 1)[: image.shape[0], : image.shape[1]]
    factor = _SEASONS[rng.integers(len(_SEASONS))] ** np.float32(rng.uniform(0.4, 1.1))
    varied = np.empty_like(image)
    for band in range(3):
        moved = image[..., band] * (1 + weight * (factor[band] - 1))
        varied[..., band] = np.minimum(moved, 255)
    return varied


def relight(image: UInt8Array, rng: np.random.Generator, *, grain: float) -> UInt8Array:
    """Return an image with another brightness, contrast, cast and haze, and with noise."""
    from PIL import Image

    level = np.arange(256, dtype=np.float32)
    mean = float(image[::4, ::4].mean())
    contrast, gain = rng.uniform(0.82, 1.2), rng.uniform(0.78, 1.28)
    curve = ((level - mean) * contrast + mean) * gain + rng.uniform(-8, 8)
    if rng.random() < 0.2:
        haze = rng.uniform(0.05, 0.3)
        curve = curve * (1 - haze) + 222 * haze
    cast = rng.uniform(0.94, 1.06, 3)
    table = (curve[:, None] * cast).clip(0, 255).astype(np.uint8)  # (256, 3)
    varied = np.asarray(Image.fromarray(image).point(table.T.ravel().tolist()))
    if grain <= 0:
        return varied
    noise = rng.integers(-128, 128, varied.shape, dtype=np.int8)
    noisy = noise * np.float32(grain / _NOISE)
    noisy += varied
    np.clip(noisy, 0, 255, out=noisy)
    return noisy.astype(np.uint8)


def displace(image: UInt8Array, rows_px: float, cols_px: float) -> UInt8Array:
    """Return an image moved by a part of a pixel or more; its edge is repeated."""
    from PIL import Image

    height, width = image.shape[:2]
    row, col = floor(rows_px), floor(cols_px)
    pad = max(abs(row), abs(row + 1), abs(col), abs(col + 1))
    padded = Image.fromarray(np.pad(image, ((pad, pad), (pad, pad), (0, 0)), mode="edge"))

    def moved(rows: int, cols: int, wide: int) -> Image.Image:
        left, top = pad - cols, pad - rows
        return padded.crop((left, top, left + wide, top + height))

    # Blending whole shifts is bilinear interpolation, at a third of a transform's cost.
    upright = Image.blend(
        moved(row, col + 1, width + 1), moved(row + 1, col + 1, width + 1), rows_px - row
    )
    one, two = upright.crop((1, 0, width + 1, height)), upright.crop((0, 0, width, height))
    return np.asarray(Image.blend(one, two, cols_px - col))
