"""What a sentence in another language asks for, in English: classes and direction."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from mtrs_geo.understanding.translation.alternatives import joins_changes
from mtrs_geo.understanding.translation.contrasts import negated_date
from mtrs_geo.understanding.translation.facts import Noun, results
from mtrs_geo.understanding.translation.phrase_table import Phrase
from mtrs_geo.understanding.translation.roles import PUNCTUATION, Roles
from mtrs_geo.understanding.wording import NOUNS

__all__ = ["class_of", "find_subject", "has", "is_unknown_subject", "unused_changes"]

_GONE = {"building": "demolished", "road": "removed", "vegetation": "removed"}
_AT_DATES = {"before": ["appeared"], "now": ["disappeared"]}
"""What happened to a thing that was not there before, or is not there now."""
_QUESTION_MARKS = ("?", "？", "؟", "か")
_ADJECTIVES = {"appeared": "new", "changed": "changed", "unchanged": "unchanged"}


def has(phrases: Iterable[Phrase], table: str, *entries: str) -> bool:
    """Return whether any phrase means one of the entries of a table."""
    return any(phrase.has(table, *entries) for phrase in phrases)


def class_of(phrase: Phrase) -> str:
    """Return the class of a noun; empty for other phrases."""
    return phrase.noun[0] if phrase.noun else ""


def find_subject(
    phrases: Sequence[Phrase],
    roles: Roles,
    changes: Sequence[str],
    transition: tuple[Noun, Noun] | None,
) -> str:
    """Return what is asked for, such as "new houses" or "farmland turned into car parks"."""
    if transition is not None:
        before, after = transition
        subject = f"{before[1]} turned into {after[1]}"
        return f"no {subject}" if _is_negated(phrases) else subject
    nouns = list(dict.fromkeys(noun for i in roles.things if (noun := phrases[i].noun)))
    if not nouns:
        events = [event for p in phrases if (event := p.entry("events"))]
        nouns = [(event.rsplit("_", 1)[0], NOUNS[event.rsplit("_", 1)[0]]) for event in events[:1]]
    if not (nouns or changes) and results(phrases):
        nouns, changes = results(phrases), ["appeared"]
    if len({name for name, _ in nouns}) > 1 and not _is_list(phrases, roles.things):
        return ""
    found = list(dict.fromkeys(_with_negation(phrases, changes)))
    if not found and _tells_earlier(phrases) and _is_plain(phrases, roles):
        found = ["disappeared"]
    if nouns and (_is_incomplete(phrases, found) or (not found and _is_undecided(phrases))):
        return ""
    direction = _joined_directions(phrases, found)
    names = " and ".join(name for _, name in nouns)
    if not names:
        return _anything(phrases, direction)
    if not direction and nouns[0][0] == "road" and has(phrases, "transitions", "to_road"):
        return f"paved {_modified(phrases)}{names}"
    adjectives = " or ".join(_adjective(name, nouns) for name in direction)
    is_negated = _is_negated(phrases) and not _is_explained(phrases, changes)
    if is_negated and direction == ["disappeared"]:
        return f"{_modified(phrases)}{names} that were not {adjectives}"
    no = "no " if is_negated else ""
    return f"{no}{adjectives} {_modified(phrases)}{names}".replace("  ", " ").strip()


def _is_incomplete(phrases: Sequence[Phrase], found: Sequence[str]) -> bool:
    """Return whether a word that is not known may say what happened or what a thing became."""
    if not any(p.is_unknown for p in phrases):
        return False
    is_paved = has(phrases, "transitions", "to_road") or has(phrases, "events")
    if not found and not is_paved:
        return True
    return has(phrases, "transitions", "became", "replaced") or any(
        p.has("transitions", "target") and following.is_unknown
        for p, following in pairwise(phrases)
        if has(phrases, "transitions", "turned") or "changed" in found
    )


def _is_list(phrases: Sequence[Phrase], things: Sequence[int]) -> bool:
    """Return whether "and", "or" or a comma joins the nouns of different classes."""
    nouns = [i for i in things if phrases[i].noun]
    return all(
        class_of(phrases[a]) == class_of(phrases[b])
        or any(p.is_joint for p in phrases[a:b])
        or phrases[b].text.startswith("و")  # In Arabic "and" is a part of the noun.
        or (phrases[a + 1].text in (",", "、", "،", "，") and b <= a + 3)
        for a, b in pairwise(nouns)
    )


def _anything(phrases: Sequence[Phrase], direction: Sequence[str]) -> str:
    if any(p.is_unknown for p in phrases) or not direction:
        return ""
    subjects = {
        "appeared": "anything new", "disappeared": "anything that disappeared",
        "changed": "any change", "unchanged": "unchanged areas",
    }  # fmt: skip
    if _is_negated(phrases) and "unchanged" not in direction:
        return "no change"
    return subjects[direction[0]] if len(direction) == 1 else "any change"


def _modified(phrases: Sequence[Phrase]) -> str:
    # "100 m² smaller" in Chinese is a comparison.
    measured = {i + 1 for i, phrase in enumerate(phrases) if phrase.has("units")}
    named = [p.entry("modifiers") for i, p in enumerate(phrases) if i not in measured]
    names = dict.fromkeys(name for name in named if name)
    return "".join(f"{name} " for name in names)


def _adjective(direction: str, nouns: Sequence[Noun]) -> str:
    if direction == "disappeared":
        classes = {name for name, _ in nouns}
        return _GONE.get(next(iter(classes)), "vanished") if len(classes) == 1 else "removed"
    return _ADJECTIVES[direction]


def _joined_directions(phrases: Sequence[Phrase], found: Sequence[str]) -> list[str]:
    """Return the first direction, or both if "and" or "or" joins them."""
    if "unchanged" in found:
        return ["unchanged"]
    plain = [name for name in found if name != "changed"] or list(found)
    return plain if joins_changes(phrases) else plain[:1]


def unused_changes(phrases: Sequence[Phrase], changes: Sequence[tuple[int, str]]) -> list[str]:
    """Return the words of a second direction that the English sentence does not say.

    Args:
        phrases: the sentence, which has no transition.
        changes: indices and directions, as of `mtrs_geo.understanding.translation.facts`.
    """
    plain = [(i, name) for i, name in changes if name in ("appeared", "disappeared")]
    if not plain or _is_negated(phrases) or joins_changes(phrases):
        return []
    if any(name == "unchanged" for _, name in changes):
        return []
    lost = [phrases[i] for i, name in plain if name != plain[0][1]]
    return [phrase.text for phrase in lost if not phrase.noun]


def _is_negated(phrases: Iterable[Phrase]) -> bool:
    return has(phrases, "words", "negation")


def _with_negation(phrases: Sequence[Phrase], changes: Sequence[str]) -> Sequence[str]:
    """Read "not there before" as appeared, "not there now" as disappeared, and so on."""
    if not _is_negated(phrases):
        return changes
    has_direction = any(name != "changed" for name in changes)
    if not has_direction and len(_years(phrases)) == 2:
        return _contrast(phrases)
    date = "" if has_direction else negated_date(phrases)
    if date:
        return _AT_DATES.get(date, [])
    return ["unchanged"] if set(changes) == {"changed"} else changes


def _is_undecided(phrases: Sequence[Phrase]) -> bool:
    """Return whether a sentence without a change tells of one of two dates, or of one of them.

    "Not there at one of two dates", "houses that were small before", "houses that are there now".
    """
    if _is_negated(phrases):
        return len(_years(phrases)) == 2 or bool(negated_date(phrases))
    return _tells_earlier(phrases) or (
        has(phrases, "words", "now") and not has(phrases, "words", "before")
    )


def _tells_earlier(phrases: Sequence[Phrase]) -> bool:
    """Return whether a sentence tells of the earlier date only: "houses that existed before"."""
    if has(phrases, "words", "negation", "now"):
        return False
    is_before = has(phrases, "words", "before") or has(phrases, "transitions", "source")
    is_there = has(phrases, "words", "was", "exists") or has(phrases, "questions", "yes_no")
    return has(phrases, "words", "existed") or (is_before and is_there)


def _is_plain(phrases: Sequence[Phrase], roles: Roles) -> bool:
    """Return whether a sentence says of its things only that they were there before."""
    if any(p.has("modifiers") or p.is_unknown or p.text in _QUESTION_MARKS for p in phrases):
        return False
    is_before = has(phrases, "words", "before") or has(phrases, "transitions", "source")
    nouns = [i for i in roles.things if phrases[i].noun]
    is_joined = all(any(p.is_joint for p in phrases[a:b]) for a, b in pairwise(nouns))
    return is_before and is_joined and not has(phrases, "questions", "yes_no")


def _years(phrases: Sequence[Phrase]) -> list[int]:
    """Return the indices of the years."""
    return [i for i, phrase in enumerate(phrases) if re.fullmatch(r"(?:19|20)\d\d", phrase.text)]


def _contrast(phrases: Sequence[Phrase]) -> list[str]:
    """Read "there in 2016, but not in 2012"; nothing if the negation may be of either year."""
    clauses = [0]
    for phrase in phrases:
        clauses.append(clauses[-1] + (phrase.text in PUNCTUATION or phrase.has("words", "but")))
    negated = {clauses[i] for i, p in enumerate(phrases) if p.has("words", "negation")}
    years = {int(phrases[i].text): clauses[i] in negated for i in _years(phrases)}
    if len(years) != 2 or len(negated) != 1 or sum(years.values()) != 1:
        return []
    return ["appeared" if years[min(years)] else "disappeared"]


def _is_explained(phrases: Sequence[Phrase], changes: Sequence[str]) -> bool:
    """Return whether the direction already says what the negation means."""
    return list(_with_negation(phrases, changes)) != list(changes)


def is_unknown_subject(phrases: Sequence[Phrase], roles: Roles, subject: str) -> bool:
    """Return whether the thing that is asked for is a word that the table does not know."""
    taken = {place.index for place in roles.places}
    if any(p.has("outside") and not p.noun and i not in taken for i, p in enumerate(phrases)):
        return True
    things = [i for i in roles.things if phrases[i].noun]
    if not things and any(p.is_unknown and i not in taken for i, p in enumerate(phrases)):
        return True
    for i, phrase in enumerate(phrases):
        if not phrase.has("changes") or any(i in place.changes for place in roles.places):
            continue
        if any(thing in (i - 1, i + 1) for thing in things):
            continue
        if any(thing < i for thing in things):
            continue
        if _is_unknown_at(phrases, i - 1, taken) or (
            _is_unknown_at(phrases, i + 1, taken) and i + 2 not in things
        ):
            return True
    return False


def _is_unknown_at(phrases: Sequence[Phrase], i: int, taken: set[int]) -> bool:
    return 0 <= i < len(phrases) and phrases[i].is_unknown and i not in taken
