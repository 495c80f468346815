"""The vocabulary of docs/queries.md as patterns, and how rules are taken out of a text."""

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

__all__ = ["ANY_CHANGE", "EXCEPT", "ROUNDS", "normalized", "read_exception", "split_rules"]

_KINDS = (Position, SizeBound, Near, Superlative)

_UNITS = {
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
_LENGTHS = {
    "m": 1.0, "metre": 1.0, "metres": 1.0, "meter": 1.0, "meters": 1.0,
    "km": 1e3, "kilometre": 1e3, "kilometres": 1e3, "kilometer": 1e3, "kilometers": 1e3,
    "ft": 0.3048, "foot": 0.3048, "feet": 0.3048, "mile": 1609.344, "miles": 1609.344,
}  # fmt: skip
_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90, "hundred": 100,
}  # fmt: skip
_NEAR_M, _BESIDE_M = 50.0, 20.0
# More than the Earth's surface in m²; floats still hold its thousandths' neighbours apart.
_MOST = 1e15
ROUNDS = 8


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))


_NUMBER = (
    r"(?:\d{1,3}(?:,\d{3}){1,5}(?:\.\d{1,6})?|\d{1,18}(?:\.\d{1,9})?"
    rf"|(?:{_any_of(_WORDS)})(?![\w-]))"
)
_LENGTH = _any_of(_LENGTHS)
_UNIT = rf"(?:{_any_of(_UNITS)}|{_LENGTH})(?![\w²^])"
_SCENE = r"(?: of the (?:image|scene|map|raster|picture|area|tile|view)\b)"
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

