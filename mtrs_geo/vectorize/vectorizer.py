"""Convert a stream of probability blocks to polygons that do not depend on the blocks.

Foreground is stored as runs of pixels.  Runs of adjacent rows are joined into components (that
share a pixel side) and clusters (components so close that they are simplified together).  The
polygons of a cluster are computed from its runs in pixel coordinates once no later row can
join it, so the result is the same for every block size.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mtrs_geo.errors import VectorError
from mtrs_geo.grid import Grid
from mtrs_geo.types import FloatArray
from mtrs_geo.vectorize.change import Change
from mtrs_geo.vectorize.components import Components, measure_components
from mtrs_geo.vectorize.geodesic import EllipsoidMeter
from mtrs_geo.vectorize.outlines import GeometryArray, trace_outlines
from mtrs_geo.vectorize.runs import RUN, IntArray, RunArray, is_adjacent, label_runs
from mtrs_geo.vectorize.scanning import Scanner
from mtrs_geo.vectorize.shaping import (
    MAX_SQUARING_SHIFT_PX,
    fill_holes,
    simplify_clusters,
    square_corners,
)

__all__ = ["VectorizeOptions", "Vectorizer"]

_MOST_SIMPLIFY_PX = 1000
"""Outlines that are simplified together are kept in memory."""


@dataclass(frozen=True, slots=True)
class VectorizeOptions:
    """How probabilities are converted to polygons.

    Args:
        threshold: pixels of this probability or more belong to a change, in [0, 1].
        min_area_m2: changes whose pixels or polygon have a smaller area are dropped, in m².
        fill_holes_m2: smaller holes are closed, except holes that contain another change, in m².
        simplify_px: tolerance of the outline in pixels; 0 keeps every pixel corner.
        regularize: square the corners, for buildings; needs ``mtrs-geo[regularize]``.

    Raises:
        VectorError: if a value is out of its range.
    """

    threshold: float = 0.5
    min_area_m2: float = 0.0
    fill_holes_m2: float = 0.0
    simplify_px: float = 1.0
    regularize: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.threshold <= 1:
            msg = f"threshold is {self.threshold}."
            raise VectorError(msg, advice="Use a value between 0 and 1.")
        for name in ("min_area_m2", "fill_holes_m2", "simplify_px"):
            value = getattr(self, name)
            most = _MOST_SIMPLIFY_PX if name == "simplify_px" else math.inf
            if not (0 <= value <= most and math.isfinite(value)):
                msg = f"{name} is {value}."
                raise VectorError(msg, advice=f"Use a finite value of 0 to {most:g}.")


class Vectorizer:
    """Converts the probability raster of one query to changes, block by block.

    Memory holds the runs of the incomplete band, the runs of clusters that can still grow
    and, if holes are filled, one point per small change while any cluster can still grow.

    Args:
        grid: grid of the whole raster.
        options: threshold, areas and outlines.

    Raises:
        GridError: if the grid's CRS has no ellipsoid.
    """

    def __init__(self, grid: Grid, options: VectorizeOptions | None = None) -> None:
        self._grid = grid
        self._options = options or VectorizeOptions()
        self._meter = EllipsoidMeter(grid)
        # Simplification moves outlines by about the tolerance: closer components could cross.
        gap = math.ceil(self._options.simplify_px)
        if self._options.regularize:
            gap += 2 * MAX_SQUARING_SHIFT_PX
        self._gap = gap or None
        self._frontier_rows = 1 if self._gap is None else self._gap + 1
        """Number of rows above the next row whose runs the next rows can join."""
        self._scanner = Scanner(grid.shape, self._options.threshold)
        self._next_row = 0
        self._nodata = np.zeros(0, RUN)
        self._frontier = np.zeros(0, RUN)
        self._frontier_labels: IntArray = np.zeros(0, np.int64)
        self._growing: dict[int, list[RunArray]] = {}
        """Runs above the frontier, by cluster."""
        self._islands = np.zeros((0, 2))

    def add_block(self, row: int, col: int, probability: FloatArray) -> list[Change]:
        """Add the next block; return the changes that are complete after the last of a band.

        Args:
            row: raster row of the first row; bands come in order, and skipped rows count as
                nodata.
            col: raster column of the first column; the blocks of a band have the same rows
                and come from left to right without gaps.
            probability: (rows, cols) in [0, 1], NaN where there is no data.

        Raises:
            VectorError: if the block is out of order or does not fit the grid.
        """
        changes = []
        for runs, nodata, row_stop in self._scanner.add(row, col, probability):
            self._next_row = row_stop
            changes += self._advance(runs, nodata)
        return changes

    def finish(self) -> list[Change]:
        """Return the remaining changes; rows that were not added count as nodata.

        Raises:
            VectorError: if a band is incomplete.
        """
        nodata = self._scanner.finish()
        self._next_row = self._grid.shape[0] + self._frontier_rows
        return self._advance(np.zeros(0, RUN), nodata)

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """Return what the finished bands leave to the rows below, for `restore`.

        Raises:
            VectorError: within a band.
        """
        growing = {label: np.concatenate(runs) for label, runs in self._growing.items()}
        return {
            "row": np.array(self._scanner.finished_row),
            "nodata": self._nodata,
            "frontier": self._frontier,
            "frontier_labels": self._frontier_labels,
            "growing": np.concatenate([np.zeros(0, RUN), *growing.values()]),
            "growing_labels": np.array([*growing], np.int64),
            "growing_counts": np.array([len(runs) for runs in growing.values()], np.int64),
            "islands": self._islands,
        }

    def restore(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Go on after the bands of a `state`; the vectorizer is new."""
        self._next_row = int(state["row"])
        self._scanner.skip_to(self._next_row)
        self._nodata, self._islands = state["nodata"], state["islands"]
        self._frontier, self._frontier_labels = state["frontier"], state["frontier_labels"]
        stops = np.cumsum(state["growing_counts"])[:-1]
        parts = np.split(state["growing"], stops) if state["growing_labels"].size else []
        labels = state["growing_labels"].tolist()
        self._growing = {label: [runs] for label, runs in zip(labels, parts, strict=True)}

    def _advance(self, new: RunArray, nodata: RunArray) -> list[Change]:
        runs = np.concatenate([self._frontier, new])
        nodata = np.concatenate([self._nodata, nodata])
        if nodata.size:
            runs["touches_edge"] |= is_adjacent(runs, nodata)
        self._nodata = nodata[nodata["row"] == self._next_row - 1]
        if not runs.size:
            return []
        complete = self._pop_complete(runs)
        changes = self._vectorize(np.concatenate(complete)) if complete else []
        if not self._frontier.size:
            self._islands = np.zeros((0, 2))
        return changes

    def _pop_complete(self, runs: RunArray) -> list[RunArray]:
        """Return the runs of clusters that cannot grow any more and store the others."""
        ids, first, inverse = np.unique(
            self._frontier_labels, return_index=True, return_inverse=True
        )
        labels = label_runs(runs, self._gap, (first[inverse], np.arange(inverse.size)))
        is_frontier = runs["row"] >= self._next_row - self._frontier_rows
        grows = np.zeros(labels.max() + 1, np.bool_)
        grows[labels[is_frontier]] = True
        complete = [runs[~grows[labels]]] if not grows.all() else []
        earlier, self._growing = self._growing, {}
        for old, label in zip(ids.tolist(), labels[first].tolist(), strict=True):
            stored = earlier.get(old, [])
            if grows[label]:
                self._store(label, stored)
            else:
                complete += stored
        kept = np.flatnonzero(grows[labels] & ~is_frontier)
        kept = kept[np.argsort(labels[kept], kind="stable")]
        cuts = np.flatnonzero(np.diff(labels[kept])) + 1
        for indices in np.split(kept, cuts) if kept.size else []:
            self._store(int(labels[indices[0]]), [runs[indices]])
        self._frontier, self._frontier_labels = runs[is_frontier], labels[is_frontier]
        return complete

    def _store(self, label: int, runs: list[RunArray]) -> None:
        stored = self._growing.get(label, [])
        # The longer list grows, so that many thin bands are not copied again and again.
        longer, shorter = (stored, runs) if len(stored) >= len(runs) else (runs, stored)
        longer.extend(shorter)
        self._growing[label] = longer

    def _vectorize(self, runs: RunArray) -> list[Change]:
        runs = runs[np.lexsort((runs["start"], runs["row"]))]
        labels = label_runs(runs)
        components = measure_components(runs, labels)
        pixel_m2 = self._meter.pixel_areas_m2(components.centroid_cols, components.centroid_rows)
        large = components.pixel_counts * pixel_m2 >= self._options.min_area_m2
        if not large.any():
            return []
        runs, labels = runs[large[labels]], (np.cumsum(large) - 1)[labels[large[labels]]]
        components, pixel_m2 = components.take(large), pixel_m2[large]
        polygons = self._polygons(runs, labels, components, pixel_m2)
        return self._measure(polygons, components)

    def _polygons(
        self,
        runs: RunArray,
        labels: IntArray,
        components: Components,
        pixel_m2: npt.NDArray[np.float64],
    ) -> GeometryArray:
        options = self._options
        polygons = trace_outlines(runs, labels)
        if options.fill_holes_m2:
            small = components.pixel_counts * pixel_m2 < options.fill_holes_m2
            first = components.first_runs[small]
            points = np.stack([first["start"], first["row"]], axis=1) + 0.5
            self._islands = np.concatenate([self._islands, points])
            polygons = fill_holes(polygons, options.fill_holes_m2 / pixel_m2, self._islands)
        traced, tolerance = polygons, options.simplify_px
        if tolerance:
            clusters = _clusters(runs, labels, math.ceil(tolerance))
            polygons = simplify_clusters(traced, clusters, tolerance)
        if options.regularize:
            # Squaring moves outlines further, so more distant polygons can overlap.
            clusters = _clusters(runs, labels, self._gap)
            pixel_m = self._grid.pixel_size_m()
            polygons = square_corners(polygons, traced, clusters, pixel_m, tolerance)
        return self._to_map(polygons, traced)

    def _to_map(self, polygons: GeometryArray, traced: GeometryArray) -> GeometryArray:
        """Return polygons in the CRS; if rounding makes one invalid, use its pixel outline."""
        import shapely

        a, b, c, d, e, f = tuple(self._grid.transform)[:6]
        matrix, offset = np.array([[a, d], [b, e]]), np.array([c, f])
        on_map = shapely.transform(polygons, lambda points: points @ matrix + offset)
        broken = ~shapely.is_valid(on_map)
        on_map[broken] = shapely.transform(traced[broken], lambda points: points @ matrix + offset)
        oriented: npt.NDArray[Any] = shapely.orient_polygons(on_map)
        return oriented

    def _measure(self, on_map: GeometryArray, components: Components) -> list[Change]:
        areas, perimeters = self._meter.areas_and_perimeters_m(on_map)
        kept = np.flatnonzero(areas >= self._options.min_area_m2)
        first = components.first_runs
        return [
            Change(
                geometry=on_map[i],
                score_mean=float(components.score_sums[i] / components.pixel_counts[i]),
                score_max=float(components.score_maxima[i]),
                area_m2=float(areas[i]),
                perimeter_m=float(perimeters[i]),
                touches_edge=bool(components.touches_edge[i]),
                anchor=(int(first["row"][i]), int(first["start"][i])),
            )
            for i in kept.tolist()
        ]


def _clusters(runs: RunArray, labels: IntArray, gap_px: int | None) -> IntArray:
    """Return the cluster of each component."""
    clusters: IntArray = np.zeros(labels.max() + 1, np.int64)
    clusters[labels] = label_runs(runs, gap_px)
    return clusters
