"""Direction of a change in the worker's report, and its colour on the map; needs no QGIS."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CHANGED", "DIRECTIONS", "Direction", "change_direction"]


@dataclass(frozen=True)
class Direction:
    """Name in the report, title in the legend and colour of a direction."""

    name: str
    title: str
    colour: str
    """Distinct on imagery, on light and dark themes, and for colour-blind users."""


CHANGED = Direction("changed", "Changed", "#ffb000")
DIRECTIONS = {
    "appeared": Direction("appeared", "Appeared", "#00b8f5"),
    "disappeared": Direction("disappeared", "Disappeared", "#f0386b"),
    "changed": CHANGED,
    "unchanged": Direction("unchanged", "Unchanged", "#7fd35b"),
}


def change_direction(name: object) -> Direction:
    """Return the direction with a name; `CHANGED` for any other name."""
    return DIRECTIONS.get(str(name), CHANGED)
