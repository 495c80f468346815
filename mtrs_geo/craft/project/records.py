"""The rows of a project as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "CELLS",
    "ChangeType",
    "Item",
    "ItemState",
    "Origin",
    "OriginKind",
    "Pair",
    "Round",
    "Verdict",
]

ChangeType = Literal["appear", "disappear", "state"]
"""The paper's types: 0, 1 and 2 (arXiv 2606.00987)."""

OriginKind = Literal["rule", "labels", "model", "person"]

ItemState = Literal["draft", "ready", "accepted", "rejected", "dropped"]
"""``draft``: stages work on it.  ``ready``: waits for people.  ``dropped``: a stage gave it up."""

CELLS = (
    "top-left", "top-center", "top-right",
    "mid-left", "center", "mid-right",
    "bottom-left", "bottom-center", "bottom-right",
)  # fmt: skip
"""Names of a 3 × 3 grid, by rows.  Cells of other grids are named ``row 2, column 4``."""


@dataclass(frozen=True)
class Origin:
    """Who made a sentence, a mask or a judgement."""

    kind: OriginKind
    name: str
    """Name of the rule, the set of labels, the model, or the person."""
    version: str = ""


@dataclass(frozen=True)
class Pair:
    """Two images of one place."""

    id: int
    name: str
    """Unique in the project; a file name without a folder."""
    before: str
    """Path of the earlier image, relative to the folder of the project file."""
    after: str
    before_sha256: str
    after_sha256: str
    rows: int
    cols: int
    source: str
    """Name of the data set."""
    place: str
    """Pairs of one place are in the same split."""
    georeference: str | None = None
    """JSON with ``crs`` (WKT) and ``transform`` (six numbers), or None."""
    labels: str | None = None
    """JSON with relative paths of label maps, or None; see `mtrs_geo.craft.backends`."""
    window: str | None = None
    """JSON with row and column of the first pixel, row and column after the last, in the images;
    None if the pair is the whole images.  ``rows``, ``cols`` and ``georeference`` are those of the
    window, and label maps have the same window."""


@dataclass(frozen=True)
class Item:
    """One candidate triplet; its sentence and mask are those of its last round."""

    id: int
    pair_id: int
    change_type: ChangeType
    object_class: str
    """Name of the thing, for example ``building``."""
    cell: str
    """Name of the grid cell of the proposal; empty for the whole image."""
    box: tuple[int, int, int, int] | None
    """Row and column of the first pixel, row and column after the last; None if unknown."""
    state: ItemState
    is_negative: bool
    """Made to have an empty mask: wrong direction, or an absent thing."""
    parent_id: int | None
    """The item that a negative was made from."""
    is_gold: bool
    """Its right verdict is known; it measures auditors."""
    doubt: float
    """0 to 1; doubtful items are shown first."""


@dataclass(frozen=True)
class Round:
    """A version of an item's sentence and mask.  Rounds are never changed."""

    item_id: int
    number: int
    """From 0."""
    stage: str
    sentence: str
    mask_id: int | None
    note: str
    """What was done and why."""
    sentence_origin: Origin
    mask_origin: Origin | None
    created: float
    """Seconds since 1970."""


@dataclass(frozen=True)
class Verdict:
    """What one person said about one round of an item.  Verdicts are never changed."""

    key: str
    """Chosen by the sender; the same key is stored once."""
    item_id: int
    round_number: int
    auditor: str
    mask_right: bool | None
    sentence_right: bool | None
    complete: bool | None
    """Nothing that the sentence means is missing."""
    reason: str = ""
    seconds: float = 0.0
    kind: Literal["verdict", "skip", "undo"] = "verdict"
    """An ``undo`` takes back the auditor's verdict whose key is ``reason``."""
    created: float = 0.0

    @property
    def accepts(self) -> bool:
        """Whether all three answers are yes."""
        return self.kind == "verdict" and all((self.mask_right, self.sentence_right, self.complete))
