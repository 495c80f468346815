"""Run the jobs of a batch, one after the other, with one model."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtrs_geo import __version__
from mtrs_geo.batch.dataset import Dataset, write_dataset
from mtrs_geo.batch.job import Job
from mtrs_geo.batch.manifest import MANIFEST, Manifest
from mtrs_geo.batch.tables import read_jobs
from mtrs_geo.cluster import Cluster, open_cluster
from mtrs_geo.detect.open_progress import ProgressLike, open_progress
from mtrs_geo.detect.pipeline import ChangeResult, detect_changes
from mtrs_geo.errors import Cancelled, MTRSGeoError, OutputError, RequestError
from mtrs_geo.io.drivers import driver_of
from mtrs_geo.ledger import file_identity
from mtrs_geo.models import ChangeSegmenter, load_model
from mtrs_geo.outputs import as_output_error, csv_cell, staged_file
from mtrs_geo.outputs.target_lock import TargetLock
from mtrs_geo.progress import Progress, Silent
from mtrs_geo.types import StrPath

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["BatchOptions", "BatchResult", "run_batch"]

FAILURES = "failures.csv"


@dataclass(frozen=True)
class BatchOptions:
    """What all jobs of a batch share."""

    format: str = "gpkg"
    """Format of the file of each job: gpkg, parquet, fgb, geojson, shp or csv."""
    dataset: Dataset | None = None
    """Also join the results: GeoParquet partitioned by ``job`` or by a ``grid`` of one degree, or
    one ``gpkg`` or ``fgb`` file."""
    probability: bool = False
    """Also write the probabilities of each job."""
    preview: bool = False
    """Also write a picture of each job."""
    resume: bool = False
    """Go on with an interrupted batch: finished jobs are kept, failed ones run again."""
    overwrite: bool = False
    """Begin anew where an earlier batch is."""
    cluster: str | None = None
    """Address of a Ray cluster that answers the tiles of all jobs, see `DetectOptions`."""
    cluster_workers: int | None = None
    """Workers of the cluster; None is one per GPU, or per CPU."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Options of `detect` for all jobs; those of a row come first."""


@dataclass(frozen=True)
class BatchResult:
    """What a batch did."""

    folder: Path
    entries: tuple[dict[str, Any], ...]
    """One entry per job, in their order, as in ``manifest.jsonl``."""
    dataset: Path | None = None
    """The joined results."""

    @property
    def failed(self) -> tuple[dict[str, Any], ...]:
        """Entries of the jobs that failed."""
        return tuple(entry for entry in self.entries if entry["status"] == "failed")

    @property
    def is_partial(self) -> bool:
        """Whether a job, or a tile of a job, failed."""
        return bool(self.failed) or any(entry.get("tiles_failed") for entry in self.entries)

    def summary(self) -> DataFrame:
        """Return one row per job: id, status, polygons, area_m2, seconds, output, message."""
        import pandas as pd

        return pd.DataFrame(
            {
                "id": entry["id"],
                "status": entry["status"],
                "polygons": sum(entry.get("polygons", {}).values()),
                "area_m2": sum(entry.get("areas_m2", {}).values()),
                "seconds": entry["seconds"],
                "output": entry.get("output", ""),
                "message": entry.get("message", ""),
            }
            for entry in self.entries
        )


