"""What a negation in another language belongs to: a change, or a thing or place to leave out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mtrs_geo.understanding.translation.phrase_table import Phrase
from mtrs_geo.understanding.translation.roles import PUNCTUATION, is_named

__all__ = ["left_out", "unread_negations"]

_YEAR = re.compile(r"(?:19|20)\d\d")
_WEAK = ("inside", "on", "at", "with", "through", "from")
"""Relations that are function words too."""
_LONGEST_CLAUSE = 25
"""Phrases on each side of a negation that are looked at, so that the time is linear."""


def left_out(phrases: Sequence[Phrase], i: int) -> tuple[int, int] | None:
    """Return what "but not in the north", "not in the north" or "without roads" leaves out.

    Args:
        phrases: of the sentence.
        i: index of "but", "not" or "without".

    Returns:
        Where it begins, and the index of a negation behind it or of the next punctuation mark;
        None if the words say something else: "but not demolished", "but not in 2012".
    """
    if not (_is_negation(phrases[i]) or phrases[i].has("words", "but", "without")):
        return None
    end = _clause_end(phrases, i + 1)
    if phrases[i].has("words", "without"):
        if _tells_time_or_change(phrases[i + 1 : end]) or not _is_left_out(phrases, i):
            return None
        return i + 1, end
    is_but = phrases[i].has("words", "but")
    first = next((k for k in range(i, end) if _is_negation(phrases[k])), None)
    if first is None or not (is_but or first == i) or _tells_time_or_change(phrases[i + 1 : end]):
        return None
    if is_but and not all(_is_function(p) for p in phrases[i + 1 : first]):
        is_last = all(map(_is_function, phrases[first + 1 : end]))
        return (i + 1, first) if is_last and _is_told(phrases[i + 1 : first]) else None
    content = _next_content(phrases, first, end)
    if content is None or not (
        _is_place(phrases[content]) or (is_but and _names(phrases, content))
    ):
        return None
    return 1 + max(k for k in range(first, content) if _is_negation(phrases[k])), end


def unread_negations(phrases: Sequence[Phrase]) -> list[str]:
    """Return negations that are not of the change, with the words that they belong to.

    Args:
        phrases: a sentence without its exceptions.
    """
    found = []
    changes = [i for i, p in enumerate(phrases) if p.has("changes") or p.has("events")]
    for i, phrase in enumerate(phrases):
        if not _is_negation(phrase):
            continue
        # "Demolished and not rebuilt" are two clauses.
        start = _clause_start(phrases, i)
        is_next = i > 0 and phrases[i - 1].has("words", "and")
        if is_next and any(p.has("changes") for p in phrases[start : i - 1]):
            start = i
        end = _clause_end(phrases, i + 1)
        content = _next_content(phrases, i, end)
        is_here = any(p.has("changes") or p.has("events") for p in phrases[start:end])
        is_elsewhere = bool(changes) and (changes[0] < start or changes[-1] >= end)
        if content is not None and _is_place(phrases[content]):
            is_read = False  # "Not in the north demolished".
        elif phrase.has("words", "without"):
            is_timed = any(map(_tells_time, phrases[start:end]))
            is_read = is_timed or content is None or not _names(phrases, content)
        elif phrase.has("words", "not_behind") and _follows_noun(phrases, i):
            is_read = False
        elif not is_here:
            is_read = not is_elsewhere or any(map(_tells_time, phrases[start:end]))
        else:
            is_read = not is_elsewhere  # "Demolished, but not rebuilt".
        if not is_read:
            last = end if content is None else content + 1
            found.append(" ".join(p.text for p in phrases[i:last]))
    return found


def _is_left_out(phrases: Sequence[Phrase], i: int) -> bool:
    """Return whether "without" at ``i`` leaves out what follows, as it does not in "no roof"."""
    content = _next_content(phrases, i, _clause_end(phrases, i + 1))
    if content is None:
        return False
    if _is_place(phrases[content]):
        return True
    is_definite = any(p.has("words", "definite", "those") for p in phrases[i + 1 : content])
    before = phrases[max(0, i - _LONGEST_CLAUSE) : i]
    is_any_change = not any(map(is_named, before)) and any(p.has("changes") for p in before)
    is_set_off = i > 0 and phrases[i - 1].text in PUNCTUATION
    return _names(phrases, content) and (is_definite or is_any_change or is_set_off)


def _clause_start(phrases: Sequence[Phrase], i: int) -> int:
    first = max(0, i - _LONGEST_CLAUSE)
    return next((k + 1 for k in range(i - 1, first - 1, -1) if _ends_clause(phrases[k])), first)


def _clause_end(phrases: Sequence[Phrase], i: int) -> int:
    last = min(len(phrases), i + _LONGEST_CLAUSE)
    return next((k for k in range(i, last) if _ends_clause(phrases[k])), last)


def _ends_clause(phrase: Phrase) -> bool:
    return phrase.text in PUNCTUATION or phrase.has("words", "but")


def _next_content(phrases: Sequence[Phrase], i: int, end: int) -> int | None:
    ahead = (k for k in range(i + 1, end) if not _is_function(phrases[k]))
    return next((k for k in ahead if not _is_negation(phrases[k])), None)


def _is_negation(phrase: Phrase) -> bool:
    """Return whether a phrase is a negation alone; "no longer there" is a change."""
    return phrase.has("words", "negation") and not (
        phrase.has("changes") or phrase.has("events") or is_named(phrase)
    )


def _is_function(phrase: Phrase) -> bool:
    tables = {table for table, _ in phrase.meanings}
    is_article = phrase.has("questions", "definite") or "questions" not in tables
    is_word = phrase.has("words", "function", "requests") and is_article
    is_told = phrase.has("words", "negation", "before", "now")
    return is_word and tables <= {"words", "relations", "questions"} and not is_told


def _is_place(phrase: Phrase) -> bool:
    strong = {name for table, name in phrase.meanings if table == "relations"}.difference(_WEAK)
    return phrase.has("places") or phrase.has("ranks") or bool(strong)


def _names(phrases: Sequence[Phrase], i: int) -> bool:
    return is_named(phrases[i]) or phrases[i].has("sizes") or phrases[i].has("relations")


def _is_told(phrases: Sequence[Phrase]) -> bool:
    return any(_is_place(p) or is_named(p) or p.has("relations_after") for p in phrases)


def _follows_noun(phrases: Sequence[Phrase], i: int) -> bool:
    return i > 0 and (phrases[i - 1].has("places") or is_named(phrases[i - 1]))


def _tells_time(phrase: Phrase) -> bool:
    return phrase.has("words", "before", "now") or _YEAR.fullmatch(phrase.text) is not None


def _tells_time_or_change(phrases: Sequence[Phrase]) -> bool:
    return any(
        p.has("changes")
        or p.has("events")
        or p.has("transitions", "became", "replaced")
        or _tells_time(p)
        for p in phrases
    )
