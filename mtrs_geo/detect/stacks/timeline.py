"""Write a picture of a stack: every date with what changed until it, and the area over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from mtrs_geo.detect.drawing import (
    DPI,
    draw_image,
    draw_polygons,
    draw_scale_bar,
    ground_ratio,
    label_of,
    legend_layout,
    legend_patches,
    polygon_style,
    save_figures,
)
from mtrs_geo.detect.fonts import Lettering, lettering
from mtrs_geo.detect.questions import date_names
from mtrs_geo.grid import Grid
from mtrs_geo.io.formats.colours import distinct_colours
from mtrs_geo.outputs import StagedFile, as_output_error
from mtrs_geo.types import ChangeDirection, UInt8Array

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.figure import Figure

__all__ = ["TimelineDate", "write_timeline"]

_MOST_COLUMNS = 5
_PANEL_INCHES, _CHART_INCHES = 3.2, 2.6
_MOST_PX = 16_000
"""Longest side of a picture; webp allows 16,383 pixels."""
_UNITS = ((1e6, "km²"), (1e4, "ha"), (1.0, "m²"))


@dataclass(frozen=True)
class TimelineDate:
    """One date of a stack, and what changed since an earlier one."""

    image: UInt8Array
    """(rows, cols, 3) of the whole grid, at any resolution."""
    date: str | None
    """ISO date, month or year."""
    since: int | None
    """Index of the earlier date; None if this date is not the later one of any pair."""
    layers: Mapping[str, GeoDataFrame]
    """Polygons in the grid's CRS, by legend text; empty if ``since`` is None."""


def write_timeline(
    staged: StagedFile,
    dates: Sequence[TimelineDate],
    grid: Grid,
    changes: Mapping[str, ChangeDirection],
) -> None:
    """Draw a panel per date, and the area of each sentence over time below them.

    Args:
        staged: the picture, which the caller commits.
        dates: earliest first.
        grid: grid of the run; north up.
        changes: direction by legend text.

    Raises:
        OutputError: if the file cannot be written.
    """
    text = lettering([*changes, *(date.date or "" for date in dates)])
    with as_output_error(staged.target):
        save_figures([_figure(dates, grid, text, changes)], staged.path)


def _figure(
    dates: Sequence[TimelineDate],
    grid: Grid,
    text: Lettering,
    changes: Mapping[str, ChangeDirection],
) -> Figure:
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    colours = distinct_colours(len(changes))
    styles = {
        name: polygon_style(colour, change)
        for (name, change), colour in zip(changes.items(), colours, strict=True)
    }
    columns = min(_MOST_COLUMNS, len(dates))
    rows = -(-len(dates) // columns)
    panel_height = _PANEL_INCHES * min(4.0, max(0.25, ground_ratio(grid))) + 0.35
    labels = [label_of(text.drawn(name), _count(dates, name)) for name in changes]
    width = max(6.4, columns * _PANEL_INCHES)
    legend_columns, points = legend_layout(labels, text.families, width * DPI)
    legend_height = 0.2 * -(-len(labels) // legend_columns)
    size = width, rows * panel_height + _CHART_INCHES + 0.2 + legend_height
    scale = min(1.0, _MOST_PX / DPI / max(size))
    with matplotlib.rc_context({"font.family": list(text.families), "hatch.linewidth": 0.7}):
        figure = Figure(
            (size[0] * scale, size[1] * scale), dpi=DPI, layout=ConstrainedLayoutEngine(h_pad=0.06)
        )
        FigureCanvasAgg(figure)
        cells = figure.add_gridspec(
            rows + 1, columns, height_ratios=[panel_height] * rows + [_CHART_INCHES]
        )
        for i, date in enumerate(dates):
            panel = figure.add_subplot(cells[divmod(i, columns)])
            draw_image(panel, date.image, _title(i, dates), grid)
            for name, frame in date.layers.items():
                draw_polygons(panel, frame, styles[name])
            if i == 0:
                draw_scale_bar(panel, grid)
        _draw_areas(figure.add_subplot(cells[rows, :]), dates, styles)
        legend = figure.legend(
            handles=legend_patches(labels, list(styles.values())), loc="outside lower center",
            fontsize=points, frameon=False, ncols=legend_columns,
        )  # fmt: skip
        for entry in legend.get_texts():
            entry.set_parse_math(False)
    return figure


def _count(dates: Sequence[TimelineDate], name: str) -> int:
    return sum(len(date.layers[name]) for date in dates if date.layers)


def _name(i: int, dates: Sequence[TimelineDate]) -> str:
    return date_names([date.date for date in dates])[i]


def _title(i: int, dates: Sequence[TimelineDate]) -> str:
    since = dates[i].since
    if since is None:
        return _name(i, dates)
    count = sum(map(len, dates[i].layers.values()))
    earlier = "" if since == i - 1 else f" since {_name(since, dates)}"
    return f"{_name(i, dates)}: {count} polygon{'' if count == 1 else 's'}{earlier}"


def _draw_areas(
    axes: Any,  # noqa: ANN401 - an Axes
    dates: Sequence[TimelineDate],
    styles: Mapping[str, dict[str, Any]],
) -> None:
    """Draw the area of each sentence as a level from one date to the next that it is seen at."""
    positions = _positions(dates)
    areas_m2 = {
        name: [float(date.layers[name].area_m2.sum()) if date.layers else 0.0 for date in dates]
        for name in styles
    }
    largest = max((max(values) for values in areas_m2.values()), default=0.0)
    divisor, unit = next(((d, u) for d, u in _UNITS if largest >= d), _UNITS[-1])
    for name, values in areas_m2.items():
        colour = styles[name]["edgecolor"]
        later = [i for i, date in enumerate(dates) if date.since is not None]
        heights = [values[i] / divisor for i in later]
        starts = [positions[dates[i].since or 0] for i in later]
        axes.hlines(heights, starts, [positions[i] for i in later], color=colour, linewidth=1.5)
        axes.plot([positions[i] for i in later], heights, "o", color=colour, markersize=5)
    axes.set_ylim(bottom=0)
    names = [_name(i, dates) for i in range(len(dates))]
    axes.set_xticks(positions, names, rotation=30, ha="right", rotation_mode="anchor")
    axes.set_ylabel(f"area since the date before, {unit}", fontsize=9)
    axes.tick_params(labelsize=8)
    axes.grid(axis="y", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)


def _positions(dates: Sequence[TimelineDate]) -> list[float]:
    """Return the dates as years, or as 0, 1, 2 … if they are not known or not in order."""
    known = [date.date for date in dates if date.date]
    years = [_year(date) for date in known]
    is_ordered = all(a < b for a, b in pairwise(years))
    if len(known) < len(dates) or not is_ordered:
        return [float(i) for i in range(len(dates))]
    return years


def _year(date: str) -> float:
    """Return a date as a number of years; the middle of a year or month without a day."""
    numbers = [int(part) for part in date.split("-")]
    month = numbers[1] - 1 if len(numbers) > 1 else 5.5
    day = numbers[2] - 1 if len(numbers) > 2 else 15
    return numbers[0] + (month + day / 31) / 12
