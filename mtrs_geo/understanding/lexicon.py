"""The words of one language, read from its file in ``languages/``."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from mtrs_geo.understanding.verb_forms import participle, verb_forms

__all__ = ["WORD", "Lexicon", "Segment", "english", "plurals", "split_words"]

WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’-][^\W\d_]+)*[²³]?|->|→|[;:,.!?()]")
"""A word, number or punctuation mark of a text in lower case."""
_MAX_WORDS = 6
_CHANGES = frozenset({"appeared", "disappeared", "changed", "unchanged"})
RARE_MODIFIER = frozenset({"word:modifiers", "word:rare"})
"""Tags of an adjective or adverb that has no effect and is named as not used."""
_PREFIXES = frozenset({
    "mega", "eco", "micro", "mini", "super", "ultra", "semi", "multi", "bio", "agri", "agro",
    "pocket", "giga", "neo", "sub", "mid", "main", "side", "inner", "outer", "upper", "lower",
})  # fmt: skip
"""First parts of words with a hyphen that do not change the kind of ground."""
_OF_PARTICIPLES = frozenset({"change:adjective", "change:plain"})
"""Tags that other forms of a verb do not have."""


@dataclass(frozen=True)
class Segment:
    """A word or phrase of a sentence with its tags; an unknown word has none."""

    text: str
    tags: frozenset[str]

    def is_one_of(self, *tags: str) -> bool:
        """Return whether the phrase has one of some tags."""
        return not self.tags.isdisjoint(tags)

    @property
    def land_cover(self) -> str | None:
        """Class that the phrase names, or None."""
        return next((tag[6:] for tag in sorted(self.tags) if tag.startswith("class:")), None)


@dataclass(frozen=True)
class Lexicon:
    """Phrases with their tags, such as ``class:building`` or ``change:appeared``."""

    phrases: Mapping[tuple[str, ...], frozenset[str]]
    rare: frozenset[str] = frozenset()
    """Words that exist, but that no misspelt word is taken for."""
    misspelt: Mapping[str, str] = field(default_factory=dict)
    """Frequent misspellings, and what they stand for."""

    def _tags(self, words: list[str]) -> frozenset[str] | None:
        tags = self.phrases.get(tuple(words))
        if tags is None and len(words) == 1 and words[0].startswith("un"):
            stem = self.phrases.get((words[0][2:],), frozenset())
            if stem & {"change:appeared", "change:disappeared", "change:changed"}:
                return frozenset({"change:unchanged"})
        if tags is None and len(words) == 1 and "-" in words[0]:
            return self._tags_of_parts(words[0].split("-"))
        return tags

    def _tags_of_parts(self, parts: list[str]) -> frozenset[str] | None:
        """Return the tags of "tree-planting" or "mega-villa", whose parts are known."""
        tags = self.phrases.get(tuple(parts))
        if tags is None and len(parts) == 2 and parts[0] in _PREFIXES:
            tags = self.phrases.get((parts[1],))
        is_noun = tags and any(tag.startswith(("class:", "event:")) for tag in tags)
        return tags if is_noun else None

    @cached_property
    def words(self) -> frozenset[str]:
        """All single words of the phrases."""
        return frozenset(word for phrase in self.phrases for word in phrase if word.isalpha())

    @cached_property
    def common_words(self) -> frozenset[str]:
        """The words without rare ones, which no misspelt word is taken for."""
        return self.words - self.rare

    @cached_property
    def common_by_length(self) -> Mapping[int, tuple[str, ...]]:
        """The common words of at least three letters by their number of letters."""
        found: dict[int, list[str]] = {}
        for word in sorted(self.common_words):
            if len(word) >= 3:
                found.setdefault(len(word), []).append(word)
        return {length: tuple(words) for length, words in found.items()}

    def segments(self, text: str) -> list[Segment]:
        """Split a text into the longest known phrases; other words stand alone."""
        words = split_words(text)
        found: list[Segment] = []
        start = 0
        while start < len(words):
            for end in range(min(len(words), start + _MAX_WORDS), start, -1):
                tags = self._tags(words[start:end])
                if tags is not None or end == start + 1:
                    found.append(Segment(" ".join(words[start:end]), tags or frozenset()))
                    start = end
                    break
        return found

    def extended(self, nouns: Mapping[str, str]) -> Lexicon:
        """Return the lexicon with further nouns, given with their classes."""
        if not nouns:
            return self
        phrases = dict(self.phrases)
        for noun, name in nouns.items():
            for form in plurals(noun):
                phrases[tuple(split_words(form))] = frozenset({f"class:{name or noun}"})
        return Lexicon(phrases, self.rare, self.misspelt)

    def __contains__(self, word: str) -> bool:
        return (word,) in self.phrases


def split_words(text: str) -> list[str]:
    """Return the words, numbers and punctuation marks of a text in lower case."""
    return WORD.findall(text.lower().replace("’", "'"))


@cache
def english() -> Lexicon:
    """Return the English lexicon."""
    package = files(__package__)
    words = tomllib.loads(package.joinpath("languages", "en.toml").read_text("utf-8"))
    nouns = tomllib.loads(package.joinpath("wordnet", "nouns.toml").read_text("utf-8"))
    common = Lexicon(_tagged(words)).words
    trades = tomllib.loads(package.joinpath("rare_words.toml").read_text("utf-8"))
    phrases = _tagged(_merged(words, trades))
    # The words of en.toml count first: there "mall" is a shop.
    further = {
        tuple(split_words(form)): frozenset({f"class:{name}"})
        for name, listed in nouns.items()
        for form in itertools.chain.from_iterable(map(plurals, listed))
    }
    text = package.joinpath("wordnet", "modifiers.txt").read_text("utf-8")
    modifiers = {
        (word,): RARE_MODIFIER
        for line in text.splitlines()
        if line[:1] != "#"
        for word in line.split()
    }
    rare = frozenset().union(*further, *modifiers, *phrases) - common
    return Lexicon(modifiers | further | phrases, rare, words["misspelt"])


def _merged(
    first: Mapping[str, Mapping[str, Any]], second: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Return tables with the lists of two files."""
    return {
        table: {
            name: [*listed, *second.get(table, {}).get(name, ())]
            if isinstance(listed, list)
            else listed
            for name, listed in entries.items()
        }
        for table, entries in first.items()
    }


