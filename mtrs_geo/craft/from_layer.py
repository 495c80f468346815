"""A layer of polygons over two rasters as a project: its sentences and masks as proposals."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from PIL import Image

from mtrs_geo.craft.project import ChangeType, Origin, Project
from mtrs_geo.craft.project.items import (
    NewItem,
    NewRound,
    add_item,
    add_round,
    set_doubt,
    set_state,
    store_mask,
)
from mtrs_geo.craft.project.pairs import NewPair, add_pair
from mtrs_geo.errors import Cancelled, OutputError, RequestError, VectorError
from mtrs_geo.grid import Window
from mtrs_geo.io.aoi import AreaLike, AreaOfInterest, load_aoi
from mtrs_geo.io.inputs.kinds import RasterLike
from mtrs_geo.io.masks import rasterize, reproject_polygons
from mtrs_geo.io.raster import gdal_session
from mtrs_geo.io.stack import RasterStack, StackOptions, StackWindow, open_stack
from mtrs_geo.io.vector import read_vector
from mtrs_geo.outputs import staged_folder
from mtrs_geo.pairs.export import (
    MIN_TARGET_PX,
    SMALL_ADVICE,
    check_tile_px,
    count_outside,
    cut_tiles,
)
from mtrs_geo.pairs.labels import Labels, read_labels, review_states
from mtrs_geo.progress import Progress, Silent
from mtrs_geo.query import ChangeQuery
from mtrs_geo.types import BoolArray, StrPath

if TYPE_CHECKING:
    import geopandas

__all__ = ["LayerProject", "images_folder", "project_from_layer"]

_SCORE = "score"
_TYPES: dict[str, ChangeType] = {"appeared": "appear", "disappeared": "disappear"}


@dataclass(frozen=True)
class LayerProject:
    """Counts of a project that was made from a layer."""

    output: Path
    pairs: int
    items: int
    warnings: tuple[str, ...]


def images_folder(project: Path) -> Path:
    """Return the folder of the images that `project_from_layer` writes beside a project."""
    return project.with_name(f"{project.stem}_images")


def project_from_layer(
    rasters: Sequence[RasterLike],
    polygons: StrPath,
    output: StrPath,
    *,
    layer: str | None = None,
    tile_px: int = 512,
    aoi: AreaLike | None = None,
    options: StackOptions | None = None,
    progress: Progress | None = None,
) -> LayerProject:
    """Write a project whose items wait for people: one per sentence and tile.

    The mask of an item holds all polygons of its sentence in the tile, without those that a
    review has rejected.  Both dates are written as PNG images on one grid, because the rasters
    may differ in CRS and grid.

    Args:
        rasters: the earlier and the later raster, of any kind that `detect_changes` takes.
        polygons: vector file with a sentence in every row, in any CRS.
        output: project file to create.
        layer: name of the layer; the first by default.
        tile_px: smallest side of a tile; tiles do not overlap.
        aoi: area whose polygons are taken; the overlap of the rasters by default.
        options: grid of the run.
        progress: receives one step per tile.

    Raises:
        VectorError: if the layer has no column of sentences, or no polygon is on the rasters and
            large enough.
        RequestError: if ``tile_px`` is out of range.
        RasterError: if a raster cannot be read; GridError: if the rasters do not overlap.
        OutputError: if the project exists or cannot be written.
        Cancelled: if ``progress`` requests a stop; nothing is kept.
    """
    output = Path(output)
    _check(rasters, output)
    check_tile_px(tile_px)
    with ExitStack() as exit_stack:
        exit_stack.enter_context(gdal_session())
        stack = exit_stack.enter_context(open_stack(rasters, options or StackOptions()))
        table = read_vector(polygons, layer)
        frame = reproject_polygons(table, stack.grid, str(polygons))
        labels, scores = _labels(frame, str(polygons))
        outside = count_outside(labels, table, stack.grid, str(polygons))
        area = None if aoi is None else load_aoi(aoi, stack.grid)
        writer = _Writer(stack, labels, scores, Origin("labels", Path(polygons).name), area)
        tiles = writer.tiles(tile_px)
        if not tiles:
            msg = f"no polygon of {polygons} is on both rasters."
            raise VectorError(msg, advice="Check that the layer and the rasters show one place.")
        folder = exit_stack.enter_context(staged_folder(images_folder(output), overwrite=False))
        found = writer.read(tiles, folder, progress or Silent())
        if not found:
            msg = f"each polygon of {polygons} covers fewer than {MIN_TARGET_PX} pixels with data."
            raise VectorError(msg, advice=SMALL_ADVICE)
    try:
        with Project.create(output) as project:
            items = writer.store(project, found, images_folder(output))
    except BaseException:
        output.unlink(missing_ok=True)
        shutil.rmtree(images_folder(output), ignore_errors=True)
        raise
    warnings = [*stack.warnings, *labels.warnings]
    if outside:
        warnings.append(f"{outside} polygons are outside of the overlap of both rasters.")
    return LayerProject(output, len(found), items, tuple(warnings))


def _check(rasters: Sequence[RasterLike], output: Path) -> None:
    if len(rasters) != 2:
        msg = f"a project from a layer has two dates, not {len(rasters)}."
        raise RequestError(msg, advice="Give the earlier and the later raster.")
    if output.exists():
        msg = f"{output} exists."
        raise OutputError(msg, advice="Choose another name for the project.")


def _labels(frame: geopandas.GeoDataFrame, name: str) -> tuple[Labels, dict[str, float]]:
    """Return the polygons that no review has rejected, and the mean score of each sentence."""
    if (states := review_states(frame)) is not None:
        reviews = [column for column in frame.columns if str(column).lower() == "review"]
        is_kept = [state != "rejected" for state in states]
        frame = frame[is_kept].drop(columns=reviews).reset_index(drop=True)
    labels = read_labels(frame, name)
    scores: dict[str, float] = {}
    if _SCORE in frame.columns and "query" in frame.columns:
        means = frame.groupby("query")[_SCORE].mean().dropna()
        scores = {str(text): float(score) for text, score in means.items()}
    return labels, scores


@dataclass(frozen=True)
class _Tile:
    """One pair and its masks, by sentence."""

    name: str
    pixels: StackWindow
    masks: dict[str, BoolArray]
    georeference: dict[str, Any]


class _Writer:
    def __init__(
        self,
        stack: RasterStack,
        labels: Labels,
        scores: dict[str, float],
        origin: Origin,
        area: AreaOfInterest | None,
    ) -> None:
        self.stack, self.labels, self.scores, self.origin = stack, labels, scores, origin
        self.area = area
        self.tree = shapely.STRtree(labels.shapes)

    def tiles(self, tile_px: int) -> list[Window]:
        """Return the windows that polygons intersect."""
        windows = cut_tiles(self.stack.grid.window, tile_px)
        return [
            window
            for window in windows
            if len(self._rows_in(window)) and (self.area is None or self.area.intersects(window))
        ]

    def read(self, windows: Sequence[Window], folder: Path, progress: Progress) -> list[_Tile]:
        """Write both dates of every window as PNG images and return the masks."""
        progress.start(len(windows), "tiles")
        found = []
        for window in windows:
            if progress.cancelled:
                msg = "the project was cancelled; nothing was written."
                raise Cancelled(msg)
            tile = self._tile(window)
            if tile.masks:
                for date, image in zip("AB", tile.pixels.image, strict=True):
                    path = folder / date / f"{tile.name}.png"
                    path.parent.mkdir(exist_ok=True)
                    Image.fromarray(np.ascontiguousarray(image.transpose(1, 2, 0))).save(path)
                found.append(tile)
            progress.advance()
        return found

    def store(self, project: Project, tiles: Sequence[_Tile], images: Path) -> int:
        """Add pairs and items to an empty project and return the number of items."""
        count = 0
        with project.transaction():
            for tile in tiles:
                rows, cols = tile.pixels.valid.shape
                before, after = (images / date / f"{tile.name}.png" for date in "AB")
                new = NewPair(
                    tile.name, before, after, rows, cols,
                    source=self.origin.name, georeference=tile.georeference,
                )  # fmt: skip
                pair = add_pair(project, new)
                for text, mask in tile.masks.items():
                    self._store_item(project, pair, text, mask)
                    count += 1
        return count

    def _store_item(self, project: Project, pair: int, text: str, mask: BoolArray) -> None:
        query = ChangeQuery.parse(text)
        kind = _TYPES.get(query.direction or "", "state")
        item = add_item(project, NewItem(pair, text, kind, query.prompt))
        stored = store_mask(project, mask, self.origin)
        note = f"polygons of {self.origin.name}"
        add_round(project, item, NewRound("layer", text, self.origin, stored, note))
        set_doubt(project, item, 1 - self.scores.get(text, 0.0))
        set_state(project, item, "ready")

    def _tile(self, window: Window) -> _Tile:
        shapes: dict[str, list[Any]] = {}
        for row in sorted(self._rows_in(window).tolist()):
            shapes.setdefault(self.labels.texts[row], []).append(self.labels.shapes[row])
        pixels = self.stack.read(window)
        grid = self.stack.grid.subgrid(window)
        valid = pixels.valid if self.area is None else pixels.valid & self.area.mask(window)
        masks = {
            text: rasterize(of_text, self.stack.grid, window) & valid
            for text, of_text in shapes.items()
        }
        masks = {text: mask for text, mask in masks.items() if mask.sum() >= MIN_TARGET_PX}
        georeference = {"crs": grid.crs.to_wkt(), "transform": list(grid.transform)[:6]}
        return _Tile(f"r{window.row:06d}_c{window.col:06d}", pixels, masks, georeference)

    def _rows_in(self, window: Window) -> Any:  # noqa: ANN401 - an array of row numbers
        bounds = self.stack.grid.subgrid(window).bounds
        return self.tree.query(shapely.box(*bounds), predicate="intersects")
