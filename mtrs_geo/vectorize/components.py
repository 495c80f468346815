"""Connected components as a table: where each lies, how large and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mtrs_geo.vectorize.runs import IntArray, RunArray

__all__ = ["Components", "measure_components"]


@dataclass(frozen=True, slots=True)
class Components:
    """What is known of each component; all arrays are indexed by component.

    Args:
        anchors: its first run in reading order.
        pixels: number of pixels.
        cols: column of its centre of mass.
        rows: row of its centre of mass.
        totals: sum of scores.
        peaks: highest score.
        edges: whether a run of it touches the border or nodata.
    """

    anchors: RunArray
    pixels: npt.NDArray[np.float64]
    cols: npt.NDArray[np.float64]
    rows: npt.NDArray[np.float64]
    totals: npt.NDArray[np.float64]
    peaks: npt.NDArray[np.float32]
    edges: npt.NDArray[np.bool_]

    def take(self, kept: npt.NDArray[np.bool_]) -> Components:
        """Return the chosen components."""
        return Components(*(getattr(self, name)[kept] for name in self.__slots__))


def measure_components(runs: RunArray, parts: IntArray) -> Components:
    """Return the components of a mask.

    Args:
        runs: sorted runs.
        parts: component of each run, numbered from 0.
    """
    lengths = (runs["stop"] - runs["start"]).astype(np.float64)
    pixels = _sums(parts, lengths)
    order = np.argsort(parts, kind="stable")
    first = np.searchsorted(parts[order], np.arange(pixels.size))
    return Components(
        anchors=runs[order[first]],
        pixels=pixels,
        cols=_sums(parts, lengths * (runs["start"] + runs["stop"]) / 2) / pixels,
        rows=_sums(parts, lengths * runs["row"]) / pixels + 0.5,
        totals=_sums(parts, runs["total"]),
        peaks=np.maximum.reduceat(runs["peak"][order], first),
        edges=_sums(parts, runs["edge"]) > 0,
    )


def _sums(parts: IntArray, weights: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    return np.bincount(parts, weights).astype(np.float64, copy=False)
