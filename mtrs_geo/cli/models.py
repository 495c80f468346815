"""``mtrs-geo models``: list the bundled, convert the release, export to ONNX."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from mtrs_geo.cli.console import Json, Overwrite, say
from mtrs_geo.errors import OutputError

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
    """List the models that ship with trained weights; the same as `models list`."""
    if context.invoked_subcommand is None:
        list_models(as_json)


@models_app.command("list")
def list_models(as_json: Json = False) -> None:
    """List the models that ship with trained weights.

    Example: `mtrs-geo models list --json`
    """
    from mtrs_geo.models.catalog import bundled_facts

    facts = bundled_facts()
    if as_json:
        say(json.dumps(facts))
        return
    for fact in facts:
        say(f"{fact['name']} {fact['version']}: {fact['description']}")


@models_app.command()
def convert(
    release: Annotated[Path, typer.Argument(help="The release's folder: weights, tokenizer.")],
    out: Annotated[Path, typer.Argument(help="Folder to write; `--model OUT` uses it.")],
    overwrite: Overwrite = False,
) -> None:
    """Convert the paper's released weights into a model folder of the base preset.

    Example: `mtrs-geo models convert MTRefSeg-R1 base`
    """
    _refuse_existing(out / "config.json", overwrite=overwrite)
    from mtrs_geo.models.checkpoints.release import convert_release

    convert_release(release, out)
    say(f"{release} -> {out}")


@models_app.command()
def export(
    model: Annotated[str, typer.Argument(help="Name or folder of a model.")],
    out: Annotated[Path, typer.Argument(help="ONNX file to write.")],
    query: Annotated[
        list[str] | None, typer.Option(help="A sentence the file answers; repeat for more.")
    ] = None,
    tile_px: Annotated[
        int | None, typer.Option(help="Side of its images; the model's own tiles by default.")
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Export a model and the sentences that it shall answer to one ONNX file.

    Without a sentence it answers "any change".

    Example: `mtrs-geo models export tiny tiny.onnx --query "new buildings"`
    """
    _refuse_existing(out, overwrite=overwrite)
    if not out.parent.is_dir():
        msg = f"{out} cannot be written: {out.parent} is no folder. Make it first."
        raise OutputError(msg)
    from mtrs_geo.models.runtime.onnx_export import export_onnx

    export_onnx(model, out, query or [""], tile_px)
    say(f"{model} -> {out}")


def _refuse_existing(path: Path, *, overwrite: bool) -> None:
    if path.exists() and not overwrite:
        msg = f"{path} exists. Choose another output, or replace it with --overwrite."
        raise OutputError(msg)
