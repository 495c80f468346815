"""What all stages share: project, backends, options, and how a stage is done once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache

from mtrs_geo.craft.backends.contract import (
    BackendError,
    Describer,
    PairImages,
    Proposal,
    Segmenter,
)
from mtrs_geo.craft.project import Item, Pair, Project
from mtrs_geo.craft.project.images import gsd_m, read_date, read_label
from mtrs_geo.craft.project.items import last_round, list_items
from mtrs_geo.craft.project.records import Round
from mtrs_geo.craft.project.work import is_done, mark
from mtrs_geo.errors import RasterError
from mtrs_geo.types import UInt8Array

__all__ = ["Context", "RunOptions", "Witness"]

Witness = Callable[[PairImages], "tuple[UInt8Array, UInt8Array]"]
"""Says of each pixel of a pair which class it shows before and after, 255 if it is not known."""


@dataclass(frozen=True)
class RunOptions:
    """How a project is run."""

    grid: tuple[int, int] = (3, 3)
    rounds: int = 3
    """Most reviews of one item."""
    negative_share: float = 0.15
    """Items with an empty mask made on purpose, as a share of the others; 0 makes none."""
    auto_accept: float | None = None
    """Chance that all three judgements are yes, from which no person is asked."""
    audit_share: float = 0.1
    """Share of those that a person is asked about nevertheless."""
    seed: int = 0


@dataclass
class Context:
    """A project with its backends; `attempt` does a stage for a subject unless it is done."""

    project: Project
    describer: Describer
    segmenter: Segmenter
    options: RunOptions = field(default_factory=RunOptions)
    witness: Witness | None = None
    reads_labels: bool = False
    """Whether the witness reads labels."""
    failed: int = 0
    """Subjects that failed in this run."""

    def __post_init__(self) -> None:
        self._images = lru_cache(maxsize=2)(self._read)

    def images(self, pair: Pair, user: object) -> PairImages:
        """Return the pixels of a pair; with labels only if the user of them reads labels."""
        return self._images(pair, bool(getattr(user, "reads_labels", False)))

    def attempt(self, stage: str, subject: str, work: Callable[[], object]) -> bool:
        """Do the work of a stage for a subject and return whether it is done.

        Args:
            stage: name of the stage.
            subject: ``pair 3`` or ``item 17``.
            work: does it within `writing`.

        A backend's error is stored as the reason of the failure; the next run tries again.
        """
        if is_done(self.project, stage, subject):
            return True
        try:
            work()
        except (BackendError, RasterError) as error:
            with self.project.transaction():
                mark(self.project, stage, subject, "failed", str(error))
            self.failed += 1
            return False
        return True

    @contextmanager
    def writing(self, stage: str, subject: str, detail: str = "") -> Iterator[sqlite3.Connection]:
        """Write the results of a stage and that it is done, all or nothing."""
        with self.project.transaction() as connection:
            yield connection
            mark(self.project, stage, subject, "done", detail)

    def items(self, pair: Pair, *states: str, negatives: bool = True) -> list[Item]:
        """Return the items of a pair in some states."""
        marks = ", ".join("?" * len(states))
        where = f"WHERE pair_id = ? AND state IN ({marks}) AND is_gold = 0"
        found = list_items(self.project, where, (pair.id, *states))
        return [item for item in found if negatives or not item.is_negative]

    def current(self, item: Item) -> tuple[Proposal, Round]:
        """Return an item as a proposal with its current sentence, and its last round."""
        found = last_round(self.project, item.id)
        return as_proposal(item, found.sentence), found

    def _read(self, pair: Pair, with_labels: bool) -> PairImages:
        kinds = json.loads(pair.labels) if pair.labels and with_labels else {}
        labels = {kind: read_label(self.project, pair, kind) for kind in kinds}
        before, after = (
            read_date(self.project, pair, "before"), read_date(self.project, pair, "after"),
        )  # fmt: skip
        return PairImages(pair.name, before, after, gsd_m(pair), labels)


def as_proposal(item: Item, sentence: str) -> Proposal:
    """Return an item with a sentence as a proposal."""
    return Proposal(sentence, item.change_type, item.object_class, item.cell, item.box)
