"""Whether the files of the rasters of a job are still those of an earlier run."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from mtrs_geo.batch.files import raster_names
from mtrs_geo.batch.job import Job
from mtrs_geo.errors import MTRSGeoError, RasterError
from mtrs_geo.io.inputs.input_files import local_files
from mtrs_geo.io.paths import distinct_names, shared_names
from mtrs_geo.io.raster import gdal_session
from mtrs_geo.ledger import file_identity

__all__ = ["InputFacts"]

_OVERVIEWS = ".ovr"
"""Ending of files that programs write beside a raster that they only show."""


class InputFacts:
    """Identities of the files of jobs.

    A file that many jobs read is read once, and what a raster refers to is looked up once.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, int], dict[str, int | str]] = {}
        self._behind: dict[str, list[str]] = {}

    def of(self, job: Job) -> dict[str, Any]:
        """Return the identities of the local files of the rasters of a job, by names.

        A file that is given by its path has its own entry; those behind a pattern, a folder, a
        VRT, a tile index or another name, and masks beside them, have one per raster.

        Args:
            job: whose rasters are paths, or lists of paths; others have no entry here.

        Raises:
            RasterError: if a file cannot be read.
        """
        try:
            return self._of(job)
        except OSError as error:
            msg = f"the files of job {job.id!r} cannot be read: {error}."
            advice = "Check that you may read them, and that their drive is connected."
            raise RasterError(msg, advice=advice) from error

    def _of(self, job: Job) -> dict[str, Any]:
        rasters = [path for given in (job.before, job.after) for path in _paths(given)]
        given = list(filter(os.path.isfile, rasters))
        found: dict[str, Any] = {
            name: self._identity(os.path.abspath(path))
            for name, path in zip(distinct_names(given), given, strict=True)
        }
        for name, path in zip(distinct_names(rasters), rasters, strict=True):
            if path not in self._behind:
                self._behind[path] = _files_behind(path)
            if behind := self._behind[path]:
                found[f"files behind {name}"] = self._identity_of_all(behind)
        return found

    def _identity(self, path: str) -> dict[str, int | str]:
        if os.path.isdir(path):
            return file_identity(Path(path))
        stat = os.stat(path)
        key = path, stat.st_size, stat.st_mtime_ns
        if key not in self._known:
            self._known[key] = file_identity(Path(path))
        return self._known[key]

    def _identity_of_all(self, files: list[str]) -> dict[str, int | str]:
        names = shared_names(files)
        all_of_them = [
            [name, self._identity(path)] for name, path in zip(names, files, strict=True)
        ]
        text = json.dumps(all_of_them, sort_keys=True)
        return {"number": len(files), "checksum": hashlib.sha256(text.encode()).hexdigest()}


def _paths(raster: object) -> list[str]:
    """Return the paths that a raster is given by; none for one in memory."""
    parts = raster if isinstance(raster, list) else [raster]
    return [os.fspath(part) for part in parts if isinstance(part, str | os.PathLike)]


def _files_behind(raster: str) -> list[str]:
    """Return the local files that a raster is read from, without its own file, sorted."""
    found: set[str] = set()
    with suppress(MTRSGeoError), gdal_session():  # the job itself says what is wrong
        for name in raster_names(raster):
            found.update(local_files(name))
    if os.path.isfile(raster):
        found.discard(os.path.abspath(raster))
    return sorted(path for path in found if not path.endswith(_OVERVIEWS))
