"""Jitter of one date: season, colour, haze, noise and a shift, without any change."""

from __future__ import annotations

from math import floor

import numpy as np
from scipy import ndimage

from mtrs_geo.class_codes import VEGETATION
from mtrs_geo.types import UInt8Array

__all__ = ["jitter_colour", "jitter_season", "shift_image"]

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
_UNIFORM_STD = 74
"""Standard deviation of integers drawn uniformly from -128 to 127."""


def jitter_season(image: UInt8Array, classes: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    """Return an image with the vegetation of another season; other pixels hardly change.

    Args:
        image: (H, W, 3).
        classes: class map (H, W).
        rng: random generator.
    """
    step = 2
    small = image[::step, ::step].astype(np.float32)
    red, green, blue = small[..., 0], small[..., 1], small[..., 2]
    total = red + green + blue
    weight = ((3 * green - total) / (total + 30) * 8).clip(0, 1)
    weight = np.maximum(weight, 0.6 * (classes[::step, ::step] == VEGETATION))
    weight = ndimage.uniform_filter(weight.astype(np.float32), 3)
    weight = np.repeat(np.repeat(weight, step, 0), step, 1)[: image.shape[0], : image.shape[1]]
    factor = _SEASONS[rng.integers(len(_SEASONS))] ** np.float32(rng.uniform(0.4, 1.1))
    jittered = np.empty_like(image)
    for band in range(3):
        values = image[..., band] * (1 + weight * (factor[band] - 1))
        jittered[..., band] = np.minimum(values, 255)
    return jittered


def jitter_colour(image: UInt8Array, rng: np.random.Generator, *, noise_std: float) -> UInt8Array:
    """Return an image with other brightness, contrast, colour cast and haze, and with noise.

    Args:
        image: (H, W, 3).
        rng: random generator.
        noise_std: standard deviation of the noise, in grey levels.
    """
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
    jittered = np.asarray(Image.fromarray(image).point(table.T.ravel().tolist()))
    if noise_std <= 0:
        return jittered
    noise = rng.integers(-128, 128, jittered.shape, dtype=np.int8)
    noisy = noise * np.float32(noise_std / _UNIFORM_STD)
    noisy += jittered
    np.clip(noisy, 0, 255, out=noisy)
    return noisy.astype(np.uint8)


def shift_image(image: UInt8Array, rows_px: float, cols_px: float) -> UInt8Array:
    """Return an image shifted by whole or fractional pixels; edge pixels are repeated."""
    from PIL import Image

    height, width = image.shape[:2]
    row, col = floor(rows_px), floor(cols_px)
    pad = max(abs(row), abs(row + 1), abs(col), abs(col + 1))
    padded = Image.fromarray(np.pad(image, ((pad, pad), (pad, pad), (0, 0)), mode="edge"))

    def shifted(rows: int, cols: int, crop_width: int) -> Image.Image:
        left, top = pad - cols, pad - rows
        return padded.crop((left, top, left + crop_width, top + height))

    # Blending whole shifts is bilinear interpolation at a third of the cost of a transform.
    by_rows = Image.blend(
        shifted(row, col + 1, width + 1), shifted(row + 1, col + 1, width + 1), rows_px - row
    )
    one, two = by_rows.crop((1, 0, width + 1, height)), by_rows.crop((0, 0, width, height))
    return np.asarray(Image.blend(one, two, cols_px - col))
