"""Nouns of the five kinds of ground, and of other things, that sentences are written with."""

from __future__ import annotations

import random
import tomllib
from functools import cache
from importlib.resources import files
from itertools import chain

from mtrs_geo.data.sentences.phrasebook import read_phrase_rows, read_phrases
from mtrs_geo.understanding import LAND_COVER
from mtrs_geo.understanding.lexicon import english, plurals

__all__ = ["OTHER", "Nouns", "nouns"]

OTHER = "other"
"""Name of the things that are none of the five kinds."""

_RARE = 0.35
"""Share of the nouns that are drawn from the lexicon and WordNet, which are rarer."""
_PURE = ("class:", "kind:", "word:rare")


class Nouns:
    """Nouns in the singular and the plural by class."""

    def __init__(self) -> None:
        self._common: dict[str, list[tuple[str, str]]] = {n: [] for n in (*LAND_COVER, OTHER)}
        for name, *forms in read_phrase_rows("nouns"):
            entry = self._common[name if name in LAND_COVER else OTHER]
            entry.append((forms[0], forms[-1]))
        self._common[OTHER] += [(word, f"{word}s") for word in read_phrases("absent")]
        self._rare: dict[str, list[tuple[str, str]]] = {name: [] for name in LAND_COVER}
        package = files("mtrs_geo.understanding")
        for part in (("languages", "en.toml"), ("rare_words.toml",), ("wordnet", "nouns.toml")):
            tables = tomllib.loads(package.joinpath(*part).read_text("utf-8"))
            for name in LAND_COVER:
                words = tables.get("classes", tables).get(name, ())
                self._rare[name] += [(word, list(plurals(word))[-1]) for word in words]
            things = tables.get("outside", {}).get("things", ())
            self._common[OTHER] += [(word, list(plurals(word))[-1]) for word in things]
        entries = chain(*self._common.values(), *self._rare.values())
        self._plural = {plural for _, plural in entries}

    def draw(self, rng: random.Random, name: str, *, is_plural: bool) -> str:
        """Return a noun of a class, or of `OTHER`."""
        is_rare = rng.random() < _RARE and bool(self._rare.get(name))
        return rng.choice((self._rare if is_rare else self._common)[name])[is_plural]

    def is_plural(self, word: str) -> bool:
        """Return whether a noun is in the plural."""
        return word in self._plural

    def segments(self, text: str) -> list[tuple[str, str | None]]:
        """Return the phrases of a text, each with its class if it is a noun and nothing else."""
        return [
            (s.text, s.land_cover if all(tag.startswith(_PURE) for tag in s.tags) else None)
            for s in english().segments(text)
        ]


@cache
def nouns() -> Nouns:
    """Return the nouns."""
    return Nouns()
