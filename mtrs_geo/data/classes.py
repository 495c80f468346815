"""What a pixel shows: class codes, and pairs that know the class of both dates."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import get_args

import numpy as np

from mtrs_geo.data.changes import APPEAR, CHANGED, DISAPPEAR, NONE, Pair
from mtrs_geo.types import BoolArray, LandClass, UInt8Array

__all__ = [
    "BARE",
    "BUILDING",
    "CAR",
    "CODES",
    "LAND_CLASSES",
    "ROAD",
    "TRACK",
    "UNKNOWN",
    "VEGETATION",
    "WATER",
    "ClassPair",
    "classes_of_pair",
    "is_class",
    "land_class",
]

BUILDING, ROAD, TRACK, VEGETATION, WATER, BARE, CAR, UNKNOWN = 1, 2, 3, 4, 5, 6, 7, 255
"""Codes of class maps; ROAD is paved ground, TRACK an unpaved road."""

LAND_CLASSES: tuple[LandClass, ...] = get_args(LandClass)
"""What sentences speak of, in the order of their targets."""

CODES: Mapping[LandClass, frozenset[int]] = {
    "building": frozenset({BUILDING}),
    "road": frozenset({ROAD, TRACK}),
    "vegetation": frozenset({VEGETATION}),
    "water": frozenset({WATER}),
    "bare": frozenset({BARE}),
    "car": frozenset({CAR}),
}
"""Codes of each class; "nothing" and "any" have none."""

_CLASS_OF: dict[int, LandClass] = {code: name for name, codes in CODES.items() for code in codes}


@dataclass(frozen=True)
class ClassPair:
    """One place at two dates, with what every pixel shows at each.

    Where nothing changed both maps agree.  Where something changed they differ, and
    a class unknown at one date is none that the other date shows.
    """

    name: str
    source: str
    before: UInt8Array
    """(H, W, 3)."""
    after: UInt8Array
    """(H, W, 3)."""
    before_class: UInt8Array
    """(H, W), codes of this module, UNKNOWN where nobody knows."""
    after_class: UInt8Array
    """(H, W)."""
    changed: BoolArray
    """(H, W)."""
    gsd_m: float
    unseen: frozenset[int] = frozenset(_CLASS_OF)
    """Codes that an UNKNOWN pixel may show."""

    @cached_property
    def _both(self) -> np.ndarray:
        """Codes of both dates in one, (H, W)."""
        return self.before_class.astype(np.uint16) << 8 | self.after_class

    @cached_property
    def transitions(self) -> tuple[tuple[int, int], ...]:
        """What changed pixels show: every earlier code with its later one."""
        found = np.flatnonzero(np.bincount(self._both[self.changed]))
        return tuple((int(both) >> 8, int(both) & 255) for both in found)

    def where_changed(self, transitions: Collection[tuple[int, int]]) -> BoolArray:
        """Return where something changed from the first code of a transition to its second."""
        table = np.zeros(1 << 16, np.bool_)
        table[[before << 8 | after for before, after in transitions]] = True
        found: BoolArray = table[self._both] & self.changed
        return found

    def swapped(self) -> ClassPair:
        """Return the pair with its dates exchanged."""
        return replace(
            self,
            before=self.after,
            after=self.before,
            before_class=self.after_class,
            after_class=self.before_class,
        )

    def as_pair(self) -> Pair:
        """Return what stage 1's dense head learns: buildings by direction, the rest as CHANGED."""
        label = np.where(self.changed, CHANGED, NONE).astype(np.uint8)
        label[self.changed & (self.after_class == BUILDING)] = APPEAR
        label[self.changed & (self.before_class == BUILDING)] = DISAPPEAR
        return Pair(self.name, self.source, self.before, self.after, label, self.gsd_m)


def classes_of_pair(pair: Pair) -> ClassPair:
    """Return the class maps that a label of buildings allows: UNKNOWN but for what changed."""
    before, after = (np.full(pair.label.shape, UNKNOWN, np.uint8) for _ in range(2))
    before[pair.label == DISAPPEAR] = BUILDING
    after[pair.label == APPEAR] = BUILDING
    changed = np.isin(pair.label, (APPEAR, DISAPPEAR, CHANGED))
    return ClassPair(
        pair.name, pair.source, pair.before, pair.after, before, after, changed, pair.gsd_m
    )


def is_class(classes: UInt8Array, name: LandClass) -> BoolArray:
    """Return where a class map shows a class; everywhere for "any", nowhere for "nothing"."""
    if name == "any":
        return np.ones(classes.shape, np.bool_)
    found = np.zeros(classes.shape, np.bool_)
    for code in CODES.get(name, ()):
        found |= classes == code
    return found


def land_class(code: int) -> LandClass | None:
    """Return the class of a code, or None where it is unknown."""
    return _CLASS_OF.get(code)
