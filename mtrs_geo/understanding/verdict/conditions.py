"""Find conditions that no rule expresses ("north of the road"), or that exclude each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from mtrs_geo.query import ChangeQuery
from mtrs_geo.query.grammar import normalize
from mtrs_geo.query.numbers import any_of
from mtrs_geo.query.ranks import MEASURES, ORDINAL, UNCLEAR_RANK, lost_rank
from mtrs_geo.query.rules import Except, Position, Rule, SizeBound, is_rank

__all__ = ["excluding_rules", "lost_place", "negates_condition", "unused_condition"]

_SIDE = r"(?:north|south|east|west|left|right)(?:[- ]?(?:east|west))?(?:ern|wards?)?"
_THING = r"(?:the |an? )?[^\W\d]+(?: [^\W\d]+)?"
_PICTURE = r"(?:imag|photo|pictur|scene|survey|raster|map|ortho|flight|view|capture|aerial|one\b)"
_YEAR = rf"(?:19|20)\d\d(?![\d.,/-]*\d)(?! {_PICTURE})"
_COMPARATIVE = r"(?:larg|bigg|great|small|wid|long|short|narrow|broad)er|more|less"
_AMOUNT = r"(?:[-−]? ?[\d½¼¾⅓⅔][\w.,½]*|(?:[a-z-]+ ){1,6}?)"
_UNIT = (
    r"(?:m²|m2|ha|acres?|hectares?|(?:square |sq )?(?:kilo)?met(?:re|er)s?"
    r"|(?:square )?(?:feet|foot)|miles?)"
)
_UNUSED = re.compile(
    rf"\b(?:to the )?{_SIDE} (?:half |part |side |banks? |shores? )?of (?!each\b|every\b){_THING}"
    rf"|(?:\b(?:since|after|before|until|from|by|during|around|about|circa|in|at)\b[\w ]{{0,30}}? )"
    rf"{_YEAR}"
    r"|\b(?:since |until |before )?yesterday\b"
    r"|\b(?:an?|one|two|three|four|five|ten|\d+) (?:years?|months?|weeks?|days?)\b(?! (?:ago|old))"
    rf"|\b(?:{_COMPARATIVE}) than {_AMOUNT} ?{_UNIT}(?!\w)"
    r"|\b(?:within|less than|more than|farther than|further than|between) [\d.,]+[^,;]*? "
    r"(?:of|from) [^,;]+"
    r"|\b(?:half|an? (?:third|quarter|fourth|fifth|sixth|seventh|eighth|ninth|tenth)"
    r"|(?:two|three) (?:thirds|quarters)) of (?:the|all)\b"
    r"|\bbut (?:one|two|three)$|\b(?:in|of|for|per) (?:each|every) [^\W\d]+"
)
_DETERMINER = r"(?:the|an?|any|my|our|their|its)"
_ONE_THING = rf"(?:{_DETERMINER} )?[^\W\d]+"
_DATES = (
    rf"(?:{_DETERMINER} )?(?:[^\W\d]+ )?(?:t?\d|dates?\b|years?\b|times?\b|visits?\b"
    r"|first\b|second\b|both\b|two\b|earlier\b|later\b|before\b|after\b|old\b|new\b|last\b|then\b|now\b|them\b|these\b"
    r"|those\b|today\b|left\b|right\b|(?:jan|febr)uary|march\b|april|may\b|june|july|august"
    rf"|(?:septem|octo|novem|decem)ber|spring\b|summer|autumn|winter|{_PICTURE})"
)
"""After "between": dates and pictures, which are compared anyway."""
_WHOLE_SCENE = (
    rf"(?:(?:whole|entire|full|study|survey|map) |{_PICTURE}|imag\w+|area"
    r"|aoi|board|basin|campus|estate|municipality|region|country"
    r"|county|district|province|state|city|town|village|land|landscape|place|site|territory|world"
    r"|years?|dates?|two|three|both|same)"
)
"""After "across": the scene, or the dates."""
_ONE_WORD = r"[^\W\d]+"
_ACROSS = (
    r"(?:roads?|streets?|rivers?|lakes?|valleys?|bays?|squares?|fields?|tracks?|lines?|parks?)"
)
_DIRECTION = r"(?:north|south|east|west)(?:[- ]?(?:east|west))?(?:ern)?"
_WATERS = r"(?:lakes?|rivers?|ponds?|sea|canals?|streams?|roads?|streets?)"
_UNUSED_PLACE = re.compile(
    rf"\b(?:from (?:the )?|(?<=running )|(?<=going )){_SIDE} to (?:the )?{_SIDE}\b"
    rf"|\bfrom (?:the )?{_DIRECTION}(?: (?:half|part|side|end))?"
    r"(?=$|[,;.:?!]| (?:that|which|is|are|was|were|has|have|had|and)\b)"
    r"|(?<!look )(?<!looking )\bat the"
    r" (?:airport|airfield|harbou?r|port|station|school|hospital|university|quarry|factory|marina"
    r"|docks?|farm|cemetery|stadium)\b"
    rf"|\b(?:at|in|on|along|near|from) {_DETERMINER} [^\W\d]+'s {_DIRECTION}(?: [^\W\d]+)?"
    # A direction that is no position: "the road extended north", "on Park Avenue North".
    rf"|(?<!\bthe )(?<!\bto )(?<!\ba )(?<!^)\b{_DIRECTION}(?=$|[,;.:?!)])"
    r"|(?<= )(?:[nsew]|ne|nw|se|sw|[ns][-–][ns]|[ew][-–][ew])(?=$|[,;:?!)]|\.(?: |$))"
    rf"|\b{_DIRECTION}[- ]facing(?: [^\W\d]+)?"
    r"|(?<!the )\b(?:down ?town|uptown|midtown|inland|offshore|upstream|downstream)\b(?! of\b)"
    r"|\b(?:suburban|inner-city|downtown|coastal|hillside|hilltop|mountainside)(?= [^\W\d]{3})"
    rf"|\b(?:over)?looking (?:over |out (?:on|over) |onto )?{_DETERMINER} {_ONE_WORD}"
    rf"|\bwith (?:a )?views? (?:of|over|across|to) {_DETERMINER} {_ONE_WORD}"
    rf"|\b(?<=bridge )(?<!the bridge )over {_DETERMINER} {_WATERS}\b"
    rf"|(?<=bridges )over {_DETERMINER} {_WATERS}\b"
    r"|\b(?:going|heading|running|leading) (?:to(?:wards)? )?(?:the )?"
    r"(?:north|south|east|west)(?:-?(?:east|west))?(?:wards?)?\b"
    # Of one road it is a part of the name.
    r"|\b(?:north[-–]south|south[-–]north|east[-–]west|west[-–]east)\b"
    r"(?! [a-z]+(?<!s)(?=$|[,.;?!]))"
    r"|\b(?:lead(?:s|ing)?|run(?:s|ning)?) (?:up )?(?:to|into|towards?) (?:the |an? )?[^\W\d][^,;]*"
    r"|\b(?:connect|link|join)ing (?:the |an? )?[^\W\d][^,;]*|"
    rf"(?<!change )(?<!changes )(?<!changed )(?<!switch )(?<!switched )(?<!difference )"
    rf"(?<!differences )\bbetween (?!{_DATES})(?:{_DETERMINER} (?:[^\W\d]+ )??)?[^\W\d]+"
    rf"(?: and (?:{_DETERMINER} (?:[^\W\d]+ )??)?[^\W\d]+|(?=$|[,.;:?!]))"
    rf"|\bbetween {_DETERMINER} [^\W\d]+s\b(?<!dates)(?! (?:and|\w+s)\b)"
    rf"|\bacross(?: from)? {_DETERMINER} (?!{_WHOLE_SCENE}\b){_ONE_WORD}(?: {_ACROSS})?"
    rf"|(?<!\d m )\boff (?:the|an?|any) (?:main )?{_WATERS}\b"
    rf"|\b(?:with)?in (?:sight|view|earshot|eyeshot|hearing) of {_DETERMINER} {_ONE_THING}"
    rf"|(?<!change )(?<!changes )(?<!changed )(?<!difference )(?<!water )\bin the {_WATERS}"
    r"(?=$|[,;.:?!]| (?:that|which|in|since|after|before|and|or|is|are|was|were|has|have|had)\b)"
    # "Less forest" disappeared; "new houses less sheds" may leave out or not.
    r"|(?<=s )(?<!\bis )(?<!has )(?<!was )(?<!areas )(?<!places )less (?!than\b)[a-z-]+s\b(?! than)"
    rf"|\b(?:opposite(?: (?:of|to))?|beyond|behind|upstream of|downstream of|outside(?: of)?)"
    rf" {_DETERMINER} {_ONE_THING}"
    r"|\b(?:under|underneath|beneath|below) the (?:bridges?|flyovers?|overpass|viaducts?"
    r"|power ?lines?)"
    rf"|\bon the (?:other|far|opposite|same) (?:side|bank|shore)s?\b(?: of {_ONE_THING})?"
    r"|\baway from (?:the )?(?:edges?|borders?|margins?|corners?|cent(?:re|er)|middle)\b"
    r"|\b(?:near(?: to)?|close to|next to|beside|along|(?:far )?(?:away )?from"
    r"|within [^,;]{1,20} of) (?:each other|one another)\b"
    # The things of another wish.
    r"|\b(?:near(?: to)?|close to|next to|beside|along(?:side)?|around|surrounding|adjacent to"
    r"|in the vicinity of|within [^,;]{1,20} of|behind|opposite) (?:them|it|these|those)"
    r"(?=$|[,.;:?!])"
    r"|\bin their (?:vicinity|neighbou?rhood|surroundings)\b"
    r"|\bclose together\b|\bfar apart\b"
    r"|\bin (?:an? )?(?:small |large |dense )?(?:clusters?|groups?|rows?)\b"
    rf"|\b(?:nearest|closest|farthest|furthest)\b(?: (?:to|from) {_ONE_THING})?"
    r"|\b(?:isolated|scattered|clustered|dispersed|solitary|remote|secluded|uphill|downhill"
    r"|(?:densely|sparsely)(?: built| packed| spaced)?)\b"
    r"|\b(?:in|on|at|along) the (?:slopes?|hills?|hillsides?|hilltops?|valleys?|ridges?|mountains?"
    r"|plains?|crossroads|junctions?|countryside)\b"
)
"""Relations that no rule measures, such as those of polygons to each other."""
_UNUSED_SIZE = re.compile(
    r"\b(?:(?:very|really|quite|fairly|rather) )?(?:big|large|huge|enormous|massive|sizeable"
    r"|sizable|small|tiny|tall)\b(?!-| (?:parts?|scale|box|holdings?|numbers?|amounts?)\b)"
    r"|\b(?<!no )(?<!as )(?<!how )(?<!so )(?:long|wide|narrow)"
    r"(?= (?:new |removed |demolished )?(?:roads?|streets?|lanes?|paths?|tracks?|hedges?|rivers?"
    r"|streams?|canals?|driveways?|buildings?|houses?|halls?|sheds?|barns?|ponds?|lakes?)\b)"
)
"""A size without a number."""
_TOGETHER = re.compile(r"\b(?:together|combined|altogether|in total|in sum)\b")
_SEVERAL = re.compile(r"\b(?:last|first) (?:two|three|four|five|six|ten|\d+)\b")
_NEGATED = re.compile(
    r"\bunless\b|\b(?:before or after|after or before)\b"
    r"|\b(?:except(?:ing)?|excluding|other than|apart from|aside from)(?: for)?"
    rf" (?:in|during|since|before|after|between|from|until) (?:the )?(?:[a-z]+ ){{0,2}}{_YEAR}"
)
_UNUSED_RANK = re.compile(
    rf"\b(?:{ORDINAL}(?:, | and | or )(?:the )?)+{ORDINAL}[ -](?:{any_of(MEASURES)}|nearest|closest"
    r"|farthest|furthest)\b"
)
"""Two ordinals of one measure."""
_IN_REFERENCE = re.compile(
    r"\b(?:near|next to|close to|beside|along|alongside|inside|within|away from|far from"
    r"|adjacent to|surrounded by|across from|opposite|between|behind)\b.*|\bin (?:the|an?) .*"
    r"|\d[\d.,]* ?(?:m|km|ft|feet|met(?:re|er)s?)\b.*"
)
"""In the name of another thing: a further relation, which nothing measures."""
_PLACED = (
    r"\b(?:by|at|in|among|amongst|amid|amidst|between|behind|from|across|through|over|on|off"
    r"|into|beside) (?:(?:the|an?|my|our|your|their|its|his|her|these|those|all|both|some"
    r"|two|other) )*(?:[^\W\d]+ )?"
)
"""What stands before a noun that says where."""
_LONE_YEAR = re.compile(
    rf"(?<![\w.,/-])(?:19|20)\d\d(?![\w²^/-]|[.,]\d)(?! ?{_UNIT}(?!\w))(?! {_PICTURE})"
)
_WHOLE = (
    r"(?:forests?|woods?|woodlands?|groves?|jungles?|plantations?|lakes?|rivers?|ponds?|reservoirs?"
    r"|areas?|lands?|places?|sites?|spots?|parts?|zones?|regions?|grounds?|locations?|patches"
    r"|pixels?|tiles?|cells?|scenes?|maps?|images?|ones?|those|things?|what|who|we|i|they|you|people"
    r"|everyone|anyone|someone|that|which|it)"
)
_OWNER = re.compile(
    rf"\b(?:(?P<owner>(?!{_WHOLE}\b)[a-z-]{{3,}}) (?:that|which|who)"
    rf"|(?:which|what) (?P<asked>(?!{_WHOLE}\b|ha[sd]\b|have\b)[a-z-]{{3,}}))"
    r" (?:have |has |had )?"
    r"(?:(?:lost|gained|got|shed|received)(?: (?:all|some|most|many|half|part))?"
    r"(?: of)? (?:their|its|the|an?|new|more|some) (?=[a-z])|(?:lost|gained) (?=[a-z]{3,})"
    r"(?!(?:in|on|at|near|by|along|to|from|since|after|before|during|and|or|because|due|between"
    r"|over|within|through|as|when|than|for|with|under|inside|around|completely|entirely)\b))"
)
"""What lost or gained another thing: "streets that lost their trees"."""
_OPPOSITES = (("north", "south"), ("east", "west"))


def negates_condition(text: str) -> bool:
    """Return whether a condition is negated in a way that no rule expresses: "except in 2016".

    Args:
        text: a sentence in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    return _NEGATED.search(text) is not None


