"""The figures of the paper that a benchmark is compared with."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PAPER_SETTINGS", "PAPER_SOURCE", "PaperRow", "paper_rows"]

PAPER_SETTINGS = ("TV", "NS", "RS")
"""Settings of the paper: both domains, natural scenes, remote sensing."""

PAPER_SOURCE = (
    "An Open-Source Benchmark and Baseline for Multi-temporal Referring Segmentation, "
    "arXiv 2606.00987, 31 May 2026"
)
_TABLE = Path(__file__).parent / "paper_results.csv"
_COLUMNS = {
    "mIoU": "miou",
    "oIoU": "oiou",
    **{f"Pr{level}": f"pr{level}" for level in (50, 60, 70, 80, 90)},
}


@dataclass(frozen=True)
class PaperRow:
    """One model of the paper's tables."""

    group: str
    """specialist, zero-shot LVLM, fine-tuned LVLM or MTRefSeg-R1."""
    model: str
    vision: str
    text: str
    scores: dict[str, float]
    """Shares in [0, 1] by the names of our scores; what the paper does not give is left out."""


def paper_rows(setting: str) -> list[PaperRow]:
    """Return the paper's figures of a setting (TV, RS or NS); none for any other."""
    with _TABLE.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["setting"] == setting]
    return [
        PaperRow(
            row["group"], row["model"], row["vision"], row["text"],
            {name: float(row[column]) / 100 for column, name in _COLUMNS.items() if row[column]},
        )
        for row in rows
    ]  # fmt: skip
