"""Which pairs are held back: whole places, because neighbouring tiles look alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["held_back"]

Origin = tuple[int, int]

_EVERY = 5
"""Every fifth block is held back."""
_BLOCKS = 20
"""A block holds no more than this part of all pairs, or two."""


def held_back(
    sources: Sequence[Sequence[Origin | None]], most: int = 100
) -> list[npt.NDArray[np.intp]]:
    """Choose about a fifth of all pairs, by place.

    Pairs that know where they lie are gathered in blocks of neighbours, by halving the ground
    along its longer side; others are a block each.

    Args:
        sources: for each source, a raster or a folder, the (row, col) of every pair.
        most: stop when so many are held back.

    Returns:
        For each source the indices of the pairs held back, ascending; none with fewer than
        five pairs in all.
    """
    total = sum(map(len, sources))
    held: list[list[int]] = [[] for _ in sources]
    if total >= _EVERY:
        size = max(2, -(-total // _BLOCKS))
        blocks = [(i, b) for i, source in enumerate(sources) for b in _blocks(source, size)]
        for number, block in blocks[_EVERY // 2 :: _EVERY]:
            if sum(map(len, held)) < most:
                held[number] += block
    return [np.array(sorted(indices), dtype=np.intp) for indices in held]


def _blocks(origins: Sequence[Origin | None], size: int) -> list[list[int]]:
    placed = [i for i, origin in enumerate(origins) if origin is not None]
    places = np.array([origins[i] for i in placed], dtype=float).reshape(-1, 2)
    alone = [[i] for i, origin in enumerate(origins) if origin is None]
    return [[placed[i] for i in block] for block in _halved(places, size)] + alone


def _halved(places: npt.NDArray[np.float64], size: int) -> list[npt.NDArray[np.intp]]:
    """Return indices of places (n, 2) in compact groups of at most ``size``."""
    blocks, open_ = [], [np.arange(len(places))] if len(places) else []
    while open_:
        group = open_.pop()
        if len(group) <= size:
            blocks.append(group)
            continue
        extent = np.ptp(places[group], axis=0)
        group = group[np.argsort(places[group, int(extent[1] > extent[0])], kind="stable")]
        half = len(group) // 2
        open_ += [group[half:], group[:half]]
    return blocks
