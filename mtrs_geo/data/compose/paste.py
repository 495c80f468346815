"""Objects pasted: a building, a pond, a car, a group of trees, or the roads of another place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

import numpy as np

from mtrs_geo.class_codes import BARE, BUILDING, CAR, ROAD, TRACK, UNKNOWN, VEGETATION, WATER
from mtrs_geo.data.compose.library import CutOut, Library
from mtrs_geo.data.compose.patch import Area, Ground, Patch, Turn, feather, largest_parts
from mtrs_geo.data.compose.shadow import cast_shadow
from mtrs_geo.types import BoolArray, FloatArray, UInt8Array

__all__ = ["paste_object", "paste_roads", "pasted_on", "towards_light"]

_GROUND: Mapping[int, frozenset[int]] = {
    BUILDING: frozenset({VEGETATION, BARE, UNKNOWN}),
    WATER: frozenset({VEGETATION, BARE, UNKNOWN}),
    CAR: frozenset({ROAD, BARE, TRACK, UNKNOWN}),
    VEGETATION: frozenset({BARE, ROAD, UNKNOWN}),
    ROAD: frozenset({VEGETATION, BARE, UNKNOWN}),
}
"""What each class may be put on."""

_HEIGHT_M: Mapping[int, tuple[float, float]] = {
    BUILDING: (3.0, 7.0),
    VEGETATION: (2.0, 5.0),
    CAR: (1.2, 1.6),
}
_LEVELS: Mapping[int, tuple[float, float]] = {
    BUILDING: (0.4, 2.0),
    WATER: (0.4, 1.1),
    CAR: (0.3, 2.2),
    VEGETATION: (0.45, 1.3),
}
"""How dark and how bright each may be, relative to its surroundings."""
_MIN_PX: Mapping[int, int] = {BUILDING: 60, WATER: 60, CAR: 14, VEGETATION: 50}
_TRIES = 24
_PROBES = 60
_STEP_PX = 3
_SOME = 7


@dataclass(frozen=True)
class _Thing:
    """An object as it will be laid down."""

    mask: BoolArray
    pixels: FloatArray


def pasted_on(code: int, unseen: frozenset[int]) -> frozenset[int]:
    """Return the codes that class ``code`` may be put on.

    Unknown ground may be of the class already; open ground is no building and no water.
    """
    is_safe = code not in unseen or code in (BUILDING, WATER)
    return _GROUND[code] - (frozenset() if is_safe else {UNKNOWN})


def paste_object(
    ground: Ground, library: Library, code: int, rng: np.random.Generator
) -> Patch | None:
    """Lay an object of a class on free ground, or return None where it finds no room."""
    pool = library.objects_near(code, ground.gsd_m)
    room = ground.room(pasted_on(code, ground.unseen))
    if not pool or not room.any():
        return None
    for _ in range(2):
        thing = _prepare(pool[int(rng.integers(len(pool)))], ground, library, rng)
        if thing is None:
            continue
        corner = _find_place(thing.mask, room, rng)
        if corner is not None:
            return _lay(thing, corner, ground, code, rng)
    return None


def paste_roads(ground: Ground, library: Library, rng: np.random.Generator) -> Patch | None:
    """Lay the roads of a part of another scene over the ground, where it is free."""
    choices = [i for i in library.roads if library.scenes[i].gsd_m < 1.3 * ground.gsd_m]
    if not choices:
        return None
    index = choices[rng.integers(len(choices))]
    scene = library.scenes[index]
    side = ground.classes.shape[0]
    source_px = min(round(side * ground.gsd_m / scene.gsd_m), *scene.classes.shape)
    row, col = (int(rng.integers(n - source_px + 1)) for n in scene.classes.shape)
    area = slice(row, row + source_px), slice(col, col + source_px)
    turn = _matching_turn(library.facts[index].shadow, ground.shadow, rng)
    classes = _resize(scene.classes[area], (side, side), is_smooth=False)
    room = ground.room(pasted_on(ROAD, ground.unseen))
    classes = turn(classes)
    mask = largest_parts(((classes == ROAD) | (classes == TRACK)) & room, 150)
    if not 0.008 < mask.mean() < 0.22:
        return None
    image = turn(_resize(scene.image[area], (side, side), is_smooth=True))
    pixels = towards_light(image, library.facts[index].light, ground.light, (0.5, 1.6))
    whole = slice(0, side), slice(0, side)
    return Patch(whole, mask, classes.copy(), feather(mask, 1), pixels)


def towards_light(
    pixels: UInt8Array, own: FloatArray, wanted: FloatArray, limits: tuple[float, float]
) -> FloatArray:
    """Return pixels (…, 3) moved from the light of their scene towards another's.

    Args:
        pixels: of a scene.
        own: mean colour of that scene, (3,).
        wanted: mean colour of the other, (3,).
        limits: darkest and brightest that they may be on average, relative to ``wanted``.
    """
    gain = (float(wanted.mean()) + 20) / (float(own.mean()) + 20)
    cast = (wanted / wanted.mean()) / (own / own.mean())
    factor = (np.clip(gain, 0.6, 1.6) ** 0.6) * np.clip(cast, 0.8, 1.25) ** 0.5
    some = pixels.reshape(-1, 3)[::_SOME]
    level = float((some.mean(0, dtype=np.float32) * factor).mean())
    factor *= np.clip(level, *(float(wanted.mean()) * np.array(limits))) / max(1.0, level)
    lit: FloatArray = pixels.astype(np.float32) * factor.astype(np.float32)
    return lit


def _prepare(
    cut: CutOut, ground: Ground, library: Library, rng: np.random.Generator
) -> _Thing | None:
    scene, facts = library.scenes[cut.scene], library.facts[cut.scene]
    scale = scene.gsd_m / ground.gsd_m * rng.uniform(0.88, 1.15)
    rows, cols = (max(3, round(n * scale)) for n in cut.mask.shape)
    if max(rows, cols) > 0.7 * min(ground.classes.shape):
        return None
    image = _resize(scene.image[cut.area], (rows, cols), is_smooth=True)
    mask = _resize(cut.mask.astype(np.uint8) * 255, (rows, cols), is_smooth=True)
    turn = _matching_turn(facts.shadow, ground.shadow, rng)
    image, mask = turn(image), turn(mask)
    if cut.code in (BUILDING, CAR) and rng.random() < 0.6:
        image, mask = _rotate(image, mask, float(rng.uniform(-25, 25)))
    solid: BoolArray = mask > 127
    if solid.sum() < _MIN_PX[cut.code]:
        return None
    pixels = towards_light(image, facts.light, ground.light, _LEVELS[cut.code])
    if cut.code in (BUILDING, CAR):
        pixels *= rng.uniform(0.85, 1.15) * rng.uniform(0.94, 1.06, 3).astype(np.float32)
    if cut.code == CAR:
        pixels = _repaint(pixels, rng)
    return _Thing(solid, pixels)


def _repaint(pixels: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Give a car another colour: there are few of them."""
    grey = pixels.mean(-1, keepdims=True)
    paint = rng.uniform(0.55, 1.2) * (1 + rng.uniform(-0.25, 0.25, 3).astype(np.float32))
    painted: FloatArray = np.where(rng.random() < 0.6, grey * paint, pixels).astype(np.float32)
    return painted


