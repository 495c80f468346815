"""Bounds of area, length and width: "larger than 500 m²", "at least 10 m wide", "about 1 ha".

``write_bounds`` writes comparisons behind a size, such as "1 ha or bigger", without a comparative.

``write_distances`` tells distances from lengths: "more than 50 m but less than 100 m from the
road" is a range of distances.
"""

from __future__ import annotations

import re
from typing import Literal

from mtrs_geo.query.numbers import (
    AREA_UNITS,
    LENGTH_UNIT,
    LENGTH_UNITS,
    NUMBER,
    UNIT,
    parse_number,
    to_metric,
)
from mtrs_geo.query.positions import NOT_NEGATED
from mtrs_geo.query.rules import SimpleRule, SizeBound

__all__ = ["LEAVE_OUT", "POLYGONS", "take_sizes", "write_bounds", "write_distances"]

_ABOUT_SHARE = 0.2
_GREATER = r"(?:larger|bigger|greater|more|longer|wider|broader)"
_LESSER = r"(?:smaller|less|shorter|fewer|narrower)"
_OR_MORE, _OR_LESS = rf"(?:{_GREATER}|over|above|up|upwards)", rf"(?:{_LESSER}|under|below)"
_AT_LEAST = (
    rf"{_GREATER} than|over|above|exceed(?:ing|s)?|in excess of|at least|from"
    r"|minimum(?: of)?|min\.?"
    rf"|(?:no|not) {_LESSER} than|≥|>=?"
)
_AT_MOST = (
    rf"{_LESSER} than|under|below|at most|up to|not exceeding|maximum(?: of)?|max\.?"
    rf"|(?:no|not) {_GREATER} than|≤|<=?"
)
_ABOUT = r"roughly|about|around|approximately|approx\.?|circa|ca\.?|some|[~≈]"
_QUANTITY = r"(?:areas?|footprints?|lengths?|sizes?|widths?)"
_START = (
    r"(?:(?:in )?(?:pieces|patches|ones|parcels) (?=of |with |larger |smaller |from ))?(?:each )?"
    r"(?:(?:that|which) (?:is|are|measures?|covers?) )?"
    r"(?:(?:covering|measuring|occupying"
    rf"|having|sized) )?(?:with |whose |in the range )?(?:(?:an? )?(?P<q>{_QUANTITY}) )?(?:of )?"
)
# Other extents are not measured; without this, they would match as lengths.
_OTHER_EXTENTS = ("height", "depth", "diameter", "radius", "thickness", "elevation", "altitude")
_NOT_AFTER_EXTENT = "".join(rf"(?<!{word} )(?<!{word} of )" for word in _OTHER_EXTENTS)
_NOT_BEFORE_EXTENT = (
    rf"(?! (?:high|tall|deep|thick|across)\b| (?:in|of) (?:{'|'.join(_OTHER_EXTENTS)})\b| \d"
    r"| (?:above|below|under|over) (?:the )?(?:mean )?(?:sea|ground|water|datum|surface|msl)\b"
    r"| a\.?s\.?l\b| amsl\b)"
)
_SIDE = r"(?: (?:in (?:area|length|size|width)|long|large|big|wide|broad)\b)"
_SIZE = re.compile(
    rf"(?<!\w)(?<!\bby ){NOT_NEGATED}{_NOT_AFTER_EXTENT}{_START}{NOT_NEGATED}"
    rf"(?:(?:(?P<between>between )|(?:from )?)(?P<a>{NUMBER}) ?(?:(?P<au>{UNIT}) ?)?"
    rf"(?(between)(?:and|to|[-–])|(?:to|[-–])) ?(?P<b>{NUMBER})"
    rf"|(?P<more>{_AT_LEAST}) ?(?P<c>{NUMBER})|(?P<less>{_AT_MOST}) ?(?P<d>{NUMBER})"
    rf"|(?:{_ABOUT}) ?(?P<g>{NUMBER})"
    rf"|(?P<e>{NUMBER})(?= ?{UNIT}{_SIDE}? (?:or|and) (?:{_OR_MORE}|{_OR_LESS})\b(?! than)))"
    # Possessive: backtracking to a match without "or more" would make the number an upper end.
    rf" ?(?P<u>{UNIT})(?P<side>{_SIDE})?"
    rf"(?: (?:or|and) (?:(?P<up>{_OR_MORE})|(?P<down>{_OR_LESS}))\b(?! than))?+"
    r"(?P<extent> (?:in (?:area|length|size|width)|long|large|big|wide|broad|each)\b)?"
    rf"(?! (?:of|from|to|off|away)\b){_NOT_BEFORE_EXTENT}(?! or\b)"
)
LEAVE_OUT = (
    r"(?:ignor(?:e|ing)|skip(?:ping)?|drop(?:ping)?|leav(?:e|ing) out|disregard(?:ing)?"
    r"|omit(?:ting)?|discard(?:ing)?|exclud(?:e|ing))"
)
POLYGONS = (
    r"(?:changes?|polygons?|areas?|ones|slivers?|specks?|noise|patches|pieces|bits|blobs|fragments"
    r"|spots|shapes|objects|things|features|items|detections|results|gaps)"
)
"""Words for what is found, whatever it is."""
_LEFT_OUT = re.compile(
    rf"\b{LEAVE_OUT} (?:(?! and (?:show|find|map|mark|list|give|keep|only|tell|new)\b)"
    r"[^,;:.()]){0,60}$"
)
"""An order to leave something out: the bound behind it is that of what is left out."""
_IGNORE = re.compile(
    rf"\b(?:please )?{LEAVE_OUT} "
    r"(?:(?:anything|everything|those|all|any|the)? ?(?:(?:small|tiny|little) )?"
    rf"(?:{POLYGONS} )?"
    r"(?:(?:that|which) are |of |with (?:an )?areas? (?:of )?)?)"
    rf"(?:(?P<less>{_LESSER} than|under|below)|(?P<more>{_GREATER} than|over"
    rf"|above)) (?P<n>{NUMBER})"
    rf" ?(?P<u>{UNIT})(?:,? and (?:show|give|list|keep|map)(?: me)? (?:only )?(?:the )?"
    r"(?P<rest>rest|others|remaining|remainder)(?: ones)?)?"
)
_FARTHER = (
    r"(?:farther than|further than|more than|at least|over|beyond|min(?:imum)?\.?"
    r"|(?:no|not) (?:closer|nearer|less) than)"
)
_CLOSER = (
    r"(?:closer than|nearer than|less than|at most|up to|under|below|max(?:imum)?\.?"
    r"|(?:no|not) (?:farther|further|more) than)"
)
_LENGTH = rf"{NUMBER} ?(?:{LENGTH_UNIT})(?!\w)(?: away)?"
_BUT = r",? (?:but|yet|and)(?: (?:also|still))?(?: at a distance of)? "
_TO = r" (?:from|of|to|off)"
_THING = (
    r"(?!(?:the )?(?:north|south|east|west|left|right|width|length|height|depth|area|size)\b)"
    r"(?P<thing>[^,;:.?!()]{1,80}?)(?=$|[,;:.?!()]| (?:that|which|who|was|were|is|are|has|have|had"
    r"|been|got|since|after|before|in|at|on|near|within|but|except|built|erected|constructed"
    r"|demolished|removed|destroyed|felled|cleared|planted)\b)"
)
_TWO_DISTANCES = re.compile(
    rf"\b(?:at a distance of )?(?:"
    rf"{_FARTHER} (?P<far>{_LENGTH}){_BUT}(?:(?<=but )within|(?<=yet )within|{_CLOSER})"
    rf" (?P<within>{_LENGTH}){_TO}"
    rf"|(?:within|{_CLOSER}) (?P<inner>{_LENGTH}){_BUT}{_FARTHER} (?P<outer>{_LENGTH}){_TO}"
    rf"|(?P<between>between )?(?P<low>{NUMBER})(?: ?(?P<unit>{LENGTH_UNIT}))? ?(?:to|and|-|–) ?"
    # "50-100 m of road to the house" is an amount.
    rf"(?P<high>{_LENGTH})(?(between){_TO}| (?:from|off))) {_THING}"
)
_AROUND = r"(?:from|around|about|along)"
# "A 50 m strip of forest" is forest; "a 50 m buffer of the forest" lies around it.
_ZONE = re.compile(
    r"\b(?:(?P<out>outside(?: of)?|beyond|out of|away from)|in|within|inside) (?:an? |the )?(?:"
    rf"(?P<n>{NUMBER})[ -]?(?P<u>{LENGTH_UNIT})(?!\w)[ -](?:wide )?"
    rf"(?:(?:buffer|radius|perimeter|range|distance)(?: zone)? (?:of|to|{_AROUND})"
    rf"|(?:zone|strip|belt|corridor) {_AROUND})"
    r"|(?:buffer|radius|zone|strip|belt|corridor|perimeter|range|distance) of"
    rf" (?P<o>{NUMBER}) ?(?P<ou>{LENGTH_UNIT})(?!\w) (?:of|to|{_AROUND})) (?=[^\W\d])"
)
_YET = re.compile(
    r"(?<!not )(?<!as )\byet (?=(?:(?:well|far) )?(?:away|far|close|near|within|outside|inside)\b)"
)
_OFF = re.compile(
    rf"(?P<length>{NUMBER} ?(?:{LENGTH_UNIT})) (?:away )?off (?=(?:the|an?|any|my|our|their) )"
)
_RELATIVE = r"(?P<relative>that|which)"
# "In the first image" is a date.
_SHORT_NOT = re.compile(
    rf"\b{_RELATIVE} (?P<be>is|are|was|were)n't (?=(?:(?:very|too|directly|right) )?(?:near|beside"
    r"|close to|next to|along|adjacent to|touching|bordering|adjoining|inside|outside|within(?= \d)"
    r"|(?:in|at|on) the (?:north|south|east|west|cent(?:re|er)|middle|edges?|corners?))\b)"
)
_NOWHERE = re.compile(
    r"\bnowhere (?=(?:(?:very|too|directly|right|even) )?(?:in|on|at|by|near|beside|close to|next"
    r" to|along(?:side)?|adjacent to|touching|bordering|adjoining|inside|within|around)\b"
    r"(?! (?:the )?(?:\w+ )?(?:images?|pictures?|photos?|photographs?|scenes?|maps?|orthophotos?"
    r"|surveys?|dates?|(?:19|20)\d\d)\b))"
)
_NO_TOUCH = re.compile(
    rf"\b{_RELATIVE} (?:do|does|did)(?:n't| not) (?P<verb>touch|border|adjoin)(?= )"
)
_OR_BIGGER = re.compile(
    rf"(?P<size>{NUMBER} ?{UNIT})(?P<side>{_SIDE})?,? (?:or|and) (?:even |much )?"
    rf"(?:(?P<up>{_GREATER})|(?P<down>{_LESSER}))\b(?! than)"
)
_OR_EQUAL = re.compile(r"(?<=er than) or equal to\b")


