"""Augmentation of a pair: crop, zoom, rotation, flip, swap of the dates, colour, blur, noise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from scipy import ndimage

from mtrs_geo.class_codes import APPEAR, CHANGED, DISAPPEAR
from mtrs_geo.data.datasets.changes import Pair
from mtrs_geo.types import FloatArray, UInt8Array

__all__ = ["Augmentation", "augment_dates", "augment_image", "random_crop", "swap_dates"]

_Resampling: TypeAlias = Literal["BILINEAR", "NEAREST"]
"""Names of Pillow's resampling methods."""


@dataclass(frozen=True)
class Augmentation:
    """Crop size and strength of the augmentation."""

    crop_px: int = 256
    zoom: tuple[float, float] = (0.7, 1.4)
    rotate: float = 0.5
    """Share of pairs rotated by any angle, if they are large enough; quarter turns: all pairs."""
    swap: float = 0.4
    """Share of pairs whose dates are swapped."""
    colour: float = 0.7
    """Share of images with colour jitter: brightness, contrast, saturation, colour cast, haze."""
    blur: float = 0.15
    """Share of images that are blurred."""
    shift_px: int = 2
    """Largest misregistration of the dates, in pixels."""
    style: float = 0.0
    """Share of the real crops that get the colours and light of another pair (`style`)."""


def swap_dates(pair: Pair) -> Pair:
    """Return the pair with its dates swapped: appeared becomes disappeared and vice versa."""
    table = np.arange(256, dtype=np.uint8)
    table[APPEAR], table[DISAPPEAR] = DISAPPEAR, APPEAR
    ground = None if pair.ground is None else pair.ground[..., ::-1]
    return replace(
        pair, before=pair.after, after=pair.before, label=table[pair.label], ground=ground
    )


def random_crop(pair: Pair, augmentation: Augmentation, rng: np.random.Generator) -> Pair:
    """Return a zoomed, rotated crop (crop_px, crop_px), with its dates swapped or not."""
    pair = _flip_rotate(_cut(pair, augmentation, rng), rng)
    return swap_dates(pair) if rng.random() < augmentation.swap else pair


def augment_dates(pair: Pair, augmentation: Augmentation, rng: np.random.Generator) -> Pair:
    """Return a pair with each date augmented by itself and one of them shifted or not.

    The shifted date is one that shows no labelled outline, so that labels stay exact: the earlier
    one where things only appear, else the later one.  Where things also disappear, where the
    direction is not known and where ground changes, both dates show outlines: neither is shifted.
    """
    before, after = pair.before, pair.after
    if _is_unknown_or_both(pair):
        pass
    elif (pair.label == APPEAR).any():
        before = _shift(before, augmentation, rng)
    else:
        after = _shift(after, augmentation, rng)
    return replace(
        pair,
        before=augment_image(before, rng, augmentation),
        after=augment_image(after, rng, augmentation),
    )


def _is_unknown_or_both(pair: Pair) -> bool:
    """Whether outlines of changes may lie at both dates."""
    if pair.ground is not None and (pair.ground[..., 0] != pair.ground[..., 1]).any():
        return True
    has = {code: bool((pair.label == code).any()) for code in (APPEAR, DISAPPEAR, CHANGED)}
    return has[CHANGED] or (has[APPEAR] and has[DISAPPEAR])


def _cut(pair: Pair, augmentation: Augmentation, rng: np.random.Generator) -> Pair:
    crop_px = augmentation.crop_px
    side = round(crop_px / rng.uniform(*augmentation.zoom))
    angle = rng.uniform(-np.pi / 4, np.pi / 4)
    if rng.random() < augmentation.rotate and side * 1.5 < min(pair.label.shape):
        return _rotated_crop(pair, side, angle, crop_px, rng)
    side = min(side, *pair.label.shape)
    row = rng.integers(pair.label.shape[0] - side + 1)
    col = rng.integers(pair.label.shape[1] - side + 1)
    window = slice(row, row + side), slice(col, col + side)
    return _transform(
        pair,
        lambda image: _resize(image[window], crop_px, "BILINEAR"),
        lambda labels: _resize(labels[window], crop_px, "NEAREST"),
    )


