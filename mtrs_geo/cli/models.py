"""``mtrs-geo models``: list bundled models, convert the release, export to ONNX."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from mtrs_geo.cli.console import Json, Overwrite, print_line
from mtrs_geo.outputs import check_output, refuse_existing

__all__ = ["models_app"]

models_app = typer.Typer(
    name="models",
    help="List models, convert the paper's release, export to ONNX.\n\n"
    "Example: `mtrs-geo models --json`",
    invoke_without_command=True,
    rich_markup_mode="markdown",
)


@models_app.callback()
def models(context: typer.Context, as_json: Json = False) -> None:
    """List the bundled models; the same as `models list`."""
    if context.invoked_subcommand is None:
        list_models(as_json)


@models_app.command("list")
def list_models(as_json: Json = False) -> None:
    """List the bundled models.

    Example: `mtrs-geo models list --json`
    """
    from mtrs_geo.models.catalog import bundled_metadata

    metadata = bundled_metadata()
    if as_json:
        print_line(json.dumps(metadata))
        return
    for model in metadata:
        print_line(f"{model['name']} {model['version']}: {model['description']}")


@models_app.command()
def convert(
    release: Annotated[
        Path, typer.Argument(help="Folder of the release, with weights and tokenizer.")
    ],
    output: Annotated[Path, typer.Argument(help="Folder to write; `--model OUTPUT` uses it.")],
    overwrite: Overwrite = False,
) -> None:
    """Convert the paper's released weights into a model folder of the base preset.

    Example: `mtrs-geo models convert MTRefSeg-R1 base`
    """
    refuse_existing(output / "config.json", overwrite=overwrite)
    from mtrs_geo.models.checkpoints.release import convert_release

    convert_release(release, output)
    print_line(f"{release} -> {output}")


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
    overwrite: Overwrite = False,
) -> None:
    """Export a model and fixed sentences to one ONNX file.

    Without a sentence, the graph detects any change.

    Example: `mtrs-geo models export tiny tiny.onnx --query "new buildings"`
    """
    check_output(output, overwrite=overwrite)
    from mtrs_geo.models.runtime.onnx_export import export_onnx

    export_onnx(model, output, query or [""], tile_px)
    print_line(f"{model} -> {output}")
