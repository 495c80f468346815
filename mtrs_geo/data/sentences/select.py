"""Select instances by place, by extreme, or by distance to a class.

Each function returns None for a borderline case, so that the mask of a sentence is exact.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from mtrs_geo.class_codes import UNKNOWN
from mtrs_geo.data.datasets.classes import ClassPair, class_mask
from mtrs_geo.data.sentences.instances import Instance
from mtrs_geo.types import BoolArray, Cell, FloatArray, LandCoverClass, Place

__all__ = [
    "FAR_PX",
    "NEAR_PX",
    "extreme_instance",
    "instances_in_place",
    "points_in_place",
    "split_by_distance",
    "union",
]

NEAR_PX, FAR_PX = 12.0, 30.0
"""An instance is near a class up to NEAR_PX, and far from it from FAR_PX."""

_INSIDE_SHARE, _OUTSIDE_SHARE = 0.65, 0.35
"""An instance is in a place from the first share of its pixels, outside up to the second."""
_AREA_RATIO, _CENTRE_GAP = 1.3, 0.07
"""Least ratio of areas, and least distance of centres in 0…1 of the image, for an extreme."""
_MIN_CLASS_PX = 60


def union(instances: Sequence[Instance], shape: tuple[int, int]) -> BoolArray:
    """Return the union of the masks of some instances, (H, W)."""
    mask = np.zeros(shape, np.bool_)
    for instance in instances:
        mask[instance.window] |= instance.mask
    return mask


def points_in_place(points: FloatArray, place: Place | Cell) -> BoolArray:
    """Return which of (n, 2) rows and columns, in 0…1 of the image, are in a place."""
    rows, cols = points[:, 0], points[:, 1]
    inside: BoolArray = np.ones(len(points), np.bool_)
    if place in ("upper middle", "lower middle"):
        inside &= np.abs(cols - 0.5) < 1 / 6
        inside &= (rows < 1 / 3) if place == "upper middle" else (rows >= 2 / 3)
        return inside
    if place in ("middle left", "middle right"):
        inside &= np.abs(rows - 0.5) < 1 / 6
        inside &= (cols < 1 / 3) if place == "middle left" else (cols >= 2 / 3)
        return inside
    if place == "centre":
        inside &= (np.abs(rows - 0.5) < 1 / 6) & (np.abs(cols - 0.5) < 1 / 6)
        return inside
    tests = {"top": rows < 0.5, "bottom": rows >= 0.5, "left": cols < 0.5, "right": cols >= 0.5}
    for word, test in tests.items():
        if word in place.split():
            inside &= test
    return inside


def instances_in_place(instances: Sequence[Instance], place: Place | Cell) -> list[Instance] | None:
    """Return the instances whose centre and most of whose pixels are in a place."""
    inside = []
    for instance in instances:
        share = float(points_in_place(instance.relative_points, place).mean())
        is_centre_inside = bool(points_in_place(instance.relative_centre[None], place)[0])
        if is_centre_inside and share >= _INSIDE_SHARE:
            inside.append(instance)
        elif is_centre_inside or share > _OUTSIDE_SHARE:
            return None
    return inside


def extreme_instance(instances: Sequence[Instance], which: str) -> Instance | None:
    """Return the instance that is clearly the largest, smallest, top, bottom, left or right."""
    if len(instances) < 2:
        return None
    if which in ("largest", "smallest"):
        ordered = sorted(instances, key=lambda t: t.area_px, reverse=which == "largest")
        low, high = sorted(t.area_px for t in ordered[:2])
        # An instance that the border cuts may be larger than its visible area.
        is_cut = which == "smallest" and ordered[0].touches_border
        return ordered[0] if high >= _AREA_RATIO * low and not is_cut else None
    axis = 0 if which in ("top", "bottom") else 1
    sign = 1 if which in ("top", "left") else -1
    ordered = sorted(instances, key=lambda t: sign * float(t.relative_centre[axis]))
    gap = abs(float(ordered[1].relative_centre[axis] - ordered[0].relative_centre[axis]))
    return ordered[0] if gap >= _CENTRE_GAP else None


def split_by_distance(
    pair: ClassPair, instances: Sequence[Instance], class_name: LandCoverClass
) -> tuple[list[Instance], list[Instance]] | None:
    """Split instances into those near the unchanged pixels of a class and those far from it.

    Returns:
        (near, far), or None if the class has too few unchanged pixels, or an instance is neither.
    """
    unchanged = class_mask(pair.after_class, class_name) & ~pair.changed
    if unchanged.sum() < _MIN_CLASS_PX:
        return None
    possible = unchanged | _possible_pixels(pair, class_name)
    least_distance = ndimage.distance_transform_edt(~possible)
    most_distance = ndimage.distance_transform_edt(~unchanged)
    near, far = [], []
    for instance in instances:
        if most_distance[instance.window][instance.mask].min() <= NEAR_PX:
            near.append(instance)
        elif least_distance[instance.window][instance.mask].min() >= FAR_PX:
            far.append(instance)
        else:
            return None
    return near, far


def _possible_pixels(pair: ClassPair, class_name: LandCoverClass) -> BoolArray:
    """Return where the class appears, disappears, or may be below UNKNOWN."""
    before, after = (class_mask(c, class_name) for c in (pair.before_class, pair.after_class))
    possible = pair.changed & (before | after)
    codes = np.flatnonzero(class_mask(np.arange(256, dtype=np.uint8), class_name))
    if pair.unlabelled & set(codes.tolist()):
        possible |= pair.after_class == UNKNOWN
    return possible
