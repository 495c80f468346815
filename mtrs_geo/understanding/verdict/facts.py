"""Find sentences that ask for people, dates, prices, kinds or qualities that no image shows."""

from __future__ import annotations

import re

from mtrs_geo.understanding.lexicon import english

__all__ = ["asks_for_fact", "unanswered_fact"]

_POLITE = (
    r"(?:(?:please|kindly|so|and|hey|but|now|well|show|find|list|give|tell|get|me|us|the|an?|all"
    r"|names?|list|address(?:es)?|contacts?|details|of|,) )*"
)
_MAKERS = (
    r"(?:(?:sub)?contractors?|architects?|developers?|builders?|compan(?:y|ies)|firms?|consultants?"
    r"|engineers?|surveyors?|suppliers?|investors?|designers?|agenc(?:y|ies)|departments?"
    r"|authorit(?:y|ies)|ministr(?:y|ies)|planners?)"
)
_OWNERS = (
    r"(?:(?:land|home|house|property)?owners?|(?:land)?lords?|landholders?|proprietors?|tenants?"
    r"|occupants?|occupiers?|inhabitants|residents|lessees?|sellers?|buyers?)"
)
_WHO = (
    r"(?:people|persons?|(?:land|home|house|property)?owners|landholders|tenants|occupants|residents"
    r"|inhabitants|villagers|farmers|families|households|citizens|squatters|workers|neighbou?rs)"
)
_DATES = (
    r"(?:hand-?over|completion|opening|inauguration|start|delivery|inspection|possession|launch"
    r"|commissioning|tender|expiry|due|construction|demolition)"
)
_NUMBERS = (
    r"(?:survey|plot|door|house|parcel|khasra|gat|registration|phone|permit|contract|tender|file"
    r"|account|serial|reference|invoice|licen[cs]e)"
)
_FIGURES = (
    r"(?:costs?|prices?|budgets?|rents?|ages?|heights?|depths?|colou?rs?|materials?|purposes?"
    r"|reasons?|causes?|capacit(?:y|ies)|populations?|names?|owners?|addresses|address)"
)
_KINDS = r"(?:kinds?|sorts?|types?|species|breeds?|variet(?:y|ies)|makes?)"
_ANY_GROUND = (
    r"(?:land|ground|terrain|surface|cover|areas?|changes?|things?|places?|sites?|objects?|features?"
    r"|differences?|use)"
)
_ASKED = re.compile(
    rf"^{_POLITE}(?:"
    # "Landowner of the demolished mill", "contractor for the new bridge".
    rf"(?:{_MAKERS}|{_OWNERS}) (?:of|for|behind|responsible for|in charge of) "
    # "Which company built the new flats?".
    rf"|(?:which|what) {_MAKERS} (?!(?:sites?|buildings?|yards?|offices?|houses?)\b)"
    rf"|{_DATES} dates?(?= of\b(?! (?:the )?images?)| for\b|,|$)"
    rf"|{_NUMBERS} (?:numbers?|nos?)(?: of\b| for\b)|{_FIGURES} of "
    # "What kind of pine was planted?"; "what kind of land" is ground.
    rf"|(?:what|which) {_KINDS} of (?!(?:[a-z]+ )?{_ANY_GROUND}\b)"
    r")"
)
_KIND_OF_ALL = re.compile(
    rf"^{_POLITE}(?P<asked>(?:what|which) (?:kind|sort|type)s? of) "
    r"(?P<thing>(?:(?:new|old|demolished|removed|former) )?[a-z]+)"
)
"""Of a whole class: "what kind of buildings are new?", whose polygons are shown."""
_WIDE = frozenset({"trees", "crops"})
_THOSE_WHO = re.compile(
    rf"^{_POLITE}{_WHO} (?:who|that)(?: (?:have|had|has|were|got))? (?:lost|built|felled|cut"
    r"|planted|cleared|demolished|moved|sold|bought|gave|received|dug|drained|left|lived)\b"
)
"""People with what they did or lost, and no request behind it."""
_QUALITY = re.compile(
    r"\b(?:soils?|waters?|lakes?|rivers?|ponds?|wells?|lands?|ground|fields?) (?:(?:that|which|has"
    r"|have|had) )*(?:turn(?:ed|ing|s)?|bec[ao]m(?:e|es|ing)|went|gone|going|got|getting) "
    r"(?:(?:more|less|too|very|quite|rather) )*(?:saline|salty|acid(?:ic)?|alkaline|sour|toxic"
    r"|polluted|contaminated|fertile|infertile|brackish|stagnant|murky|foul|poisonous)\b"
)
"""What became of ground that still is there: "soil that turned saline"."""
_LATER = re.compile(
    r"\b(?:show|find|map|mark|list|see|where|which|what|want|need|ask\w*|say|said|tell|claim\w*"
    r"|report\w*|complain\w*)\b"
)
_SPEAKS = re.compile(
    r"\b(?:ask(?:s|ing|ed)?|wants?|needs?|wish(?:es)?|would like|claim(?:s|ed|ing)?|says?|said)\b"
)
"""Of people that ask for something themselves: "owners of the lots want to see new ponds"."""


def asks_for_fact(text: str) -> bool:
    """Return whether a sentence asks by whom, when, at what price or of which kind or quality.

    Args:
        text: a sentence in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    text = text.lstrip("-–—*•>#. ")
    asked = _ASKED.match(text)
    if asked and not _SPEAKS.search(text, asked.end()) and not _kind_of_all(text):
        return True
    if _QUALITY.search(text):
        return True
    who = _THOSE_WHO.match(text)
    return who is not None and _LATER.search(text, who.end()) is None


def unanswered_fact(text: str) -> str:
    """Return the words that ask whose or of which kind the things of a change are, else "".

    The polygons are shown, and these words have no answer.

    Args:
        text: a sentence in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    return "whose" if text.startswith("whose ") else _kind_of_all(text)


def _kind_of_all(text: str) -> str:
    """Return "what kind of" before a noun as wide as "buildings" or "trees", else ""."""
    match = _KIND_OF_ALL.match(text)
    if match is None:
        return ""
    thing = english().segments(match["thing"])[-1]
    is_general = thing.is_one_of("kind:general") or thing.text in _WIDE
    return match["asked"] if thing.land_cover and is_general else ""
