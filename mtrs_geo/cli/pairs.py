"""``mtrs-geo pairs``: make training pairs from polygons or labelled scenes."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from mtrs_geo.cli.console import (
    Aoi,
    Json,
    Overwrite,
    Resolution,
    choice,
    output_option,
    print_line,
    print_note,
)
from mtrs_geo.cli.progress import show_progress

__all__ = ["pairs_app"]

pairs_app = typer.Typer(
    name="pairs",
    help="Make training pairs from reviewed polygons or labelled scenes.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)


@pairs_app.command("export")
def export(
    before: Annotated[str, typer.Argument(help="Earlier raster, folder or pattern of tiles.")],
    after: Annotated[str, typer.Argument(help="Later raster, folder or pattern of tiles.")],
    polygons: Annotated[str, typer.Argument(help="Layer with a text column; see docs/review.md.")],
    output: Annotated[Path, output_option("Folder of the pairs.")],
    layer: Annotated[str | None, typer.Option(help="Name of the layer in its file.")] = None,
    text_column: Annotated[
        str | None, typer.Option(help="Column of the sentences; detected by name by default.")
    ] = None,
    tile_px: Annotated[int, typer.Option(help="Smallest side of a tile, in pixels.")] = 512,
    resolution: Resolution = None,
    aoi: Aoi = None,
    negatives: Annotated[
        bool,
        typer.Option(
            "--negatives",
            help="Add sentences with an empty mask: sentences of the layer without a polygon in a "
            "tile, in all tiles of --aoi, or in the tiles that contain a polygon.",
        ),
    ] = False,
    raw: Annotated[bool, typer.Option("--raw", help="Keep sentences with scene rules.")] = False,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Turn reviewed polygons into training pairs that `mtrs-geo evaluate` can read.

    Example: `mtrs-geo pairs export 2016.tif 2023.tif reviewed.gpkg -o pairs`
    """
    from mtrs_geo.io.stack import StackOptions
    from mtrs_geo.pairs.export import PairsOptions, export_pairs

    options = PairsOptions(
        tile_px, text_column, aoi=aoi, negatives=negatives,
        stack=StackOptions(resolution=resolution), raw=raw, overwrite=overwrite,
    )  # fmt: skip
    with show_progress(as_json=as_json) as progress:
        report = export_pairs(
            [before, after], polygons, output, layer=layer, options=options, progress=progress
        )
    if as_json:
        print_line(json.dumps(asdict(report) | {"output": str(report.output)}))
        return
    for warning in report.notes(polygons):
        print_note(f"warning: {warning}")
    print_line(
        f"{report.pairs} pairs with {report.expressions} expressions, {report.no_target} without "
        f"target -> {report.output}"
    )


@pairs_app.command("compose")
def compose_pairs(
    scenes: Annotated[Path, typer.Argument(help="Folder of labelled scenes: SET/images, labels.")],
    output: Annotated[Path, output_option("Folder of the new split.")],
    count: Annotated[int, typer.Option(help="Number of pairs.")] = 20_000,
    sentences: Annotated[int, typer.Option(help="Sentences per pair.")] = 4,
    subset: Annotated[
        str, typer.Option(help="train, or val: held-out scenes and words.")
    ] = "train",
    seed: Annotated[int, typer.Option(help="The same seed gives the same pairs.")] = 0,
    crop_px: Annotated[int, typer.Option(help="Side of a pair, in pixels.")] = 256,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Compose pairs from labelled scenes and write them in MTRefSeg-21K's layout.

    Example: `mtrs-geo pairs compose data/scenes -o composed --count 20000`
    """
    choice("--subset", subset, ("train", "val"))
    from mtrs_geo.data.sampling.composed_split import write_composed_split

    with show_progress(as_json=as_json) as progress:
        written = write_composed_split(
            scenes, output, count=count, sentences=sentences, subset=cast("Any", subset),
            seed=seed, crop_px=crop_px, overwrite=overwrite, progress=progress,
        )  # fmt: skip
    if as_json:
        print_line(json.dumps(asdict(written)))
        return
    print_line(f"{written.pairs} pairs, {written.expressions} sentences -> {output}")
    print_line(
        f"{written.empty} sentences have an empty mask; {written.pairs_per_s:.1f} pairs per second"
    )
