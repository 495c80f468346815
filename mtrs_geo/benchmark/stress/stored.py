"""Stress results as they are stored: written by `run_stress`, read for a report."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtrs_geo.errors import RequestError

if TYPE_CHECKING:
    from mtrs_geo.benchmark.stress.run import Curve, StressResult

__all__ = ["STRESS_FILE", "StoredCurve", "StoredStress", "read_stress", "stress_as_json"]

STRESS_FILE = "stress.json"
"""Name in the folder of a stress test."""


@dataclass(frozen=True)
class StoredCurve:
    """The scores of a model along an axis."""

    name: str
    unit: str
    measure: str
    kept: float
    """Mean of the disturbed levels; NaN if nothing was scored."""
    reworded: float | None
    """Share of the sentences that the axis changed; None for images."""
    points: tuple[tuple[str, float], ...]
    """Label and score of every level, the undisturbed one included; NaN where none was scored."""


@dataclass(frozen=True)
class StoredStress:
    """The result of a stress test."""

    model: str
    pairs: int
    clean_miou: float
    """Of the undisturbed pairs; NaN if nothing was scored."""
    curves: tuple[StoredCurve, ...]
    failed: int


def stress_as_json(result: StressResult) -> dict[str, Any]:
    """Return the result as JSON values; None for what could not be scored."""
    return {
        "model": result.model,
        "pairs": result.pairs,
        "clean_miou": _finite(result.clean_miou),
        "axes": [
            {
                "name": curve.axis.name,
                "unit": curve.axis.unit,
                "measure": curve.axis.measure,
                "kept": _finite(curve.kept),
                "reworded": curve.reworded,
                "clean": curve.axis.clean,
                "levels": [
                    {"level": n, "label": curve.axis.label(n), "value": _finite(value)}
                    for n, value in curve.values.items()
                ],
            }
            for curve in result.curves
        ],
        "failed": result.failed,
    }


def stored_stress(result: StressResult) -> StoredStress:
    """Return a result in the form in which a report takes it."""
    curves = tuple(
        StoredCurve(
            curve.axis.name, curve.axis.unit, curve.axis.measure, curve.kept, curve.reworded,
            curve_points(curve),
        )
        for curve in result.curves
    )  # fmt: skip
    return StoredStress(result.model, result.pairs, result.clean_miou, curves, len(result.failed))


def curve_points(curve: Curve) -> tuple[tuple[str, float], ...]:
    """Return label and score of all levels, ascending; a clean level above all others is first."""
    return _ordered(
        [(level, curve.axis.label(level), value) for level, value in curve.values.items()],
        curve.axis.clean,
        curve.axis.label(curve.axis.clean),
    )


def read_stress(folder: Path) -> StoredStress:
    """Read the folder of a stress test.

    Raises:
        RequestError: if its stress.json cannot be read.
    """
    path = folder / STRESS_FILE
    try:
        content = json.loads(path.read_text("utf-8"))
        return StoredStress(
            str(content["model"]), int(content["pairs"]), _number(content["clean_miou"]),
            tuple(_curve(axis) for axis in content["axes"]), len(content["failed"]),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        msg = (
            f"{path} cannot be read as the result of a stress test: {type(error).__name__} {error}."
        )
        advice = "Give a folder that this version's `mtrs-geo benchmark stress` wrote."
        raise RequestError(msg, advice=advice) from error


def _curve(axis: dict[str, Any]) -> StoredCurve:
    clean = float(axis["clean"])
    levels = [(float(n["level"]), str(n["label"]), _number(n["value"])) for n in axis["levels"]]
    has_names = any(label != f"{level:g}" for level, label, _ in levels)
    points = _ordered(levels, clean, "clean" if has_names else f"{clean:g}")
    reworded = None if axis["reworded"] is None else float(axis["reworded"])
    name, unit, measure = (str(axis[key]) for key in ("name", "unit", "measure"))
    return StoredCurve(name, unit, measure, _number(axis["kept"]), reworded, points)


def _ordered(
    levels: list[tuple[float, str, float]], clean: float, label: str
) -> tuple[tuple[str, float], ...]:
    ordered = sorted([(clean, label, 1.0), *levels], key=lambda point: point[0])
    if levels and ordered[-1][0] == clean:
        ordered.reverse()
    return tuple((text, value) for _, text, value in ordered)


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