def write_bounds(text: str) -> str:
    """Return a text in which no comparative stands behind a size, as that may be a change.

    "1 ha or bigger" is "1 ha or more", and "10 m or wider" is "10 m wide or more".

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """

    def plain(match: re.Match[str]) -> str:
        comparative = match["up"] or match["down"]
        side = " wide" if _is_length(comparative) else match["side"] or ""
        return f"{match['size']}{side} or {'more' if match['up'] else 'less'}"

    return _OR_BIGGER.sub(plain, _OR_EQUAL.sub("", text))


def write_distances(text: str) -> str:
    """Return a text with distances in the words of `mtrs_geo.query.relations`.

    "More than 50 m but less than 100 m from the road" is "farther than 50 m from the road within
    100 m of the road", "a 200 m buffer around the river" is "within 200 m of the river",
    "30 m off the road" is "30 m from the road", and "that isn't near", "nowhere near" or "that
    doesn't touch" are "that is not near", "not near" and "that are not touching".

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """

    def zone(match: re.Match[str]) -> str:
        length = f"{match['n'] or match['o']} {match['u'] or match['ou']}"
        return f"farther than {length} from " if match["out"] else f"within {length} of "

    text = _SHORT_NOT.sub(r"\g<relative> \g<be> not ", _NOWHERE.sub("not ", text))
    text = _NO_TOUCH.sub(r"\g<relative> are not \g<verb>ing", text)
    text = _OFF.sub(r"\g<length> from ", _ZONE.sub(zone, _YET.sub("but ", text)))
    return _TWO_DISTANCES.sub(_both_distances, text)


