"""Correct misspelt words towards the lexicon; words that exist stay as they are."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import pairwise
from string import ascii_lowercase

from mtrs_geo.understanding.lexicon import WORD, Lexicon, split_words

__all__ = ["correct_spelling", "one_letter_away", "similar_noun"]

_SHORTEST = 4
_SHORTEST_WITH_TWO = 6
_OPENERS = frozenset(
    {"new", "old", "all", "the", "any", "more", "lost", "former", "removed", "demolished"}
)
_LINKS = frozenset({
    "of", "that", "were", "was", "which", "to", "in", "the", "are", "on", "by", "with", "from",
    "into", "and", "for",
})  # fmt: skip
"""Words that are often written together with the next one: "houses thatwere built"."""
_SHORT_WORDS = (
    "new", "the", "old", "now", "and", "has", "are", "was", "for", "any", "all", "how", "who",
    "not", "did", "can", "big", "two", "out", "per",
)  # fmt: skip
_APART = {
    "with in": "within", "near by": "nearby", "along side": "alongside", "where as": "whereas",
    "any where": "anywhere", "some where": "somewhere", "water front": "waterfront",
    "can not": "cannot", "in side": "inside", "out side": "outside",
}  # fmt: skip
"""Words that are often written apart, though both halves exist."""
_CORE = (
    "appeared", "disappeared", "demolished", "removed", "destroyed", "vanished", "constructed",
    "developed", "replaced", "converted", "changed", "turned", "planted", "flooded", "cleared",
    "building", "buildings", "houses", "house", "warehouse", "warehouses", "apartments", "garages",
    "garage", "factory", "factories", "school", "schools", "cottages", "farmhouse", "hospital",
    "street", "streets", "highway", "highways", "parking", "asphalt", "pavement", "driveway",
    "driveways", "footpath", "bridge", "bridges", "vegetation", "forest", "forests", "meadow",
    "meadows", "grassland", "farmland", "fields", "hedges", "hedgerow", "garden", "gardens",
    "orchard", "orchards", "vineyard", "woodland", "reservoir", "reservoirs", "swimming", "water",
    "river", "rivers", "ground", "gravel", "quarry", "between", "picture", "pictures", "images",
    "northern", "southern", "eastern", "western", "unchanged", "construction", "demolition",
    "largest", "biggest", "smallest", "recently", "existing", "because",
)  # fmt: skip
"""Frequent words, for which two errors are corrected in words of six letters and more."""
_SIDES = ("side", "front")
_SUFFIXES = ("s", "es", "ed", "ing", "er", "ers", "ly", "'s", "al", "ish", "y")

_KEPT_START, _KEPT_END = 3, 2
"""Letters at both ends of a foreign word that stay: an ending may be a tense."""
_VOWELS = frozenset("aeiouy")
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюя"

_PLURAL_WITH_APOSTROPHE = re.compile(
    r"\b((?!(?:what|where|there|here|that)')[a-z]{4,})'s"
    r"(?= (?:that|which|were|have|are|in|on|near|within|with|along|by)\b)"
)
"""A plural with an apostrophe: "villa's that were built"."""


def correct_spelling(
    text: str, lexicon: Lexicon, existing: Collection[str]
) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the text with misspelt words replaced, and the replacements.

    A word is replaced if neither the lexicon nor ``existing`` has it or its stem, and exactly one
    word of the lexicon is nearest: one edit away for up to eight letters, two for longer words
    if the first two letters are right.  A frequent misspelling is replaced by what it stands for;
    two words that are one word of the lexicon are joined.
    Two adjacent letters that changed places are one edit.

    Args:
        text: a sentence in lower case.
        lexicon: the words to correct to.
        existing: words that exist, in lower case.
    """
    plurals = {match[0]: f"{match[1]}s" for match in _PLURAL_WITH_APOSTROPHE.finditer(text)}
    text = _PLURAL_WITH_APOSTROPHE.sub(r"\1s", text)
    joined = _joined(split_words(text), lexicon, existing)
    if joined:
        pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, joined))})\b")
        text = pattern.sub(lambda match: joined[match[0]], text)
    replaced: dict[str, str] = {}
    for word in dict.fromkeys(split_words(text)):
        if word in lexicon.misspelt and word not in lexicon:
            replaced[word] = lexicon.misspelt[word]
        elif word.isalpha() and len(word) >= 3 and not _exists(word, lexicon, existing):
            is_long = len(word) >= _SHORTEST
            better = _better(word, lexicon) if is_long else _swapped(word)
            if better is not None:
                replaced[word] = better
    found = (*plurals.items(), *joined.items(), *replaced.items())
    return _with_replaced(text, replaced), found


