"""``mtrs-geo batch``: many pairs of rasters and many sentences."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mtrs_geo.cli.console import (
    EXIT_PARTIAL,
    Device,
    Json,
    Model,
    Overwrite,
    choice,
    output_option,
    print_line,
)
from mtrs_geo.cli.progress import show_progress

if TYPE_CHECKING:
    from mtrs_geo.batch import BatchEstimate, BatchResult

__all__ = ["batch"]

_FORMATS = ("gpkg", "parquet", "fgb", "geojson", "shp", "csv")
_DATASETS = ("job", "grid", "gpkg", "fgb")


def batch(
    jobs: Annotated[
        Path | None,
        typer.Argument(help="Table of jobs: .csv, .parquet, .yaml, or a STAC ItemCollection."),
    ] = None,
    output: Annotated[Path, output_option("Folder of the results.")] = Path("batch"),
    query: Annotated[
        list[str] | None,
        typer.Option(help="A sentence for jobs that have none; repeat for more."),
    ] = None,
    area: Annotated[
        str | None,
        typer.Option(
            help="Instead of a table: a polygon file, or left,bottom,right,top[,EPSG:code], with "
            "--before-dir and --after-dir."
        ),
    ] = None,
    before_dir: Annotated[Path | None, typer.Option(help="Folder of the earlier scenes.")] = None,
    after_dir: Annotated[Path | None, typer.Option(help="Folder of the later scenes.")] = None,
    before_dates: Annotated[
        str | None, typer.Option(help="First and last date of the earlier scenes: 2015,2016-06.")
    ] = None,
    after_dates: Annotated[
        str | None, typer.Option(help="First and last date of the later scenes.")
    ] = None,
    model: Model = "tiny",
    device: Device = "auto",
    set: Annotated[
        list[str] | None,
        typer.Option("--set", help="An option of detect for all jobs: --set threshold=0.4."),
    ] = None,
    format: Annotated[
        str, typer.Option("--format", help=f"Format of each file: {', '.join(_FORMATS)}.")
    ] = "gpkg",
    dataset: Annotated[
        str | None,
        typer.Option(
            help="Also join all results: GeoParquet partitioned by job or grid, or one gpkg or fgb."
        ),
    ] = None,
    pmtiles: Annotated[
        bool, typer.Option("--pmtiles", help="Also write all polygons as vector tiles.")
    ] = False,
    stac: Annotated[
        bool, typer.Option("--stac", help="Also write a STAC collection with an item per job.")
    ] = False,
    probability: Annotated[
        bool,
        typer.Option("--probability", help="Also write the probabilities of each job, as COGs."),
    ] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Also write pictures.")] = False,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Resume: finished jobs are kept, failed ones run again."),
    ] = False,
    overwrite: Overwrite = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Print tiles, bytes, disk and time, and write nothing."),
    ] = False,
    cluster: Annotated[str | None, typer.Option(help="Run on a Ray cluster, as in detect.")] = None,
    cluster_workers: Annotated[
        int | None, typer.Option(help="Workers of the cluster; one per GPU, or per CPU.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Find change in many pairs of rasters; a job that fails does not stop the others.

    Exit code 3 if a job failed.  Example: `mtrs-geo batch pairs.csv --query "new buildings" -o out`
    """
    from mtrs_geo.batch import estimate_batch, run_batch

    choice("--format", format, _FORMATS)
    if dataset is not None:
        choice("--dataset", dataset, _DATASETS)
    scenes = (before_dir, before_dates), (after_dir, after_dates)
    table = _jobs(jobs, area, *scenes, as_json=as_json)
    options = dict(map(_option, set or []))
    sentences = query or [""]
    if dry_run:
        estimate = estimate_batch(
            table, sentences, model=model, device=device, probability=probability, options=options
        )
        _print_estimate(estimate, as_json=as_json)
        return
    with show_progress(as_json=as_json) as progress:
        result = run_batch(
            table, output, sentences, model=model, device=device, progress=progress,
            format=format, dataset=dataset, pmtiles=pmtiles, stac=stac, probability=probability,
            preview=preview, resume=resume, overwrite=overwrite, cluster=cluster,
            cluster_workers=cluster_workers, options=options,
        )  # fmt: skip
    _print_result(result, as_json=as_json)
    if result.is_partial:
        raise typer.Exit(EXIT_PARTIAL)


def _jobs(
    jobs: Path | None,
    area: str | None,
    before: tuple[Path | None, str | None],
    after: tuple[Path | None, str | None],
    *,
    as_json: bool,
) -> Any:  # noqa: ANN401 - a path or a list of jobs
    from mtrs_geo.batch import plan_jobs

    (before_dir, before_dates), (after_dir, after_dates) = before, after
    if area is None:
        if jobs is None:
            msg = "give a table of jobs, or --area with --before-dir and --after-dir"
            raise typer.BadParameter(msg)
        if any(part is not None for part in (*before, *after)):
            msg = "--before-dir, --after-dir and their dates need --area, and no table of jobs"
            raise typer.BadParameter(msg)
        return jobs
    if jobs is not None or before_dir is None or after_dir is None:
        msg = "--area needs --before-dir and --after-dir, and no table of jobs"
        raise typer.BadParameter(msg)
    with show_progress(as_json=as_json) as progress:
        return plan_jobs(
            area, before_dir, after_dir,
            before_dates=_period("--before-dates", before_dates),
            after_dates=_period("--after-dates", after_dates),
            progress=progress,
        )  # fmt: skip


def _period(name: str, text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    first, comma, last = text.partition(",")
    if not comma:
        msg = f"{name} {text!r} must be two dates such as 2015,2016-06"
        raise typer.BadParameter(msg)
    return first.strip(), last.strip()


def _option(text: str) -> tuple[str, Any]:
    from mtrs_geo.batch.job import option_of

    name, separator, value = text.partition("=")
    if not separator:
        msg = f"--set {text!r} must look like threshold=0.4"
        raise typer.BadParameter(msg)
    return name.strip(), option_of(name.strip(), value.strip(), "--set")


def _print_result(result: BatchResult, *, as_json: bool) -> None:
    if as_json:
        joined = {name: getattr(result, name) for name in ("dataset", "pmtiles", "stac")}
        facts = {"folder": result.folder, **joined, "jobs": result.entries}
        print_line(json.dumps(facts, default=str))
        return
    for entry in result.entries:
        if entry["status"] == "failed":
            print_line(f"{entry['id']}: failed: {entry['message']}")
        else:
            area_m2 = sum(entry["areas_m2"].values())
            count = sum(entry["polygons"].values())
            print_line(f"{entry['id']}: {count} polygons, {area_m2:,.0f} m²")
    done = len(result.entries) - len(result.failed)
    print_line(f"{done} of {len(result.entries)} jobs -> {result.dataset or result.folder}")
    if result.failed:
        print_line(f"{len(result.failed)} failed: {result.folder / 'failures.csv'}")


def _print_estimate(estimate: BatchEstimate, *, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        print_line(json.dumps(asdict(estimate)))
        return
    print_line(f"{estimate.jobs} jobs, {estimate.tiles:,} tiles")
    print_line(f"{estimate.read_bytes / 1e9:.3g} GB of pixels to read, uncompressed")
    print_line(f"{estimate.disk_bytes / 1e9:.3g} GB of disk for probabilities")
    if estimate.seconds is not None:
        minutes = estimate.seconds / 60
        print_line(f"about {minutes:,.1f} minutes at {estimate.tiles_per_second} tiles per second")
    for job, problem in estimate.problems:
        print_line(f"{job} cannot run: {problem}")
