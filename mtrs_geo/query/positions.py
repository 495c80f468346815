"""Where a thing is: positions in the scene ("southern half"), named zones, place adjectives."""

from __future__ import annotations

import re

from mtrs_geo.query.classes import class_of
from mtrs_geo.query.direction import direction_of
from mtrs_geo.query.rules import AnyOf, Near, Position, SimpleRule

__all__ = [
    "END",
    "NOT_NEGATED",
    "PLACES",
    "PREPOSITION",
    "SECTION",
    "ZONE",
    "is_zone",
    "take_place_adjectives",
    "take_positions",
    "write_sides",
]

# A negation next to a rule changes its meaning.  It is not in the grammar, so such a phrase stays
# in the prompt.
_DEGREES = ("right", "directly", "just", "very", "so", "too", "really", "quite")
NOT_NEGATED = r"(?<!\bnot )(?<!\bno )(?<!n't )(?<!\bnever )(?<!\bor )" + "".join(
    rf"(?<!\bnot {degree} )(?<!n't {degree} )" for degree in _DEGREES
)
"""Look-behind: the phrase does not follow a negation or an "or"."""
PREPOSITION = r"(?:in|at|on|close to|to|towards?|inside|within|near|along)"
_SCENE = (
    r"(?:image|scene|map(?: sheet)?|raster|picture|area|tile|view|photo|frame|imagery"
    r"|area of interest|mosaic|orthophoto|(?:(?:map |plan )?sheet|page|print(?:out)?|screen|plan)"
    # A print works or a plan of houses is a place.
    r"(?! (?:works|shop|house|farm|factory|mill|building|wall|street|road|lane|of)\b)"
    r"|(?:study |survey |project )?site|(?:study|survey|project) area)"
)
_OF_SCENE = (
    r"(?: of (?:(?:the|this|that|our|my|your) (?:whole |entire )?|(?=(?:image|picture|photo|map)\b)"
    rf"|(?=(?:scene|tile|raster|view|frame|area|site)\b(?! [\w-]))){_SCENE}\b)"
)
_MIDDLE = r"(?:centre|center|middle|central|heart)"
_SECTION = (
    r"(?: (?:part|portion|side|half|quarter|quadrant|corner|edge|margin|border|end|third"
    r"|section|sector|region|fringe|strip|band|stretch"
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
    "north-east": rf"north[- ]?{_E}|(?:top|upper)[- ]right(?:[- ]hand)?"
    r"|right(?:[- ]hand)?[- ](?:top|upper)|ne",
    "north-west": rf"north[- ]?{_W}|(?:top|upper)[- ]left(?:[- ]hand)?"
    r"|left(?:[- ]hand)?[- ](?:top|upper)|nw",
    "south-east": rf"south[- ]?{_E}|(?:bottom|lower)[- ]right(?:[- ]hand)?"
    r"|right(?:[- ]hand)?[- ](?:bottom|lower)|se",
    "south-west": rf"south[- ]?{_W}|(?:bottom|lower)[- ]left(?:[- ]hand)?"
    r"|left(?:[- ]hand)?[- ](?:bottom|lower)|sw",
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
    r"|(?:left|right)[- ](?:top|upper|bottom|lower)"
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
    r"|too|also|as well|but also|than (?:before|earlier|previously|ever|last|it|they|now|then|\d)"
    r"|leading|running|going|connecting|linking|joining|passing|facing|replacing|covering|measuring"
)
END = rf"(?:{_OF_SCENE}|(?! of\b)(?:(?![- ]\w)|(?= (?:{_CLAUSE_START})\b)))"
_LEAD = (
    r"(?:(?:right|just|exactly|everywhere|anywhere|only|specifically|lying|located|situated"
    r"|confined|restricted) "
    r"|over (?=on ))?"
)
# A polygon is at one place: "in the north as well as in the south" is either.
_JOINT = (
    r"(?: or(?: (?:in|at|on))?| and"
    r"|,? (?:as well as|but also|and also|plus|\+|along with|together with)(?: (?:in|at|on))?)"
)
# "The most northern" alone is a rank, too.
_VERY = (
    r"(?:(?:far|very|most(?= (?:north|south|east|west)(?:[- ]?(?:east|west))?"
    rf"(?:\b|ern{_SECTION}))) )?"
)
_PLACED = (
    rf"(?:either )?(?:the )?{_VERY}"
    rf"(?:(?P<corner>{_CORNERS}){END}|(?P<edge>(?:{_SCENE} )?{_EDGE})(?:{_OF_SCENE}|(?=$"
    r"|[,;.:?!]))"
    rf"|(?:{_SCENE} )?(?P<place>{_PLACE})\b{SECTION}"
    rf"(?P<more>(?:(?:, (?:the )?(?:{_PLACE})\b{SECTION}){{0,2}}{_JOINT} (?:the )?"
    rf"(?:{_PLACE})\b{SECTION}){{0,12}}"
    rf"(?:,? and (?:in |at |on )?(?:the )?(?:{_PLACE})\b{SECTION} (?:too|as well|also)\b)?)"
    rf"{END}(?! or\b))"
)
_POSITION = re.compile(
    rf"{NOT_NEGATED}(?<!furthest )(?<!farthest )\b{_LEAD}{NOT_NEGATED}{PREPOSITION} {_PLACED}"
)
# "Trees cleared from the north"; of what came, "from the north" is a way.
_FROM = re.compile(rf"{NOT_NEGATED}\b(?P<origin>from) {_PLACED}")
# "Demolished sheds, north-east"; "Top of the image: felled woodland"; "west half, new roads".
_ALONE = re.compile(
    rf"(?:^|(?<=[,;:(] )|(?<=\()|(?<= [-–—] ))(?:only )?(?:the )?{_VERY}"
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
    r"(?(verb)|(?<!not )(?:way )?(?:up|down|out|over|back|only|just) )"
    rf"(?P<place>{_COMPASS})\b{END}(?! or\b)"
)
_FROM_SIDE = re.compile(
    rf"\b(?:from|runs?|running|goes|going|stretch(?:es|ing)) (?:the )?(?:{_PLACE})\b{SECTION} $"
)
_LEADING_TO = re.compile(
    r"\b(?:(?:lead|run(?:n(?=ing))?)(?:s|ing)? (?:up )?(?:to|into|towards?)|(?:connect|link|join)"
    r"(?:s|ing)?) [^,;:]*\w [^,;:]*$"
)
"""Before a place: words whose object it tells of, as "leading to houses"."""
_TAKEN = re.compile(
    r"\b(?:taken|stripped|swept|wiped|drained|receded|retreated|withdr[ae]wn?|clear(?:ing|ance)"
    r"|thinned|absent)\b"
)
"""Losses beside those of `direction_of`."""
_ON_THE_WAY = re.compile(
    r"\b(?:seen|visible|viewed|photographed|lead(?:s|ing)?|led|com(?:es?|ing)|came|run(?:s|ning)?"
    r"|ran|going|goes|went|enter(?:s|ing|ed)?|mov(?:es?|ing|ed)|brought|arriv(?:es?|ing|ed)"
    r"|flow(?:s|ing|ed)?|spread(?:s|ing)?|start(?:s|ing|ed)?|stretch(?:es|ing|ed)?"
    r"|extend(?:s|ing|ed)?|away|far|farther|further|distant) $"
)
"""Before "from the north": words that make it a way, a view or a distance."""
_UP_WORDS, _DOWN_WORDS = "top|upper|up|above", "bottom|lower|down|below|under"
_LEVEL, _HAND = rf"(?:{_UP_WORDS}|{_DOWN_WORDS})", r"(?:left|right)"
# "Left down corner", "corner left up", "houses up left", "in the down part of picture".
_PARTICLE = re.compile(r"\b\w+(?:ed|orn|ut|nt|en|wn|ame) $")
"""Before "down left corner": a verb that "down" belongs to."""
_LEARNERS = re.compile(
    r"(?<!not )(?<!n't )\b(?:(?:in|on|at) )?(?:the )?"
    rf"(?:(?P<a>{_LEVEL}[- ]{_HAND}|{_HAND}[- ]{_LEVEL}) corner"
    rf"|corner (?P<b>{_LEVEL}[- ]{_HAND}|{_HAND}[- ]{_LEVEL})"
    rf"|(?<=s )(?P<c>(?:up|down) {_HAND}|{_HAND} (?:up|down))(?=$|[,;.?!])"
    rf"|(?:(?<=in the )|(?<=on the )|(?<=at the ))(?P<d>up|down)"
    rf"(?P<part> (?:part|half|side))"
    rf"|(?P<noun>[a-z]+ )?(?:(?<=at )(?P<e>up|down)|(?P<f>up|down) in the {_SCENE}))\b{END}"
)
# "The corner south east", "the side left", "the corner of the north-east".
_SIDE_LAST = re.compile(
    rf"\b(?P<preposition>{PREPOSITION})(?: the| an?)?(?P<part>{_SECTION}) (?:of (?:the )?)?"
    rf"(?P<place>{_PLACE})\b(?<!area left)(?<!region left)(?<!zone left){END}"
)
_MODIFIER = (
    r"(?:(?!(?:the|an?|of|in|on|at|near|by|to|from|with|and|or|that|which|who|is|are|was|were|has"
    r"|have|had|did|do|does|not|but|since|after|before|between|along|around|within|inside|new|newly"
    r"|whole|entire|full|same|study|survey|project|test|this|these|our|my|last|past|first|time"
    r"|affected|selected|marked"
    r"|built|felled|removed|demolished|lost)\b)[a-z][a-z'-]* )"
)
_PARK = (
    r"(?:national|nature|natural|regional|country|state|wildlife|game|safari|theme|amusement|water"
    r"|business|retail|office|science|technology|trading|industrial|logistics|solar|wind|caravan"
    r"|trailer|holiday)"
)
_OLD = r"(?:old|historic(?:al)?|medieval|ancient|inner|urban|commercial|shopping|business|civic)"
ZONE = (
    rf"(?:{_MODIFIER}{{0,2}}?(?:green ?-?belts?|suburbs?|suburbia|outskirts(?! of\b)"
    r"|down ?town|uptown|midtown|flood ?plains?|floodways?|islands?|peninsulas?|isthmus"
    r"|catchments?|watersheds?|(?:river|drainage) basins?|hinterland|foothills|uplands"
    r"|highlands|lowlands|plateaus?|gorge|canyon|(?:coastal|river|alluvial) plains?"
    r"|campus(?:es)?|old town|inner city|deltas?|estuar(?:y|ies)"
    r"|(?:north|south|east|west)(?:-?(?:east|west))?(?:ern|[- ]facing)? (?:slopes?|hillsides?"
    r"|flanks?|valleys?|shores?|coasts?|banks?|ridges?|beach(?:es)?)(?! of\b)"
    r"|(?:city|town|village) (?:cent(?:re|er)s?|core|limits)"
    rf"|{_OLD} (?:cent(?:re|er)|core|quarter)|{_PARK} parks?|(?:industrial|trading) estates?"
    r"|(?:conservation|protected|flood[ -]risk|risk|hazard|danger|restricted|priority|planning"
    r"|development|enterprise|commercial|shopping) areas?"
    r"|(?:nature|natural|game|forest|wildlife|biosphere|marine) (?:reserves?|sanctuar(?:y|ies))"
    r"|wards?|parish(?:es)?|precincts?|boroughs?|townships?)"
    rf"|{_MODIFIER}{{1,2}}?(?:zones?|districts?|corridors?|reserves?|municipalit(?:y|ies)|provinces?)"
    r"|(?:zone|sector|district|ward|block|plot|parcel|lot) (?:no\.? )?(?:[a-h]|\d+|[ivx]+))\b"
)
"""Pattern of a named kind of place whose bounds no pixels show, such as "the green belt"."""
_IS_ZONE = re.compile(rf"{ZONE}(?:$| (?:of|in|on)\b)")
_BESIDE_M = 20.0
_WATERSIDE = {
    "river": "river", "lake": "lake", "sea": "sea", "ocean": "sea", "beach": "beach",
    "water": "water", "canal": "canal", "stream": "stream", "creek": "creek", "pond": "pond",
    "road": "road", "street": "street", "kerb": "road", "curb": "road",
    "harbour": "harbour", "harbor": "harbor", "dock": "harbour", "quay": "harbour",
}  # fmt: skip
"""First parts of "riverside", "beachfront" and the like, and the thing that they are beside."""
# "Riverside houses", but not "on the riverside since then" and not "on Riverside Drive".
_SIDE_ADJECTIVE = re.compile(
    r"(?<!\bat the )(?<!\bon the )(?<!\bby the )(?<!\balong the )(?<!\bnear the )"
    r"(?<!\bat )(?<!\bon )(?<!\balong )(?<!\bnear )"
    rf"\b(?P<thing>{'|'.join(_WATERSIDE)})(?:-?side|[- ]?front) "
    r"(?=(?!(?:that|which|who|are|was|were|has|have|had|did|and|for|from|with|near|since|after"
    r"|before|between|during|until|in|on|of|at|to|by|or|is|only)\b)(?P<next>[a-z]{3,}))"
)