def _with_replaced(text: str, replaced: dict[str, str]) -> str:
    """Return the text with its words replaced; "200 m2" and punctuation stay as they are."""
    if not replaced:
        return text
    return WORD.sub(lambda match: replaced.get(match[0], match[0]), text)


def _joined(words: list[str], lexicon: Lexicon, existing: Collection[str]) -> dict[str, str]:
    """Return pairs of words that are one word of the lexicon: "park ing", "hou ses"."""
    common = lexicon.common_words
    found: dict[str, str] = {}
    for first, second in pairwise(words):
        if f"{first} {second}" in _APART:
            found[f"{first} {second}"] = _APART[f"{first} {second}"]
            continue
        # "Asks how" is not "ask show".
        is_written = second == "how" and _exists(first, lexicon, existing)
        moved = "" if is_written else _moved_space(first, second, common, lexicon.misspelt)
        if moved:
            found[f"{first} {second}"] = moved
            continue
        is_piece = second not in common or first not in common
        if is_piece and len(first + second) > _SHORTEST and first + second in common:
            found[f"{first} {second}"] = first + second
    return found


def _better(word: str, lexicon: Lexicon) -> str | None:
    return (
        _single(word, lexicon)
        or _split(word, lexicon)
        or _nearest(word, lexicon)
        or _nearest_core(word)
    )


def _single(word: str, lexicon: Lexicon) -> str | None:
    """Return the word with one letter less where a letter was typed too often: "neww"."""
    shorter = {
        word[:i] + word[i + 1 :]
        for i in range(1, len(word))
        if word[i] == word[i - 1] and (i + 1 == len(word) or word[i - 2 : i] == word[i] * 2)
    }
    found = [w for w in shorter if w in lexicon.common_words]
    return found[0] if len(found) == 1 else None


def _moved_space(
    first: str, second: str, common: Collection[str], misspelt: Collection[str]
) -> str:
    """Return two words of which one letter stands beyond the space: "ne wbuildings"."""
    if not (first.isalpha() and second.isalpha()) or first in misspelt or second in misspelt:
        return ""
    is_behind = second not in common and second[1:] in common and first + second[0] in common
    if is_behind and len(second) > 2:
        return f"{first}{second[0]} {second[1:]}"
    is_before = first not in common and first[:-1] in common and first[-1] + second in common
    if is_before and len(first) > 2:
        return f"{first[:-1]} {first[-1]}{second}"
    return ""


def _swapped(word: str) -> str | None:
    """Return the word of three letters of which two changed places: "nwe"."""
    return next((w for w in _SHORT_WORDS if w != word and sorted(w) == sorted(word)), None)


def similar_noun(
    phrase: str, lexicon: Lexicon, existing: Collection[str] = frozenset()
) -> str | None:
    """Return a phrase whose last word is replaced by a similar noun of a class; None without one.

    In a word that exists only a letter too few or too many is likely: "hoses" may be houses, but
    "fire" no firs, and "best" no beet.

    Args:
        phrase: a thing that the lexicon does not know, for example "hoses".
        lexicon: the words to choose from.
        existing: words that exist, in lower case.
    """
    from rapidfuzz import process
    from rapidfuzz.distance import DamerauLevenshtein

    start, _, word = phrase.rpartition(" ")
    if not word.isalpha() or len(word) < _SHORTEST or _is_noun(word, lexicon):
        return None
    limit = 1 if len(word) < 9 else 2
    similar = process.extract(
        word,
        _by_length(lexicon, len(word)),
        scorer=DamerauLevenshtein.distance,
        score_cutoff=limit,
        limit=None,
    )
    matches = [match for match in similar if _is_noun(match[0], lexicon)][:8]
    likely = [m for m in matches if m[0][0] == word[0]]
    if word in lexicon or word in existing:
        is_long = len(word) > _SHORTEST
        matches = likely = [m for m in likely if is_long and len(m[0]) != len(word)]
    likely = likely or matches
    best = min(likely, key=lambda match: (match[1], -len(match[0]), match[0]), default=None)
    return None if best is None else f"{start} {best[0]}".strip()


def _is_noun(word: str, lexicon: Lexicon) -> bool:
    return any(segment.land_cover for segment in lexicon.segments(word))


def _exists(word: str, lexicon: Lexicon, existing: Collection[str]) -> bool:
    if word in lexicon.words or word in existing:
        return True
    if word.endswith(_SIDES) and word.removesuffix("side").removesuffix("front") in lexicon.words:
        return True  # "streetside" is no "streamside"
    if word.startswith("un") and word[2:] in lexicon.words:
        return True
    found = ((s, word.removesuffix(s)) for s in _SUFFIXES if _has_suffix(word, s))
    return any(
        (len(stem) >= _SHORTEST or stem.endswith("x"))  # "taxed"
        and (stem in existing or (suffix != "s" and stem + "e" in existing))
        for suffix, stem in found
    )


