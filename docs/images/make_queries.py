"""Draw the pictures of docs/queries.md from a rendered place: `python docs/images/make_queries.py`.

The bundled model answers the sentences; nothing is drawn by hand.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image
from rasterio.crs import CRS
from rasterio.transform import from_origin

from mtrs_geo import ChangeResult, detect_changes
from mtrs_geo.data.rendering.synthetic import render_pair
from mtrs_geo.types import UInt8Array

SIDE_PX, SEED = 448, 12
GRID = from_origin(6e5, 3.3e6, 0.5, 0.5)
COLOURS = {
    "appeared": "#ffd400",
    "disappeared": "#ff3d6e",
    "unchanged": "#00c8ff",
    "changed": "#ff9d2e",
}
PICTURES: dict[str, Sequence[str]] = {
    "queries_1.png": ("before", "after", "new buildings"),
    "queries_2.png": (
        "the three largest new buildings in the north-east",
        "demolished houses within 40 m of a new house",
        "buildings that still stand",
    ),
    "queries_3.png": (
        "all changes except new buildings",
        "how many houses were built in the south?",
        "parked cars",
    ),
}
WIDTH_PX, GAP_PX, LINE_PX, DPI, TITLE_POINTS = 960, 9, 20, 100, 11.5
MOST_COLOURS = 96
"""Of a picture; fewer make the file smaller."""


def main() -> None:
    """Ask the model once and draw all pictures."""
    pair = render_pair(SIDE_PX, SIDE_PX, seed=SEED, new_buildings=12, demolished=6)
    dates = [
        (image.transpose(2, 0, 1), GRID, CRS.from_epsg(32614))
        for image in (pair.before, pair.after)
    ]
    sentences = [text for panels in PICTURES.values() for text in panels]
    result = detect_changes(dates[0], dates[1], [t for t in sentences if " " in t])
    for name, panels in PICTURES.items():
        draw(Path(__file__).with_name(name), panels, pair.before, pair.after, result)


def draw(
    path: Path, panels: Sequence[str], before: UInt8Array, after: UInt8Array, result: ChangeResult
) -> None:
    """Draw panels beside each other: a date, or the answer to a sentence."""
    side_px = (WIDTH_PX - (len(panels) - 1) * GAP_PX) / len(panels)
    titles = [title(text, result) for text in panels]
    height_px = side_px + LINE_PX * (max(t.count("\n") for t in titles) + 1.5)
    figure = Figure((WIDTH_PX / DPI, height_px / DPI), dpi=DPI)
    places = {
        "left": 0, "right": 1, "bottom": 0, "top": side_px / height_px, "wspace": GAP_PX / side_px,
    }  # fmt: skip
    all_axes = figure.subplots(1, len(panels), gridspec_kw=places)
    for axes, text, label in zip(all_axes, panels, titles, strict=True):
        is_answer = text in result.report.polygons
        image = before if text == "before" else after
        extent = GRID.c, GRID.c + SIDE_PX * GRID.a, GRID.f + SIDE_PX * GRID.e, GRID.f
        axes.imshow(faded(image) if is_answer else image, extent=extent)
        axes.set_axis_off()
        axes.set_title(label, fontsize=TITLE_POINTS, y=1)
        frame = result.polygons
        for row in frame[frame["query"] == text].itertuples():
            axes.fill(
                *row.geometry.exterior.xy, facecolor=COLOURS[row.change], edgecolor="black",
                linewidth=0.8, alpha=0.75,
            )  # fmt: skip
        axes.set(xlim=extent[:2], ylim=extent[2:])
    save(path, figure)


def title(text: str, result: ChangeResult) -> str:
    """Return a sentence on one or two lines, and its answer on the next; or a date."""
    if text not in result.report.polygons:
        return text
    entry = next(q for q in result.report.questions if q["text"] == text)
    answer = f"{result.report.polygons[text]} polygons"
    if not entry["answered"]:
        answer = f"not answered: {entry['status']}"
    elif entry["answer"] is not None:
        answer = f"answer: {entry['answer']}"
    return f"{textwrap.fill(f'“{text}”', 34)}\n{answer}"


def faded(image: UInt8Array) -> UInt8Array:
    """Return an image (rows, cols, 3) in light grey, so that polygons stand out."""
    grey = image.mean(-1, keepdims=True)
    light: UInt8Array = (110 + 0.55 * grey).repeat(3, -1).clip(0, 255).astype(np.uint8)
    return light


def save(path: Path, figure: Figure) -> None:
    """Write a figure as a PNG with few colours."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    picture = Image.open(buffer).convert("RGB")
    picture.quantize(MOST_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
