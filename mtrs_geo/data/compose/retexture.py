"""Ground re-dressed: a part of it takes the texture of another class.

Grass becomes a parking lot, a field a pond, a yard a lawn, a road is broken up.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import ndimage

from mtrs_geo.class_codes import BARE, ROAD, TRACK, UNKNOWN, VEGETATION, WATER
from mtrs_geo.data.compose.library import Library, TextureWindow
from mtrs_geo.data.compose.paste import towards_light
from mtrs_geo.data.compose.patch import Area, Ground, Patch, feather, largest_parts
from mtrs_geo.data.compose.shapes import blob, parcel, smooth_noise, strip
from mtrs_geo.types import BoolArray, FloatArray

__all__ = ["redress", "redressed_from"]

_FROM: Mapping[int, frozenset[int]] = {
    ROAD: frozenset({VEGETATION, BARE, UNKNOWN}),
    VEGETATION: frozenset({BARE, ROAD, TRACK, WATER}),
    BARE: frozenset({VEGETATION, ROAD, WATER}),
    WATER: frozenset({VEGETATION, BARE, UNKNOWN}),
}
"""What each class may take the place of."""

_GROUPS = (
    (frozenset({VEGETATION, BARE, UNKNOWN}), 0.7),
    (frozenset({ROAD, TRACK}), 0.2),
    (frozenset({WATER}), 0.1),
)
"""What is re-dressed together, and how often."""
_MIN_PX = 120
_TRIES = 6
_EDGE_PX = {ROAD: 1, VEGETATION: 3, BARE: 3, WATER: 2}
_LEVELS = {VEGETATION: (0.5, 1.3), BARE: (0.8, 1.6), WATER: (0.4, 1.05)}
_LANE_M = (5.0, 12.0)
_ASPHALT = np.array([118.0, 117.0, 115.0], np.float32)


def redressed_from(code: int, unseen: frozenset[int]) -> frozenset[int]:
    """Return the codes that class ``code`` may take the place of.

    Unknown ground may be of the class already; open ground is no water.
    """
    return _FROM[code] - ({UNKNOWN} if code in unseen and code != WATER else frozenset())


def redress(ground: Ground, library: Library, code: int, rng: np.random.Generator) -> Patch | None:
    """Give a part of the ground the texture of class ``code``, or return None without room."""
    group = _group(ground, code, rng)
    room = ground.room(group)
    if room.mean() < 0.01:
        return None
    for attempt in range(_TRIES):
        area, mask = _outline(ground, room, code, 0.8**attempt, rng)
        # A strip of road within an outline may be broken up; other ground fills its outline.
        if ROAD in group or _fits(mask, room[area], code):
            mask = largest_parts(mask & room[area], _MIN_PX // 2)
            if mask.sum() >= _MIN_PX:
                return _dress(ground, library, area, mask, code, rng)
    return None


def _group(ground: Ground, code: int, rng: np.random.Generator) -> frozenset[int]:
    """Draw what is re-dressed: open ground, roads or water, not several at once."""
    allowed = redressed_from(code, ground.unseen)
    groups = [
        (allowed & group, weight) for group, weight in _GROUPS if ground.shows(allowed & group)
    ]
    if not groups:
        return allowed
    weights = np.array([weight for _, weight in groups])
    return groups[rng.choice(len(groups), p=weights / weights.sum())][0]


def _dress(
    ground: Ground,
    library: Library,
    area: Area,
    mask: BoolArray,
    code: int,
    rng: np.random.Generator,
) -> Patch | None:
    pixels = _texture(ground, library, area, mask, code, rng)
    if pixels is None:
        return None
    classes = np.full(mask.shape, code, np.uint8)
    return Patch(area, mask, classes, feather(mask, _EDGE_PX[code]), pixels)


def _fits(mask: BoolArray, room: BoolArray, code: int) -> bool:
    """Most of an outline must be free; a strip may be cut, as roads are by bridges and crowns."""
    share = float(room[mask].mean()) if mask.any() else 0.0
    return share > (0.65 if code == ROAD else 0.85)


def _outline(
    ground: Ground, room: BoolArray, code: int, scale: float, rng: np.random.Generator
) -> tuple[Area, BoolArray]:
    rows, cols = ground.classes.shape
    if code == ROAD and rng.random() < 0.45:
        width = float(rng.uniform(*_LANE_M)) / ground.gsd_m
        whole = strip(max(rows, cols), width, rng)[:rows, :cols]
        return (slice(0, rows), slice(0, cols)), whole
    if rng.random() < 0.3:
        found = _own_component(ground, room, rng)
        if found is not None:
            return found
    side = round(min(rows, cols) * max(0.1, scale * rng.uniform(0.16, 0.5)))
    shape = parcel if code == ROAD or (code != WATER and rng.random() < 0.6) else blob
    mask = shape(side, rng)
    free = np.argwhere(room[::4, ::4]) * 4
    centre = free[rng.integers(len(free))] if len(free) else np.array([rows // 2, cols // 2])
    top, left = (
        int(np.clip(c - side // 2, -side // 4, n - 3 * side // 4))
        for c, n in zip(centre, (rows, cols), strict=True)
    )
    area = slice(max(0, top), min(rows, top + side)), slice(max(0, left), min(cols, left + side))
    return area, mask[
        area[0].start - top : area[0].stop - top, area[1].start - left : area[1].stop - left
    ]


def _own_component(
    ground: Ground, room: BoolArray, rng: np.random.Generator
) -> tuple[Area, BoolArray] | None:
    """Return a whole field of the map: an outline that the picture itself has."""
    rows, cols = rng.integers(0, room.shape[0]), rng.integers(0, room.shape[1])
    code = int(ground.classes[rows, cols])
    if not room[rows, cols] or code == UNKNOWN:
        return None
    groups, _ = ndimage.label(ground.classes == code)
    own = groups == groups[rows, cols]
    if not 0.01 < own.mean() < 0.35:
        return None
    rows_of, cols_of = ndimage.find_objects(own.astype(np.uint8))[0]
    return (rows_of, cols_of), own[rows_of, cols_of]


def _texture(
    ground: Ground,
    library: Library,
    area: Area,
    mask: BoolArray,
    code: int,
    rng: np.random.Generator,
) -> FloatArray | None:
    if code == ROAD:
        return _asphalt(ground, library, mask, rng)
    windows = library.windows_near(code, ground.gsd_m)
    if not windows:
        return None
    need = max(mask.shape)
    chosen = [windows[i] for i in rng.integers(len(windows), size=4)]
    scenes = library.scenes
    window = max(chosen, key=lambda w: min(need, w.side_px * scenes[w.scene].gsd_m / ground.gsd_m))
    return _cover(ground, library, window, mask.shape, _LEVELS[code], rng)


def _cover(
    ground: Ground,
    library: Library,
    window: TextureWindow,
    shape: tuple[int, int],
    limits: tuple[float, float],
    rng: np.random.Generator,
) -> FloatArray:
    """Return a texture (h, w, 3) at the ground's scale, mirrored where the window is too small."""
    from PIL import Image

    scene = library.scenes[window.scene]
    rows, cols = (
        slice(window.row, window.row + window.side_px),
        slice(window.col, window.col + window.side_px),
    )
    side = max(8, round(window.side_px * scene.gsd_m / ground.gsd_m))
    taken = min(window.side_px, round(max(shape) * ground.gsd_m / scene.gsd_m) + 2)
    if taken < window.side_px:
        row, col = rng.integers(window.side_px - taken + 1, size=2)
        rows = slice(rows.start + int(row), rows.start + int(row) + taken)
        cols = slice(cols.start + int(col), cols.start + int(col) + taken)
        side = max(8, round(taken * scene.gsd_m / ground.gsd_m))
    image = Image.fromarray(np.ascontiguousarray(scene.image[rows, cols]))
    tile = np.asarray(image.resize((side, side), Image.Resampling.BILINEAR))
    tile = np.rot90(tile, int(rng.integers(4)))
    more = [(0, max(0, n - side)) for n in shape]
    tile = np.pad(tile, (*more, (0, 0)), mode="symmetric")[: shape[0], : shape[1]]
    return towards_light(tile, library.facts[window.scene].light, ground.light, limits)


