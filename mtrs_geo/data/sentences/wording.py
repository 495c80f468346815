"""What a vocabulary about classes consists of: train_words.py and held_out_words.py are two.

Templates are written in the plural; a single thing or a mass noun turns their verbs.
{n} is a noun, {a} what was there, {b} what is there, {x} a phrase, {p} a place, {k} a
number, {r} a thing that stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mtrs_geo.types import Cell, LandCoverClass, Place

__all__ = ["Adjective", "ClassWording", "Noun", "References"]


@dataclass(frozen=True)
class Noun:
    """A word for a class."""

    land: LandCoverClass
    singular: str
    plural: str = ""
    """Empty for what is not counted, such as grass."""
    rule: str = ""
    """Key of `mtrs_geo.data.sentences.attributes.RULES`: which things deserve the word."""

    @property
    def is_mass(self) -> bool:
        """Whether it has no plural."""
        return not self.plural

    @property
    def many(self) -> str:
        """The word for several, or for a mass."""
        return self.plural or self.singular


@dataclass(frozen=True)
class Adjective:
    """A word in front of a noun that only some things deserve."""

    word: str
    rule: str
    lands: frozenset[LandCoverClass]
    """Classes of which it is said."""


@dataclass(frozen=True)
class References:
    """Words for a thing that stays, which others lie near."""

    nouns: Mapping[LandCoverClass, tuple[str, ...]]
    near: tuple[str, ...]
    """Wraps {x} and {r}."""
    far: tuple[str, ...]


@dataclass(frozen=True)
class ClassWording:
    """Words and templates of one vocabulary about classes."""

    nouns: tuple[Noun, ...]
    adjectives: tuple[Adjective, ...]
    appear: Mapping[LandCoverClass, tuple[str, ...]]
    """By class; "any" holds what may be said of every class."""
    disappear: Mapping[LandCoverClass, tuple[str, ...]]
    state: tuple[str, ...]
    became: tuple[str, ...]
    """{a} is spoken of, and became {b}, which has its article."""
    replaced: tuple[str, ...]
    """{b} is spoken of, and lies where {a} was."""
    everything: tuple[str, ...]
    except_class: tuple[str, ...]
    except_place: tuple[str, ...]
    counted_new: tuple[str, ...]
    counted_gone: tuple[str, ...]
    place: tuple[str, ...]
    places: Mapping[Place, tuple[str, ...]]
    cells: Mapping[Cell, tuple[str, ...]]
    extremes: Mapping[str, tuple[str, ...]]
    """Keys largest, smallest, top, bottom, left, right; wraps {x}."""
    references: References
    absent: tuple[str, ...]
    kinds_of: tuple[Noun, ...] = ()
    """Words for less than a class, a bungalow for one, which no map can tell from the rest of it:
    for sentences without a picture."""
