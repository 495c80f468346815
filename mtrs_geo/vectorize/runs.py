"""Run-length encoded masks: the foreground of a raster as one record per run of pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mtrs_geo.types import BoolArray, FloatArray

__all__ = [
    "RUN",
    "IntArray",
    "RunArray",
    "find_runs",
    "is_adjacent",
    "join_runs",
    "label_runs",
    "relabel",
    "score_runs",
]

RUN = np.dtype(
    [
        ("row", np.int64),
        ("start", np.int64),
        ("stop", np.int64),
        ("score_sum", np.float64),
        ("score_max", np.float32),
        ("touches_edge", np.bool_),
    ]
)
"""A run of pixels: row, columns [start, stop), sum and maximum of scores, contact to an edge."""

RunArray: TypeAlias = npt.NDArray[Any]
"""Records of ``RUN``, sorted by (row, start); runs of one row do not touch."""

IntArray: TypeAlias = npt.NDArray[np.int64]

_STRIDE = 1 << 32


def find_runs(mask: BoolArray, row: int, col: int) -> RunArray:
    """Return the runs of true pixels.

    Args:
        mask: (rows, cols).
        row: raster row of the first row of ``mask``.
        col: raster column of the first column of ``mask``.
    """
    filled = np.flatnonzero(mask.any(axis=1))
    padded = np.zeros((filled.size, mask.shape[1] + 2), np.bool_)
    padded[:, 1:-1] = mask if filled.size == mask.shape[0] else mask[filled]
    changes = np.flatnonzero(padded[:, 1:] != padded[:, :-1])
    rows, cols = np.divmod(changes, mask.shape[1] + 1)
    runs = np.zeros(changes.size // 2, RUN)
    runs["row"] = filled[rows[::2]] + row
    runs["start"], runs["stop"] = cols[::2] + col, cols[1::2] + col
    return runs


def join_runs(blocks: Sequence[RunArray]) -> RunArray:
    """Join the runs of the blocks of a band, from left to right.

    Runs that meet at the border of two blocks become one.  Sums of scores do not depend on
    the blocks, because float32 probabilities add up in float64 without rounding.
    """
    if len(blocks) == 1:
        return blocks[0]
    runs = np.concatenate(blocks)
    runs = runs[np.argsort(runs["row"], kind="stable")]
    continues = (runs["row"][1:] == runs["row"][:-1]) & (runs["start"][1:] == runs["stop"][:-1])
    if not continues.any():
        return runs
    first = np.flatnonzero(np.concatenate(([True], ~continues)))
    joined = runs[first]
    joined["stop"] = np.maximum.reduceat(runs["stop"], first)
    joined["score_sum"] = np.add.reduceat(runs["score_sum"], first)
    joined["score_max"] = np.maximum.reduceat(runs["score_max"], first)
    joined["touches_edge"] = np.logical_or.reduceat(runs["touches_edge"], first)
    return joined


def score_runs(runs: RunArray, scores: FloatArray) -> None:
    """Set ``score_sum`` and ``score_max`` of each run in place.

    Args:
        runs: all runs of a mask.
        scores: values of the true pixels of the mask in reading order.
    """
    if not runs.size:
        return
    lengths = runs["stop"] - runs["start"]
    first = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    runs["score_sum"] = np.add.reduceat(scores.astype(np.float64), first)
    runs["score_max"] = np.maximum.reduceat(scores, first)


def _neighbours(
    runs: RunArray, others: RunArray, row_offset: int, margin_px: int
) -> tuple[IntArray, ...]:
    """Return, for each run, the slice [low, high) of ``others`` that it meets.

    Args:
        runs: the runs.
        others: runs to compare with.
        row_offset: number of rows that ``others`` are above ``runs``.
        margin_px: 0 for a shared column, 1 for a shared column or corner, and so on.
    """
    row = (runs["row"] - row_offset) * _STRIDE
    stops = others["row"] * _STRIDE + others["stop"]
    starts = others["row"] * _STRIDE + others["start"]
    low = np.searchsorted(stops, row + runs["start"] - margin_px, side="right")
    high = np.searchsorted(starts, row + runs["stop"] + margin_px, side="left")
    return low, np.maximum(low, high)


def is_adjacent(runs: RunArray, others: RunArray) -> BoolArray:
    """Return which of ``runs`` share a pixel side with one of ``others``."""
    adjacent = np.zeros(runs.size, np.bool_)
    for row_offset, margin_px in ((-1, 0), (0, 1), (1, 0)):
        low, high = _neighbours(runs, others, row_offset, margin_px)
        adjacent |= high > low
    return adjacent


def label_runs(
    runs: RunArray,
    gap_px: int | None = None,
    connected: tuple[IntArray, IntArray] | None = None,
) -> IntArray:
    """Return the component of each run, numbered from 0 in reading order.

    Args:
        runs: the runs of a mask.
        gap_px: None connects runs that share a pixel side (4-connected); 0 also runs that
            share a corner; n also runs with up to n background pixels between them.
        connected: index pairs of runs that belong to one component in any case.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    margin_px = 0 if gap_px is None else gap_px + 1
    pairs = [] if connected is None else [connected]
    pairs += [
        _pairs(runs, row_offset, margin_px)
        for row_offset in range(max(1, margin_px) + 1)
        if row_offset or margin_px > 1
    ]
    left = np.concatenate([pair[0] for pair in pairs])
    right = np.concatenate([pair[1] for pair in pairs])
    links = coo_array((np.ones(left.size, np.int8), (left, right)), (runs.size, runs.size))
    _, labels = connected_components(links, directed=False)
    return relabel(labels)


def relabel(labels: npt.NDArray[Any]) -> IntArray:
    """Renumber labels from 0 in the order of their first appearance."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(first.size, np.int64)
    rank[np.argsort(first)] = np.arange(first.size)
    return rank[inverse]


def _pairs(runs: RunArray, row_offset: int, margin_px: int) -> tuple[IntArray, IntArray]:
    low, high = _neighbours(runs, runs, row_offset, margin_px)
    counts = high - low
    right = np.repeat(np.arange(runs.size), counts)
    offset = np.arange(right.size) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(low, counts) + offset, right
