"""What the scenes offer: objects to cut out, windows of one texture, and where their sun stood."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, count, repeat

import numpy as np
from scipy import ndimage

from mtrs_geo.class_codes import BARE, BUILDING, CAR, ROAD, TRACK, VEGETATION, WATER
from mtrs_geo.data.compose.patch import Area
from mtrs_geo.data.datasets.scenes import LabelledScene
from mtrs_geo.types import BoolArray, FloatArray, UInt8Array

__all__ = ["CutOut", "Library", "SceneFacts", "TextureWindow"]

_SIDES_PX = (48, 96, 192, 288)
_PURE = 0.985
_LEEWAY_PX = 3
_OBJECT_M2: Mapping[int, tuple[float, float]] = {
    BUILDING: (25, 2500),
    WATER: (15, 4000),
    VEGETATION: (12, 1500),
    CAR: (4, 30),
}
"""Areas between which a component is one object."""
_COARSER = 1.35
_SOLID = 0.45
_NORTH = np.array([-0.8, 0.6], np.float32)


@dataclass(frozen=True)
class CutOut:
    """One object in its scene."""

    scene: int
    area: Area
    """With a leeway of three pixels where the scene has it."""
    mask: BoolArray
    """(h, w)."""
    code: int


@dataclass(frozen=True)
class TextureWindow:
    """A square of a scene that shows one class only."""

    scene: int
    row: int
    col: int
    side_px: int


@dataclass(frozen=True)
class SceneFacts:
    """What is measured once a scene."""

    light: FloatArray
    """Mean colour, (3,)."""
    shadow: FloatArray
    """Unit vector (rows, cols) that shadows fall in."""
    asphalt: FloatArray | None
    """Mean colour of its paved roads, (3,)."""


class Library:
    """Scenes and all that is cut from them.

    Args:
        scenes: of any sets; all stay in memory.
    """

    def __init__(self, scenes: Sequence[LabelledScene]) -> None:
        self.scenes = tuple(scenes)
        self.objects: dict[int, list[CutOut]] = {code: [] for code in _OBJECT_M2}
        self.textures: dict[int, list[TextureWindow]] = {
            code: [] for code in (VEGETATION, WATER, BARE)
        }
        with ThreadPoolExecutor() as pool:
            self.facts = tuple(pool.map(_facts, self.scenes))
            cuts_of = pool.map(_objects, count(), self.scenes)
            windows_of = {
                code: pool.map(_windows, count(), self.scenes, repeat(code))
                for code in self.textures
            }
            for cut in chain.from_iterable(cuts_of):
                self.objects[cut.code].append(cut)
            for code, found in self.textures.items():
                found.extend(chain.from_iterable(windows_of[code]))
        # Finest first, so that what suits a picture is the beginning of a list.
        for cuts in self.objects.values():
            cuts.sort(key=self._gsd_m)
        for windows in self.textures.values():
            windows.sort(key=self._gsd_m)
        self.bases = tuple(i for i, scene in enumerate(self.scenes) if scene.is_base)
        self.roads = tuple(
            i for i, scene in enumerate(self.scenes) if _share(scene, (ROAD, TRACK)) > 0.01
        )
        self.asphalts = tuple(f.asphalt for f in self.facts if f.asphalt is not None)

    def objects_near(self, code: int, gsd_m: float) -> Sequence[CutOut]:
        """Return objects of a class that are no coarser than a picture of ``gsd_m``."""
        cuts = self.objects.get(code, [])
        return cuts[: bisect_left(cuts, _COARSER * gsd_m, key=self._gsd_m)]

    def windows_near(self, code: int, gsd_m: float) -> Sequence[TextureWindow]:
        """Return windows of a class that are no coarser than a picture of ``gsd_m``."""
        windows = self.textures.get(code, [])
        return windows[: bisect_left(windows, _COARSER * gsd_m, key=self._gsd_m)]

    def _gsd_m(self, item: CutOut | TextureWindow) -> float:
        return self.scenes[item.scene].gsd_m


def _share(scene: LabelledScene, codes: Iterable[int]) -> float:
    return float(np.isin(scene.classes, list(codes)).mean())


def _objects(index: int, scene: LabelledScene) -> list[CutOut]:
    found = []
    for code, (low, high) in _OBJECT_M2.items():
        mask = scene.classes == code
        # Greenery found by colour is no object: its outline is where the colour fades.
        if not mask.any() or (code == VEGETATION and VEGETATION in scene.unseen):
            continue
        groups, _ = ndimage.label(mask)
        for number, (rows, cols) in enumerate(ndimage.find_objects(groups), start=1):
            area = rows, cols
            own = groups[area] == number
            m2 = own.sum() * scene.gsd_m**2
            if low <= m2 <= high and own.mean() >= _SOLID and _is_whole(area, mask.shape):
                found.append(_cut(index, area, groups, number, code))
    return found


def _is_whole(area: Area, shape: tuple[int, int]) -> bool:
    return all(p.start > 0 and p.stop < side for p, side in zip(area, shape, strict=True))


def _cut(index: int, area: Area, groups: np.ndarray, number: int, code: int) -> CutOut:
    rows, cols = (
        slice(max(0, p.start - _LEEWAY_PX), min(side, p.stop + _LEEWAY_PX))
        for p, side in zip(area, groups.shape, strict=True)
    )
    return CutOut(index, (rows, cols), groups[rows, cols] == number, code)


def _windows(index: int, scene: LabelledScene, code: int) -> list[TextureWindow]:
    """Return the largest pure squares on a coarse grid, at most a few a scene."""
    mask = scene.classes == code
    if mask.mean() < 0.005:
        return []
    rows, cols = mask.shape
    total = np.zeros((rows + 1, cols + 1), np.int64)
    total[1:, 1:] = mask.cumsum(0, dtype=np.int64).cumsum(1)
    for side in reversed(_SIDES_PX):
        if side > min(rows, cols):
            continue
        at_rows = np.arange(0, rows - side + 1, side // 2)
        at_cols = np.arange(0, cols - side + 1, side // 2)
        r, c = at_rows[:, None], at_cols[None]
        inside = total[r + side, c + side] - total[r, c + side] - total[r + side, c] + total[r, c]
        pure = np.argwhere(inside >= _PURE * side * side)
        if len(pure):
            chosen = pure[:: max(1, len(pure) // 4)][:4]
            return [TextureWindow(index, int(at_rows[i]), int(at_cols[j]), side) for i, j in chosen]
    return []


def _facts(scene: LabelledScene) -> SceneFacts:
    light = scene.image.reshape(-1, 3)[::7].mean(0, dtype=np.float32)
    road = scene.classes == ROAD
    asphalt = None
    if road.sum() > 400:
        inner = ndimage.binary_erosion(road, iterations=2)
        if inner.any():
            asphalt = np.median(scene.image[inner], axis=0).astype(np.float32)
    return SceneFacts(light, _shadow_direction(scene), asphalt)


def _shadow_direction(scene: LabelledScene) -> FloatArray:
    """Measure in which of 16 directions the ground beside buildings is darkest."""
    buildings = scene.classes == BUILDING
    grey: UInt8Array = scene.image.mean(-1).astype(np.uint8)
    reach = max(2, round(2.5 / scene.gsd_m))
    if buildings.mean() < 0.004 or min(grey.shape) < 8 * reach:
        return _NORTH
    angles = np.arange(16) * np.pi / 8
    darkness = []
    for angle in angles:
        shift = round(reach * np.sin(angle)), round(reach * np.cos(angle))
        beside = np.roll(buildings, shift, (0, 1)) & ~buildings
        darkness.append(float(grey[beside].mean()) if beside.any() else 255.0)
    # The darkest direction and its neighbours, as one vector: steadier than the minimum.
    weight = np.mean(darkness) - np.array(darkness)
    vector = np.array([(weight * np.sin(angles)).sum(), (weight * np.cos(angles)).sum()])
    length = float(np.hypot(*vector))
    if length < 2.0:
        return _NORTH
    unit: FloatArray = (vector / length).astype(np.float32)
    return unit
