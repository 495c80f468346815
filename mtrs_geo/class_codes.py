"""Codes of change labels and of class maps, and the order of the classes of both heads.

Networks, datasets, losses and tests import them from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from mtrs_geo.types import LandCoverClass

__all__ = [
    "APPEAR",
    "BARE",
    "BUILDING",
    "CAR",
    "CHANGED",
    "CODES",
    "DISAPPEAR",
    "IGNORE",
    "INTENT_CLASSES",
    "MAP_CLASSES",
    "NONE",
    "ROAD",
    "TRACK",
    "UNKNOWN",
    "VEGETATION",
    "WATER",
    "class_of_code",
]

NONE, APPEAR, DISAPPEAR, CHANGED, IGNORE = 0, 1, 2, 3, 255
"""Codes of change labels: CHANGED has no known direction, IGNORE is not scored."""

BUILDING, ROAD, TRACK, VEGETATION, WATER, BARE, CAR, UNKNOWN = 1, 2, 3, 4, 5, 6, 7, 255
"""Codes of class maps: ROAD is paved ground, TRACK is an unpaved road."""

INTENT_CLASSES: tuple[LandCoverClass, ...] = get_args(LandCoverClass)
"""Classes that a sentence may name for a date, in the order of the intent head's outputs."""

MAP_CLASSES: tuple[LandCoverClass, ...] = INTENT_CLASSES[2:]
"""Land-cover classes of a pixel, in the order of the land-cover head's outputs."""

CODES: Mapping[LandCoverClass, frozenset[int]] = {
    "building": frozenset({BUILDING}),
    "road": frozenset({ROAD, TRACK}),
    "vegetation": frozenset({VEGETATION}),
    "water": frozenset({WATER}),
    "bare": frozenset({BARE}),
    "car": frozenset({CAR}),
}
"""Class-map codes of each class; "nothing" and "any" have none."""

_CLASS_OF: dict[int, LandCoverClass] = {c: name for name, codes in CODES.items() for c in codes}


def class_of_code(code: int) -> LandCoverClass | None:
    """Return the class of a class-map code, or None for UNKNOWN and codes without a class."""
    return _CLASS_OF.get(code)
