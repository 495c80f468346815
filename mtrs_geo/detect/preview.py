"""Write a picture of a result: both dates and the polygons side by side, a row per period."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mtrs_geo.detect.drawing import (
    DPI,
    draw_image,
    draw_north_arrow,
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
from mtrs_geo.detect.suffixes import PICTURES, check_suffix
from mtrs_geo.grid import Grid
from mtrs_geo.io.formats.colours import distinct_colours
from mtrs_geo.outputs import StagedFile, as_output_error, refuse_existing, staged_file
from mtrs_geo.types import ChangeDirection, StrPath, UInt8Array

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.figure import Figure

__all__ = ["Period", "write_preview"]

_PANEL_WIDTH_INCHES, _PANEL_HEIGHT_INCHES = 5.2, 14.0
_MOST_PX = 16_000
"""Longest side of a picture; webp allows 16,383 pixels."""


@dataclass(frozen=True)
class Period:
    """Two neighbouring dates and what changed between them."""

    images: tuple[UInt8Array, UInt8Array]
    """(rows, cols, 3) of both dates over the whole grid, at any resolution."""
    titles: tuple[str, str]
    layers: Mapping[str, GeoDataFrame]
    """Polygons in the grid's CRS, by legend text; the same texts in all periods."""


def write_preview(
    path: StrPath | StagedFile,
    periods: Sequence[Period],
    grid: Grid,
    *,
    changes: Mapping[str, ChangeDirection] | None = None,
    unanswered: Collection[str] = (),
    overwrite: bool = False,
) -> None:
    """Draw three panels per period with a scale bar: before, after, and after with polygons.

    A picture has a row per period, a PDF a page per period.  No side of a picture of one period
    is longer than 1,600 pixels for up to twelve layers.

    Args:
        path: .png, .jpg, .jpeg, .webp, .tif, .tiff or .pdf file; or a staged file, which the
            caller commits or discards.
        periods: one or more, earliest first.
        grid: grid of the run; north up.
        changes: direction by legend text: its pattern; solid without one.
        unanswered: legend texts that stand for no answer.
        overwrite: replace an existing file.

    Raises:
        OutputError: if the file exists or cannot be written, or its suffix is none of these.
    """
    target = path.target if isinstance(path, StagedFile) else Path(path)
    check_suffix("preview", target)
    if not isinstance(path, StagedFile):
        refuse_existing(path, overwrite=overwrite)
    is_paged = PICTURES[target.suffix.lower()] == "pdf"
    pages = [[period] for period in periods] if is_paged else [list(periods)]
    text = lettering([t for period in periods for t in (*period.titles, *period.layers)])
    figures = [_figure(page, grid, text, changes or {}, unanswered) for page in pages]
    if isinstance(path, StagedFile):
        with as_output_error(target):
            save_figures(figures, path.path)
        return
    with staged_file(path, overwrite=overwrite) as temporary:
        save_figures(figures, temporary)


def _figure(
    periods: Sequence[Period],
    grid: Grid,
    text: Lettering,
    changes: Mapping[str, ChangeDirection],
    unanswered: Collection[str],
) -> Figure:
    """Draw periods below each other, and one legend."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    names = list(periods[0].layers)
    counts = {name: sum(len(period.layers[name]) for period in periods) for name in names}
    labels = [
        label_of(text.drawn(name), "not answered" if name in unanswered else counts[name])
        for name in names
    ]
    width, panel_height = _panels(ground_ratio(grid))
    columns, points = legend_layout(labels, text.families, width * DPI)
    size = _size(width, panel_height, len(periods), -(-len(labels) // columns))
    with matplotlib.rc_context({"font.family": list(text.families), "hatch.linewidth": 0.7}):
        figure = Figure(size, dpi=DPI, layout=ConstrainedLayoutEngine(h_pad=0.08))
        FigureCanvasAgg(figure)
        rows = figure.subplots(len(periods), 3, squeeze=False)
        styles = [
            polygon_style(colour, changes.get(name))
            for name, colour in zip(names, distinct_colours(len(names)), strict=True)
        ]
        for panels, period in zip(rows, periods, strict=True):
            titles = (*map(text.drawn, period.titles), _summary(period.layers))
            images = (*period.images, period.images[1])
            for panel, image, title in zip(panels, images, titles, strict=True):
                draw_image(panel, image, title, grid)
            for frame, style in zip(period.layers.values(), styles, strict=True):
                draw_polygons(panels[2], frame, style)
            draw_scale_bar(panels[0], grid)
            draw_north_arrow(panels[0])
        legend = figure.legend(
            handles=legend_patches(labels, styles), loc="outside lower center",
            fontsize=points, frameon=False, ncols=columns,
        )  # fmt: skip
        for entry in legend.get_texts():
            entry.set_parse_math(False)
    return figure


def _panels(ratio: float) -> tuple[float, float]:
    """Return the width of a row of panels and their height, in inches.

    Args:
        ratio: height of the grid divided by its width on the ground.
    """
    ratio = min(8.0, max(0.2, ratio))
    panel = max(2.0, min(_PANEL_WIDTH_INCHES, _PANEL_HEIGHT_INCHES / ratio))
    return 3 * panel + 0.4, min(_PANEL_HEIGHT_INCHES, panel * ratio) + 0.4


def _size(width: float, panel_height: float, rows: int, legend_rows: int) -> tuple[float, float]:
    """Return the (width, height) of the figure in inches."""
    total = panel_height * rows + 0.2 + 0.2 * legend_rows
    scale = min(1.0, _MOST_PX / DPI / total)
    return width * scale, total * scale


def _summary(layers: Mapping[str, GeoDataFrame]) -> str:
    count = sum(len(frame) for frame in layers.values())
    return f"{count} polygon{'' if count == 1 else 's'}"
