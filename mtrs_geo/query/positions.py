"""Positions in the scene: "in the north-east", "at the edge of the image", "southern half"."""

from __future__ import annotations

import re

from mtrs_geo.query.rules import AnyOf, Position, SimpleRule

__all__ = ["NOT_NEGATED", "PLACES", "PREPOSITION", "SECTION", "take_positions"]

# A negation next to a rule changes its meaning.  It is not in the grammar, so such a phrase stays
# in the prompt.
_DEGREES = ("right", "directly", "just", "very", "so", "too", "really", "quite")
NOT_NEGATED = r"(?<!\bnot )(?<!\bno )(?<!n't )(?<!\bnever )(?<!\bor )" + "".join(
    rf"(?<!\bnot {degree} )(?<!n't {degree} )" for degree in _DEGREES
)
"""Look-behind: the phrase does not follow a negation or an "or"."""
PREPOSITION = r"(?:in|at|on|close to|to|towards?|inside|within|near|along)"
_SCENE = r"(?:image|scene|map|raster|picture|area|tile|view|photo|frame|imagery|area of interest)"
_OF_SCENE = rf"(?: of the (?:whole )?{_SCENE}\b)"
_MIDDLE = r"(?:centre|center|middle|central|heart)"
_SECTION = (
    r"(?: (?:part|portion|side|half|quarter|quadrant|corner|edge|margin|border|end|third"
    r"|section|sector|region"
    r"|zone|area)s?\b)"
)
SECTION = rf"{_SECTION}{{0,2}}"
# "The northernmost" alone is a rank.
_MOST = rf"(?:most(?={_SECTION}))?"
_ERN = rf"(?:ern{_MOST})?"
_N, _S, _E, _W = (f"{side}{_ERN}" for side in ("north", "south", "east", "west"))
_TOP, _BOTTOM = rf"(?:top|upper){_MOST}", rf"(?:bottom|lower){_MOST}"
PLACES = {
    "north-centre": rf"(?:{_N}|top|upper)[- ]{_MIDDLE}|{_MIDDLE}[- ](?:north|top)",
    "south-centre": rf"(?:{_S}|bottom|lower)[- ]{_MIDDLE}|{_MIDDLE}[- ](?:south|bottom)",
    "centre-east": rf"(?:{_E}|right)[- ]{_MIDDLE}|{_MIDDLE}[- ](?:east|right)",
    "centre-west": rf"(?:{_W}|left)[- ]{_MIDDLE}|{_MIDDLE}[- ](?:west|left)",
    "north-east": rf"north[- ]?{_E}|(?:top|upper)[- ]right(?:[- ]hand)?|ne",
    "north-west": rf"north[- ]?{_W}|(?:top|upper)[- ]left(?:[- ]hand)?|nw",
    "south-east": rf"south[- ]?{_E}|(?:bottom|lower)[- ]right(?:[- ]hand)?|se",
    "south-west": rf"south[- ]?{_W}|(?:bottom|lower)[- ]left(?:[- ]hand)?|sw",
    "north": rf"{_N}|{_TOP}",
    "south": rf"{_S}|{_BOTTOM}",
    "east": rf"{_E}|right(?:[- ]hand|{_MOST})",
    "west": rf"{_W}|left(?:[- ]hand|{_MOST})",
    "centre": _MIDDLE,
}
"""Pattern of each place of a `Position`; the first that matches is meant."""
_PLACE = "|".join(f"(?:{words})" for words in PLACES.values())
_COMPASS = (
    rf"{_N}|{_S}|{_E}|{_W}|(?:north|south)[- ]?(?:east|west){_ERN}"
    r"|(?:top|upper|bottom|lower)[- ](?:left|right)(?:[- ]hand)?"
)
_EDGE = r"(?:outer |very )?(?:edges?|margins?|borders?|periphery)"
_CORNERS = r"(?:any|one|each|all) of the (?:four )?corners|(?:the |a |any |all )?(?:four )?corners?"
# A following word makes it a name ("the north tower"), unless a clause or a verb begins.
_CLAUSE_START = (
    r"larger|bigger|smaller|longer|shorter|wider|narrower|greater|less|more|over|under|between|near"
    r"|within|that|which|who|there|and|or|in|at|on|close|next|beside|along|farther|further"
    r"|is|are|was"
    r"|were|has|have|had|did|do|does|get|gets|got|be|been|by|for|since|after|before|with|without"
    r"|except|only|alter\w*|chang(?:e|es|ed)|(?:dis)?appear(?:s|ed)?|vanish(?:ed)?|emerged|became"
    r"|become|turned|built|demolished|removed|lost|gone|felled|cleared|torn|replaced|converted"
    r"|leading|running|going|connecting|linking|joining|passing|facing|replacing|covering|measuring"
)
_END = rf"(?:{_OF_SCENE}|(?! of\b)(?:(?![- ]\w)|(?= (?:{_CLAUSE_START})\b)))"
_LEAD = (
    r"(?:(?:right|just|exactly|everywhere|anywhere|only|specifically|lying|located|situated"
    r"|confined|restricted) "
    r"|over (?=on ))?"
)
_POSITION = re.compile(
    rf"{NOT_NEGATED}(?<!furthest )(?<!farthest )\b{_LEAD}{NOT_NEGATED}{PREPOSITION} "
    r"(?:either )?(?:the )?(?:(?:far|very) )?"
    rf"(?:(?P<corner>{_CORNERS}){_END}|(?P<edge>(?:{_SCENE} )?{_EDGE})(?:{_OF_SCENE}|(?=$"
    r"|[,;.:?!]))"
    rf"|(?:{_SCENE} )?(?P<place>{_PLACE})\b{SECTION}"
    rf"(?P<more>(?:(?:, (?:the )?(?:{_PLACE})\b{SECTION}){{0,2}}"
    rf"(?: or(?: (?:in|at|on))?| and) (?:the )?(?:{_PLACE})\b{SECTION}){{0,12}})"
    rf"{_END}(?! or\b))"
)
# "Demolished sheds, north-east"; "Top of the image: felled woodland"; "west half, new roads".
_ALONE = re.compile(
    r"(?:^|(?<=[,;:(] )|(?<=\()|(?<= [-–—] ))(?:only )?(?:the )?(?:(?:far|very) )?"
    rf"(?:(?P<place>{_COMPASS}|ne|nw|se|sw)\b{SECTION}{_OF_SCENE}?"
    rf"|(?P<named>{_PLACE})\b(?:{_SECTION}{{1,2}}{_OF_SCENE}?"
    rf"|{_OF_SCENE})|(?P<corner>(?:any|all) (?:four )?corners?){_OF_SCENE}?"
    rf"|(?P<edge>{_EDGE}){_OF_SCENE})(?: only)?"
    r"(?=$|[,;:).?!]| [-–—] )(?: ?[:–—]| - )?"
)
# "SE corner new villas": a section without preposition before the subject.
_FIRST = re.compile(
    rf"^(?:the )?(?:{_SCENE} )?(?P<place>{_COMPASS}|ne|nw|se|sw) (?:corner|quarter|quadrant)\b"
    rf"(?! of)(?= \w)"
)
_OF_CENTRE = re.compile(
    rf"{NOT_NEGATED}\b(?:to the "
    rf"|in the )?(?P<place>{_COMPASS}) of (?:the )?(?:{_SCENE} )?{_MIDDLE}\b"
    rf"(?:{_OF_SCENE}|(?! of\b|[- ]\w))"
)
_SHOW = r"(?:(?:please )?(?:show|find|map|list|mark|detect|highlight)(?: me)? )?"
_CHANGED = (
    r"(?:(?:newly|recently|freshly) [a-z]+ed|(?:newly |recently )?built|new|recent|demolished"
    r"|removed|destroyed|razed|felled|lost|cleared|vanished|former|changed|unchanged)"
)
# An adjective before a plural noun: "southern roads", but not "north road" or "the north tower";
# before "new" and the like, no name begins: "western new house".
_ADJECTIVE = re.compile(
    rf"(?:^|(?<=[,;:] ))(?P<lead>{_SHOW}(?:{_CHANGED} |all |all the |the )?)"
    r"(?P<place>(?:(?:north|south)[- ]?)?(?:north|south|east|west)(?:ern)?) "
    rf"(?=(?P<changed>{_CHANGED} )?[a-z]{{3,}})"
    r"(?(changed)|(?<=ern )(?=[a-z]{3,}s\b))(?!(?:centre|center|middle|and|or)\b)"
)
# "The west side's new houses".
_GENITIVE = re.compile(
    rf"{NOT_NEGATED}\b(?:the )?(?:(?:far|very) )?(?:(?P<place>{_COMPASS})\b{SECTION}"
    rf"|(?P<named>{_PLACE})\b{_SECTION}{{1,2}})'s (?=\w)"
)
# "New houses up north"; the particle of a verb stays: "torn down south".
_UP = re.compile(
    rf"\b(?P<verb>\w+(?:ed|orn|ut|nt|ght|en|wn|ilt|ell|ame) (?:up|down|out|over|back) )?"
    rf"(?(verb)|(?<!not )(?:way )?(?:up|down|out|over|back) )(?P<place>{_COMPASS})\b{_END}(?! or\b)"
)
_FROM_SIDE = re.compile(
    rf"\b(?:from|runs?|running|goes|going|stretch(?:es|ing)) (?:the )?(?:{_PLACE})\b{SECTION} $"
)
_LEADING_TO = re.compile(
    r"\b(?:(?:lead|run(?:n(?=ing))?)(?:s|ing)? (?:up )?(?:to|into|towards?)|(?:connect|link|join)"
    r"(?:s|ing)?) [^,;:]*\w [^,;:]*$"
)
"""Before a place: words whose object it tells of, as "leading to houses"."""


