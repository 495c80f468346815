"""Write what ground is after a change as the change: "exposed lake bed", "sand-filled lagoon"."""

from __future__ import annotations

import re

__all__ = ["write_results"]

_NO_PLACE = "".join(
    rf"(?<!\b{word} )(?<!\b{word} the )(?<!\b{word} an )(?<!\b{word} a )"
    for word in ("near", "on", "at", "along", "beside", "behind", "above", "to", "from", "of", "in")
)
"""No relation stands in front, so that what follows is no place."""
_HAS = r"(?:(?:that|which|has|have|had|is|are|was|were|been|since|now|got|all|fully) )*"
_END = (
    r"(?=$|[,;:.?!]| (?:in|at|on|near|since|after|before|by|along|between|within|when|as|during"
    r"|again|and)\b)"
)
_BED = r"(?:river|lake|sea|stream|creek|pond|reservoir|canal|tank|lagoon)[ -]?beds?"
_DRY = r"(?:dry|dried[ -](?:up|out)|former|newly|now)"
_SEEN = r"(?:exposed|uncovered|laid bare|bared|showing|revealed)"
_FILL = r"(?P<fill>sand|soil|earth|rubble|mud|dirt|gravel|debris|water)"
_WATERS = r"(?:ponds?|lakes?|lagoons?|pools?|reservoirs?|canals?|basins?|docks?|tanks?|creeks?)"
_PITS = r"(?:quarry|quarries|pits?|craters?|excavations?|hollows?|trenches|trench|mines?)"
_WAYS = (
    r"(?:(?:foot|bridle|cart)?(?:path|way)s?|roads?|tracks?|trails?|lanes?|streets?|alleys?"
    r"|clearings?|yards?|car parks?|runways?|quarry|quarries|gravel pits?|ditch(?:es)?|ponds?)"
)
_PARTS = r"(?:bits?|pieces?|parts?|patch(?:es)?|stretch(?:es)?|sections?|plots?)"
_TURNED = (
    r"(?:turn(?:ed|ing)? (?:in)?to|convert|changed (?:in)?to|bec[ao]me|ended up|made into"
    r"|seeded|sown|planted|grassed|given over)"
)
_PLANTS = (
    r"vegetation|mangroves?|trees?|scrub|bush(?:es)?|hedges?|undergrowth|shrubs?|brush|plants"
    r"|(?:plant|green|tree) cover|weeds|brambles"
)
_ASKED = r"(?:(?:please|show|find|list|map|mark|me|us|all|any|the|every|where|which|are|were) )*"
_PLOTS = (
    r"(?:(?:development|building|house|housing|vacant|empty|residential) )?(?:plots?|lots?|parcels?"
    r"|pads?)"
)
_NOT_LATER = r"(?![^;:.?!]*\b(?:re)?(?:built|planted|paved|turned|became|developed|sown|grassed)\b)"
_NOT_LATER_LOST = (
    r"(?![^;:.?!]*\b(?:drained|emptied|dried|pumped|dug|cleared|demolished|removed|filled in|gone"
    r"|lost|disappear\w*|vanish\w*)\b)"
)
"""Nothing behind a filled pit says that it was emptied, or that it is gone."""
_NOT_LOST = r"(?<!\bdrained )(?<!\bdemolished )(?<!\bvanished )(?<!\bformer )(?<!\blost )"
_CLOSE = r"(?=$|[,;.?!]| (?:in|at|near|since|after|before|along|between|within|during|but)\b)"
_RESULTS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # The bed of a lake that is seen now was water.
        (
            rf"\b(?={_SEEN}|{_DRY}|{_BED}){_NO_PLACE}"
            rf"(?:{_SEEN} (?:{_DRY} ){{0,2}}{_BED}|(?:{_DRY} ){{0,2}}{_BED} (?:now )?{_SEEN}"
            rf"|{_DRY} bed {_HAS}{_SEEN}){_END}",
            "water turned into bare ground",
        ),
        (
            rf"\b(?={_DRY}){_NO_PLACE}{_DRY} {_BED} where (?:the |there )?"
            r"(?:water|lake|pond|river|sea)? ?(?:was|were|used to be|stood|had been)"
            r"(?: (?:water|a lake|a pond|a river))?"
            r"(?=$|[,;.?!])",
            "water turned into bare ground",
        ),
        # What a pond or a pit is filled with may stand in front.
        (
            rf"{_NOT_LOST}\b{_FILL}-filled (?P<thing>{_WATERS}|{_PITS})\b{_NOT_LATER_LOST}",
            r"\g<thing> filled with \g<fill>",
        ),
        (
            rf"\b(?P<thing>{_WATERS}|{_PITS}) {_FILL}-filled\b{_NOT_LATER_LOST}",
            r"\g<thing> filled with \g<fill>",
        ),
        (r"\b(?:in-?filled|back-?filled|filled (?:up|in)) (?P<way>with|using)\b", "filled with"),
        # Plants grow in from the sides of a road.
        (
            rf"\b(?P<thing>{_WAYS} {_HAS})(?:grown|growing|grew)[ -]in"
            r"(?=$|[,;:.?!]| (?:with|since|again|completely|by)\b)",
            r"\g<thing>overgrown",
        ),
        (r"\bgrown-in (?=[a-z])", "overgrown "),
        # A site of a demolished building has no site that was demolished.
        (r"\bdemolished (?P<thing>building|house|structure) sites?\b", r"demolished \g<thing>s"),
        # Plots with houses on them are houses.
        (
            r"\b(?:building|housing|house|residential) (?:land|plots?|sites?|lots?) with "
            r"(?:(?:an?|the|some|new) )?(?P<thing>[a-z-]+(?: [a-z-]+)?) on (?:it|them)\b",
            r"\g<thing>",
        ),
        # A housing estate with houses and roads is both.
        (
            r"\b(?:residential|housing|urban|built-up) (?:area|estate|zone|quarter|district)s? "
            r"with (?:(?:many|some|several|new|its|lots of|a lot of) )*"
            r"(?=(?:houses|homes|buildings|villas|flats) and [a-z])",
            "",
        ),
        # "Ground" that became something may have been of any kind.
        (
            rf"\b{_PARTS} of ground (?=(?:that |which )?{_HAS}{_TURNED})",
            "areas ",
        ),
        (rf"\bground that's been (?={_TURNED})", "land that has been "),
        # Plots that are vacant until now.
        (
            r"\b(?P<be>are|is|lie|lies|lying|stand|stands|kept) (?P<state>empty|vacant|bare"
            r"|undeveloped|unbuilt) (?:(?:until|till|upto|up to) (?:now|date|today)|only)"
            r"(?=$|[,;.?!])",
            r"that are still \g<state>",
        ),
        # Plants are stripped off, and land is stripped bare.
        (
            rf"\b(?P<plants>(?:{_PLANTS}) {_HAS})stripped(?: off| away)?\b"
            r"(?! (?:to|down|back|bare|for|of|clean)\b)",
            r"\g<plants>removed",
        ),
        (rf"\bstripped (?=(?:{_PLANTS})\b)", "removed "),
        # Cleared plots are bare.
        (
            rf"^(?P<asked>{_ASKED})(?:(?:newly|freshly|recently|just) )*(?:{_PLOTS} {_HAS}"
            rf"(?:just )?(?:newly |freshly )?cleared|cleared {_PLOTS}){_CLOSE}{_NOT_LATER}",
            r"\g<asked>new bare ground",
        ),
        (
            r"\bwhat(?:'s| is| has| was)?(?: been)? (?P<dug>dug|ploughed|plowed|churned) up\b",
            r"ground \g<dug> up",
        ),
        (
            r"\bleaving nothing (?:except|but|other than|save)(?: for)? (?=[a-z])",
            "leaving ",
        ),
        # A river that cuts into its bank is a cause.
        (
            r"\b(?P<seen>exposed|uncovered|bared) (?:when|as|after|where|because) (?:the |a )?"
            r"(?:river|stream|sea|creek|waves?) (?:cut (?:into|through|back)|undercut|ate into"
            r"|wore away|eroded) (?:its |the )?(?:[a-z]+ )?(?:banks?|shores?|cliffs?|slopes?)\b",
            r"\g<seen>",
        ),
    )
)  # fmt: skip


def write_results(text: str) -> str:
    """Return a text in which what ground is after a change is the change.

    "Exposed lakebed" is "water turned into bare ground", "old roads grown in" are overgrown.

    Args:
        text: in lower case.
    """
    for pattern, replacement in _RESULTS:
        text = pattern.sub(replacement, text)
    return text
