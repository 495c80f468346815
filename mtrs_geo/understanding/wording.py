"""Wordings of a meaning that trained models read with certainty."""

from __future__ import annotations

from collections.abc import Collection

__all__ = ["NOUNS", "canonical_wording"]

NOUNS = {
    "building": "buildings", "road": "roads", "vegetation": "vegetation", "water": "water",
    "bare": "bare ground",
}  # fmt: skip
"""The noun of each class."""

_WITHOUT_CLASS = {
    "appeared": "what is new", "disappeared": "what is gone", "unchanged": "unchanged ground",
}  # fmt: skip


def canonical_wording(direction: str, before: Collection[str], after: Collection[str]) -> str:
    """Return the plainest sentence for a change: "new buildings", "roads turned into water"."""
    first, second = _join(before), _join(after)
    if not first and not second and direction in _WITHOUT_CLASS:
        return _WITHOUT_CLASS[direction]
    if direction == "appeared" or (direction == "changed" and not first):
        return f"new {second}"
    if direction == "disappeared" or (direction == "changed" and not second):
        return f"removed {first}"
    if direction == "unchanged":
        return f"unchanged {second}"
    if direction == "changed":
        return f"{first} turned into {second}"
    return f"changed {second}" if second else "any change"


def _join(classes: Collection[str]) -> str:
    return " and ".join(NOUNS.get(name, name) for name in sorted(classes))
