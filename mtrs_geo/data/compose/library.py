"""Library of labelled scenes: cut-outs of objects, windows of one texture, shadow directions."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, count, repeat

import numpy as np
from scipy import ndimage

from mtrs_geo.class_codes import BARE, BUILDING, CAR, ROAD, TRACK, VEGETATION, WATER
from mtrs_geo.data.compose.edit import Region, pad_region
from mtrs_geo.data.datasets.scenes import LabelledScene
from mtrs_geo.types import BoolArray, FloatArray, UInt8Array

__all__ = ["CutOut", "Library", "SceneStats", "TextureWindow"]

_SIDES_PX = (48, 96, 192, 288)
_MIN_PURITY = 0.985
"""Smallest share of one class in a texture window."""
_MARGIN_PX = 3
_OBJECT_M2: Mapping[int, tuple[float, float]] = {
    BUILDING: (25, 2500),
    WATER: (15, 4000),
    VEGETATION: (12, 1500),
    CAR: (4, 30),
}
"""Range of areas in m² within which a component is taken for one object."""
_MAX_GSD_RATIO = 1.35
"""Objects and textures may be coarser than the image by this factor."""
_MIN_FILL = 0.45
"""Smallest share of its bounding box that an object fills."""
_DEFAULT_SHADOW = np.array([-0.8, 0.6], np.float32)
"""Shadow direction (rows, cols) if it cannot be measured."""


@dataclass(frozen=True)
class CutOut:
    """One object of a scene."""

    scene: int
    """Index of the scene."""
    region: Region
    """Bounding box with a margin of three pixels, clipped to the scene."""
    mask: BoolArray
    """(h, w)."""
    code: int


@dataclass(frozen=True)
class TextureWindow:
    """A square window of a scene with a single class."""

    scene: int
    """Index of the scene."""
    row: int
    col: int
    side_px: int


@dataclass(frozen=True)
class SceneStats:
    """Statistics of a scene."""

    mean_colour: FloatArray
    """(3,)."""
    shadow_direction: FloatArray
    """Unit vector (rows, cols) in which shadows fall."""
    asphalt_colour: FloatArray | None
    """Median colour of its paved roads, (3,); None if it has too few."""


class Library:
    """Labelled scenes with their objects, textures and statistics.

    Args:
        scenes: scenes of any sets; all stay in memory.
    """

    def __init__(self, scenes: Sequence[LabelledScene]) -> None:
        self.scenes = tuple(scenes)
        self.objects: dict[int, list[CutOut]] = {code: [] for code in _OBJECT_M2}
        self.textures: dict[int, list[TextureWindow]] = {
            code: [] for code in (VEGETATION, WATER, BARE)
        }
        with ThreadPoolExecutor() as pool:
            self.stats = tuple(pool.map(_stats, self.scenes))
            cut_outs_of = pool.map(_cut_outs, count(), self.scenes)
            windows_of = {
                code: pool.map(_windows, count(), self.scenes, repeat(code))
                for code in self.textures
            }
            for cut_out in chain.from_iterable(cut_outs_of):
                self.objects[cut_out.code].append(cut_out)
            for code, windows in self.textures.items():
                windows.extend(chain.from_iterable(windows_of[code]))
        # Finest first: the entries that are fine enough for an image are the start of a list.
        for cut_outs in self.objects.values():
            cut_outs.sort(key=self._gsd_m)
        for windows in self.textures.values():
            windows.sort(key=self._gsd_m)
        self.base_indices = tuple(i for i, scene in enumerate(self.scenes) if scene.is_base)
        self.road_indices = tuple(
            i for i, scene in enumerate(self.scenes) if _share(scene, (ROAD, TRACK)) > 0.01
        )
        self.asphalt_colours = tuple(
            stats.asphalt_colour for stats in self.stats if stats.asphalt_colour is not None
        )

    def objects_near(self, code: int, gsd_m: float) -> Sequence[CutOut]:
        """Return objects of a class that are fine enough for an image of ``gsd_m``."""
        cut_outs = self.objects.get(code, [])
        return cut_outs[: bisect_left(cut_outs, _MAX_GSD_RATIO * gsd_m, key=self._gsd_m)]

    def windows_near(self, code: int, gsd_m: float) -> Sequence[TextureWindow]:
        """Return windows of a class that are fine enough for an image of ``gsd_m``."""
        windows = self.textures.get(code, [])
        return windows[: bisect_left(windows, _MAX_GSD_RATIO * gsd_m, key=self._gsd_m)]

    def _gsd_m(self, item: CutOut | TextureWindow) -> float:
        return self.scenes[item.scene].gsd_m


def _share(scene: LabelledScene, codes: Iterable[int]) -> float:
    return float(np.isin(scene.classes, list(codes)).mean())


def _cut_outs(index: int, scene: LabelledScene) -> list[CutOut]:
    cut_outs = []
    for code, (low, high) in _OBJECT_M2.items():
        mask = scene.classes == code
        # Vegetation found by colour is not an object: it has no sharp outline.
        if not mask.any() or (code == VEGETATION and VEGETATION in scene.unlabelled):
            continue
        components, _ = ndimage.label(mask)
        for number, (rows, cols) in enumerate(ndimage.find_objects(components), start=1):
            box = rows, cols
            component = components[box] == number
            area_m2 = component.sum() * scene.gsd_m**2
            is_solid = component.mean() >= _MIN_FILL
            if low <= area_m2 <= high and is_solid and _is_whole(box, mask.shape):
                cut_outs.append(_cut_out(index, box, components, number, code))
    return cut_outs


def _is_whole(box: Region, shape: tuple[int, int]) -> bool:
    return all(p.start > 0 and p.stop < side for p, side in zip(box, shape, strict=True))


def _cut_out(index: int, box: Region, components: np.ndarray, number: int, code: int) -> CutOut:
    rows, cols = pad_region(box, _MARGIN_PX, components.shape)
    return CutOut(index, (rows, cols), components[rows, cols] == number, code)


def _windows(index: int, scene: LabelledScene, code: int) -> list[TextureWindow]:
    """Return up to about four of the largest windows of a single class, on a coarse grid."""
    mask = scene.classes == code
    if mask.mean() < 0.005:
        return []
    rows, cols = mask.shape
    total = np.zeros((rows + 1, cols + 1), np.int64)
    total[1:, 1:] = mask.cumsum(0, dtype=np.int64).cumsum(1)
    for side in reversed(_SIDES_PX):
        if side > min(rows, cols):
            continue
        first_rows = np.arange(0, rows - side + 1, side // 2)
        first_cols = np.arange(0, cols - side + 1, side // 2)
        r, c = first_rows[:, None], first_cols[None]
        inside = total[r + side, c + side] - total[r, c + side] - total[r + side, c] + total[r, c]
        pure = np.argwhere(inside >= _MIN_PURITY * side * side)
        if len(pure):
            return [
                TextureWindow(index, int(first_rows[i]), int(first_cols[j]), side)
                for i, j in pure[:: max(1, len(pure) // 4)][:4]
            ]
    return []


def _stats(scene: LabelledScene) -> SceneStats:
    mean_colour = scene.image.reshape(-1, 3)[::7].mean(0, dtype=np.float32)
    road = scene.classes == ROAD
    asphalt_colour = None
    if road.sum() > 400:
        inner = ndimage.binary_erosion(road, iterations=2)
        if inner.any():
            asphalt_colour = np.median(scene.image[inner], axis=0).astype(np.float32)
    return SceneStats(mean_colour, _shadow_direction(scene), asphalt_colour)


def _shadow_direction(scene: LabelledScene) -> FloatArray:
    """Return the direction from buildings in which the ground is darkest, of 16 directions."""
    buildings = scene.classes == BUILDING
    grey: UInt8Array = scene.image.mean(-1).astype(np.uint8)
    distance_px = max(2, round(2.5 / scene.gsd_m))
    if buildings.mean() < 0.004 or min(grey.shape) < 8 * distance_px:
        return _DEFAULT_SHADOW
    angles = np.arange(16) * np.pi / 8
    brightness = []
    for angle in angles:
        shift = round(distance_px * np.sin(angle)), round(distance_px * np.cos(angle))
        beside = np.roll(buildings, shift, (0, 1)) & ~buildings
        brightness.append(float(grey[beside].mean()) if beside.any() else 255.0)
    # The mean vector of all directions, weighted by darkness, is more robust than the minimum.
    weight = np.mean(brightness) - np.array(brightness)
    vector = np.array([(weight * np.sin(angles)).sum(), (weight * np.cos(angles)).sum()])
    length = float(np.hypot(*vector))
    if length < 2.0:
        return _DEFAULT_SHADOW
    unit: FloatArray = (vector / length).astype(np.float32)
    return unit
