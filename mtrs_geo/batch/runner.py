"""Run the jobs of a batch, one after the other, with one model."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtrs_geo import __version__
from mtrs_geo.batch.dataset import write_dataset
from mtrs_geo.batch.entries import figures, write_failures
from mtrs_geo.batch.files import (
    OWN_FILES,
    check_inputs,
    check_joinable,
    check_names,
    check_reviewed,
    job_files,
    joined_files,
    joined_names,
    remove_stale,
    sizes,
)
from mtrs_geo.batch.finished import Finished, find_finished, merged, present_files
from mtrs_geo.batch.input_facts import InputFacts
from mtrs_geo.batch.job import Job
from mtrs_geo.batch.manifest import MANIFEST, Manifest
from mtrs_geo.batch.pmtiles import check_pmtiles, write_pmtiles
from mtrs_geo.batch.result import BatchOptions, BatchResult, batch_options
from mtrs_geo.batch.stac import check_stac, write_stac
from mtrs_geo.batch.tables import check_arguments, read_jobs
from mtrs_geo.cluster import Cluster, open_cluster
from mtrs_geo.detect.open_progress import ProgressLike, open_progress
from mtrs_geo.detect.options import QueryLike
from mtrs_geo.detect.pipeline import ChangeResult, detect_changes
from mtrs_geo.errors import Cancelled, MTRSGeoError, OutputError
from mtrs_geo.io.drivers import driver_of
from mtrs_geo.ledger import describe_differences, ledger_path, remove_ledger
from mtrs_geo.models import ChangeSegmenter, given_model, load_model
from mtrs_geo.outputs import all_files, as_output_error
from mtrs_geo.outputs.target_lock import TargetLock
from mtrs_geo.progress import JobListener, Progress, Silent
from mtrs_geo.types import StrPath

if TYPE_CHECKING:
    from mtrs_geo.models.runtime.segmenter import Precision

__all__ = ["run_batch"]


def run_batch(
    jobs: StrPath | Sequence[Any] | Any,  # noqa: ANN401 - a DataFrame
    output: StrPath,
    query: QueryLike | Sequence[QueryLike] = "",
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
            failed, and the data set if one is asked for.  A home folder (~) is replaced.
        query: as in `mtrs_geo.detect_changes`, for the jobs that have none.
        model: name, folder or loaded model.
        device: see `mtrs_geo.load_model`; not for a loaded model.
        progress: as in `mtrs_geo.detect_changes`; a step is a job.
        **options: fields of `BatchOptions`.

    Raises:
        RequestError: if the table of jobs, the sentences or an option is wrong.
        ModelError: if ``model`` is not a model or a name of one, or is loaded on another device.
        MissingExtraError: if a package for ``stac`` or ``pmtiles`` is missing.
        OutputError: if ``output`` is not a path, the folder has an earlier batch, or another
            process uses it.
        Cancelled: if the caller cancelled; finished jobs are kept.

    Example:
        >>> run_batch("pairs.csv", "out", "new buildings").summary()  # doctest: +SKIP
    """
    chosen = batch_options(options)
    check_arguments(output, query, model, device if chosen.cluster is None else "auto")
    found = read_jobs(jobs)
    driver_of(Path(f"x.{chosen.format}"))
    check_joinable(chosen)
    if chosen.pmtiles:
        check_pmtiles()
    if chosen.stac:
        check_stac()
    folder = Path(os.path.expanduser(output))
    with as_output_error(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = TargetLock(folder / MANIFEST)
    try:
        with open_progress(progress) as events:
            batch = _Batch(folder, chosen, query, model, device, events)
            check_names(folder, found, chosen)
            check_inputs(folder, found, chosen, jobs)
            entries = batch.run(found)
            write_failures(folder, entries)
            joined = _join(folder, entries, chosen)
            batch.clear_joined()
    finally:
        lock.release()
    return BatchResult(folder, tuple(entries), **joined)


def _join(
    folder: Path, entries: Sequence[Mapping[str, Any]], options: BatchOptions
) -> dict[str, Path]:
    """Write what all finished jobs are joined to; return the paths by name."""
    done = [entry for entry in entries if entry["status"] == "done"]
    joined: dict[str, Path] = {}
    if options.dataset is not None:
        joined["dataset"] = write_dataset(folder, done, options.dataset)
    if options.pmtiles and (tiles := write_pmtiles(folder, done)) is not None:
        joined["pmtiles"] = tiles
    if options.stac:
        joined["stac"] = write_stac(folder, done, joined)
    return joined


class _JobProgress(Silent):
    """Passes the messages of one job on, with its id, its result, and the batch's cancellation."""

    def __init__(
        self, progress: Progress, job_id: str, keep: Callable[[ChangeResult], None]
    ) -> None:
        self._progress, self._id, self._keep = progress, job_id, keep
        self._done = self._total = 0

    @property
    def cancelled(self) -> bool:  # type: ignore[override]
        """Whether the caller cancelled the batch."""
        return self._progress.cancelled

    def start(self, total: int, unit: str) -> None:
        """Count the tiles of the job."""
        self._done, self._total = 0, total

    def advance(self, steps: int = 1) -> None:
        """Show the share of the tiles that are done."""
        self._done += steps
        if isinstance(self._progress, JobListener) and self._total:
            self._progress.show_share(self._done / self._total)

    def log(self, message: str) -> None:
        """Show a line with the id of the job."""
        self._progress.log(f"{self._id}: {message}")

    def show_result(self, result: ChangeResult) -> None:
        """Keep the result, before what is kept of the run is removed."""
        self._keep(result)


class _Models:
    """Loads the model of a job; one model is in memory at a time."""

    def __init__(self, model: str | Path | ChangeSegmenter, device: str) -> None:
        self._model, self._device = model, device
        self._loaded: tuple[Precision, ChangeSegmenter] | None = None

    def load(self, precision: Precision) -> ChangeSegmenter:
        """Return the model in a precision; one that the caller has loaded stays as it is."""
        if not isinstance(self._model, str | Path):
            return given_model(self._model, precision=precision)
        if self._loaded is None or self._loaded[0] != precision:
            self._loaded = None
            self._loaded = precision, load_model(self._model, self._device, precision)
        return self._loaded[1]


class _Batch:
    """One batch in a folder that is locked."""

    def __init__(
        self,
        folder: Path,
        options: BatchOptions,
        query: QueryLike | Sequence[QueryLike],
        model: str | Path | ChangeSegmenter,
        device: str,
        progress: Progress,
    ) -> None:
        self.folder, self.options, self.progress = folder, options, progress
        self.queries = (query,) if isinstance(query, QueryLike) else tuple(query)
        self.model_name = model if isinstance(model, str | Path) else model.info.name
        self.manifest = Manifest(folder)
        self.models = _Models(model, device)
        self.inputs = InputFacts()
        self.model, self.device = model, device
        self.cluster: Cluster | None = None
        self.earlier: dict[str, dict[str, Any]] = {}
        """Entries of a batch that is overwritten."""
        self.is_cut = self.manifest.is_cut
        self.ran = 0

    def run(self, jobs: Sequence[Job]) -> list[dict[str, Any]]:
        """Run the jobs that are not done and return an entry per job."""
        chosen = self.options
        with open_cluster(chosen.cluster, chosen.cluster_workers, self.device) as self.cluster:
            return self._run_all(jobs)

    def _run_all(self, jobs: Sequence[Job]) -> list[dict[str, Any]]:
        finished = self._finished(jobs)
        self.progress.start(len(jobs), "jobs")
        entries = []
        for job in jobs:
            done = finished.get(job.id)
            if done is not None and not done.lacking:
                entry = dict(done.entry)
            else:
                entry = self._run(job, done)
                self._remove_stale(entry)
                # A job that never had a result is in none of the joined files.
                self.ran += entry["status"] == "done" or done is not None
            entries.append(entry)
            if isinstance(self.progress, JobListener):
                self.progress.show_job(entry)
            self.progress.advance()
        return entries

    def clear_joined(self) -> None:
        """Remove, or name, files of all jobs together that were not made again."""
        made = set(joined_names(self.options).values())
        old = {name: kind for name, kind in joined_files(self.folder).items() if name not in made}
        if self.options.overwrite and self.earlier:
            remove_stale(self.folder, old, made, self.progress.log)
        elif self.ran:
            for name, kind in old.items():
                self.progress.log(f"{name} ({kind}) is older than {self.ran} of these jobs")

    def _finished(self, jobs: Sequence[Job]) -> dict[str, Finished]:
        """Return the finished jobs; refuse those that are other jobs by now."""
        known = self.manifest.read()
        if known and not (self.options.resume or self.options.overwrite):
            msg = f"{self.manifest.path} exists: a batch of {len(known)} jobs."
            advice = "Resume it with --resume (resume=True), or start over with --overwrite."
            raise OutputError(msg, advice=advice)
        check_reviewed(self.folder, jobs, self.options)
        if not self.options.resume:
            self.earlier = known
            self.manifest.path.unlink(missing_ok=True)
            return {}
        history: dict[str, list[dict[str, Any]]] = {}
        for entry in self.manifest.history():
            if entry["status"] == "done":
                history.setdefault(entry["id"], []).append(entry)
        found = {job.id: self._find(job, history[job.id]) for job in jobs if job.id in history}
        finished = {name: done for name, done in found.items() if done is not None}
        for name, done in finished.items():
            if "output" in done.kept:
                # The batch was killed after it wrote the entry.
                remove_ledger(ledger_path(self.folder / done.kept["output"]))
            if not done.lacking and done.entry != known[name]:
                self.manifest.add(done.entry)
        return finished

    def _find(self, job: Job, entries: Sequence[dict[str, Any]]) -> Finished | None:
        """Return a job that was done; None if all of its files were removed."""
        present = present_files(self.folder, entries)
        if not present:
            self.progress.log(f"{job.id}: its files are missing, so it runs again")
            return None
        now = json.loads(json.dumps(self._facts(job)))
        differences = [
            describe_differences({name: entry.get(name) for name in now}, now) for entry in entries
        ]
        if differences[-1]:
            msg = f"job {job.id!r} is done, and was another one: {differences[-1]}."
            advice = (
                f"Give it another id, move its files away ({', '.join(present)}), or start over "
                "with --overwrite (overwrite=True)."
            )
            raise OutputError(msg, advice=advice)
        same = [entry for entry, other in zip(entries, differences, strict=True) if not other]
        done = find_finished(self.folder, same, self._targets(job))
        if self._is_uploaded(job) and not done.entry.get("uploaded"):
            done = replace(done, kept={}, lacking=tuple(self._targets(job)))
        if done.lacking:
            lacking = ", ".join(self._targets(job)[key] for key in done.lacking)
            kept = ", ".join(done.kept.values()) or "no file"
            self.progress.log(f"{job.id}: a new run makes {lacking}; {kept} is kept as it is")
        return done

    def _remove_stale(self, entry: Mapping[str, Any]) -> None:
        """Remove the files of a job in an earlier batch that the new one was not asked for."""
        before = self.earlier.get(entry["id"], {})
        if entry["status"] == "done":
            old, new = ([e[n] for n in OWN_FILES if n in e] for e in (before, entry))
            remove_stale(self.folder, map(str, old), new, self.progress.log)

    def _is_uploaded(self, job: Job) -> bool:
        """Return whether the files of a job are copied to object storage at its end."""
        return bool({**self.options.options, **job.options}.get("upload"))

    def _targets(self, job: Job) -> dict[str, str]:
        """Return the names of the files that a job is asked for, by their keys in its entry."""
        return job_files(job, self.options)

    def _facts(self, job: Job) -> dict[str, Any]:
        """Return what a job is, for the manifest and to compare it with an earlier one."""
        whole = replace(
            job,
            queries=job.queries or self.queries,
            options={**self.options.options, **job.options},
        )
        return {**whole.facts(), "inputs": self.inputs.of(job), "model": str(self.model_name)}

    def _run(self, job: Job, finished: Finished | None) -> dict[str, Any]:
        """Run a job and return its entry, which is in the manifest by then."""
        start = time.perf_counter()
        entry: dict[str, Any] = {"id": job.id, "status": "failed", "version": __version__}
        kept: list[dict[str, Any]] = []

        def keep(result: ChangeResult) -> None:
            seconds = round(time.perf_counter() - start, 3)
            done = {"status": "done", **figures(result, self.folder), "seconds": seconds}
            done["bytes"] = sizes(self.folder, done)
            wanted = [key for key in self._targets(job) if key != "output"]
            whole = entry | done | {"wanted": wanted}
            kept.append(whole if finished is None else merged(finished, whole))
            self.manifest.add(kept[0])

        try:
            entry |= self._facts(job)
            self._detect(job, keep, finished)
            if self._is_uploaded(job):
                kept[0]["uploaded"] = True
                self.manifest.add(kept[0])
            return kept[0]
        except Cancelled:
            raise
        except MTRSGeoError as error:
            entry |= {
                "error": type(error).__name__, "message": error.message, "advice": error.advice,
            }  # fmt: skip
        except Exception as error:  # noqa: BLE001 - a defect in one job must not end the others
            entry |= {"error": type(error).__name__, "message": str(error), "advice": ""}
        self.progress.log(f"{job.id}: failed: {entry['message']}")
        entry["seconds"] = round(time.perf_counter() - start, 3)
        self.manifest.add(entry)
        return entry

    def _may_replace(self, targets: Mapping[str, Path], finished: Finished | None) -> bool:
        """Return whether the files of a job may be replaced: the batch wrote, or was writing, them.

        A damaged file of a finished job may be, and one whose entry or whose run was cut off.

        Raises:
            OutputError: if a batch that goes on finds a file that it has not written.
        """
        if self.options.overwrite or not self.options.resume:
            return self.options.overwrite
        if ledger_path(next(iter(targets.values()))).exists():
            return True
        if finished is None and self.is_cut:
            return True
        names = {path.name for path in targets.values() if any(map(Path.exists, all_files(path)))}
        foreign = names - (frozenset() if finished is None else finished.written)
        if foreign:
            msg = f"{', '.join(sorted(foreign))} exists in {self.folder}, not from this batch."
            advice = "Move it away, then go on with --resume; --resume --overwrite replaces it."
            raise OutputError(msg, advice=advice)
        return bool(names)

    def _detect(
        self, job: Job, keep: Callable[[ChangeResult], None], finished: Finished | None
    ) -> None:
        targets = {
            key: self.folder / name
            for key, name in self._targets(job).items()
            if finished is None or key in finished.lacking
        }
        more: dict[str, Any] = {**self.options.options, **job.options, **targets}
        load = partial(self.models.load, more.get("precision", "float32"))
        detect_changes(
            job.before,
            job.after,
            list(job.queries or self.queries),
            # The workers of a cluster load a model of a name themselves.
            model=load if self.cluster is None else self.model,
            device=self.device,
            cluster=self.cluster,
            progress=_JobProgress(self.progress, job.id, keep),
            overwrite=self._may_replace(targets, finished),
            resume=self.options.resume,
            **more,
        )
