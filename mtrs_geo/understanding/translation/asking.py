"""Write the question words of a sentence in English: "how many", "how many ha of", "are there"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mtrs_geo.understanding.translation.phrase_table import Phrase
from mtrs_geo.understanding.translation.subject import has

__all__ = ["as_question"]

_NUMBER = re.compile(r"\d{1,3}(?:[.,]\d{3})*")


def as_question(phrases: Sequence[Phrase], subject: str, rank: str, *, has_clauses: bool) -> str:
    """Return an English subject with the words for what the sentence asks of it.

    Args:
        phrases: of the sentence.
        subject: in English, with the rank.
        rank: superlative of the sentence in English, such as "the largest", or empty.
        has_clauses: whether the sentence has places, sizes or distances.
    """
    if has(phrases, "questions", "count"):
        return _amount(phrases, subject.removeprefix("the "))
    if not _is_yes_no(phrases) or subject.startswith("any"):
        return subject
    if has(phrases, "questions", "all"):
        return f"are all {subject.removeprefix('the ')}"
    if rank:
        return f"is {subject}"
    number = "exactly one" if has(phrases, "questions", "one") else _number(phrases)
    if number:
        return f"are there {number} {subject}"
    is_definite = has_clauses and _is_definite(phrases)
    return f"are the {subject}" if is_definite else f"are there {subject}"


def _amount(phrases: Sequence[Phrase], subject: str) -> str:
    """Return a question for a number, or for an area: "how many ha of removed forest"."""
    for i, phrase in enumerate(phrases):
        unit = _unit_behind(phrases, i) if phrase.has("questions", "count") else None
        if unit is not None:
            return f"how many {unit} of {subject}"
    if has(phrases, "questions", "much"):
        return f"how much {subject}"
    nouns = [phrase.noun[1] for phrase in phrases if phrase.noun]
    # The tables have mass nouns, such as forest, in the singular, and other nouns in the plural.
    is_mass = bool(nouns) and (not nouns[0].endswith("s") or nouns[0].endswith("ss"))
    return f"how much {subject}" if is_mass else f"how many {subject}"


def _number(phrases: Sequence[Phrase]) -> str:
    """Return the number of things that a sentence names, or an empty text."""
    for i, phrase in enumerate(phrases):
        word = phrase.entry("numbers") or (phrase.text if _NUMBER.fullmatch(phrase.text) else "")
        behind = phrases[i + 1] if i + 1 < len(phrases) else None
        measures = behind is not None and any(map(behind.has, ("units", "factors", "times")))
        is_length_or_time = i > 0 and any(map(phrases[i - 1].has, ("units", "times")))
        if word and not measures and not is_length_or_time:
            return word
    return ""


def _unit_behind(phrases: Sequence[Phrase], i: int) -> str | None:
    """Return the unit that follows a question word, at most a word apart: "combien d'hectares"."""
    for phrase in phrases[i + 1 : i + 3]:
        if phrase.entry("units"):
            return phrase.entry("units")
        if not phrase.has("words", "function"):
            return None
    return None


def _is_yes_no(phrases: Sequence[Phrase]) -> bool:
    """Return whether the sentence begins or ends with words of a yes/no question."""
    words = _words(phrases)
    if words and words[0].has("questions", "where"):
        return False
    if has(phrases, "questions", "yes_no_anywhere"):
        return True
    if words and words[0].has("questions", "verbs"):
        return True
    return any(p.has("questions", "yes_no") for p in (*words[:1], *words[-1:]))


def _is_definite(phrases: Sequence[Phrase]) -> bool:
    """Return whether a definite article is the first or the second word: "sind die Häuser …?"."""
    return any(
        p.has("questions", "definite") or p.has("words", "definite") for p in _words(phrases)[:2]
    )


def _words(phrases: Sequence[Phrase]) -> list[Phrase]:
    return [p for p in phrases if p.text[0].isalnum() and not p.has("words", "greetings")]
