"""The job ``batch``: a table of pairs, with finished rows kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mtrs_geo.errors import Cancelled, MTRSGeoError, RequestError
from mtrs_geo.progress import Progress
from mtrs_geo.worker.jobs import Answer, Jobs, area_of, check_types, text_of

__all__ = ["run_table", "shown"]

_OPTIONS = ("threshold", "min_area_m2", "raw", "register", "answer_anyway")
_IGNORED = ("fid", "ogc_fid")
"""Columns of numbers that files of layers have."""
_SHOWN = (
    "id", "status", "output", "polygons", "areas_m2", "questions", "message", "advice", "seconds",
)  # fmt: skip
_BOUNDS = re.compile(r"\s*[-+]?[\d.]+(?:[eE][-+]?\d+)?\s*,")


def run_table(jobs: Jobs, params: Mapping[str, Any], progress: Progress) -> Answer:
    """Run the rows of a table that are not done yet.

    Args:
        jobs: loads the model.
        params: ``rows`` (objects with the columns of docs/batch.md), ``folder`` that their
            relative paths start from, ``output`` (a folder), ``query`` for rows without one,
            ``resume``, ``overwrite``, and options of all rows as in `Jobs.detect`.
        progress: receives the entry of each row.

    Raises:
        MTRSGeoError: as `mtrs_geo.batch.run_batch`.
    """
    from mtrs_geo.batch import run_batch
    from mtrs_geo.batch.job import job_from_row

    rows = params.get("rows")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RequestError("rows is not a list of objects.", advice="Send an object per row.")
    check_types({name: value for name, value in params.items() if name != "rows"})
    given = {name: value for name, value in params.items() if value is not None}
    folder = Path(given.get("folder") or Path.cwd())
    kept = _known_columns(rows, progress)
    if "simplify_m" in given:
        kept = [_with_tolerance(row, folder, given["simplify_m"]) for row in kept]
    found = [job_from_row(row, number, folder) for number, row in enumerate(kept, 1)]
    options = {name: given[name] for name in _OPTIONS if name in given}
    area = _area(given)
    try:
        result = run_batch(
            found,
            text_of(params, "output"),
            given.get("query", ""),
            model=jobs.load(given.get("model", "tiny"), given.get("device", "auto")),
            progress=progress,
            resume=given.get("resume", False),
            overwrite=given.get("overwrite", False),
            options=options if area is None else {**options, "aoi": area},
        )
    except Cancelled as error:
        raise Cancelled("the batch was cancelled; finished rows are kept") from error
    return {"output": str(result.folder), "jobs": [shown(entry) for entry in result.entries]}


def _known_columns(rows: Sequence[Mapping[str, Any]], progress: Progress) -> list[dict[str, Any]]:
    """Return rows without the columns that are no option; a warning names these."""
    from mtrs_geo.batch.job import COLUMNS, column_name

    names = dict.fromkeys(name for row in rows for name in row)
    other = [name for name in names if column_name(name) not in (*COLUMNS, *_IGNORED)]
    if other:
        progress.log(f"warning: columns that are not used: {', '.join(other)}")
    return [{name: row[name] for name in row if column_name(name) in COLUMNS} for row in rows]


def _with_tolerance(row: dict[str, Any], folder: Path, tolerance_m: float) -> dict[str, Any]:
    """Return a row with the tolerance of the simplification in pixels of its later raster."""
    from mtrs_geo.batch.job import job_from_row
    from mtrs_geo.io.stack import open_stack

    try:
        job = job_from_row(row, 1, folder)
        if "simplify_px" in job.options:
            return row
        with open_stack([job.before, job.after]) as stack:
            return {**row, "simplify_px": tolerance_m / max(stack.grid.pixel_size_m())}
    except MTRSGeoError:  # the row will fail, and say why
        return row


def _area(given: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any kind of area
    """Return the area of all rows; that of a file as GeoJSON, so that the file's name is free."""
    from mtrs_geo.io.vector import read_vector

    area = area_of(given)
    if not isinstance(area, str) or _BOUNDS.match(area):
        return area
    frame = read_vector(area)
    shapes = frame if frame.crs is None else frame.to_crs("EPSG:4326")
    return shapes[["geometry"]].__geo_interface__


def shown(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a program needs of an entry of the manifest."""
    return {name: entry[name] for name in _SHOWN if name in entry}
