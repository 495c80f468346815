"""Types of a vocabulary: nouns, adjectives and sentence templates.

Class templates are written in the plural; `mtrs_geo.data.sentences.templates` puts their verbs
in the singular for a single object or a mass noun.  Slots: {n} noun, {a} earlier class,
{b} later class, {x} expression, {p} place, {k} number, {r} reference object.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mtrs_geo.types import Cell, LandCoverClass, Place

__all__ = ["Adjective", "BuildingWording", "ClassWording", "Noun", "References"]


@dataclass(frozen=True)
class BuildingWording:
    """Words and templates of one vocabulary about buildings."""

    nouns: tuple[tuple[str, str], ...]
    """(singular, plural)."""
    appear: tuple[str, ...]
    disappear: tuple[str, ...]
    state: tuple[str, ...]
    place: tuple[str, ...]
    """Templates with {x} and {p}."""
    places: dict[Place, tuple[str, ...]]
    largest: tuple[str, ...]
    smallest: tuple[str, ...]
    absent: tuple[str, ...]
    """Nouns of objects that are in no image."""


@dataclass(frozen=True)
class Noun:
    """A noun for a land-cover class."""

    class_name: LandCoverClass
    singular: str
    plural: str = ""
    """Empty for a mass noun, such as grass."""
    attribute: str = ""
    """Key of `mtrs_geo.data.sentences.attributes.ATTRIBUTES` that an instance must have."""

    @property
    def is_mass(self) -> bool:
        """Whether it is a mass noun, without a plural."""
        return not self.plural

    @property
    def plural_or_mass(self) -> str:
        """The plural, or the word itself for a mass noun."""
        return self.plural or self.singular


@dataclass(frozen=True)
class Adjective:
    """An adjective for instances that have an attribute."""

    word: str
    attribute: str
    """Key of `mtrs_geo.data.sentences.attributes.ATTRIBUTES`."""
    classes: frozenset[LandCoverClass]
    """Classes that it can describe."""


@dataclass(frozen=True)
class References:
    """Words for unchanged reference objects, and templates for near and far."""

    nouns: Mapping[LandCoverClass, tuple[str, ...]]
    near: tuple[str, ...]
    """Templates with {x} and {r}."""
    far: tuple[str, ...]


@dataclass(frozen=True)
class ClassWording:
    """Words and templates of one vocabulary about land-cover classes."""

    nouns: tuple[Noun, ...]
    adjectives: tuple[Adjective, ...]
    appear: Mapping[LandCoverClass, tuple[str, ...]]
    """Templates by class; "any" holds those for every class."""
    disappear: Mapping[LandCoverClass, tuple[str, ...]]
    state: tuple[str, ...]
    became: tuple[str, ...]
    """Templates in which {a} is the head noun and {b} has its article."""
    replaced: tuple[str, ...]
    """Templates in which {b} is the head noun."""
    everything: tuple[str, ...]
    except_class: tuple[str, ...]
    except_place: tuple[str, ...]
    counted_new: tuple[str, ...]
    counted_gone: tuple[str, ...]
    place: tuple[str, ...]
    places: Mapping[Place, tuple[str, ...]]
    cells: Mapping[Cell, tuple[str, ...]]
    extremes: Mapping[str, tuple[str, ...]]
    """Templates with {x}; keys largest, smallest, top, bottom, left, right."""
    references: References
    absent: tuple[str, ...]
    hyponyms: tuple[Noun, ...] = ()
    """Nouns for a part of a class, for example bungalow, that a class map cannot separate from
    the rest of it.  Only text-only sentences use them."""
