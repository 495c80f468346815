"""Rules for the polygons of the whole scene: one record per kind of rule."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from mtrs_geo.query.direction import direction_of

__all__ = [
    "AnyOf",
    "Except",
    "Inside",
    "Measure",
    "Near",
    "Position",
    "Rule",
    "SimpleRule",
    "SizeBound",
    "Superlative",
    "explain_ranks",
    "is_rank",
    "rank_count",
    "reference_of",
]

Measure: TypeAlias = Literal[
    "largest", "smallest", "longest", "shortest", "widest", "narrowest",
    "northernmost", "southernmost", "easternmost", "westernmost", "nearest", "farthest",
]  # fmt: skip


@dataclass(frozen=True)
class Position:
    """Position in the scene.

    A half ("north"), a quarter ("north-east"), or a cell of a three by three grid: "centre",
    "north-centre", "centre-east", "south-centre", "centre-west"; "edge": the outer tenth of the
    scene; "corner": any of the four corner cells of three by three.
    """

    place: str

    def explain(self) -> str:
        """Return the rule as a phrase of the grammar."""
        if self.place == "edge":
            return "at the edge of the image"
        return "in the corners" if self.place == "corner" else f"in the {self.place}"


@dataclass(frozen=True)
class Superlative:
    """The ``count`` polygons with the most of a measure, from rank ``first`` on."""

    count: int
    measure: Measure
    first: int = 1
    """1 for "the largest", 2 for "the second largest"."""
    reference: str = ""
    """Other thing that "nearest" and "farthest" measure the distance to; else empty."""

    def explain(self) -> str:
        """Return the rule as a phrase of the grammar."""
        rank = self.measure if self.count == 1 else f"{self.count} {self.measure}"
        if self.first > 1:
            rank = f"{_ordinal(self.first)} {self.measure}"
        if not self.reference:
            return f"the {rank}"
        relation = "to" if self.measure == "nearest" else "from"
        return f"the {rank} {relation} the {self.reference}"


@dataclass(frozen=True)
class SizeBound:
    """Range of area (m²), length (m) or width (m), both ends included."""

    quantity: Literal["area", "length", "width"]
    low: float = 0.0
    high: float = float("inf")

    def explain(self) -> str:
        """Return the rule as a phrase of the grammar."""
        unit = "m²" if self.quantity == "area" else "m"
        more, less = _COMPARATIVES[self.quantity]
        if self.high == float("inf"):
            return f"{more} than {_format_number(self.low)} {unit}"
        if self.low == 0:
            return f"{less} than {_format_number(self.high)} {unit}"
        ends = f"between {_format_number(self.low)} and {_format_number(self.high)} {unit}"
        return f"{ends} wide" if self.quantity == "width" else ends


_COMPARATIVES = {
    "area": ("larger", "smaller"),
    "length": ("longer", "shorter"),
    "width": ("wider", "narrower"),
}


@dataclass(frozen=True)
class Near:
    """Distance to another thing: at most ``distance_m``, or more than it if ``beyond``."""

    reference: str
    distance_m: float
    beyond: bool = False

    def explain(self) -> str:
        """Return the rule as a phrase of the grammar."""
        distance = f"{_format_number(self.distance_m)} m"
        relation = f"farther than {distance} from" if self.beyond else f"within {distance} of"
        return f"{relation} the {self.reference}"


@dataclass(frozen=True)
class Inside:
    """More than half of the polygon lies in another thing, or not more than half if ``outside``."""

    reference: str
    with_gaps: bool = True
    """Whether holes and gaps of the other thing belong to it: a clearing is inside the forest."""
    outside: bool = False

    def explain(self) -> str:
        """Return the rule as a phrase of the grammar."""
        relation = "inside" if self.with_gaps else "situated on"
        relation = "outside" if self.outside else relation
        return f"{relation} the {self.reference}"


@dataclass(frozen=True)
class AnyOf:
    """At least one of several positions, relations to other things, or superlatives."""

    rules: tuple[Position | Near | Inside | Superlative, ...]

    def explain(self) -> str:
        """Return the rule as a phrase of the grammar."""
        joint = " and " if is_rank(self) else " or "
        return joint.join(rule.explain() for rule in self.rules)


@dataclass(frozen=True)
class Except:
    """Polygons to leave out.

    ``prompt`` describes them; None means polygons of the query itself ("except those in the
    north").
    """

    prompt: str | None
    rules: tuple[SimpleRule, ...] = ()

    @property
    def prompts(self) -> tuple[str, ...]:
        """What the model is asked for: a bare noun means its changes in both directions."""
        if self.prompt is None:
            return ()
        if not is_bare_noun(self.prompt):
            return (self.prompt,)
        return (f"new {self.prompt}", f"removed {self.prompt}")

    def explain(self) -> str:
        """Return the rule as a phrase of the grammar."""
        ranks = [r for r in self.rules if is_rank(r) and not reference_of(r)]
        places = [r for r in self.rules if isinstance(r, Position | SizeBound)]
        # A relation takes the words up to the next one, so relations come last.
        relations = [r for r in self.rules if r not in ranks and r not in places]
        subject = self.prompt if self.prompt is not None else "those"
        related = " and ".join(rule.explain() for rule in relations)
        words = " ".join([subject, *(rule.explain() for rule in places), related]).strip()
        ranks.sort(key=rank_count)
        return "except " + " of ".join([*(rule.explain() for rule in ranks), words])


Rule: TypeAlias = Position | Superlative | SizeBound | Near | Inside | AnyOf | Except

SimpleRule: TypeAlias = Position | SizeBound | Near | Inside | AnyOf | Superlative
"""Rules that an exception may contain."""


def reference_of(rule: Rule) -> str:
    """Return the other thing that a rule without inner rules refers to, or an empty text."""
    return rule.reference if isinstance(rule, Near | Inside | Superlative) else ""


def is_rank(rule: Rule) -> bool:
    """Return whether a rule compares polygons with each other."""
    if isinstance(rule, AnyOf):
        return all(isinstance(option, Superlative) for option in rule.rules)
    return isinstance(rule, Superlative)


def rank_count(rank: Rule) -> int:
    """Return how many polygons a superlative, or the longest of several, keeps."""
    if isinstance(rank, AnyOf):
        return max(map(rank_count, rank.rules))
    return rank.count if isinstance(rank, Superlative) else 0


def explain_ranks(rules: Iterable[Rule]) -> str:
    """Return the superlatives of rules as a phrase: "the northernmost of the 3 largest".

    The rules are in the order of their application: the 3 largest come first.
    """
    ranks = [rule for rule in rules if is_rank(rule)]
    texts = [rank.explain() for rank in ranks]
    counts = [rank_count(rank) for rank in ranks]
    # The other thing of "nearest to the road" takes the words up to the next comma.
    is_nested = not any(map(reference_of, ranks[1:]))
    if is_nested and all(one > other for one, other in itertools.pairwise(counts)):
        return " of ".join(reversed(texts))
    return ", ".join(texts)


_NO_NOUN = re.compile(
    r"\b(?:that|which|who|where|chang\w*|differ\w*|alter\w*|turn\w*|bec[ao]me|replac\w*|convert\w*"
    r"|is|are|was|were|has|have|been|and|or|in|at|on|of|to|from|with|by|into|those|these|ones?"
    r"|not|no)\b|[^a-z' -]"
)


def is_bare_noun(text: str) -> bool:
    """Return whether a text is a noun phrase that names no change: "roads", "small sheds"."""
    is_phrase = 0 < len(text.split()) <= 4 and not _NO_NOUN.search(text)
    return is_phrase and direction_of(text) == "changed"


def _ordinal(number: int) -> str:
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else suffix}"


def _format_number(value: float) -> str:
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    # "92.903" could be read as a number of thousands; "92.9030" could not.
    return f"{value:.4f}" if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", text) else text
