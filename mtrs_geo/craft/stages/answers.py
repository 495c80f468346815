"""What backends answer is checked before it is stored: it may be anything."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

import numpy as np

from mtrs_geo.craft.backends.contract import (
    BackendError,
    Described,
    GridCell,
    Judgement,
    PairImages,
    Proposal,
)
from mtrs_geo.craft.project.records import ChangeType
from mtrs_geo.types import BoolArray

__all__ = ["checked_cells", "checked_judgements", "checked_mask", "checked_sentence"]

_MOST_CHARACTERS = 300
_MOST_PROPOSALS = 50
"""Per cell."""
_QUESTIONS = ("mask", "sentence", "complete")
_SPACES = re.compile(r"\s+")


def checked_sentence(text: object) -> str:
    """Return a sentence on one line.

    Raises:
        BackendError: if it is empty, too long, or no text.
    """
    if not isinstance(text, str):
        msg = f"a sentence is {type(text).__name__}, no text"
        raise BackendError(msg)
    plain = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    plain = _SPACES.sub(" ", plain).strip()
    if not plain:
        msg = "a sentence is empty"
        raise BackendError(msg)
    if len(plain) > _MOST_CHARACTERS:
        msg = f"a sentence has {len(plain):,} characters, more than {_MOST_CHARACTERS}"
        raise BackendError(msg)
    return plain


def checked_cells(
    answers: Sequence[Described], cells: Sequence[GridCell], pair: PairImages
) -> list[Described]:
    """Return one answer per cell, in the order of the cells.

    Raises:
        BackendError: if a cell was not answered, or an answer is about none of the cells or has a
            value that it cannot have.
    """
    by_name = {answer.cell: answer for answer in answers}
    names = [cell.name for cell in cells]
    unknown, missing = set(by_name) - set(names), [n for n in names if n not in by_name]
    if unknown or missing or len(answers) != len(names):
        msg = f"not every cell was answered once: missing {missing}, unknown {sorted(unknown)}"
        raise BackendError(msg)
    for answer in answers:
        if len(answer.proposals) > _MOST_PROPOSALS:
            count = len(answer.proposals)
            msg = f"{count} proposals in the cell {answer.cell}, more than {_MOST_PROPOSALS}"
            raise BackendError(msg)
    shape = pair.after.shape[:2]
    return [
        replace(
            by_name[name],
            proposals=tuple(_proposal(p, name, shape) for p in by_name[name].proposals),
        )
        for name in names
    ]


def checked_mask(mask: object, pair: PairImages) -> BoolArray:
    """Return a mask (rows, cols) of bool.

    Raises:
        BackendError: if it has another size than the pair.
    """
    found = np.asarray(mask)
    if found.shape != pair.after.shape[:2]:
        msg = f"a mask has {found.shape} pixels, its pair {pair.after.shape[:2]}"
        raise BackendError(msg)
    return found.astype(bool)


def checked_judgements(answers: Sequence[Judgement]) -> list[Judgement]:
    """Return the three judgements.

    Raises:
        BackendError: if one is missing or twice there, or a confidence is not in 0.5 to 1.
    """
    if sorted(a.question for a in answers) != sorted(_QUESTIONS):
        msg = f"the judgements are about {[a.question for a in answers]}"
        raise BackendError(msg)
    for answer in answers:
        if not 0.5 <= answer.confidence <= 1.0:
            msg = f"a confidence is {answer.confidence}"
            raise BackendError(msg)
    return list(answers)


def _proposal(proposal: Proposal, cell: str, shape: tuple[int, ...]) -> Proposal:
    if proposal.change_type not in get_args(ChangeType):
        msg = f"the type of a change is {proposal.change_type!r}"
        raise BackendError(msg)
    if proposal.cell not in ("", cell):
        msg = f"a proposal of cell {cell} is about {proposal.cell!r}"
        raise BackendError(msg)
    return replace(
        proposal,
        sentence=checked_sentence(proposal.sentence),
        object_class=checked_sentence(proposal.object_class),
        box=_box(proposal.box, shape),
    )


def _box(
    box: tuple[int, int, int, int] | None, shape: tuple[int, ...]
) -> tuple[int, int, int, int] | None:
    """Return a box within the image; None if nothing of it is."""
    if box is None:
        return None
    top, left = max(int(box[0]), 0), max(int(box[1]), 0)
    bottom, right = min(int(box[2]), shape[0]), min(int(box[3]), shape[1])
    return (top, left, bottom, right) if top < bottom and left < right else None
