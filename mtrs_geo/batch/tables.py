"""Read jobs from a CSV, Parquet or YAML file, a STAC ItemCollection, or a table in memory."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from mtrs_geo.batch.csv_rows import read_csv_rows
from mtrs_geo.batch.job import Job, job_from_row
from mtrs_geo.detect.options import QueryLike
from mtrs_geo.errors import OutputError, RequestError
from mtrs_geo.models import given_model, load_vocabulary
from mtrs_geo.strict_yaml import load_yaml
from mtrs_geo.types import StrPath

if TYPE_CHECKING:
    from mtrs_geo.models import ChangeSegmenter

__all__ = ["check_arguments", "read_jobs"]

_ADVICE = "See docs/batch.md for the formats."
_STAC_OPTIONS = "mtrs_geo:"


def read_jobs(jobs: StrPath | Sequence[Any] | Any) -> list[Job]:  # noqa: ANN401 - a DataFrame
    """Return the jobs of a table.

    Args:
        jobs: a .csv, .parquet, .yaml or .json (STAC ItemCollection) file, a DataFrame, or a list
            of `Job` objects and dictionaries.  Paths in a file are relative to the file.

    Raises:
        RequestError: if the file cannot be read, a row is wrong, or two jobs have one id.
    """
    if hasattr(jobs, "to_dict") and hasattr(jobs, "columns"):
        rows, folder = jobs.to_dict("records"), Path.cwd()
    elif isinstance(jobs, Sequence) and not isinstance(jobs, str):
        rows, folder = list(jobs), Path.cwd()
    elif not isinstance(jobs, str | os.PathLike):
        msg = f"{str(jobs)[:80]!r} ({type(jobs).__name__}) is not a table of jobs."
        raise RequestError(msg, advice="Give a file, a DataFrame, or a list of dictionaries.")
    else:
        path = Path(jobs)
        rows, folder = _read(path), path.absolute().parent
    found = [
        row if isinstance(row, Job) else job_from_row(_as_row(row, i), i, folder)
        for i, row in enumerate(rows, 1)
    ]
    if not found:
        raise RequestError("there is no job in the table.", advice=_ADVICE)
    _refuse_same_ids(found)
    return found


def check_arguments(output: object, query: object, model: object, device: str) -> None:
    """Refuse arguments of a batch that are of another kind; no model is loaded.

    Raises:
        OutputError: if the output is not a path, or is empty.
        RequestError: if the query is no sentence and no list.
        ModelError: if the model is not a model or a name of one, or is loaded on another device.
    """
    if not isinstance(output, str | os.PathLike):
        msg = f"{str(output)[:80]!r} ({type(output).__name__}) is not the folder of a batch."
        raise OutputError(msg, advice="Give the path of a folder.")
    if not os.fspath(output).strip():
        msg = "the path of the batch's folder is empty; a variable may not be set."
        raise OutputError(msg, advice="Give the path of a folder, or . for the current one.")
    if not isinstance(query, Iterable | QueryLike) or isinstance(query, bytes):
        msg = f"{str(query)[:80]!r} ({type(query).__name__}) is not a sentence or a list of them."
        raise RequestError(msg, advice="Give one such as 'new buildings'.")
    if isinstance(model, str | Path):
        load_vocabulary(model)  # refuses a name of no model
    else:
        given_model(cast("ChangeSegmenter", model), device)


def _read(path: Path) -> list[Any]:
    readers = {
        ".csv": read_csv_rows, ".parquet": _read_parquet, ".yaml": _read_yaml, ".yml": _read_yaml,
        ".json": _read_stac, ".geojson": _read_stac,
    }  # fmt: skip
    reader = readers.get(path.suffix.lower())
    if reader is None:
        msg = f"{path}: a table of jobs is no {path.suffix or 'file without a suffix'}."
        advice = f"Use {', '.join(readers)}. Spreadsheets can be saved as CSV."
        raise RequestError(msg, advice=advice)
    try:
        return reader(path)
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path} cannot be read: {error}."
        raise RequestError(msg, advice="Check the path; text must be UTF-8.") from error


def _read_parquet(path: Path) -> list[Any]:
    import pyarrow
    import pyarrow.parquet

    try:
        rows: list[Any] = pyarrow.parquet.read_table(path).to_pylist()
    except pyarrow.ArrowException as error:
        raise RequestError(f"{path} is no Parquet file: {error}.", advice=_ADVICE) from error
    return rows


def _read_yaml(path: Path) -> list[Any]:
    import yaml

    try:
        found = load_yaml(path.read_text("utf-8"))
    except yaml.YAMLError as error:
        raise RequestError(f"{path} is no YAML file: {error}.", advice=_ADVICE) from error
    shared: Mapping[str, Any] = {}
    if isinstance(found, dict):
        shared, found = found.get("defaults") or {}, found.get("jobs")
    if not isinstance(found, list) or not isinstance(shared, dict):
        msg = f"{path} has no list of jobs."
        raise RequestError(msg, advice="Write a list, or a list under jobs: beside defaults:.")
    return [{**shared, **_as_row(row, i)} for i, row in enumerate(found, 1)]


def _read_stac(path: Path) -> list[Any]:
    try:
        found = json.loads(path.read_bytes())  # UTF-8, or UTF-16 with a byte order mark
    except ValueError as error:
        raise RequestError(f"{path} is no JSON file: {error}.", advice=_ADVICE) from error
    items = found.get("features") if isinstance(found, dict) else None
    if not isinstance(items, list):
        msg = f"{path} is no STAC ItemCollection: it has no list of features."
        raise RequestError(msg, advice=_ADVICE)
    return [dict(_stac_row(item, i, path)) for i, item in enumerate(items, 1)]


def _stac_row(item: Any, number: int, path: Path) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Yield the columns of a STAC item: its assets, and properties that begin with mtrs_geo:."""
    assets = item.get("assets") if isinstance(item, dict) else None
    if not isinstance(assets, dict) or not {"before", "after"} <= assets.keys():
        msg = f"{path}: item {number} has no assets before and after."
        raise RequestError(msg, advice=_ADVICE)
    yield "id", item.get("id")
    properties = item.get("properties") or {}
    if not (isinstance(properties, dict) and all(isinstance(a, dict) for a in assets.values())):
        msg = f"{path}: item {number} is no STAC item: assets and properties are objects."
        raise RequestError(msg, advice=_ADVICE)
    for name in ("before", "after"):
        yield name, assets[name].get("href")
    for name, value in properties.items():
        if name.startswith(_STAC_OPTIONS):
            yield name.removeprefix(_STAC_OPTIONS), value


def _as_row(row: Any, number: int) -> Mapping[str, Any]:  # noqa: ANN401 - checked here
    if not isinstance(row, Mapping):
        msg = f"row {number} is no job but {type(row).__name__}."
        raise RequestError(msg, advice="A job is a dictionary with before and after, or a Job.")
    return row


def _refuse_same_ids(jobs: Sequence[Job]) -> None:
    seen: dict[str, int] = {}
    for i, job in enumerate(jobs, 1):
        # Some file systems do not tell upper and lower case apart.
        key = job.id.lower()
        if key in seen:
            msg = f"rows {seen[key]} and {i} have the same id {job.id!r}."
            raise RequestError(msg, advice="Give each job an id of its own.")
        seen[key] = i
