"""Write soil that is stripped or washed off as new bare ground, and eroded ground as lost.

Soil that goes leaves bare ground: "the topsoil washed off" is "the topsoil stripped".  A beach
that a storm has eaten away is a beach that disappeared, and a bank is land that became water.
"""

from __future__ import annotations

import re

from mtrs_geo.query.direction import direction_of

__all__ = ["write_soil"]

_TOPSOIL = r"(?:top ?-?soils?|sub-?soils?|humus(?: layer)?|over ?burden|plough layer)"
_SOIL = rf"(?:{_TOPSOIL}|(?<!bare )(?<!exposed )(?<!open )(?<!naked )soil)"
_AUX = r"(?:(?:that|which|was|were|is|are|has|have|had|been|being|got|all|newly|freshly) ){0,6}"
_LAID_BARE = r"(?:washed|stripped|scraped|skimmed|blown|eroded|swept|bulldozed|peeled|scoured)"
_TAKEN = r"(?:removed|lost|gone|taken|dug|carted|cleared|hauled|pushed)"
_STRIPPED = re.compile(
    rf"\b(?P<soil>{_TOPSOIL} {_AUX}(?={_LAID_BARE}\b|{_TAKEN}\b)"
    rf"|{_SOIL} {_AUX}(?={_LAID_BARE}\b))"
    r"[a-z]+(?P<off>(?: (?:off|away|out|up|down|back|from|of))*)"
    r"(?P<ground> (?!(?:in|on|at|near|by|for|since|between|before|after|and|or|to|over|with|during"
    r"|along|where|when|but|as|ahead|from|within|last|this|now|today|again|everywhere)\b)(?=[a-z]))?"
)
"""Soil that went, and from which ground."""
_BARED = (
    r"(?:stripped|scraped|cleared|robbed|denuded|shorn|deprived|bare) of"
    rf" (?:(?:its|their|the|all|any) )*{_TOPSOIL}"
)
_SANDS = (
    r"(?:beach(?:es)?|(?:sand )?dunes?|(?:sand|gravel|shingle|mud)[ -]?(?:bank|bar|spit|flat)s?"
    r"|spits?|sands?|islets?)"
)
_SHORES = (
    r"(?:(?:(?:river|stream|lake|canal|sea)[ -]?)?(?:banks?|shores?|shorelines?)|coast(?:line)?s?"
    r"|cliffs?(?: land)?)"
)
_PIECES = r"(?:(?:stretch(?:es)?|parts?|strips?|sections?|bits?|pieces?) of (?:the )?)?"
_WATER = r"(?:river|stream|creek|sea|ocean|lake|waves?|tides?|surf|currents?|breakers)"
_STORM = (
    r"(?:(?:storm )?surges?|storms?|floods?|flood ?waters?|flooding|hurricanes?|gales?|typhoons?"
    r"|cyclones?|tsunamis?|winds?)"
)
_THE = r"(?:(?:the|a|an|our|last|great|rising|heavy) ){0,3}"
_EATEN = r"(?:eaten|ate|eats|nibbled|nibbles|gnawed|gnaws|bitten|swallowed|claimed|devoured)"
_CARRIED = (
    r"(?:(?:washed|swept|carried|dragged)(?! (?:up|ashore|in(?= *$|[,;.?!]))\b)"  # left there
    r"|torn|tore|taken|took|takes|scoured|stolen|stole)"
)
_AWAY = r"(?: (?:away|off|out|up))"
_HAS = r"(?:(?:has|have|had|also|since|already) ){0,3}"
_TOOK = rf"(?:{_EATEN}|{_CARRIED})"
# What the sea took without "away" is water now.
_DID = rf"(?:{_THE}{_STORM} {_HAS}{_TOOK}{_AWAY}?|{_THE}{_WATER} {_HAS}{_TOOK}{_AWAY})"
_CLAUSE = rf"(?:(?:that|which) )?{_DID}"
_BY = rf"{_AUX}(?:{_TOOK}{_AWAY}? by {_THE}{_STORM}|{_TOOK}{_AWAY} by {_THE}{_WATER})"
_ACTIVE = rf"^{_DID} (?:(?:the|our|some|all|a|this) )*"
_END = r"(?=$|[,;.?!]| (?:in|at|near|since|along|around|within|by|on|between|during|after)\b)"
_THING = r"(?P<thing>[a-z-]{3,40})"
_SHOWING = (
    r"(?:(?:is|are|now|has|have|been) )*(?:showing(?: through| up)?|coming through"
    r"|peeping through|sticking out|laid open)"
)
_ROUGH = (
    r"(?P<rough>sub-?soil|bed ?rock|stones?|rocks?|(?:bare |raw )?(?:soil|earth|rock)|clay|sand)"
)
_SHOWS_AS = re.compile(
    r"(?<=[a-z] )(?<!should )(?<!would )(?<!could )(?<!might )(?<!will )(?<!may )(?<!to )"
    r"(?:(?:that|which) )?(?:now )?(?:shows?|showing|appears?|appearing)(?: up)? as"
    r" (?=(?:[a-z]+ ){0,2}(?:soil|ground|earth|mud|sand|rubble|dirt|dust)\b)"
)
"""What is burnt or bare at the later date: "fields that show up as bare soil"."""
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\btop soil\b", "topsoil"),
        (rf"\b{_BARED}\b", "stripped bare"),
        (rf"\b(?:lost|lose|loses|losing) (?:(?:its|their|the|all|any) )*{_TOPSOIL}\b",
         "got stripped bare"),
        (rf"\b(?:loss|removal|erosion|washing (?:away|off)|scraping(?: off)?|stripping) of"
         rf" (?:the )?{_TOPSOIL}\b", "topsoil stripping"),
        (r"\bstripped for (?:an? |the )?(?:new )?(?:building|construction|development)"
         r" (?:site|land|plot|work)s?\b", "stripped"),
        (rf"\b{_ROUGH} {_SHOWING}(?=$|[,;.?!]| (?:in|on|at|near|now|where|and)\b)",
         r"\g<rough> exposed"),
        (r"^(?:(?:bare|all|the) )*(?:charred|scorched|blackened) (?:soil|earth|ground)(?=[ .?!]*$)",
         "new burn scars"),
        (r"\b(?:bare )?(?:charred|scorched|blackened) (?:soil|earth|ground)\b", "burn scars"),
        # A beach that the surge has eaten away.
        *(
            (rf"\b{_PIECES}(?P<sands>{_SANDS}) {clause}{_END}",
             r"\g<sands> that washed away")
            for clause in (_CLAUSE, _BY)
        ),
        *(
            (rf"\b{_PIECES}(?:the )?{_SHORES} {clause}{_END}", "land that turned into water")
            for clause in (_CLAUSE, _BY)
        ),
        (rf"{_ACTIVE}{_PIECES}(?P<sands>{_SANDS}){_END}", r"\g<sands> that washed away"),
        (rf"{_ACTIVE}{_PIECES}{_SHORES}{_END}", "land that turned into water"),
        (rf"\b{_PIECES}(?:the )?{_SHORES} (?:(?:that|which) )?{_THE}{_WATER} {_HAS}{_EATEN}{_END}",
         "land that turned into water"),
        # Fields that the river has swallowed are water, a road that it carried off is lost.
        (rf"\b{_THING} (?:(?:that|which) )?(?:the |a )?{_WATER} {_HAS}{_EATEN}{_END}",
         r"\g<thing> that turned into water"),
        (rf"\b{_THING} (?:(?:that|which) )?{_DID}{_END}", r"\g<thing> that washed away"),
    )
)  # fmt: skip


def write_soil(text: str) -> str:
    """Return a text in which stripped soil is new bare ground, and eroded ground is lost.

    Args:
        text: in lower case.
    """
    shows = _SHOWS_AS.search(text)
    if shows and direction_of(text[: shows.start()]) != "appeared":
        text = f"{text[: shows.start()]}turned into {text[shows.end() :]}"
    text = _STRIPPED.sub(_stripped, text)
    for pattern, replacement in _FORMS:
        text = pattern.sub(replacement, text)
    return " ".join(text.split())


def _stripped(match: re.Match[str]) -> str:
    """Return "topsoil stripped", and "topsoil stripped off the fields" for its ground."""
    is_of_ground = match["ground"] and match["off"]
    return f"{match['soil']}stripped{' off' if is_of_ground else ''}{match['ground'] or ''}"
