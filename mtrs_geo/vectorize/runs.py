"""Run-length encoded masks: a raster's foreground as short records instead of pixels."""

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
    "group_runs",
    "in_reading_order",
    "join_runs",
    "runs_beside",
    "score_runs",
]

RUN = np.dtype(
    [
        ("row", np.int64),
        ("start", np.int64),
        ("stop", np.int64),
        ("total", np.float64),
        ("peak", np.float32),
        ("edge", np.bool_),
    ]
)
"""A run of pixels [start, stop) of one row, sum and maximum of its scores, edge contact."""

RunArray: TypeAlias = npt.NDArray[Any]
"""Records of ``RUN``, sorted by (row, start); no two of them touch side by side."""

IntArray: TypeAlias = npt.NDArray[np.int64]

_STRIDE = 1 << 32


def find_runs(flags: BoolArray, row: int, first_col: int = 0) -> RunArray:
    """Return the runs of True pixels.

    Args:
        flags: (rows, cols).
        row: row of the raster at which ``flags`` begins.
        first_col: its column.
    """
    busy = np.flatnonzero(flags.any(axis=1))
    padded = np.zeros((busy.size, flags.shape[1] + 2), np.bool_)
    padded[:, 1:-1] = flags if busy.size == flags.shape[0] else flags[busy]
    turns = np.flatnonzero(padded[:, 1:] != padded[:, :-1])
    line, col = np.divmod(turns, flags.shape[1] + 1)
    runs = np.zeros(turns.size // 2, RUN)
    runs["row"] = busy[line[::2]] + row
    runs["start"], runs["stop"] = col[::2] + first_col, col[1::2] + first_col
    return runs


def join_runs(parts: Sequence[RunArray]) -> RunArray:
    """Return the runs of rows whose columns came in parts, from left to right.

    Runs that meet where two parts do become one: the sum of scores is the same, as
    float32 probabilities add up in float64 without rounding.
    """
    if len(parts) == 1:
        return parts[0]
    runs = np.concatenate(parts)
    runs = runs[np.argsort(runs["row"], kind="stable")]
    goes_on = (runs["row"][1:] == runs["row"][:-1]) & (runs["start"][1:] == runs["stop"][:-1])
    if not goes_on.any():
        return runs
    first = np.flatnonzero(np.concatenate(([True], ~goes_on)))
    joined = runs[first]
    joined["stop"] = np.maximum.reduceat(runs["stop"], first)
    joined["total"] = np.add.reduceat(runs["total"], first)
    joined["peak"] = np.maximum.reduceat(runs["peak"], first)
    joined["edge"] = np.logical_or.reduceat(runs["edge"], first)
    return joined


def score_runs(runs: RunArray, scores: FloatArray) -> None:
    """Set ``total`` and ``peak`` of each run.

    Args:
        runs: all runs of a mask.
        scores: the values of the mask's True pixels in reading order.
    """
    if not runs.size:
        return
    lengths = runs["stop"] - runs["start"]
    first = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    runs["total"] = np.add.reduceat(scores.astype(np.float64), first)
    runs["peak"] = np.maximum.reduceat(scores, first)


def _neighbours(runs: RunArray, others: RunArray, down: int, reach: int) -> tuple[IntArray, ...]:
    """Return, for each run, the slice [low, high) of ``others`` that it meets.

    ``others`` lie ``down`` rows above; ``reach`` 0 asks for a shared column, and
    1 for a shared column or corner.
    """
    line = (runs["row"] - down) * _STRIDE
    stops = others["row"] * _STRIDE + others["stop"]
    starts = others["row"] * _STRIDE + others["start"]
    low = np.searchsorted(stops, line + runs["start"] - reach, side="right")
    high = np.searchsorted(starts, line + runs["stop"] + reach, side="left")
    return low, np.maximum(low, high)


def runs_beside(runs: RunArray, others: RunArray) -> BoolArray:
    """Return which of ``runs`` share a pixel side with one of ``others``."""
    beside = np.zeros(runs.size, np.bool_)
    for down, reach in ((-1, 0), (0, 1), (1, 0)):
        low, high = _neighbours(runs, others, down, reach)
        beside |= high > low
    return beside


def group_runs(
    runs: RunArray, gap_px: int | None = None, same: tuple[IntArray, IntArray] | None = None
) -> IntArray:
    """Label runs that belong together; labels count up in reading order from 0.

    Args:
        runs: the runs of a mask.
        gap_px: None joins runs that share a pixel side (4-connected); 0 also
            those that share a corner; n also those with up to n background
            pixels between them in both directions.
        same: index pairs of runs that are known to belong together.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    reach = 0 if gap_px is None else gap_px + 1
    pairs = [] if same is None else [same]
    pairs += [_pairs(runs, down, reach) for down in range(max(1, reach) + 1) if down or reach > 1]
    left = np.concatenate([pair[0] for pair in pairs])
    right = np.concatenate([pair[1] for pair in pairs])
    links = coo_array((np.ones(left.size, np.int8), (left, right)), (runs.size, runs.size))
    _, labels = connected_components(links, directed=False)
    return in_reading_order(labels)


def in_reading_order(labels: npt.NDArray[Any]) -> IntArray:
    """Renumber labels from 0 by their first appearance."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(first.size, np.int64)
    rank[np.argsort(first)] = np.arange(first.size)
    return rank[inverse]


def _pairs(runs: RunArray, down: int, reach: int) -> tuple[IntArray, IntArray]:
    low, high = _neighbours(runs, runs, down, reach)
    counts = high - low
    right = np.repeat(np.arange(runs.size), counts)
    offset = np.arange(right.size) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(low, counts) + offset, right
