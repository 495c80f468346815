"""Removal of objects by inpainting: their place is filled with ground copied from nearby.

The colour of the copy is corrected so that it matches its surroundings along the rim, and the
correction is spread inwards (after Poisson image editing, with one smoothing step).
"""

from __future__ import annotations

from math import ceil

import numpy as np
from scipy import ndimage

from mtrs_geo.class_codes import BARE, BUILDING, CAR, ROAD, TRACK, UNKNOWN, VEGETATION, WATER
from mtrs_geo.data.compose.edit import Edit, EditableScene, Region, feather, pad_region
from mtrs_geo.data.compose.shadow import cast_shadow
from mtrs_geo.types import BoolArray, FloatArray

__all__ = ["can_remove", "remove_object"]

_REMOVABLE = (BUILDING, WATER, CAR, ROAD, TRACK)
_FILL = {
    BUILDING: frozenset({VEGETATION, BARE, UNKNOWN}),
    WATER: frozenset({VEGETATION, BARE}),
    CAR: frozenset({ROAD, TRACK, BARE}),
    ROAD: frozenset({VEGETATION, BARE}),
    TRACK: frozenset({VEGETATION, BARE}),
}
"""Codes that may replace each class: unknown ground only if it cannot have that class."""
_MIN_PX, _MAX_SHARE = 30, 0.15
_RIM_PX, _MARGIN_PX = 3, 2
_OFFSETS, _PROBES = 64, 160
_MAX_RIM_DIFFERENCE = 38.0
"""Largest mean difference along the rim, in grey levels."""


def can_remove(present: frozenset[int], codes: tuple[int, ...]) -> bool:
    """Return whether ``present`` has one of ``codes`` and a class to fill its place with."""
    return any(c in present and _FILL[c] & present for c in codes)


def remove_object(
    scene: EditableScene, codes: tuple[int, ...], rng: np.random.Generator
) -> Edit | None:
    """Return an edit that removes one component of one of ``codes``, or None."""
    removable = [c for c in _REMOVABLE if c in codes and (scene.classes == c).any()]
    if not removable:
        return None
    code = removable[rng.integers(len(removable))]
    components, count = ndimage.label(scene.classes == code)
    sizes = np.bincount(components.ravel(), minlength=count + 1)
    sizes[0] = 0
    fits = np.flatnonzero((sizes >= _MIN_PX) & (sizes <= _MAX_SHARE * components.size))
    boxes = ndimage.find_objects(components)
    for number in rng.permutation(fits)[:3]:
        box = boxes[number - 1]
        component = components[box] == number
        if not scene.edited[box][component].any():
            edit = _inpaint(scene, box, component, code, rng)
            if edit is not None:
                return edit
    return None


def _inpaint(
    scene: EditableScene, box: Region, component: BoolArray, code: int, rng: np.random.Generator
) -> Edit | None:
    shadow_px = 5.0 * float(rng.uniform(0.8, 1.2)) / scene.gsd_m if code == BUILDING else 0.0
    shadow_px = shadow_px if scene.casts_shadows else 0.0
    margin = ceil(shadow_px) + _RIM_PX + _MARGIN_PX + 1
    region = pad_region(box, margin, scene.classes.shape)
    mask = np.zeros(tuple(p.stop - p.start for p in region), np.bool_)
    inner = tuple(
        slice(b.start - r.start, b.stop - r.start) for b, r in zip(box, region, strict=True)
    )
    mask[inner] = component
    covered = _covered_mask(scene, region, mask, shadow_px)
    rim = ndimage.binary_dilation(covered, iterations=_RIM_PX) & ~covered
    offset = _best_offset(scene, region, covered, rim, _source_mask(scene, code), rng)
    if offset is None:
        return None
    source = _shifted(region, offset)
    pixels = scene.image[source].astype(np.float32)
    pixels = pixels + _colour_correction(scene.image[region] - pixels, rim)
    return Edit(region, mask, scene.classes[source].copy(), feather(covered, 1), pixels)


def _shifted(region: Region, offset: tuple[int, int]) -> Region:
    rows, cols = (
        slice(part.start + o, part.stop + o) for part, o in zip(region, offset, strict=True)
    )
    return rows, cols


def _covered_mask(
    scene: EditableScene, region: Region, mask: BoolArray, shadow_px: float
) -> BoolArray:
    """Return the pixels to inpaint: the object, a margin and the dark part of its shadow."""
    if not scene.casts_shadows:
        return mask
    covered: BoolArray = ndimage.binary_dilation(mask, iterations=_MARGIN_PX)
    if shadow_px:
        shadow = cast_shadow(covered, scene.shadow_direction, shadow_px, 1.0) < 0.5
        grey = scene.image[region].mean(-1)
        covered |= shadow & (grey < 0.75 * float(scene.mean_colour.mean()))
    return covered


def _source_mask(scene: EditableScene, code: int) -> BoolArray:
    """Return where ground may be copied from: it cannot have the removed class."""
    codes = _FILL[code] - ({UNKNOWN} if code in scene.unlabelled else frozenset())
    table = np.zeros(256, np.bool_)
    table[list(codes)] = True
    return table[scene.classes] & ~scene.edited


def _best_offset(
    scene: EditableScene,
    region: Region,
    covered: BoolArray,
    rim: BoolArray,
    allowed: BoolArray,
    rng: np.random.Generator,
) -> tuple[int, int] | None:
    """Return the offset (rows, cols) to the ground with the most similar rim, or None."""
    shape = scene.classes.shape
    start = np.array([p.start for p in region])
    high = np.array([side - p.stop for side, p in zip(shape, region, strict=True)])
    offsets = rng.integers(-start, high + 1, size=(_OFFSETS, 2))
    inside = _sample_points(covered, rng) + start
    ring = _sample_points(rim, rng) + start
    if not len(ring):
        return None
    points = inside[None] + offsets[:, None]
    is_valid = allowed[points[..., 0], points[..., 1]].all(1)
    if not is_valid.any():
        return None
    offsets = offsets[is_valid]
    source_ring = ring[None] + offsets[:, None]
    target = scene.image[ring[:, 0], ring[:, 1]].astype(np.float32)
    source = scene.image[source_ring[..., 0], source_ring[..., 1]].astype(np.float32)
    difference = np.abs(source - target).mean((1, 2))
    for best in np.argsort(difference, kind="stable")[:6]:
        if difference[best] > _MAX_RIM_DIFFERENCE:
            return None
        offset = int(offsets[best][0]), int(offsets[best][1])
        if allowed[_shifted(region, offset)][covered].all():
            return offset
    return None


def _sample_points(mask: BoolArray, rng: np.random.Generator) -> np.ndarray:
    points = np.argwhere(mask)
    if len(points) <= _PROBES:
        return points
    return points[rng.choice(len(points), _PROBES, replace=False)]


def _colour_correction(difference: FloatArray, rim: BoolArray) -> FloatArray:
    """Return the difference on the rim, spread smoothly over the whole region."""
    weight = rim.astype(np.float32)
    side = max(5, (min(rim.shape) // 3) | 1)
    total = ndimage.uniform_filter(weight, side, mode="constant") + 1e-4
    weighted = difference * weight[..., None]
    spread = ndimage.uniform_filter(weighted, (side, side, 0), mode="constant")
    mean = weighted.sum((0, 1)) / max(1.0, float(weight.sum()))
    near = (spread + 1e-4 * mean) / total[..., None]
    smooth: FloatArray = ndimage.uniform_filter(near, (side, side, 0), mode="nearest")
    return smooth.clip(-45, 45)
