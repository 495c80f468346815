"""Queries on unchanged pairs of two seasons, whose masks must be empty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from figures.scoring import LabelledQuery, QueriedPair
from mtrs_geo.class_codes import IGNORE
from mtrs_geo.data.datasets.changes import Pair, read_unchanged
from mtrs_geo.data.sampling.read_sources import is_held_out

__all__ = ["read_seasons", "unchanged_pairs"]

_SOURCE = "california_trees"
_CHANGED_PLACE = "riverside_4"
_QUIET_SHARE = 0.005


def read_seasons(root: Path) -> list[Pair]:
    """Read the held-out city, without its one place that changed."""
    return read_unchanged(
        root / "geo" / _SOURCE,
        source=_SOURCE,
        gsd_m=0.6,
        keep=lambda name: (
            is_held_out(_SOURCE, name) and not f"{name}_".startswith(f"{_CHANGED_PLACE}_")
        ),
    )


def unchanged_pairs(pairs: list[Pair], figure: str) -> Iterator[QueriedPair]:
    """Yield pairs with the query for any change; a mask below 0.5 % of the pixels is empty."""
    for pair in pairs:
        empty = np.zeros(pair.label.shape, np.bool_)
        query = LabelledQuery(figure, "", empty, least_share=_QUIET_SHARE)
        yield QueriedPair(pair.before, pair.after, pair.gsd_m, (query,), pair.label != IGNORE)
