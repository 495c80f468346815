"""``mtrs-geo craft``: build and audit training data.  One module per command."""

from __future__ import annotations

import typer

from mtrs_geo.cli.craft.add import add
from mtrs_geo.cli.craft.audit import audit
from mtrs_geo.cli.craft.export import export
from mtrs_geo.cli.craft.from_layer import from_layer
from mtrs_geo.cli.craft.gold import gold
from mtrs_geo.cli.craft.import_label_studio import import_label_studio
from mtrs_geo.cli.craft.init import init
from mtrs_geo.cli.craft.run import run
from mtrs_geo.cli.craft.settings import settings
from mtrs_geo.cli.craft.status import status

__all__ = ["craft_app"]

craft_app = typer.Typer(
    name="craft",
    help="Build pairs with sentences and masks automatically, for people to audit.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
craft_app.command("init")(init)
craft_app.command("add")(add)
craft_app.command("run")(run)
craft_app.command("from-layer")(from_layer)
craft_app.command("status")(status)
craft_app.command("settings")(settings)
craft_app.command("gold")(gold)
craft_app.command("audit")(audit)
craft_app.command("export")(export)
craft_app.command("import-label-studio")(import_label_studio)
