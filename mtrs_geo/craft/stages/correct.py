"""Iterative correction: the describer sees sentence and mask, and one of both is corrected.

It ends when the describer accepts, changes nothing, or after a number of reviews.  Each review is
stored as it comes, so that a run that goes on repeats none.
"""

from __future__ import annotations

import numpy as np

from mtrs_geo.craft.backends.contract import BackendError, Proposal, Review
from mtrs_geo.craft.project import Item, Pair
from mtrs_geo.craft.project.items import NewRound, add_round, read_mask, rounds_of, store_mask
from mtrs_geo.craft.project.records import Round
from mtrs_geo.craft.stages.answers import checked_mask, checked_sentence
from mtrs_geo.craft.stages.context import Context, as_proposal
from mtrs_geo.types import BoolArray

__all__ = ["correct"]

STAGE = "correct"


def correct(context: Context, pair: Pair, item: Item) -> bool:
    """Correct an item until its describer is content; each correction is a round."""
    return context.attempt(STAGE, f"item {item.id}", lambda: _correct(context, pair, item))


def _correct(context: Context, pair: Pair, item: Item) -> None:
    done = sum(r.stage == STAGE for r in rounds_of(context.project, item.id))
    for _ in range(done, context.options.rounds):
        proposal, last = context.current(item)
        mask = _mask(context, last)
        images = context.images(pair, context.describer)
        review = context.describer.review(images, proposal, mask)
        if review.decision in ("accept", "no_change"):
            _finish(context, item, f"{review.decision}: {review.note}".strip(": "))
            return
        changed = _apply(context, pair, item, review)
        if changed is None:
            _finish(context, item, f"{review.decision} changed nothing: {review.note}")
            return
        new_proposal, new_mask = changed
        _add(context, item, review, last, new_proposal, new_mask)
    _finish(context, item, f"not accepted after {context.options.rounds} reviews")


def _apply(
    context: Context, pair: Pair, item: Item, review: Review
) -> tuple[Proposal, BoolArray] | None:
    """Return the corrected sentence with a new mask, or None if both stay as they are."""
    proposal, last = context.current(item)
    if review.decision == "change_sentence":
        proposal = as_proposal(item, checked_sentence(review.sentence))
    elif review.decision != "change_mask":
        msg = f"the decision of a review is {review.decision!r}"
        raise BackendError(msg)
    images = context.images(pair, context.segmenter)
    mask = checked_mask(context.segmenter.segment(images, proposal, review.hint), images)
    if proposal.sentence == last.sentence and np.array_equal(mask, _mask(context, last)):
        return None
    return proposal, mask


def _add(
    context: Context, item: Item, review: Review, last: Round, proposal: Proposal, mask: BoolArray
) -> None:
    is_new = proposal.sentence != last.sentence
    origin = context.describer.origin if is_new else last.sentence_origin
    hint = f"look for: {review.hint}" if review.hint else ""
    note = "; ".join(part for part in (review.decision, review.note, hint) if part)
    with context.project.transaction():
        mask_id = store_mask(context.project, mask, context.segmenter.origin)
        new = NewRound(STAGE, proposal.sentence, origin, mask_id, note)
        add_round(context.project, item.id, new)


def _finish(context: Context, item: Item, detail: str) -> None:
    with context.writing(STAGE, f"item {item.id}", detail):
        pass


def _mask(context: Context, last: Round) -> BoolArray:
    if last.mask_id is None:
        msg = "the item has no mask"
        raise BackendError(msg)
    return read_mask(context.project, last.mask_id)
