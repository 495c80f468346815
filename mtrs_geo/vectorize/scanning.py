"""Convert blocks of a probability raster to runs of foreground and of nodata."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mtrs_geo.errors import VectorError
from mtrs_geo.types import FloatArray, Shape
from mtrs_geo.vectorize.runs import RUN, RunArray, find_runs, join_runs, score_runs

__all__ = ["Scanner"]

_CHUNK_PIXELS = 1 << 20
"""Pixels scanned at a time: few enough for the processor's cache."""
_MAX_RUNS = 1 << 17
"""Bands with more runs are yielded in pieces: joining runs takes many times their memory."""


class Scanner:
    """Takes the blocks of bands of rows in reading order and yields runs.

    Args:
        shape: (rows, cols) of the raster.
        threshold: pixels of this probability or more are foreground.
    """

    def __init__(self, shape: Shape, threshold: float) -> None:
        self._shape = shape
        self._threshold = threshold
        self._row = 0
        """First row below the complete bands."""
        self._col = 0
        """First column of the next block."""
        self._band: Shape | None = None
        """First row and number of rows of the incomplete band."""
        self._blocks: list[tuple[RunArray, RunArray]] = []

    def add(
        self, row: int, col: int, probability: FloatArray
    ) -> Iterator[tuple[RunArray, RunArray, int]]:
        """Add a block; after the last block of a band, yield its runs from top to bottom.

        Args:
            row: raster row of the first row; skipped rows count as nodata.
            col: raster column of the first column.
            probability: (rows, cols), NaN where there is no data.

        Yields:
            Runs of foreground with scores and contact to the border, runs of nodata, and
            the row below both.

        Raises:
            VectorError: if the block is out of order or does not fit the raster.
        """
        self._check_order(row, col, probability)
        self._blocks.append(self._scan(row, col, probability))
        self._band, self._col = (row, probability.shape[0]), col + probability.shape[1]
        if self._col < self._shape[1]:
            return
        runs, nodata = (join_runs(blocks) for blocks in zip(*self._blocks, strict=True))
        skipped = self._nodata_rows(row)
        self._blocks, self._band = [], None
        self._row, self._col = row + probability.shape[0], 0
        yield from _pieces(runs, np.concatenate([skipped, nodata]), self._row)

    def finish(self) -> RunArray:
        """Return the rows that were not added as runs of nodata.

        Raises:
            VectorError: if a band is incomplete.
        """
        if self.finished_row == self._shape[0]:
            return np.zeros(0, RUN)
        nodata, self._row = self._nodata_rows(self._shape[0]), self._shape[0]
        return nodata

    @property
    def finished_row(self) -> int:
        """First row below the complete bands.

        Raises:
            VectorError: within a band.
        """
        if self._blocks:
            msg = f"the band of rows ends at column {self._col} of {self._shape[1]}."
            raise VectorError(msg, advice="Add the blocks up to the last column.")
        return self._row

    def skip_to(self, row: int) -> None:
        """Begin at a row, of which the rows above were scanned by another scanner."""
        self._row = row

    def _check_order(self, row: int, col: int, probability: FloatArray) -> None:
        rows, cols = self._shape
        stop, col_stop = row + probability.shape[0], col + probability.shape[1]
        if row < self._row or stop > rows:
            msg = f"rows {row} to {stop} are out of order: the next row is {self._row} of {rows}."
            raise VectorError(msg, advice="Add the rows from top to bottom, each once.")
        fits = self._band is None or self._band == (row, probability.shape[0])
        if col != self._col or col_stop > cols or not fits:
            msg = (
                f"rows {row} to {stop}, columns {col} to {col_stop} are out of order: the next "
                f"column is {self._col} of {cols}."
            )
            raise VectorError(msg, advice="Add the blocks of a band from left to right.")

    def _scan(self, row: int, col: int, probability: FloatArray) -> tuple[RunArray, RunArray]:
        """Return runs of foreground with scores and contact to the border, and runs of nodata."""
        height = max(1, _CHUNK_PIXELS // probability.shape[1])
        foreground, nodata = [np.zeros(0, RUN)], [np.zeros(0, RUN)]
        for top in range(0, probability.shape[0], height):
            chunk = probability[top : top + height]
            mask = chunk >= self._threshold
            if mask.any():
                foreground.append(find_runs(mask, row + top, col))
                score_runs(foreground[-1], chunk[mask])
            missing = np.isnan(chunk)
            if missing.any():
                nodata.append(find_runs(missing, row + top, col))
        runs = np.concatenate(foreground)
        rows, cols = self._shape
        runs["touches_edge"] = (runs["start"] == 0) | (runs["stop"] == cols)
        runs["touches_edge"] |= (runs["row"] == 0) | (runs["row"] == rows - 1)
        return runs, np.concatenate(nodata)

    def _nodata_rows(self, stop: int) -> RunArray:
        """Return the first and last skipped row above ``stop``; the others are next to no run."""
        skipped = np.zeros(min(2, stop - self._row), RUN)
        skipped["row"], skipped["stop"] = (self._row, stop - 1)[: skipped.size], self._shape[1]
        return skipped


def _pieces(
    runs: RunArray, nodata: RunArray, row_stop: int
) -> Iterator[tuple[RunArray, RunArray, int]]:
    """Split a band between rows into pieces of about `_MAX_RUNS` runs."""
    ends = {*(runs["row"][_MAX_RUNS::_MAX_RUNS] + 1).tolist(), row_stop}
    stops = np.array(sorted(ends))
    run_pieces = np.split(runs, np.searchsorted(runs["row"], stops[:-1]))
    nodata_pieces = np.split(nodata, np.searchsorted(nodata["row"], stops[:-1]))
    yield from zip(run_pieces, nodata_pieces, stops.tolist(), strict=True)
