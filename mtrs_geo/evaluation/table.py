"""The table of samples and the file of scores."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from mtrs_geo.metrics import ReferringScores
from mtrs_geo.models.contract import ModelInfo

__all__ = ["SampleScore", "scores_as_json", "write_scores", "write_table"]


@dataclass(frozen=True)
class SampleScore:
    """How one expression was answered."""

    pair: str
    """Name of the pair: its JSON file without suffix."""
    index: int
    """Number of the expression within the pair, from 0."""
    expression: str
    iou: float
    hit_px: int
    """Pixels in mask and answer."""
    false_px: int
    """Pixels in the answer alone."""
    missed_px: int
    """Pixels in the mask alone."""

    @property
    def is_no_target(self) -> bool:
        """Whether the true mask is empty."""
        return self.hit_px + self.missed_px == 0


def write_table(path: Path, samples: Sequence[SampleScore]) -> None:
    """Write one row an expression as CSV."""
    columns = [field.name for field in fields(SampleScore)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*columns, "no_target"])
        for sample in samples:
            row = asdict(sample) | {"iou": f"{sample.iou:.6f}"}
            writer.writerow([*row.values(), int(sample.is_no_target)])


def write_scores(path: Path, scores: ReferringScores, model: ModelInfo) -> None:
    """Write all scores as JSON."""
    content = scores_as_json(scores) | {"model": model.name, "model_version": model.version}
    path.write_text(json.dumps(content, indent=1) + "\n")


def scores_as_json(scores: ReferringScores) -> dict[str, Any]:
    """Return the scores by name; null where no sample is of the kind asked."""
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in asdict(scores).items()
    }
