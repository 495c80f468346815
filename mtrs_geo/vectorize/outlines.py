"""From run-length encoded components to polygons in pixel coordinates, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mtrs_geo.types import BoolArray
from mtrs_geo.vectorize.runs import IntArray, RunArray, in_reading_order

__all__ = ["GeometryArray", "trace_outlines"]

GeometryArray: TypeAlias = npt.NDArray[Any]
"""Object array of shapely geometries."""

_STRIDE = 1 << 32


@dataclass(frozen=True, slots=True)
class _Corners:
    """Corners of all outlines; a pixel corner where two of them meet is listed twice."""

    x: IntArray
    y: IntArray
    part: IntArray
    below: BoolArray
    """Whether the run that makes the corner lies below it."""
    opens: BoolArray
    """Whether that run starts here and does not stop."""
    twin: BoolArray
    """Whether the same part meets itself diagonally here."""


def trace_outlines(runs: RunArray, parts: IntArray) -> GeometryArray:
    """Return one polygon (with holes) for each part, x = column and y = row.

    Only pixel corners where the outline turns become vertices.  A part that
    meets itself at a corner keeps the hole there as a ring of its own, so the
    polygons are valid; different parts that meet at a corner stay apart.

    Args:
        runs: the runs of all parts.
        parts: part of each run, 4-connected components numbered from 0.
    """
    import shapely

    corners = _find_corners(runs, parts)
    tails, heads, down = _horizontal_edges(corners)
    follower = _follow(corners, tails, heads)
    ring, position = _rank(follower)
    first = np.unique(ring, return_index=True)[1]
    # The topmost edge of an outer ring has its part below it, that of a hole above.
    part, is_hole = corners.part[tails[first]], ~down[first]
    order = np.lexsort((first, is_hole, part))
    coordinates, offsets = _ring_coordinates(corners, (tails, heads), ring, position, order)
    owners = np.searchsorted(part[order], np.arange(part.max() + 2))
    polygons: GeometryArray = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, coordinates, (offsets, owners.astype(np.int64))
    )
    return polygons


def _find_corners(runs: RunArray, parts: IntArray) -> _Corners:
    ends = np.stack([runs["start"], runs["stop"]], axis=1).ravel()
    lines = np.repeat(runs["row"], 2)
    owner = np.repeat(parts, 2)
    opens = np.tile(np.array([True, False]), runs.size)
    below = lines * _STRIDE + ends
    above = below + _STRIDE
    at = np.minimum(np.searchsorted(above, below), above.size - 1)
    meets = above[at] == below
    straight = meets & (opens == opens[at])
    twin_below = meets & ~straight & (owner == owner[at])
    keep_above, twin_above = np.ones(above.size, np.bool_), np.zeros(above.size, np.bool_)
    keep_above[at[straight]] = False
    twin_above[at[twin_below]] = True
    kept = np.concatenate([np.flatnonzero(~straight), np.flatnonzero(keep_above)])
    is_below = np.arange(kept.size) < np.count_nonzero(~straight)
    twin = np.where(is_below, twin_below[kept], twin_above[kept])
    y = lines[kept] + ~is_below
    return _Corners(ends[kept], y, owner[kept], is_below, opens[kept], twin)


def _horizontal_edges(corners: _Corners) -> tuple[IntArray, IntArray, BoolArray]:
    """Return tails and heads of horizontal edges in reading order, and whose part lies below.

    Edges run with their part on the right hand side on the screen.
    """
    order = np.lexsort((corners.opens, corners.x, corners.y))
    left, right = order[::2], order[1::2]
    down = corners.below[left] == corners.opens[left]
    return np.where(down, left, right), np.where(down, right, left), down


def _follow(corners: _Corners, tails: IntArray, heads: IntArray) -> IntArray:
    """Return for each horizontal edge the one that follows it on its ring."""
    order = np.lexsort((corners.below ^ corners.twin, corners.y, corners.x))
    across = np.empty(order.size, np.int64)
    across[order[::2]], across[order[1::2]] = order[1::2], order[::2]
    edge_of_tail = np.empty(order.size, np.int64)
    edge_of_tail[tails] = np.arange(tails.size)
    return edge_of_tail[across[heads]]


def _rank(follower: IntArray) -> tuple[IntArray, IntArray]:
    """Return ring and place on the ring of each edge; a ring begins at its first edge.

    Places come from pointer jumping: log2(longest ring) passes over arrays.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = follower.size
    links = coo_array((np.ones(count, np.int8), (np.arange(count), follower)), (count, count))
    ring = in_reading_order(connected_components(links, directed=False)[1])
    first = np.unique(ring, return_index=True)[1]
    is_last = follower == first[ring]
    ahead = np.where(is_last, np.arange(count), follower)
    left = np.where(is_last, 0, 1)
    open_ = np.flatnonzero(~is_last)
    while open_.size:
        left[open_], ahead[open_] = left[open_] + left[ahead[open_]], ahead[ahead[open_]]
        open_ = open_[~is_last[ahead[open_]]]
    return ring, left[first][ring] - left


def _ring_coordinates(
    corners: _Corners,
    edges: tuple[IntArray, IntArray],
    ring: IntArray,
    position: IntArray,
    order: IntArray,
) -> tuple[npt.NDArray[np.float64], IntArray]:
    """Return vertices of the closed rings in the given order of rings, and their offsets."""
    lengths = 2 * np.bincount(ring)[order] + 1
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    begin = np.empty(order.size, np.int64)
    begin[order] = offsets[:-1]
    slot = begin[ring] + 2 * position
    coordinates = np.empty((offsets[-1], 2))
    for step, node in enumerate(edges):
        coordinates[slot + step, 0] = corners.x[node]
        coordinates[slot + step, 1] = corners.y[node]
    coordinates[offsets[1:] - 1] = coordinates[offsets[:-1]]
    return coordinates, offsets
