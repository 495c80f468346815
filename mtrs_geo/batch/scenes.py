"""Plan the jobs for one area over many overlapping scenes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from affine import Affine
from pyproj import CRS

from mtrs_geo.batch.footprint import footprint
from mtrs_geo.batch.job import Job, fit_for_file
from mtrs_geo.errors import GridError, MTRSGeoError, RequestError
from mtrs_geo.grid import Grid
from mtrs_geo.io.aoi import load_aoi
from mtrs_geo.io.source import describe, open_raster
from mtrs_geo.types import StrPath

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = ["SceneFile", "plan_jobs", "read_scenes"]

_WGS84 = "EPSG:4326"
_SUFFIXES = (".tif", ".tiff", ".vrt", ".jp2", ".img")
_SMALLEST_SHARE = 1e-6
"""Pieces of the area below this share are left out: they are slivers between footprints."""


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
    before_dates: tuple[str, str] | None = None,
    after_dates: tuple[str, str] | None = None,
) -> list[Job]:
    """Return jobs that cover an area, each place once.

    Where scenes overlap, the newest of each folder within its dates counts.

    Args:
        area: see `mtrs_geo.io.aoi.load_aoi`; a path or geometry in WGS 84 or with a CRS.
        before_dir: folder of the earlier scenes.
        after_dir: folder of the later scenes.
        before_dates: first and last date of the earlier scenes, as ISO texts; None takes all.
        after_dates: the same for the later scenes.

    Raises:
        RequestError: if a folder has no scene within the dates.
        GridError: if no pair of scenes covers a part of the area.
    """
    import geopandas

    whole = _in_wgs84(area)
    jobs: list[Job] = []
    left = whole
    for late in read_scenes(after_dir, after_dates):
        for early in read_scenes(before_dir, before_dates):
            piece = _polygons(left & late.footprint & early.footprint)
            if piece.area <= _SMALLEST_SHARE * whole.area:
                continue
            left = left - piece
            frame = geopandas.GeoDataFrame(geometry=[piece], crs=_WGS84)
            name = f"{len(jobs) + 1:04d}_{early.path.stem}_{late.path.stem}"
            options = {"aoi": frame.__geo_interface__, "dates": (early.date, late.date)}
            jobs.append(Job(fit_for_file(name), str(early.path), str(late.path), (), options))
    if not jobs:
        msg = "no pair of scenes covers a part of the area."
        raise GridError(msg, advice="Check the folders, the dates and the area's CRS.")
    return jobs


def read_scenes(folder: StrPath, dates: tuple[str, str] | None = None) -> list[SceneFile]:
    """Return the rasters of a folder with a date, newest first.

    Args:
        folder: folder of rasters; subfolders are not read.
        dates: first and last date, as ISO texts; a year or month stands for all of its days.

    Raises:
        RequestError: if there is no such folder, or no raster within the dates.
    """
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
        elif dates is None or _is_within(scene.date, dates):
            found.append(scene)
    if not found:
        period = "" if dates is None else f" from {dates[0]} to {dates[1]}"
        msg = f"{folder} has no scene with a date{period}."
        advice = f"Left out: {', '.join(skipped[:5])}." if skipped else "Check the folder."
        raise RequestError(msg, advice=advice)
    return sorted(found, key=lambda scene: (scene.date, scene.path.name), reverse=True)


def _scene(path: Path) -> SceneFile | None:
    with open_raster(path) as dataset:
        source = describe(dataset, None, None)
    if source.date is None:
        return None
    return SceneFile(path, source.date.iso, footprint(source.shape, source.transform, source.crs))


def _is_within(date: str, dates: tuple[str, str]) -> bool:
    """Return whether a date, month or year overlaps a period."""
    first, last = dates
    return date[: len(last)] <= last and first[: len(date)] <= date


def _in_wgs84(area: Any) -> BaseGeometry:  # noqa: ANN401 - any kind of area
    """Return the polygons of an area in WGS 84."""
    import shapely

    world = Grid(CRS(_WGS84), Affine(1, 0, -180, 0, -1, 90), (180, 360))
    return shapely.union_all(load_aoi(area, world).parts)


def _polygons(shape: BaseGeometry) -> BaseGeometry:
    """Return the polygons of a shape that may have lines and points."""
    import shapely

    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return shapely.union_all(parts)
