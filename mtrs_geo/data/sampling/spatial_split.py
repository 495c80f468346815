"""Which pairs are held back: whole places, because neighbouring tiles look alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["Origin", "held_back"]

Origin: TypeAlias = tuple[int, int]
"""(row, col) of a tile on its raster."""

_EVERY = 5
"""Every fifth block is held back."""
_BLOCKS = 20
"""A block holds no more than this part of all pairs, or two."""


def held_back(
    sources: Sequence[Sequence[Origin | None]], *, most: int = 100
) -> Iterator[list[set[int]]]:
    """Yield ways to hold back about a fifth of all pairs, by place.

    Pairs that know where they lie are gathered in blocks of neighbours, by halving the ground
    along its longer side; others are a block each.

    Args:
        sources: for each source, a raster or a folder, where every pair of it lies.
        most: no further block where so many are held back.

    Yields:
        For each source the indices of the pairs held back; nothing is yielded for fewer than
        five pairs in all.
    """
    total = sum(map(len, sources))
    if total < _EVERY:
        return
    size = max(2, -(-total // _BLOCKS))
    blocks = [(i, b) for i, source in enumerate(sources) for b in _blocks(source, size)]
    for start in range(min(_EVERY, len(blocks))):
        held: list[set[int]] = [set() for _ in sources]
        for number, block in blocks[start::_EVERY]:
            if sum(map(len, held)) < most:
                held[number] |= block
        yield held


def _blocks(origins: Sequence[Origin | None], size: int) -> list[set[int]]:
    placed = [(i, origin) for i, origin in enumerate(origins) if origin is not None]
    places = np.array([origin for _, origin in placed], dtype=float).reshape(-1, 2)
    alone = [{i} for i, origin in enumerate(origins) if origin is None]
    return [{placed[i][0] for i in block} for block in _halved(places, size)] + alone


def _halved(places: npt.NDArray[np.float64], size: int) -> list[list[int]]:
    """Return indices of places (n, 2) in compact groups of at most ``size``."""
    blocks, waiting = [], [np.arange(len(places))]
    while waiting:
        group = waiting.pop()
        if len(group) <= size:
            blocks.append(group.tolist())
            continue
        rows, cols = np.ptp(places[group], axis=0)
        group = group[np.argsort(places[group, int(cols > rows)], kind="stable")]
        half = len(group) // 2
        waiting += [group[half:], group[:half]]
    return [block for block in blocks if block]
