"""Statistics of an export as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mtrs_geo.craft.project.records import CELLS
from mtrs_geo.detect.fonts import Lettering, lettering

__all__ = ["write_plots"]

_NAMED = {
    "change_types": "Sentences by type",
    "object_classes": "Sentences by object",
    "frequent_words": "Frequent words",
}
"""Numbers by names, and the titles of their panels."""
_COLOUR, _DARK = "#3b6ea5", "#1f3a57"
_MOST_BARS = 12
_FEWEST_PLACES = 6
"""A panel has room for so many bars, so that one or two are not drawn as blocks."""
_MOST_CHARACTERS = 28


def write_plots(path: Path, statistics: Mapping[str, Any]) -> None:
    """Draw the numbers of `mtrs_geo.craft.export.statistics.summarise` as a PNG.

    Names in any script are drawn with the installed fonts; characters without one as their codes.
    """
    import matplotlib

    names = [name for key in _NAMED for name in statistics[key]]
    text = lettering(names)
    with matplotlib.rc_context({"font.family": list(text.families)}):
        _draw(path, statistics, text)


def _draw(path: Path, statistics: Mapping[str, Any], text: Lettering) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 8.2), layout="constrained", dpi=100)
    FigureCanvasAgg(figure)
    panels = figure.subplots(2, 3)
    subsets = statistics["subsets"]
    figure.suptitle(
        f"{statistics['sentences']:,} sentences on {statistics['pairs']:,} pairs: "
        f"{subsets['train']['sentences']:,} train, {subsets['val']['sentences']:,} val; "
        f"{statistics['empty_share']:.0%} with an empty mask",
        fontsize=13,
    )
    for panel, (key, title) in zip(panels[0], _NAMED.items(), strict=True):
        _bars(panel, statistics[key], title, text)
    _columns(panels[1, 0], statistics["sizes"], "Masks by share of the image")
    _positions(panels[1, 1], statistics["positions"])
    _columns(panels[1, 2], statistics["sentences_per_pair"], "Pairs by number of sentences")
    figure.savefig(path, format="png")


def _bars(
    panel: Any,  # noqa: ANN401 - an Axes
    counts: Mapping[str, int],
    title: str,
    text: Lettering,
) -> None:
    shown = list(counts.items())[:_MOST_BARS]
    rest = sum(list(counts.values())[_MOST_BARS:])
    is_cut = bool(rest) and "words" not in title
    if is_cut:
        shown.append((f"{len(counts) - _MOST_BARS} others", rest))
    names = [_short(text.drawn(name)) for name, _ in shown]
    drawn = panel.barh(range(len(shown)), [count for _, count in shown], color=_COLOUR)
    panel.set_yticks(range(len(shown)), names, parse_math=False)
    panel.bar_label(drawn, fmt="{:,.0f}", padding=3, fontsize=9)
    _clean(panel, title, hidden="x")
    panel.margins(x=0.15)
    panel.set_ylim(max(len(shown), _FEWEST_PLACES) - 0.5, -0.5)


def _columns(panel: Any, counts: Mapping[str, int], title: str) -> None:  # noqa: ANN401 - an Axes
    drawn = panel.bar(range(len(counts)), list(counts.values()), color=_COLOUR, width=0.8)
    labels = [name.removeprefix("up to ") for name in counts]
    prefix = "up to " if any(name.startswith("up to ") for name in counts) else ""
    panel.set_xticks(range(len(counts)), labels, rotation=40 if len(counts) > 5 else 0)
    if prefix:
        panel.set_xlabel("up to this share")
    panel.bar_label(drawn, fmt="{:,.0f}", padding=2, fontsize=9)
    _clean(panel, title, hidden="y")
    panel.margins(y=0.12)
    panel.set_xlim(-0.5, max(len(counts), _FEWEST_PLACES) - 0.5)


def _positions(panel: Any, counts: Mapping[str, int]) -> None:  # noqa: ANN401 - an Axes
    grid = np.array([counts[cell] for cell in CELLS]).reshape(3, 3)
    panel.imshow(grid, cmap="Blues", vmin=0)
    for (row, col), count in np.ndenumerate(grid):
        colour = "white" if count > 0.6 * max(1, grid.max()) else _DARK
        name = CELLS[3 * row + col]
        panel.text(col, row - 0.12, f"{count:,}", ha="center", va="center", color=colour)
        panel.text(col, row + 0.2, name, ha="center", va="center", color=colour, fontsize=8)
    panel.set_xticks([])
    panel.set_yticks([])
    panel.set_title("Centres of masks in the image", loc="left", fontsize=11)


def _clean(panel: Any, title: str, *, hidden: str) -> None:  # noqa: ANN401 - an Axes
    panel.set_title(title, loc="left", fontsize=11)
    for side in ("top", "right", "bottom" if hidden == "x" else "left"):
        panel.spines[side].set_visible(False)
    (panel.set_xticks if hidden == "x" else panel.set_yticks)([])


def _short(name: str) -> str:
    return name if len(name) <= _MOST_CHARACTERS else name[: _MOST_CHARACTERS - 1] + "…"
