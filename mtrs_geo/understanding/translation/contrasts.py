"""Contrasts in other languages: "there before, and not now" and "only houses, not roads"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mtrs_geo.understanding.translation.phrase_table import Phrase, PhraseTable
from mtrs_geo.understanding.translation.roles import PUNCTUATION, assign_roles

__all__ = ["dated_nouns", "negated_date", "with_contrast", "without_others"]

_DATES = ("before", "now")
_DIRECTIONS = {"before": "appeared", "now": "disappeared"}
"""What happened to a thing that is not there at a date."""
_BUT = ("а",)
"""The Russian "but" of a contrast, which is "and" elsewhere."""
_OTHER = {"before": "now", "now": "before"}
_YEAR = re.compile(r"(?:19|20)\d\d")


def with_contrast(phrases: Sequence[Phrase], table: PhraseTable) -> list[Phrase]:
    """Return a sentence whose negation of one of two dates is a change.

    Args:
        phrases: a sentence; one that tells a change, or in which the negation may be of either
            date or of a place, is left as it is.
        table: the phrases of its language.
    """
    phrases = _with_absence(phrases)
    negations = [i for i, phrase in enumerate(phrases) if _is_negation(phrase)]
    if not negations or any(_tells_change(p) for p in phrases) or _is_of_several(phrases):
        return list(phrases)
    clauses = _clauses(phrases)
    negated = [clause for clause in clauses if any(_is_negation(phrases[i]) for i in clause)]
    date = _date(phrases, clauses, negated[0], negations, table) if len(negated) == 1 else None
    is_told = date is not None and not any(p.text in "?؟？" for p in phrases)
    found = [_without_verb(phrase, is_told=is_told) for phrase in phrases]
    if date is None:
        return found
    for i in negations:
        meaning = ("changes", _DIRECTIONS[date]) if i == negations[0] else ("words", "function")
        found[i] = Phrase(phrases[i].text, frozenset({meaning}))
    return found


def without_others(phrases: Sequence[Phrase]) -> list[Phrase]:
    """Return a sentence without what "only X, not Y" leaves out, which X does not include.

    Args:
        phrases: a sentence; one whose Y is a part of X, such as a size or a place, is left as it
            is.
    """
    parts = _parts(phrases)
    for k, part in enumerate(parts):
        if not any(phrases[i].has("words", "only") for i in part):
            continue
        for other in (*parts[k + 1 : k + 2], *parts[max(0, k - 1) : k]):
            if _is_apart([phrases[i] for i in part], [phrases[i] for i in other]):
                return [p for i, p in enumerate(phrases) if i not in other]
    return list(phrases)


def _parts(phrases: Sequence[Phrase]) -> list[range]:
    """Return the ranges between punctuation marks, and behind a Japanese "not"."""
    starts = [0]
    for i, phrase in enumerate(phrases):
        if phrase.text in PUNCTUATION and i > starts[-1]:
            starts.append(i)
        elif phrase.has("words", "negation") and phrase.text.endswith("なく"):
            starts.append(i + 1)
    return [range(a, b) for a, b in zip(starts, [*starts[1:], len(phrases)], strict=True) if a < b]


def _is_apart(asked: Sequence[Phrase], other: Sequence[Phrase]) -> bool:
    """Return whether "not Y" names things or a direction that X does not have."""
    words = [p for p in other if p.text not in PUNCTUATION and not p.has("words", "but", "and")]
    words = [p for p in words if p.text.casefold() not in _BUT]
    nouns = {p.noun for p in words if p.noun}
    changes = {name for p in words if (name := p.entry("changes"))}
    own = {name for p in asked if (name := p.entry("changes"))}
    own_nouns = {p.noun[0] for p in asked if p.noun}
    if not (own and own_nouns) or not (nouns or changes) or len(nouns) > 1 or len(own) > 1:
        return False
    if not any(_is_negation(p) for p in (*words[:1], *words[-1:])):
        return False
    tables = ("places", "ranks", "sizes", "units", "modifiers", "numbers", "outside", "events")
    if any(p.is_unknown or any(map(p.has, tables)) for p in words):
        return False
    relations = {name for p in words for kind, name in p.meanings if kind.startswith("relations")}
    if relations - {"from"}:  # "From" is the article "des", too.
        return False
    if any(name not in own_nouns for name, _ in nouns):
        return True
    is_named = bool(nouns) or any(
        p.has("words", "new", "those", "definite") or p.text.endswith("的") for p in words
    )
    if own == {"appeared"} and changes == {"disappeared"}:
        return True  # New houses that were not demolished are new houses, too.
    return is_named and bool(changes) and changes.isdisjoint(own)


def dated_nouns(phrases: Sequence[Phrase], things: Sequence[int]) -> list[tuple[str, int]]:
    """Return the dates of a sentence, "before" first, each with the index of its noun.

    Args:
        phrases: a sentence.
        things: indices of the nouns that are asked for.
    """
    dates = [(date, i) for date in _DATES for i, p in enumerate(phrases) if p.has("words", date)]
    is_behind = len(dates) > 1 and all(_stands_last(phrases, i) for _, i in dates)
    found = []
    for date, i in dates:
        behind = next((n for n in reversed(things) if n < i), None)
        named = behind if is_behind else None  # "Fields before, houses now".
        named = next((n for n in things if i < n), None) if named is None else named
        if named is None:
            named = things[-1] if things else None
        elif date == "before" and any(p.has("words", "now") for p in phrases[i:named]):
            named = None  # "The forest that was there before is now a lake".
        found += [] if named is None else [(date, named)]
    return found


def _stands_last(phrases: Sequence[Phrase], i: int) -> bool:
    """Return whether a date ends its part of a sentence, right behind a noun."""
    ahead = next((p for p in reversed(phrases[:i]) if not p.has("words", "function")), None)
    is_end = i + 1 == len(phrases) or phrases[i + 1].text in PUNCTUATION
    is_end = is_end or phrases[i + 1].is_joint or phrases[i + 1].text.startswith("و")
    return ahead is not None and ahead.noun is not None and is_end


def negated_date(phrases: Sequence[Phrase]) -> str:
    """Return "before" or "now", the one date that a sentence names and denies, or "unclear".

    Args:
        phrases: a sentence with a negation; one without a date gives an empty text.
    """
    dates = {date for date in _DATES if any(p.has("words", date) for p in phrases)}
    if not dates:
        return ""
    clauses = [0]
    for phrase in phrases:
        is_mark = phrase.text in PUNCTUATION or phrase.has("words", "but")
        clauses.append(clauses[-1] + is_mark)
    negated = {clauses[i] for i, p in enumerate(phrases) if p.has("words", "negation")}
    dated = {clauses[i] for i, p in enumerate(phrases) if p.has("words", *_DATES)}
    return dates.pop() if len(dates) == 1 and negated & dated else "unclear"


def _with_absence(phrases: Sequence[Phrase]) -> Sequence[Phrase]:
    """Take "absent" beside a date or a year for "not there"."""
    if not any(p.has("words", *_DATES) or _YEAR.fullmatch(p.text) for p in phrases):
        return phrases
    negation = frozenset({("words", "negation")})
    return [Phrase(p.text, negation) if p.has("words", "absent") else p for p in phrases]


def _is_of_several(phrases: Sequence[Phrase]) -> bool:
    """Return whether the sentence is about things of several classes."""
    things = assign_roles(phrases, ()).things
    return len({noun[0] for i in things if (noun := phrases[i].noun)}) > 1


def _is_negation(phrase: Phrase) -> bool:
    return phrase.has("words", "negation") and phrase.noun is None and not _tells_change(phrase)


def _tells_change(phrase: Phrase) -> bool:
    """Return whether a phrase tells a change; the Polish "były" is "former" and "were"."""
    if phrase.has("words", "was"):
        return False
    return phrase.has("changes") or phrase.has("events") or phrase.has("transitions", "replaced")


def _without_verb(phrase: Phrase, *, is_told: bool) -> Phrase:
    """Return a phrase that is no loss if it is "were", and in a statement asks no question."""
    left = frozenset(
        (table, name)
        for table, name in phrase.meanings
        if not (table == "changes" and phrase.has("words", "was"))
        and not (is_told and (table, name) == ("questions", "there_is"))
    )
    is_same = len(left) == len(phrase.meanings)
    return phrase if is_same else Phrase(phrase.text, left | {("words", "function")})


def _is_date(phrase: Phrase) -> bool:
    return phrase.has("words", *_DATES)


def _clauses(phrases: Sequence[Phrase]) -> list[range]:
    """Return the ranges between punctuation marks and joints, each with at most one date."""
    starts, has_date = [0], False
    for i, phrase in enumerate(phrases):
        is_date = _is_date(phrase)
        # In Arabic "and" is written as a part of the word.
        is_prefixed = phrase.text.startswith("و") and (is_date or _is_negation(phrase))
        is_mark = phrase.text in PUNCTUATION or phrase.is_joint
        is_mark |= phrase.has("words", "but") and not _is_date(phrases[i - 1])  # "Now, but, not".
        if is_mark or is_prefixed or (is_date and has_date):
            starts.append(i)
            has_date = False
        has_date = has_date or is_date
    return [range(a, b) for a, b in zip(starts, [*starts[1:], len(phrases)], strict=True)]


def _date(
    phrases: Sequence[Phrase],
    clauses: Sequence[range],
    clause: range,
    negations: Sequence[int],
    table: PhraseTable,
) -> str | None:
    """Return the date at which a thing is not there; None if the words may mean another one."""
    dates = {i: d for i, p in enumerate(phrases) for d in _DATES if p.has("words", d)}
    inside = [i for i in dates if i in clause]
    if any(phrases[i].has(t) for i in clause if i > negations[0] for t in ("places", "ranks")):
        return None  # "Not in the north".
    before_verb = table.verb_last or not table.spaces
    if inside and before_verb and not table.spaces and inside[0] > negations[0] + 1:
        return _OTHER[dates[inside[0]]]  # "There was none, but now": the verb ends the clause.
    if inside:
        following = clause.stop
        is_between = following in dates and following - 1 in negations
        is_after = inside[0] + 1 in negations
        if is_between and is_after and not before_verb:
            return None  # "Before not now".
        if is_between and not before_verb:
            return dates[following]
        return dates[inside[0]] if len(set(dates.values())) == len(_DATES) else None
    if not _is_bare(phrases, clause):
        return None
    others = {dates[i] for c in clauses for i in c if i in dates}
    if any(len(c) == 1 and c.start in dates and c.stop == clause.start for c in clauses):
        return dates[clause.start - 1]  # "Now", set off: "now, there are no trees".
    return _OTHER[others.pop()] if len(others) == 1 else None


def _is_bare(phrases: Sequence[Phrase], clause: range) -> bool:
    """Return whether a clause without a date says no more than that a thing is not there."""
    nouns = {p.noun for p in phrases if p.noun}
    tables = ("places", "ranks", "sizes", "units", "modifiers", "numbers", "outside")
    is_other = any(p.is_unknown or any(map(p.has, tables)) for p in (phrases[i] for i in clause))
    return len(nouns) == 1 and not is_other
