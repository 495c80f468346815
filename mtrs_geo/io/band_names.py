"""Recognise red, green and blue in the descriptions of bands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

__all__ = ["Bands", "Colour", "bands_by_description", "colour_of", "is_code", "is_generic"]

Colour: TypeAlias = Literal["red", "green", "blue", "other"]
Bands: TypeAlias = tuple[int, int, int]

_COLOURS: dict[str, Colour] = {
    "red": "red", "r": "red", "rouge": "red", "rot": "red", "rojo": "red",
    "green": "green", "g": "green", "vert": "green", "gruen": "green", "grün": "green",
    "verde": "green", "blue": "blue", "b": "blue", "bleu": "blue", "blau": "blue", "azul": "blue",
}  # fmt: skip
_OTHERS = {
    "nir", "infrared", "infra", "ir", "edge", "rededge", "re", "coastal",
    "aerosol", "yellow", "pan", "panchromatic", "swir", "mir", "tir", "thermal",
    "cirrus", "vapour", "vapor", "ndvi", "i", "n", "std", "stddev", "stdev", "variance", "count",
    "qa",
}  # fmt: skip
"""Words of bands that are not red, green or blue, also beside one of these colours."""
_GENERIC = re.compile(r"(?:band|layer|channel|bande|kanal)?[ _#:-]*\d*(?: *\(gray\))?", re.I)
_WAVELENGTH = re.compile(
    r"(?<![\d.])((?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?)"
    r"\s*(nm|nanomet\w*|µm|μm|um|micromet\w*)\b",
    re.I,
)
_BARE_WAVELENGTH = re.compile(
    r"0?\.[4-9]\d{1,5}|[12]\.\d{2,6}|[4-9]\d\d(?:\.\d*)?|[4-9](?:\.\d+)?e(?:-0?1|\+?0?2)", re.I
)
"""A description that is a number alone, in micrometres or nm, as in the headers of ENVI."""
_RANGES_NM: dict[Colour, tuple[float, float, float]] = {
    "red": (610.0, 700.0, 660.0),
    "green": (520.0, 600.0, 560.0),
    "blue": (450.0, 520.0, 485.0),
}
"""Lowest, highest and best central wavelength."""
_CODE = re.compile(
    r"(?:^|[^a-z\d])(?P<landsat>sr_)?b_?0*(?P<number>\d{1,2})(?![\da-z])", re.IGNORECASE
)
_EARLY_LANDSAT = re.compile(r"(?<![a-z])L[ET]0?[457]|LANDSAT[ _-]?[457]", re.I)
_LATE_LANDSAT = re.compile(r"(?<![a-z])L[CO]0?[89]|LANDSAT[ _-]?[89]", re.I)


def is_generic(description: str | None) -> bool:
    """Return whether a description has no more than a number, such as ``Band 1``."""
    return _GENERIC.fullmatch((description or "").strip()) is not None


def is_code(description: str) -> bool:
    """Return whether a description has a code such as B4, B04 or SR_B4."""
    return _CODE.search(description) is not None


def colour_of(description: str | None) -> Colour | None:
    """Return the colour that a description names by a word or a wavelength; None if none.

    ``Red edge``, ``coastal blue`` and ``green I`` are other colours.
    """
    text = (description or "").strip().lower()
    words = re.findall(r"[a-zµμü]+\d*", text)
    if any(word in _OTHERS or word.rstrip("0123456789") in _OTHERS for word in words):
        return "other"
    long = {_COLOURS[word] for word in words if len(word) > 1 and word in _COLOURS}
    if len(long) == 1:
        return long.pop()
    if long:
        return None
    if text in _COLOURS:
        return _COLOURS[text]
    wavelength = wavelength_nm(text)
    if wavelength is None:
        return None
    for colour, (low, high, _) in _RANGES_NM.items():
        if low <= wavelength < high:
            return colour
    return "other"


def wavelength_nm(text: str) -> float | None:
    """Return the wavelength that a text names, in nm."""
    bare = _BARE_WAVELENGTH.fullmatch(text.strip())
    if bare is not None:
        number = float(bare[0])
        return number * 1000 if number < 100 else number
    match = _WAVELENGTH.search(text)
    if match is None:
        return None
    value, unit = float(match[1]), match[2].lower()
    return value if unit.startswith("n") else value * 1000


def bands_by_description(
    descriptions: Sequence[str | None], product: str
) -> tuple[Bands, bool] | None:
    """Return the numbers of red, green and blue, and whether they are a guess; None if unknown.

    Args:
        descriptions: of each band, with its wavelength where tags have one.
        product: file name and tags, which can name the satellite.
    """
    texts = [(text or "").strip() for text in descriptions]
    by_colour = _unique([colour_of(text) for text in texts])
    if by_colour is not None:
        return by_colour, False
    by_wavelength = _nearest(texts)
    if by_wavelength is not None:
        return by_wavelength, False
    return _by_code(texts, product)


def _unique(colours: Sequence[Colour | None]) -> Bands | None:
    found = [
        [i for i, c in enumerate(colours, 1) if c == name] for name in ("red", "green", "blue")
    ]
    if any(len(numbers) != 1 for numbers in found):
        return None
    (red,), (green,), (blue,) = found
    return red, green, blue


def _nearest(texts: Sequence[str]) -> Bands | None:
    """Return the bands with the best wavelengths, as for a hyperspectral raster."""
    waves = {number: wave for number, text in enumerate(texts, 1) if (wave := wavelength_nm(text))}
    chosen = []
    for low, high, best in _RANGES_NM.values():
        near = [number for number, wave in waves.items() if low <= wave < high]
        if not near:
            return None
        chosen.append(min(near, key=lambda number: abs(waves[number] - best)))
    red, green, blue = chosen
    return red, green, blue


def _by_code(texts: Sequence[str], product: str) -> tuple[Bands, bool] | None:
    """Return the bands by codes such as B4, B04 and SR_B4."""
    codes: dict[int, int] = {}
    is_landsat = False
    for position, text in enumerate(texts, 1):
        match = _CODE.search(text)
        if match is None:
            continue
        if int(match["number"]) in codes:
            return None
        codes[int(match["number"])] = position
        is_landsat |= match["landsat"] is not None
    if {0, 1, 2} <= set(codes) and 4 not in codes:  # Pleiades and SPOT: blue, green, red, infrared
        return (codes[2], codes[1], codes[0]), True
    early, is_guess = _is_early_landsat(codes, texts, product, is_landsat=is_landsat)
    red, green, blue = (3, 2, 1) if early else (4, 3, 2)
    if any(code not in codes for code in (red, green, blue)):
        return None
    return (codes[red], codes[green], codes[blue]), is_guess


def _is_early_landsat(
    codes: Mapping[int, int], texts: Sequence[str], product: str, *, is_landsat: bool
) -> tuple[bool, bool]:
    """Return whether red, green and blue are B3, B2 and B1, and whether that is a guess.

    Landsat 4, 5 and 7 count from blue.  Landsat 8 and 9 have a coastal band before it, as
    Sentinel-2 has.
    """
    if _EARLY_LANDSAT.search(product) or any("ST_B6" in text.upper() for text in texts):
        return True, False
    if _LATE_LANDSAT.search(product) or any("ST_B10" in text.upper() for text in texts):
        return False, False
    if not {1, 2, 3} <= set(codes):
        return False, False
    if 4 not in codes:
        return True, not is_landsat
    if {5, 7} <= set(codes) and 6 not in codes:
        return True, False
    # B1 to B4 alone are blue to infrared of Landsat 5, or the first four of Landsat 8.
    return max(codes) == 4, max(codes) in {4, 5}
