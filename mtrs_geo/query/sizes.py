"""Bounds of area, length and width: "larger than 500 m²", "at least 10 m wide", "about 1 ha"."""

from __future__ import annotations

import re
from typing import Literal

from mtrs_geo.query.numbers import AREA_UNITS, LENGTH_UNITS, NUMBER, UNIT, to_metric
from mtrs_geo.query.positions import NOT_NEGATED
from mtrs_geo.query.rules import SimpleRule, SizeBound

__all__ = ["take_sizes"]

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
_OTHER_EXTENTS = ("height", "depth", "diameter", "radius", "thickness")
_NOT_AFTER_EXTENT = "".join(rf"(?<!{word} )(?<!{word} of )" for word in _OTHER_EXTENTS)
_NOT_BEFORE_EXTENT = (
    rf"(?! (?:high|tall|deep|thick|across)\b| in (?:{'|'.join(_OTHER_EXTENTS)})\b| \d)"
)
_SIZE = re.compile(
    rf"(?<!\w)(?<!\bby ){NOT_NEGATED}{_NOT_AFTER_EXTENT}{_START}{NOT_NEGATED}"
    rf"(?:(?:(?P<between>between )|(?:from )?)(?P<a>{NUMBER}) ?(?:(?P<au>{UNIT}) ?)?"
    rf"(?(between)(?:and|to|[-–])|(?:to|[-–])) ?(?P<b>{NUMBER})"
    rf"|(?P<more>{_AT_LEAST}) ?(?P<c>{NUMBER})|(?P<less>{_AT_MOST}) ?(?P<d>{NUMBER})"
    rf"|(?:{_ABOUT}) ?(?P<g>{NUMBER})"
    rf"|(?P<e>{NUMBER})(?= ?{UNIT} (?:or|and) (?:{_OR_MORE}|{_OR_LESS})\b(?! than)))"
    # Possessive: backtracking to a match without "or more" would make the number an upper end.
    rf" ?(?P<u>{UNIT})(?: (?:or|and) (?:(?P<up>{_OR_MORE})|{_OR_LESS})\b(?! than))?+"
    r"(?P<extent> (?:in (?:area|length|size|width)|long|large|big|wide|broad|each)\b)?"
    rf"(?! (?:of|from|to|away)\b){_NOT_BEFORE_EXTENT}(?! or\b)"
)
_IGNORE = re.compile(
    r"\b(?:please )?(?:ignor(?:e|ing)|skip(?:ping)?|drop(?:ping)?|leav(?:e|ing) out"
    r"|disregard(?:ing)?|omit(?:ting)?) "
    r"(?:(?:anything|everything|those|all|any|the)? ?(?:changes?|polygons?|areas?|ones)? ?)"
    rf"(?:(?P<less>{_LESSER} than|under|below)|(?P<more>{_GREATER} than|over"
    rf"|above)) (?P<n>{NUMBER})"
    rf" ?(?P<u>{UNIT})(?:,? and (?:show|give|list|keep|map)(?: me)? (?:only )?(?:the )?"
    r"(?P<rest>rest|others|remaining|remainder)(?: ones)?)?"
)


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
        if bound is None:
            return match[0]
        rules.append(bound)
        return gap

    return _SIZE.sub(size, _IGNORE.sub(ignore, text))


def _parse(match: re.Match[str]) -> SizeBound | None:
    unit, low_unit = match["u"], match["au"] or match["u"]
    factors = _factors(unit)
    words = (
        f"{match['q'] or ''} {match['more'] or ''} {match['less'] or ''} {match['extent'] or ''}"
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
