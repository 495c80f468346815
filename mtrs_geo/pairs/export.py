"""Polygons over two rasters become pairs to learn from: MTRefSeg-21K's layout."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.data.split.writer import SplitWriter, write_split
from mtrs_geo.errors import Cancelled, RequestError, VectorError
from mtrs_geo.grid import Grid, Window
from mtrs_geo.io.aoi import AreaLike, AreaOfInterest, in_degrees, load_aoi
from mtrs_geo.io.masks import burn, on_grid
from mtrs_geo.io.raster import gdal_session
from mtrs_geo.io.stack import Patch, RasterStack, StackOptions, open_stack
from mtrs_geo.io.vector import read_vector
from mtrs_geo.pairs.labels import ACCEPTED, REVIEWED, Labels, read_labels
from mtrs_geo.progress import Progress, Silent
from mtrs_geo.types import BoolArray, StrPath

__all__ = ["PairsOptions", "PairsReport", "export_pairs"]

_FEWEST_PX = 16
_LEAST_VALID = 0.5


@dataclass(frozen=True)
class PairsOptions:
    """How polygons become pairs."""

    tile_px: int = 512
    """Least side of a tile: tiles cover the ground side by side, so they are a little larger."""
    text_column: str | None = None
    """Column of the sentences; None finds it, see `mtrs_geo.pairs.labels.TEXT_COLUMNS`."""
    aoi: AreaLike | None = None
    """What was looked at; pixels outside count as without data. None is all of the overlap."""
    negatives: bool = False
    """A sentence of the layer that has no polygon in a tile is said of it with an empty mask:
    in every tile of ``aoi``, and without an ``aoi`` in the tiles that hold some polygon."""
    stack: StackOptions = field(default_factory=StackOptions)
    raw: bool = False
    """Keep sentences with rules about the whole scene ("the largest", "in the north")."""
    overwrite: bool = False

    def __post_init__(self) -> None:
        if not 64 <= self.tile_px <= 4096:
            msg = f"tile_px {self.tile_px} is out of range. Use 64 to 4096; 512 suits most."
            raise RequestError(msg)


@dataclass(frozen=True)
class PairsReport:
    """What was written and what was not."""

    output: Path
    pairs: int
    expressions: int
    """With a target or without."""
    no_target: int
    """Of them, those with an empty mask: all rejected, or nothing there (``negatives``)."""
    unreviewed: int
    """Expressions of a tile left out, because a polygon of theirs there is not reviewed."""
    tiles_without_data: int
    outside: int
    """Polygons that lie outside of what both rasters show."""
    warnings: tuple[str, ...]


def export_pairs(
    rasters: Sequence[StrPath],
    polygons: StrPath,
    output: StrPath,
    *,
    layer: str | None = None,
    options: PairsOptions | None = None,
    progress: Progress | None = None,
) -> PairsReport:
    """Cut polygons and their rasters into pairs of tiles with masks.

    A tile and a sentence make a sample where the tile meets polygons of that sentence and all
    of them are reviewed: the mask is what was accepted or edited, and it is empty (no target)
    where all were rejected.  `mtrs_geo.evaluate` reads the folder.

    Args:
        rasters: the earlier and the later one.
        polygons: vector file with a sentence in every row, in any CRS.
        output: folder to write.
        layer: name of the layer; the first by default.
        options: tiles, columns, area.
        progress: receives one step a tile.

    Raises:
        VectorError: if the layer lacks its columns, nothing in it is reviewed, or all of it
            lies outside of the rasters.
        RasterError: if a raster cannot be read; GridError: if they do not overlap.
        OutputError: if the folder is taken or cannot be written.
        Cancelled: if ``progress`` asked to stop; nothing is left behind.
    """
    options = options or PairsOptions()
    if len(rasters) != 2:
        msg = f"pairs have two dates, not {len(rasters)}. Give the earlier and the later raster."
        raise RequestError(msg)
    with ExitStack() as closing:
        closing.enter_context(gdal_session())
        stack = closing.enter_context(open_stack(rasters, options.stack))
        frame = on_grid(read_vector(polygons, layer), stack.grid, str(polygons))
        labels = read_labels(frame, str(polygons), text_column=options.text_column, raw=options.raw)
        outside = _outside(labels, stack.grid, str(polygons))
        cutter = _Cutter(stack, labels, options, progress or Silent())
        writer = closing.enter_context(write_split(Path(output), overwrite=options.overwrite))
        counts = cutter.execute(writer)
        warnings = (*stack.warnings, *labels.warnings)
        return PairsReport(Path(output), **vars(counts), outside=outside, warnings=warnings)


def _outside(labels: Labels, grid: Grid, name: str) -> int:
    """Count polygons outside of the rasters; refuse a layer that lies elsewhere."""
    outside = int((~shapely.intersects(labels.shapes, shapely.box(*grid.bounds))).sum())
    if outside == len(labels.shapes):
        left, bottom, right, top = shapely.total_bounds(labels.shapes)
        msg = (
            f"no tile gives a pair: {name} lies at "
            f"{in_degrees((left, bottom, right, top), grid.crs)}, but both rasters show "
            f"{in_degrees(grid.bounds, grid.crs)}. Check that they belong together, and their CRS."
        )
        raise VectorError(msg)
    return outside


@dataclass
class _Counts:
    pairs: int = 0
    expressions: int = 0
    no_target: int = 0
    unreviewed: int = 0
    tiles_without_data: int = 0


class _Cutter:
    """Goes over the tiles that may give a pair."""

    def __init__(
        self, stack: RasterStack, labels: Labels, options: PairsOptions, progress: Progress
    ) -> None:
        self.stack, self.labels, self.options = stack, labels, options
        self.progress = progress
        self.tree = shapely.STRtree(labels.shapes)
        self.texts = tuple(dict.fromkeys(labels.texts))
        self.area = None if options.aoi is None else load_aoi(options.aoi, stack.grid)
        self.counts = _Counts()

    def execute(self, writer: SplitWriter) -> _Counts:
        whole = self.stack.grid.window if self.area is None else self.area.window
        wanted = [w for w in _tiles(whole, self.options.tile_px) if self._is_wanted(w)]
        self.progress.start(len(wanted), "tiles")
        for window in wanted:
            if self.progress.cancelled:
                msg = "the export was cancelled; no output was written"
                raise Cancelled(msg)
            pair = self._pair(window)
            if pair is not None:
                writer.add(pair)
                self.counts.pairs += 1
            self.progress.advance()
        if not self.counts.pairs:
            msg = (
                "no tile gives a pair: no reviewed polygon lies on both rasters, or every tile "
                "that holds one also holds one that is not reviewed. Review more of them."
            )
            raise VectorError(msg)
        return self.counts

    def _is_wanted(self, window: Window) -> bool:
        if self.area is not None and not self.area.meets(window):
            return False
        return self._is_covered or bool(len(self._at(window)))

    @property
    def _is_covered(self) -> bool:
        """Whether tiles without any polygon are known to show none of the changes."""
        return self.options.negatives and self.area is not None

    def _at(self, window: Window) -> Any:  # noqa: ANN401 - an array of row numbers
        left, bottom, right, top = self.stack.grid.subgrid(window).bounds
        return self.tree.query(shapely.box(left, bottom, right, top), predicate="intersects")

    def _pair(self, window: Window) -> ReferringPair | None:
        known = self._known(window)
        if not known:
            return None
        patch = _within(self.stack.read(window), self.area)
        if patch.valid.mean() < _LEAST_VALID:
            self.counts.tiles_without_data += 1
            return None
        samples: dict[str, BoolArray] = {}
        for text, true in known.items():
            mask = burn(true, self.stack.grid, window) & patch.valid
            # A corner of a house that lies next door is no target to learn from.
            if not true or mask.sum() >= _FEWEST_PX:
                samples[text] = mask
                self.counts.no_target += not true
        self.counts.expressions += len(samples)
        return _as_pair(patch, samples) if samples else None

    def _known(self, window: Window) -> dict[str, list[BaseGeometry]]:
        """Return every sentence that the tile answers for certain, with its true polygons."""
        rows: dict[str, list[int]] = {}
        for row in sorted(self._at(window).tolist()):
            rows.setdefault(self.labels.texts[row], []).append(row)
        known = {}
        for text, of_text in rows.items():
            states = {row: self.labels.states[row] for row in of_text}
            if set(states.values()) <= set(REVIEWED):
                known[text] = [self.labels.shapes[r] for r in of_text if states[r] in ACCEPTED]
            else:
                self.counts.unreviewed += 1
        if self.options.negatives and (known or self._is_covered):
            known |= {text: [] for text in self.texts if text not in rows}
        return known


def _tiles(whole: Window, least_px: int) -> list[Window]:
    """Cut a window into tiles side by side, of ``least_px`` or more where it is as large.

    Tiles that overlap would put the same pixels among what is learnt and what is held back.
    """
    rows, cols = _cuts(whole.rows, least_px), _cuts(whole.cols, least_px)
    return [
        Window(whole.row + row, whole.col + col, row_stop - row, col_stop - col)
        for row, row_stop in pairwise(rows)
        for col, col_stop in pairwise(cols)
    ]


def _cuts(length: int, least: int) -> list[int]:
    count = max(1, length // least)
    return [length * i // count for i in range(count + 1)]


def _within(patch: Patch, area: AreaOfInterest | None) -> Patch:
    """Return a patch without what lies outside of an area: there nobody looked."""
    if area is None:
        return patch
    valid = patch.valid & burn([area.geometry], area.grid, patch.window)
    return Patch(np.where(valid, patch.image, 0), valid, patch.window)


def _as_pair(patch: Patch, samples: dict[str, BoolArray]) -> ReferringPair:
    before, after = (np.ascontiguousarray(date.transpose(1, 2, 0)) for date in patch.image)
    origin = patch.window.row, patch.window.col
    name = f"r{origin[0]:06d}_c{origin[1]:06d}"
    masks = np.stack(list(samples.values()))
    return ReferringPair(name, before, after, tuple(samples), masks, origin)
