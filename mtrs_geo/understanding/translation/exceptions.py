"""Find the part of a sentence in another language that an exception leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mtrs_geo.understanding.translation.facts import Noun, find_transition
from mtrs_geo.understanding.translation.negations import left_out, left_out_site
from mtrs_geo.understanding.translation.phrase_table import Phrase
from mtrs_geo.understanding.translation.quantities import quantities
from mtrs_geo.understanding.translation.roles import PUNCTUATION, Roles, assign_roles, is_named

__all__ = ["Exclusion", "UnreadError", "excepted_transition", "split_exceptions"]

_MOVES = ("became", "replaced", "source")
"""Verbs and prepositions that say what a thing became, or what it was."""


class UnreadError(Exception):
    """An exception says what became what, and it is not clear which of both it means."""


@dataclass(frozen=True)
class Exclusion:
    """What an exception leaves out, without its marker: "in the north", "the largest"."""

    phrases: tuple[Phrase, ...]
    text: str
    """The exception with its marker, as the user wrote it."""
    is_set_off: bool
    """Whether a comma stands before it, so that it may belong to several wishes."""


def split_exceptions(phrases: Sequence[Phrase]) -> tuple[list[Phrase], list[Exclusion]]:
    """Return a sentence without its exceptions, and these.

    Args:
        phrases: a sentence, or one wish of it.
    """
    spans = _spans(phrases)
    main: list[Phrase] = []
    last = 0
    for start, end, _ in spans:
        main += phrases[last:start]
        if main and end < len(phrases):
            main.append(Phrase(","))  # The neighbours of an exception do not belong together.
        last = end
    main += phrases[last:]
    found = [
        Exclusion(
            tuple(phrases[i] for i in inside),
            " ".join(p.text for p in phrases[start:end]),
            start > 0 and phrases[start - 1].text in PUNCTUATION,
        )
        for start, end, inside in spans
    ]
    return main, found


def excepted_transition(
    phrases: Sequence[Phrase], roles: Roles, things: Sequence[Noun], direction: str
) -> tuple[Noun, Noun] | None:
    """Return what became what of "those built on farmland"; None if nothing of it is told.

    Args:
        phrases: of an exception.
        roles: roles of its nouns.
        things: what the sentence asks for without the exception.
        direction: of the change that the sentence asks for, or an empty text.

    Raises:
        UnreadError: if the exception names one of both only, and not clearly which, or if the
            sentence asks for any change.
    """
    found = find_transition(phrases, roles)
    if found is not None and not things:
        raise UnreadError  # "All changes except forest that became houses".
    if found is not None:
        return found
    is_built = any(p.has("changes", "appeared") or p.has("transitions", "built") for p in phrases)
    sites = [place.index for place in roles.places if place.relation == "on" and is_built]
    moves = _moves(phrases)
    if not (sites or moves):
        return None
    weak = [place.index for place in roles.places if place.is_weak]
    nouns = list(dict.fromkeys(n for i in (*roles.things, *weak) if (n := phrases[i].noun)))
    if len(nouns) != 1 or len(things) != 1 or nouns[0][0] == things[0][0]:
        raise UnreadError
    if direction == "appeared" and "became" not in moves:
        return nouns[0], things[0]
    if direction == "disappeared" and moves and "source" not in moves:
        return things[0], nouns[0]
    raise UnreadError


def _moves(phrases: Sequence[Phrase]) -> set[str]:
    """Return how an exception says what a thing became, or what it was."""
    names = {name for p in phrases for table, name in p.meanings if table == "transitions"}
    moves = names.intersection(_MOVES)
    if "where" in names and any(p.has("words", "was", "before") for p in phrases):
        moves.add("source")  # "Where there was a forest".
    if {"turned", "target"} <= names and not any(p.has("changes") for p in phrases):
        moves.add("became")
    return moves


def _spans(phrases: Sequence[Phrase]) -> list[tuple[int, int, range]]:
    """Return start and end of each exception with its marker, and its range without it."""
    found: list[tuple[int, int, range]] = []
    i = last = 0
    while i < len(phrases):
        if _stands_after(phrases, last, i):
            start = _start(phrases, last, i)
            found.append((start, i + 1, range(start, i)))
            i = last = i + 1
        elif _stands_before(phrases, i):
            end, inside = _span_after(phrases, last, i, i + 1)
            found.append((i, end, inside))
            i = last = end
        elif (site := left_out_site(phrases, i)) is not None and site[0].start >= last:
            found.append((site[0].start, site[0].stop, site[1]))
            i = last = site[0].stop
        elif (span := left_out(phrases, i)) is not None:
            first, stop = span
            if stop < len(phrases) and phrases[stop].has("words", "negation"):
                end, inside = stop + 1, range(first, stop)  # "But in the north not", as in Hindi.
            else:
                end, inside = _span_after(phrases, last, i, first)
                nor = (k for k in inside if left_out(phrases, k) is not None)
                end = next(nor, end)  # "Neither in the north nor in the south".
                inside = range(first, min(end, inside.stop))
            found.append((i, end, inside))
            i = last = end
        else:
            i += 1
    return found


def _stands_before(phrases: Sequence[Phrase], i: int) -> bool:
    """Return whether a marker stands at ``i`` and what it leaves out after it."""
    if phrases[i].has("relations", "outside"):
        # The Dutch "buiten het bos" says where, "buiten het noorden" says what is left out.
        ahead = (p for p in phrases[i + 1 :] if not _is_function(p))
        return _is_place_or_rank(next(ahead, None))
    return phrases[i].has("words", "except")


def _stands_after(phrases: Sequence[Phrase], last: int, i: int) -> bool:
    """Return whether a marker stands at ``i`` and what it leaves out before it."""
    phrase = phrases[i]
    is_marker = phrase.has("words", "except", "except_after")
    if not (is_marker or phrase.has("relations_after", "outside")):
        return False
    behind = next((p for p in reversed(phrases[last:i]) if not _is_function(p)), None)
    if behind is None or behind.text in PUNCTUATION or behind.has("units"):
        return False
    is_last = i + 1 == len(phrases) or phrases[i + 1].text in PUNCTUATION
    if phrase.has("words", "except_after"):  # The Dutch "na" means "after" before a year.
        return is_last or not phrase.has("times")
    if phrase.has("relations_after", "outside"):
        return _is_place_or_rank(behind)
    return is_last and phrase.has("words", "except")


def _is_place_or_rank(phrase: Phrase | None) -> bool:
    return phrase is not None and (phrase.has("places") or phrase.has("ranks"))


def _span_after(phrases: Sequence[Phrase], last: int, i: int, start: int) -> tuple[int, range]:
    """Return the end of an exception with the marker at ``i`` in front, and its range."""
    segments = _segments(phrases, start)
    first = segments[0]
    for k in first:
        if phrases[k].has("words", "except_after", "except_end"):  # "除 … 以外".
            return k + 1, range(start, k)
        if _stands_before(phrases, k):
            return k, range(start, k)
    stop, rest = first.stop, segments[1:]
    if rest and not any(_tells(phrases[k]) for k in first):  # "Except those, that …".
        stop, rest = rest[0].stop, rest[1:]
    if any(map(_is_content, phrases[last:i])):  # Else the sentence begins with the exception.
        is_said = any(p.has("changes") or p.has("events") for p in phrases[last:i])
        for segment in rest:
            words = [phrases[k] for k in segment]
            # "Except houses, which were demolished" against "which houses were, except in the
            # north, demolished?"
            is_part = is_said if _has_change(words) else _continues(phrases[start:stop], words)
            if not is_part:
                break
            stop = segment.stop
    return stop, range(start, stop)


def _segments(phrases: Sequence[Phrase], start: int) -> list[range]:
    """Return the ranges between punctuation marks."""
    stops = [i for i in range(start, len(phrases)) if phrases[i].text in PUNCTUATION]
    starts = [start, *(i + 1 for i in stops)]
    return [range(a, b) for a, b in zip(starts, [*stops, len(phrases)], strict=True)]


def _continues(first: Sequence[Phrase], segment: Sequence[Phrase]) -> bool:
    """Return whether words after a comma go on with the list of what is left out."""
    if any(p.has("words", "except") for p in segment):
        return False
    is_noun = any(map(is_named, segment))
    if any(p.has("places") for p in segment):
        return not is_noun and any(p.has("places") for p in first)
    return is_noun and not any(p.has("relations") or p.has("units") for p in segment)


def _has_change(phrases: Sequence[Phrase]) -> bool:
    verbs = ("became", "turned", "replaced")
    return any(p.has("changes") or p.has("events") or p.has("transitions", *verbs) for p in phrases)


def _is_content(phrase: Phrase) -> bool:
    return is_named(phrase) or phrase.has("changes") or phrase.has("events")


def _tells(phrase: Phrase) -> bool:
    tables = ("places", "ranks", "sizes", "units", "relations", "relations_after")
    return phrase.is_unknown or _is_content(phrase) or any(map(phrase.has, tables))


def _start(phrases: Sequence[Phrase], last: int, i: int) -> int:
    """Return where an exception begins whose marker at ``i`` stands last."""
    marks = [k + 1 for k in range(last, i) if phrases[k].text in PUNCTUATION]
    first = max((last, *marks))
    ahead = next((k for k in range(i - 1, first - 1, -1) if not _is_function(phrases[k])), first)
    if is_named(phrases[ahead]):
        start = _noun_start(phrases, first, ahead)
        is_place = start - 2 >= first and _is_after_place(phrases[start - 1])
        # "Houses built on forest excepted" in Hindi.
        return start - 2 if is_place and is_named(phrases[start - 2]) else start
    roles = assign_roles(phrases, quantities(phrases, "."))
    own = {place.index for place in roles.places}
    while ahead > first and not (_is_content(phrases[ahead - 1]) and ahead - 1 not in own):
        ahead -= 1
    return ahead


def _is_after_place(phrase: Phrase) -> bool:
    return phrase.has("relations_after") or phrase.has("transitions", "source_after")


def _noun_start(phrases: Sequence[Phrase], first: int, noun: int) -> int:
    """Return where a list of nouns begins, with the words that describe the nouns."""
    start, k = noun, noun - 1
    while k >= first:
        phrase = phrases[k]
        is_joined = phrase.is_joint and k > first and is_named(phrases[k - 1])
        if is_joined:
            start = k = k - 1
        elif phrase.has("ranks") or phrase.has("modifiers") or phrase.has("changes"):
            start = k
        elif not _is_function(phrase):
            break
        k -= 1
    return start


def _is_function(phrase: Phrase) -> bool:
    tables = {table for table, _ in phrase.meanings}
    return phrase.has("words", "function", "requests") and tables <= {"words", "relations"}