def run_batch(
    jobs: StrPath | Sequence[Any] | Any,  # noqa: ANN401 - a DataFrame
    output: StrPath,
    query: str | Sequence[str] = "",
    *,
    model: str | Path | ChangeSegmenter = "tiny",
    device: str = "auto",
    progress: ProgressLike = None,
    **options: Any,  # noqa: ANN401 - fields of BatchOptions
) -> BatchResult:
    """Find changes in many pairs of rasters.

    A job that fails does not stop the others.  The model is loaded once, and a pair is encoded
    once for all sentences of its job.

    Args:
        jobs: see `read_jobs`.
        output: folder of the results: a file per job, ``manifest.jsonl``, ``failures.csv`` if jobs
            failed, and the data set if one is asked for.
        query: sentences of the jobs that have none.
        model: name, folder or loaded model.
        device: see `mtrs_geo.load_model`.
        progress: as in `mtrs_geo.detect_changes`; a step is a job.
        **options: fields of `BatchOptions`.

    Raises:
        RequestError: if the table of jobs or an option is wrong.
        OutputError: if the folder has an earlier batch, or another process uses it.
        Cancelled: if the caller cancelled; finished jobs are kept.

    Example:
        >>> run_batch("pairs.csv", "out", "new buildings").summary()  # doctest: +SKIP
    """
    chosen = _options(options)
    found = read_jobs(jobs)
    driver_of(Path(f"x.{chosen.format}"))
    folder = Path(output)
    with as_output_error(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = TargetLock(folder / MANIFEST)
    try:
        with open_progress(progress) as events:
            batch = _Batch(folder, chosen, query, model, device, events)
            entries = batch.run(found)
            _write_failures(folder, entries)
            dataset = None
            if chosen.dataset is not None:
                done = [entry for entry in entries if entry["status"] == "done"]
                dataset = write_dataset(folder, done, chosen.dataset)
    finally:
        lock.release()
    return BatchResult(folder, tuple(entries), dataset)


def _options(given: Mapping[str, Any]) -> BatchOptions:
    try:
        return BatchOptions(**given)
    except TypeError as error:
        raise RequestError(f"{error}.", advice="See docs/batch.md for the options.") from error


class _JobProgress(Silent):
    """Passes the messages of one job on, with its id, and the cancellation of the batch."""

    def __init__(self, progress: Progress, job_id: str) -> None:
        self._progress, self._id = progress, job_id

    @property
    def cancelled(self) -> bool:  # type: ignore[override]
        """Whether the caller cancelled the batch."""
        return self._progress.cancelled

    def log(self, message: str) -> None:
        """Show a line with the id of the job."""
        self._progress.log(f"{self._id}: {message}")


class _Batch:
    """One batch in a folder that is locked."""

    def __init__(
        self,
        folder: Path,
        options: BatchOptions,
        query: str | Sequence[str],
        model: str | Path | ChangeSegmenter,
        device: str,
        progress: Progress,
    ) -> None:
        self.folder, self.options, self.progress = folder, options, progress
        self.queries = (query,) if isinstance(query, str) else tuple(query)
        self.model_name = model if isinstance(model, str | Path) else model.info.name
        self.manifest = Manifest(folder)
        precision = options.options.get("precision", "float32")
        load: Callable[[], ChangeSegmenter] = (
            (lambda: load_model(model, device, precision))
            if isinstance(model, str | Path)
            else (lambda: model)
        )
        self.load = cache(load)
        self.model, self.device = model, device
        self.cluster: Cluster | None = None

    def run(self, jobs: Sequence[Job]) -> list[dict[str, Any]]:
        """Run the jobs that are not done and return an entry per job."""
        chosen = self.options
        with open_cluster(chosen.cluster, chosen.cluster_workers, self.device) as self.cluster:
            return self._run_all(jobs)

    def _run_all(self, jobs: Sequence[Job]) -> list[dict[str, Any]]:
        done = self._done(jobs)
        self.progress.start(len(jobs), "jobs")
        entries = []
        for job in jobs:
            entry = done.get(job.id) or self._run(job)
            if job.id not in done:
                self.manifest.add(entry)
            entries.append(entry)
            self.progress.advance()
        return entries

    def _done(self, jobs: Sequence[Job]) -> dict[str, dict[str, Any]]:
        """Return the entries of finished jobs; refuse those that are other jobs by now."""
        known = self.manifest.read()
        if known and not (self.options.resume or self.options.overwrite):
            msg = f"{self.manifest.path} exists: a batch of {len(known)} jobs."
            advice = "Go on with it with --resume (resume=True), or begin anew with --overwrite."
            raise OutputError(msg, advice=advice)
        if not self.options.resume:
            self.manifest.path.unlink(missing_ok=True)
            return {}
        done = {
            job.id: entry
            for job in jobs
            if (entry := known.get(job.id)) is not None
            and entry["status"] == "done"
            and (self.folder / entry["output"]).exists()
        }
        for job in jobs:
            if job.id in done:
                self._refuse_other(job, done[job.id])
        return done

    def _refuse_other(self, job: Job, entry: Mapping[str, Any]) -> None:
        now = self._facts(job)
        differing = [name for name, value in now.items() if entry.get(name) != value]
        if differing:
            name = differing[0]
            msg = (
                f"job {job.id!r} is done, and was another one: {name} was {entry.get(name)!r} and "
                f"is {now[name]!r}."
            )
            advice = "Give it another id, or begin anew with --overwrite (overwrite=True)."
            raise OutputError(msg, advice=advice)

    def _facts(self, job: Job) -> dict[str, Any]:
        """Return what a job is, for the manifest and to compare it with an earlier one."""
        whole = replace(
            job,
            queries=job.queries or self.queries,
            options={**self.options.options, **job.options},
        )
        inputs = {
            path.name: file_identity(path)
            for raster in (job.before, job.after)
            for path in _local_files(raster)
        }
        return {**whole.facts(), "inputs": inputs, "model": str(self.model_name)}

    def _run(self, job: Job) -> dict[str, Any]:
        start = time.perf_counter()
        entry: dict[str, Any] = {"id": job.id, "status": "failed"}
        try:
            entry |= self._facts(job)
            result = self._detect(job)
            entry |= {"status": "done", **_figures(result, self.folder)}
        except Cancelled:
            raise
        except MTRSGeoError as error:
            entry |= {
                "error": type(error).__name__, "message": error.message, "advice": error.advice,
            }  # fmt: skip
        except Exception as error:  # noqa: BLE001 - a defect in one job must not end the others
            entry |= {"error": type(error).__name__, "message": str(error), "advice": ""}
        if entry["status"] == "failed":
            self.progress.log(f"{job.id}: failed: {entry['message']}")
        return entry | {
            "seconds": round(time.perf_counter() - start, 3), "version": __version__,
        }  # fmt: skip

    def _detect(self, job: Job) -> ChangeResult:
        target = self.folder / f"{job.id}.{self.options.format}"
        more: dict[str, Any] = {**self.options.options, **job.options}
        if self.options.probability:
            more["probability"] = target.with_suffix(".tif")
        if self.options.preview:
            more["preview"] = target.with_suffix(".png")
        return detect_changes(
            job.before,
            job.after,
            list(job.queries or self.queries),
            output=target,
            # Workers load a model of a name themselves.
            model=self.load if self.cluster is None else self.model,
            device=self.device,
            cluster=self.cluster,
            progress=_JobProgress(self.progress, job.id),
            # An output without an entry is of a batch that was killed before it wrote the entry.
            overwrite=self.options.overwrite or self.options.resume,
            resume=self.options.resume,
            **more,
        )


def _local_files(raster: object) -> list[Path]:
    paths = raster if isinstance(raster, list) else [raster]
    named = [Path(path) for path in paths if isinstance(path, str | Path)]
    return [path for path in named if path.exists()]


def _figures(result: ChangeResult, folder: Path) -> dict[str, Any]:
    """Return what the manifest says about a finished job."""
    report = result.report
    paths = {"output": result.output, "probability": result.probability, "preview": result.preview}
    return {
        **{name: str(path.relative_to(folder)) for name, path in paths.items() if path is not None},
        "polygons": report.polygons, "areas_m2": report.areas_m2,
        "understood": report.understood, "dates": report.dates, "tiles": report.tiles,
        "tiles_failed": report.tiles_failed, "warnings": report.warnings,
        "model_version": report.model, "device": report.device, "gsd_m": report.gsd_m,
    }  # fmt: skip


def _write_failures(folder: Path, entries: Sequence[Mapping[str, Any]]) -> None:
    """Write the table of failures, or remove an old one if no job failed."""
    failed = [entry for entry in entries if entry["status"] == "failed"]
    if not failed:
        (folder / FAILURES).unlink(missing_ok=True)
        return
    names = ("id", "error", "message", "advice")
    with (
        staged_file(folder / FAILURES, overwrite=True) as path,
        path.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows([csv_cell(str(entry.get(name, ""))) for name in names] for entry in failed)
