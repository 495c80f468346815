"""What a pixel shows: class codes, and pairs that know the class of both dates."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mtrs_geo.class_codes import APPEAR, BUILDING, CHANGED, CODES, DISAPPEAR, NONE, UNKNOWN
from mtrs_geo.data.datasets.changes import Pair
from mtrs_geo.types import BoolArray, LandCoverClass, UInt8Array

__all__ = ["ClassPair", "classes_of_pair", "is_class"]


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
    """(H, W), codes of `mtrs_geo.class_codes`, UNKNOWN where nobody knows."""
    after_class: UInt8Array
    """(H, W)."""
    changed: BoolArray
    """(H, W)."""
    gsd_m: float
    unseen: frozenset[int] = frozenset().union(*CODES.values())
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


def is_class(classes: UInt8Array, name: LandCoverClass) -> BoolArray:
    """Return where a class map shows a class; everywhere for "any", nowhere for "nothing"."""
    if name == "any":
        return np.ones(classes.shape, np.bool_)
    found = np.zeros(classes.shape, np.bool_)
    for code in CODES.get(name, ()):
        found |= classes == code
    return found
