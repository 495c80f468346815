"""``mtrs-geo craft run``: sentences and masks for all pairs of a project."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import Annotated

import typer

from mtrs_geo.cli.console import EXIT_PARTIAL, Device, Json, print_line, print_note
from mtrs_geo.cli.craft.project_argument import ProjectFile
from mtrs_geo.cli.progress import show_progress

__all__ = ["run"]


def run(
    project: ProjectFile,
    describer: Annotated[
        str | None,
        typer.Option(
            help="Who writes the sentences: rules (label maps); model, model:FOLDER (the bundled "
            "model's heads, or yours); chat:chat.yaml, chat:MODEL (an OpenAI-compatible endpoint); "
            "transformers:FOLDER (a local model that sees images). Default: rules if all pairs "
            "have labels, else model."
        ),
    ] = None,
    segmenter: Annotated[
        str | None,
        typer.Option(
            help="Who makes the masks: labels; model, model:FOLDER; sentence, sentence:FOLDER (the "
            "model's answer to the sentence); chat:chat.yaml; transformers:FOLDER (SAM 3, "
            "CLIPSeg), transformers:FOLDER+FOLDER (Grounding DINO, then SAM 2). Default: labels "
            "if all pairs have them, else model."
        ),
    ] = None,
    grid: Annotated[str, typer.Option(help="Rows and columns of the grid: 3x3.")] = "3x3",
    rounds: Annotated[int, typer.Option(help="Largest number of reviews of one item.")] = 3,
    negative_share: Annotated[
        float, typer.Option(help="Items with an empty mask on purpose, per other item.")
    ] = 0.15,
    auto_accept: Annotated[
        float | None,
        typer.Option(
            help="Accept items automatically from this chance of being right, for example 0.9."
        ),
    ] = None,
    audit_share: Annotated[
        float | None,
        typer.Option(
            help="Share of these that people still audit. Default: that of `mtrs-geo craft "
            "settings`, 0.1."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same items.")] = 0,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Write sentences and masks for all pairs; run it again to resume after an interruption.

    Exit code 3 if something failed or the budget is used up.

    Example: `mtrs-geo craft run project.db`

    Example: `mtrs-geo craft run project.db --describer chat:chat.yaml --segmenter labels`

    Example: `mtrs-geo craft run project.db --describer transformers:qwen-vl --segmenter
    transformers:sam3`
    """
    shares = {"--negative-share": negative_share, "--audit-share": audit_share}
    for option, value in {**shares, "--auto-accept": auto_accept}.items():
        if value is not None and not 0 <= value <= 1:
            msg = f"{option} {value} is not in 0 to 1"
            raise typer.BadParameter(msg)
    from mtrs_geo.craft.pipeline import run_project
    from mtrs_geo.craft.project import Project
    from mtrs_geo.craft.project.audit_rates import audit_rates
    from mtrs_geo.craft.stages.context import RunOptions
    from mtrs_geo.craft.status import read_status

    rows_and_columns = _grid(grid)
    with Project(project) as opened, show_progress(as_json=as_json) as progress:
        share = audit_rates(opened).random_share if audit_share is None else audit_share
        options = RunOptions(rows_and_columns, rounds, negative_share, auto_accept, share, seed)
        report = run_project(
            opened, describer=describer, segmenter=segmenter, options=options, device=device,
            progress=progress,
        )  # fmt: skip
        found = read_status(opened)
    if as_json:
        print_line(json.dumps({**asdict(report), "status": asdict(found)}))
    else:
        for line in found.lines():
            print_line(line)
        for note in report.kept:
            print_note(f"note: {note}")
        if report.stopped:
            print_line(f"stopped: {report.stopped}")
    if report.failed or report.stopped:
        raise typer.Exit(EXIT_PARTIAL)


def _grid(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d)[x×](\d)", text)
    if found is None:
        msg = f"--grid {text!r} must look like 3x3"
        raise typer.BadParameter(msg)
    return int(found[1]), int(found[2])
