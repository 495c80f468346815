"""Scores as JSON, CSV and Markdown; scores.json depends on the answers alone, not on time."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtrs_geo.benchmark.paper import PAPER_SOURCE, paper_rows
from mtrs_geo.benchmark.sample_counts import SCORE_LABELS, SCORES
from mtrs_geo.benchmark.scoring import ModelScores, Score
from mtrs_geo.benchmark.speed import Speed
from mtrs_geo.outputs import csv_cell

if TYPE_CHECKING:
    from mtrs_geo.benchmark.run import BenchmarkResult

__all__ = ["percent", "setting_of", "speed_cells", "write_tables"]

SPEED_COLUMNS = ("pairs/s", "km²/s", "peak MiB", "parameters (M)", "device", "hardware")


def write_tables(folder: Path, result: BenchmarkResult) -> None:
    """Write scores.json, speed.json, table.csv, table.md and samples.csv."""
    _write_json(folder / "scores.json", _scores_json(result))
    _write_json(folder / "speed.json", _speed_json(result))
    _write_samples(folder / "samples.csv", result)
    rows = list(_rows(result))
    with (folder / "table.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(rows[0])
        writer.writerows([csv_cell(cell) for cell in row] for row in rows[1:])
    (folder / "table.md").write_text(_markdown(result), encoding="utf-8")


def percent(value: float) -> str:
    """Return a share as a number of percent with two digits, as in the paper; empty for NaN."""
    return f"{100 * value:.2f}" if math.isfinite(value) else ""


def setting_of(result: BenchmarkResult, split: str) -> str:
    """Return the setting of the paper that a split is shown beside."""
    entry = next(entry for entry in result.config.splits if entry.name == split)
    return entry.paper or entry.name


def speed_cells(speed: Speed) -> list[str]:
    """Return the cells of `SPEED_COLUMNS`; empty where a value is not known."""
    mebibytes = None if speed.peak_bytes is None else speed.peak_bytes / 2**20
    millions = None if speed.parameters is None else speed.parameters / 1e6
    numbers = (speed.pairs_per_s, speed.km2_per_s, mebibytes, millions)
    return [*("" if v is None else f"{v:.3g}" for v in numbers[:2]),
            *("" if v is None else f"{v:,.0f}" if v >= 100 else f"{v:.1f}" for v in numbers[2:]),
            speed.device, speed.hardware]  # fmt: skip


def _scores_json(result: BenchmarkResult) -> dict[str, Any]:
    config = result.config
    return {
        "title": config.title,
        "seed": config.seed,
        "resamples": config.resamples,
        "part_of_the_splits": result.is_part,
        "models": [asdict(entry) for entry in config.models],
        "splits": [_split_json(result, i) for i in range(len(result.scores))],
        "paper": PAPER_SOURCE,
    }


def _split_json(result: BenchmarkResult, index: int) -> dict[str, Any]:
    scores = result.scores[index]
    pairs = result.pairs[scores.split]
    return {
        "name": scores.split,
        "pairs": len(pairs),
        "samples": sum(len(pair.samples) for pair in pairs),
        "models": [asdict(model) for model in scores.models],
        "comparisons": [asdict(comparison) for comparison in scores.comparisons],
        "tiers": scores.tiers,
        "paper": [asdict(row) for row in paper_rows(setting_of(result, scores.split))],
    }


def _speed_json(result: BenchmarkResult) -> dict[str, Any]:
    speeds = [
        {"split": split, "model": model} | asdict(speed)
        for (split, model), speed in result.speeds.items()
    ]
    return {"machine": result.hardware, "speeds": speeds}


def _write_samples(path: Path, result: BenchmarkResult) -> None:
    columns = ["split", "pair", "sample", "sentence", "model", "iou", "boundary_f1",
               "intersection_px", "union_px", "true_px", "predicted_px", "change type",
               "object class", "size", "position", "failed"]  # fmt: skip
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for split, by_model in result.results.items():
            for model, found in by_model.items():
                for item in found:
                    row = [split, item.pair, item.sample.id, item.sample.sentence, model]
                    counts, groups = item.counts, item.groups
                    if counts is None:
                        numbers = [""] * 6
                    else:
                        scores = (counts.iou, counts.shapes.boundary_f1)
                        pixels = (counts.intersection, counts.union, counts.true_px,
                                  counts.predicted_px)  # fmt: skip
                        numbers = [*(f"{v:.6f}" for v in scores), *map(str, pixels)]
                    words = [groups.get(axis, "") for axis in columns[-5:-1]]
                    writer.writerow(csv_cell(c) for c in [*row, *numbers, *words, item.reason])


def _rows(result: BenchmarkResult) -> Iterator[list[str]]:
    """Yield the table, head first; the paper's rows after those of each split."""
    limits = [f"{name} {end}" for name in SCORES for end in ("low", "high")]
    yield ["split", "source", "model", "tier", "pairs", "samples", "failed", *SCORES, *limits,
           *SPEED_COLUMNS]  # fmt: skip
    for scores in result.scores:
        for model in scores.models:
            values = [percent(model.scores[name].value) for name in SCORES]
            ends = [
                percent(end)
                for name in SCORES
                for end in (model.scores[name].low, model.scores[name].high)
            ]
            tier = tier_of(scores.tiers, result.config.rank_by, model.model)
            counts = [str(n) for n in (model.pairs, model.samples, model.failed)]
            speed = speed_cells(result.speeds[scores.split, model.model])
            yield [scores.split, "this run", model.model, tier, *counts, *values, *ends, *speed]
        for row in paper_rows(setting_of(result, scores.split)):
            values = [percent(row.scores.get(name, math.nan)) for name in SCORES]
            empty = [""] * (len(limits) + len(SPEED_COLUMNS))
            yield [scores.split, "paper", f"{row.model} ({row.group})", "", "", "", "", *values,
                   *empty]  # fmt: skip


