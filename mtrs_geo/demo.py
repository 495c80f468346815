"""`mtrs-geo demo`: renders a place at two dates, detects changes, compares with the truth."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mtrs_geo.data.rendering.synthetic import render_pair, write_pair
from mtrs_geo.detect.pipeline import detect_changes

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["run_demo"]

_QUERIES = ("the buildings that appeared", "the buildings that were demolished")


def run_demo(folder: Path, model: str = "tiny") -> Iterator[str]:
    """Render, detect and compare; yield lines of text for the user.

    Args:
        folder: created if missing; receives both rasters, changes.gpkg,
            probability.tif and preview.png.
        model: as in `detect_changes`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pair = render_pair(1024, 1024, seed=7, new_buildings=18, demolished=8)
    paths = write_pair(folder, pair)
    yield f"rendered a place at two dates: {paths.before}, {paths.after}"
    result = detect_changes(
        paths.before,
        paths.after,
        _QUERIES,
        output=folder / "changes.gpkg",
        probability=folder / "probability.tif",
        preview=folder / "preview.png",
        model=model,
        overwrite=True,
    )
    truth = _truth(folder / "truth.gpkg")
    for query, change in zip(_QUERIES, ("appeared", "disappeared"), strict=True):
        found = result.polygons[result.polygons["query"] == query]
        yield _compare(query, found, truth[truth.change == change])
    yield f"open the files in QGIS, or view {result.preview}"


def _truth(path: Path) -> GeoDataFrame:
    import geopandas

    return geopandas.read_file(path)


def _compare(query: str, found: GeoDataFrame, truth: GeoDataFrame) -> str:
    """Count buildings covered by at least half, and polygons that touch no true building."""
    covered = truth.geometry.intersection(found.union_all()).area / truth.geometry.area
    hits = int((covered >= 0.5).sum())
    false = int((~found.intersects(truth.union_all())).sum())
    return f'"{query}": found {hits} of {len(truth)} buildings, {false} polygons elsewhere'
