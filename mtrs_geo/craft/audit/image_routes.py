"""Tiles of images and masks.  Paths come from the project, never from a request."""

from __future__ import annotations

from functools import lru_cache
from typing import cast

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from mtrs_geo.craft.audit.image_tiles import (
    TilePosition,
    image_tile,
    mask_tile,
    pair_window,
)
from mtrs_geo.craft.audit.route_context import Audit
from mtrs_geo.craft.audit.strokes import Stroke, active_strokes, rasterize
from mtrs_geo.craft.audit.views import read_view
from mtrs_geo.craft.project import Project
from mtrs_geo.craft.project.images import Date, date_path, is_unchanged
from mtrs_geo.craft.project.pairs import read_pair
from mtrs_geo.errors import RasterError
from mtrs_geo.types import BoolArray

__all__ = ["show_image", "show_mask"]

_FOREVER = {"cache-control": "private, max-age=86400, immutable"}
"""Addresses of tiles change with their pixels."""


def show_image(audit: Audit, request: Request) -> Response:
    """Answer with a tile of a date.

    Raises:
        RasterError: if the image cannot be read, or is not the one that was added.
    """
    parts = request.path_params
    if parts["date"] not in ("before", "after"):
        raise KeyError(parts["date"])
    date = cast("Date", parts["date"])
    pair = read_pair(audit.project, parts["pair"])
    tile = image_tile(pair_window(audit.project, pair), date, _position(request))
    # After the read, so that an image that is replaced meanwhile is noticed.
    if not is_unchanged(audit.project, pair, date):
        name = date_path(audit.project, pair, date).name
        msg = f"{name} has changed since it was added to {audit.project.path.name}."
        raise RasterError(msg, advice="Put the old file back.")
    return _png(tile)


def show_mask(audit: Audit, request: Request) -> Response:
    """Answer with a tile of a round's mask, with the auditor's strokes if ``draft`` is asked."""
    auditor, parts = request.state.session.auditor, request.path_params
    view = read_view(audit.project, parts["item"], auditor)
    shown = next((r for r in view.rounds if r.number == parts["round"]), None)
    if shown is None:
        raise KeyError(parts["round"])
    strokes: tuple[Stroke, ...] = ()
    if "draft" in request.query_params:
        strokes = active_strokes(audit.project, view.item.id, shown.number, auditor)
    shape = (view.pair.rows, view.pair.cols)
    mask = _mask(_Source(audit.project), shown.mask_id, shape, strokes)
    return _png(mask_tile(mask, _position(request)))


class _Source:
    """A project that is equal to other connections to its file."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Source) and other.project.path == self.project.path

    def __hash__(self) -> int:
        return hash(self.project.path)


@lru_cache(maxsize=8)
def _mask(
    source: _Source, mask_id: int | None, shape: tuple[int, int], strokes: tuple[Stroke, ...]
) -> BoolArray:
    if mask_id is None and not strokes:
        return np.zeros(shape, bool)
    return rasterize(source.project, mask_id, shape, strokes)


def _position(request: Request) -> TilePosition:
    parts = request.path_params
    return TilePosition(parts["level"], parts["row"], parts["col"])


def _png(content: bytes | None) -> Response:
    if content is None:
        msg = "outside"
        raise KeyError(msg)
    return Response(content, media_type="image/png", headers=_FOREVER)
