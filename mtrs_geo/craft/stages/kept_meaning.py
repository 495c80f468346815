"""Whether a rewritten sentence still asks for the same thing."""

from __future__ import annotations

import re

from rapidfuzz import fuzz

from mtrs_geo.craft.backends.reading import asked_classes, asked_type
from mtrs_geo.craft.project.records import CELLS, ChangeType

__all__ = ["lost_meaning", "names_grid"]

_GRID = re.compile(
    rf"(?i)\b(?:{'|'.join(re.escape(c) for c in CELLS if '-' in c)}|grid|cells?"
    r"|row \d+|column \d+)\b"
)
"""Names of cells with a hyphen; "center" alone is an English word."""
_MOST_GROWTH = 3.0
_SAME_WORD = 85.0
"""Similarity, 0 to 100, from which two words are forms of one."""


def lost_meaning(old: str, new: str, change_type: ChangeType, object_class: str) -> str:
    """Return what a rewrite lost, in a few words; empty if it lost nothing.

    Args:
        old: the sentence before.
        new: the rewritten sentence.
        change_type: type of the proposal.
        object_class: name of its thing.
    """
    if len(new) > max(_MOST_GROWTH * len(old), 120):
        return "it is much longer"
    if names_grid(new):
        return "it still names the grid"
    found = asked_type(new)
    if found is None and asked_type(old) is not None:
        return "its type of change is not clear any more"
    if found is not None and {found, change_type} == {"appear", "disappear"}:
        return f"its type is {found}, not {change_type}"
    old_classes, new_classes = asked_classes(old), asked_classes(new)
    if any(old_classes):
        kept = all(new_classes[i] >= old_classes[i] for i in (0, 1))
        return "" if kept else f"it asks for {_names(new_classes)}, not {_names(old_classes)}"
    if _has_word(old, object_class) and not _has_word(new, object_class):
        return f"{object_class!r} is not named any more"
    return ""


def names_grid(sentence: str) -> bool:
    """Whether a sentence names a cell of the grid."""
    return _GRID.search(sentence) is not None


def _names(classes: tuple[frozenset[str], frozenset[str]]) -> str:
    return " → ".join(" and ".join(sorted(names)) or "any" for names in classes)


def _has_word(sentence: str, thing: str) -> bool:
    """Whether a sentence has the last word of a thing's name, in some form."""
    wanted = (re.findall(r"\w+", thing.lower()) or [""])[-1]
    words = re.findall(r"\w+", sentence.lower())
    return any(fuzz.ratio(word, wanted) >= _SAME_WORD for word in words)
