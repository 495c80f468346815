"""The files of a batch: names that it takes itself, earlier ones that go, damaged ones."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeGuard

from mtrs_geo.batch.dataset import LAYER
from mtrs_geo.batch.entries import FAILURES
from mtrs_geo.batch.job import Job
from mtrs_geo.batch.manifest import Manifest
from mtrs_geo.batch.result import BatchOptions
from mtrs_geo.errors import MTRSGeoError, OutputError, RequestError
from mtrs_geo.io.formats.shapefile import lost_parts
from mtrs_geo.io.inputs.input_files import named_files
from mtrs_geo.io.inputs.kinds import expand_tiles, source_names
from mtrs_geo.io.vector import read_vector
from mtrs_geo.outputs import (
    OVERWRITE_ADVICE,
    all_files,
    count_decisions,
    existing_files,
    file_keys,
    refuse_reviewed,
)
from mtrs_geo.outputs.side_files import sidecars
from mtrs_geo.types import StrPath

__all__ = [
    "OWN_FILES",
    "check_inputs",
    "check_joinable",
    "check_names",
    "check_reviewed",
    "is_whole",
    "job_files",
    "joined_files",
    "joined_names",
    "raster_names",
    "remove_stale",
    "sizes",
]

OWN_FILES = ("output", "probability", "preview")
"""Names of a job's files in its entry."""


def joined_names(options: BatchOptions) -> dict[str, str]:
    """Return the names of the files and folders that jobs are joined to, by kind."""
    dataset = {"gpkg": "changes.gpkg", "fgb": "changes.fgb"}.get(options.dataset or "", "changes")
    asked = {
        "dataset": options.dataset and dataset,
        "pmtiles": options.pmtiles and "changes.pmtiles",
        "stac": options.stac and "stac",
    }
    return {kind: name for kind, name in asked.items() if name}


def check_joinable(options: BatchOptions) -> None:
    """Refuse files of jobs that cannot be joined, before a job runs.

    Args:
        options: of the batch.

    Raises:
        RequestError: if they are CSV, which names no CRS and may have no polygons.
    """
    asked = {"--dataset": options.dataset is not None, "--pmtiles": options.pmtiles}
    names = " and ".join(name for name, is_asked in asked.items() if is_asked)
    if names and options.format.lower() == "csv":
        msg = f"{names} cannot join CSV files: they name no CRS, and may have no polygons."
        advice = f"Choose another format, such as gpkg, or leave {names} out."
        raise RequestError(msg, advice=advice)


def check_names(folder: Path, jobs: Sequence[Job], options: BatchOptions) -> None:
    """Refuse jobs and folders whose files the batch would replace with its own.

    Args:
        folder: folder of the batch.
        jobs: all jobs.
        options: of the batch.

    Raises:
        RequestError: if a job is named like a file of all jobs.
        OutputError: if the folder has a file of that name that no batch wrote.
    """
    own = joined_names(options)
    reserved = {*own.values(), FAILURES}
    for job in jobs:
        if f"{job.id}.{options.format}".lower() in reserved:
            msg = f"the output of job {job.id!r} would be named like a file of the whole batch."
            raise RequestError(msg, advice="Give the job another id.")
    if options.overwrite:
        return
    for name in own.values():
        if (folder / name).exists() and name not in joined_files(folder):
            msg = f"{folder / name} exists, and no batch wrote it."
            raise OutputError(msg, advice=OVERWRITE_ADVICE)


def check_reviewed(folder: Path, jobs: Sequence[Job], options: BatchOptions) -> None:
    """Refuse to replace a joined file with review decisions that no file of a job has.

    Raises:
        OutputError: if there is one.
    """
    target = folder / joined_names(options).get("dataset", "")
    if not count_decisions(target):
        return
    kept = (folder / job_files(job, options)["output"] for job in jobs if options.resume)
    refuse_reviewed(target, held=sum(map(count_decisions, kept)))


def job_files(job: Job, options: BatchOptions) -> dict[str, str]:
    """Return the names of the files that a job is asked for, by their keys in its entry."""
    suffixes = {"output": options.format, "probability": "tif", "preview": "png"}
    wanted = ("output", *(key for key in ("probability", "preview") if getattr(options, key)))
    return {key: f"{job.id}.{suffixes[key]}" for key in wanted}


