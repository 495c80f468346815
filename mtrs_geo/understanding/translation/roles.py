"""Roles of the nouns in a sentence of any language: what is asked for, and what says where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from mtrs_geo.understanding.translation.phrase_table import Phrase
from mtrs_geo.understanding.translation.quantities import Quantity

__all__ = ["PUNCTUATION", "Place", "Roles", "assign_roles", "is_named", "with_owners"]

PUNCTUATION = frozenset(";:,.!?()、。，；？！؟،।¿¡")
_WEAK = frozenset({"inside", "on", "at", "with", "through"})


@dataclass(frozen=True)
class Place:
    """A noun that says where: its relation, such as "near", and its English or foreign name."""

    relation: str
    name: str
    index: int
    at: int
    """Index of the relation."""
    changes: tuple[int, ...] = ()
    """Indices of change words beside the noun, which may describe it: "near the new road"."""
    is_after: bool = False
    """Whether the relation stands after the noun."""

    @property
    def is_weak(self) -> bool:
        """Whether the relation has other uses than to say where."""
        return self.relation in _WEAK


@dataclass(frozen=True)
class Roles:
    """Indices of the phrases per role."""

    things: tuple[int, ...]
    places: tuple[Place, ...]


def is_named(phrase: Phrase) -> bool:
    """Return whether the phrase is a noun of a class or another noun that the table knows."""
    return phrase.noun is not None or phrase.has("outside")


def is_skipped(phrase: Phrase) -> bool:
    """Return whether the phrase may stand between a relation and its noun."""
    return phrase.text not in PUNCTUATION and (
        phrase.has("words", "function", "requests", "before", "now")
        or phrase.has("modifiers")
        or phrase.has("units")
        or phrase.has("ranks")
        or phrase.has("relations")
    )


def assign_roles(phrases: Sequence[Phrase], numbers: Sequence[Quantity]) -> Roles:
    """Assign a role to each noun."""
    places = _places_before(phrases, numbers)
    taken = {place.index for place in places}
    used = {place.at for place in places}
    after = _places_after(phrases, numbers)
    places += [p for p in after if p.index not in taken and p.at not in used]
    taken |= {place.index for place in places}
    things = [i for i in _nouns(phrases) if i not in taken]
    return Roles(tuple(things), tuple(places))


def _nouns(phrases: Sequence[Phrase]) -> list[int]:
    return [i for i, phrase in enumerate(phrases) if is_named(phrase)]


def _places_before(phrases: Sequence[Phrase], numbers: Sequence[Quantity]) -> list[Place]:
    """Return the places whose relation stands before the noun: "near the river"."""
    found: list[Place] = []
    for i, phrase in enumerate(phrases):
        relation = phrase.entry("relations")
        if relation is None or (relation == "from" and not _length_ends(numbers, i)):
            continue
        if any(q.is_year and q.start == i + 1 for q in numbers):
            continue
        if relation in _WEAK and _is_of_distance(phrases, numbers, i):
            continue
        if i and phrases[i - 1].has("relations") and found and found[-1].index > i:
            continue
        noun = _noun_ahead(phrases, numbers, i)
        if relation == "from" and any(place.index == noun for place in found):
            continue  # "Farther than 50 m from": the relation stands before the length.
        while noun is not None:
            name, last = _name(phrases, noun)
            changes = tuple(c for c in range(i + 1, noun) if phrases[c].has("changes"))
            found.append(Place(relation, name, noun, i, changes))
            noun = _joined_noun(phrases, last)
    return found


def _length_ends(numbers: Sequence[Quantity], i: int) -> bool:
    return any(q.unit in ("m", "km") and i - 3 <= q.end <= i for q in numbers)


def _is_of_distance(phrases: Sequence[Phrase], numbers: Sequence[Quantity], i: int) -> bool:
    """Return whether "in" or "on" belongs to a length: "op 50 m van de weg"."""
    return any(
        q.unit in ("m", "km")
        and i < q.start <= i + 4
        and not any(p.noun for p in phrases[i : q.start])
        and any(p.has("relations", "from") for p in phrases[q.end : q.end + 2])
        for q in numbers
    )


def _noun_ahead(phrases: Sequence[Phrase], numbers: Sequence[Quantity], i: int) -> int | None:
    unknown = None
    lengths = {k for q in numbers if q.unit in ("m", "km") for k in range(q.start, q.end)}
    for k in range(i + 1, min(len(phrases), i + 10)):
        phrase = phrases[k]
        if is_named(phrase):
            return k
        if phrase.is_unknown and not phrase.has("changes"):
            unknown = k if unknown is None else unknown
        elif is_skipped(phrase) or k in lengths or phrase.has("sizes"):
            continue
        elif not (phrase.has("changes") and _noun_follows(phrases, k)):
            break
    strong = phrases[i].entry("relations") not in _WEAK
    return unknown if strong else None


def _noun_follows(phrases: Sequence[Phrase], i: int) -> bool:
    """Return whether a noun follows at once, so that the word at ``i`` describes it."""
    for phrase in phrases[i + 1 : i + 4]:
        if is_named(phrase):
            return True
        if not phrase.has("modifiers"):
            return False
    return False


def _name(phrases: Sequence[Phrase], noun: int) -> tuple[str, int]:
    """Return the English name of a reference, or its foreign words if it is not known."""
    phrase = phrases[noun]
    if phrase.noun:
        return phrase.noun[1], noun
    name = phrase.entry("outside")
    if name:
        return name, noun
    end = noun + 1
    while end < len(phrases) and end < noun + 3 and phrases[end].is_unknown:
        end += 1
    return " ".join(p.text for p in phrases[noun:end]), end - 1


def _joined_noun(phrases: Sequence[Phrase], i: int) -> int | None:
    """Return the noun that "and" or "or" joins to the one at ``i``."""
    if i + 1 >= len(phrases) or not phrases[i + 1].is_joint:
        return None
    for k in range(i + 2, min(len(phrases), i + 5)):
        if is_named(phrases[k]):
            return k
        if phrases[k].has("changes") or not is_skipped(phrases[k]):
            return None
    return None


def _places_after(phrases: Sequence[Phrase], numbers: Sequence[Quantity]) -> list[Place]:
    """Return the places whose relation stands after the noun, as in Japanese and Hindi."""
    found: list[Place] = []
    for i, phrase in enumerate(phrases):
        relation = phrase.entry("relations_after")
        if relation is None:
            continue
        if relation == "from" and not any(i < q.start <= i + 2 for q in numbers):
            continue
        if relation in _WEAK and any(q.end == i for q in numbers):
            continue  # "Within 50 m", not "inside".
        noun = _noun_behind(phrases, numbers, i)
        if noun is not None and all(place.index != noun for place in found):
            name, _ = _name(phrases, noun)
            changes = (noun - 1,) if noun and phrases[noun - 1].has("changes") else ()
            found.append(Place(relation, name, noun, i, changes, is_after=True))
    return found


def _noun_behind(phrases: Sequence[Phrase], numbers: Sequence[Quantity], i: int) -> int | None:
    inside = {k for q in numbers if q.unit in ("m", "km") for k in range(q.start, q.end)}
    for k in range(i - 1, max(-1, i - 6), -1):
        phrase = phrases[k]
        if is_named(phrase) or phrase.is_unknown:
            return k
        if not (is_skipped(phrase) or k in inside or phrase.has("relations_after")):
            return None
    return None


def with_owners(phrases: Sequence[Phrase], roles: Roles) -> Roles:
    """Take the second noun of "trees of the park" as a place, if their classes differ."""
    nouns = [i for i in roles.things if phrases[i].noun]
    owners: dict[int, int] = {}
    for first, second in pairwise(nouns):
        between = range(first + 1, second)
        if any(phrases[i].text in PUNCTUATION for i in between) or _is_joined(phrases, between):
            continue
        owner = next((i for i in between if phrases[i].has("words", "of")), None)
        if owner is not None and phrases[owner - 1].is_unknown:
            continue  # "Houses beyond the river" with an unknown word for "beyond".
        owned = next((i for i in between if phrases[i].has("words", "of_after")), None)
        if owner is not None:
            owners[second] = owner
        elif owned is not None:
            owners[first] = owned
    if not owners or len(owners) == len(nouns):
        return roles
    places = [
        Place("inside", _name(phrases, noun)[0], noun, at) for noun, at in sorted(owners.items())
    ]
    things = tuple(i for i in roles.things if i not in owners)
    return Roles(things, (*roles.places, *places))


def _is_joined(phrases: Sequence[Phrase], between: range) -> bool:
    return any(phrases[i].is_joint for i in between)