def write_sides(text: str) -> str:
    """Return a text with "in the south east corner" for "in the corner south east".

    Args:
        text: in lower case, with single spaces.
    """
    return _SIDE_LAST.sub(r"\g<preposition> the \g<place>\g<part>", text)


def take_positions(text: str, rules: list[SimpleRule], gap: str) -> str:
    """Append the positions of a text to ``rules``; return the text with ``gap`` in their place."""

    def replace(match: re.Match[str]) -> str:
        groups, before = match.groupdict(), match.string[: match.start()]
        # "From north to south" is a way, and "leading to houses in the south" is not in the south.
        if _FROM_SIDE.search(before) or _LEADING_TO.search(before):
            return match[0]
        # "More in the north than in the south" compares both.
        if before.endswith("than "):
            return match[0]
        if groups.get("origin") and not _is_lost_from(before, match.string[match.end() :]):
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

    text = write_sides(_LEARNERS.sub(_in_usual_order, text))
    for pattern in (_OF_CENTRE, _POSITION, _FROM, _GENITIVE, _UP, _ALONE, _FIRST, _ADJECTIVE):
        text = pattern.sub(replace, text)
    return text


def take_place_adjectives(text: str, rules: list[SimpleRule], gap: str) -> str:
    """Append a rule for each "riverside" or "beachfront" before a noun; return the text without."""

    def replace(match: re.Match[str]) -> str:
        if direction_of(match["next"]) != "changed" and match["next"] != "development":
            return match[0]
        rules.append(Near(_WATERSIDE[match["thing"]], _BESIDE_M))
        return gap if gap.strip() else ""

    return _SIDE_ADJECTIVE.sub(replace, text)


