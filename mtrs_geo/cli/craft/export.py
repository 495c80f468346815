"""``mtrs-geo craft export``: accepted items as training data and files of other tools."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from mtrs_geo.cli.console import Json, Overwrite, choice, output_option, print_line
from mtrs_geo.cli.craft.project_argument import ProjectFile
from mtrs_geo.cli.progress import show_progress

__all__ = ["export"]

_FORMATS = ("mtrefseg", "coco", "geopackage", "label-studio")


def export(
    project: ProjectFile,
    output: Annotated[Path, output_option("Folder to write.")],
    format: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            help="mtrefseg (the default), coco, geopackage, label-studio; may be repeated.",
        ),
    ] = None,
    val_share: Annotated[
        float, typer.Option(help="Part of the sentences for validation, split by place.")
    ] = 0.2,
    waiting: Annotated[
        bool,
        typer.Option(
            "--waiting", help="Items that wait for people, as tasks for Label Studio alone."
        ),
    ] = False,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Write accepted items with a split by place, statistics and a datasheet.

    Example: `mtrs-geo craft export project.db -o my_data --format mtrefseg --format geopackage`
    """
    chosen = format or ["mtrefseg"]
    for name in chosen:
        choice("--format", name, _FORMATS)
    from mtrs_geo.craft.export.run import ExportOptions, export_project
    from mtrs_geo.craft.project import Project

    options = ExportOptions(cast("Any", tuple(chosen)), val_share, waiting, overwrite)
    with Project(project) as opened, show_progress(as_json=as_json) as progress:
        report = export_project(opened, output, options, progress)
    if as_json:
        print_line(json.dumps(asdict(report) | {"output": str(report.output)}))
        return
    print_line(
        f"{report.sentences} sentences on {report.pairs} pairs, {report.no_target} with an empty "
        f"mask -> {report.output}"
    )
    if set(chosen) != {"label-studio"}:
        print_line(f"{report.train} train, {report.val} val, split by place")
    if "geopackage" in chosen:
        print_line(f"{report.georeferenced} pairs have a GeoPackage")
