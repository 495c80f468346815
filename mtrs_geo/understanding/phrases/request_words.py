"""Words of requests, and what a request or a story names: its thing and the class of ground."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mtrs_geo.query.grammar import split_sentence
from mtrs_geo.query.wishes.words import thing_words, way_of
from mtrs_geo.understanding.lexicon import english

__all__ = [
    "ONES",
    "ORDER",
    "OTHER_TOPIC",
    "POLITE",
    "PRONOUN",
    "REQUEST",
    "STARTS_REQUEST",
    "WANT",
    "WE",
    "WISH",
    "Asked",
    "has_condition",
    "head_of",
    "is_wish",
    "kind_of",
    "prompt_of",
    "thing_told",
]

POLITE = r"(?:please |just |only |now |then |so |but |and |kindly |rather |instead |therefore )*"
ORDER = (
    r"(?:show|find|map|mark|list|detect|highlight|outline|give|display|tell|locate|draw|identify)\b"
    r"(?! (?:up|way)\b)(?: (?:me|us)\b)?"
)
WISH = (
    r"(?:(?:only|just|really|now|still|would|am|are) ){0,3}"
    r"(?:want|need|(?:(?<=would )|(?<='d ))like|interested in|looking for"
    r"|(?:(?<=am )|(?<=are )|(?<='m )|(?<='re ))after)\b(?: to (?:see|know|find|have|get)\b)?"
)
WE = r"(?:i|we)(?:'m|'d|'re)? "
WANT = rf"(?:{WE})?{WISH}"
OTHER_TOPIC = (
    r"(?:this (?:one|time|report|request|survey|map)|now it|here it|today) is (?:about|on|for)\b"
)
_ASKS = (
    r"(?:where|which|what|how many|how much)\b(?! else\b)"
    r"|(?:are|is|were|was) there\b|(?:is|are|was|were) (?:it|they)\b"
)
REQUEST = rf"(?:{POLITE}(?:{ORDER}|{WANT}|{OTHER_TOPIC})|(?:so |and |but )?(?:{_ASKS}))"
STARTS_REQUEST = re.compile(REQUEST)
PRONOUN = re.compile(r"\b(?:it|they|them)\b(?! is about)")
ONES = re.compile(r"\b(?:ones?)\b(?! is (?:about|on|for)\b)")
_PLACE = re.compile(
    r"\b(?:at|under|on|in|near|by|along|behind|to|into|from|through|across|down|over|beside"
    r"|between|around|within|inside|outside|with|for|than)\b.*"
)


@dataclass(frozen=True)
class Asked:
    """What a text asks for."""

    text: str
    """The request, with its thing."""
    background: str = ""
    """Part of the text that is no request and has no effect."""
    lost: str = ""
    """What the request may depend on and no rule expresses: place or time in the background."""


def thing_told(story: str) -> str:
    """Return the thing of a story, if it names one."""
    things = list[str]()
    for piece in re.split(r"[.;:,!?] ?| and ", story):
        prompt = head_of(piece)
        words = thing_words(prompt, is_strict=True)
        named = [s for s in english().segments(words) if s.land_cover]
        if f" {words} " in f" {prompt} " and len(named) == 1:
            things.append(words)
        elif len({s.land_cover for s in named}) == 1:
            things.append(named[-1].text)
    return things[0] if len(dict.fromkeys(things)) == 1 else ""


def head_of(text: str) -> str:
    """Return the words of a text up to its first preposition, which name its thing."""
    return _PLACE.sub("", prompt_of(text))


def kind_of(prompt: str) -> str:
    """Return the class of ground that a text names, "several" of more, or an empty text."""
    kinds = {s.land_cover for s in english().segments(prompt) if s.land_cover}
    return "several" if len(kinds) > 1 else "".join(kinds)


def is_wish(text: str) -> bool:
    """Return whether a text names a thing and which way it changed."""
    prompt = prompt_of(text)
    return bool(thing_words(prompt, is_strict=True)) and way_of(prompt) != "changed"


def has_condition(text: str) -> bool:
    """Return whether a text has a rule or a time."""
    parts = split_sentence(text)
    return bool(parts.rules or parts.times)


def prompt_of(text: str) -> str:
    """Return a text without rules, times and the words of a request."""
    return STARTS_REQUEST.sub("", split_sentence(text).prompt, count=1)
