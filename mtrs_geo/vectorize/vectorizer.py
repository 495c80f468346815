"""Probability in, polygons out: streaming, and the same however the pixels come in.

Foreground is kept as runs of pixels.  Runs of adjacent rows are joined into
components (sharing a side) and clusters (components so close that they must be
simplified together).  A cluster is drawn from its runs in whole pixel
coordinates once no later row can reach it, so how the rows came in cannot show.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mtrs_geo.errors import VectorError
from mtrs_geo.grid import Grid
from mtrs_geo.types import FloatArray
from mtrs_geo.vectorize.change import Change, changes_frame
from mtrs_geo.vectorize.components import Components, measure_components
from mtrs_geo.vectorize.geodesic import EllipsoidMeter
from mtrs_geo.vectorize.outlines import trace_outlines
from mtrs_geo.vectorize.runs import RUN, IntArray, RunArray, group_runs, runs_beside
from mtrs_geo.vectorize.scanning import Scanner
from mtrs_geo.vectorize.shaping import (
    SQUARING_REACH_PX,
    fill_holes,
    simplify_clusters,
    square_corners,
)

if TYPE_CHECKING:
    import geopandas

__all__ = ["Change", "VectorizeOptions", "Vectorizer", "changes_frame", "vectorize"]


@dataclass(frozen=True, slots=True)
class VectorizeOptions:
    """How probabilities become polygons.

    Args:
        threshold: a pixel belongs to a change from this probability on, in [0, 1].
        min_area_m2: smaller changes are dropped, whether small as pixels or as drawn.
        fill_holes_m2: smaller holes are closed, except those that hold another change.
        simplify_px: tolerance of the outline in pixels; 0 keeps every pixel corner.
        regularize: draw right angles, for buildings; needs ``mtrs-geo[regularize]``.

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
            msg = f"threshold must lie between 0 and 1, not {self.threshold}"
            raise VectorError(msg)
        for name in ("min_area_m2", "fill_holes_m2", "simplify_px"):
            value = getattr(self, name)
            if not 0 <= value < math.inf:
                msg = f"{name} must be 0 or more and finite, not {value}"
                raise VectorError(msg)


