"""``mtrs-geo craft add``: add pairs to a project."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from mtrs_geo.cli.console import Json, choice, print_line
from mtrs_geo.cli.craft.project_argument import ProjectFile
from mtrs_geo.cli.progress import show_progress

if TYPE_CHECKING:
    from mtrs_geo.craft.project.pairs import NewPair

__all__ = ["add"]

_LAYOUTS = ("pairs", "levir_classes", "guangzhou_direction")
_MEANINGS = ("appear", "disappear", "changed", "unused")
_SMALLEST_TILE_PX = 64


def add(
    project: ProjectFile,
    images: Annotated[
        list[Path], typer.Argument(help="A folder, or the earlier and the later image.")
    ],
    layout: Annotated[
        str,
        typer.Option(
            help="pairs: subfolders A, B and perhaps masks; levir_classes, guangzhou_direction: "
            "the annotated sets of a data root."
        ),
    ] = "pairs",
    mask_meaning: Annotated[
        str,
        typer.Option(
            help="What masks of a folder show: buildings that appear, disappear or changed, or "
            "unused."
        ),
    ] = "changed",
    source: Annotated[
        str, typer.Option(help="Name of the data set, by default the folder's.")
    ] = "",
    tile_px: Annotated[
        int | None, typer.Option(help="Longest side of a pair; larger ones become tiles.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Largest number of pairs, before tiling.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Add pairs. Images are not copied; pairs that the project already has are kept.

    Example: `mtrs-geo craft add project.db LEVIR-CD/test --mask-meaning appear --tile-px 512`
    """
    choice("--layout", layout, _LAYOUTS)
    choice("--mask-meaning", mask_meaning, _MEANINGS)
    if tile_px is not None and tile_px < _SMALLEST_TILE_PX:
        msg = f"--tile-px {tile_px} is less than {_SMALLEST_TILE_PX}"
        raise typer.BadParameter(msg)
    from mtrs_geo.craft.importing import add_pairs
    from mtrs_geo.craft.project import Project

    with Project(project) as opened, show_progress(as_json=as_json) as progress:
        found = islice(_pairs(images, layout, mask_meaning, source), limit)
        count = add_pairs(opened, found, tile_px=tile_px, progress=progress)
    if as_json:
        print_line(json.dumps({"project": str(project), "pairs": count}))
    else:
        print_line(f"{count} pairs -> {project}")


def _pairs(images: list[Path], layout: str, mask_meaning: str, source: str) -> Iterable[NewPair]:
    from mtrs_geo.craft.importing import annotated_pairs, folder_pairs, raster_pair

    if layout != "pairs" and len(images) == 1:
        return annotated_pairs(images[0], layout)
    if len(images) == 1:
        return folder_pairs(images[0], source=source, mask_meaning=cast("Any", mask_meaning))
    if len(images) == 2 and layout == "pairs":
        return [raster_pair(*images, source=source)]
    msg = "give one folder, or the earlier and the later image"
    raise typer.BadParameter(msg)
