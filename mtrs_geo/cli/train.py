"""``mtrs-geo train``: the training stages, compression, export, ablations and fine-tuning."""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from mtrs_geo.cli.console import (
    Device,
    Json,
    Model,
    Overwrite,
    Resolution,
    output_option,
    print_line,
    print_note,
)
from mtrs_geo.cli.progress import show_progress

__all__ = ["train_app"]

train_app = typer.Typer(
    name="train",
    help="Train a model, or fine-tune one on your own data.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
_LIGHTNING = {"allow_extra_args": True, "ignore_unknown_options": True}


@train_app.command(context_settings=_LIGHTNING, add_help_option=False)
def stage1(context: typer.Context) -> None:
    """Train a model to detect change; arguments go to Lightning's command line.

    Example: `mtrs-geo train stage1 fit --config mtrs_geo/training/configs/tiny_stage1.yaml
    --data.root DATA`
    """
    _train("stage1", context)


@train_app.command(context_settings=_LIGHTNING, add_help_option=False)
def intent(context: typer.Context) -> None:
    """Train the intent head on sentences alone; arguments go to Lightning's command line.

    Example: `mtrs-geo train intent fit --config mtrs_geo/training/configs/tiny_intent.yaml`
    """
    _train("intent", context)


@train_app.command(context_settings=_LIGHTNING, add_help_option=False)
def stage2(context: typer.Context) -> None:
    """Train a model to understand sentences; arguments go to Lightning's command line.

    Example: `mtrs-geo train stage2 fit --config mtrs_geo/training/configs/tiny_stage2.yaml
    --data.root DATA`
    """
    _train("stage2", context)


@train_app.command("stage2-pairs", context_settings=_LIGHTNING, add_help_option=False)
def stage2_pairs(context: typer.Context) -> None:
    """Train stage 2 on pairs in MTRefSeg-21K's layout, such as an export of `mtrs-geo craft`.

    Arguments go to Lightning's command line.

    Example: `mtrs-geo train stage2-pairs fit
    --config mtrs_geo/training/configs/tiny_stage2_pairs.yaml --data.train pairs`
    """
    _train("stage2-pairs", context)


@train_app.command("low-rank")
def low_rank(
    output: Annotated[Path, output_option("Folder of the low-rank model.")],
    data: Annotated[Path, typer.Option(help="Data root (docs/training.md): images to fit to.")],
    model: Model = "tiny",
    fusion_ranks: Annotated[
        tuple[int, int], typer.Option(help="Ranks of the fusion's convolutions at strides 4 and 8.")
    ] = (32, 48),
    decoder_ranks: Annotated[
        tuple[int, int], typer.Option(help="Ranks of the pixel decoder's, at strides 4 and 8.")
    ] = (32, 48),
    land_cover_rank: Annotated[
        int, typer.Option(help="Rank of the land-cover head's convolution at stride 4.")
    ] = 16,
    crops: Annotated[int, typer.Option(help="Crop pairs to fit to; eight take 60 MB.")] = 480,
    seed: Annotated[int, typer.Option(help="Seed of the crops.")] = 0,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Make a model faster: replace 3 × 3 convolutions with low-rank pairs of convolutions.

    It takes some minutes and no training.  At the end it prints the distance of the two models on
    other crops: feature errors as fractions of their variance, and divergences of the heads.

    Example: `mtrs-geo train low-rank --data DATA -o low_rank --model my_model`
    """
    from mtrs_geo.training.main import low_rank as run

    with show_progress(as_json=as_json) as progress:
        distances = run(
            model, output, data, fusion_ranks=fusion_ranks, decoder_ranks=decoder_ranks,
            land_cover_rank=land_cover_rank, crops=crops, seed=seed, overwrite=overwrite,
            progress=progress,
        )  # fmt: skip
    if as_json:
        print_line(json.dumps({"model": str(output), "distances": distances}))
    else:
        text = ", ".join(f"{name} {value:.4f}" for name, value in distances.items())
        print_line(f"{model} -> {output}; distances: {text}")


@train_app.command()
def export(
    checkpoint: Annotated[Path, typer.Argument(help="Checkpoint of a training run.")],
    output: Annotated[Path, output_option("Folder of the new model.")],
    name: Annotated[str, typer.Option(help="Name of the model; the folder's by default.")] = "",
    version: Annotated[str, typer.Option(help="Version of the model.")] = "1",
    description: Annotated[str, typer.Option(help="One sentence for its users.")] = "",
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Write a checkpoint as a model folder for `--model DIR`.

    Example: `mtrs-geo train export runs/tiny_stage2/last.ckpt -o my_model --version 2`
    """
    from mtrs_geo.training.main import export as run

    run(
        checkpoint, output, name=name or output.name, version=version, description=description,
        overwrite=overwrite,
    )  # fmt: skip
    print_line(json.dumps({"model": str(output)}) if as_json else f"{checkpoint} -> {output}")


@train_app.command()
def pack(
    output: Annotated[Path, output_option("Folder of the bundle.")],
    data: Annotated[Path, typer.Option(help="Data root (docs/training.md).")],
    model: Annotated[
        str | None,
        typer.Option(
            help="Bundled name or folder of the model to start from; by default tiny, or ImageNet "
            "weights if the configuration starts from no model."
        ),
    ] = None,
    max_mb: Annotated[float, typer.Option(help="Largest size of the folder in megabytes.")] = 60.0,
    share: Annotated[
        float | None,
        typer.Option(help="Share of the scenes and unchanged places; by default what fits."),
    ] = None,
    config: Annotated[
        str, typer.Option(help="Bundled configuration whose sources are packed.")
    ] = "tiny_stage2_ground",
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Pack code, weights and images to train on a machine without mtrs-geo.

    There, run `python FOLDER/train.py --minutes 10 --output OUT`.

    Example: `mtrs-geo train pack --data DATA -o bundle`
    """
    from mtrs_geo.training.main import pack as run

    with show_progress(as_json=as_json) as progress:
        done = run(
            data, output, max_mb=max_mb, share=share, model=model, config=config,
            overwrite=overwrite, progress=progress,
        )  # fmt: skip
    if as_json:
        print_line(json.dumps({"bundle": str(output), **asdict(done)}))
    else:
        print_line(
            f"{done.files} files, {done.megabytes} MB, {done.pictures} pictures at quality "
            f"{done.quality}, {done.share:.0%} of the scenes -> {output}"
        )


@train_app.command(context_settings=_LIGHTNING)
def ablations(
    context: typer.Context,
    output: Annotated[Path, output_option("Folder for all runs.")],
    steps: Annotated[
        int | None, typer.Option(help="Steps of each stage; by default those of its configuration.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Variant to run; repeat for more. All by default.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Train the variants of the ablation study, and write a table.

    Finished variants are not run again. Other arguments go to Lightning's command line.

    Example: `mtrs-geo train ablations --data.root DATA -o ablations`
    """
    from mtrs_geo.training.main import ablations as run

    # Lightning prints to standard output, which must hold only the result.
    with show_progress(as_json=as_json) as progress, redirect_stdout(sys.stderr):
        done = run(output, context.args, steps=steps, only=only or (), progress=progress)
    if as_json:
        print_line(json.dumps([asdict(result) for result in done]))
    else:
        print_line((output / "ablations.md").read_text().rstrip())


@train_app.command()
def finetune(
    pairs: Annotated[
        list[str],
        typer.Option(help="Layer of changes with text, or a folder of pairs; repeat for more."),
    ],
    output: Annotated[Path, output_option("Folder of the new model.")],
    before: Annotated[
        list[str] | None,
        typer.Option(help="Earlier raster of the layers, or one per layer; see --after."),
    ] = None,
    after: Annotated[
        list[str] | None,
        typer.Option(help="Later raster. Not needed for layers that `detect` wrote."),
    ] = None,
    layer: Annotated[str | None, typer.Option(help="Name of the layer in its file.")] = None,
    text_column: Annotated[
        str | None, typer.Option(help="Column of the sentences; detected by name by default.")
    ] = None,
    aoi: Annotated[
        str | None,
        typer.Option(
            "--aoi",
            "--area",
            help="Area that was labelled completely: a layer or left,bottom,right,top[,EPSG:code]. "
            "By default, the tiles that contain a polygon.",
        ),
    ] = None,
    tile_px: Annotated[
        int | None, typer.Option(help="Smallest side of a layer's tiles, in pixels.")
    ] = None,
    resolution: Resolution = None,
    raw: Annotated[bool, typer.Option("--raw", help="Keep sentences with scene rules.")] = False,
    model: Model = "tiny",
    device: Device = "auto",
    minutes: Annotated[
        float, typer.Option(help="Time limit; the run does fewer steps if it must.")
    ] = 10,
    steps: Annotated[int, typer.Option(help="Largest number of steps.")] = 300,
    batch_size: Annotated[int, typer.Option(help="Crops per step.")] = 8,
    crop_px: Annotated[int, typer.Option(help="Side of a crop in pixels.")] = 256,
    lr: Annotated[float, typer.Option(help="Peak learning rate.")] = 3e-4,
    seed: Annotated[int, typer.Option(help="Seed of every random choice.")] = 0,
    lora_rank: Annotated[
        int, typer.Option(help="Rank of LoRA on the language model of base; 0 for none.")
    ] = 0,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Fine-tune a model on your own changes; a fifth of the places is held out and scored.

    Example: `mtrs-geo train finetune --pairs changes.gpkg --before 2016.tif --after 2023.tif
    -o my_model`, then `mtrs-geo detect … --model my_model`
    """
    from mtrs_geo.io.stack import StackOptions
    from mtrs_geo.pairs.export import PairsOptions
    from mtrs_geo.training.finetune.own_data import TILE_PX, labelled_layers
    from mtrs_geo.training.main import finetune as run

    cut = PairsOptions(
        tile_px or TILE_PX, text_column, aoi=aoi, negatives=True, raw=raw,
        stack=StackOptions(resolution=resolution),
    )  # fmt: skip
    sources = labelled_layers(pairs, before or (), after or (), layer, cut)
    with show_progress(as_json=as_json) as progress:
        done = run(
            sources, output, model=model, device=device, steps=steps, minutes=minutes,
            batch_size=batch_size, crop_px=crop_px, lr=lr, seed=seed, lora_rank=lora_rank,
            overwrite=overwrite, progress=progress,
        )  # fmt: skip
    for warning in () if as_json else done.warnings:
        print_note(f"warning: {warning}")
    print_line(json.dumps(done.as_json()) if as_json else "\n".join(done.summary()))


@train_app.command()
def calibrate(
    data: Annotated[
        Path, typer.Option(help="Labelled pairs that no training used: A, B, masks and sentences.")
    ],
    output: Annotated[Path, output_option("Folder of the calibrated model.")],
    model: Model = "tiny",
    gsd_m: Annotated[
        float | None,
        typer.Option("--gsd-m", "--gsd", help="Pixel size of the pairs in m; the model's own."),
    ] = None,
    device: Device = "auto",
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Calibrate the scores of a model on labelled pairs: of polygons scored 0.8, 80 % are right.

    The weights stay as they are. It prints the expected calibration error and the Brier score
    before and after, on pairs that the fit did not use.

    Example: `mtrs-geo train calibrate --data my_pairs --model my_model -o my_calibrated_model`
    """
    from mtrs_geo.evaluation.calibrated_copy import calibrate as run

    with show_progress(as_json=as_json) as progress:
        done = run(
            data, output, model=model, gsd_m=gsd_m, device=device, overwrite=overwrite,
            progress=progress,
        )  # fmt: skip
    print_line(json.dumps(done.as_json()) if as_json else "\n".join(done.summary()))


def _train(stage: str, context: typer.Context) -> None:
    """Run Lightning's command line, whose help begins with that of the command."""
    from mtrs_geo.training.main import train as run

    run(stage, context.args, (context.command.help or "").replace("`", ""))