def _has_suffix(word: str, suffix: str) -> bool:
    """Return whether a word may be a form with this suffix: "tress" is no plural of "tres"."""
    if suffix == "es":
        return word.endswith(("ses", "xes", "zes", "ches", "shes", "oes"))
    return word.endswith(suffix) and not (
        suffix == "s" and word.endswith(("ss", "shs", "chs", "xs", "eds"))
    )


def _split(word: str, lexicon: Lexicon) -> str | None:
    """Return two words of the lexicon that were written as one: "newbuildings"."""
    words = lexicon.words
    for cut in range(2, len(word) - 1):
        first, second = word[:cut], word[cut:]
        if (first, second) in lexicon.phrases:
            return f"{first} {second}"
        is_opened = first in _OPENERS and len(second) > 3
        is_linked = {first, second} & _LINKS and min(cut, len(word) - cut) < len(word) - 3
        if (is_opened or is_linked) and first in words and second in lexicon.common_words:
            return f"{first} {second}"
    return None


def _nearest(word: str, lexicon: Lexicon) -> str | None:
    from rapidfuzz import process
    from rapidfuzz.distance import DamerauLevenshtein

    limit = 1 if len(word) < 9 else 2
    matches = process.extract(
        word,
        _by_length(lexicon, len(word)),
        scorer=DamerauLevenshtein.distance,
        score_cutoff=limit,
        limit=8,
    )
    matches = [match for match in matches if match[1] < 2 or match[0][:2] == word[:2]]
    if word.endswith("ed"):  # "insured" is no insurer
        matches = [m for m in matches if not _is_other_form(word.removesuffix("ed"), m[0])]
    if not matches:
        return None
    best = [match for match, distance, _ in matches if distance == matches[0][1]]
    # A typing error seldom hits the first letter.
    choices = [match for match in best if match[0] == word[0]] or best
    # Letters that changed places are the commonest error: the word has the same letters.
    choices = [match for match in choices if sorted(match) == sorted(word)] or choices
    # Ground is asked for more often than other things.
    general = [w for w in choices if "kind:general" in lexicon.phrases.get((w,), ())]
    choices = general if len(general) == 1 else choices
    # A double letter is often typed once.
    choices = [match for match in choices if _without_doubles(match) == word] or choices
    # A letter is left out more often than typed twice.
    choices = [match for match in choices if len(match) > len(word)] or choices
    # The beginning of a word is seldom wrong.
    choices = [match for match in choices if match[:2] == word[:2]] or choices
    return choices[0] if len(choices) == 1 else None


def _is_other_form(stem: str, word: str) -> bool:
    """Return whether a word is a stem with "-er" or "-es"."""
    return word in (f"{stem}er", f"{stem}ers", f"{stem}es")


def _nearest_core(word: str) -> str | None:
    """Return the frequent word that is two edits away."""
    from rapidfuzz import process
    from rapidfuzz.distance import DamerauLevenshtein

    if len(word) < _SHORTEST_WITH_TWO:
        return None
    found = process.extract(word, _CORE, scorer=DamerauLevenshtein.distance, score_cutoff=2)
    alike = [match[0] for match in found if match[0][0] == word[0]]
    return alike[0] if len(alike) == 1 else None


def _without_doubles(word: str) -> str:
    return re.sub(r"(.)\1", r"\1", word)


def _by_length(lexicon: Lexicon, length: int) -> tuple[str, ...]:
    lengths = range(length - 2, length + 3)
    return tuple(w for n in lengths for w in lexicon.common_by_length.get(n, ()))


def one_letter_away(word: str, *, has_vowels: bool = True) -> Iterator[str]:
    """Yield words with one inner letter changed, left out, added or moved by one place.

    Args:
        word: in lower case, in Latin letters without accents or in Cyrillic ones.
        has_vowels: whether a vowel may be another one.
    """
    letters = ascii_lowercase if word.isascii() else _CYRILLIC
    last = len(word) - _KEPT_END
    for i in range(_KEPT_START, last):
        start, rest = word[:i], word[i + 1 :]
        yield start + rest
        if i + 1 < last:
            yield start + word[i + 1] + word[i] + word[i + 2 :]
        for letter in letters:
            if has_vowels or not {letter, word[i]} <= _VOWELS:
                yield start + letter + rest
            yield start + letter + word[i:]
