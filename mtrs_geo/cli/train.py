"""``mtrs-geo train``: both stages, narrower models, export, ablations, and fine-tuning."""

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
    complain,
    say,
    shown_progress,
)

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
    """Teach a model to see change; arguments go to Lightning's command line.

    Example: `mtrs-geo train stage1 fit --config tiny_stage1.yaml --data.root DATA`
    """
    _train("stage1", context.args)


@train_app.command(context_settings=_LIGHTNING, add_help_option=False)
def reader(context: typer.Context) -> None:
    """Teach a model to read sentences, without pictures; arguments go to Lightning's command line.

    Example: `mtrs-geo train reader fit --config tiny_reader.yaml`
    """
    _train("reader", context.args)


@train_app.command(context_settings=_LIGHTNING, add_help_option=False)
def stage2(context: typer.Context) -> None:
    """Teach a model to understand sentences; arguments go to Lightning's command line.

    Example: `mtrs-geo train stage2 fit --config tiny_stage2.yaml --data.root DATA`
    """
    _train("stage2", context.args)


@train_app.command()
def factor(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the narrower model.")],
    data: Annotated[Path, typer.Option(help="Data root (docs/training.md): pictures to fit to.")],
    model: Model = "tiny",
    fusion_ranks: Annotated[
        tuple[int, int], typer.Option(help="Channels between, of the fusion at strides 4 and 8.")
    ] = (32, 48),
    decoder_ranks: Annotated[
        tuple[int, int], typer.Option(help="The same of the pixel decoder.")
    ] = (32, 48),
    land_rank: Annotated[int, typer.Option(help="The same of the land head, at stride 4.")] = 16,
    crops: Annotated[int, typer.Option(help="Pairs to fit to; eight take 60 MB.")] = 480,
    seed: Annotated[int, typer.Option(help="Of the crops.")] = 0,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Make a model narrower and faster: 3 × 3 convolutions become two smaller ones.

    It takes some minutes and no training.  How far the two models are apart on further crops is
    told in the end: errors of features as shares of their variance, and divergences of the heads.

    Example: `mtrs-geo train factor --data DATA -o narrow --model my_model`
    """
    from mtrs_geo.training.main import factor as run

    with shown_progress(as_json=as_json) as progress:
        apart = run(
            model, output, data, fusion_ranks=fusion_ranks, decoder_ranks=decoder_ranks,
            land_rank=land_rank, crops=crops, seed=seed, overwrite=overwrite, progress=progress,
        )  # fmt: skip
    if as_json:
        say(json.dumps({"model": str(output), "apart": apart}))
    else:
        parts = ", ".join(f"{name} {value:.4f}" for name, value in apart.items())
        say(f"{model} -> {output}; apart by {parts}")


@train_app.command()
def export(
    checkpoint: Annotated[Path, typer.Argument(help="Checkpoint of a training run.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the new model.")],
    name: Annotated[str, typer.Option(help="Name of the model; the folder's by default.")] = "",
    version: Annotated[str, typer.Option(help="Its version.")] = "1",
    description: Annotated[str, typer.Option(help="A sentence for those who will use it.")] = "",
    overwrite: Overwrite = False,
) -> None:
    """Make a checkpoint into a model folder, which `--model DIR` takes.

    Example: `mtrs-geo train export runs/tiny_stage2/last.ckpt -o my_model --version 2`
    """
    from mtrs_geo.training.main import export as run

    run(
        checkpoint, output, name=name or output.name, version=version, description=description,
        overwrite=overwrite,
    )  # fmt: skip
    say(f"{checkpoint} -> {output}")


@train_app.command(context_settings=_LIGHTNING)
def ablations(
    context: typer.Context,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of all runs.")],
    steps: Annotated[
        int | None, typer.Option(help="Of every stage; the configurations' by default.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="A variant to run; repeat for more. All by default.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Train fusion variants, without stage 1, and end to end; write a table.

    What is finished is not run again. Other arguments go to Lightning's command line.

    Example: `mtrs-geo train ablations --data.root DATA -o ablations`
    """
    from mtrs_geo.training.main import ablations as run

    # Lightning prints tables of its own, and the answer is all that may go to the output.
    with shown_progress(as_json=as_json) as progress, redirect_stdout(sys.stderr):
        done = run(output, context.args, steps=steps, only=only or (), progress=progress)
    if as_json:
        say(json.dumps([asdict(result) for result in done]))
    else:
        say((output / "ablations.md").read_text().rstrip())


@train_app.command()
def finetune(
    pairs: Annotated[
        list[str],
        typer.Option(help="Layer of changes with text, or a folder of pairs; repeat for more."),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the new model.")],
    before: Annotated[
        list[str] | None,
        typer.Option(help="Earlier raster below the layers, or one for each; see --after."),
    ] = None,
    after: Annotated[
        list[str] | None,
        typer.Option(help="Later raster. Layers that `detect` wrote name their rasters."),
    ] = None,
    layer: Annotated[str | None, typer.Option(help="Name of the layer in its file.")] = None,
    text_column: Annotated[
        str | None, typer.Option(help="Column of the sentences; found by its name by default.")
    ] = None,
    area: Annotated[
        str | None,
        typer.Option(
            help="What was looked at, a layer or left,bottom,right,top[,EPSG:code]: nothing else "
            "changed there. By default the tiles that hold a polygon."
        ),
    ] = None,
    tile_px: Annotated[int | None, typer.Option(help="Least side of a layer's tiles.")] = None,
    resolution: Resolution = None,
    raw: Annotated[bool, typer.Option("--raw", help="Keep sentences with scene rules.")] = False,
    model: Model = "tiny",
    device: Device = "auto",
    minutes: Annotated[
        float, typer.Option(help="The run ends in this time, with fewer steps where it must.")
    ] = 10,
    steps: Annotated[int, typer.Option(help="Steps at most.")] = 300,
    lr: Annotated[float, typer.Option("--lr", help="Peak learning rate.")] = 3e-4,
    seed: Annotated[int, typer.Option(help="Of every random choice.")] = 0,
    lora_rank: Annotated[
        int, typer.Option(help="Train the language model of base by LoRA of this rank.")
    ] = 0,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Teach a model your own changes; a fifth of the places is held back and scored.

    Example: `mtrs-geo train finetune --pairs changes.gpkg --before 2016.tif --after 2023.tif
    -o my_model`, then `mtrs-geo detect … --model my_model`
    """
    from mtrs_geo.io.stack import StackOptions
    from mtrs_geo.pairs.export import PairsOptions
    from mtrs_geo.training.finetune.own_data import TILE_PX, labelled_layers
    from mtrs_geo.training.main import finetune as run

    cut = PairsOptions(
        tile_px or TILE_PX, text_column, aoi=area, negatives=True, raw=raw,
        stack=StackOptions(resolution=resolution),
    )  # fmt: skip
    sources = labelled_layers(pairs, before or (), after or (), layer, cut)
    with shown_progress(as_json=as_json) as progress:
        done = run(
            sources, output, model=model, device=device, steps=steps, minutes=minutes, lr=lr,
            seed=seed, lora_rank=lora_rank, overwrite=overwrite, progress=progress,
        )  # fmt: skip
    for warning in () if as_json else done.warnings:
        complain(f"warning: {warning}")
    say(json.dumps(done.as_json()) if as_json else "\n".join(done.summary()))


def _train(stage: str, arguments: list[str]) -> None:
    from mtrs_geo.training.main import train as run

    run(stage, arguments)
