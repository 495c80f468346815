"""Score `detect_changes` on the same queries: grammar, scene rules and polygons included."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import rasterio
from affine import Affine

from figures.scoring import QueriedPair, Scores
from figures.spatial import SPATIAL_TASKS
from mtrs_geo import detect_changes
from mtrs_geo.io.masks import rasterize
from mtrs_geo.models import ChangeSegmenter
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["DETECT", "score_detect"]

DETECT = "detect."
"""Prefix of the figure names."""

_SCORED = {*SPATIAL_TASKS, "quarter", "levir.any", "seasons.quiet"}
"""Figures that are scored, with or without their group."""
_CRS, _LEFT, _TOP = "EPSG:32614", 500_000.0, 3_400_000.0


def score_detect(
    model: ChangeSegmenter,
    pairs: Iterable[QueriedPair],
    scores: Scores,
    on_pair: Callable[[], None] = lambda: None,
    *,
    min_area_m2: float = 10.0,
) -> None:
    """Score `detect_changes` on queries for any change, places, extremes and neighbours.

    The tile is the scene.  No layer of reference objects is given.

    Args:
        model: as in `score_model`.
        pairs: as in `score_model`.
        scores: receives the results, under `DETECT` + figure.
        on_pair: called after every pair.
        min_area_m2: option of `detect_changes`.
    """
    with tempfile.TemporaryDirectory() as folder:
        for pair in pairs:
            queries = tuple(
                q for q in pair.queries if _SCORED & {q.figure, q.figure.rsplit(".", 1)[-1]}
            )
            if queries:
                pair = replace(pair, queries=queries)
                scores.add(pair, _detect(model, pair, Path(folder), min_area_m2), DETECT)
            on_pair()


def _detect(
    model: ChangeSegmenter, pair: QueriedPair, folder: Path, min_area_m2: float
) -> dict[str, BoolArray]:
    paths = folder / "before.tif", folder / "after.tif"
    for path, image in zip(paths, (pair.before, pair.after), strict=True):
        _write(path, image, pair.gsd_m)
    result = detect_changes(*paths, pair.texts, model=model, min_area_m2=min_area_m2)
    polygons = result.polygons
    return {
        text: rasterize(
            list(polygons.geometry[polygons["query"] == text]), result.grid, result.grid.window
        )
        for text in pair.texts
    }


def _write(path: Path, image: UInt8Array, gsd_m: float) -> None:
    rows, cols = image.shape[:2]
    profile = {
        "driver": "GTiff", "height": rows, "width": cols, "count": 3, "dtype": "uint8",
        "crs": _CRS, "transform": Affine(gsd_m, 0, _LEFT, 0, -gsd_m, _TOP), "photometric": "rgb",
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(image.transpose(2, 0, 1))
