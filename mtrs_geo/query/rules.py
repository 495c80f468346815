"""Rules for the polygons of the whole scene: one record per kind of rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = [
    "Except",
    "Measure",
    "Near",
    "Position",
    "Rule",
    "SimpleRule",
    "SizeBound",
    "Superlative",
]

Measure: TypeAlias = Literal["largest", "smallest", "longest", "shortest"]


@dataclass(frozen=True)
class Position:
    """Position in the scene.

    A half ("north"), a quarter ("north-east"), or a cell of a three by three grid: "centre",
    "north-centre", "centre-east", "south-centre", "centre-west".
    """

    place: str

    def explain(self) -> str:
        """Return the rule as a phrase of the grammar."""
        return f"in the {self.place}"


@dataclass(frozen=True)
class Superlative:
    """The ``count`` largest, smallest, longest or shortest polygons."""

    count: int
    measure: Measure

    def explain(self) -> str:
        """Return the rule as a phrase of the grammar."""
        return f"the {self.measure}" if self.count == 1 else f"the {self.count} {self.measure}"


@dataclass(frozen=True)
class SizeBound:
    """Range of area (m²) or length (m), both ends included."""

    quantity: Literal["area", "length"]
    low: float = 0.0
    high: float = float("inf")

    def explain(self) -> str:
        """Return the rule as a phrase of the grammar."""
        unit = "m²" if self.quantity == "area" else "m"
        more, less = ("larger", "smaller") if self.quantity == "area" else ("longer", "shorter")
        if self.high == float("inf"):
            return f"{more} than {_format_number(self.low)} {unit}"
        if self.low == 0:
            return f"{less} than {_format_number(self.high)} {unit}"
        return f"between {_format_number(self.low)} and {_format_number(self.high)} {unit}"


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
class Except:
    """Polygons to leave out.

    ``prompt`` describes them; None means polygons of the query itself ("except those in the
    north").
    """

    prompt: str | None
    rules: tuple[SimpleRule, ...] = ()

    def explain(self) -> str:
        """Return the rule as a phrase of the grammar."""
        subject = self.prompt if self.prompt is not None else "those"
        return "except " + ", ".join([subject, *(rule.explain() for rule in self.rules)])


Rule: TypeAlias = Position | Superlative | SizeBound | Near | Except

SimpleRule: TypeAlias = Position | SizeBound | Near | Superlative
"""Rules that an exception may contain."""


def _format_number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
