"""``mtrs-geo craft import-label-studio``: annotations of people as rounds and verdicts."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from mtrs_geo.cli.console import EXIT_PARTIAL, Json, print_line, print_note
from mtrs_geo.cli.craft.project_argument import ProjectFile
from mtrs_geo.cli.progress import show_progress

__all__ = ["import_label_studio"]


def import_label_studio(
    project: ProjectFile,
    annotations: Annotated[Path, typer.Argument(help="Export of Label Studio, in format JSON.")],
    as_json: Json = False,
) -> None:
    """Import answers and corrections from Label Studio; importing twice counts once.

    Example: `mtrs-geo craft import-label-studio project.db annotations.json`
    """
    from mtrs_geo.craft.export.label_studio.importing import import_annotations
    from mtrs_geo.craft.project import Project

    with Project(project) as opened, show_progress(as_json=as_json) as progress:
        report = import_annotations(opened, annotations, progress)
    if as_json:
        print_line(json.dumps(asdict(report)))
    else:
        for text in report.refused:
            print_note(f"left out: {text}")
        if report.unannotated:
            print_note(f"{report.unannotated} tasks are not annotated yet")
        print_line(
            f"{report.verdicts} new verdicts, {report.rounds} corrections, {report.known} known "
            f"before, {len(report.refused)} left out"
        )
    if report.refused:
        raise typer.Exit(EXIT_PARTIAL)
