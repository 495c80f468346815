"""Rejected items: the segmenter gets the person's reason and tries again."""

from __future__ import annotations

import numpy as np

from mtrs_geo.craft.project import Item, Pair
from mtrs_geo.craft.project.items import (
    NewRound,
    add_round,
    last_round,
    read_item,
    read_mask,
    set_doubt,
    set_state,
    store_mask,
)
from mtrs_geo.craft.project.verdicts import standing_verdicts
from mtrs_geo.craft.stages.answers import checked_mask
from mtrs_geo.craft.stages.context import Context

__all__ = ["take_back"]

STAGE = "returned"


def take_back(context: Context, pair: Pair, item: Item) -> bool:
    """Make a new mask of an item whose mask a person rejected, and show it to people again.

    An item stays rejected if the segmenter gives the same mask, or if its sentence is wrong.
    """
    _, last = context.current(item)
    subject = f"item {item.id} round {last.number}"
    return context.attempt(STAGE, subject, lambda: _take_back(context, pair, item, subject))


def _take_back(context: Context, pair: Pair, item: Item, subject: str) -> None:
    proposal, last = context.current(item)
    said = [v for v in standing_verdicts(context.project, item.id) if not v.accepts]
    against = [v for v in said if v.round_number == last.number]
    is_about_mask = any(v.mask_right is False or v.complete is False for v in against)
    if not is_about_mask or any(v.sentence_right is False for v in against):
        with context.writing(STAGE, subject, "not about the mask alone"):
            return
    reason = "; ".join(v.reason for v in against if v.reason)
    images = context.images(pair, context.segmenter)
    mask = checked_mask(context.segmenter.segment(images, proposal, reason), images)
    old = read_mask(context.project, last.mask_id) if last.mask_id is not None else None
    if not mask.any() or (old is not None and np.array_equal(mask, old)):
        with context.writing(STAGE, subject, "the segmenter gives no other mask"):
            return
    with context.writing(STAGE, subject, reason):
        current = last_round(context.project, item.id).number
        # A person may have mended or judged the item while the segmenter worked.
        if current != last.number or read_item(context.project, item.id).state != "rejected":
            return
        mask_id = store_mask(context.project, mask, context.segmenter.origin)
        new = NewRound(STAGE, proposal.sentence, last.sentence_origin, mask_id, reason)
        add_round(context.project, item.id, new)
        set_state(context.project, item.id, "ready")
        set_doubt(context.project, item.id, 1.0)
