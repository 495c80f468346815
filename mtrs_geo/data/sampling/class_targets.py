"""Targets for land-cover classes: class maps of both dates, and the intents of sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mtrs_geo.class_codes import CODES, INTENT_CLASSES, MAP_CLASSES, UNKNOWN
from mtrs_geo.data.sentences.expression import Expression
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["class_targets", "intent_targets"]

_TABLE = np.full(256, UNKNOWN, np.uint8)
for _index, _name in enumerate(MAP_CLASSES):
    _TABLE[list(CODES[_name])] = _index


def class_targets(classes: UInt8Array) -> UInt8Array:
    """Return a class map (H, W) as indices into `MAP_CLASSES`, 255 where unknown."""
    targets: UInt8Array = _TABLE[classes]
    return targets


def intent_targets(expressions: Sequence[Expression]) -> tuple[BoolArray, BoolArray]:
    """Return the classes that N sentences name for the earlier and the later date, (N, 8) each.

    Columns follow `mtrs_geo.class_codes.INTENT_CLASSES`: nothing, any, building and so on.
    """
    shape = len(expressions), len(INTENT_CLASSES)
    before, after = np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
    for row, expression in enumerate(expressions):
        for table, names in ((before, expression.from_classes), (after, expression.to_classes)):
            table[row, [INTENT_CLASSES.index(name) for name in names]] = True
    return before, after