def is_zone(name: str) -> bool:
    """Return whether a thing is a named kind of place whose bounds no pixels show."""
    return _IS_ZONE.match(name) is not None


def _in_usual_order(match: re.Match[str]) -> str:
    """Return "in the bottom left corner" for "left down corner"."""
    if match["a"] and _PARTICLE.search(match.string[: match.start()]):
        return match[0]
    if match["f"] and class_of(match["noun"] or "") in ("any", "other"):
        return match[0]  # "torn down in the image"
    places = (match[name] for name in "abcdef")
    words = re.split("[- ]", next(filter(None, places)))
    level = "top" if {*words} & {*_UP_WORDS.split("|")} else "bottom"
    if match["d"]:
        return f"in the {level}{match['part']}"
    if match["e"] or match["f"]:
        return f"{match['noun'] or ''}in the {level}"
    return f"in the {level} {'left' if 'left' in words else 'right'} corner"


def _is_lost_from(before: str, after: str) -> bool:
    """Return whether "from the north" between two texts says where something was lost."""
    if _ON_THE_WAY.search(before):
        return False
    if direction_of(before) == "disappeared" or _TAKEN.search(before):
        return True
    is_thing = not before.strip() or class_of(before.split()[-1]) in ("building", "vegetation")
    return is_thing and direction_of(after) == "disappeared"


def _place_of(words: str) -> str:
    plain = re.sub(r"most\b", "", words)
    return next(name for name, pattern in PLACES.items() if re.fullmatch(pattern, plain))
