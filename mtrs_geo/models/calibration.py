"""Calibration of scores: the mean probability of a polygon to the chance that it is right.

The probability of a pixel is high or low by how the network was trained, so it is no chance.
Logistic maps (Platt, 1999), one per direction of the change and class, give the chance from the
mean probability and the area of a polygon.  They are fitted on labelled places that no training
used.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mtrs_geo.errors import ModelError
from mtrs_geo.models.familiarity import Familiarity
from mtrs_geo.types import ChangeDirection, QueryClass

__all__ = ["ALL", "CALIBRATION_FILE", "Calibration", "ScoreMap", "read_calibration", "score_inputs"]

CALIBRATION_FILE = "calibration.json"
"""Name of the file in a model folder."""
ALL = "all"
"""Key of the map of all polygons."""

_UNIT_M2, _SMALLEST_M2, _LARGEST = 100.0, 1.0, 2.0
_EPSILON = 1e-4
_Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ScoreMap:
    """Logistic map of one group of polygons; monotone in the probability.

    The log-odds of the score are intercept + area a + max(0, probability + product a) l, with l
    the log-odds of the mean probability and a the log10 of the area in units of 100 m².
    """

    intercept: float
    probability: float
    area: float
    product: float
    polygons: int
    """Number of labelled polygons that it was fitted on."""
    note: str = ""
    """What its users must know; reports of its queries repeat it."""

    def __post_init__(self) -> None:
        if not all(map(np.isfinite, self.weights)):
            msg = f"a score map has the weights {self.weights}; they must be finite."
            raise ValueError(msg)

    @property
    def weights(self) -> tuple[float, float, float, float]:
        """Intercept, probability, area, product."""
        return self.intercept, self.probability, self.area, self.product

    def scores(self, probability: _Values, area_m2: _Values) -> _Values:
        """Return the estimated chance that each polygon is right, (n,) in [0, 1].

        Args:
            probability: (n,) mean probability of each polygon, in [0, 1].
            area_m2: (n,) areas in m².
        """
        odds, area = score_inputs(probability, area_m2)
        slope = np.maximum(0, self.probability + self.product * area)
        logits = np.clip(self.intercept + self.area * area + slope * odds, -50, 50)
        scores: _Values = 1 / (1 + np.exp(-logits))
        return scores


@dataclass(frozen=True)
class Calibration:
    """Score maps of a model."""

    maps: Mapping[str, ScoreMap]
    """By group: ``all``, a direction ("appeared"), a class ("building"), or both ("appeared
    building").  Where that of both is missing, the class's is used, then the direction's, then
    that of all."""
    threshold: float = 0.5
    """Threshold of the polygons that the maps were fitted on."""
    weights: str = ""
    """SHA-256 of the weights that the maps were fitted for."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """Data, definitions and figures of the fit."""
    familiarity: Familiarity | None = None
    """The images that the model was trained on; None if they are not described."""

    def group(self, direction: ChangeDirection, query_class: QueryClass) -> str:
        """Return the key of the map that a query uses."""
        keys = (f"{direction} {query_class}", query_class, direction, ALL)
        return next(key for key in keys if key in self.maps)

    def map_of(self, direction: ChangeDirection, query_class: QueryClass) -> ScoreMap:
        """Return the map of a query's polygons."""
        return self.maps[self.group(direction, query_class)]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self)

    def write(self, folder: Path) -> None:
        """Write the calibration into a model folder."""
        text = json.dumps(self.to_dict(), indent=1) + "\n"
        (folder / CALIBRATION_FILE).write_text(text, encoding="utf-8")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Calibration:
        """Return the calibration of a dictionary from `to_dict`.

        Raises:
            TypeError: if a name is unknown or missing.
            ValueError: if a value is not a number, or there is no map of all polygons.
        """
        maps = {group: ScoreMap(**fields) for group, fields in dict(values["maps"]).items()}
        if ALL not in maps:
            msg = f"there is no map {ALL!r}."
            raise ValueError(msg)
        familiarity = values.get("familiarity")
        known = None if familiarity is None else Familiarity(**familiarity)
        return cls(**{**values, "maps": maps, "familiarity": known})


def score_inputs(probability: _Values, area_m2: _Values) -> tuple[_Values, _Values]:
    """Return the inputs l and a of a `ScoreMap`, each (n,)."""
    p = np.clip(np.asarray(probability, np.float64), _EPSILON, 1 - _EPSILON)
    area = np.log10(np.maximum(np.asarray(area_m2, np.float64), _SMALLEST_M2) / _UNIT_M2)
    return np.log(p / (1 - p)), np.minimum(area, _LARGEST)


def read_calibration(folder: Path, weights_sha256: str) -> Calibration:
    """Return the calibration of a model folder.

    Args:
        folder: a model folder.
        weights_sha256: checksum of its weights.

    Raises:
        ModelError: if the file is damaged, or was fitted for other weights.
    """
    path = folder / CALIBRATION_FILE
    advice = "Remove the file, or fit it again: mtrs-geo train calibrate --model … --data …"
    try:
        calibration = Calibration.from_dict(json.loads(path.read_text(encoding="utf-8-sig")))
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        msg = f"{path} is not a calibration ({error!r})."
        raise ModelError(msg, advice=advice) from error
    if calibration.weights != weights_sha256:
        msg = (
            f"{path} was fitted for other weights: it states the SHA-256 "
            f"{calibration.weights[:12]}, the model has {weights_sha256[:12]}."
        )
        raise ModelError(msg, advice=advice)
    return calibration