# A negation or an alternative beside a rule would turn its meaning round, and neither is
# in the grammar: such a phrase stays with the model.
_DEGREES = r"(?:(?:right|directly|just|very|so|too) )?"
_PLAIN = r"(?<!\bnot )(?<!\bno )(?<!n't )(?<!\bnever )(?<!\bor )" + "".join(
    rf"(?<!\bnot {degree} )(?<!n't {degree} )"
    for degree in ("right", "directly", "just", "very", "so", "too", "really", "quite")
)
_ALONE = r"(?! or\b)"
_AT = r"(?:in|at|on|to|towards?|inside|within|near|along)"
EXCEPT = re.compile(
    r"\b(?:except(?:ing)?(?: for)?|excluding|other than|but not"
    # "Houses without the trees nearby" speaks of the trees around each house.
    r"|without (?=the |those )(?![^,;]{0,60} (?:nearby|around|near (?:it|them)|next to (?:it|them)"
    r"|beside (?:it|them)|around (?:it|them))(?:[,;.!? ]*$|[,;]))"
    r"|(?:(?:that|which) (?:is|are) |and )?not "
    rf"(?={_AT} (?:the )?(?:far )?(?:{'|'.join(_PLACES.values())})\b"
    rf"|(?:close|next) to |near |beside |within \d|the (?:\w+ )?(?:{_any_of(_MEASURES)})\b))\b"
)
_IMAGES = r"(?:images?|dates?|pictures?|scenes?|photos?|rasters?|times?)"
ANY_CHANGE = re.compile(
    r"(?:(?:please )?(?:show|find|detect|map|mark|highlight|segment|outline|list)(?: me)?\b ?)?"
    r"(?:(?:is|are|was|were) there )?"
    r"(?:any|all|every|what|which|where|everything|anything)?(?: the)?"
    r"(?: that| has| have| is| was| are)*(?: ?\b(?:chang(?:e|es|ed)|different|differences?)\b)?"
    rf"(?: (?:between|in|on) (?:the |these |both )*(?:two )?{_IMAGES})?(?: here)?"
)
_CLAUSE = (
    r"larger|bigger|smaller|longer|shorter|greater|less|more|over|under|between|near|within|that|"
    r"which|and|in|at|on|at least|at most|close|next|beside|farther|further|is|are|was|were|has|"
    r"have"
)
_POSITION = re.compile(
    rf"{_PLAIN}\b{_AT} (?:the )?(?:far )?(?:"
    + "|".join(f"(?P<p{i}>{words})" for i, words in enumerate(_PLACES.values()))
    + r")\b(?: (?:part|side|half|quarter|quadrant|corner|edge|third|section|region|area)\b)?"
    # A word that follows ("the north tower") makes it a name, unless a clause begins.
    + rf"(?:{_SCENE}|(?! of\b)(?:(?![- ]\w)|(?= (?:{_CLAUSE})\b))){_ALONE}"
)
_ORDINAL = "".join(
    rf"(?<!{word} )" for word in ("second", "third", "fifth", "th", "nd", "rd", "next", "'s")
)
_SUPERLATIVE = re.compile(
    rf"{_PLAIN}{_ORDINAL}\b(?:only )?(?:the )?(?:single )?(?:(?:top |first )?(?P<n>{_NUMBER}) )?"
    rf"{_PLAIN}{_ORDINAL}(?P<m>{_any_of(_MEASURES)})\b"
    rf"(?: (?P<k>{_NUMBER})(?![\w.,-])(?! ?{_UNIT}))?"
    rf"(?: ones?\b)?(?: (?:of|among)\b)?(?: the\b)?{_ALONE}"
    rf"|\b(?:the )?top (?P<t>{_NUMBER})(?: by (?:area|size))?\b(?! [-–])"
)
_BIG, _SMALL = r"(?:larger|bigger|greater|more|longer)", r"(?:smaller|less|shorter|fewer)"
_UP, _DOWN = rf"(?:{_BIG}|over|above)", rf"(?:{_SMALL}|under|below)"
_MORE = rf"{_BIG} than|over|above|exceeding|at least|from|(?:no|not) {_SMALL} than|≥|>=?"
_LESS = rf"{_SMALL} than|under|below|at most|up to|(?:no|not) {_BIG} than|≤|<=?"
_ABOUT = (
    r"(?:(?:that|which) (?:is|are) )?(?:with (?:an? )?(?:areas?|lengths?|sizes?) )?"
    r"(?:of )?"
)
# Only lengths and areas are measured; other extents would be taken for lengths.
_OTHER = ("height", "width", "depth", "diameter", "radius", "thickness")
_NOT_OTHER = "".join(rf"(?<!{word} )(?<!{word} of )" for word in _OTHER)
_NO_OTHER = rf"(?! (?:wide|high|tall|deep|thick|broad|across)\b| in (?:{'|'.join(_OTHER)})\b| \d)"
_BOUND = re.compile(
    rf"(?<!\w){_PLAIN}{_NOT_OTHER}{_ABOUT}{_PLAIN}"
    rf"(?:between (?P<a>{_NUMBER}) ?(?:(?P<au>{_UNIT}) ?)?(?:and|to|[-–]) ?(?P<b>{_NUMBER})"
    rf"|(?P<more>{_MORE}) ?(?P<c>{_NUMBER})|(?P<less>{_LESS}) ?(?P<d>{_NUMBER})"
    rf"|(?P<e>{_NUMBER})(?= ?{_UNIT} (?:or|and) (?:{_UP}|{_DOWN})\b(?! than)))"
    # Possessive: without its "or more" the number would be an upper end.
    rf" ?(?P<u>{_UNIT})(?: (?:or|and) (?:(?P<up>{_UP})|{_DOWN})\b(?! than))?+"
    rf"(?: (?:in (?:area|length|size)|long|large|big)\b)?(?! (?:of|from|to|away)\b)"
    rf"{_NO_OTHER}{_ALONE}"
)
_RELATION = (
    rf"(?:(?:within|closer than|less than|at most|up to|"
    rf"(?:no|not) (?:farther|further|more) than) (?P<n>{_NUMBER}) ?"
    rf"(?P<nu>{_LENGTH})(?!\w) (?:away )?(?:of|from|to)"
    rf"|(?:farther than|further than|more than|at least|beyond) (?P<f>{_NUMBER}) ?"
    rf"(?P<fu>{_LENGTH})(?!\w) (?:away )?(?:from|of)"
    rf"|{_DEGREES}(?:(?P<beside>next to|beside|adjacent to|alongside|bordering)"
    r"|(?P<close>near(?:by)?(?: to)?|close to|in the vicinity of)"
    r"|(?P<away>far (?:away )?from|away from))) "
)
_NEXT = re.sub(r"\?P<\w+>", "?:", _RELATION)
_NEAR = re.compile(
    rf"{_PLAIN}\b{_RELATION}"
    # Words that point back into the sentence name no other thing.
    r"(?!(?:each other|one another|it|them|this|these|that|those|which|where|the same)\b)"
    r"(?:the |a |an |any )?"
    rf"(?P<ref>[^\W_](?:(?! (?:and|but) {_NEXT})[^,;])*)"
)
_EITHER = re.compile(rf"\bor {_NEXT}")
_LEADING = frozenset({"the", "all", "only", "of", "among", "and", "but"})
_LOOSE = _LEADING | {
    "a", "an", "with", "in", "at", "on", "near", "within", "to", "from", "those", "ones", "except",
}  # fmt: skip
_LOOSE_PAIRS = frozenset({"that are", "which are", "that is", "which is"})
_STOPS = " ,;:.!?"


