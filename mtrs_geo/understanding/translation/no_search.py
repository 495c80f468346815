"""Find questions in other languages for plans, advice, reasons or times, which no image answers."""

from __future__ import annotations

import re
from functools import cache

from mtrs_geo.understanding.translation.phrase_table import phrase_table

__all__ = ["asks_no_search", "refused_order"]

_CLAUSE_END = re.compile(r"[;:,.!?()、。，；？！؟،।¿¡]")
_NOTHING = re.compile(r"(?!)")
_BEFORE = 16
"""Characters, with spaces, in which a verb of showing stands before its auxiliary in Japanese."""


def asks_no_search(text: str, code: str) -> bool:
    """Return whether a sentence asks what will, should or can be done, or why, who and when.

    A word of the future with a verb of showing is a request: "you should show new houses"; "how
    was the forest changed" asks for the change.

    Args:
        text: a sentence.
        code: ISO 639-1 code of its language, which has a table.
    """
    words = _pattern(code, "neutral").sub(",", _words(text, code))
    first = _pattern(code, "start").search(words)
    if first is not None and not any(c.isalpha() for c in words[: first.start()]):
        return True
    if _find(words, code, "when"):  # Anywhere: "tell me when the road was built".
        return True
    if any(not _is_request(words, found, code) for found in _find(words, code, "ahead")):
        return True
    for found in _find(words, code, "how"):
        following = phrase_table(code).phrases(_rest(words, found))
        is_change = any(phrase.has("changes", "changed") for phrase in following)
        if not is_change and not _is_request(words, found, code):
            return True
    return any(
        not _is_request(words, found, code)
        and _pattern(code, "deeds").search(_rest(words, found)) is not None
        for found in _find(words, code, "can")
    )


def refused_order(text: str, code: str) -> str:
    """Return an order not to show something, such as "zeige nicht"; else an empty text.

    Args:
        text: a sentence.
        code: ISO 639-1 code of its language, which has a table.
    """
    table, words = phrase_table(code), _words(text, code)
    found = _pattern(code, "orders").search(words)
    if found is None:
        return ""
    start = len(words[: found.start()].split())
    tokens = table.tokens(text)[start : start + len(found[0].split())]
    return (" " if table.spaces else "").join(tokens)


def _words(text: str, code: str) -> str:
    return f" {' '.join(phrase_table(code).words(text))} "


def _find(words: str, code: str, name: str) -> list[re.Match[str]]:
    return list(_pattern(code, name).finditer(words))


def _is_request(words: str, found: re.Match[str], code: str) -> bool:
    shown = _pattern(code, "shown")
    before = words[max(0, found.start() - _BEFORE) : found.start()]
    is_before = phrase_table(code).verb_last and shown.search(before) is not None
    return is_before or shown.search(_rest(words, found)) is not None


def _rest(words: str, found: re.Match[str]) -> str:
    """Return the rest of the clause, with the space in front of it."""
    return _CLAUSE_END.split(words[found.end() :], maxsplit=1)[0]


@cache
def _pattern(code: str, name: str) -> re.Pattern[str]:
    """Return a pattern of the phrases of an entry, between the spaces around their words."""
    phrases = phrase_table(code).no_search.get(name, "").split(",")
    patterns = [_phrase_pattern(phrase, code) for phrase in phrases if phrase.strip()]
    return re.compile(rf"(?<= )(?:{'|'.join(patterns)})(?= )") if patterns else _NOTHING


def _phrase_pattern(phrase: str, code: str) -> str:
    words = []
    for part in phrase.split():
        plain = " ".join(map(re.escape, phrase_table(code).words(part.strip("*…"))))
        start = r"\S*" if part.startswith("…") else ""
        end = {"…": r"\S*", "*": r"\S{0,3}"}.get(part[-1], "")
        words.append(f"{start}{plain}{end}")
    return " ".join(words)
