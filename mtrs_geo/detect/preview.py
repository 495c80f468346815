"""A picture of a result: both dates and the polygons side by side."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mtrs_geo.errors import OutputError
from mtrs_geo.grid import Grid
from mtrs_geo.types import StrPath, UInt8Array

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

__all__ = ["write_preview"]

# Okabe and Ito's colours, told apart by the colour-blind too; bright on imagery.
_COLOURS = ("#ffd400", "#ff3d6e", "#00c8ff", "#5dff6b", "#ff9d2e", "#c58bff")
_DPI = 100
_WIDE_INCHES, _TALL_INCHES = 5.2, 14.0
_LABEL_CHARACTERS = 70


def write_preview(
    path: StrPath,
    images: tuple[UInt8Array, UInt8Array],
    layers: Mapping[str, GeoDataFrame],
    grid: Grid,
    *,
    titles: tuple[str, str],
    overwrite: bool = False,
) -> Path:
    """Draw before, after, and after with polygons, with a scale bar.

    No side of the picture is longer than 1,600 pixels, for up to a dozen layers.

    Args:
        path: .png file.
        images: (rows, cols, 3) of both dates over the whole grid, at any resolution.
        layers: legend text to polygons in the grid's CRS.
        grid: the run's grid; north up.
        titles: of the two dates.
        overwrite: replace an existing file.

    Raises:
        OutputError: if the file exists or cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    target = Path(path)
    if target.exists() and not overwrite:
        msg = f"{target} exists. Give another name, or pass --overwrite (overwrite=True)."
        raise OutputError(msg)
    labels = [_label(name, len(frame)) for name, frame in layers.items()]
    size, columns = _layout(labels, _ground_ratio(grid))
    figure = Figure(size, dpi=_DPI, layout=ConstrainedLayoutEngine(h_pad=0.08))
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, 3)
    for panel, image, title in zip(
        panels, (*images, images[1]), (*titles, _summary(layers)), strict=True
    ):
        _show(panel, image, title, grid)
    handles = _draw(panels[2], layers, labels)
    legend = figure.legend(
        handles=handles, loc="outside lower center", fontsize=9, frameon=False, ncols=columns
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
    _scale_bar(panels[0], grid)
    _north(panels[0])
    _save(figure, target)
    return target


def _save(figure: Figure, target: Path) -> None:
    """Write beside the target and rename, so a picture is whole or not there."""
    part = target.with_name(f".{target.name}.part")
    try:
        with warnings.catch_warnings():
            # A query may be in any script; a font without it draws boxes, which is enough.
            warnings.filterwarnings("ignore", message="Glyph", category=UserWarning)
            figure.savefig(part, format="png")
        os.replace(part, target)
    except OSError as error:
        msg = f"{target} cannot be written: {error}. Check the folder and the free space."
        raise OutputError(msg) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _layout(labels: list[str], ratio: float) -> tuple[tuple[float, float], int]:
    """Return the figure's (width, height) in inches and the columns of its legend."""
    shown = min(8.0, max(0.2, ratio))
    panel = max(2.0, min(_WIDE_INCHES, _TALL_INCHES / shown))
    width = 3 * panel + 0.4
    longest = max(map(len, labels), default=0)
    columns = max(1, min(len(labels), int(width * 11 / (longest + 8))))
    rows = -(-len(labels) // columns)
    return (width, min(_TALL_INCHES, panel * shown) + 0.6 + 0.2 * rows), columns


def _label(name: str, count: int) -> str:
    text = name if len(name) <= _LABEL_CHARACTERS else f"{name[: _LABEL_CHARACTERS - 1]}…"
    return f"{text} ({count})"


def _summary(layers: Mapping[str, GeoDataFrame]) -> str:
    count = sum(len(frame) for frame in layers.values())
    return f"{count} polygon{'' if count == 1 else 's'}"


def _ground_aspect(grid: Grid) -> float:
    """Height of a unit of y over the width of a unit of x on the ground."""
    width_m, height_m = grid.pixel_size_m()
    return float((height_m / abs(grid.transform.e)) / (width_m / abs(grid.transform.a)))


def _ground_ratio(grid: Grid) -> float:
    width_m, height_m = grid.pixel_size_m()
    return height_m * grid.shape[0] / (width_m * grid.shape[1])


def _show(panel: Any, image: UInt8Array, title: str, grid: Grid) -> None:  # noqa: ANN401 - an Axes
    left, bottom, right, top = grid.bounds
    panel.imshow(image, extent=(left, right, bottom, top), interpolation="antialiased")
    panel.set_title(title, fontsize=11, parse_math=False)
    panel.set_xticks([])
    panel.set_yticks([])
    # What is drawn later must not move one panel against the others.
    panel.set_autoscale_on(False)
    panel.set_aspect(_ground_aspect(grid))


def _draw(
    panel: Any,  # noqa: ANN401 - an Axes
    layers: Mapping[str, GeoDataFrame],
    labels: list[str],
) -> list[Patch]:
    """Draw the polygons; return the legend's handles."""
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
    """Return outer and inner rings, wound oppositely so that holes stay open."""
    import shapely

    turned = shapely.orient_polygons(shape)
    return [np.asarray(ring.coords)[:, :2] for ring in (turned.exterior, *turned.interiors)]


def _scale_bar(panel: Any, grid: Grid) -> None:  # noqa: ANN401 - an Axes
    """Draw at most a quarter of the width, as a round number of metres."""
    from matplotlib.patheffects import withStroke

    left, bottom, right, top = grid.bounds
    metres = grid.pixel_size_m()[0] * grid.shape[1]
    rough = metres / 4
    power = 10.0 ** np.floor(np.log10(rough))
    length_m = max(step * power for step in (1, 2, 5) if step * power <= rough)
    units = (right - left) * length_m / metres
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


def _north(panel: Any) -> None:  # noqa: ANN401 - an Axes
    """Draw an arrow to the top: a grid is north up."""
    from matplotlib.patheffects import withStroke

    halo = [withStroke(linewidth=3.5, foreground="black")]
    corner = {"xycoords": "axes fraction", "textcoords": "offset points", "color": "white"}
    panel.annotate(
        "▲\nN", (1, 1), xytext=(-8, -6), ha="right", va="top", multialignment="center",
        fontsize=11, linespacing=0.95, path_effects=halo, **corner,
    )  # fmt: skip