def check_inputs(folder: Path, jobs: Sequence[Job], options: BatchOptions, table: object) -> None:
    """Refuse a batch that would replace or remove a file that another of its jobs reads.

    A job may read what an earlier job of the batch writes.  That a job replaces its own inputs is
    refused when it runs, for it alone.

    Args:
        folder: folder of the batch.
        jobs: all jobs.
        options: of the batch.
        table: path of the table of jobs; of another kind it is no file.

    Raises:
        OutputError: if there is such a file.
    """
    going = list(_files_that_go(folder, jobs, options))
    if not going:
        return
    tables = file_keys([table] if _is_path(table) else [])
    readers: dict[object, list[int]] = {}
    keys_of = cache(_keys_of)  # many jobs can read one VRT, or one folder, of many tiles
    for i, job in enumerate(jobs):
        for key in {key for name in _inputs(job, options) for key in keys_of(name)}:
            readers.setdefault(key, []).append(i)
    for path, allowed in going:
        (key,) = file_keys([path])
        reader = next((i for i in readers.get(key, ()) if i not in allowed), None)
        if reader is None and key not in tables:
            continue
        what = "the table of the jobs" if reader is None else f"an input of job {jobs[reader].id!r}"
        msg = f"{path} is {what}, and this batch would replace it."
        raise OutputError(msg, advice="Write to another folder, or give the jobs other ids.")


def _files_that_go(
    folder: Path, jobs: Sequence[Job], options: BatchOptions
) -> Iterator[tuple[Path, range]]:
    """Yield each existing file that a batch replaces or removes, and which jobs may read it."""
    history = Manifest(folder).history() if options.overwrite else []
    old: dict[str, set[str]] = {}
    for entry in history:
        names = (str(entry[key]) for key in OWN_FILES if key in entry)
        old.setdefault(entry["id"], set()).update(names)
    for i, job in enumerate(jobs if options.overwrite else ()):
        new = set(job_files(job, options).values())
        for name in new | old.get(job.id, set()):
            later = len(jobs) if name in old.get(job.id, ()) else i + 1
            allowed = range(i, later) if name in new else range(0)
            yield from ((path, allowed) for path in existing_files(folder / name) if path.exists())
    for name in {*joined_names(options).values(), *(joined_files(folder) if history else ())}:
        place = folder / name
        found = place.rglob("*") if place.is_dir() else existing_files(place)
        yield from ((path, range(0)) for path in found if path.is_file())


def _inputs(job: Job, options: BatchOptions) -> list[str]:
    """Return the names of the rasters and layers that a job reads, also of patterns and folders."""
    chosen = {**options.options, **job.options}
    layers = [chosen.get("aoi"), *dict(chosen.get("references") or {}).values()]
    paths = [os.fspath(one) for one in (job.before, job.after, *layers) if _is_path(one)]
    others = [one for one in (job.before, job.after) if not _is_path(one)]
    return [*paths, *(name for one in others for name in raster_names(one))]


def _is_path(given: object) -> TypeGuard[StrPath]:
    return isinstance(given, str | os.PathLike)


def raster_names(raster: object) -> list[str]:
    """Return the names of the files that a raster of any kind is given by, also of its tiles."""
    with suppress(MTRSGeoError):  # the job itself says so
        return [name for one in expand_tiles([raster]) for name in source_names(one)]
    return []


def _keys_of(name: str) -> frozenset[object]:
    """Return what `file_keys` gives for the local files behind a name; no raster is opened."""
    names = raster_names(name)
    with suppress(MTRSGeoError):
        return file_keys(named_files(names))
    return frozenset()


def joined_files(folder: Path) -> dict[str, str]:
    """Return the files and folders that a batch joined its jobs to, kind by name."""
    found = {}
    if any(folder.glob("changes/*=*/*.parquet")) or _is_empty(folder / "changes"):
        found["changes"] = "dataset"
    for name in ("changes.gpkg", "changes.fgb"):
        if (folder / name).is_file() and _has_jobs(folder / name):
            found[name] = "dataset"
    if (folder / "changes.pmtiles").is_file():
        found["changes.pmtiles"] = "pmtiles"
    if _is_own_collection(folder / "stac") or _is_empty(folder / "stac"):
        found["stac"] = "stac"
    return found


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


def _has_jobs(path: Path) -> bool:
    """Return whether a layer has the column of jobs, or cannot be read, as after a full disk."""
    import pyogrio

    try:
        return "job" in pyogrio.read_info(path)["fields"]
    except (RuntimeError, ValueError):
        return True


def _is_own_collection(folder: Path) -> bool:
    try:
        text = (folder / "collection.json").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return "mtrs-geo" in text


