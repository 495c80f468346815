"""Write the result of a stress test: JSON, Markdown, a picture of all curves, and a page."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtrs_geo.benchmark.stress.page import write_page
from mtrs_geo.benchmark.stress.stored import (
    STRESS_FILE,
    StoredCurve,
    StoredStress,
    stored_stress,
    stress_as_json,
)

if TYPE_CHECKING:
    from mtrs_geo.benchmark.stress.examples import Example
    from mtrs_geo.benchmark.stress.run import StressResult

__all__ = ["stress_lines", "write_stress"]

_COLUMNS, _WIDTH, _HEIGHT = 5, 3.0, 2.3


def write_stress(folder: Path, result: StressResult, examples: list[Example]) -> None:
    """Write stress.json, stress.md, curves.png and index.html.

    Args:
        folder: existing folder.
        result: the result.
        examples: what the axes do to one pair.
    """
    text = json.dumps(stress_as_json(result), indent=1, ensure_ascii=False)
    (folder / STRESS_FILE).write_text(text + "\n", encoding="utf-8")
    (folder / "stress.md").write_text("\n".join(stress_lines(result)) + "\n", encoding="utf-8")
    stored = stored_stress(result)
    _draw(folder / "curves.png", stored)
    write_page(folder, stored, examples)


def stress_lines(result: StressResult) -> list[str]:
    """Return a table in Markdown."""
    lines = [
        f"{result.model}: mIoU {100 * result.clean_miou:.2f} on {result.pairs} undisturbed pairs",
        "",
        "| axis | measure | kept | levels |",
        "|---|---|---|---|",
    ]
    for curve in result.curves:
        axis = curve.axis
        levels = ", ".join(f"{axis.label(n)}: {value:.3f}" for n, value in curve.values.items())
        if curve.reworded is not None and curve.reworded < 1:
            levels += f"; {100 * curve.reworded:.0f} % of the sentences changed"
        cells = (axis.name, axis.measure, f"{curve.kept:.3f}", f"{axis.unit}: {levels}")
        lines.append(f"| {' | '.join(cells)} |")
    if result.failed:
        lines += ["", f"{len(result.failed)} failed: {next(iter(result.failed.items()))}"]
    return lines


def _draw(path: Path, stored: StoredStress) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns = min(_COLUMNS, len(stored.curves))
    rows = -(-len(stored.curves) // columns)
    size = (max(columns * _WIDTH, 6.0), rows * _HEIGHT + 0.6)
    figure = Figure(size, dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    clean = f"mIoU {100 * stored.clean_miou:.1f} on {stored.pairs} undisturbed pairs"
    figure.suptitle(f"{stored.model}: share of the score kept ({clean})", parse_math=False)
    axes = figure.subplots(rows, columns, squeeze=False)
    for panel in axes.flat[len(stored.curves) :]:
        panel.set_axis_off()
    for panel, curve in zip(axes.flat, stored.curves, strict=False):
        _draw_curve(panel, curve)
    figure.savefig(path)


def _draw_curve(panel: Any, curve: StoredCurve) -> None:  # noqa: ANN401 - an Axes
    values = [value for _, value in curve.points]
    places = range(len(values))
    panel.plot(places, values, marker="o", color="#1f5fbf")
    panel.axhline(1, color="#bbbbbb", linewidth=0.8)
    highest = max([1.0, *(value for value in values if math.isfinite(value))])
    panel.set_ylim(0, 1.08 * highest)
    panel.set_xlim(-0.3, len(values) - 0.7)
    panel.set_xticks(places, [label for label, _ in curve.points])
    panel.set_xlabel(curve.unit, fontsize=8)
    panel.tick_params(labelsize=8)
    panel.set_title(f"{curve.name}: {curve.kept:.2f}", fontsize=10)
