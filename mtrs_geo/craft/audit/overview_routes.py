"""Queue, next item and dashboard."""

from __future__ import annotations

import math

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mtrs_geo.craft.audit.agreement import QUESTIONS
from mtrs_geo.craft.audit.plots import PLOTS
from mtrs_geo.craft.audit.queue import list_queue, next_item, queued_items
from mtrs_geo.craft.audit.route_context import Audit, filters_of, query_of
from mtrs_geo.craft.audit.statistics import read_progress
from mtrs_geo.craft.project import Project
from mtrs_geo.craft.project.audit_rates import audit_rates

__all__ = ["go_to_next", "plot", "show_dashboard", "show_queue"]

_PAGE_ROWS = 50
_SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""For a picture that is opened by itself; matplotlib writes style attributes."""


def show_queue(audit: Audit, request: Request) -> Response:
    """Answer with the list of items that wait, and its filters."""
    project, auditor = audit.project, request.state.session.auditor
    filters = filters_of(request)
    page = max(_whole(request.query_params.get("page", "0")), 0)
    items = queued_items(project, auditor, filters)
    total, first = len(items), page * _PAGE_ROWS
    rows = list_queue(project, auditor, items[first : first + _PAGE_ROWS])
    return audit.page(
        request, "queue.html",
        rows=rows, total=total, page=page, last_page=max((total - 1) // _PAGE_ROWS, 0),
        progress=read_progress(project), choices=_choices(project),
        is_done=request.query_params.get("done") == "1",
    )  # fmt: skip


def go_to_next(audit: Audit, request: Request) -> Response:
    """Lead to the next item, or to the queue when nothing waits."""
    filters = filters_of(request)
    query = query_of(filters)
    item = next_item(audit.project, request.state.session.auditor, filters)
    if item is None:
        joined = f"{query}&done=1" if query else "?done=1"
        return RedirectResponse(f"/queue{joined}", 303)
    return RedirectResponse(f"/items/{item}{query}", 303)


def show_dashboard(audit: Audit, request: Request) -> Response:
    """Answer with progress, agreement, acceptance and time."""
    project = audit.project
    numbers = audit.dashboards.numbers(project)
    return audit.page(
        request, "dashboard.html",
        progress=read_progress(project), auditors=numbers.auditors,
        agreement=numbers.agreement, masks=numbers.masks,
        questions=QUESTIONS, groups=numbers.groups, rates=audit_rates(project),
        plots={name: title for name, (_, title) in PLOTS.items()},
        version=audit.dashboards.version(project), number=_number,
    )  # fmt: skip


def plot(audit: Audit, request: Request) -> Response:
    """Answer with a picture of the dashboard."""
    name = request.path_params["name"]
    if name not in PLOTS:
        raise KeyError(name)
    content = audit.dashboards.plot(audit.project, name)
    headers = {"content-security-policy": _SVG_POLICY}
    return Response(content, media_type="image/svg+xml", headers=headers)


def _choices(project: Project) -> dict[str, list[str]]:
    """Return the values that each filter can have."""
    connection = project.connection
    sources = connection.execute("SELECT DISTINCT source FROM pairs ORDER BY source")
    backends = connection.execute(
        "SELECT DISTINCT o.name FROM origins AS o WHERE EXISTS (SELECT 1 FROM rounds AS r "
        "WHERE r.origin_id = o.id AND r.number = 0) ORDER BY o.name"
    )
    return {
        "change_type": ["appear", "disappear", "state"],
        "source": [row[0] for row in sources if row[0]],
        "backend": [row[0] for row in backends],
    }


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 7 else 0


def _number(value: float, digits: int = 2) -> str:
    """Return a number for a table, a dash where there is none."""
    return "–" if math.isnan(value) else f"{value:.{digits}f}"
