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
_POSSIBLE = re.compile(
    r"^(?:(?:is|was|would|will) it (?:be )?possible(?: for (?:you|me|us))?|are you able|am i able"
    r"|do you have a way|is there a(?:ny)? way) to "
    r"(?=(?:see|show|find|get|map|have|view|mark|list|highlight|identify|detect|display|count)\b)"
)
"""Asks for a map, not for yes or no: "is it possible to see felled trees?"."""
_OR_NOT = re.compile(
    r"(?P<asks>^(?:is|are|was|were|did|do|does|has|have|(?:please )?(?:tell me|say|check|see)"
    r" (?:if|whether)|whether)\b.*?)(?:,? or not|,? (?:yes or no|y/n))[ ?.!]*$"
)
_SO_THAT = re.compile(
    r",? so (?:that )?(?:i|we|they|you|(?:my|our|the) [a-z]+|[a-z]+(?:ers|ors|ists))"
    r" (?:can|could|may|might|will|would) (?!(?:be|build|put|lay|make room)\b)[^,;.?!]*[ ?.!]*$"
)
_COLOURED = re.compile(
    r"\b(?P<order>highlight|mark|show|draw|outline|colou?r|paint|display|shade)(?P<me> me| us)?"
    r" in (?:bright )?(?:red|blue|green|yellow|orange|pink|purple|black|white|colou?r)(?= )"
)
_THANKS = re.compile(
    r"(?:,? (?:pls|plz|please|thx|tx|thanks|thank you|ty|cheers|ta)"
    r"(?: (?:very much|so much|a lot|in advance))?)+[ .!]*$"
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
    plain = _COLOURED.sub(r"\g<order>\g<me>", _OR_NOT.sub(r"\g<asks>", plain))
    for pattern in (
        _SO_THAT,
        _OPENING,
        _CORRECTION,
        _FALSE_START,
        _PURPOSE,
        _POSSIBLE,
        _THANKS,
        _HERE,
    ):
        plain = pattern.sub("", plain)
    return plain if any(character.isalpha() for character in plain) else text
