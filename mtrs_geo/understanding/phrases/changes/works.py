"""Nouns that begin with an activity, and what came with a project.

"Logging tracks" are tracks and no loss, a "demolition drive" is no road, and "pre-loss and
post-loss condition" names the two dates.
"""

from __future__ import annotations

import re

__all__ = ["is_of_both_dates", "is_one_list", "write_works"]

_OF_FOREST = r"(?:logging|felling|timber[- ]harvest(?:ing)?|harvest(?:ing)?|skidding|forwarder)"
_OF_WORKS = r"(?:demolition|clearance|excavation|dredging|drainage|quarrying|construction|haulage)"
_WAYS = r"(?:tracks?|roads?|trails?|paths?|routes?|lanes?)"
_LEAD = r"(?P<lead>^|\b(?:new|fresh|the|these|all|any|more|old|of|and|for) )"
_CAMPAIGNS = (
    r"(?P<what>demolition|clearance|clearing|eviction|removal|planting|tree[- ]planting|clean-?up"
    r"|anti-encroachment|afforestation|reforestation|beautification|house[- ]?building)"
)
_DATES = re.compile(
    r"\b(?:pre|before)[- ](?P<event>[a-z]+)(?:,| and| &| ?/| vs\.?| versus| to)"
    r" ?(?:and )?(?:post|after)[- ](?P=event)\b"
    r"|\bpre-? ?(?:and|/|vs\.?|versus) ?post-(?P<one>[a-z]+)\b"
)
_PROJECT = (
    r"(?:dualling|widening|building|construction|opening|expansion|extension|completion|upgrade"
    r"|upgrading|redevelopment|development|project|scheme|works?|closure|closing|demolition"
    r"|conversion|renewal|regeneration)"
)
_CAME_WITH = re.compile(
    r"\b(?P<that>that|which) (?:came|arrived|appeared|were built|was built|were added|emerged)"
    rf"(?: along| in| together| up)? with (?P<what>(?:the |this |that )(?:[a-z-]+ )?{_PROJECT}\b)"
)
_WENT_WITH = re.compile(
    r"\b(?P<that>that|which) (?:went|disappeared|vanished|were lost) with (?P<the>the|this) "
    r"(?:(?:widening|dualling|building|construction|extension) of (?:the )?)?(?:new )?"
    r"(?P<way>bypass|motorway|highway|(?:[a-z]+ )?road|street|car park|runway)"
    r"(?: (?:widening|dualling|construction|extension|building|scheme|project|works?))?\b"
)
_BECAME = re.compile(
    r"^(?P<lead>(?:(?:please|show|find|map|mark|list|me|us|anything|now|what|whatever) )*)"
    r"(?:(?:converted|turned|transformed|changed|made|developed|redeveloped) (?:in)?to"
    r"|replaced (?:by|with)(?![^,]*,)|became|become) (?!.*\bfrom\b)(?:an? )?(?=[a-z])"
    r"(?!the\b|of\b|something\b|anything\b|other\b|another\b|what\b|different\b|more\b|less\b|[a-z]+er\b)"
)
"""A change without what was there before: "converted into parking space"."""
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (rf"\b{_OF_FOREST} (?={_WAYS}\b)", "forest "),
        (rf"{_LEAD}{_OF_WORKS} (?={_WAYS}\b)", r"\g<lead>access "),
        # A track that is bulldozed for timber is made.
        (
            rf"\b(?P<way>{_WAYS}(?: (?:that|which|was|were|is|are|has|have|been|newly))*)"
            r" (?:bulldozed|pushed|graded|carved|blazed|hacked|blasted) "
            r"(?=(?:for|through|into|across|up) )",
            r"\g<way> built ",
        ),
        # Who keeps felling trees changes the ground.
        (
            r"\b(?:keeps?|kept) (?:on )?(?=(?:building|cutting|felling|clearing|demolishing|logging"
            r"|planting|removing|digging|paving|tearing|burning|destroying|erecting|adding|losing"
            r"|razing|chopping|filling|draining|sealing|excavating|ploughing)\b)",
            "",
        ),
        (rf"\b{_CAMPAIGNS} drives?\b", r"\g<what> campaign"),
        (r"\b(?:demolition|construction|building) (?:waste|debris|rubble|spoil)\b", "rubble"),
        (r"\b(?P<what>clearing|clearance|felling|logging) works?\b", r"\g<what>"),
        # Water that only stands on worked ground has not replaced it.
        (
            r"\b(?P<water>ponding|puddles?|ponded water|standing water)"
            r"(?P<told>(?: (?:that|which|has|have|shows?|showed|appears?|appeared|formed|up|seen"
            r"|visible|newly))*) on (?P<the>(?:the |a )?)"
            r"(?P<place>landfill(?: (?:cap|cover|site))?|tip|(?:building|construction) site"
            r"|quarry floor|spoil heap)\b",
            r"\g<water>\g<told> in \g<the>\g<place>",
        ),
        (r"\blandfill (?:cap|cover|capping)\b", "landfill"),
    )
)
_DESCRIBED = re.compile(
    r"(?:(?:please|show|find|map|mark|list|me|the|all|any|every) )*"
    r"(?P<adjective>former|erstwhile|lost|vanished|new)(?: [a-z-]+){1,2}"
)
_WITH_CLAUSE = re.compile(r"(?:the )?[a-z-]+(?: [a-z-]+)? (?:that|which)(?: (?!not\b)[a-z'-]+)+.*")


def write_works(text: str) -> str:
    """Return a text without activities in front of nouns, and with dates for "pre-loss".

    Args:
        text: in lower case.
    """
    for pattern, replacement in _FORMS:
        text = pattern.sub(replacement, text)
    text = _BECAME.sub(r"\g<lead>new ", text)
    text = _WENT_WITH.sub(r"\g<that> were lost to \g<the> \g<way>", text)
    text = _CAME_WITH.sub(r"\g<that> came up after \g<what>", text)
    return _DATES.sub("pre-event and post-event", text)


def is_of_both_dates(text: str) -> bool:
    """Return whether a text names two dates by one event: "pre-loss and post-loss condition".

    Args:
        text: any text.
    """
    return _DATES.search(text.lower()) is not None


def is_one_list(text: str, parts: tuple[str, ...]) -> bool:
    """Return whether two things of a list share a clause: "former orchards and gardens we lost".

    Args:
        text: in lower case.
        parts: its two wishes.
    """
    if len(parts) != 2 or f"{parts[0]} and {parts[1]}" not in text:
        return False
    return bool(_DESCRIBED.fullmatch(parts[0]) and _WITH_CLAUSE.fullmatch(parts[1]))
