"""Pairs composed from labelled single-date scenes.

A building is pasted from a donor scene into one date of another scene, with soft
edges and a margin that keeps its shadow; or two unlike scenes are taken for two
dates, which makes every building a change (after ChangeStar, arXiv 2108.07002).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from mtrs_geo.class_codes import APPEAR, DISAPPEAR, NONE
from mtrs_geo.data.datasets.changes import Pair, Scene

__all__ = ["compose"]

_MARGIN_PX = 5


def compose(scenes: Sequence[Scene], crop_px: int, rng: np.random.Generator) -> Pair:
    """Make one pair of ``crop_px`` squared from scenes of one set."""
    scene, donor = (_crop(scenes[int(rng.integers(len(scenes)))], crop_px, rng) for _ in range(2))
    if rng.random() < 0.35:
        return _two_scenes(scene, donor)
    return _pasted(scene, donor, rng)


def _two_scenes(scene: Scene, other: Scene) -> Pair:
    label = np.full(scene.buildings.shape, NONE, np.uint8)
    label[(other.buildings == 1) & (scene.buildings == 0)] = APPEAR
    label[(scene.buildings == 1) & (other.buildings == 0)] = DISAPPEAR
    return Pair(scene.name, "composed", scene.image, other.image, label, scene.gsd_m)


def _pasted(scene: Scene, donor: Scene, rng: np.random.Generator) -> Pair:
    groups, count = ndimage.label(donor.buildings)
    free = (
        [g for g in range(1, count + 1) if not (scene.buildings[groups == g]).any()]
        if count <= 60
        else []
    )
    chosen = [g for g in free if rng.random() < 0.7]
    new = np.isin(groups, chosen)
    soft = ndimage.gaussian_filter(
        ndimage.binary_dilation(new, iterations=_MARGIN_PX).astype(np.float32), 1.5
    )[..., None]
    after = scene.image * (1 - soft) + donor.image * soft
    label = np.where(new, APPEAR, NONE).astype(np.uint8)
    return Pair(scene.name, "composed", scene.image, after.astype(np.uint8), label, scene.gsd_m)


def _crop(scene: Scene, crop_px: int, rng: np.random.Generator) -> Scene:
    rows, cols = scene.buildings.shape
    pad = ((0, max(0, crop_px - rows)), (0, max(0, crop_px - cols)))
    image = np.pad(scene.image, (*pad, (0, 0)), mode="reflect")
    buildings = np.pad(scene.buildings, pad, mode="reflect")
    row = rng.integers(image.shape[0] - crop_px + 1)
    col = rng.integers(image.shape[1] - crop_px + 1)
    area = slice(row, row + crop_px), slice(col, col + crop_px)
    return Scene(scene.name, image[area], buildings[area], scene.gsd_m)
