"""Comparatives of other languages that say how a thing changed: "wurde der See kleiner?"."""

from __future__ import annotations

from collections.abc import Sequence

from mtrs_geo.understanding.translation.phrase_table import Phrase
from mtrs_geo.understanding.translation.roles import PUNCTUATION, assign_roles

__all__ = ["with_erosion", "with_growth"]

_DIRECTIONS = {"grown": "appeared", "shrunk": "disappeared"}
_AMOUNTS = {
    ("more", "than_before"): "appeared", ("fewer", "than_before"): "disappeared",
    ("more", "than_now"): "disappeared", ("fewer", "than_now"): "appeared",
}  # fmt: skip
_SHORES = ("beaches", "dunes", "gravel", "sand")
"""Bare ground that erosion takes away; other ground that is eroded becomes bare."""
_DATES = {"than_before": "before", "than_now": "now"}
_COMPARED = {"before": "than_now", "now": "than_before"}
"""The date that "more" and "fewer" at a date are compared with."""


def with_growth(phrases: Sequence[Phrase]) -> list[Phrase]:
    """Return a sentence whose comparatives at the end of a clause are changes.

    "More" and "fewer" are changes beside "than before" or "than now".

    Args:
        phrases: a sentence; "smaller" before a noun or beside another change is left as it is.
    """
    found = _with_amounts(phrases)
    clause = 0
    for i, phrase in enumerate(found):
        name = next((name for name in _DIRECTIONS if phrase.has("words", name)), "")
        is_last = i + 1 == len(found) or found[i + 1].text in PUNCTUATION
        clause = i if phrase.text in PUNCTUATION else clause
        is_told = any(p.has("changes") for p in found[clause:i])  # "Are the new houses larger?"
        if name and is_last and not is_told and any(p.noun for p in found[:i]):
            found[i] = Phrase(phrase.text, frozenset({("changes", _DIRECTIONS[name])}))
        elif name:
            found[i] = Phrase(phrase.text, phrase.meanings - {("words", name)})
    return found


def _with_amounts(phrases: Sequence[Phrase]) -> list[Phrase]:
    """Take "more" and "fewer" for changes; where they are none, they keep their other meanings."""
    at, than = _comparison(phrases)
    amounts = (i for i in range(len(phrases)) if at is not None and _is_amount(phrases, i, at))
    amount = next(amounts, None)
    others = [
        p
        for i, p in enumerate(phrases)
        if i != amount and not any(p.has("words", n) for n in _DATES)
    ]
    is_told = any(p.has("changes") or p.has("events") for p in others)
    is_read = amount is not None and not is_told
    found = []
    for i, phrase in enumerate(phrases):
        meanings = phrase.meanings - {("words", "more"), ("words", "fewer")}
        name = next((n for n in _DATES if phrase.has("words", n)), "")
        if is_read and i == amount:
            amount_name = "more" if phrase.has("words", "more") else "fewer"
            meanings = frozenset({("changes", _AMOUNTS[amount_name, than])})
        elif (name and (is_read or _follows_change(phrases, i))) or (is_read and i == at):
            meanings = frozenset({("words", "function")})
        elif name:  # The Spanish "que antes" is "which before", too.
            date = {("words", "function"), ("words", _DATES[name])}
            meanings = (meanings - {("words", name)}) | date
        found.append(Phrase(phrase.text, meanings))
    return found


def _comparison(phrases: Sequence[Phrase]) -> tuple[int | None, str]:
    """Return where a comparison of dates stands, and with which date amounts are compared.

    "There were fewer trees before" is "fewer than now".
    """
    for i, phrase in enumerate(phrases):
        if phrase.has("words", *_DATES):
            return i, next(name for name in _DATES if phrase.has("words", name))
    found = [(i, date) for i, p in enumerate(phrases) for date in _COMPARED if _tells(p, date)]
    dates = {date for _, date in found}
    things = [phrases[i] for i in assign_roles(phrases, ()).things]
    nouns = {p.noun for p in things if not p.has("words", "more", "fewer")}
    is_other = any(p.has("words", "negation", "without") or p.text.isdigit() for p in phrases)
    if len(dates) != 1 or len(nouns) != 1 or is_other:
        return None, ""
    return found[0][0], _COMPARED[found[0][1]]


def _tells(phrase: Phrase, date: str) -> bool:
    """Return whether a phrase is a date, or "where" at that date."""
    is_now = phrase.has("transitions", "became") and phrase.has("transitions", "where")
    is_where = is_now if date == "now" else phrase.has("transitions", "source")
    return phrase.has("words", date) or is_where


def _follows_change(phrases: Sequence[Phrase], i: int) -> bool:
    """Return whether a change stands in front of "than before": "it became more than before"."""
    ahead = [p for p in phrases[max(0, i - 2) : i] if p.text not in PUNCTUATION]
    return bool(ahead) and ahead[-1].has("changes", *_DIRECTIONS.values())


def _is_amount(phrases: Sequence[Phrase], i: int, than: int) -> bool:
    """Return whether "more" or "fewer" stands at ``i`` and belongs to "than before".

    "No more" is no amount, and the Dutch "meer" is a lake, too.
    """
    if not phrases[i].has("words", "more", "fewer"):
        return False
    if phrases[i].noun and i > 0 and phrases[i - 1].has("questions", "definite"):
        return False
    between = phrases[max(0, i - 1) : than] if i < than else phrases[than:i]
    if any(p.is_unknown or p.is_joint or p.has("words", "negation", "but") for p in between):
        return False
    return phrases[i].noun is None or any(p.noun for p in phrases[i + 1 : i + 3])


def with_erosion(phrases: Sequence[Phrase]) -> list[Phrase]:
    """Return a sentence in which the erosion of a beach is its loss.

    The erosion of a bank or coast has no meaning, as no class becomes water there.

    Args:
        phrases: a sentence.
    """
    if not any(p.has("words", "eroded") for p in phrases):
        return list(phrases)
    things = [phrases[i] for i in assign_roles(phrases, ()).things]
    nouns = [noun for p in things if (noun := p.noun)]
    is_coast = any(p.has("outside", "coast", "shore") for p in things)
    if is_coast or any(name == "water" for name, _ in nouns):
        meanings: frozenset[tuple[str, str]] = frozenset()
    elif nouns and all(name in _SHORES for _, name in nouns):
        meanings = frozenset({("changes", "disappeared")})
    else:
        return list(phrases)
    return [Phrase(p.text, meanings) if p.has("words", "eroded") else p for p in phrases]
