"""``mtrs-geo models``: list models, convert the release, quantize, export to ONNX."""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from dataclasses import asdict
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import typer

from mtrs_geo.cli.console import Json, Overwrite, output_option, print_line, print_note
from mtrs_geo.cli.explain import understanding_lines
from mtrs_geo.outputs import check_output, refuse_existing

__all__ = ["models_app"]

models_app = typer.Typer(
    name="models",
    help="List models, convert the paper's release, quantize, export to ONNX.\n\n"
    "Example: `mtrs-geo models --json`",
    invoke_without_command=True,
    rich_markup_mode="markdown",
)


@models_app.callback()
def models(context: typer.Context, as_json: Json = False) -> None:
    """List the models; the same as `models list`."""
    if context.invoked_subcommand is None:
        list_models(as_json)
    elif as_json:  # before the command it means the same as behind it
        context.default_map = {context.invoked_subcommand: {"as_json": True}}


@models_app.command("list")
def list_models(as_json: Json = False) -> None:
    """List the bundled models, the classical methods and the models that take your weights.

    Example: `mtrs-geo models list --json`
    """
    from mtrs_geo.models.catalog import bundled_metadata
    from mtrs_geo.models.classical import CLASSICAL
    from mtrs_geo.models.latent.names import LATENT_DESCRIPTION, LATENT_NAME
    from mtrs_geo.models.rivals.names import RIVALS

    bundled = bundled_metadata()
    classical = [
        {"name": name, "usage": name, "description": method.description}
        for name, method in CLASSICAL.items()
    ]
    classical.append({"name": LATENT_NAME, "usage": LATENT_NAME, "description": LATENT_DESCRIPTION})
    rivals: list[dict[str, Any]] = [
        {
            "name": rival.name,
            "usage": rival.usage,
            "checkpoints": list(rival.checkpoints),
            "description": rival.description,
        }
        for rival in RIVALS.values()
    ]
    if as_json:
        print_line(json.dumps([*bundled, *classical, *rivals]))
        return
    for model in bundled:
        print_line(f"{model['name']} {model['version']}: {model['description']}")
    for fact in [*classical, *rivals]:
        print_line(f"{fact['usage']}: {fact['description']}")


@models_app.command()
def convert(
    release: Annotated[
        Path, typer.Argument(help="Folder of the release, with weights and tokenizer.")
    ],
    output: Annotated[Path, typer.Argument(help="Folder to write; `--model OUTPUT` uses it.")],
    preset: Annotated[
        str, typer.Option(help="base, or a JSON file with the configuration of another size.")
    ] = "base",
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Convert the paper's released weights into a model folder of the base preset.

    Example: `mtrs-geo models convert MTRefSeg-R1 base`
    """
    refuse_existing(output / "config.json", overwrite=overwrite)
    from mtrs_geo.models.checkpoints.preset_file import read_preset
    from mtrs_geo.models.checkpoints.release import convert_release

    convert_release(release, output, read_preset(preset), overwrite=overwrite)
    print_line(json.dumps({"model": str(output)}) if as_json else f"{release} -> {output}")


@models_app.command()
def quantize(
    model: Annotated[str, typer.Argument(help="Name or folder of a model.")],
    rasters: Annotated[
        list[str], typer.Argument(help="Before and after of one or more places, in turn.")
    ],
    output: Annotated[Path, output_option("Folder of the new model.")],
    tiles: Annotated[int, typer.Option(help="Tile pairs to read from the rasters.")] = 120,
    seed: Annotated[int, typer.Option(min=0, help="Seed of their positions.")] = 0,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Quantize the encoder of a model to eight bits, which is faster on a CPU.

    The rasters show what values occur; no labels and no training are needed, and it takes some
    minutes. At the end it prints how much faster the encoder is on this machine, and how well both
    models agree on tiles that it did not use.

    Example: `mtrs-geo models quantize tiny before.tif after.tif -o tiny_int8`
    """
    from mtrs_geo.detect.sample_tiles import sample_tiles
    from mtrs_geo.errors import RequestError
    from mtrs_geo.io.inputs.input_files import named_files
    from mtrs_geo.models.runtime.quantize import quantize_model

    if len(rasters) % 2:
        msg = f"{len(rasters)} rasters were given; they must be pairs of before and after."
        raise RequestError(msg, advice="Give before.tif after.tif, and so on for more places.")
    pairs = list(zip(rasters[::2], rasters[1::2], strict=True))
    sample = partial(sample_tiles, pairs, tiles, seed=seed)
    inputs = [*rasters, *named_files(rasters)]
    with redirect_stdout(sys.stderr):  # NNCF shows its progress
        figures = quantize_model(model, sample, output, overwrite=overwrite, inputs=inputs)
    if as_json:
        print_line(json.dumps({"model": str(output), **asdict(figures)}))
        return
    print_line(
        f"{model} -> {output}: the encoder takes 1/{figures.speedup:g} of the time; masks of any "
        f"change agree with an IoU of {figures.agreement:.3f} ({figures.compared} other tiles)"
    )


@models_app.command()
def export(
    model: Annotated[str, typer.Argument(help="Name or folder of a model.")],
    output: Annotated[Path, typer.Argument(help="ONNX file to write.")],
    query: Annotated[
        list[str] | None, typer.Option(help="A sentence for the graph; repeat for more.")
    ] = None,
    tile_px: Annotated[
        int | None, typer.Option(help="Side of the images in pixels; the model's own by default.")
    ] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="Use the sentences as they are, without the grammar.")
    ] = False,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Export a model and fixed sentences to one ONNX file.

    Without a sentence, the graph detects any change. Sentences are read as `detect` reads them;
    one with a rule for the whole scene ("the largest", "in the north") cannot be exported.

    Example: `mtrs-geo models export tiny tiny.onnx --query "new buildings"`
    """
    check_output(output, overwrite=overwrite)
    from mtrs_geo.models.runtime.onnx_export import export_onnx

    questions = export_onnx(model, output, query or [""], tile_px, raw=raw)
    if as_json:
        asked = [question.as_dict() for question in questions]
        print_line(json.dumps({"output": str(output), "questions": asked}))
        return
    for line in chain.from_iterable(map(understanding_lines, questions if query else [])):
        print_note(line)
    print_line(f"{model} -> {output}")
