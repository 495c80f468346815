"""Read numbers and units: "1,000 m²", "1 000 m²", "0,5 ha", "half a hectare"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = [
    "AREA_UNITS",
    "LENGTH_UNIT",
    "LENGTH_UNITS",
    "MAX_VALUE",
    "NUMBER",
    "UNIT",
    "ambiguous_numbers",
    "ambiguous_sizes",
    "any_of",
    "parse_number",
    "to_metric",
]

AREA_UNITS = {
    "m²": 1.0, "m2": 1.0, "m^2": 1.0, "sqm": 1.0, "sq m": 1.0,
    "square metres": 1.0, "square metre": 1.0, "square meters": 1.0, "square meter": 1.0,
    "ha": 1e4, "hectare": 1e4, "hectares": 1e4,
    "km²": 1e6, "km2": 1e6, "km^2": 1e6, "sq km": 1e6, "sqkm": 1e6,
    "square kilometres": 1e6, "square kilometers": 1e6,
    "square kilometre": 1e6, "square kilometer": 1e6,
    "acre": 4046.8564224, "acres": 4046.8564224,
    "sq ft": 0.09290304, "sqft": 0.09290304, "ft²": 0.09290304, "ft2": 0.09290304,
    "square feet": 0.09290304, "square foot": 0.09290304,
    "sq yd": 0.83612736, "yd²": 0.83612736, "yd2": 0.83612736,
    "square yards": 0.83612736, "square yard": 0.83612736,
    "sq mi": 2589988.110336, "mi²": 2589988.110336, "mi2": 2589988.110336,
    "square miles": 2589988.110336, "square mile": 2589988.110336,
    "ares": 100.0,
    # As many learners write.
    **{
        f"{unit} {square}": factor
        for units, factor in (
            (("m", "metre", "metres", "meter", "meters"), 1.0),
            (("km", "kilometre", "kilometres", "kilometer", "kilometers"), 1e6),
        )
        for unit in units
        for square in ("square", "squared", "quadrat")
    },
}  # fmt: skip
LENGTH_UNITS = {
    "m": 1.0, "metre": 1.0, "metres": 1.0, "meter": 1.0, "meters": 1.0,
    "km": 1e3, "kilometre": 1e3, "kilometres": 1e3, "kilometer": 1e3, "kilometers": 1e3,
    "ft": 0.3048, "foot": 0.3048, "feet": 0.3048, "mile": 1609.344, "miles": 1609.344,
}  # fmt: skip
_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
_SCALES = {"hundred": 100, "thousand": 1000}
_PARTS = {
    "half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4, "fifth": 1 / 5, "eighth": 1 / 8,
    "tenth": 1 / 10, "hundredth": 1 / 100,
}  # fmt: skip
_FRACTION = (
    rf"(?:(?:(?:(?:an?|one) )?(?:{'|'.join(_PARTS)})"
    rf"|(?:two|three|four) (?:{'|'.join(f'{part}s' for part in _PARTS if part != 'half')})) of an?"
    r"|(?:half )?an?)"
)
"""A part of a unit, without groups: "half a", "a tenth of a", "three quarters of an", "a"."""
MAX_VALUE = 1e15
"""More than the Earth's surface in m²; larger numbers are capped."""


def any_of(words: Iterable[str]) -> str:
    """Return a pattern for any of the words, longest first."""
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))


