"""Correct misspelt words towards the lexicon; words that exist stay as they are."""

from __future__ import annotations

import re
from collections.abc import Collection

from mtrs_geo.understanding.lexicon import Lexicon, split_words

__all__ = ["correct_spelling", "similar_noun"]

_SHORTEST = 4
_OPENERS = frozenset(
    {"new", "old", "all", "the", "any", "more", "lost", "former", "removed", "demolished"}
)
_SUFFIXES = ("s", "es", "ed", "ing", "er", "ers", "ly", "'s", "al", "ish", "y")


def correct_spelling(
    text: str, lexicon: Lexicon, existing: Collection[str]
) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the text with misspelt words replaced, and the replacements.

    A word is replaced if neither the lexicon nor ``existing`` has it or its stem, and exactly one
    word of the lexicon is nearest: one edit away for up to eight letters, two for longer words
    if the first two letters are right.
    Two adjacent letters that changed places are one edit.

    Args:
        text: a sentence in lower case.
        lexicon: the words to correct to.
        existing: words that exist, in lower case.
    """
    replaced: dict[str, str] = {}
    for word in dict.fromkeys(split_words(text)):
        if word.isalpha() and len(word) >= _SHORTEST and not _exists(word, lexicon, existing):
            better = _split(word, lexicon) or _nearest(word, lexicon)
            if better is not None:
                replaced[word] = better
    words = (replaced.get(word, word) for word in split_words(text))
    return (" ".join(words) if replaced else text), tuple(replaced.items())


def similar_noun(phrase: str, lexicon: Lexicon) -> str | None:
    """Return a phrase whose last word is replaced by a similar noun of a class; None without one.

    Args:
        phrase: a thing that the lexicon does not know, for example "hoses".
        lexicon: the words to choose from.
    """
    from rapidfuzz import process
    from rapidfuzz.distance import DamerauLevenshtein

    start, _, word = phrase.rpartition(" ")
    if not word.isalpha() or len(word) < _SHORTEST:
        return None
    limit = 1 if len(word) < 9 else 2
    nouns = [w for w in _by_length(lexicon, len(word)) if _is_noun(w, lexicon)]
    matches = process.extract(
        word, nouns, scorer=DamerauLevenshtein.distance, score_cutoff=limit, limit=8
    )
    likely = [m for m in matches if m[0][0] == word[0]] or matches
    best = min(likely, key=lambda match: (match[1], -len(match[0]), match[0]), default=None)
    return None if best is None else f"{start} {best[0]}".strip()


def _is_noun(word: str, lexicon: Lexicon) -> bool:
    return any(segment.land_cover for segment in lexicon.segments(word))


def _exists(word: str, lexicon: Lexicon, existing: Collection[str]) -> bool:
    if word in lexicon.words or word in existing:
        return True
    if word.startswith("un") and word[2:] in lexicon.words:
        return True
    stems = (word.removesuffix(suffix) for suffix in _SUFFIXES if _has_suffix(word, suffix))
    return any(
        len(stem) >= _SHORTEST and (stem in existing or stem + "e" in existing) for stem in stems
    )


def _has_suffix(word: str, suffix: str) -> bool:
    """Return whether a word may be a form with this suffix: "tress" is no plural of "tres"."""
    if suffix == "es":
        return word.endswith(("ses", "xes", "zes", "ches", "shes", "oes"))
    return word.endswith(suffix) and not (suffix == "s" and word.endswith("ss"))


def _split(word: str, lexicon: Lexicon) -> str | None:
    """Return two words of the lexicon that were written as one: "newbuildings"."""
    words = lexicon.words
    for cut in range(3, len(word) - 3):
        first, second = word[:cut], word[cut:]
        if first in _OPENERS and second in words:
            return f"{first} {second}"
    return None


def _nearest(word: str, lexicon: Lexicon) -> str | None:
    from rapidfuzz import process
    from rapidfuzz.distance import DamerauLevenshtein

    limit = 1 if len(word) < 9 else 2
    matches = process.extract(
        word,
        _by_length(lexicon, len(word)),
        scorer=DamerauLevenshtein.distance,
        score_cutoff=limit,
        limit=8,
    )
    matches = [match for match in matches if match[1] < 2 or match[0][:2] == word[:2]]
    if not matches:
        return None
    best = [match for match, distance, _ in matches if distance == matches[0][1]]
    # A typing error seldom hits the first letter.
    choices = [match for match in best if match[0] == word[0]] or best
    # Letters that changed places are the commonest error: the word has the same letters.
    choices = [match for match in choices if sorted(match) == sorted(word)] or choices
    # A double letter is often typed once.
    choices = [match for match in choices if _without_doubles(match) == word] or choices
    # A letter is left out more often than typed twice.
    choices = [match for match in choices if len(match) > len(word)] or choices
    # The beginning of a word is seldom wrong.
    choices = [match for match in choices if match[:2] == word[:2]] or choices
    return choices[0] if len(choices) == 1 else None


def _without_doubles(word: str) -> str:
    return re.sub(r"(.)\1", r"\1", word)


def _by_length(lexicon: Lexicon, length: int) -> tuple[str, ...]:
    words = lexicon.words - lexicon.rare
    return tuple(w for w in words if abs(len(w) - length) <= 2 and len(w) >= 3)
