"""`mtrs-geo demo`: renders a place at two dates, detects changes, compares with the truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mtrs_geo.data.rendering.synthetic import render_pair, write_pair
from mtrs_geo.detect.pipeline import detect_changes
from mtrs_geo.errors import OutputError
from mtrs_geo.outputs import as_output_error

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["DemoStep", "existing_files", "run_demo"]

_QUERIES = ("the buildings that appeared", "the buildings that were demolished")
_FILES = (
    "before.tif", "after.tif", "truth.gpkg", "changes.gpkg", "probability.tif", "preview.png",
)  # fmt: skip


@dataclass(frozen=True)
class DemoStep:
    """A step of the demo that is done."""

    text: str
    """A line for the user."""
    files: tuple[Path, ...] = ()
    """What was written."""
    found: Mapping[str, str | int] | None = None
    """Of a query: ``query``, ``buildings`` in truth, those ``found``, polygons ``elsewhere``."""


def existing_files(output: Path) -> list[Path]:
    """Return the files in a folder that `run_demo` would replace."""
    return [path for path in (output / name for name in _FILES) if path.exists()]


def run_demo(output: Path, model: str = "tiny", *, overwrite: bool = False) -> Iterator[DemoStep]:
    """Render, detect and compare; yield each step when it is done.

    Args:
        output: folder, created if missing; receives both rasters, the true changes
            (truth.gpkg), changes.gpkg, probability.tif and preview.png.
        model: as in `detect_changes`.
        overwrite: replace existing files of these names.

    Raises:
        OutputError: if one of the files exists and may not be replaced, or the folder cannot be
            written.
    """
    if not overwrite and (taken := existing_files(output)):
        names = ", ".join(path.name for path in taken)
        msg = f"the demo would replace {names} in {output}."
        raise OutputError(msg, advice="Give another folder with --output, or pass --overwrite.")
    with as_output_error(output):
        output.mkdir(parents=True, exist_ok=True)
    pair = render_pair(1024, 1024, seed=7, new_buildings=18, demolished=8)
    paths = write_pair(output, pair)
    text = f"rendered a place at two dates: {paths.before}, {paths.after}"
    yield DemoStep(text, tuple(output / name for name in _FILES[:3]))
    result = detect_changes(
        paths.before,
        paths.after,
        _QUERIES,
        output=output / "changes.gpkg",
        probability=output / "probability.tif",
        preview=output / "preview.png",
        model=model,
        overwrite=True,
    )
    truth = _truth(output / "truth.gpkg")
    for query, change in zip(_QUERIES, ("appeared", "disappeared"), strict=True):
        found = result.polygons[result.polygons["query"] == query]
        yield _compare(query, found, truth[truth.change == change])
    written = tuple(output / name for name in _FILES[3:])
    yield DemoStep(f"open the files in QGIS, or view {output / 'preview.png'}", written)


def _truth(path: Path) -> GeoDataFrame:
    import geopandas

    return geopandas.read_file(path)


def _compare(query: str, found: GeoDataFrame, truth: GeoDataFrame) -> DemoStep:
    """Count buildings covered by at least half, and polygons that touch no true building."""
    covered = truth.geometry.intersection(found.union_all()).area / truth.geometry.area
    hits = int((covered >= 0.5).sum())
    false = int((~found.intersects(truth.union_all())).sum())
    text = f'"{query}": found {hits} of {len(truth)} buildings, {false} polygons elsewhere'
    facts: dict[str, str | int] = {
        "query": query,
        "buildings": len(truth),
        "found": hits,
        "elsewhere": false,
    }
    return DemoStep(text, found=facts)
