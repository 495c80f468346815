"""Comparatives of other languages that say how a thing changed: "wurde der See kleiner?"."""

from __future__ import annotations

from collections.abc import Sequence

from mtrs_geo.understanding.translation.phrase_table import Phrase
from mtrs_geo.understanding.translation.roles import PUNCTUATION

__all__ = ["with_growth"]

_DIRECTIONS = {"grown": "appeared", "shrunk": "disappeared"}


def with_growth(phrases: Sequence[Phrase]) -> list[Phrase]:
    """Return a sentence whose comparatives at the end of a clause are changes.

    Args:
        phrases: a sentence; "smaller" before a noun or beside another change is left as it is.
    """
    found = list(phrases)
    clause = 0
    for i, phrase in enumerate(phrases):
        name = next((name for name in _DIRECTIONS if phrase.has("words", name)), "")
        is_last = i + 1 == len(phrases) or phrases[i + 1].text in PUNCTUATION
        clause = i if phrase.text in PUNCTUATION else clause
        is_told = any(p.has("changes") for p in phrases[clause:i])  # "Are the new houses larger?"
        if name and is_last and not is_told and any(p.noun for p in phrases[:i]):
            found[i] = Phrase(phrase.text, frozenset({("changes", _DIRECTIONS[name])}))
        elif name:
            found[i] = Phrase(phrase.text, phrase.meanings - {("words", name)})
    return found