def remove_stale(
    folder: Path, earlier: Iterable[str], kept: Iterable[str], log: Callable[[str], None]
) -> None:
    """Remove files and folders of an earlier batch that the new one did not write.

    A file with review decisions stays.

    Args:
        folder: folder of the batch.
        earlier: their names in the folder, from the manifest.
        kept: names that the new batch wrote.
        log: receives a message about each file that stays.
    """
    for name in set(earlier) - set(kept):
        path = folder / name
        # A manifest is a file of others: nothing outside of its folder is removed.
        if not path.resolve().is_relative_to(folder.resolve()) or path.name != name:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
            continue
        if count := count_decisions(path):
            log(f"{name} of the earlier batch is kept, as it holds review decisions: {count}")
            continue
        for file in (*sidecars(path), path):
            file.unlink(missing_ok=True)


def sizes(folder: Path, entry: Mapping[str, Any]) -> dict[str, int]:
    """Return the size in bytes of each file of a finished job, by its name in the entry.

    That of a shapefile is the sum of its files.
    """
    return {name: _size(folder / entry[name]) for name in OWN_FILES if name in entry}


def _size(path: Path) -> int:
    return sum(part.stat().st_size for part in all_files(path) if part.exists())


def is_whole(folder: Path, entry: Mapping[str, Any], names: Iterable[str]) -> bool:
    """Return whether files of a finished job exist and, where they changed, can be read.

    People edit the outputs of a batch, so that another size alone is no damage.

    Args:
        folder: folder of the batch.
        entry: of the job.
        names: keys of the files in the entry.

    Raises:
        OutputError: if a file can be read, but no longer has the layer of the polygons, or if a
            shapefile was edited and lacks one of its files.
    """
    known = entry.get("bytes", {})
    for name in names:
        path = folder / entry[name]
        if path.is_file() and _size(path) == known.get(name):
            continue
        if path.suffix.lower() == ".shp" and _is_to_be_made(path, entry):
            return False
        if not path.is_file() or not _is_readable(path):
            return False
    return True


def _is_to_be_made(path: Path, entry: Mapping[str, Any]) -> bool:
    """Return whether a shapefile lost a part; refuse one of which another part was edited."""
    lost = lost_parts(path)
    parts = [part for part in all_files(path) if part.exists() and part not in lost]
    finished = datetime.fromisoformat(str(entry["finished"])).timestamp() + 1  # whole seconds
    edited = [part.name for part in parts if part.stat().st_mtime > finished]
    if edited:  # some programs write no .cpg
        lost = [part for part in lost if part.suffix.lower() != ".cpg"]
    if lost and edited:
        names = ", ".join(part.name for part in lost)
        msg = f"{path} is damaged: {names} is lost or cut off, and {edited[0]} was edited."
        advice = f"Put {names} back, or move the files {path.stem}.* away: a new run makes them."
        raise OutputError(msg, advice=advice)
    return bool(lost)


def _is_readable(path: Path) -> bool:
    if path.suffix.lower() == ".png":
        from PIL import Image

        try:
            with Image.open(path) as image:
                image.load()
        except (OSError, SyntaxError, ValueError):
            return False
        return True
    if path.suffix.lower() == ".tif":
        import rasterio
        from rasterio.errors import RasterioError

        try:
            with rasterio.open(path) as raster:
                for _, window in raster.block_windows(1):
                    raster.read(1, window=window)
        except (RasterioError, OSError):
            return False
        return True
    if path.suffix.lower() == ".csv":
        return _is_table(path)
    try:
        read_vector(f"{path}|layername=changes" if path.suffix == ".gpkg" else path)
    except MTRSGeoError:
        _refuse_sound(path)
        return False
    return True


def _is_table(path: Path) -> bool:
    """Return whether a file is a table, with or without geometries."""
    import pyogrio

    try:
        pyogrio.read_dataframe(path)
    except (RuntimeError, ValueError):
        return False
    return True


def _refuse_sound(path: Path) -> None:
    """Refuse a file without the polygons that can be read: someone edited it, it is not damaged."""
    try:
        layers = _layers(path)
    except (RuntimeError, ValueError, OSError):  # also every error of pyogrio and pyarrow
        return
    if layers:
        msg = f"{path} has no polygons in a layer {LAYER!r}, but can be read: {', '.join(layers)}."
        advice = f"Put the polygons back into the layer {LAYER}, or move the file away."
        raise OutputError(msg, advice=advice)


def _layers(path: Path) -> list[str]:
    """Return the names of the layers of a file, with or without geometries, all of them read."""
    import pyogrio

    if path.suffix.lower() == ".parquet":
        import pyarrow.parquet

        pyarrow.parquet.read_table(path)
        return [path.stem]
    names = [str(name) for name, _ in pyogrio.list_layers(path)]
    for name in names:
        pyogrio.read_dataframe(path, layer=name)
    return names
