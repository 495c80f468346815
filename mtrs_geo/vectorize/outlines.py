"""Trace the pixel outlines of run-length encoded components as polygons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mtrs_geo.types import BoolArray
from mtrs_geo.vectorize.runs import IntArray, RunArray, relabel

__all__ = ["GeometryArray", "trace_outlines"]

GeometryArray: TypeAlias = npt.NDArray[Any]
"""Object array of shapely geometries."""

_STRIDE = 1 << 32


@dataclass(frozen=True, slots=True)
class _Corners:
    """Corners of all outlines; a pixel corner where two outlines meet is listed twice."""

    x: IntArray
    y: IntArray
    label: IntArray
    """Component of the corner."""
    below: BoolArray
    """Whether the run of the corner is below it."""
    opens: BoolArray
    """Whether that run starts here; otherwise it stops here."""
    twin: BoolArray
    """Whether the component touches itself diagonally here."""


def trace_outlines(runs: RunArray, labels: IntArray) -> GeometryArray:
    """Return one polygon (with holes) per component, x = column and y = row.

    Only pixel corners where the outline turns become vertices.  Where a component touches
    itself at a corner, the hole there keeps its own ring, so that the polygons are valid;
    components that touch at a corner stay separate.

    Args:
        runs: the runs of all components.
        labels: component of each run, 4-connected and numbered from 0.
    """
    import shapely

    corners = _find_corners(runs, labels)
    tails, heads, down = _horizontal_edges(corners)
    successor = _successors(corners, tails, heads)
    ring, position = _ring_positions(successor)
    first = np.unique(ring, return_index=True)[1]
    # The topmost edge has its component below it on an outer ring, and above it on a hole.
    ring_label, is_hole = corners.label[tails[first]], ~down[first]
    order = np.lexsort((first, is_hole, ring_label))
    coordinates, offsets = _ring_coordinates(corners, (tails, heads), ring, position, order)
    polygon_offsets = np.searchsorted(ring_label[order], np.arange(ring_label.max() + 2))
    polygons: GeometryArray = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, coordinates, (offsets, polygon_offsets.astype(np.int64))
    )
    return polygons


def _find_corners(runs: RunArray, labels: IntArray) -> _Corners:
    ends = np.stack([runs["start"], runs["stop"]], axis=1).ravel()
    rows = np.repeat(runs["row"], 2)
    owner = np.repeat(labels, 2)
    opens = np.tile(np.array([True, False]), runs.size)
    below = rows * _STRIDE + ends
    above = below + _STRIDE
    index = np.minimum(np.searchsorted(above, below), above.size - 1)
    meets = above[index] == below
    straight = meets & (opens == opens[index])
    twin_below = meets & ~straight & (owner == owner[index])
    keep_above, twin_above = np.ones(above.size, np.bool_), np.zeros(above.size, np.bool_)
    keep_above[index[straight]] = False
    twin_above[index[twin_below]] = True
    kept = np.concatenate([np.flatnonzero(~straight), np.flatnonzero(keep_above)])
    is_below = np.arange(kept.size) < np.count_nonzero(~straight)
    twin = np.where(is_below, twin_below[kept], twin_above[kept])
    y = rows[kept] + ~is_below
    return _Corners(ends[kept], y, owner[kept], is_below, opens[kept], twin)


def _horizontal_edges(corners: _Corners) -> tuple[IntArray, IntArray, BoolArray]:
    """Return tails and heads of horizontal edges in reading order, and if the component is below.

    Each edge has its component on its right side.
    """
    order = np.lexsort((corners.opens, corners.x, corners.y))
    left, right = order[::2], order[1::2]
    down = corners.below[left] == corners.opens[left]
    return np.where(down, left, right), np.where(down, right, left), down


def _successors(corners: _Corners, tails: IntArray, heads: IntArray) -> IntArray:
    """Return the next horizontal edge on the ring for each horizontal edge."""
    order = np.lexsort((corners.below ^ corners.twin, corners.y, corners.x))
    across = np.empty(order.size, np.int64)
    across[order[::2]], across[order[1::2]] = order[1::2], order[::2]
    edge_of_tail = np.empty(order.size, np.int64)
    edge_of_tail[tails] = np.arange(tails.size)
    return edge_of_tail[across[heads]]


def _ring_positions(successor: IntArray) -> tuple[IntArray, IntArray]:
    """Return ring and position on the ring of each edge; a ring begins at its first edge.

    Positions are found by pointer jumping in log2(longest ring) passes over the arrays.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = successor.size
    links = coo_array((np.ones(count, np.int8), (np.arange(count), successor)), (count, count))
    ring = relabel(connected_components(links, directed=False)[1])
    first = np.unique(ring, return_index=True)[1]
    is_last = successor == first[ring]
    ahead = np.where(is_last, np.arange(count), successor)
    remaining = np.where(is_last, 0, 1)
    unfinished = np.flatnonzero(~is_last)
    while unfinished.size:
        remaining[unfinished] += remaining[ahead[unfinished]]
        ahead[unfinished] = ahead[ahead[unfinished]]
        unfinished = unfinished[~is_last[ahead[unfinished]]]
    return ring, remaining[first][ring] - remaining


def _ring_coordinates(
    corners: _Corners,
    edges: tuple[IntArray, IntArray],
    ring: IntArray,
    position: IntArray,
    order: IntArray,
) -> tuple[npt.NDArray[np.float64], IntArray]:
    """Return the vertices of the closed rings, in the order of ``order``, and their offsets."""
    lengths = 2 * np.bincount(ring)[order] + 1
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    ring_start = np.empty(order.size, np.int64)
    ring_start[order] = offsets[:-1]
    slot = ring_start[ring] + 2 * position
    coordinates = np.empty((offsets[-1], 2))
    for end, node in enumerate(edges):
        coordinates[slot + end, 0] = corners.x[node]
        coordinates[slot + end, 1] = corners.y[node]
    coordinates[offsets[1:] - 1] = coordinates[offsets[:-1]]
    return coordinates, offsets
