"""Add pairs to a project, large ones as tiles: each tile is a pair of its own."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise, product

from mtrs_geo.craft.project import Project
from mtrs_geo.craft.project.images import Box
from mtrs_geo.craft.project.pairs import NewPair, add_pair
from mtrs_geo.progress import Progress, Silent
from mtrs_geo.types import Shape

__all__ = ["add_pairs", "plan_windows", "tiles_of"]


def add_pairs(
    project: Project,
    pairs: Iterable[NewPair],
    *,
    tile_px: int | None = None,
    progress: Progress | None = None,
) -> int:
    """Add pairs that the project does not have yet, all or none; return how many there were.

    Args:
        project: the project.
        pairs: what an importer found.
        tile_px: longest side of a pair in pixels; larger ones are added as tiles.
        progress: receives one step per pair.

    Raises:
        RasterError: if an image cannot be read, or two pairs have one name.
    """
    progress = progress or Silent()
    with project.transaction():
        found = [tile for pair in pairs for tile in tiles_of(pair, tile_px)]
        progress.start(len(found), "pairs")
        for pair in found:
            add_pair(project, pair)
            progress.advance()
    return len(found)


def tiles_of(pair: NewPair, tile_px: int | None) -> Iterator[NewPair]:
    """Return a pair, or its tiles if a side is longer than ``tile_px``; all have one place."""
    windows = plan_windows((pair.rows, pair.cols), tile_px) if tile_px else []
    if len(windows) < 2:
        yield pair
        return
    for top, left, bottom, right in windows:
        yield replace(
            pair,
            name=f"{pair.name}_r{top}_c{left}",
            rows=bottom - top,
            cols=right - left,
            place=pair.place or pair.name,
            georeference=_shifted(pair, top, left),
            window=(top, left, bottom, right),
        )


def plan_windows(shape: Shape, tile_px: int) -> list[Box]:
    """Return windows of about equal size that cover an image once, none longer than a tile."""
    edges = []
    for side in shape:
        count = math.ceil(side / tile_px)
        edges.append([round(i * side / count) for i in range(count + 1)])
    rows, cols = (list(pairwise(along)) for along in edges)
    return [(top, left, bottom, right) for (top, bottom), (left, right) in product(rows, cols)]


def _shifted(pair: NewPair, row: int, col: int) -> dict[str, object] | None:
    if pair.georeference is None:
        return None
    from affine import Affine

    moved = Affine(*pair.georeference["transform"]) * Affine.translation(col, row)
    return {**pair.georeference, "transform": list(moved)[:6]}
