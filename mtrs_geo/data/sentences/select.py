"""Choices among instances: by place, by extreme, by what lies near.

Each returns None where one could argue, so that a sentence's mask is exact.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from mtrs_geo.class_codes import UNKNOWN
from mtrs_geo.data.datasets.classes import ClassPair, is_class
from mtrs_geo.data.sentences.instances import Instance
from mtrs_geo.types import BoolArray, Cell, FloatArray, LandCoverClass, Place

__all__ = ["FAR_PX", "NEAR_PX", "at_place", "extreme", "in_part", "near_class", "union"]

NEAR_PX, FAR_PX = 12.0, 30.0
"""A thing is near another up to the first distance, away from it from the second one on."""

_MOSTLY, _HARDLY = 0.65, 0.35
_LARGER, _FURTHER = 1.3, 0.07
_FEWEST_PX = 60


def union(things: Sequence[Instance], shape: tuple[int, int]) -> BoolArray:
    """Return the mask of some instances, (H, W)."""
    mask = np.zeros(shape, np.bool_)
    for thing in things:
        mask[thing.area] |= thing.mask
    return mask


def in_part(points: FloatArray, part: Place | Cell) -> BoolArray:
    """Return which of (n, 2) rows and columns, as shares of the picture, lie in a part."""
    rows, cols = points[:, 0], points[:, 1]
    inside: BoolArray = np.ones(len(points), np.bool_)
    if part in ("upper middle", "lower middle"):
        inside &= np.abs(cols - 0.5) < 1 / 6
        inside &= (rows < 1 / 3) if part == "upper middle" else (rows >= 2 / 3)
        return inside
    if part in ("middle left", "middle right"):
        inside &= np.abs(rows - 0.5) < 1 / 6
        inside &= (cols < 1 / 3) if part == "middle left" else (cols >= 2 / 3)
        return inside
    if part == "centre":
        inside &= (np.abs(rows - 0.5) < 1 / 6) & (np.abs(cols - 0.5) < 1 / 6)
        return inside
    tests = {"top": rows < 0.5, "bottom": rows >= 0.5, "left": cols < 0.5, "right": cols >= 0.5}
    for word, test in tests.items():
        if word in part.split():
            inside &= test
    return inside


def at_place(things: Sequence[Instance], part: Place | Cell) -> list[Instance] | None:
    """Return the instances whose middle and most of whose pixels lie in a part."""
    chosen = []
    for thing in things:
        share = float(in_part(thing.points, part).mean())
        middle = bool(in_part(thing.centre[None], part)[0])
        if middle and share >= _MOSTLY:
            chosen.append(thing)
        elif middle or share > _HARDLY:
            return None
    return chosen


def extreme(things: Sequence[Instance], which: str) -> Instance | None:
    """Return the largest, smallest, top, bottom, left or right instance, if it is clear."""
    if len(things) < 2:
        return None
    if which in ("largest", "smallest"):
        ordered = sorted(things, key=lambda t: t.area_px, reverse=which == "largest")
        low, high = sorted(t.area_px for t in ordered[:2])
        # What the frame cuts may be larger than it shows.
        is_cut = which == "smallest" and ordered[0].touches_frame
        return ordered[0] if high >= _LARGER * low and not is_cut else None
    axis = 0 if which in ("top", "bottom") else 1
    sign = 1 if which in ("top", "left") else -1
    ordered = sorted(things, key=lambda t: sign * float(t.centre[axis]))
    gap = abs(float(ordered[1].centre[axis] - ordered[0].centre[axis]))
    return ordered[0] if gap >= _FURTHER else None


def near_class(
    pair: ClassPair, things: Sequence[Instance], land: LandCoverClass
) -> tuple[list[Instance], list[Instance]] | None:
    """Split instances into those near what stays of a class, and those far from it.

    Returns:
        (near, far), or None where the class does not stay, or an instance is neither.
    """
    stays = is_class(pair.after_class, land) & ~pair.changed
    if stays.sum() < _FEWEST_PX:
        return None
    maybe = stays | _maybe(pair, land)
    surely_far = ndimage.distance_transform_edt(~maybe)
    surely_near = ndimage.distance_transform_edt(~stays)
    near, far = [], []
    for thing in things:
        if surely_near[thing.area][thing.mask].min() <= NEAR_PX:
            near.append(thing)
        elif surely_far[thing.area][thing.mask].min() >= FAR_PX:
            far.append(thing)
        else:
            return None
    return near, far


def _maybe(pair: ClassPair, land: LandCoverClass) -> BoolArray:
    """Return where the class comes, goes, or may be hidden under UNKNOWN."""
    found = pair.changed & (is_class(pair.before_class, land) | is_class(pair.after_class, land))
    if pair.unseen & set(np.flatnonzero(is_class(np.arange(256, dtype=np.uint8), land)).tolist()):
        found |= pair.after_class == UNKNOWN
    return found
