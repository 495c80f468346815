"""Masks: the segmenter gets the sentence of each item."""

from __future__ import annotations

from mtrs_geo.craft.project import Item, Pair
from mtrs_geo.craft.project.items import NewRound, add_round, store_mask
from mtrs_geo.craft.stages.answers import checked_mask
from mtrs_geo.craft.stages.context import Context

__all__ = ["segment"]

STAGE = "segment"


def segment(context: Context, pair: Pair, item: Item) -> bool:
    """Store the first mask of an item."""
    return context.attempt(STAGE, f"item {item.id}", lambda: _segment(context, pair, item))


def _segment(context: Context, pair: Pair, item: Item) -> None:
    proposal, last = context.current(item)
    images = context.images(pair, context.segmenter)
    mask = checked_mask(context.segmenter.segment(images, proposal), images)
    with context.writing(STAGE, f"item {item.id}"):
        mask_id = store_mask(context.project, mask, context.segmenter.origin)
        new = NewRound(STAGE, proposal.sentence, last.sentence_origin, mask_id)
        add_round(context.project, item.id, new)
