"""Superlatives: "the three largest", "the second largest", "northernmost", "top five by size"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from mtrs_geo.query.numbers import MAX_VALUE, NUMBER, UNIT, any_of, parse_number
from mtrs_geo.query.positions import NOT_NEGATED
from mtrs_geo.query.rules import (
    AnyOf,
    Measure,
    Rule,
    SimpleRule,
    Superlative,
    is_rank,
    reference_of,
)

__all__ = [
    "MEASURES",
    "NOT_AFTER_ORDINAL",
    "ORDINAL",
    "RANK",
    "UNCLEAR_RANK",
    "lost_rank",
    "parse_ordinal",
    "take_outermost",
    "take_ranks",
]

MEASURES: dict[str, Measure] = {
    "biggest": "largest", "greatest": "largest", "largest": "largest",
    "most extensive": "largest", "bulkiest": "largest", "smallest": "smallest",
    "tiniest": "smallest", "littlest": "smallest", "least extensive": "smallest",
    "longest": "longest", "shortest": "shortest", "widest": "widest", "broadest": "widest",
    "narrowest": "narrowest",
    "northernmost": "northernmost", "southernmost": "southernmost",
    "easternmost": "easternmost", "westernmost": "westernmost",
    "topmost": "northernmost", "uppermost": "northernmost", "bottommost": "southernmost",
    "lowermost": "southernmost",
    "leftmost": "westernmost", "rightmost": "easternmost",
    "most northern": "northernmost", "most southern": "southernmost",
    "most eastern": "easternmost", "most western": "westernmost",
    "most northerly": "northernmost", "most southerly": "southernmost",
    "most easterly": "easternmost", "most westerly": "westernmost",
}  # fmt: skip
_ORDINALS = {
    "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10,
}  # fmt: skip
ORDINAL = rf"(?:{any_of(_ORDINALS)}|[1-9]\d{{0,5}}(?:st|nd|rd|th))"
"""Pattern of "second" to "tenth", "2nd" and larger ones in digits."""
_SIDES: dict[str, Measure] = {
    "north": "northernmost", "south": "southernmost", "east": "easternmost", "west": "westernmost",
}  # fmt: skip
_EDGES: dict[str, Measure] = {
    **dict.fromkeys(("upper", "top", "northern", "north"), "northernmost"),
    **dict.fromkeys(("lower", "bottom", "southern", "south"), "southernmost"),
    **dict.fromkeys(("right-hand", "right", "eastern", "east"), "easternmost"),
    **dict.fromkeys(("left-hand", "left", "western", "west"), "westernmost"),
}
_PICTURE = r"(?: of the (?:whole |entire )?(?:image|picture|photo|map|scene|frame|view|area))"
_DIMENSIONS: dict[str, Measure] = {
    "area": "largest", "size": "largest", "length": "longest", "width": "widest",
}  # fmt: skip
_NOT_ORDINAL = "".join(
    rf"(?<!{word} )" for word in (*_ORDINALS, "th", "nd", "rd", "st", "next", "'s")
)
_HIGH_ORDINALS = ("eventh", "elfth", "eenth", "tieth", "-first")
"""Endings of "eleventh", "twelfth", "thirteenth", "twentieth", "twenty-first"."""
NOT_AFTER_ORDINAL = r"(?<!\bnext )(?<!'s )" + "".join(
    rf"(?<!{word} )" + "".join(rf"(?<!{word} {j} )(?<!{word} {j} the )" for j in ("and", "or"))
    for word in (*_ORDINALS, r"\dst", r"\dnd", r"\drd", r"\dth", *_HIGH_ORDINALS)
)
"""Look-behind: a rank is not the end of "the second and third largest", or of "the eleventh"."""
_SHARE = r" ?(?:%|per ?cent)"
_COUNT = (
    rf"(?:(?:(?:{NUMBER} |half an? |a half |half[- ]|an? )?dozen|(?:a |the )?couple|a pair)"
    rf"|{NUMBER})(?: of(?: the)?(?= (?:{any_of(MEASURES)})\b))?"
)
"""How many polygons a superlative keeps: "3", "two dozen", "a couple of the"."""
_VAGUE = (
    r"(?:several|some|many|most|few|handful|number|lots?|dozens|plenty|half|majority|various|scores"
    rf"|{NUMBER}{_SHARE})(?: of)?(?: the| these| those)?(?: {NUMBER})?|all of(?: the)?"
)
_LIMIT = r"(?:at least|at most|up to|only|just|exactly|no (?:more|fewer|less) than)"
_AT_SIDE = (
    r"(?:in|on|at) the (?:(?:north|south|east|west)(?:[- ]?(?:east|west))?(?:ern)?"
    r"|(?:top|bottom|upper|lower|left|right)(?: (?:left|right))?|cent(?:re|er)|middle)"
    r"(?: (?:half|part|side|end|corner))?"
)
UNCLEAR_RANK = re.compile(
    rf"\b(?:{_VAGUE}) (?:{any_of(MEASURES)})\b"
    rf"|\b(?:top|first|{any_of(MEASURES)}) {NUMBER}{_SHARE}"
    rf"|\b(?:top|{any_of(MEASURES)}) (?:tenth|fifth|quarter|third|half|decile|quartile|percentile)"
    r"(?= of\b| by\b)"
    rf"|\b(?:(?:sorted|ranked|ordered|arranged|listed)\b[^,;.?!]{{0,40}}?,? )?(?:from )?(?:the )?"
    rf"(?:{any_of(MEASURES)})(?: ones?)?(?:[ -](?:first|last)\b(?! {NUMBER})"
    rf"|,? (?:down |up )?to (?:the )?(?:{any_of(MEASURES)})\b)"
    r"|\b(?:sort|rank|order)(?:ed)? by (?:the |their )?(?:area|size|length|width)\b"
    r"(?: in (?:a|de)scending order|,? (?:a|de)scending)?"
    r"|\bby (?:area|size|length|width)(?=$|[,;.?!])"
    r"|\bin (?:ascending|descending|increasing|decreasing) order\b(?: of \w+)?"
    rf"|\b(?:{_LIMIT} )?{NUMBER} ?{UNIT}(?: or (?:more|less))?(?= of (?!the\b))"
    rf"|\b(?:{_LIMIT} )?{NUMBER} (?:of (?:them|these|those)|at (?:most|least|the most))\b"
    rf"|(?<=, ){_LIMIT} {NUMBER}(?=$|[,;.?!])"
    rf"|\b{_AT_SIDE} than {_AT_SIDE}(?: (?:half|part|side|end|corner))?"
    r"|\b(?:north|south)[- ]?(?:east|west)ernmost\b"
    r"|\bmost (?:(?:north|south)[- ]?(?:east|west)er(?:n|ly)|central)\b"
    r"|\b(?:average|medium|mid|middle)[- ]?sized?\b"
)
"""Words of ranks, amounts and comparisons that no rule expresses: "several of the largest",
"largest first", "at least ten of them", "in the north than in the south"."""
_AFTER = r"(?: ones?\b)?(?: (?:of|among)\b)?(?: (?:the|all)\b)?(?! or\b)"
_BY = rf"(?: by (?P<by>{any_of(_DIMENSIONS)}))"
_ORDINAL = re.compile(
    rf"{NOT_NEGATED}(?<!\band ){NOT_AFTER_ORDINAL}\b(?:only )?(?:the )?(?P<ordinal>{ORDINAL})"
    rf"(?: |-)(?P<m>{any_of(MEASURES)})\b{_AFTER}"
)
_SUPERLATIVE = re.compile(
    rf"{NOT_NEGATED}{_NOT_ORDINAL}(?<!% )(?<!cent )\b(?:only )?(?:the )?(?:single )?"
    rf"(?:(?:top |first )?(?P<n>{_COUNT}) )?"
    rf"{NOT_NEGATED}{_NOT_ORDINAL}(?P<m>{any_of(MEASURES)})\b"
    rf"(?! {NUMBER}{_SHARE})(?: (?P<k>{NUMBER})(?![\w.,-])(?! ?{UNIT}))?{_AFTER}"
)
_TOP = re.compile(
    rf"\b(?:the )?(?:top (?P<t>{_COUNT}){_BY}?|first (?P<f>{_COUNT}){_BY.replace('by>', 'fby>')})"
    rf"\b(?! [-–])(?!{_SHARE})"
)
_APART = re.compile(
    rf"^(?:the )?(?:first|top) (?P<n>{_COUNT})(?!{_SHARE}) (?P<x>[^,;]{{1,120}}?){_BY}\b(?! [-–])"
)
_SORTED = re.compile(
    rf"^(?:please )?(?:(?:rank|sort|order) )?(?P<x>[^,;]{{1,120}}?)"
    rf"(?:,? (?:ranked|sorted|ordered|arranged))?{_BY}(?:,? (?:and|then)|,)*"
    r" (?:(?:give|show|list|keep|return)(?: me)? )?(?:only )?(?:the )?(?:first|top"
    rf"|best) (?P<n>{_COUNT})\b(?!{_SHARE})"
)
_FURTHEST = re.compile(
    rf"{NOT_NEGATED}\b(?:the )?(?:(?P<n>{NUMBER}) )?(?:(?:that |which )?(?:lies?|lying"
    r"|located|situated"
    rf"|is|are) )?(?:the )?(?:furthest|farthest) (?:to(?:wards)? the )?(?P<side>{any_of(_SIDES)})\b"
    rf"(?! or\b|[- ](?:east|west)){_PICTURE}?{_AFTER}"
)
_AT_EDGE = re.compile(
    rf"{NOT_NEGATED}\b(?:(?:that |which )?(?:lies?|lying|located|situated|is|are) )?(?:the )?"
    rf"(?:closest|nearest) (?:to )?the (?:very )?(?P<side>{any_of(_EDGES)})"
    rf"(?: (?:edge|border|margin|side|end|rim|boundary)\b{_PICTURE}?|{_PICTURE})"
)
_MIDDLE = re.compile(r"\b(?:cent(?:re|er|rally|ral)|middle|mid|third|ninth)\b")
"""With these words, "nearest the upper edge" tells of a part of the scene."""
_PART = re.compile(
    r"[- ](?:(?:left|right|northern|southern|eastern|western)[- ])?"
    r"(?:(?:cent(?:re|er|ral)|middle)\b|(?:part|section|third|ninth|area|strip|cell|sector|zone"
    r"|portion|region|edge|corner|side|end|half|quarter|quadrant|row|column|band)\b)"
)
"""After "topmost", words for a part of the scene."""
RANK = (
    rf"(?<!% )(?<!cent ){NOT_AFTER_ORDINAL}\b(?:(?:the )?(?:single )?"
    rf"(?:(?:(?:top |first )?{_COUNT}|{ORDINAL})[ -])?"
    rf"(?:{any_of(MEASURES)})\b(?!(?<=most){_PART.pattern})(?! {NUMBER}{_SHARE})"
    rf"(?: {NUMBER}(?![\w.,-])(?! ?{UNIT}))?"
    rf"|(?:the )?(?:top|first) {_COUNT} by (?:{any_of(_DIMENSIONS)})\b"
    rf"|(?:the )?(?:furthest|farthest) (?:to(?:wards)? the )?(?:{any_of(_SIDES)})\b)"
)
"""One superlative, without groups: "the 3 largest", "the second largest", "top 5 by area"."""
_RANK = re.compile(NOT_NEGATED.replace(r"(?<!\bor )", "") + RANK)
_MOST_WORDS = 60
"""Length of the words between two superlatives that belong together."""
_NOUN = r"(?P<noun>(?: (?!and\b|or\b|but\b)[\w-]+){0,6}?)"
_AND = re.compile(rf"{_NOUN},? (?:and|or) ")
_LISTED = re.compile(rf"(?:, {RANK}){{0,6}},? (?:and|or) {RANK}")
_BY_DISTANCE = rf"(?:the )?(?:(?:{NUMBER}|{ORDINAL})[ -])?(?:nearest|closest|farthest|furthest)\b"
_AFTER_RANK = re.compile(_AFTER)
_ANOTHER = re.compile(rf",? (?:and|or) (?:also )?(?={RANK}|{_BY_DISTANCE})([^,;.?!]+)")
_CLAUSE_END = re.compile(r"(?: ones?)?(?: of (?:all|them|these|those))?(?=$|[,;.?!])")
_REPEATED = re.compile(r"(?P<noun>(?: [\w-]+){1,6}?)(?=$|[,;.?!])")
_MOST_SPACE = re.compile(
    r"\b(?:that |which )?(?:takes? up|covers?|occup(?:y|ies)|fills?) the (?P<m>most|least) "
    r"(?:space|ground|area|land|surface|room)\b"
    r"|\b(?:that is |which is )?(?P<c>bigger|larger|smaller) than (?:all|any) (?:of )?(?:the )?"
    r"others?(?: ones?)?\b"
)


def take_outermost(text: str, rules: list[SimpleRule], gap: str) -> str:
    """Append superlatives that name an edge or an amount of space, as `take_ranks`.

    It comes before positions are taken: "closest to the upper edge" is not "in the north".
    """

    def at_edge(match: re.Match[str]) -> str:
        rules.append(Superlative(1, _EDGES[match["side"]]))
        return gap

    def most_space(match: re.Match[str]) -> str:
        is_least = match["c"] == "smaller" or match["m"] == "least"
        rules.append(Superlative(1, "smallest" if is_least else "largest"))
        return gap

    if not _MIDDLE.search(text):
        text = _AT_EDGE.sub(at_edge, text)
    return _MOST_SPACE.sub(most_space, text)


def take_ranks(text: str, rules: list[SimpleRule], gap: str) -> str:
    """Append the superlatives of a text to ``rules``; return the text with ``gap`` instead."""
    return _take_single(_take_lists(text, rules, gap), rules, gap)


def _take_single(text: str, rules: list[SimpleRule], gap: str) -> str:
    def add(number: str | None, measure: Measure, first: int = 1) -> bool:
        count = _count_of(number or "1")
        if count >= 1:
            rules.append(Superlative(count, measure, first))
        return count >= 1

    def ordinal(match: re.Match[str]) -> str:
        is_rank = add(None, MEASURES[match["m"]], parse_ordinal(match["ordinal"]))
        return gap if is_rank else match[0]

    def furthest(match: re.Match[str]) -> str:
        return gap if add(match["n"], _SIDES[match["side"]]) else match[0]

    def superlative(match: re.Match[str]) -> str:
        if _is_unclear(match.string, match.start("m")):
            return match[0]
        if MEASURES[match["m"]].endswith("most") and _PART.match(match.string, match.end("m")):
            return match[0]
        return gap if add(match["n"] or match["k"], MEASURES[match["m"]]) else match[0]

    def top(match: re.Match[str]) -> str:
        by = match["by"] or match["fby"]
        measure = _DIMENSIONS[by] if by else "largest"
        return gap if add(match["t"] or match["f"], measure) else match[0]

    def apart(match: re.Match[str]) -> str:
        is_rank = add(match["n"], _DIMENSIONS[match["by"]])
        return f"{match['x']}{gap}" if is_rank else match[0]

    text = _APART.sub(apart, _SORTED.sub(apart, text))
    text = _ORDINAL.sub(ordinal, text)
    text = _FURTHEST.sub(furthest, text)
    return _TOP.sub(top, _SUPERLATIVE.sub(superlative, text))


def _take_lists(text: str, rules: list[SimpleRule], gap: str) -> str:
    """Take superlatives that "and" links: "the largest and the smallest" are two polygons."""
    pieces, position, last = [], 0, 0
    ranks = [
        (m.start(), m.end(), rank)
        for m in _RANK.finditer(text)
        if (rank := _rank_of(m[0])) and not _is_unclear(text, m.end())
    ]
    for first, (start, end, rank) in enumerate(ranks):
        if start < last:
            continue
        options, nouns, last = [rank], "", end
        for following, other_end, other in ranks[first + 1 :]:
            noun = _noun_between(text, last, following, other_end)
            if noun is None:
                break
            options, nouns, last = [*options, other], nouns + noun, other_end
            repeated = _REPEATED.match(text, last) if noun else None
            last = repeated.end("noun") if repeated else last
        after = _AFTER_RANK.match(text, last)
        if len(options) > 1 and after is not None:
            rules.append(AnyOf(tuple(dict.fromkeys(options))) if len({*options}) > 1 else rank)
            pieces += [text[position:start], nouns, gap]
            position = after.end()
    return "".join([*pieces, text[position:]])


def _is_unclear(text: str, position: int) -> bool:
    """Return whether a position is inside of words that no rule expresses: "largest first"."""
    return any(start <= position <= end for start, end in _unclear_spans(text))


@lru_cache(maxsize=64)
def _unclear_spans(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(match.span() for match in UNCLEAR_RANK.finditer(text))


def _count_of(words: str) -> int:
    """Return the number of a text that `_COUNT` matches."""
    words = re.sub(r" of(?: the)?$", "", words)
    if words.endswith(("couple", "pair")):
        return 2
    if words.endswith("dozen"):
        rest = words.removesuffix("dozen").strip(" -")
        dozens = 0.5 if "half" in rest else 1.0 if rest in ("", "a", "an") else parse_number(rest)
        return int(min(dozens * 12, MAX_VALUE))
    return int(min(parse_number(words), MAX_VALUE))


def _noun_between(text: str, end: int, following: int, last: int) -> str | None:
    """Return the words between two superlatives of a list; None if they are no list."""
    between = text[end:following]
    if between == ", ":
        return "" if _LISTED.match(text, last) else None
    match = _AND.fullmatch(between) if len(between) < _MOST_WORDS else None
    noun = match["noun"].removesuffix(" ones").removesuffix(" one") if match else ""
    if match is None or (noun and not _is_end(noun, text, last)):
        return None
    return noun


def _is_end(noun: str, text: str, last: int) -> bool:
    """Return whether a clause ends after the second rank, or after the noun of the first.

    "The largest new house and the smallest (house)" ranks the same polygons twice.
    """
    if _CLAUSE_END.match(text, last):
        return True
    repeated = _REPEATED.match(text, last)
    words = noun.split()
    again = repeated["noun"].split() if repeated else []
    is_same = bool(again) and _is_one_noun(words[-1], again[-1])
    return is_same and again[:-1] in ([], words[:-1])


def _is_one_noun(one: str, other: str) -> bool:
    """Return whether two words are a noun in singular or plural."""
    short, long = sorted((one, other), key=len)
    return long in (short, f"{short}s", f"{short}es", f"{short[:-1]}ies")


def parse_ordinal(words: str) -> int:
    """Return the number of a text that `ORDINAL` matches."""
    return _ORDINALS.get(words) or int(words[:-2])


def lost_rank(text: str, rules: Sequence[Rule]) -> str:
    """Return a rank of another thing, which was applied to the polygons of the first one.

    "The largest house and the smallest road" keeps the smallest of one polygon: "the smallest
    road" is returned.  The text is empty if "and" links no ranks, or the rules keep both.

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
        rules: of the text.
    """
    ranks = [rule for rule in rules if is_rank(rule)]
    if len(ranks) < 2:
        return ""
    for match in _ANOTHER.finditer(text):
        start = _RANK.match(match[1])
        rank = _rank_of(start[0]) if start else None
        is_apart = rank in ranks if rank else any(map(reference_of, ranks))
        if is_apart:
            return match[1].strip()
    return ""


def _rank_of(words: str) -> Superlative | None:
    """Return the superlative of a text that `RANK` matches; None for "the 0 largest"."""
    found: list[SimpleRule] = []
    rest = _take_single(words, found, "")
    is_one = len(found) == 1 and not rest.strip()
    return found[0] if is_one and isinstance(found[0], Superlative) else None
