"""The same sentences as a user of `detect` gets them answered: grammar, scene rules, polygons."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import rasterio
from affine import Affine

from figures.asking import Item, Tally
from figures.placed import PLACED
from mtrs_geo import detect_changes
from mtrs_geo.io.masks import burn
from mtrs_geo.models import ChangeSegmenter
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["PRODUCT", "ask_product"]

PRODUCT = "product."
"""What the names of figures begin with."""

_ASKED = {*PLACED, "quarter", "levir.any", "seasons.quiet"}
"""Figures, with their group or without."""
_CRS, _LEFT, _TOP = "EPSG:32614", 500_000.0, 3_400_000.0


def ask_product(
    model: ChangeSegmenter,
    items: Iterable[Item],
    tally: Tally,
    told: Callable[[], None] = lambda: None,
    *,
    min_area_m2: float = 10.0,
) -> None:
    """Run `detect_changes` on every item: any change, places, extremes, neighbours.

    The tile is the scene.  No layer is given for what a sentence refers to.

    Args:
        model: as in `ask`.
        items: as in `ask`.
        tally: receives the answers, under `PRODUCT` and their figures.
        told: called after every item.
        min_area_m2: as `detect_changes` takes it.
    """
    with tempfile.TemporaryDirectory() as folder:
        for item in items:
            asked = tuple(a for a in item.asked if _ASKED & {a.figure, a.figure.rsplit(".", 1)[-1]})
            if asked:
                item = replace(item, asked=asked)
                tally.count(item, _answers(model, item, Path(folder), min_area_m2), PRODUCT)
            told()


def _answers(
    model: ChangeSegmenter, item: Item, folder: Path, min_area_m2: float
) -> dict[str, BoolArray]:
    paths = folder / "before.tif", folder / "after.tif"
    for path, image in zip(paths, (item.before, item.after), strict=True):
        _write(path, image, item.gsd_m)
    result = detect_changes(*paths, item.texts, model=model, min_area_m2=min_area_m2)
    found = result.polygons
    return {
        text: burn(list(found.geometry[found["query"] == text]), result.grid, result.grid.window)
        for text in item.texts
    }


def _write(path: Path, image: UInt8Array, gsd_m: float) -> None:
    rows, cols = image.shape[:2]
    profile = {
        "driver": "GTiff", "height": rows, "width": cols, "count": 3, "dtype": "uint8",
        "crs": _CRS, "transform": Affine(gsd_m, 0, _LEFT, 0, -gsd_m, _TOP), "photometric": "rgb",
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(image.transpose(2, 0, 1))
