"""Spatial split: whole places are held out, because neighbouring tiles look alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["Origin", "held_out_folds"]

Origin: TypeAlias = tuple[float, float]
"""(row, col) of a tile on its raster, or (-y, x) on the ground."""

_FOLDS = 5
"""Every fifth block is held out."""
_BLOCKS = 20
"""A block has at most one twentieth of all pairs, or two pairs."""


def held_out_folds(
    sources: Sequence[Sequence[Origin | None]], *, max_pairs: int = 100
) -> Iterator[list[set[int]]]:
    """Yield folds that each hold out about a fifth of all pairs, by place.

    Pairs with an origin are grouped into blocks of neighbours: the set of origins is halved
    repeatedly along its longer side. Each pair without an origin is a block of its own.

    Args:
        sources: for each raster or folder, the origin of each of its pairs.
        max_pairs: a fold that has so many pairs gets no further block.

    Yields:
        For each source the indices of the held-out pairs. Nothing is yielded for fewer than
        five pairs in all.
    """
    total = sum(map(len, sources))
    if total < _FOLDS:
        return
    size = max(2, -(-total // _BLOCKS))
    blocks = [(i, block) for i, source in enumerate(sources) for block in _blocks(source, size)]
    for start in range(min(_FOLDS, len(blocks))):
        held_out: list[set[int]] = [set() for _ in sources]
        for number, block in blocks[start::_FOLDS]:
            if sum(map(len, held_out)) < max_pairs:
                held_out[number] |= block
        yield held_out


def _blocks(origins: Sequence[Origin | None], size: int) -> list[set[int]]:
    placed = [(i, origin) for i, origin in enumerate(origins) if origin is not None]
    points = np.array([origin for _, origin in placed], dtype=float).reshape(-1, 2)
    single = [{i} for i, origin in enumerate(origins) if origin is None]
    return [{placed[i][0] for i in block} for block in _bisected(points, size)] + single


def _bisected(points: npt.NDArray[np.float64], size: int) -> list[list[int]]:
    """Return the indices of points (n, 2) in compact groups of at most ``size``."""
    groups, stack = [], [np.arange(len(points))]
    while stack:
        group = stack.pop()
        if len(group) <= size:
            groups.append(group.tolist())
            continue
        rows, cols = np.ptp(points[group], axis=0)
        group = group[np.argsort(points[group, int(cols > rows)], kind="stable")]
        half = len(group) // 2
        stack += [group[half:], group[:half]]
    return [group for group in groups if group]
