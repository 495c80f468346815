"""Layout and drawing of a rendered place.

It has ground, streets, houses with hipped roofs and cast shadows, and trees. All draws come
from the random generator of the caller.
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
    "apply_sensor",
    "place_houses",
    "place_streets",
    "place_trees",
    "render_ground",
    "render_scene",
    "roof_mask",
]

_SUN = np.array([0.75, -0.66])
"""Direction (x, y) in which shadows fall, in pixels: the sun is in the south-west."""


@dataclass(frozen=True)
class House:
    """A house on its plot."""

    corners: FloatArray
    """(4, 2) as x, y in pixels; the long sides are 0-1 and 2-3."""
    drive: FloatArray
    """(4, 2), the driveway."""
    colour: tuple[int, int, int]
    height_px: float


def _noise(rows: int, cols: int, scales: tuple[float, ...], rng: np.random.Generator) -> FloatArray:
    """Return smooth noise (rows, cols) of several scales in pixels; its standard deviation is 1."""
    total = np.zeros((rows, cols), np.float32)
    for scale in scales:
        coarse = max(1.0, scale / 3)
        shape = int(rows / coarse) + 3, int(cols / coarse) + 3
        layer = ndimage.gaussian_filter(rng.standard_normal(shape), scale / coarse)
        enlarged = ndimage.zoom(layer, coarse, order=1)
        repeats = -(-rows // enlarged.shape[0]), -(-cols // enlarged.shape[1])
        layer = np.tile(enlarged, repeats)[:rows, :cols]
        total += (layer / layer.std()).astype(np.float32)
    return total / np.float32(len(scales) ** 0.5)


def render_ground(rows: int, cols: int, rng: np.random.Generator) -> FloatArray:
    """Return grass and soil (rows, cols, 3), in grey levels."""
    grass, soil = np.array([96, 104, 66.0]), np.array([152, 136, 106.0])
    soil_share = 1 / (1 + np.exp(-1.6 * _noise(rows, cols, (90, 35), rng) + 0.6))[..., None]
    colour = grass * (1 - soil_share) + soil * soil_share
    texture = 7 * _noise(rows, cols, (1.2, 4), rng) + 5 * _noise(rows, cols, (14,), rng)
    ground: FloatArray = (colour + texture[..., None]).astype(np.float32)
    return ground


def place_streets(rows: int, cols: int, rng: np.random.Generator) -> list[FloatArray]:
    """Return centre lines (n, 2) of streets as x, y in pixels: slightly curved, 132 px apart."""
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
    """Return houses along both sides of the streets, without overlaps."""
    occupied = np.zeros((rows, cols), bool)
    for line in streets:
        _draw_line(occupied, line, 22)
    houses = []
    for line in streets:
        for centre, direction in _plots(line, rng):
            for side in (-1, 1):
                house = _house(centre, direction, side, rng)
                roof = roof_mask([house], (cols, rows))
                plot = ndimage.binary_dilation(roof, iterations=5) if roof.any() else roof
                is_whole = roof.sum() > 300 and _is_inside(house.corners, rows, cols)
                if is_whole and not occupied[plot].any() and rng.random() < 0.86:
                    occupied |= plot
                    houses.append(house)
    return houses


def _plots(line: FloatArray, rng: np.random.Generator) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Yield points on a street at random intervals, each with the unit vector of the street."""
    steps = np.diff(line, axis=0)
    lengths = np.hypot(*steps.T)
    ends = np.concatenate([[0], np.cumsum(lengths)])
    distance = rng.uniform(10, 40)
    while distance < ends[-1]:
        i = int(np.searchsorted(ends, distance) - 1)
        direction = steps[i] / lengths[i]
        yield line[i] + direction * (distance - ends[i]), direction
        distance += rng.uniform(42, 58)


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


