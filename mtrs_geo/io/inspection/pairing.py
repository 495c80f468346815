"""Find what does not fit between rasters: order, overlap, local planes, one raster given twice."""

from __future__ import annotations

import filecmp
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window as RasterioWindow

from mtrs_geo.antimeridian import has_longitudes
from mtrs_geo.grid import Grid
from mtrs_geo.io.alignment import bounds_in
from mtrs_geo.io.paths import is_local_file
from mtrs_geo.io.source import Source, open_raster
from mtrs_geo.types import Bounds

__all__ = ["date_notes", "own_dates", "pair_warnings"]

_SLIVER = 0.1
"""Share of the smaller raster below which an overlap is reported."""
_HALF, _MANY = 0.5, 3
"""Share of what the other dates cover below which one date is reported, from so many dates on."""
_TURN = 360.0
"""Longitudes around the Earth, in degrees."""
_COMPARED, _COMPARED_PX = 3, 128
"""Windows per side of a raster, and pixels per side of a window, whose values are compared."""


def own_dates(sources: Sequence[Source], files: Sequence[str]) -> list[Source]:
    """Return the rasters, without a date if another was read from the same file.

    The file has the date of one of them at most: slices of a concatenated xarray object all name
    the first file.

    Args:
        sources: rasters, earliest first.
        files: the file whose date each raster in memory has; empty for others.
    """
    return [
        replace(source, date=None)
        if file and files.count(file) > 1 and source.date and source.date.origin != "option"
        else source
        for source, file in zip(sources, files, strict=True)
    ]


def pair_warnings(sources: Sequence[Source], grid: Grid) -> tuple[str, ...]:
    """Return messages about neighbouring dates that do not fit together.

    Args:
        sources: rasters, earliest first.
        grid: grid of the run: the extent that all rasters share.
    """
    return (
        *_repeated(sources),
        *_contradictions(sources),
        *_wrong_order(sources),
        *_same_dates(sources),
        *_local_planes(sources),
        *(
            _cut_by_turn(sources, grid)
            or _small_overlap(sources, grid)
            or _cut_by_one_date(sources, grid)
        ),
    )


def date_notes(sources: Sequence[Source]) -> tuple[str, ...]:
    """Return a message with the dates that were found and where."""
    found = [
        f"{source.name} is of {source.date.iso} ({source.date.text})"
        for source in sources
        if source.date is not None and source.date.origin != "option"
    ]
    return (f"dates: {', '.join(found)}.",) if found else ()


def _repeated(sources: Sequence[Source]) -> Iterator[str]:
    for earlier, later in pairwise(sources):
        if earlier.bands == later.bands and (  # one file can have the bands of several dates
            earlier.path == later.path
            or _has_same_tiles(earlier, later)
            or _is_copy(earlier, later)
        ):
            names = earlier.name if earlier.name == later.name else f"{earlier.name}, {later.name}"
            yield f"two dates are the same raster ({names}), so nothing can differ between them."


def _has_same_tiles(earlier: Source, later: Source) -> bool:
    if earlier.mosaic is None or later.mosaic is None:
        return False
    return earlier.mosaic.paths == later.mosaic.paths


def _is_copy(first: Source, second: Source) -> bool:
    """Return whether two files have the same bytes and the same pixels.

    Equal bytes are not enough: those of a VRT, MRF or ERS name the file that has the pixels, which
    can be beside each.
    """
    if first.shape != second.shape or not _has_same_bytes(first.path, second.path):
        return False
    windows = list(_spread_windows(first))
    with open_raster(first.path) as one, open_raster(second.path) as other:
        return all(
            _is_equal(*(_values(dataset, first.bands, window) for dataset in (one, other)))
            for window in windows
        )


def _has_same_bytes(first: str, second: str) -> bool:
    if not (is_local_file(first) and is_local_file(second)):
        return False
    try:
        same_size = Path(first).stat().st_size == Path(second).stat().st_size
        return os.path.samefile(first, second) or (
            same_size and filecmp.cmp(first, second, shallow=False)
        )
    except OSError:  # such as a raster in memory
        return False


def _spread_windows(source: Source) -> Iterator[RasterioWindow]:
    """Yield windows at the corners, the middles of the sides and the centre of a raster."""
    rows, cols = (min(side, _COMPARED_PX) for side in source.shape)
    for row in np.linspace(0, source.shape[0] - rows, _COMPARED, dtype=int).tolist():
        for col in np.linspace(0, source.shape[1] - cols, _COMPARED, dtype=int).tolist():
            yield RasterioWindow(col, row, cols, rows)


def _values(
    dataset: DatasetReader, bands: Sequence[int], window: RasterioWindow
) -> npt.NDArray[np.generic] | None:
    """Return the values of a window; None if they cannot be read, which the run will report."""
    try:
        values: npt.NDArray[np.generic] = dataset.read(list(bands), window=window)
    except RasterioError:
        return None
    return values


def _is_equal(
    first: npt.NDArray[np.generic] | None, second: npt.NDArray[np.generic] | None
) -> bool:
    if first is None or second is None:
        return first is second
    return first.tobytes() == second.tobytes()