def _transform(
    pair: Pair,
    image: Callable[[UInt8Array], UInt8Array],
    labels: Callable[[UInt8Array], UInt8Array],
) -> Pair:
    """Return the pair with its images and its maps of labels (H, W) transformed."""
    ground = pair.ground
    if ground is not None:
        ground = np.stack([labels(ground[..., date]) for date in range(2)], axis=-1)
    return replace(
        pair,
        before=image(pair.before),
        after=image(pair.after),
        label=labels(pair.label),
        ground=ground,
    )


def _rotated_crop(
    pair: Pair, side: int, angle: float, crop_px: int, rng: np.random.Generator
) -> Pair:
    # The window contains the circle around the rotated crop, so that no corner is empty.
    radius = side / 2**0.5 + 1
    row, col = (rng.uniform(radius, length - radius) for length in pair.label.shape)
    top, left = int(row - radius), int(col - radius)
    window = slice(top, int(row + radius) + 1), slice(left, int(col + radius) + 1)
    row, col = row - top, col - left
    step = side / crop_px
    cos, sin = step * np.cos(angle), step * np.sin(angle)
    middle = crop_px / 2
    affine = (cos, -sin, col - middle * (cos - sin), sin, cos, row - middle * (sin + cos))
    return _transform(
        pair,
        lambda image: _warp(image[window], affine, crop_px, "BILINEAR"),
        lambda labels: _warp(labels[window], affine, crop_px, "NEAREST"),
    )


def _warp(
    image: UInt8Array, affine: tuple[float, ...], side: int, resampling: _Resampling
) -> UInt8Array:
    from PIL import Image

    size, method = (side, side), Image.Transform.AFFINE
    picture = Image.fromarray(image)
    return np.asarray(picture.transform(size, method, affine, Image.Resampling[resampling]))


def _resize(image: UInt8Array, side: int, resampling: _Resampling) -> UInt8Array:
    from PIL import Image

    if image.shape[0] == side:
        return image
    return np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling[resampling]))


def _flip_rotate(pair: Pair, rng: np.random.Generator) -> Pair:
    quarters, is_mirrored = int(rng.integers(4)), rng.random() < 0.5

    def transform(image: UInt8Array) -> UInt8Array:
        rotated = np.rot90(image, quarters)
        return np.ascontiguousarray(rotated[:, ::-1] if is_mirrored else rotated)

    return _transform(pair, transform, transform)


def _shift(image: UInt8Array, augmentation: Augmentation, rng: np.random.Generator) -> UInt8Array:
    if not augmentation.shift_px or rng.random() < 0.5:
        return image
    pad = augmentation.shift_px
    rows, cols = rng.integers(-pad, pad + 1, size=2)
    padded = np.pad(image, ((pad, pad), (pad, pad), (0, 0)), mode="edge")
    return padded[pad + rows :, pad + cols :][: image.shape[0], : image.shape[1]]


def augment_image(
    image: UInt8Array, rng: np.random.Generator, augmentation: Augmentation | None = None
) -> UInt8Array:
    """Return an image (H, W, 3) with random colour jitter, haze, blur and noise."""
    augmentation = augmentation or Augmentation()
    values = image.astype(np.float32)
    if rng.random() < augmentation.colour:
        matrix, offset = _colour_transform(image.mean((0, 1), dtype=np.float32), rng)
        values = values @ matrix + offset
    if rng.random() < augmentation.blur:
        sigma = rng.uniform(0.4, 1.0)
        values = ndimage.gaussian_filter(values, (sigma, sigma, 0))
    if rng.random() < 0.2:
        noise = rng.standard_normal(values.shape, dtype=np.float32)
        noise *= rng.uniform(1, 6)
        values += noise
    return values.clip(0, 255, out=values).astype(np.uint8)


def _colour_transform(mean: FloatArray, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Return a random colour transform: a matrix (3, 3) for row vectors and an offset (3,)."""
    gain = rng.uniform(0.7, 1.35) * rng.uniform(0.92, 1.08, 3)
    contrast = rng.uniform(0.75, 1.25)
    scale, offset = contrast * gain, mean * (1 - contrast) * gain + rng.uniform(-12, 12)
    if rng.random() < 0.2:
        haze = rng.uniform(0.1, 0.35)
        scale, offset = scale * (1 - haze), offset * (1 - haze) + 225 * haze
    saturation = rng.uniform(0.5, 1.4)
    mixed = saturation * np.eye(3) + (1 - saturation) / 3
    return (scale[:, None] * mixed).astype(np.float32), (offset @ mixed).astype(np.float32)
