"""Numbers and units in the conventions of a language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mtrs_geo.understanding.translation.phrase_table import Phrase

__all__ = ["Quantity", "parse_number", "quantities"]

_AREA_UNITS = ("m²", "ha", "km²")
_LEAST_UNIT = 4
"""Least letters of a unit that may stand without a number: the Spanish "ha" is a verb, too."""
_DIGITS = re.compile(r"\d[\d.,'’٬٫/⁄ \u00a0\u202f]*")


@dataclass(frozen=True)
class Quantity:
    """A number with its unit at ``start`` to ``end`` of the phrases; no unit is an empty text.

    ``number`` is None where the digits can be read in two ways, such as "1,500" in German.
    """

    number: float | None
    unit: str
    start: int
    end: int

    @property
    def is_area(self) -> bool:
        """Whether the unit is one of area."""
        return self.unit in _AREA_UNITS

    @property
    def is_year(self) -> bool:
        """Whether the number without a unit is a year."""
        return not self.unit and self.number is not None and 1900 <= self.number < 2100

    @property
    def text(self) -> str:
        """The quantity in English, such as "1000 m²"."""
        return f"{self.number or 0:.6f}".rstrip("0").rstrip(".") + (self.unit and f" {self.unit}")


def parse_number(digits: str, decimal: str) -> float | None:
    """Read a number in the convention of a language.

    Args:
        digits: digits with separators, such as "1.000,5".
        decimal: decimal mark of the language, "," or ".".

    Returns:
        The number; None if the digits can be read in two ways.
    """
    plain = digits.replace("٬", "").replace("٫", ".") if "٫" in digits else digits
    plain = re.sub(r"['’٬ \u00a0\u202f]", "", plain)
    if "٫" in digits:
        return float(plain)
    group = "." if decimal == "," else ","
    if re.fullmatch(rf"\d{{1,3}}(?:\{group}\d{{2,3}})*\{group}\d{{3}}(?:\{decimal}\d+)?", plain):
        return float(plain.replace(group, "").replace(decimal, "."))
    if re.fullmatch(rf"[1-9]\d{{0,2}}\{decimal}\d{{3}}", plain):
        return None
    if re.fullmatch(rf"\d+(?:[{decimal}{group}]\d+)?", plain):
        return float(plain.replace(",", "."))
    return None


def quantities(phrases: Sequence[Phrase], decimal: str) -> list[Quantity]:
    """Return the numbers of a sentence with the units that follow them."""
    found: list[Quantity] = []
    for i, phrase in enumerate(phrases):
        word = phrase.entry("numbers")
        if word is None and not _DIGITS.fullmatch(phrase.text):
            if _is_one(phrases, i) and not (found and found[-1].end > i):
                found.append(Quantity(1, phrase.entry("units") or "", i, i + 1))
            continue
        number = float(word) if word else parse_number(phrase.text, decimal)
        end = i + 1
        if end < len(phrases) and phrases[end].has("factors"):
            number = number and number * float(phrases[end].entry("factors") or 1)
            end += 1
        start, unit = i, phrases[end].entry("units") if end < len(phrases) else None
        end += unit is not None
        if unit is None and i and not (found and found[-1].end == i):
            unit = phrases[i - 1].entry("units")  # "Mita 50" in Swahili.
            start -= unit is not None
        if unit is None and word and not _counts(phrases, i):
            continue
        found.append(Quantity(number, unit or "", start, end))
    return found


def _is_one(phrases: Sequence[Phrase], i: int) -> bool:
    """Return whether a unit without a number is compared with: "mehr als ein Hektar"."""
    following = phrases[i + 1 : i + 2]
    is_number = any(p.text[0].isdigit() or p.has("numbers") for p in following)
    if not phrases[i].has("units") or len(phrases[i].text) < _LEAST_UNIT or is_number:
        return False
    if any(p.has("sizes_after", "more", "less") for p in following):
        return True
    for phrase in reversed(phrases[max(0, i - 2) : i]):
        if phrase.has("sizes"):
            return True
        if not phrase.has("words", "function"):
            return False
    return False


def _counts(phrases: Sequence[Phrase], i: int) -> bool:
    """Return whether a number word stands beside a rank or a word for years."""
    beside = (*phrases[max(0, i - 3) : i], *phrases[i + 1 : i + 4])
    return any(p.has("ranks") or p.has("times", "last", "years") for p in beside)
