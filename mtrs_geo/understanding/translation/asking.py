"""Write the question words of a sentence in English: "how many", "how many ha of", "are there"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mtrs_geo.understanding.translation.phrase_table import Phrase
from mtrs_geo.understanding.translation.subject import has

__all__ = ["as_amount", "as_question", "counts_what_stands"]

_MASS = (
    "asphalt", "bare ground", "bare soil", "desert", "earth", "fallow land", "farmland", "forest",
    "grass", "grassland", "gravel", "mud", "rock", "rubble", "sand", "scrub", "sea", "vegetation",
    "waste ground", "water",
)  # fmt: skip
_PERIODS = ("since", "between", "after", "in the last")
_CHANGES = re.compile(
    r"\b(?:any|anything|new|demolished|removed|vanished|changed|unchanged|turned|paved|were not"
    r"|no)\b"
)
"""Words of subjects that tell a change, or that nothing changed."""
_NOT = " that were not "
_NUMBER = re.compile(r"\d{1,3}(?:[.,]\d{3})*")


def as_question(phrases: Sequence[Phrase], subject: str, rank: str, *, has_clauses: bool) -> str:
    """Return an English subject with the words of a question for yes or no, if it is one.

    Args:
        phrases: of the sentence.
        subject: in English, with the rank.
        rank: superlative of the sentence in English, such as "the largest", or empty.
        has_clauses: whether the sentence has places, sizes or distances.
    """
    if not _is_yes_no(phrases) or subject.startswith("any"):
        if _NOT in subject and has(phrases, "words", "none"):
            return f"no {subject.replace(_NOT, ' that were ')}"  # "No house was demolished."
        return subject
    if _NOT in subject and _is_of_none(phrases):
        return f"are there no {subject.replace(_NOT, ' that were ')}"
    if _is_of_all(phrases):
        return f"are all {subject.removeprefix('the ')}"
    if rank:
        return f"is {subject}"
    number = "exactly one" if has(phrases, "questions", "one") else _number(phrases)
    if number:
        return f"are there {number} {subject}"
    is_definite = has_clauses and _is_definite(phrases)
    return f"are the {subject}" if is_definite else f"are there {subject}"


def _is_of_all(phrases: Sequence[Phrase]) -> bool:
    """Return whether the sentence asks of "all" or "both" things; "both the images" are none."""
    for i, phrase in enumerate(phrases):
        if phrase.has("questions", "all"):
            following = (p for p in phrases[i + 1 :] if not p.has("words", "function"))
            after = next(following, None)
            if after is None or not after.has("words", "images"):
                return True
    return False


def _is_of_none(phrases: Sequence[Phrase]) -> bool:
    """Return whether a negation stands before its noun: "keine Häuser"."""
    for i, phrase in enumerate(phrases[:-1]):
        if phrase.has("words", "negation"):
            return phrases[i + 1].noun is not None
    return False


def as_amount(phrases: Sequence[Phrase], subject: str, plural: tuple[str, ...]) -> str:
    """Return a question for a number, or for an area: "how many ha of removed forest".

    Args:
        phrases: of a sentence with "how many" or "how much".
        subject: in English, with the rank.
        plural: endings of nouns in the plural, in the language of the sentence.
    """
    subject = subject.removeprefix("the ")
    for i, phrase in enumerate(phrases):
        unit = _unit_behind(phrases, i) if phrase.has("questions", "count") else None
        if unit is not None:
            return f"how many {unit} of {subject}"
    words = [phrase for phrase in phrases if phrase.has("questions", "count")]
    if all(word.has("questions", "much") for word in words):
        return f"how much {subject}"
    # "Combien de forêt" asks for an area, "combien de forêts" for a number.
    is_open = all(word.has("questions", "much", "much_or_many") for word in words)
    is_area = is_open and _is_mass(phrases, subject, plural)
    return f"how much {subject}" if is_area else f"how many {subject}"


def counts_what_stands(
    phrases: Sequence[Phrase], subject: str, times: Sequence[tuple[str, str]]
) -> bool:
    """Return whether a sentence asks for the number of things that are there at one date.

    Args:
        phrases: of the sentence.
        subject: in English, without the rank.
        times: foreign and English words for its times.
    """
    if not has(phrases, "questions", "count"):
        return False
    is_period = any(english.startswith(_PERIODS) for _, english in times)
    return not is_period and not _CHANGES.search(subject)


def _is_mass(phrases: Sequence[Phrase], subject: str, plural: tuple[str, ...]) -> bool:
    """Return whether all things that are asked for are mass nouns in the singular."""
    things = re.split(r" (?:turned into|that) ", subject)[0].split(" and ")
    names = [
        next((name for name in _MASS if f" {thing}".endswith(f" {name}")), "") for thing in things
    ]
    found = [p.text for p in phrases if p.noun and p.noun[1] in names]
    return all(names) and not any(text.casefold().endswith(plural) for text in found)


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
    """Return whether the sentence begins or ends with words of a yes/no question.

    A verb such as "hay" ends one only before a question mark: "casas que ya no existen".
    """
    words = _words(phrases)
    if words and words[0].has("questions", "where"):
        return False
    if has(phrases, "questions", "yes_no_anywhere"):
        return True
    if words and words[0].has("questions", "verbs"):
        return True
    is_marked = any(p.text in "?？؟" for p in phrases)
    if any(p.has("questions", "there_is") for p in (*words[:1], *words[-1:][:is_marked])):
        return True
    return any(p.has("questions", "yes_no") for p in (*words[:1], *words[-1:]))


def _is_definite(phrases: Sequence[Phrase]) -> bool:
    """Return whether a definite article is the first or the second word: "sind die Häuser …?"."""
    return any(
        p.has("questions", "definite") or p.has("words", "definite") for p in _words(phrases)[:2]
    )


def _words(phrases: Sequence[Phrase]) -> list[Phrase]:
    return [p for p in phrases if p.text[0].isalnum() and not p.has("words", "greetings")]