def _wrong_order(sources: Sequence[Source]) -> Iterator[str]:
    for earlier, later in pairwise(sources):
        if earlier.date is None or later.date is None:
            continue
        if earlier.date.iso[: len(later.date.iso)] <= later.date.iso:
            continue
        if earlier.date.is_weak or later.date.is_weak:
            yield (
                f"{earlier.name} seems to be of {earlier.date.iso} ({earlier.date.text}) and "
                f"{later.name} of {later.date.iso} ({later.date.text}). A date of export does not "
                "tell which is earlier: check the order, and give the dates with --dates."
            )
        else:
            yield (
                f"{earlier.name} ({earlier.date.iso}) is later than {later.name} "
                f"({later.date.iso}): new objects will be reported as demolished. Swap them if "
                "that is not intended."
            )


def _contradictions(sources: Sequence[Source]) -> Iterator[str]:
    for source in sources:
        date = source.date
        if date is not None and date.contradicted:
            yield (
                f"{source.name} is of {date.iso} by its {date.text}, but of {date.contradicted} by "
                "its name. The tag counts: give the dates with --dates if it is wrong."
            )


def _same_dates(sources: Sequence[Source]) -> Iterator[str]:
    """Yield a message for neighbours of one date, which can be tiles of it."""
    for earlier, later in pairwise(sources):
        if earlier.date is None or later.date is None or earlier.date.iso != later.date.iso:
            continue
        is_known = not (earlier.date.is_weak or later.date.is_weak)
        if is_known and not any(_repeated([earlier, later])):
            yield (
                f"{earlier.name} and {later.name} are both of {later.date.iso}, and are compared "
                "as two dates. Tiles of one date are given as one folder, pattern or list; exact "
                "dates with --dates."
            )


def _local_planes(sources: Sequence[Source]) -> Iterator[str]:
    """Yield a message for neighbours in local CRS of other names.

    They count as one plane, as files of vectors and other programs do not keep the name.
    """
    for earlier, later in pairwise(sources):
        names = earlier.crs.name, later.crs.name
        if earlier.crs == later.crs and later.crs.geodetic_crs is None and names[0] != names[1]:
            yield (
                f"{earlier.name} is in the local CRS {names[0]!r}, {later.name} in {names[1]!r}. "
                "They are treated as one plane with one origin. If they are two, the results are "
                "wrong: georeference both in one CRS."
            )


def _cut_by_turn(sources: Sequence[Source], grid: Grid) -> list[str]:
    """Return a message if a raster of all longitudes begins at another one than the others.

    Its part beyond its own end is not read: of 0° to 360° and -180° to 180°, half is compared.
    """
    if not has_longitudes(grid.crs):
        return []
    boxes = [bounds_in(source, grid) for source in sources]
    pixel = abs(grid.transform.a)
    for i, (source, box) in enumerate(zip(sources, boxes, strict=True)):
        left, south, right, north = _shared(boxes[:i] + boxes[i + 1 :])
        compared = grid.bounds[2] - grid.bounds[0]
        if box[2] - box[0] > _TURN - 2 * pixel and right - left > compared + 2 * pixel:
            return [
                f"{source.name} covers all longitudes from {box[0]:g}° to {box[2]:g}°, and the "
                f"rest covers {left:g}° to {right:g}°: only {grid.bounds[0]:g}° to "
                f"{grid.bounds[2]:g}° is compared. To compare all of it, cut {source.name} "
                f"with `gdalwarp -te {left:g} {south:g} {right:g} {north:g}`."
            ]
    return []


def _cut_by_one_date(sources: Sequence[Source], grid: Grid) -> list[str]:
    """Return a message if one of three or more dates leaves little of what the others share."""
    if len(sources) < _MANY:
        return []
    boxes = [bounds_in(source, grid) for source in sources]
    others = [_area(_shared(boxes[:i] + boxes[i + 1 :])) for i in range(len(boxes))]
    i = int(np.argmax(others))
    share = _area(grid.bounds) / others[i]
    if share >= _HALF:
        return []
    return [
        f"{sources[i].name} covers only {share:.1%} of what the other {len(sources) - 1} dates "
        "share, and nothing else is compared. Leave it out if the rest matters."
    ]


def _shared(boxes: Sequence[Bounds]) -> Bounds:
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return max(lefts), max(bottoms), min(rights), min(tops)


def _small_overlap(sources: Sequence[Source], grid: Grid) -> list[str]:
    """Return a message if the dates share little of the smallest one."""
    shared = _area(grid.bounds)
    areas = [_area(bounds_in(source, grid)) for source in sources]
    share = shared / min(areas)
    if share < _SLIVER:
        rows, cols = grid.shape
        smaller = sources[areas.index(min(areas))]
        return [
            f"the rasters share only {share:.1%} of the smaller one, {smaller.name}: {cols} × "
            f"{rows} pixels. Nothing else is compared. Check that all show the same place."
        ]
    return []


def _area(bounds: Bounds) -> float:
    left, bottom, right, top = bounds
    return (right - left) * (top - bottom)