def unused_condition(query: ChangeQuery) -> str:
    """Return a condition that stayed in the prompt, as no rule expresses it, else "".

    A rank of another thing is one too: "the smallest road" after "the largest house and".

    Args:
        query: of a sentence; a date that one of its times has is used.
    """
    excepted = [rule.prompt or "" for rule in query.rules if isinstance(rule, Except)]
    words = "; ".join([query.prompt, *excepted])
    rank = _UNUSED_RANK.search(words) or UNCLEAR_RANK.search(words)
    # "The 3 largest by area" are taken.
    if rank and not (rank[0].startswith("by ") and any(map(is_rank, query.rules))):
        return rank[0]
    lost = lost_rank(normalize(query.text), query.rules)
    if lost:
        return lost
    used = " ".join(time.phrase for time in query.times)
    for found in _UNUSED.finditer(query.prompt):
        if found[0] not in used:
            return found[0]
    place = _UNUSED_PLACE.search(query.prompt) or _UNUSED_SIZE.search(query.prompt)
    if place:
        return place[0]
    year = next((m[0] for m in _LONE_YEAR.finditer(query.prompt) if m[0] not in used), "")
    if year:
        return year
    for name in query.land_cover_references:
        further = _IN_REFERENCE.search(name)
        if further:
            return further[0]
    more = _TOGETHER if _has(query.rules, SizeBound) else None
    more = _SEVERAL if any(map(is_rank, query.rules)) else more
    left = more.search(query.prompt) if more else None
    return left[0] if left else ""