class Vectorizer:
    """Turns the probability raster of one query into changes, part by part.

    Memory holds the runs of the band that is coming in, those of clusters that are
    still growing, and, where holes are filled, one point for each small change while
    any cluster is growing.

    Args:
        grid: grid of the whole raster.
        options: how to draw.

    Raises:
        GridError: if the grid's CRS has no ellipsoid.
    """

    def __init__(self, grid: Grid, options: VectorizeOptions | None = None) -> None:
        self._grid = grid
        self._options = options or VectorizeOptions()
        self._meter = EllipsoidMeter(grid)
        # Outlines move by about the tolerance: closer components could cross.
        gap = math.ceil(self._options.simplify_px)
        if self._options.regularize:
            gap += 2 * SQUARING_REACH_PX
        self._gap = gap or None
        self._reach = 1 if self._gap is None else self._gap + 1
        self._scanner = Scanner(grid.shape, self._options.threshold)
        self._next_row = 0
        self._nodata = np.zeros(0, RUN)
        self._front = np.zeros(0, RUN)
        self._front_cluster: IntArray = np.zeros(0, np.int64)
        self._open: dict[int, list[RunArray]] = {}
        self._islands = np.zeros((0, 2))

    def add_rows(self, row: int, probability: FloatArray) -> list[Change]:
        """Take the next rows and return the changes that are complete.

        Args:
            row: raster row of the first one; rows come in order, and rows that
                are left out count as nodata.
            probability: (rows, cols) in [0, 1], NaN where there is no data.

        Raises:
            VectorError: if the rows do not follow or do not fit the grid.
        """
        cols = self._grid.shape[1]
        if probability.ndim != 2 or probability.shape[1] != cols:
            msg = f"expected (rows, {cols}) probabilities for the grid, not {probability.shape}"
            raise VectorError(msg)
        return self.add_part(row, 0, probability)

    def add_part(self, row: int, col: int, probability: FloatArray) -> list[Change]:
        """Take the next part of a band of rows; changes leave when its last part is in.

        Args:
            row: raster row of the first one; bands come in order, and rows that
                are left out count as nodata.
            col: raster column of the first one; the parts of a band come from left to
                right without gaps, and have the same rows.
            probability: (rows, cols) in [0, 1], NaN where there is no data.

        Raises:
            VectorError: if the part does not follow or does not fit the grid.
        """
        changes = []
        for runs, nodata, row_stop in self._scanner.add(row, col, probability):
            self._next_row = row_stop
            changes += self._advance(runs, nodata)
        return changes

    def finish(self) -> list[Change]:
        """Return the changes that were still open; rows not given count as nodata.

        Raises:
            VectorError: if a band is incomplete.
        """
        unseen = self._scanner.finish()
        self._next_row = self._grid.shape[0] + self._reach
        return self._advance(np.zeros(0, RUN), unseen)

    def _advance(self, new: RunArray, nodata: RunArray) -> list[Change]:
        runs = np.concatenate([self._front, new])
        nodata = np.concatenate([self._nodata, nodata])
        if nodata.size:
            runs["edge"] |= runs_beside(runs, nodata)
        self._nodata = nodata[nodata["row"] == self._next_row - 1]
        if not runs.size:
            return []
        done = self._sort_out(runs)
        changes = self._draw(np.concatenate(done)) if done else []
        if not self._front.size:
            self._islands = np.zeros((0, 2))
        return changes

    def _sort_out(self, runs: RunArray) -> list[RunArray]:
        """Return the runs of clusters that cannot grow any more and store the others."""
        ids, first, inverse = np.unique(self._front_cluster, return_index=True, return_inverse=True)
        labels = group_runs(runs, self._gap, (first[inverse], np.arange(inverse.size)))
        is_front = runs["row"] >= self._next_row - self._reach
        grows = np.zeros(labels.max() + 1, np.bool_)
        grows[labels[is_front]] = True
        done = [runs[~grows[labels]]] if not grows.all() else []
        earlier, self._open = self._open, {}
        for old, label in zip(ids.tolist(), labels[first].tolist(), strict=True):
            stored = earlier.get(old, [])
            if grows[label]:
                self._store(label, stored)
            else:
                done += stored
        kept = np.flatnonzero(grows[labels] & ~is_front)
        kept = kept[np.argsort(labels[kept], kind="stable")]
        cuts = np.flatnonzero(np.diff(labels[kept])) + 1
        for part in np.split(kept, cuts) if kept.size else []:
            self._store(int(labels[part[0]]), [runs[part]])
        self._front, self._front_cluster = runs[is_front], labels[is_front]
        return done

    def _store(self, label: int, parts: list[RunArray]) -> None:
        mine = self._open.get(label, [])
        # The longer list grows, so that many thin bands cost no repeated copying.
        longer, shorter = (mine, parts) if len(mine) >= len(parts) else (parts, mine)
        longer.extend(shorter)
        self._open[label] = longer

    def _draw(self, runs: RunArray) -> list[Change]:
        runs = runs[np.lexsort((runs["start"], runs["row"]))]
        parts = group_runs(runs)
        table = measure_components(runs, parts)
        pixel_m2 = self._meter.pixel_areas_m2(table.cols, table.rows)
        large = table.pixels * pixel_m2 >= self._options.min_area_m2
        if not large.any():
            return []
        runs, parts = runs[large[parts]], (np.cumsum(large) - 1)[parts[large[parts]]]
        table, pixel_m2 = table.take(large), pixel_m2[large]
        polygons = self._shape(runs, parts, table, pixel_m2)
        return self._measure(polygons, table)

    def _shape(
        self, runs: RunArray, parts: IntArray, table: Components, pixel_m2: npt.NDArray[np.float64]
    ) -> npt.NDArray[Any]:
        options = self._options
        polygons = trace_outlines(runs, parts)
        if options.fill_holes_m2:
            small = table.pixels * pixel_m2 < options.fill_holes_m2
            points = np.stack([table.anchors["start"], table.anchors["row"]], axis=1)[small] + 0.5
            self._islands = np.concatenate([self._islands, points])
            polygons = fill_holes(polygons, options.fill_holes_m2 / pixel_m2, self._islands)
        traced, tolerance = polygons, options.simplify_px
        if tolerance:
            clusters = _clusters(runs, parts, math.ceil(tolerance))
            polygons = simplify_clusters(traced, clusters, tolerance)
        if options.regularize:
            # Squaring moves outlines further, so more polygons can come in each other's way.
            clusters = _clusters(runs, parts, self._gap)
            pixel_m = self._grid.pixel_size_m()
            polygons = square_corners(polygons, traced, clusters, pixel_m, tolerance)
        return self._to_map(polygons, traced)

    def _to_map(self, polygons: npt.NDArray[Any], traced: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return polygons in the CRS; one that rounding breaks there keeps its pixel outline."""
        import shapely

        a, b, c, d, e, f = tuple(self._grid.transform)[:6]
        turn, shift = np.array([[a, d], [b, e]]), np.array([c, f])
        on_map = shapely.transform(polygons, lambda points: points @ turn + shift)
        broken = ~shapely.is_valid(on_map)
        on_map[broken] = shapely.transform(traced[broken], lambda points: points @ turn + shift)
        oriented: npt.NDArray[Any] = shapely.orient_polygons(on_map)
        return oriented

    def _measure(self, on_map: npt.NDArray[Any], table: Components) -> list[Change]:
        areas, perimeters = self._meter.areas_and_perimeters_m(on_map)
        kept = np.flatnonzero(areas >= self._options.min_area_m2)
        return [
            Change(
                geometry=on_map[at],
                score_mean=float(table.totals[at] / table.pixels[at]),
                score_max=float(table.peaks[at]),
                area_m2=float(areas[at]),
                perimeter_m=float(perimeters[at]),
                touches_edge=bool(table.edges[at]),
                anchor=(int(table.anchors["row"][at]), int(table.anchors["start"][at])),
            )
            for at in kept.tolist()
        ]


def _clusters(runs: RunArray, parts: IntArray, gap_px: int | None) -> IntArray:
    """Return the cluster of each part."""
    clusters: IntArray = np.zeros(parts.max() + 1, np.int64)
    clusters[parts] = group_runs(runs, gap_px)
    return clusters


def vectorize(
    probability: FloatArray, grid: Grid, options: VectorizeOptions | None = None
) -> geopandas.GeoDataFrame:
    """Return the changes of a whole raster, in reading order of their first pixels.

    Args:
        probability: (rows, cols) in [0, 1], NaN where there is no data.
        grid: where the raster lies.
        options: how to draw.

    Raises:
        VectorError: if the shape is not the grid's.
    """
    if probability.shape != grid.shape:
        msg = f"the raster is {probability.shape} (rows, cols) but its grid is {grid.shape}"
        raise VectorError(msg)
    vectorizer = Vectorizer(grid, options)
    changes = vectorizer.add_rows(0, probability) + vectorizer.finish()
    return changes_frame(sorted(changes, key=lambda change: change.anchor), grid)
