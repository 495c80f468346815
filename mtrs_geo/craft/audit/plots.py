"""Pictures of the dashboard, as SVG."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from mtrs_geo.craft.audit.statistics import Acceptance
from mtrs_geo.craft.project import Project

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["PLOTS", "draw_plot"]

_COLORS = ("#2f7d5b", "#e0a030", "#b8433f")
_INK = "#44505a"
_LONGEST_S = 120.0
_LONGEST_NAME = 24
_drawing = threading.Lock()
"""Matplotlib's fonts and settings are shared by all threads."""


def draw_plot(project: Project, name: str, groups: Mapping[str, Sequence[Acceptance]]) -> bytes:
    """Return a picture as SVG.

    Args:
        project: an open project.
        name: one of `PLOTS`.
        groups: its `acceptances`.

    Raises:
        KeyError: if there is no such picture.
    """
    draw, _ = PLOTS[name]
    with _drawing:
        from matplotlib import rc_context
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure

        settings: dict[Any, Any] = {
            "svg.fonttype": "path", "axes.spines.top": False, "axes.spines.right": False,
            "axes.edgecolor": _INK, "text.color": _INK, "axes.labelcolor": _INK,
            "xtick.color": _INK, "ytick.color": _INK, "font.size": 10, "svg.hashsalt": name,
        }  # fmt: skip
        with rc_context(settings):
            figure = Figure(figsize=(5.6, 3.0), layout="constrained")
            FigureCanvasSVG(figure)
            draw(project, figure.subplots(), groups)
            stream = io.BytesIO()
            figure.savefig(stream, format="svg", metadata={"Date": None})
    return stream.getvalue()


def _acceptance(_: Project, axes: Axes, groups: Mapping[str, Sequence[Acceptance]]) -> None:
    rows = [*groups["Type"], *groups["Sentence by"]][:10][::-1]
    names = [_short(row.name) for row in rows]
    left = np.zeros(len(rows))
    for label, color in zip(("unchanged", "edited", "rejected"), _COLORS, strict=True):
        width = np.array([getattr(row, label) / row.total for row in rows])
        axes.barh(range(len(rows)), width, left=left, color=color, label=label)
        left += width
    axes.set_yticks(range(len(rows)), names)
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of the verdicts")
    if rows:
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False)


def _seconds(project: Project, axes: Axes, _: object) -> None:
    rows = project.connection.execute("SELECT seconds FROM standing_verdicts").fetchall()
    values = np.clip([row[0] for row in rows], 0, _LONGEST_S)
    axes.hist(values, bins=np.linspace(0, _LONGEST_S, 25).tolist(), color=_COLORS[0])
    axes.set_xlabel(f"seconds per verdict (the last bar: {_LONGEST_S - 5:.0f} and more)")
    axes.set_ylabel("verdicts")


def _verdicts(project: Project, axes: Axes, _: object) -> None:
    rows = project.connection.execute(
        "SELECT auditor, created FROM standing_verdicts ORDER BY created"
    ).fetchall()
    for name in sorted({row["auditor"] for row in rows}):
        hours = [(row["created"] - time.time()) / 3600 for row in rows if row["auditor"] == name]
        axes.step([*hours, 0], [*range(1, len(hours) + 1), len(hours)], where="post",
                  label=_short(name))  # fmt: skip
    axes.set_xlabel("hours from now")
    axes.set_ylabel("verdicts")
    if rows:
        axes.legend(frameon=False, loc="upper left")


def _short(name: str) -> str:
    """Return a name that fits beside a picture; a dollar sign would begin a formula."""
    text = name.strip()
    short = text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 1] + "…"
    return short.replace("$", r"\$")


_Draw: TypeAlias = "Callable[[Project, Axes, Mapping[str, Sequence[Acceptance]]], None]"

PLOTS: dict[str, tuple[_Draw, str]] = {
    "acceptance": (_acceptance, "Acceptance, per type and describer"),
    "verdicts": (_verdicts, "Verdicts over time, per auditor"),
    "seconds": (_seconds, "Time per verdict"),
}
"""How each picture is drawn, and what it shows."""
