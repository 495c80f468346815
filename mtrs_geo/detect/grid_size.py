"""Check the grid of a run: its size against computer and disk, its pixels against the model."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mtrs_geo.errors import GridError, OutputError
from mtrs_geo.grid import Grid
from mtrs_geo.io.alignment import own_pixel_sizes_m, unit_of
from mtrs_geo.io.source import Source
from mtrs_geo.models import ModelInfo

__all__ = ["ProbabilityFile", "check_grid_size", "pixel_size_warnings"]

_MOST_PIXELS = 10**12
"""A square of 500 km at 0.5 m."""
_SMALLEST_SHARE = 1 / 20
"""Compressed size of a probability raster with little change, as a share of its pixels."""
_COPIES = 2
"""The rows of a raster and the COG made from them are on the disk at the same time."""
_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB", "EB", "ZB")


@dataclass(frozen=True)
class ProbabilityFile:
    """A probability raster that a run will write."""

    path: Path
    bands: int


def check_grid_size(grid: Grid, probability: ProbabilityFile | None) -> str | None:
    """Return a warning if a full disk is possible; refuse what cannot succeed.

    Args:
        grid: grid of the run.
        probability: the file with the probabilities; None if there is none.

    Raises:
        GridError: if the grid has more than 10¹² pixels.
        OutputError: if the disk is too small for the probabilities.
    """
    rows, cols = grid.shape
    bands = 1 if probability is None else probability.bands
    needed = rows * cols * bands * _COPIES
    size = f"The grid of the run has {cols:,} × {rows:,} pixels"
    advice = "Give an area of interest, or a coarser --resolution."
    if rows * cols > _MOST_PIXELS:
        msg = (
            f"{size}, more than {_MOST_PIXELS:,}; probabilities would take up to "
            f"{_human(needed)} of disk."
        )
        raise GridError(msg, advice=f"{advice} Check the georeference of the rasters.")
    if probability is None:
        return None
    folder = probability.path.absolute().parent
    free = shutil.disk_usage(folder).free
    if needed <= free:
        return None
    msg = (
        f"{size}: the probabilities of {bands} bands take {_human(needed * _SMALLEST_SHARE)} to "
        f"{_human(needed)} of disk while they are written, and {folder} has {_human(free)} free."
    )
    if needed * _SMALLEST_SHARE > free:
        raise OutputError(msg, advice=f"Free some space, or leave out --probability. {advice}")
    return msg


def _human(count: float) -> str:
    power = 0
    while count >= 1000 and power < len(_UNITS) - 1:
        count, power = count / 1000, power + 1
    return f"{count:.3g} {_UNITS[power]}"


def pixel_size_warnings(grid: Grid, info: ModelInfo, sources: Sequence[Source] = ()) -> list[str]:
    """Return warnings if pixel sizes are outside the model's range.

    Args:
        grid: grid of the run.
        info: of the model.
        sources: the dates; their own pixels are compared too, unless they are those of the grid
            or smaller, as the run averages these.
    """
    warnings = _grid_warnings(grid, info)
    high, gsd_m = info.gsd_range_m[1], max(grid.pixel_size_m())
    coarse = [
        f"{source.name} ({own_m:.3g} m)"
        for source, own_m in zip(sources, own_pixel_sizes_m(sources, grid), strict=True)
        if own_m > max(high, gsd_m)
    ]
    if not coarse:
        return warnings
    return [
        *warnings,
        f"the pixel size of {', '.join(coarse)} is outside the range of {info.name} "
        f"({info.gsd_range_m[0]} to {high} m); the run compares pixels of {gsd_m:.3g} m, which add "
        "no detail. Small objects are missed, and what only a finer date shows is found as "
        "a change. Give rasters of finer pixels.",
    ]


def _grid_warnings(grid: Grid, info: ModelInfo) -> list[str]:
    low, high = info.gsd_range_m
    gsd_m = max(grid.pixel_size_m())
    if low <= gsd_m <= high:
        return []
    transform, crs = grid.transform, grid.crs
    pixel = max(abs(transform.a), abs(transform.e))
    advice = f"--resolution {pixel * info.native_gsd_m / gsd_m:.3g}"
    if unit_of(crs) != "metres":
        advice += f" (in {unit_of(crs)}, {info.native_gsd_m} m on the ground)"
    effect = (
        f"{advice} resamples the rasters."
        if gsd_m < low
        else f"Small objects are missed. {advice} enlarges them but adds no detail."
    )
    return [
        f"the pixel size of {gsd_m:.3g} m is outside the range of {info.name} ({low} to "
        f"{high} m). {effect}"
    ]
