"""Write a picture of a result: both dates and the polygons side by side."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mtrs_geo.grid import Grid
from mtrs_geo.outputs import StagedFile, as_output_error, refuse_existing, staged_file
from mtrs_geo.types import StrPath, UInt8Array

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

__all__ = ["write_preview"]

# Based on the colours of Okabe and Ito, safe for colour-blind readers; bright on imagery.
_COLOURS = ("#ffd400", "#ff3d6e", "#00c8ff", "#5dff6b", "#ff9d2e", "#c58bff")
_DPI = 100
_PANEL_WIDTH_INCHES, _PANEL_HEIGHT_INCHES = 5.2, 14.0
_MAX_LABEL_CHARACTERS = 70


def write_preview(
    path: StrPath | StagedFile,
    images: tuple[UInt8Array, UInt8Array],
    layers: Mapping[str, GeoDataFrame],
    grid: Grid,
    *,
    titles: tuple[str, str],
    overwrite: bool = False,
) -> None:
    """Draw three panels with a scale bar: before, after, and after with polygons.

    No side of the picture is longer than 1,600 pixels for up to twelve layers.

    Args:
        path: .png file; or a staged file, which the caller commits or discards.
        images: (rows, cols, 3) of both dates over the whole grid, at any resolution.
        layers: polygons in the grid's CRS, by legend text.
        grid: grid of the run; north up.
        titles: titles of the two dates.
        overwrite: replace an existing file.

    Raises:
        OutputError: if the file exists or cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    if not isinstance(path, StagedFile):
        refuse_existing(path, overwrite=overwrite)
    labels = [_label(name, len(frame)) for name, frame in layers.items()]
    size, columns = _layout(labels, _ground_ratio(grid))
    figure = Figure(size, dpi=_DPI, layout=ConstrainedLayoutEngine(h_pad=0.08))
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, 3)
    for panel, image, title in zip(
        panels, (*images, images[1]), (*titles, _summary(layers)), strict=True
    ):
        _draw_image(panel, image, title, grid)
    handles = _draw_polygons(panels[2], layers, labels)
    legend = figure.legend(
        handles=handles, loc="outside lower center", fontsize=9, frameon=False, ncols=columns
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
    _draw_scale_bar(panels[0], grid)
    _draw_north_arrow(panels[0])
    if isinstance(path, StagedFile):
        with as_output_error(path.target):
            _save(figure, path.path)
        return
    with staged_file(path, overwrite=overwrite) as temporary:
        _save(figure, temporary)


def _save(figure: Figure, path: Path) -> None:
    with warnings.catch_warnings():
        # A query may use any script; a font without its characters draws boxes.
        warnings.filterwarnings("ignore", message="Glyph", category=UserWarning)
        figure.savefig(path, format="png")


def _layout(labels: list[str], ratio: float) -> tuple[tuple[float, float], int]:
    """Return the (width, height) of the figure in inches and the number of legend columns."""
    panel_ratio = min(8.0, max(0.2, ratio))
    panel = max(2.0, min(_PANEL_WIDTH_INCHES, _PANEL_HEIGHT_INCHES / panel_ratio))
    width = 3 * panel + 0.4
    longest = max(map(len, labels), default=0)
    columns = max(1, min(len(labels), int(width * 11 / (longest + 8))))
    rows = -(-len(labels) // columns)
    return (width, min(_PANEL_HEIGHT_INCHES, panel * panel_ratio) + 0.6 + 0.2 * rows), columns


def _label(name: str, count: int) -> str:
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


def _draw_polygons(
    panel: Any,  # noqa: ANN401 - an Axes
    layers: Mapping[str, GeoDataFrame],
    labels: list[str],
) -> list[Patch]:
    """Draw the polygons and return the handles of the legend."""
    from matplotlib.collections import PathCollection
    from matplotlib.patches import Patch
    from matplotlib.path import Path as Outline

    handles = []
    for i, (frame, label) in enumerate(zip(layers.values(), labels, strict=True)):
        colour = _COLOURS[i % len(_COLOURS)]
        outlines = [
            Outline.make_compound_path(*(Outline(ring) for ring in _rings(shape)))
            for shape in frame.geometry.explode(index_parts=False)
        ]
        style: dict[str, Any] = {"facecolor": f"{colour}59", "edgecolor": colour, "linewidth": 1.2}
        panel.add_collection(PathCollection(outlines, **style))
        handles.append(Patch(label=label, **style))
    return handles


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
