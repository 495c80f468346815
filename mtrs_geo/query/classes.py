"""Find the land-cover class that a text names, by the words of docs/queries.md."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mtrs_geo.types import QueryClass

__all__ = ["class_of"]

_WORDS: Mapping[QueryClass, str] = {
    "building": r"(?:out)?buildings?|(?:ware|farm|green|town)?houses?|homes?|dwellings?|edifices?"
    r"|huts?|halls?|roof(?:top)?s?|sheds?|barns?|structures?|villas?|bungalows?|factor(?:y|ies)"
    r"|apartments?|garages?|hangars?|schools?|hospitals?|church(?:es)?|residences?",
    "road": r"roads?|roadways?|streets?|lanes?|highways?|motorways?|tarmac|asphalt|tracks?|paths?"
    r"|driveways?|parking(?: (?:lots?|areas?|spaces?))?|car parks?|pavements?"
    r"|(?:paved|concrete) (?:\w+ )?(?:areas?|ground|surfaces?|lots?|yards?)",
    "vegetation": r"vegetation|trees?|bush(?:es)?|shrubs?|forests?|woods?|woodlands?|grass"
    r"|grasslands?|lawns?|meadows?|plants?|crops?|fields?|foliage|flora|turf|greenery"
    r"|green (?:areas?|spaces?)|orchards?|hedges?",
    "water": r"water|water bod(?:y|ies)|ponds?|lakes?|rivers?|streams?|creeks?|reservoirs?|basins?"
    r"|canals?|flood(?:s|ing|water)?|wetlands?|pools?",
    "bare": r"(?:bare|barren|exposed|open|earthen|dirt) (?:ground|lands?|soil|earth|patch(?:es)?)"
    r"|soil|sand|earthworks?|excavations?|construction sites?",
}
_NO_THING = re.compile(
    r"a|all|also|an|and|any|anything|are|areas?|at|be|been|between|both|can|could|did|differ\w*"
    r"|does|each|else|ever|every|everything|find|from|has|have|highlight|how|images?|in|is|it|its"
    r"|just|later|longer|look\w*|mark|me|more|new\w*|no|not|now|of|on|one|only|or|other|otherwise"
    r"|outline|parts?|pictures?|places?|please|regions?|same|scenes?|see|seen|show|since|somehow"
    r"|something|spots?|than|that|the|there|these|things?|this|those|to|two|was|were|what|whatever"
    r"|when|where|wherever|which|you|alter\w*|chang\w*|modif\w*|appear\w*|disappear\w*|dates?"
    r"|before|after|earlier|today|then|became|become|went|with|without"
)
"""Words that name no thing; a text of them alone asks for any change."""
_PATTERNS = {name: re.compile(rf"\b(?:{words})\b") for name, words in _WORDS.items()}


def class_of(description: str) -> QueryClass:
    """Return the class that a prompt names.

    ``several`` if it names more than one ("grass turned into a road"), ``any`` if it names no thing
    at all, ``other`` if it names only other things.

    Args:
        description: text without rules for the whole scene; an empty one is ``any``.
    """
    text = description.lower()
    named = [name for name, pattern in _PATTERNS.items() if pattern.search(text)]
    if len(named) > 1:
        return "several"
    if named:
        return named[0]
    return "any" if all(map(_NO_THING.fullmatch, re.findall(r"\w+", text))) else "other"
