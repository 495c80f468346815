"""Write things that became larger or smaller as things that grew or shrank.

"How much larger has the lake become" is "how much has the lake expanded", and "did the airport get
a longer runway" asks for a new runway, as what is new of it came.  Wider roads and larger houses
stay as they are: they are altered, and no new ones.  Depth and height are not seen.
"""

from __future__ import annotations

import re

from mtrs_geo.understanding.lexicon import english

__all__ = ["write_growth"]

_LARGER = r"(?:bigger|larger|greater|wider|broader|longer|more (?:big|large|great|wide|broad|long))"
_SMALLER = (
    r"(?:smaller|tinier|narrower|shorter|more (?:small|tiny|narrow|short)"
    r"|less (?:big|large|wide|broad|long))"
)
_COMPARED = rf"(?:(?P<larger>{_LARGER})|(?P<smaller>{_SMALLER}))"
_ACROSS = re.compile(r"wide|broad|narrow")
_LENGTHWISE = re.compile(r"wide|broad|narrow|long|short")
"""Measures of a line, which no area answers."""
_DEGREE = r"(?:(?:much|far|a lot|a bit|slightly|even|any|so|considerably|noticeably|visibly) )*"
_BECAME = r"(?:become|becomes|became|becoming|get|gets|got|gotten|getting|grown|grew)"
_END = (
    r"(?=$|[ ]*[,;.:?!]| (?:in|at|on|near|by|along|since|between|before|after|during|over|through"
    r"|now|today|as|than|and|where|with|within)\b)"
)
_WITHOUT_THAN = rf"(?! than\b){_END}"
_SETTLEMENT = re.compile(
    r"(?:village|town|cit(?:y|ie)|settlement|suburb|hamlet|estate|neighbou?rhood|slum|colon(?:y|ie)"
    r"|district|camp|township)s?$"
)
_HOW_MUCH = re.compile(
    rf"\b(?:by )?how much {_COMPARED} (?:has|have|had|did|does|do|is|are)"
    r" (?P<thing>(?:(?!(?:than|before|earlier|previously)\b)[a-z][a-z'-]* ?){1,6}?)"
    rf"(?: (?:{_BECAME}|been(?: made)?))?(?: (?:now|today))?"
    r"(?=$|[ ]*[,;.?!]|(?<! ) (?:since|between|in|over)\b)"
)
"""Without "was", which describes the earlier date: "how much larger was the lake before?"."""
_PREDICATE = re.compile(
    rf"\b(?P<became>{_BECAME})(?: itself| themselves)? {_DEGREE}{_COMPARED}{_WITHOUT_THAN}"
)
_GREW = re.compile(
    r"\b(?P<grew>grow|grows|grew|grown|growing)"
    r"(?=$|[ ]*[,;.:?!]| (?:since|between|before|after|during|by|towards?"
    r"|in (?:\d|the (?:north|south|east|west|last)))\b)"
)
_NARROWED = re.compile(rf"\b(?:narrowed|narrows|narrowing){_END}")
_GETS = (
    r"(?:(?:get|gets|got|gotten|getting|gain|gained|acquired?|received?"
    r"|(?:is|are|was|were|been|being) given)(?: itself| themselves| himself)?)"
)
_ITSELF = re.compile(r"\b(?P<gets>get|gets|got|gotten|getting) (?:itself|themselves|himself) ")
_ANOTHER = re.compile(
    rf"\b(?P<gets>{_GETS}) (?:(?:an?|one|the|any|some) )?"
    r"(?:another|second|third|further) (?=[a-z])"
)
_LONGER = re.compile(rf"\b(?P<gets>{_GETS}) an? {_DEGREE}{_LARGER} (?P<thing>[a-z-]+(?: [a-z-]+)?)")
_MEASURE = re.compile(rf"\b{_LARGER} ")
_ANY_MORE = re.compile(r"\bany more (?P<thing>(?!than\b)[a-z-]+(?: [a-z-]+)?)")
_MOST_BEFORE = 120
"""Characters in front of a word for a size among which its thing stands."""
_NEGATION = re.compile(r"\b(?:no|not|never|none|nobody|nothing|without|hardly|\w+n't)\b")


