"""What a negation in another language belongs to: a change, or a thing or place to leave out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mtrs_geo.understanding.translation.phrase_table import Phrase
from mtrs_geo.understanding.translation.roles import PUNCTUATION, is_named

__all__ = ["left_out", "left_out_site", "unread_negations", "with_negations"]

_YEAR = re.compile(r"(?:19|20)\d\d")
_WEAK = ("inside", "on", "at", "with", "through", "from")
"""Relations that are function words too."""
_SITES = ("inside", "on", "at")
_BEHIND = (("words", "not_behind"),)
"""A negation of the place in front of it."""
_LONGEST_CLAUSE = 25
"""Phrases on each side of a negation that are looked at, so that the time is linear."""


def with_negations(phrases: Sequence[Phrase]) -> list[Phrase]:
    """Return a sentence in which words that are negations only beside others are marked as such.

    These are "nor", as the German "noch" behind "weder", and "absent" of new things beside a place.

    Args:
        phrases: of a sentence.
    """
    found = list(phrases)
    is_new = any(p.has("words", "new") for p in phrases)
    is_dated = any(p.has("words", "before", "now") for p in phrases)
    is_ahead = False
    for i, phrase in enumerate(phrases):
        is_ahead = is_ahead or phrase.has("words", "neither")
        is_nor = is_ahead and phrase.has("words", "nor")
        is_of_place = is_new and not is_dated and phrase.has("words", "absent")
        if is_of_place and _is_beside_place(phrases, i):
            found[i] = Phrase(phrase.text, frozenset({("words", "negation"), *_BEHIND}))
        elif is_nor:
            found[i] = Phrase(phrase.text, frozenset({("words", "negation")}))
    return found


def _is_beside_place(phrases: Sequence[Phrase], i: int) -> bool:
    ahead = next((p for p in phrases[i + 1 : i + 5] if not _is_function(p)), None)
    words = reversed(phrases[max(0, i - 4) : i])
    behind = next((p for p in words if _is_place(p) or not p.has("words", "function")), None)
    if ahead is not None and _is_place(ahead):
        return True
    return behind is not None and (_is_place(behind) or behind.has("relations_after"))


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
    if content is None:
        return None
    is_site = any(p.has("relations", *_SITES) for p in phrases[first : content + 1])
    if not (_is_place(phrases[content]) or ((is_but or is_site) and _names(phrases, content))):
        return None
    return 1 + max(k for k in range(first, content) if _is_negation(phrases[k])), end


def left_out_site(phrases: Sequence[Phrase], i: int) -> tuple[range, range] | None:
    """Return what a clause leaves out that says only where things are not.

    The clause ends in front of its noun in Chinese, and with its verb in Hindi.

    Args:
        phrases: of the sentence.
        i: index of a negation.

    Returns:
        The clause and the place in it; None if the words say something else.
    """
    if not _is_negation(phrases[i]):
        return None
    ahead_of = range(i + 1, min(len(phrases), i + 5))
    start = next((k for k in ahead_of if not phrases[k].has("words", "function")), None)
    stop = None if start is None else _site_end(phrases, start)
    if start is not None and stop is not None and stop < len(phrases):
        if _names_another(phrases, i, stop):
            return None  # "New houses, not the trees in the south".
        return (range(i, stop + 1), range(start, stop)) if _is_of(phrases[stop]) else None
    end = next((k for k in range(i + 1, len(phrases)) if not _is_verb(phrases[k])), None)
    if end is not None and phrases[end].text not in PUNCTUATION:
        return None
    last = next((k for k in range(i - 1, max(-1, i - 4), -1) if not _is_function(phrases[k])), None)
    if last is None or not (phrases[last].has("relations_after") or phrases[last].has("places")):
        return None
    first = last - phrases[last].has("relations_after")
    ahead = phrases[first - 1] if first > 0 else None
    is_clause = ahead is not None and _is_function(ahead) and not ahead.has("words", "was")
    if not is_clause or _site_end(phrases, first) != last + 1 or _is_asked(phrases):
        return None
    return range(first, i + 1 if end is None else end), range(first, last + 1)


def _names_another(phrases: Sequence[Phrase], i: int, stop: int) -> bool:
    """Return whether a negation behind a comma is of another noun than those in front of it."""
    if i == 0 or phrases[i - 1].text not in PUNCTUATION:
        return False
    nouns = {noun for p in phrases[:i] if (noun := p.noun)}
    other = next((noun for p in phrases[stop:] if (noun := p.noun)), None)
    return bool(nouns) and other is not None and other not in nouns


def _site_end(phrases: Sequence[Phrase], i: int) -> int | None:
    """Return the end of a place at ``i``: "the north", or a noun with its relation behind it."""
    if phrases[i].has("places"):
        return i + 1
    is_site = is_named(phrases[i]) and i + 1 < len(phrases)
    return i + 2 if is_site and phrases[i + 1].has("relations_after") else None


def _is_verb(phrase: Phrase) -> bool:
    """Return whether a phrase is a function word, such as "were"; "was" may be "became", too."""
    is_turned = phrase.has("transitions", "turned") and not phrase.has("changes")
    return _is_function(phrase) or (is_turned and phrase.has("words", "function"))


def _is_of(phrase: Phrase) -> bool:
    return phrase.has("words", "of_after")


def _is_asked(phrases: Sequence[Phrase]) -> bool:
    return any(p.has("questions", "yes_no") or p.text in ("?", "؟", "？") for p in phrases)


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
        elif _is_of_words_behind(phrases, i, end):
            is_read = False  # "Demolished houses that in the north are not".
        elif not is_here:
            is_read = not is_elsewhere or any(map(_tells_time, phrases[start:end]))
        elif _tells_other_change(phrases, i, start, end):
            is_read = False  # "Demolished houses that were not rebuilt".
        else:
            is_read = not is_elsewhere  # "Demolished, but not rebuilt".
        if not is_read:
            last = end if content is None else content + 1
            found.append(" ".join(p.text for p in phrases[i:last]))
    return found


def _is_of_words_behind(phrases: Sequence[Phrase], i: int, end: int) -> bool:
    """Return whether a negation is of the place in front of it, with at most a verb behind it."""
    if phrases[i].has("words", "not_behind") and _follows_noun(phrases, i):
        return True
    ahead = range(i - 1, max(0, i - 4) - 1, -1)
    last = next((k for k in ahead if not _is_function(phrases[k])), None)
    if last is None or (last > 0 and _YEAR.fullmatch(phrases[last - 1].text)):
        return False  # In Hindi "in" stands behind the year, too.
    is_site = phrases[last].has("places") or phrases[last].has("relations_after")
    return is_site and all(map(_is_verb, phrases[i + 1 : end]))


def _tells_other_change(phrases: Sequence[Phrase], i: int, start: int, end: int) -> bool:
    """Return whether the change behind a negation is another one than that in front of it."""
    behind = [p.entry("changes") for p in phrases[i + 1 : end] if p.has("changes")]
    ahead = {p.entry("changes") for p in phrases[start:i] if p.has("changes")}
    return bool(behind and ahead) and behind[0] not in ahead


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
