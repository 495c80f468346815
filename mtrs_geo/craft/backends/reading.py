"""What a sentence asks for, remembered: the same sentence is read by several stages."""

from __future__ import annotations

from functools import lru_cache

from mtrs_geo.craft.project.records import ChangeType
from mtrs_geo.understanding import Understanding, understand

__all__ = ["asked_classes", "asked_type", "understood"]

_MOST_CHARACTERS = 1_000
_TYPES: dict[str, ChangeType] = {
    "appeared": "appear", "disappeared": "disappear", "changed": "state",
}  # fmt: skip


@lru_cache(maxsize=8192)
def understood(sentence: str) -> tuple[Understanding, ...]:
    """Return the questions of a sentence; only its first 1,000 characters are read."""
    return understand(sentence[:_MOST_CHARACTERS])


def asked_classes(sentence: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the classes that a sentence names for the earlier and for the later date."""
    found = understood(sentence)
    before = frozenset[str]().union(*(part.before for part in found))
    return before, frozenset[str]().union(*(part.after for part in found))


def asked_type(sentence: str) -> ChangeType | None:
    """Return the type of change that a sentence asks for; None if it is open."""
    found = {_TYPES.get(part.direction) for part in understood(sentence)}
    return found.pop() if len(found) == 1 else None