def _asphalt(
    ground: Ground, library: Library, mask: BoolArray, rng: np.random.Generator
) -> FloatArray:
    """Return paved ground: grain, stains, and on wide places the bays of a parking lot."""
    rows, cols = mask.shape
    asphalts = library.asphalts
    colour = asphalts[rng.integers(len(asphalts))] if asphalts else _ASPHALT
    own = ground.classes == ROAD
    if own.sum() > 200:
        colour = np.median(ground.image[own], axis=0).astype(np.float32)
    level, around = float(colour.mean()), float(ground.light.mean())
    colour = colour * np.float32(np.clip(level, 0.6 * around, 1.5 * around) / max(1.0, level))
    colour = colour * np.float32(rng.uniform(0.85, 1.15))
    grain = rng.normal(0, 2.5, (rows, cols)).astype(np.float32)
    stains = 3.5 * smooth_noise(rows, cols, 9, rng) + 3.5 * smooth_noise(rows, cols, 34, rng)
    pixels: FloatArray = colour + (grain + stains)[..., None]
    inner = ndimage.binary_erosion(mask, iterations=max(2, round(2.0 / ground.gsd_m)))
    if inner.mean() > 0.25 and rng.random() < 0.7 and ground.gsd_m < 0.7:
        lines = _bays(rows, cols, ground.gsd_m, rng) * inner
        pixels += lines[..., None] * np.float32(rng.uniform(30, 75))
    return pixels


def _bays(rows: int, cols: int, gsd_m: float, rng: np.random.Generator) -> FloatArray:
    """Return the share of white paint (rows, cols): rows of bays 5 m deep, 2.5 m wide."""
    angle = rng.uniform(0, np.pi)
    r, c = np.arange(rows, dtype=np.float32)[:, None], np.arange(cols, dtype=np.float32)[None]
    across = (np.cos(angle) * r + np.sin(angle) * c) * np.float32(gsd_m)
    along = (np.cos(angle) * c - np.sin(angle) * r) * np.float32(gsd_m)
    line_m = max(0.15, 0.5 * gsd_m)
    in_row = (across % 16.0) < 10.0
    bay = in_row & ((along % 2.6) < line_m)
    spine = np.abs((across % 16.0) - 5.0) < line_m / 2
    strength = min(1.0, 0.3 / gsd_m)
    paint: FloatArray = ((bay | spine) * np.float32(strength)).astype(np.float32)
    return paint