def write_growth(text: str) -> str:
    """Return a text in which what became larger expanded, and what became smaller shrank.

    Args:
        text: in lower case.
    """
    text = _ANY_MORE.sub(_more, _ITSELF.sub(r"\g<gets> ", text))
    text = _LONGER.sub(_new_part, _ANOTHER.sub(r"got a new ", text))
    text = _PREDICATE.sub(_size, _HOW_MUCH.sub(_by_how_much, text))
    return _NARROWED.sub(_shrank, _GREW.sub(_expanded, text))


def _before(match: re.Match[str]) -> str:
    """Return the words in front of a match, up to a length that keeps the time linear."""
    return match.string[max(0, match.start() - _MOST_BEFORE) : match.start()]


def _kind(text: str) -> tuple[str, str]:
    """Return the class of the last thing that a text names, and its noun."""
    for segment in reversed(english().segments(text)):
        if _SETTLEMENT.match(segment.text):
            return "building", segment.text
        if segment.land_cover:
            return segment.land_cover, segment.text
    return "", ""


def _grows(text: str, measure: str) -> bool:
    """Return whether the last thing of a text is new ground where it is larger.

    Args:
        text: in front of the word for its size.
        measure: that word.
    """
    kind, noun = _kind(text)
    if kind == "building":
        return _SETTLEMENT.search(noun) is not None
    return kind != "" and not (kind == "road" and _ACROSS.search(measure))


def _size(match: re.Match[str]) -> str:
    """Return "expanded" or "shrank" for "became larger" and "has become more small"."""
    before = _before(match)
    measure = match["larger"] or match["smaller"]
    if not _grows(before, measure):
        return match[0]
    is_base = re.search(r"\b(?:did|does|do|will|to)\b", before) is not None
    if match["larger"]:
        return "expand" if is_base else "expanded"
    if is_base:
        return "shrink"
    return "shrunk" if re.search(r"\b(?:has|have|had) ", before) else "shrank"


def _by_how_much(match: re.Match[str]) -> str:
    """Return "how much has the lake expanded"; a width keeps its word, as no area answers it."""
    measure = match["larger"] or match["smaller"]
    thing = match["thing"].strip()
    if not _grows(thing, measure):
        return match[0]
    verb = "expanded" if match["larger"] else "shrunk"
    asked = f"how much {measure}" if _LENGTHWISE.search(measure) else "how much"
    return f"{asked} has {thing} {verb}"


def _more(match: re.Match[str]) -> str:
    """Return "more sheds" for "any more sheds", which is no loss without a negation."""
    is_told = _NEGATION.search(_before(match)) is None
    kind, _ = _kind(match["thing"])
    return f"more {match['thing']}" if is_told and kind else match[0]


def _new_part(match: re.Match[str]) -> str:
    """Return "got a new runway" for "got a longer runway"."""
    kind, _ = _kind(match["thing"])
    measure = _MEASURE.search(match[0])
    is_new = kind not in ("", "building") and _grows(match["thing"], measure[0] if measure else "")
    return f"got a new {match['thing']}" if is_new else match[0]


def _expanded(match: re.Match[str]) -> str:
    """Return "expand" for "grow" behind ground on which nothing grows."""
    kind, _ = _kind(_before(match))
    if kind not in ("bare", "water", "road"):
        return match[0]
    ends = {"grow": "expand", "grows": "expands", "growing": "expanding"}
    return ends.get(match["grew"], "expanded")


def _shrank(match: re.Match[str]) -> str:
    """Return "shrunk" for "narrowed" behind water; a road that narrowed is altered."""
    kind, _ = _kind(_before(match))
    return "shrunk" if kind == "water" else match[0]
