"""Fit the calibration of a model on labelled pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mtrs_geo.errors import RequestError
from mtrs_geo.models.calibration import ALL, Calibration, ScoreMap, score_inputs

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["SMALLEST_GROUP", "calibrated_scores", "cross_fitted_scores", "fit_calibration"]

SMALLEST_GROUP = 20
"""Groups with fewer polygons have no map of their own."""

_FEWEST = 50

_SHRINKAGE = 10.0
"""Weight of a group's distance to the map that it falls back to; about as many polygons."""
_PRIOR = np.array([0.0, 1.0, 0.0, 0.0])
"""The map that leaves the probability as it is."""
_BOUNDS = ((None, None), (0, None), (None, None), (None, None))
_FOLDS = 10
_Values = npt.NDArray[np.float64]


def fit_calibration(polygons: DataFrame, **facts: Any) -> Calibration:  # noqa: ANN401
    """Fit one map for all polygons, one per direction, one per class, and one per both.

    A map is a logistic regression that is drawn to the map of the larger group, so that small
    groups stay near it.

    Args:
        polygons: columns of `mtrs_geo.evaluation.judging.judge_place`.
        **facts: other fields of `Calibration`.

    Raises:
        RequestError: if there are fewer than 50 polygons, or all or none are right.
    """
    _check_enough(polygons)
    return Calibration(_fitted_maps(polygons), **facts)


def _check_enough(polygons: DataFrame) -> None:
    right = polygons["right"].to_numpy(bool)
    if len(polygons) < _FEWEST or right.all() or not right.any():
        msg = (
            f"{len(polygons)} polygons, of which {right.sum()} are right, are not enough to "
            "calibrate scores."
        )
        advice = f"Give more labelled pairs: {_FEWEST} polygons or more, some of them wrong."
        raise RequestError(msg, advice=advice)


def _fitted_maps(polygons: DataFrame) -> dict[str, ScoreMap]:
    maps = {ALL: _fit(polygons, _PRIOR)}
    keys = list(zip(polygons["direction"], polygons["query_class"], strict=True))
    groups = (
        [direction for direction, _ in keys],
        [query_class for _, query_class in keys],
        [f"{direction} {query_class}" for direction, query_class in keys],
    )
    for names in groups:
        for name in dict.fromkeys(names):
            members = polygons[[one == name for one in names]]
            if len(members) >= SMALLEST_GROUP:
                # "appeared building" is drawn to "building", and that to the map of all.
                parent = maps.get(name.split()[-1], maps[ALL])
                maps[name] = _fit(members, np.array(parent.weights, np.float64))
    return maps


def calibrated_scores(calibration: Calibration, polygons: DataFrame) -> _Values:
    """Return the score of each polygon, (n,)."""
    scores = np.zeros(len(polygons))
    probability, area_m2 = _numbers(polygons)
    groups = [
        calibration.group(direction, query_class)
        for direction, query_class in zip(
            polygons["direction"], polygons["query_class"], strict=True
        )
    ]
    for group in set(groups):
        chosen = np.array([one == group for one in groups])
        scores[chosen] = calibration.maps[group].scores(probability[chosen], area_m2[chosen])
    return scores


def cross_fitted_scores(polygons: DataFrame, folds: int = _FOLDS) -> _Values:
    """Return scores of maps that were fitted without the polygon's place, (n,).

    Args:
        polygons: as in `fit_calibration`.
        folds: number of parts that the places are divided into, in the order of the rows.

    Raises:
        RequestError: as `fit_calibration`, or if all polygons are of one place.
    """
    _check_enough(polygons)
    places = {place: number for number, place in enumerate(dict.fromkeys(polygons["place"]))}
    if len(places) < 2:
        msg = "the labelled pairs are all of one place."
        raise RequestError(
            msg, advice="Give pairs of several places, so that scores can be checked."
        )
    fold = polygons["place"].map(places).to_numpy(np.int64) % min(folds, len(places))
    scores = np.zeros(len(polygons))
    for held_out in np.unique(fold):
        # Fewer polygons than a model needs will do, as these maps only check the scores.
        fitted = Calibration(_fitted_maps(polygons[fold != held_out]))
        scores[fold == held_out] = calibrated_scores(fitted, polygons[fold == held_out])
    return scores


def _fit(polygons: DataFrame, prior: _Values) -> ScoreMap:
    from scipy.optimize import minimize

    odds, area = score_inputs(*_numbers(polygons))
    inputs = np.stack([np.ones_like(odds), odds, area, odds * area], axis=1)
    right = polygons["right"].to_numpy(np.float64)

    def loss(weights: _Values) -> tuple[float, _Values]:
        logits, shift = inputs @ weights, weights - prior
        value = (np.logaddexp(0, logits) - right * logits).sum() + _SHRINKAGE / 2 * shift @ shift
        residual = 1 / (1 + np.exp(-logits)) - right
        return float(value), inputs.T @ residual + _SHRINKAGE * shift

    found = minimize(loss, prior, jac=True, method="L-BFGS-B", bounds=_BOUNDS)
    intercept, probability, area_weight, product = (round(float(w), 4) for w in found.x)
    return ScoreMap(intercept, probability, area_weight, product, len(polygons))


def _numbers(polygons: DataFrame) -> tuple[_Values, _Values]:
    return (
        polygons["probability"].to_numpy(np.float64),
        polygons["area_m2"].to_numpy(np.float64),
    )
