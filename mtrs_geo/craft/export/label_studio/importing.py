"""Write annotations of Label Studio into a project, as rounds and verdicts of people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mtrs_geo.craft.backends.language.sentences import clean_note, clean_sentence
from mtrs_geo.craft.export.label_studio.annotations import (
    Annotation,
    mask_of,
    read_annotations,
)
from mtrs_geo.craft.project import Origin, Pair, Project, Round, Verdict
from mtrs_geo.craft.project.items import (
    NewRound,
    add_edit,
    add_round,
    read_mask,
    rounds_of,
    store_mask,
)
from mtrs_geo.craft.project.pairs import read_pair
from mtrs_geo.craft.project.verdicts import add_verdict
from mtrs_geo.errors import Cancelled
from mtrs_geo.progress import Progress, Silent
from mtrs_geo.types import BoolArray

__all__ = ["ImportReport", "import_annotations"]

_STAGE = "label-studio"


@dataclass(frozen=True)
class ImportReport:
    """Counts of an import."""

    verdicts: int
    """Number of new verdicts and skips."""
    rounds: int
    """Number of sentences or masks that people corrected."""
    known: int
    """Number of annotations that an earlier import has read."""
    refused: tuple[str, ...]
    """One text per annotation or task that was left out."""
    unannotated: int
    """Number of tasks that nobody has annotated yet."""


def import_annotations(
    project: Project, annotations: Path, progress: Progress | None = None
) -> ImportReport:
    """Read an export of Label Studio (format JSON); what was read before is not read twice.

    A corrected mask or sentence is a new round, and the verdict is about it.

    Args:
        project: the project whose items were exported.
        annotations: the export.
        progress: receives one step per annotation.

    Raises:
        VectorError: if the file is not an export of Label Studio.
        Cancelled: if ``progress`` requests a stop; what was read until then is kept.
    """
    progress = progress or Silent()
    found, refused, unannotated = read_annotations(annotations)
    progress.start(len(found), "annotations")
    reader = _Reader(project)
    reader.refused += map(clean_note, refused)
    for annotation in found:
        if progress.cancelled:
            msg = f"the import was cancelled after {reader.verdicts} verdicts, which are kept"
            raise Cancelled(msg)
        try:
            reader.add(annotation)
        except ValueError as error:
            about = f"{annotation.pair!r}, item {annotation.item!r}, by {annotation.auditor!r}"
            reader.refused.append(f"{clean_note(about)}: {error}")
        progress.advance()
    return ImportReport(
        reader.verdicts, reader.rounds, reader.known, tuple(reader.refused), unannotated
    )


class _Reader:
    def __init__(self, project: Project) -> None:
        self.project = project
        self.verdicts = self.rounds = self.known = 0
        self.refused: list[str] = []

    def add(self, annotation: Annotation) -> None:
        """Add one annotation; raises ValueError if it cannot be used."""
        if self._is_known(annotation.key):
            self.known += 1
            return
        item_id, pair, shown = self._find(annotation)
        number = shown.number
        if not annotation.is_skipped:
            number = self._corrected(annotation, item_id, pair, shown)
        mask_right, sentence_right, complete = annotation.answers
        verdict = Verdict(
            annotation.key, item_id, number, clean_note(annotation.auditor),
            mask_right, sentence_right, complete, clean_note(annotation.reason),
            annotation.seconds, "skip" if annotation.is_skipped else "verdict",
        )  # fmt: skip
        self.verdicts += add_verdict(self.project, verdict)

    def _is_known(self, key: str) -> bool:
        found = self.project.connection.execute("SELECT 1 FROM verdicts WHERE key = ?", (key,))
        return found.fetchone() is not None

    def _find(self, annotation: Annotation) -> tuple[int, Pair, Round]:
        found = self.project.connection.execute(
            "SELECT items.id, pair_id FROM items JOIN pairs ON pairs.id = pair_id "
            "WHERE pairs.name = ? AND key = ? AND NOT is_gold",
            (annotation.pair, annotation.item),
        ).fetchone()
        if found is None:
            msg = "the project has no such item"
            raise ValueError(msg)
        rounds = [
            r for r in rounds_of(self.project, found["id"]) if r.number == annotation.round_number
        ]
        if not rounds:
            msg = f"the item has no round {annotation.round_number}"
            raise ValueError(msg)
        return int(found["id"]), read_pair(self.project, found["pair_id"]), rounds[0]

    def _corrected(self, annotation: Annotation, item_id: int, pair: Pair, shown: Round) -> int:
        """Add a round for what the person corrected, and return the number of the judged round."""
        if None in annotation.answers:
            msg = "a question has no answer"
            raise ValueError(msg)
        drawn = mask_of(annotation, (pair.rows, pair.cols))
        written = annotation.sentence.strip()
        is_same = written in ("", shown.sentence.strip())
        sentence = shown.sentence if is_same else clean_sentence(written)
        is_drawn = not np.array_equal(drawn, self._mask(shown, pair))
        parts = list(_changes(is_drawn=is_drawn, is_written=sentence != shown.sentence))
        if not parts:
            return shown.number
        person = Origin("person", clean_note(annotation.auditor))
        with self.project.transaction():
            mask_id = store_mask(self.project, drawn, person) if is_drawn else shown.mask_id
            writer = person if sentence != shown.sentence else shown.sentence_origin
            note = f"{' and '.join(parts)} corrected in Label Studio"
            new = NewRound(_STAGE, sentence, writer, mask_id, note)
            self.rounds += 1
            number = add_round(self.project, item_id, new)
            add_edit(self.project, item_id, number, person.name)
            return number

    def _mask(self, shown: Round, pair: Pair) -> BoolArray:
        if shown.mask_id is None:
            return np.zeros((pair.rows, pair.cols), np.bool_)
        return read_mask(self.project, shown.mask_id)


def _changes(*, is_drawn: bool, is_written: bool) -> Iterator[str]:
    if is_drawn:
        yield "mask"
    if is_written:
        yield "sentence"