def take_positions(text: str, rules: list[SimpleRule], gap: str) -> str:
    """Append the positions of a text to ``rules``; return the text with ``gap`` in their place."""

    def replace(match: re.Match[str]) -> str:
        groups, before = match.groupdict(), match.string[: match.start()]
        # "From north to south" is a way, and "leading to houses in the south" is not in the south.
        if _FROM_SIDE.search(before) or _LEADING_TO.search(before):
            return match[0]
        if groups.get("corner") or groups.get("edge"):
            rules.append(Position("corner" if groups.get("corner") else "edge"))
            return gap
        if groups.get("more"):
            places = re.findall(rf"\b(?:{_PLACE})\b", match[0])
            options = tuple(dict.fromkeys(Position(_place_of(words)) for words in places))
            rules.append(AnyOf(options) if len(options) > 1 else options[0])
            return gap
        rules.append(Position(_place_of(groups.get("place") or groups["named"])))
        return groups.get("lead") or groups.get("verb") or gap

    for pattern in (_OF_CENTRE, _POSITION, _GENITIVE, _UP, _ALONE, _FIRST, _ADJECTIVE):
        text = pattern.sub(replace, text)
    return text


def _place_of(words: str) -> str:
    plain = re.sub(r"most\b", "", words)
    return next(name for name, pattern in PLACES.items() if re.fullmatch(pattern, plain))
