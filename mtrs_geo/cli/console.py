"""What the commands share: options, output lines, progress."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mtrs_geo.progress import Progress

__all__ = [
    "Aoi",
    "Device",
    "Json",
    "Mirror",
    "Model",
    "Overwrite",
    "Resolution",
    "choice",
    "complain",
    "say",
    "shown_progress",
]

Model = Annotated[str, typer.Option(help="Name (see `mtrs-geo models`) or folder of a model.")]
Device = Annotated[str, typer.Option(help="auto, cpu, openvino, cuda, cuda:1, mps.")]
Mirror = Annotated[
    bool,
    typer.Option("--mirror", help="Average mirror images: more accurate, three times the work."),
]
Json = Annotated[
    bool, typer.Option("--json", help="Result as JSON on stdout, progress as JSON lines on stderr.")
]
Aoi = Annotated[
    str | None,
    typer.Option(help="Polygon file, or left,bottom,right,top[,EPSG:code]; only there."),
]
Resolution = Annotated[float | None, typer.Option(help="Pixel size in units of the grid's CRS.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace existing outputs.")]


def choice(option: str, value: str, allowed: tuple[str, ...]) -> None:
    """Complain about a value that an option cannot have."""
    if value not in allowed:
        msg = f"{option} {value!r} is none of {', '.join(allowed)}"
        raise typer.BadParameter(msg)


@contextmanager
def shown_progress(*, as_json: bool) -> Iterator[Progress]:
    """Give what shows progress: JSON lines, a bar on a terminal, or nothing."""
    from mtrs_geo.progress import JsonLines, RichBar, Silent

    if as_json:
        yield JsonLines()
    elif sys.stderr.isatty():
        with RichBar() as bar:
            yield bar
    else:
        yield Silent()


def say(line: str) -> None:
    """Write a line of the result."""
    sys.stdout.write(line + "\n")


def complain(line: str) -> None:
    """Write a line that is not part of the result."""
    sys.stderr.write(line + "\n")
