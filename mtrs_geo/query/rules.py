"""What is decided on the polygons of the whole scene: one record a kind of rule."""

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
    """Where in the scene.

    A half ("north"), a quarter ("north-east"), or a cell of the three by three: "centre",
    "north-centre", "centre-east", "south-centre", "centre-west".
    """

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
        return f"the {self.measure}" if self.count == 1 else f"the {self.count} {self.measure}"


@dataclass(frozen=True)
class SizeBound:
    """A bound on area (m²) or length (m); both ends belong to it."""

    quantity: Literal["area", "length"]
    low: float = 0.0
    high: float = float("inf")

    def explain(self) -> str:
        """Return the rule as a phrase of the grammar."""
        unit = "m²" if self.quantity == "area" else "m"
        more, less = ("larger", "smaller") if self.quantity == "area" else ("longer", "shorter")
        if self.high == float("inf"):
            return f"{more} than {_written(self.low)} {unit}"
        if self.low == 0:
            return f"{less} than {_written(self.high)} {unit}"
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
    rules: tuple[SimpleRule, ...] = ()

    def explain(self) -> str:
        """Return the rule as a phrase of the grammar."""
        parts = [self.prompt if self.prompt is not None else "those"]
        return "except " + ", ".join([*parts, *(rule.explain() for rule in self.rules)])


Rule: TypeAlias = Position | Superlative | SizeBound | Near | Except

SimpleRule: TypeAlias = Position | SizeBound | Near | Superlative
"""Rules that an exception may have in turn."""


def _written(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
