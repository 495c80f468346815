"""Forms of English verbs: "tear down" has "tears down", "tore down", "torn down" and others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = ["participle", "verb_forms"]

_VOWELS = "aeiou"


def verb_forms(verb: str, irregular: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the forms of a verb, each with the words that follow it.

    Args:
        verb: in the infinitive, with its particle if it has one.
        irregular: past tense and participle of irregular verbs.
    """
    stem, space, rest = verb.partition(" ")
    pasts = irregular.get(stem, (_with_ed(stem),))
    forms = (stem, _with_s(stem), *pasts, _with_ing(stem))
    return tuple(dict.fromkeys(form + space + rest for form in forms))


def participle(verb: str, irregular: Mapping[str, Sequence[str]]) -> str:
    """Return the past participle of a verb with its particle."""
    stem, space, rest = verb.partition(" ")
    return tuple(irregular.get(stem, (_with_ed(stem),)))[-1] + space + rest


def _with_s(stem: str) -> str:
    if stem.endswith(("s", "x", "z", "ch", "sh", "o")):
        return stem + "es"
    if stem.endswith("y") and stem[-2] not in _VOWELS:
        return stem[:-1] + "ies"
    return stem + "s"


def _with_ed(stem: str) -> str:
    if stem.endswith("e"):
        return stem + "d"
    if stem.endswith("y") and stem[-2] not in _VOWELS:
        return stem[:-1] + "ied"
    return _doubled(stem) + "ed"


def _with_ing(stem: str) -> str:
    if stem.endswith("ie"):
        return stem[:-2] + "ying"
    if stem.endswith("e") and not stem.endswith(("ee", "oe")):
        return stem[:-1] + "ing"
    return _doubled(stem) + "ing"


def _doubled(stem: str) -> str:
    """Return a stem of one syllable with its last consonant doubled: "strip", "stripp"."""
    ending = stem[-3:]
    is_short = (
        len(ending) == 3
        and ending[0] not in _VOWELS
        and ending[1] in _VOWELS
        and ending[2] not in "aeiouwxy"
        and sum(letter in _VOWELS for letter in stem) == 1
    )
    return stem + stem[-1] if is_short else stem
