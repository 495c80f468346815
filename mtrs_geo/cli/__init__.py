"""The command line: parse, call the public function, map errors to exit codes."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from mtrs_geo.cli.console import (
    Aoi,
    Device,
    Json,
    Mirror,
    Model,
    Overwrite,
    Resolution,
    choice,
    complain,
    say,
    shown_progress,
)
from mtrs_geo.cli.models import models_app
from mtrs_geo.cli.pairs import pairs_app
from mtrs_geo.cli.train import train_app
from mtrs_geo.errors import MTRSGeoError

if TYPE_CHECKING:
    from mtrs_geo.detect.result import ChangeResult

__all__ = ["app", "main"]

app = typer.Typer(
    name="mtrs-geo",
    help="Ask two or more rasters of a place what changed, in a sentence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

for group in (models_app, pairs_app, train_app):
    app.add_typer(group)

_EXIT_USER, _EXIT_USAGE, _EXIT_CANCELLED = 1, 2, 130

# Click's UsageError, from whichever copy of click this typer brings.
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]

Output = Annotated[
    Path, typer.Option("--output", "-o", help="Vector file: .gpkg, .parquet, .fgb or .geojson.")
]
Threshold = Annotated[float, typer.Option(help="Probability from which a pixel counts.")]
MinArea = Annotated[float, typer.Option(help="Drop polygons smaller than this, in m².")]
FillHoles = Annotated[float, typer.Option(help="Fill holes smaller than this, in m².")]
Simplify = Annotated[float, typer.Option(help="Simplification tolerance in pixels, 0 for none.")]
Regularize = Annotated[bool, typer.Option(help="Right-angled corners, for buildings.")]
TilePx = Annotated[int | None, typer.Option(help="Side of a tile; the model's own by default.")]
OverlapPx = Annotated[int | None, typer.Option(help="Overlap of tiles; an eighth by default.")]
BatchSize = Annotated[int, typer.Option(help="Tiles a forward pass.")]
Bands = Annotated[
    str | None, typer.Option(help="Bands for red,green,blue counted from 1, for example 4,3,2.")
]
GridName = Annotated[
    str, typer.Option("--grid", help="Date that gives the grid: before, after, finest, coarsest.")
]
Dates = Annotated[str | None, typer.Option(help="ISO dates of the rasters, comma-separated.")]
OutputCrs = Annotated[str | None, typer.Option(help="CRS of the polygons, e.g. EPSG:4326.")]
Probability = Annotated[Path | None, typer.Option(help="Also write probabilities as a COG.")]
Preview = Annotated[Path | None, typer.Option(help="Also write a PNG to look at.")]
Raw = Annotated[bool, typer.Option("--raw", help="Hand the sentence to the model as it is.")]
Precision = Annotated[str, typer.Option(help="float32 or bfloat16.")]
Reference = Annotated[
    list[str] | None,
    typer.Option(help='Layer for a thing that a query refers to: --reference "river=river.gpkg".'),
]


@app.command()
def detect(
    before: Annotated[str, typer.Argument(help="Earlier raster: anything GDAL reads.")],
    after: Annotated[str, typer.Argument(help="Later raster.")],
    queries: Annotated[
        list[str] | None, typer.Argument(help="Sentences; none asks for any change.")
    ] = None,
    output: Output = Path("changes.gpkg"),
    model: Model = "tiny",
    device: Device = "auto",
    precision: Precision = "float32",
    mirror: Mirror = False,
    aoi: Aoi = None,
    threshold: Threshold = 0.5,
    min_area: MinArea = 10.0,
    fill_holes: FillHoles = 0.0,
    simplify: Simplify = 1.0,
    regularize: Regularize = False,
    tile_px: TilePx = None,
    overlap_px: OverlapPx = None,
    batch_size: BatchSize = 4,
    bands: Bands = None,
    grid: GridName = "after",
    resolution: Resolution = None,
    dates: Dates = None,
    output_crs: OutputCrs = None,
    probability: Probability = None,
    preview: Preview = None,
    reference: Reference = None,
    raw: Raw = False,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Find the change that a sentence describes between two rasters.

    Example: `mtrs-geo detect 2016.tif 2023.tif "new buildings" -o changes.gpkg`
    """
    options = _options(locals())
    _run([before, after], queries or [""], output, model, options, as_json=as_json)