def normalized(text: str) -> str:
    """Return the text as the patterns expect it: lower case, single spaces."""
    # Superscripts must survive ("m²"), so compatibility folding is out.  The vocabulary
    # is lower-case, and so is what the bundled model's tokenizer makes of a sentence.
    plain = unicodedata.normalize("NFC", text).replace("’", "'").lower()
    return " ".join(unicodedata.normalize("NFC", plain).split())


def split_rules(text: str) -> tuple[str, tuple[SimpleRule, ...]]:
    """Take rules out until none is left; return the rest and the rules in canonical order."""
    taken: list[SimpleRule] = []
    before = None
    for turn in range(len(text) + 1):
        if text == before:
            break
        before = text
        # What nested deeply stays apart, which bounds the turns.
        gap = " " if turn < ROUNDS else ", "
        for pattern, make in _TAKERS:
            text = _take(pattern, make, text, taken, gap)
        text = _tidy(text)
    ordered = [rule for kind in _KINDS for rule in taken if isinstance(rule, kind)]
    return text, tuple(dict.fromkeys(ordered))


def _take(
    pattern: re.Pattern[str],
    make: Callable[[re.Match[str]], SimpleRule | None],
    text: str,
    taken: list[SimpleRule],
    gap: str,
) -> str:
    def replace(match: re.Match[str]) -> str:
        rule = make(match)
        if rule is None:
            return match[0]
        taken.append(rule)
        return gap

    return pattern.sub(replace, text)


def _tidy(text: str) -> str:
    """Join what is left, without commas and small words that hang loose at its ends."""
    parts = [" ".join(part.split()) for part in re.split(r"[,;]", text)]
    words = ", ".join(part for part in parts if part).split(" ")
    first, last = 0, len(words)
    while first < last and words[first].strip(_STOPS) in _LEADING | {""}:
        first += 1
    while first < last:
        word = words[last - 1].strip(_STOPS)
        pair = f"{words[last - 2]} {word}" if last - first > 1 else ""
        if word in _LOOSE or not word:
            last -= 1
        elif pair in _LOOSE_PAIRS:
            last -= 2
        else:
            break
    return " ".join(words[first:last]).strip(_STOPS)


def _number(text: str) -> float:
    return float(_WORDS[text]) if text in _WORDS else float(text.replace(",", ""))


def _metric(text: str, factor: float) -> float:
    """Convert to metres or square metres, to the thousandth: what `explain` can write."""
    return min(round(_number(text) * factor, 3), _MOST)


def _position(match: re.Match[str]) -> Position:
    group = next(name for name, value in match.groupdict().items() if value)
    return Position(list(_PLACES)[int(group[1:])])


def _superlative(match: re.Match[str]) -> Superlative | None:
    number = _number(match["n"] or match["k"] or match["t"] or "1")
    count = int(min(number, _MOST))
    if count < 1:
        return None
    return Superlative(count, _MEASURES[match["m"]] if match["m"] else "largest")


def _bound(match: re.Match[str]) -> SizeBound | None:
    unit, first = match["u"], match["au"] or match["u"]
    table = _UNITS if unit in _UNITS else _LENGTHS
    if first not in table:
        return None
    quantity: Literal["area", "length"] = "area" if table is _UNITS else "length"
    if match["a"]:
        ends = _metric(match["a"], table[first]), _metric(match["b"], table[unit])
        return SizeBound(quantity, min(ends), max(ends))
    low, high = match["c"], match["d"]
    if match["e"]:
        low, high = (match["e"], None) if match["up"] else (None, match["e"])
    if low:
        return SizeBound(quantity, low=_metric(low, table[unit]))
    return SizeBound(quantity, high=_metric(high, table[unit]))


def _near(match: re.Match[str]) -> Near | None:
    reference = _tidy(match["ref"])
    if not reference or _EITHER.search(reference):
        return None
    if match["n"]:
        return Near(reference, _metric(match["n"], _LENGTHS[match["nu"]]))
    if match["f"]:
        return Near(reference, _metric(match["f"], _LENGTHS[match["fu"]]), beyond=True)
    if match["away"]:
        return Near(reference, _NEAR_M, beyond=True)
    return Near(reference, _BESIDE_M if match["beside"] else _NEAR_M)


_TAKERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], SimpleRule | None]], ...] = (
    (_POSITION, _position),
    (_BOUND, _bound),
    (_NEAR, _near),
    (_SUPERLATIVE, _superlative),
)


def read_exception(text: str) -> Except | None:
    """Read what follows an "except"; None where nothing does."""
    prompt, rules = split_rules(text)
    own = re.fullmatch(r"(?:(?:the )?(?:those|ones|these))?", prompt) is not None
    if own and not rules:
        return None
    return Except(None if own else prompt, rules)
