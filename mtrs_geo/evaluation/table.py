"""Write the table of samples (CSV) and the scores (JSON)."""

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
from mtrs_geo.outputs import csv_cell

__all__ = ["SampleScore", "scores_as_json", "write_scores", "write_table"]


@dataclass(frozen=True)
class SampleScore:
    """Score of the prediction for one expression."""

    pair: str
    """Name of the pair: the name of its JSON file without suffix."""
    index: int
    """Index of the expression in the pair, from 0."""
    expression: str
    iou: float
    hit_px: int
    """Pixels in both the true and the predicted mask."""
    false_px: int
    """Pixels in the predicted mask only."""
    missed_px: int
    """Pixels in the true mask only."""

    @property
    def is_no_target(self) -> bool:
        """Whether the true mask is empty."""
        return self.hit_px + self.missed_px == 0


def write_table(path: Path, samples: Sequence[SampleScore]) -> None:
    """Write a CSV file with one row per expression.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    columns = [field.name for field in fields(SampleScore)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*columns, "no_target"])
        for sample in samples:
            row = asdict(sample) | {"iou": f"{sample.iou:.6f}"}
            values = [csv_cell(v) if isinstance(v, str) else v for v in row.values()]
            writer.writerow([*values, int(sample.is_no_target)])


def write_scores(path: Path, scores: ReferringScores, model: ModelInfo) -> None:
    """Write all scores to a JSON file."""
    content = scores_as_json(scores) | {"model": model.name, "model_version": model.version}
    path.write_text(json.dumps(content, indent=1) + "\n")


def scores_as_json(scores: ReferringScores) -> dict[str, Any]:
    """Return the scores by name; None for a score without samples."""
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in asdict(scores).items()
    }
