"""Drop what speech adds to a sentence: fillers, false starts, why and for whom one asks."""

from __future__ import annotations

import re

__all__ = ["without_speech"]

_FILLER = re.compile(
    r"(?<![\w'-])(?:u+m+|u+h+m*|e+r+m*|h+m+|a+h+|oh|eh|you know|kind ?of like|sort ?of like"
    r"|i mean to say|if you (?:will|like|please|would)|so to speak|as it were)(?![\w'-])[,.]*"
)
_CORRECTION = re.compile(
    r"^(?:(?!and\b)[^,]){1,60}?(?:,|\.{2,}|…| -+| –)? ?\b(?:i mean|i meant|no wait|wait no"
    r"|no sorry|sorry,? no|scratch that|strike that|correction|make that|or rather)\b[,:]? "
    r"(?!the (?:new|old|big|small)\b)(?=\w)"
)
_FALSE_START = re.compile(
    r"^[^.…]{1,60}?(?:\.{2,}|…) ?(?:no|nope|well|wait|sorry|rather|just|ignore (?:that|those))[, ]+"
    r"(?=\w)"
)
_PURPOSE = re.compile(
    r"^(?:for|as part of|in) (?:my|our|a|an|the|this|his|her) (?:[a-z'-]+ ){0,2}?"
    r"(?:thesis|dissertation|essay|report|paper|article|story|book|project|homework|class|course"
    r"|claim|client|customer|boss|meeting|presentation|exhibition|inventory|register|survey|map"
    r"|study|audit|application|permit|case|file|files|records?|hearing|lecture|seminar|blog|column"
    r"|inspection|appraisal|valuation|assessment|newsletter|magazine|newspaper),? (?=\w+ \w+)"
)
_OPENING = re.compile(
    r"^(?:(?:okay|ok|alright|all right|right|so|now|well|hey|hi|hello|yo|yeah|yes|and|then|also"
    r"|next|please|just)[, ]+)+(?=(?:can|could|would|will|show|find|tell|let|mark|map|give|get|i"
    r"|we|what|which|where|how|is|are|was|were|did|do|does|has|have|the|all|any|please)\b)"
)
_HERE = re.compile(r",? \b(?:near|nearby|around|round|close to|next to|by) here\b")
"""The place that is shown, which no layer needs to tell."""

_WITHOUT_APOSTROPHE = re.compile(
    r"\b(was|were|is|are|do|does|did|has|have|had|ca|wo|could|would|should)n[ ’`´]?t\b(?!')"
)


def without_speech(text: str) -> str:
    """Return a sentence without fillers, false starts and purposes.

    "Um tents, no wait, huts that were put up" becomes "huts that were put up".

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    plain = " ".join(_FILLER.sub("", _WITHOUT_APOSTROPHE.sub(r"\1n't", text)).split())
    for pattern in (_OPENING, _CORRECTION, _FALSE_START, _PURPOSE, _HERE):
        plain = pattern.sub("", plain)
    return plain if any(character.isalpha() for character in plain) else text
