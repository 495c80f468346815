"""Fonts of the preview: installed fonts that have the characters, or else their codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["Lettering", "lettering"]

_DEFAULT = "DejaVu Sans"
"""The font that comes with matplotlib: Latin, Greek, Cyrillic, Arabic letters, Hebrew."""
_PREFERRED = (
    "Noto Sans", "Source Han", "WenQuanYi", "Droid Sans Fallback", "Arial Unicode", "Microsoft",
    "MS Gothic", "Yu Gothic", "Malgun", "SimHei", "SimSun", "Hiragino", "PingFang", "Apple",
    "Heiti", "Takao", "IPA", "VL Gothic", "Nanum", "Baekmuk", "UnBatang", "FreeSans", "Unifont",
    "Lohit", "Nirmala", "Mangal", "Leelawadee", "Tahoma", "Arial", "Segoe UI",
)  # fmt: skip
"""Beginnings of the names of fonts with many characters, which are looked at first."""
_BOXES = ("Last Resort", "Adobe Blank", "Unicode BMP Fallback")
"""Fonts that draw a box for every character."""
_MOST_FONTS = 6


@dataclass(frozen=True)
class Lettering:
    """How texts are drawn."""

    families: tuple[str, ...]
    """Names of fonts; each character is drawn with the first one that has it."""
    missing: frozenset[str]
    r"""Characters that no installed font has; they are drawn as their codes, such as \u65b0."""

    def drawn(self, text: str) -> str:
        """Return a text with the codes of missing characters, on one line."""
        return "".join(_code(c) if c in self.missing else c for c in " ".join(text.split()))


def lettering(texts: Sequence[str]) -> Lettering:
    """Return the fonts that draw texts; fonts are searched only for unusual characters."""
    wanted = frozenset("".join(texts)) - set(" \t\n\r\v\f")
    missing = {c for c in wanted if not c.isprintable()} | (wanted - _characters(_DEFAULT))
    families = [_DEFAULT]
    for name in _installed() if any(c.isprintable() for c in missing) else ():
        found = {c for c in missing if c.isprintable()} & _characters(name)
        if found:
            families.append(name)
            missing -= found
        if not missing or len(families) >= _MOST_FONTS:
            break
    return Lettering(tuple(families), frozenset(missing))


def _code(character: str) -> str:
    return character.encode("unicode_escape").decode()


@lru_cache(maxsize=1)
def _installed() -> dict[str, str]:
    """Return name and file of the installed fonts, those with many characters first."""
    from matplotlib.font_manager import fontManager

    files = {
        font.name: font.fname
        for font in fontManager.ttflist
        if font.style == "normal" and not font.name.startswith(_BOXES)
    }
    last = len(_PREFERRED)

    def rank(name: str) -> tuple[int, str]:
        ranks = (i for i, start in enumerate(_PREFERRED) if name.startswith(start))
        return next(ranks, last), name

    return {name: files[name] for name in sorted(files, key=rank)}


@lru_cache(maxsize=256)
def _characters(name: str) -> frozenset[str]:
    """Return the characters of a font; none if it cannot be used."""
    from matplotlib.font_manager import get_font

    try:
        return frozenset(map(chr, get_font(_installed()[name]).get_charmap()))
    except (KeyError, ValueError, RuntimeError, OSError):  # such as a font of coloured bitmaps
        return frozenset()
