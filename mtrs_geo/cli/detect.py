"""``mtrs-geo detect`` and ``mtrs-geo stack``: find change, print what was found."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mtrs_geo.cli.console import EXIT_PARTIAL, choice, filled_path, print_line
from mtrs_geo.cli.explain import refuse_missing_quotes
from mtrs_geo.cli.progress import show_progress
from mtrs_geo.cli.rasters_and_sentences import rasters_and_sentences
from mtrs_geo.cli.result_table import answers, found_line, result_table
from mtrs_geo.cli.run_options import with_run_options
from mtrs_geo.cli.stac_search import searched_dates

if TYPE_CHECKING:
    from mtrs_geo.detect.result import ChangeResult

__all__ = ["detect", "stack"]

_PAIRS = ("consecutive", "first-last", "all")


@with_run_options
def detect(
    before: Annotated[
        str,
        typer.Argument(
            help="Earlier raster: anything GDAL reads, a folder of tiles, or a quoted pattern "
            '("before/*.tif").'
        ),
    ],
    after: Annotated[str, typer.Argument(help="Later raster, folder or quoted pattern.")],
    query: Annotated[
        list[str] | None, typer.Argument(help="Sentences; without one, any change.")
    ] = None,
    *,
    output: Path,
    model: str,
    options: dict[str, Any],
    as_json: bool,
) -> None:
    """Find the change that a sentence describes between two rasters.

    Example: `mtrs-geo detect 2016.tif 2023.tif "new buildings" -o changes.gpkg`, or with tiles
    `mtrs-geo detect "2016/*.tif" 2023_tiles "new buildings"`
    """
    for text in query or []:
        if os.path.isfile(text):  # False for text that is no possible name
            msg = (
                f"{text} is a file, not a sentence. Put a pattern of tiles in quotation marks, as "
                'in "before/*.tif", or the shell replaces it with the names of all files.'
            )
            raise typer.BadParameter(msg)
    refuse_missing_quotes(query or [])
    _run([before, after], query or [""], output, model, options, as_json=as_json)


@with_run_options
def stack(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            help="Two or more rasters, folders of tiles or quoted patterns, earliest first; then "
            "the sentences. Without a sentence, any change. With --stac, the sentences."
        ),
    ] = None,
    query: Annotated[
        list[str] | None,
        typer.Option(help="A sentence; repeat for more. All arguments are rasters then."),
    ] = None,
    pairs: Annotated[
        str, typer.Option(help=f"Dates that are compared: {', '.join(_PAIRS)}.")
    ] = "consecutive",
    timeline: Annotated[
        Path | None,
        typer.Option(
            help="Also write a picture of all dates and of the area over time: t.png, .jpg, "
            ".webp, .tif or .pdf.",
            parser=filled_path,
            metavar="PATH",
        ),
    ] = None,
    stac: Annotated[
        str | None,
        typer.Option(help="Search the rasters in this STAC catalog or API, in the area of --aoi."),
    ] = None,
    collections: Annotated[
        list[str] | None, typer.Option("--collections", help="STAC collection; repeat for more.")
    ] = None,
    datetime: Annotated[
        str | None, typer.Option(help="Time of the STAC search: 2016, 2016-05/2020-09, 2016/..")
    ] = None,
    max_cloud: Annotated[
        float, typer.Option(help="Largest cloud cover of a STAC item, in percent.")
    ] = 100.0,
    asset: Annotated[
        str | None, typer.Option(help="STAC asset with red, green and blue, for example visual.")
    ] = None,
    min_cover: Annotated[
        float,
        typer.Option(help="Least share of the area that the STAC images of a date must cover."),
    ] = 0.9,
    *,
    output: Path,
    model: str,
    options: dict[str, Any],
    as_json: bool,
) -> None:
    """Find change between the dates of a stack.

    Example: `mtrs-geo stack 2016.tif 2018.tif 2020.tif "new buildings" --pairs all`
    """
    choice("--pairs", pairs, _PAIRS)
    rasters: Sequence[str | list[str]] = paths or []
    if stac is not None:
        query = [*(paths or []), *(query or [])]
        refuse_missing_quotes(query)
        rasters, options = searched_dates(
            stac, options, collections=tuple(collections or ()), datetime=datetime,
            max_cloud=max_cloud, asset=asset, min_cover=min_cover,
        )  # fmt: skip
    elif query:
        # Words after --query "new" that belong to its sentence are taken as rasters.
        words = [path for path in paths or [] if path.isalpha() and not os.path.exists(path)]
        refuse_missing_quotes([*query, *words])
    else:
        rasters, query = rasters_and_sentences(paths or [])
        refuse_missing_quotes(query)
    options |= {"pairs": pairs, "timeline": timeline}
    _run(rasters, query or [""], output, model, options, as_json=as_json)


def _run(
    rasters: Sequence[str | list[str]],
    queries: list[str],
    output: Path,
    model: str,
    options: dict[str, Any],
    *,
    as_json: bool,
) -> None:
    from mtrs_geo.detect.pipeline import detect_changes_stack

    with show_progress(as_json=as_json) as progress:
        result = detect_changes_stack(
            rasters, queries, output=output, model=model, progress=progress, **options
        )
    if as_json:
        print_line(json.dumps(_as_json(result)))
    else:
        _summarize(result)
    if result.report.tiles_failed:
        raise typer.Exit(EXIT_PARTIAL)


def _as_json(result: ChangeResult) -> dict[str, Any]:
    paths = {
        name: None if path is None else str(path)
        for name, path in (
            ("output", result.output),
            ("probability", result.probability),
            ("preview", result.preview),
            ("timeline", result.timeline),
        )
    }
    return {**paths, "polygons": len(result.table), "report": asdict(result.report)}


def _summarize(result: ChangeResult) -> None:
    report = result.report
    for line in (*result_table(result), *answers(result), found_line(result)):
        print_line(line)
    shown = tuple(f"{question['text']!r}: " for question in report.questions)
    for note in report.notes:
        if not note.startswith(shown):  # these were shown before the run
            print_line(note)
    tiles = "1 tile" if report.tiles == 1 else f"{report.tiles} tiles"
    spent = f"{report.seconds['total']:.1f} s, up to {report.batch_size} at a time"
    print_line(f"{tiles} in {spent}: {report.speed.line()}")
