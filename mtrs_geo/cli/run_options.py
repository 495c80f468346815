"""Options of `mtrs-geo detect` and `mtrs-geo stack`, declared once for both commands."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from mtrs_geo.cli.console import (
    Aoi,
    Device,
    Json,
    Mirrored,
    Model,
    Overwrite,
    Precision,
    Resolution,
    choice,
    filled_path,
)

__all__ = ["with_run_options"]

_GRIDS = ("before", "after", "finest", "coarsest")
_PRECISIONS = ("float32", "bfloat16")
_CSV_GEOMETRIES = ("wkt", "centroid")
_OWN = ("output", "model", "as_json")
"""Options that are not fields of `DetectOptions`."""


def _count_or_share(text: str | float) -> float:
    """Return a number of tiles, or a share of them from a text such as 5%."""
    if not isinstance(text, str):  # the default
        return text
    from mtrs_geo.detect.inference.tile_failures import read_max_failed

    try:
        return read_max_failed(text)
    except ValueError as error:
        msg = (
            f"{text!r} is neither a number of tiles such as 10 nor a share such as 5%, at most 100%"
        )
        raise typer.BadParameter(msg) from error


def _run_options(
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            help="Vector file: .gpkg, .parquet, .fgb, .geojson, .shp or .csv: -o changes.shp.",
            parser=filled_path,
            metavar="PATH",
        ),
    ] = Path("changes.gpkg"),
    model: Model = "tiny",
    device: Device = "auto",
    precision: Precision = "float32",
    mirrored: Mirrored = False,
    aoi: Aoi = None,
    threshold: Annotated[float, typer.Option(help="Lowest probability of a change pixel.")] = 0.5,
    min_area_m2: Annotated[
        float,
        typer.Option("--min-area-m2", "--min-area", help="Drop polygons smaller than this, in m²."),
    ] = 10.0,
    fill_holes_m2: Annotated[
        float,
        typer.Option(
            "--fill-holes-m2", "--fill-holes", help="Fill holes smaller than this, in m²."
        ),
    ] = 0.0,
    simplify_px: Annotated[
        float,
        typer.Option(
            "--simplify-px", "--simplify", help="Simplification tolerance in pixels; 0 for none."
        ),
    ] = 1.0,
    regularize: Annotated[
        bool, typer.Option(help="Make corners right-angled, for buildings.")
    ] = False,
    tile_px: Annotated[
        int | None, typer.Option(help="Side of a tile in pixels; the model's own by default.")
    ] = None,
    overlap_px: Annotated[
        int | None, typer.Option(help="Overlap of tiles in pixels; an eighth of a tile by default.")
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(help="Tiles per forward pass; by default by device and memory.")
    ] = None,
    bands: Annotated[
        list[str] | None,
        typer.Option(
            help="Band numbers of red,green,blue counted from 1, for example 4,3,2; repeat for "
            "one choice per raster."
        ),
    ] = None,
    grid: Annotated[
        str, typer.Option(help=f"Date whose pixel grid the run uses: {', '.join(_GRIDS)}.")
    ] = "after",
    resolution: Resolution = None,
    dates: Annotated[
        str | None, typer.Option(help="ISO dates or years of the rasters, separated by commas.")
    ] = None,
    register: Annotated[
        bool,
        typer.Option("--register", help="Correct the measured shift between the dates."),
    ] = False,
    output_crs: Annotated[
        str | None, typer.Option(help="CRS of the polygons, for example EPSG:4326.")
    ] = None,
    csv_geometry: Annotated[
        str, typer.Option(help="Geometry column of a .csv file: wkt (the outline) or centroid.")
    ] = "wkt",
    probability: Annotated[
        Path | None,
        typer.Option(
            help="Also write the probabilities, as a COG: p.tif.",
            parser=filled_path,
            metavar="PATH",
        ),
    ] = None,
    preview: Annotated[
        Path | None,
        typer.Option(
            help="Also write a picture of the dates and the polygons: p.png, .jpg, .webp, .tif "
            "or .pdf.",
            parser=filled_path,
            metavar="PATH",
        ),
    ] = None,
    references: Annotated[
        list[str] | None,
        typer.Option(
            "--references",
            "--reference",
            help='Layer of a thing that a query names: --reference "river=river.gpkg"; repeat '
            "for more.",
        ),
    ] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="Give the whole sentence to the model, without rules.")
    ] = False,
    answer_anyway: Annotated[
        bool,
        typer.Option(
            "--answer-anyway", help="Also answer sentences that the model does not understand."
        ),
    ] = False,
    overwrite: Overwrite = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Resume an interrupted run, if there is one.")
    ] = False,
    max_failed: Annotated[
        float,
        typer.Option(
            help="Tiles that may fail before the run ends: a number, or a share such as 5%.",
            parser=_count_or_share,
            metavar="NUMBER|SHARE%",
        ),
    ] = 0,
    upload: Annotated[
        str | None,
        typer.Option(help="Copy the finished outputs to object storage: s3://bucket/folder."),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            help="Run on a Ray cluster: auto, local, or an address such as ray://head:10001.",
        ),
    ] = None,
    cluster_workers: Annotated[
        int | None,
        typer.Option(help="Workers of the cluster; one per GPU, or per CPU, by default."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Declare the options; the signature is all that is used."""


def with_run_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of a run to a command.

    The command is called with its own arguments, ``output``, ``model``, ``as_json`` and
    ``options``: keyword arguments of `mtrs_geo.detect_changes`.
    """
    shared = inspect.signature(_run_options, eval_str=True).parameters
    own = inspect.signature(command, eval_str=True).parameters
    arguments = [own[name] for name in own if name not in (*_OWN, "options")]

    @wraps(command)
    def wrapped(**values: Any) -> None:  # noqa: ANN401 - values of any option
        given = {name: values.pop(name) for name in shared}
        kept = {name: given.pop(name) for name in _OWN}
        command(**values, **kept, options=_as_keywords(given))

    parameters = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in (*arguments, *shared.values())
    ]
    wrapped.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    wrapped.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return wrapped


def _as_keywords(given: Mapping[str, Any]) -> dict[str, Any]:
    choice("--grid", given["grid"], _GRIDS)
    choice("--precision", given["precision"], _PRECISIONS)
    choice("--csv-geometry", given["csv_geometry"], _CSV_GEOMETRIES)
    parsed = {
        "bands": _bands(given["bands"]),
        "dates": None if given["dates"] is None else tuple(given["dates"].split(",")),
        "references": dict(_reference(text) for text in given["references"] or []),
    }
    return {**given, **parsed}


def _bands(texts: list[str] | None) -> list[tuple[int, ...]] | None:
    return [_numbers(text) for text in texts] if texts else None


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(number) for number in text.split(","))
    except ValueError as error:
        msg = f"--bands {text!r} must be numbers such as 4,3,2"
        raise typer.BadParameter(msg) from error


def _reference(text: str) -> tuple[str, str]:
    name, separator, path = text.partition("=")
    if not (separator and name.strip() and path.strip()):
        msg = f'--reference {text!r} must look like "river=river.gpkg"'
        raise typer.BadParameter(msg)
    return name.strip(), path.strip()
