"""The web application: its routes, its connections to the project, its errors."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

import jinja2
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from mtrs_geo.craft.audit import image_routes, item_routes, overview_routes, session_routes
from mtrs_geo.craft.audit.access import ENTER_PATH, NAME_PATH, Access, AccessMiddleware
from mtrs_geo.craft.audit.judging import ConflictError
from mtrs_geo.craft.audit.route_context import Audit
from mtrs_geo.craft.project import Project
from mtrs_geo.craft.project.database import database_error
from mtrs_geo.errors import MTRSGeoError

__all__ = ["make_application"]

_HERE = Path(__file__).parent
_MOST_BODY_BYTES = 1 << 20


def make_application(path: Path, access: Access) -> Starlette:
    """Return the application of a project.

    Args:
        path: the project file.
        access: who may ask.
    """
    audit = Audit(_Connections(path), _templates(), access)

    def route(address: str, answer: Callable[[Audit, Request], Response], *methods: str) -> Route:
        return Route(address, partial(answer, audit), methods=list(methods or ("GET",)))

    def act(address: str, answer: Callable[[Audit, Request, dict[str, Any]], Response]) -> Route:
        async def with_body(request: Request) -> Response:
            return await audit.with_body(request, answer)

        return Route(address, with_body, methods=["POST"])

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        audit.connections.close()

    tile = "{level:int}/{row:int}/{col:int}.png"
    return Starlette(
        routes=[
            Route("/", lambda _: RedirectResponse("/queue", 303)),
            route(ENTER_PATH, session_routes.enter),
            route(NAME_PATH, session_routes.ask_name),
            act(NAME_PATH, session_routes.take_name),
            route("/queue", overview_routes.show_queue),
            route("/next", overview_routes.go_to_next),
            route("/dashboard", overview_routes.show_dashboard),
            route("/plots/{name}.svg", overview_routes.plot),
            route("/items/{item:int}", item_routes.show_item),
            act("/items/{item:int}/verdict", item_routes.take_verdict),
            act("/items/{item:int}/edit", item_routes.take_edit),
            act("/items/{item:int}/stroke", item_routes.take_stroke),
            act("/items/{item:int}/gold", item_routes.take_gold),
            act("/undo", item_routes.take_undo),
            route("/pairs/{pair:int}/{date}/" + tile, image_routes.show_image),
            route("/items/{item:int}/masks/{round:int}/" + tile, image_routes.show_mask),
            Mount("/static", StaticFiles(directory=_HERE / "static")),
        ],
        middleware=[Middleware(AccessMiddleware, access=access)],
        exception_handlers={
            KeyError: _not_found, ConflictError: _conflict, MTRSGeoError: _bad_request,
            sqlite3.Error: partial(_unavailable, path),
            OverflowError: _not_found,  # a row number that SQLite cannot hold
        },
        lifespan=lifespan,
        max_body_size=_MOST_BODY_BYTES,
    )  # fmt: skip


class _Connections:
    """One connection to the project per thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._all: list[Project] = []

    def project(self) -> Project:
        """Return the connection of the current thread."""
        if not hasattr(self._local, "project"):
            self._local.project = Project(self.path)
            self._all.append(self._local.project)
        project: Project = self._local.project
        return project

    def close(self) -> None:
        """Close all connections."""
        while self._all:
            self._all.pop().close()


def _templates() -> Jinja2Templates:
    return Jinja2Templates(
        env=jinja2.Environment(
            loader=jinja2.FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
    )


def _not_found(_: Request, __: Exception) -> Response:
    return JSONResponse({"message": "there is no such item, pair or picture.", "advice": ""}, 404)


def _conflict(_: Request, error: Exception) -> Response:
    return _error(error, 409)


def _bad_request(_: Request, error: Exception) -> Response:
    return _error(error, 400)


def _unavailable(path: Path, _: Request, error: Exception) -> Response:
    return _error(database_error(path, cast("sqlite3.Error", error)), 503)


def _error(error: Exception, status: int) -> Response:
    message, advice = getattr(error, "message", str(error)), getattr(error, "advice", "")
    return JSONResponse({"message": message, "advice": advice}, status)
