"""Plan the jobs for one area over many overlapping scenes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from affine import Affine
from pyproj import CRS

from mtrs_geo.antimeridian import split_at_antimeridian
from mtrs_geo.batch.footprint import footprint
from mtrs_geo.batch.job import Job, fit_for_file
from mtrs_geo.detect.open_progress import ProgressLike, open_progress
from mtrs_geo.errors import GridError, MTRSGeoError, RequestError
from mtrs_geo.grid import Grid
from mtrs_geo.io.aoi import load_aoi
from mtrs_geo.io.inputs.dates import DateLike, iso_dates
from mtrs_geo.io.source import describe, open_raster
from mtrs_geo.progress import Progress, Silent
from mtrs_geo.types import StrPath

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = ["SceneFile", "plan_jobs", "read_scenes"]

_WGS84 = "EPSG:4326"
_SUFFIXES = (".tif", ".tiff", ".vrt", ".jp2", ".img")
_SMALLEST_SHARE = 1e-6
"""Pieces of the area below this share are left out: they are slivers between footprints."""
_MOST_NAMED = 5
"""Scenes that a message names."""
_LEAST_UNCOVERED = 1e-3
"""Share of the area without a pair of scenes that is worth a warning."""


@dataclass(frozen=True)
class SceneFile:
    """A raster, its date and its footprint."""

    path: Path
    date: str
    """ISO date, month or year."""
    footprint: BaseGeometry
    """In WGS 84."""


def plan_jobs(
    area: Any,  # noqa: ANN401 - any kind of area
    before_dir: StrPath,
    after_dir: StrPath,
    *,
    before_dates: Sequence[DateLike] | None = None,
    after_dates: Sequence[DateLike] | None = None,
    progress: ProgressLike = None,
) -> list[Job]:
    """Return jobs that cover an area, each place once.

    Where scenes overlap, the newest of each folder within its dates counts.  Rasters that are no
    scene with a date are left out, and a place without a pair of scenes has no job.

    Args:
        area: see `mtrs_geo.io.aoi.load_aoi`; a path or geometry in WGS 84 or with a CRS.
        before_dir: folder of the earlier scenes.
        after_dir: folder of the later scenes.
        before_dates: first and last date of the earlier scenes; None takes all.
        after_dates: the same for the later scenes.
        progress: as in `mtrs_geo.detect_changes`; it gets warnings about rasters that are left
            out, and about the share of the area that has no pair of scenes.

    Raises:
        RequestError: if a folder has no scene within the dates, or dates are not two dates.
        GridError: if no pair of scenes covers a part of the area.
    """
    import geopandas

    whole = _in_wgs84(area)
    jobs: list[Job] = []
    covered = 0.0
    with open_progress(progress) as events:
        earlier = read_scenes(before_dir, before_dates, events)
        later = read_scenes(after_dir, after_dates, events)
        for late, early, piece in _pieces(whole, later, earlier):
            covered += piece.area
            frame = geopandas.GeoDataFrame(geometry=[piece], crs=_WGS84)
            name = f"{len(jobs) + 1:04d}_{early.path.stem}_{late.path.stem}"
            options = {"aoi": frame.__geo_interface__, "dates": (early.date, late.date)}
            jobs.append(Job(fit_for_file(name), str(early.path), str(late.path), (), options))
        if not jobs:
            msg = "no pair of scenes covers a part of the area."
            raise GridError(msg, advice="Check the folders, the dates and the area's CRS.")
        uncovered = 1 - covered / whole.area
        if uncovered > _LEAST_UNCOVERED:
            events.log(f"warning: no pair of scenes covers {uncovered:.1%} of the area")
    return jobs


def _pieces(
    area: BaseGeometry, later: Sequence[SceneFile], earlier: Sequence[SceneFile]
) -> Iterator[tuple[SceneFile, SceneFile, BaseGeometry]]:
    """Yield pairs of scenes, the first ones first, and the part of an area that is theirs."""
    import shapely

    tree = shapely.STRtree([scene.footprint for scene in earlier])
    left = area
    for late in later:
        own = left & late.footprint
        pieces = []
        for early in (earlier[i] for i in sorted(tree.query(own))):
            piece = _polygons(own & early.footprint)
            if piece.area <= _SMALLEST_SHARE * area.area:
                continue
            own = own - piece
            pieces.append(piece)
            yield late, early, piece
        if pieces:
            left = left - shapely.union_all(pieces)


def read_scenes(
    folder: StrPath,
    dates: Sequence[DateLike] | None = None,
    progress: Progress | None = None,
) -> list[SceneFile]:
    """Return the rasters of a folder with a date, newest first.

    Args:
        folder: folder of rasters; subfolders are not read.
        dates: first and last date; a year or month stands for all of its days.
        progress: gets a warning about rasters that are left out.

    Raises:
        RequestError: if there is no such folder, no raster within the dates, or the dates are not
            two dates.
    """
    period = _period(dates)
    if not Path(folder).is_dir():
        msg = f"{folder} is not a folder of scenes: it does not exist, or it is a file."
        raise RequestError(msg, advice="Give a folder of rasters.")
    found, skipped = [], []
    for path in sorted(Path(folder).glob("*")):
        if path.suffix.lower() not in _SUFFIXES:
            continue
        try:
            scene = _scene(path)
        except MTRSGeoError as error:
            skipped.append(f"{path.name} ({error.message})")
            continue
        if scene is None:
            skipped.append(f"{path.name} (no date)")
        elif period is None or _is_within(scene.date, period):
            found.append(scene)
    named = ", ".join(skipped[:_MOST_NAMED])
    if not found:
        text = "" if period is None else f" from {period[0]} to {period[1]}"
        msg = f"{folder} has no scene with a date{text}."
        raise RequestError(msg, advice=f"Left out: {named}." if skipped else "Check the folder.")
    if skipped:
        events = progress or Silent()
        events.log(f"warning: {len(skipped)} of the rasters of {folder} are left out: {named}")
    return sorted(found, key=lambda scene: (scene.date, scene.path.name), reverse=True)


def _scene(path: Path) -> SceneFile | None:
    with open_raster(path) as dataset:
        source = describe(dataset, None, None)
    if source.date is None:
        return None
    return SceneFile(path, source.date.iso, footprint(source.shape, source.transform, source.crs))


def _period(dates: Sequence[DateLike] | None) -> tuple[str, str] | None:
    """Return the first and the last date of a period as ISO texts."""
    if dates is None:
        return None
    first, last, *more = [*iso_dates(dates), None, None]
    if first is None or last is None or len(more) > 2:
        msg = f"the period {dates!r} is not a first and a last date."
        raise RequestError(msg, advice="Give two, for example ('2015', '2016-06').")
    return first, last


def _is_within(date: str, dates: tuple[str, str]) -> bool:
    """Return whether a date, month or year overlaps a period."""
    first, last = dates
    return date[: len(last)] <= last and first[: len(date)] <= date


def _in_wgs84(area: Any) -> BaseGeometry:  # noqa: ANN401 - any kind of area
    """Return the polygons of an area in WGS 84."""
    import shapely

    world = Grid(CRS(_WGS84), Affine(1, 0, -180, 0, -1, 90), (180, 360))
    # `load_aoi` repeats an area near the meridian on its other side.
    parts = split_at_antimeridian(np.asarray(load_aoi(area, world).parts, object))
    return shapely.union_all(parts)


def _polygons(shape: BaseGeometry) -> BaseGeometry:
    """Return the polygons of a shape that may have lines and points."""
    import shapely

    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return shapely.union_all(parts)