def place_trees(
    streets: list[FloatArray], houses: list[House], rows: int, cols: int, rng: np.random.Generator
) -> list[tuple[float, float, float]]:
    """Return (x, y, radius) of trees in pixels: in groups, outside streets and houses."""
    built = roof_mask(houses, (cols, rows))
    for line in streets:
        _draw_line(built, line, 20)
    clearance = ndimage.distance_transform_edt(~built)
    is_grove = _noise(rows, cols, (60,), rng) > 0.3
    trees = []
    for _ in range(rows * cols // 900):
        y, x, radius = rng.uniform(0, rows), rng.uniform(0, cols), rng.uniform(4, 10)
        if clearance[int(y), int(x)] > radius + 2 and (
            is_grove[int(y), int(x)] or rng.random() < 0.15
        ):
            trees.append((x, y, radius))
    return trees


def render_scene(
    ground: FloatArray,
    streets: list[FloatArray],
    houses: list[House],
    demolished: list[House],
    trees: list[tuple[float, float, float]],
) -> FloatArray:
    """Return one date (rows, cols, 3), drawn at twice its size for smooth edges.

    Args:
        ground: (rows, cols, 3), see `render_ground`.
        streets: centre lines, see `place_streets`.
        houses: the houses of this date.
        demolished: houses whose plots are bare soil at this date.
        trees: (x, y, radius) in pixels.
    """
    from PIL import Image
    from PIL import ImageDraw as Drawing

    rows, cols = ground.shape[:2]
    ground = _with_bare_soil(ground, demolished)
    image = Image.fromarray(ground.clip(0, 255).astype(np.uint8)).resize((2 * cols, 2 * rows))
    draw = Drawing.Draw(image)
    for width, colour in ((40, (158, 152, 142)), (30, (108, 107, 106))):
        for line in streets:
            draw.line([tuple(p) for p in 2 * line], fill=colour, width=width, joint="curve")
    for house in houses:
        draw.polygon(_points(_enlarged(house.corners, 6)), fill=(104, 116, 70))
        draw.polygon(_points(house.drive), fill=(176, 172, 164))
    shadow = Image.new("L", image.size, 0)
    _draw_shadows(Drawing.Draw(shadow), houses, trees)
    for house in houses:
        _draw_roof(draw, house)
    _draw_crowns(draw, trees)
    dark = np.asarray(shadow.resize((cols, rows)), np.float32) / 255
    small = np.asarray(image.resize((cols, rows), Image.Resampling.BOX), np.float32)
    roofs = roof_mask(houses, (cols, rows))
    shade = np.where(roofs, 0, ndimage.gaussian_filter(dark, 0.8))
    lit: FloatArray = (small * (1 - 0.55 * shade[..., None])).astype(np.float32)
    return lit


def _with_bare_soil(ground: FloatArray, demolished: list[House]) -> FloatArray:
    """Return the ground with mottled soil, with soft edges, at the places of houses."""
    if not demolished:
        return ground
    alpha = ndimage.gaussian_filter(
        roof_mask(demolished, ground.shape[1::-1]).astype(np.float32), 6
    )
    mottled = 12 * _noise(ground.shape[0], ground.shape[1], (3, 10), np.random.default_rng(7))
    soil = np.array([142, 128, 98.0]) + mottled[..., None]
    bare: FloatArray = ground + 0.75 * alpha[..., None] * (soil - ground)
    return bare.astype(np.float32)


def _draw_shadows(
    draw: ImageDraw, houses: list[House], trees: list[tuple[float, float, float]]
) -> None:
    for house in houses:
        for step in np.linspace(0.2, 1, 5):
            shifted = house.corners + _SUN * house.height_px * step
            draw.polygon(_points(shifted), fill=255)
    for x, y, radius in trees:
        cx, cy = 2 * (np.array([x, y]) + _SUN * radius * 0.9)
        draw.ellipse([cx - 2 * radius, cy - 2 * radius, cx + 2 * radius, cy + 2 * radius], fill=200)


def _draw_roof(draw: ImageDraw, house: House) -> None:
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


def _draw_crowns(draw: ImageDraw, trees: list[tuple[float, float, float]]) -> None:
    rng = np.random.default_rng(len(trees))
    for x, y, radius in trees:
        tone = rng.uniform(0.75, 1.1)
        for lobe in range(7):
            angle, offset = rng.uniform(0, 2 * np.pi), radius * 0.55 * (lobe > 0)
            cx, cy = 2 * (x + offset * np.cos(angle)), 2 * (y + offset * np.sin(angle))
            lobe_radius = 2 * radius * rng.uniform(0.45, 0.65)
            brightness = tone * (1 - 0.25 * (np.cos(angle) * _SUN[0] + np.sin(angle) * _SUN[1]))
            colour = tuple(int(brightness * value) for value in (66, 82, 48))
            box = [cx - lobe_radius, cy - lobe_radius, cx + lobe_radius, cy + lobe_radius]
            draw.ellipse(box, fill=colour)


def apply_sensor(scene: FloatArray, rng: np.random.Generator, warmth: float) -> UInt8Array:
    """Return an image (rows, cols, 3) with random brightness, a colour cast, blur and noise.

    Args:
        scene: (rows, cols, 3), see `render_scene`.
        rng: random generator.
        warmth: factor of red; that of blue is 2 - warmth.
    """
    gain = rng.uniform(0.9, 1.08) * np.array([warmth, 1.0, 2 - warmth])
    blurred = ndimage.gaussian_filter(scene, (0.6, 0.6, 0)) * gain
    noise = rng.normal(0, 3.5, scene.shape[:2])[..., None]
    return (blurred + noise).clip(0, 255).astype(np.uint8)


def roof_mask(houses: list[House], size: tuple[int, int]) -> BoolArray:
    """Return the roofs of houses as a mask (rows, cols), for a ``size`` of (cols, rows)."""
    from PIL import Image
    from PIL import ImageDraw as Drawing

    image = Image.new("L", size, 0)
    draw = Drawing.Draw(image)
    for house in houses:
        draw.polygon([tuple(p) for p in house.corners], fill=1)
    return np.asarray(image, dtype=bool)


def _draw_line(target: BoolArray, line: FloatArray, width_px: int) -> None:
    from PIL import Image
    from PIL import ImageDraw as Drawing

    image = Image.fromarray(target.astype(np.uint8))
    Drawing.Draw(image).line([tuple(p) for p in line], fill=1, width=width_px)
    target |= np.asarray(image, dtype=bool)


def _enlarged(corners: FloatArray, margin_px: float) -> FloatArray:
    centre = corners.mean(0)
    outward = corners - centre
    unit = outward / np.linalg.norm(outward, axis=1, keepdims=True)
    enlarged: FloatArray = corners + unit * margin_px
    return enlarged


def _is_inside(corners: FloatArray, rows: int, cols: int) -> bool:
    low, high = corners.min(0), corners.max(0)
    return bool((low > 2).all() and high[0] < cols - 2 and high[1] < rows - 2)


def _points(corners: FloatArray) -> list[tuple[float, float]]:
    """Return corners as Pillow takes them, at twice the size."""
    return [(float(x) * 2, float(y) * 2) for x, y in corners]