def lost_place(nouns: Sequence[str], prompt: str) -> str:
    """Return the words of a place that stayed in a prompt, as no rule has it, else "".

    Args:
        nouns: of ground that is not what changed.
        prompt: of a query.
    """
    for noun in nouns:
        found = re.search(rf"{_PLACED}{re.escape(noun)}\b", prompt)
        if found:
            return found[0]
    return ""


def owner_of_change(text: str) -> str:
    """Return what lost or gained a thing, which no rule expresses: "streets that lost trees".

    Args:
        text: a sentence in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    match = _OWNER.search(text)
    return (match["owner"] or match["asked"]) if match else ""


def excluding_rules(rules: Sequence[Rule]) -> tuple[str, str] | None:
    """Return two rules that no polygon keeps at once: "in the north" and "in the south"."""
    for one, other in combinations(rules, 2):
        if _exclude(one, other):
            return one.explain(), other.explain()
    return None


def _exclude(one: Rule, other: Rule) -> bool:
    if isinstance(one, Position) and isinstance(other, Position):
        first, second = one.place.split("-"), other.place.split("-")
        return any(
            (a in first and b in second) or (b in first and a in second) for a, b in _OPPOSITES
        )
    if isinstance(one, SizeBound) and isinstance(other, SizeBound):
        is_same = one.quantity == other.quantity
        return is_same and max(one.low, other.low) > min(one.high, other.high)
    return False


def _has(rules: Sequence[Rule], kind: type[Rule]) -> bool:
    return any(isinstance(rule, kind) for rule in rules)
