"""Who may ask: the address of a request, its session, and the headers of every answer."""

from __future__ import annotations

import ipaddress
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["ENTER_PATH", "NAME_PATH", "Access", "AccessMiddleware", "Session", "is_loopback"]

ENTER_PATH, NAME_PATH = "/enter", "/name"
_LOCALHOST = "localhost"
_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
_SAFE_METHODS = frozenset({"GET", "HEAD"})
_MOST_SESSIONS = 10_000


@dataclass
class Session:
    """One browser."""

    auditor: str = ""
    """Empty until the person has given a name."""
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(32))


@dataclass
class Access:
    """Tokens and sessions of one server; both end with it.

    Args:
        host: the address that the server listens on.
        port: its port.
        tokens: an auditor per token, an empty name where the person is asked for one.
    """

    host: str
    port: int
    tokens: Mapping[str, str]
    sessions: dict[str, Session] = field(default_factory=dict)

    @property
    def cookie(self) -> str:
        """Name of the cookie; browsers send cookies to every port of a host."""
        return f"mtrs_geo_audit_{self.port}"

    def enter(self, token: str) -> str | None:
        """Return the key of a new session, or None if the token is wrong."""
        auditor = None
        for known, name in self.tokens.items():
            if secrets.compare_digest(known.encode(), token.encode()):
                auditor = name
        if auditor is None or len(self.sessions) >= _MOST_SESSIONS:
            return None
        key = secrets.token_urlsafe(32)
        self.sessions[key] = Session(auditor)
        return key

    def allows_host(self, header: str) -> bool:
        """Return whether a Host header names this server.

        A page of another site whose name was made to lead here has that name in the header, so
        names other than the server's own are refused.
        """
        try:
            name = urlsplit(f"//{header}").hostname or ""
        except ValueError:
            return False
        if is_loopback(self.host):
            return is_loopback(name)
        return _is_address(name) or name in _own_names(self.host)


class AccessMiddleware:
    """Refuses requests without a session or from other origins, and adds headers to answers."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on with its session in ``request.state``."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        request = Request(scope)
        refusal = self._refuse(request)
        await (refusal or self.app)(scope, receive, send_with_headers)

    def _refuse(self, request: Request) -> Response | None:
        """Return an answer to a request that is not passed on."""
        if not self.access.allows_host(request.headers.get("host", "")):
            return _refused("this server has another name.", "Use the address that was printed.")
        path = request.url.path
        if path == ENTER_PATH and request.method in _SAFE_METHODS:
            return None
        session = self.access.sessions.get(request.cookies.get(self.access.cookie, ""))
        if session is None:
            return _refused("you are not signed in.", "Open the address that the server printed.")
        request.state.session = session
        if request.method not in _SAFE_METHODS and not _is_own_page(request, session):
            return _refused("the request is not from a page of this server.", "Reload the page.")
        is_open = path == NAME_PATH or path.startswith("/static/")
        if not session.auditor and not is_open:
            return RedirectResponse(NAME_PATH, 303)
        return None


def is_loopback(host: str) -> bool:
    """Return whether a host name or address means this machine only."""
    try:
        return host == _LOCALHOST or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_own_page(request: Request, session: Session) -> bool:
    own = f"{request.url.scheme}://{request.headers['host']}"
    token = request.headers.get("x-csrf-token", "")
    return (
        request.headers.get("origin") == own
        and request.headers.get("sec-fetch-site", "same-origin") == "same-origin"
        and secrets.compare_digest(token.encode(), session.csrf.encode())
    )


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _own_names(host: str) -> set[str]:
    return {host.lower(), _LOCALHOST, socket.gethostname().lower(), socket.getfqdn().lower()}


def _refused(message: str, advice: str) -> Response:
    return PlainTextResponse(f"Refused: {message} {advice}\n", 403)
