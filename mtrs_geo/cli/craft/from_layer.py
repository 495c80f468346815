"""``mtrs-geo craft from-layer``: make a project from a layer of polygons."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from mtrs_geo.cli.console import Json, Resolution, output_option, print_line, print_note
from mtrs_geo.cli.progress import show_progress

__all__ = ["from_layer"]


def from_layer(
    before: Annotated[str, typer.Argument(help="Earlier raster, folder or pattern of tiles.")],
    after: Annotated[str, typer.Argument(help="Later raster, folder or pattern of tiles.")],
    polygons: Annotated[str, typer.Argument(help="Layer with a sentence in every row.")],
    output: Annotated[Path, output_option("Project file to create.")],
    layer: Annotated[str | None, typer.Option(help="Name of the layer in its file.")] = None,
    tile_px: Annotated[int, typer.Option(help="Smallest side of a tile, in pixels.")] = 512,
    resolution: Resolution = None,
    as_json: Json = False,
) -> None:
    """Make a project from the polygons of a result of `detect`, for people to audit.

    Example: `mtrs-geo craft from-layer 2016.tif 2023.tif changes.gpkg -o project.db`
    """
    from mtrs_geo.craft.from_layer import project_from_layer
    from mtrs_geo.io.stack import StackOptions

    with show_progress(as_json=as_json) as progress:
        report = project_from_layer(
            [before, after], polygons, output, layer=layer, tile_px=tile_px,
            options=StackOptions(resolution=resolution), progress=progress,
        )  # fmt: skip
    if as_json:
        print_line(json.dumps(asdict(report) | {"output": str(report.output)}))
        return
    for warning in report.warnings:
        print_note(f"warning: {warning}")
    print_line(f"{report.pairs} pairs with {report.items} items -> {report.output}")
    print_note(f"next: mtrs-geo craft audit {report.output}")
