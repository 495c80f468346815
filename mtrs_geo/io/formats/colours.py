"""Colours for any number of classes that differ as much as possible, also for colour-blind eyes."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

__all__ = ["distinct_colours"]

# Based on the colours of Okabe and Ito, safe for colour-blind readers; bright on imagery.
_FIRST = ("#ffd400", "#ff3d6e", "#00c8ff", "#5dff6b", "#ff9d2e", "#c58bff")
_LEVELS = 16
"""Values per channel of the colours to choose from."""
_LOWEST_LIGHTNESS, _HIGHEST_LIGHTNESS = 0.5, 0.92
"""Darker colours cannot be seen on imagery, lighter ones not in a white legend."""
_LOWEST_CHROMA = 0.06
"""Greyer colours look like the imagery."""

_Array = npt.NDArray[np.float64]

# From linear sRGB to cone responses and to Oklab: https://bottosson.github.io/posts/oklab/
_CONES = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]]
)  # fmt: skip
_OKLAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]]
)  # fmt: skip
# Linear sRGB as seen without green and without red cones: Machado, Oliveira and Fernandes (2009),
# https://doi.org/10.1109/TVCG.2009.113, severity 1.
_BLINDNESS = np.array(
    [
        [[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]],
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]],
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]],
    ]
)  # fmt: skip
_WEIGHTS = np.array([1.0, 1.5, 1.5])
"""Weights of the distances as seen by each: colour-blind eyes see shorter ones."""


@lru_cache(maxsize=8)
def distinct_colours(count: int) -> tuple[str, ...]:
    """Return different colours as #rrggbb; the first ones are the same for every count.

    Each further colour is the one whose smallest distance to the others is largest, in Oklab,
    for the eye that sees it smallest: normal, without green or without red cones.

    Args:
        count: up to some hundreds.
    """
    chosen = list(_FIRST[:count])
    if count <= len(_FIRST):
        return tuple(chosen)
    steps = np.linspace(0, 1, _LEVELS)
    candidates = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(-1, 3)
    seen = _seen(candidates)
    lightness, chroma = seen[:, 0, 0], np.hypot(seen[:, 0, 1], seen[:, 0, 2])
    is_seen = (lightness >= _LOWEST_LIGHTNESS) & (lightness <= _HIGHEST_LIGHTNESS)
    is_seen &= chroma >= _LOWEST_CHROMA
    candidates, seen = candidates[is_seen], seen[is_seen]
    first = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in _FIRST])
    nearest = np.min([_distance(seen, colour) for colour in _seen(first)], axis=0)
    while len(chosen) < count:
        best = int(nearest.argmax())
        chosen.append("#" + "".join(f"{round(255 * value):02x}" for value in candidates[best]))
        nearest = np.minimum(nearest, _distance(seen, seen[best]))
    return tuple(chosen)


def _seen(colours: _Array) -> _Array:
    """Return colours (N, 3) in sRGB as Oklab (N, 3 kinds of eyes, 3)."""
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    eyes = np.clip(np.einsum("kij,nj->nki", _BLINDNESS, linear), 0, 1)
    lab: _Array = np.cbrt(eyes @ _CONES.T) @ _OKLAB.T
    return lab


def _distance(seen: _Array, colour: _Array) -> _Array:
    """Return the weighted distance (N,) of colours (N, 3 eyes, 3) to one (3 eyes, 3)."""
    distance: _Array = (np.linalg.norm(seen - colour, axis=-1) * _WEIGHTS).min(-1)
    return distance
