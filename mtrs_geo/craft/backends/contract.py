"""The two roles of a backend, and what they exchange with the stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from mtrs_geo.craft.project.records import ChangeType, Origin
from mtrs_geo.errors import MTRSGeoError
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = [
    "BackendError",
    "BackendUnavailableError",
    "BudgetExceededError",
    "Described",
    "Describer",
    "GridCell",
    "Judgement",
    "PairImages",
    "Proposal",
    "Review",
    "Rewrite",
    "Segmenter",
]


class BackendError(RuntimeError):
    """A backend gave no usable answer for one call; the stage marks its subject as failed."""


class BackendUnavailableError(MTRSGeoError, RuntimeError):
    """A backend answers no question any more; the run stops and can go on later."""


class BudgetExceededError(RuntimeError):
    """A further call would cost more than allowed; the run stops and can go on later."""


@dataclass(frozen=True)
class PairImages:
    """The pixels of a pair and what is known about them."""

    name: str
    before: UInt8Array
    """(rows, cols, 3)."""
    after: UInt8Array
    gsd_m: float | None = None
    """Ground sample distance, where the pair is georeferenced."""
    labels: Mapping[str, UInt8Array] = field(default_factory=dict)
    """Label maps (rows, cols) by kind; empty unless the backend has ``reads_labels = True``."""


@dataclass(frozen=True)
class GridCell:
    """One cell of the grid that is drawn on both dates."""

    name: str
    box: tuple[int, int, int, int]
    """First row and column, row and column after the last."""


@dataclass(frozen=True)
class Proposal:
    """A change that a describer saw."""

    sentence: str
    change_type: ChangeType
    object_class: str
    cell: str
    box: tuple[int, int, int, int] | None = None


@dataclass(frozen=True)
class Described:
    """The answer about one cell; no proposals means "nothing changed here"."""

    cell: str
    proposals: tuple[Proposal, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Review:
    """What a describer says about a sentence and its mask."""

    decision: Literal["accept", "change_sentence", "change_mask", "no_change"]
    sentence: str = ""
    """The corrected sentence, for ``change_sentence``."""
    hint: str = ""
    """What the segmenter shall look for instead, for ``change_mask``."""
    note: str = ""


@dataclass(frozen=True)
class Rewrite:
    """A sentence without words of the grid."""

    sentence: str
    note: str = ""


@dataclass(frozen=True)
class Judgement:
    """One of the three answers of a verifier."""

    question: Literal["mask", "sentence", "complete"]
    yes: bool
    confidence: float
    """0.5 to 1."""


class Describer(Protocol):
    """Looks at a pair and writes sentences.  All methods may raise `BackendError`."""

    origin: Origin

    def describe(self, pair: PairImages, cells: Sequence[GridCell]) -> Sequence[Described]:
        """Return one answer per cell, also for cells where nothing changed."""
        ...

    def review(self, pair: PairImages, proposal: Proposal, mask: BoolArray) -> Review:
        """Accept the proposal's sentence with this mask (rows, cols), or say what is wrong."""
        ...

    def rewrite(
        self, pair: PairImages, proposal: Proposal, mask: BoolArray, others: Sequence[BoolArray]
    ) -> Rewrite:
        """Replace words of the grid by relations; ``others`` are the pair's other masks."""
        ...

    def verify(self, pair: PairImages, proposal: Proposal, mask: BoolArray) -> Sequence[Judgement]:
        """Answer the three questions about the final sentence and mask."""
        ...


class Segmenter(Protocol):
    """Makes the mask of a proposal.  May raise `BackendError`."""

    origin: Origin

    def segment(self, pair: PairImages, proposal: Proposal, hint: str = "") -> BoolArray:
        """Return a mask (rows, cols) on the grid of the later date.

        The date that is looked at follows from the type: the later for ``appear``, the earlier
        for ``disappear``, both for ``state``.
        """
        ...
