"""A picture of a result: both dates and the polygons side by side."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mtrs_geo.errors import OutputError
from mtrs_geo.grid import Grid
from mtrs_geo.types import StrPath, UInt8Array

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["write_preview"]

# Okabe and Ito's colours, told apart by the colour-blind too; bright on imagery.
_COLOURS = ("#ffd400", "#ff3d6e", "#00c8ff", "#5dff6b", "#ff9d2e", "#c58bff")
_PANEL_INCHES = 5.2
_DPI = 110


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

    target = Path(path)
    if target.exists() and not overwrite:
        msg = f"{target} exists. Give another name, or pass --overwrite (overwrite=True)."
        raise OutputError(msg)
    shape = images[0].shape
    height = _PANEL_INCHES * min(2.0, max(0.4, shape[0] / shape[1]))
    figure = Figure((3 * _PANEL_INCHES, height + 0.8), dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, 3)
    left, bottom, right, top = grid.bounds
    for panel, image, title in zip(
        panels, (*images, images[1]), (*titles, _summary(layers)), strict=True
    ):
        panel.imshow(image, extent=(left, right, bottom, top), interpolation="antialiased")
        panel.set_title(title, fontsize=12)
        panel.set_xticks([])
        panel.set_yticks([])
        panel.set_aspect(_ground_aspect(grid))
    _draw(panels[2], layers)
    _scale_bar(panels[0], grid)
    part = target.with_name(f".{target.name}.part")
    try:
        figure.savefig(part, format="png")
        os.replace(part, target)
    except OSError as error:
        part.unlink(missing_ok=True)
        msg = f"{target} cannot be written: {error}. Check the folder and the free space."
        raise OutputError(msg) from error
    return target


def _summary(layers: Mapping[str, GeoDataFrame]) -> str:
    count = sum(len(frame) for frame in layers.values())
    return f"{count} polygon{'' if count == 1 else 's'}"


def _ground_aspect(grid: Grid) -> float:
    """Height of a unit of y over the width of a unit of x on the ground."""
    width_m, height_m = grid.pixel_size_m()
    return float((height_m / abs(grid.transform.e)) / (width_m / abs(grid.transform.a)))


def _draw(panel: Any, layers: Mapping[str, GeoDataFrame]) -> None:  # noqa: ANN401 - an Axes
    from matplotlib.collections import PathCollection
    from matplotlib.patches import Patch
    from matplotlib.path import Path as Outline

    handles = []
    for i, (name, frame) in enumerate(layers.items()):
        colour = _COLOURS[i % len(_COLOURS)]
        outlines = [
            Outline.make_compound_path(*(Outline(ring) for ring in _rings(shape)))
            for shape in frame.geometry.explode(index_parts=False)
        ]
        style: dict[str, Any] = {"facecolor": f"{colour}59", "edgecolor": colour, "linewidth": 1.2}
        panel.add_collection(PathCollection(outlines, **style))
        text = name if len(name) <= 60 else f"{name[:57]}…"
        handles.append(Patch(label=f"{text} ({len(frame)})", **style))
    panel.legend(handles=handles, loc="lower left", fontsize=9, framealpha=0.85)


def _rings(shape: Any) -> list[np.ndarray]:  # noqa: ANN401 - a shapely polygon
    return [np.asarray(ring.coords)[:, :2] for ring in (shape.exterior, *shape.interiors)]


def _scale_bar(panel: Any, grid: Grid) -> None:  # noqa: ANN401 - an Axes
    """Draw about a quarter of the width, as a round number of metres, and north."""
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
    panel.annotate(
        "N", (0.96, 0.97), xytext=(0.96, 0.87), xycoords="axes fraction", ha="center",
        va="center", color="white", fontsize=11, path_effects=halo,
        arrowprops={"arrowstyle": "-|>", "color": "white", "path_effects": halo},
    )  # fmt: skip
