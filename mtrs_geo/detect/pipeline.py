"""Detection from end to end: raster paths and sentences in, polygons out."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TypeAlias, Unpack

from mtrs_geo.cluster import Cluster, ModelChoice, answer_remotely, open_cluster, remote_model
from mtrs_geo.detect.open_progress import ProgressLike, open_progress
from mtrs_geo.detect.options import (
    DetectKeywords,
    DetectOptions,
    QueryLike,
    check_outputs,
    read_queries,
)
from mtrs_geo.detect.questions import read_questions
from mtrs_geo.detect.result import ChangeResult
from mtrs_geo.detect.run import Run, Scene
from mtrs_geo.detect.run_ledger import may_replace, open_ledger
from mtrs_geo.interruption import hold_interruptions
from mtrs_geo.io.bands import split_bands
from mtrs_geo.io.inputs.dates import iso_dates
from mtrs_geo.io.inputs.input_files import input_files
from mtrs_geo.io.inputs.kinds import RasterLike, expand_tiles, source_names
from mtrs_geo.io.inputs.tile_lists import TileList
from mtrs_geo.io.raster import gdal_session
from mtrs_geo.io.remote.upload import Upload
from mtrs_geo.io.stack import RasterStack, StackOptions, open_stack
from mtrs_geo.io.vector import layer_projection
from mtrs_geo.models import ChangeSegmenter, given_model
from mtrs_geo.models.catalog import bundled_models
from mtrs_geo.models.runtime.forked import note_run
from mtrs_geo.outputs import OutputSet, all_files
from mtrs_geo.progress import Progress, QuestionListener, ResultListener
from mtrs_geo.types import StrPath

__all__ = ["ChangeResult", "detect_changes", "detect_changes_stack"]

Model: TypeAlias = str | Path | ChangeSegmenter | Callable[[], ChangeSegmenter]
"""A name, a folder, a loaded model, or a function that loads one."""


def detect_changes(
    before: RasterLike,
    after: RasterLike,
    query: QueryLike | Sequence[QueryLike] = "",
    *,
    output: StrPath | None = None,
    model: Model = "tiny",
    progress: ProgressLike = None,
    **options: Unpack[DetectKeywords],
) -> ChangeResult:
    """Find the change that a sentence describes between two rasters.

    Everything that can be checked is checked before the model is loaded.

    Args:
        before: the earlier raster: a path that GDAL reads, an open rasterio dataset or
            WarpedVRT, an xarray object with a CRS, or (array, transform, CRS) with an array of
            (bands, rows, cols).  Arrays are copied to memory that GDAL reads.  Or tiles: a list
            of these, a glob pattern (``before/*.tif``) or a folder; where tiles overlap, the
            later one in the list, or in the order of names, counts where it has data.
        after: the later raster; its CRS, grid and extent may differ.
        query: one or several: sentences, or `ChangeQuery` objects; an empty sentence asks for
            any change.
        output: vector file to write (.gpkg, .parquet, .fgb, .geojson, .shp, .csv).
        model: name, folder or loaded model, or a function that loads one.
        progress: receives progress events: a `Progress`, True for a bar on the terminal, or a
            function of (steps done, steps in total).
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
    paths: Sequence[RasterLike] | RasterStack,
    query: QueryLike | Sequence[QueryLike] = "",
    *,
    output: StrPath | None = None,
    model: Model = "tiny",
    progress: ProgressLike = None,
    **options: Unpack[DetectKeywords],
) -> ChangeResult:
    """Find change between the dates of a stack, see `detect_changes`.

    The option ``pairs`` says which dates are compared; by default each two neighbouring ones.  A
    date is encoded once for all its pairs.  With ``pairs="first-last"`` the rasters between are
    not opened.

    Args:
        paths: two or more rasters of any kind that `detect_changes` takes, one per date, earliest
            first (the tiles of one date are a list, a pattern or a folder in it); or a stack
            from `open_stack`. The files of a stack are closed at the end; its next run opens
            them again.
        query: as in `detect_changes`.
        output: as in `detect_changes`.
        model: as in `detect_changes`.
        progress: as in `detect_changes`.
        **options: fields of `DetectOptions`.
    """
    start = time.perf_counter()
    chosen = DetectOptions.from_keywords(options)
    queries = read_queries(query, raw=chosen.raw)
    note_run()  # GDAL's threads do not exist in a forked process either, which would wait for them
    if not isinstance(paths, RasterStack):
        paths, chosen = _compared(expand_tiles(paths), chosen)
    chosen = replace(chosen, overwrite=may_replace(output, chosen))
    files = cache(partial(_input_files, paths, chosen))
    targets = check_outputs(output, chosen, files, _tile_lists(paths))
    upload = _upload(targets, chosen, files)
    with open_progress(progress) as events, OutputSet(overwrite=chosen.overwrite) as outputs:
        for name, target in targets.items():
            outputs.stage(name, target)
        with gdal_session(), _open(paths, chosen) as stack, _workers(chosen) as cluster:
            scene = Scene(stack, queries, chosen)
            layer = targets.get("output", Path("changes.gpkg"))
            layer_projection(layer, stack.grid.crs, chosen.output_crs)
            choice = _choice(model, chosen)
            segmenter = _load(choice, stack, cluster, events)
            scene.ask(
                read_questions(
                    queries,
                    segmenter,
                    layers=tuple(chosen.references),
                    gsd_m=max(scene.grid.pixel_size_m()),
                    anyway=chosen.answer_anyway,
                    dates=stack.dates,
                    pairs=scene.pairs,
                )
            )
            if isinstance(events, QuestionListener):
                events.show_questions(scene.questions.as_dicts(stack.dates))
            run = Run(scene, segmenter, outputs, events)
            if cluster is not None:
                answer_remotely(run.inference, cluster, choice)
            facts = run.facts if scene.prompts else None  # called if there is an output
            free = ("batch_size",) if chosen.batch_size is None else ()
            with open_ledger(outputs, facts, events, resume=chosen.resume, chosen=free) as ledger:
                result = run.execute(start, ledger)
                with hold_interruptions():
                    with nullcontext() if ledger is None else ledger.committing():
                        outputs.commit()
                    if isinstance(events, ResultListener):
                        events.show_result(result)
                    if ledger is not None:
                        ledger.remove()
        if upload is not None:
            written = [path for target in targets.values() for path in all_files(target)]
            for path in filter(Path.exists, written):  # without an answer, no probabilities
                events.log(f"copied to {upload.copy(path)}")
        return result


def _upload(
    targets: Mapping[str, Path], options: DetectOptions, files: Callable[[], Iterable[str]]
) -> Upload | None:
    if options.upload is None:
        return None
    names = [path.name for target in targets.values() for path in all_files(target)]
    inputs = files() if options.overwrite else ()
    return Upload(options.upload, names, overwrite=options.overwrite, inputs=inputs)


def _compared(
    paths: Sequence[RasterLike], options: DetectOptions
) -> tuple[Sequence[RasterLike], DetectOptions]:
    """Return the rasters that are compared, with their dates and bands."""
    dates, bands = options.dates, options.bands
    is_uncertain = dates is not None and len(dates) != len(paths)  # `open_stack` refuses it
    if options.pairs != "first-last" or len(paths) < 3 or is_uncertain:
        return paths, options
    dates = None if dates is None else (dates[0], dates[-1])
    per_raster = split_bands(bands, len(paths))
    if bands is not None:
        bands = [numbers for numbers in (per_raster[0], per_raster[-1]) if numbers is not None]
    return [paths[0], paths[-1]], replace(options, dates=dates, bands=bands)


def _input_files(paths: Sequence[RasterLike] | RasterStack, options: DetectOptions) -> list[str]:
    """Return the files that the rasters, the area and the references of a run are read from."""
    layers = (options.aoi, *options.references.values())
    named = [os.fspath(layer) for layer in layers if isinstance(layer, str | os.PathLike)]
    with gdal_session():
        return input_files(_rasters(paths), named)


def _rasters(paths: Sequence[RasterLike] | RasterStack) -> list[str]:
    if not isinstance(paths, RasterStack):
        return [name for raster in paths for name in source_names(raster)]
    names = [name for entry in paths.inputs for name in entry.origins]
    for source in paths.sources:
        names += source.mosaic.paths if source.mosaic else [source.path]
    return names


def _tile_lists(paths: Sequence[RasterLike] | RasterStack) -> list[TileList]:
    if isinstance(paths, RasterStack):
        return [source.mosaic.tiles for source in paths.sources if source.mosaic is not None]
    return [raster for raster in paths if isinstance(raster, TileList)]


def _open(paths: Sequence[RasterLike] | RasterStack, options: DetectOptions) -> RasterStack:
    if isinstance(paths, RasterStack):
        stack = paths
    else:
        dates = None if options.dates is None else iso_dates(options.dates)
        reading = StackOptions(options.bands, options.grid, options.resolution, dates)
        stack = open_stack(paths, reading, skip_damaged=options.max_failed > 0)
    return stack.registered() if options.register else stack


def _workers(options: DetectOptions) -> AbstractContextManager[Cluster | None]:
    return open_cluster(options.cluster, options.cluster_workers, options.device)


def _choice(model: Model, options: DetectOptions) -> ModelChoice:
    device, precision = options.device, options.precision
    if isinstance(model, str | Path):
        if str(model) not in bundled_models():
            folder = Path(model).absolute()
            model = folder if folder.is_dir() else model
        return ModelChoice(model, device, precision, options.mirrored)
    if isinstance(model, ChangeSegmenter) and options.cluster is None:
        given_model(model, device, precision)  # refuses another device or precision
    elif not isinstance(model, ChangeSegmenter) and callable(model):
        model = model()
    return ModelChoice(given_model(model), mirrored=options.mirrored)


def _load(
    choice: ModelChoice, stack: RasterStack, cluster: Cluster | None, events: Progress
) -> ChangeSegmenter:
    return choice.load() if cluster is None else remote_model(cluster, stack, choice, events)
