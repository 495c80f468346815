"""Shared by the commands: common options and output lines."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = [
    "EXIT_PARTIAL",
    "Aoi",
    "Device",
    "Json",
    "Mirrored",
    "Model",
    "Overwrite",
    "Precision",
    "Resolution",
    "choice",
    "filled_path",
    "output_option",
    "print_line",
    "print_note",
]

EXIT_PARTIAL = 3
"""Exit code of a command whose outputs lack a part that failed."""

Model = Annotated[str, typer.Option(help="Name (see `mtrs-geo models`) or folder of a model.")]
Device = Annotated[str, typer.Option(help="auto, cpu, openvino, cuda, cuda:1, mps.")]
Mirrored = Annotated[
    bool,
    typer.Option(
        "--mirrored",
        "--mirror",
        help="Average over mirrored images: more accurate, three times the work.",
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help="Result as JSON on stdout, progress as JSON lines on stderr.")
]
Aoi = Annotated[
    str | None,
    typer.Option(help="Area of interest: a polygon file, or left,bottom,right,top[,EPSG:code]."),
]
Resolution = Annotated[float | None, typer.Option(help="Pixel size in units of the grid's CRS.")]
Precision = Annotated[str, typer.Option(help="float32 or bfloat16.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace existing outputs.")]


def choice(option: str, value: str, allowed: tuple[str, ...]) -> None:
    """Refuse a value that is not among the allowed ones."""
    if value not in allowed:
        msg = f"{option} {value!r} is not one of {', '.join(allowed)}"
        raise typer.BadParameter(msg)


def filled_path(text: str | Path) -> Path:
    """Return the path of an option; an empty one is refused, as it would be the current folder.

    A home folder (~) is replaced, because shells do not replace it in ``--output=~/changes.gpkg``.
    """
    if not str(text).strip():
        msg = "the path is empty; a variable of the shell may not be set"
        raise typer.BadParameter(msg)
    return Path(os.path.expanduser(text))


def output_option(help_text: str) -> Any:  # noqa: ANN401 - what typer.Option returns
    """Return the option ``--output`` of a command."""
    return typer.Option("--output", "-o", help=help_text, parser=filled_path, metavar="PATH")


def print_line(line: str) -> None:
    """Print a line of the result to standard output."""
    sys.stdout.write(line + "\n")


def print_note(line: str) -> None:
    """Print a line to standard error: a warning, an error, a note."""
    sys.stderr.write(line + "\n")
