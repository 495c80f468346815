"""The machine verifier before people: three judgements, which set the order of the queue."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial

from mtrs_geo.craft.backends.contract import Judgement
from mtrs_geo.craft.project import Item, Pair, Project
from mtrs_geo.craft.project.items import last_round, read_mask, set_doubt, set_state
from mtrs_geo.craft.stages.answers import checked_judgements
from mtrs_geo.craft.stages.context import Context

__all__ = ["accept_alone", "chance_of_yes", "is_audited", "verify"]

STAGE, ACCEPT_STAGE = "verify", "auto-accept"


def verify(context: Context, pair: Pair, item: Item) -> bool:
    """Store the three judgements about an item, and make it ready for people."""
    return context.attempt(STAGE, f"item {item.id}", lambda: _verify(context, pair, item))


def chance_of_yes(judgements: Sequence[Judgement]) -> float:
    """Return the chance of the least certain answer to be yes, in [0, 1]."""
    return min(j.confidence if j.yes else 1 - j.confidence for j in judgements)


def accept_alone(context: Context, pair: Pair) -> None:
    """Accept ready items above `RunOptions.auto_accept`, but for those that people audit.

    An item whose current round has no judgements, as those of a layer and those that a person
    edited, waits for people.
    The work of the stage ``auto-accept`` says for each item which of both it was.
    """
    least = context.options.auto_accept
    if least is None:
        return
    for item in context.items(pair, "ready"):
        if 1 - item.doubt >= least and _is_judged(context.project, item):
            context.attempt(ACCEPT_STAGE, f"item {item.id}", partial(_accept, context, item))


def is_audited(key: str, share: float, seed: int = 0) -> bool:
    """Whether an item is in the random share that people audit; the same in every run."""
    digest = hashlib.sha256(f"audit {seed} {key}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


def _is_judged(project: Project, item: Item) -> bool:
    found = project.connection.execute(
        "SELECT 1 FROM judgements WHERE item_id = ? AND round_number = ?",
        (item.id, last_round(project, item.id).number),
    )
    return found.fetchone() is not None


def _verify(context: Context, pair: Pair, item: Item) -> None:
    project, describer = context.project, context.describer
    proposal, last = context.current(item)
    mask = read_mask(project, last.mask_id or 0)
    images = context.images(pair, describer)
    judgements = checked_judgements(describer.verify(images, proposal, mask))
    with context.writing(STAGE, f"item {item.id}") as connection:
        origin = project.origin_id(describer.origin)
        for judgement in judgements:
            connection.execute(
                "INSERT OR REPLACE INTO judgements VALUES (?, ?, ?, ?, ?, ?)",
                (item.id, last.number, judgement.question, judgement.yes, judgement.confidence,
                 origin),
            )  # fmt: skip
        set_doubt(project, item.id, 1 - chance_of_yes(judgements))
        set_state(project, item.id, "ready")


def _accept(context: Context, item: Item) -> None:
    options = context.options
    audited = is_audited(_key(context.project, item), options.audit_share, options.seed)
    chance = f"chance {1 - item.doubt:.2f}"
    detail = f"for people, {chance}" if audited else f"accepted, {chance}"
    with context.writing(ACCEPT_STAGE, f"item {item.id}", detail):
        if not audited:
            set_state(context.project, item.id, "accepted")


def _key(project: Project, item: Item) -> str:
    found = project.connection.execute(
        "SELECT pairs.name, items.key FROM items JOIN pairs ON pairs.id = items.pair_id "
        "WHERE items.id = ?",
        (item.id,),
    ).fetchone()
    return f"{found[0]}/{found[1]}"
