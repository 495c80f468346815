"""One shift, or a field of local shifts, on which most windows agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mtrs_geo.io.registration.correlation import Peak
from mtrs_geo.io.registration.shift import Float64Array, ShiftField
from mtrs_geo.io.registration.windows import SampleGrid
from mtrs_geo.types import BoolArray

__all__ = ["Consensus", "find_consensus"]

_RELIABLE_RATIO = 1.4
"""Least ratio of the peaks of a reliable window; 99 % of unrelated windows are below."""
_LEAST_WINDOWS = 3
"""Fewer windows that agree are no measurement."""
_GATE_PX = 8.0
"""Shifts farther from the median than this are errors."""
_AGREE_PX = 1.5
"""Largest distance of a window's shift from the result with which it agrees."""
_FIELD_WINDOWS = 6
"""Fewer reliable windows are no field."""
_FIELD_SPREAD_PX = 0.5
"""Least median distance from one translation that is more than noise."""
_FIELD_GAIN = 0.8
"""A field must predict left-out windows this much better than one translation does."""
_REACH = 0.75
"""Standard deviation of the weights of neighbours, in distances of neighbouring windows."""
_STIFFNESS = 0.3
"""Penalty of a slope: far from all reliable windows the field is nearly constant."""


@dataclass(frozen=True)
class Consensus:
    """What the windows agree on."""

    shift_px: tuple[float, float]
    """(dx, dy) of the translation, or the median of the field."""
    field: ShiftField | None
    """Local shifts, if they vary by more than noise."""
    size_px: float
    """Median length of the shifts of the windows that agree."""
    windows: int
    """Number of windows that agree."""


@dataclass(frozen=True)
class _Votes:
    """Shifts of reliable windows."""

    centres: Float64Array
    """(N, 2): (col, row) in distances of neighbouring windows."""
    shifts: Float64Array
    """(N, 2): (dx, dy) in pixels."""
    weights: Float64Array
    """(N,)."""

    def __len__(self) -> int:
        return len(self.weights)

    def where(self, kept: BoolArray) -> _Votes:
        return _Votes(self.centres[kept], self.shifts[kept], self.weights[kept])

    def median(self) -> Float64Array:
        """Return the weighted median of each coordinate."""
        medians = []
        for values in self.shifts.T:
            order = values.argsort()
            total = self.weights[order].cumsum()
            medians.append(values[order][np.searchsorted(total, total[-1] / 2)])
        return np.array(medians)

    def distances(self, shifts: Float64Array) -> Float64Array:
        """Return the distance of each vote from a shift or from one shift per vote."""
        return np.asarray(np.linalg.norm(self.shifts - shifts, axis=1))


def find_consensus(peaks: Sequence[Peak | None], samples: SampleGrid) -> Consensus | None:
    """Return what most reliable windows agree on; None if they do not agree.

    Args:
        peaks: one per window of ``samples``; None for a window without data.
        samples: the windows.
    """
    votes = _reliable(peaks, samples)
    if len(votes) < _LEAST_WINDOWS:
        return None
    near = votes.where(votes.distances(votes.median()) <= _GATE_PX)
    if len(near) < max(_LEAST_WINDOWS, len(votes) / 2):
        return None
    field = _field(near, samples)
    if field is not None:
        return field
    centre = near.median()
    agreeing = near.where(near.distances(centre) <= _AGREE_PX)
    if len(agreeing) < _LEAST_WINDOWS:
        return None
    dx, dy = np.average(agreeing.shifts, axis=0, weights=agreeing.weights)
    return Consensus((float(dx), float(dy)), None, float(np.hypot(dx, dy)), len(agreeing))


def _reliable(peaks: Sequence[Peak | None], samples: SampleGrid) -> _Votes:
    cols = len(samples.col_starts)
    found = [
        ((i % cols, i // cols), (peak.dx_px, peak.dy_px), min(peak.ratio - 1, 2.0))
        for i, peak in enumerate(peaks)
        if peak is not None and peak.ratio >= _RELIABLE_RATIO
    ]
    return _Votes(
        np.array([centre for centre, _, _ in found], np.float64).reshape(-1, 2),
        np.array([shift for _, shift, _ in found], np.float64).reshape(-1, 2),
        np.array([weight for _, _, weight in found], np.float64),
    )


def _field(votes: _Votes, samples: SampleGrid) -> Consensus | None:
    """Return local shifts, if neighbours predict the shift of a window better than the median."""
    predicted = _predict(votes, votes.centres, leave_out=True)
    errors = votes.distances(predicted)
    votes = votes.where(errors <= max(3.0, 3 * float(np.median(errors))))
    if len(votes) < _FIELD_WINDOWS:
        return None
    local = votes.distances(_predict(votes, votes.centres, leave_out=True))
    spread = votes.distances(votes.median())
    if np.median(spread) < _FIELD_SPREAD_PX or local.mean() > _FIELD_GAIN * spread.mean():
        return None
    cols, rows = np.meshgrid(range(len(samples.col_starts)), range(len(samples.row_starts)))
    nodes = np.stack([cols.ravel(), rows.ravel()], axis=1).astype(np.float64)
    shifts = _predict(votes, nodes).reshape(*cols.shape, 2)
    field = ShiftField(samples.centre_cols, samples.centre_rows, shifts)
    agreeing = votes.where(votes.distances(_predict(votes, votes.centres)) <= _AGREE_PX)
    if len(agreeing) < _LEAST_WINDOWS:
        return None
    dx, dy = votes.median()
    size = float(np.median(np.linalg.norm(agreeing.shifts, axis=1)))
    return Consensus((float(dx), float(dy)), field, size, len(agreeing))


def _predict(votes: _Votes, places: Float64Array, *, leave_out: bool = False) -> Float64Array:
    """Return shifts (P, 2) at places (P, 2): planes fitted to the votes of their neighbours.

    Args:
        votes: the known shifts.
        places: where; in distances of neighbouring windows.
        leave_out: a vote at the place itself does not count.
    """
    offsets = votes.centres[None] - places[:, None]  # (P, N, 2)
    away = np.linalg.norm(offsets, axis=2)
    exponent = -0.5 * (away / _REACH) ** 2
    if leave_out:
        exponent[away == 0] = -np.inf
    nearness = np.exp(exponent - exponent.max(axis=1, keepdims=True)) * votes.weights
    nearness /= nearness.sum(axis=1, keepdims=True)
    terms = np.concatenate([np.ones((*away.shape, 1)), offsets], axis=2)  # (P, N, 3)
    weighted = terms * nearness[..., None]
    normal = weighted.transpose(0, 2, 1) @ terms + np.diag([0.0, _STIFFNESS, _STIFFNESS])
    planes = np.linalg.solve(normal, weighted.transpose(0, 2, 1) @ votes.shifts)  # (P, 3, 2)
    shifts: Float64Array = planes[:, 0]
    return shifts
