"""Pairs with building change, composed from labelled scenes of one date.

Either buildings of a donor scene are pasted into the later date of another scene, with soft
edges and a margin for their shadows (copy-paste augmentation), or two different scenes serve
as the two dates, so that every building is a change (after ChangeStar, arXiv 2108.07002).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from mtrs_geo.class_codes import APPEAR, DISAPPEAR, NONE
from mtrs_geo.data.datasets.changes import Pair, Scene

__all__ = ["compose_building_pair"]

_MARGIN_PX = 5
_MAX_COMPONENTS = 60
"""Nothing is pasted from a donor crop with more buildings than this."""


def compose_building_pair(scenes: Sequence[Scene], crop_px: int, rng: np.random.Generator) -> Pair:
    """Return one pair (crop_px, crop_px) composed from scenes of one set."""
    scene, donor = (_crop(scenes[int(rng.integers(len(scenes)))], crop_px, rng) for _ in range(2))
    if rng.random() < 0.35:
        return _pair_of_scenes(scene, donor)
    return _copy_paste(scene, donor, rng)


def _pair_of_scenes(scene: Scene, other: Scene) -> Pair:
    label = np.full(scene.buildings.shape, NONE, np.uint8)
    label[(other.buildings == 1) & (scene.buildings == 0)] = APPEAR
    label[(scene.buildings == 1) & (other.buildings == 0)] = DISAPPEAR
    return Pair(scene.name, "composed", scene.image, other.image, label, scene.gsd_m)


def _copy_paste(scene: Scene, donor: Scene, rng: np.random.Generator) -> Pair:
    components, count = ndimage.label(donor.buildings)
    free = (
        [c for c in range(1, count + 1) if not (scene.buildings[components == c]).any()]
        if count <= _MAX_COMPONENTS
        else []
    )
    pasted = np.isin(components, [c for c in free if rng.random() < 0.7])
    alpha = ndimage.gaussian_filter(
        ndimage.binary_dilation(pasted, iterations=_MARGIN_PX).astype(np.float32), 1.5
    )[..., None]
    after = scene.image * (1 - alpha) + donor.image * alpha
    label = np.where(pasted, APPEAR, NONE).astype(np.uint8)
    return Pair(scene.name, "composed", scene.image, after.astype(np.uint8), label, scene.gsd_m)


def _crop(scene: Scene, crop_px: int, rng: np.random.Generator) -> Scene:
    rows, cols = scene.buildings.shape
    pad = ((0, max(0, crop_px - rows)), (0, max(0, crop_px - cols)))
    image = np.pad(scene.image, (*pad, (0, 0)), mode="reflect")
    buildings = np.pad(scene.buildings, pad, mode="reflect")
    row = rng.integers(image.shape[0] - crop_px + 1)
    col = rng.integers(image.shape[1] - crop_px + 1)
    window = slice(row, row + crop_px), slice(col, col + crop_px)
    return Scene(scene.name, image[window], buildings[window], scene.gsd_m)
