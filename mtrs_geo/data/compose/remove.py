"""Objects removed: the place they stood on is filled with ground copied from nearby.

The copy is moved in colour so that it meets its surroundings along the rim, and that
correction spreads inwards (after Poisson image editing, in one smoothing).
"""

from __future__ import annotations

from math import ceil

import numpy as np
from scipy import ndimage

from mtrs_geo.class_codes import BARE, BUILDING, CAR, ROAD, TRACK, UNKNOWN, VEGETATION, WATER
from mtrs_geo.data.compose.patch import Area, Ground, Patch, feather, grow_area
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
"""What may take the place of each class; never what unknown ground may hide."""
_MIN_PX, _MAX_SHARE = 30, 0.15
_RIM_PX, _MARGIN_PX = 3, 2
_OFFSETS, _PROBES = 64, 160
_WORST_RIM = 38.0


def can_remove(present: frozenset[int], codes: tuple[int, ...]) -> bool:
    """Whether ground that shows ``present`` has something of ``codes`` and a fill for it."""
    return any(c in present and _FILL[c] & present for c in codes)


def remove_object(ground: Ground, codes: tuple[int, ...], rng: np.random.Generator) -> Patch | None:
    """Take away one component of one of ``codes``, or return None where none can be."""
    wanted = [c for c in _REMOVABLE if c in codes and (ground.classes == c).any()]
    if not wanted:
        return None
    code = wanted[rng.integers(len(wanted))]
    groups, count = ndimage.label(ground.classes == code)
    sizes = np.bincount(groups.ravel(), minlength=count + 1)
    sizes[0] = 0
    fits = np.flatnonzero((sizes >= _MIN_PX) & (sizes <= _MAX_SHARE * groups.size))
    areas = ndimage.find_objects(groups)
    for number in rng.permutation(fits)[:3]:
        own = groups[areas[number - 1]] == number
        if not ground.busy[areas[number - 1]][own].any():
            patch = _fill(ground, areas[number - 1], own, code, rng)
            if patch is not None:
                return patch
    return None


def _fill(
    ground: Ground, tight: Area, own: BoolArray, code: int, rng: np.random.Generator
) -> Patch | None:
    reach = 5.0 * float(rng.uniform(0.8, 1.2)) / ground.gsd_m if code == BUILDING else 0.0
    reach = reach if ground.casts_shadows else 0.0
    margin = ceil(reach) + _RIM_PX + _MARGIN_PX + 1
    area = grow_area(tight, margin, ground.classes.shape)
    mask = np.zeros(tuple(p.stop - p.start for p in area), np.bool_)
    inner = tuple(
        slice(t.start - a.start, t.stop - a.start) for t, a in zip(tight, area, strict=True)
    )
    mask[inner] = own
    hidden = _hidden(ground, area, mask, reach)
    rim = ndimage.binary_dilation(hidden, iterations=_RIM_PX) & ~hidden
    allowed = _allowed(ground, code)
    offset = _best_offset(ground, area, hidden, rim, allowed, rng)
    if offset is None:
        return None
    moved = tuple(slice(p.start + o, p.stop + o) for p, o in zip(area, offset, strict=True))
    source = ground.image[moved].astype(np.float32)
    pixels = source + _correction(ground.image[area] - source, rim)
    classes = ground.classes[moved].copy()
    alpha = feather(hidden, 1)
    return Patch(area, mask, classes, alpha, pixels)


def _hidden(ground: Ground, area: Area, mask: BoolArray, reach_px: float) -> BoolArray:
    """Return what must be painted over: the object, its rim and the dark part of its shadow."""
    if not ground.casts_shadows:
        return mask
    hidden: BoolArray = ndimage.binary_dilation(mask, iterations=_MARGIN_PX)
    if reach_px:
        shadow = cast_shadow(hidden, ground.shadow, reach_px, 1.0) < 0.5
        grey = ground.image[area].mean(-1)
        hidden |= shadow & (grey < 0.75 * float(ground.light.mean()))
    return hidden


def _allowed(ground: Ground, code: int) -> BoolArray:
    """Return where ground may be copied from: it shows nothing of the removed class."""
    codes = _FILL[code] - ({UNKNOWN} if code in ground.unseen else frozenset())
    table = np.zeros(256, np.bool_)
    table[list(codes)] = True
    return table[ground.classes] & ~ground.busy


def _best_offset(
    ground: Ground,
    area: Area,
    hidden: BoolArray,
    rim: BoolArray,
    allowed: BoolArray,
    rng: np.random.Generator,
) -> tuple[int, int] | None:
    """Return the move (rows, cols) to ground whose rim looks most alike."""
    shape = ground.classes.shape
    low = np.array([-p.start for p in area])
    high = np.array([side - p.stop for side, p in zip(shape, area, strict=True)])
    offsets = rng.integers(low, high + 1, size=(_OFFSETS, 2))
    start = np.array([p.start for p in area])
    inside = _some(hidden, rng) + start
    ring = _some(rim, rng) + start
    if not len(ring):
        return None
    at = inside[None] + offsets[:, None]
    valid = allowed[at[..., 0], at[..., 1]].all(1)
    if not valid.any():
        return None
    offsets = offsets[valid]
    there = ring[None] + offsets[:, None]
    here = ground.image[ring[:, 0], ring[:, 1]].astype(np.float32)
    seen = ground.image[there[..., 0], there[..., 1]].astype(np.float32)
    cost = np.abs(seen - here).mean((1, 2))
    for best in np.argsort(cost, kind="stable")[:6]:
        if cost[best] > _WORST_RIM:
            return None
        rows, cols = (int(o) for o in offsets[best])
        moved = tuple(
            slice(p.start + o, p.stop + o) for p, o in zip(area, (rows, cols), strict=True)
        )
        if allowed[moved][hidden].all():
            return rows, cols
    return None


def _some(mask: BoolArray, rng: np.random.Generator) -> np.ndarray:
    points = np.argwhere(mask)
    if len(points) <= _PROBES:
        return points
    return points[rng.choice(len(points), _PROBES, replace=False)]


def _correction(difference: FloatArray, rim: BoolArray) -> FloatArray:
    """Spread the difference on the rim over the whole patch, smoothly."""
    weight = rim.astype(np.float32)
    side = max(5, (min(rim.shape) // 3) | 1)
    total = ndimage.uniform_filter(weight, side, mode="constant") + 1e-4
    known = difference * weight[..., None]
    spread = ndimage.uniform_filter(known, (side, side, 0), mode="constant")
    mean = known.sum((0, 1)) / max(1.0, float(weight.sum()))
    near = (spread + 1e-4 * mean) / total[..., None]
    smooth: FloatArray = ndimage.uniform_filter(near, (side, side, 0), mode="nearest")
    return smooth.clip(-45, 45)
