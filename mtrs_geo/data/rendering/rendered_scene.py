"""What a rendered place is made of, and how it is painted.

Ground, streets, houses with hipped roofs and cast shadows, trees and a pond; the random
generator that a caller hands on decides everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from mtrs_geo.types import BoolArray, FloatArray, UInt8Array

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

__all__ = [
    "House",
    "lay_ground",
    "lay_streets",
    "mask_of",
    "paint_scene",
    "photograph",
    "place_houses",
    "plant_trees",
]

_SUN = np.array([0.75, -0.66])
"""Direction (x, y) that shadows fall in, in pixels: the sun stands in the south-west."""


@dataclass(frozen=True)
class House:
    """A house on its plot."""

    corners: FloatArray
    """(4, 2) as x, y; the long sides are 0-1 and 2-3."""
    drive: FloatArray
    """(4, 2), the driveway."""
    colour: tuple[int, int, int]
    height_px: float


def _noise(rows: int, cols: int, scales: tuple[float, ...], rng: np.random.Generator) -> FloatArray:
    """Return smooth noise (rows, cols) of several scales in pixels, mean 0, deviation 1."""
    total = np.zeros((rows, cols), np.float32)
    for scale in scales:
        coarse = max(1.0, scale / 3)
        shape = int(rows / coarse) + 3, int(cols / coarse) + 3
        layer = ndimage.gaussian_filter(rng.standard_normal(shape), scale / coarse)
        grown = ndimage.zoom(layer, coarse, order=1)
        repeats = -(-rows // grown.shape[0]), -(-cols // grown.shape[1])
        layer = np.tile(grown, repeats)[:rows, :cols]
        total += (layer / layer.std()).astype(np.float32)
    return total / np.float32(len(scales) ** 0.5)


def lay_ground(rows: int, cols: int, rng: np.random.Generator) -> FloatArray:
    """Return grass and soil, (rows, cols, 3), grey levels."""
    grass, soil = np.array([96, 104, 66.0]), np.array([152, 136, 106.0])
    share = 1 / (1 + np.exp(-1.6 * _noise(rows, cols, (90, 35), rng) + 0.6))[..., None]
    colour = grass * (1 - share) + soil * share
    texture = 7 * _noise(rows, cols, (1.2, 4), rng) + 5 * _noise(rows, cols, (14,), rng)
    ground: FloatArray = (colour + texture[..., None]).astype(np.float32)
    return ground


def lay_streets(rows: int, cols: int, rng: np.random.Generator) -> list[FloatArray]:
    """Return centre lines (n, 2) as x, y: gently curved, about 130 px apart."""
    lines = []
    across = np.linspace(-40, cols + 40, 60)
    phase, bend = rng.uniform(0, 6), rng.uniform(10, 24)
    for y in np.arange(rng.uniform(50, 90), rows + 60, 132):
        wave = bend * np.sin(across / 260 + phase) + 5 * np.sin(across / 90 + y)
        lines.append(np.stack([across, y + wave], axis=1))
    along = np.linspace(-40, rows + 40, 60)
    for x in np.arange(rng.uniform(150, 300), cols, 430):
        lines.append(np.stack([x + 14 * np.sin(along / 300 + phase), along], axis=1))
    return [line.astype(np.float32) for line in lines]


def place_houses(
    streets: list[FloatArray], rows: int, cols: int, rng: np.random.Generator
) -> list[House]:
    """Line both sides of the streets with houses, where there is room."""
    taken = np.zeros((rows, cols), bool)
    for line in streets:
        _stroke(taken, line, 22)
    houses = []
    for line in streets:
        for centre, direction in _stations(line, rng):
            for side in (-1, 1):
                house = _house(centre, direction, side, rng)
                inside = mask_of([house], (cols, rows))
                area = ndimage.binary_dilation(inside, iterations=5) if inside.any() else inside
                whole = inside.sum() > 300 and _within(house.corners, rows, cols)
                if whole and not taken[area].any() and rng.random() < 0.86:
                    taken |= area
                    houses.append(house)
    return houses


def _stations(
    line: FloatArray, rng: np.random.Generator
) -> Iterator[tuple[FloatArray, FloatArray]]:
    steps = np.diff(line, axis=0)
    lengths = np.hypot(*steps.T)
    ends = np.concatenate([[0], np.cumsum(lengths)])
    at = rng.uniform(10, 40)
    while at < ends[-1]:
        i = int(np.searchsorted(ends, at) - 1)
        direction = steps[i] / lengths[i]
        yield line[i] + direction * (at - ends[i]), direction
        at += rng.uniform(42, 58)


def _house(centre: FloatArray, direction: FloatArray, side: int, rng: np.random.Generator) -> House:
    normal = np.array([-direction[1], direction[0]]) * side
    setback = rng.uniform(34, 40)
    length, width = rng.uniform(30, 40), rng.uniform(20, 27)
    along, away = direction * length / 2, normal * width / 2
    middle = centre + normal * setback
    corners = np.stack(
        [middle - along - away, middle + along - away, middle + along + away, middle - along + away]
    )
    door = middle - along * 0.55
    half = direction * 4
    near, far = centre + normal * 9 - along * 0.55, door - away
    drive = np.stack([near - half, near + half, far + half, far - half])
    palette = ((118, 108, 98), (150, 96, 76), (96, 98, 104), (168, 152, 130), (132, 84, 66))
    colour = palette[rng.integers(len(palette))]
    return House(corners.astype(np.float32), drive.astype(np.float32), colour, rng.uniform(7, 12))


def plant_trees(
    streets: list[FloatArray], houses: list[House], rows: int, cols: int, rng: np.random.Generator
) -> list[tuple[float, float, float]]:
    """Return (x, y, radius) of trees: in groves, off the streets and houses."""
    built = mask_of(houses, (cols, rows))
    for line in streets:
        _stroke(built, line, 20)
    room = ndimage.distance_transform_edt(~built)
    likely = _noise(rows, cols, (60,), rng) > 0.3
    trees = []
    for _ in range(rows * cols // 900):
        y, x, radius = rng.uniform(0, rows), rng.uniform(0, cols), rng.uniform(4, 10)
        if room[int(y), int(x)] > radius + 2 and (likely[int(y), int(x)] or rng.random() < 0.15):
            trees.append((x, y, radius))
    return trees


def paint_scene(
    ground: FloatArray,
    streets: list[FloatArray],
    standing: list[House],
    bare: list[House],
    trees: list[tuple[float, float, float]],
) -> FloatArray:
    """Paint one date; twice as large inside, so that edges are smooth."""
    from PIL import Image
    from PIL import ImageDraw as Drawing

    rows, cols = ground.shape[:2]
    ground = _cleared(ground, bare)
    image = Image.fromarray(ground.clip(0, 255).astype(np.uint8)).resize((2 * cols, 2 * rows))
    draw = Drawing.Draw(image)
    for width, colour in ((40, (158, 152, 142)), (30, (108, 107, 106))):
        for line in streets:
            draw.line([tuple(p) for p in 2 * line], fill=colour, width=width, joint="curve")
    for house in standing:
        draw.polygon(_points(_grown(house.corners, 6)), fill=(104, 116, 70))
        draw.polygon(_points(house.drive), fill=(176, 172, 164))
    shadow = Image.new("L", image.size, 0)
    _cast(Drawing.Draw(shadow), standing, trees)
    for house in standing:
        _roof(draw, house)
    _crowns(draw, trees)
    dark = np.asarray(shadow.resize((cols, rows)), np.float32) / 255
    small = np.asarray(image.resize((cols, rows), Image.Resampling.BOX), np.float32)
    roofs = mask_of(standing, (cols, rows))
    shade = np.where(roofs, 0, ndimage.gaussian_filter(dark, 0.8))
    lit: FloatArray = (small * (1 - 0.55 * shade[..., None])).astype(np.float32)
    return lit


def _cleared(ground: FloatArray, bare: list[House]) -> FloatArray:
    """Leave mottled earth with a soft edge where houses stood."""
    if not bare:
        return ground
    share = ndimage.gaussian_filter(mask_of(bare, ground.shape[1::-1]).astype(np.float32), 6)
    mottled = 12 * _noise(ground.shape[0], ground.shape[1], (3, 10), np.random.default_rng(7))
    earth = np.array([142, 128, 98.0]) + mottled[..., None]
    cleared: FloatArray = ground + 0.75 * share[..., None] * (earth - ground)
    return cleared.astype(np.float32)


def _cast(draw: ImageDraw, standing: list[House], trees: list[tuple[float, float, float]]) -> None:
    for house in standing:
        for step in np.linspace(0.2, 1, 5):
            moved = house.corners + _SUN * house.height_px * step
            draw.polygon(_points(moved), fill=255)
    for x, y, radius in trees:
        cx, cy = 2 * (np.array([x, y]) + _SUN * radius * 0.9)
        draw.ellipse([cx - 2 * radius, cy - 2 * radius, cx + 2 * radius, cy + 2 * radius], fill=200)


def _roof(draw: ImageDraw, house: House) -> None:
    a, b, c, d = house.corners
    inset = (d - a) / 2
    along = (b - a) / np.linalg.norm(b - a)
    ridge = along * np.linalg.norm(inset)
    e, f = a + inset + ridge, b + inset - ridge
    for facet in ((a, b, f, e), (b, c, f), (c, d, e, f), (d, a, e)):
        centre = np.mean(facet, axis=0) - np.mean(house.corners, axis=0)
        light = 1 - 0.28 * float(centre @ _SUN) / max(1e-6, float(np.linalg.norm(centre)))
        colour = tuple(int(min(255, light * value)) for value in house.colour)
        draw.polygon(_points(np.asarray(facet)), fill=colour)


def _crowns(draw: ImageDraw, trees: list[tuple[float, float, float]]) -> None:
    rng = np.random.default_rng(len(trees))
    for x, y, radius in trees:
        tone = rng.uniform(0.75, 1.1)
        for part in range(7):
            angle, reach = rng.uniform(0, 2 * np.pi), radius * 0.55 * (part > 0)
            cx, cy = 2 * (x + reach * np.cos(angle)), 2 * (y + reach * np.sin(angle))
            size = 2 * radius * rng.uniform(0.45, 0.65)
            lit = tone * (1 - 0.25 * (np.cos(angle) * _SUN[0] + np.sin(angle) * _SUN[1]))
            colour = tuple(int(lit * value) for value in (66, 82, 48))
            draw.ellipse([cx - size, cy - size, cx + size, cy + size], fill=colour)


def photograph(scene: FloatArray, rng: np.random.Generator, warmth: float) -> UInt8Array:
    """Give a date its own light, blur and noise."""
    light = rng.uniform(0.9, 1.08) * np.array([warmth, 1.0, 2 - warmth])
    blurred = ndimage.gaussian_filter(scene, (0.6, 0.6, 0)) * light
    grain = rng.normal(0, 3.5, scene.shape[:2])[..., None]
    return (blurred + grain).clip(0, 255).astype(np.uint8)


def mask_of(houses: list[House], size: tuple[int, int]) -> BoolArray:
    """Return where roofs are, (rows, cols), for a ``size`` of (cols, rows)."""
    from PIL import Image
    from PIL import ImageDraw as Drawing

    image = Image.new("L", size, 0)
    draw = Drawing.Draw(image)
    for house in houses:
        draw.polygon([tuple(p) for p in house.corners], fill=1)
    return np.asarray(image, dtype=bool)


def _stroke(target: BoolArray, line: FloatArray, width_px: int) -> None:
    from PIL import Image
    from PIL import ImageDraw as Drawing

    image = Image.fromarray(target.astype(np.uint8))
    Drawing.Draw(image).line([tuple(p) for p in line], fill=1, width=width_px)
    target |= np.asarray(image, dtype=bool)


def _grown(corners: FloatArray, by_px: float) -> FloatArray:
    centre = corners.mean(0)
    away = corners - centre
    grown: FloatArray = corners + away / np.linalg.norm(away, axis=1, keepdims=True) * by_px
    return grown


def _within(corners: FloatArray, rows: int, cols: int) -> bool:
    low, high = corners.min(0), corners.max(0)
    return bool((low > 2).all() and high[0] < cols - 2 and high[1] < rows - 2)


def _points(corners: FloatArray) -> list[tuple[float, float]]:
    """Corners as Pillow takes them, at the scale that scenes are painted in."""
    return [(float(x) * 2, float(y) * 2) for x, y in corners]
