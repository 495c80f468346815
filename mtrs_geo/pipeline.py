"""The corridor from end to end: paths and sentences in, polygons out."""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtrs_geo.corridor import Corridor
from mtrs_geo.grid import Grid, Window
from mtrs_geo.io.aoi import AreaOfInterest, load_aoi
from mtrs_geo.io.provenance import raster_metadata
from mtrs_geo.io.raster import ProbabilityWriter, gdal_session
from mtrs_geo.io.stack import RasterStack, StackOptions, open_stack
from mtrs_geo.io.vector import CHANGE_COLUMNS, VectorWriter, read_vector
from mtrs_geo.models import ChangeSegmenter, load_model, standing
from mtrs_geo.preview import write_preview
from mtrs_geo.progress import Progress, Silent
from mtrs_geo.query import ChangeQuery
from mtrs_geo.request import DetectOptions, check_output, read_queries
from mtrs_geo.result import ChangeResult, Report
from mtrs_geo.scene_rules import scene_rules
from mtrs_geo.tiling import TilePlan, plan_tiles
from mtrs_geo.types import StrPath
from mtrs_geo.vectorize import Change, VectorizeOptions, Vectorizer, changes_frame

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

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
        with ExitStack() as outputs:
            found = self._vectorized(self._probability_writer(outputs))
            with self.clock.time("rules"):
                frame = self._decided(found)
            del found  # the frame has the outlines; memory need not hold both
            with self.clock.time("write"):
                # The probability raster gets its name here, as the stack unwinds.
                outputs.close()
                self._write(frame, target)
        crs = self.options.output_crs
        return ChangeResult(
            frame if crs is None else frame.to_crs(crs),
            self.grid,
            self._report(frame, time.perf_counter() - began),
            target,
            _path(self.options.probability),
            _path(self.options.preview),
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

    def _vectorized(self, writer: ProbabilityWriter | None) -> list[list[Change]]:
        """Return the changes of every layer, in reading order."""
        options = self.options
        drawing = VectorizeOptions(
            options.threshold,
            options.min_area_m2,
            options.fill_holes_m2,
            options.simplify_px,
            options.regularize,
        )
        layers = range(self.corridor.layers)
        vectorizers = [Vectorizer(self.grid, drawing) for _ in layers]
        found: list[list[Change]] = [[] for _ in layers]
        for rows in self.corridor.rows():
            with self.clock.time("vectorize"):
                for i in layers:
                    found[i] += vectorizers[i].add_rows(rows.row, rows.probability[i])
            if writer is not None:
                with self.clock.time("write"):
                    writer.write_rows(rows.row, rows.probability)
        with self.clock.time("vectorize"):
            for i in layers:
                found[i] += vectorizers[i].finish()
        if writer is not None:
            with self.clock.time("write"):
                writer.finish()
        _return_freed_memory()
        return [sorted(changes, key=lambda change: change.anchor) for changes in found]

    def _decided(self, found: list[list[Change]]) -> GeoDataFrame:
        """Apply every query's rules to every pair of dates."""
        import pandas as pd

        parts = []
        for pair, (before, after) in enumerate(pairwise(self.stack.dates)):
            first = pair * len(self.texts)
            layers = {text: self._frame(found[first + i]) for i, text in enumerate(self.texts)}
            for query in self.queries:
                things = {name: layers[text] for name, text in _asked(query, self.given).items()}
                self._check_references(query, things)
                kept = scene_rules(query, layers[query.prompt], self.grid, things | self.given)
                said = {"query": query.text, "change": query.direction}
                parts.append(kept.assign(**said, date_before=before, date_after=after))
        frame = pd.concat(parts, ignore_index=True)
        frame["id"] = range(1, len(frame) + 1)
        frame["model"], frame["model_version"] = self.info.name, self.info.version
        return frame[[*CHANGE_COLUMNS, "geometry"]]

    def _frame(self, changes: list[Change]) -> GeoDataFrame:
        frame = changes_frame(changes, self.grid)
        if self.area is None or frame.empty:
            return frame
        return _clipped(frame, self.area, self.grid, self.options.min_area_m2)

    def _check_references(self, query: ChangeQuery, things: Mapping[str, GeoDataFrame]) -> None:
        for name, layer in things.items():
            if layer.empty:
                self.warnings.append(
                    f"the model found no {name!r}, which {query.text!r} refers to. "
                    f'If it is there, give it as a layer (--reference "{name}=…").'
                )

    def _write(self, frame: GeoDataFrame, target: Path | None) -> None:
        options = self.options
        if target is not None:
            with VectorWriter(
                target,
                crs_from=self.grid.crs,
                crs_to=options.output_crs,
                overwrite=options.overwrite,
                metadata=raster_metadata([source.path for source in self.stack.sources], target),
            ) as writer:
                writer.append(frame)
                writer.commit()
        if options.preview is not None:
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

    def _report(self, frame: GeoDataFrame, total: float) -> Report:
        corridor = self.corridor
        if corridor.skipped == len(corridor.plan):
            self.warnings.append("no pixel is valid at every date, so nothing was compared")
        counts = frame["query"].value_counts()
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
            polygons={query.text: int(counts.get(query.text, 0)) for query in self.queries},
            changes={query.text: query.direction for query in self.queries},
            warnings=tuple(dict.fromkeys(self.warnings)),
            seconds={**seconds, "total": round(total, 3)},
        )


def _return_freed_memory() -> None:
    """Give the stream's buffers back to the system: glibc keeps what was freed for itself."""
    if sys.platform == "linux":
        # musl has no such function and needs none.
        getattr(ctypes.CDLL(None), "malloc_trim", lambda _: None)(0)


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


def _clipped(
    frame: GeoDataFrame, area: AreaOfInterest, grid: Grid, min_area_m2: float
) -> GeoDataFrame:
    """Cut polygons to the area and measure them again."""
    import numpy as np

    from mtrs_geo.ellipsoid import EllipsoidMeter

    frame = frame.set_geometry(area.clip(np.asarray(frame.geometry.array, object)), crs=grid.crs)
    frame = frame[~frame.is_empty].explode(ignore_index=True)
    if frame.empty:
        return frame
    sizes = EllipsoidMeter(grid).areas_and_perimeters_m(np.asarray(frame.geometry.array, object))
    frame["area_m2"], frame["perimeter_m"] = sizes
    return frame[frame["area_m2"] >= min_area_m2].reset_index(drop=True)


def _path(path: StrPath | None) -> Path | None:
    return None if path is None else Path(path)
