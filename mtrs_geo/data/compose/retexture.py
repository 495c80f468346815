"""Retexturing: a region gets the texture of another class.

Grass becomes a parking lot, a field becomes a pond, a yard becomes a lawn, a road is removed.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import ndimage

from mtrs_geo.class_codes import BARE, ROAD, TRACK, UNKNOWN, VEGETATION, WATER
from mtrs_geo.data.compose.edit import (
    Edit,
    EditableScene,
    Region,
    feather,
    remove_small_components,
)
from mtrs_geo.data.compose.library import Library, TextureWindow
from mtrs_geo.data.compose.paste import match_colour
from mtrs_geo.data.compose.shapes import blob, parcel, smooth_noise, strip
from mtrs_geo.types import BoolArray, FloatArray

__all__ = ["retexture", "retexture_target_codes"]

_TARGETS: Mapping[int, frozenset[int]] = {
    ROAD: frozenset({VEGETATION, BARE, UNKNOWN}),
    VEGETATION: frozenset({BARE, ROAD, TRACK, WATER}),
    BARE: frozenset({VEGETATION, ROAD, WATER}),
    WATER: frozenset({VEGETATION, BARE, UNKNOWN}),
}
"""Codes that each class may replace."""

_GROUPS = (
    (frozenset({VEGETATION, BARE, UNKNOWN}), 0.7),
    (frozenset({ROAD, TRACK}), 0.2),
    (frozenset({WATER}), 0.1),
)
"""Codes that one edit replaces together, and their weight."""
_MIN_PX = 120
_OUTLINES = 6
"""Outlines that are tried; each is smaller than the one before it."""
_EDGE_PX = {ROAD: 1, VEGETATION: 3, BARE: 3, WATER: 2}
_BRIGHTNESS = {VEGETATION: (0.5, 1.3), BARE: (0.8, 1.6), WATER: (0.4, 1.05)}
"""Range of the mean brightness of each class, relative to the scene."""
_ROAD_WIDTH_M = (5.0, 12.0)
_ASPHALT = np.array([118.0, 117.0, 115.0], np.float32)
"""Colour of asphalt if neither the scene nor the library has a road."""


def retexture_target_codes(code: int, unlabelled: frozenset[int]) -> frozenset[int]:
    """Return the codes that class ``code`` may replace.

    Unknown ground is excluded if it may have the class already; open ground, though, is not
    water.
    """
    return _TARGETS[code] - ({UNKNOWN} if code in unlabelled and code != WATER else frozenset())


def retexture(
    scene: EditableScene, library: Library, code: int, rng: np.random.Generator
) -> Edit | None:
    """Return an edit that gives a region the texture of class ``code``, or None without space."""
    targets = _draw_targets(scene, code, rng)
    free = scene.free_mask(targets)
    if free.mean() < 0.01:
        return None
    for attempt in range(_OUTLINES):
        region, mask = _draw_outline(scene, free, code, 0.8**attempt, rng)
        # A road is replaced wherever the outline crosses it; other ground must fill the outline.
        if ROAD in targets or _is_mostly_free(mask, free[region], code):
            mask = remove_small_components(mask & free[region], _MIN_PX // 2)
            if mask.sum() >= _MIN_PX:
                return _fill(scene, library, region, mask, code, rng)
    return None


def _draw_targets(scene: EditableScene, code: int, rng: np.random.Generator) -> frozenset[int]:
    """Return the codes to replace: open ground, roads or water, one group per edit."""
    allowed = retexture_target_codes(code, scene.unlabelled)
    groups = [
        (allowed & group, weight) for group, weight in _GROUPS if scene.has_any(allowed & group)
    ]
    if not groups:
        return allowed
    weights = np.array([weight for _, weight in groups])
    return groups[rng.choice(len(groups), p=weights / weights.sum())][0]


def _fill(
    scene: EditableScene,
    library: Library,
    region: Region,
    mask: BoolArray,
    code: int,
    rng: np.random.Generator,
) -> Edit | None:
    pixels = _texture(scene, library, mask, code, rng)
    if pixels is None:
        return None
    classes = np.full(mask.shape, code, np.uint8)
    return Edit(region, mask, classes, feather(mask, _EDGE_PX[code]), pixels)


def _is_mostly_free(mask: BoolArray, free: BoolArray, code: int) -> bool:
    """Return whether most of an outline is free; a road may be interrupted, as by tree crowns."""
    share = float(free[mask].mean()) if mask.any() else 0.0
    return share > (0.65 if code == ROAD else 0.85)


def _draw_outline(
    scene: EditableScene, free: BoolArray, code: int, scale: float, rng: np.random.Generator
) -> tuple[Region, BoolArray]:
    rows, cols = scene.classes.shape
    if code == ROAD and rng.random() < 0.45:
        width = float(rng.uniform(*_ROAD_WIDTH_M)) / scene.gsd_m
        whole = strip(max(rows, cols), width, rng)[:rows, :cols]
        return (slice(0, rows), slice(0, cols)), whole
    if rng.random() < 0.3:
        component = _draw_component(scene, free, rng)
        if component is not None:
            return component
    side = round(min(rows, cols) * max(0.1, scale * rng.uniform(0.16, 0.5)))
    shape = parcel if code == ROAD or (code != WATER and rng.random() < 0.6) else blob
    mask = shape(side, rng)
    points = np.argwhere(free[::4, ::4]) * 4
    centre = points[rng.integers(len(points))] if len(points) else np.array([rows // 2, cols // 2])
    top, left = (
        int(np.clip(c - side // 2, -side // 4, n - 3 * side // 4))
        for c, n in zip(centre, (rows, cols), strict=True)
    )
    region = slice(max(0, top), min(rows, top + side)), slice(max(0, left), min(cols, left + side))
    return region, mask[
        region[0].start - top : region[0].stop - top,
        region[1].start - left : region[1].stop - left,
    ]


def _draw_component(
    scene: EditableScene, free: BoolArray, rng: np.random.Generator
) -> tuple[Region, BoolArray] | None:
    """Return a whole component of the class map, for example a field, or None."""
    row, col = rng.integers(0, free.shape[0]), rng.integers(0, free.shape[1])
    code = int(scene.classes[row, col])
    if not free[row, col] or code == UNKNOWN:
        return None
    components, _ = ndimage.label(scene.classes == code)
    component = components == components[row, col]
    if not 0.01 < component.mean() < 0.35:
        return None
    rows, cols = ndimage.find_objects(component.astype(np.uint8))[0]
    return (rows, cols), component[rows, cols]


def _texture(
    scene: EditableScene, library: Library, mask: BoolArray, code: int, rng: np.random.Generator
) -> FloatArray | None:
    if code == ROAD:
        return _synthesize_asphalt(scene, library, mask, rng)
    windows = library.windows_near(code, scene.gsd_m)
    if not windows:
        return None
    needed = max(mask.shape)
    candidates = [windows[i] for i in rng.integers(len(windows), size=4)]
    gsds = [library.scenes[w.scene].gsd_m for w in candidates]
    sides = [
        min(needed, w.side_px * gsd_m / scene.gsd_m)
        for w, gsd_m in zip(candidates, gsds, strict=True)
    ]
    window = candidates[int(np.argmax(sides))]
    return _sample_texture(scene, library, window, mask.shape, _BRIGHTNESS[code], rng)


def _sample_texture(
    scene: EditableScene,
    library: Library,
    window: TextureWindow,
    shape: tuple[int, int],
    limits: tuple[float, float],
    rng: np.random.Generator,
) -> FloatArray:
    """Return a texture (h, w, 3) at the scene's pixel size, mirrored if the window is too small."""
    from PIL import Image

    donor = library.scenes[window.scene]
    row, col = window.row, window.col
    source_px = min(window.side_px, round(max(shape) * scene.gsd_m / donor.gsd_m) + 2)
    if source_px < window.side_px:
        down, right = rng.integers(window.side_px - source_px + 1, size=2)
        row, col = row + int(down), col + int(right)
    side = max(8, round(source_px * donor.gsd_m / scene.gsd_m))
    pixels = donor.image[row : row + source_px, col : col + source_px]
    image = Image.fromarray(np.ascontiguousarray(pixels))
    tile = np.asarray(image.resize((side, side), Image.Resampling.BILINEAR))
    tile = np.rot90(tile, int(rng.integers(4)))
    margin = [(0, max(0, n - side)) for n in shape]
    tile = np.pad(tile, (*margin, (0, 0)), mode="symmetric")[: shape[0], : shape[1]]
    source_colour = library.stats[window.scene].mean_colour
    return match_colour(tile, source_colour, scene.mean_colour, limits)


