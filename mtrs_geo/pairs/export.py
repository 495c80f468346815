"""Export polygons over two rasters as training pairs in the layout of MTRefSeg-21K."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import CRS

from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.data.split.writer import SplitWriter, write_split
from mtrs_geo.errors import Cancelled, RequestError, VectorError
from mtrs_geo.grid import Grid, Window
from mtrs_geo.io.aoi import AreaLike, AreaOfInterest, format_degrees, load_aoi, place_advice
from mtrs_geo.io.inputs.kinds import RasterLike
from mtrs_geo.io.masks import rasterize, reproject_polygons
from mtrs_geo.io.raster import gdal_session
from mtrs_geo.io.stack import RasterStack, StackOptions, StackWindow, open_stack
from mtrs_geo.io.vector import read_vector
from mtrs_geo.pairs.labels import ACCEPTED, REVIEWED, Labels, read_labels
from mtrs_geo.progress import Progress, Silent
from mtrs_geo.types import BoolArray, StrPath

if TYPE_CHECKING:
    import geopandas

__all__ = [
    "MIN_TARGET_PX",
    "SMALL_ADVICE",
    "PairsOptions",
    "PairsReport",
    "check_tile_px",
    "count_outside",
    "cut_tiles",
    "export_pairs",
]

MIN_TARGET_PX = 16
"""Smaller parts of polygons in a tile are no target: nobody could recognise them."""
SMALL_ADVICE = "Draw the outlines of the things, or give rasters with smaller pixels."
_MIN_VALID_SHARE = 0.5


@dataclass(frozen=True)
class PairsOptions:
    """Tiles, columns and area of an export."""

    tile_px: int = 512
    """Smallest side of a tile in pixels; tiles do not overlap, so they are a little larger."""
    text_column: str | None = None
    """Column of the sentences; None searches for `mtrs_geo.pairs.labels.TEXT_COLUMNS`."""
    aoi: AreaLike | None = None
    """Area that was reviewed; pixels outside count as nodata. None is the extent overlap."""
    negatives: bool = False
    """Add an empty mask for each sentence of the layer that has no polygon in a tile: in all
    tiles of ``aoi``, or without ``aoi`` in the tiles that contain a polygon."""
    stack: StackOptions = field(default_factory=StackOptions)
    raw: bool = False
    """Keep sentences with rules about the extent scene ("the largest", "in the north")."""
    overwrite: bool = False

    def __post_init__(self) -> None:
        check_tile_px(self.tile_px)


def check_tile_px(tile_px: int) -> None:
    """Refuse a side of tiles that cannot be used.

    Raises:
        RequestError: if it is out of range.
    """
    if not 64 <= tile_px <= 4096:
        msg = f"tile_px {tile_px} is out of range."
        raise RequestError(msg, advice="Use 64 to 4096; 512 suits most cases.")


@dataclass(frozen=True)
class PairsReport:
    """Counts of an export: what was written and what was left out."""

    output: Path
    pairs: int
    expressions: int
    """Number of expressions, with and without a target."""
    no_target: int
    """Number of expressions with an empty mask: all polygons rejected, or none (``negatives``)."""
    unreviewed: int
    """Number of expressions per tile left out because one of their polygons is not reviewed."""
    tiles_without_data: int
    too_small: int
    """Number of polygons of which no tile has a mask of `MIN_TARGET_PX` pixels."""
    outside: int
    """Number of polygons outside the overlap of both rasters."""
    warnings: tuple[str, ...]

    def notes(self, name: str) -> Iterator[str]:
        """Yield the warnings, and what was left out.

        Args:
            name: name of the layer.
        """
        yield from self.warnings
        if self.outside:
            yield f"{self.outside} polygons of {name} are outside of the overlap of both rasters."
        if self.too_small:
            yield (
                f"{self.too_small} polygons of {name} were left out: they cover fewer than "
                f"{MIN_TARGET_PX} pixels with data in every tile."
            )
        if self.unreviewed:
            yield f"{self.unreviewed} sentences of tiles with unreviewed polygons were skipped."
        if self.tiles_without_data:
            yield f"{self.tiles_without_data} tiles with at least half nodata pixels were skipped."


def export_pairs(
    rasters: Sequence[RasterLike],
    polygons: StrPath,
    output: StrPath,
    *,
    layer: str | None = None,
    options: PairsOptions | None = None,
    progress: Progress | None = None,
) -> PairsReport:
    """Cut polygons and their rasters into pairs of tiles with masks.

    A tile and a sentence make a sample if the tile intersects polygons of that sentence and all
    of them are reviewed.  The mask holds the accepted and edited polygons; it is empty (no
    target) if all were rejected.  `mtrs_geo.evaluate` reads the folder.

    Args:
        rasters: the earlier and the later raster, of any kind that `detect_changes` takes.
        polygons: vector file with a sentence in every row, in any CRS.
        output: folder to write.
        layer: name of the layer; the first by default.
        options: tiles, columns and area.
        progress: receives one step per tile.

    Raises:
        VectorError: if the layer lacks its columns, nothing in it is reviewed, or all polygons
            are outside the rasters.
        RasterError: if a raster cannot be read; GridError: if the rasters do not overlap.
        OutputError: if the folder exists or cannot be written.
        Cancelled: if ``progress`` requests a stop; no output is kept.
    """
    options, output = options or PairsOptions(), os.path.expanduser(output)
    if len(rasters) != 2:
        msg = f"pairs have two dates, not {len(rasters)}."
        raise RequestError(msg, advice="Give the earlier and the later raster.")
    with ExitStack() as exit_stack:
        exit_stack.enter_context(gdal_session())
        stack = exit_stack.enter_context(open_stack(rasters, options.stack))
        table = read_vector(polygons, layer)
        frame = reproject_polygons(table, stack.grid, str(polygons))
        labels = read_labels(frame, str(polygons), text_column=options.text_column, raw=options.raw)
        outside = count_outside(labels, table, stack.grid, str(polygons))
        exporter = _TileExporter(stack, labels, options, progress or Silent())
        inputs = [*rasters, polygons, options.aoi]
        writer = exit_stack.enter_context(
            write_split(Path(output), overwrite=options.overwrite, inputs=inputs)
        )
        counts = exporter.execute(writer)
        warnings = (*stack.warnings, *labels.warnings, *_empty_warning(table, frame))
        return PairsReport(
            Path(output), **vars(counts), too_small=exporter.too_small,
            outside=outside, warnings=warnings,
        )  # fmt: skip


def _empty_warning(table: geopandas.GeoDataFrame, frame: geopandas.GeoDataFrame) -> Iterator[str]:
    """Yield a warning if rows of a layer have no polygon."""
    if without := len(table) - len(frame):
        yield f"{without} rows without a polygon were left out."


def count_outside(labels: Labels, table: geopandas.GeoDataFrame, grid: Grid, name: str) -> int:
    """Return the number of polygons outside of the rasters; several sentences count once.

    Args:
        labels: polygons in the grid's CRS.
        table: the layer as it was read, for messages.
        grid: grid of both rasters.
        name: name of the layer in messages.

    Raises:
        VectorError: if all are outside.
    """
    is_outside = ~shapely.intersects(labels.shapes, shapely.box(*grid.bounds))
    if is_outside.all():
        left, bottom, right, top = table.total_bounds.tolist()
        bounds, crs = (left, bottom, right, top), CRS(table.crs)
        msg = (
            f"no tile gives a pair: no polygon of {name} is on both rasters. It covers "
            f"{format_degrees(bounds, crs)}, but both rasters cover "
            f"{format_degrees(grid.bounds, grid.crs)}."
        )
        advice = "Check that the layer and the rasters show the same area, and check their CRS."
        raise VectorError(msg, advice=place_advice(bounds, crs, grid) or advice)
    return len({row for row, is_out in zip(labels.rows, is_outside, strict=True) if is_out})


@dataclass
class _Counts:
    pairs: int = 0
    expressions: int = 0
    no_target: int = 0
    unreviewed: int = 0
    tiles_without_data: int = 0


class _TileExporter:
    """Writes the pairs of all tiles and counts them."""

    def __init__(
        self, stack: RasterStack, labels: Labels, options: PairsOptions, progress: Progress
    ) -> None:
        self.stack, self.labels, self.options = stack, labels, options
        self.progress = progress
        self.tree = shapely.STRtree(labels.shapes)
        self.texts = tuple(dict.fromkeys(labels.texts))
        self.area = None if options.aoi is None else load_aoi(options.aoi, stack.grid)
        self.counts = _Counts()
        self.targets: set[int] = set()
        """Rows of labels that are part of a target."""
        self.small: set[int] = set()
        """Rows of labels whose sentence has too few pixels in a tile."""

    def execute(self, writer: SplitWriter) -> _Counts:
        extent = self.stack.grid.window if self.area is None else self.area.window
        windows = [w for w in cut_tiles(extent, self.options.tile_px) if self._is_candidate(w)]
        self.progress.start(len(windows), "tiles")
        for window in windows:
            if self.progress.cancelled:
                msg = "the export was cancelled; no output was written"
                raise Cancelled(msg)
            pair = self._pair(window)
            if pair is not None:
                writer.add(pair)
                self.counts.pairs += 1
            self.progress.advance()
        if not self.targets and self.small and "rejected" not in self.labels.states:
            raise self._too_small()
        if not self.counts.pairs:
            msg = (
                "no tile gives a pair: no reviewed polygon is on both rasters, or every tile with "
                "a reviewed polygon also has one of the same sentence that is not reviewed."
            )
            raise VectorError(msg, advice="Review more polygons.")
        return self.counts

    @property
    def too_small(self) -> int:
        """Number of polygons that have too few pixels in every tile."""
        small, targets = ({self.labels.rows[i] for i in s} for s in (self.small, self.targets))
        return len(small - targets)

    def _too_small(self) -> VectorError:
        msg = (
            f"no tile gives a target: each of {self.too_small} accepted polygons covers fewer "
            f"than {MIN_TARGET_PX} pixels with data."
        )
        return VectorError(msg, advice=SMALL_ADVICE)

    def _is_candidate(self, window: Window) -> bool:
        if self.area is not None and not self.area.intersects(window):
            return False
        return self._has_negatives_everywhere or bool(len(self._rows_in(window)))

    @property
    def _has_negatives_everywhere(self) -> bool:
        """Whether tiles without any polygon count as reviewed."""
        return self.options.negatives and self.area is not None

    def _rows_in(self, window: Window) -> Any:  # noqa: ANN401 - an array of row numbers
        left, bottom, right, top = self.stack.grid.subgrid(window).bounds
        return self.tree.query(shapely.box(left, bottom, right, top), predicate="intersects")

    def _pair(self, window: Window) -> ReferringPair | None:
        reviewed = self._reviewed(window)
        if not reviewed:
            return None
        pixels = _mask_outside(self.stack.read(window), self.area)
        if pixels.valid.mean() < _MIN_VALID_SHARE:
            self.counts.tiles_without_data += 1
            return None
        samples: dict[str, BoolArray] = {}
        for text, rows in reviewed.items():
            accepted = [self.labels.shapes[row] for row in rows]
            mask = rasterize(accepted, self.stack.grid, window) & pixels.valid
            if accepted and mask.sum() < MIN_TARGET_PX:
                self.small.update(rows)
                continue
            samples[text] = mask
            self.counts.no_target += not accepted
            self.targets.update(rows)
        self.counts.expressions += len(samples)
        return _as_pair(pixels, samples) if samples else None

    def _reviewed(self, window: Window) -> dict[str, list[int]]:
        """Return the rows of accepted polygons of sentences that are fully reviewed in a window."""
        rows: dict[str, list[int]] = {}
        for row in sorted(self._rows_in(window).tolist()):
            rows.setdefault(self.labels.texts[row], []).append(row)
        reviewed = {}
        for text, text_rows in rows.items():
            states = {row: self.labels.states[row] for row in text_rows}
            if set(states.values()) <= set(REVIEWED):
                reviewed[text] = [row for row in text_rows if states[row] in ACCEPTED]
            else:
                self.counts.unreviewed += 1
        if self.options.negatives and (reviewed or self._has_negatives_everywhere):
            reviewed |= {text: [] for text in self.texts if text not in rows}
        return reviewed


def cut_tiles(extent: Window, min_px: int) -> list[Window]:
    """Return tiles without overlap, with sides of ``min_px`` or more if the extent is as large.

    Overlapping tiles would put the same pixels into the training and the validation set.
    """
    rows, cols = _cuts(extent.rows, min_px), _cuts(extent.cols, min_px)
    return [
        Window(extent.row + row, extent.col + col, row_stop - row, col_stop - col)
        for row, row_stop in pairwise(rows)
        for col, col_stop in pairwise(cols)
    ]


def _cuts(length: int, min_px: int) -> list[int]:
    count = max(1, length // min_px)
    return [length * i // count for i in range(count + 1)]


def _mask_outside(pixels: StackWindow, area: AreaOfInterest | None) -> StackWindow:
    """Return the pixels with those outside an area marked as nodata: nobody reviewed them."""
    if area is None:
        return pixels
    valid = pixels.valid & area.mask(pixels.window)
    return StackWindow(np.where(valid, pixels.image, 0), valid, pixels.window)


def _as_pair(pixels: StackWindow, samples: dict[str, BoolArray]) -> ReferringPair:
    before, after = (np.ascontiguousarray(date.transpose(1, 2, 0)) for date in pixels.image)
    origin = pixels.window.row, pixels.window.col
    name = f"r{origin[0]:06d}_c{origin[1]:06d}"
    masks = np.stack(list(samples.values()))
    return ReferringPair(name, before, after, tuple(samples), masks, origin)
