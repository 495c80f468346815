"""Take the phrases that concern the whole scene out of a text, as rules."""

from __future__ import annotations

import re

from mtrs_geo.query.positions import take_positions
from mtrs_geo.query.ranks import take_outermost, take_ranks
from mtrs_geo.query.relations import take_distance_ranks, take_relations
from mtrs_geo.query.rules import (
    AnyOf,
    Inside,
    Near,
    Position,
    SimpleRule,
    SizeBound,
    is_rank,
    rank_count,
)
from mtrs_geo.query.sizes import take_sizes

__all__ = ["MAX_ROUNDS", "split_rules", "trim"]

MAX_ROUNDS = 8
_FILTER_ORDER = (Position, SizeBound, Near, Inside, AnyOf)
_STEPS = (take_positions, take_sizes, take_distance_ranks, take_relations, take_ranks)
_LEADING_FILLERS = frozenset({"the", "all", "only", "of", "among", "and", "but"})
_TRAILING_FILLERS = _LEADING_FILLERS | {
    "a", "an", "with", "in", "at", "on", "near", "within", "to", "from", "those", "ones", "except",
}  # fmt: skip
_TRAILING_PAIRS = frozenset({"that are", "which are", "that is", "which is"})
_WHOLE_PAIRS = frozenset(
    {"built on", "filled in", "put on", "moved in", "image a", "photo a", "picture a", "date a"}
)
"""Pairs of which the last word is no filler."""
_SEPARATOR = re.compile(r"[,;](?!\d)|(?<!\d)[,;]")
_EMPTY = re.compile(r"\( *\)")
_PUNCTUATION = " ,;:.!?–—-"


def split_rules(text: str) -> tuple[str, tuple[SimpleRule, ...]]:
    """Extract rules until none is left; return the remaining text and the rules in fixed order."""
    rules: list[SimpleRule] = []
    previous = None
    text = take_outermost(text, rules, " ")
    for iteration in range(len(text) + 1):
        if text == previous:
            break
        previous = text
        # A comma in deep nesting prevents new matches, which bounds the number of iterations.
        gap = " " if iteration < MAX_ROUNDS else ", "
        for take in _STEPS:
            text = take(text, rules, gap)
        text = trim(text)
    # "The northernmost of the three largest" takes the three largest first; the other way round,
    # one of both would have no effect.
    ranks = sorted(filter(is_rank, rules), key=rank_count, reverse=True)
    filters = [rule for rule in rules if not is_rank(rule)]
    ordered = [rule for kind in _FILTER_ORDER for rule in filters if isinstance(rule, kind)]
    return text, tuple(dict.fromkeys([*ordered, *ranks]))


def trim(text: str) -> str:
    """Remove empty clauses, and punctuation and filler words at both ends."""
    clauses = [" ".join(clause.split()) for clause in _SEPARATOR.split(_EMPTY.sub(" ", text))]
    words = ", ".join(clause for clause in clauses if clause.strip(_PUNCTUATION)).split(" ")
    first, last = 0, len(words)
    while first < last and words[first].strip(_PUNCTUATION) in _LEADING_FILLERS | {""}:
        first += 1
    while first < last:
        word = words[last - 1].strip(_PUNCTUATION)
        pair = f"{words[last - 2]} {word}" if last - first > 1 else ""
        if pair in _WHOLE_PAIRS:
            break
        if word in _TRAILING_FILLERS or not word:
            last -= 1
        elif pair in _TRAILING_PAIRS:
            last -= 2
        else:
            break
    return " ".join(words[first:last]).strip(_PUNCTUATION)
