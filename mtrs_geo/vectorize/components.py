"""Measure connected components: pixel count, centroid and scores of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mtrs_geo.vectorize.runs import IntArray, RunArray

__all__ = ["Components", "measure_components"]


@dataclass(frozen=True, slots=True)
class Components:
    """Measurements of connected components; all arrays are indexed by component.

    Args:
        first_runs: first run in reading order.
        pixel_counts: number of pixels.
        centroid_cols: column of the centroid, in pixels.
        centroid_rows: row of the centroid, in pixels.
        score_sums: sum of scores.
        score_maxima: highest score.
        touches_edge: whether one of its runs touches the border or nodata.
    """

    first_runs: RunArray
    pixel_counts: npt.NDArray[np.float64]
    centroid_cols: npt.NDArray[np.float64]
    centroid_rows: npt.NDArray[np.float64]
    score_sums: npt.NDArray[np.float64]
    score_maxima: npt.NDArray[np.float32]
    touches_edge: npt.NDArray[np.bool_]

    def take(self, mask: npt.NDArray[np.bool_]) -> Components:
        """Return the components where ``mask`` is true."""
        return Components(*(getattr(self, name)[mask] for name in self.__slots__))


def measure_components(runs: RunArray, labels: IntArray) -> Components:
    """Return the measurements of the components of a mask.

    Args:
        runs: sorted runs.
        labels: component of each run, numbered from 0.
    """
    lengths = (runs["stop"] - runs["start"]).astype(np.float64)
    pixel_counts = _sums(labels, lengths)
    order = np.argsort(labels, kind="stable")
    first = np.searchsorted(labels[order], np.arange(pixel_counts.size))
    return Components(
        first_runs=runs[order[first]],
        pixel_counts=pixel_counts,
        centroid_cols=_sums(labels, lengths * (runs["start"] + runs["stop"]) / 2) / pixel_counts,
        centroid_rows=_sums(labels, lengths * runs["row"]) / pixel_counts + 0.5,
        score_sums=_sums(labels, runs["score_sum"]),
        score_maxima=np.maximum.reduceat(runs["score_max"][order], first),
        touches_edge=_sums(labels, runs["touches_edge"]) > 0,
    )


def _sums(labels: IntArray, weights: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    return np.bincount(labels, weights).astype(np.float64, copy=False)
