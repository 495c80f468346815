"""The corridor: paths and sentences in, polygons out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtrs_geo.corridor import Corridor
from mtrs_geo.grid import Grid, Window
from mtrs_geo.io.aoi import load_aoi
from mtrs_geo.io.raster import ProbabilityWriter
from mtrs_geo.io.stack import RasterStack, StackOptions, open_stack
from mtrs_geo.io.vector import VectorWriter, read_vector
from mtrs_geo.models import ChangeSegmenter, load_model
from mtrs_geo.preview import write_preview
from mtrs_geo.progress import Progress, Silent
from mtrs_geo.query import ChangeQuery
from mtrs_geo.request import DetectOptions, check_output, read_queries
from mtrs_geo.scene_rules import scene_rules
from mtrs_geo.tiling import TilePlan, plan_tiles
from mtrs_geo.types import StrPath
from mtrs_geo.vectorize import Change, VectorizeOptions, Vectorizer

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["ChangeResult", "Report", "detect_changes", "detect_changes_stack"]


@dataclass
class Report:
    """What a run did."""

    understood: tuple[str, ...] = ()
    """One line a query: what the model was asked and which rules followed."""
    model: str = ""
    grid: str = ""
    dates: tuple[str | None, ...] = ()
    tiles: int = 0
    """Tiles that met the area of interest."""
    tiles_skipped: int = 0
    """Of them, those without a pixel that is valid at both dates."""
    polygons: dict[str, int] = field(default_factory=dict)
    """Polygons kept, a query."""
    warnings: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    """Wall seconds of the run and of its parts."""


@dataclass(frozen=True)
class ChangeResult:
    """What a run found."""

    polygons: GeoDataFrame
    """One row a polygon, see docs/output.md for the columns."""
    grid: Grid
    """The pixel grid that the run worked on."""
    report: Report
    output: Path | None = None
    probability: Path | None = None
    preview: Path | None = None


def detect_changes(
    before: StrPath,
    after: StrPath,
    query: str | Sequence[str] = "",
    *,
    output: StrPath | None = None,
    model: str | Path | ChangeSegmenter = "tiny",
    progress: Progress | None = None,
    **options: Any,
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
    paths: Sequence[StrPath],
    query: str | Sequence[str] = "",
    *,
    output: StrPath | None = None,
    model: str | Path | ChangeSegmenter = "tiny",
    progress: Progress | None = None,
    **options: Any,
) -> ChangeResult:
    """Find change between every two neighbouring dates of a stack, see `detect_changes`.

    Args:
        paths: two or more rasters, earliest first.
        query: as in `detect_changes`.
        output: as in `detect_changes`.
        model: as in `detect_changes`.
        progress: as in `detect_changes`.
        **options: fields of `DetectOptions`.
    """
    chosen = DetectOptions(**options)
    queries = read_queries(query, raw=chosen.raw)
    target = None if output is None else check_output(output, overwrite=chosen.overwrite)
    reading = StackOptions(chosen.bands, chosen.grid, chosen.resolution, chosen.dates)
    began = time.perf_counter()
    with open_stack(paths, reading) as stack:
        loaded = load_model(model, chosen.device, chosen.precision) if _named(model) else model
        run = _Run(stack, queries, loaded, chosen, progress or Silent())
        result = run.execute(target)
    result.report.seconds["total"] = time.perf_counter() - began
    return result


def _named(model: str | Path | ChangeSegmenter) -> TypeGuard[str | Path]:
    return isinstance(model, str | Path)


class _Run:
    """One run: from an open stack to a result."""

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
        window = stack.grid.window if self.area is None else self.area.window
        self.grid = stack.grid.subgrid(window)
        self.texts = _texts(queries, options.references)
        plan = self._plan(window)
        self.corridor = Corridor(
            stack, plan, (window.row, window.col), segmenter, self.texts,
            options.batch_size, progress,
        )
        self.clock = self.corridor.clock

    def execute(self, target: Path | None) -> ChangeResult:
        """Run the corridor, decide on the scene, write."""
        found = self._vectorized()
        with self.clock.time("rules"):
            frame = self._decided(found)
        with self.clock.time("write"):
            if target is not None:
                self._write(frame, target)
            if self.options.preview is not None:
                self._preview(frame, Path(self.options.preview))
        options = self.options
        return ChangeResult(
            frame if options.output_crs is None else frame.to_crs(options.output_crs),
            self.grid,
            self._report(frame),
            target,
            None if options.probability is None else Path(options.probability),
            None if options.preview is None else Path(options.preview),
        )

    def _plan(self, window: Window) -> TilePlan:
        tile_px = self.options.tile_px or self.info.tile_px
        overlap_px = self.options.overlap_px
        overlap_px = tile_px // 8 if overlap_px is None else overlap_px
        area = self.area
        if area is None:
            return plan_tiles(self.grid, tile_px, overlap_px)
        return plan_tiles(
            self.grid, tile_px, overlap_px,
            mask=lambda tile: area.meets(tile.shifted(window.row, window.col)),
        )

    def _vectorized(self) -> list[list[Change]]:
        options = self.options
        settings = VectorizeOptions(
            options.threshold, options.min_area_m2, options.fill_holes_m2,
            options.simplify_px, options.regularize,
        )
        layers = range(self.corridor.layers)
        vectorizers = [Vectorizer(self.grid, settings) for _ in layers]
        found: list[list[Change]] = [[] for _ in layers]
        with ExitStack() as outputs:
            writer = self._probability_writer(outputs)
            for rows in self.corridor.rows():
                with self.clock.time("vectorize"):
                    for layer in layers:
                        found[layer] += vectorizers[layer].add_rows(
                            rows.row, rows.probability[layer]
                        )
                if writer is not None:
                    with self.clock.time("write"):
                        writer.write_rows(rows.row, rows.probability)
            with self.clock.time("vectorize"):
                for layer in layers:
                    found[layer] += vectorizers[layer].finish()
        return found

    def _probability_writer(self, outputs: ExitStack) -> ProbabilityWriter | None:
        path = self.options.probability
        if path is None:
            return None
        names = [
            f"{text or 'any change'} ({before or pair} to {after or pair + 1})"
            for pair, (before, after) in enumerate(pairwise(self.stack.dates))
            for text in self.texts
        ]
        return outputs.enter_context(
            ProbabilityWriter(path, self.grid, names, self.options.overwrite)
        )

    def _decided(self, found: list[list[Change]]) -> GeoDataFrame:
        """Apply every query's scene rules to every pair of dates."""
        import pandas as pd

        parts = []
        for pair, (before, after) in enumerate(pairwise(self.stack.dates)):
            layers = {
                text: self._frame(found[pair * len(self.texts) + i])
                for i, text in enumerate(self.texts)
            }
            references = {**layers, **self._given_references()}
            for query in self.queries:
                kept = scene_rules(query, layers[query.prompt], self.grid, references)
                parts.append(kept.assign(query=query.text, date_before=before, date_after=after))
        frame = pd.concat(parts, ignore_index=True)
        frame["id"] = range(1, len(frame) + 1)
        frame["model"], frame["model_version"] = self.info.name, self.info.version
        return frame[[*COLUMNS, "geometry"]]

    def _frame(self, changes: list[Change]) -> GeoDataFrame:
        return to_frame(changes if self.area is None else self._clipped(changes), self.grid)

    def _clipped(self, changes: list[Change]) -> list[Change]:
        if self.area is None:
            return changes
        parts = [replace_geometry(c, self.area.clip(c.geometry), self.grid) for c in changes]
        smallest = self.options.min_area_m2
        return [part for group in parts for part in group if part.area_m2 >= smallest]
