"""Copy-paste of objects: a building, a pond, a car, a group of trees, or roads of another scene."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

import numpy as np

from mtrs_geo.class_codes import BARE, BUILDING, CAR, ROAD, TRACK, UNKNOWN, VEGETATION, WATER
from mtrs_geo.data.compose.edit import (
    Edit,
    EditableScene,
    Orientation,
    Region,
    feather,
    remove_small_components,
)
from mtrs_geo.data.compose.library import CutOut, Library
from mtrs_geo.data.compose.shadow import cast_shadow
from mtrs_geo.types import BoolArray, FloatArray, UInt8Array

__all__ = ["match_colour", "paste_object", "paste_roads", "paste_target_codes"]

_TARGETS: Mapping[int, frozenset[int]] = {
    BUILDING: frozenset({VEGETATION, BARE, UNKNOWN}),
    WATER: frozenset({VEGETATION, BARE, UNKNOWN}),
    CAR: frozenset({ROAD, BARE, TRACK, UNKNOWN}),
    VEGETATION: frozenset({BARE, ROAD, UNKNOWN}),
    ROAD: frozenset({VEGETATION, BARE, UNKNOWN}),
}
"""Codes that each class may be pasted on."""

_HEIGHT_M: Mapping[int, tuple[float, float]] = {
    BUILDING: (3.0, 7.0),
    VEGETATION: (2.0, 5.0),
    CAR: (1.2, 1.6),
}
_BRIGHTNESS: Mapping[int, tuple[float, float]] = {
    BUILDING: (0.4, 2.0),
    WATER: (0.4, 1.1),
    CAR: (0.3, 2.2),
    VEGETATION: (0.45, 1.3),
}
"""Range of the mean brightness of each class, relative to the scene."""
_MIN_PX: Mapping[int, int] = {BUILDING: 60, WATER: 60, CAR: 14, VEGETATION: 50}
_POSITIONS = 24
"""Positions that are tried for an object."""
_PROBES = 60
"""Pixels of an object that are tested first at every position."""
_STEP_PX = 3
_SAMPLE_STEP = 7


@dataclass(frozen=True)
class _Object:
    """An object in its final size and orientation."""

    mask: BoolArray
    pixels: FloatArray


def paste_target_codes(code: int, unlabelled: frozenset[int]) -> frozenset[int]:
    """Return the codes that class ``code`` may be pasted on.

    Unknown ground is excluded if it may have the class already; open ground, though, is
    neither building nor water.
    """
    is_safe = code not in unlabelled or code in (BUILDING, WATER)
    return _TARGETS[code] - (frozenset() if is_safe else {UNKNOWN})


def paste_object(
    scene: EditableScene, library: Library, code: int, rng: np.random.Generator
) -> Edit | None:
    """Return an edit that pastes an object on free ground, or None if there is no position."""
    cut_outs = library.objects_near(code, scene.gsd_m)
    free = scene.free_mask(paste_target_codes(code, scene.unlabelled))
    if not cut_outs or not free.any():
        return None
    for _ in range(2):
        pasted = _transformed(cut_outs[int(rng.integers(len(cut_outs)))], scene, library, rng)
        if pasted is None:
            continue
        corner = _find_position(pasted.mask, free, rng)
        if corner is not None:
            return _paste(pasted, corner, scene, code, rng)
    return None


def paste_roads(scene: EditableScene, library: Library, rng: np.random.Generator) -> Edit | None:
    """Return an edit that pastes the roads of another scene on free ground, or None."""
    donors = [i for i in library.road_indices if library.scenes[i].gsd_m < 1.3 * scene.gsd_m]
    if not donors:
        return None
    index = donors[rng.integers(len(donors))]
    donor, stats = library.scenes[index], library.stats[index]
    side = scene.classes.shape[0]
    donor_px = min(round(side * scene.gsd_m / donor.gsd_m), *donor.classes.shape)
    row, col = (int(rng.integers(n - donor_px + 1)) for n in donor.classes.shape)
    region = slice(row, row + donor_px), slice(col, col + donor_px)
    orientation = _matching_orientation(stats.shadow_direction, scene.shadow_direction, rng)
    classes = orientation(_resize(donor.classes[region], (side, side), is_smooth=False))
    free = scene.free_mask(paste_target_codes(ROAD, scene.unlabelled))
    mask = remove_small_components(((classes == ROAD) | (classes == TRACK)) & free, 150)
    if not 0.008 < mask.mean() < 0.22:
        return None
    image = orientation(_resize(donor.image[region], (side, side), is_smooth=True))
    pixels = match_colour(image, stats.mean_colour, scene.mean_colour, (0.5, 1.6))
    whole = slice(0, side), slice(0, side)
    return Edit(whole, mask, classes.copy(), feather(mask, 1), pixels)


def match_colour(
    pixels: UInt8Array, source: FloatArray, target: FloatArray, limits: tuple[float, float]
) -> FloatArray:
    """Return pixels (…, 3) moved from the colours of their scene towards those of another.

    Args:
        pixels: pixels of the source scene, (…, 3).
        source: mean colour of the source scene, (3,).
        target: mean colour of the target scene, (3,).
        limits: range of the mean brightness of the result, relative to ``target``.
    """
    gain = (float(target.mean()) + 20) / (float(source.mean()) + 20)
    cast = (target / target.mean()) / (source / source.mean())
    factor = (np.clip(gain, 0.6, 1.6) ** 0.6) * np.clip(cast, 0.8, 1.25) ** 0.5
    sample = pixels.reshape(-1, 3)[::_SAMPLE_STEP]
    level = float((sample.mean(0, dtype=np.float32) * factor).mean())
    factor *= np.clip(level, *(float(target.mean()) * np.array(limits))) / max(1.0, level)
    matched: FloatArray = pixels.astype(np.float32) * factor.astype(np.float32)
    return matched


def _transformed(
    cut_out: CutOut, scene: EditableScene, library: Library, rng: np.random.Generator
) -> _Object | None:
    """Return an object with the scene's pixel size, shadow direction and colours, or None."""
    donor, stats = library.scenes[cut_out.scene], library.stats[cut_out.scene]
    scale = donor.gsd_m / scene.gsd_m * rng.uniform(0.88, 1.15)
    rows, cols = (max(3, round(n * scale)) for n in cut_out.mask.shape)
    if max(rows, cols) > 0.7 * min(scene.classes.shape):
        return None
    image = _resize(donor.image[cut_out.region], (rows, cols), is_smooth=True)
    soft_mask = _resize(cut_out.mask.astype(np.uint8) * 255, (rows, cols), is_smooth=True)
    orientation = _matching_orientation(stats.shadow_direction, scene.shadow_direction, rng)
    image, soft_mask = orientation(image), orientation(soft_mask)
    if cut_out.code in (BUILDING, CAR) and rng.random() < 0.6:
        image, soft_mask = _rotate(image, soft_mask, float(rng.uniform(-25, 25)))
    mask: BoolArray = soft_mask > 127
    if mask.sum() < _MIN_PX[cut_out.code]:
        return None
    brightness = _BRIGHTNESS[cut_out.code]
    pixels = match_colour(image, stats.mean_colour, scene.mean_colour, brightness)
    if cut_out.code in (BUILDING, CAR):
        pixels *= rng.uniform(0.85, 1.15) * rng.uniform(0.94, 1.06, 3).astype(np.float32)
    if cut_out.code == CAR:
        pixels = _recolour(pixels, rng)
    return _Object(mask, pixels)


