"""Signing in: the token of the address becomes a cookie, and the person gives a name."""

from __future__ import annotations

import unicodedata
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from mtrs_geo.craft.audit.access import Session
from mtrs_geo.craft.audit.route_context import Audit, read_field
from mtrs_geo.errors import RequestError

__all__ = ["MOST_NAME", "ask_name", "check_name", "enter", "take_name"]

MOST_NAME = 60
"""Characters of an auditor's name."""


def enter(audit: Audit, request: Request) -> Response:
    """Turn a token into a session."""
    key = audit.access.enter(request.query_params.get("token", ""))
    if key is None:
        return PlainTextResponse(
            "Refused: the token is wrong. Open the address that the server printed last.\n", 403
        )
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        audit.access.cookie, key, httponly=True, samesite="lax",
        secure=request.url.scheme == "https",
    )  # fmt: skip
    return answer


def ask_name(audit: Audit, request: Request) -> Response:
    """Ask for the auditor's name."""
    return audit.page(request, "name.html", most=MOST_NAME)


def take_name(_: Audit, request: Request, body: dict[str, Any]) -> Response:
    """Take the auditor's name; a session that has one keeps it."""
    session: Session = request.state.session
    if not session.auditor:
        session.auditor = check_name(read_field(body, "auditor", str))
    return JSONResponse({"go": "/queue"})


def check_name(text: str) -> str:
    """Return a name without surrounding spaces.

    Raises:
        RequestError: if it is empty, too long, or holds control characters.
    """
    name = unicodedata.normalize("NFC", text).strip()
    is_printable = all(unicodedata.category(c) not in {"Cc", "Cf", "Cs"} for c in name)
    if not name or len(name) > MOST_NAME or not is_printable:
        msg = f"{text!r} cannot be the name of an auditor."
        raise RequestError(msg, advice=f"Give 1 to {MOST_NAME} letters.")
    return name
