"""``mtrs-geo benchmark``: models side by side on labelled splits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from mtrs_geo.cli.console import (
    EXIT_PARTIAL,
    Device,
    Json,
    Mirrored,
    Overwrite,
    Precision,
    choice,
    output_option,
    print_line,
    print_note,
)
from mtrs_geo.cli.progress import show_progress

__all__ = ["benchmark_app"]

benchmark_app = typer.Typer(
    name="benchmark",
    help="Compare models on labelled splits: docs/benchmark.md.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

Data = Annotated[Path, typer.Option(help="Folder with A, B, masks and referring_expression.")]


@benchmark_app.command()
def run(
    config: Annotated[Path, typer.Argument(help="YAML file with models and splits.")],
    output: Annotated[Path, output_option("Folder for the cache and the results.")] = Path(
        "benchmark"
    ),
    limit: Annotated[
        int | None, typer.Option(min=1, help="Use only the first N pairs of each split.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="A pair or a sample, PAIR or PAIR#INDEX; may be given several times."),
    ] = None,
    processes: Annotated[
        int, typer.Option(min=1, help="Processes that answer, each with a model of its own.")
    ] = 1,
    as_json: Json = False,
) -> None:
    """Run models on splits and write scores, tables and an HTML report.

    The same command resumes an interrupted run. Exit code 3: samples failed.

    Example: `mtrs-geo benchmark run config.yaml -o benchmark --limit 50`
    """
    from mtrs_geo.benchmark import read_config, run_benchmark

    with show_progress(as_json=as_json) as progress:
        result = run_benchmark(
            read_config(config), output, limit=limit, only=only or (), processes=processes,
            progress=progress,
        )  # fmt: skip
    if as_json and result.output is not None:
        print_line(json.dumps(json.loads((result.output / "scores.json").read_text("utf-8"))))
    else:
        for line in result.summary():
            print_line(line)
    if result.failed:
        print_note(f"warning: {result.failed} samples failed; see samples.csv")
        raise typer.Exit(EXIT_PARTIAL)


@benchmark_app.command()
def check(
    folder: Annotated[Path, typer.Argument(help="Folder of predictions.")],
    data: Data,
    as_json: Json = False,
) -> None:
    """Report every defect of a folder of predictions: docs/predictions.md.

    Exit code 1: there are defects.

    Example: `mtrs-geo benchmark check lisa_out --data MTRefSeg-21K/RS_FINAL_CLEAN_val`
    """
    from mtrs_geo.benchmark.predictions.check import check_predictions

    with show_progress(as_json=as_json) as progress:
        report = check_predictions(folder, data, progress=progress)
    if as_json:
        print_line(json.dumps(report.as_json()))
    else:
        for line in report.summary():
            print_line(line)
    if not report.is_complete:
        raise typer.Exit(1)


@benchmark_app.command()
def write(
    model: Annotated[
        str, typer.Argument(help="Name or folder of a model, or oracle, empty or everything.")
    ],
    data: Data,
    output: Annotated[Path, output_option("New folder of predictions.")],
    device: Device = "auto",
    precision: Precision = "float32",
    mirrored: Mirrored = False,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Write a model's masks of a split as a folder of predictions: docs/predictions.md.

    Example: `mtrs-geo benchmark write tiny --data MTRefSeg-21K/RS_FINAL_CLEAN_val -o tiny_masks`
    """
    choice("--precision", precision, ("float32", "bfloat16"))
    from mtrs_geo.benchmark import ModelEntry
    from mtrs_geo.benchmark.predictions.write import write_predictions

    entry = ModelEntry(model, model, device, precision, mirrored)
    with show_progress(as_json=as_json) as progress:
        failed = write_predictions(entry, data, output, overwrite=overwrite, progress=progress)
    if as_json:
        print_line(json.dumps({"output": str(output), "failed": failed}))
    else:
        print_line(f"masks -> {output}")
    if failed:
        print_note(f"warning: {len(failed)} samples failed; see predictions.json")
        raise typer.Exit(EXIT_PARTIAL)


@benchmark_app.command()
def stress(
    model: Annotated[str, typer.Argument(help="Name or folder of a model.")],
    data: Data,
    output: Annotated[Path, output_option("New folder for the curves and a page.")] = Path(
        "stress"
    ),
    axes: Annotated[
        str, typer.Option(help="Axes separated by commas, such as scale,haze; by default all.")
    ] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="Use only the first N pairs.")] = None,
    seed: Annotated[
        int, typer.Option(min=0, help="Seed of noise, typing errors and word order.")
    ] = 0,
    device: Device = "auto",
    precision: Precision = "float32",
    mirrored: Mirrored = False,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Perturb images and sentences, and report how much of its score a model keeps.

    Example: `mtrs-geo benchmark stress tiny --data MTRefSeg-21K/RS_FINAL_CLEAN_val --limit 50`
    """
    choice("--precision", precision, ("float32", "bfloat16"))
    from mtrs_geo.benchmark import ModelEntry
    from mtrs_geo.benchmark.stress.curves import stress_lines
    from mtrs_geo.benchmark.stress.run import run_stress
    from mtrs_geo.benchmark.stress.stored import stress_as_json

    entry = ModelEntry(model, model, device, precision, mirrored)
    names = [name.strip() for name in axes.split(",") if name.strip()]
    with show_progress(as_json=as_json) as progress:
        result = run_stress(
            entry, data, output, axes=names, limit=limit, seed=seed, overwrite=overwrite,
            progress=progress,
        )  # fmt: skip
    if as_json:
        print_line(json.dumps(stress_as_json(result)))
    else:
        for line in stress_lines(result):
            print_line(line)
    if result.failed:
        print_note(f"warning: {len(result.failed)} pairs failed at some level; see stress.json")
        raise typer.Exit(EXIT_PARTIAL)