def tier_of(tiers: dict[str, list[list[str]]], score: str, model: str) -> str:
    """Return the number of a model's tier, from 1; empty if there is none."""
    for number, names in enumerate(tiers.get(score, ()), 1):
        if model in names:
            return str(number)
    return ""


def _markdown(result: BenchmarkResult) -> str:
    lines = [f"# {result.config.title}", ""]
    if result.is_part:
        lines += ["A part of the splits only: `--limit` or `--only` was given.", ""]
    for scores in result.scores:
        pairs = result.pairs[scores.split]
        samples = sum(len(pair.samples) for pair in pairs)
        lines += [f"## {scores.split}: {len(pairs)} pairs, {samples} sentences", ""]
        labels = [*SCORE_LABELS.values(), *SPEED_COLUMNS]
        lines += _table_row(["model", "tier", "samples", "failed", *labels])
        lines += ["|" + "---|" * (4 + len(labels))]
        for model in scores.models:
            tier = tier_of(scores.tiers, result.config.rank_by, model.model)
            cells = [_with_interval(model, name) for name in SCORES]
            speed = speed_cells(result.speeds[scores.split, model.model])
            counts = [str(model.samples), str(model.failed)]
            lines += _table_row([model.model, tier, *counts, *cells, *speed])
        for row in paper_rows(setting_of(result, scores.split)):
            cells = [percent(row.scores.get(name, math.nan)) for name in SCORES]
            name = f"{row.model} ({row.group}, paper)"
            lines += _table_row([name, "", "", "", *cells, *[""] * len(SPEED_COLUMNS)])
        lines += ["", "Differences, better less worse, in percent:", ""]
        lines += _comparison_lines(result, scores.split)
    lines += [
        "",
        "Scores in percent, with intervals of 95 % from a bootstrap over pairs of images. p: "
        "paired permutation test over pairs, adjusted by Holm's method. Models of one tier differ "
        "from the best of the tier by no significant amount (p ≥ 0.05). "
        f"The paper: {PAPER_SOURCE}.",
    ]
    return "\n".join(lines) + "\n"


def _comparison_lines(result: BenchmarkResult, split: str) -> list[str]:
    comparisons = next(s for s in result.scores if s.split == split).comparisons
    if not comparisons:
        return ["fewer than two models that are no bounds", ""]
    lines = _table_row(["score", "better", "worse", "difference", "p", "p adjusted", "pairs"])
    lines += ["|" + "---|" * 7]
    for item in comparisons:
        difference = _interval_text(item.difference)
        numbers = [f"{item.p:.2g}", f"{item.p_adjusted:.2g}", str(item.pairs)]
        lines += _table_row(
            [SCORE_LABELS[item.score], item.better, item.worse, difference, *numbers]
        )
    return [*lines, ""]


def _with_interval(model: ModelScores, name: str) -> str:
    return _interval_text(model.scores[name])


def _interval_text(score: Score) -> str:
    if not math.isfinite(score.value):
        return ""
    return f"{percent(score.value)} [{percent(score.low)}, {percent(score.high)}]"


def _table_row(cells: list[str]) -> list[str]:
    return ["| " + " | ".join(c.replace("|", "\\|").replace("\n", " ") for c in cells) + " |"]


def _write_json(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(_without_nan(content), indent=1, ensure_ascii=False, default=str)
    path.write_text(text + "\n", encoding="utf-8")


def _without_nan(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {name: _without_nan(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return value
