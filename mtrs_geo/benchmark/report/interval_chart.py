"""A chart of a score of all models with its intervals, as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mtrs_geo.benchmark.paper import PaperRow
from mtrs_geo.benchmark.report.markup import escaped
from mtrs_geo.benchmark.scoring import ModelScores
from mtrs_geo.benchmark.tables import percent

__all__ = ["interval_chart"]

_LEFT, _RIGHT, _ROW, _WIDTH = 190, 70, 26, 640
_LONGEST = 26


def interval_chart(models: Sequence[ModelScores], score: str, paper: PaperRow | None = None) -> str:
    """Return a chart, best model first.

    Args:
        models: the models; those without the score are left out.
        score: name of the score.
        paper: a model of the paper whose figure is drawn as a line.
    """
    shown = [model for model in models if math.isfinite(model.scores[score].value)]
    shown.sort(key=lambda model: -model.scores[score].value)
    bottom = _ROW * len(shown) + 6
    parts = [f'<svg class="chart" role="img" viewBox="0 0 {_WIDTH} {bottom + 34}">']
    for tick in range(0, 101, 20):
        x = _x(tick / 100)
        parts.append(f'<line class="tick" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{bottom}"/>')
        parts.append(f'<text class="axis" x="{x:.1f}" y="{bottom + 14}">{tick}</text>')
    line = None if paper is None else paper.scores.get(score)
    if paper is not None and line is not None:
        x = _x(line)
        text = escaped(f"{paper.model}, paper")
        parts.append(f'<line class="paper" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{bottom}"/>')
        parts.append(f'<text class="axis" x="{x:.1f}" y="{bottom + 29}">{text}</text>')
    for number, model in enumerate(shown):
        parts += _row(model, score, _ROW * number + _ROW / 2 + 3)
    return "".join([*parts, "</svg>"])


def _row(model: ModelScores, score: str, y: float) -> list[str]:
    value = model.scores[score]
    name = model.model
    if len(name) > _LONGEST:
        name = name[: _LONGEST - 1] + "…"
    low, high = (_x(end) for end in (value.low, value.high))
    return [
        f'<text class="name" x="{_LEFT - 12}" y="{y + 4:.1f}">{escaped(name)}</text>',
        f'<line class="interval" x1="{low:.1f}" x2="{high:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>',
        f'<circle cx="{_x(value.value):.1f}" cy="{y:.1f}" r="4.5"/>',
        f'<text class="value" x="{_WIDTH - 4}" y="{y + 4:.1f}">{percent(value.value)}</text>',
    ]


def _x(share: float) -> float:
    share = share if math.isfinite(share) else 0.0
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)
