"""Constructions that name the classes of a change by their order: "former X, today Y".

A pattern is a line of words that are matched against the skeleton of a sentence:

* ``BEFORE`` and ``AFTER`` are noun phrases, joined ones too; ``NOUN`` is any noun phrase
* ``[AD]`` is a word with one of these letters of `skeleton_of`
* ``~`` stands for up to three words that are neither nouns nor punctuation marks, ``~~`` for up to
  seven
* ``-`` stands for up to four words that name no change or a thing that appeared
* ``LOSS`` and ``GAIN`` are words such as "deforestation" and "urban sprawl"
* ``AFTER(road,bare)`` is a noun phrase of one of these classes
* ``a/b_c`` is one of some words or phrases, ``*wider`` a phrase that ends so; ``?`` makes a word
  optional
* ``^`` means that no noun, ``LOSS`` or ``GAIN`` stands before, ``!A`` no word such as "new"; ``$``
  is the end of a clause
* ``BUILDING`` and ``ROAD`` are noun phrases of a class
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from mtrs_geo.understanding.types import Classes, Direction

__all__ = ["Construction", "match_construction"]

_NOUN = r"<\w+@?>"
_JOINT = (
    r"(?:(?:and|or|as_well_as|with_their|with_its|,)\|\S* ){1,2}"
    r"(?:(?:to|into|by|with|the|other|of|their|its)\|\S* ){0,3}"
)
_PHRASE = rf"{_NOUN}(?: {_JOINT}{_NOUN})*"
_THINGS = _PHRASE.replace("@?", "")
_EVENT = {"before": r"\S*<-\w+>\S*", "after": r"\S*<\+\w+>\S*"}
_DIRECTIONS: dict[str, Direction] = {
    "any": "any", "appeared": "appeared", "disappeared": "disappeared", "changed": "changed",
    "on_ground": "changed",
}  # fmt: skip
_ADDED = r"(?![;:.!?()]\|)[^<\s]+\|(?:[AQRS]|<\+\w+>)*"
_WORD = r"(?:<\w+@>|(?![;:,.!?()]\|)[^<\s]\S*)"


@dataclass(frozen=True)
class Construction:
    """What a construction says about a change."""

    direction: Direction
    before: Classes
    after: Classes


def match_construction(skeleton: str, directions: Collection[str]) -> Construction | None:
    """Return the first construction that matches.

    Args:
        skeleton: as `mtrs_geo.understanding.skeleton.skeleton_of` returns it.
        directions: that the words of the sentence name.
    """
    is_new = {"disappeared", "changed"}.isdisjoint(directions)
    for name, pattern in _patterns():
        if name == "on_ground" and not is_new:
            continue
        match = pattern.search(skeleton)
        if match is None:
            continue
        groups = match.groupdict()
        direction = _DIRECTIONS[name]
        before, after = _classes(groups.get("before")), _classes(groups.get("after"))
        if direction == "any":
            return Construction(direction, after, after)
        if before != after:
            return Construction(direction, before, after)
    return None


def _classes(phrase: str | None) -> Classes:
    return frozenset(re.findall(r"<[+-]?(\w+)@?>", phrase or ""))


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    text = files(__package__).joinpath("constructions.toml").read_text("utf-8")
    tables = tomllib.loads(text)
    return tuple((name, _compiled(line)) for name, lines in tables.items() for line in lines)


def _compiled(line: str) -> re.Pattern[str]:
    items = line.split(" ")
    start = " "
    if items[0] == "!A":
        start, items = "(?<!A) ", items[1:]
    elif items[0] == "^":
        start, items = r"^ (?:(?:<\w+@>|(?!\S*<[-+])[^<\s]\S*) )*?", items[1:]
    return re.compile(start + "".join(_item(item, i == 0) for i, item in enumerate(items)))


def _item(item: str, is_first: bool) -> str:
    """Return the expression for one word of a pattern; it ends with the space after the word."""
    if item in ("~", "~~"):
        return rf"(?:{_WORD} ){{0,{3 if item == '~' else 7}}}?"
    if item == "-":
        return rf"(?:{_ADDED} ){{0,4}}?"
    if item == "$":
        return r"(?=$|[;:,.!?()]\|)"
    optional = "?" if item.endswith("?") else ""
    item = item.removesuffix("?")
    if item in ("LOSS", "GAIN"):
        name = "before" if item == "LOSS" else "after"
        return rf"(?P<{name}>{_EVENT[name]}) "
    if item.endswith(")"):
        name, classes = item[:-1].lower().split("(")
        choice = "|".join(classes.split(","))
        event = rf"|\S*<\+(?:{choice})>\S*" if name == "after" else ""
        return rf"(?P<{name}><(?:{choice}){'' if is_first else '@?'}>{event}) "
    if item in ("BEFORE", "AFTER"):
        name = item.lower()
        return rf"(?P<{name}>{_THINGS if is_first else _PHRASE}|{_EVENT[name]}) "
    if item in ("BUILDING", "ROAD"):
        return rf"(?P<after><{item.lower()}@?>) "
    if item == "NOUN":
        return rf"{_NOUN} "
    if item.startswith("["):
        return rf"(?:\S+\|\S*[{item[1:-1]}]\S* ){optional}"
    words = "|".join(
        ("[^|\\s]*" if w[0] == "*" else "")
        + re.escape(w.removeprefix("*")).replace("_", r"(?:_|\|\S* )")
        for w in item.split("/")
    )
    return rf"(?:(?:{words})\|\S* ){optional}"
