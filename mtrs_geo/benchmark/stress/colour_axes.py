"""Disturbances of colour: season, region, white balance and normalisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mtrs_geo.benchmark.stress.axis import Axis
from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.types import UInt8Array

__all__ = ["COLOUR_AXES"]

_GREEN = 0.12
"""Excess green, (2 G - R - B) / (R + G + B), of a pixel that is wholly vegetation."""
_DRY = (1.2, 1.02, 0.7)
"""Red, green and blue of dry vegetation relative to its mean."""
_STRETCHED = (2, 98)
"""Percentiles that a stretch maps to black and white."""
_REGIONS = {
    "Sweden": ((99, 112, 106), (40, 38, 35)),
    "tropics": ((131, 131, 102), (45, 40, 45)),
    "Dubai": ((120, 119, 121), (74, 73, 76)),
}
"""Mean and standard deviation of red, green and blue in aerial images: orthophotos of Sweden,
OpenAerialMap's of Zanzibar, Nairobi, Nepal, Kampala and the Philippines, satellite of Dubai."""


def seasonal(pair: ReferringPair, share: float, rng: np.random.Generator) -> ReferringPair:
    """Let the vegetation of the later date dry out: green becomes brown of the same brightness."""
    image = pair.after.astype(np.float32)
    red, green, blue = np.moveaxis(image, -1, 0)
    excess = (2 * green - red - blue) / np.maximum(image.sum(-1), 1)
    weight = (share * np.clip(excess / _GREEN, 0, 1))[..., None]
    dry = image.mean(-1, keepdims=True) * np.array(_DRY, np.float32)
    return replace(pair, after=_as_bytes(image * (1 - weight) + dry * weight))


def of_region(pair: ReferringPair, number: float, rng: np.random.Generator) -> ReferringPair:
    """Give the later date the mean and spread of each band in another region's images."""
    mean, spread = list(_REGIONS.values())[int(number) - 1]
    image = pair.after.astype(np.float32)
    own_spread = np.maximum(image.std((0, 1)), 1)
    moved = (image - image.mean((0, 1))) / own_spread * np.array(spread) + np.array(mean)
    return replace(pair, after=_as_bytes(moved))


def warmer(pair: ReferringPair, share: float, rng: np.random.Generator) -> ReferringPair:
    """Raise red and lower blue of the later date by a share; negative is colder."""
    gains = np.array((1 + share, 1, 1 - share), np.float32)
    return replace(pair, after=_as_bytes(pair.after * gains))


def stretched(pair: ReferringPair, share: float, rng: np.random.Generator) -> ReferringPair:
    """Stretch each band of each date between two of its own percentiles, in part or wholly."""
    before, after = (_stretch(image, share) for image in (pair.before, pair.after))
    return replace(pair, before=before, after=after)


COLOUR_AXES: Sequence[Axis] = (
    Axis("season", "share of dry green", (0.3, 0.6, 1), 0, seasonal),
    Axis("region", "colours of", (1, 2, 3), 0, of_region, labels=tuple(_REGIONS)),
    Axis("white balance", "red up, blue down", (-0.2, -0.1, 0.1, 0.2), 0, warmer),
    Axis("normalisation", "share of a 2–98 % stretch", (0.5, 1), 0, stretched),
)


def _stretch(image: UInt8Array, share: float) -> UInt8Array:
    low, high = np.percentile(image, _STRETCHED, axis=(0, 1))
    whole = (image - low) / np.maximum(high - low, 1) * 255
    return _as_bytes(image * (1 - share) + whole * share)


def _as_bytes(values: npt.NDArray[np.floating[Any]]) -> UInt8Array:
    return values.round().clip(0, 255).astype(np.uint8)
