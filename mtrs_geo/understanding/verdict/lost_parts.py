"""Find parts of a sentence that no rule and no question takes: "the most", "on our land"."""

from __future__ import annotations

import re
from collections.abc import Collection

from mtrs_geo.query import ChangeQuery
from mtrs_geo.query.grammar import normalize
from mtrs_geo.query.rules import Except

__all__ = ["lost_part", "unclear_exceptions"]

_NO_THING = re.compile(
    r"(?:(?:the |any |all )?(?:those|these|ones?|that|which|what(?:ever)?|where|who|anything"
    r"|everything|things)\b(?! (?:changes?|(?:new|removed|demolished) [a-z]+s)$)"
    r"|(?:on|in|at|by|to|from|with|without|near|along|into|for|as)\b|(?:[a-z]+ed|built|cut|made|put)"
    r" (?:by|with|to|into|for|on|in|from|over|as|up)\b)"
)
"""Start of an exception that is no thing: "those with a blue roof", "replaced by buildings"."""

_UNIT = (
    r"(?:miles?|kilomet(?:re|er)s?|met(?:re|er)s?|yards?|feet|foot|steps?|paces|blocks?|fields?"
    r"|minutes?|hours?|streets?|houses?)"
)
_FEW = (
    r"(?:(?:half|a quarter of|a third of) an?|an?|(?:just |only )?a (?:few|couple of)|several|some"
    r"|one|two|three|four|five|six|ten|twenty|fifty|many)"
)
_OWNER = (
    r"(?:my|our|his|her|your|(?:(?:my|our|the|his|her|their|a) )?[a-z]+(?:'s|s')|council|private"
    r"|public|state|crown|church|common|communal|municipal|government|federal|tribal|leased|rented)"
)
_OWNED = (
    r"(?:land|propert(?:y|ies)|gardens?|yards?|streets?|roads?|lanes?|estates?|plots?|fields?|farms?"
    r"|farmland|parcels?|premises|grounds|holdings?|blocks?|woods?|woodland|forests?|allotments?"
    r"|driveway|paddock|orchard|street)"
)
_ONE_STREET = (
    r"(?:farmyards?|ring ?roads?|high street|main (?:road|street)|village green|bypass"
    r"|(?:market|town|village) square|(?:back|front) garden)"
)
_EXTENT = (
    r"(?:areas?|acreage|hectarage|sizes?|extents?|shares?|proportions?|percentages?|fractions?"
    r"|lengths?|numbers?|sum|total)"
)
_LOST = re.compile(
    # Ranks of places and amounts.
    r"\bthe (?:most|fewest|least)\b(?! (?:recent|of the (?:image|time)|north|south|east|west"
    r"|extensive|distant|remote|part))(?: [a-z-]+)?"
    r"|(?<!by )\b(?:highest|greatest|largest|lowest|smallest) (?:numbers?|amounts?|share|increase"
    r"|decrease|density|concentration|proportion|rates?) of\b"
    r"|\b(?:clusters?|densit(?:y|ies)|hot ?spots?|concentrations?|distribution|frequency|trends?"
    r"|ratio|heat ?maps?|rates?|speed) (?:of|in)\b|\b(?:density|cluster|hot ?spot|heat) maps?\b"
    r"|\b(?:just|only|but) the (?:larger|bigger|smaller|greater|longer|wider)(?: ones)?"
    r"(?= *(?:$|[,;.?!]| please\b))"
    # Amounts that are not summed.
    r"|\b(?:which|what) (?:share|proportion|percentage|fraction|portion|part) of\b"
    r"|\b(?:sum|total|average|mean|median) (?:of|in) (?:the )?(?:areas?|sizes?|lengths?|numbers?)\b"
    r"|\b(?:more|less) than (?:half|an? (?:third|quarter))\b|\b(?:most|half) of the (?=[a-z])"
    r"|\bper (?!cent\b|se\b)[a-z]+|\bhow (?:wide|long|tall|high|deep|old|far|fast|often|dense)\b"
    r"|(?:,| and| or) how (?:many|much)\b[^,;?]*|\btrue or false\b|\bright or wrong\b"
    r"|(?:[,;?]|,? and| or| plus) (?:and )?(?:what|which) (?:(?:is|are|was|were) (?:the|their|its)"
    rf" (?:total |overall )?)?{_EXTENT}\b[^,;?]*"
    rf"|(?:[,;?]|,? and| plus| with) (?:their|its|the) (?:total |overall |combined )?{_EXTENT}"
    r"(?= *(?:$|[,;.?!]| please\b| in [a-z]))"
    # Places.
    rf"|\b{_FEW} (?:hundred |thousand )?{_UNIT}(?: away)?(?: or so)? (?:from|off|to the [a-z]+ of) "
    r"(?:the |an? |any )?[a-z]+"
    rf"|\b(?:on|in|at|from|across|over|along|behind|off) {_OWNER} (?:own |back |front )?{_OWNED}\b"
    rf"|\b(?:on|in|at|from|along|off) (?:the|a) {_ONE_STREET}\b"
    r"|\b(?:streets?|avenues?|villages?|towns?|cit(?:y|ies)|suburbs?|settlements?|neighbou?rhoods?"
    r"|districts?) (?:where|(?:in|on|along) which)(?= [^,;.]*\b(?:was|were|been|got) (?:newly |all "
    r"|recently )?(?:[a-z]+(?:ed|own|orn)|built|cut|dug|lost|laid)\b)"
    r"|\bbetween (?:the )?(?:existing|old|older|other|standing)\b(?: [a-z]+)?|\bbesides? the"
    r" (?:north|south|east|west|cent(?:re|er)|middle|edges?)[a-z-]*"
    r"|\b(?:riparian|waterside|wayside|trackside|green-coloured)\b"
)
_SECOND = re.compile(
    r"\b(?:which|what) [a-z]+ (?:got|were|was|have|had|became|grew|are|is) .*?"
    r"(?P<second>\band (?:which|what) [a-z]+ (?:got|were|was|have|had|are|is|grew|became)\b[^,;?]*)"
)
"""A second question that is no wish of its own."""
_LIMIT = re.compile(
    r"\bwithout (?:any )?(?:replacements?|replanting|rebuilding"
    r"|being (?:replaced|rebuilt|replanted))\b"
    r"|\b(?:and|but|were|was|(?:have|has) been) (?:not|never) (?:yet )?(?:been )?"
    r"(?:re-?(?:placed|planted|instated|stored|erected|grown|seeded|constructed)|rebuilt)\b"
    r"|\b(?:and|but) (?:never|not) (?:grew|came) back\b"
)
"""Limits a loss to what did not come back: the rules drop it."""


def lost_part(query: ChangeQuery) -> str:
    """Return the words of a part that has no effect on the answer, else "".

    Args:
        query: of a sentence in English; its prompt has what no rule takes.
    """
    second = _SECOND.search(query.prompt)
    if second:
        return second["second"].strip()
    found = _LIMIT.search(normalize(query.text)) or _LOST.search(query.prompt)
    return found[0].strip(" ,") if found else ""


def unclear_exceptions(query: ChangeQuery, layers: Collection[str]) -> tuple[Except, ...]:
    """Return the exceptions of a query that no rule and no class expresses.

    Args:
        query: of a sentence.
        layers: names, in lower case, of layers that the user gives.
    """
    exceptions = (rule for rule in query.rules if isinstance(rule, Except))
    return tuple(
        e for e in exceptions if e.prompt and e.prompt not in layers and _NO_THING.match(e.prompt)
    )
