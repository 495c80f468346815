"""The corridor from end to end: paths and sentences in, polygons out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mtrs_geo.detect.finding import find_changes
from mtrs_geo.detect.inference import Corridor
from mtrs_geo.detect.options import DetectOptions, check_output, read_queries
from mtrs_geo.detect.preview import write_preview
from mtrs_geo.detect.result import ChangeResult, Report
from mtrs_geo.detect.scene_rules import scene_rules
from mtrs_geo.grid import Window
from mtrs_geo.io.aoi import AreaOfInterest, load_aoi
from mtrs_geo.io.provenance import raster_metadata
from mtrs_geo.io.raster import ProbabilityWriter, gdal_session
from mtrs_geo.io.source import shown
from mtrs_geo.io.stack import RasterStack, StackOptions, open_stack
from mtrs_geo.io.vector import CHANGE_COLUMNS, VectorWriter, read_vector
from mtrs_geo.models import ChangeSegmenter, MirroredSegmenter, load_model, standing
from mtrs_geo.progress import Progress, Silent
from mtrs_geo.query import ChangeQuery
from mtrs_geo.tiles.plan import TilePlan, plan_tiles
from mtrs_geo.types import StrPath
from mtrs_geo.vectorize.change import changes_frame
from mtrs_geo.vectorize.spool import ChangeSpool
from mtrs_geo.vectorize.table import ChangeTable, Selection
from mtrs_geo.vectorize.vectorizer import VectorizeOptions

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from mtrs_geo.vectorize.runs import IntArray

__all__ = ["ChangeResult", "detect_changes", "detect_changes_stack"]

_PREVIEW_PX = 1000


def detect_changes(
    before: StrPath,
    after: StrPath,
    query: str | Sequence[str] = "",
    *,
    output: StrPath | None = None,
    model: str | Path | ChangeSegmenter = "tiny",
    progress: Progress | None = None,
    **options: Any,  # noqa: ANN401 - the fields of DetectOptions
) -> ChangeResult:
    """Find the change that a sentence describes between two rasters.

    Args:
        before: the earlier raster: a path that GDAL reads, or an open rasterio dataset.
        after: the later one; CRS, grid and extent may differ.
        query: a sentence or several; an empty one asks for any change.
        output: vector file to write (.gpkg, .parquet, .fgb, .geojson).
        model: name, folder, or a loaded segmenter.
        progress: receives the run's events.
        **options: fields of `DetectOptions`.

    Returns:
        Polygons with areas true on the ellipsoid, and a report.

    Raises:
        MTRSGeoError: one of its leaves; nothing half written is left behind.

    Example:
        >>> result = detect_changes("2016.tif", "2023.tif", "new buildings")  # doctest: +SKIP
        >>> result.polygons.area_m2.sum()  # doctest: +SKIP
    """
    return detect_changes_stack(
        [before, after], query, output=output, model=model, progress=progress, **options
    )


def detect_changes_stack(
    paths: Sequence[StrPath] | RasterStack,
    query: str | Sequence[str] = "",
    *,
    output: StrPath | None = None,
    model: str | Path | ChangeSegmenter = "tiny",
    progress: Progress | None = None,
    **options: Any,  # noqa: ANN401 - the fields of DetectOptions
) -> ChangeResult:
    """Find change between every two neighbouring dates, see `detect_changes`.

    Args:
        paths: two or more rasters, earliest first, or a stack that `open_stack` gave: its
            files are closed at the end, and opened again by its next run.
        query: as in `detect_changes`.
        output: as in `detect_changes`.
        model: as in `detect_changes`.
        progress: as in `detect_changes`.
        **options: fields of `DetectOptions`.
    """
    began = time.perf_counter()
    chosen = DetectOptions(**options)
    queries = read_queries(query, raw=chosen.raw)
    target = None if output is None else check_output(output, overwrite=chosen.overwrite)
    reading = StackOptions(chosen.bands, chosen.grid, chosen.resolution, chosen.dates)
    with (
        gdal_session(),
        paths if isinstance(paths, RasterStack) else open_stack(paths, reading) as stack,
    ):
        if isinstance(model, str | Path):
            model = load_model(model, chosen.device, chosen.precision)
        if chosen.mirrored:
            model = MirroredSegmenter(model)
        run = _Run(stack, queries, model, chosen, progress or Silent())
        return run.execute(target, began)


class _Run:
    """One run, from an open stack to a result."""

    def __init__(
        self,
        stack: RasterStack,
        queries: tuple[ChangeQuery, ...],
        segmenter: ChangeSegmenter,
        options: DetectOptions,
        progress: Progress,
    ) -> None:
        self.stack, self.queries, self.options = stack, queries, options
        self.info = segmenter.info
        self.area = None if options.aoi is None else load_aoi(options.aoi, stack.grid)
        self.window = stack.grid.window if self.area is None else self.area.window
        self.grid = stack.grid.subgrid(self.window)
        self.given = {n.lower(): _layer(v) for n, v in options.references.items()}
        self.texts = _texts(queries, self.given)
        self.corridor = Corridor(
            stack,
            self._plan(),
            (self.window.row, self.window.col),
            segmenter,
            self.texts,
            options.batch_size,
            progress,
        )
        self.clock = self.corridor.clock
        self.warnings = [*stack.warnings, *self._gsd_warnings()]

    def execute(self, target: Path | None, began: float) -> ChangeResult:
        """Run the corridor, decide on the scene, write."""
        options = self.options
        drawing = VectorizeOptions(
            options.threshold,
            options.min_area_m2,
            options.fill_holes_m2,
            options.simplify_px,
            options.regularize,
        )
        with ExitStack() as outputs:
            writer = self._probability_writer(outputs)
            folder = target and target.absolute().parent
            found = find_changes(self.corridor, drawing, self.area, writer, folder)
            with self.clock.time("rules"):
                table = self._decided(found)
            with self.clock.time("write"):
                # The probability raster gets its name here, as the stack unwinds.
                outputs.close()
                self._write(table, target)
        return ChangeResult(
            table,
            self.grid,
            self._report(table, time.perf_counter() - began),
            target,
            _path(options.probability),
            _path(options.preview),
            options.output_crs,
        )

    def _plan(self) -> TilePlan:
        tile_px = self.options.tile_px or self.info.tile_px
        overlap_px = self.options.overlap_px
        overlap_px = tile_px // 8 if overlap_px is None else overlap_px
        mask = None if self.area is None else self._meets(self.area)
        return plan_tiles(self.grid, tile_px, overlap_px, mask)

    def _meets(self, area: AreaOfInterest) -> Callable[[Window], bool]:
        return lambda tile: area.meets(tile.shifted(self.window.row, self.window.col))

    def _gsd_warnings(self) -> list[str]:
        low, high = self.info.gsd_range_m
        gsd_m = max(self.grid.pixel_size_m())
        if low <= gsd_m <= high:
            return []
        return [
            f"pixels of {gsd_m:.2f} m lie outside of what {self.info.name} works at ({low} to "
            f"{high} m). Resample with --resolution towards {self.info.native_gsd_m} m."
        ]

    def _probability_writer(self, outputs: ExitStack) -> ProbabilityWriter | None:
        if self.options.probability is None:
            return None
        names = [
            f"{text or 'any change'} ({before or pair + 1} to {after or pair + 2})"
            for pair, (before, after) in enumerate(pairwise(self.stack.dates))
            for text in self.texts
        ]
        writer = ProbabilityWriter(
            self.options.probability, self.grid, names, overwrite=self.options.overwrite
        )
        return outputs.enter_context(writer)

    def _decided(self, found: list[ChangeSpool]) -> ChangeTable:
        """Apply every query's rules to every pair of dates."""
        selections = []
        for pair, (before, after) in enumerate(pairwise(self.stack.dates)):
            first = pair * len(self.texts)
            layers = {text: found[first + i] for i, text in enumerate(self.texts)}
            for query in self.queries:
                facts = {
                    "query": query.text, "change": query.direction, "date_before": before,
                    "date_after": after, "model": self.info.name,
                    "model_version": self.info.version,
                }  # fmt: skip
                kept = self._kept(query, layers)
                selections.append(Selection(layers[query.prompt], kept, facts))
        return ChangeTable(selections, tuple(CHANGE_COLUMNS), self.grid)

    def _kept(self, query: ChangeQuery, layers: Mapping[str, ChangeSpool]) -> IntArray:
        """Return which changes of its layer answer a query, in the order of their rows."""
        if not query.rules:
            return np.arange(len(layers[query.prompt]))
        asked = {name: layers[text] for name, text in _asked(query, self.given).items()}
        self._check_references(query, [name for name, changes in asked.items() if not changes])
        things = {name: changes_frame(c.take(), self.grid) for name, c in asked.items()}
        frame = changes_frame(layers[query.prompt].take(), self.grid)
        kept = scene_rules(query, frame, self.grid, things | self.given)
        rows: IntArray = kept.index.to_numpy(np.int64)
        return rows

    def _check_references(self, query: ChangeQuery, missing: Sequence[str]) -> None:
        self.warnings += [
            f"the model found no {name!r}, which {query.text!r} refers to. "
            f'If it is there, give it as a layer (--reference "{name}=…").'
            for name in missing
        ]

    def _write(self, table: ChangeTable, target: Path | None) -> None:
        options = self.options
        if target is not None:
            with VectorWriter(
                target,
                crs_from=self.grid.crs,
                crs_to=options.output_crs,
                overwrite=options.overwrite,
                # The query of an address may hold a signature, which a file hands on.
                metadata=raster_metadata([shown(s.path) for s in self.stack.sources], target),
            ) as writer:
                for frame in table.frames():
                    writer.append(frame)
                writer.commit()
        if options.preview is not None:
            frame = table.read()
            small = self.stack.thumbnail(self.window, _PREVIEW_PX).image
            images = (small[0].transpose(1, 2, 0), small[-1].transpose(1, 2, 0))
            labels = (self.stack.dates[0] or "before", self.stack.dates[-1] or "after")
            asked = [query.text or "any change" for query in self.queries]
            layers = {
                text: frame[frame["query"] == query.text]
                for text, query in zip(asked, self.queries, strict=True)
            }
            write_preview(
                options.preview, images, layers, self.grid, titles=labels,
                overwrite=options.overwrite,
            )  # fmt: skip

    def _report(self, table: ChangeTable, total: float) -> Report:
        corridor = self.corridor
        if corridor.skipped == len(corridor.plan):
            self.warnings.append("no pixel is valid at every date, so nothing was compared")
        sizes = table.counts_and_areas_m2()
        seconds = {part: round(spent, 3) for part, spent in self.clock.seconds.items()}
        return Report(
            understood=tuple(query.explain() for query in self.queries),
            model=f"{self.info.name} {self.info.version}",
            device=self.info.device,
            crs=":".join(self.grid.crs.to_authority() or (self.grid.crs.name,)),
            shape=self.grid.shape,
            gsd_m=round(max(self.grid.pixel_size_m()), 4),
            dates=self.stack.dates,
            tiles=len(corridor.plan),
            tiles_skipped=corridor.skipped,
            polygons={query.text: sizes[query.text][0] for query in self.queries},
            areas_m2={query.text: sizes[query.text][1] for query in self.queries},
            changes={query.text: query.direction for query in self.queries},
            warnings=tuple(dict.fromkeys(self.warnings)),
            seconds={**seconds, "total": round(total, 3)},
        )


def _texts(queries: tuple[ChangeQuery, ...], given: Mapping[str, Any]) -> list[str]:
    """Return what the model is asked: every prompt, and every reference that is not given."""
    prompts = [query.prompt for query in queries]
    needed = [text for query in queries for text in _asked(query, given).values()]
    return list(dict.fromkeys(prompts + needed))


def _asked(query: ChangeQuery, given: Mapping[str, Any]) -> dict[str, str]:
    """Return what the model is asked for each reference that is not given."""
    names = (name for name in query.references if name not in given)
    return {name: standing(name) if name in query.standing else name for name in names}


def _layer(given: Any) -> GeoDataFrame:  # noqa: ANN401 - a path or a frame
    return given if hasattr(given, "geometry") else read_vector(given)


def _path(path: StrPath | None) -> Path | None:
    return None if path is None else Path(path)
