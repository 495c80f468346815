"""Write a picture of a result: both dates and the polygons side by side, a row per period."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mtrs_geo.detect.fonts import Lettering, lettering
from mtrs_geo.detect.suffixes import PICTURES, check_suffix
from mtrs_geo.grid import Grid
from mtrs_geo.io.formats.colours import distinct_colours
from mtrs_geo.outputs import StagedFile, as_output_error, refuse_existing, staged_file
from mtrs_geo.types import ChangeDirection, StrPath, UInt8Array

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

__all__ = ["Period", "write_preview"]

_DPI = 100
_PANEL_WIDTH_INCHES, _PANEL_HEIGHT_INCHES = 5.2, 14.0
_MOST_PX = 16_000
"""Longest side of a picture; webp allows 16,383 pixels."""
_MAX_LABEL_CHARACTERS = 70
_HATCHES: Mapping[ChangeDirection, str] = {
    "appeared": "",
    "disappeared": "////",
    "changed": "--",
    "unchanged": "..",
}
"""Direction of a change to the pattern of its polygons."""


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
            _save(figures, path.path)
        return
    with staged_file(path, overwrite=overwrite) as temporary:
        _save(figures, temporary)


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
        _label(text.drawn(name), "not answered" if name in unanswered else counts[name])
        for name in names
    ]
    size, columns = _layout(labels, _ground_ratio(grid), len(periods))
    with matplotlib.rc_context({"font.family": list(text.families), "hatch.linewidth": 0.7}):
        figure = Figure(size, dpi=_DPI, layout=ConstrainedLayoutEngine(h_pad=0.08))
        FigureCanvasAgg(figure)
        rows = figure.subplots(len(periods), 3, squeeze=False)
        styles = [
            _style(colour, changes.get(name))
            for name, colour in zip(names, distinct_colours(len(names)), strict=True)
        ]
        for panels, period in zip(rows, periods, strict=True):
            titles = (*map(text.drawn, period.titles), _summary(period.layers))
            images = (*period.images, period.images[1])
            for panel, image, title in zip(panels, images, titles, strict=True):
                _draw_image(panel, image, title, grid)
            for frame, style in zip(period.layers.values(), styles, strict=True):
                _draw_polygons(panels[2], frame, style)
            _draw_scale_bar(panels[0], grid)
            _draw_north_arrow(panels[0])
        legend = figure.legend(
            handles=_handles(labels, styles), loc="outside lower center", fontsize=9,
            frameon=False, ncols=columns,
        )  # fmt: skip
        for entry in legend.get_texts():
            entry.set_parse_math(False)
    return figure


def _save(figures: Sequence[Figure], path: Path) -> None:
    import matplotlib

    kind = PICTURES[path.suffix.lower()]
    with warnings.catch_warnings(), matplotlib.rc_context({"pdf.fonttype": 42}):
        warnings.filterwarnings("ignore", message="Glyph", category=UserWarning)
        if kind != "pdf":
            options = {"jpeg": {"quality": 90}, "tiff": {"compression": "tiff_deflate"}}
            figures[0].savefig(path, format=kind, pil_kwargs=options.get(kind, {}))
            return
        from matplotlib.backends.backend_pdf import PdfPages

        with PdfPages(path) as pages:
            for figure in figures:
                pages.savefig(figure)


def _layout(labels: list[str], ratio: float, rows: int) -> tuple[tuple[float, float], int]:
    """Return the (width, height) of the figure in inches and the number of legend columns."""
    panel_ratio = min(8.0, max(0.2, ratio))
    panel = max(2.0, min(_PANEL_WIDTH_INCHES, _PANEL_HEIGHT_INCHES / panel_ratio))
    width = 3 * panel + 0.4
    longest = max(map(len, labels), default=0)
    columns = max(1, min(len(labels), int(width * 11 / (longest + 8))))
    legend_rows = -(-len(labels) // columns)
    height = min(_PANEL_HEIGHT_INCHES, panel * panel_ratio) + 0.4
    total = height * rows + 0.2 + 0.2 * legend_rows
    scale = min(1.0, _MOST_PX / _DPI / total)
    return (width * scale, total * scale), columns


def _label(name: str, count: int | str) -> str:
    text = name if len(name) <= _MAX_LABEL_CHARACTERS else f"{name[: _MAX_LABEL_CHARACTERS - 1]}…"
    return f"{text} ({count})"


def _summary(layers: Mapping[str, GeoDataFrame]) -> str:
    count = sum(len(frame) for frame in layers.values())
    return f"{count} polygon{'' if count == 1 else 's'}"


def _axes_aspect(grid: Grid) -> float:
    """Return the length of a unit of y divided by the length of a unit of x on the ground."""
    width_m, height_m = grid.pixel_size_m()
    return float((height_m / abs(grid.transform.e)) / (width_m / abs(grid.transform.a)))


def _ground_ratio(grid: Grid) -> float:
    """Return the height of the grid divided by its width on the ground."""
    width_m, height_m = grid.pixel_size_m()
    return height_m * grid.shape[0] / (width_m * grid.shape[1])


def _draw_image(panel: Any, image: UInt8Array, title: str, grid: Grid) -> None:  # noqa: ANN401 - an Axes
    left, bottom, right, top = grid.bounds
    panel.imshow(image, extent=(left, right, bottom, top), interpolation="antialiased")
    panel.set_title(title, fontsize=11, parse_math=False)
    panel.set_xticks([])
    panel.set_yticks([])
    # Later drawing must not change the extent of one panel only.
    panel.set_autoscale_on(False)
    panel.set_aspect(_axes_aspect(grid))


def _style(colour: str, change: ChangeDirection | None) -> dict[str, Any]:
    hatch = _HATCHES[change] if change else ""
    fill = f"{colour}26" if hatch else f"{colour}59"
    return {"facecolor": fill, "edgecolor": colour, "linewidth": 1.2, "hatch": hatch or None}


def _handles(labels: Sequence[str], styles: Sequence[dict[str, Any]]) -> list[Patch]:
    from matplotlib.patches import Patch

    return [Patch(label=label, **style) for label, style in zip(labels, styles, strict=True)]


def _draw_polygons(panel: Any, frame: GeoDataFrame, style: dict[str, Any]) -> None:  # noqa: ANN401 - an Axes
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path as Outline

    outlines = [
        Outline.make_compound_path(*(Outline(ring) for ring in _rings(shape)))
        for shape in frame.geometry.explode(index_parts=False)
    ]
    panel.add_collection(PathCollection(outlines, **style))


def _rings(shape: Any) -> list[np.ndarray]:  # noqa: ANN401 - a shapely polygon
    """Return outer and inner rings in opposite directions, so that holes are not filled."""
    import shapely

    oriented = shapely.orient_polygons(shape)
    return [np.asarray(ring.coords)[:, :2] for ring in (oriented.exterior, *oriented.interiors)]


def _draw_scale_bar(panel: Any, grid: Grid) -> None:  # noqa: ANN401 - an Axes
    """Draw a bar of a round number of metres, at most a quarter of the width."""
    from matplotlib.patheffects import withStroke

    left, bottom, right, top = grid.bounds
    width_m = grid.pixel_size_m()[0] * grid.shape[1]
    max_length_m = width_m / 4
    power = 10.0 ** np.floor(np.log10(max_length_m))
    length_m = max(step * power for step in (1, 2, 5) if step * power <= max_length_m)
    units = (right - left) * length_m / width_m
    x, y = left + 0.04 * (right - left), bottom + 0.05 * (top - bottom)
    halo = [withStroke(linewidth=3.5, foreground="black")]
    panel.plot(
        [x, x + units], [y, y], color="white", linewidth=3, path_effects=[
            withStroke(linewidth=5, foreground="black")
        ], solid_capstyle="butt",
    )  # fmt: skip
    text = f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m:g} m"
    panel.annotate(
        text, (x + units / 2, y), xytext=(0, 5), textcoords="offset points", ha="center",
        color="white", fontsize=10, path_effects=halo,
    )  # fmt: skip


def _draw_north_arrow(panel: Any) -> None:  # noqa: ANN401 - an Axes
    """Draw a north arrow that points up: grids are north up."""
    from matplotlib.patheffects import withStroke

    halo = [withStroke(linewidth=3.5, foreground="black")]
    corner = {"xycoords": "axes fraction", "textcoords": "offset points", "color": "white"}
    panel.annotate(
        "▲\nN", (1, 1), xytext=(-8, -6), ha="right", va="top", multialignment="center",
        fontsize=11, linespacing=0.95, path_effects=halo, **corner,
    )  # fmt: skip
