"""Facts of a sentence in another language: classes, direction and conditions."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from mtrs_geo.understanding.translation.alternatives import joins_changes
from mtrs_geo.understanding.translation.contrasts import dated_nouns
from mtrs_geo.understanding.translation.phrase_table import Phrase
from mtrs_geo.understanding.translation.roles import PUNCTUATION, Roles

__all__ = ["Noun", "directions", "find_transition", "results"]

Noun = tuple[str, str]
"""A class and the English noun for it."""

_RESULTS = {
    "building": "buildings", "road": "paved surfaces", "vegetation": "vegetation",
    "water": "water", "bare": "bare ground",
}  # fmt: skip


_LAND = frozenset({
    "bare ground", "bare soil", "bushes", "crops", "desert", "dunes", "earth", "fallow land",
    "farmland", "fields", "forest", "grass", "grassland", "gravel", "lawns", "meadows", "orchards",
    "pastures", "plantations", "sand", "scrub", "vacant lots", "vegetation", "vineyards",
    "waste ground",
})  # fmt: skip
"""Ground that nobody builds, so that "built" says what it became; parks and ponds are built."""


_BUILT = ("building", "road")
_PARTICLES = ("に", "へ", "と", "で", "を")
"""Beginnings of Japanese verbs that name the noun in front of them as what was replaced."""


@dataclass(frozen=True)
class _Marked:
    """Indices of nouns that a marker names as the class before or after the change."""

    sources: tuple[int, ...]
    targets: tuple[int, ...]


def find_transition(phrases: Sequence[Phrase], roles: Roles) -> tuple[Noun, Noun] | None:
    """Return the noun before and the noun after of "X became Y"; None if there is none."""
    where = _where(phrases) or _where_first(phrases, roles.things)
    if where is not None:
        return where
    weak = {place.index for place in roles.places if place.is_weak}
    nouns = [i for i, p in enumerate(phrases) if p.noun and (i in roles.things or i in weak)]
    verbs = {name for p in phrases for table, name in p.meanings if table == "transitions"}
    changes = {name for p in phrases for table, name in p.meanings if table == "changes"}
    marked = _marked(phrases, nouns, is_verb=bool(verbs & {"became", "turned"} or changes))
    is_moved = bool(verbs & {"became", "turned", "replaced"} or "changed" in changes)
    if "disappeared" in changes and any(p.has("words", "before") for p in phrases):
        is_moved = bool(verbs & {"became", "replaced"})  # "Was there before, and is gone".
    things = [i for i in nouns if i in roles.things]
    for source in marked.sources:
        other = _other(phrases, nouns, source, (*marked.targets, *things))
        if other is not None:
            return _pair(phrases, source, other)
    for target in marked.targets if is_moved else ():
        other = _other(phrases, nouns, target, things)
        if other is not None:
            return _pair(phrases, other, target)
    if "became" in verbs or "replaced" in verbs:
        first = things[0] if things else None
        second = None if first is None else _other(phrases, nouns, first, things)
        if first is not None and second is not None:
            is_forward = "became" in verbs
            return _pair(phrases, *((first, second) if is_forward else (second, first)))
    found = (
        _result(phrases, things)
        or _built_on(phrases, roles, nouns)
        or _first_and_then(phrases, things)
        or _then_and_now(phrases, things)
    )
    if (
        found is None
        and "turned" in verbs
        and not changes
        and _is_pair(phrases, things, kinds=True)
    ):
        return _pair(phrases, things[0], things[-1])
    return found


def _where(phrases: Sequence[Phrase]) -> tuple[Noun, Noun] | None:
    """Return the classes of "a forest where roads were built" and "houses where trees fell"."""
    nouns = [i for i, phrase in enumerate(phrases) if phrase.noun]
    for i, phrase in enumerate(phrases):
        behind = next((n for n in reversed(nouns) if n < i), None)
        ahead = next((n for n in nouns if n > i), None)
        if behind is None or ahead is None or _same_class(phrases, behind, ahead):
            continue
        if phrase.has("transitions", "where"):
            ways = _ways(phrases[i:]) or _ways(phrases[behind + 1 : i])
            place, thing = behind, ahead
        elif phrase.has("transitions", "where_after") or _ends_clause(phrases, behind, i, ahead):
            ways, place, thing = _ways(phrases[: i + 1]), ahead, behind
        else:
            continue
        if ways == {"disappeared"}:
            return _pair(phrases, thing, place)
        rest = phrases[:place] if place < thing else phrases[i + 1 :]
        if place == behind and not ways and _is_past(phrases, behind):
            return _pair(phrases, thing, place)
        if ways == {"appeared"} and not _ways(rest):
            return _pair(phrases, place, thing)
    return None


def _is_past(phrases: Sequence[Phrase], place: int) -> bool:
    """Return whether a clause behind a noun says what was there: "car parks where trees stood"."""
    if "disappeared" in _ways(phrases) or any(p.has("words", "now", "negation") for p in phrases):
        return False
    return _date(phrases[place + 1 :]) == "before"


def _where_first(phrases: Sequence[Phrase], things: Sequence[int]) -> tuple[Noun, Noun] | None:
    """Return the classes of "where houses are now, there was a forest before"."""
    start = next((i for i, p in enumerate(phrases) if p.has("transitions", "where")), None)
    if start is None or not things or start > things[0] or "disappeared" in _ways(phrases):
        return None
    first, listed = things[0], things[0]
    for i in things[1:]:
        if not _is_listed(phrases[listed:i]):
            break
        listed = i
    second = _other(phrases, things, first, [i for i in things if i > listed])
    if second is None or second <= listed or any(p.has("words", "negation") for p in phrases):
        return None
    between = range(listed + 1, second)
    marks = (i for i in between if phrases[i].text in PUNCTUATION or phrases[i].is_joint)
    end = next(marks, None)
    if end is None:  # "Where a house stood is water": the verb is of the noun in front of it.
        verb = phrases[listed + 1]  # In Spanish "había" is of the noun behind it.
        is_ended = verb.has("words", "was") and not verb.has("questions", "there_is")
        end = second if is_ended else first
    date = _date(phrases[start:end])
    if date is None:
        other = _date(phrases[end:])
        date = {"before": "now", "now": "before"}.get(other or "")
    if date is None:
        return None
    return _pair(phrases, *((first, second) if date == "before" else (second, first)))


def _is_listed(phrases: Sequence[Phrase]) -> bool:
    """Return whether "and" or "or" joins the nouns around, and not two clauses."""
    return any(p.is_joint for p in phrases) and _date(phrases) is None


def _date(phrases: Sequence[Phrase]) -> str | None:
    """Return "before" or "now", whichever the words tell; "was" is more certain than "now"."""
    for names in (("before", "was"), ("now",)):
        if any(p.has("words", *names) for p in phrases):
            return names[0]
    is_now = any(p.has("transitions", "where") and p.has("transitions", "became") for p in phrases)
    return "now" if is_now else None


def _ends_clause(phrases: Sequence[Phrase], thing: int, i: int, place: int) -> bool:
    """Return whether a clause about the noun at ``thing`` stands before the one at ``place``.

    In Chinese its verb stands before the noun, with 了 if something was built, as "new" stands
    there too; in Japanese the noun with が stands before the verb.
    """
    if phrases[i].has("words", "of_after"):
        verb = phrases[max(0, thing - 3) : thing]
        is_verb = any("了" in p.text or p.has("changes", "disappeared") for p in verb)
        return is_verb and i == thing + 1
    is_verb = i == thing + 2 and phrases[i].text.endswith("た")
    return is_verb and i == place - 1 and phrases[thing + 1].text in ("が", "を")


def _ways(phrases: Sequence[Phrase]) -> set[str]:
    return {way for p in phrases if (way := _direction(p)) in ("appeared", "disappeared")}


def _is_pair(phrases: Sequence[Phrase], things: Sequence[int], *, kinds: bool = False) -> bool:
    """Return whether these are two nouns of two classes that neither "and" nor "or" joins.

    With ``kinds`` they may be of one class, as "forest" and "field".
    """
    if len(things) != 2 or phrases[things[0]].noun == phrases[things[1]].noun:
        return False
    if not kinds and _same_class(phrases, things[0], things[1]):
        return False
    return not any(p.is_joint for p in phrases[things[0] : things[1]])


def _marked(phrases: Sequence[Phrase], nouns: Sequence[int], *, is_verb: bool) -> _Marked:
    sources: list[int] = []
    targets: list[tuple[bool, int]] = []
    verb = next((i for i, p in enumerate(phrases) if _is_verb(p)), len(phrases))
    for i, phrase in enumerate(phrases):
        ahead = next((n for n in nouns if i < n <= i + 4 and _is_open(phrases[i + 1 : n])), None)
        behind = next((n for n in reversed(nouns) if i - 2 <= n < i), None)
        if phrase.has("transitions", "source") or (is_verb and phrase.has("transitions", "from")):
            is_later = ahead is not None and any(map(_tells_later, phrases[i + 1 : ahead]))
            sources += [] if ahead is None or is_later else [ahead]
        if phrase.has("transitions", "source_after") or (
            is_verb and phrase.has("transitions", "from_after")
        ):
            sources += [] if behind is None else [behind]
        if phrase.has("transitions", "target"):
            targets += [] if ahead is None else [(i < verb, ahead)]
        is_particle = phrase.text.startswith(_PARTICLES)  # "家に取って代わられた森".
        is_target = is_particle and phrase.has("transitions", "became")
        if (is_target or phrase.has("transitions", "target_after")) and behind == i - 1:
            targets.append((False, i - 1))
        if is_particle and phrase.has("transitions", "replaced") and behind == i - 1:
            sources.append(i - 1)
    # A marker behind the verb is more certain: "a" is an article too in Portuguese.
    return _Marked(tuple(sources), tuple(t for _, t in sorted(targets) if t not in sources))


def _tells_later(phrase: Phrase) -> bool:
    return phrase.has("transitions", "became") or phrase.has("words", "now")


def _is_verb(phrase: Phrase) -> bool:
    moves = phrase.has("transitions", "became", "turned", "replaced")
    return moves or phrase.has("changes", "changed")


def _is_open(phrases: Sequence[Phrase]) -> bool:
    return not any(p.noun or p.has("relations", "near", "next to", "along") for p in phrases)


def _other(
    phrases: Sequence[Phrase], nouns: Sequence[int], index: int, preferred: Sequence[int]
) -> int | None:
    """Return another noun, one of another class if there is one."""
    own = phrases[index].noun
    found = [(i, noun) for i in (*preferred, *nouns) if (noun := phrases[i].noun) and noun != own]
    other = [i for i, noun in found if own and noun[0] != own[0]]
    return next(iter((*other, *(i for i, _ in found))), None)


def _pair(phrases: Sequence[Phrase], before: int, after: int) -> tuple[Noun, Noun] | None:
    first, second = phrases[before].noun, phrases[after].noun
    return (first, second) if first and second else None


def _result(phrases: Sequence[Phrase], things: Sequence[int]) -> tuple[Noun, Noun] | None:
    """Return the classes of verbs that name the class after: "grass was paved"."""
    nouns = [noun for i in things if (noun := phrases[i].noun)]
    classes = {noun[0] for noun in nouns}
    flooded = ("events", "water_appeared")
    for phrase in phrases:
        verbs = (("transitions", "to_water"),) if flooded in phrase.meanings else ()
        for table, name in (*sorted(phrase.meanings), *verbs):
            if table != "transitions" or not name.startswith("to_"):
                continue
            if len(classes) == 2 and name[3:] in classes:
                after = next(noun for noun in nouns if noun[0] == name[3:])
                return next(noun for noun in nouns if noun != after and noun[0] != after[0]), after
            if len(classes) != 1:
                continue
            target = name[3:]
            if target in classes or (target == "road" and "building" in classes):
                continue
            return nouns[0], (target, _RESULTS[target])
    return None


def results(phrases: Sequence[Phrase]) -> list[Noun]:
    """Return the class of "what was flooded", where a verb alone says what ground became.

    Args:
        phrases: of a sentence without nouns.
    """
    names = [name for p in phrases for table, name in sorted(p.meanings) if table == "transitions"]
    return [(n[3:], _RESULTS[n[3:]]) for n in names if n.startswith("to_")][:1]


def _built_on(
    phrases: Sequence[Phrase], roles: Roles, nouns: Sequence[int]
) -> tuple[Noun, Noun] | None:
    """Return the classes of "built fields" and "a pond, then built": ground became buildings."""
    named = [noun for i in nouns if (noun := phrases[i].noun)]
    of_places = {c for place in roles.places for c in place.changes}  # "near built houses"
    is_built = any(
        p.has("transitions", "built") for i, p in enumerate(phrases) if i not in of_places
    )
    if not named or not is_built:
        return None
    if all(name in _LAND for _, name in named):
        return named[0], ("building", _RESULTS["building"])
    is_later = any(
        first.has("words", "then")
        and any(p.has("transitions", "built") for p in phrases[i : i + 3])
        for i, first in enumerate(phrases)
    )
    if is_later and len({name for name, _ in named}) == 1 and named[0][0] not in _BUILT:
        return named[0], ("building", _RESULTS["building"])
    is_of_both = named[0][1] in _LAND and named[-1][0] == "building" and len(nouns) == 2
    things = [i for i in nouns if i in roles.things]
    return (named[0], named[-1]) if is_of_both and _is_pair(phrases, things) else None


def _first_and_then(phrases: Sequence[Phrase], things: Sequence[int]) -> tuple[Noun, Noun] | None:
    """Return the classes of "first a meadow, then a car park"."""
    is_ordered = any(phrase.has("words", "first") for phrase in phrases)
    for i, phrase in enumerate(phrases):
        if not phrase.has("words", "then") or not (is_ordered or phrases[i - 1].text in ",;،、，"):
            continue
        first = next((n for n in reversed(things) if n < i), None)
        second = next((n for n in things if n > i), None)
        if first is None or second is None or _same_class(phrases, first, second):
            continue
        if not any(p.has("changes", "appeared", "disappeared") for p in phrases):
            return _pair(phrases, first, second)
    return None


def _then_and_now(phrases: Sequence[Phrase], things: Sequence[int]) -> tuple[Noun, Noun] | None:
    """Return the classes of "gardens that are car parks now" and "houses, once a forest"."""
    if any(phrase.has("words", "negation") for phrase in phrases):
        return None
    is_now = any(phrase.has("words", "now") for phrase in phrases)
    if not is_now and "disappeared" in _ways(phrases):
        return None  # "The road in the forest that was there before is gone".
    for entry, named in dated_nouns(phrases, things):
        other = _other(phrases, things, named, things)
        if other is not None and not _same_class(phrases, named, other):
            return _pair(phrases, *((named, other) if entry == "before" else (other, named)))
    return None


def _same_class(phrases: Sequence[Phrase], a: int, b: int) -> bool:
    first, second = phrases[a].noun, phrases[b].noun
    return first is not None and second is not None and first[0] == second[0]


def directions(phrases: Sequence[Phrase], roles: Roles) -> list[tuple[int, str]]:
    """Return the words for the direction of the change, without those of references.

    Args:
        phrases: the sentence.
        roles: roles of its nouns.

    Returns:
        Index and direction: "appeared", "disappeared", "changed" or "unchanged".
    """
    found = [(i, name) for i, p in enumerate(phrases) if (name := _direction(p))]
    before = {c for place in roles.places for c in place.changes if c < place.index - 1}
    before |= {c for p in roles.places if not p.is_after for c in p.changes}
    around = {c for place in roles.places for c in place.changes} - before
    around |= {p.index + 1 for p in roles.places if _describes(phrases, p.index + 1)}
    found = [(i, name) for i, name in found if i not in before]
    found = [(i, name) for i, name in found if i not in around] or found
    # "Construction" is a change only if no other word names one: "demolished constructions".
    plain = [
        (i, name)
        for i, name in found
        if phrases[i].has("changes") or not (phrases[i].noun or phrases[i].has("disasters"))
    ]
    found = plain or found
    is_one = not _names_several(phrases, roles.things)
    if is_one and any(name == "disappeared" for _, name in found):
        # "New" before a loss has no effect: "newly felled trees".
        lost = [(i, name) for i, name in found if not phrases[i].has("words", "new")]
        return found if joins_changes(phrases) else lost or found
    return found


def _names_several(phrases: Sequence[Phrase], things: Sequence[int]) -> bool:
    """Return whether things are named apart: "new houses where trees were felled"."""
    for a, b in itertools.pairwise(things):
        between = phrases[a + 1 : b]
        is_list = all(p.text in PUNCTUATION or p.has("words", "definite") for p in between)
        if not is_list and not any(p.is_joint for p in between):
            return True
    return False


def _direction(phrase: Phrase) -> str | None:
    event = phrase.entry("events")
    name = phrase.entry("changes")
    return name or (event.rsplit("_", 1)[1] if event else None)


def _describes(phrases: Sequence[Phrase], i: int) -> bool:
    """Return whether the word after a reference describes it, as other words say the change."""
    if i >= len(phrases) or not phrases[i].has("changes", "appeared"):
        return False
    return any(p.has("changes") for k, p in enumerate(phrases) if k < i - 1)
