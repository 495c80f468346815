"""Read words that say what ground is, where no noun does: "green now, paved before".

An adjective or participle at a date ("flooded in 2012") stands for a kind of ground, and so does
one in front of a word such as "land" if that became something: "asphalted land turned into meadow".
A shore after "on" is a place, and no water that was there before.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from mtrs_geo.understanding.lexicon import Segment
from mtrs_geo.understanding.phrases.date_words import IMAGE, NEW, OLD
from mtrs_geo.understanding.phrases.settlements import with_settlements
from mtrs_geo.understanding.roles import is_inside_noun_phrase

__all__ = ["with_ground", "without_states", "write_ended_states", "write_states"]

_STATES = {
    "vegetation": (
        r"green|greened(?: over)?|grassy|grassed(?: over)?|wooded|forested|treed|tree-covered"
        r"|vegetated|overgrown|planted(?: up)?|leafy|under (?:grass|trees|crops)"
    ),
    "paved ground": (
        r"(?:paved|concreted|asphalted|tarmacked|tarmaced|tarred|sealed)(?: over)?"
        r"|hard[ -]?surfaced|under (?:asphalt|concrete|tarmac)|gr[ea]y"
    ),
    "buildings": (
        r"built(?: |-)(?:up|over|on|upon)|developed|urbani[sz]ed|under (?:buildings|housing)"
    ),
    "water": r"flooded|inundated|submerged|under ?water|waterlogged",
    "bare ground": r"bare|barren|ploughed(?: up)?|plowed(?: up)?|tilled|stripped|brown",
    "no water": r"dry(?: land)?|drained|dried (?:out|up)",
}
"""What is there, and the words for it, as patterns."""
_NOW = r"now|today|nowadays|currently|presently|at present|these days|by now"
_THEN = (
    r"before(?:hand)?|previously|formerly|earlier|once|originally|initially|in the past|back then"
)
_DATE = (
    rf"(?:(?:{_NOW}|{_THEN})\b|(?:(?:in|on|at|by|from) )?(?:the )?(?:(?:{OLD}|{NEW})(?: {IMAGE}"
    r"|(?=$|[ ]*[,;:.?!]| (?:but|and|while|whereas)\b))|(?:year )?(?:19|20)\d\d\b"
    r"|(?:image|photo|picture|date) (?:one|two|1|2)\b))"
)
_PAST = r"(?:was|were|had been|used to be)"
_STATE = re.compile(
    rf"\b(?:(?P<date>{_DATE}) )?(?:(?P<past>{_PAST})|(?P<present>is|are))? ?"
    rf"(?<![\w-])(?:(?:all|still|mostly|completely|fully|only) )?"
    rf"(?:{'|'.join(f'(?P<s{i}>{words})' for i, words in enumerate(_STATES.values()))})\b"
    rf"(?=(?P<then>,? {_DATE})|$| *[,;.?!]| (?:and|but|while|whereas|that|which|then)\b)"
)
_TWO_DATES = re.compile(rf"\b(?:{_NOW}|{_THEN}|{_PAST}|19\d\d|20\d\d|{IMAGE}|first|second)\b")

_HEADS = frozenset({
    "land", "ground", "terrain", "area", "areas", "surface", "surfaces", "plot", "plots", "parcel",
    "parcels", "site", "sites", "lot", "lots", "patch", "patches", "tract", "tracts", "strip",
    "strips", "place", "places", "spot", "spots", "zone", "zones",
})  # fmt: skip
"""Words that are no thing of their own."""
_ENDS = frozenset({",", ";", ":", ".", "!", "?", "and", "or", "but", "while", "whereas"})
"""What ends a clause."""
_AUXILIARIES = frozenset({
    "that", "which", "has", "have", "had", "been", "being", "was", "were", "is", "are", "got",
    "later", "then", "since", "again", "now", "back",
})  # fmt: skip
_SHORES = frozenset({
    "shore", "shores", "shoreline", "lakeshore", "lake shore", "seashore", "sea shore", "coast",
    "coastline", "waterfront", "waterside", "riverbank", "riverbanks", "river bank", "river banks",
    "lakeside", "riverside", "water's edge", "edge of the water", "bank", "banks",
})  # fmt: skip
_CAME_ON = frozenset({"change:appeared", "word:relations"})
"""Tags of "built on" in front of a shore."""
_ON = frozenset({"on", "onto", "upon", "along", "at", "over", "into", "by"})


_HAS = r"(?:(?:that|which|has|have|had|is|are|was|were|been|since|now|all|fully|finally) )*"
_BED = r"(?P<water>river|lake|sea|stream|creek|pond|reservoir|canal)[ -]?bed(?P<s>s?)"
_DRIED = r"(?:dried[ -](?:up|out)|parched|desiccated)"
_OPENCAST = (
    r"(?:quarr(?:y|ies)|(?:(?:gravel|sand|clay|open[ -]?cast|strip) )?(?:pit|mine)s?|landfills?"
    r"|spoil heaps?|burn scars?)"
)
_SCAR = (
    r"(?:(?:burn(?:t|ed)(?:[ -](?:out|over|down))?|scorched|charred|cleared|deforested|logged"
    r"|clear-?cut|stripped|degraded|eroded|bare|barren) (?:lands?|ground|areas?|soils?|hillsides?"
    rf"|slopes?|sites?|plots?|terrain|patch(?:es)?|parcels?)|{_OPENCAST})"
)
_GREENED = r"(?:re-?cultivated|re-?vegetated|re-?greened|greened(?: over)?|renatured|rewilded)"
_HEALED = (
    rf"(?:{_GREENED}|recover(?:ed|ing)|regenerat(?:ed|ing)|regrew|regrown|grew back"
    r"|grown back)"
)
_FLOODED = r"(?:flooded|inundated|submerged)"
_DRY_AGAIN = (
    rf"{_HAS}(?:recovered|dried(?: (?:out|up|off))?|drained|fell dry|fallen dry|went dry|gone dry"
    r"|dry again|emerged again|resurfaced)(?=$|[,;.:?!]| (?:in|on|since|after|before|by|near|and"
    r"|again|within|at|along|between|during)\b)"
)
_ENDED_STATES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # The bed of a river that dried was water.
        (
            rf"\b(?P<dry>{_DRIED} |drained |empty )?{_BED}(?= {_HAS}(?:once |again )*(?:dried"
            r"|drying|fell dry|fallen dry|r[au]n dry|went dry|gone dry|dry again|refill\w*|full"
            r"|drained|filled (?:up|again))\b)",
            r"\g<dry>\g<water>\g<s>",
        ),
        (rf"\b(?P<dry>{_DRIED}) {_BED}\b", r"\g<dry> \g<water>\g<s>"),
        (
            rf"\b{_SCAR} {_HAS}{_HEALED}\b(?! (?:to|into|as)\b)"
            rf"|\b{_GREENED} {_OPENCAST}(?! (?:turned|became|to|into)\b)",
            "bare ground turned into vegetation",
        ),
        (
            rf"\b(?:construction|building) sites? {_HAS}(?:completed|finished|built (?:up|on))\b"
            r"|\b(?:completed|finished) (?:construction|building) sites?\b",
            "bare ground turned into buildings",
        ),
        (
            rf"\b{_FLOODED} (?P<thing>fields?|meadows?|pastures?|farmland|cropland|forests?"
            r"|woods?|woodlands?|gardens?|parks?|lawns?|roads?|streets?|car parks?|paths?)"
            rf" {_DRY_AGAIN}",
            r"water turned into \g<thing>",
        ),
        (
            rf"\b{_FLOODED} (?!(?:and|or|but|then|that|which)\b)(?:[a-z-]+ )?[a-z-]+ {_DRY_AGAIN}",
            "water that disappeared",
        ),
    )
)
"""What ended a state of bare or flooded ground."""


def write_ended_states(text: str) -> str:
    """Return a text that says what became of burnt, opened, built or flooded ground.

    "Burnt land that recovered" is "bare ground turned into vegetation", "dried-up riverbeds" are
    "dried-up rivers".

    Args:
        text: in lower case.
    """
    for pattern, replacement in _ENDED_STATES:
        text = pattern.sub(replacement, text)
    return text


def write_states(text: str) -> str:
    """Return a text in which what is there at a date is a noun: "paved ground before".

    A text without two of such words, or without two dates, may come back changed; what it then says
    about the dates is for the caller to check.

    Args:
        text: in lower case.
    """
    if _TWO_DATES.search(text) is None:
        return text
    return " ".join(_STATE.sub(_noun, text).split())


def without_states(text: str) -> str:
    """Return a text without the words that `write_states` writes as nouns.

    Args:
        text: in lower case.
    """
    text = _STATE.sub(lambda m: (m["date"] or "") if _is_dated(m) else m[0], text)
    return " ".join(text.split())


def _is_dated(match: re.Match[str]) -> bool:
    return any(match[name] for name in ("date", "then", "past", "present"))


def _noun(match: re.Match[str]) -> str:
    """Return the noun of a state with its date; a past tense alone is the earlier date."""
    noun = next(name for i, name in enumerate(_STATES) if match[f"s{i}"])
    if not _is_dated(match):
        return match[0]
    has_date = match["date"] or match["then"]
    tense = ", formerly" if match["past"] else "now"
    return f"{match['date'] if match['date'] else '' if has_date else tense} {noun}"


def with_ground(segments: list[Segment]) -> list[Segment]:
    """Return the segments with classes for settlements and for ground named by what it is.

    Args:
        segments: words of a sentence.
    """
    found: list[Segment] = []
    segments = with_settlements(segments)
    for i, segment in enumerate(segments):
        if _is_head_of_state(segments, i):
            name = _state(found.pop())
            text = f"{segments[i - 1].text} {segment.text}"
            found.append(Segment(text, frozenset({f"class:{name}", "kind:general", "kind:state"})))
        elif segment.text in _SHORES and (at := _on(segments, i)) is not None:
            if not segments[at].is_one_of("word:relations"):
                found[at - i] = Segment(segments[at].text, _CAME_ON)
            found.append(Segment(segment.text, frozenset({"word:scene", "kind:shore"})))
        elif segment.is_one_of("word:relations") and not _SHORES.isdisjoint(segment.text.split()):
            found.append(Segment(segment.text, segment.tags | {"kind:shore"}))
        else:
            found.append(segment)
    return found


def _state(segment: Segment) -> str:
    """Return the class that a participle such as "asphalted" names, or an empty text."""
    names = sorted(tag for tag in segment.tags if tag.startswith("transition:to_"))
    return names[0].removeprefix("transition:to_") if names and not segment.land_cover else ""


def _is_head_of_state(segments: Sequence[Segment], i: int) -> bool:
    """Return whether "land" follows a participle, and became something or came of something."""
    if i == 0 or segments[i].text not in _HEADS or not _state(segments[i - 1]):
        return False
    before = i - 2
    while before >= 0 and is_inside_noun_phrase(segments[before]):
        before -= 1
    if before >= 0 and _joins(segments[before]):
        return True
    after = i + 1
    while after < len(segments) and segments[after].text in _AUXILIARIES:
        after += 1
    if after < len(segments) and (_joins(segments[after]) or _state(segments[after])):
        return True
    rest = itertools.takewhile(lambda s: s.text not in _ENDS, segments[i + 1 :])
    return any(s.is_one_of("transition:forward", "transition:verb") for s in rest)


def _joins(segment: Segment) -> bool:
    is_place = segment.is_one_of("word:relations")
    return segment.is_one_of("transition:forward", "transition:backward") and not is_place


def _on(segments: Sequence[Segment], i: int) -> int | None:
    """Return the index of "on" or "built on" in front of a shore, or None."""
    at = i - 1
    while at >= 0 and (is_inside_noun_phrase(segments[at]) or segments[at].text == "of"):
        at -= 1
    if at < 0 or not segments[at].is_one_of("word:relations", "transition:backward"):
        return None
    return at if segments[at].text.split()[-1] in _ON else None
