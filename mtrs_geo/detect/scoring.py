"""Scores of the polygons of a query: estimated chances, if the model is calibrated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mtrs_geo.models.calibration import Calibration, ScoreMap
from mtrs_geo.models.contract import ModelInfo
from mtrs_geo.query import ChangeQuery
from mtrs_geo.query.classes import class_of

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["PolygonScores", "notes_on_scores", "scores_of"]


@dataclass(frozen=True)
class PolygonScores:
    """Column ``score`` of a query's polygons; it can be pickled."""

    score_map: ScoreMap | None
    """None keeps the mean probability."""

    def __call__(self, frame: DataFrame) -> npt.NDArray[np.float64]:
        """Return the score of each row, (n,) in [0, 1].

        Args:
            frame: columns ``score_mean`` and ``area_m2``.
        """
        probability = frame["score_mean"].to_numpy(np.float64)
        if self.score_map is None:
            return probability
        return self.score_map.scores(probability, frame["area_m2"].to_numpy(np.float64))


def scores_of(query: ChangeQuery, calibration: Calibration | None) -> PolygonScores:
    """Return the scores of a query: by the map of its direction and class."""
    if calibration is None:
        return PolygonScores(None)
    return PolygonScores(calibration.map_of(query.direction, class_of(query.prompt)))


def notes_on_scores(
    info: ModelInfo, queries: Sequence[ChangeQuery], threshold: float
) -> tuple[str, ...]:
    """Return what a user must know about the scores of a run."""
    calibration = info.calibration
    if calibration is None:
        return (
            f"scores are not calibrated: {info.name} has no calibration, so score is the mean "
            "probability. `mtrs-geo train calibrate` adds one to a folder of `mtrs-geo train`.",
        )
    notes = [
        f"scores of {query.text or 'any change'!r}: {score_map.note}"
        for query in queries
        if (score_map := calibration.map_of(query.direction, class_of(query.prompt))).note
    ]
    if threshold != calibration.threshold:
        notes.append(
            f"scores are calibrated for the threshold {calibration.threshold}, and this run uses "
            f"{threshold}, so they are rough."
        )
    return tuple(notes)
