"""Disturbances of images: pixel grid, dates, bands, light, haze, compression and noise.

Those of colour are in `mtrs_geo.benchmark.stress.colour_axes`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mtrs_geo.benchmark.stress.axis import Axis
from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["IMAGE_AXES"]

_HAZE = 215.0
"""Grey value of haze."""
_MIDDLE = 110.0
"""Grey value that a change of contrast leaves as it is."""


def translated(pair: ReferringPair, pixels: float, rng: np.random.Generator) -> ReferringPair:
    """Cut rows and columns from the upper and left side, as another tile grid would.

    Raises:
        ValueError: if nothing would be left.
    """
    cut = int(pixels)
    if cut >= min(pair.after.shape[:2]):
        msg = f"the images have {pair.after.shape[:2]} pixels, not more than {cut}"
        raise ValueError(msg)
    before, after = pair.before[cut:, cut:], pair.after[cut:, cut:]
    return replace(pair, before=before, after=after, masks=pair.masks[:, cut:, cut:])


def swapped(pair: ReferringPair, level: float, rng: np.random.Generator) -> ReferringPair:
    """Exchange the dates; what appeared has now disappeared."""
    return replace(pair, before=pair.after, after=pair.before)


def reversed_bands(pair: ReferringPair, level: float, rng: np.random.Generator) -> ReferringPair:
    """Take blue for red and red for blue at both dates."""
    return _of_both(pair, lambda image: image[..., ::-1])


def scaled(pair: ReferringPair, factor: float, rng: np.random.Generator) -> ReferringPair:
    """Resample both dates, with antialiasing, and the masks."""
    rows, cols = (max(1, round(side * factor)) for side in pair.after.shape[:2])
    size = cols, rows
    masks = np.stack([_resized_mask(mask, size) for mask in pair.masks])
    return replace(
        pair, before=_resized(pair.before, size), after=_resized(pair.after, size), masks=masks
    )


def misregistered(pair: ReferringPair, pixels: float, rng: np.random.Generator) -> ReferringPair:
    """Move the earlier date down and to the right; its edge is repeated."""
    shift = int(pixels)
    rows, cols = pair.before.shape[:2]
    moved = np.pad(pair.before, ((shift, 0), (shift, 0), (0, 0)), mode="edge")[:rows, :cols]
    return replace(pair, before=moved)


def brightened(pair: ReferringPair, factor: float, rng: np.random.Generator) -> ReferringPair:
    """Multiply the later date."""
    return replace(pair, after=_as_bytes(pair.after * factor))


def with_contrast(pair: ReferringPair, factor: float, rng: np.random.Generator) -> ReferringPair:
    """Stretch or flatten the later date about a middle grey."""
    return replace(pair, after=_as_bytes(_MIDDLE + (pair.after - _MIDDLE) * factor))


def hazy(pair: ReferringPair, share: float, rng: np.random.Generator) -> ReferringPair:
    """Blend the later date with white haze."""
    return replace(pair, after=_as_bytes(pair.after * (1 - share) + _HAZE * share))


def compressed(pair: ReferringPair, quality: float, rng: np.random.Generator) -> ReferringPair:
    """Compress both dates as JPEG."""
    from PIL import Image

    def through_jpeg(image: UInt8Array) -> UInt8Array:
        stream = io.BytesIO()
        Image.fromarray(image).save(stream, "JPEG", quality=int(quality))
        return np.asarray(Image.open(stream), np.uint8)

    return _of_both(pair, through_jpeg)


def noisy(pair: ReferringPair, deviation: float, rng: np.random.Generator) -> ReferringPair:
    """Add normal noise of a standard deviation, in grey values, to both dates."""
    return _of_both(pair, lambda image: _as_bytes(image + rng.normal(0, deviation, image.shape)))


IMAGE_AXES: Sequence[Axis] = (
    Axis("translation", "px", (1, 3, 8, 16, 32), 0, translated, "consistency"),
    Axis("date swap", "swapped", (1,), 0, swapped, "leaves the old change"),
    Axis("band order", "reversed", (1,), 0, reversed_bands),
    Axis("scale", "×", (0.25, 0.5, 2, 4), 1, scaled),
    Axis("misregistration", "px", (1, 2, 4, 8), 0, misregistered),
    Axis("brightness", "×", (0.5, 0.7, 1.3, 1.6), 1, brightened),
    Axis("contrast", "×", (0.4, 0.7, 1.4), 1, with_contrast),
    Axis("haze", "share", (0.2, 0.4, 0.6), 0, hazy),
    Axis("JPEG", "quality", (80, 50, 30, 10), 100, compressed),
    Axis("noise", "grey values", (5, 10, 20, 40), 0, noisy),
)


def _of_both(pair: ReferringPair, change: Callable[[UInt8Array], UInt8Array]) -> ReferringPair:
    before, after = (np.ascontiguousarray(change(image)) for image in (pair.before, pair.after))
    return replace(pair, before=before, after=after)


def _as_bytes(values: npt.NDArray[np.floating[Any]]) -> UInt8Array:
    return values.round().clip(0, 255).astype(np.uint8)


def _resized(image: UInt8Array, size: tuple[int, int]) -> UInt8Array:
    from PIL import Image

    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC), np.uint8)


def _resized_mask(mask: BoolArray, size: tuple[int, int]) -> BoolArray:
    from PIL import Image

    picture = Image.fromarray(mask.astype(np.uint8) * 255)
    found: BoolArray = np.asarray(picture.resize(size, Image.Resampling.BOX)) > 127
    return found
