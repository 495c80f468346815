"""Beautification: words of the grid out, relations in; a rewrite that lost meaning is rejected."""

from __future__ import annotations

from mtrs_geo.craft.project import Item, Pair
from mtrs_geo.craft.project.items import NewRound, add_round, last_round, read_mask
from mtrs_geo.craft.stages.answers import checked_sentence
from mtrs_geo.craft.stages.context import Context
from mtrs_geo.craft.stages.kept_meaning import lost_meaning
from mtrs_geo.types import BoolArray

__all__ = ["beautify"]

STAGE = "beautify"


def beautify(context: Context, pair: Pair, item: Item) -> bool:
    """Store a rewritten sentence of an item as a round, if it means the same."""
    return context.attempt(STAGE, f"item {item.id}", lambda: _beautify(context, pair, item))


def _beautify(context: Context, pair: Pair, item: Item) -> None:
    project, describer = context.project, context.describer
    proposal, last = context.current(item)
    mask = read_mask(project, last.mask_id or 0)
    others = _other_masks(context, pair, item)
    images = context.images(pair, describer)
    rewrite = describer.rewrite(images, proposal, mask, others)
    sentence = checked_sentence(rewrite.sentence)
    if sentence == proposal.sentence:
        with context.writing(STAGE, f"item {item.id}", f"unchanged: {rewrite.note}".strip(": ")):
            return
    lost = lost_meaning(proposal.sentence, sentence, item.change_type, item.object_class)
    if lost:
        detail = f"rewrite {sentence!r} rejected: {lost}"
        with context.writing(STAGE, f"item {item.id}", detail):
            return
    with context.writing(STAGE, f"item {item.id}", rewrite.note):
        new = NewRound(STAGE, sentence, describer.origin, last.mask_id, rewrite.note)
        add_round(project, item.id, new)


def _other_masks(context: Context, pair: Pair, item: Item) -> list[BoolArray]:
    found = []
    for other in context.items(pair, "draft", "ready", "accepted", negatives=False):
        last = last_round(context.project, other.id)
        if other.id != item.id and last.mask_id is not None:
            found.append(read_mask(context.project, last.mask_id))
    return found
