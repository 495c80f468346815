"""Unchanged ground at two seasons: nothing must be found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from figures.asking import Asked, Item
from mtrs_geo.data.datasets.changes import Pair, read_unchanged
from mtrs_geo.data.sampling.datamodule import held_back

__all__ = ["read_seasons", "unchanged_items"]

_SOURCE = "california_trees"
_CHANGES = "riverside_4"
_QUIET_SHARE = 0.005


def read_seasons(root: Path) -> list[Pair]:
    """Read the city that no training sees, without the held-back place that did change."""
    return read_unchanged(
        root / "geo" / _SOURCE,
        source=_SOURCE,
        gsd_m=0.6,
        keep=lambda name: held_back(_SOURCE, name) and not f"{name}_".startswith(f"{_CHANGES}_"),
    )


def unchanged_items(pairs: list[Pair], figure: str) -> Iterator[Item]:
    """Yield pairs asked for any change; an answer below half a percent counts as none."""
    for pair in pairs:
        nothing = np.zeros(pair.label.shape, np.bool_)
        asked = Asked(figure, "", nothing, least_share=_QUIET_SHARE)
        yield Item(pair.before, pair.after, pair.gsd_m, (asked,))
