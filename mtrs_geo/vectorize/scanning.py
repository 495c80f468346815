"""Parts of a probability raster to runs of foreground and of nodata, in whole rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mtrs_geo.errors import VectorError
from mtrs_geo.types import FloatArray, Shape
from mtrs_geo.vectorize.runs import RUN, RunArray, find_runs, join_runs, score_runs

__all__ = ["Scanner"]

_BLOCK_PIXELS = 1 << 20
"""Pixels scanned at a time: they and their mask stay in the processor's cache."""
_MANY_RUNS = 1 << 17
"""A band with more is handed on in pieces: joining runs takes many times their memory."""


class Scanner:
    """Takes the parts of bands of rows in reading order.

    Args:
        shape: (rows, cols) of the raster.
        threshold: a pixel is foreground from this probability on.
    """

    def __init__(self, shape: Shape, threshold: float) -> None:
        self._shape = shape
        self._threshold = threshold
        self._row = 0
        """First row below the complete bands."""
        self._col = 0
        """First column of the band that has to come."""
        self._band: Shape | None = None
        """First row and number of rows of the band that is coming in."""
        self._parts: list[tuple[RunArray, RunArray]] = []

    def add(
        self, row: int, col: int, probability: FloatArray
    ) -> Iterator[tuple[RunArray, RunArray, int]]:
        """Take a part, and yield what the last part of a band completes, from top to bottom.

        Args:
            row: raster row of the first one; rows left out count as nodata.
            col: raster column of the first one.
            probability: (rows, cols), NaN where there is no data.

        Yields:
            Runs of foreground with scores and contact to the border, runs of nodata, and
            the row below them.

        Raises:
            VectorError: if the part does not follow or does not fit the raster.
        """
        self._check_follows(row, col, probability)
        self._parts.append(self._scan(row, col, probability))
        self._band, self._col = (row, probability.shape[0]), col + probability.shape[1]
        if self._col < self._shape[1]:
            return
        runs, nodata = (join_runs(parts) for parts in zip(*self._parts, strict=True))
        skipped = self._unseen(row)
        self._parts, self._band = [], None
        self._row, self._col = row + probability.shape[0], 0
        yield from _pieces(runs, np.concatenate([skipped, nodata]), self._row)

    def finish(self) -> RunArray:
        """Return the rows that never came as runs of nodata.

        Raises:
            VectorError: if a band is incomplete.
        """
        if self._parts:
            msg = f"the last band of rows ends at column {self._col} of {self._shape[1]}"
            raise VectorError(msg)
        unseen, self._row = self._unseen(self._shape[0]), self._shape[0]
        return unseen

    def _check_follows(self, row: int, col: int, probability: FloatArray) -> None:
        rows, cols = self._shape
        stop, col_stop = row + probability.shape[0], col + probability.shape[1]
        if row < self._row or stop > rows:
            msg = (
                f"rows {row} to {stop} do not follow: the next is {self._row} of {rows}. "
                "Give the rows from top to bottom, each once."
            )
            raise VectorError(msg)
        fits = self._band is None or self._band == (row, probability.shape[0])
        if col != self._col or col_stop > cols or not fits:
            msg = (
                f"rows {row} to {stop}, columns {col} to {col_stop} do not follow: the next "
                f"column is {self._col} of {cols}. Give the parts of a band from left to right."
            )
            raise VectorError(msg)

    def _scan(self, row: int, col: int, probability: FloatArray) -> tuple[RunArray, RunArray]:
        """Return runs of foreground, with scores and contact to the border, and of nodata."""
        height = max(1, _BLOCK_PIXELS // probability.shape[1])
        found, nodata = [np.zeros(0, RUN)], [np.zeros(0, RUN)]
        for top in range(0, probability.shape[0], height):
            block = probability[top : top + height]
            flags = block >= self._threshold
            if flags.any():
                found.append(find_runs(flags, row + top, col))
                score_runs(found[-1], block[flags])
            missing = np.isnan(block)
            if missing.any():
                nodata.append(find_runs(missing, row + top, col))
        runs = np.concatenate(found)
        rows, cols = self._shape
        runs["edge"] = (runs["start"] == 0) | (runs["stop"] == cols)
        runs["edge"] |= (runs["row"] == 0) | (runs["row"] == rows - 1)
        return runs, np.concatenate(nodata)

    def _unseen(self, stop: int) -> RunArray:
        """Return the rows left out above ``stop``: the first and the last have neighbours."""
        skipped = np.zeros(min(2, stop - self._row), RUN)
        skipped["row"], skipped["stop"] = (self._row, stop - 1)[: skipped.size], self._shape[1]
        return skipped


def _pieces(
    runs: RunArray, nodata: RunArray, row_stop: int
) -> Iterator[tuple[RunArray, RunArray, int]]:
    """Yield a band cut between rows, so that no piece has many more than `_MANY_RUNS`."""
    ends = {*(runs["row"][_MANY_RUNS::_MANY_RUNS] + 1).tolist(), row_stop}
    stops = np.array(sorted(ends))
    tops = np.split(runs, np.searchsorted(runs["row"], stops[:-1]))
    holes = np.split(nodata, np.searchsorted(nodata["row"], stops[:-1]))
    yield from zip(tops, holes, stops.tolist(), strict=True)
