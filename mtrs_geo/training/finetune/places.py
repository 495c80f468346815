"""Hold out whole places: what shows the same ground is trained or held out, in all sources."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mtrs_geo.data.sampling.spatial_split import Origin, held_out_folds
from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.grid import Grid, Window
from mtrs_geo.types import UInt8Array

if TYPE_CHECKING:
    import shapely
    from pyproj import CRS, Transformer

__all__ = ["PlaceSplit", "SourcePairs", "split_by_place"]

_SAME_SHARE = 0.6
"""Tiles of two sources are one place if they share so much of the smaller one.  More than a half,
so that two grids that are shifted do not make all tiles one place."""
_TOUCHING_SHARE = 0.005
"""Tiles of two sources that share less of the smaller one only touch."""
_SAME_PIXELS = 0.99
"""Tiles at one place of a raster show the same ground if so many of their pixels are equal."""


@dataclass(frozen=True)
class SourcePairs:
    """The pairs of one layer or folder."""

    pairs: Sequence[ReferringPair]
    grid: Grid | None = None
    """Grid of the rasters that the pairs were cut from; None if it is not known."""


@dataclass(frozen=True)
class PlaceSplit:
    """Training pairs and held-out pairs, which have no ground in common."""

    training: list[ReferringPair]
    held_out: list[ReferringPair]
    left_out: int = 0
    """Number of pairs in neither: they show held-out ground in part."""


def split_by_place(sources: Sequence[SourcePairs]) -> PlaceSplit:
    """Hold out places so that as many sentences as possible have a target in training.

    Pairs are of one place if they have an image in common, or if tiles of two sources cover the
    same ground.  Tiles of a folder, whose raster is not known, do if their pixels are those of
    another source at the same rows and columns.  Nothing is held out if there are fewer than five
    places.
    """
    pairs = [pair for source in sources for pair in source.pairs]
    boxes, layers = _boxes(sources)
    numbers = [n for n, source in enumerate(sources) for _ in source.pairs]
    overlaps = [*_overlaps(boxes, numbers), *_equal_overlaps(pairs, boxes, numbers)]
    same = [(i, j) for i, j, share in overlaps if share > _SAME_SHARE]
    place = _united(len(pairs), [*same, *_sharing_an_image(pairs)])
    frames = _frames(sources, boxes, layers, place)
    splits = [
        _partition(pairs, place, {frames[n][i][0] for n, held in enumerate(fold) for i in held},
                   overlaps)
        for fold in held_out_folds([[origin for _, origin in frame] for frame in frames])
    ]  # fmt: skip
    return max(
        splits,
        key=lambda split: (len(_targets(split.training)), min(1, len(_targets(split.held_out)))),
        default=PlaceSplit(pairs, []),
    )


def _boxes(sources: Sequence[SourcePairs]) -> tuple[list[shapely.Polygon | None], list[int]]:
    """Return the ground of each pair in the CRS of the first grid, if it is known.

    Also a number per source: sources whose grounds touch share it.
    """
    import shapely

    boxes: list[shapely.Polygon | None] = []
    extents: list[Any] = []
    first = next((source.grid.crs for source in sources if source.grid is not None), None)
    for source in sources:
        found = [_box(pair, source.grid, first) for pair in source.pairs]
        boxes += found
        extents.append(shapely.union_all([box for box in found if box is not None]).envelope)
    links = [
        (i, j) for i in range(len(extents)) for j in range(i) if extents[i].intersects(extents[j])
    ]
    return boxes, _united(len(extents), links)


def _box(pair: ReferringPair, grid: Grid | None, crs: CRS | None) -> shapely.Polygon | None:
    """Return the ground of a pair in a CRS; None if it is not known."""
    import shapely
    from pyproj.exceptions import ProjError

    if grid is None or pair.origin is None or crs is None:
        return None
    bounds = grid.subgrid(Window(*pair.origin, *pair.after.shape[:2])).bounds
    if grid.crs != crs:
        try:
            bounds = _projection(grid.crs, crs).transform_bounds(*bounds)
        except ProjError:  # as from a local plane, which is nowhere on the globe
            return None
    return shapely.box(*bounds) if np.isfinite(bounds).all() else None


@lru_cache(maxsize=16)
def _projection(source: CRS, target: CRS) -> Transformer:
    from pyproj import Transformer

    return Transformer.from_crs(source, target, always_xy=True)


def _overlaps(
    boxes: Sequence[shapely.Polygon | None], sources: Sequence[int]
) -> list[tuple[int, int, float]]:
    """Return the pairs of tiles of two sources that overlap, with the share of the smaller one."""
    import shapely

    known = [i for i, box in enumerate(boxes) if box is not None]
    if len({sources[i] for i in known}) < 2:
        return []
    shapes = np.array([boxes[i] for i in known], dtype=object)
    found = []
    for a, b in shapely.STRtree(shapes).query(shapes, predicate="intersects").T:
        first, second = known[a], known[b]
        if sources[first] < sources[second]:
            common = shapely.intersection(shapes[a], shapes[b]).area
            share = common / min(shapes[a].area, shapes[b].area)
            if share > _TOUCHING_SHARE:
                found.append((first, second, float(share)))
    return found


def _equal_overlaps(
    pairs: Sequence[ReferringPair], boxes: Sequence[shapely.Polygon | None], sources: Sequence[int]
) -> Iterable[tuple[int, int, float]]:
    """Yield the same for tiles that have equal pixels, where the ground of one is not known."""
    import shapely

    windows = [_window(pair) for pair in pairs]
    known = [i for i, window in enumerate(windows) if window is not None]
    found = _overlaps(windows, sources) if any(boxes[i] is None for i in known) else []
    for i, j, share in found:
        if (boxes[i] is None or boxes[j] is None) and _have_equal_pixels(
            pairs[i], pairs[j], shapely.intersection(windows[i], windows[j])
        ):
            yield i, j, share


def _window(pair: ReferringPair) -> shapely.Polygon | None:
    """Return the window of a pair on its raster, in rows and columns; None if it is not known."""
    import shapely

    if pair.origin is None:
        return None
    (row, col), (rows, cols) = pair.origin, pair.after.shape[:2]
    return shapely.box(row, col, row + rows, col + cols)


def _have_equal_pixels(a: ReferringPair, b: ReferringPair, window: shapely.Polygon) -> bool:
    """Return whether two pairs have an image in common in a window, whatever its date.

    Pixels of value 0, as outside of an area, are not compared.
    """
    top, left, bottom, right = map(int, window.bounds)

    def images(pair: ReferringPair) -> list[UInt8Array]:
        row, col = pair.origin or (0, 0)
        part = slice(top - row, bottom - row), slice(left - col, right - col)
        return [pair.before[part], pair.after[part]]

    for one, other in product(images(a), images(b)):
        is_known = one.any(-1) & other.any(-1)
        values, others = one[is_known], other[is_known]
        if values.size and np.ptp(values) and (values == others).mean() > _SAME_PIXELS:
            return True
    return False


def _sharing_an_image(pairs: Sequence[ReferringPair]) -> Iterable[tuple[int, int]]:
    """Yield pairs that have an image in common, whatever its date."""
    users: dict[bytes, list[int]] = {}
    for number, pair in enumerate(pairs):
        for image in (pair.before, pair.after):
            if np.ptp(image):  # an image of one value, as without data, shows no place
                content = hashlib.blake2b(np.ascontiguousarray(image).tobytes()).digest()
                users.setdefault(content, []).append(number)
    for numbers in users.values():
        yield from pairwise(numbers)


def _frames(
    sources: Sequence[SourcePairs],
    boxes: Sequence[shapely.Polygon | None],
    layers: Sequence[int],
    place: Sequence[int],
) -> list[list[tuple[int, Origin | None]]]:
    """Return the places by frame of coordinates, each with its position.

    Layers of one ground have one frame, and each folder has its own.  A place with pairs in
    several frames is in the first of them, with known ground before others.
    """
    numbered = [(n, pair) for n, source in enumerate(sources) for pair in source.pairs]
    frames: dict[tuple[str, int], list[tuple[int, Origin | None]]] = {}
    known: set[int] = set()
    for is_located in (True, False):
        for (source, pair), box, number in zip(numbered, boxes, place, strict=True):
            if (box is not None) != is_located or number in known:
                continue
            known.add(number)
            if box is None:
                frames.setdefault(("source", source), []).append((number, pair.origin))
            else:
                left, _, _, top = box.bounds
                frames.setdefault(("ground", layers[source]), []).append((number, (-top, left)))
    return list(frames.values())


def _partition(
    pairs: Sequence[ReferringPair],
    place: Sequence[int],
    held_places: set[int],
    overlaps: Iterable[tuple[int, int, float]],
) -> PlaceSplit:
    is_held = [number in held_places for number in place]
    partly = {
        j if is_held[i] else i for i, j, _ in overlaps if is_held[i] != is_held[j]
    }  # they are not held, but show ground that is
    training = [p for i, p in enumerate(pairs) if not is_held[i] and i not in partly]
    return PlaceSplit(training, [p for i, p in enumerate(pairs) if is_held[i]], len(partly))


def _united(count: int, links: Iterable[tuple[int, int]]) -> list[int]:
    """Return a number for each of so many things; linked things have the same."""
    ends = np.array(list(links), dtype=int).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(count, count))
    return [int(n) for n in connected_components(graph, directed=False)[1]]


def _targets(pairs: Iterable[ReferringPair]) -> set[str]:
    return {
        text
        for pair in pairs
        for text, mask in zip(pair.expressions, pair.masks, strict=True)
        if mask.any()
    }
