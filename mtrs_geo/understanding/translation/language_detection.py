"""Find the language of a sentence: by its script, or by the words of the phrase tables."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import cache

from mtrs_geo.understanding.lexicon import english
from mtrs_geo.understanding.translation.phrase_table import LANGUAGES, Phrase, phrase_table

__all__ = ["detect_language"]

_SCRIPTS = (
    ("ja", r"[\u3041-\u3096\u30a1-\u30fa]"),
    ("zh", r"[\u3400-\u9fff]"),
    ("ru", r"[\u0400-\u04ff]"),
    ("ar", r"[\u0620-\u064a\u0671-\u06d3]"),
    ("hi", r"[\u0904-\u0939\u0958-\u0961]"),
)
_BY_SCRIPT = {code for code, _ in _SCRIPTS}
_MAX_CHARACTERS = 1000
_WORD = re.compile(r"[^\W\d_]+")
_LEAST_COVERED = 0.35
"""Least part of the letters that the words of a table cover in a sentence of its language."""
_ALMOST = 0.86
"""Least similarity of a word with a typing error to the English word, as of difflib."""


def detect_language(text: str) -> str | None:
    """Return the language of a text.

    Args:
        text: any text; its first 1000 characters are read.

    Returns:
        ISO 639-1 code; None for English and where no table covers the text.
    """
    plain = unicodedata.normalize("NFKC", text[:_MAX_CHARACTERS])
    letters = sum(c.isalpha() for c in plain)
    if not letters:
        return None
    for code, script in _SCRIPTS:
        count = len(re.findall(script, plain))
        if code == "ja" and count:
            count += len(re.findall(_SCRIPTS[1][1], plain))
        if count > 0.3 * letters:
            return _han(plain) if code == "zh" else code
    return _latin(plain, letters)


def _han(text: str) -> str:
    """Return "ja" if the Japanese table covers Chinese characters better than the Chinese one."""
    covered = {code: _covered(phrase_table(code).phrases(text)) for code in ("zh", "ja")}
    return "ja" if covered["ja"] > covered["zh"] else "zh"


def _latin(text: str, letters: int) -> str | None:
    in_english = _words(s.text for s in english().segments(text) if s.tags)
    words = _WORD.findall(text.lower())
    if all(word in in_english for word in words):
        return None
    best, most = None, _LEAST_COVERED * letters
    for code in LANGUAGES:
        if code in _BY_SCRIPT:
            continue
        known = [p for p in phrase_table(code).phrases(text) if p.meanings]
        in_table = _words(p.text.lower() for p in known)
        covered = _letters([word for word in words if word in in_table])
        foreign = [word for word in words if word in in_table - in_english]
        missed = [word for word in words if word in in_english - in_table]
        is_foreign = len(foreign) > len(missed) and _letters(foreign) > 2 * _letters(missed)
        if covered > most and is_foreign and _is_telling(known):
            best, most = code, covered
    return best


def _letters(words: Sequence[str]) -> int:
    return sum(map(len, words))


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in _WORD.findall(text)}


def _covered(phrases: Sequence[Phrase]) -> int:
    return sum(len(p.text) for p in phrases if p.meanings)


def _is_telling(phrases: Sequence[Phrase]) -> bool:
    """Return whether one noun or verb, or two function words, are no English ones."""
    foreign = {p.text.lower(): p for p in phrases if not _is_english(p.text.lower())}
    if any(p.has("words", "greetings") for p in foreign.values()):
        return True
    if any(map(_is_content, foreign.values())):
        return True
    return len(foreign) > 1


def _is_content(phrase: Phrase) -> bool:
    tables = ("changes", "events", "outside", "transitions", "questions")
    named = phrase.noun is not None or any(map(phrase.has, tables))
    return named and sum(c.isalpha() for c in phrase.text) > 3 and not _is_typing_error(phrase.text)


def _is_english(text: str) -> bool:
    return all(word in english() for word in text.split())


def _is_typing_error(text: str) -> bool:
    """Return whether a word is almost an English one."""
    word = text.lower()
    if not word.isascii() or " " in word:
        return False
    return bool(get_close_matches(word, _english_words(), 1, _ALMOST))


@cache
def _english_words() -> tuple[str, ...]:
    return tuple(words[0] for words in english().phrases if len(words) == 1)
