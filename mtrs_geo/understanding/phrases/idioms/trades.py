"""Write words of change that mean something else beside a thing: "forest road cutting"."""

from __future__ import annotations

import re

from mtrs_geo.query.direction import direction_of
from mtrs_geo.understanding.lexicon import english

__all__ = ["write_trades"]

_NO_PLACE = "".join(
    rf"(?<!\b{word} )(?<!\b{word} the )(?<!\b{word} a )"
    for word in ("near", "on", "at", "along", "beside", "behind", "above", "below", "to", "from",
                 "of", "in", "by")
)  # fmt: skip
_STOP = r"(?=$|[,;:.?!]| (?:in|at|on|near|since|after|before|between|within|during|north|south)\b)"
_WAY = (
    r"(?:rights?[ -]of[ -]way|easements?|wayleaves?|power ?lines?|pipelines?|road ?sides?|verges?)"
)
_ROADS = r"(?:(?:foot|bridle)?paths?|roads?|tracks?|trails?|lanes?|streets?|highways?|bridges?)"
_BE = r"(?:(?:that|which|was|were|is|are|has|have|had|been|got) )*"
_STORM = (
    r"(?:tornado(?:es|s)?|storms?|hurricanes?|cyclones?|typhoons?|floods?|(?:wild)?fires?"
    r"|earthquakes?|tsunamis?|gales?)"
)
_TRADES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # A way is cleared of plants.
        (
            rf"\b(?:(?:new|recent|fresh) )?(?P<way>{_WAY}) (?:clearing|clearance)s?\b"
            r"(?! (?:through|across|over|into|of)\b)",
            r"vegetation cleared along the \g<way>",
        ),
        # To cut a road is to make it; a cutting beside which something lies is a slope.
        (
            rf"\b(?=[a-z]+ (?:[a-z]+ )?cutting\b){_NO_PLACE}(?P<road>(?:(?:forest|hill|mountain"
            rf"|access|haul|mine|logging) )?(?:road|track|path|trail)) cutting{_STOP}",
            r"new \g<road>",
        ),
        (
            r"\b(?P<at>above|below|near|beside|along|behind|at|over) (?P<the>(?:(?:the|an?|road"
            r"|rail|railway|canal|motorway) )*)cuttings?(?=$|[,;.?!])",
            r"\g<at> \g<the>slope",
        ),
        # A street is stubbed out where it ends for now; stumps are stubbed out of the ground.
        (
            rf"\b(?P<road>{_ROADS} {_BE})stub(?:bed)?[ -](?:out|in)\b",
            r"\g<road>built",
        ),
        # Foresters cut blocks and compartments.
        (
            r"\b(?P<cut>un(?:cut|felled|logged|harvested|thinned)|(?:clear-?)?felled|logged"
            r"|harvested|clear-?cut|cut-?over|replanted) (?:(?:forest|timber|wood(?:land)?) )?"
            r"(?:blocks?|compartments?|coupes?|stands?)\b(?! of\b)",
            r"\g<cut> forest",
        ),
        # To pull up what was dug is to show it.
        (
            r"^(?P<polite>(?:please |kindly |can you |could you )*)(?:pull|bring|call|dig) up "
            r"(?=(?:all |any |the |every )*(?:new |[a-z-]+ (?:[a-z-]+ ){0,3}(?:that|which"
            r"|where)\b))",
            r"\g<polite>show ",
        ),
        (r"\bdug down\b", "dug"),
        (r"\b(?:came|come|comes) or (?:went|gone|go|goes)\b", "were added or removed"),
        (r"(?<!still )(?<!left )\b(?:is |are )?now (?:fully |finally |all )?in place\b(?! of\b)",
         "now there"),
        (r"(?<!still )(?<!left )\bin place now\b", "now there"),
        # Keywords that end with a place.
        (
            r"^(?P<thing>[a-z-]+(?: [a-z-]+)?) (?:addition|installation|construction) "
            r"(?P<place>hospital|school|station|airport|university|college|harbour)[.?!]*$",
            r"new \g<thing> at the \g<place>",
        ),
        # Our street is where something was built.
        (
            r"\b(?P<built>built|building|build|put up|erected|constructed) on (?P<my>(?:my|our|your"
            r"|their|this) (?:(?:old|own|former|previous) )?(?:street|road|lane|avenue|close))\b",
            r"\g<built> in \g<my>",
        ),
        # A storm that came through is no house that did.
        (
            rf"\b(?P<storm>{_STORM}) (?:that|which) (?:came|passed|went|blew|swept) through\b"
            r"(?: (?:here|town))?",
            r"\g<storm>",
        ),
    )
)  # fmt: skip
_REACHES = re.compile(
    rf"\b(?P<road>{_ROADS})(?: that| which)?(?: (?:has|have|had|now))* "
    r"(?:reach(?:ed|es|ing)?|serv(?:ed|es|ing)) "
    r"(?=(?:this|the|that|our|my|any|every|each|these|those) (?P<place>[a-z-]+))"
)
"""What a road reaches is no thing that came."""
_DATED = re.compile(
    r",? (?:dates?|dated|dating)(?: is| are)? (?P<after>after|since) "
    r"(?=(?:[a-z]+ )?(?:19|20)\d\d\b)"
)
"""The date of a thing that is asked for: "car parks, date after May 2022"."""


def write_trades(text: str) -> str:
    """Return a text in which nouns and verbs of trades say what changed.

    "Forest road cutting" is "new forest road", "uncut blocks" are "uncut forest".

    Args:
        text: in lower case.
    """
    for pattern, replacement in _TRADES:
        text = pattern.sub(replacement, text)
    text = _REACHES.sub(_leads_to, text)
    dated = _DATED.search(text)
    if dated and direction_of(text[: dated.start()]) == "changed":
        text = f"{text[: dated.start()]} built {dated['after']} {text[dated.end() :]}"
    return text


def _leads_to(match: re.Match[str]) -> str:
    """Return "road near" before a place that a model finds, else "road to"."""
    place = english().segments(match["place"])[0]
    is_named = place.is_one_of("kind:references") or place.is_one_of("kind:general")
    is_found = place.land_cover is not None and is_named
    return f"{match['road']} {'near' if is_found else 'to'} "
