"""Augmentation of one pair: crop, zoom, turns, flips, swap of the dates, light and haze."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from scipy import ndimage

from mtrs_geo.class_codes import APPEAR, DISAPPEAR
from mtrs_geo.data.datasets.changes import Pair
from mtrs_geo.types import FloatArray, UInt8Array

__all__ = ["Augmentation", "crop", "swap_dates", "vary", "vary_dates"]

_How: TypeAlias = Literal["BILINEAR", "NEAREST"]
"""Names of Pillow's resampling."""


@dataclass(frozen=True)
class Augmentation:
    """How strongly pairs are varied."""

    crop_px: int = 256
    zoom: tuple[float, float] = (0.7, 1.4)
    turn: float = 0.5
    """Share of pairs turned by any angle where they are large enough; all by quarters."""
    swap: float = 0.4
    """Share of pairs whose dates are exchanged."""
    light: float = 0.7
    """Share of images with another brightness, contrast and colour cast."""
    blur: float = 0.15
    shift_px: int = 2
    """Largest misregistration of the later date."""


def swap_dates(pair: Pair) -> Pair:
    """Return the pair with its dates exchanged: what appeared has disappeared."""
    table = np.arange(256, dtype=np.uint8)
    table[APPEAR], table[DISAPPEAR] = DISAPPEAR, APPEAR
    return replace(pair, before=pair.after, after=pair.before, label=table[pair.label])


def crop(pair: Pair, options: Augmentation, rng: np.random.Generator) -> Pair:
    """Return a zoomed, turned crop of ``options.crop_px`` squared, its dates perhaps swapped."""
    pair = _turn(_cut(pair, options, rng), rng)
    return swap_dates(pair) if rng.random() < options.swap else pair


def vary_dates(pair: Pair, options: Augmentation, rng: np.random.Generator) -> Pair:
    """Return both dates in another light, the later one perhaps out of register."""
    return replace(
        pair,
        before=vary(pair.before, rng, options),
        after=vary(_shift(pair.after, options, rng), rng, options),
    )


def _cut(pair: Pair, options: Augmentation, rng: np.random.Generator) -> Pair:
    side = round(options.crop_px / rng.uniform(*options.zoom))
    angle = rng.uniform(-np.pi / 4, np.pi / 4)
    if rng.random() < options.turn and side * 1.5 < min(pair.label.shape):
        return _turned_crop(pair, side, angle, options.crop_px, rng)
    side = min(side, *pair.label.shape)
    row = rng.integers(pair.label.shape[0] - side + 1)
    col = rng.integers(pair.label.shape[1] - side + 1)
    area = slice(row, row + side), slice(col, col + side)
    return replace(
        pair,
        before=_resize(pair.before[area], options.crop_px, "BILINEAR"),
        after=_resize(pair.after[area], options.crop_px, "BILINEAR"),
        label=_resize(pair.label[area], options.crop_px, "NEAREST"),
    )


def _turned_crop(
    pair: Pair, side: int, angle: float, crop_px: int, rng: np.random.Generator
) -> Pair:
    # A square within the circle that the turned crop needs, so that no corner is empty.
    reach = side / 2**0.5 + 1
    row, col = (rng.uniform(reach, length - reach) for length in pair.label.shape)
    top, left = int(row - reach), int(col - reach)
    area = slice(top, int(row + reach) + 1), slice(left, int(col + reach) + 1)
    row, col = row - top, col - left
    step = side / crop_px
    cos, sin = step * np.cos(angle), step * np.sin(angle)
    middle = crop_px / 2
    affine = (cos, -sin, col - middle * (cos - sin), sin, cos, row - middle * (sin + cos))
    return replace(
        pair,
        before=_sampled(pair.before[area], affine, crop_px, "BILINEAR"),
        after=_sampled(pair.after[area], affine, crop_px, "BILINEAR"),
        label=_sampled(pair.label[area], affine, crop_px, "NEAREST"),
    )


def _sampled(image: UInt8Array, affine: tuple[float, ...], side: int, how: _How) -> UInt8Array:
    from PIL import Image

    size, how_to_read = (side, side), Image.Transform.AFFINE
    picture = Image.fromarray(image)
    return np.asarray(picture.transform(size, how_to_read, affine, Image.Resampling[how]))


def _resize(image: UInt8Array, side: int, how: _How) -> UInt8Array:
    from PIL import Image

    if image.shape[0] == side:
        return image
    return np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling[how]))


def _turn(pair: Pair, rng: np.random.Generator) -> Pair:
    quarter, mirror = int(rng.integers(4)), rng.random() < 0.5

    def turn(image: UInt8Array) -> UInt8Array:
        turned = np.rot90(image, quarter)
        return np.ascontiguousarray(turned[:, ::-1] if mirror else turned)

    return replace(pair, before=turn(pair.before), after=turn(pair.after), label=turn(pair.label))


def _shift(image: UInt8Array, options: Augmentation, rng: np.random.Generator) -> UInt8Array:
    if not options.shift_px or rng.random() < 0.5:
        return image
    rows, cols = rng.integers(-options.shift_px, options.shift_px + 1, size=2)
    pad = options.shift_px
    padded = np.pad(image, ((pad, pad), (pad, pad), (0, 0)), mode="edge")
    return padded[pad + rows :, pad + cols :][: image.shape[0], : image.shape[1]]


def vary(
    image: UInt8Array, rng: np.random.Generator, options: Augmentation | None = None
) -> UInt8Array:
    """Return an image (H, W, 3) in another light, haze, blur or noise."""
    options = options or Augmentation()
    values = image.astype(np.float32)
    if rng.random() < options.light:
        colours, offset = _light(image.mean((0, 1), dtype=np.float32), rng)
        values = values @ colours + offset
    if rng.random() < options.blur:
        sigma = rng.uniform(0.4, 1.0)
        values = ndimage.gaussian_filter(values, (sigma, sigma, 0))
    if rng.random() < 0.2:
        grain = rng.standard_normal(values.shape, dtype=np.float32)
        grain *= rng.uniform(1, 6)
        values += grain
    return values.clip(0, 255, out=values).astype(np.uint8)


def _light(mean: FloatArray, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Return another light as a matrix (3, 3) for colours in rows, and an offset (3,)."""
    gain = rng.uniform(0.7, 1.35) * rng.uniform(0.92, 1.08, 3)
    contrast = rng.uniform(0.75, 1.25)
    scale, offset = contrast * gain, mean * (1 - contrast) * gain + rng.uniform(-12, 12)
    if rng.random() < 0.2:
        haze = rng.uniform(0.1, 0.35)
        scale, offset = scale * (1 - haze), offset * (1 - haze) + 225 * haze
    saturation = rng.uniform(0.5, 1.4)
    mixed = saturation * np.eye(3) + (1 - saturation) / 3
    return (scale[:, None] * mixed).astype(np.float32), (offset @ mixed).astype(np.float32)
