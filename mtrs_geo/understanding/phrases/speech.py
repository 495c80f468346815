"""Drop what speech adds to a sentence: fillers, false starts, why and for whom one asks."""

from __future__ import annotations

import re

from mtrs_geo.query.direction import direction_of
from mtrs_geo.understanding.lexicon import english

__all__ = ["without_speaker", "without_speech", "write_helped"]

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
    r" (?:cannot|(?:can|could|may|might|will|would)(?: not|n't)?)"
    r" (?!(?:be|build|put|lay|make room)\b)[^,;.?!]*[ ?.!]*$"
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
_TAG = re.compile(
    r"(?<=\w), (?:is|was|are|were|do|does|did|has|have|had)(?:n't (?:it|they|there|that)"
    r"| (?:it|they|there) not)(?=[,;:.?!]|$)"
)
"""Asks for assent: "there's a new pool, isn't there?"."""
_THANKFUL = re.compile(
    r"^(?:i|we)(?: should| would|'d) (?:be )?(?:(?:very|most|so|really|much) )*(?:grateful|glad"
    r"|pleased|obliged|thankful|happy|delighted|appreciate)(?: it)? (?:to (?:see|have|get|receive)"
    r"|if you (?:could|would|can)(?: please)?|for)"
    r"(?: (?:an?|the|some) (?:plan|map|list|copy|overview|sketch|picture|layer) (?:of|with"
    r"|showing))? (?=\w)"
)
_FORGOT = re.compile(
    r"^(?:i|we) (?:can't|cannot|could not|couldn't|don't|do not|didn't) (?:(?:quite|really"
    r"|exactly) )?(?:remember|recall|know|see|tell|find out) (?=(?:which|what|where) )"
)
"""Before an indirect question: "I can't remember where the trees were cut down"."""
_PERSON = (
    r"(?:teachers?|professor|lecturer|boss|manager|supervisor|clients?|customers?|colleagues?"
    r"|friends?|neighbou?rs?|landlord|tenants?|uncle|aunt|father|mother|dad|mum|mom|wife|husband"
    r"|brother|sister|mayor|farmers?|council(?:lors?)?|officers?|rangers?|residents?|villagers"
    r"|locals|people|someone|somebody|everybody|everyone)"
)
_SAYS = re.compile(
    rf"^(?:(?:(?:my|our|the|his|her|their|a|one|some) )?(?:[a-z]+ )?{_PERSON}"
    r" (?:(?:has|have|had|now|always) )?(?:says?|said|thinks?|thought|believes?|claim(?:s|ed)?"
    r"|swears?|swore|insists?|tells? (?:me|us)|told (?:me|us)|complain(?:s|ed|ing)?)"
    r"|(?:i|we)(?:'ve| have| had)?(?: just)? (?:had|got|received|heard)"
    r" (?:(?:some|many|a few|several|lots of|more) )?(?:letters?|complaints?|calls?|reports?"
    r"|e-?mails?|messages?|rumou?rs))(?: (?:that|about|of|on|regarding))? "
    r"(?=(?P<told>[^,;.:?!]{4,200}))"
)
"""Who says, or complains about, what has changed: "my teacher says half the park is gone"."""
_NOT_SURE = re.compile(r"\b(?:not|no|never|nobody|none|nothing|will|should|might|always|\w+n't)\b")
_NO_MATTER = re.compile(
    r",? (?:and )?(?:(?:it|that) )?(?:does not|doesn't|do not|don't) matter (?:if|whether|which"
    r"|what|how|where|when|why|who)\b[^,;.:?!]*"
    r"|,? however (?:few|many|small|big|large|little|tiny|old) (?:they|it|these|those) "
    r"(?:are|is|may be|might be)\b"
)
_EITHER_WAY = re.compile(
    r", (?P<word>[a-z]+) or (?:not|un(?P=word))(?: (?P=word))?(?P<end>,|(?=[ .?!]*$))"
)
"""Both kinds are wanted: "estates, gated or not, built after 2015"."""
_MUST_HAVE = re.compile(
    r"\bmust have (?=been [a-z]+(?:ed|en|wn|lt|nt|ug|ut|id|ade)\b"
    r"|(?:gone|vanished|disappeared|come|grown|fallen|burnt|burned|died)\b)"
)
"""Concludes that something happened, and no duty: "the pond must have been dug"."""
_WITHOUT_APOSTROPHE = re.compile(
    r"\b(was|were|is|are|do|does|did|has|have|had|ca|wo|could|would|should)n[ ’`´]?t\b(?!')"
)
_HELPED = re.compile(
    r"\bhelped (?:(?:us|me|them|him|her) )?(?:to )?"
    r"(?P<verb>plant|build|lay|dig|sow|pave|erect|put up|set up|raise)\b"
)
_PAST = {"build": "built", "lay": "laid", "dig": "dug", "put up": "put up", "set up": "set up"}
_MADE = re.compile(
    r"^(?P<what>(?:[a-z]+ ){0,4}?what(?: has| have| had)?) made (?=(?:the|my|our|all|these|those"
    r"|this|so many) [a-z-]+ [a-z])"
)
"""Asks for a cause: "what made the lake dry up?"."""
_ACTIVITY = re.compile(
    r"(?P<before>^|\b(?:all|any|every|each|the|some|of|show|find|map|list|me|mark|recent) )"
    r"activit(?:y|ies)\b(?: on (?:the )?(?:ground|site|land|plot|surface))?"
    r"(?=$|[,;:.?!]| (?:in|on|since|after|before|between|from|during|until|near|along|within|by)\b)"
)
_TO_STRIKE = re.compile(
    r"\b(?:everything|what(?:ever)?|all(?: those)?|anything|those|things)(?: that| which)?"
    r" (?:we|i|they)(?:'ll| will)? (?:(?:now|still|then) )?(?:have to|need to|must|can|should"
    r"|ought to|want to|will) (?:drop|remove|delete|strike|erase|take|clear|cross)(?: out| off)?"
    r" (?:from|off|of|out of) (?:the|our|my) (?P<kind>[a-z]+) (?:layer|map|register|cadastre"
    r"|data ?base|list|records?|plan|inventory|file|data ?set|data),?(?: (?:because|since|as))?"
    r" (?:it|they|that|which|these|those) (?=(?:was|were|has been|have been|is|are|got)\b)"
)
"""What an office does with what is gone: "all we have to drop from the building layer"."""


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
        _TAG,
        _NO_MATTER,
        _THANKFUL,
        _FORGOT,
        _CORRECTION,
        _FALSE_START,
        _PURPOSE,
        _POSSIBLE,
        _THANKS,
        _HERE,
    ):
        plain = pattern.sub("", plain)
    plain = without_speaker(_EITHER_WAY.sub(_without_both, plain))
    plain = _MUST_HAVE.sub("have ", plain)
    plain = _TO_STRIKE.sub(_struck, _ACTIVITY.sub(r"\g<before>changes", plain))
    plain = _MADE.sub(r"\g<what> caused ", write_helped(plain))
    return plain if any(character.isalpha() for character in plain) else text


def without_speaker(text: str) -> str:
    """Return a text without who says, or complains about, what has changed.

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    return _SAYS.sub(_told, text)


def write_helped(text: str) -> str:
    """Return a text with "planted" for "helped to plant".

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    return _HELPED.sub(lambda m: _PAST.get(m["verb"], f"{m['verb'].removesuffix('e')}ed"), text)


def _told(match: re.Match[str]) -> str:
    """Return "" for who says that something changed, and all words for other sayings."""
    is_change = direction_of(match["told"]) in ("appeared", "disappeared")
    return "" if is_change and not _NOT_SURE.search(match["told"]) else match[0]


def _without_both(match: re.Match[str]) -> str:
    """Return "" for "gated or not"; "demolished or not" says which change is wanted."""
    word = match["word"]
    is_told = direction_of(word) != "changed" or any(s.land_cover for s in english().segments(word))
    return match[0] if is_told else ""


def _struck(match: re.Match[str]) -> str:
    """Return "building that" for "everything we have to drop from the building layer …"."""
    is_ground = any(s.land_cover for s in english().segments(match["kind"]))
    return f"{match['kind']} that " if is_ground else match[0]
