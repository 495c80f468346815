"""Pairs with a land-cover class map for each date."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mtrs_geo.class_codes import APPEAR, BUILDING, CHANGED, CODES, DISAPPEAR, NONE, UNKNOWN
from mtrs_geo.data.datasets.changes import Pair
from mtrs_geo.types import BoolArray, LandCoverClass, UInt8Array

__all__ = ["ClassPair", "class_mask", "classes_of_pair"]


@dataclass(frozen=True)
class ClassPair:
    """One place at two dates, with a class map for each date.

    Both maps are equal where nothing changed and differ where something changed.  A changed
    pixel that is UNKNOWN at one date does not have the class of the other date.
    """

    name: str
    source: str
    before: UInt8Array
    """(H, W, 3)."""
    after: UInt8Array
    """(H, W, 3)."""
    before_class: UInt8Array
    """(H, W), class codes of `mtrs_geo.class_codes`; UNKNOWN where there is no label."""
    after_class: UInt8Array
    """(H, W)."""
    changed: BoolArray
    """(H, W)."""
    gsd_m: float
    unlabelled: frozenset[int] = frozenset().union(*CODES.values())
    """Codes that an UNKNOWN pixel may have."""

    @cached_property
    def _transition_codes(self) -> np.ndarray:
        """The codes of both dates as one number, (H, W)."""
        return self.before_class.astype(np.uint16) << 8 | self.after_class

    @cached_property
    def transitions(self) -> tuple[tuple[int, int], ...]:
        """All pairs (earlier code, later code) of changed pixels."""
        present = np.flatnonzero(np.bincount(self._transition_codes[self.changed]))
        return tuple((int(code) >> 8, int(code) & 255) for code in present)

    def where_changed(self, transitions: Collection[tuple[int, int]]) -> BoolArray:
        """Return where a pixel changed by one of ``transitions``, (H, W)."""
        table = np.zeros(1 << 16, np.bool_)
        table[[before << 8 | after for before, after in transitions]] = True
        mask: BoolArray = table[self._transition_codes] & self.changed
        return mask

    def swapped(self) -> ClassPair:
        """Return the pair with its dates swapped."""
        return replace(
            self,
            before=self.after,
            after=self.before,
            before_class=self.after_class,
            after_class=self.before_class,
        )

    def as_pair(self) -> Pair:
        """Return the pair with the label of stage 1: building change by direction, else CHANGED."""
        label = np.where(self.changed, CHANGED, NONE).astype(np.uint8)
        label[self.changed & (self.after_class == BUILDING)] = APPEAR
        label[self.changed & (self.before_class == BUILDING)] = DISAPPEAR
        return Pair(self.name, self.source, self.before, self.after, label, self.gsd_m)


def classes_of_pair(pair: Pair) -> ClassPair:
    """Return a pair with class maps from a label of building change and from known ground.

    All other pixels are UNKNOWN.
    """
    before, after = (np.full(pair.label.shape, UNKNOWN, np.uint8) for _ in range(2))
    before[pair.label == DISAPPEAR] = BUILDING
    after[pair.label == APPEAR] = BUILDING
    changed = np.isin(pair.label, (APPEAR, DISAPPEAR, CHANGED))
    if pair.ground is not None:
        moved = (pair.ground[..., 0] != pair.ground[..., 1]) & (pair.label == NONE)
        before[moved], after[moved] = pair.ground[moved].T
        changed |= moved
    return ClassPair(
        pair.name, pair.source, pair.before, pair.after, before, after, changed, pair.gsd_m
    )


def class_mask(classes: UInt8Array, name: LandCoverClass) -> BoolArray:
    """Return where a class map has a class: everywhere for "any", nowhere for "nothing"."""
    if name == "any":
        return np.ones(classes.shape, np.bool_)
    mask = np.zeros(classes.shape, np.bool_)
    for code in CODES.get(name, ()):
        mask |= classes == code
    return mask
