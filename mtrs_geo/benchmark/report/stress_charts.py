"""Curves of stress tests as SVG, and a table of what each model keeps."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mtrs_geo.benchmark.report.markup import attributes, escaped, row, table

if TYPE_CHECKING:
    from mtrs_geo.benchmark.stress.stored import StoredCurve, StoredStress

__all__ = ["stress_charts", "stress_table"]

_WIDTH, _HEIGHT = 300, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 14, 26, 40
_LINES = 6
"""Number of line styles in report.css."""


def stress_charts(results: Sequence[StoredStress]) -> Iterator[str]:
    """Yield the HTML of a legend and a chart per axis, with a line per model.

    Args:
        results: one per model; axes may differ.
    """
    if len(results) > 1:
        marks = "".join(
            f'<span><i class="line{number % _LINES}"></i> {escaped(result.model)}</span>'
            for number, result in enumerate(results)
        )
        yield f'<p class="models">{marks}</p>'
    yield '<div class="curves">'
    for name in _axes(results):
        yield _chart(name, results)
    yield "</div>"


def stress_table(results: Sequence[StoredStress]) -> str:
    """Return a table: what each model keeps on each axis, and its score undisturbed."""
    rows = [
        row(
            [
                "<th>mIoU undisturbed</th><td></td>",
                *(_cell(result.clean_miou, 100) for result in results),
            ]
        )
    ]
    for name in _axes(results):
        curves = [_curve(result, name) for result in results]
        measure = next(curve.measure for curve in curves if curve is not None)
        reworded = {c.reworded for c in curves if c is not None and c.reworded is not None}
        note = measure if measure != "mIoU" else ""
        if reworded and min(reworded) < 1:
            note = f"{100 * min(reworded):.0f} % of the sentences change"
        cells = [_cell(math.nan if curve is None else curve.kept) for curve in curves]
        rows.append(row([f"<th>{escaped(name)}</th>", f"<td>{escaped(note)}</td>", *cells]))
    return table(["axis", "", *(result.model for result in results)], rows, "groups kept")


def _axes(results: Sequence[StoredStress]) -> list[str]:
    return list(dict.fromkeys(curve.name for result in results for curve in result.curves))


def _curve(result: StoredStress, name: str) -> StoredCurve | None:
    return next((curve for curve in result.curves if curve.name == name), None)


def _cell(value: float, factor: float = 1) -> str:
    if not math.isfinite(value):
        return "<td>–</td>"
    share = attributes(style=f"--share:{min(max(value, 0.0), 1.0):.4f}")
    return f"<td{share}>{factor * value:.2f}</td>"


def _chart(name: str, results: Sequence[StoredStress]) -> str:
    curves = [(i, c) for i, result in enumerate(results) if (c := _curve(result, name)) is not None]
    longest = max((curve for _, curve in curves), key=lambda curve: len(curve.points))
    values = [value for _, curve in curves for _, value in curve.points if math.isfinite(value)]
    highest = max(1.0, *values)
    title = f"{name}: {curves[0][1].kept:.2f}" if len(results) == 1 else name
    parts = [
        f'<svg class="chart curve" role="img" viewBox="0 0 {_WIDTH} {_HEIGHT}">',
        f'<text class="title" x="{_LEFT}" y="15">{escaped(title)}</text>',
    ]
    for tick in (0, 0.5, 1):
        y = _y(tick, highest)
        parts.append(f'<line class="tick" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text class="value" x="{_LEFT - 6}" y="{y + 4}">{tick:g}</text>')
    for i, (label, _) in enumerate(longest.points):
        x = _x(i, len(longest.points))
        parts.append(
            f'<text class="axis" x="{x}" y="{_HEIGHT - _BOTTOM + 15}">{escaped(label)}</text>'
        )
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(
        f'<text class="axis" x="{middle}" y="{_HEIGHT - 6}">{escaped(longest.unit)}</text>'
    )
    for number, curve in curves:
        parts += _line(number, curve, highest)
    return "".join([*parts, "</svg>"])


def _line(number: int, curve: StoredCurve, highest: float) -> Iterator[str]:
    count = len(curve.points)
    places = [
        (_x(i, count), _y(value, highest), f"{label}: {value:.3f}")
        for i, (label, value) in enumerate(curve.points)
        if math.isfinite(value)
    ]
    style = f"line{number % _LINES}"
    corners = " ".join(f"{x},{y}" for x, y, _ in places)
    yield f'<polyline class="{style}" points="{corners}"/>'
    for x, y, text in places:
        title = f"<title>{escaped(text)}</title>"
        yield f'<circle class="{style}" cx="{x}" cy="{y}" r="3.5">{title}</circle>'


def _x(index: int, count: int) -> float:
    inner = _WIDTH - _LEFT - _RIGHT - 24
    return round(_LEFT + 12 + (inner * index / (count - 1) if count > 1 else inner / 2), 1)


def _y(value: float, highest: float) -> float:
    return round(_TOP + (1 - value / (1.05 * highest)) * (_HEIGHT - _TOP - _BOTTOM), 1)
