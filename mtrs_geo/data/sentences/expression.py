"""A referring expression with its mask: the record that all sentence writers return."""

from __future__ import annotations

from dataclasses import dataclass

from mtrs_geo.types import BoolArray, Cell, ChangeKind, LandCoverClass, Place

__all__ = ["ANY", "Expression"]

ANY: frozenset[LandCoverClass] = frozenset({"any"})
"""Classes of a date that a sentence does not restrict."""


@dataclass(frozen=True)
class Expression:
    """A sentence and the mask that it describes."""

    text: str
    mask: BoolArray
    """(H, W)."""
    kind: ChangeKind
    task: str
    """Kind of sentence, for example ``position`` or ``text_only``."""
    place: Place = "everywhere"
    """The region of the image that the sentence names, or the half that contains ``cell``."""
    from_classes: frozenset[LandCoverClass] = ANY
    """Classes that the sentence names for the earlier date."""
    to_classes: frozenset[LandCoverClass] = ANY
    """Classes for the later date; see `mtrs_geo.data.sentences.question` for both."""
    cell: Cell | None = None
    """The ninth of the image that the sentence names; ``place`` is then the half around it."""
