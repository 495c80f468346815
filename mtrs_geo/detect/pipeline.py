"""Detection from end to end: raster paths and sentences in, polygons out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, Unpack

from mtrs_geo.detect.options import DetectKeywords, DetectOptions, check_outputs, read_queries
from mtrs_geo.detect.result import ChangeResult
from mtrs_geo.detect.run import Run, Scene
from mtrs_geo.io.raster import gdal_session
from mtrs_geo.io.stack import RasterStack, StackOptions, open_stack
from mtrs_geo.models import ChangeSegmenter, MirroredSegmenter, load_model
from mtrs_geo.outputs import OutputSet
from mtrs_geo.progress import Progress, Silent
from mtrs_geo.types import StrPath

if TYPE_CHECKING:
    from rasterio import DatasetReader

__all__ = ["ChangeResult", "detect_changes", "detect_changes_stack"]

Model: TypeAlias = str | Path | ChangeSegmenter | Callable[[], ChangeSegmenter]
"""A name, a folder, a loaded model, or a function that loads one."""


def detect_changes(
    before: StrPath | DatasetReader,
    after: StrPath | DatasetReader,
    query: str | Sequence[str] = "",
    *,
    output: StrPath | None = None,
    model: Model = "tiny",
    progress: Progress | None = None,
    **options: Unpack[DetectKeywords],
) -> ChangeResult:
    """Find the change that a sentence describes between two rasters.

    Everything that can be checked is checked before the model is loaded.

    Args:
        before: the earlier raster: a path that GDAL reads, or an open rasterio dataset.
        after: the later raster; its CRS, grid and extent may differ.
        query: one sentence or several; an empty one asks for any change.
        output: vector file to write (.gpkg, .parquet, .fgb, .geojson).
        model: name, folder or loaded model, or a function that loads one.
        progress: receives progress events.
        **options: fields of `DetectOptions`.

    Returns:
        Polygons with areas on the ellipsoid, and a report.

    Raises:
        MTRSGeoError: one of its subclasses; no partial output is left.

    Example:
        >>> result = detect_changes("2016.tif", "2023.tif", "new buildings")  # doctest: +SKIP
        >>> result.polygons.area_m2.sum()  # doctest: +SKIP
    """
    return detect_changes_stack(
        [before, after], query, output=output, model=model, progress=progress, **options
    )


def detect_changes_stack(
    paths: Sequence[StrPath | DatasetReader] | RasterStack,
    query: str | Sequence[str] = "",
    *,
    output: StrPath | None = None,
    model: Model = "tiny",
    progress: Progress | None = None,
    **options: Unpack[DetectKeywords],
) -> ChangeResult:
    """Find change between each two neighbouring dates, see `detect_changes`.

    Args:
        paths: two or more rasters, earliest first, or a stack from `open_stack`. The files of
            a stack are closed at the end; its next run opens them again.
        query: as in `detect_changes`.
        output: as in `detect_changes`.
        model: as in `detect_changes`.
        progress: as in `detect_changes`.
        **options: fields of `DetectOptions`.
    """
    start = time.perf_counter()
    chosen = DetectOptions.from_keywords(options)
    queries = read_queries(query, raw=chosen.raw)
    targets = check_outputs(output, chosen, _rasters(paths))
    with OutputSet(overwrite=chosen.overwrite) as outputs:
        for name, target in targets.items():
            outputs.stage(name, target)
        with gdal_session(), _open(paths, chosen) as stack:
            scene = Scene(stack, queries, chosen)
            segmenter = _load(model, chosen)
            result = Run(scene, segmenter, outputs, progress or Silent()).execute(start)
        outputs.commit()
        return result


def _rasters(paths: Sequence[StrPath | DatasetReader] | RasterStack) -> list[Any]:
    return [s.path for s in paths.sources] if isinstance(paths, RasterStack) else list(paths)


def _open(
    paths: Sequence[StrPath | DatasetReader] | RasterStack, options: DetectOptions
) -> RasterStack:
    if isinstance(paths, RasterStack):
        return paths
    reading = StackOptions(options.bands, options.grid, options.resolution, options.dates)
    return open_stack(paths, reading)


def _load(model: Model, options: DetectOptions) -> ChangeSegmenter:
    if isinstance(model, str | Path):
        model = load_model(model, options.device, options.precision)
    elif not isinstance(model, ChangeSegmenter):
        model = model()
    return MirroredSegmenter(model) if options.mirrored else model
