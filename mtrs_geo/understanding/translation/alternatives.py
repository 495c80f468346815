"""Conditions and changes of a sentence in another language that "and" or "or" joins."""

from __future__ import annotations

from collections.abc import Sequence

from mtrs_geo.understanding.translation.phrase_table import Phrase
from mtrs_geo.understanding.translation.quantities import Quantity
from mtrs_geo.understanding.translation.roles import PUNCTUATION, Place, is_named

__all__ = ["is_or", "joins_changes", "split_comparisons", "unread_alternatives"]


def is_or(phrase: Phrase) -> bool:
    """Return whether a phrase means "or"."""
    return phrase.has("words", "or") and phrase.is_joint


def split_comparisons(phrases: Sequence[Phrase]) -> list[Phrase]:
    """Split "or smaller" before a number: it compares with that number.

    Args:
        phrases: a sentence; "50 m² or smaller" is left as it is.
    """
    found: list[Phrase] = []
    for i, phrase in enumerate(phrases):
        joint, comparison = phrase.entry("joined"), phrase.entry("sizes_after")
        first, space, rest = phrase.text.partition(" ")
        if not (joint and comparison and space and _number_follows(phrases, i)):
            found.append(phrase)
            continue
        found.append(Phrase(first, frozenset({("words", joint)})))
        found.append(Phrase(rest, frozenset({("sizes", comparison)})))
    return found


def _number_follows(phrases: Sequence[Phrase], i: int) -> bool:
    for phrase in phrases[i + 1 : i + 3]:
        if phrase.text[0].isdigit() or phrase.has("numbers"):
            return True
        if not phrase.has("words", "function"):
            return False
    return False


def unread_alternatives(
    phrases: Sequence[Phrase], numbers: Sequence[Quantity], places: Sequence[Place]
) -> list[str]:
    """Return "or" with its neighbours where the English sentence would say "and".

    Places of one relation are joined by "or"; other conditions hold together.

    Args:
        phrases: the sentence.
        numbers: its numbers.
        places: its references.
    """
    found = []
    for i, phrase in enumerate(phrases):
        if not is_or(phrase):
            continue
        before = _nearest(phrases, range(i - 1, -1, -1), numbers, places)
        after = _nearest(phrases, range(i + 1, len(phrases)), numbers, places)
        if before is None or after is None or not before[1]:
            continue
        if before[1] != after[1] or before[1] in ("size", "rank"):
            found.append(" ".join(p.text for p in phrases[i : after[0] + 1]))
    return found


def _nearest(
    phrases: Sequence[Phrase],
    indices: range,
    numbers: Sequence[Quantity],
    places: Sequence[Place],
) -> tuple[int, str] | None:
    """Return the nearest words that tell something, and the kind of their condition."""
    measured = {i for q in numbers if q.unit for i in range(q.start, q.end)}
    near = {k for i in measured for k in range(i - 2, i + 3)}
    years = {i for q in numbers if q.is_year for i in range(q.start, q.end)}
    relations = {
        index: place.relation
        for place in places
        for index in (place.index, place.at, *place.changes)
    }
    for i in indices:
        phrase = phrases[i]
        if phrase.text in PUNCTUATION:
            return None
        if i in relations:
            return i, f"relation {relations[i]}"
        if phrase.has("places"):
            return i, "place"
        if i in measured or (i in near and (phrase.has("sizes") or phrase.has("sizes_after"))):
            return i, "size"
        if phrase.has("ranks"):
            return i, "rank"
        if i in years:
            return i, "year"
        if is_named(phrase) or phrase.has("changes") or phrase.has("events"):
            return i, ""
    return None


def joins_changes(phrases: Sequence[Phrase]) -> bool:
    """Return whether "and" or "or" joins two changes of one thing: "new houses and lost ones".

    Args:
        phrases: the sentence.
    """
    for i, phrase in enumerate(phrases):
        is_prefixed = phrase.text.startswith("و") and phrase.has("changes")  # In Arabic.
        if is_prefixed and i and phrases[i - 1].has("changes"):
            return True
        if not phrase.is_joint or not i:
            continue
        behind = [p for p in phrases[i + 1 : i + 5] if not p.has("words", "function")]
        is_last = len(phrases) <= i + 5 and len(behind) == 1 and behind[0].has("changes")
        if is_last and any(p.has("changes") for p in phrases[:i]):
            return True
        if phrases[i - 1].has("changes") and any(p.has("changes") for p in phrases[i + 1 : i + 2]):
            return True
    return False
