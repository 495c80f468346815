"""What the routes share: connections, templates, the body and the filters of a request."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.templating import Jinja2Templates

from mtrs_geo.craft.audit.access import Access, Session
from mtrs_geo.craft.audit.dashboard import Dashboards
from mtrs_geo.craft.audit.queue import Filters
from mtrs_geo.craft.project import Project
from mtrs_geo.errors import RequestError

__all__ = ["Audit", "filters_of", "read_field"]

_LARGEST = 1 << 53
"""Integers up to this one are exact as floating-point numbers."""
_SHOWN = ("waiting", "rejected", "accepted", "mine")
_Value = TypeVar("_Value")


class Connections(Protocol):
    """Gives every thread its own connection."""

    def project(self) -> Project:
        """Return the connection of the current thread."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


@dataclass(frozen=True)
class Audit:
    """What every route gets."""

    connections: Connections
    templates: Jinja2Templates
    access: Access
    dashboards: Dashboards = field(default_factory=Dashboards)

    @property
    def project(self) -> Project:
        """The connection of the current thread."""
        return self.connections.project()

    async def with_body(
        self, request: Request, answer: Callable[[Audit, Request, dict[str, Any]], Response]
    ) -> Response:
        """Read the JSON object of a request and answer it in a thread."""
        try:
            body = json.loads(await request.body())
            json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
        except (ValueError, RecursionError) as error:  # also NaN, and text that is not Unicode
            msg = "the request is not JSON."
            raise RequestError(msg, advice="Reload the page.") from error
        if not isinstance(body, dict):
            msg = "the request is not a JSON object."
            raise RequestError(msg, advice="Reload the page.")
        return await run_in_threadpool(answer, self, request, body)

    def page(self, request: Request, template: str, **values: Any) -> Response:  # noqa: ANN401
        """Return a page of a template."""
        session: Session = request.state.session
        filters = filters_of(request)
        shared = {
            "auditor": session.auditor, "csrf": session.csrf, "filters": filters,
            "filter_query": query_of(filters),
        }  # fmt: skip
        return self.templates.TemplateResponse(request, template, shared | values)


def filters_of(request: Request) -> Filters:
    """Return the filters in the address of a request.

    Raises:
        RequestError: if the list that is asked for is unknown.
    """
    query = request.query_params
    shown = query.get("shown", "waiting")
    if shown not in _SHOWN:
        msg = f"the list {shown!r} is not one of {', '.join(_SHOWN)}."
        raise RequestError(msg)
    return Filters(
        query.get("change_type", ""), query.get("source", ""), query.get("backend", ""),
        cast("Any", shown),
    )  # fmt: skip


def query_of(filters: Filters) -> str:
    """Return the filters as the query of an address, empty or with its question mark."""
    values = {name: value for name, value in asdict(filters).items() if value}
    if values.get("shown") == "waiting":
        del values["shown"]
    return f"?{urlencode(values)}" if values else ""


def read_field(
    body: dict[str, Any], name: str, kind: type[_Value], default: _Value | None = None
) -> _Value:
    """Return a field of a request's body.

    Raises:
        RequestError: if it is missing without a default, or of another type.
    """
    value = body.get(name, default)
    if kind is float and type(value) is int and abs(value) <= _LARGEST:
        value = float(value)
    if type(value) is not kind:
        msg = f"the field {name!r} of the request is missing or not of type {kind.__name__}."
        raise RequestError(msg, advice="Reload the page.")
    return value
