"""A sentence split into what the model is asked and what the whole scene decides.

A model sees tiles, so "the largest", "in the north-east" or "larger than 500 m²" would
mean something else in every tile.  `ChangeQuery.parse` takes such phrases out of the
sentence and keeps them as rules for the finished polygons.  It is a grammar with the
vocabulary of docs/queries.md, not a guess: what it does not know stays with the model.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from mtrs_geo.errors import QueryError

__all__ = [
    "MAX_CHARACTERS",
    "ChangeQuery",
    "Except",
    "Near",
    "Position",
    "Rule",
    "SizeBound",
    "Superlative",
]

MAX_CHARACTERS = 10_000

Measure: TypeAlias = Literal["largest", "smallest", "longest", "shortest"]


@dataclass(frozen=True)
class Position:
    """Where in the scene: a half ("north"), a quarter ("north-east") or the "centre"."""

    place: str

    def explain(self) -> str:
        """Return the rule as a phrase of the grammar."""
        return f"in the {self.place}"


@dataclass(frozen=True)
class Superlative:
    """The ``count`` polygons that are largest, smallest, longest or shortest."""

    count: int
    measure: Measure

    def explain(self) -> str:
        """Return the rule as a phrase of the grammar."""
        return f"the {self.count} {self.measure}"


@dataclass(frozen=True)
class SizeBound:
    """A bound on area (m²) or length (m); both ends belong to it."""

    quantity: Literal["area", "length"]
    low: float = 0.0
    high: float = float("inf")

    def explain(self) -> str:
        """Return the rule as a phrase of the grammar."""
        unit = "m²" if self.quantity == "area" else "m"
        if self.high == float("inf"):
            return f"larger than {_written(self.low)} {unit}"
        if self.low == 0:
            return f"smaller than {_written(self.high)} {unit}"
        return f"between {_written(self.low)} and {_written(self.high)} {unit}"


@dataclass(frozen=True)
class Near:
    """Within, or beyond, a distance of another thing."""

    reference: str
    distance_m: float
    beyond: bool = False

    def explain(self) -> str:
        """Return the rule as a phrase of the grammar."""
        distance = f"{_written(self.distance_m)} m"
        relation = f"farther than {distance} from" if self.beyond else f"within {distance} of"
        return f"{relation} the {self.reference}"


@dataclass(frozen=True)
class Except:
    """Without the polygons that another description takes.

    ``prompt`` None speaks of the query's own polygons ("except those in the north").
    """

    prompt: str | None
    rules: tuple[Position | Superlative | SizeBound | Near, ...] = ()

    def explain(self) -> str:
        """Return the rule as a phrase of the grammar."""
        parts = [self.prompt if self.prompt is not None else "those"]
        return "except " + ", ".join([*parts, *(rule.explain() for rule in self.rules)])


Rule: TypeAlias = Position | Superlative | SizeBound | Near | Except

_SIMPLE = (Position, SizeBound, Near, Superlative)


@dataclass(frozen=True)
class ChangeQuery:
    """A parsed sentence; equal to another that means the same."""

    prompt: str
    """What the model is asked; empty means any change."""
    rules: tuple[Rule, ...] = ()
    """What is decided on the polygons of the whole scene, in this order."""
    text: str = field(default="", compare=False)
    """The sentence as it was given."""
    raw: bool = False

    @classmethod
    def parse(cls, text: str, *, raw: bool = False) -> ChangeQuery:
        """Split a sentence.

        Args:
            text: any text.
            raw: leave the sentence to the model as it is.

        Raises:
            QueryError: if it has more than `MAX_CHARACTERS` characters or is no text.
        """
        if not isinstance(text, str):
            msg = f"a query is a text, not {type(text).__name__}"
            raise QueryError(msg)
        if len(text) > MAX_CHARACTERS:
            msg = (
                f"the query has {len(text):,} characters, more than {MAX_CHARACTERS:,}. "
                "Describe one change in a sentence; give several queries for several changes."
            )
            raise QueryError(msg)
        if raw:
            return cls(text.strip(), text=text, raw=True)
        first, *others = _EXCEPT.split(_normalized(text))
        prompt, rules = _split(first)
        excepts = dict.fromkeys(e for e in map(_except, others) if e is not None)
        return cls("" if _ANY.fullmatch(prompt) else prompt, (*rules, *excepts), text)

    @property
    def references(self) -> tuple[str, ...]:
        """Other things that the rules need: to ask the model, or to take from a layer."""
        found: list[str] = []
        for rule in self.rules:
            inner = rule.rules if isinstance(rule, Except) else (rule,)
            found += [r.reference for r in inner if isinstance(r, Near)]
            if isinstance(rule, Except) and rule.prompt is not None:
                found.append(rule.prompt)
        return tuple(dict.fromkeys(found))

    def explain(self) -> str:
        """Return how the sentence was understood, as a sentence that parses to the same."""
        if self.raw:
            return self.prompt
        phrases = [rule.explain() for rule in self.rules]
        return ", ".join([self.prompt or "any change", *phrases])


_UNITS = {
    "m²": 1.0, "m2": 1.0, "sqm": 1.0, "sq m": 1.0,
    "square metres": 1.0, "square metre": 1.0, "square meters": 1.0, "square meter": 1.0,
    "ha": 1e4, "hectare": 1e4, "hectares": 1e4,
    "km²": 1e6, "km2": 1e6, "sq km": 1e6,
    "square kilometres": 1e6, "square kilometers": 1e6,
    "acre": 4046.8564224, "acres": 4046.8564224,
    "sq ft": 0.09290304, "sqft": 0.09290304, "ft²": 0.09290304, "ft2": 0.09290304,
    "square feet": 0.09290304, "square foot": 0.09290304,
}  # fmt: skip
_LENGTHS = {
    "m": 1.0, "metre": 1.0, "metres": 1.0, "meter": 1.0, "meters": 1.0,
    "km": 1e3, "kilometre": 1e3, "kilometres": 1e3, "kilometer": 1e3, "kilometers": 1e3,
    "ft": 0.3048, "foot": 0.3048, "feet": 0.3048, "mile": 1609.344, "miles": 1609.344,
}  # fmt: skip
_WORDS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
).split()
_NEAR_M, _BESIDE_M = 50.0, 20.0


def _any_of(words: dict[str, float] | list[str]) -> str:
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))


_NUMBER = rf"(?:\d{{1,3}}(?:,\d{{3}}){{1,5}}(?:\.\d{{1,6}})?|\d{{1,18}}(?:\.\d{{1,9}})?|{_any_of(_WORDS)})"
_AREA, _LENGTH = _any_of(_UNITS), _any_of(_LENGTHS)
_UNIT = rf"(?:{_AREA}|{_LENGTH})(?![\w²])"
_SCENE = r"(?: of the (?:image|scene|map|raster|picture|area|tile|view)\b)"
_PLACES = {
    "north-east": r"north[- ]?east(?:ern)?|(?:top|upper)[- ]right",
    "north-west": r"north[- ]?west(?:ern)?|(?:top|upper)[- ]left",
    "south-east": r"south[- ]?east(?:ern)?|(?:bottom|lower)[- ]right",
    "south-west": r"south[- ]?west(?:ern)?|(?:bottom|lower)[- ]left",
    "north": r"north(?:ern)?|top|upper",
    "south": r"south(?:ern)?|bottom|lower",
    "east": r"east(?:ern)?|right(?:[- ]hand)?",
    "west": r"west(?:ern)?|left(?:[- ]hand)?",
    "centre": r"centre|center|middle|central",
}

_EXCEPT = re.compile(
    r"\b(?:except(?:ing)?(?: for)?|excluding|other than|but not|without (?=the |those ))\b"
)
_ANY = re.compile(
    r"(?:show (?:me )?)?(?:any|all|every|what|which|where|everything|anything)?"
    r"(?: that| has| have| is)*(?: ?\bchang(?:e|es|ed)\b)?(?: here)?"
)
_POSITION = re.compile(
    r"\b(?:in|at|on|to|towards?|inside|within) (?:the )?(?:far )?(?:"
    + "|".join(f"(?P<p{i}>{words})" for i, words in enumerate(_PLACES.values()))
    + r")\b(?: (?:part|side|half|quarter|quadrant|corner|edge|third|section|region|area)\b)?"
    + rf"(?:{_SCENE}|(?! of\b)(?![- ]\w))"
    # A word that follows ("the north tower") makes it a name, unless a clause begins.
    + r"|\b(?:in|at|on|to|towards?|inside|within) (?:the )?(?:far )?(?:"
    + "|".join(f"(?P<q{i}>{words})" for i, words in enumerate(_PLACES.values()))
    + r")(?: (?:part|side|half|quarter|quadrant|corner|edge|third|section|region|area))?"
    + r"(?= (?:larger|bigger|smaller|longer|shorter|greater|less|more|over|under|between|near|"
    r"within|that|which|and|at least|at most|close|next|beside|farther|further)\b)"
)
_SUPERLATIVE = re.compile(
    rf"\b(?:only )?(?:the )?(?:single )?(?:(?:top |first )?(?P<n>{_NUMBER}) )?"
    r"(?P<m>largest|biggest|greatest|smallest|tiniest|longest|shortest)\b"
    r"(?: ones?\b)?(?: (?:of|among)\b)?(?: the\b)?"
    rf"|\b(?:the )?top (?P<t>{_NUMBER})(?: by (?:area|size))?\b(?! [-–])"
)
_MEASURES: dict[str, Measure] = {
    "biggest": "largest", "greatest": "largest", "largest": "largest",
    "smallest": "smallest", "tiniest": "smallest",
    "longest": "longest", "shortest": "shortest",
}  # fmt: skip
_MORE = r"larger than|bigger than|greater than|more than|longer than|over|above|exceeding|at least|from"
_LESS = r"smaller than|less than|shorter than|under|below|at most|up to|no more than"
_ABOUT = r"(?:(?:that|which) (?:is|are) )?(?:with an? (?:area|length|size) )?(?:of )?"
_BOUND = re.compile(
    rf"\b{_ABOUT}(?:between (?P<a>{_NUMBER}) ?(?:{_UNIT} ?)?(?:and|to|-) ?(?P<b>{_NUMBER})"
    rf"|(?P<more>{_MORE}) (?P<c>{_NUMBER})|(?P<less>{_LESS}) (?P<d>{_NUMBER}))"
    rf" ?(?P<u>{_UNIT})(?: in (?:area|length|size))?(?! (?:of|from|to)\b)"
)
_NEAR = re.compile(
    rf"\b(?:(?:within|closer than|less than|at most|not farther than|up to) (?P<n>{_NUMBER}) ?"
    rf"(?P<nu>{_LENGTH})(?!\w) (?:of|from|to)"
    rf"|(?:farther than|further than|more than|at least|beyond) (?P<f>{_NUMBER}) ?"
    rf"(?P<fu>{_LENGTH})(?!\w) (?:away )?(?:from|of)"
    r"|(?P<beside>next to|beside|adjacent to|alongside|bordering)"
    r"|(?P<close>near(?:by)?(?: to)?|close to|in the vicinity of)"
    r"|(?P<away>far (?:away )?from|away from)) (?:the |a |an )?(?P<ref>[^,;]*\w)"
)
_LOOSE = (
    r"the|an?|all|only|of|among|and|but|that are|which are|that is|which is|with|in|at|on|near|"
    r"within|to|from|those|ones|except"
)
_FRONT = re.compile(rf"^(?:[\s,;:.!?]+|(?:the|all|only|of|among|and|but)(?=[\s,;]|$))+")
_BACK = re.compile(rf"(?:[\s,;:.!?]|(?<![\w-])(?:{_LOOSE}))+$")


def _normalized(text: str) -> str:
    # Superscripts must survive ("m²"), so compatibility folding is out.  The vocabulary
    # is lower-case, and so is what the bundled model's tokenizer makes of a sentence.
    plain = unicodedata.normalize("NFC", text).replace("’", "'").lower()
    return " ".join(plain.split())


def _split(text: str) -> tuple[str, tuple[Position | SizeBound | Near | Superlative, ...]]:
    """Take rules out until none is left; return the rest and the rules in canonical order."""
    taken: list[Position | SizeBound | Near | Superlative] = []
    takers: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], _Simple]], ...] = (
        (_POSITION, _position),
        (_BOUND, _bound),
        (_NEAR, _near),
        (_SUPERLATIVE, _superlative),
    )
    before = None
    while text != before:
        before = text
        for pattern, make in takers:
            text = _take(pattern, make, text, taken)
        text = _tidy(text)
    ordered = [rule for kind in _SIMPLE for rule in taken if isinstance(rule, kind)]
    return text, tuple(dict.fromkeys(ordered))


_Simple: TypeAlias = Position | SizeBound | Near | Superlative


def _take(
    pattern: re.Pattern[str],
    make: Callable[[re.Match[str]], _Simple],
    text: str,
    taken: list[_Simple],
) -> str:
    def replace(match: re.Match[str]) -> str:
        taken.append(make(match))
        return " "

    return pattern.sub(replace, text)


def _tidy(text: str) -> str:
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" ?,(?: ?[,;])*", ",", text)
    text = re.sub(r",(?=\S)", ", ", text)
    return _FRONT.sub("", _BACK.sub("", text)).strip()


def _number(text: str) -> float:
    return float(_WORDS.index(text) + 1) if text in _WORDS else float(text.replace(",", ""))


def _metric(text: str, factor: float) -> float:
    """Convert to metres or square metres, to the thousandth: what `explain` can write."""
    return round(_number(text) * factor, 3)


def _written(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _position(match: re.Match[str]) -> Position:
    group = next(name for name, value in match.groupdict().items() if value)
    return Position(list(_PLACES)[int(group[1:])])


def _superlative(match: re.Match[str]) -> Superlative:
    count = max(1, int(_number(match["n"] or match["t"] or "1")))
    return Superlative(count, _MEASURES[match["m"]] if match["m"] else "largest")


def _bound(match: re.Match[str]) -> SizeBound:
    unit = match["u"]
    area = unit in _UNITS
    factor = _UNITS[unit] if area else _LENGTHS[unit]
    quantity: Literal["area", "length"] = "area" if area else "length"
    if match["a"]:
        low, high = sorted(_metric(match[end], factor) for end in "ab")
        return SizeBound(quantity, low, high)
    if match["more"]:
        return SizeBound(quantity, low=_metric(match["c"], factor))
    return SizeBound(quantity, high=_metric(match["d"], factor))


def _near(match: re.Match[str]) -> Near:
    reference = _tidy(match["ref"])
    if match["n"]:
        return Near(reference, _metric(match["n"], _LENGTHS[match["nu"]]))
    if match["f"]:
        return Near(reference, _metric(match["f"], _LENGTHS[match["fu"]]), beyond=True)
    if match["away"]:
        return Near(reference, _NEAR_M, beyond=True)
    return Near(reference, _BESIDE_M if match["beside"] else _NEAR_M)


def _except(text: str) -> Except | None:
    prompt, rules = _split(text)
    own = re.fullmatch(r"(?:(?:the )?(?:those|ones|these))?", prompt) is not None
    if own and not rules:
        return None
    return Except(None if own else prompt, rules)
