"""Draw rasters and polygons on panels of a picture, and save it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mtrs_geo.detect.suffixes import PICTURES
from mtrs_geo.grid import Grid
from mtrs_geo.types import ChangeDirection, UInt8Array

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

__all__ = [
    "DPI",
    "draw_image",
    "draw_north_arrow",
    "draw_polygons",
    "draw_scale_bar",
    "ground_ratio",
    "label_of",
    "legend_layout",
    "legend_patches",
    "polygon_style",
    "save_figures",
]

DPI = 100
_MAX_LABEL_CHARACTERS = 70
_LEGEND_POINTS, _PATCH_PX = 9.0, 65
"""Size of the text of a legend, and the width of an entry without its text."""
_HATCHES: Mapping[ChangeDirection, str] = {
    "appeared": "",
    "disappeared": "////",
    "changed": "--",
    "unchanged": "..",
}
"""Direction of a change to the pattern of its polygons."""


def draw_image(panel: Any, image: UInt8Array, title: str, grid: Grid) -> None:  # noqa: ANN401 - an Axes
    """Draw an image (rows, cols, 3) of the whole grid with a title."""
    left, bottom, right, top = grid.bounds
    panel.imshow(image, extent=(left, right, bottom, top), interpolation="antialiased")
    panel.set_title(title, fontsize=11, parse_math=False)
    panel.set_xticks([])
    panel.set_yticks([])
    # Later drawing must not change the extent of one panel only.
    panel.set_autoscale_on(False)
    panel.set_aspect(_axes_aspect(grid))


def draw_polygons(panel: Any, frame: GeoDataFrame, style: dict[str, Any]) -> None:  # noqa: ANN401 - an Axes
    """Draw polygons in the CRS of the grid, see `polygon_style`."""
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path as Outline

    outlines = [
        Outline.make_compound_path(*(Outline(ring) for ring in _rings(shape)))
        for shape in frame.geometry.explode(index_parts=False)
    ]
    panel.add_collection(PathCollection(outlines, **style))


def draw_scale_bar(panel: Any, grid: Grid) -> None:  # noqa: ANN401 - an Axes
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


def draw_north_arrow(panel: Any) -> None:  # noqa: ANN401 - an Axes
    """Draw a north arrow that points up: grids are north up."""
    from matplotlib.patheffects import withStroke

    halo = [withStroke(linewidth=3.5, foreground="black")]
    corner = {"xycoords": "axes fraction", "textcoords": "offset points", "color": "white"}
    panel.annotate(
        "▲\nN", (1, 1), xytext=(-8, -6), ha="right", va="top", multialignment="center",
        fontsize=11, linespacing=0.95, path_effects=halo, **corner,
    )  # fmt: skip


def polygon_style(colour: str, change: ChangeDirection | None) -> dict[str, Any]:
    """Return how polygons of a colour and a direction are drawn."""
    hatch = _HATCHES[change] if change else ""
    fill = f"{colour}26" if hatch else f"{colour}59"
    return {"facecolor": fill, "edgecolor": colour, "linewidth": 1.2, "hatch": hatch or None}


def legend_patches(labels: Sequence[str], styles: Sequence[dict[str, Any]]) -> list[Patch]:
    """Return the entries of a legend."""
    from matplotlib.patches import Patch

    return [Patch(label=label, **style) for label, style in zip(labels, styles, strict=True)]


def legend_layout(
    labels: Sequence[str], families: Sequence[str], width_px: float
) -> tuple[int, float]:
    """Return the number of columns and the size of text in points with which a legend fits.

    Args:
        labels: texts of the legend.
        families: names of the fonts.
        width_px: width of the figure.
    """
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.font_manager import FontProperties

    untyped: Any = RendererAgg
    renderer = untyped(1, 1, DPI)
    font = FontProperties(family=list(families), size=_LEGEND_POINTS)
    widths = [
        renderer.get_text_width_height_descent(text, font, ismath=False)[0] for text in labels
    ]
    widest = max(widths, default=0.0) + _PATCH_PX
    columns = max(1, min(len(labels), int(width_px / widest)))
    return columns, _LEGEND_POINTS * min(1.0, width_px / widest)


def label_of(name: str, count: int | str) -> str:
    """Return a text of a legend with a count, shortened if it is long."""
    text = name if len(name) <= _MAX_LABEL_CHARACTERS else f"{name[: _MAX_LABEL_CHARACTERS - 1]}…"
    return f"{text} ({count})"


def ground_ratio(grid: Grid) -> float:
    """Return the height of the grid divided by its width on the ground."""
    width_m, height_m = grid.pixel_size_m()
    return height_m * grid.shape[0] / (width_m * grid.shape[1])


def save_figures(figures: Sequence[Figure], path: Path) -> None:
    """Write a picture, or a PDF with a page per figure."""
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


def _axes_aspect(grid: Grid) -> float:
    """Return the length of a unit of y divided by the length of a unit of x on the ground."""
    width_m, height_m = grid.pixel_size_m()
    return float((height_m / abs(grid.transform.e)) / (width_m / abs(grid.transform.a)))


def _rings(shape: Any) -> list[np.ndarray]:  # noqa: ANN401 - a shapely polygon
    """Return outer and inner rings in opposite directions, so that holes are not filled."""
    import shapely

    oriented = shapely.orient_polygons(shape)
    return [np.asarray(ring.coords)[:, :2] for ring in (oriented.exterior, *oriented.interiors)]