def _both_distances(match: re.Match[str]) -> str:
    """Return two distances to one thing; a text whose first end is not lower is no such pair."""
    high = match["within"] or match["inner"] or match["high"]
    low = match["far"] or match["outer"] or match["low"]
    if match["low"]:
        low = f"{low} {match['unit'] or _unit_of(high)}"
    if _metres(low) >= _metres(high):
        return match[0]
    low, high = low.removesuffix(" away"), high.removesuffix(" away")
    return f"farther than {low} from {match['thing']} within {high} of {match['thing']}"


def _unit_of(length: str) -> str:
    return re.split(rf"{NUMBER} ?", length)[-1].removesuffix(" away")


def _metres(length: str) -> float:
    found = re.search(rf"(?P<n>{NUMBER}) ?(?P<u>{LENGTH_UNIT})(?!\w)", length)
    return parse_number(found["n"]) * LENGTH_UNITS[found["u"]] if found else 0.0


def take_sizes(text: str, rules: list[SimpleRule], gap: str) -> str:
    """Append the bounds of a text to ``rules``; return the text with ``gap`` in their place."""

    def ignore(match: re.Match[str]) -> str:
        quantity = _quantity(match["u"], match[0])
        value = to_metric(match["n"], _factors(match["u"])[match["u"]])
        bound = SizeBound(quantity, low=value) if match["less"] else SizeBound(quantity, high=value)
        rules.append(bound)
        return gap

    def size(match: re.Match[str]) -> str:
        bound = _parse(match)
        if bound is None or _LEFT_OUT.search(match.string[: match.start()]):
            return match[0]
        rules.append(bound)
        return gap

    return _SIZE.sub(size, _IGNORE.sub(ignore, text))


