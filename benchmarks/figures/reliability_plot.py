"""Reliability plot: the share of polygons that are right, by their score."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mtrs_geo.evaluation.reliability import Reliability

__all__ = ["write_reliability_plot"]

_SHOWN = {"real pairs": "real pairs", "composed pairs": "composed pairs"}


def write_reliability_plot(path: Path, rows: Mapping[str, tuple[Reliability, Reliability]]) -> None:
    """Write a plot with one panel per kind of pairs.

    Args:
        path: PNG to write.
        rows: reliability of the mean probability and of the score, by name.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.4, 4.4), dpi=110, layout="constrained")
    panels = figure.subplots(1, len(_SHOWN), sharey=True)
    for axes, (name, title) in zip(panels, _SHOWN.items(), strict=True):
        axes.plot([0, 1], [0, 1], color="0.7", linewidth=1, zorder=1)
        styles = (("mean probability", "o", "#c44e52"), ("score", "s", "#2a6f97"))
        for one, (label, marker, colour) in zip(rows[name], styles, strict=True):
            axes.plot(
                [b.mean_score for b in one.bins], [b.right_share for b in one.bins],
                marker=marker, markersize=4, linewidth=1.2, color=colour, zorder=2,
                label=f"{label}: ECE {one.ece:.3f}",
            )  # fmt: skip
        axes.set_title(f"{title}, {rows[name][0].polygons:,} polygons", fontsize=10)
        axes.set_xlabel("value of the polygons of a bin (mean)")
        axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
        axes.grid(color="0.92")
        axes.legend(loc="upper left", fontsize=8, frameon=False)
    panels[0].set_ylabel("share of them that is right")
    figure.savefig(path)
