"""Remember what was found out about the last pairs."""

from __future__ import annotations

import zlib
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps

from mtrs_geo.craft.backends.contract import PairImages
from mtrs_geo.craft.backends.rules.evidence import Evidence

__all__ = ["remembered"]

_MOST_PAIRS = 2


def remembered(function: Callable[[PairImages], Evidence]) -> Callable[[PairImages], Evidence]:
    """Return a function that keeps its answers about the last two pairs, by their pixels."""
    known: OrderedDict[tuple[object, ...], Evidence] = OrderedDict()

    @wraps(function)
    def remember(pair: PairImages) -> Evidence:
        pixels = [pair.before, pair.after, *pair.labels.values()]
        key = (pair.name, pair.gsd_m, *pair.labels, *(zlib.crc32(p.tobytes()) for p in pixels))
        if key not in known:
            known[key] = function(pair)
        known.move_to_end(key)
        while len(known) > _MOST_PAIRS:
            known.popitem(last=False)
        return known[key]

    return remember
