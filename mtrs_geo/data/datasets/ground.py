"""Changes of the ground: the targets of the ground head, and pairs for sentences about ground."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from mtrs_geo.class_codes import BUILDING, CAR, IGNORE, NONE, UNKNOWN
from mtrs_geo.data.datasets.changes import Pair
from mtrs_geo.data.datasets.classes import ClassPair
from mtrs_geo.types import UInt8Array

__all__ = ["GROUND_CHANGED", "ground_of_class_pair", "ground_of_pair", "ground_pair"]

GROUND_CHANGED = 1
"""Code of changed ground; NONE is unchanged ground, and IGNORE is not scored."""

_OUTLINE_PX = 3
"""Ground up to this distance from a changed building is not scored."""


def ground_of_pair(pair: Pair) -> UInt8Array:
    """Return where the ground changed (H, W): NONE, GROUND_CHANGED or IGNORE.

    IGNORE is where that is unknown, and changed buildings with 3 px around them: ground is
    drawn through them.
    """
    if pair.ground is None:
        return np.full(pair.label.shape, IGNORE, np.uint8)
    before, after = pair.ground[..., 0], pair.ground[..., 1]
    found = np.where(before != after, GROUND_CHANGED, NONE).astype(np.uint8)
    is_building = (before == BUILDING) | (after == BUILDING)
    is_building |= (pair.label != NONE) & (pair.label != IGNORE)
    if is_building.any():
        found[ndimage.binary_dilation(is_building, iterations=_OUTLINE_PX)] = IGNORE
    found[(before == UNKNOWN) & (after == UNKNOWN)] = IGNORE
    found[pair.label == IGNORE] = IGNORE
    return found


def ground_of_class_pair(pair: ClassPair) -> UInt8Array:
    """Return the same of class maps; changes of buildings and cars are IGNORE."""
    found = np.where(pair.changed, GROUND_CHANGED, NONE).astype(np.uint8)
    objects = np.isin(pair.before_class, (BUILDING, CAR))
    objects |= np.isin(pair.after_class, (BUILDING, CAR))
    found[objects & pair.changed] = IGNORE
    return found


def ground_pair(pair: Pair, found: UInt8Array | None = None) -> ClassPair:
    """Return class maps of the ground that changed: UNKNOWN, unchanged elsewhere.

    A pair without known ground has none.  ``found`` is its `ground_of_pair`, if that is known.
    """
    changed = (ground_of_pair(pair) if found is None else found) == GROUND_CHANGED
    before, after = (np.full(changed.shape, UNKNOWN, np.uint8) for _ in range(2))
    if pair.ground is not None:
        before[changed], after[changed] = pair.ground[changed].T
    return ClassPair(
        pair.name,
        pair.source,
        pair.before,
        pair.after,
        before,
        after,
        changed,
        pair.gsd_m,
    )
