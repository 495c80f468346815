"""``mtrs-geo craft audit``: pages on which people judge items."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from mtrs_geo.cli.console import Json, print_line, print_note
from mtrs_geo.cli.craft.project_argument import ProjectFile
from mtrs_geo.errors import MissingExtraError
from mtrs_geo.interruption import Termination

__all__ = ["audit"]


def audit(
    project: ProjectFile,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8766,
    host: Annotated[
        str, typer.Option(help="Address to listen on; by default, only this machine can connect.")
    ] = "127.0.0.1",
    auditor: Annotated[
        list[str] | None,
        typer.Option(
            help="Name of an auditor, who gets an address of their own; may be repeated. Without "
            "it the page asks for a name."
        ),
    ] = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Do not open the page in a browser.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Serve pages on which people accept, reject and correct items; stop with Ctrl-C.

    Example: `mtrs-geo craft audit project.db --auditor Ana`
    """
    try:
        from mtrs_geo.craft.audit.access import is_loopback
        from mtrs_geo.craft.audit.server import Address, serve
    except ImportError as error:
        msg = f"the audit needs a package that is not installed: {error}."
        raise MissingExtraError(msg, advice="pip install 'mtrs-geo[craft]'") from error

    def show(addresses: list[Address]) -> None:
        for name, address in addresses:
            if as_json:
                print_line(json.dumps({"auditor": name, "address": address}))
            else:
                print_line(f"{name}: {address}" if name else address)
        sys.stdout.flush()
        if not is_loopback(host):
            print_note(
                f"warning: {host} is reached from other machines; whoever has an address can judge "
                "and see the images, and nothing is encrypted"
            )
        if not as_json:
            print_note("every verdict is stored at once; end with Ctrl-C")
        if not no_browser:
            import webbrowser

            webbrowser.open(addresses[0][1])

    try:
        serve(project, host, port, auditor or [], show)
    except KeyboardInterrupt as stop:
        print_note("ended; every verdict is stored")
        if isinstance(stop, Termination):
            raise typer.Exit(stop.exit_code) from stop
