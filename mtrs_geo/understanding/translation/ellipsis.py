"""Nouns that a second wish leaves out: "new houses in the north and demolished in the south"."""

from __future__ import annotations

from collections.abc import Sequence

from mtrs_geo.understanding.translation.conditions import find_conditions
from mtrs_geo.understanding.translation.exceptions import split_exceptions
from mtrs_geo.understanding.translation.facts import directions
from mtrs_geo.understanding.translation.phrase_table import Phrase
from mtrs_geo.understanding.translation.quantities import quantities
from mtrs_geo.understanding.translation.roles import assign_roles

__all__ = ["with_repeated_nouns"]


def with_repeated_nouns(
    first: Sequence[Phrase], second: Sequence[Phrase]
) -> tuple[Sequence[Phrase], Sequence[Phrase]] | None:
    """Return two parts of a sentence, of which one takes the nouns of the other.

    A part without a noun needs a change and a condition of its own: "new houses in the north,
    demolished in the south", but not "built and demolished in the north".

    Args:
        first: phrases before "and", "or" or a comma.
        second: phrases behind it, up to the next of these.

    Returns:
        The parts; None if both or none name a thing, or if they are not two wishes.
    """
    nouns = _nouns(first), _nouns(second)
    if bool(nouns[0]) == bool(nouns[1]) or _joins_changes(first, second):
        return None
    named, bare = (first, second) if nouns[0] else (second, first)
    changes = _changes(named), _changes(bare)
    if not all(changes) or changes[0][0][1] == changes[1][0][1] or not _has_condition(bare):
        return None
    if bare is first and not _has_condition(named):
        return None  # "In the north new and demolished houses".
    at = changes[1][0][0] + 1
    filled = (*bare[:at], *(nouns[0] or nouns[1]), *bare[at:])
    return (named, filled) if bare is second else (filled, named)


def _nouns(phrases: Sequence[Phrase]) -> list[Phrase]:
    """Return the list of nouns that are asked for, without what else they mean."""
    things = assign_roles(phrases, quantities(phrases, ".")).things
    found: list[Phrase] = []
    for i in things:
        is_joined = i > 0 and phrases[i - 1].is_joint
        found += [phrases[i - 1]] if found and is_joined else []
        classes = frozenset(m for m in phrases[i].meanings if m[0].startswith("classes."))
        found += [Phrase(phrases[i].text, classes)] if classes else []
    return found


def _changes(phrases: Sequence[Phrase]) -> list[tuple[int, str]]:
    return directions(phrases, assign_roles(phrases, quantities(phrases, ".")))


def _has_condition(phrases: Sequence[Phrase]) -> bool:
    main, _ = split_exceptions(phrases)
    numbers = quantities(main, ".")
    found = find_conditions(main, numbers, assign_roles(main, numbers).places)
    return bool(found.clauses or found.times or found.rank)


def _joins_changes(first: Sequence[Phrase], second: Sequence[Phrase]) -> bool:
    """Return whether two changes stand side by side, or the second one is a later one."""
    last = next((p for p in reversed(first) if not _is_function(p)), None)
    following = next((p for p in second if not _is_function(p)), None)
    if any(p.has("words", "then") for p in second):
        return True
    return bool(last and following and last.has("changes") and following.has("changes"))


def _is_function(phrase: Phrase) -> bool:
    return phrase.has("words", "function") and not phrase.has("changes")
