"""Reviewed polygons over two rasters become pairs to learn from: MTRefSeg-21K's layout."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from mtrs_geo.data.reader import ReferringPair
from mtrs_geo.data.writer import SplitWriter, write_split
from mtrs_geo.errors import Cancelled, RequestError, VectorError
from mtrs_geo.grid import Window
from mtrs_geo.io.aoi import AreaLike, load_aoi
from mtrs_geo.io.masks import burn, on_grid
from mtrs_geo.io.raster import gdal_session
from mtrs_geo.io.stack import Patch, RasterStack, StackOptions, open_stack
from mtrs_geo.io.vector import read_vector
from mtrs_geo.progress import Progress, Silent
from mtrs_geo.query import ChangeQuery
from mtrs_geo.tiling import plan_tiles
from mtrs_geo.types import BoolArray, StrPath

if TYPE_CHECKING:
    import geopandas

__all__ = ["PairsOptions", "PairsReport", "export_pairs"]

_TRUE = ("accepted", "edited")
_REVIEWED = (*_TRUE, "rejected")
_FEWEST_PX = 16
_LEAST_VALID = 0.5


@dataclass(frozen=True)
class PairsOptions:
    """How reviewed polygons become pairs."""

    tile_px: int = 512
    text_column: str = "query"
    review_column: str = "review"
    """Holds accepted, edited or rejected; where a layer has none, all its polygons are true."""
    aoi: AreaLike | None = None
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
    """Of them, those whose every polygon was rejected."""
    unreviewed: int
    """Expressions of a tile left out, because a polygon of theirs there is not reviewed."""
    tiles_without_data: int
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
    """Cut reviewed polygons and their rasters into pairs of tiles with masks.

    A tile and a sentence make a sample where the tile meets polygons of that sentence and all
    of them are reviewed: the mask is what was accepted or edited, and it is empty (no target)
    where all were rejected.  `mtrs_geo.evaluate` reads the folder.

    Args:
        rasters: the earlier and the later one.
        polygons: vector file with a sentence in every row.
        output: folder to write.
        layer: name of the layer; the first by default.
        options: tiles, columns, area.
        progress: receives one step a tile.

    Raises:
        VectorError: if the layer lacks its columns, or nothing in it is reviewed.
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
        reviewed, warnings = _Reviewed.read(frame, options, str(polygons))
        cutter = _Cutter(stack, reviewed, options, progress or Silent())
        writer = closing.enter_context(write_split(Path(output), overwrite=options.overwrite))
        return cutter.execute(writer, Path(output), (*stack.warnings, *warnings))


@dataclass(frozen=True)
class _Reviewed:
    """Polygons on the grid, what each is said to be, and what was decided."""

    shapes: Any
    """(n,) geometries."""
    texts: Sequence[str]
    states: Sequence[str]

    @classmethod
    def read(
        cls, frame: geopandas.GeoDataFrame, options: PairsOptions, name: str
    ) -> tuple[_Reviewed, list[str]]:
        if options.text_column not in frame.columns:
            msg = (
                f"{name} has no column {options.text_column!r} with a sentence for every polygon. "
                f"It has: {', '.join(map(str, frame.columns))}."
            )
            raise VectorError(msg)
        texts = frame[options.text_column].fillna("").astype(str).str.strip()
        if options.review_column in frame.columns:
            states = frame[options.review_column].fillna("").astype(str).str.strip().str.lower()
        else:
            states = texts.map(lambda _: "accepted")
        warnings = []
        keep = np.ones(len(frame), bool)
        for text in dict.fromkeys(texts):
            rules = [] if options.raw else ChangeQuery.parse(text).rules
            if rules:
                of_text = (texts == text).to_numpy()
                keep &= ~of_text
                warnings.append(_about_rules(text, int(of_text.sum())))
        if not (states[keep].isin(_REVIEWED)).any():
            msg = f"{name} holds no reviewed polygon. Accept or reject some first. "
            raise VectorError(msg + " ".join(warnings))
        shapes = np.asarray(frame.geometry.array, dtype=object)[keep]
        return cls(shapes, texts[keep].tolist(), states[keep].tolist()), warnings


def _about_rules(text: str, count: int) -> str:
    query = ChangeQuery.parse(text)
    said = ", ".join(rule.explain() for rule in query.rules)
    return (
        f"{count} polygons of {text!r} were left out: {said!r} is decided on the whole scene, so "
        f"what it dropped is missing here. Detect {query.prompt or 'any change'!r} and review that."
    )


@dataclass
class _Counts:
    pairs: int = 0
    expressions: int = 0
    no_target: int = 0
    unreviewed: int = 0
    tiles_without_data: int = 0


class _Cutter:
    """Goes over the tiles that meet a polygon."""

    def __init__(
        self, stack: RasterStack, reviewed: _Reviewed, options: PairsOptions, progress: Progress
    ) -> None:
        self.stack, self.reviewed, self.options = stack, reviewed, options
        self.progress = progress
        self.tree = shapely.STRtree(reviewed.shapes)
        self.aoi = None if options.aoi is None else load_aoi(options.aoi, stack.grid)
        self.counts = _Counts()

    def execute(self, writer: SplitWriter, output: Path, warnings: tuple[str, ...]) -> PairsReport:
        plan = plan_tiles(self.stack.grid, self.options.tile_px, 0, self._is_wanted)
        self.progress.start(len(plan), "tiles")
        for tile in plan.tiles:
            if self.progress.cancelled:
                msg = "the export was cancelled; no output was written"
                raise Cancelled(msg)
            pair = self._pair(tile.window)
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
        return PairsReport(output, **vars(self.counts), warnings=warnings)

    def _is_wanted(self, window: Window) -> bool:
        near = self.aoi is None or self.aoi.meets(window)
        return near and bool(len(self._at(window)))

    def _at(self, window: Window) -> Any:  # noqa: ANN401 - an array of row numbers
        left, bottom, right, top = self.stack.grid.subgrid(window).bounds
        return self.tree.query(shapely.box(left, bottom, right, top), predicate="intersects")

    def _pair(self, window: Window) -> ReferringPair | None:
        known = self._known(window)
        if not known:
            return None
        patch = self.stack.read(window)
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
            rows.setdefault(self.reviewed.texts[row], []).append(row)
        known = {}
        for text, of_text in rows.items():
            states = {row: self.reviewed.states[row] for row in of_text}
            if set(states.values()) <= set(_REVIEWED):
                known[text] = [self.reviewed.shapes[r] for r in of_text if states[r] in _TRUE]
            else:
                self.counts.unreviewed += 1
        return known


def _as_pair(patch: Patch, samples: dict[str, BoolArray]) -> ReferringPair:
    before, after = (np.ascontiguousarray(date.transpose(1, 2, 0)) for date in patch.image)
    name = f"r{patch.window.row:06d}_c{patch.window.col:06d}"
    return ReferringPair(name, before, after, tuple(samples), np.stack(list(samples.values())))