def _recolour(pixels: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return a car in another colour: the library has few cars."""
    grey = pixels.mean(-1, keepdims=True)
    paint = rng.uniform(0.55, 1.2) * (1 + rng.uniform(-0.25, 0.25, 3).astype(np.float32))
    painted: FloatArray = np.where(rng.random() < 0.6, grey * paint, pixels).astype(np.float32)
    return painted


def _matching_orientation(
    source: FloatArray, target: FloatArray, rng: np.random.Generator
) -> Orientation:
    """Return one of the two orientations that bring shadow direction ``source`` to ``target``."""
    orientations = [Orientation(q, m) for q in range(4) for m in (False, True)]
    similarity = np.array([float(o.vector(source) @ target) for o in orientations])
    best = np.argsort(-similarity, kind="stable")[:2]
    return orientations[int(best[rng.integers(2)])]


def _rotate(image: UInt8Array, mask: UInt8Array, degrees: float) -> tuple[UInt8Array, UInt8Array]:
    from PIL import Image

    bilinear = Image.Resampling.BILINEAR
    rotated, rotated_mask = (
        Image.fromarray(np.ascontiguousarray(array)).rotate(degrees, bilinear, expand=True)
        for array in (image, mask)
    )
    return np.asarray(rotated), np.asarray(rotated_mask)


def _find_position(
    mask: BoolArray, free: BoolArray, rng: np.random.Generator
) -> tuple[int, int] | None:
    """Return a corner (row, col) at which the whole object is on free ground, or None."""
    centres = np.argwhere(free[::_STEP_PX, ::_STEP_PX]) * _STEP_PX
    if not len(centres):
        return None
    inside = np.argwhere(mask)
    probes = inside[rng.integers(len(inside), size=min(_PROBES, len(inside)))]
    half = np.array(mask.shape) // 2
    corners = centres[rng.integers(len(centres), size=_POSITIONS)] - half
    corners = corners.clip(0, np.array(free.shape) - mask.shape)
    is_free = free[
        corners[:, None, 0] + probes[None, :, 0], corners[:, None, 1] + probes[None, :, 1]
    ]
    for row, col in corners[is_free.all(1)]:
        if free[row : row + mask.shape[0], col : col + mask.shape[1]][mask].all():
            return int(row), int(col)
    return None


def _paste(
    pasted: _Object,
    corner: tuple[int, int],
    scene: EditableScene,
    code: int,
    rng: np.random.Generator,
) -> Edit:
    heights = _HEIGHT_M.get(code)
    length = 0.0
    if heights and scene.casts_shadows:
        length = float(rng.uniform(*heights)) * float(rng.uniform(0.5, 0.9)) / scene.gsd_m
    region, mask, pixels = _pad(pasted, corner, ceil(length) + 1, scene.classes.shape)
    shading = None
    if length:
        strength = float(rng.uniform(0.4, 0.6))
        shading = cast_shadow(mask, scene.shadow_direction, length, strength)
    classes = np.full(mask.shape, code, np.uint8)
    width = 3 if code in (WATER, VEGETATION) else 1
    return Edit(region, mask, classes, feather(mask, width), pixels, shading)


def _pad(
    pasted: _Object, corner: tuple[int, int], margin_px: int, shape: tuple[int, int]
) -> tuple[Region, BoolArray, FloatArray]:
    """Return region, mask and pixels with a margin for the shadow, clipped to the image."""
    low = [max(0, start - margin_px) for start in corner]
    high = [
        min(side, start + n + margin_px)
        for start, n, side in zip(corner, pasted.mask.shape, shape, strict=True)
    ]
    before = [start - first for start, first in zip(corner, low, strict=True)]
    size = tuple(end - first for first, end in zip(low, high, strict=True))
    inner = tuple(slice(b, b + n) for b, n in zip(before, pasted.mask.shape, strict=True))
    mask = np.zeros(size, np.bool_)
    mask[inner] = pasted.mask
    pixels = np.zeros((*size, 3), np.float32)
    pixels[inner] = pasted.pixels
    return (slice(low[0], high[0]), slice(low[1], high[1])), mask, pixels


def _resize(image: np.ndarray, shape: tuple[int, int], *, is_smooth: bool) -> UInt8Array:
    from PIL import Image

    if image.shape[:2] == shape:
        return image
    method = Image.Resampling.BILINEAR if is_smooth else Image.Resampling.NEAREST
    resized = Image.fromarray(np.ascontiguousarray(image)).resize((shape[1], shape[0]), method)
    return np.asarray(resized)
