"""Conditions of a sentence in another language, as phrases of the English grammar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mtrs_geo.understanding.translation.alternatives import unread_alternatives
from mtrs_geo.understanding.translation.phrase_table import Phrase
from mtrs_geo.understanding.translation.quantities import Quantity
from mtrs_geo.understanding.translation.ranks import find_rank, unread_ranks
from mtrs_geo.understanding.translation.roles import Place

__all__ = ["Conditions", "find_conditions"]


@dataclass(frozen=True)
class Conditions:
    """English phrases, each with the foreign words that it comes from."""

    rank: tuple[str, str] | None
    clauses: tuple[tuple[str, str], ...]
    """Where and of what size."""
    times: tuple[tuple[str, str], ...]
    unused: tuple[str, ...]
    """Numbers that no condition uses."""
    unread: tuple[str, ...]
    """Words without which the conditions would say something else."""


def find_conditions(
    phrases: Sequence[Phrase], numbers: Sequence[Quantity], places: Sequence[Place]
) -> Conditions:
    """Return rank, positions, sizes, references and times of a sentence."""
    used: set[int] = set()
    rank = find_rank(phrases, numbers, used)
    times = _times(phrases, numbers, used)
    near = _references(phrases, numbers, places, used)
    sizes = _sizes(phrases, numbers, used)
    unused = tuple(
        " ".join(p.text for p in phrases[q.start : q.end])
        for k, q in enumerate(numbers)
        if k not in used
    )
    clauses = (*_positions(phrases, places), *sizes, *near)
    unread = (
        *unread_alternatives(phrases, numbers, places),
        *unread_ranks(phrases, numbers),
        *_unread_distances(phrases, numbers, places),
    )
    return Conditions(rank, clauses, tuple(times), unused, unread)


def _positions(phrases: Sequence[Phrase], places: Sequence[Place]) -> list[tuple[str, str]]:
    relations = {place.at for place in places}
    found: dict[str, str] = {}
    last = ""
    for i, phrase in enumerate(phrases):
        name = phrase.entry("places") or ""
        name, text = ("", "") if i in relations else (name, phrase.text)
        corner = _corner(last, name)
        if corner:
            text = f"{found.pop(last)} {text}"
            name = corner
        if name:
            found[name] = text
        last = name
    if not found:
        return []
    return [(" ".join(found.values()), "in the " + " or the ".join(found))]


def _corner(first: str, second: str) -> str:
    """Return the side that two neighbours name together, as in "left upper corner", or nothing."""
    for vertical, horizontal in ((first, second), (second, first)):
        if vertical in ("north", "south") and horizontal in ("east", "west"):
            return f"{vertical}-{horizontal}"
    return ""


def _times(
    phrases: Sequence[Phrase], numbers: Sequence[Quantity], used: set[int]
) -> list[tuple[str, str]]:
    years = [k for k, q in enumerate(numbers) if q.is_year]
    found = []
    if len(years) == 2:
        first, second = (numbers[k] for k in years)
        used.update(years)
        start = first.start - (first.start > 0 and phrases[first.start - 1].has("times"))
        text = _text(phrases, start, second.end)
        low, high = sorted((first.text, second.text))
        found.append((text, f"between {low} and {high}"))
    elif years:
        used.update(years)
        found += [_year(phrases, numbers[k]) for k in years]
    last = next((i for i, p in enumerate(phrases) if p.has("times", "last")), None)
    for k, quantity in enumerate(numbers):
        if last is None or quantity.unit or k in used or not quantity.number:
            continue
        near = phrases[quantity.end : quantity.end + 2]
        if any(p.has("times", "years") for p in near) and abs(last - quantity.start) <= 4:
            used.add(k)
            text = _text(phrases, min(last, quantity.start), max(last, quantity.end) + 1)
            found.append((text, f"in the last {quantity.text} years"))
    return found


def _year(phrases: Sequence[Phrase], year: Quantity) -> tuple[str, str]:
    for i in range(year.start - 1, max(-1, year.start - 4), -1):
        for name in ("since", "before", "after", "until", "in"):
            if phrases[i].has("times", name):
                return _text(phrases, i, year.end), f"{name} {year.text}"
    for i in range(year.end, min(len(phrases), year.end + 3)):
        after = phrases[i].entry("times_after")
        if after:
            return _text(phrases, year.start, i + 1), f"{after} {year.text}"
    return _text(phrases, year.start, year.end), f"in {year.text}"


_RELATIONS = {"at": "next to", "from": "near"}
_MEASURED = ("near", "next to", "at", "far from", "outside", "inside", "from")
"""Relations that may have a distance."""


def _references(
    phrases: Sequence[Phrase],
    numbers: Sequence[Quantity],
    places: Sequence[Place],
    used: set[int],
) -> list[tuple[str, str]]:
    """Return "near the river" and "within 50 m of the river"."""
    grouped: dict[str, list[Place]] = {}
    for place in places:
        grouped.setdefault(place.relation, []).append(place)
    found = []
    for relation, group in grouped.items():
        names = " or the ".join(dict.fromkeys(_reference(phrases, place) for place in group))
        start = f"{_RELATIONS.get(relation, relation)} the ".replace("with the ", "with ")
        if group[0].relation in _MEASURED:
            distance = _distance(phrases, numbers, used)
            if distance is not None:
                used.add(distance[0])
                is_from = phrases[group[0].at].has("words", "distance")
                relation = "from" if is_from else relation
                start = _distance_phrase(numbers[distance[0]], relation, distance[1])
        text = " ".join(dict.fromkeys(phrases[place.index].text for place in group))
        found.append((text, f"{start}{names}"))
    return found


def _reference(phrases: Sequence[Phrase], place: Place) -> str:
    words = {"appeared": "new ", "disappeared": "demolished "}
    is_own = not place.is_after and place.changes
    name = phrases[place.changes[0]].entry("changes") if is_own else None
    return words.get(name or "", "") + place.name


def _distance_phrase(quantity: Quantity, relation: str, comparison: str) -> str:
    is_far = comparison == "more" or (relation in ("far from", "outside") and comparison != "less")
    if is_far:
        return f"farther than {quantity.text} from the "
    if relation == "from" and not comparison:
        # "50 m from the road" says neither "within" nor "farther than", as in English.
        return f"{quantity.text} from the "
    return f"within {quantity.text} of the "


def _distance(
    phrases: Sequence[Phrase], numbers: Sequence[Quantity], used: set[int]
) -> tuple[int, str] | None:
    for k, quantity in enumerate(numbers):
        if k in used or quantity.unit not in ("m", "km") or quantity.number is None:
            continue
        comparison = _comparison(phrases, quantity)
        if comparison not in ("longer", "shorter"):
            return k, comparison
    return None


def _unread_distances(
    phrases: Sequence[Phrase], numbers: Sequence[Quantity], places: Sequence[Place]
) -> list[str]:
    """Return distances beside a word that is not known, which may mean "farther than"."""
    references = {place.index for place in places}
    found = []
    for quantity in numbers:
        if quantity.unit not in ("m", "km") or not places or _comparison(phrases, quantity):
            continue
        start = max(0, quantity.start - 3)
        beside = range(start, min(len(phrases), quantity.end + 2))
        if any(phrases[i].is_unknown and i not in references for i in beside):
            found.append(_text(phrases, start, quantity.end))
    return found


def _comparison(phrases: Sequence[Phrase], quantity: Quantity) -> str:
    """Return how a sentence compares with a quantity: "more", "less", "longer", "shorter" or ""."""
    after = phrases[quantity.end : quantity.end + 2]
    following = next((name for p in after if (name := p.entry("sizes_after"))), "")
    if following and following != "length":
        return following
    preceding = ""
    for phrase in reversed(phrases[max(0, quantity.start - 4) : quantity.start]):
        preceding = phrase.entry("sizes") or ""
        if preceding or phrase.noun or phrase.entry("units"):
            break
    if following:  # "More than 50 m long".
        return {"less": "shorter", "shorter": "shorter"}.get(preceding, "longer")
    return preceding


def _sizes(
    phrases: Sequence[Phrase], numbers: Sequence[Quantity], used: set[int]
) -> list[tuple[str, str]]:
    found = []
    for k, quantity in enumerate(numbers):
        if k in used or not quantity.unit or quantity.number is None:
            continue
        first = numbers[k - 1] if k else None
        if first and k - 1 not in used and _is_range(phrases, first, quantity):
            used.update((k - 1, k))
            low = Quantity(first.number, first.unit or quantity.unit, first.start, first.end)
            text = _text(phrases, first.start, quantity.end)
            found.append((text, f"between {low.text} and {quantity.text}"))
            continue
        following = numbers[k + 1] if k + 1 < len(numbers) else None
        if following and following.unit and _is_range(phrases, quantity, following):
            continue
        comparison = _comparison(phrases, quantity)
        is_distance = not quantity.is_area and any(
            p.has("relations", "from") for p in phrases[quantity.end : quantity.end + 1]
        )
        english = "" if is_distance else _bound(quantity, comparison)
        if english:
            used.add(k)
            found.append((_text(phrases, quantity.start, quantity.end), english))
    return found


def _bound(quantity: Quantity, comparison: str) -> str:
    if not comparison:
        return ""
    is_more = comparison in ("more", "longer")
    if quantity.is_area:
        return f"{'larger' if is_more else 'smaller'} than {quantity.text}"
    return f"{'longer' if is_more else 'shorter'} than {quantity.text}"


def _is_range(phrases: Sequence[Phrase], low: Quantity, high: Quantity) -> bool:
    if low.number is None or (low.unit and low.is_area != high.is_area):
        return False
    between = phrases[low.end : high.start]
    if len(between) > 1 or any(p.noun for p in between):
        return False
    is_named = any(p.has("times", "between") for p in phrases[max(0, low.start - 2) : low.start])
    return is_named or not between or between[0].has("words", "to")


def _text(phrases: Sequence[Phrase], start: int, end: int) -> str:
    return " ".join(p.text for p in phrases[start:end])