def _matching_turn(own: FloatArray, wanted: FloatArray, rng: np.random.Generator) -> Turn:
    """Choose among the two turns that bring an object's sun nearest to the ground's."""
    turns = [Turn(q, m) for q in range(4) for m in (False, True)]
    fits = np.array([float(turn.vector(own) @ wanted) for turn in turns])
    best = np.argsort(-fits, kind="stable")[:2]
    return turns[int(best[rng.integers(2)])]


def _rotate(image: UInt8Array, mask: UInt8Array, degrees: float) -> tuple[UInt8Array, UInt8Array]:
    from PIL import Image

    bilinear = Image.Resampling.BILINEAR
    turned = Image.fromarray(np.ascontiguousarray(image)).rotate(degrees, bilinear, expand=True)
    cut = Image.fromarray(np.ascontiguousarray(mask)).rotate(degrees, bilinear, expand=True)
    return np.asarray(turned), np.asarray(cut)


def _find_place(
    mask: BoolArray, room: BoolArray, rng: np.random.Generator
) -> tuple[int, int] | None:
    """Return a corner (row, col) at which the object lies on free ground."""
    free = np.argwhere(room[::_STEP_PX, ::_STEP_PX]) * _STEP_PX
    if not len(free):
        return None
    inside = np.argwhere(mask)
    probes = inside[rng.integers(len(inside), size=min(_PROBES, len(inside)))]
    half = np.array(mask.shape) // 2
    corners = free[rng.integers(len(free), size=_TRIES)] - half
    corners = corners.clip(0, np.array(room.shape) - mask.shape)
    hits = room[corners[:, None, 0] + probes[None, :, 0], corners[:, None, 1] + probes[None, :, 1]]
    for row, col in corners[hits.all(1)]:
        if room[row : row + mask.shape[0], col : col + mask.shape[1]][mask].all():
            return int(row), int(col)
    return None


def _lay(
    thing: _Thing, corner: tuple[int, int], ground: Ground, code: int, rng: np.random.Generator
) -> Patch:
    heights = _HEIGHT_M.get(code)
    reach = 0.0
    if heights and ground.casts_shadows:
        reach = float(rng.uniform(*heights)) * float(rng.uniform(0.5, 0.9)) / ground.gsd_m
    area, mask, pixels = _pad(thing, corner, ceil(reach) + 1, ground.classes.shape)
    shade = cast_shadow(mask, ground.shadow, reach, float(rng.uniform(0.4, 0.6))) if reach else None
    classes = np.full(mask.shape, code, np.uint8)
    width = 3 if code in (WATER, VEGETATION) else 1
    return Patch(area, mask, classes, feather(mask, width), pixels, shade)


def _pad(
    thing: _Thing, corner: tuple[int, int], margin_px: int, shape: tuple[int, int]
) -> tuple[Area, BoolArray, FloatArray]:
    """Return area, mask and pixels with room for the shadow, cut at the frame."""
    low = [max(0, at - margin_px) for at in corner]
    high = [
        min(side, at + n + margin_px)
        for at, n, side in zip(corner, thing.mask.shape, shape, strict=True)
    ]
    before = [at - start for at, start in zip(corner, low, strict=True)]
    size = tuple(end - start for start, end in zip(low, high, strict=True))
    inner = tuple(slice(b, b + n) for b, n in zip(before, thing.mask.shape, strict=True))
    mask = np.zeros(size, np.bool_)
    mask[inner] = thing.mask
    pixels = np.zeros((*size, 3), np.float32)
    pixels[inner] = thing.pixels
    return (slice(low[0], high[0]), slice(low[1], high[1])), mask, pixels


def _resize(image: np.ndarray, shape: tuple[int, int], *, is_smooth: bool) -> UInt8Array:
    from PIL import Image

    if image.shape[:2] == shape:
        return image
    method = Image.Resampling.BILINEAR if is_smooth else Image.Resampling.NEAREST
    resized = Image.fromarray(np.ascontiguousarray(image)).resize((shape[1], shape[0]), method)
    return np.asarray(resized)
