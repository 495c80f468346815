"""Serve the pages of a project until SIGINT or SIGTERM."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

import uvicorn

from mtrs_geo.craft.audit.access import ENTER_PATH, Access
from mtrs_geo.craft.audit.application import make_application
from mtrs_geo.craft.audit.session_routes import check_name
from mtrs_geo.craft.project import Project
from mtrs_geo.errors import RequestError

__all__ = ["Address", "serve"]

Address = tuple[str, str]
"""Name of an auditor, which may be empty, and the address to open."""
_END_S = 2


def serve(
    path: Path,
    host: str,
    port: int,
    auditors: Sequence[str],
    ready: Callable[[list[Address]], None],
) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        path: the project file.
        host: address to listen on.
        port: port to listen on; 0 for a free one.
        auditors: one address with a token of its own is made per name; without names there is one
            address, and people give their names in the browser.
        ready: called with the addresses when the server listens.

    Raises:
        OutputError: if the project cannot be opened.
        RequestError: if it cannot listen on the address, or a name cannot be used.
    """
    names = [check_name(name) for name in auditors] or [""]
    with Project(path):
        pass
    listening = _listen(host, port)
    with listening:
        port = listening.getsockname()[1]
        tokens = {secrets.token_urlsafe(24): name for name in names}
        application = make_application(Path(path).absolute(), Access(host, port, tokens))
        config = uvicorn.Config(
            application, log_level="critical", access_log=False, server_header=False,
            proxy_headers=False, ws="none", timeout_graceful_shutdown=_END_S,
        )  # fmt: skip
        shown = f"[{host}]" if ":" in host else host
        ready(
            [(name, f"http://{shown}:{port}{ENTER_PATH}?token={t}") for t, name in tokens.items()]
        )
        uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen()
    except (OSError, OverflowError) as error:
        msg = f"the server cannot listen on {host}, port {port}: {error}."
        raise RequestError(msg, advice="Give another --port, or 0 for a free one.") from error
    return listening