LENGTH_UNIT = any_of(LENGTH_UNITS)
UNIT = rf"(?:{any_of(AREA_UNITS)}|{LENGTH_UNIT})(?![\w²^])"
_WORD = rf"(?:{any_of(_WORDS)})(?:-(?:{any_of([w for w in _WORDS if _WORDS[w] < 10])}))?"
# A point before three digits is a decimal point or, in many languages, a thousands mark.
_AMBIGUOUS = r"[1-9]\d{0,2}\.\d{3}(?!\d|[.,]\d)"
NUMBER = (
    r"(?:(?<![\d.,])(?:"
    r"\d{1,3}(?:,\d{3}){1,5}(?:\.\d{1,6})?(?![.,]?\d)"
    r"|\d{1,3}(?:\.\d{3}){1,5},\d{1,6}(?![.,]?\d)|\d{1,3}(?:\.\d{3}){2,5}(?![.,]?\d)"
    r"|\d{1,3}(?:'\d{3}){1,5}(?:[.,]\d{1,6})?(?![.,]?\d)"
    rf"|\d{{1,3}}(?: \d{{3}}){{1,5}}(?:[.,]\d{{1,2}})?(?= ?{UNIT})"
    r"|(?:0,\d{1,9}|\d{1,18},\d{1,2})(?![.,]?\d)|(?<!\w)\.\d{1,9}(?![.,]?\d)"
    rf"|(?!{_AMBIGUOUS})\d{{1,18}}(?:\.\d{{1,9}})?)"
    rf"|(?<![\w-]){_FRACTION}(?= (?:hectare|acre|square [km]|kilomet|mile))"
    rf"|(?<![\w-])(?:(?:(?:a|{_WORD}) )?(?:{any_of(_SCALES)})|{_WORD})(?![\w-]))"
)
"""Pattern of a number without groups."""
_AMBIGUOUS_SIZE = re.compile(rf"(?<![\d.,])({_AMBIGUOUS}) ?({UNIT})")


def parse_number(text: str) -> float:
    """Return the value of a text that `NUMBER` matches."""
    if text.endswith((" a", " an")) or text in ("a", "an"):
        return _parse_fraction(text)
    if text[0].isalpha():
        return float(_parse_words(text))
    digits = text.replace(" ", "").replace("'", "")
    if "," in digits and "." in digits:
        is_comma_last = digits.rfind(",") > digits.rfind(".")
        digits = digits.replace("." if is_comma_last else ",", "")
    elif re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+", digits):
        digits = digits.replace(",", "")
    elif digits.count(",") > 1 or digits.count(".") > 1:
        digits = digits.replace(",", "").replace(".", "")
    return float(digits.replace(",", "."))


def to_metric(text: str, factor: float) -> float:
    """Convert to metres or square metres, rounded to the three decimals that `explain` writes."""
    return min(round(parse_number(text) * factor, 3), MAX_VALUE)


def ambiguous_numbers(text: str) -> tuple[str, ...]:
    """Return a sentence for each size whose point may be a thousands mark.

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    return tuple(
        f"'{size.written}' may be {size.thousands} or {size.decimal}: write one of them."
        for size in ambiguous_sizes(text)
    )


@dataclass(frozen=True)
class AmbiguousSize:
    """A size whose point may be a thousands mark, and its two meanings, with their unit."""

    written: str
    thousands: str
    decimal: str


def ambiguous_sizes(text: str) -> tuple[AmbiguousSize, ...]:
    """Return the sizes whose point may be a thousands mark.

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    found = [
        AmbiguousSize(
            f"{number} {unit}", f"{number.replace('.', '')} {unit}", f"{float(number):g} {unit}"
        )
        for number, unit in _AMBIGUOUS_SIZE.findall(text)
    ]
    return tuple(dict.fromkeys(found))


def _parse_fraction(text: str) -> float:
    """Return the value of "half a", "a tenth of a", "three quarters of an" or "a"."""
    *count, part = re.sub(r" ?(?:of )?an?$", "", text).split(" ")
    times = _WORDS.get(count[0], 1) if count else 1
    return times * _PARTS.get(part.removesuffix("s"), 1.0)


def _parse_words(text: str) -> int:
    value = 0
    for word in text.replace("-", " ").split():
        if word in _SCALES:
            value = max(value, 1) * _SCALES[word]
        else:
            value += 0 if word == "a" else _WORDS[word]
    return value
