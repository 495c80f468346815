"""Patterns for the vocabulary of docs/queries.md, and functions that extract rules from a text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Literal

from mtrs_geo.query.rules import (
    Except,
    Measure,
    Near,
    Position,
    SimpleRule,
    SizeBound,
    Superlative,
)

__all__ = ["ANY_CHANGE", "EXCEPT", "MAX_ROUNDS", "normalize", "parse_exception", "split_rules"]

_RULE_ORDER = (Position, SizeBound, Near, Superlative)

_AREA_UNITS = {
    "m²": 1.0, "m2": 1.0, "m^2": 1.0, "sqm": 1.0, "sq m": 1.0,
    "square metres": 1.0, "square metre": 1.0, "square meters": 1.0, "square meter": 1.0,
    "ha": 1e4, "hectare": 1e4, "hectares": 1e4,
    "km²": 1e6, "km2": 1e6, "km^2": 1e6, "sq km": 1e6, "sqkm": 1e6,
    "square kilometres": 1e6, "square kilometers": 1e6,
    "square kilometre": 1e6, "square kilometer": 1e6,
    "acre": 4046.8564224, "acres": 4046.8564224,
    "sq ft": 0.09290304, "sqft": 0.09290304, "ft²": 0.09290304, "ft2": 0.09290304,
    "square feet": 0.09290304, "square foot": 0.09290304,
}  # fmt: skip
_LENGTH_UNITS = {
    "m": 1.0, "metre": 1.0, "metres": 1.0, "meter": 1.0, "meters": 1.0,
    "km": 1e3, "kilometre": 1e3, "kilometres": 1e3, "kilometer": 1e3, "kilometers": 1e3,
    "ft": 0.3048, "foot": 0.3048, "feet": 0.3048, "mile": 1609.344, "miles": 1609.344,
}  # fmt: skip
_NUMBER_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90, "hundred": 100,
}  # fmt: skip
_NEAR_M, _BESIDE_M = 50.0, 20.0
# More than the Earth's surface in m²; larger numbers are capped.
_MAX_VALUE = 1e15
MAX_ROUNDS = 8


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))


_NUMBER = (
    r"(?:\d{1,3}(?:,\d{3}){1,5}(?:\.\d{1,6})?|\d{1,18}(?:\.\d{1,9})?"
    rf"|(?:{_any_of(_NUMBER_WORDS)})(?![\w-]))"
)
_LENGTH_UNIT = _any_of(_LENGTH_UNITS)
_UNIT = rf"(?:{_any_of(_AREA_UNITS)}|{_LENGTH_UNIT})(?![\w²^])"
_OF_SCENE = r"(?: of the (?:image|scene|map|raster|picture|area|tile|view)\b)"
_MIDDLE = r"(?:centre|center|middle|central)"
_PLACES = {
    "north-centre": rf"(?:north|top|upper)[- ]{_MIDDLE}|{_MIDDLE}[- ](?:north|top)",
    "south-centre": rf"(?:south|bottom|lower)[- ]{_MIDDLE}|{_MIDDLE}[- ](?:south|bottom)",
    "centre-east": rf"(?:east|right)[- ]{_MIDDLE}|{_MIDDLE}[- ](?:east|right)",
    "centre-west": rf"(?:west|left)[- ]{_MIDDLE}|{_MIDDLE}[- ](?:west|left)",
    "north-east": r"north[- ]?east(?:ern)?|(?:top|upper)[- ]right(?:[- ]hand)?",
    "north-west": r"north[- ]?west(?:ern)?|(?:top|upper)[- ]left(?:[- ]hand)?",
    "south-east": r"south[- ]?east(?:ern)?|(?:bottom|lower)[- ]right(?:[- ]hand)?",
    "south-west": r"south[- ]?west(?:ern)?|(?:bottom|lower)[- ]left(?:[- ]hand)?",
    "north": r"north(?:ern)?|top|upper",
    "south": r"south(?:ern)?|bottom|lower",
    "east": r"east(?:ern)?|right(?:[- ]hand)?",
    "west": r"west(?:ern)?|left(?:[- ]hand)?",
    "centre": _MIDDLE,
}
_MEASURES: dict[str, Measure] = {
    "biggest": "largest", "greatest": "largest", "largest": "largest",
    "smallest": "smallest", "tiniest": "smallest",
    "longest": "longest", "shortest": "shortest",
}  # fmt: skip

# A negation or an "or" next to a rule changes its meaning.  Neither is in the grammar, so such
# a phrase stays in the prompt.
_DEGREE = r"(?:(?:right|directly|just|very|so|too) )?"
_NOT_NEGATED = r"(?<!\bnot )(?<!\bno )(?<!n't )(?<!\bnever )(?<!\bor )" + "".join(
    rf"(?<!\bnot {degree} )(?<!n't {degree} )"
    for degree in ("right", "directly", "just", "very", "so", "too", "really", "quite")
)
_NOT_OR = r"(?! or\b)"
_PREPOSITION = r"(?:in|at|on|to|towards?|inside|within|near|along)"
EXCEPT = re.compile(
    r"\b(?:except(?:ing)?(?: for)?|excluding|other than|but not"
    # "Houses without the trees nearby" describes the trees around each house.
    r"|without (?=the |those )(?![^,;]{0,60} (?:nearby|around|near (?:it|them)|next to (?:it|them)"
    r"|beside (?:it|them)|around (?:it|them))(?:[,;.!? ]*$|[,;]))"
    r"|(?:(?:that|which) (?:is|are) |and )?not "
    rf"(?={_PREPOSITION} (?:the )?(?:far )?(?:{'|'.join(_PLACES.values())})\b"
    rf"|(?:close|next) to |near |beside |within \d|the (?:\w+ )?(?:{_any_of(_MEASURES)})\b))\b"
)
_IMAGE_WORDS = r"(?:images?|dates?|pictures?|scenes?|photos?|rasters?|times?)"
ANY_CHANGE = re.compile(
    r"(?:(?:please )?(?:show|find|detect|map|mark|highlight|segment|outline|list)(?: me)?\b ?)?"
    r"(?:(?:is|are|was|were) there )?"
    r"(?:any|all|every|what|which|where|everything|anything)?(?: the)?"
    r"(?: that| has| have| is| was| are)*(?: ?\b(?:chang(?:e|es|ed)|different|differences?)\b)?"
    rf"(?: (?:between|in|on) (?:the |these |both )*(?:two )?{_IMAGE_WORDS})?(?: here)?"
)
_CLAUSE_START = (
    r"larger|bigger|smaller|longer|shorter|greater|less|more|over|under|between|near|within|that|"
    r"which|and|in|at|on|at least|at most|close|next|beside|farther|further|is|are|was|were|has|"
    r"have"
)
_POSITION = re.compile(
    rf"{_NOT_NEGATED}\b{_PREPOSITION} (?:the )?(?:far )?(?:"
    + "|".join(f"(?P<p{i}>{words})" for i, words in enumerate(_PLACES.values()))
    + r")\b(?: (?:part|side|half|quarter|quadrant|corner|edge|third|section|region|area)\b)?"
    # A following word makes it a name ("the north tower"), unless a clause begins.
    + rf"(?:{_OF_SCENE}|(?! of\b)(?:(?![- ]\w)|(?= (?:{_CLAUSE_START})\b))){_NOT_OR}"
)
_NOT_ORDINAL = "".join(
    rf"(?<!{word} )" for word in ("second", "third", "fifth", "th", "nd", "rd", "next", "'s")
)
_SUPERLATIVE = re.compile(
    rf"{_NOT_NEGATED}{_NOT_ORDINAL}\b(?:only )?(?:the )?(?:single )?"
    rf"(?:(?:top |first )?(?P<n>{_NUMBER}) )?"
    rf"{_NOT_NEGATED}{_NOT_ORDINAL}(?P<m>{_any_of(_MEASURES)})\b"
    rf"(?: (?P<k>{_NUMBER})(?![\w.,-])(?! ?{_UNIT}))?"
    rf"(?: ones?\b)?(?: (?:of|among)\b)?(?: the\b)?{_NOT_OR}"
    rf"|\b(?:the )?top (?P<t>{_NUMBER})(?: by (?:area|size))?\b(?! [-–])"
)
_GREATER, _LESSER = r"(?:larger|bigger|greater|more|longer)", r"(?:smaller|less|shorter|fewer)"
_OR_MORE, _OR_LESS = rf"(?:{_GREATER}|over|above)", rf"(?:{_LESSER}|under|below)"
_AT_LEAST = rf"{_GREATER} than|over|above|exceeding|at least|from|(?:no|not) {_LESSER} than|≥|>=?"
_AT_MOST = rf"{_LESSER} than|under|below|at most|up to|(?:no|not) {_GREATER} than|≤|<=?"
_BOUND_START = (
    r"(?:(?:that|which) (?:is|are) )?(?:with (?:an? )?(?:areas?|lengths?|sizes?) )?"
    r"(?:of )?"
)
# Only lengths and areas are measured; without this, other extents would match as lengths.
_OTHER_EXTENTS = ("height", "width", "depth", "diameter", "radius", "thickness")
_NOT_AFTER_EXTENT = "".join(rf"(?<!{word} )(?<!{word} of )" for word in _OTHER_EXTENTS)
_NOT_BEFORE_EXTENT = (
    rf"(?! (?:wide|high|tall|deep|thick|broad|across)\b| in (?:{'|'.join(_OTHER_EXTENTS)})\b| \d)"
)
_BOUND = re.compile(
    rf"(?<!\w){_NOT_NEGATED}{_NOT_AFTER_EXTENT}{_BOUND_START}{_NOT_NEGATED}"
    rf"(?:between (?P<a>{_NUMBER}) ?(?:(?P<au>{_UNIT}) ?)?(?:and|to|[-–]) ?(?P<b>{_NUMBER})"
    rf"|(?P<more>{_AT_LEAST}) ?(?P<c>{_NUMBER})|(?P<less>{_AT_MOST}) ?(?P<d>{_NUMBER})"
    rf"|(?P<e>{_NUMBER})(?= ?{_UNIT} (?:or|and) (?:{_OR_MORE}|{_OR_LESS})\b(?! than)))"
    # Possessive: backtracking to a match without "or more" would make the number an upper end.
    rf" ?(?P<u>{_UNIT})(?: (?:or|and) (?:(?P<up>{_OR_MORE})|{_OR_LESS})\b(?! than))?+"
    rf"(?: (?:in (?:area|length|size)|long|large|big)\b)?(?! (?:of|from|to|away)\b)"
    rf"{_NOT_BEFORE_EXTENT}{_NOT_OR}"
)
_RELATION = (
    rf"(?:(?:within|closer than|less than|at most|up to|"
    rf"(?:no|not) (?:farther|further|more) than) (?P<n>{_NUMBER}) ?"
    rf"(?P<nu>{_LENGTH_UNIT})(?!\w) (?:away )?(?:of|from|to)"
    rf"|(?:farther than|further than|more than|at least|beyond) (?P<f>{_NUMBER}) ?"
    rf"(?P<fu>{_LENGTH_UNIT})(?!\w) (?:away )?(?:from|of)"
    rf"|{_DEGREE}(?:(?P<beside>next to|beside|adjacent to|alongside|bordering)"
    r"|(?P<close>near(?:by)?(?: to)?|close to|in the vicinity of)"
    r"|(?P<away>far (?:away )?from|away from))) "
)
_RELATION_NO_GROUPS = re.sub(r"\?P<\w+>", "?:", _RELATION)
_NEAR = re.compile(
    rf"{_NOT_NEGATED}\b{_RELATION}"
    # Pronouns do not name another thing.
    r"(?!(?:each other|one another|it|them|this|these|that|those|which|where|the same)\b)"
    r"(?:the |a |an |any )?"
    rf"(?P<ref>[^\W_](?:(?! (?:and|but) {_RELATION_NO_GROUPS})[^,;])*)"
)
_OR_RELATION = re.compile(rf"\bor {_RELATION_NO_GROUPS}")
_LEADING_FILLERS = frozenset({"the", "all", "only", "of", "among", "and", "but"})
_TRAILING_FILLERS = _LEADING_FILLERS | {
    "a", "an", "with", "in", "at", "on", "near", "within", "to", "from", "those", "ones", "except",
}  # fmt: skip
_TRAILING_PAIRS = frozenset({"that are", "which are", "that is", "which is"})
_PUNCTUATION = " ,;:.!?"


def normalize(text: str) -> str:
    """Return the text in lower case with single spaces, as the patterns expect it."""
    # NFC, because NFKC would turn "m²" into "m2".  The tokenizer of the bundled model also
    # converts to lower case.
    plain = unicodedata.normalize("NFC", text).replace("’", "'").lower()
    return " ".join(unicodedata.normalize("NFC", plain).split())


def split_rules(text: str) -> tuple[str, tuple[SimpleRule, ...]]:
    """Extract rules until none is left; return the remaining text and the rules in fixed order."""
    rules: list[SimpleRule] = []
    previous = None
    for iteration in range(len(text) + 1):
        if text == previous:
            break
        previous = text
        # A comma in deep nesting prevents new matches, which bounds the number of iterations.
        gap = " " if iteration < MAX_ROUNDS else ", "
        for pattern, parse in _PARSERS:
            text = _extract(pattern, parse, text, rules, gap)
        text = _trim(text)
    ordered = [rule for kind in _RULE_ORDER for rule in rules if isinstance(rule, kind)]
    return text, tuple(dict.fromkeys(ordered))


def _extract(
    pattern: re.Pattern[str],
    parse: Callable[[re.Match[str]], SimpleRule | None],
    text: str,
    rules: list[SimpleRule],
    gap: str,
) -> str:
    """Append the rules that match to ``rules``; return the text with ``gap`` in their place."""

    def replace(match: re.Match[str]) -> str:
        rule = parse(match)
        if rule is None:
            return match[0]
        rules.append(rule)
        return gap

    return pattern.sub(replace, text)


def _trim(text: str) -> str:
    """Remove empty clauses, and punctuation and filler words at both ends."""
    clauses = [" ".join(clause.split()) for clause in re.split(r"[,;]", text)]
    words = ", ".join(clause for clause in clauses if clause).split(" ")
    first, last = 0, len(words)
    while first < last and words[first].strip(_PUNCTUATION) in _LEADING_FILLERS | {""}:
        first += 1
    while first < last:
        word = words[last - 1].strip(_PUNCTUATION)
        pair = f"{words[last - 2]} {word}" if last - first > 1 else ""
        if word in _TRAILING_FILLERS or not word:
            last -= 1
        elif pair in _TRAILING_PAIRS:
            last -= 2
        else:
            break
    return " ".join(words[first:last]).strip(_PUNCTUATION)


def _parse_number(text: str) -> float:
    return float(_NUMBER_WORDS[text]) if text in _NUMBER_WORDS else float(text.replace(",", ""))


def _to_metric(text: str, factor: float) -> float:
    """Convert to metres or square metres, rounded to the three decimals that `explain` writes."""
    return min(round(_parse_number(text) * factor, 3), _MAX_VALUE)


def _parse_position(match: re.Match[str]) -> Position:
    group = next(name for name, value in match.groupdict().items() if value)
    return Position(list(_PLACES)[int(group[1:])])


def _parse_superlative(match: re.Match[str]) -> Superlative | None:
    number = _parse_number(match["n"] or match["k"] or match["t"] or "1")
    count = int(min(number, _MAX_VALUE))
    if count < 1:
        return None
    return Superlative(count, _MEASURES[match["m"]] if match["m"] else "largest")


def _parse_bound(match: re.Match[str]) -> SizeBound | None:
    unit, low_unit = match["u"], match["au"] or match["u"]
    factors = _AREA_UNITS if unit in _AREA_UNITS else _LENGTH_UNITS
    if low_unit not in factors:
        return None
    quantity: Literal["area", "length"] = "area" if factors is _AREA_UNITS else "length"
    if match["a"]:
        ends = _to_metric(match["a"], factors[low_unit]), _to_metric(match["b"], factors[unit])
        return SizeBound(quantity, min(ends), max(ends))
    low, high = match["c"], match["d"]
    if match["e"]:
        low, high = (match["e"], None) if match["up"] else (None, match["e"])
    if low:
        return SizeBound(quantity, low=_to_metric(low, factors[unit]))
    return SizeBound(quantity, high=_to_metric(high, factors[unit]))


def _parse_near(match: re.Match[str]) -> Near | None:
    reference = _trim(match["ref"])
    if not reference or _OR_RELATION.search(reference):
        return None
    if match["n"]:
        return Near(reference, _to_metric(match["n"], _LENGTH_UNITS[match["nu"]]))
    if match["f"]:
        return Near(reference, _to_metric(match["f"], _LENGTH_UNITS[match["fu"]]), beyond=True)
    if match["away"]:
        return Near(reference, _NEAR_M, beyond=True)
    return Near(reference, _BESIDE_M if match["beside"] else _NEAR_M)


_PARSERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], SimpleRule | None]], ...] = (
    (_POSITION, _parse_position),
    (_BOUND, _parse_bound),
    (_NEAR, _parse_near),
    (_SUPERLATIVE, _parse_superlative),
)


def parse_exception(text: str) -> Except | None:
    """Return the exception that follows the word "except"; None if the text is empty."""
    prompt, rules = split_rules(text)
    is_own = re.fullmatch(r"(?:(?:the )?(?:those|ones|these))?", prompt) is not None
    if is_own and not rules:
        return None
    return Except(None if is_own else prompt, rules)
