"""Take the phrases that concern the whole scene out of a text, as rules."""

from __future__ import annotations

import re

from mtrs_geo.query.classes import class_of
from mtrs_geo.query.direction import direction_of
from mtrs_geo.query.numbers import NUMBER
from mtrs_geo.query.positions import take_place_adjectives, take_positions
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
from mtrs_geo.query.times import take_times

__all__ = ["MAX_ROUNDS", "separate_leading", "split_leading", "split_rules", "trim"]

MAX_ROUNDS = 8
_FILTER_ORDER = (Position, SizeBound, Near, Inside, AnyOf)
_STEPS = (
    take_positions, take_sizes, take_distance_ranks, take_relations, take_place_adjectives,
    take_ranks,
)  # fmt: skip
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
_MOST_LEADING_WORDS, _MOST_CHARACTERS = 20, 1_000
_LEADING = re.compile(
    r"(?:(?:only|just) )?(?:in|at|on|to|towards?|inside|outside|within|near(?:by)?|along(?:side)?"
    r"|close|next|beside|adjacent|adjoining|bordering|around|by|away|far|farther|further|up|down"
    r"|since|from|between|during|after|before|until|through(?:out)?|over|under|above|below|at"
    r"|larger|bigger|smaller|longer|shorter|wider|narrower|more|less)\b"
)
"""The first words of a condition that may stand before a subject without a comma."""
_PART = re.compile(r"\b(?:corner|quarter|quadrant|half|part|side|section|third|edge|image|scene)$")
_CUT = re.compile(r"'s (?=\w)| ?[:,;] | [-–—] | (?=\w)")
_NO_END = _TRAILING_FILLERS | {
    "or", "not", "no", "that", "which", "who", "where", "when", "there", "by", "for",
    "between", "than", "new", "big", "large", "small", "old",
    "main", "other", "same", "next", "close", "away", "along", "around", "outside", "inside",
}  # fmt: skip
"""No condition ends with these words."""
_VERB = (
    r"(?:is|are|was|were|has|have|had|got|gets?|appear(?:s|ed)?|disappear(?:s|ed)?|vanished|emerged"
    r"|became|turned)\b"
)
_SUBJECT = re.compile(
    r"(?:all|any|every|each|some|no|the|an?|more|what|how many|how much"
    r"|unchanged|existing|changed|standing|changes?|there (?:is|are|was|were|has|have)"
    r"|please|show|find|list|mark|map|detect|highlight|we|i|they|people|someone|somebody)\b (?=\w)"
    rf"|{NUMBER} (?=[a-z])"
)
"""Words that begin the subject of a sentence."""
_CHANGED_THING = re.compile(
    r"(?P<change>[a-z]+) (?!(?:in|on|at|by|to|up|down|out|off|near|from|since|before|after|with"
    r"|for|and|or|that|which)\b)[a-z]"
)
_CLAUSE = re.compile(
    rf"(?P<noun>[a-z]+) (?:(?:that|which) )?(?:{_VERB}|(?P<verb>(?!new|recent)[a-z]+)\b)"
)


def split_rules(text: str) -> tuple[str, tuple[SimpleRule, ...]]:
    """Extract rules until none is left; return the remaining text and the rules in fixed order."""
    rules: list[SimpleRule] = []
    previous = None
    text = take_outermost(text, rules, " ")
    for iteration in range(2 * MAX_ROUNDS):
        if text == previous:
            break
        previous = text
        # A comma in deep nesting prevents new matches.
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


def split_leading(text: str) -> tuple[str, str]:
    """Return the conditions at the start of a sentence, and the rest of it.

    "In the north: new houses and felled trees" and "near the river new houses" begin with a
    condition of all that follows; "southern roads" begins with an adjective of the roads.  The
    first text is empty if the sentence does not begin with a condition.

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    conditions: list[str] = []
    while cut := _leading_cut(text):
        conditions.append(text[: cut.start()])
        text = text[cut.end() :]
    return ", ".join(conditions), text


def separate_leading(text: str) -> str:
    """Return a text with a comma after the places, sizes and relations that it begins with.

    A longer text than is parsed stays as it is.
    """
    pieces: list[str] = []
    while len(text) <= _MOST_CHARACTERS and (cut := _leading_cut(text, needs_rule=True)):
        pieces += [text[: cut.start()], cut[0] if cut[0].strip(" 's") else ", "]
        text = text[cut.end() :]
    return "".join([*pieces, text])


def _leading_cut(text: str, *, needs_rule: bool = False) -> re.Match[str] | None:
    """Return where a condition at the start of a text ends; None if there is none.

    Args:
        text: part of a sentence.
        needs_rule: whether a time alone is no condition.
    """
    for number, cut in enumerate(_CUT.finditer(text)):
        before, after = text[: cut.start()], text[cut.end() :]
        if number == _MOST_LEADING_WORDS:
            break
        if cut[0] == " " and not _may_end(before, after):
            continue
        if _is_condition(before, is_apart=cut[0] != " ", needs_rule=needs_rule):
            return cut
        if cut[0].strip():
            break
    return None


def _may_end(before: str, after: str) -> bool:
    """Return whether a condition may end, and a subject begin, between two parts of a text."""
    last = before.rsplit(" ", 1)[-1]
    if last in _NO_END or direction_of(last) != "changed":
        return False
    if not (_LEADING.match(before) or _PART.search(before)):
        return False
    changed, clause = _CHANGED_THING.match(after), _CLAUSE.match(after)
    is_clause = (
        clause is not None
        and class_of(clause["noun"]) not in ("any", "other")
        and (not clause["verb"] or direction_of(clause["verb"]) != "changed")
        # "Near the river houses were built" is not about "river houses".
        and (clause["noun"].endswith("s") or class_of(before) == "other")
    )
    is_changed = changed is not None and direction_of(changed["change"]) != "changed"
    return bool(is_clause or is_changed or _SUBJECT.match(after))


def _is_condition(text: str, *, is_apart: bool, needs_rule: bool) -> bool:
    """Return whether a text consists of rules and times, without ranks unless it stands apart."""
    rest, rules = split_rules(text)
    rest, times = take_times(rest)
    if trim(rest) or (not is_apart and any(map(is_rank, rules))):
        return False
    return bool(rules) or (bool(times) and not needs_rule)
