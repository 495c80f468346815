"""Constructions that name the classes of a change by their order: "former X, today Y".

A pattern is a line of words that are matched against the skeleton of a sentence:

* ``BEFORE`` and ``AFTER`` are noun phrases, joined ones too; ``NOUN`` is any noun phrase
* ``[AD]`` is a word with one of these letters of `skeleton_of`
* ``~`` stands for up to three words that are neither nouns nor punctuation marks, ``~~`` for up to
  seven
* ``-`` stands for up to four words that name no change or a thing that appeared
* ``AFTER(road,bare)`` is a noun phrase of one of these classes
* ``a/b_c`` is one of some words or phrases, ``*wider`` a phrase that ends so; ``?`` makes a word
  optional
* ``^`` means that no noun stands before; ``$`` is the end of a clause
* ``BUILDING`` and ``ROAD`` are noun phrases of a class
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from mtrs_geo.understanding.types import Classes, Direction

__all__ = ["Construction", "match_construction"]

_NOUN = r"<\w+@?>"
_JOINT = r"(?:(?:and|or|as_well_as|with_their|with_its|,)\|\S* ){1,2}(?:(?:to|into|by|with|the|other|of|their|its)\|\S* ){0,3}"
_PHRASE = rf"{_NOUN}(?: {_JOINT}{_NOUN})*"
_THINGS = _PHRASE.replace("@?", "")
_EVENT = {"before": r"\S*<-\w+>\S*", "after": r"\S*<\+\w+>\S*"}
_ADDED = r"(?![;:.!?()]\|)[^<\s]+\|(?:[AQRS]|<\+\w+>)*"
_WORD = r"(?:<\w+@>|(?![;:,.!?()]\|)[^<\s]\S*)"

_CHANGED = (
    "former/formerly/once/previously/erstwhile/one-time BEFORE ,? but? now/today/nowadays/currently/presently/became/is_now AFTER",
    "former/formerly/once/previously/erstwhile BEFORE ,? that_is_now/that_are_now/which_is_now/which_are_now AFTER",
    "BEFORE before/earlier/previously/then/once/first/formerly/originally ,? and? then? AFTER now/today/later/after/afterwards/nowadays",
    "BEFORE before ,? and? AFTER after",
    "was/were ~ BEFORE ,? and/but? now/today/is_now/are_now/has_become/have_become/became/is/are ~ AFTER",
    "AFTER now/today ,? BEFORE before/earlier/once/formerly/previously/then",
    "AFTER now/today ,? and/but? was/were/had_been BEFORE",
    "AFTER ,? [B]? that/which/what was/were/used_to_be/had_been once/formerly/previously/before/originally/still/just/only? BEFORE",
    "AFTER ,? once/formerly/previously/originally BEFORE",
    "AFTER ~ on/over/in/across/where/atop/at/onto/upon former/formerly/previous/previously/erstwhile/once BEFORE",
    "AFTER ~ on/at/in/over/upon ~ site/sites/place/spot/spots/location/footprint/grounds of/where ~ BEFORE",
    "BEFORE turned/gone/made/became/to/into AFTER",
    "BEFORE ~ [D] ~ for/to_make_way_for/to_make_room_for/to_give_way_to/in_favour_of/in_favor_of/because_of/due_to/by ~ AFTER",
    "BEFORE ~ sacrificed/lost/victim/fell_victim/fallen_victim/prey/surrendered/given_up/ceded ~ to/for/by ~ AFTER",
    "BEFORE ~ [D] ~ leave/leaves/left/leaving/leaving_behind/exposing/revealing/uncovering AFTER",
    "AFTER ~ exposed/uncovered/revealed/bared/laid_bare/left_behind/left ~ by/after/through/following/from/when/where/since ~ BEFORE",
    "AFTER ~ [A] ~ after/once/since/when/where BEFORE ~ [D]",
    "AFTER ~ [A] ~ after/once/since/when/where BEFORE ~ went/go/left $",
    "AFTER ~ where BEFORE ~ used_to/once/stood/grew/lay/flowed/had/was/were",
    "BEFORE ~ [D] ~ and ~ AFTER ~ taken_over/took_over/moved_in/replaced/instead",
    "BEFORE ~ [D] ,? and? now/today/instead ~ AFTER",
    "BEFORE ~ [D] ,? and? then? AFTER ~ instead/now/today/in_their_place/in_its_place",
    "BEFORE under/beneath/below AFTER $",
    "BEFORE ,? then/later/afterwards/subsequently ,? AFTER",
    "BEFORE ~ [D] ~ to [AC] ~ AFTER",
    "BEFORE ~ [D] ~ when/as/once AFTER ~ [A]",
    "used_to_be/was/were ~ BEFORE ,? and/but ~ now/today/currently ~ AFTER",
    "BEFORE ~ swallowed/eaten/eaten_up/taken/buried/engulfed/drowned/devoured/consumed/claimed/displaced/ousted/invaded/smothered/submerged/gobbled_up/overrun ~ by ~ AFTER",
    "AFTER that/which? has/have? took/takes/taken/taking/ate/eats/eating/ate_up/eating_up/eats_up/buried/buries/burying/swallowed/swallows/swallowing/engulfed/engulfs/engulfing/drowned/drowns/devoured/devouring/consumed/consumes/consuming/claimed/claims/claiming/displaced/displaces/displacing/ousted/invaded/invades/overran/smothered/smothers/submerged/submerges/tore_through/tears_through/cut_into/cuts_into/bit_into/gobbled_up BEFORE",
    "AFTER expansion/extension/spread/growth/advance/encroachment/sprawl/creep into/onto/over/on ~ BEFORE",
    "AFTER(building,road,bare,water) ~ [A] ~ over/across BEFORE(vegetation,bare)",
)
_BEFORE = (
    "BEFORE ~ [FV] ~ something/anything/other_things",
    "BEFORE ~ [FV] ~ another/different/other/new [S]",
    "BEFORE ~ [FV] ~ what $",
    "BEFORE ,? and? ~ is_now/are_now/now ~ something/anything",
    "was/were BEFORE ~ is_now/are_now/now/is/are ~ something/anything/different/other",
    "what/whatever ~ replaced/took_over/came_after/superseded BEFORE",
)
_AFTER = (
    "^ what/whatever ~ stood/was/existed/lay/grew/there/here ~ before AFTER",
    "^ what/whatever/which ~ did AFTER replaced/displaced/cover/replace",
    "^ what/whatever/which ~ gave_way_to/made_way_for/lost_to/replaced_by/sacrificed_to ~ AFTER",
    "lost/lose/loses ~ land/ground/area/terrain ~ to ~ AFTER",
    "^ land/ground/area/areas/terrain/parcels/plots/surface ~ lost/sacrificed/given_up/surrendered/ceded/gone/fell_victim ~ to ~ AFTER",
    "^ land/ground/area/areas/terrain/parcels/plots/surface/places/spots ~ [FV] to/into? AFTER",
)
_APPEARED = (
    "AFTER ~ where ~ was/were/used_to_be/had_been ~ land/ground/nothing/none/dry_land/solid_ground $",
    "AFTER ~ where ~ land/ground ~ used_to_be/was/lay $",
)
_DISAPPEARED = (
    "BEFORE NOUN [D]",
    "BEFORE that/which? the? storm/flood/fire/hurricane/tornado/tsunami/earthquake/quake/cyclone/typhoon/landslide/war/wildfire/blaze/bombing/water/wind ~ took/takes/claimed/carried_off/destroyed/swept_away/washed_away/flattened/wrecked/wiped_out/tore_down/brought_down/burned_down",
    "NOUN ~ no_longer ~ surrounded_by/lined_by/shaded_by/covered_by/covered_with/bordered_by/with/flanked_by BEFORE",
    "no_longer ~ covered_by/covered_with/under/occupied_by/used_as/used_by BEFORE",
    "^ BEFORE ~ went $",
)
_ANY = (
    "extension/extensions/extended/enlarged/enlargement/enlargements to/of/on? BUILDING",
    "ROAD ~ *wider/*narrower/*broader/*straighter",
    "BUILDING ~ extended/enlarged/heightened/raised",
    "BUILDING extension/extensions/conversion/conversions/enlargement/enlargements",
)
_ON_GROUND = (
    "AFTER(building,road,bare,water) - on/onto/upon/on_top_of/atop BEFORE(vegetation)",
    "AFTER(building,road,water) - on/onto/upon/on_top_of/atop BEFORE(bare)",
    "AFTER(vegetation) - on/onto/upon/on_top_of/atop/over BEFORE(bare,road)",
    "AFTER(building,vegetation,bare) - on_top_of/over/atop BEFORE(road)",
)
"""What stands on other ground has replaced it, if it did not disappear."""
_Tables: TypeAlias = tuple[tuple[Direction, tuple[str, ...]], ...]
_TABLES: _Tables = (
    ("appeared", _APPEARED), ("disappeared", _DISAPPEARED), ("any", _ANY), ("changed", (*_CHANGED, *_BEFORE, *_AFTER)),
)  # fmt: skip


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
    tables = (*_TABLES, ("changed", _ON_GROUND)) if is_new else _TABLES
    for direction, pattern in _patterns(tables):
        match = pattern.search(skeleton)
        if match is None:
            continue
        groups = match.groupdict()
        before, after = _classes(groups.get("before")), _classes(groups.get("after"))
        if direction == "any":
            return Construction(direction, after, after)
        if before != after:
            return Construction(direction, before, after)
    return None


def _classes(phrase: str | None) -> Classes:
    return frozenset(re.findall(r"<[+-]?(\w+)@?>", phrase or ""))


@cache
def _patterns(tables: _Tables) -> tuple[tuple[Direction, re.Pattern[str]], ...]:
    return tuple((direction, _compiled(line)) for direction, lines in tables for line in lines)


def _compiled(line: str) -> re.Pattern[str]:
    items = line.split(" ")
    start = " "
    if items[0] == "^":
        start, items = r"^ (?:(?:<\w+@>|[^<\s]\S*) )*?", items[1:]
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