@app.command()
def stack(
    rasters: Annotated[list[str], typer.Argument(help="Two or more rasters, earliest first.")],
    query: Annotated[list[str] | None, typer.Option(help="A sentence; repeat for more.")] = None,
    output: Output = Path("changes.gpkg"),
    model: Model = "tiny",
    device: Device = "auto",
    precision: Precision = "float32",
    mirror: Mirror = False,
    aoi: Aoi = None,
    threshold: Threshold = 0.5,
    min_area: MinArea = 10.0,
    fill_holes: FillHoles = 0.0,
    simplify: Simplify = 1.0,
    regularize: Regularize = False,
    tile_px: TilePx = None,
    overlap_px: OverlapPx = None,
    batch_size: BatchSize = 4,
    bands: Bands = None,
    grid: GridName = "after",
    resolution: Resolution = None,
    dates: Dates = None,
    output_crs: OutputCrs = None,
    probability: Probability = None,
    preview: Preview = None,
    reference: Reference = None,
    raw: Raw = False,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Find change between every two neighbouring dates of a stack.

    Example: `mtrs-geo stack 2016.tif 2018.tif 2020.tif --query "new buildings"`
    """
    options = _options(locals())
    _run(rasters, query or [""], output, model, options, as_json=as_json)


@app.command()
def evaluate(
    data: Annotated[Path, typer.Option(help="Folder with A, B, masks and referring_expression.")],
    model: Model = "tiny",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder for samples.csv, scores.json and cases.png."),
    ] = None,
    device: Device = "auto",
    precision: Precision = "float32",
    mirror: Mirror = False,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Score a model on pairs with sentences and masks in MTRefSeg-21K's layout.

    Example: `mtrs-geo evaluate --data MTRefSeg-21K/RS_FINAL_CLEAN_val -o report`
    """
    choice("--precision", precision, ("float32", "bfloat16"))
    from mtrs_geo.evaluation import evaluate as run

    with shown_progress(as_json=as_json) as progress:
        found = run(
            data, model=model, output=output, device=device,
            precision=cast("Any", precision), mirrored=mirror, overwrite=overwrite,
            progress=progress,
        )  # fmt: skip
    if as_json:
        say(json.dumps(found.as_json()))
    else:
        for line in found.summary():
            say(line)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check versions, devices, GDAL and PROJ, weights, and run a five-second self-test.

    Example: `mtrs-geo doctor`
    """
    from mtrs_geo.doctor import examine

    findings = examine()
    if as_json:
        say(json.dumps([asdict(finding) for finding in findings]))
    else:
        for finding in findings:
            say(f"{'ok  ' if finding.ok else 'FAIL'} {finding.what}: {finding.detail}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(_EXIT_USER)


@app.command()
def worker() -> None:
    """Serve JSON lines on standard input, as the QGIS plugin does: docs/worker.md.

    Example: `mtrs-geo worker`
    """
    from mtrs_geo.worker.protocol import main as serve

    raise typer.Exit(serve())


@app.command()
def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the results.")] = Path(
        "demo"
    ),
    model: Model = "tiny",
) -> None:
    """Render a place at two dates, ask for its new buildings, compare with the truth.

    Example: `mtrs-geo demo --output demo`
    """
    from mtrs_geo.demo import run_demo

    for line in run_demo(output, model):
        say(line)


def main() -> None:
    """Run the command line and exit: 0 done, 1 user's error, 2 usage, 130 cancelled."""
    try:
        code = app(standalone_mode=False)
    except typer.Exit as leave:
        code = leave.exit_code
    except (KeyboardInterrupt, typer.Abort):
        code = _EXIT_CANCELLED
    except MTRSGeoError as error:
        complain(f"error: {error}")
        code = _EXIT_USER
    except _UsageError as error:
        cast("Any", error).show()
        code = _EXIT_USAGE
    if code == _EXIT_CANCELLED:  # typer may turn Ctrl-C into this code by itself
        complain("cancelled; no output was written")
    sys.exit(code or 0)


def _options(given: dict[str, Any]) -> dict[str, Any]:
    """Translate the command line's names and texts into fields of `DetectOptions`."""
    same = (
        "device", "precision", "aoi", "threshold", "regularize", "tile_px", "overlap_px",
        "batch_size", "grid", "resolution", "output_crs", "probability", "preview", "raw",
        "overwrite",
    )  # fmt: skip
    options = {name: given[name] for name in same}
    choice("--grid", given["grid"], ("before", "after", "finest", "coarsest"))
    choice("--precision", given["precision"], ("float32", "bfloat16"))
    return options | {
        "mirrored": given["mirror"],
        "min_area_m2": given["min_area"],
        "fill_holes_m2": given["fill_holes"],
        "simplify_px": given["simplify"],
        "bands": _bands(given["bands"]),
        "dates": None if given["dates"] is None else tuple(given["dates"].split(",")),
        "references": dict(_reference(text) for text in given["reference"] or []),
    }


def _bands(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        msg = f"--bands {text!r} must be numbers such as 4,3,2"
        raise typer.BadParameter(msg) from error


def _reference(text: str) -> tuple[str, str]:
    name, found, path = text.partition("=")
    if not found:
        msg = f'--reference {text!r} must look like "river=river.gpkg"'
        raise typer.BadParameter(msg)
    return name.strip(), path.strip()


def _run(
    rasters: list[str],
    queries: list[str],
    output: Path,
    model: str,
    options: dict[str, Any],
    *,
    as_json: bool,
) -> None:
    from mtrs_geo.detect.pipeline import detect_changes_stack

    with shown_progress(as_json=as_json) as progress:
        result = detect_changes_stack(
            rasters, queries, output=output, model=model, progress=progress, **options
        )
    if as_json:
        say(json.dumps(_as_json(result)))
    else:
        _summarize(result)


def _as_json(result: ChangeResult) -> dict[str, Any]:
    paths = {
        name: None if path is None else str(path)
        for name, path in (
            ("output", result.output),
            ("probability", result.probability),
            ("preview", result.preview),
        )
    }
    return {**paths, "polygons": len(result.table), "report": asdict(result.report)}


def _summarize(result: ChangeResult) -> None:
    report = result.report
    for warning in report.warnings:
        complain(f"warning: {warning}")
    for line in report.understood:
        say(f"understood as: {line}")
    area = sum(report.areas_m2.values())
    say(f"{len(result.table)} polygons, {area:,.0f} m² -> {result.output}")
    say(f"{report.tiles} tiles in {report.seconds['total']:.1f} s")
