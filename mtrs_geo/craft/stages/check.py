"""Automatic checks of each item; one that fails drops the item, with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz

from mtrs_geo.class_codes import CODES, UNKNOWN
from mtrs_geo.craft.backends.contract import PairImages
from mtrs_geo.craft.backends.reading import asked_type, understood
from mtrs_geo.craft.project import Item, Pair
from mtrs_geo.craft.project.items import last_round, list_items, read_mask, set_state
from mtrs_geo.craft.stages.context import Context
from mtrs_geo.query import Position
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = ["Check", "check", "check_mask", "check_pixels", "check_position", "check_type"]

STAGE = "check"
_LEAST_PX, _LEAST_SHARE, _MOST_SHARE = 25, 0.0004, 0.9
_SAME_MASK, _SAME_SENTENCE = 0.9, 90.0
_LEAST_DIFFERENCE = 4.0
"""Mean difference of both dates below a mask, in grey levels, from which something differs."""
_OPPOSITE_SHARE = 0.3
_IN_PLACE_SHARE = 0.5


@dataclass(frozen=True)
class Check:
    """The result of one check."""

    name: str
    passed: bool
    detail: str


def check(context: Context, pair: Pair, item: Item) -> bool:
    """Store the checks of an item, and drop it if one fails."""
    return context.attempt(STAGE, f"item {item.id}", lambda: _check(context, pair, item))


def check_mask(mask: BoolArray) -> Check:
    """A mask is neither empty or too small to be seen, nor nearly the whole image."""
    area, share = int(np.count_nonzero(mask)), float(np.mean(mask))
    passed = area >= _LEAST_PX and _LEAST_SHARE <= share <= _MOST_SHARE
    return Check("mask", passed, f"{area:,} pixels, {share:.1%} of the image")


def check_pixels(images: PairImages, mask: BoolArray) -> Check:
    """Both dates differ below a mask."""
    difference = np.abs(images.after.astype(np.int16) - images.before)[mask].mean()
    detail = f"both dates differ by {difference:.1f} grey levels"
    return Check("difference", bool(difference >= _LEAST_DIFFERENCE), detail)


def check_position(sentence: str, mask: BoolArray) -> Check:
    """Most of a mask is where the sentence says."""
    rules = [rule for part in understood(sentence) for rule in part.query.rules]
    places = [r.place for r in rules if isinstance(r, Position) and r.place not in _BORDERS]
    if not places or not mask.any():
        return Check("position", True, "the sentence names no place")
    share = min(_share_in(place, mask) for place in places)
    return Check(
        "position", share >= _IN_PLACE_SHARE, f"{share:.0%} of the mask is in {', '.join(places)}"
    )


def check_type(
    item: Item, sentence: str, mask: BoolArray, classes: tuple[UInt8Array, UInt8Array] | None
) -> Check:
    """The sentence and the pixels say the type of the item.

    Args:
        item: its type and its class.
        sentence: its sentence.
        mask: (rows, cols).
        classes: what a witness says of both dates, or None.
    """
    said = asked_type(sentence)
    if said is not None and {said, item.change_type} == {"appear", "disappear"}:
        return Check("type", False, f"the sentence says {said}, the item {item.change_type}")
    codes = list(CODES.get(item.object_class, ()))  # type: ignore[call-overload]
    if classes is None or not codes or item.change_type == "state" or not mask.any():
        return Check("type", True, "the pixels were not asked")
    known = [np.isin(date[mask], codes) for date in classes]
    appears, disappears = float((known[1] & ~known[0]).mean()), float((known[0] & ~known[1]).mean())
    own, opposite = appears, disappears
    if item.change_type == "disappear":
        own, opposite = disappears, appears
    passed = not (opposite > _OPPOSITE_SHARE and opposite > 2 * own)
    detail = f"{item.object_class} appears on {appears:.0%}, disappears on {disappears:.0%}"
    return Check("type", passed, detail)


_BORDERS = ("edge", "corner")


def _check(context: Context, pair: Pair, item: Item) -> None:
    last = last_round(context.project, item.id)
    mask = read_mask(context.project, last.mask_id or 0)
    results = list(_results(context, pair, item, last.sentence, mask))
    failed = [result.name for result in results if not result.passed]
    detail = f"dropped: {', '.join(failed)}" if failed else ""
    with context.writing(STAGE, f"item {item.id}", detail) as connection:
        for result in results:
            connection.execute(
                "INSERT OR REPLACE INTO checks VALUES (?, ?, ?, ?, ?)",
                (item.id, last.number, result.name, result.passed, result.detail),
            )
        if failed:
            set_state(context.project, item.id, "dropped")


def _results(
    context: Context, pair: Pair, item: Item, sentence: str, mask: BoolArray
) -> Iterator[Check]:
    yield check_mask(mask)
    if not mask.any():
        return
    yield check_pixels(context.images(pair, None), mask)
    yield check_position(sentence, mask)
    yield check_type(item, sentence, mask, _witnessed(context, pair))
    yield _check_duplicate(context, item, sentence, mask)


def _check_duplicate(context: Context, item: Item, sentence: str, mask: BoolArray) -> Check:
    """No earlier item of the pair has nearly the same mask and sentence."""
    where = (
        "WHERE pair_id = ? AND id < ? AND state != 'dropped' AND is_negative = 0 AND is_gold = 0"
    )
    for other in list_items(context.project, where, (item.pair_id, item.id)):
        last = last_round(context.project, other.id)
        if last.mask_id is None or other.change_type != item.change_type:
            continue
        likeness = fuzz.token_sort_ratio(sentence, last.sentence)
        overlap = _iou(mask, read_mask(context.project, last.mask_id))
        if likeness >= _SAME_SENTENCE and overlap >= _SAME_MASK:
            detail = f"item {other.id}: mask IoU {overlap:.2f}, sentence {likeness:.0f} of 100"
            return Check("duplicate", False, detail)
    return Check("duplicate", True, "")


def _witnessed(context: Context, pair: Pair) -> tuple[UInt8Array, UInt8Array] | None:
    if context.witness is None:
        return None
    before, after = context.witness(context.images(pair, context))
    is_known = bool((before != UNKNOWN).any() or (after != UNKNOWN).any())
    return (before, after) if is_known else None


def _iou(first: BoolArray, second: BoolArray) -> float:
    either = int(np.count_nonzero(first | second))
    return int(np.count_nonzero(first & second)) / either if either else 1.0


def _share_in(place: str, mask: BoolArray) -> float:
    """Return which part of a mask is in a half, quarter or ninth of the image."""
    rows, cols = np.nonzero(mask)
    words = set(place.split("-"))
    section = 1 / 3 if "centre" in words else 1 / 2
    inside = np.ones(rows.size, bool)
    for along, side, low, high in (
        (rows, mask.shape[0], "north", "south"), (cols, mask.shape[1], "west", "east"),
    ):  # fmt: skip
        share = (along + 0.5) / side
        if low in words:
            inside &= share < section
        elif high in words:
            inside &= share >= 1 - section
        elif "centre" in words:
            inside &= (share >= 1 / 3) & (share < 2 / 3)
    return float(inside.mean())
