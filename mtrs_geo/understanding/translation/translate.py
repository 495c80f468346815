"""Translate what a sentence in another language asks for into English, by tables of phrases."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mtrs_geo.understanding.translation.alternatives import split_comparisons
from mtrs_geo.understanding.translation.asking import as_amount, as_question, counts_what_stands
from mtrs_geo.understanding.translation.conditions import Conditions, find_conditions
from mtrs_geo.understanding.translation.contrasts import with_contrast, without_others
from mtrs_geo.understanding.translation.ellipsis import with_repeated_nouns
from mtrs_geo.understanding.translation.exceptions import (
    Exclusion,
    UnreadError,
    excepted_transition,
    split_exceptions,
)
from mtrs_geo.understanding.translation.facts import Noun, directions, find_transition
from mtrs_geo.understanding.translation.growth import with_erosion, with_growth
from mtrs_geo.understanding.translation.language_detection import detect_language
from mtrs_geo.understanding.translation.negations import unread_negations, with_negations
from mtrs_geo.understanding.translation.no_search import asks_no_search, refused_order
from mtrs_geo.understanding.translation.phrase_table import Phrase, PhraseTable, phrase_table
from mtrs_geo.understanding.translation.quantities import Quantity, quantities
from mtrs_geo.understanding.translation.roles import Roles, assign_roles, with_owners
from mtrs_geo.understanding.translation.subject import (
    class_of,
    find_subject,
    has,
    is_unknown_subject,
    unused_changes,
)

__all__ = ["Translation", "messages", "translate"]

_MAX_CHARACTERS, _MAX_WISHES = 2000, 10
_EXCEPTED = ("near", "next to", "at", "along", "inside", "on", "outside", "far from", "from")
"""Relations that are rules in an exception."""


@dataclass(frozen=True)
class Translation:
    """A sentence in another language, as far as the tables translate it."""

    language: str
    """ISO 639-1 code, such as "de"."""
    language_name: str
    """Name of the language in English."""
    english: str
    """The English sentence; empty if what is asked for is not in the tables."""
    read: tuple[tuple[str, str], ...]
    """Foreign phrases with what they were taken for."""
    unknown: tuple[str, ...]
    """Foreign words that were not translated, in the order of the sentence."""
    corrected: tuple[tuple[str, str], ...] = ()
    """Misspelt foreign words, and what they were read as."""


def translate(text: str) -> Translation | None:
    """Translate a sentence into English.

    Args:
        text: any text; a text of more than 2000 characters is not translated.

    Returns:
        The translation; None if the text is English or in no language that has a table.
    """
    code = detect_language(text)
    if code is None:
        return None
    table = phrase_table(code)
    if len(text) > _MAX_CHARACTERS:
        return Translation(code, table.name, "", (), (f"{text[:50]}…",))
    found = _translation(text, table)
    pairs = _corrections(found, table)
    if not pairs:
        return found
    spelt = text
    for wrong, right in pairs:
        spelt = re.sub(rf"(?<!\w){re.escape(wrong)}(?!\w)", right, spelt)
    again = _translation(spelt, table)
    return replace(again, corrected=pairs) if again.english and not again.unknown else found


def _corrections(found: Translation, table: PhraseTable) -> tuple[tuple[str, str], ...]:
    """Return the misspelt words for which a sentence is not translated, and what they may be."""
    if found.english or len(found.unknown) != 1:
        return ()
    better = table.corrected(found.unknown[0])
    return ((found.unknown[0], better),) if better else ()


def _translation(text: str, table: PhraseTable) -> Translation:
    """Return the translation of a sentence as it is written."""
    code = table.code
    order = refused_order(text, code)
    if order or asks_no_search(text, code):
        return Translation(code, table.name, "", (), (order,) if order else ())
    phrases = with_erosion(with_growth(split_comparisons(table.phrases(text))))
    phrases = with_contrast(with_negations(without_others(phrases)), table)
    parts = [_translate_part(part, table) for part in _wishes(phrases)]
    english = " and ".join(part.english for part in parts) if all(p.english for p in parts) else ""
    read = tuple(dict.fromkeys(pair for part in parts for pair in part.read))
    unknown = tuple(dict.fromkeys(word for part in parts for word in part.unknown))
    return Translation(code, table.name, english, read, unknown)


def messages(code: str) -> dict[str, str]:
    """Return the messages of a language.

    Args:
        code: ISO 639-1 code of a language that has a table.

    Returns:
        Texts "outside" with ``{thing}``, "no_question", "not_translated" with ``{words}``, and
        "try", an example of a sentence.
    """
    return dict(phrase_table(code).messages)


def _wishes(phrases: Sequence[Phrase]) -> list[Sequence[Phrase]]:
    """Split "new roads and demolished houses" at "and" or "or"; other sentences stay whole."""
    marks = [i for i, phrase in enumerate(phrases) if _separates(phrases, i)]
    marks = marks if len(marks) <= _MAX_WISHES else []
    cuts = [_cut(phrases, i) for i in marks]
    repeated = [_with_repeated_nouns(phrases, marks, k) for k in range(len(marks))]
    for parts in (*(found for found in repeated if found is not None), *cuts):
        named = [_wish(part) for part in parts]
        if all(named) and named[0] != named[1]:
            return [*_wishes(parts[0]), *_wishes(parts[1])]
    return [phrases]


def _cut(phrases: Sequence[Phrase], i: int) -> tuple[Sequence[Phrase], Sequence[Phrase]]:
    """Return the parts before and behind a mark, which in Arabic is a part of the second one."""
    is_word = phrases[i].is_joint or not _begins_with_and(phrases[i])
    return phrases[:i], phrases[i + is_word :]


def _with_repeated_nouns(
    phrases: Sequence[Phrase], marks: Sequence[int], k: int
) -> tuple[Sequence[Phrase], Sequence[Phrase]] | None:
    """Return the parts around a mark if one of them takes the nouns of the other."""
    first, second = _cut(phrases, marks[k])
    start = len(phrases) - len(second)
    end = marks[k + 1] if k + 1 < len(marks) else len(phrases)
    found = with_repeated_nouns(first, phrases[start:end])
    return None if found is None else (found[0], [*found[1], *phrases[end:]])


def _separates(phrases: Sequence[Phrase], i: int) -> bool:
    """Return whether the phrase at ``i`` may stand between two wishes.

    After a comma a change, noun or place follows at once, unlike in a clause about the first wish.
    """
    if phrases[i].is_joint or phrases[i].text in (";", "；", "؛") or _begins_with_and(phrases[i]):
        return True
    following = phrases[i + 1 : i + 2]
    is_comma = phrases[i].text in (",", "，", "、", "،")
    return is_comma and any(p.noun or p.has("changes") or p.has("places") for p in following)


def _begins_with_and(phrase: Phrase) -> bool:
    """Return whether "and" is written as a part of a noun or change, as in Arabic."""
    return phrase.text.startswith("و") and (phrase.noun is not None or phrase.has("changes"))


def _wish(phrases: Sequence[Phrase]) -> str | None:
    """Return the direction of a part that names a thing and a direction of its own."""
    if any(p.has("transitions", "became", "replaced", "source", "from") for p in phrases):
        return None
    main, _ = split_exceptions(phrases)
    roles = assign_roles(main, quantities(main, "."))
    found = directions(main, roles)
    if found and has(main, "disasters"):
        return f"{found[0][1]} water"
    return found[0][1] if found and any(main[i].noun for i in roles.things) else None


def _translate_part(phrases: Sequence[Phrase], table: PhraseTable) -> Translation:
    main, exclusions = split_exceptions(_with_causes(phrases))
    numbers = quantities(main, table.decimal)
    roles, changes, transition = _facts(main, numbers)
    things = list(dict.fromkeys(n for i in roles.things if (n := main[i].noun)))
    direction = changes[0] if changes and transition is None else ""
    excepted = [(e, _exception(e, table, things, direction)) for e in exclusions]
    conditions = find_conditions(main, numbers, roles.places)
    # Without these words the English sentence would ask for something else.
    unread = [e.text for e, found in excepted if found is None] + [*conditions.unread]
    unread += unread_negations(main)
    unread += [p.text for p in main if p.has("words", "hardly") or _is_marker(p)]
    unknown = [p.text for p in main if p.is_unknown]
    named = {p.name for p in roles.places}
    unknown += [p.text for p in main if p.has("outside") and p.entry("outside") not in named]
    unknown += [*conditions.unused, *unread]
    if transition is not None:  # "Forest became houses and roads" names a third class.
        classes = {name for name, _ in transition}
        unknown += [main[i].text for i in roles.things if class_of(main[i]) not in classes]
    else:
        unknown += [p.text for p in main if p.has("words", "first")]
        unknown += unused_changes(main, directions(main, roles))
    unknown += [p.text for p in main if p.has("words", "unfinished")]
    subject = find_subject(main, roles, changes, transition)
    if counts_what_stands(main, subject, conditions.times):
        subject = ""
    elif not (subject or unknown):
        unknown = _unrelated(main, roles, exclusions)
    english = ""
    if subject and not unread and not is_unknown_subject(main, roles, subject):
        exceptions = [found for _, found in excepted if found is not None]
        english = _sentence(main, subject, conditions, exceptions, table.plural)
    read = (*_read(main, conditions), *((e.text, f.english) for e, f in excepted if f is not None))
    return Translation(
        table.code, table.name, english, tuple(dict.fromkeys(read)), tuple(dict.fromkeys(unknown))
    )


def _is_marker(phrase: Phrase) -> bool:
    """Return whether a phrase does nothing but mark an exception in front of it."""
    return phrase.meanings == {("words", "except_after")}


def _with_causes(phrases: Sequence[Phrase]) -> Sequence[Phrase]:
    """Take the flood of "the flood destroyed houses" as the cause of the loss."""
    is_lost = any(p.has("changes", "disappeared", "unchanged") or p.is_unknown for p in phrases)
    if not (is_lost and has(phrases, "disasters")):
        return phrases
    if not any(phrases[i].noun for i in assign_roles(phrases, ()).things):
        return phrases
    cause = frozenset({("circumstances", "by the flood")})
    return [Phrase(p.text, cause) if p.has("disasters") else p for p in phrases]


def _facts(
    phrases: Sequence[Phrase], numbers: Sequence[Quantity]
) -> tuple[Roles, list[str], tuple[Noun, Noun] | None]:
    """Return the roles of the nouns, the directions and "X became Y"."""
    roles = assign_roles(phrases, numbers)
    changes = [name for _, name in directions(phrases, roles)]
    transition = find_transition(phrases, roles)
    if transition is None and len({phrases[i].noun for i in roles.things}) > 1:
        roles = with_owners(phrases, roles)
    if not roles.things and set(changes) == {"changed"} and transition is None:
        roles = _weak_as_things(roles)
    return _without_sites(phrases, roles, transition), changes, transition


def _without_sites(
    phrases: Sequence[Phrase], roles: Roles, transition: tuple[Noun, Noun] | None
) -> Roles:
    """Return the roles without the places that a transition names: "built on fields"."""
    if transition is None:
        return roles
    classes = {noun[0] for noun in transition}
    kept = [p for p in roles.places if not (p.is_weak and class_of(phrases[p.index]) in classes)]
    return Roles(roles.things, tuple(kept))


def _unrelated(
    phrases: Sequence[Phrase], roles: Roles, exclusions: Sequence[Exclusion]
) -> list[str]:
    """Return what gives no subject: nouns whose relation is not known, or only an exception."""
    if len(roles.things) > 1:
        return [" ".join(p.text for p in phrases[roles.things[0] : roles.things[-1] + 1])]
    denied = [phrase.text for phrase in phrases if phrase.has("words", "negation")]
    return [exclusion.text for exclusion in exclusions] or denied


@dataclass(frozen=True)
class _Exception:
    """An exception in English, and the times in it, which belong to the whole sentence."""

    english: str
    times: tuple[tuple[str, str], ...]
    is_set_off: bool


def _exception(
    exclusion: Exclusion, table: PhraseTable, things: Sequence[Noun], direction: str
) -> _Exception | None:
    """Return an exception in English; None if the tables do not translate all of it.

    ``things`` and ``direction`` are those of the sentence without its exceptions.
    """
    phrases = exclusion.phrases
    numbers = quantities(phrases, table.decimal)
    roles = assign_roles(phrases, numbers)
    try:
        transition = excepted_transition(phrases, roles, things, direction)
    except UnreadError:
        return None
    roles = _without_sites(phrases, roles, transition)
    if any(place.relation not in _EXCEPTED for place in roles.places):
        return None
    conditions = find_conditions(phrases, numbers, roles.places)
    references = {place.index for place in roles.places}
    is_open = any(
        i not in references and (p.is_unknown or p.has("outside")) for i, p in enumerate(phrases)
    )
    if is_open or has(phrases, "words", "negation") or conditions.unused or conditions.unread:
        return None
    changes = [name for _, name in directions(phrases, roles)]
    is_subject = bool(roles.things or transition)
    subject = find_subject(phrases, roles, changes, transition) if is_subject else ""
    # "On the field" is no rule of the grammar, and what lies on a field lies in it.
    clauses = [re.sub("^on the ", "inside the ", english) for _, english in conditions.clauses]
    if is_subject and not subject:
        return None
    if len(clauses) + bool(subject) > 1 and any(p.is_joint for p in phrases):
        # "Except houses and in the north" leaves out two things.
        return None
    rank = conditions.rank[1] if conditions.rank else ""
    words = " ".join(word for word in (rank, subject, *clauses) if word)
    if not words:
        return None
    return _Exception(f"except {words}", conditions.times, exclusion.is_set_off)


def _weak_as_things(roles: Roles) -> Roles:
    """Take "changes in the forest" as changes of the forest."""
    weak = [place.index for place in roles.places if place.is_weak]
    kept = tuple(place for place in roles.places if not place.is_weak)
    return Roles(tuple(weak), kept)


def _sentence(
    phrases: Sequence[Phrase],
    subject: str,
    conditions: Conditions,
    exceptions: Sequence[_Exception],
    plural: tuple[str, ...],
) -> str:
    rank = conditions.rank[1] if conditions.rank is not None else ""
    if rank and not subject.startswith("no "):
        subject = f"{rank} {subject}"
    if has(phrases, "questions", "count"):
        subject = as_amount(phrases, subject, plural)
    else:
        subject = as_question(phrases, subject, rank, has_clauses=bool(conditions.clauses))
    times = (*conditions.times, *(time for e in exceptions for time in e.times))
    times += tuple((p.text, found) for p in phrases if (found := p.entry("circumstances")))
    clauses = [english for _, english in (*conditions.clauses, *times)]
    if exceptions and not clauses and exceptions[0].is_set_off:
        subject += ","  # "New houses and new roads, except": of both.
    clauses += [e.english for e in exceptions]
    return ", ".join([f"{subject} {clauses[0]}", *clauses[1:]]) if clauses else subject


def _read(phrases: Sequence[Phrase], conditions: Conditions) -> tuple[tuple[str, str], ...]:
    names = {
        "appeared": "new", "disappeared": "disappeared", "changed": "changed",
        "unchanged": "unchanged",
    }  # fmt: skip
    found: list[tuple[str, str]] = []
    for phrase in phrases:
        noun, change, event = phrase.noun, phrase.entry("changes"), phrase.entry("events")
        if noun:
            found.append((phrase.text, noun[1]))
        elif change:
            found.append((phrase.text, names[change]))
        elif event:
            found.append((phrase.text, event.replace("_", " ")))
        elif other := phrase.entry("modifiers") or phrase.entry("circumstances"):
            found.append((phrase.text, other))
    ranks = (conditions.rank,) if conditions.rank else ()
    return tuple(dict.fromkeys((*found, *ranks, *conditions.clauses, *conditions.times)))
