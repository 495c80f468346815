"""Negatives: items whose mask is empty on purpose, because the sentence asks for what is not there.

``wrong direction``: a class that only appears is said to disappear, or the reverse.  ``absent
thing``: something that is in hardly any image.  They are items of their own, with the item that
they were made from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from mtrs_geo.craft.backends.rules.wording import absent_sentence, absent_things, seeded
from mtrs_geo.craft.project import Item, Origin, Pair
from mtrs_geo.craft.project.items import (
    NewItem,
    NewRound,
    add_item,
    add_round,
    list_items,
    store_mask,
)
from mtrs_geo.craft.project.records import ChangeType
from mtrs_geo.craft.stages.context import Context

__all__ = ["make_negatives"]

STAGE = "negatives"
_RULE = Origin("rule", "negatives", "1")
_OTHER: dict[ChangeType, ChangeType] = {"appear": "disappear", "disappear": "appear"}


def make_negatives(context: Context, pair: Pair) -> bool:
    """Add negatives to a pair, as a share of the items that passed their checks."""
    return context.attempt(STAGE, f"pair {pair.id}", lambda: _make(context, pair))


def _make(context: Context, pair: Pair) -> None:
    positives = context.items(pair, "draft", "ready", "accepted", negatives=False)
    wanted = round(context.options.negative_share * len(positives) + 0.35) if positives else 0
    rng = seeded(context.options.seed, pair.name, STAGE)
    found = _planned(context, pair, positives, wanted, rng)
    empty = np.zeros((pair.rows, pair.cols), bool)
    with context.writing(STAGE, f"pair {pair.id}", f"{len(found)} negatives"):
        for new, sentence, note in found:
            item_id = add_item(context.project, new)
            mask_id = store_mask(context.project, empty, _RULE)
            add_round(context.project, item_id, NewRound(STAGE, sentence, _RULE, mask_id, note))


def _planned(
    context: Context, pair: Pair, positives: Sequence[Item], wanted: int, rng: np.random.Generator
) -> list[tuple[NewItem, str, str]]:
    """Return as many negatives as are wanted, half of them of each kind if there are as many."""
    wrong = list(islice(_wrong_directions(context, pair, positives, rng), (wanted + 1) // 2))
    absent = islice(_absent_things(pair, positives, rng), wanted - len(wrong))
    return [*wrong, *absent]


def _wrong_directions(
    context: Context, pair: Pair, positives: Sequence[Item], rng: np.random.Generator
) -> Iterator[tuple[NewItem, str, str]]:
    everything = list_items(context.project, "WHERE pair_id = ? AND is_gold = 0", (pair.id,))
    proposed = {(item.change_type, item.object_class) for item in everything}
    states = {item.object_class for item in everything if item.change_type == "state"}
    seen = set()
    for item in positives:
        other = _OTHER.get(item.change_type)
        if other is None or (other, item.object_class) in proposed or item.object_class in states:
            continue
        if item.object_class in seen:
            continue
        seen.add(item.object_class)
        new = NewItem(
            pair.id, f"wrong direction {other} {item.object_class}", other, item.object_class,
            is_negative=True, parent_id=item.id,
        )  # fmt: skip
        sentence = absent_sentence(other, item.object_class, rng)
        yield new, sentence, f"wrong direction: {item.object_class} only {item.change_type}s"


def _absent_things(
    pair: Pair, positives: Sequence[Item], rng: np.random.Generator
) -> Iterator[tuple[NewItem, str, str]]:
    things = rng.permutation(absent_things())
    for item, thing in zip(positives, things, strict=False):
        change_type: ChangeType = "appear" if rng.random() < 0.5 else "disappear"
        new = NewItem(
            pair.id, f"absent {thing}", change_type, str(thing), is_negative=True,
            parent_id=item.id,
        )  # fmt: skip
        yield new, absent_sentence(change_type, str(thing), rng), "absent thing"
