"""The items of a project that people accepted, with their sentences and masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mtrs_geo.craft.project import Item, Pair, Project, Round
from mtrs_geo.craft.project.items import list_items, read_mask, rounds_of
from mtrs_geo.craft.project.pairs import list_pairs
from mtrs_geo.craft.project.records import ChangeType, ItemState
from mtrs_geo.craft.project.verdicts import standing_verdicts
from mtrs_geo.errors import RasterError
from mtrs_geo.types import BoolArray

__all__ = ["PairItems", "Triplet", "current_mask", "read_triplets"]


@dataclass(frozen=True)
class Triplet:
    """An item and one of its rounds."""

    item: Item
    """With the type of the round."""
    round: Round
    """What people accepted; the last one if nobody judged the item."""
    auditors: tuple[str, ...]
    """Who judged it; empty if it was accepted without a person."""


@dataclass(frozen=True)
class PairItems:
    """A pair and its items, by row."""

    pair: Pair
    triplets: tuple[Triplet, ...]


def read_triplets(project: Project, states: Sequence[ItemState] = ("accepted",)) -> list[PairItems]:
    """Return the pairs that have items in one of the states, without items of gold.

    Items without a round are left out.
    """
    marks = ", ".join("?" * len(states))
    items = list_items(project, f"WHERE state IN ({marks}) AND NOT is_gold", states)
    by_pair: dict[int, list[Triplet]] = {}
    for item in items:
        rounds = {found.number: found for found in rounds_of(project, item.id)}
        if not rounds:
            continue
        standing = standing_verdicts(project, item.id)
        number = max(rounds)
        if item.state == "accepted" and standing:  # a later edit has no verdict
            number = max(verdict.round_number for verdict in standing)
        kept = replace(item, change_type=_type_at(project, item, number))
        auditors = tuple(verdict.auditor for verdict in standing)
        by_pair.setdefault(item.pair_id, []).append(Triplet(kept, rounds[number], auditors))
    return [
        PairItems(pair, tuple(by_pair[pair.id]))
        for pair in list_pairs(project)
        if pair.id in by_pair
    ]


def _type_at(project: Project, item: Item, number: int) -> ChangeType:
    """Return the type of an item in one of its rounds."""
    edits = project.connection.execute(
        "SELECT round_number, type_before, type_after FROM edits WHERE item_id = ? "
        "ORDER BY round_number",
        (item.id,),
    ).fetchall()
    earlier = [edit["type_after"] for edit in edits if edit["round_number"] <= number]
    before: ChangeType = edits[0]["type_before"] if edits else item.change_type
    return earlier[-1] if earlier else before


def current_mask(project: Project, pair: Pair, triplet: Triplet) -> BoolArray:
    """Return the mask of a triplet (rows, cols); empty if it has none.

    Raises:
        RasterError: if it has another size than its pair.
    """
    shape = (pair.rows, pair.cols)
    if triplet.round.mask_id is None:
        return np.zeros(shape, np.bool_)
    mask = read_mask(project, triplet.round.mask_id)
    if mask.shape != shape:
        msg = f"the mask of item {triplet.item.id} has {mask.shape} pixels, its pair {shape}."
        raise RasterError(msg, advice="Make the mask again, or reject the item.")
    return mask