_Tagged = dict[tuple[str, ...], set[str]]


def _tagged(tables: Mapping[str, Mapping[str, Any]]) -> dict[tuple[str, ...], frozenset[str]]:
    found: _Tagged = {}
    kinds = {
        "classes": "class", "changes": "change", "transitions": "transition",
        "events": "event", "words": "word", "outside": "outside", "kinds": "kind",
    }  # fmt: skip
    for table, entries in tables.items():
        if table in ("verbs", "irregular", "misspelt"):
            continue
        for name, phrases in entries.items():
            for phrase in phrases:
                forms: Iterable[str] = [phrase]
                if table in ("classes", "outside", "kinds"):
                    forms = plurals(phrase)
                for form in forms:
                    found.setdefault(tuple(split_words(form)), set()).add(f"{kinds[table]}:{name}")
    _add_verbs(found, tables["verbs"], tables["irregular"])
    return {words: frozenset(tags) for words, tags in found.items() if words}


def _add_verbs(
    found: _Tagged, verbs: Mapping[str, list[str]], irregular: Mapping[str, list[str]]
) -> None:
    """Add the forms of verbs that no phrase has; they mean what the participle means."""
    listed = frozenset(found)
    for name, phrases in verbs.items():
        kind = "change" if name in _CHANGES else "transition"
        for phrase in phrases:
            known = found.get(tuple(split_words(participle(phrase, irregular))), set())
            tags = {tag for tag in known if tag.startswith(("change:", "transition:", "event:"))}
            for form in verb_forms(phrase, irregular):
                words = tuple(split_words(form))
                if words not in listed:
                    found.setdefault(words, set()).update(
                        tags - _OF_PARTICIPLES, {f"{kind}:{name}"}
                    )


def plurals(noun: str) -> Iterator[str]:
    """Yield a noun in the singular, and its plural forms."""
    yield noun
    head, of, rest = noun.partition(" of ")
    if of and not head.endswith("s"):
        yield f"{head}s of {rest}"
    if noun.endswith(("ss", "us", "as", "is", "x", "ch", "sh")):
        yield noun + "es"
    elif noun.endswith("s"):
        return
    elif noun.endswith("y") and noun[-2] not in "aeiou" and not noun.endswith("-by"):
        yield noun[:-1] + "ies"
    elif noun.endswith("f"):
        yield noun[:-1] + "ves"
        yield noun + "s"
    else:
        yield noun + "s"
