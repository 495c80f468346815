"""The page of one item, and what it sends: verdicts, edits, strokes, undo."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mtrs_geo.craft.audit.image_tiles import TILE_PX, level_count
from mtrs_geo.craft.audit.judging import (
    ConflictError,
    Edit,
    Judged,
    edit,
    last_action,
    submit,
    undo,
)
from mtrs_geo.craft.audit.queue import claim, count_waiting
from mtrs_geo.craft.audit.route_context import Audit, filters_of, query_of, read_field
from mtrs_geo.craft.audit.strokes import add_stroke, parse_stroke, set_undone, stroke_state
from mtrs_geo.craft.audit.views import ItemView, action_key, read_view
from mtrs_geo.craft.project import Verdict
from mtrs_geo.craft.project.gold import add_gold
from mtrs_geo.craft.project.verdicts import standing_verdicts
from mtrs_geo.errors import RequestError

__all__ = ["show_item", "take_edit", "take_gold", "take_stroke", "take_undo", "take_verdict"]


def show_item(audit: Audit, request: Request) -> Response:
    """Answer with the page of an item."""
    project, auditor = audit.project, request.state.session.auditor
    view = read_view(project, request.path_params["item"], auditor)
    claim(project, view.item.id, auditor)
    own = _own_verdict(audit, view, auditor)
    return audit.page(
        request, "item.html",
        view=view, own=own,
        waiting=count_waiting(project, auditor, filters_of(request)),
        data=json.dumps(_page_data(audit, view, auditor)),
    )  # fmt: skip


def take_verdict(audit: Audit, request: Request, body: dict[str, Any]) -> Response:
    """Store a verdict or a skip."""
    kind = read_field(body, "kind", str)
    if kind not in ("verdict", "skip"):
        msg = f"{kind!r} is neither a verdict nor a skip."
        raise RequestError(msg)
    answers = [body.get(name) for name in ("mask_right", "sentence_right", "complete")]
    if any(answer not in (True, False, None) or type(answer) is int for answer in answers):
        msg = "an answer is neither yes nor no."
        raise RequestError(msg)
    judged = Judged(
        read_field(body, "key", str), request.path_params["item"], read_field(body, "round", int),
        request.state.session.auditor, cast("Any", kind), answers[0], answers[1], answers[2],
        read_field(body, "reason", str, ""), read_field(body, "seconds", float, 0.0),
    )  # fmt: skip
    is_new = submit(audit.project, judged)
    return JSONResponse({"is_new": is_new, "go": f"/next{query_of(filters_of(request))}"})


def take_undo(audit: Audit, request: Request, body: dict[str, Any]) -> Response:
    """Take a verdict or a skip back, and lead to its item."""
    item = undo(audit.project, request.state.session.auditor, read_field(body, "key", str))
    return JSONResponse({"go": f"/items/{item}{query_of(filters_of(request))}"})


def take_edit(audit: Audit, request: Request, body: dict[str, Any]) -> Response:
    """Add a round with a sentence, a type or a drawn mask."""
    change = Edit(
        request.path_params["item"], read_field(body, "round", int),
        request.state.session.auditor,
        read_field(body, "sentence", str) if "sentence" in body else None,
        cast("Any", read_field(body, "change_type", str)) if "change_type" in body else None,
        read_field(body, "with_strokes", bool, False),
    )  # fmt: skip
    return JSONResponse({"round": edit(audit.project, change)})


def take_stroke(audit: Audit, request: Request, body: dict[str, Any]) -> Response:
    """Store a stroke, take one back, or bring it back; answer with what is drawn."""
    auditor, item = request.state.session.auditor, request.path_params["item"]
    action, key = read_field(body, "action", str), read_field(body, "key", str)
    number = read_field(body, "round", int)
    view = read_view(audit.project, item, auditor)
    if action == "add" and view.current.number != number:
        msg = "this item has a new round since the page was opened."
        raise ConflictError(msg, advice="Draw the last stroke again.")
    if action == "add":
        stroke = parse_stroke(read_field(body, "stroke", dict))
        add_stroke(audit.project, item, number, auditor, (key, stroke))
    elif action in ("undo", "redo"):
        set_undone(audit.project, auditor, key, is_undone=action == "undo")
    else:
        msg = f"the action {action!r} is not one of add, undo, redo."
        raise RequestError(msg)
    claim(audit.project, item, auditor)
    return JSONResponse(asdict(stroke_state(audit.project, item, number, auditor)))


def take_gold(audit: Audit, request: Request, _: dict[str, Any]) -> Response:
    """Make a gold item of an item that the auditor has judged; the verdict is its truth."""
    view = read_view(audit.project, request.path_params["item"], request.state.session.auditor)
    own = _own_verdict(audit, view, request.state.session.auditor)
    if own is None or view.item.is_gold:
        msg = "only an item that you have judged can become a gold item."
        raise RequestError(msg, advice="Judge it first.")
    answers = (bool(own.mask_right), bool(own.sentence_right), bool(own.complete))
    add_gold(audit.project, view.item.id, answers)
    return JSONResponse({"message": "A copy of this item is now a gold item."})


def _own_verdict(audit: Audit, view: ItemView, auditor: str) -> Verdict | None:
    """Return the auditor's verdict on the round that is shown."""
    standing = standing_verdicts(audit.project, view.item.id)
    return next(
        (v for v in standing if v.auditor == auditor and v.round_number >= view.current.number),
        None,
    )


def _page_data(audit: Audit, view: ItemView, auditor: str) -> dict[str, Any]:
    """Return what the scripts need."""
    pair = view.pair
    last = last_action(audit.project, auditor)
    return {
        "item": view.item.id,
        "round": view.current.number,
        "key": action_key(audit.project, view.item.id, auditor),
        "lastKey": last.key if last else None,
        "isJudged": _own_verdict(audit, view, auditor) is not None,
        "auditor": auditor,
        "type": view.change_type,
        "sentence": view.current.sentence,
        "pair": {
            "id": pair.id, "rows": pair.rows, "cols": pair.cols, "tile": TILE_PX,
            "levels": level_count((pair.rows, pair.cols)),
            "before": pair.before_sha256[:12], "after": pair.after_sha256[:12],
        },
        "box": _box(audit, view),
        "masks": [{"round": r.number, "mask": r.mask_id} for r in view.rounds],
        "strokes": asdict(stroke_state(audit.project, view.item.id, view.current.number, auditor)),
    }  # fmt: skip


def _box(audit: Audit, view: ItemView) -> list[int] | None:
    """Return rows and columns that the mask, or else the proposal, covers."""
    import numpy as np

    from mtrs_geo.craft.project.items import read_mask

    if view.current.mask_id is not None:
        mask = read_mask(audit.project, view.current.mask_id)
        rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if rows.size:
            return [int(rows[0]), int(cols[0]), int(rows[-1]) + 1, int(cols[-1]) + 1]
    return list(view.item.box) if view.item.box else None