def _parse(match: re.Match[str]) -> SizeBound | None:
    unit, low_unit = match["u"], match["au"] or match["u"]
    factors = _factors(unit)
    words = " ".join(
        match[name] or "" for name in ("q", "more", "less", "side", "up", "down", "extent")
    )
    quantity = _quantity(unit, words)
    if low_unit not in factors or (quantity == "area" and _is_length(words)):
        return None
    if match["a"]:
        ends = to_metric(match["a"], factors[low_unit]), to_metric(match["b"], factors[unit])
        return SizeBound(quantity, min(ends), max(ends))
    if match["g"]:
        value = to_metric(match["g"], factors[unit])
        low, high = (round(value * (1 + s), 3) for s in (-_ABOUT_SHARE, _ABOUT_SHARE))
        return SizeBound(quantity, low, high)
    low_text, high_text = match["c"], match["d"]
    if match["e"]:
        low_text, high_text = (match["e"], None) if match["up"] else (None, match["e"])
    if low_text:
        return SizeBound(quantity, low=to_metric(low_text, factors[unit]))
    return SizeBound(quantity, high=to_metric(high_text, factors[unit]))


def _factors(unit: str) -> dict[str, float]:
    return AREA_UNITS if unit in AREA_UNITS else LENGTH_UNITS


def _is_length(words: str) -> bool:
    return re.search(r"\b(?:wide|wider|broad|broader|narrower|widths?)\b", words) is not None


def _quantity(unit: str, words: str) -> Literal["area", "length", "width"]:
    if unit in AREA_UNITS:
        return "area"
    return "width" if _is_length(words) else "length"