def _synthesize_asphalt(
    scene: EditableScene, library: Library, mask: BoolArray, rng: np.random.Generator
) -> FloatArray:
    """Return paved ground (h, w, 3): noise, stains, and in wide regions lines of parking bays."""
    rows, cols = mask.shape
    colours = library.asphalt_colours
    colour = colours[rng.integers(len(colours))] if colours else _ASPHALT
    roads = scene.classes == ROAD
    if roads.sum() > 200:
        colour = np.median(scene.image[roads], axis=0).astype(np.float32)
    level, mean = float(colour.mean()), float(scene.mean_colour.mean())
    colour = colour * np.float32(np.clip(level, 0.6 * mean, 1.5 * mean) / max(1.0, level))
    colour = colour * np.float32(rng.uniform(0.85, 1.15))
    noise = rng.normal(0, 2.5, (rows, cols)).astype(np.float32)
    stains = 3.5 * smooth_noise(rows, cols, 9, rng) + 3.5 * smooth_noise(rows, cols, 34, rng)
    pixels: FloatArray = colour + (noise + stains)[..., None]
    inner = ndimage.binary_erosion(mask, iterations=max(2, round(2.0 / scene.gsd_m)))
    if inner.mean() > 0.25 and rng.random() < 0.7 and scene.gsd_m < 0.7:
        lines = _parking_lines(rows, cols, scene.gsd_m, rng) * inner
        pixels += lines[..., None] * np.float32(rng.uniform(30, 75))
    return pixels


def _parking_lines(rows: int, cols: int, gsd_m: float, rng: np.random.Generator) -> FloatArray:
    """Return the opacity of white lines (rows, cols): rows of bays, 5 m deep and 2.6 m wide."""
    angle = rng.uniform(0, np.pi)
    r, c = np.arange(rows, dtype=np.float32)[:, None], np.arange(cols, dtype=np.float32)[None]
    across = (np.cos(angle) * r + np.sin(angle) * c) * np.float32(gsd_m)
    along = (np.cos(angle) * c - np.sin(angle) * r) * np.float32(gsd_m)
    line_m = max(0.15, 0.5 * gsd_m)
    in_row = (across % 16.0) < 10.0
    dividers = in_row & ((along % 2.6) < line_m)
    centre_line = np.abs((across % 16.0) - 5.0) < line_m / 2
    strength = min(1.0, 0.3 / gsd_m)
    paint: FloatArray = ((dividers | centre_line) * np.float32(strength)).astype(np.float32)
    return paint
