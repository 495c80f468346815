"""Find changes that images may not show: what closed, opened, was abandoned or was renovated."""

from __future__ import annotations

import re

from mtrs_geo.understanding.reading import Sentence
from mtrs_geo.understanding.roles import is_change

__all__ = ["unseen_change"]

_USE = re.compile(
    r"(?:(?:newly|just|recently|now|long)[ -])?(?:re-?)?"
    r"(?:clos(?:ed?|es|ing|ures?)|shut(?:s|ting|ters)?|shuttered|open(?:ed|s|ing)?|abandon(?:ed|ing|ment)?"
    r"|vacated|deserted|disused|decommissioned|evacuated)(?: (?:down|up|lately|off|again))?"
)
_REPAIR = re.compile(
    r"(?:re-?(?:furbish|novat|roof|surfac|paint|pair|decorat|clad|insulat)|moderni[sz]|insulat)"
    r"(?:ed|e|es|ing|ations?|ions?|ments?|s)?|conversions|relocat(?:ed|ions?|ing)"
)
_DUG = frozenset({"bare", "water"})
"""Ground that opens when it is dug or uncovered: "a quarry opened"."""


def unseen_change(sentence: Sentence) -> str:
    """Return the only word of change, if it tells of use or repair, else "".

    "The school closed" says that it stands.  What is also new or gone is seen: "new shops opened".
    """
    words = [s.text for s in sentence.segments if is_change(s)]
    if not words or (sentence.before and sentence.after and sentence.before != sentence.after):
        return ""
    is_dug = sentence.after and _DUG.issuperset(sentence.after)
    if is_dug and any("open" in word for word in words):
        return ""
    is_unseen = all(_USE.fullmatch(word) or _REPAIR.fullmatch(word) for word in words)
    return words[0] if is_unseen else ""
