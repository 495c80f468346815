"""Draw a sheet of the worst and the best predictions."""

from __future__ import annotations

import textwrap
import unicodedata
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mtrs_geo.evaluation.cases import Case, CaseRanking
from mtrs_geo.types import BoolArray, UInt8Array

if TYPE_CHECKING:
    from matplotlib.figure import SubFigure

__all__ = ["COLOURS", "legend", "overlay", "show", "write_sheet"]

# Colours for colour-blind readers, the same as in previews.
COLOURS = {"correct": (255, 212, 0), "false": (255, 61, 110), "missed": (0, 200, 255)}
_PANEL_PX = 320
_PANEL_INCHES, _TEXT_INCHES, _DPI = 2.3, 0.62, 100
_LINE_CHARACTERS, _LINES = 74, 2
_NAME_CHARACTERS = 38
"""Of the name of a pair, of which a longer one loses its beginning."""


def write_sheet(path: Path, ranking: CaseRanking, model: str) -> None:
    """Draw the worst cases on the left and the best on the right.

    Args:
        path: .png file.
        ranking: the cases.
        model: name of the model, for the title.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    worst, best = ranking.worst(), ranking.best()
    rows = max(len(worst), len(best), 1)
    size = (6 * _PANEL_INCHES + 0.6, rows * (_PANEL_INCHES + _TEXT_INCHES) + 1.0)
    figure = Figure(size, dpi=_DPI)
    FigureCanvasAgg(figure)
    rows_of_sheet: Any = figure.subfigures(3, 1, height_ratios=(0.5, size[1] - 1.0, 0.5))
    head, body, foot = rows_of_sheet
    head.text(0.5, 0.4, f"{model}: worst and best predictions", ha="center", fontsize=13)
    for half, title, cases in zip(
        body.subfigures(1, 2, wspace=0.02), ("worst", "best"), (worst, best), strict=True
    ):
        _draw_column(half, title, cases, rows)
    legend(foot)
    with warnings.catch_warnings():
        # Expressions may be in any script; characters that the font lacks are drawn as boxes.
        warnings.filterwarnings("ignore", message="Glyph", category=UserWarning)
        figure.savefig(path, format="png")


def _draw_column(half: SubFigure, title: str, cases: Sequence[Case], rows: int) -> None:
    if not cases:
        half.text(0.5, 0.5, f"no {title} prediction", ha="center", color="grey")
        return
    share = _TEXT_INCHES / (_PANEL_INCHES + _TEXT_INCHES)
    axes = half.subplots(
        rows, 3, squeeze=False,
        gridspec_kw={"left": 0.01, "right": 0.99, "bottom": 0.0, "top": 1 - share / rows,
                     "wspace": 0.03, "hspace": share / (1 - share)},
    )  # fmt: skip
    for panel in axes.flat:
        panel.set_axis_off()
    for row, case in zip(axes, cases, strict=False):
        _draw_case(row, case, title)


def _draw_case(row: Sequence[Any], case: Case, title: str) -> None:
    sample = case.sample
    pictures = (case.before, case.after, overlay(case.after, case.prediction, case.truth))
    for panel, picture, name in zip(row, pictures, ("before", "after", "prediction"), strict=True):
        step = max(1, max(picture.shape[:2]) // _PANEL_PX)
        show(panel, picture[::step, ::step], name)
        panel.set_anchor("NW")  # the caption begins at the left of its own column
    lines = _wrapped(sample.expression or "(any change)")
    caption = "\n".join(lines[:_LINES]) + (" …" if len(lines) > _LINES else "")
    target = ", no target" if sample.is_no_target else ""
    name = sample.pair
    if len(name) > _NAME_CHARACTERS:
        name = f"…{name[1 - _NAME_CHARACTERS :]}"
    row[0].set_title(
        f"{title}: IoU {sample.iou:.2f}{target}   ({name} #{sample.index})\n{caption}",
        loc="left", fontsize=8.5, parse_math=False, pad=3,
    )  # fmt: skip


def _wrapped(text: str) -> list[str]:
    """Return a text in lines that fit above three panels; Chinese characters have double width."""
    filled = "".join(f"{c}\0" if unicodedata.east_asian_width(c) in "WF" else c for c in text)
    return [line.replace("\0", "") for line in textwrap.wrap(filled, _LINE_CHARACTERS)]


def show(panel: Any, picture: UInt8Array, name: str) -> None:  # noqa: ANN401 - an Axes
    """Draw an image (H, W, 3) with its name in a corner."""
    panel.set_axis_off()
    panel.imshow(picture, interpolation="antialiased")
    panel.text(
        0.02, 0.03, name, transform=panel.transAxes, color="white", fontsize=8,
        bbox={"facecolor": "black", "alpha": 0.6, "pad": 1.5, "linewidth": 0},
    )  # fmt: skip


def legend(foot: SubFigure) -> None:
    """Draw the legend of the colours of `overlay`."""
    from matplotlib.patches import Patch

    handles = [
        Patch(color=(r / 255, g / 255, b / 255), label=name) for name, (r, g, b) in COLOURS.items()
    ]
    foot.legend(handles=handles, loc="center", ncols=3, frameon=False)


def overlay(image: UInt8Array, prediction: BoolArray, truth: BoolArray) -> UInt8Array:
    """Return an image (H, W, 3) in grey, with prediction and truth (H, W) compared in colour."""
    grey = image.mean(axis=2, keepdims=True)
    picture = np.repeat(grey * 0.6, 3, axis=2)
    for name, mask in (
        ("correct", prediction & truth),
        ("false", prediction & ~truth),
        ("missed", truth & ~prediction),
    ):
        picture[mask] = 0.25 * picture[mask] + 0.75 * np.array(COLOURS[name])
    result: UInt8Array = picture.round().astype(np.uint8)
    return result
